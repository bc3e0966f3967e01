//! Checking an expression against the types of FHIR, without data.
//!
//! It refuses only what can never be right: a name that no possible type has, a type that does not exist, an operand
//! that no possible type fits. Where types are not known (`resolve()`, `descendants()`, a resource of any type) it
//! accepts what follows.

mod calls;
#[cfg(test)]
mod tests;

use super::error::{CompileError, CompileFault, SemanticFault};
use super::syntax::{Expr, Operator, Path, Start, Step, StepKind, TypeSpecifier};
use super::temporal::TemporalKind;
use super::tree::{Primitive, primitive_type};
use super::types;
use super::value::Value;
use crate::element_table::Table;
use crate::version::FhirVersion;

/// The types that an expression can result in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeSet {
    /// `System` and `FHIR` types by name; with none and not open, the result is always empty.
    types: Vec<Type>,
    /// Whether other types are possible too.
    open: bool,
    /// Whether there may be several items.
    many: bool,
    /// Whether the items have an order.
    ordered: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Type {
    System(&'static str),
    Fhir(&'static str),
}

impl TypeSet {
    /// Namespace (`System`, `FHIR`) and name of each possible type that is known.
    pub fn types(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.types.iter().map(|kind| match kind {
            Type::System(name) => ("System", *name),
            Type::Fhir(name) => ("FHIR", *name),
        })
    }

    /// Whether types other than those of [`TypeSet::types`] are possible.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// Whether there may be several items.
    #[must_use]
    pub fn is_many(&self) -> bool {
        self.many
    }

    fn none() -> TypeSet {
        TypeSet {
            types: Vec::new(),
            open: false,
            many: false,
            ordered: true,
        }
    }

    fn open() -> TypeSet {
        TypeSet {
            open: true,
            many: true,
            ..TypeSet::none()
        }
    }

    fn system(name: &'static str) -> TypeSet {
        TypeSet {
            types: vec![Type::System(name)],
            ..TypeSet::none()
        }
    }

    fn single(mut self) -> TypeSet {
        self.many = false;
        self
    }

    fn join(mut self, other: TypeSet) -> TypeSet {
        for kind in other.types {
            self.add(kind);
        }
        self.open |= other.open;
        self.many |= other.many;
        self.ordered &= other.ordered;
        self
    }

    fn add(&mut self, kind: Type) {
        if !self.types.contains(&kind) {
            self.types.push(kind);
        }
    }

    /// Whether some possible type passes; nothing at all passes too.
    fn may(&self, passes: impl Fn(Type) -> bool) -> bool {
        self.open || self.types.is_empty() || self.types.iter().any(|kind| passes(*kind))
    }

    /// Whether there are possible types, all known, and all pass.
    fn must(&self, passes: impl Fn(Type) -> bool) -> bool {
        !self.open && !self.types.is_empty() && self.types.iter().all(|kind| passes(*kind))
    }
}

/// What `$this` and the variables are.
#[derive(Clone, Copy)]
struct Scope<'s> {
    this: &'s TypeSet,
    context: &'s TypeSet,
}

/// Checks an expression for a focus of the type `context`.
pub(super) fn check(
    expr: &Expr,
    context: &str,
    version: FhirVersion,
    as_filters: bool,
) -> Result<TypeSet, CompileError> {
    // Invariants that rely on the lenient `as` were also written before order was thought of.
    let checker = Checker {
        table: Table::of(version),
        version,
        ordered: !as_filters,
    };
    let context = match Table::of(version).named(context) {
        Some(kind) => TypeSet {
            types: vec![Type::Fhir(kind.name)],
            ..TypeSet::none()
        },
        None => TypeSet::open().single(),
    };
    checker.expr(
        expr,
        Scope {
            this: &context,
            context: &context,
        },
    )
}

struct Checker {
    table: &'static Table,
    version: FhirVersion,
    /// Whether functions that need an order are refused where there is none.
    ordered: bool,
}

fn fault(at: usize, fault: SemanticFault) -> CompileError {
    CompileError {
        at,
        fault: CompileFault::Semantic(fault),
    }
}

/// The first place in the text that belongs to an expression, as far as known.
fn place(expr: &Expr) -> usize {
    match expr {
        Expr::Path(path) => match &path.start {
            Start::Expr(expr) => place(expr),
            _ => path.steps.first().map_or(0, |step| step.at),
        },
        Expr::Negate(operand) | Expr::Plus(operand) => place(operand),
        Expr::Binary(_, operands) => place(&operands.0),
        Expr::Type { specifier, .. } => specifier.at,
        Expr::Empty | Expr::Literal(_) | Expr::Variable(_) => 0,
    }
}

/// The name of the `System` type of a literal.
fn literal(value: &Value<'_>) -> &'static str {
    match value {
        Value::Boolean(_) => "Boolean",
        Value::Integer(_) => "Integer",
        Value::Decimal(_) => "Decimal",
        Value::String(_) => "String",
        Value::Quantity(_) => "Quantity",
        Value::Temporal(value) => match value.kind() {
            TemporalKind::Date => "Date",
            TemporalKind::DateTime => "DateTime",
            TemporalKind::Time => "Time",
        },
        Value::Node(_) | Value::Type(_) => "Any",
    }
}

impl Checker {
    fn expr(&self, expr: &Expr, scope: Scope<'_>) -> Result<TypeSet, CompileError> {
        Ok(match expr {
            Expr::Empty => TypeSet::none(),
            Expr::Literal(value) => TypeSet::system(literal(value)),
            Expr::Variable(name) => self.variable(name, scope),
            Expr::Path(path) => self.path(path, scope)?,
            Expr::Negate(operand) => {
                let types = self.expr(operand, scope)?;
                // `sort` takes a sign before any key, so only what is no value at all is refused.
                if types.must(|kind| kind == Type::System("Boolean")) {
                    return Err(fault(place(operand), SemanticFault::OperandType));
                }
                types
            }
            Expr::Plus(operand) => self.expr(operand, scope)?,
            Expr::Binary(operator, operands) => {
                let left = self.expr(&operands.0, scope)?;
                let right = self.expr(&operands.1, scope)?;
                return self.binary(*operator, left, right).ok_or_else(|| {
                    let at = place(&operands.1).max(place(&operands.0));
                    fault(at, SemanticFault::OperandType)
                });
            }
            Expr::Type {
                test,
                operand,
                specifier,
            } => {
                let types = self.expr(operand, scope)?;
                self.known(specifier)?;
                if *test {
                    TypeSet::system("Boolean")
                } else {
                    self.narrowed(&types, specifier)
                }
            }
        })
    }

    fn variable(&self, name: &str, scope: Scope<'_>) -> TypeSet {
        let is_resource = |kind: Type| match kind {
            Type::Fhir(name) => self.table.named(name).is_some_and(|kind| kind.resource),
            Type::System(_) => false,
        };
        match name {
            "context" => scope.context.clone(),
            "resource" if scope.context.must(is_resource) => scope.context.clone(),
            "sct" | "loinc" | "ucum" => TypeSet::system("String"),
            _ => TypeSet::open(),
        }
    }

    fn path(&self, path: &Path, scope: Scope<'_>) -> Result<TypeSet, CompileError> {
        let mut types = match &path.start {
            Start::This => scope.this.clone(),
            Start::Index => TypeSet::system("Integer"),
            Start::Total => TypeSet::open(),
            Start::Expr(expr) => self.expr(expr, scope)?,
        };
        for step in &path.steps {
            types = self.step(step, types, scope)?;
        }
        Ok(types)
    }

    fn step(&self, step: &Step, types: TypeSet, scope: Scope<'_>) -> Result<TypeSet, CompileError> {
        match &step.kind {
            StepKind::First(name) => {
                let is_type = |kind: &Type| match kind {
                    Type::Fhir(own) => types::is_a(self.version, own, name),
                    Type::System(_) => false,
                };
                if types.types.iter().any(is_type) {
                    return Ok(types);
                }
                self.member(step.at, name, &types)
            }
            StepKind::Member(name) => self.member(step.at, name, &types),
            StepKind::Index(index) => {
                self.expr(index, scope)?;
                self.needs_order(step.at, &types)?;
                Ok(types.single())
            }
            StepKind::Call(call) => self.call(step.at, call, types, scope),
        }
    }

    fn needs_order(&self, at: usize, types: &TypeSet) -> Result<(), CompileError> {
        if self.ordered && !types.ordered {
            return Err(fault(at, SemanticFault::Unordered));
        }
        Ok(())
    }

    /// The types of the children of this name.
    fn member(&self, at: usize, name: &str, types: &TypeSet) -> Result<TypeSet, CompileError> {
        let mut found = TypeSet {
            types: Vec::new(),
            open: types.open,
            many: types.many,
            ordered: types.ordered,
        };
        let mut any = types.open || types.types.is_empty();
        for kind in &types.types {
            let Type::Fhir(kind) = kind else {
                if *kind == Type::System("TypeInfo") && matches!(name, "name" | "namespace") {
                    any = true;
                    found.add(Type::System("String"));
                }
                continue;
            };
            let Some(kind) = self.table.named(kind) else {
                (any, found.open) = (true, true);
                continue;
            };
            let element = self.table.named("Element");
            let holder = if kind.primitive.is_some() {
                element.unwrap_or(kind)
            } else {
                kind
            };
            for element in &holder.elements {
                let stem = element
                    .definition
                    .strip_suffix("[x]")
                    .unwrap_or(element.definition);
                if stem == name {
                    any = true;
                    found.many |= element.many;
                    found.add(Type::Fhir(self.table.type_of(element).name));
                }
            }
            // A resource of any type may have anything.
            if matches!(kind.name, "Resource" | "DomainResource") && found.types.is_empty() {
                (any, found.open, found.many) = (true, true, true);
            }
        }
        if any {
            Ok(found)
        } else {
            Err(fault(at, SemanticFault::UnknownElement))
        }
    }

    /// Refuses a type that does not exist. In `System` any name is a question that can be asked.
    fn known(&self, specifier: &TypeSpecifier) -> Result<(), CompileError> {
        let known = match specifier.namespace.as_deref() {
            Some("FHIR") => types::is_known(self.version, &specifier.name),
            Some(_) => true,
            None => {
                types::SYSTEM.contains(&&*specifier.name) || types::is_known(self.version, &specifier.name)
            }
        };
        if known {
            Ok(())
        } else {
            Err(fault(specifier.at, SemanticFault::UnknownType))
        }
    }

    /// What is left of the types by `as` or `ofType`.
    fn narrowed(&self, types: &TypeSet, specifier: &TypeSpecifier) -> TypeSet {
        let mut left = TypeSet {
            types: Vec::new(),
            open: false,
            ..types.clone()
        };
        let system = types::SYSTEM.iter().find(|name| **name == &*specifier.name);
        let fhir = self.table.named(&specifier.name).map(|kind| kind.name);
        let space = specifier.namespace.as_deref();
        let fhir = fhir.filter(|_| space.is_none_or(|space| space == "FHIR"));
        let system = system.filter(|_| space.is_none_or(|space| space == "System"));
        for kind in &types.types {
            match (kind, fhir) {
                (Type::System(own), _) if system == Some(own) => left.add(*kind),
                (Type::Fhir(own), Some(wanted)) if types::is_a(self.version, own, wanted) => left.add(*kind),
                (Type::Fhir(own), Some(wanted)) if types::is_a(self.version, wanted, own) => {
                    left.add(Type::Fhir(wanted));
                }
                _ => {}
            }
        }
        if types.open {
            match (fhir, system) {
                (Some(wanted), _) => left.add(Type::Fhir(wanted)),
                (None, Some(wanted)) => left.add(Type::System(wanted)),
                (None, None) => left.open = true,
            }
        }
        left
    }

    /// The types that an operator results in; `None` when it does not take the operands.
    fn binary(&self, operator: Operator, left: TypeSet, right: TypeSet) -> Option<TypeSet> {
        use Operator as O;
        if operator.is_boolean() {
            return Some(TypeSet::system("Boolean"));
        }
        let only = |types: &TypeSet, wanted: &[Primitive]| {
            types.must(|kind| system_type(kind).is_some_and(|kind| wanted.contains(&kind)))
        };
        let temporal = [Primitive::Date, Primitive::DateTime, Primitive::Time];
        let number = [Primitive::Integer, Primitive::Decimal];
        match operator {
            O::Union => Some(TypeSet {
                many: true,
                ..left.join(right)
            }),
            O::Concatenate => Some(TypeSet::system("String")),
            _ if only(&left, &temporal) => {
                let moves = matches!(operator, O::Add | O::Subtract) && !only(&right, &number);
                moves.then(|| left.single())
            }
            O::Add if only(&left, &[Primitive::Text]) && only(&right, &[Primitive::Text]) => {
                Some(TypeSet::system("String"))
            }
            _ if only(&left, &number) && only(&right, &number) => {
                let whole = only(&left, &number[..1]) && only(&right, &number[..1]) && operator != O::Divide;
                let whole = whole || operator == O::WholeDivide;
                Some(TypeSet::system(if whole { "Integer" } else { "Decimal" }))
            }
            _ => Some(TypeSet::open().single()),
        }
    }
}

/// The `System` type that a possible type is read as; `None` for complex ones.
fn system_type(kind: Type) -> Option<Primitive> {
    match kind {
        Type::System(name) => Some(match name {
            "Boolean" => Primitive::Boolean,
            "Integer" => Primitive::Integer,
            "Decimal" => Primitive::Decimal,
            "Date" => Primitive::Date,
            "DateTime" => Primitive::DateTime,
            "Time" => Primitive::Time,
            "String" => Primitive::Text,
            _ => return None,
        }),
        Type::Fhir(name) => {
            let primitive = name.starts_with(|first: char| first.is_ascii_lowercase());
            primitive.then(|| primitive_type(name))
        }
    }
}
