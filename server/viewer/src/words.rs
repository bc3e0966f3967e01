//! Every text of the pages, in Dutch and English. A struct, so that no language can miss a text.

use samenhang_terminology::{Category, Status};

/// A language of the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// Dutch, the default.
    #[default]
    Dutch,
    /// English.
    English,
}

/// The texts of one language.
#[derive(Debug)]
pub struct Words {
    /// BCP 47 tag.
    pub tag: &'static str,
    /// Tag of the other language.
    pub other_tag: &'static str,
    /// Name of the other language, in that language.
    pub other_name: &'static str,
    /// Title of the form.
    pub ask: &'static str,
    /// What the form is for.
    pub lead: &'static str,
    /// Label of the number.
    pub number: &'static str,
    /// What the number looks like.
    pub number_hint: &'static str,
    /// Label of the date of birth.
    pub birth_date: &'static str,
    /// Why the date of birth helps.
    pub birth_date_hint: &'static str,
    /// Label of the purpose.
    pub purpose: &'static str,
    /// `TREAT`.
    pub treatment: &'static str,
    /// `COC`.
    pub coordination: &'static str,
    /// The button.
    pub submit: &'static str,
    /// Skip link.
    pub skip: &'static str,
    /// Title of the overview.
    pub overview: &'static str,
    /// While holders are being asked.
    pub busy: &'static str,
    /// Before any holder is known.
    pub locating: &'static str,
    /// When everything is in.
    pub ready: &'static str,
    /// Offers the final order when the reader has begun to read.
    pub show_final: &'static str,
    /// Everything that was asked for is there.
    pub complete: &'static str,
    /// Something is missing.
    pub incomplete: &'static str,
    /// Every holder gave what it offers, and some do not offer all.
    pub offered: &'static str,
    /// How often a holder does not offer a category.
    pub not_offered: &'static str,
    /// "of" in 3 of 5.
    pub of: &'static str,
    /// "holders" in 3 of 5 holders.
    pub holders: &'static str,
    /// Opens the matrix.
    pub details: &'static str,
    /// Head of the column of holders.
    pub holder: &'static str,
    /// Head of the column of categories.
    pub category: &'static str,
    /// Head of the column of status.
    pub status: &'static str,
    /// Head of the column of reasons.
    pub reason: &'static str,
    /// Head of the column of counts.
    pub count: &'static str,
    /// Label of a date.
    pub date: &'static str,
    /// A date that the source does not give.
    pub no_date: &'static str,
    /// The mark of another version of FHIR.
    pub as_received: &'static str,
    /// What that mark means.
    pub as_received_means: &'static str,
    /// The mark of what was made from another version of FHIR.
    pub lifted: &'static str,
    /// What that mark means.
    pub lifted_means: &'static str,
    /// "reported by" n holders.
    pub shared: &'static str,
    /// The mark of differing copies.
    pub conflict: &'static str,
    /// What that mark means.
    pub conflict_means: &'static str,
    /// A section without items, when nothing is missing.
    pub nothing: &'static str,
    /// A section without items, when something is missing.
    pub nothing_yet: &'static str,
    /// A section without items, when something is missing and nobody answers any more.
    pub unknown: &'static str,
    /// Where the original is.
    pub original: &'static str,
    /// Another question.
    pub again: &'static str,
    /// Print.
    pub print: &'static str,
    /// Before the time at which a holder gave what is shown.
    pub retrieved_at: &'static str,
    /// Before the time at which the holders were asked, when they were not asked for this page.
    pub shown_again: &'static str,
    /// That consent was checked for this page all the same.
    pub consent_checked: &'static str,
    /// Button: ask the holders again.
    pub refresh: &'static str,
    /// In the form: ask the holders, whatever was shown a moment ago.
    pub refresh_choice: &'static str,
    /// End the session.
    pub logout: &'static str,
    /// Begin a session.
    pub login: &'static str,
    /// Who is logged in.
    pub logged_in: &'static str,
    /// The demo banner.
    pub demo: &'static str,
    /// Title of an error.
    pub trouble: &'static str,
    /// Disclaimer.
    pub disclaimer: &'static str,
    /// The consent service could not be asked.
    pub consent_unavailable: &'static str,
    /// When the answer was made.
    pub made_at: &'static str,
    /// The connection broke.
    pub broken: &'static str,
    /// What kind of list the sections are.
    pub sections: &'static str,
}

