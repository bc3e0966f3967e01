//! A country in which something breaks: how it answered before, and what must hold after.

use std::collections::{BTreeMap, BTreeSet};

use samenhang_profiles::Ura;
use samenhang_server::demo::DemoOptions;
use samenhang_terminology::Category;
use samenhang_testbed::journal::Entry;
use samenhang_testbed::{Journal, ServiceId};

use crate::answer::{Answer, Row};
use crate::country::{Country, P1};

/// Retries that a holder may see before any request has earned one: the server's default.
const RESERVE: usize = 3;

/// A country that has answered one question without faults.
pub(super) struct Scene {
    pub(super) country: Country,
    pub(super) before: Answer,
    usual: BTreeMap<String, usize>,
}

/// The service of a holder's FHIR endpoints.
pub(super) fn source(ura: &str) -> ServiceId {
    ServiceId::Source(ura.parse::<Ura>().expect("a URA"))
}

/// The service of a holder's authorization server.
pub(super) fn authorization(ura: &str) -> ServiceId {
    ServiceId::Authorization(ura.parse::<Ura>().expect("a URA"))
}

/// A country whose server has other settings.
pub(super) async fn tuned(settings: &str) -> Country {
    let overlay = settings.parse().expect("settings in TOML");
    let options = DemoOptions {
        overlay,
        ..DemoOptions::default()
    };
    Country::with(options).await
}

impl Scene {
    pub(super) async fn start() -> Self {
        Scene::of(Country::start().await).await
    }

    /// A scene whose server has other settings.
    pub(super) async fn tuned(settings: &str) -> Self {
        Scene::of(tuned(settings).await).await
    }

    /// A country that meets a fault in its very first question, when nothing is known or kept: that answer, what was
    /// asked for it, and the scene with the fault taken away.
    pub(super) async fn first(
        country: Country,
        service: ServiceId,
        fault: &str,
    ) -> (Self, Answer, Vec<Entry>) {
        country.fault(service, fault);
        let answer = country.ask(P1).await;
        let entries = country.demo.testbed().journal().entries();
        country.demo.testbed().faults().clear_all();
        (Scene::of(country).await, answer, entries)
    }

    async fn of(country: Country) -> Self {
        let journal = country.demo.testbed().journal();
        journal.clear();
        let before = country.ask(P1).await;
        let mut usual: BTreeMap<String, usize> = BTreeMap::new();
        for entry in journal.entries() {
            match &entry.service {
                // A statement is asked for once and kept.
                ServiceId::Source(ura) if !entry.path.ends_with("/metadata") => {
                    *usual.entry(ura.to_string()).or_default() += 1;
                }
                _ => {}
            }
        }
        assert_eq!(before.status, 200, "{}", before.text);
        assert!(
            before.headers["samenhang-completeness"].starts_with("5/5"),
            "{:?}",
            before.rows()
        );
        Scene {
            country,
            before,
            usual,
        }
    }

    pub(super) fn journal(&self) -> &Journal {
        self.country.demo.testbed().journal()
    }

    /// Switches a fault of a holder's FHIR source on.
    pub(super) fn spoil(&self, ura: &str, fault: &str) {
        self.country.source_fault(ura, fault);
    }

    /// Asks about P1, with an empty journal.
    pub(super) async fn ask(&self) -> Answer {
        self.journal().clear();
        self.country.ask(P1).await
    }

    /// How many requests a holder's FHIR source got in the last question.
    pub(super) fn calls(&self, ura: &str) -> usize {
        self.journal().of(&source(ura)).len()
    }

    /// How many requests it takes to ask a holder for everything, when nothing goes wrong.
    pub(super) fn usual(&self, ura: &str) -> usize {
        self.usual[ura]
    }

    /// What holds whatever happens to these holders: the others answered as before, every cell is there once, nothing
    /// looks like a count of all there is, and nobody was asked again and again.
    pub(super) fn rest_is_whole(&self, answer: &Answer, broken: &[&str]) {
        self.others_alike(answer, broken);
        nobody_is_pressed(&self.journal().entries(), broken);
    }

    /// The part of [`Scene::rest_is_whole`] that the answer itself tells.
    pub(super) fn others_alike(&self, answer: &Answer, broken: &[&str]) {
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(answer.json["resourceType"], "Bundle");
        assert!(answer.json.get("total").is_none(), "no total");
        let rows = answer.rows();
        let cells: BTreeSet<_> = rows.iter().map(|row| (&row.holder, &row.category)).collect();
        assert_eq!(cells.len(), rows.len(), "a cell twice");
        assert_eq!(holders(&rows), holders(&self.before.rows()), "the same holders");
        assert_eq!(
            rows.len(),
            holders(&rows).len() * Category::ALL.len(),
            "a cell missing"
        );
        for ura in holders(&rows)
            .iter()
            .filter(|ura| !broken.contains(&ura.as_str()))
        {
            self.answered(answer, ura);
        }
    }

