//! The words of the page of a report, in Dutch and in English.

/// A language in which a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Dutch.
    Dutch,
    /// English.
    English,
}

impl Language {
    /// Both, in the order of a page that has both.
    pub const ALL: [Language; 2] = [Language::Dutch, Language::English];

    pub(super) fn words(self) -> &'static Words {
        match self {
            Language::Dutch => &DUTCH,
            Language::English => &ENGLISH,
        }
    }
}

impl Words {
    /// What a part counts; its rule when there are no words for it.
    pub(super) fn counts<'r>(&self, rule: &'r str) -> &'r str
    where
        'static: 'r,
    {
        let found = self.parts.iter().find(|(known, _)| *known == rule);
        found.map_or(rule, |(_, words)| words)
    }
}

/// The words of a page.
pub(super) struct Words {
    pub language: &'static str,
    pub name: &'static str,
    pub title: &'static str,
    pub about: &'static str,
    pub score: &'static str,
    pub none: &'static str,
    pub weight: &'static str,
    pub counted: &'static str,
    pub good: &'static str,
    pub asked: &'static str,
    pub rule: &'static str,
    pub place: &'static str,
    pub code: &'static str,
    pub severity: &'static str,
    pub count: &'static str,
    pub section: &'static str,
    pub resources: &'static str,
    pub required: &'static str,
    pub other: &'static str,
    pub sections: &'static str,
    pub leaves: &'static str,
    pub mapped: &'static str,
    pub ignored: &'static str,
    pub unmapped: &'static str,
    pub more: &'static str,
    pub quirks: &'static str,
    pub quirk: &'static str,
    pub aspects: [&'static str; 6],
    /// What a part counts, in the words of the language.
    parts: [(&'static str, &'static str); 7],
}

const DUTCH: Words = Words {
    language: "nl",
    name: "Nederlands",
    title: "Kwaliteit van bron",
    about: "Aantallen en regels. Geen gegevens van patiënten.",
    score: "score",
    none: "niets te meten",
    weight: "gewicht",
    counted: "geteld",
    good: "in orde",
    asked: "van",
    rule: "regel",
    place: "plaats",
    code: "code",
    severity: "ernst",
    count: "aantal",
    section: "onderdeel",
    resources: "gegevens",
    required: "verplichte elementen aanwezig",
    other: "overige elementen van de zib aanwezig",
    sections: "Basisgegevensset Zorg",
    leaves: "Waarden in berichten, per plaats",
    mapped: "overgenomen",
    ignored: "met reden weggelaten",
    unmapped: "zonder regel",
    more: "regels niet getoond",
    quirks: "Eigenaardigheden van de bron",
    quirk: "eigenaardigheid",
    aspects: [
        "Conformiteit",
        "Volledigheid",
        "Terminologie",
        "Identiteit",
        "Tijdigheid",
        "Verlies",
    ],
    parts: [
        ("resources-without-errors", "gegevens zonder fouten"),
        ("sections-given", "onderdelen van de BgZ die er zijn"),
        ("required-elements-given", "verplichte elementen die er zijn"),
        ("codings-without-remarks", "coderingen zonder opmerking"),
        (
            "messages-of-a-certain-patient",
            "berichten waarvan de patiënt vaststaat",
        ),
        ("resources-within-a-day", "gegevens binnen een dag"),
        ("leaves-accounted-for", "waarden met een bestemming"),
    ],
};

const ENGLISH: Words = Words {
    language: "en",
    name: "English",
    title: "Quality of source",
    about: "Counts and rules. No data of patients.",
    score: "score",
    none: "nothing to measure",
    weight: "weight",
    counted: "counted",
    good: "in order",
    asked: "of",
    rule: "rule",
    place: "place",
    code: "code",
    severity: "severity",
    count: "count",
    section: "section",
    resources: "resources",
    required: "required elements present",
    other: "other elements of the zib present",
    sections: "Dutch minimal dataset (BgZ)",
    leaves: "Values in messages, by place",
    mapped: "taken over",
    ignored: "left out with a reason",
    unmapped: "without a rule",
    more: "lines not shown",
    quirks: "Quirks of the source",
    quirk: "quirk",
    aspects: [
        "Conformity",
        "Completeness",
        "Terminology",
        "Identity",
        "Timeliness",
        "Loss",
    ],
    parts: [
        ("resources-without-errors", "resources without errors"),
        ("sections-given", "sections of the BgZ that are there"),
        ("required-elements-given", "required elements that are there"),
        ("codings-without-remarks", "codings without remarks"),
        ("messages-of-a-certain-patient", "messages of a certain patient"),
        ("resources-within-a-day", "resources within a day"),
        ("leaves-accounted-for", "values with a place"),
    ],
};
