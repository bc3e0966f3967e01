//! What is said about a user: the envelope of `/userinfo` and the signed declaration in it (version 0.7).

use jsonwebtoken::Algorithm;
use serde_json::{Value, json};

use super::{Dezi, DeziForm, DeziMode, DeziUser, Login, UserinfoForm};
use crate::error::TestbedError;
use crate::faults::{Fault, ServiceId};
use crate::jwe;

/// Seconds that a declaration holds.
const LIFETIME: i64 = 12 * 3600;
/// An address of keys that nobody trusts.
pub(super) const ELSEWHERE: &str = "http://192.0.2.1/dezi/jwks.json";
pub(super) const LEVEL: &str = "http://eidas.europa.eu/LoA/high";

impl Dezi {
    /// The answer of `/userinfo` for a login.
    pub(super) fn userinfo_token(&self, login: &Login) -> Result<String, TestbedError> {
        let speaks = self.state().speaks;
        if let DeziForm::Of2024 { certificates, status } = speaks {
            let statement = self.statement(&login.user, certificates, status)?;
            return self.sealed(&statement, "A128CBC-HS256");
        }
        let id = self.fresh("declaration");
        let declaration = self.declaration(&login.user, &id)?;
        let now = self.now();
        let envelope = json!({
            "jti": self.fresh("userinfo"), "iat": now, "exp": now + 300, "iss": self.0.base,
            "aud": self.0.shared.client().dezi_client_id, "sub": login.user.number, "loa_authn": LEVEL,
            "json_schema": "https://www.dezi.nl/json_schemas/v1/userinfo.json",
            "verklaring_id": id, "verklaring": declaration,
        });
        let signed = self.0.key.sign(Algorithm::RS256, &envelope, |_| {})?;
        self.sealed(&signed, "A256GCM")
    }

    /// The answer, as it travels: encrypted to the client or as it was signed.
    fn sealed(&self, signed: &str, cipher: &str) -> Result<String, TestbedError> {
        let form = self.state().form;
        match form {
            UserinfoForm::Signed => Ok(signed.to_owned()),
            UserinfoForm::Encrypted => {
                let header =
                    json!({"alg": "RSA-OAEP", "enc": cipher, "cty": "JWT", "kid": self.0.client_key.kid()});
                let rng = self.0.shared.rng(&self.fresh("userinfo key"));
                let recipient = self.0.client_key.private().to_public_key();
                jwe::encrypt(&header, signed.as_bytes(), &recipient, rng)
            }
        }
    }

    /// A declaration about a user, as tests may need one without a login.
    ///
    /// # Errors
    /// [`TestbedError::Key`] when it cannot be signed.
    pub fn declaration(&self, user: &DeziUser, id: &str) -> Result<String, TestbedError> {
        let mode = self.state().mode;
        let (from, until) = self.period(LIFETIME);
        let base = &self.0.base;
        let claims = json!({
            "iss": base, "jti": self.fresh("token"), "nbf": from, "exp": until,
            "json_schema": "https://www.dezi.nl/json_schemas/v1/verklaring.json", "loa_dezi": LEVEL,
            "verklaring_id": id, "dezi_nummer": user.number, "voorletters": user.initials,
            "voorvoegsel": Value::Null, "achternaam": user.family_name, "abonnee_nummer": user.organisation,
            "abonnee_naam": user.organisation_name, "rol_code": user.role, "rol_naam": user.role_name,
            "rol_code_bron": "http://www.dezi.nl/rol_bron/big",
            "status_uri": format!("{base}/status/v1/verklaring/{id}"),
        });
        if mode == DeziMode::Revoked {
            self.revoke(id);
        }
        let jku = if mode == DeziMode::WrongJku {
            ELSEWHERE.to_owned()
        } else {
            format!("{base}/dezi/jwks.json")
        };
        self.signed(&claims, Some(jku))
    }

    /// Signs what is said about a user; claims to be the published key in any case.
    pub(super) fn signed(&self, claims: &Value, jku: Option<String>) -> Result<String, TestbedError> {
        let mode = self.state().mode;
        let key = if mode == DeziMode::WrongSignature {
            &self.0.other_key
        } else {
            &self.0.key
        };
        key.sign(Algorithm::RS256, claims, |header| {
            header.jku = jku;
            header.kid = Some(self.0.key.kid().to_owned());
        })
    }

    /// From when until when something holds that lasts so many seconds.
    pub(super) fn period(&self, lasts: i64) -> (i64, i64) {
        let path = "/userinfo";
        let faults = self.0.shared.faults();
        let expired = self.state().mode == DeziMode::Expired
            || faults.is_on(&ServiceId::Dezi, path, &Fault::ExpiredToken);
        let now = self.now() + faults.clock_skew(&ServiceId::Dezi, path);
        if expired {
            (now - 2 * 86_400, now - 86_400)
        } else {
            (now - 60, now + lasts)
        }
    }

    pub(super) fn now(&self) -> i64 {
        self.0.shared.clock().seconds()
    }
}
