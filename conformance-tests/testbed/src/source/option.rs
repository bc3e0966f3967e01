//! The command line option `--source`: one folder of FHIR data, served as one holder in one FHIR version.
//!
//! Says precisely what is wrong with a text; never repeats a BSN in an error.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use samenhang_profiles::{Bsn, FhirVersion, Ura};

use super::quirk::Quirk;
use crate::faults::FaultSpec;
use crate::holder::{HolderAuthorization, HolderData, HolderSpec};

/// Organisation type of a holder from the command line: a hospital.
const FACILITY_TYPE: &str = "V6";

/// Help text of the option.
pub const HELP: &str = "\
ura=U,name=N,fhir=stu3|r4,dir=D[,quirk=Q][,fault=F]...[,bsn=PATIENT_ID:BSN]...
  ura    URA of the holder, one to eight digits
  name   its name in the directory
  fhir   FHIR version of the files: stu3 (zib2017) or r4 (zib2020)
  dir    folder with FHIR JSON, XML or NDJSON, searched recursively
  quirk  how the source deviates: clean, epic, chipsoft, nedap, nexus, cgm, sanday, bare, chaos,
         xml
  fault  what goes wrong, for example latency:500, status:503*1@/Condition or vanishing-page; repeatable
  bsn    a number for a Patient resource that carries none; repeatable
Give the option once more with the same ura and another fhir for a holder with two versions.";

/// One `--source`.
#[derive(Clone)]
pub struct SourceOption {
    /// URA of the holder.
    pub ura: Ura,
    /// Its name.
    pub name: String,
    /// FHIR version of the files.
    pub fhir: FhirVersion,
    /// The folder.
    pub dir: PathBuf,
    /// How the source deviates.
    pub quirk: Quirk,
    /// What goes wrong.
    pub faults: Vec<FaultSpec>,
    /// Numbers for Patients without one: id of the Patient and number.
    pub bsns: Vec<(String, Bsn)>,
}

/// What is wrong with a `--source`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OptionError {
    /// A part without `=`.
    #[error("part {part} is not key=value")]
    NotKeyValue {
        /// Its place, from 1.
        part: usize,
    },
    /// A key that does not exist.
    #[error("unknown key '{0}', expected ura, name, fhir, dir, quirk, fault or bsn")]
    UnknownKey(String),
    /// A key twice that may be there once.
    #[error("{0}= is given twice")]
    Repeated(&'static str),
    /// A key that must be there.
    #[error("{0}= is missing")]
    Missing(&'static str),
    /// A key without a value.
    #[error("{0}= is empty")]
    Empty(&'static str),
    /// Not a URA.
    #[error("ura={0} is not a URA, which has one to eight digits")]
    Ura(String),
    /// Not a FHIR version.
    #[error("fhir={0} is not a FHIR version, expected stu3 or r4")]
    Version(String),
    /// Not there, or not a folder.
    #[error("dir={} {problem}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// Not a quirk.
    #[error(
        "quirk={0} is unknown, expected clean, epic, chipsoft, nedap, nexus, cgm, sanday, bare, chaos or xml"
    )]
    Quirk(String),
    /// Not a fault.
    #[error("fault={0} is unknown")]
    Fault(String),
    /// Two options of one holder that do not go together.
    #[error("the options for ura {ura} differ in {key}=, or give the same fhir= twice")]
    Conflict {
        /// The holder.
        ura: Ura,
        /// The key.
        key: &'static str,
    },
    /// Not an id and a number.
    #[error("bsn= expects PATIENT_ID:BSN")]
    Assignment,
    /// Not a BSN.
    #[error("the number for Patient {patient} is not a BSN: {reason}")]
    Bsn {
        /// Id of the Patient.
        patient: String,
        /// Why, without the number.
        reason: String,
    },
}

impl OptionError {
    /// The stable code of the error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        "SAM-TST-100"
    }
}

