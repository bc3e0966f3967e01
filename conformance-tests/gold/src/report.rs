//! The report: what could harm first, then the bounds, then where the figures come from.

mod table;

use serde_json::{Value, json};

use crate::evaluate::Evaluation;
use crate::perturb::Change;
use crate::score::Ratio;
use crate::target::{Bound, f1};
use crate::truth::{Relation, Tier};
use table::Table;

/// The version of the policy that was measured.
fn policy() -> String {
    samenhang_reconcile::policy::Policy::shipped().canonical()
}

fn bound(bound: Bound) -> String {
    match bound {
        Bound::AtMost(most) => format!("at most {most}"),
        Bound::AtLeast(least) => format!("at least {least}"),
        Bound::Rate(least) => format!("at least {least}"),
    }
}

/// For a person.
pub(crate) fn markdown(of: &Evaluation) -> String {
    let (plan, tally, negatives) = (&of.plan, &of.tally, &of.negatives);
    let joined = negatives.joined();
    let mut out = format!(
        "# Reconciliation, measured\n\nSet `{}`, seed {}: {} patients, {} resources; {} hard negatives. Policy `{}`.\n\n",
        plan.set.name(),
        plan.seed,
        tally.patients,
        tally.resources.of,
        joined.of,
        policy()
    );
    out.push_str(&format!(
        "**Unsafe merges: {} of {} hard negatives. Resources lost: {} of {}. Leaves lost: {} of {}.**\n\n",
        joined.hit,
        joined.of,
        tally.resources.of - tally.resources.hit,
        tally.resources.of,
        tally.leaves.of - tally.leaves.hit,
        tally.leaves.of
    ));
    let mut table = Table::new(&["Bound", "Asked", "Measured", "Kept"]);
    for verdict in of.verdicts() {
        let kept = if verdict.is_met { "yes" } else { "**no**" };
        table.row([
            verdict.name.to_owned(),
            bound(verdict.bound),
            verdict.measured,
            kept.to_owned(),
        ]);
    }
    out.push_str(&table.text());
    if tally.unwritten + tally.not_lifted > 0 {
        out.push_str(&format!(
            "\n{} resources could not be written as FHIR, and {} of STU3 could not be lifted and are shown as they were received.\n",
            tally.unwritten, tally.not_lifted
        ));
    }
    if !tally.with_maps {
        let t4 = tally.of_tiers(&[Tier::T4]);
        out.push_str(&format!(
            "\nT4: no map given; {} pairs that only a map of codes could join are left apart and count nowhere else ({} joined).\n",
            t4.of, t4.hit
        ));
    }
    out.push_str("\n## Hard negatives\n\n");
    let mut table = Table::new(&["Rule", "What", "Kind", "Pairs", "Joined", "Contradiction told"]);
    for ((number, name, kind), ratio) in &negatives.by_rule {
        let told = negatives.told.get(&(*number, *name, *kind));
        let told = told.map_or_else(String::new, |told| format!("{} of {}", told.hit, told.of));
        table.row([
            number.to_string(),
            (*name).to_owned(),
            (*kind).to_owned(),
            ratio.of.to_string(),
            ratio.hit.to_string(),
            told,
        ]);
    }
    out.push_str(&table.text());
    out.push('\n');
    let mut table = Table::new(&["Setting", "Pairs", "Joined"]);
    for (setting, ratio) in &negatives.by_setting {
        table.row([
            setting.name().to_owned(),
            ratio.of.to_string(),
            ratio.hit.to_string(),
        ]);
    }
    out.push_str(&table.text());
    out.push_str(&pairs(of));
    out.push_str(&review(of));
    out
}

