//! The catalogue: one entry for each quirk. Content first, then protocol; a number is never given out again.

use super::{Action, Entry, Layer};

/// What shows a quirk: a file of fixtures by its id, unless another is named.
macro_rules! shown_by {
    ($id:literal) => {
        concat!($id, ".json")
    };
    ($id:literal, $fixture:literal) => {
        $fixture
    };
}

macro_rules! quirks {
    ($($name:ident = $id:literal, $layer:ident, $action:ident {
        en: $en:literal, nl: $nl:literal, seen: $seen:literal, sign: $sign:literal, safe: $safe:literal
        $(, fixture: $fixture:literal)?
    })*) => {
        /// A way in which sources differ from the specification.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Quirk {
            $(#[doc = $en] $name,)*
        }

        impl Quirk {
            /// All quirks, in order of their ids.
            pub const ALL: &[Quirk] = &[$(Quirk::$name,)*];
        }

        /// What is known of each quirk, in order of their ids.
        pub static CATALOGUE: [Entry; Quirk::ALL.len()] = [$(Entry {
            quirk: Quirk::$name,
            id: $id,
            layer: Layer::$layer,
            action: Action::$action,
            name_en: $en,
            name_nl: $nl,
            seen: $seen,
            sign: $sign,
            safe: $safe,
            fixture: shown_by!($id $(, $fixture)?),
        },)*];
    };
}