const DUTCH: Words = Words {
    tag: "nl",
    other_tag: "en",
    other_name: "English",
    ask: "Wat is er over deze patiënt bekend?",
    lead: "Eén vraag. Samenhang zoekt de bronhouders, volgt de keuze van de patiënt en bevraagt alle bronnen tegelijk.",
    number: "Burgerservicenummer (BSN)",
    number_hint: "Negen cijfers.",
    birth_date: "Geboortedatum (niet verplicht)",
    birth_date_hint: "Om de patiënt van elke bron mee te controleren.",
    purpose: "Doel",
    treatment: "Behandeling",
    coordination: "Coördinatie van zorg",
    submit: "Vraag op",
    skip: "Naar de inhoud",
    overview: "Overzicht",
    busy: "Bronnen worden bevraagd…",
    locating: "Bronhouders worden gezocht…",
    ready: "Het overzicht is volledig opgebouwd.",
    show_final: "Alle antwoorden zijn binnen: toon het samengevoegde overzicht",
    complete: "Compleet",
    incomplete: "Onvolledig",
    offered: "Alles ontvangen wat de bronhouders aanbieden",
    not_offered: "keer biedt een bronhouder een soort gegevens niet aan",
    of: "van",
    holders: "bronhouders gaven alles wat zij aanbieden",
    details: "Wat is er van elke bronhouder ontvangen?",
    holder: "Bronhouder",
    category: "Soort gegevens",
    status: "Status",
    reason: "Toelichting",
    count: "Aantal",
    date: "Datum",
    no_date: "geen datum",
    as_received: "zoals ontvangen",
    as_received_means: "Deze bron gebruikt een oudere FHIR-versie; het gegeven is niet vertaald.",
    lifted: "omgezet",
    lifted_means: "Deze bron gebruikt een oudere FHIR-versie; het gegeven is omgezet. Het origineel is bewaard.",
    shared: "gemeld door",
    conflict: "verschillen",
    conflict_means: "Bronnen geven hetzelfde gegeven met een verschillende inhoud. Kijk naar beide.",
    nothing: "Geen gegevens beschikbaar.",
    nothing_yet: "Nog geen gegevens ontvangen.",
    unknown: "Niets ontvangen; niet alle bronnen hebben volledig geantwoord. Dit betekent niet dat er niets is.",
    original: "Origineel",
    again: "Nieuwe vraag",
    print: "Afdrukken",
    retrieved_at: "opgehaald om",
    shown_again: "De bronhouders zijn nu niet opnieuw bevraagd. Dit is in deze sessie opgehaald om",
    consent_checked: "Toestemming is nu wel opnieuw getoetst.",
    refresh: "Opnieuw ophalen",
    refresh_choice: "Bronhouders opnieuw bevragen, ook als het antwoord hier net is getoond",
    logout: "Afmelden",
    login: "Aanmelden met Dezi",
    logged_in: "Aangemeld als",
    demo: "Demonstratie met verzonnen patiënten. U bent vanzelf aangemeld.",
    trouble: "Er is geen antwoord",
    disclaimer: "Getoond zoals de bronnen het gaven. Samenhang ordent en koppelt, en verandert of beoordeelt niets.",
    consent_unavailable: "De toestemming kon niet worden nagegaan bij Mitz. Daarom zijn bronnen niet bevraagd en is dit \
        overzicht onvolledig.",
    made_at: "Opgevraagd op",
    broken: "De verbinding is verbroken voordat alle bronnen hadden geantwoord. Het overzicht is onvolledig.",
    sections: "Onderdelen",
};

