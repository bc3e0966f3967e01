//! Proposals: where the values of a column may go, by its name and by what kind of text stands in it.

use samenhang_profiles::definition::Library;
use samenhang_profiles::element_table::{Table, Type};

use super::draft::RuleDraft;
use super::names::{self, Recipe};
use super::outline::{Column, Shape};
use super::site::Profile;
use crate::target::TargetPath;

/// What is proposed for a column.
pub(super) struct Proposal {
    /// How well the names agree, of a hundred.
    pub(super) score: u32,
    /// The rules; those that write something of their own have no table and no function.
    pub(super) rules: Vec<RuleDraft>,
    /// Path in the target whose codes a table is needed for.
    pub(super) coded: Option<String>,
}

/// Lines with rules for a path that no rule takes: what its name agrees with in the profile, else the place of a reason.
pub(crate) fn proposed(
    profile: Option<&str>,
    path: &str,
    shape: &Shape,
    library: &dyn Library,
) -> Vec<String> {
    let found = profile.and_then(|profile| library.structure(profile).ok());
    if let Some(definition) = found {
        let profile = Profile::of(&definition, library);
        let column = Column {
            path: path.split('.').map(str::to_owned).collect(),
            shape: shape.clone(),
        };
        let plain = path
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._".contains(&byte));
        let proposal = plain.then(|| propose(&column, path, &profile)).flatten();
        // A table would have to be made too, and what is fixed be looked at: that is for `map new`.
        if let Some(proposal) = proposal.filter(|proposal| proposal.coded.is_none()) {
            let copies = proposal.rules.into_iter().filter(|rule| rule.constant.is_none());
            return copies.map(|rule| rule.line()).collect();
        }
    }
    let ignored = RuleDraft {
        ignore: Some(path.to_owned()),
        because: Some("TODO say why this is not carried over, or map it".to_owned()),
        ..RuleDraft::default()
    };
    vec![ignored.line()]
}

/// Names by which a column may be known: all of it, without its first part, and with what it stands in.
fn called(column: &Column) -> Vec<(String, u32)> {
    let mut all = Vec::new();
    let last = column.path.last().map(String::as_str).unwrap_or_default();
    for length in [3, 2] {
        if let Some(start) = column.path.len().checked_sub(length) {
            let parts = column.path.iter().skip(start).map(|part| names::bare(part));
            all.push((parts.collect::<Vec<_>>().join("."), 90));
        }
    }
    all.push((names::bare(last), 90));
    if let Some((_, rest)) = last.split_once(['_', ' ', '-']) {
        all.push((names::bare(rest), 60));
    }
    all.retain(|(name, _)| !name.is_empty());
    all
}

/// The best proposal for a column of what becomes a resource of the profile.
pub(super) fn propose(column: &Column, from: &str, profile: &Profile<'_>) -> Option<Proposal> {
    let called = called(column);
    if column.shape.is_bsn() && profile.definition.type_name == "Patient" {
        let recipe = names::recipes("Patient").find(|recipe| recipe.words.contains(&"bsn"))?;
        return by_recipe(&recipe, from, column, profile, 90);
    }
    let concept = by_concept(&called, from, column, profile);
    if concept.is_some() {
        return concept;
    }
    let kind = &profile.definition.type_name;
    let mut found = called.iter().flat_map(|(name, score)| {
        names::recipes(kind)
            .filter(move |recipe| recipe.words.contains(&name.as_str()))
            .map(move |recipe| (recipe, *score))
    });
    let by_word = found.find_map(|(recipe, score)| by_recipe(&recipe, from, column, profile, score));
    by_word.or_else(|| by_element(&called, from, column, profile))
}

/// A zib concept of the profile has this name.
fn by_concept(
    called: &[(String, u32)],
    from: &str,
    column: &Column,
    profile: &Profile<'_>,
) -> Option<Proposal> {
    for (name, score) in called {
        for element in profile.elements().filter(|element| element.id.contains('.')) {
            let is = |concept: &&samenhang_profiles::definition::Concept| {
                let names = names::concept(&concept.id);
                names.is_some_and(|own| {
                    [own.english, own.dutch]
                        .iter()
                        .any(|own| names::bare(own) == *name)
                })
            };
            let Some(concept) = element.concepts.iter().find(is) else {
                continue;
            };
            if !profile.allows(&element.id) {
                continue;
            }
            let Some(target) = profile.target(&element.id, &types(&column.shape)) else {
                continue;
            };
            let english = names::concept(&concept.id).map_or("", |names| names.english);
            let why = format!("proposed by its name, as {} {english}: check it", concept.id);
            let fixed = target
                .constants
                .iter()
                .cloned()
                .chain(profile.fixed_at(&element.id, &target));
            let fixed: Vec<(String, String)> = fixed.collect();
            if let Some(mut proposal) = at(&target.path(0, true), from, column, profile, &why, score + 10) {
                let constants = fixed
                    .into_iter()
                    .map(|(path, yaml)| RuleDraft::constant(path, yaml));
                proposal.rules.extend(constants);
                return Some(proposal);
            }
        }
    }
    None
}

