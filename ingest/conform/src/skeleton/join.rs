//! A draft from two profiles that carry the same concepts of the zibs.
//!
//! Where both have a concept (NL-CM) at one element, the rule is certain as far as profiles can say it. Where either has
//! it at several, where the types do not correspond, or where the code that tells an element apart is another one, the
//! rule says what there is to decide.

use std::collections::{BTreeMap, BTreeSet};

use samenhang_profiles::definition::BindingStrength;
use samenhang_profiles::element_table::Table;

use super::draft::{MapDraft, RuleDraft, Sheet, TableDraft};
use super::names;
use super::site::{Profile, Source, Target};
use super::write::text;
use super::{Counts, Side};

/// Codes of a value set that go into a table of their own.
const MAX_CODES: usize = 60;

/// An element of the source and one of the target that carry the same concepts.
struct Pair<'p> {
    ids: (&'p str, &'p str),
    concepts: BTreeSet<&'p str>,
    /// Other elements that carry the concepts too.
    others: BTreeSet<&'p str>,
    from: Source,
    to: Target,
    /// The place of the target as the source would have it.
    twin: Option<Source>,
}

/// The elements that carry a concept, by concept; of the root none, as it says of no element where it is.
fn carriers<'p>(profile: &Profile<'p>) -> BTreeMap<&'p str, Vec<&'p str>> {
    let mut all: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for element in profile.elements() {
        if !element.id.contains('.') || !profile.allows(&element.id) {
            continue;
        }
        for concept in &element.concepts {
            all.entry(&concept.id).or_default().push(&element.id);
        }
    }
    all
}

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

/// Pairs the elements that carry the same concept.
fn pairs<'p>(
    source: &Profile<'p>,
    target: &Profile<'p>,
    from: &BTreeMap<&'p str, Vec<&'p str>>,
    to: &BTreeMap<&'p str, Vec<&'p str>>,
    counts: &mut Counts,
) -> Vec<Pair<'p>> {
    let mut all: BTreeMap<(&str, &str), Pair<'p>> = BTreeMap::new();
    for (concept, owners) in from {
        let Some(candidates) = to.get(concept) else {
            continue;
        };
        counts.concepts += 1;
        for id in owners {
            let Some(place) = source.source(id) else {
                continue;
            };
            let likeness = |other: &&&'p str| {
                let twin = target.source(other);
                let same = twin.as_ref().is_some_and(|twin| twin.is_like(&place));
                let types = twin.map(|twin| twin.types).unwrap_or_default();
                let fits = place.types.iter().any(|kind| types.contains(kind));
                (same, fits, last(id) == last(other), common(id, other))
            };
            // Of those that are as like, the first.
            let best = candidates.iter().rev().max_by_key(likeness);
            let Some(best) = best else { continue };
            let Some(there) = target.target(best, &place.types) else {
                continue;
            };
            let pair = all.entry((*id, *best)).or_insert_with(|| Pair {
                ids: (*id, *best),
                concepts: BTreeSet::new(),
                others: BTreeSet::new(),
                from: place.clone(),
                to: there,
                twin: target.source(best),
            });
            pair.concepts.insert(concept);
            let rest = candidates.iter().filter(|other| other != &best);
            pair.others.extend(rest.filter(|_| owners.len() == 1));
        }
    }
    all.into_values().collect()
}

/// The place in the target that has the same name and type: what is there is copied when no rule takes it. Which of both
/// is meant is for a person to say.
fn stays(pair: &Pair<'_>, target: &Profile<'_>) -> Option<String> {
    let mut owner = target.table.named(&target.definition.type_name)?;
    let mut path = Vec::new();
    for step in &pair.from.steps {
        let name = step
            .split_once(".ofType(")
            .map_or(step.as_str(), |(name, _)| name);
        let same = |own: &&samenhang_profiles::element_table::Element| {
            own.definition.strip_suffix("[x]").unwrap_or(own.definition) == name
        };
        let element = owner.elements.iter().find(same)?;
        path.push(name);
        owner = target.table.type_of(element);
    }
    let same = pair.from.types.iter().any(|kind| kind == owner.name);
    (same && !owner.name.contains('.')).then(|| path.join("."))
}

