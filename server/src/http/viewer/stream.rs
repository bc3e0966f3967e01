//! The overview as a stream of fragments, each with the place in the page that it goes to.

use std::collections::BTreeMap;

use bytes::Bytes;
use samenhang_profiles::Received;
use samenhang_reconcile::view::Views;
use samenhang_terminology::Category;
use samenhang_viewer::moment::clock_time;
use samenhang_viewer::{
    Address, Frame, Head, Lines, OverviewPage, PageError, Patient, Sections, pages, sections,
};
use serde::Serialize;

use super::matrix::matrix;
use super::shown::Shown;
use super::trouble;
use crate::error::{Kind, Problem};
use crate::overview::body::Pen;
use crate::overview::course::{Course, News};
use crate::overview::events::event_of;
use crate::overview::json::Whole;
use crate::overview::ndjson::Broken;
use crate::overview::release::Release;

/// What stands beside the name of the patient comes from these.
const OF_PATIENT: [Category; 4] = [
    Category::Patient,
    Category::Alert,
    Category::Consent,
    Category::AdvanceDirective,
];

/// HTML and the id of the element that it goes to.
#[derive(Serialize)]
struct Fragment<'a> {
    into: &'a str,
    mode: &'static str,
    html: String,
    /// How many lines the section has, also when not all of them are shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<usize>,
}

/// Where the page can be visited again.
#[derive(Serialize)]
struct Place {
    address: String,
}

/// A text for who cannot see that something came in.
#[derive(Serialize)]
struct Notice {
    text: String,
}

/// What stands on every sheet of paper, as text.
#[derive(Serialize)]
struct Paper {
    who: String,
    state: String,
}

impl From<PageError> for Broken {
    fn from(_: PageError) -> Self {
        Problem::new(Kind::Defect).into()
    }
}

fn replace(event: &str, into: &str, html: String) -> Bytes {
    let fragment = Fragment {
        into,
        mode: "replace",
        html,
        count: None,
    };
    event_of(event, &fragment)
}

/// The page into which it streams.
pub(super) struct Page {
    pub(super) frame: Frame,
    pub(super) made_at: String,
    pub(super) address: Option<Address>,
}

/// Writes until the question has ended or the reader is gone.
pub(super) async fn write(mut course: Course, pen: Pen, page: Page) {
    let language = page.frame.language;
    match stream(&mut course, &pen, page).await {
        Ok(()) => pen.finish(),
        Err(Broken::Gone) => {}
        Err(Broken::Problem(problem)) => {
            // Whatever was shown goes: without a record nothing may be seen.
            if let Ok(html) = pages::trouble(&trouble(&problem, language), language) {
                let _ = pen.write(replace("fragment", "main", html)).await;
            }
        }
    }
}

async fn stream(course: &mut Course, pen: &Pen, page: Page) -> Result<(), Broken> {
    let Page {
        frame,
        made_at,
        address,
    } = page;
    let language = frame.language;
    let view = Views::shipped().whole();
    let number = {
        let nothing = course.reconcile(Vec::new());
        let lines = Lines::new(&nothing, None, language);
        Patient::of(&nothing, &lines, &course.question().patient, language)
    };
    let head = Head {
        made_at: made_at.clone(),
        shown_again: course.from_memory().map(clock_time),
        patient: number,
        matrix: matrix(course, None, language),
        address: address.clone(),
        page: pages::Page::Overview,
        view,
    };
    let shell = OverviewPage {
        frame: frame.clone(),
        sections: Sections::awaited(view, &head.matrix, language),
        head,
    };
    pen.write(replace("fragment", "main", shell.content()?)).await?;
    if let Some(address) = &address {
        let place = Place {
            address: address.overview(),
        };
        pen.write(event_of("place", &place)).await?;
    }
    let mut shown: Vec<Release> = Vec::new();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut done = 0_usize;
    while let Some(news) = course.next().await? {
        match news {
            News::Arrived(batch) => {
                let Some(release) = course.release(batch).await? else {
                    continue;
                };
                let groups = pages::fragments(release.resources(), address.as_ref(), language)?;
                for (into, lines) in groups {
                    let count = counts.entry(into.clone()).or_default();
                    // The rest is counted: the page stays small, however much there is.
                    let room = sections::FIRST.saturating_sub(*count);
                    *count += lines.len();
                    let fragment = Fragment {
                        into: &into,
                        mode: "append",
                        html: lines.into_iter().take(room).collect(),
                        count: Some(*count),
                    };
                    pen.write(event_of("fragment", &fragment)).await?;
                }
                let is_of_patient = OF_PATIENT.contains(&release.category());
                shown.push(release);
                if is_of_patient {
                    let so_far = beside(course, &shown, address.as_ref(), language);
                    let html = pages::patient(&so_far, false, language)?;
                    pen.write(replace("fragment", "patient", html)).await?;
                }
            }
            News::HolderStarted(_) | News::Notice(_) => {
                let bar = pages::bar(&matrix(course, None, language), language)?;
                pen.write(replace("fragment", "completeness", bar)).await?;
            }
            News::HolderDone(..) => {
                done += 1;
                let bar = pages::bar(&matrix(course, None, language), language)?;
                pen.write(replace("fragment", "completeness", bar)).await?;
                let text = pages::arrived(done, language);
                pen.write(event_of("notice", &Notice { text })).await?;
            }
            News::Category(..) => {}
        }
    }
    let dropped = course.settle();
    let together = course.together(&shown, &dropped);
    let reconciled = course.reconcile(together);
    let statement = course.statement().await?;
    let whole = Whole {
        reconciled,
        statement,
        permits: Vec::new(),
    };
    let merged = Shown {
        course,
        whole: &whole,
        address,
        made_at,
        view,
    };
    let merged = merged.overview(&frame);
    let bar = pages::bar(&merged.head.matrix, language)?;
    pen.write(replace("fragment", "completeness", bar)).await?;
    let paper = Paper {
        who: pages::who(&merged.head.patient),
        state: pages::state(&merged.head.matrix, language),
    };
    pen.write(event_of("paper", &paper)).await?;
    let html = pages::patient(&merged.head.patient, true, language)?;
    pen.write(replace("fragment", "patient", html)).await?;
    pen.write(replace("final", "content", merged.sections()?)).await?;
    let summary = whole.statement.summary();
    pen.write(event_of("done", &[summary.complete, summary.holders]))
        .await?;
    whole.let_go();
    Ok(())
}

/// What stands beside the name of the patient, of what came in so far.
fn beside(
    course: &Course,
    shown: &[Release],
    address: Option<&Address>,
    language: samenhang_viewer::Language,
) -> Patient {
    let of_patient = shown
        .iter()
        .filter(|release| OF_PATIENT.contains(&release.category()));
    let items: Vec<Received> = of_patient
        .flat_map(|release| release.resources().iter().cloned())
        .collect();
    let known = course.reconcile(items);
    let lines = Lines::new(&known, address, language);
    Patient::of(&known, &lines, &course.question().patient, language)
}