const ENGLISH: Words = Words {
    tag: "en",
    other_tag: "nl",
    other_name: "Nederlands",
    ask: "What is known about this patient?",
    lead: "One question. Samenhang finds the holders, follows the patient's choice, and asks all sources at once.",
    number: "Citizen service number (BSN)",
    number_hint: "Nine digits.",
    birth_date: "Date of birth (optional)",
    birth_date_hint: "To check the patient of each source against.",
    purpose: "Purpose",
    treatment: "Treatment",
    coordination: "Coordination of care",
    submit: "Ask",
    skip: "Skip to content",
    overview: "Overview",
    busy: "Sources are being asked…",
    locating: "Holders are being found…",
    ready: "The overview is fully built.",
    show_final: "All answers are in: show the merged overview",
    complete: "Complete",
    incomplete: "Incomplete",
    offered: "Everything that the holders offer was received",
    not_offered: "times a holder does not offer a kind of data",
    of: "of",
    holders: "holders gave all that they offer",
    details: "What was received from each holder?",
    holder: "Holder",
    category: "Kind of data",
    status: "Status",
    reason: "Explanation",
    count: "Count",
    date: "Date",
    no_date: "no date",
    as_received: "as received",
    as_received_means: "This source speaks an older version of FHIR; the data was not translated.",
    lifted: "converted",
    lifted_means: "This source speaks an older version of FHIR; the data was converted. The original was kept.",
    shared: "reported by",
    conflict: "differences",
    conflict_means: "Sources give the same item with different content. Look at both.",
    nothing: "No data available.",
    nothing_yet: "No data received yet.",
    unknown: "Nothing received; not every source answered in full. This does not mean that there is nothing.",
    original: "Original",
    again: "New question",
    print: "Print",
    retrieved_at: "retrieved at",
    shown_again: "The holders were not asked again just now. This was retrieved in this session at",
    consent_checked: "Consent was checked again just now.",
    refresh: "Retrieve again",
    refresh_choice: "Ask the holders again, even if the answer was shown here a moment ago",
    logout: "Log out",
    login: "Log in with Dezi",
    logged_in: "Logged in as",
    demo: "Demonstration with invented patients. You are logged in automatically.",
    trouble: "There is no answer",
    disclaimer: "Shown as the sources gave it. Samenhang orders and links, and changes or judges nothing.",
    consent_unavailable: "Consent could not be checked with Mitz. Therefore sources were not asked, and this overview is \
        incomplete.",
    made_at: "Asked at",
    broken: "The connection broke before all sources had answered. The overview is incomplete.",
    sections: "Sections",
};

impl Language {
    /// The texts.
    #[must_use]
    pub fn words(self) -> &'static Words {
        match self {
            Language::Dutch => &DUTCH,
            Language::English => &ENGLISH,
        }
    }

    /// Reads a tag such as `nl` or `en-GB`.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Language> {
        match tag.get(..2)?.to_ascii_lowercase().as_str() {
            "nl" => Some(Language::Dutch),
            "en" => Some(Language::English),
            _ => None,
        }
    }

    /// The name of a category.
    #[must_use]
    pub fn category(self, category: Category) -> &'static str {
        match self {
            Language::Dutch => category.display_nl(),
            Language::English => category.display_en(),
        }
    }

    /// The name of a status.
    #[must_use]
    pub fn status(self, status: Status) -> &'static str {
        match self {
            Language::Dutch => status.display_nl(),
            Language::English => status.display_en(),
        }
    }

    /// A FHIR date for a reader, with the precision that it has: nothing is added.
    #[must_use]
    pub fn date(self, text: &str) -> String {
        let day = text.split('T').next().unwrap_or(text);
        match self {
            Language::English => day.to_owned(),
            Language::Dutch => day.split('-').rev().collect::<Vec<_>>().join("-"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Language;

    #[test]
    fn dates_keep_their_precision() {
        assert_eq!(Language::Dutch.date("2026-10-06T14:05:10+02:00"), "06-10-2026");
        assert_eq!(Language::Dutch.date("2026-10"), "10-2026");
        assert_eq!(Language::Dutch.date("2026"), "2026");
        assert_eq!(Language::English.date("2026-10-06"), "2026-10-06");
        assert_eq!(Language::from_tag("EN-gb"), Some(Language::English));
        assert_eq!(Language::from_tag("é"), None);
    }
}
