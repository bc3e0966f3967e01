//! The words of a finding, in the language of the reader. The one place where findings become text.

#[cfg(test)]
mod tests;

use super::finding::{Argument, Finding};
use super::rule::Words;

/// The language of a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// Dutch.
    Dutch,
    /// English.
    #[default]
    English,
}

/// Whether values of the resource stand in the text. They may be patient data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Values {
    /// Left out.
    #[default]
    Hidden,
    /// Shown, because the caller asked.
    Shown,
}

impl Words {
    /// The text in one language.
    #[must_use]
    pub fn of(self, language: Language) -> &'static str {
        match language {
            Language::Dutch => self.nl,
            Language::English => self.en,
        }
    }
}

impl Finding {
    /// What is the matter, in one sentence without a capital and a full stop.
    #[must_use]
    pub fn text(&self, language: Language, values: Values) -> String {
        fill(self.rule.text.of(language), &self.arguments, values)
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self, language: Language) -> &'static str {
        self.rule.hint.of(language)
    }
}

/// Fills the arguments into a template; a `[...]` goes when an argument in it is hidden or absent.
fn fill(template: &str, arguments: &[Argument], values: Values) -> String {
    let mut text = String::with_capacity(template.len() + 64);
    let mut rest = template;
    while let Some(open) = rest.find('[') {
        let Some(close) = rest[open..].find(']') else {
            break;
        };
        fill_part(&rest[..open], arguments, values, &mut text);
        let mark = text.len();
        if !fill_part(&rest[open + 1..open + close], arguments, values, &mut text) {
            text.truncate(mark);
        }
        rest = &rest[open + close + 1..];
    }
    fill_part(rest, arguments, values, &mut text);
    text
}

/// Appends a part without brackets; says whether every argument in it could be shown.
fn fill_part(part: &str, arguments: &[Argument], values: Values, text: &mut String) -> bool {
    let mut whole = true;
    let mut rest = part;
    while let Some(open) = rest.find('{') {
        let Some(close) = rest[open..].find('}') else {
            break;
        };
        text.push_str(&rest[..open]);
        let argument = rest[open + 1..open + close]
            .parse()
            .ok()
            .and_then(|at: usize| arguments.get(at));
        match argument {
            Some(Argument::Name(name)) => text.push_str(name),
            Some(Argument::Value(value)) if values == Values::Shown => text.push_str(value),
            _ => {
                whole = false;
                text.push_str("...");
            }
        }
        rest = &rest[open + close + 1..];
    }
    text.push_str(rest);
    whole
}
