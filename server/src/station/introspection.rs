//! A token of the holder's own authorization server, asked about where it was issued (RFC 7662), as Nuts nodes and GFI-006
//! have it.
//!
//! Nothing is kept: a token that is withdrawn is withdrawn at once. A token that is bound to a key is refused, because its
//! proof cannot be checked here; so is one without an expiry.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use samenhang_gather::http::{Http, HttpError};
use samenhang_gather::query::{Asker, User};

use super::config::IntrospectionConfig;
use crate::access::AccessError;
use crate::access::introspected::{Introspected, Issuer, is_token};

/// An authorization server whose tokens are taken.
pub(super) struct Introspection {
    issuer: Issuer,
    audience: String,
    scope: String,
}

impl Introspection {
    pub(super) fn new(http: Http, config: &IntrospectionConfig) -> Result<Self, HttpError> {
        Ok(Introspection {
            issuer: Issuer::new(http, &config.url, Duration::from_millis(config.timeout_ms))?,
            audience: config.audience.clone(),
            scope: config.scope.clone(),
        })
    }

    /// Who a token stands for.
    ///
    /// # Errors
    /// [`AccessError`]: nobody, somebody else's data, or it could not be found out.
    pub(super) async fn ask(&self, token: &str, now: Timestamp) -> Result<Arc<Asker>, AccessError> {
        if !is_token(token) {
            return Err(AccessError::Token);
        }
        let said = self.issuer.ask(token, &[]).await.map_err(|error| {
            // Who cannot be asked vouches for nobody.
            tracing::warn!(code = "SAM-ACC-003", %error, "a foreign token was refused");
            AccessError::Token
        })?;
        self.judge(said, now)
    }

    fn judge(&self, said: Introspected, now: Timestamp) -> Result<Arc<Asker>, AccessError> {
        let is_ours = match said.has_audience() {
            true => said.is_for(&self.audience),
            false => said.iss.as_deref() == Some(&*self.audience),
        };
        if !said.active || !is_ours || said.fault(now).is_some() {
            return Err(AccessError::Token);
        }
        if !said.scopes().any(|scope| scope == self.scope) {
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
