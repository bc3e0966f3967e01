//! Dezi's declaration: who someone is, in which role, for which organisation.

use jiff::Timestamp;
use samenhang_gather::query::{Declaration, DeclarationForm, User};
use samenhang_profiles::Ura;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::error::LoginError;
use super::{Dezi, relations};
use crate::access::jwt::{self, check_period};

/// Longest value of a claim, in bytes.
pub(super) const LONGEST: usize = 512;

/// What a declaration says that we use.
pub(super) struct Declared {
    pub user: User,
    pub id: String,
    pub status_uri: Option<String>,
}

/// Tells the form of 2024 from version 0.7.
#[derive(Deserialize)]
struct Shape {
    relations: Option<IgnoredAny>,
}

/// The claims of version 0.7.
#[derive(Deserialize)]
struct Claims {
    iss: String,
    nbf: i64,
    exp: i64,
    loa_dezi: String,
    verklaring_id: String,
    dezi_nummer: String,
    voorletters: Option<String>,
    voorvoegsel: Option<String>,
    achternaam: String,
    abonnee_nummer: String,
    rol_code: String,
    status_uri: String,
}

/// Checks a declaration in the form that it has, which must be one that is accepted.
pub(super) async fn check(dezi: &Dezi, token: &str, now: Timestamp) -> Result<Declared, LoginError> {
    // What it says of itself chooses how it is checked, and nothing else.
    let shape: Option<Shape> = jwt::read(token)?.claimed();
    if shape.is_some_and(|shape| shape.relations.is_some()) {
        return relations::check(dezi, token, now).await;
    }
    if !dezi.config.accept.contains(&DeclarationForm::V07) {
        return Err(LoginError::Undecided(
            "its form is that of version 0.7, which access.dezi.accept does not name",
        ));
    }
    version_07(dezi, token, now).await
}

/// Version 0.7: where its keys may come from, signature, period, issuer, level, and our organisation.
async fn version_07(dezi: &Dezi, token: &str, now: Timestamp) -> Result<Declared, LoginError> {
    let refuse = |reason| Err(LoginError::Declaration(reason));
    let unverified = jwt::read(token)?;
    let Some(address) = unverified.key_address() else {
        return refuse("it does not say where its keys are");
    };
    // The address is compared, character by character, with those that were configured.
    let Some(address) = dezi.config.key_addresses.iter().find(|known| *known == address) else {
        return refuse("its keys are at an address that is not on the list");
    };
    let claims: Claims = dezi.verified(token, address, true, now).await?;
    check_period(now, Some(claims.nbf), claims.exp)?;
    if !dezi.config.declaration_issuers.contains(&claims.iss) {
        return refuse("its issuer is not on the list");
    }
    if !dezi.config.levels.contains(&claims.loa_dezi) {
        return refuse("its level of assurance is too low");
    }
    if claims.abonnee_nummer.parse::<Ura>().ok().as_ref() != Some(&dezi.organisation.ura) {
        return refuse("it is for another organisation");
    }
    if !is_code(&claims.dezi_nummer) || !is_code(&claims.rol_code) {
        return refuse("it has no number or role");
    }
    let name = full_name([
        claims.voorletters.as_deref(),
        claims.voorvoegsel.as_deref(),
        Some(claims.achternaam.as_str()),
    ]);
    let longest = [
        &name,
        &claims.dezi_nummer,
        &claims.rol_code,
        &claims.verklaring_id,
    ]
    .into_iter()
    .map(String::len)
    .max();
    if longest.is_some_and(|longest| longest > LONGEST) {
        return refuse("a claim is too long");
    }
    Ok(Declared {
        user: User {
            number: claims.dezi_nummer,
            role: claims.rol_code,
            name,
            declaration: Some(Declaration {
                form: DeclarationForm::V07,
                jwt: token.to_owned(),
            }),
        },
        id: claims.verklaring_id,
        status_uri: Some(claims.status_uri),
    })
}

/// Whether a text is a number or a role code.
pub(super) fn is_code(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

/// Initials, prefix and family name as one name.
pub(super) fn full_name(parts: [Option<&str>; 3]) -> String {
    let parts: Vec<&str> = parts
        .into_iter()
        .flatten()
        .filter(|part| !part.is_empty())
        .collect();
    parts.join(" ")
}
