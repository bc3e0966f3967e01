//! Configuration: one TOML file, with every key also as an environment variable `SAMENHANG__AREA__KEY`.
//!
//! Unknown keys are refused, everything that is wrong is told at once, and secrets are named by file, never written
//! here. `samenhang config schema` prints what there is, with units and defaults.

pub mod load;
mod schema;
pub mod server;

use std::fmt;

use schemars::JsonSchema;
use serde_json::Value;

pub use self::server::ServerConfig;

/// Something that is wrong with a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The key, with dots; empty for the whole.
    pub key: String,
    /// Why.
    pub reason: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.key.is_empty() {
            f.write_str(&self.reason)
        } else {
            write!(f, "{}: {}", self.key, self.reason)
        }
    }
}

fn schema_of<T: JsonSchema>() -> Value {
    schemars::schema_for!(T).to_value()
}

#[cfg(test)]
mod tests;
