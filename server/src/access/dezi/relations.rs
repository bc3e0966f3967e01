//! The form of 2024: a statement that names every organisation of the user (`relations`), each with the user's roles.
//!
//! Public sources agree on the claims and leave four things open: where the key is, which of several relations and of
//! several roles acts, and how a statement is withdrawn. None of them is guessed: the configuration says
//! ([`Form2024Config`]), and what it does not say is refused. Decision 23.

use jiff::Timestamp;
use samenhang_gather::query::{Declaration, DeclarationForm, User};
use samenhang_profiles::Ura;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::Dezi;
use super::chain::{Anchors, Chain};
use super::declaration::{Declared, LONGEST, full_name, is_code};
use super::error::LoginError;
use crate::access::config::{DeziConfig, Form2024Config, KeyPlace, WithoutStatus};
use crate::access::error::AccessError;
use crate::access::jwt::{self, Audience, JwtError, check_period};

/// Most relations of one user, and most roles in one of them.
const MOST: usize = 64;

/// How statements of 2024 are read.
pub(in crate::access) struct Relations {
    config: Form2024Config,
    /// The authorities of `certificate-chain`.
    anchors: Option<Anchors>,
}

/// The claims. Three sources name the number of the user in three ways, and its level of assurance too.
#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: Audience,
    nbf: i64,
    exp: i64,
    jti: Option<String>,
    uzi_id: Option<String>,
    #[serde(rename = "Dezi_id")]
    dezi_id: Option<String>,
    dezi_nummer: Option<String>,
    loa_uzi: Option<String>,
    #[serde(rename = "loa_Dezi")]
    loa_dezi_capital: Option<String>,
    loa_dezi: Option<String>,
    loa_authn: Option<String>,
    initials: Option<String>,
    surname_prefix: Option<String>,
    surname: String,
    relations: Vec<Relation>,
    status_uri: Option<String>,
}

/// One organisation of the user.
#[derive(Deserialize)]
struct Relation {
    ura: String,
    #[serde(default)]
    roles: Vec<String>,
}

/// The certificates of a statement, before anything of it is proven.
#[derive(Deserialize)]
struct Certified {
    x5c: Chain,
}

impl Relations {
    /// What is configured, when statements of 2024 are accepted.
    pub(in crate::access) fn configured(config: &DeziConfig) -> Result<Option<Self>, AccessError> {
        let wrong = |key, reason| Err(AccessError::Setting { key, reason });
        if config.accept.is_empty() {
            return wrong("access.dezi.accept", "it names no form");
        }
        let accepted = config.accept.contains(&DeclarationForm::Of2024);
        let chosen = match (&config.form_2024, accepted) {
            (None, false) => return Ok(None),
            (Some(_), false) => {
                return wrong("access.dezi.form_2024", "it is of no use while accept lacks 2024");
            }
            (None, true) => return wrong("access.dezi.form_2024", "accept names 2024, so it is needed"),
            (Some(chosen), true) => chosen,
        };
        let anchors = match (chosen.key, &chosen.anchors_file) {
            (KeyPlace::IssuerKeys, None) => None,
            (KeyPlace::CertificateChain, Some(path)) => Some(Anchors::read(path)?),
            (KeyPlace::IssuerKeys, Some(_)) => {
                return wrong(
                    "access.dezi.form_2024.anchors_file",
                    "it is of no use with issuer-keys",
                );
            }
            (KeyPlace::CertificateChain, None) => {
                return wrong("access.dezi.form_2024.anchors_file", "certificate-chain needs it");
            }
        };
        Ok(Some(Relations {
            config: chosen.clone(),
            anchors,
        }))
    }
}

