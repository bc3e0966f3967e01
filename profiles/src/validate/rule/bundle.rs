//! Identity and references within a document, and Bundles (R4 sections 2.3.0, 2.36 and 3.3, STU3 likewise).

use super::rules;

rules! {
    /// The same id twice in one resource. Arguments: id.
    DUPLICATE_ID = "duplicate-id" Error "duplicate"
        "the id[ '{0}'] of an element is used twice in one resource" / "het id[ '{0}'] van een element komt twee keer voor in een resource"
        hint "Give each element of a resource an id of its own." / "Geef elk element van een resource een eigen id.";
    /// The same id for two contained resources. Arguments: id.
    DUPLICATE_CONTAINED = "contained-duplicate" Error "duplicate"
        "the id[ '{0}'] is of two contained resources" / "het id[ '{0}'] is van twee ingesloten resources"
        hint "Give each contained resource an id of its own." / "Geef elke ingesloten resource een eigen id.";
    /// A contained resource without an id, so that nothing can refer to it.
    CONTAINED_WITHOUT_ID = "contained-without-id" Error "required"
        "a contained resource has no id" / "een ingesloten resource heeft geen id"
        hint "Give it an id, and refer to it as # and that id." / "Geef die een id, en verwijs ernaar als # en dat id.";
    /// The same security label twice.
    SECURITY_REPEATED = "security-label-repeated" Error "duplicate"
        "the same security label stands twice in meta" / "hetzelfde security label staat twee keer in meta"
        hint "Keep one of them: labels are a set." / "Houd er een: labels zijn een verzameling.";
    /// The url by which a definition is known is not absolute. Arguments: url.
    CANONICAL_RELATIVE = "canonical-url-relative" Error "invalid"
        "the canonical url[ '{0}'] is not absolute" / "de canonieke url[ '{0}'] is niet absoluut"
        hint "A definition has one name everywhere: use http:, https: or urn:." / "Een definitie heeft overal een naam: gebruik http:, https: of urn:.";
    /// A system that does not mean the same everywhere. Arguments: system.
    SYSTEM = "system-relative" Error "code-invalid"
        "the system or value[ '{0}'] is not an absolute URI" / "het systeem of de waarde[ '{0}'] is geen absolute URI"
        hint "Use http:, https: or urn:." / "Gebruik http:, https: of urn:.";
    /// A local reference without a target. Arguments: reference.
    LOCAL_REFERENCE = "reference-local" Error "not-found"
        "the reference[ '{0}'] has no contained resource as target" / "de verwijzing[ '{0}'] heeft geen ingesloten resource als doel"
        hint "Add the contained resource, or correct its id." / "Voeg de ingesloten resource toe, of verbeter het id.";
    /// A reference that has to lead into the Bundle and does not. Arguments: reference.
    NOT_IN_BUNDLE = "reference-not-in-bundle" Error "not-found"
        "the target of the reference[ '{0}'] is not in the Bundle" / "het doel van de verwijzing[ '{0}'] zit niet in de Bundle"
        hint "A relative reference counts from the fullUrl of the entry that it stands in." / "Een relatieve verwijzing telt vanaf de fullUrl van de entry waar die in staat.";
    /// A reference that fits more than one entry. Arguments: reference.
    AMBIGUOUS = "reference-ambiguous" Error "multiple-matches"
        "more than one entry fits the reference[ '{0}']" / "meer dan een entry past bij de verwijzing[ '{0}']"
        hint "Name the version, or leave one of the entries out." / "Noem de versie, of laat een van de entries weg.";
    /// A reference to an entry whose resource is of another type. Arguments: reference.
    OTHER_TYPE = "reference-other-type" Error "structure"
        "the target of the reference[ '{0}'] is of another type than it says"
        / "het doel van de verwijzing[ '{0}'] is van een ander type dan die zegt"
        hint "Correct the type in the reference, or the fullUrl of the entry." / "Verbeter het type in de verwijzing, of de fullUrl van de entry.";
    /// A relative reference that is not a type and an id. Arguments: reference.
    REFERENCE_FORM = "reference-form" Error "value"
        "the relative reference[ '{0}'] is not a type and an id" / "de relatieve verwijzing[ '{0}'] is geen type en id"
        hint "Write it as Patient/1, or use the whole address." / "Schrijf die als Patient/1, of gebruik het hele adres.";
    /// A reference with white space in it. Arguments: reference.
    REFERENCE_WHITE_SPACE = "reference-white-space" Error "value"
        "the reference[ '{0}'] has white space" / "de verwijzing[ '{0}'] bevat witruimte"
        hint "A reference is an address: escape what is not allowed in one." / "Een verwijzing is een adres: codeer wat daarin niet mag.";
    /// A conditional reference whose search is not well-formed. Arguments: reference.
    REFERENCE_QUERY = "reference-query" Error "value"
        "the search of the conditional reference[ '{0}'] is not well-formed"
        / "de zoekvraag van de voorwaardelijke verwijzing[ '{0}'] is niet goed gevormd"
        hint "Write it as Patient?name=value&name=value." / "Schrijf die als Patient?naam=waarde&naam=waarde.";
    /// An entry without fullUrl.
    FULL_URL_MISSING = "bundle-full-url-missing" Error "required"
        "an entry without fullUrl" / "een entry zonder fullUrl"
        hint "Only entries of a transaction or batch may do without." / "Alleen entries van een transactie of batch mogen zonder.";
    /// A fullUrl that is not absolute. Arguments: fullUrl.
    FULL_URL_RELATIVE = "bundle-full-url-relative" Error "value"
        "the fullUrl[ '{0}'] is not absolute" / "de fullUrl[ '{0}'] is niet absoluut"
        hint "Use the whole address, or urn:uuid: with a UUID." / "Gebruik het hele adres, of urn:uuid: met een UUID.";
    /// A fullUrl of a server that does not agree with the resource. Arguments: fullUrl, type.
    FULL_URL_MISMATCH = "bundle-full-url-mismatch" Error "value"
        "the fullUrl[ '{0}'] does not end with the type {1} and the id of the resource"
        / "de fullUrl[ '{0}'] eindigt niet op het type {1} en het id van de resource"
        hint "The address of a resource ends with its type and id." / "Het adres van een resource eindigt op het type en het id.";
    /// The fullUrl is the canonical url of the resource, which is no address of it. Arguments: fullUrl.
    FULL_URL_CANONICAL = "bundle-full-url-canonical" Error "value"
        "the fullUrl[ '{0}'] is the canonical url of the resource, and does not end with its id"
        / "de fullUrl[ '{0}'] is de canonieke url van de resource, en eindigt niet op het id"
        hint "Use the address of the resource, or urn:uuid: with a UUID." / "Gebruik het adres van de resource, of urn:uuid: met een UUID.";
    /// The first entry is not what the type of the Bundle asks. Arguments: type that must be first.
    FIRST_ENTRY = "bundle-first-entry" Error "structure"
        "the first entry must be a {0}" / "de eerste entry moet een {0} zijn"
        hint "Put it first." / "Zet die vooraan.";
    /// An entry of a document that nothing leads to. Arguments: fullUrl.
    UNREACHED = "bundle-entry-unreached" Error "informational"
        "no reference leads from the Composition to the entry[ '{0}'], or back"
        / "er loopt geen verwijzing van de Composition naar de entry[ '{0}'], of terug"
        hint "Refer to it, or leave it out of the document." / "Verwijs ernaar, of laat die buiten het document.";
    /// The same for a message, where it is only suspect. Arguments: fullUrl.
    UNREACHED_MESSAGE = "bundle-entry-unreached-message" Warning "informational"
        "no reference leads from the MessageHeader to the entry[ '{0}'], or back"
        / "er loopt geen verwijzing van de MessageHeader naar de entry[ '{0}'], of terug"
        hint "Refer to it, or leave it out of the message." / "Verwijs ernaar, of laat die buiten het bericht.";
    /// An entry of a search result without a resource.
    SEARCH_RESOURCE = "bundle-search-resource" Error "structure"
        "an entry of a search result without a resource" / "een entry van een zoekresultaat zonder resource"
        hint "Every entry of a search result has a resource." / "Elke entry van een zoekresultaat heeft een resource.";
    /// A resource in a search result without an id.
    SEARCH_ID = "bundle-search-id" Error "required"
        "a resource of a search result without an id" / "een resource van een zoekresultaat zonder id"
        hint "What is found has an id." / "Wat gevonden is heeft een id.";
    /// A match of a search that did not ask for its type. Arguments: type.
    SEARCH_TYPE = "bundle-search-type" Error "structure"
        "an entry with mode match holds a {0}, for which the search in the link self does not ask"
        / "een entry met mode match bevat een {0}, waar de zoekvraag in de link self niet om vraagt"
        hint "What comes along with a match has the mode include." / "Wat met een match meekomt heeft de mode include.";
    /// An outcome of a search that is no OperationOutcome. Arguments: type.
    SEARCH_OUTCOME = "bundle-search-outcome" Error "structure"
        "an entry with mode outcome holds a {0}" / "een entry met mode outcome bevat een {0}"
        hint "An outcome is an OperationOutcome." / "Een outcome is een OperationOutcome.";
    /// A link that may stand once. Arguments: relation.
    LINK_REPEATED = "bundle-link-repeated" Error "duplicate"
        "more than one link {0}" / "meer dan een link {0}"
        hint "Keep one of them." / "Houd er een.";
    /// A link for pages in what has no pages. Arguments: relation.
    LINK_PROHIBITED = "bundle-link-prohibited" Error "structure"
        "the link {0} is for search results only" / "de link {0} is alleen voor zoekresultaten"
        hint "Remove the link." / "Verwijder de link.";
    /// A style sheet that is not in the Bundle.
    STYLESHEET = "bundle-stylesheet" Error "not-found"
        "the style sheet of the document is not in the Bundle" / "het stijlblad van het document zit niet in de Bundle"
        hint "Add the Binary, or use an absolute address." / "Voeg de Binary toe, of gebruik een absoluut adres.";
    /// A stated size that differs from that of the data. Arguments: stated, actual.
    ATTACHMENT_SIZE = "attachment-size" Error "value"
        "the stated size of {0} bytes differs from the {1} bytes of the data" / "de genoemde grootte van {0} bytes verschilt van de {1} bytes van de data"
        hint "Size counts the bytes before base64." / "De grootte telt de bytes voor base64.";
    /// A stated hash that is not that of the data.
    ATTACHMENT_HASH = "attachment-hash" Warning "value"
        "the stated hash is not the SHA-1 of the data" / "de genoemde hash is niet de SHA-1 van de data"
        hint "The hash is SHA-1 in base64, over the bytes before base64." / "De hash is SHA-1 in base64, over de bytes voor base64.";
}
