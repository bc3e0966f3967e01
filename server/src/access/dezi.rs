//! Login of care professionals with Dezi: OIDC, code flow with PKCE.
//!
//! Dezi says who someone is by a signed declaration ("verklaring"): Dezi number, role and organisation. Only a
//! declaration for our own organisation, that has not been withdrawn, makes a login. Every address that is called
//! was configured; what a token offers is compared with it and never followed. Section 4.4 of the generic functions
//! notes.

pub(super) mod chain;
mod declaration;
mod error;
pub(super) mod relations;
mod remote;
mod userinfo;

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use rsa::RsaPrivateKey;
use rsa::pkcs8::DecodePrivateKey;
use samenhang_gather::clock::Random;
use samenhang_gather::http::{Http, Target};
use samenhang_gather::query::Asker;
use samenhang_profiles::Ura;
use serde::Deserialize;
use sha2::{Digest, Sha256};

pub use error::LoginError;

use crate::access::config::DeziConfig;
use crate::access::error::AccessError;
use crate::access::jwt::{self, Audience, check_period};
use crate::access::keys::Algorithm;
use crate::access::pending::Pending;
use relations::Relations;
use remote::Remote;

/// Signature algorithms of Dezi.
const ALGORITHMS: &[Algorithm] = &[Algorithm::Rs256, Algorithm::Ps256, Algorithm::Es256];

/// Our organisation, for which people log in.
#[derive(Clone)]
pub(super) struct Organisation {
    pub ura: Ura,
    pub name: String,
    pub kind: String,
}

/// A login that has begun.
struct Begun {
    /// PKCE code verifier.
    verifier: String,
    /// What the id token must repeat.
    nonce: String,
    /// What the browser's cookie must hold.
    browser: String,
    /// The page to return to.
    return_to: String,
}

/// Dezi.
pub(super) struct Dezi {
    config: DeziConfig,
    organisation: Organisation,
    redirect_uri: String,
    key: Option<RsaPrivateKey>,
    relations: Option<Relations>,
    remote: Remote,
    pending: Pending<Begun>,
    random: Arc<dyn Random>,
}

/// Where to send the browser, and what it must bring back.
pub(super) struct Departure {
    pub location: String,
    pub browser: String,
}

/// A login that succeeded.
pub(super) struct Arrival {
    pub asker: Asker,
    /// Where its withdrawal can be asked, when it says so.
    pub status_address: Option<String>,
    pub declaration_id: String,
    pub return_to: String,
}

#[derive(Deserialize)]
struct IdToken {
    iss: String,
    aud: Audience,
    exp: i64,
    nbf: Option<i64>,
    nonce: Option<String>,
}

impl Dezi {
    pub(super) fn new(
        config: &DeziConfig,
        organisation: Organisation,
        base: &str,
        http: Http,
        random: Arc<dyn Random>,
    ) -> Result<Self, AccessError> {
        let mut config = config.clone();
        config.issuer = config.issuer.trim_end_matches('/').to_owned();
        if config.key_addresses.is_empty() {
            config
                .key_addresses
                .push(format!("{}/dezi/jwks.json", config.issuer));
        }
        if config.declaration_issuers.is_empty() {
            config.declaration_issuers.push(config.issuer.clone());
        }
        if config.status_addresses.is_empty() {
            config.status_addresses.push(config.issuer.clone());
        }
        let key = config.jwe_key_file.as_deref().map(private_key).transpose()?;
        let relations = Relations::configured(&config)?;
        let remote = Remote::new(&config, http)?;
        Ok(Dezi {
            config,
            organisation,
            redirect_uri: format!("{base}/auth/callback"),
            key,
            relations,
            remote,
            pending: Pending::default(),
            random,
        })
    }

