//! Mitz: the closed question over SOAP (section 3.3).

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use tokio::time::Instant;
use uuid::Uuid;

use super::answer::{self, Asked};
use super::{ConsentService, Holder, Verdict, request};
use crate::error::{GatherError, Service};
use crate::ledger::Step;
use crate::mitz::MitzLine;
use crate::query::Question;
use crate::xml::soap;

const PATH: &str = "geslotenautorisatievraag/xacml3";

/// Client of the closed question.
pub struct Mitz {
    line: MitzLine,
    several_actions: bool,
}

impl Mitz {
    /// On a line to Mitz. `several_actions`: one message asks about several data categories.
    #[must_use]
    pub fn new(line: MitzLine, several_actions: bool) -> Self {
        Mitz {
            line,
            several_actions,
        }
    }

    /// Asks once and notes it, with what was decided. A question is not repeated: silence is no consent.
    async fn ask(
        &self,
        question: &Question,
        holder: &Holder,
        categories: &BTreeSet<&'static str>,
        deadline: Instant,
    ) -> Result<BTreeMap<&'static str, Verdict>, GatherError> {
        let message = self.line.message();
        let to = self.line.address(PATH);
        let body = request::body(question, holder, categories)?;
        let envelope = soap::envelope(request::ACTION, message, &to, "", &body);
        let mut call = self
            .line
            .note(question, Step::ConsentQuestion)
            .holder(&holder.ura);
        let result = self
            .send(message, envelope, question, holder, categories, deadline)
            .await;
        for category in categories {
            let decided = match &result {
                Ok(verdicts) => verdicts.get(category).copied(),
                Err(_) => None,
            };
            let text = match decided {
                Some(Verdict::Permit) => "permit",
                Some(Verdict::NoPermit) => "no-permit",
                None => "none",
            };
            call.detail(category, text);
        }
        let count = result.as_ref().ok().map(BTreeMap::len);
        self.line.noted(call, &result, count).await?;
        result
    }

    async fn send(
        &self,
        message: Uuid,
        envelope: String,
        question: &Question,
        holder: &Holder,
        categories: &BTreeSet<&'static str>,
        deadline: Instant,
    ) -> Result<BTreeMap<&'static str, Verdict>, GatherError> {
        let body = self.line.exchange(PATH, envelope, deadline).await?;
        let asked = Asked {
            message,
            patient: question.patient.expose(),
            holder: &holder.ura,
            categories,
        };
        answer::read(&body, &asked).map_err(|error| GatherError::Answer {
            service: Service::Mitz,
            what: error.0,
        })
    }
}

#[async_trait]
impl ConsentService for Mitz {
    async fn closed_question(
        &self,
        question: &Question,
        holder: &Holder,
        categories: &BTreeSet<&'static str>,
        deadline: Instant,
    ) -> Result<BTreeMap<&'static str, Verdict>, GatherError> {
        if self.several_actions {
            return self.ask(question, holder, categories, deadline).await;
        }
        let mut verdicts = BTreeMap::new();
        for category in categories {
            verdicts.extend(
                self.ask(question, holder, &BTreeSet::from([*category]), deadline)
                    .await?,
            );
        }
        Ok(verdicts)
    }
}
