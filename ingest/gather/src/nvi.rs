//! The line to the referral index (NVI): its address, the tokens and the pseudonyms, for who asks it and for who
//! registers with it (sections 1.2 to 1.6, and 5.1 rows 1 and 2).

use std::sync::Arc;
use std::time::Duration;

use ::http::{HeaderValue, Method, header};
use tokio::time::Instant;
use zeroize::Zeroizing;

use crate::clock::{Clock, Random};
use crate::config::{Generation, IndexServices, NviInterface, OwnOrganisation};
use crate::error::{GatherError, Service};
use crate::http::{Answer, Http, HttpError, Outgoing, Peer, Target, TlsMaterial};
use crate::ledger::{About, Call, Ledger, Step};
use crate::oauth::{Bearer, NationalTokens, Wanted, pin};
use crate::pseudonym::{Prs, Pseudonym, outcome_of};

/// System of a pseudonym token in `subject.identifier`.
pub(crate) const TOKEN_SYSTEM: &str =
    "http://minvws.github.io/generiekefuncties-docs/NamingSystem/nvi-identifier";
/// Extension that names the holder.
pub(crate) const CUSTODIAN: &str =
    "http://minvws.github.io/generiekefuncties-docs/StructureDefinition/nl-gf-localization-custodian";
/// Bytes of an answer.
const MAX_ANSWER: usize = 2 << 20;

/// The line to one referral index.
pub struct NviLine {
    http: Http,
    peer: Peer,
    generation: Generation,
    interface: NviInterface,
    audience: String,
    tokens: Arc<NationalTokens>,
    prs: Prs,
    timeout: Duration,
    clock: Arc<dyn Clock>,
    ledger: Arc<dyn Ledger>,
}

/// What is sent to the index. Its parts carry a pseudonym: no `Debug`.
pub(crate) struct Message {
    method: Method,
    path: Zeroizing<String>,
    body: Option<(&'static str, Vec<u8>)>,
    accept: &'static str,
}

impl Message {
    /// One without a body. The path is relative to the index and may carry a pseudonym.
    pub(crate) fn bare(method: Method, path: impl Into<String>, accept: &'static str) -> Self {
        Message {
            method,
            path: Zeroizing::new(path.into()),
            body: None,
            accept,
        }
    }

    /// A POST with a body, answered in the same media type.
    pub(crate) fn post(path: &str, media_type: &'static str, body: Vec<u8>) -> Self {
        Message {
            body: Some((media_type, body)),
            ..Message::bare(Method::POST, path, media_type)
        }
    }

    fn outgoing(&self) -> Outgoing<'_> {
        let mut outgoing = Outgoing::get(Target::Path(&self.path));
        outgoing.method = self.method.clone();
        if let Some((media_type, body)) = &self.body {
            outgoing.body = body.clone().into();
            let media_type = HeaderValue::from_static(media_type);
            outgoing.headers.insert(header::CONTENT_TYPE, media_type);
        }
        outgoing.accept(self.accept).at_most(MAX_ANSWER)
    }
}

/// One thing to do at the index, about one patient.
pub(crate) struct Errand<'a> {
    pub(crate) about: &'a About,
    pub(crate) step: Step,
    pub(crate) wanted: &'a Wanted,
    pub(crate) deadline: Instant,
}

impl NviLine {
    /// Sets up for one referral index.
    ///
    /// # Errors
    /// [`GatherError`] when an address, certificate or key cannot be used.
    pub fn new(
        http: Http,
        services: IndexServices<'_>,
        own: &OwnOrganisation,
        material: &TlsMaterial,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        ledger: Arc<dyn Ledger>,
    ) -> Result<Self, GatherError> {
        let tokens = NationalTokens::new(
            http.clone(),
            services,
            own,
            material,
            Arc::clone(&clock),
            Arc::clone(&random),
        )?;
        let tokens = Arc::new(tokens);
        let prs = Prs::new(
            http.clone(),
            services,
            Arc::clone(&tokens),
            Arc::clone(&clock),
            random,
            Arc::clone(&ledger),
        )?;
        Ok(NviLine {
            peer: pin(&http, &services.nvi.url, Service::Nvi)?,
            http,
            generation: services.generation,
            interface: match services.generation {
                Generation::B => NviInterface::Fhir,
                Generation::C => services.nvi.interface,
            },
            audience: services.nvi.audience(),
            tokens,
            prs,
            timeout: Duration::from_millis(services.nvi.timeout_ms),
            clock,
            ledger,
        })
    }

    /// Wire generation.
    pub(crate) fn generation(&self) -> Generation {
        self.generation
    }

    /// Which interface of the index is spoken.
    pub(crate) fn interface(&self) -> NviInterface {
        self.interface
    }

    /// The audience of its tokens.
    pub(crate) fn audience(&self) -> String {
        self.audience.clone()
    }

    /// Where the tokens come from.
    pub(crate) fn tokens(&self) -> &NationalTokens {
        &self.tokens
    }

    /// Does one thing. A refused token is renewed once, an expired pseudonym is made anew once, and a call that failed
    /// on the way is made once more. Every call has its own pseudonym and its own note in the ledger.
    ///
    /// # Errors
    /// [`GatherError`]; it is then not known whether the index did it.
    pub(crate) async fn run<T: Send>(
        &self,
        errand: &Errand<'_>,
        compose: impl Fn(&Pseudonym) -> Result<Message, GatherError> + Send + Sync,
        read: impl Fn(&Answer) -> Result<T, GatherError> + Send + Sync,
        count: impl Fn(&T) -> Option<usize> + Send + Sync,
    ) -> Result<T, GatherError> {
        let deadline = errand.deadline;
        let mut token = self.tokens.token(errand.wanted, deadline).await?;
        let (mut renewed, mut redone, mut retried) = (false, false, false);
        loop {
            let message = compose(&self.prs.pseudonym(errand.about, deadline).await?)?;
            let call = Call::about(&*self.clock, errand.about.clone(), errand.step, self.peer.label());
            let result = self.send(&message, &token, deadline).await;
            let result = result.and_then(|answer| read(&answer));
            let records = result.as_ref().ok().and_then(&count);
            call.end(&*self.ledger, outcome_of(&result), records).await?;
            match result {
                Err(GatherError::Status { status: 401, .. }) if !renewed => {
                    renewed = true;
                    token = self.tokens.renew(errand.wanted, &token, deadline).await?;
                }
                Err(GatherError::Status { status: 400, .. }) if !redone => redone = true,
                Err(error) if error.is_transient() && !retried && Instant::now() < deadline => retried = true,
                other => return other,
            }
        }
    }

    async fn send(
        &self,
        message: &Message,
        token: &Bearer,
        deadline: Instant,
    ) -> Result<Answer, GatherError> {
        let unreachable = |source: HttpError| GatherError::Unreachable {
            service: Service::Nvi,
            source,
        };
        let outgoing = message.outgoing().bearer(token.expose()).map_err(unreachable)?;
        let deadline = deadline.min(Instant::now() + self.timeout);
        self.http
            .send(&self.peer, outgoing, deadline)
            .await
            .map_err(unreachable)
    }
}

/// An answer with a status that is not the one that was hoped for.
pub(crate) fn status(answer: &Answer) -> GatherError {
    GatherError::Status {
        service: Service::Nvi,
        status: answer.status,
    }
}
