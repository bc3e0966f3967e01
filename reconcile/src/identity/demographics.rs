//! What a Patient resource says about the person, as far as identity needs it. Never printed.

use std::collections::BTreeSet;

use samenhang_profiles::tree::Tree;

use super::name;
use crate::date::Partial;

/// Date of birth, family names and sex as a holder recorded them. Personal data: no `Debug`.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Demographics {
    birth_date: Option<Partial>,
    families: BTreeSet<String>,
    gender: Option<Box<str>>,
}

/// How one thing compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compared {
    /// The asker did not say.
    NotAsked,
    /// Equal.
    Same,
    /// What is known of both is equal, and one knows less.
    Partly,
    /// The holder did not record it.
    Missing,
    /// Different.
    Differs,
}

impl Demographics {
    /// Reads a Patient.
    #[must_use]
    pub fn read(patient: &Tree<'_>) -> Self {
        let mut families = BTreeSet::new();
        for human in patient.get("name").map_or(&[][..], Tree::items) {
            // A nickname or an old name is not the name of the person now.
            if matches!(human.text("use"), Some("nickname" | "anonymous")) {
                continue;
            }
            families.extend(human.text("family").into_iter().flat_map(name::family));
            let parts = human.path("_family.extension").map_or(&[][..], Tree::items);
            for part in parts {
                let named = part.text("url").is_some_and(|url| {
                    url.ends_with("/humanname-own-name") || url.ends_with("/humanname-partner-name")
                });
                if named {
                    families.extend(part.text("valueString").into_iter().flat_map(name::family));
                }
            }
        }
        Demographics {
            birth_date: patient.text("birthDate").and_then(Partial::parse),
            families,
            gender: patient
                .text("gender")
                .filter(|gender| *gender != "unknown")
                .map(Into::into),
        }
    }

    /// From a date of birth and a family name, as a test or another source knows them.
    #[must_use]
    pub fn of(birth_date: Option<&str>, family: Option<&str>) -> Self {
        Demographics {
            birth_date: birth_date.and_then(Partial::parse),
            families: family.into_iter().flat_map(name::family).collect(),
            gender: None,
        }
    }

    pub(super) fn birth_date(&self) -> Option<Partial> {
        self.birth_date
    }

    pub(super) fn families(&self) -> &BTreeSet<String> {
        &self.families
    }

    pub(super) fn compare_family(&self, asked: &str) -> Compared {
        let asked = name::family(asked);
        if self.families.is_empty() || asked.is_empty() {
            Compared::Missing
        } else if asked.iter().any(|part| self.families.contains(part)) {
            Compared::Same
        } else {
            Compared::Differs
        }
    }

    pub(super) fn compare_gender(&self, asked: &str) -> Compared {
        match self.gender.as_deref() {
            _ if asked == "unknown" => Compared::NotAsked,
            None => Compared::Missing,
            Some(recorded) if recorded.eq_ignore_ascii_case(asked) => Compared::Same,
            Some(_) => Compared::Differs,
        }
    }
}