/// An element of the type has this name.
fn by_element(
    called: &[(String, u32)],
    from: &str,
    column: &Column,
    profile: &Profile<'_>,
) -> Option<Proposal> {
    let owner = profile.table.named(&profile.definition.type_name)?;
    called.iter().find_map(|(name, score)| {
        let same = |own: &&samenhang_profiles::element_table::Element| names::bare(&own.name) == *name;
        let element = owner
            .elements
            .iter()
            .filter(|own| !is_general(&own.name))
            .find(same)?;
        let path = match element.many {
            true => format!("{}#one", element.name),
            false => element.name.to_string(),
        };
        let why = "proposed by its name: check it";
        at(&path, from, column, profile, why, score.saturating_sub(10))
    })
}

fn is_general(name: &str) -> bool {
    matches!(
        name,
        "id" | "meta"
            | "text"
            | "language"
            | "contained"
            | "extension"
            | "modifierExtension"
            | "implicitRules"
    )
}

/// The usual place of a column of this name.
fn by_recipe(
    recipe: &Recipe,
    from: &str,
    column: &Column,
    profile: &Profile<'_>,
    score: u32,
) -> Option<Proposal> {
    let mut whole: Option<Proposal> = None;
    for place in &recipe.places {
        let why = "proposed by its name: check it";
        if let Some(text) = place.text {
            let mut rule = RuleDraft::copy(from, place.path);
            rule.value = Some(format!("'{text}'"));
            whole.as_mut()?.rules.push(rule);
            continue;
        }
        let mut own = at(place.path, from, column, profile, why, score)?;
        if let (Some(function), Some(rule)) = (place.function, own.rules.first_mut()) {
            rule.function = Some(function.to_owned());
        }
        match &mut whole {
            None => whole = Some(own),
            Some(whole) => whole.rules.extend(own.rules),
        }
    }
    whole
}

/// The types that suit what stands in a column, the best first.
fn types(shape: &Shape) -> Vec<String> {
    let names: &[&str] = match () {
        () if shape.is_number() => &["Quantity", "integer", "decimal"],
        () if shape.is_code() => &["CodeableConcept", "code", "boolean"],
        () => &["dateTime", "date", "string"],
    };
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// A rule to a path, as the type there asks for.
fn at(
    path: &str,
    from: &str,
    column: &Column,
    profile: &Profile<'_>,
    why: &str,
    score: u32,
) -> Option<Proposal> {
    let kind = kind(path, profile.table, &profile.definition.type_name)?;
    let shape = &column.shape;
    let mut rule = RuleDraft::copy(from, path).todo(why);
    let mut coded = None;
    let deeper = |end: &str| Some(format!("{path}.{end}"));
    match kind.name {
        "Quantity" | "Age" | "Duration" | "SimpleQuantity" => {
            rule.to = deeper("value");
            rule.function = shape.number().map(str::to_owned);
        }
        "decimal" | "integer" | "positiveInt" | "unsignedInt" => {
            rule.function = shape.number().map(str::to_owned);
        }
        "date" | "dateTime" | "instant" => rule.function = shape.moment(kind.name).map(str::to_owned),
        "Period" => {
            rule.to = deeper("start");
            rule.function = shape.moment("dateTime").map(str::to_owned);
        }
        // The code of a coding is copied as it is: which system it is of is for a person to say.
        "code" if path.ends_with(".code") && path.contains("coding") => {
            let system = format!("{}.system", path.trim_end_matches(".code"));
            let open = RuleDraft::wanted(
                system,
                "say of which system the codes are, for example 'http://loinc.org'",
            );
            return Some(Proposal {
                score,
                rules: vec![rule, open],
                coded,
            });
        }
        "code" | "boolean" => coded = Some(path.to_owned()),
        "CodeableConcept" if shape.is_code() => coded = Some(path.to_owned()),
        "CodeableConcept" | "Annotation" => rule.to = deeper("text"),
        "Coding" => rule.to = deeper("code"),
        "Identifier" => rule.to = deeper("value"),
        "Reference" => rule.to = deeper("display"),
        _ if kind.primitive.is_none() => return None,
        _ => {}
    }
    Some(Proposal {
        score,
        rules: vec![rule],
        coded,
    })
}

/// The type at a path of the target.
fn kind(path: &str, table: &'static Table, owner: &str) -> Option<&'static Type> {
    let owner = table.named(owner)?;
    let parsed = TargetPath::parse(path, owner, table, |_| 1).ok()?;
    parsed.kind(owner, table)
}

/// Whether several columns can each have an item of their own at a path.
pub(super) fn takes_several(path: &str, profile: &Profile<'_>) -> bool {
    let owner = profile.table.named(&profile.definition.type_name);
    let parsed = owner.and_then(|owner| TargetPath::parse(path, owner, profile.table, |_| 1).ok());
    parsed.is_some_and(|parsed| parsed.is_fresh())
}
