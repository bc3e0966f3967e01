//! The map packs of a station: those of the binary, and those that a source has of its own.

use samenhang_conform::PackError;
use samenhang_station::lift::{ByFormat, OwnPackError};
use samenhang_station::{Config, SourceId, StationError};

use crate::mapping::{Choice, MappingError};

/// Why a station cannot be opened with the packs that its configuration names.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PackOfSourceError {
    /// It cannot be found or read.
    #[error("the pack of the source {0}: {1}")]
    Files(SourceId, MappingError),
    /// It cannot be used for this source.
    #[error("the pack of the source {0}: {1}")]
    Use(SourceId, OwnPackError),
}

impl PackOfSourceError {
    /// The stable code, explained in the error catalogue.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            PackOfSourceError::Files(_, error) => error.code(),
            PackOfSourceError::Use(_, error) => {
                let fault = match error {
                    OwnPackError::Pack(errors) => errors.first(),
                    _ => None,
                };
                let unusable = || StationError::Config(String::new()).code();
                fault.map_or_else(unusable, PackError::code)
            }
        }
    }
}

/// The lift of a station. The name of a pack is that of a folder, relative to the folder of the station, or of one that
/// the binary carries.
///
/// # Errors
/// [`PackOfSourceError`].
pub fn lift(config: &Config) -> Result<ByFormat, PackOfSourceError> {
    let mut lift = ByFormat::default();
    for source in &config.sources {
        let Some(name) = &source.pack else { continue };
        let folder = config.path(name.as_ref());
        let choice = match folder.is_dir() {
            true => folder.to_string_lossy().into_owned(),
            false => name.clone(),
        };
        let files = Choice::Named(choice).files();
        let files = files.map_err(|error| PackOfSourceError::Files(source.id.clone(), error))?;
        lift = lift
            .with_pack(source.id.clone(), source.format, &files)
            .map_err(|error| PackOfSourceError::Use(source.id.clone(), error))?;
    }
    Ok(lift)
}
