//! A source, and what belongs to it: nothing of one source can be used as if it were another's.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::config::SourceConfig;
use crate::error::StationError;
use crate::seal::SourceKey;

/// The name of a source within its station: 1 to 40 small letters, digits and hyphens.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SourceId(Arc<str>);

impl SourceId {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for SourceId {
    type Err = StationError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if text.is_empty() || text.len() > 40 || text.starts_with('-') || !text.bytes().all(allowed) {
            return Err(StationError::Config(
                "the name of a source has 1 to 40 small letters, digits and hyphens".to_owned(),
            ));
        }
        Ok(SourceId(text.into()))
    }
}

impl TryFrom<String> for SourceId {
    type Error = StationError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<SourceId> for String {
    fn from(id: SourceId) -> Self {
        id.as_str().to_owned()
    }
}

/// The right to work with the data of one source: its name, its policy and its key. Every read and write takes one.
/// Only [`Station::scope`](crate::Station::scope) gives it.
#[derive(Clone)]
pub struct Scope {
    pub(crate) config: Arc<SourceConfig>,
    pub(crate) key: Arc<SourceKey>,
    /// Where the key is.
    pub(crate) key_file: Arc<std::path::Path>,
}

impl Scope {
    /// The source.
    #[must_use]
    pub fn source(&self) -> &SourceId {
        &self.config.id
    }

    /// Its policy and limits.
    #[must_use]
    pub fn config(&self) -> &SourceConfig {
        &self.config
    }

    /// Marks a value as this source's.
    pub(crate) fn own<T>(&self, value: T) -> Scoped<T> {
        Scoped {
            source: self.config.id.clone(),
            value,
        }
    }
}

/// A value of one source. What is inside comes out only for who works with that source.
#[derive(Clone)]
pub struct Scoped<T> {
    source: SourceId,
    value: T,
}

impl<T> Scoped<T> {
    /// The source.
    #[must_use]
    pub fn source(&self) -> &SourceId {
        &self.source
    }

    /// The value.
    ///
    /// # Errors
    /// [`StationError::Scope`] when `scope` is of another source.
    pub fn within(&self, scope: &Scope) -> Result<&T, StationError> {
        if self.source == scope.config.id {
            Ok(&self.value)
        } else {
            Err(StationError::Scope)
        }
    }

    /// The value itself.
    ///
    /// # Errors
    /// [`StationError::Scope`] when `scope` is of another source.
    pub fn into_inner(self, scope: &Scope) -> Result<T, StationError> {
        if self.source == scope.config.id {
            Ok(self.value)
        } else {
            Err(StationError::Scope)
        }
    }
}
