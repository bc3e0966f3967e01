//! Reads the files of the sections and the views, and checks what they say.

use std::collections::BTreeSet;

use samenhang_terminology::{Category, naming};
use serde::Deserialize;

use super::{Choice, Section, View, Views, whole};
use crate::policy::{PolicyError, Words, yaml};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SectionFile {
    version: String,
    sections: Vec<RawSection>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSection {
    section: String,
    label: Words,
    code: Option<RawCode>,
    categories: Vec<Category>,
    #[serde(default)]
    types: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCode {
    system: System,
    code: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum System {
    Loinc,
    Snomed,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ViewFile {
    views: Vec<RawView>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawView {
    view: String,
    label: Words,
    about: Words,
    sections: Vec<RawChoice>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RawChoice {
    section: String,
    #[serde(default)]
    statuses_out: Vec<String>,
    within_days: Option<u32>,
    #[serde(default)]
    order: Order,
}

#[derive(Deserialize, Default, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Order {
    #[default]
    Newest,
    Oldest,
}

pub(super) fn read(sections: &str, views: &str) -> Result<Views, PolicyError> {
    let refuse = |file: &'static str| {
        move |why: String| PolicyError {
            file: file.to_owned(),
            why,
        }
    };
    let wrong = refuse("sections.yaml");
    let SectionFile { version, sections } = yaml(sections).map_err(wrong)?;
    let mut names = BTreeSet::new();
    let mut read = Vec::with_capacity(sections.len());
    for raw in sections {
        if !names.insert(raw.section.clone()) {
            return Err(wrong(format!("two sections are called {}", raw.section)));
        }
        read.push(Section {
            name: raw.section,
            label: raw.label,
            code: raw.code.map(|raw| match raw.system {
                System::Loinc => (naming::LOINC, raw.code),
                System::Snomed => (naming::SNOMED, raw.code),
            }),
            categories: raw.categories,
            types: raw.types,
        });
    }
    let has_one = |category: &Category| {
        read.iter()
            .any(|of| of.types.is_empty() && of.categories.contains(category))
    };
    if let Some(category) = Category::ALL.iter().find(|category| !has_one(category)) {
        return Err(wrong(format!("no section shows all of {}", category.code())));
    }
    let wrong = refuse("views.yaml");
    let file: ViewFile = yaml(views).map_err(wrong)?;
    let mut all = vec![whole(&read)];
    for raw in file.views {
        if all.iter().any(|view| view.name == raw.view) {
            return Err(wrong(format!("two views are called {}", raw.view)));
        }
        let choices = raw.sections.into_iter().map(|choice| {
            let section = read.iter().position(|section| section.name == choice.section);
            let section = section.ok_or_else(|| {
                wrong(format!(
                    "{} shows the unknown section {}",
                    raw.view, choice.section
                ))
            })?;
            Ok(Choice {
                section,
                statuses_out: choice.statuses_out,
                within_days: choice.within_days,
                is_oldest_first: choice.order == Order::Oldest,
            })
        });
        let choices: Vec<Choice> = choices.collect::<Result<_, PolicyError>>()?;
        let places: BTreeSet<usize> = choices.iter().map(|choice| choice.section).collect();
        if places.len() < choices.len() {
            return Err(wrong(format!("{} shows a section twice", raw.view)));
        }
        all.push(View {
            name: raw.view,
            label: raw.label,
            about: raw.about,
            choices,
        });
    }
    Ok(Views {
        version,
        sections: read,
        views: all,
    })
}
