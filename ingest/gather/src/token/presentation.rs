//! Which credentials an authorisation server wants (DIF Presentation Exchange), and how ours answer to it.
//!
//! Ours are: the `X509Credential` of the organisation, and about the user either the signed Dezi statement or a
//! self-issued `NutsEmployeeCredential`. A server that wants anything else gets nothing.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::TokenError;
use super::config::NutsKeys;
use crate::query::{Asker, User};

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
        let user = asker.person();
        let about_user = match user {
            Some(User {
                declaration: Some(_), ..
            }) => DEZI,
            _ => EMPLOYEE,
        };
        let wanted: Vec<(String, &str)> = match definition {
            Some(definition) => definition
                .input_descriptors
                .iter()
                .map(|descriptor| (descriptor.id.clone(), descriptor.wants().unwrap_or(X509)))
                .collect(),
            None => [X509, about_user].map(|kind| (kind.to_owned(), kind)).to_vec(),
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
            let jwt = user.declaration.clone().ok_or(none)?;
            Ok(statement(
                DEZI,
                about(Some(user)),
                Some(Proof {
                    kind: "DeziIDJWT07",
                    jwt,
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
