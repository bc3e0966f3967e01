//! Signed origin of what stands in the directory: a `Provenance` with a detached signature over a resource
//! (section 2.2, item 7).
//!
//! The signature is over the resource without `meta` and narrative (canonicalisation `json#static`), so that it still
//! fits in a copy of the directory.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};

use super::content::URA;
use super::instant;
use crate::client::client_key;
use crate::error::TestbedError;
use crate::keys::{RsaKey, base64url, failed};
use crate::net::Shared;
use crate::tls::{Subject, uzi_server_name};

/// How the resource is written down before it is signed.
const CANONICAL: &str = "http://hl7.org/fhir/canonicalization/json#static";
/// Purpose of the signature: the author's.
const AUTHOR: &str = "1.2.840.10065.1.12.1.1";

/// A care provider that signs, with its certificate.
pub(super) struct Signer {
    key: RsaKey,
    certificate_der: Vec<u8>,
    who: Value,
}

impl Signer {
    /// The care provider of this URA. All of them hold one key, under certificates of their own.
    pub(super) fn new(shared: &Shared, ura: &str) -> Result<Self, TestbedError> {
        let key = client_key(shared.seed())?;
        let identity = shared.authority().client(
            &key,
            &Subject {
                common_name: ura,
                organisation: ura,
                oin: ura,
                uzi_name: &uzi_server_name(ura),
                number: 1,
            },
        )?;
        Ok(Signer {
            key,
            certificate_der: identity.certificate_der,
            who: json!({"reference": format!("Organization/org-{ura}"),
                "identifier": {"system": URA, "value": ura}}),
        })
    }
}

/// The form that is signed: without `meta` and narrative at any depth, keys sorted, no white space (RFC 8785).
pub(super) fn canonical(resource: &Value) -> String {
    // `serde_json` sorts keys; the directory has no fractional numbers, whose spelling RFC 8785 fixes too.
    stripped(resource).to_string()
}

fn stripped(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let resource = members.contains_key("resourceType");
            let left_out = |name: &str, value: &Value| match name {
                "meta" => resource,
                "text" => value.get("div").is_some(),
                _ => false,
            };
            let mut kept: Vec<(&String, &Value)> = members
                .iter()
                .filter(|(name, value)| !left_out(name, value))
                .collect();
            kept.sort_by_key(|(name, _)| *name);
            kept.into_iter()
                .map(|(name, value)| (name.clone(), stripped(value)))
                .collect()
        }
        Value::Array(items) => items.iter().map(stripped).collect(),
        other => other.clone(),
    }
}

/// The Provenance of a resource as it is stored.
pub(super) fn signed(resource: &Value, signer: &Signer, at: Timestamp) -> Result<Value, TestbedError> {
    let text = |name: &str| resource[name].as_str().unwrap_or_default();
    let (kind, id) = (text("resourceType"), text("id"));
    let at = instant(at);
    let header = json!({"alg": "RS256", "typ": "JOSE", "canon": CANONICAL, "sigT": at,
        "srCms": [{"commId": {"id": format!("urn:oid:{AUTHOR}"), "desc": "Author's Signature"}}],
        "x5c": [STANDARD.encode(&signer.certificate_der)]});
    let header = base64url(header.to_string().as_bytes());
    let message = format!("{header}.{}", base64url(canonical(resource).as_bytes()));
    let key =
        EncodingKey::from_rsa_pem(signer.key.pem().as_bytes()).map_err(|error| failed("signature", error))?;
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::RS256)
        .map_err(|error| failed("signature", error))?;
    Ok(json!({
        "resourceType": "Provenance", "id": format!("prov-{id}"),
        "target": [{"reference": format!("{kind}/{id}")}], "recorded": at,
        "agent": [{"type": {"coding": [{"code": "author",
            "system": "http://terminology.hl7.org/CodeSystem/provenance-participant-type"}]}, "who": signer.who}],
        "signature": [{
            "type": [{"system": "urn:iso-astm:E1762-95:2013", "code": AUTHOR}], "when": at, "who": signer.who,
            "targetFormat": format!("application/fhir+json;canonicalization={CANONICAL}"),
            "sigFormat": "application/jose",
            // The signature is in base64url already, and once more as FHIR's base64Binary.
            "data": STANDARD.encode(format!("{header}..{signature}")),
        }],
    }))
}
