//! Codes of value sets: those that can be told without a release, others made up with the right form.

use std::collections::HashMap;

use samenhang_profiles::FhirVersion;
use samenhang_profiles::pack::embedded_terminology;
use samenhang_terminology::catalogue::Page;
use samenhang_terminology::check_digit::{mod10, verhoeff_digit};
use samenhang_terminology::{Builder, Catalogue};

/// The codes of value sets, and the first system of those that cannot be told.
pub(crate) struct Codes {
    catalogue: Catalogue,
    systems: HashMap<String, String>,
}

impl Codes {
    pub(crate) fn of(version: FhirVersion) -> Codes {
        let content = embedded_terminology(version).unwrap();
        let mut systems = HashMap::new();
        for set in &content.value_sets {
            if let Some(system) = set.include.iter().find_map(|include| include.system.clone()) {
                systems.insert(set.url.clone(), system);
            }
        }
        let mut builder = Builder::new();
        content.add_to(&mut builder).unwrap();
        if version == FhirVersion::Stu3 {
            builder.stu3_names();
        }
        Codes {
            catalogue: builder.build(),
            systems,
        }
    }

    /// The code with this number of a value set; none when its codes cannot be told.
    pub(crate) fn in_set(&self, set: Option<&str>, number: usize) -> Option<(String, String)> {
        let set = set?;
        let page = Page {
            count: 10_000,
            ..Page::default()
        };
        let plain = set.split('|').next().unwrap_or(set);
        let expansion = self
            .catalogue
            .expand(set, page)
            .or_else(|_| self.catalogue.expand(plain, page));
        let codes = expansion.ok()?.codes;
        let (system, code) = codes.get(number.checked_rem(codes.len())?)?;
        Some((system.to_string(), code.to_string()))
    }

    /// As [`Codes::in_set`], made up where the codes cannot be told.
    pub(crate) fn any(&self, set: Option<&str>, number: usize) -> (String, String) {
        if let Some(found) = self.in_set(set, number) {
            return found;
        }
        let plain = set.map(|set| set.split('|').next().unwrap_or(set));
        let system = plain
            .and_then(|set| self.systems.get(set))
            .map_or("http://snomed.info/sct", |system| system);
        (system.to_owned(), self.of_system(system, number))
    }

    /// A code with the form of its system.
    pub(crate) fn of_system(&self, system: &str, number: usize) -> String {
        match system {
            "http://snomed.info/sct" => {
                let text = format!("{}00", 100_000 + number);
                let digit = verhoeff_digit(text.as_bytes()).unwrap();
                format!("{text}{}", char::from(digit))
            }
            "http://loinc.org" => {
                let fits = (0..10).map(|digit| format!("{}{digit}", 10_000 + number));
                let text = fits.into_iter().find(|text| mod10(text.as_bytes())).unwrap();
                format!("{}-{}", &text[..5], &text[5..])
            }
            "http://unitsofmeasure.org" => "mL".to_owned(),
            _ => format!("{number:0>4}"),
        }
    }
}
