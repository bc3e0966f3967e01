//! One record with what belongs to it, and the form by which a person says that two are not the same.

use askama::Template;
use jiff::Timestamp;
use samenhang_reconcile::apart::Ground;

use super::{Frame, Head, PageError, framed, render};
use crate::moment::moment;
use crate::record::{Record, Related};
use crate::texts::Texts;

/// What a person has just said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// Two records are kept apart.
    Apart,
    /// That was taken back.
    Withdrawn,
}

/// The page of a record.
#[derive(Clone, PartialEq, Eq)]
pub struct RecordPage {
    /// Around it.
    pub frame: Frame,
    /// What it begins with.
    pub head: Head,
    /// The record.
    pub record: Record,
    /// Whether the reader may say that two are not the same: a person in a session.
    pub can_correct: bool,
    /// What was just said.
    pub done: Option<Done>,
}

#[derive(Template)]
#[template(path = "record.html")]
struct RecordTemplate<'a> {
    t: &'static Texts,
    record: &'a Record,
    groups: Vec<(&'static str, String, &'a [Related])>,
    grounds: Vec<(&'static str, &'static str)>,
    can_correct: bool,
    done: Option<String>,
    action: String,
    own: &'a str,
    back: String,
}

impl RecordTemplate<'_> {
    fn received(&self, at: &Timestamp) -> String {
        moment(*at)
    }
}

impl RecordTemplate<'_> {
    fn has_documents(&self) -> bool {
        let mut members = self.record.members.iter();
        members.any(|member| !member.item.documents.is_empty())
    }
}

impl RecordPage {
    /// Writes the page.
    ///
    /// # Errors
    /// [`PageError`], a defect.
    pub fn render(&self) -> Result<String, PageError> {
        let language = self.frame.language;
        let t = language.texts();
        let address = self.head.address.as_ref();
        let record = &self.record;
        let grounds = Ground::ALL.map(|ground| {
            let (en, nl) = ground.words();
            (ground.code(), language.pick(nl, en))
        });
        let mut content = self.head.render(language)?;
        content.push_str(&render(&RecordTemplate {
            t,
            record,
            groups: vec![
                ("conflicts", t.say("record-conflicts"), &record.conflicts),
                ("like", t.say("record-like"), &record.like),
                ("unlinked", t.say("record-unlinked"), &record.unlinked),
            ],
            grounds: grounds.into(),
            // The patient of several sources stands together by the number, which nobody here takes apart.
            can_correct: self.can_correct
                && address.is_some()
                && (record.why.is_some() || record.members.len() < 2),
            done: self.done.map(|done| match done {
                Done::Apart => t.say("apart-done"),
                Done::Withdrawn => t.say("apart-withdrawn"),
            }),
            action: address.map_or_else(String::new, |address| address.page("apart", &[])),
            own: record.members.first().map_or("", |member| &member.key),
            back: address.map_or_else(String::new, |address| address.situation(&self.head.view.name)),
        })?);
        framed(&self.frame, &t.say("record"), content)
    }
}
