//! The answer as NDJSON: one Bundle a line as holders answer, then what belongs together, then what is missing.
//!
//! The last line is always the completeness statement; an answer without it was broken off.

use bytes::Bytes;
use samenhang_reconcile::answer::{write_batch, write_closing};

use crate::error::{Language, Problem};
use crate::fhir::outcome;
use crate::overview::body::{Gone, Pen};
use crate::overview::course::{Course, News};
use crate::overview::json::append;
use crate::overview::release::Release;
use crate::overview::version::Pieces;

/// Writes until the question has ended or the reader is gone.
pub async fn write(mut course: Course, pen: Pen, pieces: Pieces, language: Language) {
    match lines(&mut course, &pen, pieces, language).await {
        Ok(()) => pen.finish(),
        Err(Broken::Gone) => {}
        Err(Broken::Problem(problem)) => {
            // Dropping the pen unfinished breaks the connection off after this line.
            let line = outcome::of_problems(vec![problem], language);
            let _ = pen.write(line_of(line.into())).await;
        }
    }
}

/// Why an answer is broken off.
pub enum Broken {
    /// The reader went away.
    Gone,
    /// The answer must not go on.
    Problem(Problem),
}

impl From<Gone> for Broken {
    fn from(_: Gone) -> Self {
        Broken::Gone
    }
}

impl From<Problem> for Broken {
    fn from(problem: Problem) -> Self {
        Broken::Problem(problem)
    }
}

async fn lines(course: &mut Course, pen: &Pen, mut pieces: Pieces, language: Language) -> Result<(), Broken> {
    let mut shown: Vec<Release> = Vec::new();
    while let Some(news) = course.next().await? {
        if let News::Arrived(batch) = news
            && let Some(release) = course.release(batch).await?
        {
            let sent = pieces.of(&release).await?;
            pen.write(line_of(write_batch(&sent))).await?;
            drop(sent);
            shown.push(release);
        }
    }
    let dropped = course.settle();
    let together = course.together(&shown, &dropped);
    let reconciled = pieces.together(course.reconcile(together));
    let version = pieces.version();
    let statement = pieces.account(course.statement().await?);
    let closing = write_closing(&reconciled, &statement, version, &course.assembly(&reconciled));
    pen.write(line_of(closing)).await?;
    let mut statement = statement.to_outcome();
    for issue in course.ignored() {
        statement = append(statement, &outcome::write_issue(issue, language));
    }
    pen.write(line_of(statement)).await?;
    Ok(())
}

/// One line: a line break inside JSON is white space between its values.
#[must_use]
pub fn line_of(json: Bytes) -> Bytes {
    let mut line = one_line(json);
    line.push(b'\n');
    line.into()
}

/// JSON without line breaks.
#[must_use]
pub fn one_line(json: Bytes) -> Vec<u8> {
    let mut line: Vec<u8> = json.into();
    for byte in &mut line {
        if matches!(byte, b'\n' | b'\r') {
            *byte = b' ';
        }
    }
    line
}