/// Pairs by kind and tier, by change, and by relation.
fn pairs(of: &Evaluation) -> String {
    let tally = &of.tally;
    let mut out = "\n## Pairs by kind and evidence\n\nJoined of those that the evidence allows; *for a person* are pairs of one fact for which it does not.\n\n".to_owned();
    let mut heads = vec!["Kind"];
    heads.extend(Tier::ALL.iter().map(|tier| tier.name()));
    let mut table = Table::new(&heads);
    let mut kinds: Vec<_> = tally.by_kind.keys().map(|(kind, _)| *kind).collect();
    kinds.dedup();
    for kind in kinds {
        let mut row = vec![kind.name().to_owned()];
        row.extend(
            Tier::ALL
                .iter()
                .map(|tier| cell(tally.by_kind.get(&(kind, *tier)))),
        );
        table.row(row);
    }
    let mut row = vec!["all".to_owned()];
    row.extend(Tier::ALL.iter().map(|tier| cell(Some(&tally.of_tiers(&[*tier])))));
    table.row(row);
    out.push_str(&table.text());
    out.push_str("\n## What was joined, by the evidence that the engine names\n\n");
    let mut table = Table::new(&["Evidence", "Pairs", "Of one fact", "Precision"]);
    for (tier, ratio) in &tally.joined {
        table.row([
            tier.name().to_owned(),
            ratio.of.to_string(),
            ratio.hit.to_string(),
            format!("{:.5}", ratio.rate()),
        ]);
    }
    out.push_str(&table.text());
    out.push_str("\n## Recall by change (T0-T3)\n\n");
    let mut table = Table::new(&["Change", "Pairs", "Joined", "Recall", "Joined or shown"]);
    for change in Change::ALL {
        if let Some(ratio) = tally.by_change.get(&change) {
            table.row([
                change.name().to_owned(),
                ratio.of.to_string(),
                ratio.hit.to_string(),
                format!("{:.4}", ratio.rate()),
                format!("{:.4}", ratio.seen()),
            ]);
        }
    }
    out.push_str(&table.text());
    out.push_str(
        "\n## Relations\n\nTrue relation against what is told, of joined pairs of which one stands for the other. A copy that was joined \
         without a number or a declared origin counts as the same fact: nothing tells it from another registration.\n\n",
    );
    let mut heads = vec!["True"];
    let told = [Relation::SameRecord, Relation::VersionOf, Relation::SameFact];
    heads.extend(told.iter().map(|relation| relation.name()));
    let mut table = Table::new(&heads);
    for truth in [Relation::SameRecord, Relation::VersionOf, Relation::SameFact] {
        let mut row = vec![truth.name().to_owned()];
        row.extend(told.iter().map(|relation| {
            tally
                .relations
                .get(&(truth, *relation))
                .copied()
                .unwrap_or_default()
                .to_string()
        }));
        table.row(row);
    }
    out.push_str(&table.text());
    let right = tally.relations.iter().filter(|((truth, told), _)| truth == told);
    let (right, all): (usize, usize) = (
        right.map(|(_, count)| count).sum(),
        tally.relations.values().sum(),
    );
    out.push_str(&format!("\nRight: {right} of {all}.\n"));
    out
}

fn cell(ratio: Option<&Ratio>) -> String {
    ratio
        .filter(|ratio| ratio.of > 0)
        .map_or_else(String::new, |ratio| format!("{} of {}", ratio.hit, ratio.of))
}

/// What is left to a person, contradictions, and the partition as a whole.
fn review(of: &Evaluation) -> String {
    let tally = &of.tally;
    let all = tally.of_tiers(&Tier::ALL);
    let unsure = tally.of_tiers(&[Tier::Unsure]);
    let elements = tally.partition.elements;
    let mut out = format!(
        "\n## What is left to a person\n\n{} pairs of one fact carry no evidence that allows to join them; {} of them are shown as possible duplicates, and {} were joined all the same. \
         Of all {} pairs of one fact {} are joined ({:.4}), joined or shown {:.4}. A person is asked to look at {} of {} records and clusters ({:.4}).\n",
        unsure.of,
        unsure.shown,
        tally.unfounded.count,
        all.of,
        all.hit,
        all.rate(),
        all.seen(),
        tally.review.hit,
        tally.review.of,
        tally.review.rate()
    );
    out.push_str("\n## Contradictions between sources\n\n");
    let mut table = Table::new(&["Kind", "Made", "Told"]);
    for (kind, ratio) in &tally.conflicts {
        table.row([
            kind.name().to_owned(),
            ratio.of.to_string(),
            ratio.hit.to_string(),
        ]);
    }
    out.push_str(&table.text());
    out.push_str(&format!(
        "\nBeside these {} contradictions are told of facts that were not made to contradict each other.\n",
        tally.other_conflicts.count
    ));
    out.push_str(&format!(
        "\n## The partition as a whole\n\nB-cubed precision {:.5}, recall {:.5}, F1 {:.5}; clusters that are exactly right: {} of {} ({:.4}). Pairwise F1 {:.5}.\n",
        mean(tally.partition.precision, elements), mean(tally.partition.recall, elements), b_cubed(of),
        tally.partition.exact.hit, tally.partition.exact.of, tally.partition.exact.rate(), f1(tally)
    ));
    out
}

