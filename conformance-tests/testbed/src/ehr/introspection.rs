//! What the host tells a resource server about a token (RFC 7662): the patient under the host's own id, and, as only the
//! back channel may carry it, the number.

use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use serde_json::{Value, json};

use super::launch::Bound;
use super::number;
use crate::answer;
use crate::client::ClientMaterial;

/// Longest life of an assertion, in seconds.
const ASSERTION_LIFE: i64 = 300;

#[derive(Deserialize)]
struct Assertion {
    iss: String,
    sub: String,
    aud: String,
    exp: i64,
}

/// Checks who asks: an assertion (`private_key_jwt`) with the SMART key of the asking organisation, of the client with this
/// id and for this audience.
pub(super) fn authenticate(
    client: &ClientMaterial,
    (id, audience): (&str, &str),
    form: &[(String, String)],
    now: i64,
) -> Result<(), &'static str> {
    let value = |name: &str| answer::value(form, name).unwrap_or_default();
    if value("client_assertion_type") != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" {
        return Err("client_assertion_type must be jwt-bearer");
    }
    let mut validation = Validation::new(Algorithm::ES384);
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    let key = DecodingKey::from_ec_pem(client.smart_public_pem.as_bytes())
        .map_err(|_| "the client's key cannot be read")?;
    let claims = jsonwebtoken::decode::<Assertion>(value("client_assertion"), &key, &validation)
        .map_err(|_| "client_assertion cannot be verified")?
        .claims;
    let known = claims.iss == id && claims.sub == claims.iss && claims.aud == audience;
    if !known || claims.exp < now || claims.exp > now + ASSERTION_LIFE {
        return Err("client_assertion is of somebody else, for another server, or not valid now");
    }
    Ok(())
}

/// The answer; of a token that is not known, no more than that.
pub(super) fn tell(bound: Option<&Bound>, issuer: &str, client: &str) -> Value {
    let Some(bound) = bound else {
        return json!({"active": false});
    };
    let mut told = json!({
        "active": true, "iss": issuer, "client_id": client, "token_type": "Bearer", "scope": bound.scope,
        "aud": bound.audience, "exp": bound.expires, "sub": bound.patient, "patient": bound.patient,
    });
    if let Some(number) = number(&bound.patient) {
        told["patient_bsn"] = Value::from(number);
    }
    told
}