/// The holders of all `--source` options: options with one URA are one holder with several FHIR versions.
///
/// Such a holder is a hospital that gives tokens by SMART Backend Services.
///
/// # Errors
/// [`OptionError::Conflict`] when options of one holder do not go together.
pub fn holders(options: &[SourceOption]) -> Result<Vec<HolderSpec>, OptionError> {
    let mut holders: Vec<HolderSpec> = Vec::new();
    for option in options {
        let place = holders.iter().position(|holder| holder.ura == option.ura);
        let holder = match place {
            Some(place) => holders.remove(place),
            None => HolderSpec {
                quirk: option.quirk,
                ..HolderSpec::new(option.ura.clone(), &option.name, FACILITY_TYPE)
                    .authorized_by(HolderAuthorization::SmartBackend)
            },
        };
        let key = if holder.name != option.name {
            Some("name")
        } else if holder.quirk != option.quirk {
            Some("quirk")
        } else if holder.versions.iter().any(|version| version.fhir == option.fhir) {
            Some("fhir")
        } else {
            None
        };
        if let Some(key) = key {
            let ura = option.ura.clone();
            return Err(OptionError::Conflict { ura, key });
        }
        let data = HolderData::Folder {
            path: option.dir.clone(),
            bsns: option.bsns.clone(),
        };
        let mut holder = holder.with(option.fhir, data);
        holder.faults.extend(option.faults.iter().cloned());
        holders.insert(place.unwrap_or(holders.len()), holder);
    }
    Ok(holders)
}

impl FromStr for SourceOption {
    type Err = OptionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (mut ura, mut name, mut fhir, mut dir, mut quirk) = (None, None, None, None, None);
        let (mut faults, mut bsns) = (Vec::new(), Vec::new());
        for (index, part) in text.split(',').enumerate() {
            let (key, value) = part
                .split_once('=')
                .ok_or(OptionError::NotKeyValue { part: index + 1 })?;
            let (key, value) = (key.trim(), value.trim());
            match key {
                "ura" => once(&mut ura, "ura", value)?,
                "name" => once(&mut name, "name", value)?,
                "fhir" => once(&mut fhir, "fhir", value)?,
                "dir" => once(&mut dir, "dir", value)?,
                "quirk" => once(&mut quirk, "quirk", value)?,
                "fault" => faults.push(fault(value)?),
                "bsn" => bsns.push(assignment(value)?),
                _ => return Err(OptionError::UnknownKey(key.to_owned())),
            }
        }
        let ura = ura.ok_or(OptionError::Missing("ura"))?;
        let name = name.ok_or(OptionError::Missing("name"))?;
        let fhir = fhir.ok_or(OptionError::Missing("fhir"))?;
        let dir = PathBuf::from(dir.ok_or(OptionError::Missing("dir"))?);
        let problem = |problem| OptionError::Folder {
            path: dir.clone(),
            problem,
        };
        match std::fs::metadata(&dir) {
            Ok(found) if found.is_dir() => {}
            Ok(_) => return Err(problem("is not a folder")),
            Err(_) => return Err(problem("does not exist or cannot be read")),
        }
        Ok(SourceOption {
            ura: ura.parse().map_err(|_| OptionError::Ura(ura.to_owned()))?,
            name: name.to_owned(),
            fhir: match fhir.to_ascii_lowercase().as_str() {
                "stu3" | "r3" => FhirVersion::Stu3,
                "r4" => FhirVersion::R4,
                _ => return Err(OptionError::Version(fhir.to_owned())),
            },
            dir,
            quirk: match quirk {
                Some(quirk) => quirk.parse().map_err(|_| OptionError::Quirk(quirk.to_owned()))?,
                None => Quirk::Clean,
            },
            faults,
            bsns,
        })
    }
}

/// Reads a fault; `vanishing-page` is a source's own word for cursors that answer 410.
fn fault(value: &str) -> Result<FaultSpec, OptionError> {
    let text = match value.strip_prefix("vanishing-page") {
        Some(times) => format!("status:410{times}@/_page/"),
        None => value.to_owned(),
    };
    text.parse().map_err(|_| OptionError::Fault(value.to_owned()))
}

fn once<'a>(place: &mut Option<&'a str>, key: &'static str, value: &'a str) -> Result<(), OptionError> {
    if value.is_empty() {
        return Err(OptionError::Empty(key));
    }
    match place.replace(value) {
        Some(_) => Err(OptionError::Repeated(key)),
        None => Ok(()),
    }
}

fn assignment(value: &str) -> Result<(String, Bsn), OptionError> {
    let (patient, number) = value.rsplit_once(':').ok_or(OptionError::Assignment)?;
    if patient.is_empty() {
        return Err(OptionError::Assignment);
    }
    match Bsn::parse(number) {
        Ok(bsn) => Ok((patient.to_owned(), bsn)),
        Err(error) => Err(OptionError::Bsn {
            patient: patient.to_owned(),
            reason: error.to_string(),
        }),
    }
}

