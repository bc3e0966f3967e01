//! From tokens to the compiled form, under limits on length, depth and size.

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use super::decimal::Decimal;
use super::error::{CompileError, CompileFault};
use super::evaluate::pattern;
use super::function::Function;
use super::lexer::{Lexer, Token};
use super::quantity::{Quantity, Unit};
use super::syntax::{Call, Expr, Operator, Path, Start, Step, StepKind, TYPE_PRECEDENCE, TypeSpecifier};
use super::temporal::CalendarUnit;
use super::value::Value;

/// Bytes of an expression.
const MAX_LENGTH: usize = 64 << 10;
/// How deeply expressions stand in each other. Compiling, checking, evaluating and dropping recurse this deep.
const MAX_DEPTH: usize = 100;
/// Expressions and steps in one expression.
const MAX_PARTS: usize = 20_000;

/// Reads the whole of `text` as one expression.
pub(super) fn parse(text: &str) -> Result<Expr, CompileError> {
    if text.len() > MAX_LENGTH {
        return Err(limit(0, "bytes in one expression", MAX_LENGTH));
    }
    let mut lexer = Lexer::new(text);
    let (at, token) = lexer.token()?;
    let mut parser = Parser {
        lexer,
        at,
        token,
        depth: 0,
        parts: 0,
    };
    let (expr, _) = parser.expression(0)?;
    match parser.token {
        Token::End => Ok(expr),
        _ => Err(parser.expected("an operator or the end")),
    }
}

fn limit(at: usize, what: &'static str, limit: usize) -> CompileError {
    CompileError {
        at,
        fault: CompileFault::Limit { what, limit },
    }
}

struct Parser<'t> {
    lexer: Lexer<'t>,
    /// Offset of `token`.
    at: usize,
    /// The token that comes next.
    token: Token<'t>,
    depth: usize,
    parts: usize,
}

/// An expression, and how many levels are in it.
type Measured = (Expr, usize);

