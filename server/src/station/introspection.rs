//! A token of the holder's own authorization server, asked about where it was issued (RFC 7662), as Nuts nodes and GFI-006
//! have it.
//!
//! Nothing is kept: a token that is withdrawn is withdrawn at once. A token that is bound to a key is refused, because its
//! proof cannot be checked here; so is one without an expiry.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use samenhang_gather::http::{Http, HttpError, Outgoing, Peer, Target};
use samenhang_gather::query::{Asker, User};
use serde::Deserialize;
use tokio::time::Instant;
use url::form_urlencoded;
use zeroize::Zeroizing;

use super::config::IntrospectionConfig;
use crate::access::AccessError;

/// Bytes of an answer.
const MAX_ANSWER: usize = 256 << 10;
/// Bytes of a token.
const MAX_TOKEN: usize = 16 << 10;

/// An authorization server whose tokens are taken.
pub(super) struct Introspection {
    http: Http,
    peer: Peer,
    audience: String,
    scope: String,
    timeout: Duration,
}

/// What is used of an answer.
#[derive(Deserialize)]
struct Said {
    #[serde(default)]
    active: bool,
    iss: Option<String>,
    aud: Option<Audience>,
    client_id: Option<String>,
    #[serde(default)]
    scope: String,
    exp: Option<i64>,
    organization_ura: Option<String>,
    organization_name: Option<String>,
    organization_type: Option<String>,
    user_id: Option<String>,
    user_role: Option<String>,
    user_name: Option<String>,
    cnf: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl Audience {
    fn holds(&self, wanted: &str) -> bool {
        match self {
            Audience::One(one) => one == wanted,
            Audience::Several(several) => several.iter().any(|one| one == wanted),
        }
    }
}

impl Introspection {
    pub(super) fn new(http: Http, config: &IntrospectionConfig) -> Result<Self, HttpError> {
        Ok(Introspection {
            peer: http.peer(&config.url)?,
            http,
            audience: config.audience.clone(),
            scope: config.scope.clone(),
            timeout: Duration::from_millis(config.timeout_ms),
        })
    }

    /// Who a token stands for.
    ///
    /// # Errors
    /// [`AccessError`]: nobody, somebody else's data, or it could not be found out.
    pub(super) async fn ask(&self, token: &str, now: Timestamp) -> Result<Arc<Asker>, AccessError> {
        if token.is_empty() || token.len() > MAX_TOKEN {
            return Err(AccessError::Token);
        }
        let form = Zeroizing::new(
            form_urlencoded::Serializer::new(String::new())
                .append_pair("token", token)
                .finish(),
        );
        let outgoing = Outgoing::post(
            Target::Path(""),
            "application/x-www-form-urlencoded",
            form.as_bytes().to_vec(),
        )
        .accept("application/json")
        .at_most(MAX_ANSWER);
        let answer = self
            .http
            .send(&self.peer, outgoing, Instant::now() + self.timeout)
            .await;
        let answer = match answer {
            Ok(answer) if answer.status == 200 => answer,
            // Who cannot be asked vouches for nobody.
            _ => {
                tracing::warn!(code = "SAM-ACC-003", "the introspection endpoint did not answer");
                return Err(AccessError::Token);
            }
        };
        let said: Said = serde_json::from_slice(&answer.body).map_err(|_| AccessError::Token)?;
        self.judge(said, now)
    }

    fn judge(&self, said: Said, now: Timestamp) -> Result<Arc<Asker>, AccessError> {
        let is_ours = match (&said.aud, &said.iss) {
            (Some(audience), _) => audience.holds(&self.audience),
            (None, issuer) => issuer.as_deref() == Some(&*self.audience),
        };
        let holds = said.exp.is_some_and(|expires| expires > now.as_second());
        if !said.active || !is_ours || !holds || said.cnf.is_some() {
            return Err(AccessError::Token);
        }
        if !said
            .scope
            .split_ascii_whitespace()
            .any(|scope| scope == self.scope)
        {
            return Err(AccessError::Scope("the scope of the source"));
        }
        let organisation = said
            .organization_ura
            .and_then(|ura| ura.parse().ok())
            .ok_or(AccessError::Token)?;
        let user = said
            .user_id
            .filter(|number| !number.is_empty())
            .map(|number| User {
                number,
                role: said.user_role.unwrap_or_default(),
                name: said.user_name.unwrap_or_default(),
                declaration: None,
            });
        Ok(Arc::new(Asker {
            organisation,
            organisation_name: said.organization_name.unwrap_or_default(),
            organisation_type: said.organization_type.unwrap_or_default(),
            client_id: said.client_id.unwrap_or_default(),
            user,
            responsible: None,
        }))
    }
}

#[cfg(test)]
mod tests;
