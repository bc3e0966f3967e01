//! kill -9 at every durable boundary: nothing acknowledged is lost, nothing is applied twice.
//!
//! The test starts itself as another process, [`child`], which stops at a failpoint or is killed at a moment that nobody
//! chose. `SAMENHANG_CRASH_CYCLES=200` runs the whole of it; without it a short part runs. It is done with R4 that is kept
//! as sent, and with STU3 that goes through the maps.

mod cut;
mod feed;

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use feed::Feed;
use samenhang_profiles::{Bsn, Ura};
use samenhang_station::failpoint::NAMES;
use samenhang_station::publish::{NotTaken, Registrar};
use samenhang_station::surroundings::System;
use samenhang_station::{SourceId, Station};

use crate::scene::{config_in, number, umc};

/// Messages that are new in each cycle.
const NEW: u32 = 4;
/// Every so many patients, one is erased.
const ERASED: u32 = 5;

/// An index that is a file: a line for each call.
struct FileIndex(std::path::PathBuf);

impl FileIndex {
    fn told(&self, what: &str, patient: &Bsn) -> Result<(), NotTaken> {
        let mut file = std::fs::File::options()
            .create(true)
            .append(true)
            .open(&self.0)
            .unwrap();
        writeln!(file, "{what} {}", patient.expose()).unwrap();
        Ok(())
    }
}

#[async_trait]
impl Registrar for FileIndex {
    async fn register(&self, _: &Ura, _: &SourceId, patient: &Bsn) -> Result<(), NotTaken> {
        self.told("register", patient)
    }

    async fn deregister(&self, _: &Ura, _: &SourceId, patient: &Bsn) -> Result<(), NotTaken> {
        self.told("deregister", patient)
    }
}

pub(crate) fn say(line: &str) {
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "{line}").unwrap();
    stdout.flush().unwrap();
}

async fn open(folder: &Path, feed: Feed) -> Station {
    Station::open(&config_in(folder), feed.lift(), Arc::new(System))
        .await
        .unwrap()
}

/// Sends messages, works, publishes, erases; says what was acknowledged.
async fn live(folder: &Path, feed: Feed, messages: std::ops::Range<u32>) {
    let station = open(folder, feed).await;
    let scope = station.scope(&umc()).unwrap();
    station.resume_erasures(&scope).await.unwrap();
    station.work(&umc()).await.unwrap();
    say("ready");
    for n in messages.clone() {
        station.accept(&umc(), feed.message(n)).await.unwrap();
        say(&format!("ack {n}"));
        station.work(&umc()).await.unwrap();
    }
    let index = FileIndex(folder.join("index"));
    station.publish(&umc(), &index).await.unwrap();
    for n in messages.filter(|n| n % ERASED == 1) {
        station.erase(&scope, &number(n), "test", "test").await.unwrap();
        say(&format!("erased {n}"));
    }
    station.publish(&umc(), &index).await.unwrap();
    say("end");
}

