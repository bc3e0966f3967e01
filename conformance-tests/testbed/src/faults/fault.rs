//! The kinds of faults and their text form.

use std::fmt;
use std::str::FromStr;

use crate::error::TestbedError;

/// One thing that goes wrong. The text form stands behind each kind.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Fault {
    /// Answers this many milliseconds later: `latency:<ms>`.
    Latency(u64),
    /// Never answers: `hang`.
    Hang,
    /// Resets the connection after the request: `reset`.
    Reset,
    /// Announces the whole body, sends half of it and closes: `truncate`.
    Truncate,
    /// Answers with a status: `status:<code>[:<retry-after seconds>]`.
    Status {
        /// HTTP status code.
        code: u16,
        /// Seconds in `Retry-After`, if any.
        retry_after: Option<u64>,
    },
    /// Sends a complete body that is not well-formed: `malformed`.
    Malformed,
    /// The source gives another patient's data: `wrong-patient`.
    WrongPatient,
    /// The source finds two patients for one number: `two-patients`.
    TwoPatients,
    /// The next page is the page before: `paging-loop`.
    PagingLoop,
    /// Pages repeat entries of the page before: `duplicate-pages`.
    DuplicatePages,
    /// Data shifts between pages, so that entries repeat and go missing: `shifting-pages`.
    ShiftingPages,
    /// A body far beyond any limit: `huge-body`.
    HugeBody,
    /// The body comes a byte at a time: `slow-loris`.
    SlowLoris,
    /// Tokens have expired when they are issued: `expired-token`.
    ExpiredToken,
    /// The issuer's clock is off by seconds, negative for slow: `clock-skew:<s>`.
    ClockSkew(i64),
    /// Tokens are bearer tokens although a proof came with the request: `bearer-token`.
    BearerToken,
    /// Proofs must carry the nonce that the service gives (RFC 9449): `dpop-nonce`.
    DpopNonce,
    /// No nonce is ever the right one: `nonce-loop`.
    NonceLoop,
    /// A login page with status 200: `html-page`.
    HtmlPage,
    /// A redirect: `redirect:<url>`.
    Redirect(String),
    /// The next link points at another host: `off-origin-next`.
    OffOriginNext,
    /// A small compressed body that becomes very large: `gzip-bomb`.
    GzipBomb,
    /// Status 200 without a body: `empty-body`.
    EmptyBody,
    /// FHIR of another version than announced: `wrong-version`.
    WrongVersion,
    /// New connections get a certificate that must not be trusted: `certificate:<flaw>`.
    Certificate(Flaw),
}

/// What is wrong with a server certificate. The text form stands behind each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Flaw {
    /// It was valid until 2021: `expired`.
    Expired,
    /// It is valid from 2098: `not-yet-valid`.
    NotYetValid,
    /// Another authority signed it: `foreign-ca`.
    ForeignAuthority,
    /// It is for another host: `wrong-name`.
    WrongName,
    /// It is valid, and states the URA of another organisation: `other-ura`.
    OtherUra,
    /// It is valid, and states no URA: `no-ura`.
    NoUra,
}

impl Flaw {
    /// Every flaw with its text form.
    pub const ALL: [(Flaw, &'static str); 6] = [
        (Flaw::Expired, "expired"),
        (Flaw::NotYetValid, "not-yet-valid"),
        (Flaw::ForeignAuthority, "foreign-ca"),
        (Flaw::WrongName, "wrong-name"),
        (Flaw::OtherUra, "other-ura"),
        (Flaw::NoUra, "no-ura"),
    ];

    fn text(self) -> &'static str {
        Flaw::ALL
            .iter()
            .find(|(flaw, _)| *flaw == self)
            .map_or("", |(_, text)| text)
    }

    fn from_text(text: &str) -> Option<Self> {
        Flaw::ALL
            .iter()
            .find(|(_, known)| *known == text)
            .map(|(flaw, _)| *flaw)
    }
}

