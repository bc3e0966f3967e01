//! Names of the services of the testbed, as faults and the journal use them.

use std::fmt;
use std::str::FromStr;

use samenhang_profiles::Ura;

use crate::error::TestbedError;

/// One service of the testbed.
///
/// In text: `oauth`, `prs`, `nvi`, `lrza`, `mitz`, `dezi`, `audit-sink`, `ehr-host`, `admin`, `source:<ura>`, `authorization:<ura>`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ServiceId {
    /// The authorization server in front of PRS and NVI.
    Oauth,
    /// Pseudonym service.
    Prs,
    /// National reference index: which holders know a patient.
    Nvi,
    /// Directory of care providers and their endpoints.
    Lrza,
    /// Consent register.
    Mitz,
    /// Login for care professionals.
    Dezi,
    /// Receiver of audit events.
    AuditSink,
    /// The EHR of the asking organisation, which starts applications and shows the log.
    EhrHost,
    /// The testbed's own control interface.
    Admin,
    /// FHIR endpoints of a holder.
    Source(Ura),
    /// Authorization server of a holder.
    Authorization(Ura),
}

impl fmt::Display for ServiceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ServiceId::Oauth => f.write_str("oauth"),
            ServiceId::Prs => f.write_str("prs"),
            ServiceId::Nvi => f.write_str("nvi"),
            ServiceId::Lrza => f.write_str("lrza"),
            ServiceId::Mitz => f.write_str("mitz"),
            ServiceId::Dezi => f.write_str("dezi"),
            ServiceId::AuditSink => f.write_str("audit-sink"),
            ServiceId::EhrHost => f.write_str("ehr-host"),
            ServiceId::Admin => f.write_str("admin"),
            ServiceId::Source(ura) => write!(f, "source:{ura}"),
            ServiceId::Authorization(ura) => write!(f, "authorization:{ura}"),
        }
    }
}

impl FromStr for ServiceId {
    type Err = TestbedError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unknown = || TestbedError::Text {
            what: "service",
            text: text.to_owned(),
        };
        Ok(match text {
            "oauth" => ServiceId::Oauth,
            "prs" => ServiceId::Prs,
            "nvi" => ServiceId::Nvi,
            "lrza" => ServiceId::Lrza,
            "mitz" => ServiceId::Mitz,
            "dezi" => ServiceId::Dezi,
            "audit-sink" => ServiceId::AuditSink,
            "ehr-host" => ServiceId::EhrHost,
            "admin" => ServiceId::Admin,
            _ => match text.split_once(':') {
                Some(("source", ura)) => ServiceId::Source(ura.parse().map_err(|_| unknown())?),
                Some(("authorization", ura)) => ServiceId::Authorization(ura.parse().map_err(|_| unknown())?),
                _ => return Err(unknown()),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::ServiceId;

    #[test]
    fn the_text_form_is_read_back() {
        for text in [
            "oauth",
            "prs",
            "nvi",
            "lrza",
            "mitz",
            "dezi",
            "audit-sink",
            "ehr-host",
            "admin",
            "source:00700700",
        ] {
            assert_eq!(text.parse::<ServiceId>().unwrap().to_string(), text);
        }
        assert!("source:".parse::<ServiceId>().is_err());
        assert!("moon".parse::<ServiceId>().is_err());
    }
}
