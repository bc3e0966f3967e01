//! Steps from items to their children.

use std::borrow::Cow;

use super::{Evaluator, Frame, Outcome};
use crate::fhirpath::syntax::{Expr, Path, Start, Step, StepKind};
use crate::fhirpath::tree;
use crate::fhirpath::value::Value;

impl<'d> Evaluator<'d, '_> {
    /// Pushes what the start of a path and `steps` of it give. What they define stays defined, for the caller to end.
    pub(super) fn path(&mut self, path: &'d Path, steps: &'d [Step], frame: Frame<'_, 'd>) -> Outcome<()> {
        let base = self.stack.len();
        let mut rest = steps;
        match (&path.start, steps.split_first()) {
            (Start::This, Some((step, behind))) => match &step.kind {
                StepKind::First(name) => {
                    self.first_name(name, frame.this)?;
                    rest = behind;
                }
                StepKind::Member(name) => {
                    for value in frame.this {
                        self.children(value, name)?;
                    }
                    rest = behind;
                }
                _ => self.push_all(frame.this)?,
            },
            (Start::This, None) => self.push_all(frame.this)?,
            (Start::Index, _) => {
                let index = frame.index.and_then(|index| i32::try_from(index).ok());
                self.stack.extend(index.map(Value::Integer));
            }
            (Start::Total, _) => self.push_all(frame.total)?,
            (Start::Expr(expr), _) => self.eval(expr, frame)?,
        }
        for step in rest {
            match &step.kind {
                StepKind::First(name) | StepKind::Member(name) => self.member(name, base)?,
                StepKind::Index(index) => self.index(index, base, frame)?,
                StepKind::Call(call) => self.call(call, base, frame)?,
            }
        }
        Ok(())
    }

    /// The first name of a path: that of the item's type, or of its children.
    fn first_name(&mut self, name: &'d str, this: &[Value<'d>]) -> Outcome<()> {
        let may_be_type = name.as_bytes().first().is_some_and(u8::is_ascii_uppercase);
        for value in this {
            match value {
                Value::Node(node) if may_be_type && node.is_a(name) => self.stack.push(value.clone()),
                _ => self.children(value, name)?,
            }
        }
        Ok(())
    }

    /// Pushes the children of this name.
    #[inline]
    fn children(&mut self, value: &Value<'d>, name: &str) -> Outcome<()> {
        match value {
            Value::Node(node) => {
                for child in node.children() {
                    self.pay(1)?;
                    if tree::is_named(child, name) {
                        self.stack.push(Value::Node(child));
                    }
                }
                // The definition of a primitive has its value as an element, `string.value`, of a System type.
                if name == "value" && node.is_primitive() {
                    self.stack.extend(tree::system(*node));
                }
            }
            Value::Type(kind) => match name {
                "name" => self.stack.push(Value::String(Cow::Borrowed(kind.name))),
                "namespace" => self.stack.push(Value::String(Cow::Borrowed(kind.namespace))),
                _ => {}
            },
            _ => {}
        }
        Ok(())
    }

    /// Replaces the items above `base` by their children of this name.
    pub(super) fn member(&mut self, name: &str, base: usize) -> Outcome<()> {
        let end = self.stack.len();
        if end == base + 1 {
            if let Some(value) = self.stack.pop() {
                self.children(&value, name)?;
            }
            return Ok(());
        }
        for at in base..end {
            let value = self.item(at)?;
            self.children(&value, name)?;
        }
        self.stack.drain(base..end);
        Ok(())
    }

    fn index(&mut self, index: &'d Expr, base: usize, frame: Frame<'_, 'd>) -> Outcome<()> {
        let index = self.integer_argument(index, frame, "[]")?;
        let chosen = index
            .and_then(|index| usize::try_from(index).ok())
            .and_then(|index| base.checked_add(index))
            .filter(|at| *at < self.stack.len());
        if let Some(at) = chosen {
            self.stack.swap(base, at);
            self.stack.truncate(base + 1);
        } else {
            self.stack.truncate(base);
        }
        Ok(())
    }
}
