//! A draft from two profiles that carry the same concepts of the zibs.
//!
//! Where both have a concept (NL-CM) at one element, the rule is certain as far as profiles can say it. Where either has
//! it at several, where the types do not correspond, or where the code that tells an element apart is another one, the
//! rule says what there is to decide.

mod pairs;
mod rule;

use std::collections::{BTreeMap, BTreeSet};

use pairs::{Carriers, Pair, carriers, named, pairs, stays};
use rule::Joined;

use super::draft::{MapDraft, RuleDraft, Sheet};
use super::names;
use super::site::{Profile, Source};
use super::{Counts, Side};

/// The map from one profile to another.
pub(super) fn map(
    (source, target): (&Profile<'_>, &Profile<'_>),
    (own, other): (&Side<'_>, &Side<'_>),
    sheet: &mut Sheet,
    counts: &mut Counts,
) -> MapDraft {
    let (from, to) = (carriers(source), carriers(target));
    let mut pairs = pairs(source, target, &from, &to, counts);
    // What is deep stands before what it stands in.
    pairs.sort_by_key(|pair| (std::cmp::Reverse(pair.from.steps.len()), pair.ids));
    let mut copied: BTreeSet<&str> = BTreeSet::new();
    let mut rules: Vec<RuleDraft> = Vec::new();
    let mut taken: BTreeMap<String, String> = BTreeMap::new();
    for pair in &pairs {
        if pair.is_copied() {
            copied.insert(pair.ids.0);
            continue;
        }
        if let Some(at) = stays(pair, target) {
            let to = pair.to.path(0, false);
            let todo = format!(
                "copied to {at} as it stands; the target has {} at {to}",
                named(&pair.concepts)
            );
            rules.push(RuleDraft::unplaced(pair.from.steps.join("."), todo));
            continue;
        }
        let mut joined = Joined {
            own,
            other,
            target,
            source,
            sheet,
        };
        let rule = joined.rule(pair);
        let key = pair.from.steps.join(".");
        if let Some(already) = taken.get(&key) {
            let todo = format!(
                "goes to {already}; {} has it too: {}",
                pair.to.path(0, false),
                named(&pair.concepts)
            );
            rules.push(RuleDraft::unplaced(key, todo));
            continue;
        }
        taken.insert(key, pair.to.path(0, false));
        add(&mut rules, pair, rule);
    }
    counts.copied += copied.len();
    finish(rules, (source, target), (&from, &to), &copied)
}

/// The profiles on data types that both sides have of the same type, the first of each.
pub(super) fn data_types(source: &Profile<'_>, target: &Profile<'_>) -> BTreeMap<String, (String, String)> {
    let of = |profile: &Profile<'_>| {
        let mut all: BTreeMap<String, String> = BTreeMap::new();
        for kind in profile.elements().flat_map(|element| &element.types) {
            let is_data = !matches!(&*kind.code, "Extension" | "Reference")
                && profile.table.named(&kind.code).is_some();
            if let Some(url) = kind
                .profiles
                .first()
                .filter(|url| is_data && !url.starts_with("http://hl7.org/"))
            {
                all.entry(kind.code.clone()).or_insert_with(|| url.clone());
            }
        }
        all
    };
    let (mut own, other) = (of(source), of(target));
    let both = other
        .into_iter()
        .filter_map(|(kind, to)| Some((kind.clone(), (own.remove(&kind)?, to))));
    both.collect()
}

/// Puts a rule with those of the same repeating element, and what the profile fixes beside it.
fn add(rules: &mut Vec<RuleDraft>, pair: &Pair<'_>, rule: RuleDraft) {
    let constants = pair.to.constants.iter();
    let fixed: Vec<RuleDraft> = constants
        .map(|(path, yaml)| RuleDraft::constant(path.clone(), yaml.clone()))
        .collect();
    let told = |source: Option<&Source>| source.and_then(|source| source.told_by.clone());
    let (old, new) = (told(Some(&pair.from)), told(pair.twin.as_ref()));
    let item = |step: Option<&String>| step.is_some_and(|step| step.contains(".where("));
    let nests = pair.from.steps.len() > 1 && pair.to.steps.len() > 1 && pair.to.is_item();
    let nests = nests && (pair.from.repeats || item(pair.from.steps.first()));
    if !nests {
        rules.push(rule);
        let first = pair
            .from
            .steps
            .first()
            .filter(|first| first.starts_with("component.where("));
        if let Some(first) = first {
            // The code that told the component apart has said what it had to say.
            rules.push(RuleDraft {
                ignore: Some(format!("{first}.code")),
                because: Some("the element of the target says it".to_owned()),
                ..RuleDraft::default()
            });
        }
        rules.extend(fixed);
        return;
    }
    let (from, to) = (
        pair.from.steps.first().cloned().unwrap_or_default(),
        first_path(pair),
    );
    let steps: Vec<&str> = pair.from.steps.iter().skip(1).map(String::as_str).collect();
    let ends = pair.ends();
    let inner = RuleDraft {
        from: Some(format!("{}{}", steps.join("."), ends.0)),
        to: Some(format!("{}{}", pair.to.path(1, false), ends.1)),
        ..rule
    };
    let same = |own: &&mut RuleDraft| {
        own.from.as_ref() == Some(&from) && own.to.as_ref() == Some(&to) && !own.rules.is_empty()
    };
    if let Some(group) = rules.iter_mut().find(same) {
        group.rules.push(inner);
    } else {
        let mut group = RuleDraft::copy(from, to);
        group.rules.push(inner);
        if old.is_some() && new.is_some() && old != new {
            group.rules.push(RuleDraft {
                ignore: Some("code".to_owned()),
                because: Some("the target tells it by a code of its own".to_owned()),
                ..RuleDraft::default()
            });
        }
        rules.push(group);
    }
    for constant in fixed {
        if !rules.contains(&constant) {
            rules.push(constant);
        }
    }
}