/// The last name of an id, without a slice.
fn last(id: &str) -> &str {
    let part = id.rsplit_once('.').map_or(id, |(_, part)| part);
    part.split_once(':').map_or(part, |(name, _)| name)
}

/// Steps that two ids have in common from the start.
fn common(one: &str, other: &str) -> usize {
    let pairs = one.split('.').zip(other.split('.'));
    pairs.take_while(|(one, other)| one == other).count()
}

/// Concepts, with their names.
fn named(concepts: &BTreeSet<&str>) -> String {
    let one = |concept: &&str| match names::concept(concept) {
        Some(names) => format!("{concept} {}", names.english),
        None => (*concept).to_owned(),
    };
    concepts.iter().map(one).collect::<Vec<_>>().join(", ")
}

impl Source {
    /// Whether both are the same place of their resources.
    fn is_like(&self, other: &Source) -> bool {
        let bare = |step: &String| match step.split_once(".ofType(") {
            Some((name, _)) => name.to_owned(),
            None => step.clone(),
        };
        self.steps.iter().map(bare).eq(other.steps.iter().map(bare))
    }
}

impl Pair<'_> {
    /// Whether what no rule takes goes there by itself.
    fn is_copied(&self) -> bool {
        self.twin.as_ref().is_some_and(|twin| {
            let shared = self.from.types.iter().any(|kind| twin.types.contains(kind));
            let primitive = self
                .from
                .types
                .iter()
                .any(|kind| crate::run::goes(kind, self.to.kind));
            self.from.is_like(twin) && (shared || primitive)
        })
    }
}

impl Pair<'_> {
    /// What the paths end in where a text goes to or from the text of something complex.
    fn ends(&self) -> (&'static str, &'static str) {
        let is = |name: &str| self.from.types.iter().any(|kind| kind == name);
        match self.to.kind {
            "CodeableConcept" | "Annotation" if is("string") || is("markdown") => ("", ".text"),
            "string" if is("CodeableConcept") => (".text", ""),
            _ => ("", ""),
        }
    }
}

/// What the rule of a pair is made with.
struct Joined<'j, 'p> {
    source: &'j Profile<'p>,
    target: &'j Profile<'p>,
    own: &'j Side<'j>,
    other: &'j Side<'j>,
    sheet: &'j mut Sheet,
}

impl Joined<'_, '_> {
    /// The rule of a pair, with its paths from the resource on.
    fn rule(&mut self, pair: &Pair<'_>) -> RuleDraft {
        let mut rule = RuleDraft::copy(pair.from.steps.join("."), pair.to.path(0, false));
        let mut todo = Vec::new();
        if !pair.others.is_empty() {
            let others: Vec<&str> = pair.others.iter().copied().collect();
            todo.push(format!("the target has it at {} too", others.join(", ")));
        }
        let kind = pair.to.kind;
        let is = |name: &str| pair.from.types.iter().any(|kind| kind == name);
        let coded = |kind: &str| matches!(kind, "code" | "CodeableConcept" | "Coding");
        let fits = pair.from.types.iter().any(|from| {
            from == kind || crate::run::goes(from, kind) || is_quantity(from) && is_quantity(kind)
        });
        let (from, to) = pair.ends();
        for (path, end) in [(&mut rule.from, from), (&mut rule.to, to)] {
            path.as_mut().into_iter().for_each(|path| path.push_str(end));
        }
        if !fits && coded(kind) && pair.from.types.iter().any(|from| coded(from)) {
            todo.push("the codes are other ones: fill and check the table".to_owned());
            rule.codes = Some(self.table(pair));
        } else if !fits && kind == "date" && is("dateTime") {
            rule.function = Some("date-of".to_owned());
        }
        if !todo.is_empty() {
            rule.todo = Some(format!("{}: {}", named(&pair.concepts), todo.join("; ")));
        }
        rule
    }

