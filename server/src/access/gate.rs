//! The gate: a request becomes a [`Context`], a question becomes an authorised query, or nothing happens.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::ConnectInfo;
use http::header::{AUTHORIZATION, ORIGIN};
use http::request::Parts;
use http::{HeaderMap, Method};
use jiff::SignedDuration;
use samenhang_gather::clock::{Clock, Random};
use samenhang_gather::http::Http;
use samenhang_gather::ledger::{LedgerClosed, Recording};
use samenhang_gather::query::{AccessPolicy, Asked, Asker, Authorised, Query, Question};
use samenhang_profiles::Ura;

use crate::access::config::{AccessConfig, frame_origins};
use crate::access::context::{Context, Kind};
use crate::access::cookie::{self, Cookies};
use crate::access::dezi::{Dezi, LoginError, Organisation};
use crate::access::error::AccessError;
use crate::access::introspection::Introspection;
use crate::access::launch::Launches;
use crate::access::policy::Policy;
use crate::access::rate::Limiter;
use crate::access::systems::Systems;
use crate::audit::{ASKED_BY, Activity, Event, EventResult, Log, PATIENT};
use crate::session::{Live, Sessions};

/// How long a login is trusted before Dezi is asked again whether it was withdrawn.
const STATUS_LASTS: SignedDuration = SignedDuration::from_mins(5);

/// What the gate is made of.
pub struct AccessParts {
    /// Address under which browsers and systems know this server, without a trailing slash.
    pub base: String,
    /// Our URA, for which people log in.
    pub organisation: Ura,
    /// Our name.
    pub organisation_name: String,
    /// Our type, for example `V6` or `Z3`.
    pub organisation_type: String,
    /// The way out, for Dezi.
    pub http: Http,
    /// The audit log.
    pub log: Log,
    /// The viewer sessions.
    pub sessions: Arc<Sessions>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub random: Arc<dyn Random>,
}

/// The gate. Cheap to clone.
#[derive(Clone)]
pub struct Access {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    pub base: String,
    pub cookies: Cookies,
    pub policy: Policy,
    pub dezi: Option<Dezi>,
    pub systems: Systems,
    pub introspection: Option<Introspection>,
    pub launches: Launches,
    frame_origins: Vec<String>,
    pub limiter: Limiter,
    pub sessions: Arc<Sessions>,
    pub log: Log,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    demo: Option<Context>,
}

/// Where a question came from, for the audit log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// The network address.
    pub from: Option<String>,
    /// The id that the asker gave its request, in characters that are safe to repeat.
    pub request_id: Option<String>,
}

impl Inner {
    /// Whether this is the demonstration.
    pub(super) fn is_demo(&self) -> bool {
        self.demo.is_some()
    }
}

impl Access {
    /// Builds the gate.
    ///
    /// # Errors
    /// [`AccessError`]: a policy, key or address cannot be used. Nothing is skipped.
    pub fn new(config: &AccessConfig, parts: AccessParts) -> Result<Self, AccessError> {
        Access::build(config, parts, None)
    }

    /// Builds the gate of the demonstration: who brings nothing is the demonstration's own user. For the command
    /// `demo` only, on loopback only, for synthetic patients only.
    ///
    /// # Errors
    /// As [`Access::new`]; also when the context is not a demonstration's or the server is not on loopback.
    pub fn for_demo(
        config: &AccessConfig,
        parts: AccessParts,
        context: Context,
    ) -> Result<Self, AccessError> {
        if context.kind() != Kind::Demo || !is_loopback(&parts.base) {
            return Err(AccessError::Setting {
                key: "server.listen",
                reason: "a demonstration runs on loopback",
            });
        }
        Access::build(config, parts, Some(context))
    }

    fn build(config: &AccessConfig, parts: AccessParts, demo: Option<Context>) -> Result<Self, AccessError> {
        let base = parts.base.trim_end_matches('/').to_owned();
        let policy = match &config.policy_file {
            Some(path) => Policy::read(path)?,
            None => Policy::embedded()?,
        };
        let frame_origins = frame_origins(&config.ehrs)?;
        let launch_http = parts.http.clone();
        let organisation = Organisation {
            ura: parts.organisation,
            name: parts.organisation_name,
            kind: parts.organisation_type,
        };
        let dezi = config
            .dezi
            .as_ref()
            .map(|dezi| {
                let (http, random) = (parts.http.clone(), Arc::clone(&parts.random));
                Dezi::new(dezi, organisation, &base, http, random)
            })
            .transpose()?;
        let introspection = config
            .patient_tokens
            .as_ref()
            .map(|tokens| Introspection::new(tokens, &base, parts.http, Arc::clone(&parts.random)))
            .transpose()?;
        let inner = Inner {
            // A session cookie travels over TLS, or within this machine.
            cookies: Cookies {
                secure: !is_loopback(&base),
                framed: !frame_origins.is_empty(),
            },
            policy,
            dezi,
            systems: Systems::new(&config.clients, format!("{base}/oauth/token"))?,
            introspection,
            launches: Launches::new(&config.ehrs, &base, &launch_http, Arc::clone(&parts.random))?,
            frame_origins,
            limiter: Limiter::new(config.rate),
            sessions: parts.sessions,
            log: parts.log,
            clock: parts.clock,
            random: parts.random,
            base,
            demo,
        };
        Ok(Access {
            inner: Arc::new(inner),
        })
    }

