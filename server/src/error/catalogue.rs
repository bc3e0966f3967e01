//! The catalogue of the server's own errors: one row an error, the source of `docs/errors`.
//!
//! A code is never used again. 018 and 019 were reserved and never sent: consent that ends while an answer is made
//! reads as `empty`, and a service that fails is told with the code of its own failure.

/// An error of the server itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// The body is not what the operation reads.
    Unreadable,
    /// The body's media type is not one of FHIR JSON.
    UnsupportedMedia,
    /// None of the accepted media types can be given.
    NotAcceptable,
    /// A parameter that the operation does not know.
    UnknownParameter,
    /// A parameter that the operation needs.
    MissingParameter,
    /// A parameter with a value that cannot be used.
    InvalidParameter,
    /// A body that passes the limit.
    TooLarge,
    /// No such path.
    NotFound,
    /// The path exists, the method does not.
    MethodNotAllowed,
    /// Nobody is logged in.
    LoginRequired,
    /// The policy refuses.
    Forbidden,
    /// Too many questions at once.
    Busy,
    /// The holders could not be found.
    LocalisationFailed,
    /// A defect of ours.
    Defect,
    /// The audit record could not be written.
    AuditUnavailable,
    /// The server is stopping.
    Stopping,
    /// A BSN in the address.
    BsnInAddress,
    /// One asker asks too often.
    TooOften,
    /// It is not clear who asks.
    Unclear,
    /// Data is there and cannot be shown in the form that is asked for.
    OtherVersion,
    /// The page of a search is there no more.
    PageGone,
    /// An answer is too large to be kept for its next pages.
    TooLargeToPage,
    /// A record or cluster that is not in the answer.
    NotInAnswer,
    /// A correction of a person could not be kept.
    CorrectionNotKept,
    /// A document could not be had, or is none.
    DocumentUnavailable,
}

/// One row of the catalogue.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// Stable code.
    pub code: &'static str,
    /// HTTP status.
    pub status: u16,
    /// FHIR `issue-type`.
    pub issue: &'static str,
    /// What is wrong, in Dutch.
    pub nl: &'static str,
    /// What is wrong, in English.
    pub en: &'static str,
    /// What to do, in Dutch.
    pub hint_nl: &'static str,
    /// What to do, in English.
    pub hint_en: &'static str,
    /// Seconds after which it makes sense to try again.
    pub retry_after: Option<u32>,
}

