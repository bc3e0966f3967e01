//! Mitz: the closed question over SOAP (section 3.3).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use async_trait::async_trait;
use tokio::time::Instant;
use uuid::Uuid;

use super::answer::{self, Asked};
use super::{ConsentService, Holder, Verdict, request};
use crate::clock::{Clock, Random, random_uuid};
use crate::config::MitzConfig;
use crate::error::{GatherError, Service};
use crate::http::Http;
use crate::ledger::{Call, Ledger, Step};
use crate::mitz::MitzLine;
use crate::pseudonym::outcome_of;
use crate::query::Question;
use crate::xml::soap;

const PATH: &str = "geslotenautorisatievraag/xacml3";

/// Client of the closed question.
pub struct Mitz {
    line: MitzLine,
    several_actions: bool,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    ledger: Arc<dyn Ledger>,
}

impl Mitz {
    /// Sets up for one Mitz.
    ///
    /// # Errors
    /// [`GatherError`] when its address cannot be used.
    pub fn new(
        http: Http,
        config: &MitzConfig,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        ledger: Arc<dyn Ledger>,
    ) -> Result<Self, GatherError> {
        Ok(Mitz {
            line: MitzLine::new(http, config)?,
            several_actions: config.several_actions,
            clock,
            random,
            ledger,
        })
    }

    /// Asks once and notes it, with what was decided. A question is not repeated: silence is no consent.
    async fn ask(
        &self,
        question: &Question,
        holder: &Holder,
        categories: &BTreeSet<&'static str>,
        deadline: Instant,
    ) -> Result<BTreeMap<&'static str, Verdict>, GatherError> {
        let message = random_uuid(&*self.random);
        let to = self.line.address(PATH);
        let body = request::body(question, holder, categories)?;
        let envelope = soap::envelope(request::ACTION, message, &to, "", &body);
        let mut call =
            Call::begin(&*self.clock, question, Step::ConsentQuestion, self.line.label()).holder(&holder.ura);
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
        call.end(&*self.ledger, outcome_of(&result), count).await?;
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