    /// The viewer sessions, with the answers that are kept in them.
    #[must_use]
    pub fn sessions(&self) -> &Arc<Sessions> {
        &self.inner.sessions
    }

    /// The origins of record systems that may show our pages in a frame.
    #[must_use]
    pub fn frame_origins(&self) -> &[String] {
        &self.inner.frame_origins
    }

    /// The access policy.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.inner.policy
    }

    /// Finds out who asks.
    ///
    /// A request carries either an access token or a session cookie. With a cookie, a request that changes or asks
    /// something (anything but GET and HEAD) must come from a page of this server.
    ///
    /// # Errors
    /// [`AccessError`]: the request goes no further.
    pub async fn authenticate(&self, parts: &Parts) -> Result<Context, AccessError> {
        let inner = &self.inner;
        let cookie = inner.cookies.read(&parts.headers, cookie::SESSION);
        match (bearer(&parts.headers)?, cookie) {
            (Some(_), Some(_)) => Err(AccessError::Ambiguous),
            (Some(token), None) => self.bearer_of(token, parts).await,
            (None, Some(token)) => {
                let live = inner.sessions.find(token).ok_or(AccessError::Session)?;
                self.check_same_site(&parts.method, &parts.headers)?;
                self.check_login(live, address(parts)).await
            }
            (None, None) => self.demo(parts),
        }
    }

    /// Who brings a token: one of ours, one of the demonstration for a patient, or one of the server that issues tokens
    /// for patients.
    pub(super) async fn bearer_of(&self, token: &str, parts: &Parts) -> Result<Context, AccessError> {
        let inner = &self.inner;
        let now = inner.clock.now();
        let own = inner.systems.find(token, now);
        let own = own.or_else(|| self.demo(parts).ok()?.bound(token));
        match (own, &inner.introspection) {
            (Some(context), _) => Ok(context),
            (None, Some(server)) => server.find(token, now).await?.ok_or(AccessError::Token),
            (None, None) => Err(AccessError::Token),
        }
    }

    /// The demonstration's own user, for a request from this machine.
    pub(super) fn demo(&self, parts: &Parts) -> Result<Context, AccessError> {
        let demo = self.inner.demo.as_ref().ok_or(AccessError::Anonymous)?;
        self.check_same_site(&parts.method, &parts.headers)?;
        match parts.extensions.get::<ConnectInfo<SocketAddr>>() {
            Some(ConnectInfo(from)) if !from.ip().is_loopback() => Err(AccessError::Anonymous),
            _ => Ok(demo.clone()),
        }
    }

    /// A request with a cookie that does more than read must come from a page of this server: browsers say so.
    pub(super) fn check_same_site(&self, method: &Method, headers: &HeaderMap) -> Result<(), AccessError> {
        if matches!(*method, Method::GET | Method::HEAD) {
            return Ok(());
        }
        self.check_origin(headers)
    }

    /// For a GET that asks a question, such as an event stream: it must come from a page of this server, because a
    /// question leaves traces at others that the patient sees.
    ///
    /// # Errors
    /// [`AccessError::CrossSite`].
    pub fn require_own_page(&self, parts: &Parts) -> Result<(), AccessError> {
        self.check_origin(&parts.headers)
    }

    fn check_origin(&self, headers: &HeaderMap) -> Result<(), AccessError> {
        let text = |name: &str| {
            headers
                .get(name)
                .map(|value| value.to_str().unwrap_or("unreadable"))
        };
        let site = text("sec-fetch-site");
        if site.is_some_and(|site| site != "same-origin" && site != "none") {
            return Err(AccessError::CrossSite);
        }
        match text(ORIGIN.as_str()) {
            Some(origin) if self.is_own(origin) => Ok(()),
            // Our pages tell nobody where a reader comes from, so that a browser that posts a form of theirs leaves the
            // origin out. It says which site the form was of, and no page can say that itself.
            Some("null") if site == Some("same-origin") => Ok(()),
            Some(_) => Err(AccessError::CrossSite),
            // The demonstration has no cookie that another site could make use of.
            None if site.is_some() || self.inner.demo.is_some() => Ok(()),
            None => Err(AccessError::CrossSite),
        }
    }

    /// Whether an origin is this server. On this machine its names for itself are one and the same.
    fn is_own(&self, origin: &str) -> bool {
        let port = |address: &str| {
            url::Url::parse(address)
                .ok()
                .and_then(|url| url.port_or_known_default())
        };
        let base = self.inner.base.as_str();
        origin == base || (is_loopback(base) && is_loopback(origin) && port(origin) == port(base))
    }

    /// Asks Dezi again, now and then, whether the login was withdrawn. Without an answer nobody gets in (P6).
    async fn check_login(&self, live: Live, from: Option<String>) -> Result<Context, AccessError> {
        let inner = &self.inner;
        let (Some(dezi), Some(status)) = (&inner.dezi, &live.status_address) else {
            return Ok(live.context);
        };
        let Some(id) = live.context.session() else {
            return Err(AccessError::Session);
        };
        if inner.clock.now().duration_since(live.checked) < STATUS_LASTS {
            return Ok(live.context);
        }
        match dezi.check_status(status).await {
            Ok(()) => {
                inner.sessions.checked(id);
                Ok(live.context)
            }
            Err(error) => {
                if error == LoginError::Withdrawn {
                    inner.sessions.end(id);
                }
                let event = Event {
                    asker: Some(Arc::clone(live.context.asker())),
                    from,
                    ..Event::new(Activity::Logout).ended(EventResult::Refused(error.reason()))
                };
                inner.log.record(event).await?;
                Err(error.into())
            }
        }
    }

    /// Takes one request out of the asker's bucket.
    ///
    /// # Errors
    /// [`AccessError::Limited`].
    pub fn admit(&self, context: &Context) -> Result<(), AccessError> {
        let Some(bucket) = context.bucket() else {
            return self.admit_asker(context.asker());
        };
        let (limiter, now) = (&self.inner.limiter, self.inner.clock.now());
        limiter
            .take_key(context.asker().client_id.clone(), bucket.to_owned(), now)
            .map_err(AccessError::Limited)
    }

    /// Takes one request out of the bucket of somebody whom another authorization server vouches for.
    ///
    /// # Errors
    /// [`AccessError::Limited`].
    pub fn admit_asker(&self, asker: &Asker) -> Result<(), AccessError> {
        self.inner
            .limiter
            .take(asker, self.inner.clock.now())
            .map_err(AccessError::Limited)
    }

    /// Puts a question to the policy. A refusal is in the audit log when this returns; when the question may be asked,
    /// it and the decision are there when the recording says so.
    ///
    /// # Errors
    /// [`AccessError`]: the question may not be asked, is someone else's, or could not be recorded.
    pub async fn authorise(
        &self,
        context: &Context,
        question: Question,
        origin: Origin,
    ) -> Result<(Query<Authorised>, Recording), AccessError> {
        let inner = &self.inner;
        let Origin { from, request_id } = origin;
        if question.asker != *context.asker() {
            return Err(AccessError::Ambiguous);
        }
        let told = |event: Event| match context.is_of(&question.patient) {
            true => event.detail(ASKED_BY, PATIENT),
            false => event,
        };
        let asked = Event {
            from: from.clone(),
            request_id: request_id.clone(),
            ..told(Event::about(Activity::Question, &question))
        };
        // Durable with the decision, which comes after it.
        inner.log.note(asked).await?;
        let decided = context.may_name(&question.patient).and_then(|()| {
            let query: Query<Asked> = Query::new(question.clone());
            query
                .authorise(&inner.policy as &dyn AccessPolicy)
                .map_err(AccessError::from)
        });
        let event = match &decided {
            Ok(query) => Event::allowed(&question, query.grant()),
            Err(AccessError::Refused(refusal)) => Event::denied(&question, refusal),
            Err(AccessError::OtherPatient) => Event::about(Activity::Decision, &question)
                .ended(EventResult::Refused("another patient than that of the token")),
            Err(_) => Event::about(Activity::Decision, &question).ended(EventResult::Refused(
                "outside the test range of the demonstration",
            )),
        };
        let event = Event {
            from,
            request_id,
            ..told(event)
        };
        let record = inner.log.submit(event).await?;
        match decided {
            Ok(query) => {
                let durable = async move { record.durable().await.map(drop).map_err(|_| LedgerClosed) };
                Ok((query, Recording::new(durable)))
            }
            Err(refused) => {
                record.durable().await?;
                Err(refused)
            }
        }
    }
}

/// The bearer token of a request, if it has one. Another scheme, or two headers, is no token and not nothing.
fn bearer(headers: &HeaderMap) -> Result<Option<&str>, AccessError> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(AccessError::Token);
    }
    let (scheme, token) = value
        .to_str()
        .ok()
        .and_then(|value| value.split_once(' '))
        .ok_or(AccessError::Token)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(AccessError::Token);
    }
    Ok(Some(token))
}

/// The address that a request came from.
pub(super) fn address(parts: &Parts) -> Option<String> {
    parts
        .extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map(|ConnectInfo(from)| from.ip().to_string())
}

/// Whether an address is on this machine.
fn is_loopback(base: &str) -> bool {
    url::Url::parse(base).is_ok_and(|url| match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    })
}