impl<'t> Parser<'t> {
    fn advance(&mut self) -> Result<Token<'t>, CompileError> {
        let (at, token) = self.lexer.token()?;
        self.at = at;
        Ok(std::mem::replace(&mut self.token, token))
    }

    fn expected(&self, what: &'static str) -> CompileError {
        CompileError {
            at: self.at,
            fault: CompileFault::Syntax(what),
        }
    }

    /// Takes a symbol when it comes next.
    fn take(&mut self, symbol: &str) -> Result<bool, CompileError> {
        if self.token == Token::Symbol(symbol_name(symbol)) {
            self.advance()?;
            return Ok(true);
        }
        Ok(false)
    }

    fn require(&mut self, symbol: &'static str) -> Result<(), CompileError> {
        if self.take(symbol)? {
            Ok(())
        } else {
            Err(self.expected(symbol))
        }
    }

    /// Counts a part, and refuses what is too deep or too large.
    fn part(&mut self, levels: usize) -> Result<usize, CompileError> {
        self.parts += 1;
        if self.parts > MAX_PARTS {
            return Err(limit(self.at, "parts in one expression", MAX_PARTS));
        }
        if levels + self.depth > MAX_DEPTH {
            return Err(limit(self.at, "levels in one expression", MAX_DEPTH));
        }
        Ok(levels)
    }

    /// An expression whose operators bind at least as tightly as `least`.
    fn expression(&mut self, least: u8) -> Result<Measured, CompileError> {
        self.depth += 1;
        self.part(0)?;
        let (mut left, mut levels) = self.operand()?;
        loop {
            let text = match &self.token {
                Token::Symbol(symbol) => symbol,
                Token::Word(word) => *word,
                _ => break,
            };
            if matches!(text, "is" | "as") && TYPE_PRECEDENCE >= least {
                let test = text == "is";
                self.advance()?;
                let specifier = self.type_specifier()?;
                levels = self.part(levels + 1)?;
                left = Expr::Type {
                    test,
                    operand: Box::new(left),
                    specifier,
                };
                continue;
            }
            let Some((precedence, operator)) = Operator::from_text(text) else {
                break;
            };
            if precedence < least {
                break;
            }
            self.advance()?;
            let (right, right_levels) = self.expression(precedence + 1)?;
            levels = self.part(levels.max(right_levels) + 1)?;
            left = Expr::Binary(operator, Box::new((left, right)));
        }
        self.depth -= 1;
        Ok((left, levels))
    }

    /// A term with its sign and the steps behind it.
    fn operand(&mut self) -> Result<Measured, CompileError> {
        for (sign, build) in [("-", Expr::Negate as fn(Box<Expr>) -> Expr), ("+", Expr::Plus)] {
            if self.take(sign)? {
                self.depth += 1;
                self.part(0)?;
                let (operand, levels) = self.operand()?;
                self.depth -= 1;
                return Ok((build(Box::new(operand)), self.part(levels + 1)?));
            }
        }
        let (start, first, mut levels) = self.term()?;
        let mut steps: Vec<Step> = first.into_iter().collect();
        loop {
            let at = self.at;
            if self.take(".")? {
                let (step, step_levels) = self.invocation(false)?;
                levels = levels.max(step_levels);
                steps.push(step);
            } else if self.take("[")? {
                let (index, index_levels) = self.expression(0)?;
                self.require("]")?;
                levels = levels.max(index_levels + 1);
                steps.push(Step {
                    at,
                    kind: StepKind::Index(index),
                });
            } else {
                break;
            }
            self.part(levels)?;
        }
        let levels = self.part(levels + 1)?;
        let start = match start {
            Start::Expr(expr) if steps.is_empty() => return Ok((*expr, levels)),
            start => start,
        };
        let steps = steps.into_boxed_slice();
        Ok((Expr::Path(Path { start, steps }), levels))
    }

    /// What a path starts with: its start, and the first step when that is a name or a call.
    fn term(&mut self) -> Result<(Start, Option<Step>, usize), CompileError> {
        let at = self.at;
        let expr = match &self.token {
            Token::Symbol("(") => {
                self.advance()?;
                let (expr, levels) = self.expression(0)?;
                self.require(")")?;
                return Ok((Start::Expr(Box::new(expr)), None, levels + 1));
            }
            Token::Symbol("{") => {
                self.advance()?;
                self.require("}")?;
                Expr::Empty
            }
            Token::Symbol("%") => {
                self.advance()?;
                match self.advance()? {
                    Token::Word(name) => Expr::Variable(name.into()),
                    Token::Name(name) => Expr::Variable(name.into()),
                    Token::Text(name) => Expr::Variable(name.into()),
                    _ => return Err(self.expected("the name of a variable")),
                }
            }
            Token::Special(name) => {
                let start = match *name {
                    "index" => Start::Index,
                    "total" => Start::Total,
                    _ => Start::This,
                };
                self.advance()?;
                return Ok((start, None, 1));
            }
            Token::Word("true") => self.literal(Value::Boolean(true))?,
            Token::Word("false") => self.literal(Value::Boolean(false))?,
            Token::Text(text) => {
                let text = text.clone();
                self.advance()?;
                match self.unit()? {
                    // A quantity needs a number before its unit.
                    Some(_) => return Err(self.expected("an operator")),
                    None => Expr::Literal(Value::String(Cow::Owned(text))),
                }
            }
            Token::Moment(moment) => {
                let moment = *moment;
                self.literal(Value::Temporal(moment))?
            }
            Token::Number(number) => {
                let number = *number;
                self.advance()?;
                self.number(at, number)?
            }
            _ => {
                let (step, levels) = self.invocation(true)?;
                return Ok((Start::This, Some(step), levels));
            }
        };
        Ok((Start::Expr(Box::new(expr)), None, 1))
    }

    fn literal(&mut self, value: Value<'static>) -> Result<Expr, CompileError> {
        self.advance()?;
        Ok(Expr::Literal(value))
    }

    /// A number, or a quantity when a unit follows.
    fn number(&mut self, at: usize, text: &str) -> Result<Expr, CompileError> {
        let too_large = || limit(at, "digits in one number", 31);
        let unit = self.unit()?;
        if let Some(unit) = unit {
            let value = Decimal::parse(text).ok_or_else(too_large)?;
            return Ok(Expr::Literal(Value::Quantity(Box::new(Quantity { value, unit }))));
        }
        if text.contains('.') {
            let value = Decimal::parse(text).ok_or_else(too_large)?;
            return Ok(Expr::Literal(Value::Decimal(value)));
        }
        // The lowest integer has no positive counterpart: it is written as a decimal and stays whole.
        match text.parse::<i32>() {
            Ok(value) => Ok(Expr::Literal(Value::Integer(value))),
            Err(_) => Err(limit(at, "in an integer", 2_147_483_647)),
        }
    }

    /// The unit behind a number.
    fn unit(&mut self) -> Result<Option<Unit>, CompileError> {
        let unit = match &self.token {
            Token::Text(code) => Unit::quoted(code),
            Token::Word(word) => match CalendarUnit::from_word(word) {
                Some(unit) => Unit::Calendar(unit),
                None => return Ok(None),
            },
            _ => return Ok(None),
        };
        self.advance()?;
        Ok(Some(unit))
    }

    /// A name or a call. `first` tells whether nothing stands before it.
    fn invocation(&mut self, first: bool) -> Result<(Step, usize), CompileError> {
        let at = self.at;
        if let (false, Token::Special(_)) = (first, &self.token) {
            return Err(self.expected("a name"));
        }
        let name: Cow<'t, str> = match self.token.clone() {
            Token::Word(word) => Cow::Borrowed(word),
            Token::Name(name) => name,
            _ => return Err(self.expected("a name or a value")),
        };
        self.advance()?;
        if self.token != Token::Symbol("(") {
            let kind = if first {
                StepKind::First(name.into())
            } else {
                StepKind::Member(name.into())
            };
            return Ok((Step { at, kind }, 1));
        }
        let fault = |fault| CompileError { at, fault };
        let (function, least, most) =
            Function::from_name(&name).ok_or_else(|| fault(CompileFault::UnknownFunction))?;
        self.advance()?;
        let (call, levels) = if function.takes_type() {
            let specifier = Some(self.type_specifier()?);
            self.require(")")?;
            let call = Call {
                function,
                arguments: Box::default(),
                specifier,
                pattern: None,
            };
            (call, 1)
        } else {
            let (arguments, levels) = self.arguments()?;
            if arguments.len() < least || arguments.len() > most {
                return Err(fault(CompileFault::Arguments { least, most }));
            }
            let pattern = match arguments.first() {
                Some(Expr::Literal(Value::String(text))) if function.pattern_argument() => {
                    let whole = function == Function::MatchesFull;
                    let flags = match arguments.get(1) {
                        Some(Expr::Literal(Value::String(flags))) if function != Function::ReplaceMatches => {
                            flags
                        }
                        _ => "",
                    };
                    Some(pattern(text, flags, whole).ok_or_else(|| fault(CompileFault::Pattern))?)
                }
                _ => None,
            };
            let call = Call {
                function,
                arguments: arguments.into_boxed_slice(),
                specifier: None,
                pattern,
            };
            (call, levels)
        };
        let kind = StepKind::Call(Box::new(call));
        Ok((Step { at, kind }, levels + 1))
    }

    /// Arguments up to the closing bracket.
    fn arguments(&mut self) -> Result<(Vec<Expr>, usize), CompileError> {
        let (mut arguments, mut levels) = (Vec::new(), 1);
        if self.take(")")? {
            return Ok((arguments, levels));
        }
        loop {
            let (argument, argument_levels) = self.expression(0)?;
            levels = levels.max(argument_levels + 1);
            arguments.push(argument);
            if !self.take(",")? {
                self.require(")")?;
                return Ok((arguments, levels));
            }
        }
    }

    /// The name of a type, with or without its namespace.
    fn type_specifier(&mut self) -> Result<TypeSpecifier, CompileError> {
        let at = self.at;
        let mut names = Vec::new();
        loop {
            match self.advance()? {
                Token::Word(word) => names.push(Box::from(word)),
                Token::Name(name) => names.push(Box::from(&*name)),
                _ => return Err(self.expected("the name of a type")),
            }
            // `value is Quantity.unit` would be a path behind a type, which the grammar does not have.
            if names.len() == 2 || !self.take(".")? {
                break;
            }
        }
        let name = names.pop().unwrap_or_default();
        let namespace = names.pop();
        Ok(TypeSpecifier { namespace, name, at })
    }
}

/// The symbol as the lexer gives it.
fn symbol_name(symbol: &str) -> &'static str {
    match symbol {
        "(" => "(",
        ")" => ")",
        "[" => "[",
        "]" => "]",
        "}" => "}",
        "." => ".",
        "," => ",",
        "+" => "+",
        _ => "-",
    }
}
