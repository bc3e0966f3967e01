//! Section `[validation]`: what `$validate` judges by, besides what the binary carries.

use std::path::{Path, PathBuf};

use samenhang_gather::http::Http;
use samenhang_gather::terminology::{TerminologyServer, TerminologyServerConfig};
use schemars::JsonSchema;
use serde::Deserialize;
use url::Url;

use super::{Consultant, Engine, Sources, ValidationError};
use crate::config::Finding;
use crate::packages::Folder;
use crate::releases::{CodeList, Releases};

/// What `$validate` judges by besides what the binary carries, and how much at once.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ValidationConfig {
    /// Folder of FHIR packages, as `samenhang packages add` fills it. Default: none.
    pub packages_dir: Option<PathBuf>,
    /// Packages of the folder that are used, with what they depend on: `NAME` or `NAME@VERSION`. Default: the newest of
    /// all that are in it.
    pub packages: Vec<String>,
    /// Releases of licensed code systems. They are read into memory when the server starts.
    pub releases: ReleasesConfig,
    /// A FHIR terminology server that is asked about codes that are not known here. It gets value sets, systems and
    /// codes, and nothing of a patient. Default: none.
    pub terminology_server: Option<TerminologyServerConfig>,
    /// Resources that are judged at once. Default 2.
    pub max_running: usize,
    /// Resources that wait or are judged at once; more get 503 with `Retry-After`. Default 16.
    pub max_waiting: usize,
}

impl Default for ValidationConfig {
    fn default() -> Self {
        ValidationConfig {
            packages_dir: None,
            packages: Vec::new(),
            releases: ReleasesConfig::default(),
            terminology_server: None,
            max_running: 2,
            max_waiting: 16,
        }
    }
}

/// Where releases of licensed code systems are.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ReleasesConfig {
    /// Folders with a release of SNOMED CT (RF2 snapshot): the international one, and extensions. Default: none.
    pub snomed_dirs: Vec<PathBuf>,
    /// Folder with a release of LOINC (CSV). Default: none.
    pub loinc_dir: Option<PathBuf>,
    /// Lists of codes of other systems. Default: none.
    pub lists: Vec<ListConfig>,
}

/// A list of codes of a licensed system.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListConfig {
    /// The CSV file.
    pub path: PathBuf,
    /// Uri of the system, where the rows do not say.
    pub system: Option<String>,
    /// Version of the system.
    pub version: Option<String>,
    /// BCP-47 tag of the language of the names.
    pub language: Option<String>,
    /// Whether every code of the system is in the list. Default: false.
    #[serde(default)]
    pub complete: bool,
}

impl ReleasesConfig {
    fn releases(&self) -> Releases {
        let list = |list: &ListConfig| CodeList {
            file: list.path.clone(),
            system: list.system.clone(),
            version: list.version.clone(),
            language: list.language.clone(),
            complete: list.complete,
        };
        Releases {
            snomed: self.snomed_dirs.clone(),
            loinc: self.loinc_dir.clone(),
            lists: self.lists.iter().map(list).collect(),
        }
    }
}

/// What the section comes to.
pub struct Opened {
    /// What judges.
    pub engine: Engine,
    /// What is asked about codes, where that is configured.
    pub consultant: Option<Consultant>,
    /// What is wrong with the folder of packages and does not keep from judging, in words.
    pub told: Vec<String>,
}

impl ValidationConfig {
    /// Reads everything that the section names. Releases take seconds.
    ///
    /// # Errors
    /// [`ValidationError`] when something that is configured cannot be used.
    pub fn open(&self, http: &Http) -> Result<Opened, ValidationError> {
        let mut sources = Sources::default();
        let mut told = match &self.packages_dir {
            Some(path) => sources.add_folder(&Folder::at(path.clone()), &self.packages)?,
            None => Vec::new(),
        };
        sources.add_systems(self.releases.releases().load()?);
        let engine = Engine::new(&sources)?;
        told.extend(engine.notices());
        let consultant = match &self.terminology_server {
            Some(server) => Some(Consultant::new(TerminologyServer::new(http.clone(), server)?)),
            None => None,
        };
        Ok(Opened {
            engine,
            consultant,
            told,
        })
    }

    /// Everything that is wrong with the section.
    #[must_use]
    pub fn check(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut wrong = |key: &str, reason: &str| {
            findings.push(Finding {
                key: format!("validation.{key}"),
                reason: reason.to_owned(),
            });
        };
        let no_folder = |path: &Path| !path.is_dir();
        if self.packages_dir.as_deref().is_some_and(no_folder) {
            wrong("packages_dir", "the folder is not there");
        }
        if self.packages_dir.is_none() && !self.packages.is_empty() {
            wrong("packages", "it needs validation.packages_dir");
        }
        for (index, folder) in self.releases.snomed_dirs.iter().enumerate() {
            if no_folder(folder) {
                wrong(
                    &format!("releases.snomed_dirs[{index}]"),
                    "the folder is not there",
                );
            }
        }
        if self.releases.loinc_dir.as_deref().is_some_and(no_folder) {
            wrong("releases.loinc_dir", "the folder is not there");
        }
        for (index, list) in self.releases.lists.iter().enumerate() {
            if !list.path.is_file() {
                wrong(&format!("releases.lists[{index}].path"), "the file is not there");
            }
        }
        if let Some(server) = &self.terminology_server {
            let is_address =
                Url::parse(&server.address).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
            if !is_address {
                wrong("terminology_server.address", "it is not an http or https address");
            }
            for (key, number) in [
                ("timeout_ms", server.timeout_ms),
                ("max_batch", server.max_batch as u64),
                ("max_questions", server.max_questions as u64),
            ] {
                if number == 0 {
                    wrong(&format!("terminology_server.{key}"), "it is at least 1");
                }
            }
        }
        if self.max_running == 0 {
            wrong("max_running", "it is at least 1");
        }
        if self.max_waiting < self.max_running {
            wrong("max_waiting", "it is not less than validation.max_running");
        }
        findings
    }
}
