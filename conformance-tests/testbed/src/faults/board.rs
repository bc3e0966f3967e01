//! The switchboard: which faults are on, per service, for which path and how often.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};

use super::fault::{Fault, Flaw};
use super::service::ServiceId;
use crate::error::TestbedError;

/// A fault with its reach. In text: `<fault>[*<times>][@<part of the path>]`, for example `status:500*1@/metadata`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FaultSpec {
    /// What goes wrong.
    pub fault: Fault,
    /// Only for requests whose path holds this text; starts with a slash.
    pub path: Option<String>,
    /// Only this many times; `None` for ever.
    pub times: Option<u32>,
}

impl From<Fault> for FaultSpec {
    fn from(fault: Fault) -> Self {
        FaultSpec {
            fault,
            path: None,
            times: None,
        }
    }
}

impl fmt::Display for FaultSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.fault)?;
        if let Some(times) = self.times {
            write!(f, "*{times}")?;
        }
        if let Some(path) = &self.path {
            write!(f, "@{path}")?;
        }
        Ok(())
    }
}

impl FromStr for FaultSpec {
    type Err = TestbedError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (rest, path) = match text.rsplit_once('@') {
            Some((rest, path)) if path.starts_with('/') => (rest, Some(path.to_owned())),
            _ => (text, None),
        };
        let (fault, times) = match rest.rsplit_once('*') {
            Some((fault, times)) => {
                let times = times.parse().map_err(|_| TestbedError::Text {
                    what: "fault",
                    text: text.to_owned(),
                })?;
                (fault, Some(times))
            }
            None => (rest, None),
        };
        Ok(FaultSpec {
            fault: fault.parse()?,
            path,
            times,
        })
    }
}

type Switches = BTreeMap<ServiceId, Vec<FaultSpec>>;

/// The faults that are on; clones share it.
#[derive(Debug, Clone, Default)]
pub struct FaultBoard(Arc<Mutex<Switches>>);

impl FaultBoard {
    fn with<T>(&self, work: impl FnOnce(&mut Switches) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Makes this the only fault of a service. A [`Fault`] reaches every path, for ever.
    pub fn set(&self, service: ServiceId, fault: impl Into<FaultSpec>) {
        let fault = fault.into();
        self.with(|switches| switches.insert(service, vec![fault]));
    }

    /// Adds a fault to those of a service.
    pub fn add(&self, service: ServiceId, fault: impl Into<FaultSpec>) {
        let fault = fault.into();
        self.with(|switches| switches.entry(service).or_default().push(fault));
    }

    /// Takes the faults of a service away.
    pub fn clear(&self, service: &ServiceId) {
        self.with(|switches| switches.remove(service));
    }

    /// Takes all faults away.
    pub fn clear_all(&self) {
        self.with(BTreeMap::clear);
    }

    /// The transport faults for one request, in the order in which they were set; uses up one of their times.
    #[must_use]
    pub fn take_transport(&self, service: &ServiceId, path: &str) -> Vec<Fault> {
        self.take(service, path, Fault::is_transport)
    }

    /// The content faults of a service for one request that `wanted` picks; uses up one of their times.
    #[must_use]
    pub fn take(&self, service: &ServiceId, path: &str, wanted: impl Fn(&Fault) -> bool) -> Vec<Fault> {
        self.with(|switches| {
            let mut taken = Vec::new();
            for spec in switches.get_mut(service).into_iter().flatten() {
                let reached = spec.path.as_deref().is_none_or(|part| path.contains(part));
                if !reached || !wanted(&spec.fault) || spec.times == Some(0) {
                    continue;
                }
                spec.times = spec.times.map(|times| times - 1);
                taken.push(spec.fault.clone());
            }
            taken
        })
    }

    /// Whether a content fault is on for a request; uses up one of its times.
    #[must_use]
    pub fn is_on(&self, service: &ServiceId, path: &str, fault: &Fault) -> bool {
        !self
            .take(service, path, |candidate| candidate == fault)
            .is_empty()
    }

    /// Seconds that the issuer's clock is off, from `clock-skew`; 0 when it is right.
    #[must_use]
    pub fn clock_skew(&self, service: &ServiceId, path: &str) -> i64 {
        self.take(service, path, |fault| matches!(fault, Fault::ClockSkew(_)))
            .first()
            .map_or(0, |fault| match fault {
                Fault::ClockSkew(seconds) => *seconds,
                _ => 0,
            })
    }

    /// What is wrong with the certificate of a service for one new connection; uses up one of its times.
    #[must_use]
    pub fn take_flaw(&self, service: &ServiceId) -> Option<Flaw> {
        let taken = self.take(service, "", |fault| matches!(fault, Fault::Certificate(_)));
        taken.iter().find_map(|fault| match fault {
            Fault::Certificate(flaw) => Some(*flaw),
            _ => None,
        })
    }

    /// Everything that is on, as pairs of text.
    #[must_use]
    pub fn list(&self) -> Vec<(String, String)> {
        self.with(|switches| {
            switches
                .iter()
                .flat_map(|(service, specs)| specs.iter().map(|spec| (service.to_string(), spec.to_string())))
                .collect()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Fault, FaultBoard, FaultSpec, ServiceId};

    #[test]
    fn a_fault_has_reach_and_ends() {
        let board = FaultBoard::default();
        board.set(
            ServiceId::Nvi,
            "status:500*1@/localize".parse::<FaultSpec>().unwrap(),
        );
        board.add(ServiceId::Nvi, Fault::ExpiredToken);
        assert!(board.take_transport(&ServiceId::Nvi, "/fhir/List").is_empty());
        assert_eq!(board.take_transport(&ServiceId::Nvi, "/localize").len(), 1);
        assert!(board.take_transport(&ServiceId::Nvi, "/localize").is_empty());
        assert!(board.is_on(&ServiceId::Nvi, "/any", &Fault::ExpiredToken));
        assert_eq!(board.list().len(), 2);
        board.clear(&ServiceId::Nvi);
        assert!(board.list().is_empty());
    }

    #[test]
    fn the_text_form_is_read_back() {
        for text in [
            "hang",
            "status:500*2",
            "hang@/metadata",
            "redirect:http://a@b/c*1@/x",
        ] {
            assert_eq!(text.parse::<FaultSpec>().unwrap().to_string(), text);
        }
        assert!("hang*x".parse::<FaultSpec>().is_err());
    }

    #[test]
    fn skew_is_read_in_seconds() {
        let board = FaultBoard::default();
        board.set(ServiceId::Oauth, Fault::ClockSkew(-30));
        assert_eq!(board.clock_skew(&ServiceId::Oauth, "/"), -30);
        assert_eq!(board.clock_skew(&ServiceId::Prs, "/"), 0);
    }
}