/// The path of the item that a nested rule is about.
fn first_path(pair: &Pair<'_>) -> String {
    pair.to
        .steps
        .first()
        .map(|(step, _)| step.clone())
        .unwrap_or_default()
}

/// The rules, and what is left to say of both profiles.
fn finish(
    mut rules: Vec<RuleDraft>,
    (source, target): (&Profile<'_>, &Profile<'_>),
    (from, to): (&Carriers<'_>, &Carriers<'_>),
    copied: &BTreeSet<&str>,
) -> MapDraft {
    let type_of = |profile: &Profile<'_>| profile.table.named(&profile.definition.type_name);
    let has = |profile: &Profile<'_>, name: &str| {
        type_of(profile).is_some_and(|kind| kind.elements.iter().any(|own| own.definition == name))
    };
    let begins = |path: Option<&String>, name: &str| {
        let stem = name.trim_end_matches("[x]");
        path.and_then(|path| path.strip_prefix(stem))
            .is_some_and(|rest| rest.is_empty() || name.ends_with("[x]") || rest.starts_with(['.', '#', '(']))
    };
    let root = format!("{}.", source.definition.type_name);
    for element in source.elements() {
        let Some(name) = element
            .id
            .strip_prefix(&root)
            .filter(|name| !name.contains(['.', ':']))
        else {
            continue;
        };
        let used = rules.iter().any(|rule| begins(rule.from.as_ref(), name));
        if !has(target, name) && !used && source.allows(&element.id) {
            let concepts: BTreeSet<&str> = element.concepts.iter().map(|concept| &*concept.id).collect();
            let about = match concepts.is_empty() {
                true => String::new(),
                false => format!(" ({})", named(&concepts)),
            };
            let todo =
                format!("the target has no element of this name{about}: map it, or ignore it with a reason");
            rules.push(RuleDraft::unplaced(name.trim_end_matches("[x]"), todo));
        }
    }
    for (kind, name, to) in names::renames() {
        let own = kind == "*" || kind == source.definition.type_name;
        let unplaced = |rule: &RuleDraft| rule.is_open() && rule.from.as_deref() == Some(name);
        if own
            && let Some(rule) = rules.iter_mut().find(|rule| unplaced(rule))
            && has(target, to.split(['.', '#']).next().unwrap_or(to))
        {
            *rule = RuleDraft::copy(name, to);
        }
    }
    for (name, path) in target.required() {
        let given = rules.iter().any(|rule| begins(rule.to.as_ref(), name));
        if !given && !has(source, name) {
            let todo = "required: say what gives it, or `assume` it with a reason";
            rules.push(RuleDraft::wanted(path, todo));
        }
    }
    for (path, yaml) in target.constants() {
        rules.push(RuleDraft::constant(path, yaml));
    }
    let mut notes = vec![format!(
        "From {} by the concepts (NL-CM) that both profiles carry.",
        source.definition.url
    )];
    if !copied.is_empty() {
        let all: Vec<&str> = copied
            .iter()
            .map(|id| id.strip_prefix(&root).unwrap_or(id))
            .collect();
        notes.push(format!("Copied as it stands: {}.", all.join(", ")));
    }
    let (old, new) = (only(from, to), only(to, from));
    if !old.is_empty() {
        notes.push(format!("Only in the source: {}.", named(&old)));
    }
    if !new.is_empty() {
        notes.push(format!("Only in the target: {}.", named(&new)));
    }
    // A map of a data type is for all of that type: nothing in it says which profile it is of. Nor do resources that claim
    // none, of a source that knows no profiles.
    let is_resource = type_of(target).is_some_and(|kind| kind.resource);
    let is_claimed = is_resource && source.definition.is_profile();
    let claims = format!("meta.profile.exists($this = '{}')", source.definition.url);
    MapDraft {
        name: names::map_name(&target.definition.url),
        notes,
        from: source.definition.type_name.clone(),
        to: Some(target.definition.type_name.clone()),
        when: is_claimed.then_some(claims),
        profile: is_resource.then(|| target.definition.url.clone()),
        rules,
        ..MapDraft::default()
    }
}

/// The concepts of one side that the other does not have, but for those of every zib.
fn only<'c>(one: &Carriers<'c>, other: &Carriers<'_>) -> BTreeSet<&'c str> {
    let ids = one.keys().copied();
    ids.filter(|id| !other.contains_key(id) && !id.starts_with("NL-CM:0.0."))
        .collect()
}