/// Checks a statement: key, signature, period, issuer, audience, level, and our organisation among its relations.
pub(super) async fn check(dezi: &Dezi, token: &str, now: Timestamp) -> Result<Declared, LoginError> {
    let refuse = |reason| Err(LoginError::Declaration(reason));
    let undecided = |reason| Err(LoginError::Undecided(reason));
    let Some(relations) = &dezi.relations else {
        return undecided("its form is that of 2024, which access.dezi.accept does not name");
    };
    let claims: Claims = match &relations.anchors {
        None => dezi.signed_by_issuer(token, now).await?,
        Some(anchors) => {
            let unverified = jwt::read(token)?;
            let brought: Certified = unverified.claimed().ok_or(JwtError::Key)?;
            unverified.verify_by(|algorithm, text, signature| {
                anchors.check(&brought.x5c, now, algorithm, text, signature)
            })?
        }
    };
    check_period(now, Some(claims.nbf), claims.exp)?;
    if !dezi.config.declaration_issuers.contains(&claims.iss) {
        return refuse("its issuer is not on the list");
    }
    if !claims.aud.contains(&dezi.config.client_id) {
        return Err(JwtError::Audience.into());
    }
    if !claims.has_level(&dezi.config.levels) {
        return refuse("its level of assurance is too low");
    }
    if claims.relations.len() > MOST || claims.relations.iter().any(|one| one.roles.len() > MOST) {
        return refuse("it has too many relations or roles");
    }
    let ours = &dezi.organisation.ura;
    let mut relation = claims
        .relations
        .iter()
        .filter(|one| one.ura.parse::<Ura>().is_ok_and(|ura| ura == *ours));
    let role = match (relation.next(), relation.next()) {
        (None, _) => return refuse("it has no relation with our organisation"),
        (Some(_), Some(_)) => return undecided("it names our organisation more than once"),
        (Some(relation), None) => acting_role(&relation.roles, &relations.config.roles)?,
    };
    let Some(number) = claims.number() else {
        return refuse("it has no number, or more than one");
    };
    if !is_code(number) || !is_code(role) {
        return refuse("it has no number or role");
    }
    if claims.status_uri.is_none() && relations.config.without_status == WithoutStatus::Refuse {
        return undecided("it names no address for its status (access.dezi.form_2024.without_status)");
    }
    let name = full_name([
        claims.initials.as_deref(),
        claims.surname_prefix.as_deref(),
        Some(claims.surname.as_str()),
    ]);
    // Not every source has an id: then what was signed stands for itself.
    let id = claims
        .jti
        .clone()
        .unwrap_or_else(|| format!("sha256:{:x}", Sha256::digest(token)));
    if [name.as_str(), number, role, &id]
        .into_iter()
        .any(|text| text.len() > LONGEST)
    {
        return refuse("a claim is too long");
    }
    Ok(Declared {
        user: User {
            number: number.to_owned(),
            role: role.to_owned(),
            name,
            declaration: Some(Declaration {
                form: DeclarationForm::Of2024,
                jwt: token.to_owned(),
            }),
        },
        id,
        status_uri: claims.status_uri,
    })
}

/// The role in which a user acts: the only one, or the first of the configured ones that the relation has.
fn acting_role<'a>(roles: &'a [String], preferred: &[String]) -> Result<&'a str, LoginError> {
    match roles {
        [] => Err(LoginError::Declaration("it has no number or role")),
        [only] => Ok(only),
        several => preferred
            .iter()
            .find_map(|wanted| several.iter().find(|role| *role == wanted))
            .map(String::as_str)
            .ok_or(LoginError::Undecided(
                "it gives several roles, and access.dezi.form_2024.roles prefers none of them",
            )),
    }
}

impl Claims {
    /// The number of the user, when there is one and no other beside it.
    fn number(&self) -> Option<&str> {
        let mut numbers = [&self.uzi_id, &self.dezi_id, &self.dezi_nummer]
            .into_iter()
            .filter_map(Option::as_deref);
        let number = numbers.next()?;
        numbers.all(|other| other == number).then_some(number)
    }

    /// Whether every level that is stated suffices: that of the user, which must be there, and that of this login.
    fn has_level(&self, suffice: &[String]) -> bool {
        let user = [&self.loa_uzi, &self.loa_dezi_capital, &self.loa_dezi];
        let stated = || user.into_iter().chain([&self.loa_authn]).flatten();
        user.into_iter().any(Option::is_some) && stated().all(|level| suffice.contains(level))
    }
}