/// Not a test by itself: the process that is killed.
#[test]
#[ignore = "the process that is killed by the other test"]
fn child() {
    let Ok(folder) = std::env::var("SAMENHANG_CRASH_FOLDER") else {
        return;
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    match std::env::var("SAMENHANG_CRASH_TASK").as_deref() {
        Ok("cut") => return runtime.block_on(cut::mend(Path::new(&folder))),
        Ok(_) => return runtime.block_on(crate::upkeep::keep_up(Path::new(&folder))),
        Err(_) => {}
    }
    let bound = |name: &str| std::env::var(name).unwrap().parse::<u32>().unwrap();
    let messages = bound("SAMENHANG_CRASH_FROM")..bound("SAMENHANG_CRASH_TO");
    let feed = Feed::told(&std::env::var("SAMENHANG_CRASH_FEED").unwrap());
    runtime.block_on(live(Path::new(&folder), feed, messages));
}

/// What a child said before its end.
#[derive(Default)]
pub(crate) struct Said {
    acknowledged: BTreeSet<u32>,
    ready_after: Option<Duration>,
    pub(crate) ended: bool,
    pub(crate) stopped_at: Option<String>,
}

/// Runs a child that sends messages to its end: its own, the failpoint's, or after so many lines.
fn run(
    folder: &Path,
    feed: Feed,
    messages: std::ops::Range<u32>,
    failpoint: Option<&str>,
    lines: Option<usize>,
) -> Said {
    let (from, to) = (messages.start.to_string(), messages.end.to_string());
    let variables = [
        ("SAMENHANG_CRASH_FEED", feed.name()),
        ("SAMENHANG_CRASH_FROM", &from),
        ("SAMENHANG_CRASH_TO", &to),
    ];
    listen(child_of(folder, &variables, failpoint), lines)
}

/// Runs a child to its end: its own, or the failpoint's.
pub(crate) fn run_child(folder: &Path, variables: &[(&str, &str)], failpoint: Option<&str>) -> Said {
    listen(child_of(folder, variables, failpoint), None)
}

fn child_of(folder: &Path, variables: &[(&str, &str)], failpoint: Option<&str>) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args([
            "--ignored",
            "--exact",
            "crash::child",
            "--nocapture",
            "--test-threads=1",
        ])
        .env("SAMENHANG_CRASH_FOLDER", folder)
        .envs(variables.iter().copied())
        .env_remove("SAMENHANG_FAILPOINT")
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit());
    if let Some(failpoint) = failpoint {
        command.env("SAMENHANG_FAILPOINT", failpoint);
    }
    command
}

/// Starts a child and kills it at its end.
fn listen(mut command: Command, lines: Option<usize>) -> Said {
    let began = Instant::now();
    let mut child = command.spawn().unwrap();
    let mut said = Said::default();
    let mut reader = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut heard = 0;
    while let Some(Ok(line)) = reader.next() {
        // The harness writes on the same line as the first thing that is said.
        let words: Vec<&str> = line
            .rsplit("... ")
            .next()
            .unwrap_or_default()
            .split(' ')
            .collect();
        match words.as_slice() {
            ["ready"] => said.ready_after = Some(began.elapsed()),
            ["ack", n] => _ = said.acknowledged.insert(n.parse().unwrap()),
            ["erased", _] => {}
            ["failpoint", name] => {
                said.stopped_at = Some((*name).to_owned());
                break;
            }
            ["end"] => said.ended = true,
            _ => continue,
        }
        heard += 1;
        // What it said before it was killed counts, also what is heard only afterwards: it may even have been done.
        if lines.is_some_and(|lines| heard == lines) {
            let _ = child.kill();
        }
    }
    // SIGKILL: the process has no say in it.
    let _ = child.kill();
    let status = child.wait().unwrap();
    assert!(
        said.ended || !status.success(),
        "a child ends by itself only when it is done"
    );
    said
}

#[test]
fn f37_kill_9_at_every_durable_boundary_loses_nothing_and_applies_nothing_twice() {
    println!("{}", kill_often(Feed::AsSent, 20));
}

#[test]
fn f37_kill_9_at_every_durable_boundary_with_messages_that_are_lifted() {
    println!("{}", kill_often(Feed::Mapped, 13));
}

#[test]
fn f37_kill_9_at_every_durable_boundary_with_deliveries_that_are_cut() {
    println!("{}", kill_often(Feed::Tables, 13));
}

