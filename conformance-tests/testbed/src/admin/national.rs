//! Changing what the national services do.

use axum::body::{Body, Bytes};
use axum::extract::State;
use http::Response;
use samenhang_profiles::{Bsn, Ura};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Admin, read, send, text};
use crate::answer;
use crate::dezi::{Certificates, DeziForm, DeziMode, DeziUser, UserinfoForm};
use crate::mitz::{Behaviour, Format, Notification, Rule};
use crate::nvi::Strictness;

/// `{"behaviour": "soap-fault"}`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Behave {
    behaviour: String,
}

pub(super) async fn mitz(State(admin): State<Admin>, body: Bytes) -> Response<Body> {
    let work = || {
        let asked: Behave = read(&body)?;
        let behaviour = Behaviour::from_text(&asked.behaviour).ok_or("behaviour is not known")?;
        admin.0.services.mitz.behave(behaviour);
        Ok(answer::empty(204))
    };
    send(work())
}

/// `{"patient": "<bsn>", "holder": "<ura>", "category": "GGC013", "decision": "Deny"}`; what is left out holds for all.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetRule {
    patient: Option<String>,
    holder: Option<String>,
    category: Option<String>,
    decision: String,
}

fn patient(number: Option<&String>) -> Result<Option<Bsn>, String> {
    number.map(|number| Bsn::parse(number)).transpose().map_err(text)
}

fn holder(ura: Option<&String>) -> Result<Option<Ura>, String> {
    ura.map(|ura| ura.parse()).transpose().map_err(text)
}

pub(super) async fn rule(State(admin): State<Admin>, body: Bytes) -> Response<Body> {
    let work = || {
        let asked: SetRule = read(&body)?;
        admin.0.services.mitz.rule(Rule {
            patient: patient(asked.patient.as_ref())?,
            holder: holder(asked.holder.as_ref())?,
            category: asked.category,
            decision: asked.decision.parse().map_err(text)?,
        });
        Ok(answer::empty(204))
    };
    send(work())
}

pub(super) async fn clear_rules(State(admin): State<Admin>) -> Response<Body> {
    admin.0.services.mitz.clear_rules();
    answer::empty(204)
}

/// `{"patient": "<bsn>", "holder": "<ura>", "category": "GGC013", "permitted": false, "format": "xml",
/// "endpoint": "http://127.0.0.1:1/mitz/notify"}`; all but `patient` and `permitted` may be left out.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Notify {
    patient: String,
    holder: Option<String>,
    category: Option<String>,
    permitted: bool,
    format: Option<String>,
    endpoint: Option<String>,
}

impl Notify {
    fn read(body: &[u8]) -> Result<Notification, String> {
        let asked: Notify = read(body)?;
        Ok(Notification {
            patient: Bsn::parse(&asked.patient).map_err(text)?,
            holder: holder(asked.holder.as_ref())?,
            category: asked.category,
            permitted: asked.permitted,
            format: match asked.format.as_deref() {
                None | Some("json") => Format::Json,
                Some("xml") => Format::Xml,
                Some(_) => return Err("format is not json or xml".to_owned()),
            },
            endpoint: asked.endpoint,
        })
    }
}

pub(super) async fn notify(State(admin): State<Admin>, body: Bytes) -> Response<Body> {
    let notification = match Notify::read(&body) {
        Ok(notification) => notification,
        Err(problem) => return send(Err(problem)),
    };
    send(
        admin
            .0
            .services
            .mitz
            .notify(&notification)
            .await
            .map(|statuses| answer::json(200, &json!({"statuses": statuses})))
            .map_err(text),
    )
}

/// `{"resource": {...}}`, or `{"type": "Endpoint", "id": "ep-00700700-r4", "members": {"status": "off"},
/// "during_load": true}`; a member `null` is taken away.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    resource: Option<Value>,
    r#type: Option<String>,
    id: Option<String>,
    #[serde(default)]
    members: Value,
    #[serde(default)]
    during_load: bool,
}

