//! Launches, codes and tokens of the host: each for one patient, short-lived and used once.

use std::collections::HashMap;

use rand::RngCore as _;
use rand_chacha::ChaCha20Rng;
use sha2::{Digest as _, Sha256};
use url::Url;

use crate::answer;
use crate::keys::base64url;

/// Things of one kind that are kept; more means that all are forgotten.
const MOST: usize = 1000;
/// Seconds that a code lives.
const CODE_LIFE: i64 = 60;
/// Seconds that a token lives.
const TOKEN_LIFE: i64 = 600;

struct Launch {
    patient: String,
    origin: String,
}

/// Scopes that are given.
pub(super) const SCOPES: [&str; 6] = [
    "launch",
    "openid",
    "fhirUser",
    "patient/Patient.r",
    "patient/*.read",
    "patient/*.rs",
];

/// What a token stands for.
#[derive(Clone)]
pub(super) struct Bound {
    pub(super) patient: String,
    pub(super) scope: String,
    pub(super) audience: String,
    pub(super) expires: i64,
}

struct Code {
    patient: String,
    scope: String,
    audience: String,
    redirect: String,
    challenge: String,
    client: String,
    nonce: String,
    expires: i64,
}

/// What a code was exchanged for.
pub(super) struct Redeemed {
    pub(super) token: String,
    pub(super) bound: Bound,
    /// To whom.
    pub(super) client: String,
    /// What the application wants to see again in the `id_token`.
    pub(super) nonce: String,
}

/// What was started and not finished yet.
pub(super) struct Launches {
    rng: ChaCha20Rng,
    launches: HashMap<String, Launch>,
    codes: HashMap<String, Code>,
    tokens: HashMap<String, Bound>,
    resources: Vec<String>,
}

fn keep<T>(kept: &mut HashMap<String, T>, name: &str, value: T) {
    if kept.len() >= MOST {
        kept.clear();
    }
    kept.insert(name.to_owned(), value);
}

impl Launches {
    pub(super) fn new(rng: ChaCha20Rng) -> Self {
        Launches {
            rng,
            launches: HashMap::new(),
            codes: HashMap::new(),
            tokens: HashMap::new(),
            resources: Vec::new(),
        }
    }

    /// Lets tokens be asked for a resource server.
    pub(super) fn protect(&mut self, resource: &str) {
        self.resources.push(resource.to_owned());
    }

    fn name(&mut self) -> String {
        let mut bytes = [0_u8; 24];
        self.rng.fill_bytes(&mut bytes);
        base64url(&bytes)
    }

    /// A launch of an application with a patient.
    pub(super) fn begin(&mut self, patient: &str, app: &Url) -> String {
        let name = self.name();
        let launch = Launch {
            patient: patient.to_owned(),
            origin: app.origin().ascii_serialization(),
        };
        keep(&mut self.launches, &name, launch);
        name
    }

    /// The address to go back to, with a code.
    pub(super) fn authorize(
        &mut self,
        query: &[(String, String)],
        clients: &[&str],
        issuer: &str,
        now: i64,
    ) -> Result<String, &'static str> {
        let value = |name: &str| answer::value(query, name).unwrap_or_default();
        if value("response_type") != "code" || !clients.contains(&value("client_id")) {
            return Err("response_type is not code, or the client is not known");
        }
        if value("aud") != issuer && !self.resources.iter().any(|known| known == value("aud")) {
            return Err("aud is neither the issuer nor a resource server that is known");
        }
        if !value("scope")
            .split_ascii_whitespace()
            .any(|scope| scope == "launch")
        {
            return Err("the scope launch is missing");
        }
        if value("state").is_empty() {
            return Err("state is missing");
        }
        if value("code_challenge_method") != "S256" || value("code_challenge").is_empty() {
            return Err("a code challenge (S256) is required");
        }
        let redirect = Url::parse(value("redirect_uri")).map_err(|_| "redirect_uri is not an address")?;
        let launch = self
            .launches
            .get(value("launch"))
            .ok_or("the launch is not known, or was used before")?;
        if redirect.origin().ascii_serialization() != launch.origin {
            return Err("redirect_uri is not of the application that was launched");
        }
        let given: Vec<&str> = value("scope")
            .split_ascii_whitespace()
            .filter(|scope| SCOPES.contains(scope))
            .collect();
        let code = Code {
            patient: launch.patient.clone(),
            scope: given.join(" "),
            audience: value("aud").to_owned(),
            redirect: value("redirect_uri").to_owned(),
            challenge: value("code_challenge").to_owned(),
            client: value("client_id").to_owned(),
            nonce: value("nonce").to_owned(),
            expires: now + CODE_LIFE,
        };
        self.launches.remove(value("launch"));
        let name = self.name();
        keep(&mut self.codes, &name, code);
        let mut back = redirect;
        back.query_pairs_mut()
            .append_pair("code", &name)
            .append_pair("state", value("state"));
        Ok(back.into())
    }

    /// A token for a code. `proven` is the client that proved itself by an assertion, if one did.
    pub(super) fn redeem(
        &mut self,
        form: &[(String, String)],
        proven: Option<&str>,
        now: i64,
    ) -> Result<Redeemed, &'static str> {
        let value = |name: &str| answer::value(form, name).unwrap_or_default();
        if value("grant_type") != "authorization_code" {
            return Err("grant_type is not authorization_code");
        }
        // Gone whatever follows: a code is tried once.
        let code = self
            .codes
            .remove(value("code"))
            .ok_or("the code is not known, or was used before")?;
        if code.client != proven.unwrap_or_else(|| value("client_id")) {
            return Err("the code is another client's, or the client did not prove itself");
        }
        if code.expires < now || code.redirect != value("redirect_uri") {
            return Err("the code has expired, or is for another redirect_uri");
        }
        if base64url(&Sha256::digest(value("code_verifier").as_bytes())) != code.challenge {
            return Err("the verifier does not fit the challenge");
        }
        let (token, bound) = self.issue(&code.patient, &code.scope, &code.audience, now);
        Ok(Redeemed {
            token,
            bound,
            client: code.client,
            nonce: code.nonce,
        })
    }

    /// A token for a patient, and what it stands for.
    pub(super) fn issue(&mut self, patient: &str, scope: &str, audience: &str, now: i64) -> (String, Bound) {
        let bound = Bound {
            patient: patient.to_owned(),
            scope: scope.to_owned(),
            audience: audience.to_owned(),
            expires: now + TOKEN_LIFE,
        };
        let name = self.name();
        keep(&mut self.tokens, &name, bound.clone());
        (name, bound)
    }

    /// What a token stands for.
    pub(super) fn bound(&self, token: &str, now: i64) -> Option<&Bound> {
        self.tokens.get(token).filter(|bound| bound.expires > now)
    }

    /// Withdraws a token.
    pub(super) fn withdraw(&mut self, token: &str) {
        self.tokens.remove(token);
    }
}
