//! Functions of strings (FHIRPath N1, 5.6). They take the text of any primitive in a tree.

use std::borrow::Cow;

use regex::{Regex, RegexBuilder};

use super::{Evaluator, Frame, Outcome, text, text_of};
use crate::fhirpath::environment::MAX_TEXT;
use crate::fhirpath::error::EvaluateError;
use crate::fhirpath::function::Function;
use crate::fhirpath::syntax::Call;
use crate::fhirpath::value::Value;

/// Bytes that a compiled pattern may take.
const MAX_PATTERN: usize = 1 << 20;

/// Bytes of the text of a pattern. The longest in the published invariants has 180.
const MAX_PATTERN_TEXT: usize = 2 << 10;

/// Steps that compiling a pattern costs, when it is only known at evaluation.
pub(super) const PATTERN_STEPS: usize = 4_000;

/// Compiles a pattern: a point matches line ends too; `i` and `m` are the flags that are known. `None` for what is no
/// regular expression, or needs a backtracking engine (look-around, back-references).
pub(in crate::fhirpath) fn pattern(text: &str, flags: &str, whole: bool) -> Option<Regex> {
    if text.len() > MAX_PATTERN_TEXT {
        return None;
    }
    let anchored;
    let text = if whole {
        anchored = format!(r"\A(?:{text})\z");
        &anchored
    } else {
        text
    };
    RegexBuilder::new(text)
        .dot_matches_new_line(true)
        .case_insensitive(flags.contains('i'))
        .multi_line(flags.contains('m'))
        .size_limit(MAX_PATTERN)
        .dfa_size_limit(MAX_PATTERN)
        .build()
        .ok()
}

/// Whether a text matches a pattern that is only known now.
pub(super) fn is_match(pattern_text: &str, flags: &str, whole: bool, text: &str) -> Outcome<bool> {
    pattern(pattern_text, flags, whole)
        .map(|pattern| pattern.is_match(text))
        .ok_or(EvaluateError::Pattern)
}

/// A count of characters as an integer.
fn count<'d>(number: usize) -> Value<'d> {
    Value::Integer(i32::try_from(number).unwrap_or(i32::MAX))
}

