//! A record system starts the viewer with a patient: SMART App Launch 2.x, EHR launch.
//!
//! Which patient it is about, the record system says, on the back channel and to nobody else; who asks, Dezi says, as
//! always. A launch is used once, in the browser in which it was begun, within ten minutes, and what came of it waits for
//! the person who may ask it. Nothing of it outlives the session. Decision 30.

mod ehr;
mod error;
mod told;

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderValue;
use http::request::Parts;
use samenhang_gather::clock::Random;
use samenhang_gather::http::Http;
use sha2::{Digest, Sha256};
use url::form_urlencoded;

use crate::access::config::EhrConfig;
use crate::access::context::Context;
use crate::access::cookie;
use crate::access::error::AccessError;
use crate::access::gate::{Access, address};
use crate::access::pending::{LIFETIME, Pending};
use crate::access::replay::Seen;
use crate::access::routes::parameter;
use crate::audit::{Activity, Event, EventResult};
use crate::session::{Remembered, SessionId};
use ehr::{Asked, Ehr, Returned};
pub use error::LaunchError;
use told::Told;

/// Where a record system starts the viewer.
pub const LAUNCH: &str = "/viewer/launch";
/// Where the browser comes back to.
pub const CALLBACK: &str = "/viewer/launch/callback";
/// Where what waits is asked.
pub const OPEN: &str = "/viewer/launch/open";
/// Longest value of a parameter, in bytes.
const LONGEST: usize = 2048;

/// A launch that has begun.
struct Begun {
    ehr: usize,
    verifier: String,
    nonce: String,
    browser: String,
}

/// The record systems, and what has begun with them.
pub(super) struct Launches {
    ehrs: Vec<Ehr>,
    redirect_uri: String,
    begun: Pending<Begun>,
    /// By the secret of the browser.
    waiting: Pending<Told>,
    used: Seen,
    random: Arc<dyn Random>,
}

impl Launches {
    pub(super) fn new(
        configs: &[EhrConfig],
        base: &str,
        http: &Http,
        random: Arc<dyn Random>,
    ) -> Result<Self, AccessError> {
        let ehrs: Vec<Ehr> = configs
            .iter()
            .map(|config| Ehr::new(config, http))
            .collect::<Result<_, _>>()?;
        for (place, ehr) in ehrs.iter().enumerate() {
            if ehrs.iter().take(place).any(|other| other.issuer == ehr.issuer) {
                return Err(AccessError::Setting {
                    key: "access.ehrs.issuer",
                    reason: "it is used twice",
                });
            }
        }
        Ok(Launches {
            ehrs,
            redirect_uri: format!("{base}{CALLBACK}"),
            begun: Pending::default(),
            waiting: Pending::default(),
            used: Seen::default(),
            random,
        })
    }

    fn secret(&self) -> String {
        let mut bytes = [0; 32];
        self.random.fill(&mut bytes);
        URL_SAFE_NO_PAD.encode(bytes)
    }
}

/// A place to go to, and the cookies that go along.
pub type Way = (String, Vec<HeaderValue>);

impl Access {
    /// Begins a launch: the record system sent the browser here.
    ///
    /// # Errors
    /// [`AccessError::Launch`], recorded; [`AccessError::Limited`].
    pub async fn launch(&self, parts: &Parts) -> Result<Way, AccessError> {
        self.limit_launches(parts)?;
        let begun = Box::pin(self.begin_launch(parts)).await;
        match begun {
            Ok(way) => Ok(way),
            Err(error) => Err(self.launch_failed(error, parts, None).await),
        }
    }

