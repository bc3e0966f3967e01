//! Asks the configured terminology server about codes that are not known here, between the two passes of a run.
//!
//! First everything is judged and the questions are noted; then the server is asked, in as few calls as it takes; then
//! what had questions is judged again. Nothing but a value set, a system and a code goes to the server, and a code
//! that may be about a person does not go at all ([`samenhang_terminology::deferred`]). A server that fails makes
//! nothing invalid and nothing valid: what it would have judged is unchecked, and it is left alone for a while.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use samenhang_gather::error::GatherError;
use samenhang_gather::terminology::TerminologyServer;
use samenhang_profiles::FhirVersion;
use samenhang_terminology::answer::Unknown;
use samenhang_terminology::deferred::{Answers, Deferring, Question};
use samenhang_terminology::{Catalogue, Membership, Terminology};
use tokio::time::Instant;

/// Answers that are kept for later texts.
const MOST_ANSWERS: usize = 100_000;

/// How long a server that failed is left alone.
pub(super) const PAUSE: Duration = Duration::from_secs(30);

/// What one text asks of a terminology server, and what came of it.
pub struct Asking {
    stu3: Deferring<Arc<Catalogue>>,
    r4: Deferring<Arc<Catalogue>>,
}

impl Asking {
    pub(super) fn new(stu3: Deferring<Arc<Catalogue>>, r4: Deferring<Arc<Catalogue>>) -> Self {
        Asking { stu3, r4 }
    }

    /// The terminology of a version, which notes what it does not know.
    pub(super) fn of(&self, version: FhirVersion) -> &dyn Terminology {
        match version {
            FhirVersion::Stu3 => &self.stu3,
            FhirVersion::R4 => &self.r4,
        }
    }

    fn take(&mut self) -> [Vec<Question>; 2] {
        [self.stu3.take_questions(), self.r4.take_questions()]
    }

    fn settle(&mut self, [stu3, r4]: [Vec<Question>; 2], answer: impl Fn(&Question) -> Membership) {
        for question in stu3 {
            let answer = answer(&question);
            self.stu3.settle(question, answer);
        }
        for question in r4 {
            let answer = answer(&question);
            self.r4.settle(question, answer);
        }
    }
}

/// A terminology server, with what it answered so far. Share it.
pub struct Consultant {
    server: TerminologyServer,
    answers: Arc<Answers>,
    resumes: Mutex<Option<Instant>>,
}

/// What became of the questions of a run.
#[derive(Debug, PartialEq, Eq)]
pub struct Consulted {
    /// For each text whether it had questions, and so is to be judged again.
    pub again: Vec<bool>,
    /// Why the server gave no answers, when it was asked and failed.
    pub failure: Option<GatherError>,
}

impl Consultant {
    /// A consultant with a server.
    #[must_use]
    pub fn new(server: TerminologyServer) -> Self {
        Consultant {
            server,
            answers: Arc::new(Answers::new(MOST_ANSWERS)),
            resumes: Mutex::default(),
        }
    }

    /// The answers so far.
    #[must_use]
    pub fn answers(&self) -> &Arc<Answers> {
        &self.answers
    }

    /// Has the questions of some texts answered, all together and each once.
    pub async fn consult(&self, askings: &mut [Asking]) -> Consulted {
        let taken: Vec<[Vec<Question>; 2]> = askings.iter_mut().map(Asking::take).collect();
        let again = taken.iter().map(|taken| taken.iter().any(|of| !of.is_empty()));
        let again: Vec<bool> = again.collect();
        let open: BTreeSet<&Question> = taken.iter().flatten().flatten().collect();
        let open: Vec<Question> = open.into_iter().cloned().collect();
        let (answers, failure) = match self.ask(&open).await {
            Ok(answers) => (answers, None),
            Err(failure) => (Vec::new(), failure),
        };
        let answered: BTreeMap<&Question, Membership> = open.iter().zip(answers).collect();
        for (asking, taken) in askings.iter_mut().zip(taken) {
            asking.settle(taken, |question| {
                let silent = Membership::Unknown(Unknown::ServerSilent);
                answered.get(question).copied().unwrap_or(silent)
            });
        }
        Consulted { again, failure }
    }

    /// The answers; or none, with the reason when it is a new one.
    async fn ask(&self, questions: &[Question]) -> Result<Vec<Membership>, Option<GatherError>> {
        if questions.is_empty() {
            return Ok(Vec::new());
        }
        let now = Instant::now();
        let rests = self.resumes().is_some_and(|resumes| now < resumes);
        if rests {
            return Err(None);
        }
        self.server.ask(questions).await.map_err(|error| {
            *self.resumes() = Some(Instant::now() + PAUSE);
            Some(error)
        })
    }

    fn resumes(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        self.resumes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
