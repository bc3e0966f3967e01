//! The overview as a stream of fragments, each with the place in the page that it goes to.

use std::collections::BTreeMap;

use bytes::Bytes;
use samenhang_profiles::Received;
use samenhang_reconcile::view::Views;
use samenhang_terminology::Category;
use samenhang_viewer::moment::clock_time;
use samenhang_viewer::pages::stream::{self, Swap};
use samenhang_viewer::{
    Address, Frame, Head, Lines, OverviewPage, PageError, Patient, Sections, pages, sections,
};

use super::matrix::matrix;
use super::shown::Shown;
use super::trouble;
use crate::error::{Kind, Problem};
use crate::overview::body::Pen;
use crate::overview::course::{Course, News};
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

impl From<PageError> for Broken {
    fn from(_: PageError) -> Self {
        Problem::new(Kind::Defect).into()
    }
}

/// A message whose parts htmx puts in their places.
fn parts(parts: &str) -> Bytes {
    stream::message(None, parts).into()
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
    match tell(&mut course, &pen, page).await {
        Ok(()) => pen.finish(),
        Err(Broken::Gone) => {}
        Err(Broken::Problem(problem)) => {
            // Whatever was shown goes: without a record nothing may be seen.
            if let Ok(html) = pages::trouble(&trouble(&problem, language), language) {
                let told = stream::part("#main", Swap::Inside, &html).unwrap_or_default();
                let _ = pen.write(parts(&told)).await;
            }
        }
    }
}

async fn tell(course: &mut Course, pen: &Pen, page: Page) -> Result<(), Broken> {
    let Page {
        frame,
        made_at,
        address,
    } = page;
    let language = frame.language;
    let view = Views::shipped().whole();
    let number = {
        let nothing = course.reconcile_part(Vec::new());
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
    let mut message = stream::title(&shell.title())?;
    message += &stream::part("#main", Swap::Inside, &shell.content()?)?;
    pen.write(parts(&message)).await?;
    if let Some(address) = &address {
        pen.write(stream::message(Some("place"), &address.overview()).into())
            .await?;
    }
    let mut shown: Vec<Release> = Vec::new();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut done = 0_usize;
    let mut is_told = false;
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
                    let lines: String = lines.into_iter().take(room).collect();
                    let mut message = stream::part(&format!("#{into}"), Swap::After, &lines)?;
                    message += &stream::text(&format!("[data-tally={into}]"), &count.to_string())?;
                    pen.write(parts(&message)).await?;
                }
                let is_of_patient = OF_PATIENT.contains(&release.category());
                shown.push(release);
                if is_of_patient {
                    let (so_far, line) = beside(course, &shown, address.as_ref(), language)?;
                    let html = pages::patient(&so_far, false, language)?;
                    let mut message = stream::part("#patient", Swap::Inside, &html)?;
                    if let Some((into, line)) = line {
                        let count = counts.entry(into.clone()).or_default();
                        // One line, in the place where it first came: what the next sources tell goes into it.
                        if is_told {
                            message += &stream::part("[data-patient]", Swap::Morph, &line)?;
                        } else {
                            message += &stream::part(&format!("#{into}"), Swap::After, &line)?;
                        }
                        *count += usize::from(!is_told);
                        is_told = true;
                        message += &stream::text(&format!("[data-tally={into}]"), &count.to_string())?;
                    }
                    pen.write(parts(&message)).await?;
                }
            }
            News::HolderStarted(_) | News::Notice(_) => {
                let bar = bar(&matrix(course, None, language), language)?;
                pen.write(parts(&bar)).await?;
            }
            News::HolderDone(..) => {
                done += 1;
                let mut message = bar(&matrix(course, None, language), language)?;
                message += &stream::text("#live", &pages::arrived(done, language))?;
                pen.write(parts(&message)).await?;
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
    let (head, sections) = (&merged.head, merged.sections()?);
    let mut message = bar(&head.matrix, language)?;
    message += &stream::text("#paper-who", &pages::who(&head.patient))?;
    message += &stream::text("#paper-state", &pages::state(&head.matrix, language))?;
    let patient = pages::patient(&head.patient, true, language)?;
    message += &stream::part("#patient", Swap::Inside, &patient)?;
    if let Some(address) = &head.address {
        let refresh = pages::refresh(address, language)?;
        message += &stream::part("#refresh", Swap::Inside, &refresh)?;
    }
    pen.write(parts(&message)).await?;
    let sections = stream::part("#content", Swap::Inside, &sections)?;
    pen.write(stream::message(Some("final"), &sections).into())
        .await?;
    let summary = whole.statement.summary();
    let done = format!("{}/{}", summary.complete, summary.holders);
    pen.write(stream::message(Some("done"), &done).into()).await?;
    whole.let_go();
    Ok(())
}

/// The completeness bar, to its place.
fn bar(matrix: &samenhang_viewer::Matrix, language: samenhang_viewer::Language) -> Result<String, PageError> {
    stream::part("#completeness", Swap::Morph, &pages::bar(matrix, language)?)
}

/// What stands beside the name of the patient, of what came in so far, and the line that says who it is.
fn beside(
    course: &Course,
    shown: &[Release],
    address: Option<&Address>,
    language: samenhang_viewer::Language,
) -> Result<(Patient, Option<(String, String)>), PageError> {
    let of_patient = shown
        .iter()
        .filter(|release| OF_PATIENT.contains(&release.category()));
    let items: Vec<Received> = of_patient
        .flat_map(|release| release.resources().iter().cloned())
        .collect();
    let known = course.reconcile_part(items);
    let lines = Lines::new(&known, address, language);
    let patient = Patient::of(&known, &lines, &course.question().patient, language);
    Ok((patient, pages::line_of_patient(&lines, language)?))
}
