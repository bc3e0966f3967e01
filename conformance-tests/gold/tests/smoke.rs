//! A few patients of the development set and some hard negatives keep the bounds, and the same plan gives the same report.
//! The whole run is the command `samenhang-gold`; the sealed set is opened by that only, so that no test tunes on it.

use samenhang_gold::{Evaluation, Plan, Set, evaluate};

fn run(patients: usize, negatives: usize) -> Evaluation {
    let plan = Plan {
        set: Set::Dev,
        seed: 7,
        patients,
        negatives,
        threads: 2,
    };
    evaluate(&plan, &|_, _| {})
}

fn assert_kept(evaluation: &Evaluation) {
    let missed: Vec<String> = evaluation
        .verdicts()
        .into_iter()
        .filter(|verdict| !verdict.is_met)
        .map(|verdict| {
            format!(
                "{}: {}, asked {:?}",
                verdict.name, verdict.measured, verdict.bound
            )
        })
        .collect();
    assert!(
        missed.is_empty(),
        "{}\n{}",
        missed.join("\n"),
        evaluation.examples()
    );
}

#[test]
fn patients_of_the_development_set_and_hard_negatives_keep_the_bounds() {
    let evaluation = run(6, 1700);
    assert_kept(&evaluation);
    assert!(
        evaluation.markdown().contains("**Unsafe merges: 0 of "),
        "it leads with what could harm"
    );
}

#[test]
fn the_same_plan_gives_the_same_report() {
    let report = || run(2, 1).json();
    assert_eq!(report(), report());
}
