//! The place of one code system, under one uri.

use std::cmp::Ordering;
use std::sync::Arc;

use super::system::System;
use crate::answer::{Licensed, Membership, NotMember, Unknown};
use crate::code_form::{Form, Rule, rule};
use crate::grammar::Grammar;
use crate::known_system::licensed;

/// The place of one code system: its content, where there is some, and what is known without.
#[derive(Debug, Clone)]
pub(super) struct Slot {
    pub(super) url: Arc<str>,
    /// Its versions, newest first.
    pub(super) contents: Vec<Arc<System>>,
    /// What adds names to it.
    pub(super) supplements: Vec<Arc<System>>,
    pub(super) licensed: Option<Licensed>,
    pub(super) rule: Option<Rule>,
    pub(super) grammar: Option<Grammar>,
}

impl Slot {
    pub(super) fn new(url: &str) -> Self {
        Slot {
            url: Arc::from(url),
            contents: Vec::new(),
            supplements: Vec::new(),
            licensed: licensed(url),
            rule: rule(url),
            grammar: Grammar::of(url),
        }
    }

    /// Adds content. Of the same version, what comes later replaces what was there.
    pub(super) fn add(&mut self, content: Arc<System>) {
        self.contents.retain(|other| other.version != content.version);
        let at = self.contents.partition_point(|other| {
            compare_versions(other.version.as_deref(), content.version.as_deref()) == Ordering::Greater
        });
        self.contents.insert(at, content);
    }

    /// The content of a version, or else the newest.
    pub(super) fn pick(&self, version: Option<&str>) -> Option<&Arc<System>> {
        version
            .and_then(|wanted| {
                self.contents.iter().find(|content| {
                    content
                        .version
                        .as_deref()
                        .is_some_and(|loaded| is_version(loaded, wanted))
                })
            })
            .or_else(|| self.contents.first())
    }

    /// Whether the content of exactly this version is here. Content without a version may be any.
    pub(super) fn has_version(&self, wanted: &str) -> bool {
        self.contents.iter().any(|content| {
            content
                .version
                .as_deref()
                .is_none_or(|loaded| is_version(loaded, wanted))
        })
    }

    /// Whether the system has a code.
    pub(super) fn has(&self, version: Option<&str>, code: &str) -> Membership {
        let Some(content) = self.pick(version) else {
            return self.without_content(code);
        };
        if content.codes.find(code).is_some() {
            return Membership::Member;
        }
        match self.rule.map(|rule| rule(code)) {
            Some(Form::Malformed) => return Membership::NotMember(NotMember::Syntax),
            Some(Form::Expression) => return Membership::Unknown(Unknown::FilterUnsupported),
            _ => {}
        }
        if content.compositional {
            Membership::Unknown(Unknown::FilterUnsupported)
        } else if content.may_have(code) {
            Membership::Unknown(Unknown::SystemFragment)
        } else if version.is_some_and(|wanted| !self.has_version(wanted)) {
            Membership::Unknown(Unknown::VersionUnknown)
        } else {
            Membership::NotMember(NotMember::NoSuchCode)
        }
    }

    /// Whether the system has a code, as far as its rules tell.
    fn without_content(&self, code: &str) -> Membership {
        if let Some(grammar) = self.grammar {
            return grammar.judge(code);
        }
        if self.is_malformed(code) {
            return Membership::NotMember(NotMember::Syntax);
        }
        self.absent()
    }

    /// The answer where content would be needed and is absent.
    pub(super) fn absent(&self) -> Membership {
        Membership::Unknown(match self.licensed {
            Some(licensed) => Unknown::ReleaseAbsent(licensed),
            None => Unknown::SystemContentAbsent,
        })
    }

    /// Whether no code of the system is written so.
    pub(super) fn is_malformed(&self, code: &str) -> bool {
        self.rule.is_some_and(|rule| rule(code) == Form::Malformed)
    }
}

/// Whether a loaded version is the one that was asked for: the same, or the same in the parts that were given.
pub(super) fn is_version(loaded: &str, wanted: &str) -> bool {
    loaded
        .strip_prefix(wanted)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Orders versions by their numbers, and by text where they are none.
pub(super) fn compare_versions(left: Option<&str>, right: Option<&str>) -> Ordering {
    let parts = |version: Option<&str>| -> Vec<(u64, String)> {
        version
            .unwrap_or("")
            .split(['.', '-', '/'])
            .map(|part| (part.parse().unwrap_or(0), part.to_owned()))
            .collect()
    };
    parts(left).cmp(&parts(right))
}
