//! One record system: where it is, how we prove ourselves there, and what it tells about a launch.
//!
//! Every address that is called lies below one that was configured: its own description of itself is compared with
//! that and never followed beyond it. Its tokens are used for two reads and kept nowhere.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use samenhang_gather::clock::Random;
use samenhang_gather::http::{Answer, Http, Outgoing, Peer, Target};
use samenhang_gather::query::Purpose;
use samenhang_gather::token::ClientKey;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::time::{Duration, Instant};
use url::{Url, form_urlencoded};

use super::error::LaunchError;
use super::told::{Told, number_of, patient_of};
use crate::access::client_key;
use crate::access::config::EhrConfig;
use crate::access::error::AccessError;
use crate::access::jwt::{self, Audience, JwtError, check_period};
use crate::access::keys::{Algorithm, KeySet};
use crate::access::systems::ASSERTION_TYPE;

/// How long one call may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// Longest answer, in bytes.
const LONGEST: usize = 128 << 10;
/// How long its description of itself is used before it is asked again.
const PLACES_LAST: SignedDuration = SignedDuration::from_mins(15);
/// Algorithms of an `id_token`.
const ALGORITHMS: &[Algorithm] = &[
    Algorithm::Rs256,
    Algorithm::Rs384,
    Algorithm::Ps256,
    Algorithm::Es256,
    Algorithm::Es384,
];
/// Longest id of a patient (FHIR R4, datatype id).
const LONGEST_ID: usize = 64;

/// A record system.
pub(super) struct Ehr {
    /// Its address, as it names itself.
    pub issuer: String,
    /// What its launches are for.
    pub purpose: Purpose,
    http: Http,
    fhir: Peer,
    allowed: Vec<Peer>,
    key: ClientKey,
    scopes: String,
    places: Mutex<Option<(Timestamp, Arc<Places>)>>,
}

/// Its description of itself (`smart-configuration`), as far as it is used.
#[derive(Deserialize)]
struct Described {
    issuer: Option<String>,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: Option<String>,
    #[serde(default)]
    code_challenge_methods_supported: Vec<String>,
}

/// Where it is asked what.
pub(super) struct Places {
    issuer: String,
    authorize: Url,
    token: String,
    keys: String,
}

/// The answer of its token endpoint.
#[derive(Deserialize)]
struct Tokens {
    access_token: String,
    token_type: String,
    patient: Option<String>,
    id_token: Option<String>,
}

#[derive(Deserialize)]
struct IdToken {
    iss: String,
    sub: String,
    aud: Audience,
    exp: i64,
    nbf: Option<i64>,
    nonce: Option<String>,
    #[serde(rename = "fhirUser")]
    user: Option<String>,
}

/// What goes along to its authorization endpoint.
pub(super) struct Asked<'a> {
    pub launch: &'a str,
    pub redirect_uri: &'a str,
    pub state: &'a str,
    pub nonce: &'a str,
    pub challenge: &'a str,
}

/// What came back, and what it must fit.
pub(super) struct Returned<'a> {
    pub code: &'a str,
    pub redirect_uri: &'a str,
    pub verifier: &'a str,
    pub nonce: &'a str,
}

