//! Which credentials an authorisation server wants (DIF Presentation Exchange), and how ours answer to it.
//!
//! Ours are: the `X509Credential` of the organisation, and about the user either the signed Dezi statement or a
//! self-issued `NutsEmployeeCredential`. A server that wants anything else gets nothing.

use jiff::Timestamp;
use jsonwebtoken::Algorithm;
use serde::{Deserialize, Serialize};

use super::config::NutsKeys;
use super::{TokenError, Tokens, jwt};
use crate::clock::random_uuid;
use crate::query::{Asker, DeclarationForm, User};

/// Life of a presentation in seconds (RFC021: at most five).
const LIFE: i64 = 5;

const X509: &str = "X509Credential";
const EMPLOYEE: &str = "NutsEmployeeCredential";
const DEZI: &str = "DeziUserCredential";
const ROLE_TYPE: &str = "HealthcareProviderRoleTypeCredential";

/// A presentation definition.
#[derive(Deserialize)]
pub(super) struct Definition {
    id: String,
    #[serde(default)]
    input_descriptors: Vec<Descriptor>,
}

#[derive(Deserialize)]
struct Descriptor {
    id: String,
    #[serde(default)]
    constraints: Constraints,
}

#[derive(Deserialize, Default)]
struct Constraints {
    #[serde(default)]
    fields: Vec<Field>,
}

#[derive(Deserialize)]
struct Field {
    #[serde(default)]
    path: Vec<String>,
    filter: Option<Filter>,
}

#[derive(Deserialize)]
struct Filter {
    #[serde(rename = "const")]
    constant: Option<serde_json::Value>,
}

impl Descriptor {
    /// The type of credential that it wants.
    fn wants(&self) -> Option<&str> {
        let typed = self
            .constraints
            .fields
            .iter()
            .filter(|field| field.path.iter().any(|path| path.ends_with(".type")));
        typed
            .filter_map(|field| field.filter.as_ref()?.constant.as_ref()?.as_str())
            .find(|wanted| *wanted != "VerifiableCredential")
    }
}

/// A credential: a JWT, or an object that the signature of the presentation covers.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Credential {
    Jwt(String),
    Object(Box<Statement>),
}

/// A credential about ourselves.
#[derive(Serialize)]
pub(super) struct Statement {
    #[serde(rename = "@context")]
    context: [&'static str; 2],
    #[serde(rename = "type")]
    kind: [&'static str; 2],
    issuer: String,
    #[serde(rename = "issuanceDate")]
    issuance_date: String,
    #[serde(rename = "credentialSubject")]
    subject: About,
    #[serde(skip_serializing_if = "Option::is_none")]
    proof: Option<Proof>,
}

#[derive(Serialize)]
struct About {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    identifier: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(rename = "roleName", skip_serializing_if = "Option::is_none")]
    role_name: Option<String>,
    #[serde(rename = "roleCodeNL", skip_serializing_if = "Option::is_none")]
    role_type: Option<String>,
}

#[derive(Serialize)]
struct Proof {
    #[serde(rename = "type")]
    kind: &'static str,
    jwt: String,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    nbf: i64,
    iat: i64,
    exp: i64,
    jti: String,
    nonce: String,
    vp: Presentation<'a>,
}

#[derive(Serialize)]
struct Presentation<'a> {
    #[serde(rename = "@context")]
    context: [&'a str; 1],
    #[serde(rename = "type")]
    kind: &'a str,
    holder: &'a str,
    #[serde(rename = "verifiableCredential")]
    credentials: Vec<Credential>,
}

/// Presents credentials to a server: a JWT that lives five seconds and may be used once.
pub(super) fn sign(
    tokens: &Tokens,
    keys: &NutsKeys,
    audience: &str,
    credentials: Vec<Credential>,
) -> Result<String, TokenError> {
    let now = tokens.clock.now().as_second();
    let claims = Claims {
        iss: &keys.did,
        sub: &keys.did,
        aud: audience,
        nbf: now,
        iat: now,
        exp: now + LIFE,
        jti: random_uuid(&*tokens.random).to_string(),
        nonce: random_uuid(&*tokens.random).to_string(),
        vp: Presentation {
            context: ["https://www.w3.org/2018/credentials/v1"],
            kind: "VerifiablePresentation",
            holder: &keys.did,
            credentials,
        },
    };
    jwt::sign(Algorithm::ES256, &keys.key, &keys.key_id, &claims)
}

/// A credential about ourselves as a JWT (Verifiable Credentials Data Model 1.1, section 6.3.1).
#[derive(Serialize)]
struct SelfIssued<'a> {
    iss: &'a str,
    sub: &'a str,
    nbf: i64,
    exp: i64,
    jti: String,
    vc: Box<Statement>,
}