    /// The holder answered as if nothing had happened.
    pub(super) fn answered(&self, answer: &Answer, ura: &str) {
        let (now, before) = (answer.rows(), self.before.rows());
        let other: Vec<_> = of(&now, ura)
            .into_iter()
            .filter(|row| !before.contains(row))
            .collect();
        assert!(other.is_empty(), "rows of {ura}: {other:?}");
        assert_eq!(
            addresses(answer, ura),
            addresses(&self.before, ura),
            "data of {ura}"
        );
    }

    /// Nothing of the holder is shown, and every cell of it says why; what it is known not to offer stays that.
    pub(super) fn nothing_of(&self, answer: &Answer, ura: &str, status: &str, detail: &str) {
        assert_eq!(answer.of(ura).count(), 0, "data of {ura}");
        let not_offered: Vec<Row> = self
            .before
            .rows()
            .into_iter()
            .filter(|row| row.status == "unsupported")
            .collect();
        for row in answer
            .rows()
            .iter()
            .filter(|row| row.holder == ura && !not_offered.contains(row))
        {
            assert_eq!(
                (row.status.as_str(), row.detail.as_deref()),
                (status, Some(detail)),
                "{row:?}"
            );
        }
        let complete = answer.headers["samenhang-completeness"].clone();
        assert!(!complete.starts_with("5/5"), "{complete}");
    }

    pub(super) async fn stop(self) {
        self.country.stop().await;
    }

    /// A fault of which only one kind of data of a holder suffers: its row says so, none of it is shown, and the rest of
    /// the holder is there. `fault` is for the paths of `AllergyIntolerance`.
    pub(super) async fn loses_one_search(self, ura: &str, fault: &str, status: &str) {
        self.spoil(ura, fault);
        let answer = self.ask().await;
        self.rest_is_whole(&answer, &[ura]);
        assert_eq!(
            answer.status_of(ura, "AllergyIntolerance").as_deref(),
            Some(status)
        );
        assert_eq!(answer.status_of(ura, "Condition").as_deref(), Some("answered"));
        assert!(
            answer
                .of(ura)
                .all(|entry| entry["resource"]["resourceType"] != "AllergyIntolerance")
        );
        self.stop().await;
    }
}

/// A holder fails as a whole: nothing of it is shown, every cell says why, and it was asked so often. Gives the answer.
pub(super) async fn fails(ura: &str, fault: &str, status: &str, detail: &str, calls: usize) -> Answer {
    let scene = Scene::start().await;
    scene.spoil(ura, fault);
    let answer = scene.ask().await;
    scene.rest_is_whole(&answer, &[ura]);
    scene.nothing_of(&answer, ura, status, detail);
    assert_eq!(scene.calls(ura), calls, "calls to {ura}");
    scene.stop().await;
    answer
}

/// One call to a holder fails and is made good.
pub(super) async fn recovers(ura: &str, fault: &str) {
    let scene = Scene::start().await;
    scene.spoil(ura, fault);
    let answer = scene.ask().await;
    scene.rest_is_whole(&answer, &[ura]);
    scene.answered(&answer, ura);
    assert_eq!(scene.calls(ura), scene.usual(ura) + 1, "one retry");
    scene.stop().await;
}

/// I5: the same request is sent twice at most and seldom, and to a holder that works only once.
fn nobody_is_pressed(entries: &[Entry], broken: &[&str]) {
    let mut requests: BTreeMap<&str, BTreeMap<String, usize>> = BTreeMap::new();
    for entry in entries {
        if let ServiceId::Source(ura) = &entry.service {
            let request = format!("{} {} {}", entry.method, entry.target(), entry.text());
            *requests
                .entry(ura.as_str())
                .or_default()
                .entry(request)
                .or_default() += 1;
        }
    }
    for (ura, requests) in requests {
        let again = requests.values().sum::<usize>() - requests.len();
        let (most, budget) = if broken.contains(&ura) {
            (2, RESERVE + requests.len() / 5)
        } else {
            (1, 0)
        };
        // What was asked is not printed: a body may hold a number.
        let oftenest = requests.values().max().copied().unwrap_or_default();
        assert!(oftenest <= most, "{ura}: one request {oftenest} times");
        assert!(
            again <= budget,
            "{ura}: {again} repeats of {} requests",
            requests.len()
        );
    }
}

fn holders(rows: &[Row]) -> BTreeSet<String> {
    rows.iter().map(|row| row.holder.clone()).collect()
}

fn of<'a>(rows: &'a [Row], ura: &str) -> Vec<&'a Row> {
    rows.iter().filter(|row| row.holder == ura).collect()
}

/// Addresses of what a holder gave.
pub(super) fn addresses(answer: &Answer, ura: &str) -> BTreeSet<String> {
    answer
        .of(ura)
        .filter_map(|entry| entry["fullUrl"].as_str())
        .map(str::to_owned)
        .collect()
}

/// Details of a holder's rows with this status, without repeats.
pub(super) fn details(answer: &Answer, ura: &str, status: &str) -> BTreeSet<String> {
    answer
        .rows()
        .into_iter()
        .filter(|row| row.holder == ura && row.status == status)
        .filter_map(|row| row.detail)
        .collect()
}
