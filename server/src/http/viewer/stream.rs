//! The overview as a stream of fragments, each with the place in the page that it goes to.

use bytes::Bytes;
use samenhang_viewer::{Frame, OverviewPage, PageError, item, pages};
use serde::Serialize;

use super::{clock_time, matrix, trouble};
use crate::error::{Kind, Problem};
use crate::overview::body::Pen;
use crate::overview::course::{Course, News};
use crate::overview::events::event_of;
use crate::overview::ndjson::Broken;
use crate::overview::release::Release;

/// HTML and the id of the element that it goes to.
#[derive(Serialize)]
struct Fragment<'a> {
    into: &'a str,
    mode: &'static str,
    html: String,
}

impl From<PageError> for Broken {
    fn from(_: PageError) -> Self {
        Problem::new(Kind::Defect).into()
    }
}

fn replace(event: &str, into: &str, html: String) -> Bytes {
    event_of(
        event,
        &Fragment {
            into,
            mode: "replace",
            html,
        },
    )
}

/// Writes until the question has ended or the reader is gone.
pub(super) async fn write(mut course: Course, pen: Pen, frame: Frame, made_at: String) {
    match stream(&mut course, &pen, &frame, made_at).await {
        Ok(()) => pen.finish(),
        Err(Broken::Gone) => {}
        Err(Broken::Problem(problem)) => {
            // Whatever was shown goes: without a record nothing may be seen.
            if let Ok(html) = pages::trouble(&trouble(&problem, frame.language), frame.language) {
                let _ = pen.write(replace("fragment", "main", html)).await;
            }
        }
    }
}

async fn stream(course: &mut Course, pen: &Pen, frame: &Frame, made_at: String) -> Result<(), Broken> {
    let language = frame.language;
    let mut page = OverviewPage {
        frame: frame.clone(),
        made_at,
        matrix: matrix(course, None, language),
        shown_again: course.from_memory().map(clock_time),
        items: Vec::new(),
        categories: course.tally().asked().iter().copied().collect(),
    };
    pen.write(replace("fragment", "main", page.content()?)).await?;
    let mut shown: Vec<Release> = Vec::new();
    while let Some(news) = course.next().await? {
        match news {
            News::Arrived(batch) => {
                let Some(release) = course.release(batch).await? else {
                    continue;
                };
                let items = item::of_batch(release.category(), release.resources(), language);
                for (into, html) in pages::fragments(&items, language)? {
                    pen.write(event_of(
                        "fragment",
                        &Fragment {
                            into: &into,
                            mode: "append",
                            html,
                        },
                    ))
                    .await?;
                }
                shown.push(release);
            }
            News::HolderStarted(_) | News::HolderDone(..) | News::Notice(_) => {
                let bar = pages::bar(&matrix(course, None, language), language)?;
                pen.write(replace("fragment", "completeness", bar)).await?;
            }
            News::Category(..) => {}
        }
    }
    let dropped = course.settle();
    let together = course.together(&shown, &dropped);
    let reconciled = course.reconcile(together);
    let statement = course.statement().await?;
    page.matrix = matrix(course, Some(&statement), language);
    page.items = item::of_answer(&reconciled, language);
    pen.write(replace(
        "fragment",
        "completeness",
        pages::bar(&page.matrix, language)?,
    ))
    .await?;
    pen.write(replace("final", "content", page.sections()?)).await?;
    let summary = statement.summary();
    pen.write(event_of("done", &[summary.complete, summary.holders]))
        .await?;
    Ok(())
}