    async fn begin_launch(&self, parts: &Parts) -> Result<Way, AccessError> {
        let inner = &self.inner;
        let (launches, now) = (&inner.launches, inner.clock.now());
        let query = parts.uri.query();
        let value = |name| parameter(query, name).filter(|value| value.len() <= LONGEST);
        let (iss, launch) = value("iss").zip(value("launch")).ok_or(LaunchError::Stranger)?;
        let place = launches.ehrs.iter().position(|ehr| ehr.issuer == iss);
        let place = place.ok_or(LaunchError::Stranger)?;
        let ehr = launches.ehrs.get(place).ok_or(LaunchError::Stranger)?;
        let name = URL_SAFE_NO_PAD.encode(Sha256::digest(launch.as_bytes()));
        let until = now.as_second() + LIFETIME.as_secs();
        match launches.used.first_time(&iss, &name, until, now) {
            Err(AccessError::Full) => return Err(AccessError::Full),
            Err(_) => return Err(LaunchError::Used.into()),
            Ok(()) => {}
        }
        let (state, browser) = (launches.secret(), launches.secret());
        let (verifier, nonce) = (launches.secret(), launches.secret());
        let asked = Asked {
            launch: &launch,
            redirect_uri: &launches.redirect_uri,
            state: &state,
            nonce: &nonce,
            challenge: &URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes())),
        };
        let location = ehr.authorize(&asked, now).await?;
        let begun = Begun {
            ehr: place,
            verifier,
            nonce,
            browser: browser.clone(),
        };
        launches.begun.put(state, begun, now);
        let cookie = inner.cookies.set(cookie::LAUNCH, &browser, LIFETIME.as_secs());
        Ok((location, cookie.into_iter().collect()))
    }

    /// The browser came back from the record system. What it told waits in this server; a session of somebody else ends.
    ///
    /// # Errors
    /// [`AccessError::Launch`], recorded; [`AccessError::Limited`].
    pub async fn launch_returned(&self, parts: &Parts) -> Result<Way, AccessError> {
        let told = Box::pin(self.told(parts)).await;
        let (told, browser) = match told {
            Ok(told) => told,
            Err(error) => {
                if matches!(error, AccessError::Launch(LaunchError::State)) {
                    self.limit_launches(parts)?;
                }
                return Err(self.launch_failed(error, parts, None).await);
            }
        };
        let inner = &self.inner;
        let mut cookies = Vec::new();
        let session = inner.cookies.read(&parts.headers, cookie::SESSION);
        let live = session.and_then(|token| Some((token, inner.sessions.find(token)?)));
        let mut is_in = inner.is_demo();
        if let Some((token, live)) = live {
            let user = live.context.asker().user.as_ref();
            is_in = told.user_number.is_some() && user.map(|user| &user.number) == told.user_number.as_ref();
            if !is_in {
                // A workplace that somebody else left: whoever comes from the record logs in.
                inner.sessions.end(&SessionId::of_token(token));
                cookies.extend(inner.cookies.set(cookie::SESSION, "", 0));
                let event = Event {
                    asker: Some(Arc::clone(live.context.asker())),
                    from: address(parts),
                    ..Event::new(Activity::Logout)
                };
                inner.log.record(event).await?;
            }
        }
        inner.launches.waiting.put(browser, told, inner.clock.now());
        let next = if is_in {
            OPEN.to_owned()
        } else {
            let page: String = form_urlencoded::byte_serialize(OPEN.as_bytes()).collect();
            format!("/auth/login?return_to={page}")
        };
        Ok((next, cookies))
    }

    async fn told(&self, parts: &Parts) -> Result<(Told, String), AccessError> {
        let inner = &self.inner;
        let (launches, now) = (&inner.launches, inner.clock.now());
        let query = parts.uri.query();
        let state = parameter(query, "state").unwrap_or_default();
        // Whatever comes of it, a launch is tried once.
        let begun = launches.begun.take(&state, now).ok_or(LaunchError::State)?;
        let browser = inner.cookies.read(&parts.headers, cookie::LAUNCH);
        if browser != Some(begun.browser.as_str()) {
            return Err(LaunchError::State.into());
        }
        let code = parameter(query, "code").filter(|_| parameter(query, "error").is_none());
        let code = code.ok_or(LaunchError::Refused)?;
        let ehr = launches.ehrs.get(begun.ehr).ok_or(LaunchError::Stranger)?;
        let returned = Returned {
            code: &code,
            redirect_uri: &launches.redirect_uri,
            verifier: &begun.verifier,
            nonce: &begun.nonce,
        };
        let told = ehr.redeem(&returned, &*launches.random, now).await?;
        Ok((told, begun.browser))
    }

    /// The question of the launch that waits for this browser, for the person who has logged in; once.
    ///
    /// # Errors
    /// [`AccessError::Launch`], recorded.
    pub async fn launched(&self, context: &Context, parts: &Parts) -> Result<Remembered, AccessError> {
        let inner = &self.inner;
        let browser = inner.cookies.read(&parts.headers, cookie::LAUNCH);
        let told = browser.and_then(|browser| inner.launches.waiting.take(browser, inner.clock.now()));
        let Some(told) = told else {
            return Err(self
                .launch_failed(LaunchError::Used.into(), parts, Some(context))
                .await);
        };
        let user = context.asker().user.as_ref().map(|user| &user.number);
        if told.user_number.is_some() && told.user_number.as_ref() != user {
            return Err(self
                .launch_failed(LaunchError::OtherPerson.into(), parts, Some(context))
                .await);
        }
        let event = Event {
            asker: Some(Arc::clone(context.asker())),
            from: address(parts),
            patient: Some(told.patient.clone()),
            purpose: Some(told.purpose),
            ..Event::new(Activity::Launch)
        };
        let event = event.detail("ehr", told.issuer).detail("ehr-user", told.user);
        // Which record it came from is on disk before anything is asked.
        inner.log.record(event).await?;
        Ok(Remembered {
            patient: told.patient,
            purpose: told.purpose,
            birth_date: told.birth_date,
        })
    }

    /// The cookie of a launch goes.
    #[must_use]
    pub fn launch_over(&self) -> Option<HeaderValue> {
        self.inner.cookies.set(cookie::LAUNCH, "", 0)
    }

    /// Who knocks at random fills no log and asks no record system.
    fn limit_launches(&self, parts: &Parts) -> Result<(), AccessError> {
        let from = address(parts).unwrap_or_default();
        let (limiter, now) = (&self.inner.limiter, self.inner.clock.now());
        limiter
            .take_key("launch".to_owned(), from, now)
            .map_err(AccessError::Limited)
    }

    /// Records that a launch failed.
    async fn launch_failed(
        &self,
        error: AccessError,
        parts: &Parts,
        context: Option<&Context>,
    ) -> AccessError {
        let AccessError::Launch(cause) = &error else {
            return error;
        };
        let reason = cause.reason();
        tracing::warn!(code = error.code(), fault = reason, "a launch failed");
        let event = Event {
            asker: context.map(|context| Arc::clone(context.asker())),
            from: address(parts),
            ..Event::new(Activity::Launch).ended(EventResult::Refused(reason))
        };
        match self.inner.log.record(event).await {
            Ok(_) => error,
            Err(unrecorded) => unrecorded.into(),
        }
    }
}
