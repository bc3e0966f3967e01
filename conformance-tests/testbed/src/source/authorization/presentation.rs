//! Verifiable presentations: who presents, for which server, for how long, and how often.
//!
//! A presentation lives five seconds, is for this server only and is used once.

use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::Value;

use super::{Denial, SKEW, Server, is_for, verified};

/// Seconds that a presentation lives.
const LIFE: i64 = 5;

#[derive(Deserialize)]
struct Presentation {
    iss: String,
    aud: Value,
    /// What makes it usable once: `nonce` in RFC021, `jti` in GFI-004.
    nonce: Option<String>,
    jti: Option<String>,
    nbf: Option<i64>,
    iat: Option<i64>,
    exp: i64,
    vp: Inside,
}

#[derive(Deserialize)]
struct Inside {
    #[serde(rename = "verifiableCredential")]
    credentials: Value,
}

/// Which number makes a presentation usable once.
#[derive(Clone, Copy)]
pub(super) enum Once {
    /// RFC021.
    Nonce,
    /// GFI-004.
    Jti,
}

/// A presentation that holds, but whose number is not used up yet.
pub(super) struct Presented {
    pub(super) credentials: Vec<Value>,
    once: String,
}

/// Reads a presentation of the asker.
pub(super) fn read(server: &Server, token: &str, once: Once, now: i64) -> Result<Presented, Denial> {
    let client = server.shared.client();
    let key = DecodingKey::from_ec_pem(client.signing_public_pem.as_bytes())
        .map_err(|_| Denial("server_error", "the client's key cannot be read"))?;
    let refused = |text| Denial("invalid_grant", text);
    let presentation: Presentation =
        verified(token, Algorithm::ES256, &key).ok_or(refused("the presentation cannot be verified"))?;
    if presentation.iss != client.did {
        return Err(refused("the holder of the presentation is not known"));
    }
    if !is_for(&presentation.aud, &[&server.issuer]) {
        return Err(refused("the presentation is for another server"));
    }
    let begins = presentation
        .nbf
        .or(presentation.iat)
        .ok_or(refused("the presentation does not say when it begins"))?;
    if presentation.exp - begins > LIFE {
        return Err(refused("the presentation lives too long"));
    }
    if begins - SKEW > now || presentation.exp + SKEW < now {
        return Err(refused("the presentation is not valid now"));
    }
    let number = match once {
        Once::Nonce => presentation.nonce.map(|nonce| format!("nonce {nonce}")),
        Once::Jti => presentation.jti.map(|jti| format!("jti {jti}")),
    };
    let number = number.filter(|number| !number.ends_with(' '));
    Ok(Presented {
        once: number.ok_or(refused("the presentation has no number"))?,
        credentials: match presentation.vp.credentials {
            Value::Array(credentials) => credentials,
            one => vec![one],
        },
    })
}

impl Presented {
    /// Uses the number up: last, so that a refused presentation may be corrected and sent again.
    pub(super) fn use_up(&self, server: &Server) -> Result<(), Denial> {
        if server.tokens.first_use(&self.once) {
            Ok(())
        } else {
            Err(Denial("invalid_grant", "the nonce was used before"))
        }
    }
}