/// Every error of the server, in order of its code.
pub const CATALOGUE: &[(Kind, Entry)] = &[
    (
        Kind::Unreadable,
        Entry {
            code: "SAM-SRV-001",
            status: 400,
            issue: "structure",
            retry_after: None,
            nl: "De inhoud van het verzoek kan niet worden gelezen.",
            en: "The body of the request cannot be read.",
            hint_nl: "Stuur een FHIR-resource Parameters in JSON, zonder dubbele eigenschappen.",
            hint_en: "Send a FHIR Parameters resource in JSON, without repeated properties.",
        },
    ),
    (
        Kind::UnsupportedMedia,
        Entry {
            code: "SAM-SRV-002",
            status: 415,
            issue: "not-supported",
            retry_after: None,
            nl: "Het mediatype van het verzoek wordt niet ondersteund.",
            en: "The media type of the request is not supported.",
            hint_nl: "Gebruik Content-Type: application/fhir+json (UTF-8).",
            hint_en: "Use Content-Type: application/fhir+json (UTF-8).",
        },
    ),
    (
        Kind::NotAcceptable,
        Entry {
            code: "SAM-SRV-003",
            status: 406,
            issue: "not-supported",
            retry_after: None,
            nl: "Geen van de gevraagde mediatypes kan worden gegeven.",
            en: "None of the accepted media types can be given.",
            hint_nl: "Vraag application/fhir+json, application/fhir+ndjson of text/event-stream; XML wordt niet gegeven.",
            hint_en: "Accept application/fhir+json, application/fhir+ndjson or text/event-stream; XML is not offered.",
        },
    ),
    (
        Kind::UnknownParameter,
        Entry {
            code: "SAM-SRV-004",
            status: 400,
            issue: "not-supported",
            retry_after: None,
            nl: "Een parameter is onbekend.",
            en: "A parameter is unknown.",
            hint_nl: "Laat de parameter weg, of stuur Prefer: handling=lenient om hem te laten negeren. Bekend zijn: \
                  identifier, category, purpose, birthDate, family, confirm-identity, view.",
            hint_en: "Leave the parameter out, or send Prefer: handling=lenient to have it ignored. Known are: \
                  identifier, category, purpose, birthDate, family, confirm-identity, view.",
        },
    ),
    (
        Kind::MissingParameter,
        Entry {
            code: "SAM-SRV-005",
            status: 400,
            issue: "required",
            retry_after: None,
            nl: "Een verplichte parameter ontbreekt.",
            en: "A required parameter is missing.",
            hint_nl: "Voeg de parameter toe die in expression staat.",
            hint_en: "Add the parameter that expression names.",
        },
    ),
    (
        Kind::InvalidParameter,
        Entry {
            code: "SAM-SRV-006",
            status: 400,
            issue: "value",
            retry_after: None,
            nl: "Een parameter heeft een waarde die niet kan worden gebruikt.",
            en: "A parameter has a value that cannot be used.",
            hint_nl: "Verbeter de parameter die in expression staat.",
            hint_en: "Correct the parameter that expression names.",
        },
    ),
    (
        Kind::TooLarge,
        Entry {
            code: "SAM-SRV-007",
            status: 413,
            issue: "too-long",
            retry_after: None,
            nl: "Het verzoek is te groot.",
            en: "The request is too large.",
            hint_nl: "Stuur alleen de parameters van de operatie; de grens voor een vraag is 64 KiB.",
            hint_en: "Send only the parameters of the operation; the limit for a question is 64 KiB.",
        },
    ),
    (
        Kind::NotFound,
        Entry {
            code: "SAM-SRV-008",
            status: 404,
            issue: "not-found",
            retry_after: None,
            nl: "Dit adres bestaat niet.",
            en: "There is nothing at this address.",
            hint_nl: "Zie /fhir/R4/metadata voor wat deze server biedt.",
            hint_en: "See /fhir/R4/metadata for what this server offers.",
        },
    ),
    (
        Kind::MethodNotAllowed,
        Entry {
            code: "SAM-SRV-009",
            status: 405,
            issue: "not-supported",
            retry_after: None,
            nl: "Deze methode wordt op dit adres niet ondersteund.",
            en: "This method is not supported at this address.",
            hint_nl: "De kop Allow noemt wat wel kan. Een vraag over een patient gaat altijd met POST.",
            hint_en: "The Allow header names what is supported. A question about a patient is always a POST.",
        },
    ),
    (
        Kind::LoginRequired,
        Entry {
            code: "SAM-SRV-010",
            status: 401,
            issue: "login",
            retry_after: None,
            nl: "Voor dit verzoek moet u zijn aangemeld.",
            en: "This request needs a login.",
            hint_nl: "Meld u aan via /auth/login, of stuur een geldig toegangstoken in de kop Authorization.",
            hint_en: "Log in through /auth/login, or send a valid access token in the Authorization header.",
        },
    ),
    (
        Kind::Forbidden,
        Entry {
            code: "SAM-SRV-011",
            status: 403,
            issue: "forbidden",
            retry_after: None,
            nl: "Deze vraag is niet toegestaan.",
            en: "This question is not allowed.",
            hint_nl: "Rol en doel moeten passen bij het toegangsbeleid van deze server; vraag de beheerder.",
            hint_en: "Role and purpose must fit this server's access policy; ask the operator.",
        },
    ),
    (
        Kind::Busy,
        Entry {
            code: "SAM-SRV-012",
            status: 503,
            issue: "throttled",
            retry_after: Some(2),
            nl: "Er worden te veel vragen tegelijk gesteld.",
            en: "Too many questions are being asked at once.",
            hint_nl: "Probeer het opnieuw na het aantal seconden in de kop Retry-After.",
            hint_en: "Try again after the number of seconds in the Retry-After header.",
        },
    ),
    (
        Kind::LocalisationFailed,
        Entry {
            code: "SAM-SRV-013",
            status: 503,
            issue: "transient",
            retry_after: Some(5),
            nl: "De bronhouders konden niet worden gevonden. Dit betekent niet dat er geen gegevens zijn.",
            en: "The holders could not be found. This does not mean that there is no data.",
            hint_nl: "Probeer het opnieuw; blijft het zo, meld het aan de beheerder en vraag de patient of een collega.",
            hint_en: "Try again; if it persists, tell the operator, and ask the patient or a colleague meanwhile.",
        },
    ),
    (
        Kind::Defect,
        Entry {
            code: "SAM-SRV-014",
            status: 500,
            issue: "exception",
            retry_after: None,
            nl: "De server heeft een fout gemaakt.",
            en: "The server made an error.",
            hint_nl: "Meld het aan de beheerder met de waarde van de kop X-Request-Id.",
            hint_en: "Tell the operator, with the value of the X-Request-Id header.",
        },
    ),
    (
        Kind::AuditUnavailable,
        Entry {
            code: "SAM-SRV-015",
            status: 503,
            issue: "transient",
            retry_after: Some(30),
            nl: "De toegang kan niet worden vastgelegd; daarom worden geen gegevens gegeven.",
            en: "The access cannot be recorded; therefore no data is given.",
            hint_nl: "De beheerder moet het auditlogboek herstellen; probeer het daarna opnieuw.",
            hint_en: "The operator must repair the audit log; try again after that.",
        },
    ),
    (
        Kind::Stopping,
        Entry {
            code: "SAM-SRV-016",
            status: 503,
            issue: "transient",
            retry_after: Some(10),
            nl: "De server wordt gestopt.",
            en: "The server is stopping.",
            hint_nl: "Probeer het opnieuw na het aantal seconden in de kop Retry-After.",
            hint_en: "Try again after the number of seconds in the Retry-After header.",
        },
    ),
    (
        Kind::BsnInAddress,
        Entry {
            code: "SAM-SRV-017",
            status: 400,
            issue: "security",
            retry_after: None,
            nl: "Het adres bevat een burgerservicenummer; dat mag niet.",
            en: "The address contains a citizen service number; that is not allowed.",
            hint_nl: "Stuur het nummer in de inhoud van een POST; een adres komt in logboeken terecht.",
            hint_en: "Send the number in the body of a POST; an address ends up in logs.",
        },
    ),
    (
        Kind::TooOften,
        Entry {
            code: "SAM-SRV-020",
            status: 429,
            issue: "throttled",
            retry_after: Some(10),
            nl: "U stelt te veel vragen achter elkaar.",
            en: "You ask too many questions in a row.",
            hint_nl: "Probeer het opnieuw na het aantal seconden in de kop Retry-After.",
            hint_en: "Try again after the number of seconds in the Retry-After header.",
        },
    ),
    (
        Kind::Unclear,
        Entry {
            code: "SAM-SRV-021",
            status: 400,
            issue: "invalid",
            retry_after: None,
            nl: "Het is niet duidelijk wie dit verzoek doet.",
            en: "It is not clear who makes this request.",
            hint_nl: "Stuur of een sessie of een toegangstoken, niet beide.",
            hint_en: "Send either a session or an access token, not both.",
        },
    ),
    (
        Kind::OtherVersion,
        Entry {
            code: "SAM-SRV-022",
            status: 406,
            issue: "incomplete",
            retry_after: None,
            nl: "Er zijn gegevens die in dit antwoord niet getoond kunnen worden.",
            en: "There is data that cannot be shown in this answer.",
            hint_nl: "Vraag ze in de andere FHIR-versie, of met $overview.",
            hint_en: "Ask for it in the other version of FHIR, or with $overview.",
        },
    ),
    (
        Kind::PageGone,
        Entry {
            code: "SAM-SRV-023",
            status: 410,
            issue: "not-found",
            nl: "Deze pagina van het antwoord is er niet (meer).",
            en: "This page of the answer is not there (any more).",
            hint_nl: "Stel de vraag opnieuw. Pagina's blijven enkele minuten staan, alleen voor wie ze vroeg en zolang de \
                      patiënt het toestaat.",
            hint_en: "Ask the question again. Pages stay for a few minutes, only for whoever asked for them and as long \
                      as the patient allows it.",
            retry_after: None,
        },
    ),
    (
        Kind::TooLargeToPage,
        Entry {
            code: "SAM-SRV-024",
            status: 413,
            issue: "too-costly",
            nl: "Het antwoord is te groot om per pagina te geven.",
            en: "The answer is too large to be given by the page.",
            hint_nl: "Laat _count weg om alles ineens te krijgen, of vraag minder.",
            hint_en: "Leave _count out to get everything at once, or ask for less.",
            retry_after: None,
        },
    ),
    (
        Kind::NotInAnswer,
        Entry {
            code: "SAM-SRV-025",
            status: 422,
            issue: "not-found",
            nl: "Het cluster of gegeven staat niet in dit antwoord.",
            en: "The cluster or record is not in this answer.",
            hint_nl: "Vraag $overview opnieuw en neem de id van de Linkage of de fullUrl over; een bron kan nu niet antwoorden.",
            hint_en: "Ask $overview again and take the id of the Linkage or the fullUrl; a holder may not answer now.",
            retry_after: None,
        },
    ),
    (
        Kind::CorrectionNotKept,
        Entry {
            code: "SAM-SRV-026",
            status: 503,
            issue: "no-store",
            nl: "De correctie kon niet worden vastgelegd; er is niets veranderd.",
            en: "The correction could not be kept; nothing has changed.",
            hint_nl: "Probeer het opnieuw; houdt het aan, meld het dan bij de beheerder.",
            hint_en: "Try again; if it goes on, tell the operator.",
            retry_after: Some(30),
        },
    ),
    (
        Kind::DocumentUnavailable,
        Entry {
            code: "SAM-SRV-027",
            status: 502,
            issue: "transient",
            nl: "Het document kan nu niet worden geopend.",
            en: "The document cannot be opened now.",
            hint_nl: "De bronhouder gaf het niet, of het is geen PDF of platte tekst. Probeer het later, of vraag het de bronhouder.",
            hint_en: "The holder did not give it, or it is neither a PDF nor plain text. Try later, or ask the holder.",
            retry_after: None,
        },
    ),
];

const DEFECT: Entry = CATALOGUE[13].1;

impl Kind {
    /// The row of the catalogue.
    #[must_use]
    pub fn entry(self) -> Entry {
        CATALOGUE
            .iter()
            .find(|(kind, _)| *kind == self)
            .map_or(DEFECT, |(_, entry)| *entry)
    }
}
