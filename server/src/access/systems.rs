//! Tokens for systems: client credentials with a signed assertion (`private_key_jwt`, SMART backend services).
//!
//! A client's keys and algorithms are registered beforehand. An assertion is used once and lives five minutes at
//! most; a token lives five minutes, is bound to its client and scopes, and is kept here as a hash only.

mod issued;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use jiff::Timestamp;
use samenhang_gather::clock::Random;
use samenhang_gather::query::{Asker, User};
use serde::{Deserialize, Serialize};
use url::form_urlencoded;

use crate::access::config::{BoundClientConfig, ClientConfig, ResponsibleConfig};
use crate::access::context::Context;
use crate::access::error::AccessError;
use crate::access::jwt::{self, Audience, JwtError, TOLERANCE, check_period};
use crate::access::keys::{Algorithm, KeySet};
use crate::access::replay::Seen;
use issued::Issued;

/// Longest life of an assertion, in seconds.
const LONGEST_ASSERTION: i64 = 300;
/// Longest request, in bytes.
pub(super) const LONGEST_REQUEST: usize = 24 << 10;
/// Longest id of an assertion, in bytes.
const LONGEST_ID: usize = 256;
pub(super) const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// Algorithms that a client may be registered with.
const REGISTRABLE: [&str; 4] = ["ES256", "ES384", "PS256", "RS384"];

/// The systems that are known here.
pub(super) struct Systems {
    clients: HashMap<String, Client>,
    audience: String,
    seen: Seen,
    issued: Issued,
}

struct Client {
    asker: Arc<Asker>,
    keys: KeySet,
    algorithms: Vec<Algorithm>,
    scopes: BTreeSet<String>,
}

/// The claims of an assertion.
#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    exp: i64,
    nbf: Option<i64>,
    iat: Option<i64>,
    jti: String,
}

/// The answer to a token request (RFC 6749).
#[derive(Debug, Serialize)]
pub(super) struct TokenAnswer {
    pub access_token: String,
    pub token_type: &'static str,
    pub expires_in: i64,
    pub scope: String,
}

/// A token request, read but not judged.
pub(super) struct TokenRequest {
    assertion: String,
    scopes: BTreeSet<String>,
}

impl TokenRequest {
    /// Reads the form.
    pub(super) fn read(body: &[u8]) -> Result<Self, AccessError> {
        let mut fields: HashMap<String, String> = HashMap::new();
        for (name, value) in form_urlencoded::parse(body) {
            if fields.insert(name.into_owned(), value.into_owned()).is_some() {
                return Err(AccessError::TokenRequest("a field comes twice"));
            }
        }
        let mut field = |name| fields.remove(name);
        if field("grant_type").as_deref() != Some("client_credentials") {
            return Err(AccessError::TokenRequest("grant_type must be client_credentials"));
        }
        if field("client_assertion_type").as_deref() != Some(ASSERTION_TYPE) {
            return Err(AccessError::TokenRequest(
                "client_assertion_type must be that of a JWT",
            ));
        }
        let assertion =
            field("client_assertion").ok_or(AccessError::TokenRequest("client_assertion is missing"))?;
        let scopes: BTreeSet<String> = field("scope")
            .unwrap_or_default()
            .split_ascii_whitespace()
            .map(str::to_owned)
            .collect();
        if scopes.is_empty() {
            return Err(AccessError::TokenRequest("scope is missing"));
        }
        Ok(TokenRequest { assertion, scopes })
    }
}

impl Systems {
    /// Registers the configured clients. `audience` is the address of the token endpoint.
    pub(super) fn new(clients: &[ClientConfig], audience: String) -> Result<Self, AccessError> {
        let mut known = HashMap::new();
        for config in clients {
            let client = Client::new(config)?;
            if known.insert(config.client_id.clone(), client).is_some() {
                return Err(setting("access.clients.client_id", "it is used twice"));
            }
        }
        Ok(Systems {
            clients: known,
            audience,
            seen: Seen::default(),
            issued: Issued::default(),
        })
    }

    /// Who an assertion says it comes from, if that is a client. Nothing is proven yet.
    pub(super) fn named_client(&self, request: &TokenRequest) -> Option<&Arc<Asker>> {
        let claimed = jwt::read(&request.assertion).ok()?.claimed_issuer()?;
        self.clients.get(&claimed).map(|client| &client.asker)
    }

    /// Checks an assertion and the scopes that are asked.
    pub(super) fn check(&self, request: &TokenRequest, now: Timestamp) -> Result<Context, AccessError> {
        let unverified = jwt::read(&request.assertion)?;
        // The issuer is read before the signature only to choose whose keys must fit.
        let claimed = unverified.claimed_issuer().ok_or(JwtError::Claim)?;
        let client = self.clients.get(&claimed).ok_or(JwtError::Issuer)?;
        let claims: Claims = unverified.verify(&client.keys, &client.algorithms, None)?;
        self.check_claims(&claims, &claimed, now)?;
        self.seen
            .first_time(&claimed, &claims.jti, claims.exp.saturating_add(TOLERANCE), now)?;
        if !request.scopes.is_subset(&client.scopes) {
            return Err(AccessError::TokenRequest(
                "the client may not have every scope that is asked",
            ));
        }
        Ok(Context::system(
            Arc::clone(&client.asker),
            Arc::new(request.scopes.clone()),
        ))
    }

