//! The pages, and the fragments in which the overview streams into a page with scripts.

use askama::Template;
use samenhang_terminology::{Category, Status};

use crate::item::{Item, section_id};
use crate::matrix::Matrix;
use crate::words::{Language, Words};

/// A page could not be written: a defect of ours.
#[derive(Debug, thiserror::Error)]
#[error("the page could not be written")]
#[non_exhaustive]
pub struct PageError;

/// Who is logged in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Name.
    pub name: String,
    /// Organisation.
    pub organisation: String,
}

/// What is wrong, in words for a reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// What is wrong.
    pub text: String,
    /// What to do.
    pub hint: String,
    /// The stable code.
    pub code: String,
}

/// What every page shows around its content.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frame {
    /// Language of the page.
    pub language: Language,
    /// Who is logged in.
    pub person: Option<Person>,
    /// Whether this is the demonstration.
    pub demo: bool,
}

/// The form, with what was wrong with the last try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormPage {
    /// Around it.
    pub frame: Frame,
    /// What was wrong.
    pub trouble: Option<Trouble>,
}

/// The overview.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OverviewPage {
    /// Around it.
    pub frame: Frame,
    /// When the question was asked, for a reader.
    pub made_at: String,
    /// What became of each holder x category.
    pub matrix: Matrix,
    /// The time of the day at which the holders were asked, when they were not asked for this page.
    pub shown_again: Option<String>,
    /// Every item, in the order of the answer.
    pub items: Vec<Item>,
    /// The categories that were asked.
    pub categories: Vec<Category>,
}

#[derive(Template)]
#[template(path = "form.html")]
struct FormTemplate<'a> {
    frame: &'a Frame,
    w: &'static Words,
    trouble: Option<&'a Trouble>,
}

#[derive(Template)]
#[template(path = "page.html")]
struct PageTemplate<'a> {
    frame: &'a Frame,
    w: &'static Words,
    content: String,
}

#[derive(Template)]
#[template(path = "overview.html")]
struct OverviewTemplate<'a> {
    w: &'static Words,
    made_at: &'a str,
    shown_again: Option<&'a str>,
    bar: String,
    sections: String,
    is_final: bool,
}

#[derive(Template)]
#[template(path = "bar.html")]
struct BarTemplate<'a> {
    w: &'static Words,
    matrix: &'a Matrix,
    lines: Vec<BarLine<'a>>,
    missing: Vec<String>,
    retrieved: Vec<(&'a str, &'a str)>,
}

/// One line of the matrix, in words.
struct BarLine<'a> {
    holder: &'a str,
    ura: &'a str,
    category: &'static str,
    status: &'static str,
    class: &'static str,
    count: usize,
    reason: &'a str,
}

#[derive(Template)]
#[template(path = "sections.html")]
struct SectionsTemplate {
    w: &'static Words,
    sections: Vec<Section>,
}

struct Section {
    id: String,
    title: &'static str,
    items: String,
    count: usize,
    empty: &'static str,
}

#[derive(Template)]
#[template(path = "items.html")]
struct ItemsTemplate<'a> {
    w: &'static Words,
    items: &'a [&'a Item],
}

#[derive(Template)]
#[template(path = "trouble.html")]
struct TroubleTemplate<'a> {
    w: &'static Words,
    trouble: &'a Trouble,
}

fn render(template: &impl Template) -> Result<String, PageError> {
    template.render().map_err(|_| PageError)
}

impl FormPage {
    /// Writes the page.
    ///
    /// # Errors
    /// [`PageError`], a defect.
    pub fn render(&self) -> Result<String, PageError> {
        let w = self.frame.language.words();
        render(&FormTemplate {
            frame: &self.frame,
            w,
            trouble: self.trouble.as_ref(),
        })
    }
}

impl OverviewPage {
    /// Writes the whole page.
    ///
    /// # Errors
    /// [`PageError`], a defect.
    pub fn render(&self) -> Result<String, PageError> {
        let content = self.content()?;
        render(&PageTemplate {
            frame: &self.frame,
            w: self.frame.language.words(),
            content,
        })
    }

    /// Writes what goes into `main`: also the shell into which the overview streams.
    ///
    /// # Errors
    /// [`PageError`], a defect.
    pub fn content(&self) -> Result<String, PageError> {
        render(&OverviewTemplate {
            w: self.frame.language.words(),
            made_at: &self.made_at,
            shown_again: self.shown_again.as_deref(),
            bar: bar(&self.matrix, self.frame.language)?,
            sections: self.sections()?,
            is_final: self.matrix.is_final,
        })
    }

    /// Writes the sections.
    ///
    /// # Errors
    /// [`PageError`], a defect.
    pub fn sections(&self) -> Result<String, PageError> {
        let language = self.frame.language;
        let w = language.words();
        let mut sections = Vec::new();
        for &category in &self.categories {
            let items: Vec<&Item> = self
                .items
                .iter()
                .filter(|item| item.category == category)
                .collect();
            let empty = match (self.matrix.is_final, self.matrix.is_complete_for(category)) {
                (false, _) => w.nothing_yet,
                (true, true) => w.nothing,
                (true, false) => w.unknown,
            };
            sections.push(Section {
                id: section_id(category),
                title: language.category(category),
                items: render(&ItemsTemplate { w, items: &items })?,
                count: items.len(),
                empty,
            });
        }
        render(&SectionsTemplate { w, sections })
    }
}

/// Writes the completeness bar with its matrix.
///
/// # Errors
/// [`PageError`], a defect.
pub fn bar(matrix: &Matrix, language: Language) -> Result<String, PageError> {
    let mut lines = Vec::new();
    for row in &matrix.rows {
        for cell in &row.cells {
            lines.push(BarLine {
                holder: &row.name,
                ura: &row.ura,
                category: language.category(cell.category),
                status: cell.status.map_or("…", |status| language.status(status)),
                class: cell.status.map_or("busy", Status::code),
                count: cell.count,
                reason: cell.reason.as_deref().unwrap_or_default(),
            });
        }
    }
    let missing = matrix
        .rows
        .iter()
        .filter_map(|row| Some(format!("{}: {}", row.name, language.status(row.worst()?))))
        .collect();
    let retrieved = matrix
        .rows
        .iter()
        .filter_map(|row| Some((row.name.as_str(), row.retrieved.as_deref()?)))
        .collect();
    render(&BarTemplate {
        w: language.words(),
        matrix,
        lines,
        missing,
        retrieved,
    })
}

/// Writes items, grouped by the id of the section that they go into, in the order of the sections' first items.
///
/// # Errors
/// [`PageError`], a defect.
pub fn fragments(items: &[Item], language: Language) -> Result<Vec<(String, String)>, PageError> {
    let mut groups: Vec<(String, Vec<&Item>)> = Vec::new();
    for item in items {
        let id = section_id(item.category);
        match groups.iter_mut().find(|(other, _)| *other == id) {
            Some((_, group)) => group.push(item),
            None => groups.push((id, vec![item])),
        }
    }
    let write = |(id, group): (String, Vec<&Item>)| {
        Ok((
            id,
            render(&ItemsTemplate {
                w: language.words(),
                items: &group,
            })?,
        ))
    };
    groups.into_iter().map(write).collect()
}

/// Writes what is wrong, to go into `main`.
///
/// # Errors
/// [`PageError`], a defect.
pub fn trouble(trouble: &Trouble, language: Language) -> Result<String, PageError> {
    render(&TroubleTemplate {
        w: language.words(),
        trouble,
    })
}

#[cfg(test)]
mod tests;
