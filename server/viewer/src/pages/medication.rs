//! The medication by treatment, on a time axis, with a table that says the same.

use askama::Template;

use super::{Frame, Head, PageError, framed, items, render};
use crate::language::Language;
use crate::medication::Medication;
use crate::moment::{day, moment};
use crate::texts::Texts;

/// The page of the medication.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MedicationPage {
    /// Around it.
    pub frame: Frame,
    /// What it begins with.
    pub head: Head,
    /// The medication; nothing when there is none.
    pub medication: Option<Medication>,
}

#[derive(Template)]
#[template(path = "medication.html")]
struct MedicationTemplate<'a> {
    t: &'static Texts,
    language: Language,
    medication: Option<&'a Medication>,
    nothing: String,
    at: String,
    from: String,
    to: String,
    rest: String,
}

impl MedicationPage {
    /// Writes the page.
    ///
    /// # Errors
    /// [`PageError`], a defect.
    pub fn render(&self) -> Result<String, PageError> {
        let language = self.frame.language;
        let t = language.texts();
        let medication = self.medication.as_ref();
        let address = self.head.address.as_ref();
        let mut content = self.head.render(language)?;
        content.push_str(&render(&MedicationTemplate {
            t,
            language,
            medication,
            nothing: self.head.nothing("medication", language),
            at: medication.map_or_else(String::new, |all| moment(all.at)),
            from: medication.map_or_else(String::new, |all| day(all.axis.from)),
            to: medication.map_or_else(String::new, |all| day(all.axis.to)),
            rest: address.map_or_else(String::new, |address| address.page("section/medication", &[])),
        })?);
        content.push_str(&self.head.keys(language)?);
        framed(&self.frame, &t.say("medication"), content)
    }
}