    fn check_claims(&self, claims: &Claims, client: &str, now: Timestamp) -> Result<(), JwtError> {
        if claims.iss != client {
            return Err(JwtError::Issuer);
        }
        if claims.sub != client {
            return Err(JwtError::Subject);
        }
        if !claims.aud.contains(&self.audience) {
            return Err(JwtError::Audience);
        }
        check_period(now, claims.nbf, claims.exp)?;
        let now = now.as_second();
        if claims.exp > now.saturating_add(LONGEST_ASSERTION + TOLERANCE) {
            return Err(JwtError::TooLong);
        }
        if let Some(issued) = claims.iat {
            if issued > now.saturating_add(TOLERANCE) {
                return Err(JwtError::Early);
            }
            if claims.exp.saturating_sub(issued) > LONGEST_ASSERTION {
                return Err(JwtError::TooLong);
            }
        }
        if claims.jti.is_empty() || claims.jti.len() > LONGEST_ID {
            return Err(JwtError::Claim);
        }
        Ok(())
    }

    /// Issues a token for a checked request.
    pub(super) fn issue(
        &self,
        context: Context,
        request: &TokenRequest,
        random: &dyn Random,
        now: Timestamp,
    ) -> Result<TokenAnswer, AccessError> {
        let access_token = self.issued.issue(context, random, now)?;
        Ok(TokenAnswer {
            access_token,
            token_type: "Bearer",
            expires_in: issued::LIFETIME_S,
            scope: request
                .scopes
                .iter()
                .map(String::as_str)
                .collect::<Vec<_>>()
                .join(" "),
        })
    }

    /// Who a token stands for.
    pub(super) fn find(&self, token: &str, now: Timestamp) -> Option<Context> {
        self.issued.find(token, now)
    }

    /// The scopes that can be had here.
    pub(super) fn scopes(&self) -> BTreeSet<&str> {
        self.clients
            .values()
            .flat_map(|client| client.scopes.iter().map(String::as_str))
            .collect()
    }
}

fn setting(key: &'static str, reason: &'static str) -> AccessError {
    AccessError::Setting { key, reason }
}

/// For whom a client asks with tokens of patients.
pub(super) fn asker_of(config: &BoundClientConfig) -> Result<Arc<Asker>, AccessError> {
    let key = "access.patient_tokens.clients.responsible";
    Ok(Arc::new(Asker {
        organisation: config.organisation.clone(),
        organisation_name: config.organisation_name.clone(),
        organisation_type: config.organisation_type.clone(),
        client_id: config.client_id.clone(),
        user: None,
        responsible: responsible(config.responsible.as_ref(), key)?,
    }))
}

/// The care professional whom a client is registered with.
fn responsible(person: Option<&ResponsibleConfig>, key: &'static str) -> Result<Option<User>, AccessError> {
    let Some(person) = person else {
        return Ok(None);
    };
    if [&person.number, &person.role, &person.name]
        .into_iter()
        .any(String::is_empty)
    {
        return Err(setting(key, "number, role and name are needed"));
    }
    Ok(Some(User {
        number: person.number.clone(),
        role: person.role.clone(),
        name: person.name.clone(),
        declaration: None,
    }))
}

impl Client {
    fn new(config: &ClientConfig) -> Result<Self, AccessError> {
        if config.client_id.is_empty() {
            return Err(setting("access.clients.client_id", "it is empty"));
        }
        let algorithms = config
            .algorithms
            .iter()
            .map(|name| {
                REGISTRABLE
                    .contains(&name.as_str())
                    .then(|| Algorithm::from_name(name))
                    .flatten()
                    .ok_or(setting(
                        "access.clients.algorithms",
                        "only ES256, ES384, PS256 and RS384",
                    ))
            })
            .collect::<Result<Vec<_>, _>>()?;
        let wrong = |reason| AccessError::KeyFile {
            file: config.keys_file.display().to_string(),
            reason,
        };
        let keys = std::fs::read(&config.keys_file).map_err(|_| wrong("it cannot be read"))?;
        Ok(Client {
            asker: Arc::new(Asker {
                organisation: config.organisation.clone(),
                organisation_name: config.organisation_name.clone(),
                organisation_type: config.organisation_type.clone(),
                client_id: config.client_id.clone(),
                user: None,
                responsible: responsible(config.responsible.as_ref(), "access.clients.responsible")?,
            }),
            keys: KeySet::read(&keys).map_err(wrong)?,
            algorithms,
            scopes: config.scopes.iter().cloned().collect(),
        })
    }
}
