//! Variables: those of the environment, those of FHIR, and those that an expression defines.

use std::borrow::Cow;

use super::{Evaluator, Frame, Outcome, weight};
use crate::document::Node;
use crate::fhirpath::error::EvaluateError;
use crate::fhirpath::syntax::Expr;
use crate::fhirpath::value::Value;

/// Variables that one expression may define at a time.
const MAX_DEFINED: usize = 64;

/// What FHIR defines a name to mean (R4, 2.1.9.1.3).
fn constant(name: &str) -> Option<Cow<'static, str>> {
    Some(match name {
        "sct" => Cow::Borrowed("http://snomed.info/sct"),
        "loinc" => Cow::Borrowed("http://loinc.org"),
        "ucum" => Cow::Borrowed("http://unitsofmeasure.org"),
        _ => {
            if let Some(value_set) = name.strip_prefix("vs-") {
                Cow::Owned(format!("http://hl7.org/fhir/ValueSet/{value_set}"))
            } else {
                let extension = name.strip_prefix("ext-")?;
                Cow::Owned(format!("http://hl7.org/fhir/StructureDefinition/{extension}"))
            }
        }
    })
}

/// Names that no expression may define anew.
const RESERVED: [&str; 6] = ["context", "resource", "rootResource", "sct", "loinc", "ucum"];

impl<'d> Evaluator<'d, '_> {
    /// Pushes the value of a variable.
    pub(super) fn variable(&mut self, name: &'d str, frame: Frame<'_, 'd>) -> Outcome<()> {
        let node = |node: Option<Node<'d>>| node.map(Value::Node);
        match name {
            "context" => match self.env.context {
                Some(node) => self.stack.push(Value::Node(node)),
                None => self.push_all(frame.this)?,
            },
            "resource" => self.stack.extend(node(self.env.resource)),
            "rootResource" => self.stack.extend(node(self.env.root_resource)),
            _ => {
                if let Some(at) = self.defined.iter().rposition(|(defined, _)| defined == name) {
                    let weight = self.defined[at].1.iter().map(weight).sum();
                    self.pay(weight)?;
                    self.stack.extend_from_slice(&self.defined[at].1);
                    return Ok(());
                }
                let mut found = false;
                for (_, value) in self
                    .env
                    .variables
                    .iter()
                    .filter(|(variable, _)| *variable == name)
                {
                    self.stack.push(value.clone());
                    found = true;
                }
                if !found {
                    let text = constant(name).ok_or(EvaluateError::Variable)?;
                    self.stack.push(Value::String(text));
                }
            }
        }
        Ok(())
    }

    /// `defineVariable`: gives the items back, and what follows in the path knows them by a name.
    pub(super) fn define(&mut self, arguments: &'d [Expr], base: usize, frame: Frame<'_, 'd>) -> Outcome<()> {
        let [name, value @ ..] = arguments else {
            return Ok(());
        };
        let Some(name) = self.text_argument(name, frame, "defineVariable")? else {
            return Err(EvaluateError::Variable);
        };
        let known = self.defined.iter().any(|(defined, _)| *defined == name)
            || self.env.variables.iter().any(|(variable, _)| *variable == name)
            || RESERVED.contains(&&*name);
        if known || self.defined.len() >= MAX_DEFINED {
            return Err(EvaluateError::Variable);
        }
        self.pay(self.stack.iter().skip(base).map(weight).sum())?;
        let items = match value.first() {
            Some(value) => {
                let end = self.stack.len();
                // The items before the point are what the value is taken from.
                let focus: Vec<Value<'d>> = self.stack.get(base..).unwrap_or_default().to_vec();
                self.eval(
                    value,
                    Frame {
                        this: &focus,
                        ..frame
                    },
                )?;
                self.stack.split_off(end)
            }
            None => self.stack.get(base..).unwrap_or_default().to_vec(),
        };
        self.defined.push((name, items));
        Ok(())
    }
}
