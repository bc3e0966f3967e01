//! The languages of the pages, and what is written by them: dates, categories, statuses, words that come as data.

use samenhang_reconcile::policy::Words;
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

impl Language {
    /// Every language.
    pub const ALL: [Language; 2] = [Language::Dutch, Language::English];

    /// Reads a tag such as `nl` or `en-GB`.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Language> {
        match tag.get(..2)?.to_ascii_lowercase().as_str() {
            "nl" => Some(Language::Dutch),
            "en" => Some(Language::English),
            _ => None,
        }
    }

    /// BCP 47 tag.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Language::Dutch => "nl",
            Language::English => "en",
        }
    }

    /// Its own name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Language::Dutch => "Nederlands",
            Language::English => "English",
        }
    }

    /// The other language.
    #[must_use]
    pub fn other(self) -> Language {
        match self {
            Language::Dutch => Language::English,
            Language::English => Language::Dutch,
        }
    }

    /// One of two texts.
    #[must_use]
    pub fn pick<T>(self, nl: T, en: T) -> T {
        match self {
            Language::Dutch => nl,
            Language::English => en,
        }
    }

    /// Words that come as data.
    #[must_use]
    pub fn of(self, words: &Words) -> &str {
        self.pick(&words.nl, &words.en)
    }

    /// The name of a category.
    #[must_use]
    pub fn category(self, category: Category) -> &'static str {
        self.pick(category.display_nl(), category.display_en())
    }

    /// The name of a status.
    #[must_use]
    pub fn status(self, status: Status) -> &'static str {
        self.pick(status.display_nl(), status.display_en())
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
