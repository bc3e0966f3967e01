//! From text to tokens (FHIRPath N1, section 10 and appendix B).

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use super::error::{CompileError, CompileFault};
use super::temporal::Temporal;

/// One token.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token<'t> {
    /// A name that was written plainly; may be a keyword.
    Word(&'t str),
    /// A name between back-ticks, or double quotes as the first edition had them.
    Name(Cow<'t, str>),
    /// A string.
    Text(String),
    /// A number, as written.
    Number(&'t str),
    /// A date, date-time or time.
    Moment(Temporal),
    /// `$this`, `$index` or `$total`, without the sign.
    Special(&'t str),
    /// An operator or bracket.
    Symbol(&'static str),
    /// End of the text.
    End,
}

/// Every symbol, the longer before its beginnings.
const SYMBOLS: [&str; 24] = [
    "!=", "!~", "<=", ">=", "(", ")", "[", "]", "{", "}", ".", ",", "+", "-", "*", "/", "&", "|", "=", "~",
    "<", ">", "%", "!",
];

/// Reads tokens one at a time.
pub(super) struct Lexer<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Lexer<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Lexer { text, at: 0 }
    }

    /// The next token and the offset of its first byte.
    pub(super) fn token(&mut self) -> Result<(usize, Token<'t>), CompileError> {
        self.space()?;
        let at = self.at;
        let rest = self.rest();
        let Some(first) = rest.bytes().next() else {
            return Ok((at, Token::End));
        };
        let token = match first {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
                let length = word(rest);
                self.take(length, Token::Word)
            }
            b'0'..=b'9' => {
                let length = number(rest);
                self.take(length, Token::Number)
            }
            b'\'' => Token::Text(self.quoted('\'')?.into_owned()),
            b'`' => Token::Name(self.quoted('`')?),
            b'"' => Token::Name(self.quoted('"')?),
            b'@' => {
                let literal = Temporal::literal(rest.get(1..).unwrap_or_default());
                let (moment, length) = literal.ok_or_else(|| self.syntax("a date or time"))?;
                self.at += 1 + length;
                Token::Moment(moment)
            }
            b'$' => {
                let length = 1 + word(rest.get(1..).unwrap_or_default());
                let name = rest.get(1..length).unwrap_or_default();
                if !["this", "index", "total"].contains(&name) {
                    return Err(self.syntax("$this, $index or $total"));
                }
                self.at += length;
                Token::Special(name)
            }
            _ => {
                let symbol = SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol));
                let symbol = symbol.ok_or_else(|| self.syntax("an expression"))?;
                self.at += symbol.len();
                Token::Symbol(symbol)
            }
        };
        Ok((at, token))
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn take(&mut self, length: usize, token: fn(&'t str) -> Token<'t>) -> Token<'t> {
        let text = self.rest().get(..length).unwrap_or_default();
        self.at += length;
        token(text)
    }

    fn syntax(&self, expected: &'static str) -> CompileError {
        CompileError {
            at: self.at,
            fault: CompileFault::Syntax(expected),
        }
    }

    /// Skips white space and comments.
    fn space(&mut self) -> Result<(), CompileError> {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start_matches([' ', '\t', '\r', '\n', '\u{a0}']);
            self.at += rest.len() - trimmed.len();
            if trimmed.starts_with("//") {
                self.at += trimmed.find(['\r', '\n']).unwrap_or(trimmed.len());
            } else if let Some(comment) = trimmed.strip_prefix("/*") {
                let end = comment
                    .find("*/")
                    .ok_or_else(|| self.syntax("the end of a comment"))?;
                self.at += end + 4;
            } else {
                return Ok(());
            }
        }
    }

    /// Reads what stands between two `quote`s.
    fn quoted(&mut self, quote: char) -> Result<Cow<'t, str>, CompileError> {
        self.at += 1;
        let rest = self.rest();
        let end = rest
            .find([quote, '\\'])
            .ok_or_else(|| self.syntax("a closing quote"))?;
        if rest[end..].starts_with(quote) {
            self.at += end + 1;
            return Ok(Cow::Borrowed(&rest[..end]));
        }
        let mut text = String::new();
        let mut chars = rest.char_indices();
        while let Some((at, char)) = chars.next() {
            if char == quote {
                self.at += at + 1;
                return Ok(Cow::Owned(text));
            }
            if char != '\\' {
                text.push(char);
                continue;
            }
            let escaped = match chars.next() {
                Some((_, 'f')) => '\u{c}',
                Some((_, 'n')) => '\n',
                Some((_, 'r')) => '\r',
                Some((_, 't')) => '\t',
                Some((from, 'u')) => {
                    let code = rest
                        .get(from + 1..from + 5)
                        .and_then(|hex| u32::from_str_radix(hex, 16).ok());
                    let char = code
                        .and_then(char::from_u32)
                        .ok_or_else(|| self.syntax("four hexadecimal digits"))?;
                    chars.nth(3);
                    char
                }
                // Not in the grammar, but written in patterns of published invariants: `'\.'` for `'\\.'`.
                Some((_, other @ ('\\' | '/' | '\'' | '"' | '`'))) => other,
                Some((_, other)) => {
                    text.push('\\');
                    other
                }
                None => break,
            };
            text.push(escaped);
        }
        Err(self.syntax("a closing quote"))
    }
}

/// Bytes of the name that `text` starts with.
fn word(text: &str) -> usize {
    text.bytes()
        .take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
        .count()
}

/// Bytes of the number that `text` starts with. A point without a digit behind it starts a call.
fn number(text: &str) -> usize {
    let digits = |from: usize| {
        text.as_bytes()
            .get(from..)
            .unwrap_or_default()
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count()
    };
    let whole = digits(0);
    match text.as_bytes().get(whole) {
        Some(b'.') if digits(whole + 1) > 0 => whole + 1 + digits(whole + 1),
        _ => whole,
    }
}
