//! The calls to Dezi: tokens, userinfo, keys and status. Every address was configured.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use http::header::CONTENT_TYPE;
use jiff::{SignedDuration, Timestamp};
use samenhang_gather::http::{Answer, Http, Outgoing, Peer, Target};
use serde::Deserialize;
use tokio::time::{Duration, Instant};
use url::form_urlencoded;

use super::error::LoginError;
use crate::access::config::DeziConfig;
use crate::access::error::AccessError;
use crate::access::keys::KeySet;

/// How long one call may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// Longest answer, in bytes.
const LONGEST: usize = 128 << 10;
/// How long keys are used before they are fetched again.
const KEYS_LAST: SignedDuration = SignedDuration::from_mins(15);
/// How often keys are fetched at most because one was missing: a forged key id must not become a flood.
const KEYS_AGAIN: SignedDuration = SignedDuration::from_secs(60);

type Fetched = (Timestamp, Arc<KeySet>);

/// Dezi, as it is reached.
pub(super) struct Remote {
    http: Http,
    issuer: Peer,
    keys: HashMap<String, Peer>,
    statuses: Vec<Peer>,
    fetched: Mutex<HashMap<String, Fetched>>,
}

/// The answer of the token endpoint, as far as it is used.
#[derive(Deserialize)]
pub(super) struct Tokens {
    pub access_token: String,
    pub id_token: String,
}

#[derive(Deserialize)]
struct Status {
    valid: Option<bool>,
    status: Option<String>,
}

impl Remote {
    pub(super) fn new(config: &DeziConfig, http: Http) -> Result<Self, AccessError> {
        let pin = |key: &'static str, address: &str| {
            http.peer(address)
                .map_err(|reason| AccessError::Address { key, reason })
        };
        let issuer = pin("access.dezi.issuer", &config.issuer)?;
        let keys = config
            .key_addresses
            .iter()
            .map(|address| Ok((address.clone(), pin("access.dezi.key_addresses", address)?)))
            .collect::<Result<_, AccessError>>()?;
        let statuses = config
            .status_addresses
            .iter()
            .map(|address| pin("access.dezi.status_addresses", address))
            .collect::<Result<_, AccessError>>()?;
        Ok(Remote {
            http,
            issuer,
            keys,
            statuses,
            fetched: Mutex::new(HashMap::new()),
        })
    }

    pub(super) fn issuer(&self) -> &Peer {
        &self.issuer
    }

    async fn send(&self, peer: &Peer, outgoing: Outgoing<'_>) -> Result<Answer, LoginError> {
        Box::pin(
            self.http
                .send(peer, outgoing.at_most(LONGEST), Instant::now() + PATIENCE),
        )
        .await
        .map_err(LoginError::Remote)
    }

    /// Exchanges a code for tokens.
    pub(super) async fn tokens(
        &self,
        client_id: &str,
        redirect_uri: &str,
        code: &str,
        verifier: &str,
    ) -> Result<Tokens, LoginError> {
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "authorization_code")
            .append_pair("client_id", client_id)
            .append_pair("redirect_uri", redirect_uri)
            .append_pair("code", code)
            .append_pair("code_verifier", verifier)
            .finish();
        let outgoing = Outgoing::post(Target::Path("token"), "application/x-www-form-urlencoded", form)
            .accept("application/json");
        let answer = self.send(&self.issuer, outgoing).await?;
        if !answer.is_success() {
            return Err(LoginError::Refused);
        }
        serde_json::from_slice(&answer.body).map_err(|_| LoginError::Answer("it has no tokens"))
    }

    /// The answer of `/userinfo`, as text.
    pub(super) async fn userinfo(&self, access_token: &str) -> Result<String, LoginError> {
        let outgoing = Outgoing::get(Target::Path("userinfo"))
            .accept("application/jwt")
            .bearer(access_token)
            .map_err(LoginError::Remote)?;
        let answer = self.send(&self.issuer, outgoing).await?;
        if !answer.is_success() {
            return Err(LoginError::Refused);
        }
        if answer
            .headers
            .get(CONTENT_TYPE)
            .is_some_and(|value| value == "application/json")
        {
            return Err(LoginError::Answer("it is not signed"));
        }
        String::from_utf8(answer.body.to_vec()).map_err(|_| LoginError::Answer("it is not text"))
    }

    /// The keys at a configured address.
    pub(super) async fn keys(
        &self,
        address: &str,
        now: Timestamp,
        again: bool,
    ) -> Result<Arc<KeySet>, LoginError> {
        let lasts = if again { KEYS_AGAIN } else { KEYS_LAST };
        let known = self
            .fetched
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(address)
            .cloned();
        if let Some((at, keys)) = known
            && now.duration_since(at) < lasts
        {
            return Ok(keys);
        }
        let peer = self.keys.get(address).ok_or(LoginError::Declaration(
            "its keys are at an address that is not on the list",
        ))?;
        let answer = self
            .send(peer, Outgoing::get(Target::Path("")).accept("application/json"))
            .await?;
        if !answer.is_success() {
            return Err(LoginError::Answer("its keys cannot be fetched"));
        }
        let keys = KeySet::read(&answer.body).map_err(|_| LoginError::Answer("its keys cannot be read"))?;
        let keys = Arc::new(keys);
        self.fetched
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(address.to_owned(), (now, Arc::clone(&keys)));
        Ok(keys)
    }

    /// Asks whether a declaration still holds. Everything but a clear yes is a no.
    pub(super) async fn check_status(&self, address: &str) -> Result<(), LoginError> {
        // The address is the declaration's: it is followed only within a configured one.
        let peer = self
            .statuses
            .iter()
            .find(|peer| address.contains("://") && peer.resolve(Target::Link(address)).is_ok())
            .ok_or(LoginError::Declaration(
                "its status is at an address that is not on the list",
            ))?;
        let outgoing = Outgoing::get(Target::Link(address)).accept("application/json");
        let answer = self
            .send(peer, outgoing)
            .await
            .map_err(|_| LoginError::StatusUnknown)?;
        match answer.status {
            200 => {}
            404 | 410 => return Err(LoginError::Withdrawn),
            _ => return Err(LoginError::StatusUnknown),
        }
        let status: Status = serde_json::from_slice(&answer.body).map_err(|_| LoginError::StatusUnknown)?;
        match (status.valid, status.status.as_deref()) {
            (Some(false), _) | (_, Some("revoked" | "suspended" | "withdrawn")) => Err(LoginError::Withdrawn),
            (Some(true), None | Some("valid" | "active")) | (None, Some("valid" | "active")) => Ok(()),
            _ => Err(LoginError::StatusUnknown),
        }
    }
}
