//! No BSN in an address (P9, C14): such a request is refused before anything is logged or routed.

use std::borrow::Cow;

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;
use percent_encoding::percent_decode_str;
use samenhang_profiles::Bsn;
use samenhang_reconcile::subject::is_bsn;
use samenhang_terminology::naming;

use crate::error::Kind;
use crate::http::{problem, routes};

/// Whether a text holds nine digits in a row, and not more, that pass the 11-proef.
#[must_use]
pub fn holds_bsn(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_digit())
        .any(|run| run.len() == 9 && Bsn::parse(run).is_ok())
}

/// Refuses a request whose path or query holds a BSN, plainly or percent-encoded. In the query of a search two things
/// are no such number, or may be there:
///
/// - a code of a system, as in `http://snomed.info/sct|275711006`: of the codes of nine digits some pass the 11-proef;
/// - in STU3 the parameter by which BgZ-MSZ 2.0 names the patient in a GET, which has no other way. It goes no further
///   than the handler: no log, trace or metric has an address in it.
pub async fn refuse_bsn(request: Request, next: Next) -> Response {
    let uri = request.uri();
    let path = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let is_stu3 = matches!(path, Some(routes::SEARCH_STU3 | routes::LASTN_STU3));
    let is_search = is_stu3 || matches!(path, Some(routes::SEARCH_R4 | routes::LASTN_R4));
    let query = uri.query().unwrap_or_default();
    let query: Cow<'_, str> = if is_search {
        let pairs = query.split('&').filter(|pair| !(is_stu3 && names_patient(pair)));
        pairs.map(without_codes).collect::<Vec<_>>().join("&").into()
    } else {
        query.into()
    };
    let target = format!("{}?{query}", uri.path());
    let decoded = percent_decode_str(&target).decode_utf8_lossy();
    if holds_bsn(&target) || holds_bsn(&decoded) {
        return problem::respond(Kind::BsnInAddress.into(), "/fhir", request.headers());
    }
    next.run(request).await
}

/// A parameter without its values that are codes of a system other than that of BSN.
fn without_codes(pair: &str) -> String {
    let decoded = percent_decode_str(pair).decode_utf8_lossy();
    let is_code = |value: &&str| {
        let system = value.split_once('|').map(|(system, _)| system);
        system.is_some_and(|system| {
            let is_named = ["http://", "https://", "urn:oid:"]
                .iter()
                .any(|start| system.starts_with(start));
            is_named && !is_bsn(system) && !holds_bsn(system)
        })
    };
    let (name, values) = decoded.split_once('=').unwrap_or((&decoded, ""));
    let kept: Vec<&str> = values.split(',').filter(|value| !is_code(value)).collect();
    format!("{name}={}", kept.join(","))
}

/// Whether a parameter is the one that names the patient, with the system of BSN and nothing but a number.
fn names_patient(pair: &str) -> bool {
    let Some((name, value)) = pair.split_once('=') else {
        return false;
    };
    let value = percent_decode_str(value).decode_utf8_lossy();
    let digits = value
        .strip_prefix(naming::BSN)
        .and_then(|rest| rest.strip_prefix('|'));
    [
        "identifier",
        "patient.identifier",
        "subject.identifier",
        "beneficiary.identifier",
    ]
    .contains(&name)
        && digits.is_some_and(|digits| digits.len() == 9 && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::{holds_bsn, names_patient, without_codes};

    #[test]
    fn a_code_of_nine_digits_is_no_number() {
        let left = |pair: &str| holds_bsn(&without_codes(pair));
        assert!(
            holds_bsn("category=http://snomed.info/sct|275711006"),
            "it passes the 11-proef"
        );
        assert!(!left(
            "category=http://snomed.info/sct|275711006,http%3A%2F%2Fsnomed.info%2Fsct%7C275711006"
        ));
        assert!(left("category=275711006"));
        assert!(left("category=|275711006"));
        assert!(left("identifier=http://fhir.nl/fhir/NamingSystem/bsn|999990019"));
        assert!(left("identifier=urn:oid:2.16.840.1.113883.2.4.6.3|999990019"));
        assert!(left("x=http://999990019.example|1"));
    }

    #[test]
    fn one_parameter_may_name_the_patient() {
        assert!(names_patient(
            "patient.identifier=http://fhir.nl/fhir/NamingSystem/bsn|999990019"
        ));
        assert!(names_patient(
            "identifier=http%3A%2F%2Ffhir.nl%2Ffhir%2FNamingSystem%2Fbsn%7C999990019"
        ));
        assert!(!names_patient("patient.identifier=999990019"));
        assert!(!names_patient(
            "code=http://fhir.nl/fhir/NamingSystem/bsn|999990019"
        ));
        assert!(!names_patient(
            "identifier=http://fhir.nl/fhir/NamingSystem/bsn|999990019,999990020"
        ));
    }

    #[test]
    fn finds_a_bsn_among_other_digits() {
        assert!(holds_bsn(
            "/fhir/R4/Patient?identifier=http://fhir.nl/fhir/NamingSystem/bsn|999990019"
        ));
        assert!(holds_bsn("999990019"));
        assert!(!holds_bsn("/fhir/R4/Patient?identifier=999990018"));
        assert!(!holds_bsn("/x/9999900190"));
        assert!(!holds_bsn("/fhir/R4/metadata"));
    }
}
