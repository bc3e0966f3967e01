//! Rules: which keys go together, and what they become.

use std::sync::Arc;

use samenhang_profiles::element_table::Type;

use super::map::is_final;
use super::{Compiler, at, is_placeholder};
use crate::error::{Fault, Notice, Place, Warning};
use crate::functions;
use crate::language::{self, Format, Located, Many, Rest};
use crate::plan::{Action, Body, Rule, Selection, Via};
use crate::target::{Content, PathError, TargetPath};

/// Deepest nesting of rules.
const MAX_NESTED: usize = 12;

impl Compiler {
    /// A rule about something of the source type `from`, for something of the target type `to`.
    pub(super) fn rule(
        &mut self,
        place: &Place,
        rule: &language::Rule,
        from: Option<&str>,
        to: Option<&'static Type>,
    ) -> Option<Rule> {
        if let Some(todo) = &rule.todo {
            self.open(place, todo);
            if rule.is_open() {
                return self.opened(place, rule, from, to);
            }
        }
        if let Some(fault) = shape(rule) {
            self.error(place, Fault::Rule(fault));
            return None;
        }
        let source = from.unwrap_or_default();
        let selected = match rule.from.as_ref().or(rule.ignore.as_ref()) {
            Some(text) => Some(self.selection(place, text, source)?),
            None => None,
        };
        let (selection, types, several) = match selected {
            Some((selection, types, several)) => (Some(selection), types, several),
            None => (None, vec![source.to_owned()], false),
        };
        let item = match types.as_slice() {
            [one] => one.as_str(),
            _ => "",
        };
        let when = match &rule.when {
            Some(when) => Some(self.condition(place, when, item)?),
            None => None,
        };
        let because: Arc<str> = rule.because.as_deref().unwrap_or_default().into();
        let action = if rule.ignore.is_some() {
            Action::Ignore {
                from: selection?,
                because,
            }
        } else if let Some(make) = &rule.make {
            let map = self.map_named(place, make)?;
            let link = match &rule.link {
                Some(link) => Some(self.path(place, link, to?)?),
                None => None,
            };
            Action::Make {
                from: selection?,
                map,
                link,
            }
        } else {
            let Some(to) = to else {
                self.error(
                    place,
                    Fault::Rule("a map without `to` has only rules that make or ignore"),
                );
                return None;
            };
            let text = rule.to.as_ref()?;
            let path = self.path(place, text, to)?;
            let kind = path.kind(to, self.table);
            if let Some(value) = &rule.value {
                Action::Value {
                    from: selection,
                    value: self.expression(place, value, source)?,
                    to: path,
                }
            } else if let Some(template) = &rule.constant {
                let content = self.content(place, template, kind)?;
                Action::Const { to: path, content }
            } else if let Some(template) = &rule.assume {
                let content = self.content(place, template, kind)?;
                Action::Assume { to: path, content }
            } else if let Some(reason) = &rule.absent {
                Action::Absent {
                    to: path,
                    reason: reason.as_str().into(),
                }
            } else {
                let via = self.via(place, rule, item, kind)?;
                if matches!(via, Via::Type)
                    && let Some(kind) = kind
                    && !types.is_empty()
                    && !types.iter().any(|from| self.converts(from, kind))
                {
                    let fault = format!(
                        "{} does not go to {}: it needs rules, a map or a table",
                        types.join(", "),
                        kind.name
                    );
                    self.error(place, Fault::Type(fault));
                    return None;
                }
                Action::Copy {
                    from: selection?,
                    to: path,
                    via,
                    several,
                    many: rule.many.clone(),
                    because,
                }
            }
        };
        if rule.because.as_deref().is_some_and(is_placeholder) {
            // Its parts are judged; until somebody says why, it does nothing, and `Pack::check` refuses the pack.
            self.undecided.push(place.clone());
            return None;
        }
        Some(Rule {
            id: format!("{}:{}", place.file, place.rule.as_deref().unwrap_or_default()).into(),
            place: place.clone(),
            when,
            action,
        })
    }

    /// Says that somebody has yet to decide something.
    fn open(&mut self, place: &Place, todo: &str) {
        self.warnings.push(Warning {
            place: place.clone(),
            notice: Notice::Todo(todo.to_owned()),
        });
    }

    /// Judges the names in a rule that only says that something is to be decided; it does nothing.
    fn opened(
        &mut self,
        place: &Place,
        rule: &language::Rule,
        from: Option<&str>,
        to: Option<&'static Type>,
    ) -> Option<Rule> {
        if let Some(text) = &rule.from {
            self.selection(place, text, from.unwrap_or_default())?;
        }
        if let (Some(text), Some(to)) = (&rule.to, to) {
            self.path(place, text, to)?;
        }
        None
    }

