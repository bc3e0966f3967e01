//! A document that somebody opens: the one that a record holds, or one that is fetched from the holder of the record now.
//!
//! Fetching is a question of its own for one category: access, localisation, consent and the audit log as for every other.
//! Either way the document leaves only after the record of it is durable and its permit was looked at again.

use std::collections::BTreeMap;
use std::sync::Arc;

use samenhang_gather::consent::Permit;
use samenhang_gather::fanout::{Document, DocumentError, DocumentPlace};
use samenhang_gather::query::{Grant, Question};
use samenhang_profiles::{Received, Ura};
use samenhang_terminology::Category;
use samenhang_viewer::document::{Attachment, attachments};
use tokio::time::Instant;

use crate::access::Context;
use crate::app::App;
use crate::error::{Kind, Problem};
use crate::http::correlation::Correlation;
use crate::overview::course::Course;
use crate::overview::json::Whole;
use crate::overview::release::{Gate, Withheld, show_again};

/// A document of a record, as it is to be opened.
pub struct Wanted {
    attachment: Attachment,
    question: Question,
    grant: Grant,
    permit: Permit,
    holder: Ura,
    endpoint: Arc<str>,
    category: Category,
}

impl Wanted {
    /// The document at a place of a record of an answer.
    ///
    /// # Errors
    /// [`Kind::NotInAnswer`] when the record has no such document, or may not be shown any more.
    pub fn of(course: &Course, whole: &Whole, record: &Received, place: usize) -> Result<Self, Problem> {
        let attachment = attachments(&record.resource).into_iter().nth(place);
        let holder = &record.lineage.holder;
        let category = match record.resource.resource_type() {
            "DiagnosticReport" => Category::DiagnosticReport,
            _ => Category::Other,
        };
        let mut permits = whole.permits.iter();
        let permit = permits.find(|permit| permit.holder() == holder && permit.category() == category);
        let (Some(attachment), Some(permit)) = (attachment, permit) else {
            return Err(Kind::NotInAnswer.into());
        };
        Ok(Wanted {
            attachment,
            question: Question {
                categories: [category].into(),
                ..course.question().clone()
            },
            grant: course.grant().clone(),
            permit: permit.clone(),
            holder: holder.clone(),
            endpoint: Arc::clone(&record.lineage.endpoint),
            category,
        })
    }

    /// Opens it. What the record holds is not fetched.
    ///
    /// # Errors
    /// When it is no document, the holder does not give it, or it may not be shown.
    pub async fn open(
        self,
        app: &App,
        context: &Context,
        correlation: &Correlation,
    ) -> Result<Document, Problem> {
        let said = self.attachment.media.as_deref();
        if let Some(data) = &self.attachment.data {
            let document = Document::of_base64(data, said).map_err(unavailable)?;
            self.show(app, &self.permit, &self.grant).await?;
            return Ok(document);
        }
        let url = self.attachment.url.as_deref().ok_or(Kind::NotInAnswer)?;
        let _place = app.place()?;
        let deadline = Instant::now() + app.patience();
        let question = self.question.clone();
        let (query, recording) = app
            .access()
            .authorise(context, question, correlation.origin())
            .await?;
        let grant = query.grant().clone();
        let failed = |error| Problem::from(&error);
        let gather = app.gather();
        let query = gather
            .localise(query, recording, deadline)
            .await
            .map_err(failed)?;
        let query = gather.permit(query, deadline).await.map_err(failed)?;
        let place = DocumentPlace {
            endpoint: &self.endpoint,
            url,
            category: self.category,
        };
        let fetched = gather.document(query, &self.holder, place, deadline).await;
        let (document, permit) = fetched.map_err(unavailable)?;
        self.show(app, &permit, &grant).await?;
        Ok(document)
    }

    /// Records that it is shown, and looks at the permit again.
    async fn show(&self, app: &App, permit: &Permit, grant: &Grant) -> Result<(), Problem> {
        let register = app.register();
        let gate = Gate {
            register: &register,
            audit: app.audit(),
            clock: app.clock(),
            question: &self.question,
            grant,
        };
        let shown = BTreeMap::from([((self.holder.clone(), self.category), 1)]);
        show_again(std::slice::from_ref(permit), &shown, gate)
            .await
            .map_err(|withheld| match withheld {
                Withheld::Consent => Kind::NotInAnswer.into(),
                Withheld::Audit => Kind::AuditUnavailable.into(),
            })
    }
}

/// Why there is no document, with the code of what went wrong.
fn unavailable(error: DocumentError) -> Problem {
    tracing::warn!(code = error.code(), "a document could not be opened");
    match error {
        DocumentError::LedgerClosed => Kind::AuditUnavailable.into(),
        _ => Problem::new(Kind::DocumentUnavailable).code(error.code()),
    }
}
