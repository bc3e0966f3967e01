//! Snapshots of all Dutch profiles: each is made, and nothing of base or differential is lost on the way.

use samenhang_profiles::FhirVersion;
use samenhang_profiles::definition::{DefinitionSet, ElementDefinition, Library, Max, StructureDefinition};

use crate::{MP9, NL_CORE, R3_CORE, R4_CORE, ZIB2017, definitions, packages};

/// Ids below slices that are misspelt in their profile; what they say is found in the slice that is meant.
const MISSPELT: [&str; 2] = [
    "zib-Product lost Medication.ingredient.item[x]:itemCodeableConcept.coding:ingredientCode",
    "Codelijst.system: the element",
];

fn snapshot(definition: &StructureDefinition) -> &[ElementDefinition] {
    definition.snapshot.as_deref().unwrap_or_default()
}

/// The element of a snapshot that one of a differential is in, which for a narrowed choice has another name.
fn constrained<'s>(snapshot: &'s [ElementDefinition], id: &str) -> Option<&'s ElementDefinition> {
    let exact = snapshot.iter().find(|element| element.id == id);
    exact.or_else(|| {
        let steps: Vec<&str> = id.split('.').collect();
        snapshot.iter().find(|element| {
            let mut own = element.id.split('.');
            let same = |step: &&str| {
                own.next().is_some_and(|own| {
                    let narrowed = |stem: &str| step.starts_with(stem);
                    own == *step || own.split_once("[x]").is_some_and(|(stem, _)| narrowed(stem))
                })
            };
            steps.iter().all(same) && own.next().is_none()
        })
    })
}

/// What of a differential is not in the snapshot.
fn lost_of_differential(definition: &StructureDefinition, made: &StructureDefinition) -> Vec<String> {
    let mut lost = Vec::new();
    for diff in &definition.differential {
        let Some(element) = constrained(snapshot(made), &diff.id) else {
            lost.push(format!("{}: the element", diff.id));
            continue;
        };
        let mut check = |kept: bool, what: &str| {
            if !kept {
                lost.push(format!("{}: {what}", diff.id));
            }
        };
        check(diff.min.is_none() || diff.min == element.min, "min");
        check(diff.max.is_none() || diff.max == element.max, "max");
        check(diff.types.is_empty() || diff.types == element.types, "types");
        check(diff.fixed.is_none() || diff.fixed == element.fixed, "fixed value");
        check(
            diff.pattern.is_none() || diff.pattern == element.pattern,
            "pattern",
        );
        check(
            diff.min_value.is_none() || diff.min_value == element.min_value,
            "least value",
        );
        check(
            diff.max_value.is_none() || diff.max_value == element.max_value,
            "largest value",
        );
        check(
            diff.max_length.is_none() || diff.max_length == element.max_length,
            "length",
        );
        check(
            diff.is_modifier.is_none() || diff.is_modifier == element.is_modifier,
            "modifier",
        );
        check(diff.slicing.is_none() || element.slicing.is_some(), "slicing");
        let bound = |element: &ElementDefinition| {
            let binding = element.binding.as_ref();
            binding.map(|binding| (binding.strength, binding.value_set.clone()))
        };
        check(diff.binding.is_none() || bound(diff) == bound(element), "binding");
        check(
            diff.concepts
                .iter()
                .all(|concept| element.concepts.contains(concept)),
            "concepts",
        );
        for constraint in &diff.constraints {
            let kept = element
                .constraints
                .iter()
                .any(|other| other.key == constraint.key && other.expression == constraint.expression);
            check(kept, &constraint.key);
            check(
                element
                    .constraints
                    .iter()
                    .all(|constraint| constraint.source.is_some()),
                "source of an invariant",
            );
        }
    }
    lost
}

/// Elements of the base that are not in the snapshot, though nothing forbids them or what they are in.
fn lost_of_base(base: &StructureDefinition, made: &StructureDefinition) -> Vec<String> {
    let made = snapshot(made);
    snapshot(base)
        .iter()
        .filter(|element| {
            let kept = made.iter().any(|other| other.id == element.id);
            let forbidden = made.iter().any(|other| {
                other.max == Some(Max::Count(0)) && element.path.starts_with(&format!("{}.", other.path))
            });
            !kept && !forbidden && constrained(made, &element.id).is_none()
        })
        .map(|element| element.id.clone())
        .collect()
}

/// Checks every profile of a package, and gives their number.
fn check(set: &DefinitionSet, own: &DefinitionSet) -> usize {
    let mut wrong = Vec::new();
    for definition in own.definitions() {
        let made = match set.structure(&definition.url) {
            Ok(made) => made,
            Err(error) => {
                wrong.push(error.to_string());
                continue;
            }
        };
        let base = set.structure(definition.base.as_deref().unwrap()).unwrap();
        let url = &definition.url;
        let lost = lost_of_differential(&definition, &made);
        wrong.extend(lost.into_iter().map(|lost| format!("{url} lost {lost}")));
        let lost = lost_of_base(&base, &made);
        wrong.extend(
            lost.into_iter()
                .map(|lost| format!("{url} lost {lost} of its base")),
        );
        let mut ids: Vec<_> = snapshot(&made).iter().map(|element| &element.id).collect();
        ids.sort();
        if let Some(pair) = ids.windows(2).find(|pair| pair[0] == pair[1]) {
            wrong.push(format!("{url} has {} twice", pair[0]));
        }
        for element in snapshot(&made) {
            let least = element.min.map_or(usize::MAX, |min| min as usize);
            if !element.max.is_some_and(|max| max.allows(least)) {
                wrong.push(format!("{url}: {} allows nothing", element.id));
            }
        }
    }
    wrong.retain(|wrong| !MISSPELT.iter().all(|part| wrong.contains(part)));
    wrong.sort();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    own.definitions().count()
}

#[test]
fn all_profiles_of_zib2020_nl_core_and_mp9_have_whole_snapshots() {
    let Some(packages) = packages(&[R4_CORE, NL_CORE, MP9]) else {
        return;
    };
    let set = definitions(&packages, FhirVersion::R4);
    assert_eq!(check(&set, &definitions(&packages[1..2], FhirVersion::R4)), 354);
    assert_eq!(check(&set, &definitions(&packages[2..3], FhirVersion::R4)), 47);
}

#[test]
fn all_profiles_of_zib2017_have_whole_snapshots() {
    let Some(packages) = packages(&[R3_CORE, ZIB2017]) else {
        return;
    };
    let set = definitions(&packages, FhirVersion::Stu3);
    assert_eq!(check(&set, &definitions(&packages[1..], FhirVersion::Stu3)), 214);
}
