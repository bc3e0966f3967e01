//! The consent matrix: patient x holder x data category, with the most specific rule deciding.

use std::str::FromStr;

use samenhang_profiles::{Bsn, Ura};

use crate::error::TestbedError;

/// What is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Consent.
    Permit,
    /// No consent.
    Deny,
    /// The register could not decide.
    Indeterminate,
    /// No rule applies.
    NotApplicable,
    /// The register does not answer.
    Hang,
}

impl Decision {
    /// The text in an XACML answer.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Decision::Permit => "Permit",
            Decision::Deny => "Deny",
            Decision::Indeterminate => "Indeterminate",
            Decision::NotApplicable => "NotApplicable",
            Decision::Hang => "Hang",
        }
    }
}

impl FromStr for Decision {
    type Err = TestbedError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [
            Decision::Permit,
            Decision::Deny,
            Decision::Indeterminate,
            Decision::NotApplicable,
            Decision::Hang,
        ]
        .into_iter()
        .find(|decision| decision.text().eq_ignore_ascii_case(text))
        .ok_or_else(|| TestbedError::Text {
            what: "decision",
            text: text.to_owned(),
        })
    }
}

/// One rule; what is `None` holds for all.
#[derive(Clone)]
pub struct Rule {
    /// The patient.
    pub patient: Option<Bsn>,
    /// The holder.
    pub holder: Option<Ura>,
    /// The data category (`GGC...`).
    pub category: Option<String>,
    /// What is decided.
    pub decision: Decision,
}

impl Rule {
    fn reaches(&self, patient: &str, holder: &str, category: &str) -> bool {
        self.patient
            .as_ref()
            .is_none_or(|wanted| wanted.expose() == patient)
            && self
                .holder
                .as_ref()
                .is_none_or(|wanted| wanted.as_str() == holder)
            && self.category.as_ref().is_none_or(|wanted| wanted == category)
    }

    fn precision(&self) -> usize {
        usize::from(self.patient.is_some())
            + usize::from(self.holder.is_some())
            + usize::from(self.category.is_some())
    }
}

/// The rules. Without any, everything is permitted.
#[derive(Clone, Default)]
pub struct Matrix {
    rules: Vec<Rule>,
}

impl Matrix {
    /// Adds a rule.
    pub fn add(&mut self, rule: Rule) {
        self.rules.push(rule);
    }

    /// Decides; of equally specific rules the newest counts.
    #[must_use]
    pub fn decide(&self, patient: &str, holder: &str, category: &str) -> Decision {
        self.rules
            .iter()
            .filter(|rule| rule.reaches(patient, holder, category))
            .max_by_key(|rule| rule.precision())
            .map_or(Decision::Permit, |rule| rule.decision)
    }
}

#[cfg(test)]
mod tests {
    use samenhang_profiles::Bsn;

    use super::{Decision, Matrix, Rule};

    #[test]
    fn the_most_specific_and_then_the_newest_rule_decides() {
        let mut matrix = Matrix::default();
        let rule = |patient: Option<&str>, category: Option<&str>, decision| Rule {
            patient: patient.map(|text| Bsn::parse(text).unwrap()),
            holder: None,
            category: category.map(str::to_owned),
            decision,
        };
        assert_eq!(matrix.decide("999990019", "1", "GGC002"), Decision::Permit);
        matrix.add(rule(Some("999990019"), Some("GGC013"), Decision::Deny));
        matrix.add(rule(Some("999990019"), None, Decision::Permit));
        assert_eq!(matrix.decide("999990019", "1", "GGC013"), Decision::Deny);
        assert_eq!(matrix.decide("999990019", "1", "GGC002"), Decision::Permit);
        matrix.add(rule(Some("999990019"), Some("GGC013"), Decision::Indeterminate));
        assert_eq!(matrix.decide("999990019", "1", "GGC013"), Decision::Indeterminate);
        assert_eq!("deny".parse::<Decision>().unwrap(), Decision::Deny);
        assert!("maybe".parse::<Decision>().is_err());
    }
}