    /// A table from the codes of one element to those of another: filled with those that both sides have.
    fn table(&mut self, pair: &Pair<'_>) -> String {
        let codes = |profile: &Profile<'_>, side: &Side<'_>, id: &str| {
            let binding = profile.definition.element(id).and_then(|own| own.binding.clone());
            let strong = binding.filter(|binding| binding.strength >= BindingStrength::Extensible);
            let set = strong.and_then(|binding| binding.value_set).unwrap_or_default();
            (side.expand)(&set)
        };
        let old = codes(self.source, self.own, pair.ids.0);
        let new = codes(self.target, self.other, pair.ids.1);
        let mut table = TableDraft {
            name: kebab(pair.ids.1),
            notes: vec![format!(
                "TODO {}: from {} to {}.",
                named(&pair.concepts),
                pair.ids.0,
                pair.ids.1
            )],
            ..TableDraft::default()
        };
        let systems: BTreeSet<&str> = new.iter().map(|(system, _)| &**system).collect();
        if let (1, Some(system)) = (systems.len(), systems.first())
            && pair.to.kind != "code"
        {
            table.target = Some((*system).to_owned());
        }
        if new.len() <= MAX_CODES && !new.is_empty() {
            let all: Vec<&str> = new.iter().map(|(_, code)| &**code).collect();
            table.notes.push(format!("The target takes: {}.", all.join(", ")));
        }
        let both = old
            .iter()
            .filter(|(_, code)| new.iter().any(|(_, other)| other == code));
        for (_, code) in both.take(MAX_CODES) {
            table.entries.push((code.clone(), text(code)));
        }
        let lacking = old
            .iter()
            .filter(|(_, code)| new.iter().all(|(_, other)| other != code));
        let lacking: Vec<&str> = lacking.take(MAX_CODES).map(|(_, code)| &**code).collect();
        if !lacking.is_empty() {
            table
                .notes
                .push(format!("Of the source, not in it: {}.", lacking.join(", ")));
        }
        let name = table.name.clone();
        if self.sheet.tables.iter().all(|own| own.name != name) {
            self.sheet.tables.push(table);
        }
        name
    }
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

fn is_quantity(kind: &str) -> bool {
    Table::of(samenhang_profiles::FhirVersion::R4).is_a(kind, "Quantity")
}

/// The rules, and what is left to say of both profiles.
fn finish(
    mut rules: Vec<RuleDraft>,
    (source, target): (&Profile<'_>, &Profile<'_>),
    (from, to): (&BTreeMap<&str, Vec<&str>>, &BTreeMap<&str, Vec<&str>>),
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
    // A map of a data type is for all of that type: nothing in it says which profile it is of.
    let is_resource = type_of(target).is_some_and(|kind| kind.resource);
    let claims = format!("meta.profile.exists($this = '{}')", source.definition.url);
    MapDraft {
        name: names::map_name(&target.definition.url),
        notes,
        from: source.definition.type_name.clone(),
        to: Some(target.definition.type_name.clone()),
        when: is_resource.then_some(claims),
        profile: is_resource.then(|| target.definition.url.clone()),
        rules,
        ..MapDraft::default()
    }
}

/// The concepts of one side that the other does not have, but for those of every zib.
fn only<'c>(one: &BTreeMap<&'c str, Vec<&str>>, other: &BTreeMap<&str, Vec<&str>>) -> BTreeSet<&'c str> {
    let ids = one.keys().copied();
    ids.filter(|id| !other.contains_key(id) && !id.starts_with("NL-CM:0.0."))
        .collect()
}

/// The name of a table from the id of an element: `allergyintolerance-clinicalstatus`.
fn kebab(id: &str) -> String {
    let mut name = String::new();
    for character in id.chars() {
        match character {
            '.' | ':' => name.push('-'),
            other if other.is_ascii_alphanumeric() => name.push(other.to_ascii_lowercase()),
            _ => {}
        }
    }
    name
}