    /// What converts each node of a copy.
    fn via(
        &mut self,
        place: &Place,
        rule: &language::Rule,
        item: &str,
        kind: Option<&'static Type>,
    ) -> Option<Via> {
        if let Some(name) = &rule.map {
            return self.map_named(place, name).map(Via::Map);
        }
        if let Some(name) = &rule.codes {
            let Some(number) = self.tables.get(&name.value).copied() else {
                let fault = Fault::Unknown(format!("no table is called `{}`", name.value));
                self.error(&at(place, name), fault);
                return None;
            };
            self.used_tables[number] = true;
            return Some(Via::Codes(number));
        }
        if let Some(name) = &rule.function {
            let Some(function) = functions::named(&name.value) else {
                let fault = Fault::Unknown(format!("no function is called `{}`", name.value));
                self.error(&at(place, name), fault);
                return None;
            };
            return Some(Via::Function(function));
        }
        let Some(rules) = &rule.rules else {
            return Some(Via::Type);
        };
        let depth = place.rule.as_deref().map_or(0, |rule| rule.matches(':').count());
        let Some(kind) = kind else {
            self.error(
                place,
                Fault::Rule("rules about a choice need its type: `valueQuantity`, not `value[x]`"),
            );
            return None;
        };
        if depth > MAX_NESTED {
            self.error(place, Fault::Rule("rules are nested deeper than 12"));
            return None;
        }
        let mut compiled = Vec::new();
        for (number, inner) in rules.iter().enumerate() {
            let place = Place {
                rule: Some(format!(
                    "{}:{}",
                    place.rule.as_deref().unwrap_or_default(),
                    number + 1
                )),
                ..at(place, inner)
            };
            let from = Some(item).filter(|item| !item.is_empty());
            compiled.extend(self.rule(&place, &inner.value, from, Some(kind)).map(Arc::new));
        }
        let (finals, rules) = compiled.into_iter().partition(|rule| is_final(&rule.action));
        let copy_rest = match rule.rest {
            Some(rest) => rest == Rest::Copy,
            None => self.format == Format::Fhir,
        };
        Some(Via::Rules(Body {
            rules,
            finals,
            copy_rest,
        }))
    }

    /// What selects nodes, the types that they can have, none known when the list is empty, and whether there can be
    /// several.
    fn selection(
        &mut self,
        place: &Place,
        text: &Located<String>,
        from: &str,
    ) -> Option<(Selection, Vec<String>, bool)> {
        if text.value == "$this" {
            return Some((Selection::This, self.own_type(from), false));
        }
        let compiled = self.expression(place, text, from)?;
        let set = (self.format == Format::Fhir && !from.is_empty())
            .then(|| compiled.check(from, self.source).ok())
            .flatten();
        let (types, several) = match &set {
            Some(set) if !set.is_open() => {
                let types: Vec<String> = set.types().map(|(_, name)| name.to_owned()).collect();
                if types.is_empty() {
                    let notice = Notice::Unreachable("it can never select anything".to_owned());
                    self.warnings.push(Warning {
                        place: at(place, text),
                        notice,
                    });
                }
                (types, set.is_many())
            }
            Some(set) => (Vec::new(), set.is_many()),
            None => (Vec::new(), false),
        };
        let simple = text.value.split('.').all(is_name);
        // Who selects with `where` or `extension` has said which one is meant.
        let several = several && simple;
        let selection = if simple {
            Selection::Path(text.value.split('.').map(Into::into).collect())
        } else {
            Selection::Expression(compiled)
        };
        Some((selection, types, several))
    }

    /// The type of what a rule is about; nodes of other formats than FHIR have names and no types.
    fn own_type(&self, from: &str) -> Vec<String> {
        match self.format {
            Format::Fhir => vec![from.to_owned()],
            _ => Vec::new(),
        }
    }

    /// Whether a value of one type can be copied to another.
    fn converts(&self, from: &str, to: &'static Type) -> bool {
        let own = samenhang_profiles::element_table::Table::of(self.source);
        let primitive = own.named(from).is_some_and(|kind| kind.primitive.is_some());
        if to.primitive.is_some() {
            return primitive && crate::run::goes(from, to.name);
        }
        from == to.name
            || from.contains('.') && to.name.contains('.')
            || own.named(from).is_some_and(|kind| kind.resource) && to.resource
            || own.is_a(from, "Quantity") && self.table.is_a(to.name, "Quantity")
            || self.conversions.contains(&(from.to_owned(), to.name.to_owned()))
    }

