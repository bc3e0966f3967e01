//! The credentials in a presentation: which organisation asks, and for which user.
//!
//! The organisation's is an `X509Credential`, signed with the key of a certificate of the testbed's own authority. The user's is a
//! statement of the organisation itself (`NutsEmployeeCredential`) or one that Dezi signed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::{Algorithm, DecodingKey};
use rsa::pkcs8::{EncodePublicKey as _, LineEnding};
use serde_json::Value;

use super::{Denial, SKEW, verified};
use crate::client::client_key;
use crate::dezi;
use crate::keys::RsaKey;
use crate::net::Shared;
use crate::tls::fingerprint;

/// A user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct User {
    pub(super) number: String,
    pub(super) role: String,
}

const fn refused(text: &'static str) -> Denial {
    Denial("invalid_grant", text)
}

/// Whether a credential (an object, or the claims of a JWT) has a type.
fn has_type(credential: &Value, wanted: &str) -> bool {
    let types = credential.get("type").or_else(|| credential.pointer("/vc/type"));
    types
        .and_then(Value::as_array)
        .is_some_and(|types| types.iter().any(|one| one == wanted))
}

/// The URA of the `X509Credential` among the credentials.
pub(super) fn organisation(shared: &Shared, credentials: &[Value], now: i64) -> Result<String, Denial> {
    let mut found = Err(refused("no X509Credential in the presentation"));
    for token in credentials.iter().filter_map(Value::as_str) {
        let header = jsonwebtoken::decode_header(token).map_err(|_| refused("a credential is not a JWT"))?;
        if header.alg == Algorithm::PS256 {
            found = x509(shared, token, header.x5c.as_deref().unwrap_or_default(), now);
        }
    }
    found
}

fn x509(shared: &Shared, token: &str, chain: &[String], now: i64) -> Result<String, Denial> {
    let chain: Vec<Vec<u8>> = chain.iter().filter_map(|der| STANDARD.decode(der).ok()).collect();
    let [certificate, .., root] = chain.as_slice() else {
        return Err(refused("the X509Credential has no certificate chain"));
    };
    if fingerprint(root) != fingerprint(shared.authority().der()) {
        return Err(refused("the certificate authority is not trusted"));
    }
    // The authority of the testbed gave out one client certificate.
    if fingerprint(certificate) != shared.client().client_cert_fingerprint {
        return Err(refused("the certificate is not known"));
    }
    let key = client_key(shared.seed()).ok().and_then(|key| public(&key));
    let key = key.ok_or(refused("the key of the certificate cannot be read"))?;
    let claims: Value = verified(token, Algorithm::PS256, &key)
        .ok_or(refused("the signature of the X509Credential is wrong"))?;
    if !has_type(&claims, "X509Credential") {
        return Err(refused("no X509Credential in the presentation"));
    }
    if !valid_now(&claims, now) {
        return Err(refused("the X509Credential is not valid now"));
    }
    if claims.get("sub").and_then(Value::as_str) != Some(&shared.client().did) {
        return Err(refused("the X509Credential is about somebody else"));
    }
    let name = claims
        .pointer("/vc/credentialSubject/san/otherName")
        .and_then(Value::as_str);
    name.and_then(ura).ok_or(refused("no URA in the X509Credential"))
}

