//! The overview: the sections of a situation.

use askama::Template;
use samenhang_profiles::Received;
use samenhang_reconcile::view::Views;

use super::{Frame, Head, PageError, framed, items, render};
use crate::address::Address;
use crate::item::{Item, Lines, of_batch};
use crate::language::Language;
use crate::sections::{OF_PATIENT, Sections};
use crate::texts::Texts;

/// The overview.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OverviewPage {
    /// Around it.
    pub frame: Frame,
    /// What it begins with.
    pub head: Head,
    /// What it shows.
    pub sections: Sections,
}

#[derive(Template)]
#[template(path = "overview.html")]
struct OverviewTemplate {
    title: String,
    sections: String,
    keys: String,
}

#[derive(Template)]
#[template(path = "sections.html")]
struct SectionsTemplate<'a> {
    t: &'static Texts,
    language: Language,
    sections: &'a Sections,
}

impl OverviewPage {
    /// Writes the whole page.
    ///
    /// # Errors
    /// [`PageError`], a defect.
    pub fn render(&self) -> Result<String, PageError> {
        framed(&self.frame, &self.title(), self.content()?)
    }

    /// Writes what goes into `main`: also the shell into which the overview streams.
    ///
    /// # Errors
    /// [`PageError`], a defect.
    pub fn content(&self) -> Result<String, PageError> {
        let language = self.frame.language;
        let mut content = self.head.render(language)?;
        content.push_str(&render(&OverviewTemplate {
            title: self.title(),
            sections: self.sections()?,
            keys: self.head.keys(language)?,
        })?);
        Ok(content)
    }

    /// Writes the sections, to go into `content`.
    ///
    /// # Errors
    /// [`PageError`], a defect.
    pub fn sections(&self) -> Result<String, PageError> {
        sections(&self.sections, self.frame.language)
    }

    /// What it is called.
    #[must_use]
    pub fn title(&self) -> String {
        let overview = self.frame.language.texts().say("overview");
        let view = self.head.view;
        if view.name == samenhang_reconcile::view::WHOLE {
            return overview;
        }
        format!("{overview}: {}", self.frame.language.of(&view.label))
    }
}

/// Writes sections.
pub(super) fn sections(sections: &Sections, language: Language) -> Result<String, PageError> {
    render(&SectionsTemplate {
        t: language.texts(),
        language,
        sections,
    })
}

/// Writes the line of the patient, with the id of the section that it goes into; nothing when nobody told who it is.
///
/// # Errors
/// [`PageError`], a defect.
pub fn line_of_patient(lines: &Lines<'_>, language: Language) -> Result<Option<(String, String)>, PageError> {
    let Some(item) = lines.patient() else {
        return Ok(None);
    };
    let line = items(std::slice::from_ref(&item), language).map_err(|_| PageError)?;
    Ok(Some((format!("section-{OF_PATIENT}"), line)))
}

/// Writes the lines of a batch, grouped by the id of the section that they go into, in the order of the sections' first
/// lines.
///
/// # Errors
/// [`PageError`], a defect.
pub fn fragments(
    received: &[Received],
    address: Option<&Address>,
    language: Language,
) -> Result<Vec<(String, Vec<String>)>, PageError> {
    let mut groups: Vec<(String, Vec<Item>)> = Vec::new();
    for (received, item) in of_batch(received, address, language) {
        let Some(section) = Views::shipped().section_of(&received) else {
            continue;
        };
        let id = format!("section-{}", section.name);
        match groups.iter_mut().find(|(other, _)| *other == id) {
            Some((_, group)) => group.push(item),
            None => groups.push((id, vec![item])),
        }
    }
    let write = |(id, group): (String, Vec<Item>)| {
        let lines = group
            .iter()
            .map(|item| items(std::slice::from_ref(item), language).map_err(|_| PageError));
        Ok((id, lines.collect::<Result<_, PageError>>()?))
    };
    groups.into_iter().map(write).collect()
}