#[expect(clippy::cast_precision_loss, reason = "counts of a report")]
fn mean(sum: f64, count: usize) -> f64 {
    if count == 0 { 1.0 } else { sum / count as f64 }
}

fn b_cubed(of: &Evaluation) -> f64 {
    let partition = &of.tally.partition;
    let (p, r) = (
        mean(partition.precision, partition.elements),
        mean(partition.recall, partition.elements),
    );
    if p + r == 0.0 { 0.0 } else { 2.0 * p * r / (p + r) }
}

/// For a program.
pub(crate) fn json(of: &Evaluation) -> String {
    let (plan, tally, negatives) = (&of.plan, &of.tally, &of.negatives);
    let ratio = |ratio: &Ratio| json!({"of": ratio.of, "hit": ratio.hit, "shown": ratio.shown});
    let bounds: Vec<Value> = of
        .verdicts()
        .into_iter()
        .map(|verdict| json!({"name": verdict.name, "asked": bound(verdict.bound), "measured": verdict.measured, "kept": verdict.is_met}))
        .collect();
    let kinds: Vec<Value> = tally
        .by_kind
        .iter()
        .map(|((kind, tier), found)| json!({"kind": kind.name(), "tier": tier.name(), "pairs": ratio(found)}))
        .collect();
    let rules: Vec<Value> = negatives
        .by_rule
        .iter()
        .map(|((number, name, kind), found)| json!({"rule": number, "what": name, "kind": kind, "pairs": found.of, "joined": found.hit}))
        .collect();
    let changes: Vec<Value> = tally
        .by_change
        .iter()
        .map(|(change, found)| json!({"change": change.name(), "pairs": ratio(found)}))
        .collect();
    let report = json!({
        "set": plan.set.name(), "seed": plan.seed, "patients": tally.patients, "resources": tally.resources.of,
        "policy": policy(), "unsafeMerges": negatives.joined().hit, "hardNegatives": negatives.joined().of,
        "bounds": bounds, "pairs": kinds, "rules": rules, "changes": changes, "f1": f1(tally), "bCubedF1": b_cubed(of),
        "exactClusters": ratio(&tally.partition.exact), "review": ratio(&tally.review), "joinedWithoutEvidence": tally.unfounded.count,
    });
    let mut text = serde_json::to_string_pretty(&report).unwrap_or_default();
    text.push('\n');
    text
}

/// For who improves the engine.
pub(crate) fn examples(of: &Evaluation) -> String {
    let (tally, negatives) = (&of.tally, &of.negatives);
    let mut out = String::new();
    for (name, list) in [
        ("joined, of two facts", &tally.wrong.few),
        ("hard negatives joined", &negatives.examples),
        ("hard negatives, contradiction not told", &negatives.untold),
        ("contradictions not told", &tally.untold.few),
        ("joined without evidence", &tally.unfounded.few),
        ("contradictions told of other facts", &tally.other_conflicts.few),
    ] {
        list_of(name, list, &mut out);
    }
    for (tier, missed) in &tally.missed {
        list_of(&format!("missed on {}", tier.name()), &missed.few, &mut out);
    }
    out
}

fn list_of(name: &str, examples: &[String], out: &mut String) {
    out.push_str(&format!("# {name}\n"));
    for example in examples {
        out.push_str(&format!("- {example}\n"));
    }
}
