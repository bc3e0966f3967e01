//! Mitz as a localiser: the open question (section 3.4), IHE XCPD ITI-56 with a SAML 2.0 assertion.
//!
//! It names the holders that know the patient *and* may share with the asker. An empty answer means either; it
//! therefore only ever adds to the referral index. The assertion is not signed: the transport's client certificate
//! says who sends it.

use std::collections::BTreeSet;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp, Unit};
use samenhang_profiles::Ura;
use samenhang_terminology::naming;
use tokio::time::Instant;
use uuid::Uuid;

use super::{Found, Localiser, Origin};
use crate::consent::subject::{self, Value};
use crate::error::{GatherError, Service};
use crate::ledger::Step;
use crate::mitz::MitzLine;
use crate::query::Question;
use crate::xml::escape;
use crate::xml::soap::{self, Opened};

const PATH: &str = "openautorisatievraag";
const ACTION: &str = "urn:ihe:iti:2009:PatientLocationQuery";
const XCPD: &str = "urn:ihe:iti:xcpd:2009";
const SAML: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
const SECURITY: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
const AUDIENCE: &str = "urn:oid:2.16.840.1.113883.2.4.3.111.2.1";
/// How long an assertion holds, in minutes.
const HOLDS_MIN: i64 = 10;

/// Client of the open question.
pub struct MitzOpen {
    line: MitzLine,
}

impl MitzOpen {
    /// On a line to Mitz.
    #[must_use]
    pub fn new(line: MitzLine) -> Self {
        MitzOpen { line }
    }

    async fn ask(&self, message: Uuid, envelope: String, deadline: Instant) -> Result<Found, GatherError> {
        read(&self.line.exchange(PATH, envelope, deadline).await?, message)
    }
}

#[async_trait]
impl Localiser for MitzOpen {
    fn origin(&self) -> Origin {
        Origin::MitzOpen
    }

    async fn localise(&self, question: &Question, deadline: Instant) -> Result<Found, GatherError> {
        let message = self.line.message();
        let to = self.line.address(PATH);
        let security = assertion(question, self.line.message(), self.line.now())?;
        let envelope = soap::envelope(ACTION, message, &to, &security, &body(question));
        let call = self.line.note(question, Step::OpenQuestion);
        let result = self.ask(message, envelope, deadline).await;
        let count = result.as_ref().ok().map(|found| found.holders.len());
        self.line.noted(call, &result, count).await?;
        result
    }
}

fn body(question: &Question) -> String {
    format!(
        r#"<PatientLocationQueryRequest xmlns="{XCPD}"><RequestedPatientId root="{}" extension="{}" assigningAuthorityName="NLMINBIZA"/></PatientLocationQueryRequest>"#,
        naming::BSN_OID,
        question.patient.expose()
    )
}

fn assertion(question: &Question, id: Uuid, now: Timestamp) -> Result<String, GatherError> {
    let now = now.round(Unit::Second).unwrap_or(now);
    let until = now
        .saturating_add(SignedDuration::from_mins(HOLDS_MIN))
        .unwrap_or(now);
    let person = subject::person(question)?;
    let mut attributes = String::new();
    let mut all = subject::attributes(question)?;
    all.push((
        subject::PURPOSE,
        Value::Coded(question.purpose.code().to_owned(), subject::PURPOSE_OID),
    ));
    for (name, value) in all {
        let value = match value {
            Value::Identifier(text, root) => format!(
                r#"<saml:AttributeValue><h:id root="{root}" extension="{}"/></saml:AttributeValue>"#,
                escape(&text)
            ),
            Value::Coded(code, system) => format!(
                r#"<saml:AttributeValue><h:{} xsi:type="h:CE" code="{}" codeSystem="{system}"/></saml:AttributeValue>"#,
                element(name),
                escape(&code)
            ),
        };
        attributes.push_str(&format!(
            r#"<saml:Attribute Name="{name}">{value}</saml:Attribute>"#
        ));
    }
    Ok(format!(
        concat!(
            r#"<w:Security xmlns:w="{security}"><saml:Assertion xmlns:saml="{saml}" xmlns:h="{hl7}" "#,
            r#"xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" ID="_{id}" IssueInstant="{now}" Version="2.0">"#,
            r#"<saml:Issuer>urn:oid:{ura_oid}.{ura}</saml:Issuer>"#,
            r#"<saml:Subject><saml:NameID>{number}</saml:NameID>"#,
            r#"<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">"#,
            r#"<saml:SubjectConfirmationData NotOnOrAfter="{until}"/></saml:SubjectConfirmation></saml:Subject>"#,
            r#"<saml:Conditions NotBefore="{now}" NotOnOrAfter="{until}"><saml:AudienceRestriction>"#,
            r#"<saml:Audience>{audience}</saml:Audience></saml:AudienceRestriction></saml:Conditions>"#,
            r#"<saml:AuthnStatement AuthnInstant="{now}"><saml:AuthnContext><saml:AuthnContextClassRef>"#,
            r#"urn:oasis:names:tc:SAML:2.0:ac:classes:X509</saml:AuthnContextClassRef></saml:AuthnContext>"#,
            r#"</saml:AuthnStatement><saml:AttributeStatement>{attributes}</saml:AttributeStatement>"#,
            r#"</saml:Assertion></w:Security>"#
        ),
        security = SECURITY,
        saml = SAML,
        hl7 = subject::HL7,
        id = id,
        now = now,
        until = until,
        ura_oid = naming::URA_OID,
        ura = question.asker.organisation,
        number = escape(&person.number),
        audience = AUDIENCE,
        attributes = attributes,
    ))
}

/// Name of the element that carries a coded value in SAML.
fn element(attribute: &str) -> &'static str {
    match attribute {
        subject::ROLE => "Role",
        subject::PURPOSE => "PurposeOfUse",
        _ => "CodedValue",
    }
}

pub(super) fn read(bytes: &[u8], message: Uuid) -> Result<Found, GatherError> {
    let wrong = |what| GatherError::Answer {
        service: Service::Mitz,
        what,
    };
    let opened = Opened::open(bytes, message).map_err(|error| wrong(error.0))?;
    let response = opened
        .body()
        .only(XCPD, "PatientLocationQueryResponse")
        .ok_or(wrong("it is not an answer to an open question"))?;
    let mut holders = BTreeSet::new();
    let mut unreadable = 0;
    for location in response.all(XCPD, "PatientLocationResponse") {
        let institution = location
            .children()
            .iter()
            .find(|child| child.name() == "author-institution");
        let ura = institution
            .filter(|institution| institution.attribute("root") == Some(naming::URA_OID))
            .and_then(|institution| institution.attribute("extension")?.parse::<Ura>().ok());
        match ura {
            Some(ura) => {
                holders.insert(ura);
            }
            None => unreadable += 1,
        }
    }
    Ok(Found {
        holders,
        unreadable,
        kept_since: None,
    })
}
