//! What tells the elements of a slice from the others.
//!
//! Source: FHIR R4 5.1.0.8 (discriminator), and how the HL7 reference validator reads it: the first definition at the
//! end of the path that says anything counts; a value may be told by a fixed value, a pattern, a required binding, or
//! by having to be there or to be absent.

use crate::definition::{BindingStrength, DiscriminatorKind, Library, Max, Slicing};

use super::compile::is_by_type;
use super::cursor::Cursor;
use super::{Criterion, Matcher, Step};

/// What all have to match for an element to be in the slice at `cursor`.
pub(super) fn matchers(
    slicing: Option<&Slicing>,
    cursor: &Cursor,
    library: &dyn Library,
) -> Result<Vec<Matcher>, String> {
    let Some(slicing) = slicing.filter(|slicing| !slicing.discriminators.is_empty() && !is_by_type(slicing))
    else {
        // By type; also what has no slicing, or one without discriminators, when it is for a choice of types.
        let is_choice = cursor
            .element()
            .is_some_and(|element| element.path.ends_with("[x]") || slicing.is_none_or(is_by_type))
            || slicing.is_some_and(is_by_type);
        return if is_choice {
            Ok(vec![Matcher {
                path: Vec::new(),
                criterion: Criterion::Types(cursor.types()),
            }])
        } else {
            Err("the slicing has no discriminator".to_owned())
        };
    };
    let mut matchers = Vec::new();
    for discriminator in &slicing.discriminators {
        let path = parse(&discriminator.path)
            .ok_or_else(|| format!("the discriminator {} is not understood", discriminator.path))?;
        if let Some(criterion) = criterion(discriminator.kind, &path, cursor, library) {
            matchers.push(Matcher { path, criterion });
        }
    }
    if matchers.is_empty() {
        return Err("nothing in the slice tells it apart".to_owned());
    }
    Ok(matchers)
}

/// Reads `$this`, `code.coding`, `resolve().code`, `extension('url').value`, `value.ofType(Coding)`.
fn parse(path: &str) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    for part in parts(path) {
        let argument = part
            .split_once('(')
            .map(|(name, rest)| (name, rest.strip_suffix(')').unwrap_or(rest)));
        let step = match argument {
            None if part == "$this" || part.is_empty() => continue,
            None => Step::Child(part.strip_suffix("[x]").unwrap_or(part).into()),
            Some(("resolve", "")) => Step::Resolve,
            Some(("extension", argument)) => {
                // Some profiles name the argument: `extension(url='...')`.
                let url = argument
                    .strip_prefix("url")
                    .map_or(argument, |rest| rest.trim_start().trim_start_matches('='));
                Step::Extension(url.trim().trim_matches(['\'', '"']).into())
            }
            Some(("ofType" | "as", name)) => {
                Step::OfType(name.trim_matches(['\'', '"']).rsplit('.').next()?.into())
            }
            Some(_) => return None,
        };
        steps.push(step);
    }
    Some(steps)
}

/// The parts between dots outside of parentheses.
fn parts(path: &str) -> Vec<&str> {
    let mut depth = 0_usize;
    path.split(|character: char| {
        match character {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        character == '.' && depth == 0
    })
    .collect()
}

fn criterion(
    kind: DiscriminatorKind,
    path: &[Step],
    slice: &Cursor,
    library: &dyn Library,
) -> Option<Criterion> {
    if kind == DiscriminatorKind::Profile {
        return profiles(path, slice, library);
    }
    let ends = walk(path, slice, library);
    if kind == DiscriminatorKind::Type {
        let mut types: Vec<Box<str>> = ends.iter().flat_map(Cursor::types).collect();
        types.dedup();
        return (!types.is_empty()).then_some(Criterion::Types(types));
    }
    ends.iter().find_map(|end| {
        let absent = end.element()?.max == Some(Max::Count(0));
        if kind == DiscriminatorKind::Exists || absent {
            return occurrence(end);
        }
        match end.value() {
            Some((value, true)) => return Some(Criterion::Fixed(value)),
            Some((value, false)) => return Some(Criterion::Pattern(value)),
            None => {}
        }
        let binding = end.element()?.binding.as_ref();
        let required = binding.filter(|binding| binding.strength == BindingStrength::Required);
        match required.and_then(|binding| binding.value_set.as_deref()) {
            Some(value_set) => Some(Criterion::Member(value_set.into())),
            None => occurrence(end),
        }
    })
}

/// Told by being there or not.
fn occurrence(end: &Cursor) -> Option<Criterion> {
    let element = end.element()?;
    if element.max == Some(Max::Count(0)) {
        Some(Criterion::Exists(false))
    } else if element.min.unwrap_or(0) > 0 && !end.is_root() {
        Some(Criterion::Exists(true))
    } else {
        None
    }
}

/// Told by a profile: that of the type at the end, or of the target when the path ends by following a reference.
fn profiles(path: &[Step], slice: &Cursor, library: &dyn Library) -> Option<Criterion> {
    let (follows, before) = match path.split_last() {
        Some((Step::Resolve, before)) => (true, before),
        _ => (false, path),
    };
    for end in walk(before, slice, library) {
        let Some(element) = end.element() else { continue };
        let asked: Vec<_> = element
            .types
            .iter()
            .flat_map(|of| {
                if follows {
                    &of.target_profiles
                } else {
                    &of.profiles
                }
            })
            .map(|canonical| canonical.as_str().into())
            .collect();
        if !asked.is_empty() {
            return Some(Criterion::Profiles(asked));
        }
        if end.is_root() && !follows && !path.is_empty() {
            return Some(Criterion::Profiles(vec![end.url().into()]));
        }
        if !follows && !element.types.is_empty() {
            return Some(Criterion::Types(end.types()));
        }
    }
    None
}

fn walk(path: &[Step], from: &Cursor, library: &dyn Library) -> Vec<Cursor> {
    path.iter().fold(vec![from.clone()], |places, step| {
        let mut next: Vec<Cursor> = places
            .iter()
            .flat_map(|place| place.step(step, library))
            .collect();
        next.truncate(64);
        next
    })
}
