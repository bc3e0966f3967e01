//! Localisers that ask nobody: care teams that we know of, and partners with a standing legal basis.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use async_trait::async_trait;
use samenhang_profiles::{Bsn, Ura};
use samenhang_terminology::naming;
use serde::Deserialize;
use tokio::time::Instant;

use super::{Found, Localiser, Origin};
use crate::config::Partner;
use crate::error::GatherError;
use crate::query::Question;

/// Holders with a standing legal basis to be asked for every patient.
#[derive(Debug, Clone, Default)]
pub struct Partners(BTreeSet<Ura>);

impl Partners {
    /// The configured partners.
    #[must_use]
    pub fn new(partners: &[Partner]) -> Self {
        Partners(partners.iter().map(|partner| partner.ura.clone()).collect())
    }
}

#[async_trait]
impl Localiser for Partners {
    fn origin(&self) -> Origin {
        Origin::Partner
    }

    async fn localise(&self, _question: &Question, _deadline: Instant) -> Result<Found, GatherError> {
        Ok(Found {
            holders: self.0.clone(),
            unreadable: 0,
            ..Found::default()
        })
    }
}

/// Why care teams cannot be read. Carries no content.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CareTeamError {
    /// The file cannot be read.
    #[error("failed to read the care teams: {0}")]
    File(std::io::Error),
    /// It is not an array of `CareTeam` resources.
    #[error("the care teams are not a json array of CareTeam resources")]
    Format,
    /// A care team names no patient by BSN.
    #[error("care team {at} names no patient by a bsn that passes the 11-proef")]
    Patient {
        /// Its place in the file, from 0.
        at: usize,
    },
}

/// Care teams that we know of: which holders take part in whose care. Kept in memory only.
#[derive(Default)]
pub struct CareTeam(pub(in crate::locate) HashMap<Bsn, BTreeSet<Ura>>);

impl CareTeam {
    /// Care teams as pairs of patient and holder.
    #[must_use]
    pub fn new(members: impl IntoIterator<Item = (Bsn, Ura)>) -> Self {
        let mut teams: HashMap<Bsn, BTreeSet<Ura>> = HashMap::new();
        for (patient, holder) in members {
            teams.entry(patient).or_default().insert(holder);
        }
        CareTeam(teams)
    }

    /// Reads a file with a JSON array of `CareTeam` resources.
    ///
    /// # Errors
    /// [`CareTeamError`].
    pub fn load(path: &Path) -> Result<Self, CareTeamError> {
        CareTeam::read(&std::fs::read(path).map_err(CareTeamError::File)?)
    }

    /// Reads a JSON array of `CareTeam` resources: `subject.identifier` is a BSN, `participant.member.identifier` and
    /// `managingOrganization.identifier` are URAs. Inactive teams are left out.
    ///
    /// # Errors
    /// [`CareTeamError`].
    pub fn read(json: &[u8]) -> Result<Self, CareTeamError> {
        let teams: Vec<Team> = serde_json::from_slice(json).map_err(|_| CareTeamError::Format)?;
        let mut members = Vec::new();
        for (at, team) in teams.into_iter().enumerate() {
            if team.resource_type != "CareTeam" {
                return Err(CareTeamError::Format);
            }
            if team
                .status
                .as_deref()
                .is_some_and(|status| status != "active" && status != "proposed")
            {
                continue;
            }
            let patient = team
                .subject
                .value(naming::BSN)
                .and_then(|number| Bsn::parse(number).ok())
                .ok_or(CareTeamError::Patient { at })?;
            let organisations = team
                .participant
                .iter()
                .map(|participant| &participant.member)
                .chain(&team.managing_organization);
            for organisation in organisations {
                if let Some(Ok(ura)) = organisation.value(naming::URA).map(str::parse) {
                    members.push((patient.clone(), ura));
                }
            }
        }
        Ok(CareTeam::new(members))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Team {
    resource_type: String,
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    subject: Reference,
    #[serde(default)]
    participant: Vec<Participant>,
    #[serde(default)]
    managing_organization: Vec<Reference>,
}

#[derive(Deserialize)]
struct Participant {
    #[serde(default)]
    member: Reference,
}

#[derive(Deserialize, Default)]
struct Reference {
    #[serde(default)]
    identifier: Identifier,
}

#[derive(Deserialize, Default)]
struct Identifier {
    #[serde(default)]
    system: String,
    #[serde(default)]
    value: String,
}

impl Reference {
    fn value(&self, system: &str) -> Option<&str> {
        (self.identifier.system == system).then_some(self.identifier.value.as_str())
    }
}

#[async_trait]
impl Localiser for CareTeam {
    fn origin(&self) -> Origin {
        Origin::CareTeam
    }

    async fn localise(&self, question: &Question, _deadline: Instant) -> Result<Found, GatherError> {
        Ok(Found {
            holders: self.0.get(&question.patient).cloned().unwrap_or_default(),
            unreadable: 0,
            ..Found::default()
        })
    }
}