impl<'d> Evaluator<'d, '_> {
    /// Pushes a text that is put together, and pays for it.
    pub(super) fn push_text(&mut self, parts: &[&str]) -> Outcome<()> {
        let length = parts.iter().map(|part| part.len()).sum::<usize>();
        if length > MAX_TEXT {
            return Err(EvaluateError::Budget {
                what: "bytes in one text",
                limit: MAX_TEXT as u64,
            });
        }
        self.pay(length / 64)?;
        self.stack.push(Value::String(Cow::Owned(parts.concat())));
        Ok(())
    }

    /// Replaces the items above `base` by what a function of strings makes of them.
    pub(super) fn text_function(&mut self, call: &'d Call, base: usize, frame: Frame<'_, 'd>) -> Outcome<()> {
        use Function as F;
        let name = call.function.name();
        if call.function == F::Join {
            return self.join(call, base, frame);
        }
        let focus = match self.single(base, name)? {
            Some(value) => text_of(&value, name)?,
            None => None,
        };
        let Some(focus) = focus else {
            return Ok(());
        };
        self.pay(focus.len() / 64)?;
        if call.function == F::Substring {
            return self.substring(&focus, call, frame);
        }
        let mut arguments: [Cow<'d, str>; 2] = Default::default();
        for (place, argument) in arguments.iter_mut().zip(&call.arguments) {
            match self.text_argument(argument, frame, name)? {
                Some(text) => *place = text,
                None => return Ok(()),
            }
        }
        let [first, second] = arguments;
        match call.function {
            F::IndexOf | F::LastIndexOf => {
                let found = if call.function == F::IndexOf {
                    focus.find(&*first)
                } else {
                    focus.rfind(&*first)
                };
                let before = found.and_then(|at| focus.get(..at));
                let index = before.map_or(Value::Integer(-1), |before| count(before.chars().count()));
                self.stack.push(index);
            }
            F::Upper => self.push_text(&[&focus.to_uppercase()])?,
            F::Lower => self.push_text(&[&focus.to_lowercase()])?,
            F::Replace => self.replace(&focus, &first, &second)?,
            F::ReplaceMatches => self.replace_matches(call, focus, &first, &second)?,
            F::Length => self.stack.push(count(focus.chars().count())),
            F::ToChars => {
                for char in focus.chars() {
                    self.pay(1)?;
                    self.stack.push(Value::String(Cow::Owned(char.to_string())));
                }
            }
            F::Trim => self.push_text(&[focus.trim()])?,
            F::Split => {
                for part in focus.split(&*first) {
                    self.pay(1)?;
                    self.push_text(&[part])?;
                }
            }
            F::Encode | F::Decode | F::Escape | F::Unescape => {
                let coded = match call.function {
                    F::Encode => text::encode(&focus, &first),
                    F::Decode => text::decode(&focus, &first),
                    F::Escape => text::escape(&focus, &first),
                    _ => text::unescape(&focus, &first),
                };
                if let Some(coded) = coded {
                    self.push_text(&[&coded])?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn substring(&mut self, focus: &str, call: &'d Call, frame: Frame<'_, 'd>) -> Outcome<()> {
        let [start, length @ ..] = &*call.arguments else {
            return Ok(());
        };
        let start = self.integer_argument(start, frame, "substring")?;
        let length = match length.first() {
            // An empty length counts as none (FHIRPath N1, 5.6.2).
            Some(length) => self.integer_argument(length, frame, "substring")?,
            None => None,
        };
        let Some(start) = start.and_then(|start| usize::try_from(start).ok()) else {
            return Ok(());
        };
        let length = length.map_or(usize::MAX, |length| usize::try_from(length).unwrap_or(0));
        let Some((from, _)) = focus.char_indices().nth(start) else {
            return Ok(());
        };
        let rest = focus.get(from..).unwrap_or_default();
        let end = rest.char_indices().nth(length).map_or(rest.len(), |(end, _)| end);
        self.push_text(&[rest.get(..end).unwrap_or_default()])
    }

    fn replace(&mut self, focus: &str, part: &str, with: &str) -> Outcome<()> {
        let times = if part.is_empty() {
            focus.len() + 1
        } else {
            focus.matches(part).count()
        };
        if focus.len().saturating_add(times.saturating_mul(with.len())) > 2 * MAX_TEXT {
            return Err(EvaluateError::Budget {
                what: "bytes in one text",
                limit: MAX_TEXT as u64,
            });
        }
        self.pay(times)?;
        self.push_text(&[&focus.replace(part, with)])
    }

    fn replace_matches(
        &mut self,
        call: &'d Call,
        focus: Cow<'d, str>,
        text: &str,
        with: &str,
    ) -> Outcome<()> {
        if text.is_empty() {
            self.stack.push(Value::String(focus));
            return Ok(());
        }
        let dynamic;
        let pattern = match &call.pattern {
            Some(pattern) => pattern,
            None => {
                self.pay(PATTERN_STEPS)?;
                dynamic = pattern(text, "", false).ok_or(EvaluateError::Pattern)?;
                &dynamic
            }
        };
        // Group references are written `$1` in both; a name in braces is the same too.
        let mut written = String::new();
        let mut last = 0;
        for captures in pattern.captures_iter(&focus) {
            self.pay(1 + with.len() / 64)?;
            let Some(found) = captures.get(0) else { continue };
            written.push_str(focus.get(last..found.start()).unwrap_or_default());
            captures.expand(with, &mut written);
            last = found.end();
            if written.len() > MAX_TEXT {
                break;
            }
        }
        let rest = focus.get(last..).unwrap_or_default();
        self.push_text(&[&written, rest])
    }

    fn join(&mut self, call: &'d Call, base: usize, frame: Frame<'_, 'd>) -> Outcome<()> {
        let items = self.stack.split_off(base);
        let separator = match call.arguments.first() {
            Some(separator) => self.text_argument(separator, frame, "join")?.unwrap_or_default(),
            None => Cow::Borrowed(""),
        };
        if items.is_empty() {
            return Ok(());
        }
        let mut parts = Vec::with_capacity(items.len());
        for item in &items {
            parts.extend(text_of(item, "join")?);
        }
        let length = parts
            .iter()
            .map(|part| part.len() + separator.len())
            .sum::<usize>();
        if length > 2 * MAX_TEXT {
            return Err(EvaluateError::Budget {
                what: "bytes in one text",
                limit: MAX_TEXT as u64,
            });
        }
        self.push_text(&[&parts.join(&*separator)])
    }
}
