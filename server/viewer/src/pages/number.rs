//! The number of the patient, shown on purpose. It is the only page with a whole number of a citizen.

use askama::Template;
use samenhang_profiles::Bsn;

use super::{Frame, PageError, framed, render};
use crate::address::Address;
use crate::masking;
use crate::texts::Texts;

/// The page with the number; with scripts its line goes in the place of the masked one.
#[derive(Clone, PartialEq, Eq)]
pub struct NumberPage {
    /// Around it.
    pub frame: Frame,
    /// Whose number.
    pub patient: Bsn,
    /// Where the pages of the answer are.
    pub address: Address,
}

#[derive(Template)]
#[template(path = "number.html")]
struct NumberTemplate {
    t: &'static Texts,
    number: String,
    back: String,
}

impl NumberPage {
    /// Writes the page.
    ///
    /// # Errors
    /// [`PageError`], a defect.
    pub fn render(&self) -> Result<String, PageError> {
        let t = self.frame.language.texts();
        let content = render(&NumberTemplate {
            t,
            number: masking::whole(&self.patient),
            back: self.address.overview(),
        })?;
        framed(&self.frame, &t.say("number"), content)
    }
}
