//! Runs a plan: makes the patients and the hard negatives, reconciles them and counts.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use samenhang_reconcile::maps::Maps;

use crate::maps::maps;
use crate::negative::{Negatives, negatives};
use crate::patient::patient;
use crate::score::{Tally, score};
use crate::seeds::{DEV, SEALED, Seeds};
use crate::target::{Verdict, verdicts};
use crate::{negative, report};

/// Which seeds patients are made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Set {
    /// What the engine is developed on.
    Dev,
    /// Other seeds in other shapes: opened to measure, never to tune.
    Sealed,
}

impl Set {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.seeds().name
    }

    /// Patients of a full run.
    #[must_use]
    pub fn patients(self) -> usize {
        match self {
            Set::Dev => 500,
            Set::Sealed => 2000,
        }
    }

    fn seeds(self) -> &'static Seeds {
        match self {
            Set::Dev => &DEV,
            Set::Sealed => &SEALED,
        }
    }
}

/// What is to be made and judged.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Which seeds.
    pub set: Set,
    /// The number that all chance comes from.
    pub seed: u64,
    /// How many patients.
    pub patients: usize,
    /// How many hard negatives at least.
    pub negatives: usize,
    /// How many threads.
    pub threads: usize,
}

/// What came of a plan.
pub struct Evaluation {
    pub(crate) plan: Plan,
    pub(crate) tally: Tally,
    pub(crate) negatives: Negatives,
}

impl Evaluation {
    /// The bounds of the project, each with what was measured.
    #[must_use]
    pub fn verdicts(&self) -> Vec<Verdict> {
        verdicts(&self.tally, &self.negatives)
    }

    /// Whether no bound is missed.
    #[must_use]
    pub fn is_met(&self) -> bool {
        self.verdicts().iter().all(|verdict| verdict.is_met)
    }

    /// The report for a person, in Markdown.
    #[must_use]
    pub fn markdown(&self) -> String {
        report::markdown(self)
    }

    /// The report for a program, in JSON.
    #[must_use]
    pub fn json(&self) -> String {
        report::json(self)
    }

    /// A few of what went wrong, with the resources, for who improves the engine. The patients are synthetic.
    #[must_use]
    pub fn examples(&self) -> String {
        report::examples(self)
    }
}

/// Makes and judges; `tick` hears now and then how many patients and hard negatives are done.
pub fn evaluate(plan: &Plan, tick: &(dyn Fn(usize, usize) + Sync)) -> Evaluation {
    let seeds = plan.set.seeds();
    let next = AtomicU64::new(0);
    let many = u64::try_from(plan.patients).unwrap_or(u64::MAX);
    let given = maps(seeds);
    let maps = given.as_ref().unwrap_or(Maps::none());
    let start = || Tally {
        with_maps: given.is_some(),
        ..Tally::default()
    };
    let mut tally = start();
    thread::scope(|scope| {
        let workers: Vec<_> = (0..plan.threads.max(1))
            .map(|_| {
                scope.spawn(|| {
                    let mut own = start();
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        if number >= many {
                            return own;
                        }
                        score(
                            patient(seeds, plan.seed, number),
                            maps,
                            &mut own,
                            (plan.seed, number),
                        );
                        tick(usize::try_from(number).unwrap_or_default() + 1, 0);
                    }
                })
            })
            .collect();
        for worker in workers {
            if let Ok(own) = worker.join() {
                tally.plus(own);
            }
        }
    });
    let negatives: negative::Negatives = negatives(seeds, maps, plan.seed, plan.negatives, |done| {
        tick(plan.patients, done);
    });
    Evaluation {
        plan: *plan,
        tally,
        negatives,
    }
}