pub(super) async fn lrza(State(admin): State<Admin>, body: Bytes) -> Response<Body> {
    let work = || {
        let asked: Change = read(&body)?;
        let lrza = &admin.0.services.lrza;
        let version = match (&asked.resource, &asked.r#type, &asked.id) {
            (Some(resource), None, None) => lrza.put(resource).map_err(text)?,
            (None, Some(kind), Some(id)) if asked.during_load => {
                lrza.patch_during_load(kind, id, &asked.members).map_err(text)?;
                return Ok(answer::empty(202));
            }
            (None, Some(kind), Some(id)) => lrza.patch(kind, id, &asked.members).map_err(text)?,
            _ => return Err("either resource, or type and id".to_owned()),
        };
        Ok(answer::json(200, &json!({"version": version})))
    };
    send(work())
}

/// `{"mode": "revoked", "user": "pharmacist", "userinfo": "signed"}`; what is left out stays. `{"form": "2024",
/// "certificates": "signer", "status": true}` changes the form; `certificates` and `status` go back to their defaults.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetDezi {
    mode: Option<String>,
    user: Option<String>,
    userinfo: Option<String>,
    form: Option<String>,
    certificates: Option<String>,
    status: Option<bool>,
}

pub(super) async fn dezi(State(admin): State<Admin>, body: Bytes) -> Response<Body> {
    let work = || {
        let asked: SetDezi = read(&body)?;
        let dezi = &admin.0.services.dezi;
        if let Some(mode) = asked.mode {
            dezi.set_mode(DeziMode::from_text(&mode).ok_or("mode is not known")?);
        }
        match asked.user.as_deref() {
            None => {}
            Some("general-practitioner") => dezi.log_in_as(DeziUser::general_practitioner()),
            Some("pharmacist") => dezi.log_in_as(DeziUser::pharmacist()),
            Some("stranger") => dezi.log_in_as(DeziUser::stranger()),
            Some(_) => return Err("user is not known".to_owned()),
        }
        match asked.userinfo.as_deref() {
            None => {}
            Some("encrypted") => dezi.set_form(UserinfoForm::Encrypted),
            Some("signed") => dezi.set_form(UserinfoForm::Signed),
            Some(_) => return Err("userinfo is not encrypted or signed".to_owned()),
        }
        match asked.form.as_deref() {
            Some("2024") => {
                let certificates = asked.certificates.as_deref().map(Certificates::from_text);
                dezi.speak(DeziForm::Of2024 {
                    certificates: certificates
                        .unwrap_or(Some(Certificates::default()))
                        .ok_or("certificates are not known")?,
                    status: asked.status.unwrap_or_default(),
                });
            }
            _ if asked.certificates.is_some() || asked.status.is_some() => {
                return Err("certificates and status go with the form 2024".to_owned());
            }
            None => {}
            Some("v0.7") => dezi.speak(DeziForm::V07),
            Some(_) => return Err("form is not v0.7 or 2024".to_owned()),
        }
        Ok(answer::empty(204))
    };
    send(work())
}

/// `{"enforce_exp": true, "single_use": true, "legacy_code": false, "delete_status": 201}`; what is left out goes back
/// to its default.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetNvi {
    enforce_exp: Option<bool>,
    single_use: Option<bool>,
    legacy_code: Option<bool>,
    delete_status: Option<u16>,
}

pub(super) async fn nvi(State(admin): State<Admin>, body: Bytes) -> Response<Body> {
    let work = || {
        let asked: SetNvi = read(&body)?;
        let default = Strictness::default();
        admin.0.services.nvi.set_strictness(Strictness {
            enforce_exp: asked.enforce_exp.unwrap_or(default.enforce_exp),
            single_use: asked.single_use.unwrap_or(default.single_use),
            legacy_code: asked.legacy_code.unwrap_or(default.legacy_code),
            delete_status: asked.delete_status.unwrap_or(default.delete_status),
        });
        Ok(answer::empty(204))
    };
    send(work())
}

pub(super) async fn rotate(State(admin): State<Admin>) -> Response<Body> {
    answer::json(200, &json!({"version": admin.0.services.prs.rotate()}))
}
