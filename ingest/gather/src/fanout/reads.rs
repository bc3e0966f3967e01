//! What is read because results refer to it: who, where, which product.
//!
//! Bounded in depth and number, at the same endpoint only, after all searches: many are met on later pages.

use std::collections::{BTreeMap, HashSet};

use futures::stream::{FuturesUnordered, StreamExt};
use samenhang_profiles::Limits;
use samenhang_terminology::Category;

use super::call::Purpose;
use super::event::Detail;
use super::finding::{End, Finding, Findings};
use super::problem::Problem;
use super::visit::{Room, serious};
use crate::ledger::Step;
use crate::source::{Ask, content};

/// What is still to be read.
pub(super) struct Reads {
    left: usize,
    /// Target, and the most urgent category that refers to it.
    wanted: BTreeMap<String, (Category, usize)>,
    asked: HashSet<String>,
    /// Categories for which the limit left something unread.
    over: Vec<Category>,
}

impl Reads {
    pub(super) fn new(limit: usize) -> Self {
        Reads {
            left: limit,
            wanted: BTreeMap::new(),
            asked: HashSet::new(),
            over: Vec::new(),
        }
    }

    /// Wants targets that were met at a depth.
    pub(super) fn want(&mut self, targets: Vec<(Category, String)>, depth: usize) {
        for (category, target) in targets {
            if self.asked.contains(&target) {
                continue;
            }
            self.wanted
                .entry(target)
                .and_modify(|(kept, _)| *kept = category.min(*kept))
                .or_insert((category, depth));
        }
    }

    /// Takes the next round, most urgent first.
    fn round(&mut self, is_known: impl Fn(&str) -> bool) -> Vec<(Category, String, usize)> {
        let mut round: Vec<_> = std::mem::take(&mut self.wanted)
            .into_iter()
            .filter(|(target, _)| !is_known(target))
            .map(|(target, (category, depth))| (category, target, depth))
            .collect();
        round.sort();
        self.over
            .extend(round.iter().skip(self.left).map(|(category, ..)| *category));
        round.truncate(self.left);
        self.left -= round.len();
        self.asked
            .extend(round.iter().map(|(_, target, _)| target.clone()));
        round
    }
}

impl Room {
    /// Reads, round by round, until nothing more is referred to or a limit is reached.
    pub(super) async fn read_references(&self, findings: &mut Findings) -> Result<(), Problem> {
        loop {
            let round = {
                let intake = self.intake();
                self.reads().round(|target| intake.knows(target))
            };
            if round.is_empty() {
                break;
            }
            let mut reading: FuturesUnordered<_> = round
                .into_iter()
                .map(|(category, target, depth)| {
                    Box::pin(async move { (category, self.read_one(category, &target, depth).await) })
                })
                .collect();
            while let Some((category, read)) = reading.next().await {
                if let Err(problem) = read
                    && let Some(end) = unread(serious(problem)?)
                {
                    findings.add(category, Finding::new(end));
                }
            }
        }
        let over = std::mem::take(&mut self.reads().over);
        findings.add_all(over, End::Complete(Some(Detail::ReferencesUnread)));
        Ok(())
    }

    async fn read_one(&self, category: Category, target: &str, depth: usize) -> Result<(), Problem> {
        let visit = &self.visit;
        let kind = target.split('/').next().unwrap_or_default();
        let is_offered = visit.capabilities.as_ref().is_none_or(|capabilities| {
            capabilities.says_nothing() || capabilities.offer(kind).is_some_and(|offer| offer.read)
        });
        if !is_offered {
            return Ok(());
        }
        let purpose = Purpose {
            step: Step::Read,
            category: Some(category),
        };
        let limits = Limits::default();
        let resource = Box::pin(
            visit
                .caller
                .call(&*visit.api, purpose, Ask::Read(target), |reply| {
                    Ok((content::resource(reply, kind, visit.version, &limits)?, 1))
                }),
        )
        .await?;
        let retrieved = visit.caller.clock.now();
        let taken = self.intake().read(resource, category, retrieved)?;
        self.pass_on(taken, depth + 1).await
    }
}

/// What an unread reference makes of its category. What the holder itself cannot or will not show leaves the category
/// complete: the reference and its display stay as they are.
fn unread(problem: Problem) -> Option<End> {
    match problem {
        Problem::Refused(_) | Problem::Rejected(_) | Problem::Gone => None,
        _ => match problem.end() {
            End::TimedOut(detail) => Some(End::TimedOut(detail)),
            _ => Some(End::Failed(Detail::ReferencesUnread)),
        },
    }
}

#[cfg(test)]
mod tests {
    use samenhang_terminology::Category;

    use super::Reads;

    fn want(target: &str, category: Category) -> (Category, String) {
        (category, target.to_owned())
    }

    #[test]
    fn each_target_is_read_once_for_its_most_urgent_category_within_the_limit() {
        let mut reads = Reads::new(3);
        reads.want(
            vec![
                want("Practitioner/a", Category::Procedure),
                want("Medication/m", Category::MedicationUse),
                want("Practitioner/a", Category::Condition),
                want("Location/l", Category::Encounter),
            ],
            1,
        );
        let round: Vec<_> = reads.round(|target| target == "Location/l");
        assert_eq!(
            round,
            [
                (Category::Condition, "Practitioner/a".to_owned(), 1),
                (Category::MedicationUse, "Medication/m".to_owned(), 1),
            ]
        );
        reads.want(
            vec![
                want("Practitioner/a", Category::Condition),
                want("Organization/o", Category::Condition),
                want("Organization/p", Category::Device),
            ],
            2,
        );
        assert_eq!(
            reads.round(|_| false),
            [(Category::Condition, "Organization/o".to_owned(), 2)]
        );
        assert_eq!(reads.over, [Category::Device]);
        assert!(reads.round(|_| false).is_empty());
    }
}
