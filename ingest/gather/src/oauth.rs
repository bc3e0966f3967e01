//! Tokens of the OAuth server of the generic functions, for the pseudonym service and the referral index.
//!
//! One token per scope, organisation and audience, kept until shortly before it expires, fetched by one call at a time
//! and renewed once when a service refuses it. Generation C identifies us by the client certificate alone; generation
//! B by an assertion signed with its key (section 1.6). Tokens of holders are not made here.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use samenhang_profiles::Ura;
use serde::Deserialize;
use tokio::time::Instant;
use url::form_urlencoded;
use zeroize::Zeroizing;

use crate::clock::{Clock, Random};
use crate::config::{Generation, IndexServices, OwnOrganisation};
use crate::error::{GatherError, Service};
use crate::http::{Answer, Http, Outgoing, Peer, Target, TlsMaterial};

mod assertion;

use assertion::AssertionKey;

/// How long before its expiry a token is no longer used, in seconds.
const MARGIN_S: i64 = 30;
/// Bytes of a token, and of the answer that it comes in.
const MAX_TOKEN: usize = 16 << 10;
const MAX_ANSWER: usize = 64 << 10;

/// What a token is for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Wanted {
    /// Scope, for example `nvi:localize`.
    pub scope: &'static str,
    /// Our number at the audience: URA at the referral index, OIN at the pseudonym service.
    pub organisation: String,
    /// Address of the service.
    pub audience: String,
    /// The device that asks, as it is registered at the referral index.
    pub source_id: String,
}

/// A token. No `Debug`.
pub struct Bearer {
    token: Zeroizing<String>,
    expires_at: Timestamp,
}

impl Bearer {
    /// The token, for an `Authorization` header.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.token
    }
}

type Slot = Arc<tokio::sync::Mutex<Option<Arc<Bearer>>>>;

/// The key that signs assertions, which follows the certificate that it belongs to.
struct Assertions {
    file: Option<PathBuf>,
    /// The key, and how often certificates had been renewed when it was read.
    current: Mutex<(u64, Arc<AssertionKey>)>,
}

impl Assertions {
    fn current(&self, http: &Http) -> Result<Arc<AssertionKey>, GatherError> {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        let renewals = http.renewals();
        if current.0 != renewals {
            let key = AssertionKey::new(self.file.as_deref(), &http.material())?;
            *current = (renewals, Arc::new(key));
        }
        Ok(Arc::clone(&current.1))
    }
}

/// Keeps and renews tokens.
pub struct NationalTokens {
    http: Http,
    peer: Peer,
    generation: Generation,
    own: OwnOrganisation,
    timeout: Duration,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    assertion: Option<Assertions>,
    slots: Mutex<HashMap<Wanted, Slot>>,
}

#[derive(Deserialize)]
struct TokenAnswer {
    access_token: String,
    #[serde(default)]
    token_type: Option<String>,
    #[serde(default)]
    expires_in: Option<u32>,
}

