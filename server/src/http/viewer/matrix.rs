//! The completeness statement as the viewer shows it, while the question runs and when it has ended.

use jiff::Timestamp;
use samenhang_profiles::Ura;
use samenhang_reconcile::completeness::Statement;
use samenhang_terminology::{Category, Status};
use samenhang_viewer::moment::clock_time;
use samenhang_viewer::{Cell, Language, Matrix, Row};

use super::spoken;
use crate::overview::course::Course;
use crate::overview::tally::{self, Said, Tally};

/// The matrix; with the statement when the question has ended.
pub(super) fn matrix(course: &Course, statement: Option<&Statement>, language: Language) -> Matrix {
    let tally: &Tally = course.tally();
    let cell = |ura, category: Category| {
        let told = tally.cell(ura, category);
        Cell {
            category,
            // At the end, what was never told has failed: it must not look as if it were still coming.
            status: told.map(|told| told.status).or(statement.map(|_| Status::Failed)),
            count: told.map_or(0, |told| told.count),
            reason: told
                .and_then(|told| told.detail)
                .map(|detail| language.pick(detail.text_nl(), detail.text_en()).to_owned()),
        }
    };
    Matrix {
        rows: tally
            .holders()
            .map(|(ura, name)| Row {
                ura: ura.to_string(),
                name: name.to_string(),
                cells: tally
                    .asked()
                    .iter()
                    .map(|category| cell(ura, *category))
                    .collect(),
                retrieved: retrieved(tally, ura).map(clock_time),
            })
            .collect(),
        notices: tally::all_said(tally)
            .map(|said| notice_text(&said, tally, language))
            .collect(),
        is_final: statement.is_some(),
    }
}

fn notice_text(said: &Said, tally: &Tally, language: Language) -> String {
    let text = said.text(spoken(language));
    match &said.holder {
        Some(ura) => format!("{}: {text}", tally.name(ura)),
        None => text.to_owned(),
    }
}

/// When a holder gave what is shown of it: the oldest of it.
fn retrieved(tally: &Tally, ura: &Ura) -> Option<Timestamp> {
    let cells = tally
        .asked()
        .iter()
        .filter_map(|category| tally.cell(ura, *category));
    cells.filter_map(|told| told.retrieved).min()
}