impl fmt::Display for SourceOption {
    /// The option as text, with the numbers left out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fhir = match self.fhir {
            FhirVersion::Stu3 => "stu3",
            FhirVersion::R4 => "r4",
        };
        write!(
            f,
            "ura={},name={},fhir={fhir},dir={}",
            self.ura,
            self.name,
            self.dir.display()
        )?;
        if self.quirk != Quirk::Clean {
            write!(f, ",quirk={}", self.quirk)?;
        }
        for fault in &self.faults {
            write!(f, ",fault={fault}")?;
        }
        for (patient, _) in &self.bsns {
            write!(f, ",bsn={patient}:*********")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{OptionError, Quirk, SourceOption, holders};
    use samenhang_profiles::FhirVersion;

    fn read(text: &str) -> Result<SourceOption, OptionError> {
        text.parse()
    }

    #[test]
    fn a_whole_option_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().display();
        let text = format!(
            "ura=700700,name=Ziekenhuis Oost,fhir=stu3,dir={dir},quirk=epic,fault=latency:500,fault=status:503*1@/Flag,fault=vanishing-page*1,bsn=a:999990019"
        );
        let option = read(&text).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(option.ura.as_str(), "00700700");
        assert_eq!((option.fhir, option.quirk), (FhirVersion::Stu3, Quirk::Epic));
        assert_eq!((option.faults.len(), option.bsns.len()), (3, 1));
        assert!(
            option
                .to_string()
                .ends_with(",fault=status:503*1@/Flag,fault=status:410*1@/_page/,bsn=a:*********")
        );
    }

    #[test]
    fn options_of_one_holder_are_joined() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().display();
        let options = |texts: &[&str]| -> Vec<SourceOption> {
            let read =
                |text: &&str| read(&format!("{text},dir={dir}")).unwrap_or_else(|error| panic!("{error}"));
            texts.iter().map(read).collect()
        };
        let joined = holders(&options(&[
            "ura=1,name=A,fhir=r4",
            "ura=2,name=B,fhir=r4",
            "ura=1,name=A,fhir=stu3",
        ]));
        let joined = joined.unwrap_or_else(|error| panic!("{error}"));
        let found: Vec<_> = joined
            .iter()
            .map(|holder| (holder.ura.as_str(), holder.versions.len()))
            .collect();
        assert_eq!(found, [("00000001", 2), ("00000002", 1)]);
        for second in [
            "ura=1,name=B,fhir=stu3",
            "ura=1,name=A,fhir=r4",
            "ura=1,name=A,fhir=stu3,quirk=epic",
        ] {
            let refused = holders(&options(&["ura=1,name=A,fhir=r4", second])).err();
            assert!(matches!(refused, Some(OptionError::Conflict { .. })), "{second}");
        }
    }

    #[test]
    fn every_mistake_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().display();
        let good = format!("ura=1,name=N,fhir=r4,dir={dir}");
        for (text, expected) in [
            (String::new(), "part 1 is not key=value"),
            (format!("{good},color=red"), "unknown key 'color'"),
            (format!("{good},ura=2"), "ura= is given twice"),
            (format!("name=N,fhir=r4,dir={dir}"), "ura= is missing"),
            (format!("ura=1,name=N,dir={dir}"), "fhir= is missing"),
            (format!("ura=1,name=,fhir=r4,dir={dir}"), "name= is empty"),
            (format!("ura=x,name=N,fhir=r4,dir={dir}"), "ura=x is not a URA"),
            (
                format!("ura=1,name=N,fhir=r5,dir={dir}"),
                "fhir=r5 is not a FHIR version",
            ),
            (
                "ura=1,name=N,fhir=r4,dir=/nowhere/at/all".to_owned(),
                "does not exist",
            ),
            (format!("{good},quirk=odd"), "quirk=odd is unknown"),
            (format!("{good},fault=odd"), "fault=odd is unknown"),
            (format!("{good},bsn=999990019"), "bsn= expects PATIENT_ID:BSN"),
        ] {
            let error = read(&text)
                .err()
                .map(|error| error.to_string())
                .unwrap_or_default();
            assert!(error.contains(expected), "{text}: {error}");
        }
        let error = read(&format!("{good},bsn=p:123456789"))
            .err()
            .map(|error| error.to_string());
        assert!(error.is_some_and(|text| text.contains("11-proef") && !text.contains("123456789")));
    }
}
