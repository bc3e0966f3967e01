//! Reads a configuration: TOML, then the environment over it, then its schema, then its types.

use std::path::Path;

use figment::Figment;
use figment::providers::{Env, Format, Toml};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Finding, schema};

/// Prefix of the environment variables: `SAMENHANG__SERVER__LISTEN` is `server.listen`.
pub const ENVIRONMENT: &str = "SAMENHANG__";

/// Reads a file and the environment.
///
/// Paths in it (`path`, `*_file`, `*_path`, `*_dir`, lists `*_dirs`) that are relative are relative to the file.
///
/// # Errors
/// Everything that is wrong.
pub fn from_file<T: DeserializeOwned + JsonSchema>(file: &Path) -> Result<T, Vec<Finding>> {
    let text = std::fs::read_to_string(file).map_err(|error| {
        vec![Finding {
            key: String::new(),
            reason: format!("the file cannot be read: {}", error.kind()),
        }]
    })?;
    let base = file.parent().unwrap_or_else(|| Path::new("."));
    read(&text, Env::prefixed(ENVIRONMENT).split("__"), base)
}

/// Reads a file and the environment, and checks what it says beyond its form.
///
/// # Errors
/// Everything that is wrong.
pub fn checked<T: DeserializeOwned + JsonSchema>(
    file: &Path,
    check: impl FnOnce(&T) -> Vec<Finding>,
) -> Result<T, Vec<Finding>> {
    let config = from_file(file)?;
    let findings = check(&config);
    if findings.is_empty() {
        Ok(config)
    } else {
        Err(findings)
    }
}

/// Reads a text and an environment.
pub(super) fn read<T: DeserializeOwned + JsonSchema>(
    text: &str,
    environment: Env,
    base: &Path,
) -> Result<T, Vec<Finding>> {
    if let Err(error) = text.parse::<toml::Table>() {
        let line = error.span().map_or(0, |span| {
            text[..span.start.min(text.len())].matches('\n').count() + 1
        });
        let reason = format!("line {line} is not TOML: {}", error.message());
        return Err(vec![Finding {
            key: String::new(),
            reason,
        }]);
    }
    let figment = Figment::from(Toml::string(text)).merge(environment);
    let mut value: Value = figment.extract().map_err(|error| findings_of(&error))?;
    let findings = schema::compare(&value, &super::schema_of::<T>());
    if !findings.is_empty() {
        return Err(findings);
    }
    anchor(&mut value, base);
    serde_json::from_value(value).map_err(|error| {
        vec![Finding {
            key: String::new(),
            reason: error.to_string(),
        }]
    })
}

fn findings_of(error: &figment::Error) -> Vec<Finding> {
    error
        .clone()
        .into_iter()
        .map(|error| Finding {
            key: error.path.join("."),
            reason: error.kind.to_string(),
        })
        .collect()
}

/// Makes relative paths relative to `base`.
fn anchor(value: &mut Value, base: &Path) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let is_path =
                    name == "path" || ["_file", "_path", "_dir"].iter().any(|end| name.ends_with(end));
                let join = |text: &mut String| *text = base.join(&*text).to_string_lossy().into_owned();
                match value {
                    Value::String(text) if is_path => join(text),
                    Value::Array(items) if name.ends_with("_dirs") => {
                        for item in items {
                            if let Value::String(text) = item {
                                join(text);
                            }
                        }
                    }
                    value => anchor(value, base),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| anchor(item, base)),
        _ => {}
    }
}
