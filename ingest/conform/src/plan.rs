//! A pack that is ready to run: names resolved, expressions compiled, target paths found in the element table.

mod codes;
mod prefix;

use std::sync::Arc;

use hashbrown::{HashMap, HashSet};
use samenhang_profiles::FhirVersion;
use samenhang_profiles::element_table::Type;
use samenhang_profiles::fhirpath::Expression;

pub(crate) use codes::{Coded, Found, Table};
pub(crate) use prefix::Prefixes;

use crate::error::Place;
use crate::functions::Function;
use crate::language::{ExtensionRule, Format, Many};
use crate::target::{Content, TargetPath};

/// A pack of maps, compiled. It is built once and shared.
#[derive(Debug)]
pub struct Pack {
    pub(crate) name: Box<str>,
    pub(crate) version: Box<str>,
    pub(crate) format: Format,
    pub(crate) charset: Option<crate::charset::Charset>,
    /// Of CSV: how its files are read.
    pub(crate) tables_of: crate::csv::Settings,
    /// The version of FHIR of the source; of other formats the one that FHIRPath goes by.
    pub(crate) source: FhirVersion,
    pub(crate) target: FhirVersion,
    pub(crate) maps: Vec<Map>,
    /// Maps by the type that they are chosen for, in order.
    pub(crate) by_type: HashMap<Box<str>, Vec<usize>>,
    pub(crate) tables: Vec<Table>,
    pub(crate) profiles: HashMap<Box<str>, Option<Box<str>>>,
    pub(crate) systems: Prefixes<Box<str>>,
    /// Systems that another one has the same name as in the target.
    pub(crate) shared_systems: HashSet<Box<str>>,
    pub(crate) references: HashMap<Box<str>, Box<str>>,
    pub(crate) extensions: Prefixes<Extension>,
    /// Whether what has no place in the target is kept in extensions.
    pub(crate) leftovers: bool,
    /// Rules whose reason somebody has yet to give: they do nothing.
    pub(crate) undecided: Vec<Place>,
}

/// A map.
#[derive(Debug)]
pub(crate) struct Map {
    pub(crate) name: Arc<str>,
    pub(crate) from: Box<str>,
    pub(crate) to: Option<&'static Type>,
    pub(crate) when: Option<Expression>,
    pub(crate) id: Option<Expression>,
    /// The node that `%within` is: the nearest of this name in which the source stands.
    pub(crate) within: Option<Box<str>>,
    pub(crate) profile: Option<Box<str>>,
    pub(crate) body: Body,
}

/// Rules about one node, and what becomes of what they leave.
#[derive(Debug, Default)]
pub(crate) struct Body {
    /// In order; shared by the maps that extend another.
    pub(crate) rules: Vec<Arc<Rule>>,
    /// What is put in when the others are done.
    pub(crate) finals: Vec<Arc<Rule>>,
    /// Whether what no rule took is copied.
    pub(crate) copy_rest: bool,
}

/// A rule.
#[derive(Debug)]
pub(crate) struct Rule {
    /// File, map and number.
    pub(crate) id: Arc<str>,
    /// Where it is written.
    pub(crate) place: Place,
    pub(crate) when: Option<Expression>,
    pub(crate) action: Action,
}

impl Rule {
    /// Whether it copies the whole of what it is about, so that nothing is left.
    pub(crate) fn takes_all(&self) -> bool {
        matches!(&self.action, Action::Copy { from: Selection::This, to, via: Via::Type, .. }
            if to.steps.is_empty() && to.choice.is_empty() && self.when.is_none())
    }
}

/// What a rule does.
#[derive(Debug)]
pub(crate) enum Action {
    Copy {
        from: Selection,
        to: TargetPath,
        via: Via,
        /// Whether it can select more than one node, as far as the types tell.
        several: bool,
        many: Option<Many>,
        because: Arc<str>,
    },
    Make {
        from: Selection,
        map: usize,
        link: Option<TargetPath>,
    },
    Value {
        from: Option<Selection>,
        value: Expression,
        to: TargetPath,
    },
    Ignore {
        from: Selection,
        because: Arc<str>,
    },
    Const {
        to: TargetPath,
        content: Content,
    },
    Assume {
        to: TargetPath,
        content: Content,
    },
    Absent {
        to: TargetPath,
        reason: Box<str>,
    },
}

/// What converts each node of a copy.
#[derive(Debug)]
pub(crate) enum Via {
    /// The map of its type, or none.
    Type,
    /// The map of this number.
    Map(usize),
    /// The table of this number.
    Codes(usize),
    /// A function on its text.
    Function(Function),
    /// Rules about it.
    Rules(Body),
}

/// What selects nodes of the source. The common forms do without the evaluator.
#[derive(Debug)]
pub(crate) enum Selection {
    /// The node itself.
    This,
    /// Children by name, level by level.
    Path(Vec<Box<str>>),
    /// Anything else.
    Expression(Expression),
}

/// What becomes of an extension.
#[derive(Debug)]
pub(crate) enum Extension {
    Keep,
    Ignore(Arc<str>),
    To {
        url: Box<str>,
        map: Option<usize>,
        parts: HashMap<Box<str>, Box<str>>,
    },
}

impl Extension {
    /// From what is written, with the number of the map that it names.
    pub(crate) fn of(rule: ExtensionRule, map: impl FnOnce(&str) -> Option<usize>) -> Option<Extension> {
        Some(match rule {
            ExtensionRule::Keep => Extension::Keep,
            ExtensionRule::Ignore(reason) => Extension::Ignore(reason.into()),
            ExtensionRule::To {
                url,
                map: name,
                parts,
            } => Extension::To {
                url: url.into(),
                map: match name {
                    Some(name) => Some(map(&name)?),
                    None => None,
                },
                parts: parts
                    .into_iter()
                    .map(|(from, to)| (from.into(), to.into()))
                    .collect(),
            },
        })
    }
}

impl Pack {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its version.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The version of FHIR that it writes.
    #[must_use]
    pub fn target(&self) -> FhirVersion {
        self.target
    }

    /// The version of FHIR that it reads; none for another format.
    #[must_use]
    pub fn source(&self) -> Option<FhirVersion> {
        (self.format == Format::Fhir).then_some(self.source)
    }

    /// The character set of files, and of messages that declare none; none when nothing was agreed.
    #[must_use]
    pub fn charset(&self) -> Option<crate::charset::Charset> {
        self.charset
    }

    /// How files with rows are read.
    #[must_use]
    pub fn tables(&self) -> &crate::csv::Settings {
        &self.tables_of
    }

    /// What it reads.
    #[must_use]
    pub fn format(&self) -> Format {
        self.format
    }

    /// All rules, nested ones and those that wait until all others are done included, in no order; those that maps share
    /// as often as they share them.
    pub(crate) fn all_rules(&self) -> impl Iterator<Item = &Rule> {
        let mut all: Vec<&Rule> = Vec::new();
        let mut bodies: Vec<&Body> = self.maps.iter().map(|map| &map.body).collect();
        while let Some(body) = bodies.pop() {
            for rule in body.rules.iter().chain(&body.finals) {
                all.push(rule);
                if let Action::Copy {
                    via: Via::Rules(inner),
                    ..
                } = &rule.action
                {
                    bodies.push(inner);
                }
            }
        }
        all.into_iter()
    }

    /// The rules, as `file:map:number`, in the order in which they are written; nested ones too.
    pub fn rules(&self) -> impl Iterator<Item = &str> {
        let mut ids: Vec<&str> = self.all_rules().map(|rule| &*rule.id).collect();
        ids.sort_unstable();
        ids.dedup();
        ids.into_iter()
    }
}
