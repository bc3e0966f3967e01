//! Judges the codes that a pack writes of itself against the value sets that its profiles require.

use samenhang_profiles::definition::{BindingStrength, Library, StructureDefinition};
use samenhang_terminology::{Coding, Membership, Terminology};

use super::whole;
use crate::error::{Fault, PackError};
use crate::plan::{Action, Body, Pack, Rule, Via};
use crate::target::{Content, Slot, TargetPath};

/// System and code.
type Code<'c> = (Option<&'c str>, &'c str);

impl Pack {
    /// The codes of tables and of values that are written out that are not in the value set that a profile requires where
    /// they go. What terminology does not know is not judged, nor is a code that is copied: the validator says it of what
    /// comes out.
    #[must_use]
    pub fn check_codes(&self, library: &dyn Library, terminology: &dyn Terminology) -> Vec<PackError> {
        let mut faults = Vec::new();
        for map in &self.maps {
            let Some(kind) = map.to else {
                continue;
            };
            let found = match &map.profile {
                Some(profile) => library.structure(profile),
                None => library.type_named(kind.name),
            };
            if let Ok(profile) = found {
                let mut judge = Judge {
                    pack: self,
                    profile: &profile,
                    terminology,
                    faults: &mut faults,
                };
                judge.body(&map.body, &profile.type_name);
            }
        }
        faults.sort_by(|one: &PackError, other| {
            (&one.place, one.to_string()).cmp(&(&other.place, other.to_string()))
        });
        faults.dedup();
        faults
    }
}

struct Judge<'j> {
    pack: &'j Pack,
    profile: &'j StructureDefinition,
    terminology: &'j dyn Terminology,
    faults: &'j mut Vec<PackError>,
}

impl Judge<'_> {
    fn body(&mut self, body: &Body, at: &str) {
        for rule in body.rules.iter().chain(&body.finals) {
            match &rule.action {
                Action::Copy { to, via, .. } => {
                    let Some(path) = path(to, at) else { continue };
                    match via {
                        Via::Codes(table) => {
                            let codes = self.pack.tables[*table].targets();
                            let codes: Vec<Code<'_>> = codes
                                .map(|coded| (coded.system.as_deref(), &*coded.code))
                                .collect();
                            self.codes(rule, &path, &codes);
                        }
                        Via::Rules(inner) => self.body(inner, &path),
                        Via::Type | Via::Map(_) | Via::Function(_) => {}
                    }
                }
                Action::Const { to, content } | Action::Assume { to, content } => {
                    if let Some(path) = path(to, at) {
                        let mut codes = Vec::new();
                        written(content, &mut codes);
                        self.codes(rule, &path, &codes);
                    }
                }
                Action::Make { .. }
                | Action::Value { .. }
                | Action::Ignore { .. }
                | Action::Absent { .. } => {}
            }
        }
    }

    fn codes(&mut self, rule: &Rule, path: &str, codes: &[Code<'_>]) {
        // The binding of a CodeableConcept is about its codings.
        let path = path.strip_suffix(".coding").unwrap_or(path);
        let coding = format!("{path}.coding");
        let mut elements = self.profile.snapshot.iter().flatten();
        if elements.any(|element| element.path == coding && element.slice_name.is_some()) {
            // Of codings that the profile tells apart, another one can be the one that is required.
            return;
        }
        let binding = whole(self.profile, path).and_then(|element| element.binding.as_ref());
        let Some(binding) = binding.filter(|binding| binding.strength == BindingStrength::Required) else {
            return;
        };
        let Some(value_set) = binding.value_set.as_deref() else {
            return;
        };
        for (system, code) in codes {
            let coding = Coding {
                system: *system,
                code,
                ..Coding::default()
            };
            if let Membership::NotMember(_) = self.terminology.member(value_set, coding) {
                self.faults.push(PackError {
                    place: rule.place.clone(),
                    fault: Fault::Binding(format!(
                        "{path} requires a code of {value_set}, and {code} is none"
                    )),
                });
            }
        }
    }
}

/// The path in the profile; none through an extension, of which the profile says nothing.
fn path(to: &TargetPath, at: &str) -> Option<String> {
    let mut path = at.to_owned();
    for step in &to.steps {
        if matches!(step.slot, Slot::Extension { .. }) {
            return None;
        }
        path = format!("{path}.{}", step.element.definition);
    }
    to.choice.is_empty().then_some(path)
}

/// The codes of a value that is written out.
fn written<'c>(content: &'c Content, codes: &mut Vec<Code<'c>>) {
    match content {
        Content::Text(text) => codes.push((None, text)),
        Content::Elements(elements) => {
            let text = |name: &str| {
                elements.iter().find_map(|(element, content)| match content {
                    Content::Text(text) if element.name == name => Some(&**text),
                    _ => None,
                })
            };
            if let Some(code) = text("code") {
                codes.push((text("system"), code));
            }
            for (element, content) in elements {
                if element.name == "coding" {
                    written(content, codes);
                }
            }
        }
    }
}