    fn secret(&self) -> String {
        let mut bytes = [0; 32];
        self.random.fill(&mut bytes);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Begins a login.
    pub(super) fn depart(&self, return_to: String, now: Timestamp) -> Result<Departure, LoginError> {
        let (state, browser) = (self.secret(), self.secret());
        let begun = Begun {
            verifier: self.secret(),
            nonce: self.secret(),
            browser: browser.clone(),
            return_to,
        };
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(begun.verifier.as_bytes()));
        let mut url = self
            .remote
            .issuer()
            .resolve(Target::Path("authorize"))
            .map_err(LoginError::Remote)?;
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.config.client_id)
            .append_pair("redirect_uri", &self.redirect_uri)
            .append_pair("scope", "openid")
            .append_pair("state", &state)
            .append_pair("nonce", &begun.nonce)
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256");
        self.pending.put(state, begun, now);
        Ok(Departure {
            location: url.into(),
            browser,
        })
    }

    /// Ends a login: the browser came back with a code, in the same browser in which the login was begun.
    pub(super) async fn arrive(
        &self,
        state: &str,
        browser: Option<&str>,
        code: Result<&str, ()>,
        now: Timestamp,
    ) -> Result<Arrival, LoginError> {
        // Whatever comes of it, a login is tried once.
        let begun = self.pending.take(state, now).ok_or(LoginError::Unknown)?;
        if browser != Some(begun.browser.as_str()) {
            return Err(LoginError::OtherBrowser);
        }
        let code = code.map_err(|()| LoginError::Refused)?;
        let tokens = self
            .remote
            .tokens(&self.config.client_id, &self.redirect_uri, code, &begun.verifier)
            .await?;
        self.check_id_token(&tokens.id_token, &begun.nonce, now).await?;
        let told = self
            .told(&self.remote.userinfo(&tokens.access_token).await?, now)
            .await?;
        let declared = declaration::check(self, &told.declaration, now).await?;
        if told.id.is_some_and(|id| id != declared.id) {
            return Err(LoginError::Declaration("it is not the declaration of this login"));
        }
        if let Some(address) = &declared.status_uri {
            self.remote.check_status(address).await?;
        }
        Ok(Arrival {
            asker: Asker {
                organisation: self.organisation.ura.clone(),
                organisation_name: self.organisation.name.clone(),
                organisation_type: self.organisation.kind.clone(),
                client_id: self.config.client_id.clone(),
                user: Some(declared.user),
                responsible: None,
            },
            status_address: declared.status_uri,
            declaration_id: declared.id,
            return_to: begun.return_to,
        })
    }

    /// Asks again whether a declaration has been withdrawn.
    pub(super) async fn check_status(&self, address: &str) -> Result<(), LoginError> {
        self.remote.check_status(address).await
    }

    async fn check_id_token(&self, token: &str, nonce: &str, now: Timestamp) -> Result<(), LoginError> {
        let claims: IdToken = self.signed_by_issuer(token, now).await?;
        self.check_issued(&claims.iss, &claims.aud)?;
        check_period(now, claims.nbf, claims.exp)?;
        if claims.nonce.as_deref() != Some(nonce) {
            return Err(jwt::JwtError::Nonce.into());
        }
        Ok(())
    }

    fn check_issued(&self, issuer: &str, audience: &Audience) -> Result<(), LoginError> {
        if issuer.trim_end_matches('/') != self.config.issuer {
            return Err(jwt::JwtError::Issuer.into());
        }
        if !audience.contains(&self.config.client_id) {
            return Err(jwt::JwtError::Audience.into());
        }
        Ok(())
    }

    async fn signed_by_issuer<T: serde::de::DeserializeOwned>(
        &self,
        token: &str,
        now: Timestamp,
    ) -> Result<T, LoginError> {
        let own = self
            .config
            .key_addresses
            .first()
            .map(String::as_str)
            .unwrap_or_default();
        self.verified(token, own, false, now).await
    }

    /// Verifies with the keys of one configured address; when the key is not among those at hand, they are fetched
    /// once more.
    async fn verified<T: serde::de::DeserializeOwned>(
        &self,
        token: &str,
        address: &str,
        named: bool,
        now: Timestamp,
    ) -> Result<T, LoginError> {
        let unverified = jwt::read(token)?;
        let named = named.then_some(address);
        let keys = self.remote.keys(address, now, false).await?;
        match unverified.verify(&keys, ALGORITHMS, named) {
            Err(jwt::JwtError::Key) => {
                let keys = self.remote.keys(address, now, true).await?;
                Ok(unverified.verify(&keys, ALGORITHMS, named)?)
            }
            outcome => Ok(outcome?),
        }
    }
}

fn private_key(path: &std::path::Path) -> Result<RsaPrivateKey, AccessError> {
    let wrong = |reason| AccessError::KeyFile {
        file: path.display().to_string(),
        reason,
    };
    let pem = zeroize::Zeroizing::new(std::fs::read_to_string(path).map_err(|_| wrong("it cannot be read"))?);
    RsaPrivateKey::from_pkcs8_pem(&pem).map_err(|_| wrong("it is not a private RSA key in PKCS#8 PEM"))
}