impl NationalTokens {
    /// Sets up for one OAuth server.
    ///
    /// # Errors
    /// [`GatherError`] when the address, or in generation B the certificate or key, cannot be used.
    pub fn new(
        http: Http,
        config: IndexServices<'_>,
        own: &OwnOrganisation,
        material: &TlsMaterial,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Result<Self, GatherError> {
        let peer = pin(&http, &config.oauth.token_url, Service::OAuth)?;
        let assertion = match config.generation {
            Generation::B => {
                let file = config.oauth.assertion_key_file.clone();
                let key = AssertionKey::new(file.as_deref(), material)?;
                Some(Assertions {
                    current: Mutex::new((http.renewals(), Arc::new(key))),
                    file,
                })
            }
            Generation::C => None,
        };
        Ok(NationalTokens {
            http,
            peer,
            generation: config.generation,
            own: own.clone(),
            timeout: Duration::from_millis(config.oauth.timeout_ms),
            clock,
            random,
            assertion,
            slots: Mutex::default(),
        })
    }

    /// What a token for the pseudonym service is.
    #[must_use]
    pub fn for_prs(&self, audience: String) -> Wanted {
        Wanted {
            scope: "prs:read",
            organisation: self.own.oin.clone(),
            audience,
            source_id: self.own.source_id.clone(),
        }
    }

    /// What a token for localising at the referral index is.
    #[must_use]
    pub fn for_localising(&self, audience: String) -> Wanted {
        Wanted {
            scope: match self.generation {
                Generation::B => "epd:read",
                Generation::C => "nvi:localize",
            },
            organisation: self.own.ura.to_string(),
            audience,
            source_id: self.own.source_id.clone(),
        }
    }

    /// What a token for changing a holder's registrations of one device is. `removes` tells taking away from adding.
    #[must_use]
    pub fn for_registering(&self, audience: String, holder: &Ura, device: &str, removes: bool) -> Wanted {
        Wanted {
            scope: match (self.generation, removes) {
                (Generation::B, _) => "epd:write",
                (Generation::C, false) => "nvi:create",
                (Generation::C, true) => "nvi:delete",
            },
            organisation: holder.to_string(),
            audience,
            source_id: device.to_owned(),
        }
    }

    /// A token that still holds for a while: the kept one, or a new one.
    ///
    /// # Errors
    /// [`GatherError`] when the OAuth server gives none.
    pub async fn token(&self, wanted: &Wanted, deadline: Instant) -> Result<Arc<Bearer>, GatherError> {
        self.obtain(wanted, None, deadline).await
    }

    /// Another token than the one that a service has just refused.
    ///
    /// # Errors
    /// [`GatherError`] when the OAuth server gives none.
    pub async fn renew(
        &self,
        wanted: &Wanted,
        refused: &Arc<Bearer>,
        deadline: Instant,
    ) -> Result<Arc<Bearer>, GatherError> {
        self.obtain(wanted, Some(refused), deadline).await
    }

    async fn obtain(
        &self,
        wanted: &Wanted,
        refused: Option<&Arc<Bearer>>,
        deadline: Instant,
    ) -> Result<Arc<Bearer>, GatherError> {
        let slot = {
            let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(slots.entry(wanted.clone()).or_default())
        };
        // One call at a time: who waits here finds the token of who came first.
        let mut kept = tokio::time::timeout_at(deadline, slot.lock())
            .await
            .map_err(|_| GatherError::Deadline)?;
        let limit = self
            .clock
            .now()
            .saturating_add(SignedDuration::from_secs(MARGIN_S))
            .unwrap_or(Timestamp::MAX);
        if let Some(bearer) = &*kept
            && bearer.expires_at > limit
            && refused.is_none_or(|refused| !Arc::ptr_eq(refused, bearer))
        {
            return Ok(Arc::clone(bearer));
        }
        *kept = None;
        let bearer = match self.fetch(wanted, deadline).await {
            Err(error) if error.is_transient() => self.fetch(wanted, deadline).await?,
            other => other?,
        };
        let bearer = Arc::new(bearer);
        *kept = Some(Arc::clone(&bearer));
        Ok(bearer)
    }

    async fn fetch(&self, wanted: &Wanted, deadline: Instant) -> Result<Bearer, GatherError> {
        let form = self.form(wanted)?;
        let outgoing = Outgoing::post(Target::Path(""), "application/x-www-form-urlencoded", form)
            .accept("application/json")
            .at_most(MAX_ANSWER);
        let asked_at = self.clock.now();
        let deadline = deadline.min(Instant::now() + self.timeout);
        let answer = self
            .http
            .send(&self.peer, outgoing, deadline)
            .await
            .map_err(|source| GatherError::Unreachable {
                service: Service::OAuth,
                source,
            })?;
        read_token(&answer, asked_at)
    }

    fn form(&self, wanted: &Wanted) -> Result<String, GatherError> {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "client_credentials")
            .append_pair("scope", wanted.scope)
            .append_pair("target_audience", &wanted.audience);
        if let Some(key) = &self.assertion {
            let assertion = key.current(&self.http)?.sign(
                wanted,
                &self.own.ura,
                self.peer.base(),
                &*self.clock,
                &*self.random,
            )?;
            form.append_pair(
                "client_assertion_type",
                "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            )
            .append_pair("client_assertion", &assertion);
        } else {
            form.append_pair("organization_id", &wanted.organisation)
                .append_pair("source_id", &wanted.source_id);
        }
        Ok(form.finish())
    }
}

fn read_token(answer: &Answer, asked_at: Timestamp) -> Result<Bearer, GatherError> {
    let wrong = |what| GatherError::Answer {
        service: Service::OAuth,
        what,
    };
    if !answer.is_success() {
        return Err(GatherError::Status {
            service: Service::OAuth,
            status: answer.status,
        });
    }
    let read: TokenAnswer =
        serde_json::from_slice(&answer.body).map_err(|_| wrong("it is not a token answer"))?;
    if read.access_token.is_empty() || read.access_token.len() > MAX_TOKEN {
        return Err(wrong("the token has no usable length"));
    }
    if !read.access_token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(wrong("the token has characters that a header cannot carry"));
    }
    if read
        .token_type
        .is_some_and(|kind| !kind.eq_ignore_ascii_case("bearer"))
    {
        return Err(wrong("the token is not a bearer token"));
    }
    let holds = SignedDuration::from_secs(i64::from(read.expires_in.unwrap_or(600)));
    Ok(Bearer {
        token: Zeroizing::new(read.access_token),
        expires_at: asked_at.saturating_add(holds).unwrap_or(asked_at),
    })
}

/// Pins the configured address of a service.
pub(crate) fn pin(http: &Http, address: &str, service: Service) -> Result<Peer, GatherError> {
    http.peer(address)
        .map_err(|source| GatherError::Unreachable { service, source })
}

#[cfg(test)]
mod tests;
