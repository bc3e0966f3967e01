//! `--source`: a care provider over a folder of FHIR files.

use std::path::PathBuf;
use std::str::FromStr;

use samenhang_profiles::{Bsn, FhirVersion, Ura};

/// One `--source`. Holds BSNs: no `Debug`.
#[derive(Clone)]
pub struct SourceOption {
    /// The care provider's URA.
    pub ura: Ura,
    /// Its name.
    pub name: String,
    /// The version of FHIR that it speaks.
    pub fhir: FhirVersion,
    /// The folder.
    pub dir: PathBuf,
    /// A vendor quirk of the testbed.
    pub quirk: Option<String>,
    /// Faults of the testbed.
    pub faults: Vec<String>,
    /// Numbers for Patient resources that carry none.
    pub numbers: Vec<(String, Bsn)>,
}

/// Why a `--source` cannot be used. Repeats only the names of keys.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SourceOptionError {
    /// A part without `=`.
    #[error("part {0} is not key=value; a value cannot contain a comma")]
    Part(usize),
    /// A key that does not exist.
    #[error("'{0}' is not a key; known are ura, name, fhir, dir, quirk, fault, bsn")]
    Key(String),
    /// A key that is needed.
    #[error("'{0}' is missing; needed are ura, name, fhir and dir")]
    Missing(&'static str),
    /// A key that is given twice.
    #[error("'{0}' is given twice")]
    Twice(&'static str),
    /// A value that does not fit.
    #[error("'{0}' has a value that cannot be used: {1}")]
    Value(&'static str, &'static str),
}

fn once<T>(slot: &mut Option<T>, key: &'static str, value: T) -> Result<(), SourceOptionError> {
    if slot.replace(value).is_some() {
        Err(SourceOptionError::Twice(key))
    } else {
        Ok(())
    }
}

fn filled<'a>(key: &'static str, value: &'a str) -> Result<&'a str, SourceOptionError> {
    if value.is_empty() {
        Err(SourceOptionError::Value(key, "it is empty"))
    } else {
        Ok(value)
    }
}

impl FromStr for SourceOption {
    type Err = SourceOptionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (mut ura, mut name, mut fhir, mut dir, mut quirk) = (None, None, None, None, None);
        let (mut faults, mut numbers) = (Vec::new(), Vec::new());
        for (index, part) in text.split(',').enumerate() {
            let (key, value) = part.split_once('=').ok_or(SourceOptionError::Part(index + 1))?;
            let value = value.trim();
            match key.trim() {
                "ura" => {
                    let parsed = value.parse::<Ura>();
                    let parsed =
                        parsed.map_err(|_| SourceOptionError::Value("ura", "it is one to eight digits"))?;
                    once(&mut ura, "ura", parsed)?;
                }
                "name" => once(&mut name, "name", filled("name", value)?.to_owned())?,
                "fhir" => {
                    let version = match value.to_ascii_lowercase().as_str() {
                        "stu3" => FhirVersion::Stu3,
                        "r4" => FhirVersion::R4,
                        _ => return Err(SourceOptionError::Value("fhir", "it is stu3 or r4")),
                    };
                    once(&mut fhir, "fhir", version)?;
                }
                "dir" => once(&mut dir, "dir", PathBuf::from(filled("dir", value)?))?,
                "quirk" => once(&mut quirk, "quirk", filled("quirk", value)?.to_owned())?,
                "fault" => faults.push(filled("fault", value)?.to_owned()),
                "bsn" => numbers.push(number(value)?),
                key => return Err(SourceOptionError::Key(key.to_owned())),
            }
        }
        Ok(SourceOption {
            ura: ura.ok_or(SourceOptionError::Missing("ura"))?,
            name: name.ok_or(SourceOptionError::Missing("name"))?,
            fhir: fhir.ok_or(SourceOptionError::Missing("fhir"))?,
            dir: dir.ok_or(SourceOptionError::Missing("dir"))?,
            quirk,
            faults,
            numbers,
        })
    }
}

fn number(value: &str) -> Result<(String, Bsn), SourceOptionError> {
    let (id, digits) = value
        .rsplit_once(':')
        .ok_or(SourceOptionError::Value("bsn", "it is PATIENT_ID:BSN"))?;
    let bsn = Bsn::parse(digits).map_err(|_| {
        SourceOptionError::Value("bsn", "the number is not nine digits that pass the 11-proef")
    })?;
    Ok((filled("bsn", id)?.to_owned(), bsn))
}

#[cfg(test)]
mod tests {
    use samenhang_profiles::FhirVersion;

    use super::{SourceOption, SourceOptionError};

    #[test]
    fn reads_every_key() {
        let text = "ura=700700,name=Ziekenhuis Oost,fhir=STU3,dir=a/b,quirk=get-only,fault=latency:500,\
            fault=status:503,bsn=p1:999990019,bsn=p2:999990020";
        let option: SourceOption = text.parse().ok().unwrap();
        assert_eq!(option.ura.as_str(), "00700700");
        assert_eq!(option.name, "Ziekenhuis Oost");
        assert_eq!(option.fhir, FhirVersion::Stu3);
        assert_eq!(option.quirk.as_deref(), Some("get-only"));
        assert_eq!(option.faults, ["latency:500", "status:503"]);
        assert_eq!(option.numbers.len(), 2);
        assert_eq!(option.numbers[1].0, "p2");
    }

    #[test]
    fn says_what_is_wrong_without_repeating_a_number() {
        let fail = |text: &str| text.parse::<SourceOption>().err().unwrap();
        assert_eq!(fail("ura=1,name=A,fhir=r4"), SourceOptionError::Missing("dir"));
        assert_eq!(fail("ura=1,ura=2"), SourceOptionError::Twice("ura"));
        assert_eq!(fail("ura=1,oops"), SourceOptionError::Part(2));
        assert_eq!(fail("folder=x"), SourceOptionError::Key("folder".to_owned()));
        let text = fail("ura=1,name=A,fhir=r4,dir=x,bsn=p:123456789").to_string();
        assert!(!text.contains("123456789"), "{text}");
    }
}
