//! No BSN in an address (P9, C14): such a request is refused before anything is logged or routed.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use percent_encoding::percent_decode_str;
use samenhang_profiles::Bsn;

use crate::error::Kind;
use crate::http::problem;

/// Whether a text holds nine digits in a row, and not more, that pass the 11-proef.
#[must_use]
pub fn holds_bsn(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_digit())
        .any(|run| run.len() == 9 && Bsn::parse(run).is_ok())
}

/// Refuses a request whose path or query holds a BSN, plainly or percent-encoded.
pub async fn refuse_bsn(request: Request, next: Next) -> Response {
    let target = request
        .uri()
        .path_and_query()
        .map_or("", |target| target.as_str());
    let decoded = percent_decode_str(target).decode_utf8_lossy();
    if holds_bsn(target) || holds_bsn(&decoded) {
        return problem::respond(Kind::BsnInAddress.into(), "/fhir", request.headers());
    }
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use super::holds_bsn;

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