impl Ehr {
    pub(super) fn new(config: &EhrConfig, http: &Http) -> Result<Self, AccessError> {
        let pin = |key: &'static str, address: &str| {
            http.peer(address)
                .map_err(|reason| AccessError::Address { key, reason })
        };
        let issuer = config.issuer.as_str();
        let fhir = pin("access.ehrs.issuer", issuer)?;
        let mut endpoints = config.endpoints.clone();
        if endpoints.is_empty() {
            // Its own origin.
            endpoints.push(
                Url::parse(issuer)
                    .map_or_else(|_| issuer.to_owned(), |url| url.origin().ascii_serialization()),
            );
        }
        let allowed = endpoints
            .iter()
            .map(|address| pin("access.ehrs.endpoints", address))
            .collect::<Result<_, AccessError>>()?;
        let purpose = Purpose::from_code(&config.purpose).ok_or(AccessError::Setting {
            key: "access.ehrs.purpose",
            reason: "it is TREAT or COC",
        })?;
        let has = |scope: &str| config.scopes.iter().any(|own| own == scope);
        if !(has("launch") && has("openid")) {
            return Err(AccessError::Setting {
                key: "access.ehrs.scopes",
                reason: "launch and openid are among them",
            });
        }
        Ok(Ehr {
            issuer: issuer.to_owned(),
            purpose,
            http: http.clone(),
            fhir,
            allowed,
            key: client_key::read(&config.client_id, &config.key_file, &config.key_id)?,
            scopes: config.scopes.join(" "),
            places: Mutex::default(),
        })
    }

    /// The peer that an address of its own lies below.
    fn peer(&self, address: &str) -> Result<&Peer, LaunchError> {
        let absolute = address.contains("://");
        let mut allowed = self.allowed.iter();
        allowed
            .find(|peer| absolute && peer.resolve(Target::Link(address)).is_ok())
            .ok_or(LaunchError::Answer("it names an address that is not on the list"))
    }

    async fn send(&self, peer: &Peer, outgoing: Outgoing<'_>) -> Result<Answer, LaunchError> {
        let outgoing = outgoing.at_most(LONGEST);
        Box::pin(self.http.send(peer, outgoing, Instant::now() + PATIENCE))
            .await
            .map_err(LaunchError::Remote)
    }

    async fn read<T: DeserializeOwned>(
        &self,
        peer: &Peer,
        outgoing: Outgoing<'_>,
        without: &'static str,
    ) -> Result<T, LaunchError> {
        let answer = self.send(peer, outgoing).await?;
        if !answer.is_success() {
            return Err(LaunchError::Refused);
        }
        serde_json::from_slice(&answer.body).map_err(|_| LaunchError::Answer(without))
    }

    /// Where it is asked what, by its own description.
    async fn places(&self, now: Timestamp) -> Result<Arc<Places>, LaunchError> {
        let known = self.places.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((at, places)) = known
            && now.duration_since(at) < PLACES_LAST
        {
            return Ok(places);
        }
        let outgoing =
            Outgoing::get(Target::Path(".well-known/smart-configuration")).accept("application/json");
        let described: Described = self
            .read(&self.fhir, outgoing, "its description of itself cannot be read")
            .await?;
        let methods = &described.code_challenge_methods_supported;
        if !methods.iter().any(|method| method == "S256") {
            return Err(LaunchError::Answer("it does not support PKCE with S256"));
        }
        let keys = described
            .jwks_uri
            .ok_or(LaunchError::Answer("it does not say where its keys are"))?;
        for address in [&described.token_endpoint, &keys] {
            self.peer(address)?;
        }
        // The browser goes there with the launch: it too must be the system that was configured.
        let authorize = described.authorization_endpoint.as_str();
        let authorize = self
            .peer(authorize)?
            .resolve(Target::Link(authorize))
            .map_err(LaunchError::Remote)?;
        let places = Arc::new(Places {
            issuer: described.issuer.unwrap_or_else(|| self.issuer.clone()),
            authorize,
            token: described.token_endpoint,
            keys,
        });
        *self.places.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, Arc::clone(&places)));
        Ok(places)
    }

    /// The address to send the browser to.
    pub(super) async fn authorize(&self, asked: &Asked<'_>, now: Timestamp) -> Result<String, LaunchError> {
        let mut url = self.places(now).await?.authorize.clone();
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", self.key.client_id())
            .append_pair("redirect_uri", asked.redirect_uri)
            .append_pair("launch", asked.launch)
            .append_pair("scope", &self.scopes)
            .append_pair("state", asked.state)
            .append_pair("nonce", asked.nonce)
            .append_pair("aud", &self.issuer)
            .append_pair("code_challenge", asked.challenge)
            .append_pair("code_challenge_method", "S256");
        Ok(url.into())
    }

    /// Exchanges the code, and reads the patient and the user. The token is forgotten with that.
    pub(super) async fn redeem(
        &self,
        returned: &Returned<'_>,
        random: &dyn Random,
        now: Timestamp,
    ) -> Result<Told, LaunchError> {
        let places = self.places(now).await?;
        let tokens = self.tokens(&places, returned, random, now).await?;
        if !tokens.token_type.eq_ignore_ascii_case("bearer") {
            return Err(LaunchError::Answer("its token is not a bearer token"));
        }
        let token = tokens.id_token.as_deref();
        let token = token.ok_or(LaunchError::Answer("it does not say who its user is"))?;
        let claims = self.id_token(&places, token, returned.nonce, now).await?;
        let id = tokens
            .patient
            .as_deref()
            .filter(|id| is_id(id))
            .ok_or(LaunchError::Answer("it does not say which patient"))?;
        let access = tokens.access_token.as_str();
        let patient = self.resource(&format!("Patient/{id}"), access).await?;
        let (number, birth_date) = patient_of(&patient, id)?;
        // Who does not tell more of its user than a name is believed as far as that: Dezi says who it is.
        let place = claims.user.as_deref().and_then(|user| self.practitioner(user));
        let user_number = match place {
            Some(place) => {
                let told = self.resource(&place, access).await.ok();
                told.and_then(|told| number_of(&told))
            }
            None => None,
        };
        Ok(Told {
            patient: number,
            birth_date,
            purpose: self.purpose,
            issuer: self.issuer.clone(),
            user: claims.sub,
            user_number,
        })
    }

    async fn tokens(
        &self,
        places: &Places,
        returned: &Returned<'_>,
        random: &dyn Random,
        now: Timestamp,
    ) -> Result<Tokens, LaunchError> {
        let assertion = self
            .key
            .assertion(&places.token, random, now)
            .map_err(|_| LaunchError::Answer("no assertion could be signed"))?;
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "authorization_code")
            .append_pair("code", returned.code)
            .append_pair("redirect_uri", returned.redirect_uri)
            .append_pair("code_verifier", returned.verifier)
            .append_pair("client_assertion_type", ASSERTION_TYPE)
            .append_pair("client_assertion", &assertion)
            .finish();
        let target = Target::Link(&places.token);
        let outgoing =
            Outgoing::post(target, "application/x-www-form-urlencoded", form).accept("application/json");
        self.read(self.peer(&places.token)?, outgoing, "it gave no token")
            .await
    }

    async fn id_token(
        &self,
        places: &Places,
        token: &str,
        nonce: &str,
        now: Timestamp,
    ) -> Result<IdToken, LaunchError> {
        let outgoing = Outgoing::get(Target::Link(&places.keys)).accept("application/json");
        let answer = self.send(self.peer(&places.keys)?, outgoing).await?;
        let keys = KeySet::read(&answer.body).map_err(|_| LaunchError::Answer("its keys cannot be read"))?;
        let claims: IdToken = jwt::read(token)?.verify(&keys, ALGORITHMS, None)?;
        if claims.iss != places.issuer {
            return Err(JwtError::Issuer.into());
        }
        if !claims.aud.contains(self.key.client_id()) {
            return Err(JwtError::Audience.into());
        }
        check_period(now, claims.nbf, claims.exp)?;
        if claims.nonce.as_deref() != Some(nonce) {
            return Err(JwtError::Nonce.into());
        }
        Ok(claims)
    }

    /// The path of its user, when that is one of its practitioners.
    fn practitioner(&self, user: &str) -> Option<String> {
        let id = user
            .strip_prefix(&self.issuer)
            .map_or(user, |rest| rest.trim_start_matches('/'))
            .strip_prefix("Practitioner/")?;
        is_id(id).then(|| format!("Practitioner/{id}"))
    }

    async fn resource(&self, path: &str, token: &str) -> Result<Vec<u8>, LaunchError> {
        let outgoing = Outgoing::get(Target::Path(path))
            .accept("application/fhir+json")
            .bearer(token)
            .map_err(LaunchError::Remote)?;
        let answer = self.send(&self.fhir, outgoing).await?;
        if !answer.is_success() {
            return Err(LaunchError::Refused);
        }
        Ok(answer.body.to_vec())
    }
}

/// Whether a text is an id (FHIR R4, datatype id): it becomes part of an address.
fn is_id(id: &str) -> bool {
    (1..=LONGEST_ID).contains(&id.len())
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.')
        && id.bytes().any(|byte| byte != b'.')
}