impl Fault {
    /// Whether [`crate::net`] applies it to any service; the other faults are the services' own.
    #[must_use]
    pub fn is_transport(&self) -> bool {
        matches!(
            self,
            Fault::Latency(_)
                | Fault::Hang
                | Fault::Reset
                | Fault::Truncate
                | Fault::Status { .. }
                | Fault::Malformed
                | Fault::HugeBody
                | Fault::SlowLoris
                | Fault::HtmlPage
                | Fault::Redirect(_)
                | Fault::GzipBomb
                | Fault::EmptyBody
        )
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Fault::Latency(ms) => return write!(f, "latency:{ms}"),
            Fault::Status {
                code,
                retry_after: None,
            } => return write!(f, "status:{code}"),
            Fault::Status {
                code,
                retry_after: Some(seconds),
            } => return write!(f, "status:{code}:{seconds}"),
            Fault::ClockSkew(seconds) => return write!(f, "clock-skew:{seconds}"),
            Fault::Redirect(url) => return write!(f, "redirect:{url}"),
            Fault::Certificate(flaw) => return write!(f, "certificate:{}", flaw.text()),
            Fault::Hang => "hang",
            Fault::Reset => "reset",
            Fault::Truncate => "truncate",
            Fault::Malformed => "malformed",
            Fault::WrongPatient => "wrong-patient",
            Fault::TwoPatients => "two-patients",
            Fault::PagingLoop => "paging-loop",
            Fault::DuplicatePages => "duplicate-pages",
            Fault::ShiftingPages => "shifting-pages",
            Fault::HugeBody => "huge-body",
            Fault::SlowLoris => "slow-loris",
            Fault::ExpiredToken => "expired-token",
            Fault::BearerToken => "bearer-token",
            Fault::DpopNonce => "dpop-nonce",
            Fault::NonceLoop => "nonce-loop",
            Fault::HtmlPage => "html-page",
            Fault::OffOriginNext => "off-origin-next",
            Fault::GzipBomb => "gzip-bomb",
            Fault::EmptyBody => "empty-body",
            Fault::WrongVersion => "wrong-version",
        })
    }
}

impl FromStr for Fault {
    type Err = TestbedError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unknown = || TestbedError::Text {
            what: "fault",
            text: text.to_owned(),
        };
        let (name, value) = match text.split_once(':') {
            Some((name, value)) => (name, Some(value)),
            None => (text, None),
        };
        Ok(match (name, value) {
            ("latency", Some(ms)) => Fault::Latency(ms.parse().map_err(|_| unknown())?),
            ("status", Some(value)) => {
                let (code, retry_after) = match value.split_once(':') {
                    Some((code, seconds)) => (code, Some(seconds.parse().map_err(|_| unknown())?)),
                    None => (value, None),
                };
                let code = code.parse().map_err(|_| unknown())?;
                if !(200..=599).contains(&code) {
                    return Err(unknown());
                }
                Fault::Status { code, retry_after }
            }
            ("clock-skew", Some(seconds)) => Fault::ClockSkew(seconds.parse().map_err(|_| unknown())?),
            ("redirect", Some(url)) if !url.is_empty() => Fault::Redirect(url.to_owned()),
            ("certificate", Some(flaw)) => Fault::Certificate(Flaw::from_text(flaw).ok_or_else(unknown)?),
            ("hang", None) => Fault::Hang,
            ("reset", None) => Fault::Reset,
            ("truncate", None) => Fault::Truncate,
            ("malformed", None) => Fault::Malformed,
            ("wrong-patient", None) => Fault::WrongPatient,
            ("two-patients", None) => Fault::TwoPatients,
            ("paging-loop", None) => Fault::PagingLoop,
            ("duplicate-pages", None) => Fault::DuplicatePages,
            ("shifting-pages", None) => Fault::ShiftingPages,
            ("huge-body", None) => Fault::HugeBody,
            ("slow-loris", None) => Fault::SlowLoris,
            ("expired-token", None) => Fault::ExpiredToken,
            ("bearer-token", None) => Fault::BearerToken,
            ("dpop-nonce", None) => Fault::DpopNonce,
            ("nonce-loop", None) => Fault::NonceLoop,
            ("html-page", None) => Fault::HtmlPage,
            ("off-origin-next", None) => Fault::OffOriginNext,
            ("gzip-bomb", None) => Fault::GzipBomb,
            ("empty-body", None) => Fault::EmptyBody,
            ("wrong-version", None) => Fault::WrongVersion,
            _ => return Err(unknown()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Fault;

    #[test]
    fn the_text_form_is_read_back() {
        for text in [
            "latency:500",
            "hang",
            "reset",
            "truncate",
            "status:503",
            "status:429:2",
            "malformed",
            "wrong-patient",
            "two-patients",
            "paging-loop",
            "duplicate-pages",
            "shifting-pages",
            "huge-body",
            "slow-loris",
            "expired-token",
            "clock-skew:-90",
            "html-page",
            "bearer-token",
            "dpop-nonce",
            "nonce-loop",
            "redirect:http://127.0.0.1:1/x",
            "off-origin-next",
            "gzip-bomb",
            "empty-body",
            "wrong-version",
            "certificate:expired",
            "certificate:other-ura",
        ] {
            assert_eq!(text.parse::<Fault>().unwrap().to_string(), text);
        }
        for text in [
            "",
            "latency",
            "latency:x",
            "status:99",
            "redirect:",
            "hang:1",
            "certificate:old",
        ] {
            assert!(text.parse::<Fault>().is_err(), "{text}");
        }
    }
}