/// The URA in an UZI name `<oid>-<version>-<uzi>-S-<ura>-00.000-<agb>`.
fn ura(name: &str) -> Option<String> {
    let parts: Vec<&str> = name.split('-').collect();
    match parts.as_slice() {
        [oid, version, uzi, "S", ura, "00.000", agb]
            if oid.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
                && [version, uzi, ura, agb].iter().all(|part| is_number(part)) =>
        {
            Some((*ura).to_owned())
        }
        _ => None,
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The user among the credentials.
pub(super) fn user(shared: &Shared, credentials: &[Value], ura: &str, now: i64) -> Result<User, Denial> {
    let employee = credentials
        .iter()
        .filter_map(|credential| match credential {
            Value::String(token) => self_issued(shared, token, now),
            object => Some(object.clone()),
        })
        .find(|credential| has_type(credential, "NutsEmployeeCredential"));
    if let Some(credential) = &employee {
        let text = |name: &str| {
            let subject = credential.get("credentialSubject")?;
            let subject = subject.as_array().map_or(Some(subject), |list| list.first())?;
            subject.get(name)?.as_str().filter(|text| !text.is_empty())
        };
        return match (text("identifier"), text("roleName")) {
            (Some(number), Some(role)) => Ok(User {
                number: number.to_owned(),
                role: role.to_owned(),
            }),
            _ => Err(refused("the NutsEmployeeCredential names no user and role")),
        };
    }
    let dezi = credentials
        .iter()
        .find(|credential| has_type(credential, "DeziUserCredential"));
    let dezi = dezi.ok_or(refused("no credential about the user in the presentation"))?;
    let statement = dezi.pointer("/proof/jwt").and_then(Value::as_str);
    let statement = statement.ok_or(refused("the DeziUserCredential holds no statement"))?;
    let key = dezi::signing_key(shared.seed()).ok().and_then(|key| public(&key));
    let key = key.ok_or(refused("the key of Dezi cannot be read"))?;
    let statement: Value = verified(statement, Algorithm::RS256, &key)
        .ok_or(refused("the signature of the Dezi statement is wrong"))?;
    if !valid_now(&statement, now) {
        return Err(refused("the Dezi statement is not valid now"));
    }
    let text = |name: &str| statement.get(name).and_then(Value::as_str);
    if dezi.pointer("/proof/type").and_then(Value::as_str) == Some("DeziIDJWT2024") {
        let role = dezi
            .pointer("/credentialSubject/roleName")
            .and_then(Value::as_str);
        return related(&statement, ura, role);
    }
    if text("abonnee_nummer") != Some(ura) {
        return Err(refused("the Dezi statement is for another organisation"));
    }
    match (text("dezi_nummer"), text("rol_code")) {
        (Some(number), Some(role)) => Ok(User {
            number: number.to_owned(),
            role: role.to_owned(),
        }),
        _ => Err(refused("the Dezi statement names no user and role")),
    }
}

/// The user of a Dezi statement of 2024, which must have the role that the credential claims at the organisation.
fn related(statement: &Value, ura: &str, role: Option<&str>) -> Result<User, Denial> {
    let relations = statement.get("relations").and_then(Value::as_array);
    let relation = relations
        .into_iter()
        .flatten()
        .find(|relation| relation["ura"] == ura)
        .ok_or(refused("the Dezi statement is for another organisation"))?;
    let roles = relation["roles"].as_array();
    let role = role.filter(|role| roles.is_some_and(|roles| roles.iter().any(|one| one == role)));
    match (statement["uzi_id"].as_str(), role) {
        (Some(number), Some(role)) => Ok(User {
            number: number.to_owned(),
            role: role.to_owned(),
        }),
        _ => Err(refused("the Dezi statement names no user and role")),
    }
}

/// What the asker states about itself in a JWT, as GFI-004 wants it.
fn self_issued(shared: &Shared, token: &str, now: i64) -> Option<Value> {
    let client = shared.client();
    let key = DecodingKey::from_ec_pem(client.signing_public_pem.as_bytes()).ok()?;
    let claims: Value = verified(token, Algorithm::ES256, &key)?;
    let about = |name: &str| claims.get(name).and_then(Value::as_str) == Some(&client.did);
    (about("iss") && about("sub") && valid_now(&claims, now)).then(|| claims.get("vc").cloned())?
}

/// The public half of an RSA key, to check signatures with.
fn public(key: &RsaKey) -> Option<DecodingKey> {
    let pem = key
        .private()
        .to_public_key()
        .to_public_key_pem(LineEnding::LF)
        .ok()?;
    DecodingKey::from_rsa_pem(pem.as_bytes()).ok()
}

/// Whether now is between `nbf` and `exp`, where these are given.
fn valid_now(claims: &Value, now: i64) -> bool {
    let time = |name: &str| claims.get(name).and_then(Value::as_i64);
    time("nbf").is_none_or(|from| from - SKEW <= now) && time("exp").is_none_or(|to| to + SKEW >= now)
}

#[cfg(test)]
mod tests {
    use super::ura;

    #[test]
    fn only_production_names_hold_a_ura() {
        let name = "2.16.528.1.1007.99.2110-1-900000017-S-00900900-00.000-01000009";
        assert_eq!(ura(name).as_deref(), Some("00900900"));
        assert_eq!(ura("2.16.528-1-9-Z-00900900-00.000-1"), None);
        assert_eq!(ura("2.16.528-1-9-S-00900900-01.015-1"), None);
        assert_eq!(ura(""), None);
    }
}
