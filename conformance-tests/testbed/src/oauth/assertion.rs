//! Client assertions of generation B: signed with the key of the client certificate and bound to it.

use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use serde_json::Value;

use crate::answer;
use crate::client::client_key;
use crate::net::Shared;

/// Seconds that clocks may differ.
const LEEWAY: i64 = 5;

#[derive(Deserialize)]
struct Assertion {
    iss: String,
    sub: String,
    aud: Value,
    exp: i64,
    iat: i64,
    jti: String,
    cnf: Confirmation,
    scope: Option<String>,
    target_audience: Option<String>,
}

#[derive(Deserialize)]
struct Confirmation {
    #[serde(rename = "x5t#S256")]
    fingerprint: String,
}

/// Checks the assertion of a token request; gives the URA in it.
pub(super) fn check(
    shared: &Shared,
    issuer: &str,
    form: &[(String, String)],
) -> Result<String, &'static str> {
    if answer::value(form, "client_assertion_type")
        != Some("urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
    {
        return Err("client_assertion_type must be jwt-bearer");
    }
    let token = answer::value(form, "client_assertion").ok_or("client_assertion is missing")?;
    let header = jsonwebtoken::decode_header(token).map_err(|_| "client_assertion is not a JWT")?;
    let fingerprint = &header
        .kid
        .filter(|kid| shared.accepts(kid))
        .ok_or("kid is not the fingerprint of the client certificate")?;
    let jwk = client_key(shared.seed())
        .map_err(|_| "no key to check with")?
        .jwk("sig", "RS256");
    let part = |name: &str| jwk[name].as_str().unwrap_or_default().to_owned();
    let key = DecodingKey::from_rsa_components(&part("n"), &part("e")).map_err(|_| "no key to check with")?;
    let mut validation = Validation::new(Algorithm::RS256);
    // Time and audience are checked here, with the clock of the simulated country.
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    let claims = jsonwebtoken::decode::<Assertion>(token, &key, &validation)
        .map_err(|_| "the signature or a claim is wrong")?
        .claims;
    let now = shared.clock().seconds();
    if claims.exp + LEEWAY < now || claims.iat - LEEWAY > now || claims.exp - claims.iat > 300 {
        return Err("the assertion is not valid now");
    }
    let endpoint = format!("{issuer}/oauth/token");
    let for_us = match &claims.aud {
        Value::String(one) => *one == endpoint,
        Value::Array(several) => several.iter().any(|one| *one == endpoint),
        _ => false,
    };
    if !for_us {
        return Err("aud is not the token endpoint");
    }
    if claims.cnf.fingerprint != *fingerprint {
        return Err("cnf is not the client certificate");
    }
    if claims.jti.is_empty() || claims.iss != claims.sub {
        return Err("jti is missing, or iss and sub differ");
    }
    if claims.iss != shared.client().ura.as_str() {
        return Err("the organisation is not known");
    }
    for (name, claim) in [
        ("scope", &claims.scope),
        ("target_audience", &claims.target_audience),
    ] {
        if claim
            .as_deref()
            .is_some_and(|claim| Some(claim) != answer::value(form, name))
        {
            return Err("scope or target_audience differs from the request");
        }
    }
    Ok(claims.iss)
}
