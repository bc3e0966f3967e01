//! Which slice each repetition belongs to, and whether every slice has as many as it must.
//!
//! Source: FHIR R4 5.1.0.6 and following. An element in a slice is held to the slice alone, which holds what the
//! sliced element says; one in no slice to the sliced element.

use std::sync::Arc;

use samenhang_terminology::Membership;

use crate::definition::SlicingRules;
use crate::document::Node;
use crate::validate::finding::Argument;
use crate::validate::program::{Criterion, Matcher, Program, RuleIndex, SliceRule, Step};
use crate::validate::rule::{slicing, unchecked};

use super::value::matches;
use super::{Answer, Run};

/// What repetitions of a slicing were found to belong to.
struct Sorting {
    /// Elements per slice.
    counts: Vec<usize>,
    /// Slices that an element may belong to, which could not be found out.
    undecided: Vec<bool>,
}

impl<'d> Run<'_, 'd> {
    /// Sorts the repetitions of an element into the slices of its rule, and holds each to its own.
    pub(super) fn slices(
        &mut self,
        parent: Node<'d>,
        program: &Arc<Program>,
        index: RuleIndex,
        elements: &[Node<'d>],
    ) {
        let Some(rule) = program.rule(index).slicing.as_deref() else {
            return;
        };
        let mut sorting = Sorting {
            counts: vec![0; rule.slices.len()],
            undecided: vec![false; rule.slices.len()],
        };
        let mut last = None;
        let mut outside = false;
        for &element in elements {
            if self.is_settled() {
                return;
            }
            let Some(at) = self.sort(element, program, &rule.slices, &mut sorting) else {
                outside = true;
                self.unsliced(element, program, index, &sorting);
                self.element(element, program, index);
                continue;
            };
            if rule.rules == SlicingRules::OpenAtEnd && outside {
                let arguments = vec![Argument::name(element.name()), Argument::name(&program.url)];
                self.findings.add_as(
                    slicing::OPEN_AT_END.severity,
                    &slicing::OPEN_AT_END,
                    element,
                    arguments,
                    Some(&program.url),
                );
            }
            if rule.ordered && last.is_some_and(|last| at < last) {
                let arguments = vec![
                    Argument::name(&rule.slices[at].name),
                    Argument::name(&program.url),
                ];
                self.findings.add_as(
                    slicing::ORDER.severity,
                    &slicing::ORDER,
                    element,
                    arguments,
                    Some(&program.url),
                );
            }
            last = Some(at);
            // What is in a slice of a slice is in that slice too.
            for (outer, slice) in rule.slices.iter().enumerate() {
                if outer == at || is_within(&rule.slices[at].name, &slice.name) {
                    sorting.counts[outer] += 1;
                }
            }
            let slice = rule.slices[at].rule;
            if program.rule(slice).slicing.is_none() {
                self.element(element, program, slice);
            }
        }
        for (at, slice) in rule.slices.iter().enumerate() {
            let own = program.rule(slice.rule);
            let short = sorting.counts[at] < own.min;
            // What may belong to it could be what is missing; that it could not be found out is said at the element.
            if !(short && (sorting.undecided[at] || slice.matchers.is_empty())) {
                self.occurrences(parent, program, own, sorting.counts[at], true);
            }
            if own.slicing.is_some() {
                let inner: Vec<Node<'d>> = elements
                    .iter()
                    .copied()
                    .filter(|element| self.belongs(*element, slice) == Answer::Yes)
                    .collect();
                self.slices(parent, program, slice.rule, &inner);
            }
        }
    }

    /// The slice that an element belongs to; says so when there are two.
    fn sort(
        &mut self,
        element: Node<'d>,
        program: &Arc<Program>,
        slices: &[SliceRule],
        sorting: &mut Sorting,
    ) -> Option<usize> {
        let mut found: Option<usize> = None;
        let mut undecided = Vec::new();
        for (at, slice) in slices.iter().enumerate() {
            match self.belongs(element, slice) {
                Answer::No => {}
                Answer::Unknown => undecided.push(at),
                Answer::Yes => match found {
                    None => found = Some(at),
                    // A slice of a slice is in both.
                    Some(first) if is_within(&slice.name, &slices[first].name) => found = Some(at),
                    Some(first) => {
                        let arguments = vec![
                            Argument::name(element.name()),
                            Argument::name(&slices[first].name),
                            Argument::name(&slice.name),
                            Argument::name(&program.url),
                        ];
                        self.broken(&slicing::TWO_SLICES, element, program, arguments);
                    }
                },
            }
        }
        // The only slice whose profile it has no error against: what is undecided is said by that profile itself.
        if let (None, [only]) = (found, &undecided[..])
            && slices[*only]
                .matchers
                .iter()
                .all(|matcher| matches!(matcher.criterion, Criterion::Profiles(_)))
        {
            return Some(*only);
        }
        for at in undecided.into_iter().filter(|_| found.is_none()) {
            sorting.undecided[at] = true;
            let arguments = vec![Argument::name(&slices[at].name), Argument::name(&program.url)];
            self.findings.add(&unchecked::SLICE, element, arguments);
        }
        found
    }

    /// An element in no slice.
    fn unsliced(&mut self, element: Node<'d>, program: &Arc<Program>, index: RuleIndex, sorting: &Sorting) {
        let rule = program.rule(index).slicing.as_deref();
        // It may be in a slice that nothing tells apart; that this is not checked is said of the profile.
        let closed = rule.is_some_and(|rule| {
            rule.rules == SlicingRules::Closed && rule.slices.iter().all(|slice| !slice.matchers.is_empty())
        });
        if closed && !sorting.undecided.contains(&true) {
            let arguments = vec![Argument::name(element.name()), Argument::name(&program.url)];
            self.findings.add_as(
                slicing::CLOSED.severity,
                &slicing::CLOSED,
                element,
                arguments,
                Some(&program.url),
            );
        }
    }

    /// Whether an element has all that a slice is told by.
    fn belongs(&mut self, element: Node<'d>, slice: &SliceRule) -> Answer {
        if slice.matchers.is_empty() {
            return Answer::No;
        }
        let mut unknown = false;
        for matcher in &slice.matchers {
            match self.matches(element, matcher) {
                Answer::Yes => {}
                Answer::No => return Answer::No,
                Answer::Unknown => unknown = true,
            }
        }
        if unknown { Answer::Unknown } else { Answer::Yes }
    }

    fn matches(&mut self, element: Node<'d>, matcher: &Matcher) -> Answer {
        let mut unresolved = false;
        let ends = self.follow(element, &matcher.path, &mut unresolved);
        let mut unknown = unresolved;
        let asks_absence = matches!(matcher.criterion, Criterion::Exists(false));
        for end in &ends {
            match self.meets(*end, &matcher.criterion) {
                Answer::Yes => return Answer::Yes,
                Answer::No => {}
                Answer::Unknown => unknown = true,
            }
        }
        if unknown {
            Answer::Unknown
        } else {
            Answer::of(asks_absence && ends.is_empty())
        }
    }

    /// Follows a discriminator's path in the document.
    fn follow(&self, from: Node<'d>, path: &[Step], unresolved: &mut bool) -> Vec<Node<'d>> {
        let mut places = vec![from];
        for step in path {
            let mut next = Vec::new();
            for place in places {
                match step {
                    Step::Child(name) => {
                        next.extend(
                            place
                                .children()
                                .filter(|child| child.stem() == &**name || child.name() == &**name),
                        );
                    }
                    Step::Extension(url) => {
                        next.extend(
                            place
                                .children_named("extension")
                                .filter(|child| child.text("url") == Some(url)),
                        );
                    }
                    Step::OfType(name) => next.extend((place.fhir_type() == &**name).then_some(place)),
                    Step::Resolve => match self.resolve(place) {
                        Some(target) => next.push(target),
                        None => {
                            *unresolved |= place.text("reference").is_some_and(|text| !text.starts_with('#'));
                        }
                    },
                }
            }
            places = next;
        }
        places
    }

    fn meets(&mut self, end: Node<'d>, criterion: &Criterion) -> Answer {
        match criterion {
            Criterion::Types(types) => Answer::of(types.iter().any(|of| {
                end.fhir_type() == &**of
                    || (end.is_resource() && end.is_a(of))
                    || end.fhir_type().contains('.') && matches!(&**of, "BackboneElement" | "Element")
            })),
            Criterion::Exists(exists) => Answer::of(*exists),
            Criterion::Fixed(value) => Answer::of(matches(end, &value.value, true)),
            Criterion::Pattern(value) => Answer::of(matches(end, &value.value, false)),
            Criterion::Member(value_set) => match self.member(end, value_set) {
                Membership::Member => Answer::Yes,
                Membership::NotMember(_) => Answer::No,
                Membership::Unknown(_) => Answer::Unknown,
            },
            Criterion::Profiles(profiles) => {
                let mut answer = Answer::No;
                for profile in profiles {
                    let fits = match self.validator.program(profile) {
                        Some(program) => self.fits(end, &program),
                        None => Answer::Unknown,
                    };
                    match fits {
                        Answer::Yes => return Answer::Yes,
                        Answer::Unknown => answer = Answer::Unknown,
                        Answer::No => {}
                    }
                }
                answer
            }
        }
    }
}

/// Whether `a/b` is a slice of `a`.
fn is_within(inner: &str, outer: &str) -> bool {
    inner
        .strip_prefix(outer)
        .is_some_and(|rest| rest.starts_with('/'))
}
