//! Functions that FHIR adds (R4, 2.1.9.1.5): extensions, references, terminology, profiles, narrative.

use samenhang_terminology::answer::Subsumption;
use samenhang_terminology::{Coding, Membership};

use super::{Evaluator, Frame, Outcome, Truth};
use crate::document::Node;
use crate::fhirpath::error::EvaluateError;
use crate::fhirpath::function::Function;
use crate::fhirpath::syntax::{Call, Expr};
use crate::fhirpath::value::Value;
use crate::narrative;

/// The codings of a `Coding`, a `CodeableConcept`, or a code by itself.
fn codings<'v>(value: &'v Value<'_>) -> Vec<Coding<'v>> {
    match value {
        Value::String(code) => vec![Coding::bare(code)],
        Value::Node(node) if node.is_primitive() => node.primitive().map(Coding::bare).into_iter().collect(),
        Value::Node(node) if node.is_a("CodeableConcept") => {
            node.children_named("coding").filter_map(coding).collect()
        }
        Value::Node(node) => coding(*node).into_iter().collect(),
        _ => Vec::new(),
    }
}

fn coding(node: Node<'_>) -> Option<Coding<'_>> {
    Some(Coding {
        system: node.text("system"),
        version: node.text("version"),
        code: node.text("code")?,
        display: node.text("display"),
    })
}

impl<'d> Evaluator<'d, '_> {
    /// Replaces the items above `base` by what a function of FHIR gives.
    pub(super) fn fhir_function(&mut self, call: &'d Call, base: usize, frame: Frame<'_, 'd>) -> Outcome<()> {
        match (call.function, call.arguments.first()) {
            (Function::Extension, Some(url)) => self.extension(url, base, frame),
            (Function::GetValue, _) => {
                let value = self.single(base, "getValue")?;
                let primitive = value.filter(|value| value.node().is_none_or(Node::is_primitive));
                self.stack.extend(primitive.and_then(|value| value.system()));
                Ok(())
            }
            (Function::Resolve, _) => self.resolve(base),
            // The definition of an element is no part of a document.
            _ => {
                self.stack.truncate(base);
                Err(EvaluateError::Unknown(call.function.name()))
            }
        }
    }

    /// The extensions with a url.
    fn extension(&mut self, url: &'d Expr, base: usize, frame: Frame<'_, 'd>) -> Outcome<()> {
        let url = self.text_argument(url, frame, "extension")?;
        self.member("extension", base)?;
        self.pay(self.stack.len() - base)?;
        let mut at = 0;
        self.stack.retain(|value| {
            at += 1;
            at <= base || url.is_some() && value.node().and_then(|node| node.text("url")) == url.as_deref()
        });
        Ok(())
    }

    /// Replaces references and uris by what they point at; those that point nowhere vanish.
    fn resolve(&mut self, base: usize) -> Outcome<()> {
        let end = self.stack.len();
        for at in base..end {
            self.pay(1)?;
            let item = self.item(at)?;
            let (reference, from) = match &item {
                Value::String(text) => (&**text, self.env.context.or(self.env.resource)),
                Value::Node(node) if node.is_primitive() => {
                    (node.primitive().unwrap_or_default(), Some(*node))
                }
                Value::Node(node) => (node.text("reference").unwrap_or_default(), Some(*node)),
                _ => continue,
            };
            let Some(from) = from.filter(|_| !reference.is_empty()) else {
                continue;
            };
            let found = match reference.strip_prefix('#') {
                Some(id) => self.contained(id, from)?,
                None => self.env.resolver.resolve(reference, from),
            };
            self.stack.extend(found.map(Value::Node));
        }
        self.stack.drain(base..end);
        Ok(())
    }

    /// The contained resource with an id; without an id the resource that contains.
    fn contained(&mut self, id: &str, from: Node<'d>) -> Outcome<Option<Node<'d>>> {
        let resource = from.resource();
        let holder = resource.parent().filter(|_| resource.name() == "contained");
        let holder = self.env.root_resource.or(holder).unwrap_or(resource);
        if id.is_empty() {
            return Ok(Some(holder));
        }
        for child in holder.children() {
            self.pay(1)?;
            if child.name() == "contained" && child.text("id") == Some(id) {
                return Ok(Some(child));
            }
        }
        Ok(None)
    }

    /// The answer of a predicate of FHIR about the items above `base`.
    pub(super) fn fhir_predicate(
        &mut self,
        call: &'d Call,
        base: usize,
        frame: Frame<'_, 'd>,
    ) -> Outcome<Truth> {
        let name = call.function.name();
        match (call.function, call.arguments.first()) {
            (Function::MemberOf, Some(value_set)) => {
                let value = self.single(base, name)?;
                let value_set = self.text_argument(value_set, frame, name)?;
                match (value, value_set) {
                    (Some(value), Some(value_set)) => self.member_of(&value, &value_set),
                    _ => Ok(None),
                }
            }
            (Function::Subsumes | Function::SubsumedBy, Some(other)) => {
                let value = self.single(base, name)?;
                let other = self.argument(other, frame, name)?;
                match (value, other) {
                    (Some(value), Some(other)) if call.function == Function::Subsumes => {
                        self.subsumes(&value, &other)
                    }
                    (Some(value), Some(other)) => self.subsumes(&other, &value),
                    _ => Ok(None),
                }
            }
            (Function::ConformsTo, Some(profile)) => {
                let value = self.single(base, name)?;
                let profile = self.text_argument(profile, frame, name)?;
                match (value.as_ref().and_then(Value::node), profile) {
                    (Some(node), Some(profile)) => {
                        let answer = self.env.profiles.conforms(node, &profile);
                        answer.map(Some).ok_or(EvaluateError::Unknown(name))
                    }
                    _ => Ok(None),
                }
            }
            (Function::HtmlChecks | Function::HtmlContent, _) => {
                let value = self.single(base, name)?;
                let Some(text) = value.as_ref().and_then(Value::node).and_then(Node::primitive) else {
                    return Ok(None);
                };
                self.pay(text.len() / 16)?;
                // In the tree of a document from XML the entities of XML are resolved: those of HTML are a fault of
                // its reader, so what is left may be judged as from JSON.
                Ok(Some(match call.function {
                    Function::HtmlChecks => narrative::is_allowed(text, narrative::Entities::Html),
                    _ => narrative::has_content(text, narrative::Entities::Html),
                }))
            }
            (Function::CheckModifiers, _) => self.check_modifiers(call, base, frame).map(Some),
            _ => Ok(None),
        }
    }

    /// In a value set when any of the codings is; unknown when that is not known of one and none is.
    fn member_of(&mut self, value: &Value<'d>, value_set: &str) -> Outcome<Truth> {
        let codings = codings(value);
        self.pay(codings.len() * 16)?;
        let answers = codings
            .iter()
            .map(|coding| self.env.terminology.member(value_set, *coding));
        match answers.reduce(Membership::or) {
            None => Ok(Some(false)),
            Some(Membership::Unknown(_)) => Err(EvaluateError::Unknown("memberOf")),
            Some(answer) => Ok(Some(answer.is_member())),
        }
    }

    fn subsumes(&mut self, general: &Value<'d>, special: &Value<'d>) -> Outcome<Truth> {
        let (general, special) = (codings(general), codings(special));
        self.pay(general.len().saturating_mul(special.len()).saturating_mul(16))?;
        let mut unknown = false;
        for above in &general {
            for below in special.iter().filter(|below| below.system == above.system) {
                let Some(system) = above.system else {
                    unknown = true;
                    continue;
                };
                match self.env.terminology.subsumes(system, above.code, below.code) {
                    Subsumption::Equivalent | Subsumption::Subsumes => return Ok(Some(true)),
                    Subsumption::SubsumedBy | Subsumption::NotSubsumed => {}
                    Subsumption::Unknown(_) => unknown = true,
                }
            }
        }
        if unknown {
            return Err(EvaluateError::Unknown("subsumes"));
        }
        Ok(Some(false))
    }

    /// Whether no modifier extension has a url that is not named.
    fn check_modifiers(&mut self, call: &'d Call, base: usize, frame: Frame<'_, 'd>) -> Outcome<bool> {
        self.member("modifierExtension", base)?;
        let found: Vec<Value<'d>> = self.stack.split_off(base);
        let mut named = Vec::with_capacity(call.arguments.len());
        for argument in &call.arguments {
            named.extend(self.text_argument(argument, frame, "checkModifiers")?);
        }
        self.pay(found.len() * named.len())?;
        Ok(found.iter().filter_map(Value::node).all(|node| {
            let url = node.text("url");
            named.iter().any(|named| Some(&**named) == url)
        }))
    }
}