    fn path(&mut self, place: &Place, text: &Located<String>, owner: &'static Type) -> Option<TargetPath> {
        let table = self.table;
        match TargetPath::parse(&text.value, owner, table, |name| self.tag(name)) {
            Ok(path) => Some(path),
            Err(error) => {
                let message = error.to_string();
                let fault = match error {
                    PathError::Repeats(_) => Fault::Cardinality(message),
                    PathError::Syntax(_) | PathError::Unknown(..) => Fault::Path(message),
                };
                self.error(&at(place, text), fault);
                None
            }
        }
    }

    fn content(
        &mut self,
        place: &Place,
        template: &language::Template,
        kind: Option<&'static Type>,
    ) -> Option<Content> {
        let Some(kind) = kind else {
            self.error(
                place,
                Fault::Rule("a value that is written out needs the type of the choice"),
            );
            return None;
        };
        match Content::of(template, kind, self.table) {
            Ok(content) => Some(content),
            Err(fault) => {
                self.error(place, Fault::Type(fault));
                None
            }
        }
    }
}

impl language::Rule {
    /// Whether it has `todo` and no more than one of `from` and `to`: what is to be decided, and nothing to do.
    fn is_open(&self) -> bool {
        let does = [
            self.rules.is_some(),
            self.map.is_some(),
            self.make.is_some(),
            self.link.is_some(),
            self.constant.is_some(),
            self.assume.is_some(),
            self.absent.is_some(),
            self.codes.is_some(),
            self.value.is_some(),
            self.function.is_some(),
            self.ignore.is_some(),
            self.many.is_some(),
        ];
        self.todo.is_some() && !does.contains(&true) && (self.from.is_none() || self.to.is_none())
    }
}

/// What is wrong with the keys of a rule.
fn shape(rule: &language::Rule) -> Option<&'static str> {
    let reason = rule
        .because
        .as_deref()
        .is_some_and(|reason| !reason.trim().is_empty());
    let kinds = [
        rule.make.is_some(),
        rule.value.is_some(),
        rule.constant.is_some(),
        rule.assume.is_some(),
        rule.absent.is_some(),
        rule.ignore.is_some(),
    ];
    let conversions = [
        rule.map.is_some(),
        rule.codes.is_some(),
        rule.function.is_some(),
        rule.rules.is_some(),
    ];
    let count = |flags: &[bool]| flags.iter().filter(|flag| **flag).count();
    let kind = count(&kinds);
    if kind > 1 {
        return Some("a rule has one of `make`, `value`, `const`, `assume`, `absent` and `ignore`");
    }
    if count(&conversions) > usize::from(kind == 0) {
        return Some("a copy has one of `map`, `codes`, `as` and `rules`, and no other rule has any");
    }
    let copies = kind == 0;
    if copies && (rule.from.is_none() || rule.to.is_none()) {
        return Some("a copy has `from` and `to`");
    }
    if !copies && rule.many.is_some() || rule.rest.is_some() && rule.rules.is_none() {
        return Some("`many` is for copies, and `rest` for nested rules");
    }
    if rule.link.is_some() && rule.make.is_none() {
        return Some("`link` goes with `make`");
    }
    if rule.make.is_some() && (rule.from.is_none() || rule.to.is_some()) {
        return Some("`make` has `from` and `link`, and no `to`");
    }
    if rule.ignore.is_some() && (rule.from.is_some() || rule.to.is_some() || !reason) {
        return Some("`ignore` has `because`, and no `from` and `to`");
    }
    let written = rule.constant.is_some() || rule.assume.is_some() || rule.absent.is_some();
    if written && (rule.from.is_some() || rule.to.is_none()) {
        return Some("`const`, `assume` and `absent` have `to`, and no `from`; use `when` for a condition");
    }
    if (rule.assume.is_some() || rule.absent.is_some() || rule.many == Some(Many::First)) && !reason {
        return Some("`assume`, `absent` and `many: first` have `because`");
    }
    if rule.value.is_some() && rule.to.is_none() {
        return Some("`value` has `to`");
    }
    None
}

/// Whether a text is a plain name in FHIRPath.
fn is_name(text: &str) -> bool {
    let keyword = matches!(
        text,
        "and" | "or" | "xor" | "implies" | "as" | "is" | "div" | "mod" | "in" | "contains" | "true" | "false"
    );
    !keyword
        && text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
