//! The answer as Server-Sent Events: `holder`, `entries`, `category`, `notice`, `completeness`, `done`.
//!
//! An answer without `done` was broken off; `problem` says why when it is known.

use bytes::Bytes;
use samenhang_reconcile::answer::{write_batch, write_closing};
use serde::Serialize;

use crate::error::Language;
use crate::fhir::outcome;
use crate::overview::body::Pen;
use crate::overview::course::{Course, News};
use crate::overview::json::append;
use crate::overview::ndjson::{Broken, one_line};
use crate::overview::release::Release;
use crate::overview::tally;
use crate::overview::version::Pieces;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct HolderData<'a> {
    ura: &'a str,
    name: &'a str,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_ms: Option<u64>,
}

#[derive(Serialize)]
struct CategoryData<'a> {
    ura: &'a str,
    category: &'static str,
    status: &'static str,
    count: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    retrieved: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'static str>,
}

#[derive(Serialize)]
struct NoticeData<'a> {
    code: &'static str,
    text: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ura: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DoneData {
    complete: usize,
    holders: usize,
    not_offered: usize,
}

/// Writes until the question has ended or the reader is gone.
pub async fn write(mut course: Course, pen: Pen, pieces: Pieces, language: Language) {
    match stream(&mut course, &pen, pieces, language).await {
        Ok(()) => pen.finish(),
        Err(Broken::Gone) => {}
        Err(Broken::Problem(problem)) => {
            let data = outcome::of_problems(vec![problem], language);
            let _ = pen.write(event("problem", data.into())).await;
        }
    }
}

async fn stream(
    course: &mut Course,
    pen: &Pen,
    mut pieces: Pieces,
    language: Language,
) -> Result<(), Broken> {
    // Opens the stream at once, so that the reader knows that the question is being asked.
    pen.write(Bytes::from_static(b": asked\n\n")).await?;
    let mut shown: Vec<Release> = Vec::new();
    while let Some(news) = course.next().await? {
        match news {
            News::HolderStarted(ura) => {
                let name = course.tally().name(&ura);
                let data = HolderData {
                    ura: ura.as_str(),
                    name: &name,
                    state: "asked",
                    duration_ms: None,
                };
                pen.write(event_of("holder", &data)).await?;
            }
            News::HolderDone(ura, duration_ms) => {
                let name = course.tally().name(&ura);
                let data = HolderData {
                    ura: ura.as_str(),
                    name: &name,
                    state: "done",
                    duration_ms: Some(duration_ms),
                };
                pen.write(event_of("holder", &data)).await?;
            }
            News::Arrived(batch) => {
                if let Some(release) = course.release(batch).await? {
                    let sent = pieces.of(&release).await?;
                    pen.write(event("entries", write_batch(&sent))).await?;
                    drop(sent);
                    shown.push(release);
                }
            }
            News::Category(ura, category, told) => {
                let data = CategoryData {
                    ura: ura.as_str(),
                    category: category.code(),
                    status: told.status.code(),
                    count: told.count,
                    retrieved: told.retrieved.map(|at| at.to_string()),
                    detail: told.detail.map(|detail| detail.code()),
                };
                pen.write(event_of("category", &data)).await?;
            }
            News::Notice(notice) => {
                let said = tally::said(&notice);
                let data = NoticeData {
                    code: said.code,
                    text: said.text(language),
                    ura: said.holder.as_ref().map(|ura| ura.as_str()),
                };
                pen.write(event_of("notice", &data)).await?;
            }
        }
    }
    let dropped = course.settle();
    for ura in &dropped {
        let data = NoticeData {
            code: "holder-withdrawn",
            text: match language {
                Language::Dutch => {
                    "wat deze bron stuurde hoort niet zeker bij deze patiënt; toon het niet meer"
                }
                Language::English => {
                    "what this holder sent is not certain to be of this patient; show it no more"
                }
            },
            ura: Some(ura.as_str()),
        };
        pen.write(event_of("notice", &data)).await?;
    }
    let together = course.together(&shown, &dropped);
    let reconciled = pieces.together(course.reconcile(together));
    let version = pieces.version();
    let statement = pieces.account(course.statement().await?);
    let closing = write_closing(&reconciled, &statement, version, &course.assembly(&reconciled));
    pen.write(event("entries", closing)).await?;
    let mut document = statement.to_outcome();
    for issue in course.ignored() {
        document = append(document, &outcome::write_issue(issue, language));
    }
    pen.write(event("completeness", document)).await?;
    let summary = statement.summary();
    let done = DoneData {
        complete: summary.complete,
        holders: summary.holders,
        not_offered: summary.not_offered,
    };
    pen.write(event_of("done", &done)).await?;
    Ok(())
}

/// An event with JSON that we serialise.
#[must_use]
pub fn event_of(name: &str, data: &impl Serialize) -> Bytes {
    // Strings and numbers in fixed shapes: serialising cannot fail.
    event(name, serde_json::to_vec(data).unwrap_or_default().into())
}

/// An event with JSON that is written.
#[must_use]
pub fn event(name: &str, json: Bytes) -> Bytes {
    let data = one_line(json);
    let mut text = Vec::with_capacity(data.len() + name.len() + 16);
    text.extend_from_slice(b"event: ");
    text.extend_from_slice(name.as_bytes());
    text.extend_from_slice(b"\ndata: ");
    text.extend_from_slice(&data);
    text.extend_from_slice(b"\n\n");
    text.into()
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::event;

    #[test]
    fn an_event_is_one_line_of_data() {
        let text = event("entries", Bytes::from_static(b"{\n \"a\": \"b\\nc\"\r\n}"));
        assert_eq!(text, "event: entries\ndata: {  \"a\": \"b\\nc\"  }\n\n");
    }
}
