//! The form of 2024: a statement that names every organisation of the user (`relations`), and none that acts.
//!
//! Claims and header are those of the public register of the ministry's pilot (`nl-uzipoc-register-api`): RS256, `kid`
//! of the signing key, no `jku`, a minute long, `x5c` in the payload.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::declaration::{ELSEWHERE, LEVEL};
use super::{Certificates, Dezi, DeziMode, DeziUser};
use crate::error::TestbedError;
use crate::tls::{Authority, Subject};

/// Seconds that a statement holds.
const LIFETIME: i64 = 60;

impl Dezi {
    /// A statement of 2024 about a user, as tests may need one without a login.
    ///
    /// # Errors
    /// [`TestbedError::Key`] when it cannot be signed.
    pub fn statement(
        &self,
        user: &DeziUser,
        certificates: Certificates,
        status: bool,
    ) -> Result<String, TestbedError> {
        let mode = self.state().mode;
        let (from, until) = self.period(LIFETIME);
        let client = &self.0.shared.client().dezi_client_id;
        let id = self.fresh("statement");
        let mut claims = json!({
            "iss": self.0.base, "aud": client, "nbf": from, "exp": until, "sub": self.fresh("subject"), "jti": id,
            "json_schema": "https://www.dezi.nl/json_schema_v1.json", "loa_authn": LEVEL, "loa_uzi": LEVEL,
            "uzi_id": user.number, "initials": user.initials, "surname_prefix": "", "surname": user.family_name,
            "relations": relations(user, mode), "x5c": self.certificates(certificates)?,
        });
        if status {
            claims["status_uri"] = Value::String(format!("{}/status/v1/verklaring/{id}", self.0.base));
        }
        if mode == DeziMode::Revoked {
            self.revoke(&id);
        }
        let jku = (mode == DeziMode::WrongJku).then(|| ELSEWHERE.to_owned());
        self.signed(&claims, jku)
    }

    /// The claim `x5c`: one certificate as text, or a chain.
    fn certificates(&self, certificates: Certificates) -> Result<Value, TestbedError> {
        let shared = &self.0.shared;
        let foreign;
        let (authority, key, name) = match certificates {
            Certificates::Recipient => (shared.authority(), &self.0.client_key, "west.example"),
            Certificates::Signer => (shared.authority(), &self.0.key, "dezi.example"),
            Certificates::Foreign => {
                foreign = Authority::from_seed(shared.seed(), "another certificate authority")?;
                (&foreign, &self.0.key, "dezi.example")
            }
        };
        let subject = Subject {
            common_name: name,
            organisation: name,
            oin: "00000099000000001000",
            uzi_name: "",
            number: 7,
        };
        let certificate = STANDARD.encode(authority.client(key, &subject)?.certificate_der);
        Ok(match certificates {
            Certificates::Recipient => Value::String(certificate),
            _ => json!([certificate, STANDARD.encode(authority.der())]),
        })
    }
}

fn relations(user: &DeziUser, mode: DeziMode) -> Value {
    let own = json!({"ura": user.organisation, "entity_name": user.organisation_name, "roles": [user.role]});
    let other = json!({"ura": "00700799", "entity_name": "Kliniek Elders", "roles": ["01.041"]});
    match mode {
        DeziMode::NoRelation => json!([other]),
        DeziMode::TwoRelations => json!([other, own]),
        DeziMode::SameRelationTwice => json!([own, own]),
        DeziMode::SeveralRoles => {
            let mut several = own;
            several["roles"] = json!(["30.000", user.role, "01.010"]);
            json!([several])
        }
        _ => json!([own]),
    }
}