/// The credentials that GFI-004 asks for without a definition of its own: of the organisation, and about the user. Each
/// is a JWT, but for what Dezi signed, which has no such form.
pub(super) fn of_organisation_and_user(
    tokens: &Tokens,
    keys: &NutsKeys,
    asker: &Asker,
) -> Result<Vec<Credential>, TokenError> {
    let now = tokens.clock.now();
    let about_user = match credential(about_user(asker), keys, asker, now)? {
        Credential::Object(statement) if statement.proof.is_none() => {
            let claims = SelfIssued {
                iss: &keys.did,
                sub: &keys.did,
                nbf: now.as_second(),
                exp: now.as_second() + LIFE,
                jti: random_uuid(&*tokens.random).to_string(),
                vc: statement,
            };
            Credential::Jwt(jwt::sign(Algorithm::ES256, &keys.key, &keys.key_id, &claims)?)
        }
        other => other,
    };
    Ok(vec![of_organisation(keys), about_user])
}

/// The credential of the organisation, which is also the client: it runs this server itself.
pub(super) fn of_organisation(keys: &NutsKeys) -> Credential {
    Credential::Jwt(keys.credential.clone())
}

/// How the proof of a `DeziUserCredential` is called: it tells the verifier how to read the token in it.
fn proof_of(form: DeclarationForm) -> &'static str {
    match form {
        DeclarationForm::V07 => "DeziIDJWT07",
        DeclarationForm::Of2024 => "DeziIDJWT2024",
    }
}

/// Which credential says who the user is.
fn about_user(asker: &Asker) -> &'static str {
    match asker.person() {
        Some(User {
            declaration: Some(_), ..
        }) => DEZI,
        _ => EMPLOYEE,
    }
}

/// Which credential answers to which descriptor.
#[derive(Serialize)]
pub(super) struct Submission {
    id: String,
    definition_id: String,
    descriptor_map: Vec<Mapped>,
}

#[derive(Serialize)]
struct Mapped {
    id: String,
    format: &'static str,
    path: String,
}

impl Submission {
    /// Chooses the credentials.
    pub(super) fn compose(
        definition: Option<&Definition>,
        keys: &NutsKeys,
        asker: &Asker,
        now: Timestamp,
        id: &str,
    ) -> Result<(Vec<Credential>, Submission), TokenError> {
        let wanted: Vec<(String, &str)> = match definition {
            Some(definition) => definition
                .input_descriptors
                .iter()
                .map(|descriptor| (descriptor.id.clone(), descriptor.wants().unwrap_or(X509)))
                .collect(),
            None => [X509, about_user(asker)]
                .map(|kind| (kind.to_owned(), kind))
                .to_vec(),
        };
        let mut credentials = Vec::new();
        let mut descriptor_map = Vec::new();
        for (descriptor, kind) in wanted {
            let credential = credential(kind, keys, asker, now)?;
            let format = match &credential {
                Credential::Jwt(_) => "jwt_vc",
                Credential::Object(_) => "ldp_vc",
            };
            let path = format!("$.verifiableCredential[{}]", credentials.len());
            descriptor_map.push(Mapped {
                id: descriptor,
                format,
                path,
            });
            credentials.push(credential);
        }
        let definition_id = definition.map_or_else(|| keys.scope.clone(), |definition| definition.id.clone());
        Ok((
            credentials,
            Submission {
                id: id.to_owned(),
                definition_id,
                descriptor_map,
            },
        ))
    }
}

fn credential(kind: &str, keys: &NutsKeys, asker: &Asker, now: Timestamp) -> Result<Credential, TokenError> {
    let none = TokenError::NoCredentials("a credential is asked for that we do not have");
    let statement = |kind, subject, proof| {
        Credential::Object(Box::new(Statement {
            context: [
                "https://www.w3.org/2018/credentials/v1",
                "https://nuts.nl/credentials/v1",
            ],
            kind: ["VerifiableCredential", kind],
            issuer: keys.did.clone(),
            issuance_date: now.to_string(),
            subject,
            proof,
        }))
    };
    let about = |user: Option<&User>| About {
        id: keys.did.clone(),
        identifier: user.map(|user| user.number.clone()),
        name: user.map(|user| user.name.clone()),
        role_name: user.map(|user| user.role.clone()),
        role_type: None,
    };
    let user = asker.person();
    match kind {
        X509 => Ok(Credential::Jwt(keys.credential.clone())),
        EMPLOYEE => Ok(statement(EMPLOYEE, about(Some(user.ok_or(none)?)), None)),
        DEZI => {
            let user = user.ok_or(none)?;
            let declaration = user.declaration.clone().ok_or(none)?;
            Ok(statement(
                DEZI,
                about(Some(user)),
                Some(Proof {
                    kind: proof_of(declaration.form),
                    jwt: declaration.jwt,
                }),
            ))
        }
        ROLE_TYPE => {
            let subject = About {
                role_type: Some(asker.organisation_type.clone()),
                ..about(None)
            };
            Ok(statement(ROLE_TYPE, subject, None))
        }
        _ => Err(none),
    }
}
