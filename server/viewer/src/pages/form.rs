//! The form of a question.

use askama::Template;

use super::{Frame, PageError, Trouble, render};
use crate::texts::Texts;

/// The form, with what was wrong with the last try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormPage {
    /// Around it.
    pub frame: Frame,
    /// What was wrong.
    pub trouble: Option<Trouble>,
}

#[derive(Template)]
#[template(path = "form.html")]
struct FormTemplate<'a> {
    frame: &'a Frame,
    t: &'static Texts,
    title: String,
    trouble: Option<&'a Trouble>,
}

impl FormPage {
    /// Writes the page.
    ///
    /// # Errors
    /// [`PageError`], a defect.
    pub fn render(&self) -> Result<String, PageError> {
        let t = self.frame.language.texts();
        render(&FormTemplate {
            frame: &self.frame,
            t,
            title: t.say("ask"),
            trouble: self.trouble.as_ref(),
        })
    }
}
