//! The answer of `/userinfo`: encrypted for us or signed only. In version 0.7 it is an envelope with the declaration in
//! it; in the form of 2024 it is the statement itself.

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::Dezi;
use super::error::LoginError;
use crate::access::jwe;
use crate::access::jwt::{self, Audience, check_period};

/// What Dezi told about a user. Whose it is and what it says is not checked yet.
pub(super) struct Told {
    /// The signed statement.
    pub declaration: String,
    /// Its id, when the envelope names one.
    pub id: Option<String>,
}

/// What is around a declaration.
#[derive(Deserialize)]
struct Envelope {
    iss: String,
    aud: Audience,
    exp: i64,
    nbf: Option<i64>,
    verklaring_id: Option<String>,
    verklaring: String,
}

/// Tells an envelope from a statement.
#[derive(Deserialize)]
struct Shape {
    relations: Option<IgnoredAny>,
    verklaring: Option<IgnoredAny>,
}

impl Dezi {
    /// Opens the answer.
    pub(super) async fn told(&self, answer: &str, now: Timestamp) -> Result<Told, LoginError> {
        let answer = answer.trim();
        let opened;
        let signed = if answer.bytes().filter(|byte| *byte == b'.').count() == 4 {
            let key = self
                .key
                .as_ref()
                .ok_or(LoginError::Answer("it is encrypted, and there is no key"))?;
            opened = jwe::decrypt(answer, key).ok_or(LoginError::Answer("it cannot be decrypted"))?;
            opened.as_str()
        } else {
            answer
        };
        let envelope: Envelope = if signed.starts_with('{') && signed.len() < answer.len() {
            // Encrypted for us without a signature around it: the declaration inside has its own.
            serde_json::from_str(signed).map_err(|_| LoginError::Answer("it lacks a declaration"))?
        } else if is_statement(signed)? {
            return Ok(Told {
                declaration: signed.to_owned(),
                id: None,
            });
        } else {
            self.signed_by_issuer(signed, now).await?
        };
        self.check_issued(&envelope.iss, &envelope.aud)?;
        check_period(now, envelope.nbf, envelope.exp)?;
        Ok(Told {
            declaration: envelope.verklaring,
            id: envelope.verklaring_id,
        })
    }
}

/// Whether a token is a statement of 2024 without an envelope. It is checked as one then, and as nothing else.
fn is_statement(token: &str) -> Result<bool, LoginError> {
    let shape: Option<Shape> = jwt::read(token)?.claimed();
    Ok(shape.is_some_and(|shape| shape.relations.is_some() && shape.verklaring.is_none()))
}