/// Without `SAMENHANG_CRASH_CYCLES` it is done `few` times. Says what happened.
fn kill_often(feed: Feed, few: u32) -> String {
    let cycles: u32 = std::env::var("SAMENHANG_CRASH_CYCLES")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(few);
    let scene = tempfile::tempdir().unwrap();
    let folder = scene.path();
    config_in(folder);
    let (mut acknowledged, mut reached) = (BTreeSet::new(), BTreeSet::new());
    let mut slowest = Duration::ZERO;
    for cycle in 0..cycles {
        let messages = unacknowledged(&acknowledged).min((cycle * NEW).saturating_sub(2))..(cycle + 1) * NEW;
        let name = NAMES[cycle as usize % NAMES.len()];
        let nth = 1 + (cycle as usize / NAMES.len()) % 3;
        let failpoint = format!("{name}:{nth}");
        let said = if cycle % 7 == 6 {
            run(folder, feed, messages, None, Some(cycle as usize % 9 + 1))
        } else {
            run(folder, feed, messages, Some(&failpoint), None)
        };
        slowest = slowest.max(said.ready_after.unwrap_or_default());
        acknowledged.extend(said.acknowledged);
        reached.extend(said.stopped_at);
    }
    let last = cycles * NEW;
    let said = run(folder, feed, unacknowledged(&acknowledged)..last, None, None);
    assert!(said.ended);
    acknowledged.extend(said.acknowledged);
    let summary = format!(
        "{}: {cycles} cycles, {} acknowledged, {} erased, {} boundaries, slowest start {slowest:?}",
        feed.name(),
        acknowledged.len(),
        (0..last).filter(|n| was_erased(folder, *n)).count(),
        reached.len()
    );
    assert!(
        cycles < 20 || reached.len() == NAMES.len(),
        "each boundary was reached: {reached:?}"
    );
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(check(folder, feed, &acknowledged, last));
    summary
}

/// The first message for which there was no acknowledgement: a sender goes on from there, and so sends some again.
fn unacknowledged(acknowledged: &BTreeSet<u32>) -> u32 {
    (0..).find(|n| !acknowledged.contains(n)).unwrap_or_default()
}

/// What was acknowledged is there once, as in a station to which nothing ever happened.
async fn check(folder: &Path, feed: Feed, acknowledged: &BTreeSet<u32>, last: u32) {
    let crashed = open(folder, feed).await;
    let scope = crashed.scope(&umc()).unwrap();
    let calm = tempfile::tempdir().unwrap();
    std::fs::copy(folder.join("umc.key"), calm.path().join("umc.key")).unwrap();
    let clean = open(calm.path(), feed).await;
    let erased: Vec<u32> = (0..last)
        .filter(|n| n % ERASED == 1 && was_erased(folder, *n))
        .collect();
    for n in acknowledged {
        clean.accept(&umc(), feed.message(*n)).await.unwrap();
        let again = crashed.accept(&umc(), feed.message(*n)).await.unwrap();
        assert!(again.known, "message {n} was acknowledged and is known");
    }
    clean.work(&umc()).await.unwrap();
    let clean_scope = clean.scope(&umc()).unwrap();
    for n in &erased {
        clean
            .erase(&clean_scope, &number(*n), "test", "test")
            .await
            .unwrap();
    }
    crashed.work(&umc()).await.unwrap();
    let (a, b) = (
        crashed.status(&scope).await.unwrap(),
        clean.status(&clean_scope).await.unwrap(),
    );
    assert_eq!(a.resources, b.resources, "the same resources");
    assert_eq!(a.state, b.state, "with the same content");
    assert!(a.resources["Observation"] > 0, "{:?}", a.resources);
    // What comes for a patient who was erased is held; nothing else is.
    for problem in crashed.problems(&scope).await.unwrap() {
        assert_eq!(problem.stage, "identity", "{problem:?}");
    }
    for n in (0..last).filter(|n| acknowledged.contains(n) && !n.is_multiple_of(3)) {
        let id = format!("o{n}-0");
        let versions = crashed.versions(&scope, "Observation", &id).await.unwrap();
        let expected = clean.versions(&clean_scope, "Observation", &id).await.unwrap();
        assert_eq!(versions.len(), expected.len(), "{id} has each version once");
    }
    let checked = crashed.fsck(&scope).await.unwrap();
    assert!(checked.damaged.is_empty(), "{:?}", checked.damaged);
    let expected = clean.fsck(&clean_scope).await.unwrap();
    assert_eq!(checked.versions, expected.versions, "each version once");
}

/// Whether the index was told to forget a patient.
fn was_erased(folder: &Path, n: u32) -> bool {
    let told = std::fs::read_to_string(folder.join("index")).unwrap_or_default();
    let line = format!("deregister {}", number(n).expose());
    told.lines().any(|said| said == line)
}
