//! Keeps the replica up to date (section 2.2): a first load, then changes since the watermark, strictly in sequence.
//!
//! An update is taken as a whole or not at all: the watermark moves, and readers see it, only when everything is in.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::replica::Replica;
use super::{Directory, Readiness, read, store};
use crate::clock::{Clock, Random, random_fraction};
use crate::config::DirectoryConfig;
use crate::error::{GatherError, Service};
use crate::http::{Answer, Http, Outgoing, Peer, Target};
use crate::oauth::pin;

/// The types, in the order in which they are asked for.
const TYPES: [&str; 5] = [
    "Organization",
    "Location",
    "HealthcareService",
    "Endpoint",
    "OrganizationAffiliation",
];
/// How often a page is asked for.
const TRIES: u32 = 5;
/// The longest wait between two tries.
const LONGEST_WAIT: Duration = Duration::from_secs(300);

/// What an update did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct UpdateReport {
    /// Whether everything was loaded, not only what changed.
    pub full: bool,
    /// Pages read.
    pub pages: usize,
    /// Versions of resources seen.
    pub resources: usize,
    /// Resources that could not be read; they are not in the replica.
    pub unreadable: usize,
}

/// Keeps a [`Directory`] up to date.
pub struct Updater {
    directory: Arc<Directory>,
    http: Http,
    peer: Peer,
    file: Option<PathBuf>,
    interval: Duration,
    backoff: Duration,
    timeout: Duration,
    max_pages: usize,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl Updater {
    /// Sets up a directory and its updater, with what was kept in the file.
    ///
    /// # Errors
    /// [`GatherError`] when the address of the directory cannot be used.
    pub fn new(
        http: Http,
        config: &DirectoryConfig,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Result<Self, GatherError> {
        let peer = pin(&http, &config.url, Service::Directory)?;
        let max_age = SignedDuration::from_secs(i64::try_from(config.max_age_s).unwrap_or(i64::MAX));
        let directory = Arc::new(Directory::new(max_age, Arc::clone(&clock)));
        if let Some(replica) = config
            .replica_file
            .as_deref()
            .and_then(|path| store::load(path, peer.base()))
        {
            directory.replace(replica);
        }
        Ok(Updater {
            directory,
            http,
            peer,
            file: config.replica_file.clone(),
            interval: Duration::from_secs(config.interval_s.max(1)),
            backoff: Duration::from_millis(config.backoff_ms.max(1)),
            timeout: Duration::from_millis(config.timeout_ms),
            max_pages: config.max_pages,
            clock,
            random,
        })
    }

    /// The directory that is kept up to date.
    #[must_use]
    pub fn directory(&self) -> &Arc<Directory> {
        &self.directory
    }

    /// Updates again and again until it is stopped: at the interval with a random offset, sooner after a failure.
    pub async fn run(&self, stop: CancellationToken) {
        let mut failures = 0;
        loop {
            let updated = tokio::select! {
                () = stop.cancelled() => return,
                updated = Box::pin(self.update()) => updated,
            };
            let wait = match updated {
                Ok(report) => {
                    failures = 0;
                    tracing::debug!(
                        service = "directory",
                        count = report.resources,
                        "the directory is up to date"
                    );
                    // Between 90 % and 110 %, so that not every party of the country asks at once.
                    self.interval.mul_f64(0.9 + 0.2 * random_fraction(&*self.random))
                }
                Err(error) => {
                    tracing::warn!(
                        service = "directory",
                        code = error.cause_code(),
                        "the directory was not updated"
                    );
                    failures += 1;
                    self.wait(failures).min(self.interval)
                }
            };
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    /// Updates once. The first time everything is loaded, and then what changed meanwhile.
    ///
    /// # Errors
    /// [`GatherError`]: the replica and its watermark are as before. With [`GatherError::DirectoryFile`] the update
    /// itself was taken, but not kept on disk.
    pub async fn update(&self) -> Result<UpdateReport, GatherError> {
        let began = self.clock.now();
        let mut report = UpdateReport::default();
        let mut replica = (*self.directory.current()).clone();
        let mut since = match replica.watermark {
            Some(watermark) if self.directory.readiness() != Readiness::Loading => watermark,
            _ => {
                replica = Replica::default();
                report.full = true;
                self.load(&mut replica, &mut report).await?
            }
        };
        if let Some(later) = self.changes(&mut replica, since, &mut report).await? {
            // The directory's clock may stand still or go back; the watermark does not.
            since = since.max(later);
        }
        replica.watermark = Some(since);
        replica.updated_at = Some(began);
        let saved = self.save(replica.clone()).await;
        self.directory.replace(replica);
        saved.map(|()| report)
    }

    async fn save(&self, replica: Replica) -> Result<(), GatherError> {
        let Some(path) = self.file.clone() else {
            return Ok(());
        };
        let source = self.peer.base().to_owned();
        tokio::task::spawn_blocking(move || store::save(&path, &source, &replica))
            .await
            .unwrap_or(Err(GatherError::DirectoryFile("the writer has stopped")))
    }

    /// Loads every type, without parameters. Tells from when changes are to be asked for: the time of the first page.
    async fn load(&self, replica: &mut Replica, report: &mut UpdateReport) -> Result<Timestamp, GatherError> {
        let mut from = None;
        for kind in TYPES {
            let first = self.pages(kind.to_owned(), replica, report).await?;
            from = from.or(first);
        }
        from.ok_or(GatherError::Answer {
            service: Service::Directory,
            what: "its first page does not say its time",
        })
    }

    /// Takes in what changed since a moment. Tells the time of the first page.
    async fn changes(
        &self,
        replica: &mut Replica,
        since: Timestamp,
        report: &mut UpdateReport,
    ) -> Result<Option<Timestamp>, GatherError> {
        let mut first = None;
        for (at, kind) in TYPES.into_iter().enumerate() {
            let time = self
                .pages(format!("{kind}/_history?_since={since}"), replica, report)
                .await?;
            if at == 0 {
                first = time;
            }
        }
        Ok(first)
    }

    async fn pages(
        &self,
        start: String,
        replica: &mut Replica,
        report: &mut UpdateReport,
    ) -> Result<Option<Timestamp>, GatherError> {
        let wrong = |what| GatherError::Answer {
            service: Service::Directory,
            what,
        };
        let mut first = None;
        let mut seen = HashSet::new();
        let mut next: Option<String> = None;
        loop {
            let target = next.as_deref().map_or(Target::Path(&start), Target::Link);
            let answer = self.page(target).await?;
            let page = read::page(&answer.body)?;
            if seen.is_empty() {
                first = page.last_updated;
            }
            report.pages += 1;
            for entry in &page.entries {
                match (&entry.resource, &entry.deleted) {
                    (Some(resource), _) => {
                        report.resources += 1;
                        if !replica.apply(resource, entry.modified) {
                            report.unreadable += 1;
                        }
                    }
                    (None, Some(name)) => replica.remove(name),
                    (None, None) => {}
                }
            }
            let Some(link) = page.next else {
                return Ok(first);
            };
            if !seen.insert(link.clone()) {
                return Err(wrong("its pages go round"));
            }
            if seen.len() >= self.max_pages {
                return Err(wrong("it has too many pages"));
            }
            next = Some(link);
        }
    }

    /// Asks for one page: waits as told after 429, and ever longer after a failure on the way (step 5).
    async fn page(&self, target: Target<'_>) -> Result<Answer, GatherError> {
        let mut tries = 0;
        loop {
            tries += 1;
            let outgoing = Outgoing::get(target).accept("application/fhir+json");
            let sent = self
                .http
                .send(&self.peer, outgoing, Instant::now() + self.timeout)
                .await;
            let (error, wait) = match sent {
                Ok(answer) if answer.status == 200 => return Ok(answer),
                Ok(answer) => {
                    let wait = answer.retry_after(self.clock.now());
                    let error = GatherError::Status {
                        service: Service::Directory,
                        status: answer.status,
                    };
                    (error, wait)
                }
                Err(source) => {
                    let error = GatherError::Unreachable {
                        service: Service::Directory,
                        source,
                    };
                    (error, None)
                }
            };
            let again = error.is_transient() || matches!(error, GatherError::Status { status: 429, .. });
            if !again || tries >= TRIES {
                return Err(error);
            }
            let wait = wait.unwrap_or_else(|| self.wait(tries)).min(LONGEST_WAIT);
            tokio::time::sleep(wait).await;
        }
    }

    /// Exponential backoff with jitter: between half and all of it.
    fn wait(&self, failures: u32) -> Duration {
        let whole = self
            .backoff
            .saturating_mul(2_u32.saturating_pow(failures.saturating_sub(1)))
            .min(LONGEST_WAIT);
        whole.mul_f64(0.5 + 0.5 * random_fraction(&*self.random))
    }
}