quirks! {
    ByteOrderMark = "SAM-QRK-001", Content, Repair {
        en: "a byte order mark before the text", nl: "een byte order mark voor de tekst",
        seen: "systems on Windows; RFC 8259, section 8.1",
        sign: "the bytes EF BB BF before the first character",
        safe: "The mark is left out. It is no part of the text, and readers may ignore it."
    }
    EmptyValue = "SAM-QRK-002", Content, Repair {
        en: "values that say nothing", nl: "waarden die niets zeggen",
        seen: "hapifhir/hapi-fhir#480, FirelyTeam/firely-net-sdk#873 and #131",
        sign: "empty strings, objects and arrays, strings of white space alone, and null where FHIR has none",
        safe: "They are left out, and what is empty then. FHIR has no empty values, so nothing is said by them. Items of a list that stands beside another (given and _given) stay."
    }
    NumberAsText = "SAM-QRK-003", Content, Repair {
        en: "a number or boolean between quotes", nl: "een getal of boolean tussen aanhalingstekens",
        seen: "LinuxForHealth/FHIR#1215",
        sign: "a string for a number or boolean that is one exactly as JSON writes it",
        safe: "The quotes are left out. Every digit stays, those after the point too."
    }
    TextAsNumber = "SAM-QRK-004", Content, Repair {
        en: "a text without quotes", nl: "een tekst zonder aanhalingstekens",
        seen: "the other side of SAM-QRK-003, as sources make both",
        sign: "a number of JSON where FHIR has a string",
        safe: "Quotes are put around it. Digits stay as they are; a zero that the source lost is not put back."
    }
    NumberInWords = "SAM-QRK-005", Content, Refuse {
        en: "a text where a number stands, that is none", nl: "een tekst waar een getal staat, die er geen is",
        seen: "the other side of SAM-QRK-003",
        sign: "a string for a number with a decimal comma, a sign such as < or words",
        safe: "Nothing is changed. 1,234 may be one or a thousand, and < 5 is no quantity of 5."
    }
    MissingArray = "SAM-QRK-006", Content, Repair {
        en: "one item without its list", nl: "een enkel gegeven zonder zijn lijst",
        seen: "converters from XML, in which a list of one looks like an item",
        sign: "an object or value where FHIR has a list",
        safe: "A list is put around it. A list of one says the same."
    }
    ListOfOne = "SAM-QRK-007", Content, Repair {
        en: "a list of one where FHIR has one item", nl: "een lijst van één waar FHIR een enkel gegeven heeft",
        seen: "the other side of SAM-QRK-006",
        sign: "an array with exactly one item where FHIR has no list",
        safe: "The item is taken out of its list. A list of one says the same."
    }
    ShapeMisfit = "SAM-QRK-008", Content, Refuse {
        en: "a shape that FHIR does not have", nl: "een vorm die FHIR niet kent",
        seen: "what is left of SAM-QRK-003 to 007",
        sign: "several items where one may be, lists in lists, objects for values",
        safe: "Nothing is changed. Which of several items counts, is for the source to say."
    }
    TypeInOtherCase = "SAM-QRK-009", Content, Repair {
        en: "the type of a resource in other capitals", nl: "het type van een resource in andere hoofdletters",
        seen: "serialisers written by hand",
        sign: "a resourceType that is one of the BgZ but for capitals",
        safe: "The name is written as FHIR has it. No two types differ in capitals alone."
    }
    RepeatedItem = "SAM-QRK-010", Content, Repair {
        en: "the same item twice in a set", nl: "hetzelfde gegeven tweemaal in een verzameling",
        seen: "records merged at the source",
        sign: "two items of extension, identifier, coding or profile that are the same, byte for byte",
        safe: "The second is left out. Order and number say nothing in these lists. Items that differ anywhere stay."
    }
    DateNotation = "SAM-QRK-011", Content, Repair {
        en: "a date in another notation", nl: "een datum in een andere notatie",
        seen: "Epic (20200101); FirelyTeam/firely-net-sdk#209 (+0200)",
        sign: "YYYYMMDD, slashes, a space for T, small letters, a zone without a colon",
        safe: "The same digits are written as FHIR has them. No precision and no zone is put in. Six digits are left: they may be a year and a month, or a day."
    }
    TimeWithoutSeconds = "SAM-QRK-012", Content, Repair {
        en: "a time without seconds", nl: "een tijd zonder seconden",
        seen: "LinuxForHealth/hl7v2-fhir-converter#55",
        sign: "hours and minutes with a zone, without seconds",
        safe: "Zero seconds are put in. FHIR (dateTime) asks for that, and says that a reader may ignore them."
    }
    DateWithMidnight = "SAM-QRK-013", Content, Repair {
        en: "a date with midnight behind it", nl: "een datum met middernacht erachter",
        seen: "FirelyTeam/spark#69 (birthDate)",
        sign: "a time of zeros alone where FHIR has a date",
        safe: "The time is left out. It is what a system makes of a date without a time; the day stays as written."
    }
    DateWithTime = "SAM-QRK-014", Content, Refuse {
        en: "a date with a time behind it", nl: "een datum met een tijd erachter",
        seen: "the other side of SAM-QRK-013",
        sign: "a time that is not midnight where FHIR has a date",
        safe: "Nothing is changed. 23:00Z may be the next day in Amsterdam: which day is meant, only the source knows."
    }
    TimeWithoutZone = "SAM-QRK-015", Content, Refuse {
        en: "a time without a zone", nl: "een tijd zonder tijdzone",
        seen: "FirelyTeam/firely-net-sdk#865, LinuxForHealth/hl7v2-fhir-converter#81",
        sign: "hours and minutes without Z or an offset where FHIR asks for one",
        safe: "Nothing is changed. A zone would be put in, and be wrong for who is elsewhere or at the change of the clock."
    }
    DateInOtherOrder = "SAM-QRK-016", Content, Refuse {
        en: "a date with the day or month first", nl: "een datum met de dag of maand vooraan",
        seen: "FirelyTeam/firely-net-sdk#873 (18-02-2019)",
        sign: "three numbers of which the last has four digits",
        safe: "Nothing is changed. 05-06-2019 is a day in May or in June."
    }
    PlaceholderDate = "SAM-QRK-017", Content, Refuse {
        en: "a date that stands for no date", nl: "een datum die voor geen datum staat",
        seen: "least and last dates of databases",
        sign: "a year 0001 or 9999 with a month and a day",
        safe: "Nothing is changed and nothing is left out: that it means no date, is likely and not said."
    }
    VaguePeriod = "SAM-QRK-018", Content, Tolerate {
        en: "a period that stands for a vague date", nl: "een periode die voor een vage datum staat",
        seen: "Epic; allowed by Nictiz (MM-4077)",
        sign: "an onsetPeriod from the first to the last day of one year or month",
        safe: "It is taken as the period that it is. It is not made a year: it may be a period."
    }
    StatusSystem = "SAM-QRK-019", Content, Repair {
        en: "a status under the wrong system", nl: "een status onder het verkeerde stelsel",
        seen: "Sanday (urn:oid:2.16.840.1.113883.4.642.3.1372)",
        sign: "in R4 a clinicalStatus or verificationStatus with a code of its system, under another system of HL7",
        safe: "The system that R4 requires there is written. The binding is required and has one system; the code must be in it."
    }
    MovedSystem = "SAM-QRK-020", Content, Repair {
        en: "a system by its address in the other version", nl: "een stelsel met het adres van de andere versie",
        seen: "Sanday (observation-category of STU3 in R4)",
        sign: "a code system that HL7 moved for R4, by its address in the other version of FHIR",
        safe: "The address of this version is written. It is the same code system with the same codes."
    }
    SystemSpelling = "SAM-QRK-021", Content, Repair {
        en: "the address of a system in another spelling", nl: "het adres van een stelsel anders gespeld",
        seen: "public sources",
        sign: "https, www, a slash at the end or capitals in the address of SNOMED CT, LOINC, UCUM, ATC, BSN, URA, AGB or UZI",
        safe: "The address that the standard has is written. No other system has an address that differs in this alone."
    }
    OidForUrl = "SAM-QRK-022", Content, Repair {
        en: "a system by its OID", nl: "een stelsel met zijn OID",
        seen: "systems that also speak HL7 version 3",
        sign: "the OID of SNOMED CT, LOINC, UCUM, ATC, BSN, URA, AGB or UZI, with or without urn:oid:",
        safe: "The address is written that its naming system gives for that OID."
    }
    OidNotation = "SAM-QRK-023", Content, Repair {
        en: "an OID in another notation", nl: "een OID in een andere notatie",
        seen: "systems that also speak HL7 version 3",
        sign: "an OID as a system without urn:oid:, with it twice, or in capitals",
        safe: "It is written as FHIR has it, urn:oid: and the OID."
    }
    ProfileSpelling = "SAM-QRK-024", Content, Repair {
        en: "the address of a profile in another spelling", nl: "het adres van een profiel anders gespeld",
        seen: "public sources",
        sign: "https or a slash at the end in the address of a profile of Nictiz or HL7 (Netherlands)",
        safe: "The address that the profile has is written. No profile has an address that differs in this alone."
    }
    GenericNameSystem = "SAM-QRK-025", Content, Refuse {
        en: "a product under the system of substances", nl: "een product onder het stelsel van stoffen",
        seen: "CGM (GPK under urn:oid:2.16.840.1.113883.2.4.4.1.750)",
        sign: "a product code of a medicine under file 750 of the G-Standaard, generic names",
        safe: "Nothing is changed. Whether the code is a GPK under a wrong name or a substance in a wrong place, the digits do not tell."
    }
    NhgTable45 = "SAM-QRK-026", Content, Tolerate {
        en: "a determination in NHG table 45 alone", nl: "een bepaling in alleen NHG-tabel 45",
        seen: "CGM",
        sign: "the only coding of a code is of NHG table 45",
        safe: "It is taken as it is. A LOINC code is added only by a table that the operator loads."
    }
    NumberOfNobody = "SAM-QRK-027", Content, Refuse {
        en: "a citizen service number that is none", nl: "een burgerservicenummer dat er geen is",
        seen: "lost zeros and separators",
        sign: "an identifier of the BSN whose value does not pass the 11-proef",
        safe: "Nothing is changed: identity is never repaired. Such a number says nothing about whose a resource is."
    }
    AbsoluteReference = "SAM-QRK-028", Content, Repair {
        en: "an absolute reference to the source itself", nl: "een absolute verwijzing naar de bron zelf",
        seen: "Epic (patient.reference)",
        sign: "a reference that begins with the address of the server of the fullUrl of its entry",
        safe: "It is written as type and id, which FHIR resolves against the same address in a Bundle."
    }
    SubjectElsewhere = "SAM-QRK-029", Content, Refuse {
        en: "a patient at another address", nl: "een patiënt op een ander adres",
        seen: "servers behind a proxy",
        sign: "the subject of a resource by an absolute address that is not of the fullUrl of its entry",
        safe: "Nothing is changed. Whose it is, is decided by the rules of identity and not by an address."
    }
    ReferenceFromRoot = "SAM-QRK-030", Content, Repair {
        en: "a reference with a slash before it", nl: "een verwijzing met een schuine streep ervoor",
        seen: "public sources",
        sign: "a reference /Type/id",
        safe: "The slash is left out. FHIR has references relative to the base only."
    }
    ContainedWithoutHash = "SAM-QRK-031", Content, Repair {
        en: "a reference to a contained resource without #", nl: "een verwijzing naar een ingesloten resource zonder #",
        seen: "FHIR/GoFSH#124",
        sign: "a reference that is nothing but the id of a resource contained in the same",
        safe: "The # is put before it. Such a reference can lead nowhere else."
    }
    HashInId = "SAM-QRK-032", Content, Repair {
        en: "a # in the id of a contained resource", nl: "een # in het id van een ingesloten resource",
        seen: "hapifhir/hapi-fhir#6514",
        sign: "an id of a contained resource that begins with #",
        safe: "The # is left out of the id. References have it, ids cannot."
    }
    ReferenceWithoutType = "SAM-QRK-033", Content, Refuse {
        en: "a reference without a type", nl: "een verwijzing zonder type",
        seen: "public sources",
        sign: "a reference that is one word, and no id of a contained resource",
        safe: "Nothing is changed. Of which type the target is, is not said."
    }
    PaddedToken = "SAM-QRK-034", Content, Repair {
        en: "white space around a code or address", nl: "witruimte om een code of adres",
        seen: "fixed-width columns behind a source",
        sign: "white space at the start or end of a code, id or uri",
        safe: "It is left out. These types cannot have it."
    }
    ControlAtEnd = "SAM-QRK-035", Content, Repair {
        en: "control characters at the end of a text", nl: "stuurtekens aan het eind van een tekst",
        seen: "texts with a length that ends with NUL",
        sign: "characters below U+0020 behind the last letter of a text",
        safe: "They are left out. FHIR forbids them, and nothing stands behind them."
    }
    ControlInside = "SAM-QRK-036", Content, Refuse {
        en: "control characters inside of a text", nl: "stuurtekens midden in een tekst",
        seen: "the other side of SAM-QRK-035",
        sign: "characters below U+0020, other than tab and new line, before the end",
        safe: "Nothing is changed. They may stand for a separator, and then two words would become one."
    }
    MarkupInText = "SAM-QRK-037", Content, Refuse {
        en: "markup in a text", nl: "opmaak in een tekst",
        seen: "notes from a web editor",
        sign: "tags or entities of HTML in a string",
        safe: "Nothing is changed: < 5 looks much like a tag. Texts are shown as text, never as markup."
    }
    WordForNothing = "SAM-QRK-038", Content, Refuse {
        en: "a word that stands for nothing", nl: "een woord dat voor niets staat",
        seen: "programs that write null as a text",
        sign: "null, undefined, NaN and the like as the whole of a text",
        safe: "Nothing is changed. It is likely and not said that nothing is meant."
    }
    CodeInCapitals = "SAM-QRK-039", Content, Repair {
        en: "a code of FHIR in capitals", nl: "een code van FHIR in hoofdletters",
        seen: "enumerations of programming languages",
        sign: "a status, intent, use or gender that is a code of FHIR but for capitals",
        safe: "It is written in small letters. These codes differ in no other way than by their letters."
    }
    LetterForGender = "SAM-QRK-040", Content, Refuse {
        en: "a letter for a gender", nl: "een letter voor een geslacht",
        seen: "administrations with M, V and O",
        sign: "one letter as gender",
        safe: "Nothing is changed. What a letter stands for is agreed by each source for itself."
    }
    CodeInWords = "SAM-QRK-041", Content, Tolerate {
        en: "what a resource is about in words alone", nl: "waar een resource over gaat in alleen woorden",
        seen: "Epic (code.text)",
        sign: "a code with a text and without a coding",
        safe: "It is taken as it is. No code is looked for: words are shown, and found under their own name."
    }
    ManifestationInWords = "SAM-QRK-042", Content, Tolerate {
        en: "a reaction in words alone", nl: "een reactie in alleen woorden",
        seen: "Epic (manifestation)",
        sign: "a manifestation with a text and without a coding",
        safe: "It is taken as it is. No code is looked for."
    }
    ProfileMissing = "SAM-QRK-043", Content, Tolerate {
        en: "no profile is claimed", nl: "er wordt geen profiel genoemd",
        seen: "testbed of section 7 (e); R4 sources without Dutch profiles",
        sign: "a clinical resource without meta.profile",
        safe: "It is taken as it is: what a resource is, is told by its content. A search by _profile would find nothing there, so none is made."
    }
    IdentifierInNarrative = "SAM-QRK-044", Content, Refuse {
        en: "an identifier in the narrative alone", nl: "een identificatie in alleen de tekst",
        seen: "Nexus",
        sign: "no identifier, and in the narrative an OID of six parts or more that nothing else of the resource has",
        safe: "Nothing is changed. What stands in a text for people is not taken for data."
    }
    StatusMissing = "SAM-QRK-045", Content, Refuse {
        en: "a required status is missing", nl: "een verplichte status ontbreekt",
        seen: "serialisers written by hand",
        sign: "no status in a resource whose type requires it",
        safe: "Nothing is put in: a status is clinical."
    }
    FlagWithoutPeriod = "SAM-QRK-046", Content, Refuse {
        en: "an alert without a period", nl: "een alert zonder periode",
        seen: "CGM",
        sign: "a Flag without period",
        safe: "Nothing is put in: since when it holds is not known."
    }
    AttentionFlag = "SAM-QRK-047", Content, Refuse {
        en: "an alert that may be a note", nl: "een alert die een aandachtspunt kan zijn",
        seen: "Medicom",
        sign: "a Flag without a category and without a coding",
        safe: "Nothing is changed. It is shown as the alert that the source says it is."
    }
    IdNotAllowed = "SAM-QRK-048", Content, Refuse {
        en: "an id that FHIR does not allow", nl: "een id dat FHIR niet toestaat",
        seen: "public sources",
        sign: "an id of more than 64 characters, or with others than letters, digits, - and .",
        safe: "Nothing is changed: by another id it could not be asked for at the source. The datastation holds such a message."
    }
    OidAsId = "SAM-QRK-049", Content, Tolerate {
        en: "an OID as id", nl: "een OID als id",
        seen: "ChipSoft",
        sign: "an id of digits and points",
        safe: "It is taken as it is. FHIR allows it."
    }
    CompositeId = "SAM-QRK-050", Content, Tolerate {
        en: "an id of two names", nl: "een id van twee namen",
        seen: "Nedap",
        sign: "an id of two words with numbers, joined by a point",
        safe: "It is taken as it is, and never taken apart."
    }
    NumericId = "SAM-QRK-051", Content, Tolerate {
        en: "a number as id", nl: "een nummer als id",
        seen: "Nexus",
        sign: "an id of digits alone",
        safe: "It is taken as it is. It is told apart by its type and holder: other types of the same source have the same numbers."
    }
    NoStatement = "SAM-QRK-101", Protocol, Tolerate {
        en: "no CapabilityStatement for us", nl: "geen CapabilityStatement voor ons",
        seen: "testbed of section 7 (e)",
        sign: "/metadata is refused, absent or cannot be read",
        safe: "The BgZ queries are asked as they are specified, of the version that the directory gives.",
        fixture: "testbed quirk=bare"
    }
    OtherVersion = "SAM-QRK-102", Protocol, Repair {
        en: "resources of another version than stated", nl: "resources van een andere versie dan gezegd",
        seen: "CGM (4.0.1 in the CapabilityStatement, STU3 in the answers)",
        sign: "elements that only the other version has, or has in that shape",
        safe: "Each resource is taken for the version that it is, and lifted from there.",
        fixture: "testbed quirk=cgm"
    }
    MatchOnly = "SAM-QRK-103", Protocol, Repair {
        en: "a patient by $match alone", nl: "een patiënt via alleen $match",
        seen: "CGM, Sanday",
        sign: "the CapabilityStatement has no search for Patient and has the operation match",
        safe: "The patient is asked by Patient/$match. What comes back is judged by the same rules of identity.",
        fixture: "testbed quirk=sanday"
    }
    QueryRefused = "SAM-QRK-104", Protocol, Repair {
        en: "only queries of a certain form", nl: "alleen vragen van een bepaalde vorm",
        seen: "ChipSoft Zorgplatform (official BgZ queries), CGM (no OR)",
        sign: "a query is refused, and the same in another form is answered",
        safe: "The category is asked in the official queries, one by one. It counts as answered only when all of them are.",
        fixture: "testbed quirk=chipsoft"
    }
    RepeatedMatches = "SAM-QRK-105", Protocol, Tolerate {
        en: "pages that repeat what was given", nl: "bladzijden die herhalen wat er al was",
        seen: "testbed of section 7 (f)",
        sign: "matches of a page that an earlier page of the same search had",
        safe: "They are left out: the same type, id and version. The walk ends when pages bring nothing new.",
        fixture: "testbed quirk=chaos"
    }
    FewerThanTotal = "SAM-QRK-106", Protocol, Refuse {
        en: "fewer matches than the total says", nl: "minder gegevens dan het totaal zegt",
        seen: "microsoft/fhir-server#232, HealthIntersections/fhirserver#13",
        sign: "several pages that together have fewer matches than Bundle.total, also when walked again",
        safe: "The list is walked again, up to four times. When it stays short, what came is shown and the category is told to be incomplete.",
        fixture: "testbed quirk=chaos with fault=shifting-pages"
    }
    PagingLoop = "SAM-QRK-107", Protocol, Refuse {
        en: "links that go in circles", nl: "verwijzingen die in een kring lopen",
        seen: "testbed of section 7 (f)",
        sign: "a next link that was followed before, or pages that bring nothing new",
        safe: "The walk is ended, and the category is told to be incomplete.",
        fixture: "testbed fault=paging-loop"
    }
    PageGone = "SAM-QRK-108", Protocol, Repair {
        en: "a page that is gone", nl: "een bladzijde die weg is",
        seen: "servers that keep a search for a short time",
        sign: "status 410 on a next link",
        safe: "The search is begun again, once. What was received before stays.",
        fixture: "testbed fault=vanishing-page"
    }
    OtherMediaType = "SAM-QRK-109", Protocol, Tolerate {
        en: "another media type than the answer has", nl: "een ander mediatype dan het antwoord heeft",
        seen: "hapifhir/hapi-fhir#992, HealthIntersections/FHIRsmith#87",
        sign: "a FHIR resource in JSON under a media type that is not of JSON",
        safe: "The answer is read for what it is. A web page is never taken for one.",
        fixture: "gather: fanout::tests::quirks"
    }
    BundleType = "SAM-QRK-110", Protocol, Tolerate {
        en: "a searchset that does not say so", nl: "een zoekresultaat dat dat niet zegt",
        seen: "hapifhir/hapi-fhir#1763",
        sign: "an answer to a search of type collection, or without a type",
        safe: "It is taken for a searchset: it came for a search, and every entry is checked.",
        fixture: "gather: fanout::tests::quirks"
    }
    NoSearchMode = "SAM-QRK-111", Protocol, Tolerate {
        en: "entries that do not say why they are there", nl: "gegevens die niet zeggen waarom ze er zijn",
        seen: "public sources",
        sign: "entries without search.mode in a searchset",
        safe: "What is of the type that was asked for is a match, the rest was sent along.",
        fixture: "gather: fanout::tests::quirks"
    }
    WebPage = "SAM-QRK-112", Protocol, Refuse {
        en: "a web page for an answer", nl: "een webpagina als antwoord",
        seen: "login pages of proxies",
        sign: "status 200 and a text that is no JSON and no XML of FHIR",
        safe: "It does not count as an answer, least of all as an empty one.",
        fixture: "testbed fault=html-page"
    }
    EmptyBody = "SAM-QRK-113", Protocol, Refuse {
        en: "nothing for an answer", nl: "niets als antwoord",
        seen: "testbed of section 7 (f)",
        sign: "status 200 without a body",
        safe: "It does not count as an answer: an empty searchset is a Bundle.",
        fixture: "testbed fault=empty-body"
    }
    ErrorInside = "SAM-QRK-114", Protocol, Refuse {
        en: "an error inside of an answer", nl: "een fout binnen in een antwoord",
        seen: "FHIR, search outcomes",
        sign: "an OperationOutcome of severity error in a searchset",
        safe: "What came with it is shown, and the category is told to be incomplete.",
        fixture: "gather: fanout::tests::quirks"
    }
    LinkElsewhere = "SAM-QRK-115", Protocol, Refuse {
        en: "a link to another server", nl: "een verwijzing naar een andere server",
        seen: "servers behind a proxy",
        sign: "a next link or redirect to another scheme, host or port",
        safe: "It is not followed: no token and no patient goes to an address that the directory does not have.",
        fixture: "testbed fault=off-origin-next"
    }
    NotFoundForEmpty = "SAM-QRK-116", Protocol, Refuse {
        en: "404 for a search", nl: "404 op een zoekvraag",
        seen: "public sources",
        sign: "status 404 to a search of a type",
        safe: "It does not count as empty: the type may be unknown there, or the address wrong. The category is told to have failed.",
        fixture: "gather: fanout::tests::quirks"
    }
    MedicationAllergiesOnly = "SAM-QRK-117", Protocol, Tolerate {
        en: "allergies to medication alone", nl: "alleen allergieën voor medicatie",
        seen: "CGM",
        sign: "an answer with allergies, every one of category medication alone",
        safe: "It is taken as it is. One answer does not tell whether the source has others; the count over answers does.",
        fixture: "gather: fanout::tests::quirks"
    }
    NotOffered = "SAM-QRK-118", Protocol, Tolerate {
        en: "a category that is not offered", nl: "een categorie die niet wordt aangeboden",
        seen: "Sanday (no Flag, Immunization and DocumentReference)",
        sign: "the CapabilityStatement lists types, and none that a category that is asked for needs",
        safe: "It is not asked, and told to be unsupported: that is not the same as empty.",
        fixture: "testbed quirk=sanday without those types"
    }
    XmlOnly = "SAM-QRK-119", Protocol, Repair {
        en: "FHIR in XML for JSON", nl: "FHIR in XML in plaats van JSON",
        seen: "servers that only speak XML",
        sign: "an answer in XML of FHIR to a question for JSON",
        safe: "It is turned into JSON by the definitions of its version. What those do not have is refused.",
        fixture: "testbed quirk=xml"
    }
    AnotherPatient = "SAM-QRK-120", Protocol, Refuse {
        en: "data of another patient", nl: "gegevens van een andere patiënt",
        seen: "testbed of section 7 (f)",
        sign: "a resource whose subject is not the patient that was accepted",
        safe: "Everything of the holder is dropped, and its breaker is held until a person releases it.",
        fixture: "testbed fault=wrong-patient"
    }
}
