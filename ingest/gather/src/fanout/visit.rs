//! A visit to one endpoint: find the patient, check the identity, ask by plan, read what is referred to.

use std::collections::{BTreeSet, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::future::join_all;
use futures::stream::{FuturesUnordered, StreamExt};
use jiff::Timestamp;
use samenhang_conform::quirks::Quirk;
use samenhang_profiles::{FhirVersion, Limits, RawResource};
use samenhang_terminology::Category;
use url::Url;

use super::call::{Caller, Purpose};
use super::event::Detail;
use super::finding::{End, Finding, Findings};
use super::intake::{Intake, Key, Origin, Taken, reported};
use super::lift::{Patience, lift};
use super::problem::{Problem, stopped};
use super::quirks::of_lifted;
use super::reads::Reads;
use super::sink::Sink;
use crate::ledger::Step;
use crate::plan::capability::Capabilities;
use crate::plan::{Group, PartPlan, Search, plan};
use crate::source::content::{self, FoundPatient};
use crate::source::paging::{Move, PageFacts, Walker};
use crate::source::subject::Accepted;
use crate::source::{Ask, IdentityCheck, IdentityVerdict, SourceApi};

/// What a visit needs.
pub(super) struct Visit {
    pub(super) caller: Arc<Caller>,
    pub(super) api: Arc<dyn SourceApi>,
    pub(super) identity: Arc<dyn IdentityCheck>,
    pub(super) sink: Arc<Sink>,
    pub(super) holder_name: Arc<str>,
    /// What to ask this endpoint.
    pub(super) categories: BTreeSet<Category>,
    /// What may be taken in from it.
    pub(super) permitted: Vec<Category>,
    pub(super) capabilities: Option<Arc<Capabilities>>,
    pub(super) version: FhirVersion,
}

/// A patient that was found and accepted.
struct Known {
    patient: RawResource,
    full_url: Option<Box<str>>,
    accepted: Accepted,
    warning: bool,
}

/// How a search ended.
struct Walked {
    end: End,
    /// The endpoint refused the query itself before it gave anything.
    refused: bool,
    counts: Vec<(Category, usize)>,
    retrieved: Option<Timestamp>,
    /// It was begun again: what repeats does so because we asked for it twice.
    again: bool,
}

/// The state of a visit once the patient is known.
pub(super) struct Room {
    pub(super) visit: Visit,
    pub(super) intake: Mutex<Intake>,
    pub(super) reads: Mutex<Reads>,
    accepted: Accepted,
    base: Url,
}

impl Visit {
    /// Makes the visit.
    ///
    /// # Errors
    /// [`Problem::WrongPatient`] and [`Problem::LedgerClosed`], which concern more than this visit.
    pub(super) async fn run(self) -> Result<Findings, Problem> {
        let mut findings = Findings::default();
        let known = match Box::pin(self.find_patient()).await {
            Ok(known) => known,
            Err(Stop::All(problem)) => return Err(problem),
            Err(Stop::Here(end)) => {
                findings.add_all(self.categories.iter().copied(), end);
                return Ok(findings);
            }
        };
        let Ok(base) = Url::parse(&format!("{}/", self.api.base())) else {
            findings.add_all(self.categories.iter().copied(), End::Failed(Detail::Internal));
            return Ok(findings);
        };
        let origin = Origin {
            holder: self.caller.holder.clone(),
            name: Arc::clone(&self.holder_name),
            base: Arc::from(self.api.base()),
            version: self.version,
        };
        let accepted = known.accepted.clone();
        let intake = Intake::new(origin, known.accepted, self.permitted.clone());
        let reads = Reads::new(self.caller.config.max_reads);
        let room = Room {
            visit: self,
            intake: Mutex::new(intake),
            reads: Mutex::new(reads),
            accepted,
            base,
        };
        Box::pin(room.ask(known.patient, known.full_url, known.warning, &mut findings)).await?;
        Ok(findings)
    }

    /// Finds the patient and has the identity checked.
    async fn find_patient(&self) -> Result<Known, Stop> {
        let question = &self.caller.question;
        let offer = self
            .capabilities
            .as_ref()
            .and_then(|capabilities| capabilities.offer("Patient"));
        let ask = match offer {
            Some(offer) if !offer.search && offer.has_operation("match") => {
                self.caller.met(Quirk::MatchOnly);
                Ask::MatchPatient(&question.patient)
            }
            _ => Ask::FindPatient(&question.patient),
        };
        let purpose = Purpose {
            step: Step::FindPatient,
            category: Some(Category::Patient),
        };
        let limits = Limits::default();
        let found = Box::pin(self.caller.call(&*self.api, purpose, ask, |reply| {
            let found = content::patients(reply, self.version, &limits)?;
            let count = found.len();
            Ok((found, count))
        }))
        .await;
        let mut found: Vec<FoundPatient> = found.map_err(Stop::from)?;
        let patients: Vec<RawResource> = found.iter().map(|found| found.resource.clone()).collect();
        let verdict = match patients.is_empty() {
            true => IdentityVerdict::Unknown,
            false => self.identity.check(question, &self.caller.holder, &patients),
        };
        let held = |detail| Err(Stop::Here(End::Failed(detail)));
        match verdict {
            IdentityVerdict::Unknown => Err(Stop::Here(End::Complete(None))),
            IdentityVerdict::Hold => held(Detail::IdentityHeld),
            IdentityVerdict::Quarantine => held(Detail::IdentityDeviates),
            IdentityVerdict::NotLinked => held(Detail::IdentityUnverified),
            IdentityVerdict::Ambiguous => held(Detail::SeveralPatients),
            IdentityVerdict::Reject => Err(Stop::All(Problem::WrongPatient)),
            IdentityVerdict::Accept { patient_id, warning } => {
                let chosen = found
                    .iter()
                    .position(|found| found.resource.id() == Some(&patient_id));
                // A verdict on a Patient that was not found is a fault of ours: nothing is shown.
                let Some(chosen) = chosen else {
                    return held(Detail::Internal);
                };
                let FoundPatient { resource, full_url } = found.swap_remove(chosen);
                let accepted = Accepted {
                    id: patient_id,
                    full_url: full_url.as_deref().map(str::to_owned),
                    bsn: question.patient.clone(),
                };
                Ok(Known {
                    patient: resource,
                    full_url,
                    accepted,
                    warning,
                })
            }
        }
    }
}

/// Why a visit ends before it began.
enum Stop {
    /// This endpoint.
    Here(End),
    /// The holder, or the question.
    All(Problem),
}

impl From<Problem> for Stop {
    fn from(problem: Problem) -> Self {
        match problem {
            Problem::WrongPatient | Problem::LedgerClosed => Stop::All(problem),
            _ => Stop::Here(problem.end()),
        }
    }
}

impl Room {
    async fn ask(
        &self,
        patient: RawResource,
        full_url: Option<Box<str>>,
        warning: bool,
        findings: &mut Findings,
    ) -> Result<(), Problem> {
        let visit = &self.visit;
        let plan = plan(
            visit.version,
            visit.api.version(),
            &visit.categories,
            visit.capabilities.as_deref(),
        );
        findings.add_all(plan.unsupported.iter().copied(), End::Unsupported);
        if warning {
            findings.add_all(
                visit.categories.iter().copied(),
                End::Complete(Some(Detail::IdentityWarning)),
            );
        }
        if visit.categories.contains(&Category::Patient) {
            findings.add(Category::Patient, self.patient(patient, full_url).await?);
        }
        // All are started in order of priority; the holder's slots let them through in that order.
        let mut groups: FuturesUnordered<_> = plan
            .groups
            .iter()
            .map(|group| Box::pin(self.group(group)))
            .collect();
        while let Some(found) = groups.next().await {
            findings.merge(found?);
        }
        Box::pin(self.read_references(findings)).await?;
        for (category, count) in self.intake().lone() {
            let counted = Finding {
                count,
                ..Finding::new(End::Complete(None))
            };
            findings.add(category, counted);
        }
        Ok(())
    }

    async fn patient(&self, patient: RawResource, full_url: Option<Box<str>>) -> Result<Finding, Problem> {
        let retrieved = self.visit.caller.clock.now();
        let taken = self.intake().patient(patient, full_url, retrieved)?;
        let count = taken.counts.get(&Category::Patient).copied().unwrap_or_default();
        let end = match self.pass_on(taken, 1).await {
            Ok(()) => End::Complete(None),
            Err(problem) => serious(problem)?.end(),
        };
        Ok(Finding {
            end,
            count,
            retrieved: Some(retrieved),
        })
    }

    /// Asks for one type: whole, or in parts when it may not be whole or the endpoint refuses that.
    async fn group(&self, group: &Group) -> Result<Findings, Problem> {
        let mut findings = Findings::default();
        let mut refusal = None;
        if let Some(whole) = &group.whole {
            let walked = Box::pin(self.walk(whole, group.priority())).await?;
            if !walked.refused || group.parts.is_empty() {
                add(&mut findings, &group.covers, &walked);
                return Ok(findings);
            }
            refusal = Some(walked.end);
        }
        let parts = group.parts.iter().map(|part| async move {
            // A source that refuses the whole wants the official queries, to the letter.
            let forms = if refusal.is_some() {
                &part.forms[part.official..]
            } else {
                &part.forms[..]
            };
            Ok::<_, Problem>((part, Box::pin(self.part(part, forms)).await?))
        });
        let mut walks: Vec<(&PartPlan, Walked)> = Vec::new();
        for walked in join_all(parts).await {
            let (part, walked) = walked?;
            walks.extend(walked.map(|walked| (part, walked)));
        }
        let accepted: BTreeSet<Category> = walks
            .iter()
            .filter(|(_, walked)| !walked.refused)
            .map(|(part, _)| part.category)
            .collect();
        if refusal.is_some() && !accepted.is_empty() {
            self.visit.caller.met(Quirk::QueryRefused);
        }
        for (part, walked) in walks {
            // One query of a category may be refused when another is answered: sources know some of them only.
            if !walked.refused || !accepted.contains(&part.category) {
                add(&mut findings, &BTreeSet::from([part.category]), &walked);
            }
        }
        // What no part stands for was refused with the whole.
        if let Some(refusal) = refusal {
            let missed: Vec<_> = group
                .covers
                .iter()
                .filter(|category| !findings.has(**category))
                .copied()
                .collect();
            findings.add_all(missed, refusal);
        }
        Ok(findings)
    }

    /// Asks a part in one form after the other, until one is not refused; `None` when there is no form to ask.
    async fn part(&self, part: &PartPlan, forms: &[Search]) -> Result<Option<Walked>, Problem> {
        let mut last = None;
        for form in forms {
            let mut walked = Box::pin(self.walk(form, part.category)).await?;
            if form.lastn && walked.end == End::Complete(None) {
                walked.end = End::Complete(Some(Detail::LatestOnly));
            }
            let is_refused = walked.refused;
            if last.is_some() && !is_refused {
                self.visit.caller.met(Quirk::QueryRefused);
            }
            last = Some(walked);
            if !is_refused {
                break;
            }
        }
        Ok(last)
    }

    /// Walks the pages of one search.
    async fn walk(&self, search: &Search, category: Category) -> Result<Walked, Problem> {
        let first = search.target(self.intake().patient_id());
        let mut walker = Walker::new(&self.base, &first, self.visit.caller.config.walk());
        let mut walked = Walked {
            end: End::Unsupported,
            refused: false,
            counts: Vec::new(),
            retrieved: None,
            again: false,
        };
        let mut seen: HashSet<Key> = HashSet::new();
        let mut next: Option<String> = None;
        loop {
            let ask = next.as_deref().map_or(Ask::Search(&first), Ask::Next);
            let movement =
                match Box::pin(self.page(ask, search, category, &mut seen, &mut walker, &mut walked)).await {
                    Ok(movement) => movement,
                    Err(Problem::Gone) if walked.retrieved.is_some() => {
                        self.visit.caller.met(Quirk::PageGone);
                        walked.again = true;
                        walker.gone()
                    }
                    Err(problem) => {
                        let problem = serious(problem)?;
                        walked.refused = problem.is_refused_query() && walked.retrieved.is_none();
                        walked.end = walked.end.max(match problem.end() {
                            // It was asked on the off chance: a rejection says that it is not there.
                            End::Failed(Detail::Rejected) if walked.refused && search.assumed => {
                                End::Unsupported
                            }
                            end => end,
                        });
                        return Ok(walked);
                    }
                };
            match movement {
                Move::Fetch(link) => next = Some(link),
                Move::Restart => next = None,
                Move::Complete => {
                    walked.end = walked.end.max(End::Complete(None));
                    return Ok(walked);
                }
                Move::Stop(reason) => {
                    walked.end = walked.end.max(stopped(reason));
                    return Ok(walked);
                }
            }
        }
    }

    /// Reads one page and passes it on.
    async fn page(
        &self,
        ask: Ask<'_>,
        search: &Search,
        category: Category,
        seen: &mut HashSet<Key>,
        walker: &mut Walker,
        walked: &mut Walked,
    ) -> Result<Move, Problem> {
        let visit = &self.visit;
        let purpose = Purpose {
            step: Step::Search,
            category: Some(category),
        };
        let limits = Limits::default();
        let read = Box::pin(visit.caller.call(&*visit.api, purpose, ask, |reply| {
            let page = content::page(reply, visit.version, &limits)?;
            let count = page.entries.len();
            Ok(((page, reply.body.len()), count))
        }));
        let (mut page, bytes) = read.await?;
        let retrieved = visit.caller.clock.now();
        let (next, total) = (page.next.take(), page.total);
        let taken = tracing::debug_span!("intake", holder = %visit.caller.holder)
            .in_scope(|| self.intake().page(page, search.kind, seen, retrieved))?;
        walked.retrieved = Some(retrieved);
        walked
            .counts
            .extend(taken.counts.iter().map(|(category, count)| (*category, *count)));
        if taken.withheld > 0 {
            walked.end = walked.end.max(End::Failed(Detail::Withheld));
        }
        if let Some(problem) = reported(&taken) {
            visit.caller.met(Quirk::ErrorInside);
            walked.end = walked.end.max(problem.end());
        }
        let facts = PageFacts {
            next: next.as_deref(),
            bytes,
            fresh: taken.fresh,
            total,
        };
        let movement = walker.page(facts);
        visit.caller.met_on_page(&taken, &movement, walked.again);
        walked.again |= movement == Move::Restart;
        self.pass_on(taken, 1).await?;
        Ok(movement)
    }

    /// Lifts and sends what was taken in, and remembers what it refers to.
    pub(super) async fn pass_on(&self, taken: Taken, depth: usize) -> Result<(), Problem> {
        if depth <= self.visit.caller.config.read_depth {
            let unread = self.intake().unread(&taken);
            self.reads().want(unread, depth);
        }
        let visit = &self.visit;
        let patience = Patience {
            deadline: visit.caller.deadline,
            stop: visit.caller.stop.clone(),
        };
        visit.caller.met_all(taken.quirks.clone());
        let lifted = lift(taken, &self.accepted, patience).await?;
        visit.caller.met_all(of_lifted(&lifted));
        visit.caller.later.put(&visit.caller.holder, &lifted);
        visit.sink.batches(lifted).await
    }

    pub(super) fn intake(&self) -> MutexGuard<'_, Intake> {
        self.intake.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn reads(&self) -> MutexGuard<'_, Reads> {
        self.reads.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Adds what a search brought to the categories that it covers.
fn add(findings: &mut Findings, covers: &BTreeSet<Category>, walked: &Walked) {
    for category in covers {
        findings.add(
            *category,
            Finding {
                end: walked.end,
                count: 0,
                retrieved: walked.retrieved,
            },
        );
    }
    for (category, count) in &walked.counts {
        findings.add(
            *category,
            Finding {
                end: End::Complete(None),
                count: *count,
                retrieved: walked.retrieved,
            },
        );
    }
}

/// Lets through what concerns one search only; what concerns more is an error.
pub(super) fn serious(problem: Problem) -> Result<Problem, Problem> {
    match problem {
        Problem::WrongPatient | Problem::LedgerClosed => Err(problem),
        _ => Ok(problem),
    }
}
