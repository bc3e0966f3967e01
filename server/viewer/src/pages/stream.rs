//! The parts in which the overview streams into a page with scripts: messages of an event stream that htmx takes.
//!
//! A part is an `hx-partial` of htmx 4 with the place that it goes to and how. Everything is escaped by the templates, so
//! no text of a source can be a part, an attribute of htmx or a line of the stream.

use askama::Template;

use super::{PageError, render};

/// What htmx may do: no history of its own, no styles of its own, nothing from elsewhere, and no extension but that for
/// event streams. A part that grows keeps what the reader opened.
pub(crate) const HTMX: &str = r#"{"history":false,"mode":"same-origin","extensions":"sse","includeIndicatorCSS":false,"defaultSettleDelay":0,"morphIgnore":["data-htmx-powered","open"]}"#;

/// How a part goes to its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Swap {
    /// In the place of what is in it.
    Inside,
    /// After what is in it.
    After,
    /// In the place of it and what is in it, keeping what is the same: focus, and what was opened.
    Morph,
}

impl Swap {
    fn style(self) -> &'static str {
        match self {
            Swap::Inside => "innerHTML",
            Swap::After => "beforeend",
            Swap::Morph => "outerMorph",
        }
    }
}

#[derive(Template)]
#[template(
    source = r#"<hx-partial hx-target="{{ target }}" hx-swap="{{ style }}">{{ content|safe }}</hx-partial>"#,
    ext = "html"
)]
struct PartTemplate<'a> {
    target: &'a str,
    style: &'static str,
    content: &'a str,
}

#[derive(Template)]
#[template(
    source = r#"<hx-partial hx-target="{{ target }}" hx-swap="textContent">{{ text }}</hx-partial>"#,
    ext = "html"
)]
struct TextTemplate<'a> {
    target: &'a str,
    text: &'a str,
}

#[derive(Template)]
#[template(source = "<title>{{ title }} – Samenhang</title>", ext = "html")]
struct TitleTemplate<'a> {
    title: &'a str,
}

/// Markup, with the selector of the element that it goes to.
///
/// # Errors
/// [`PageError`], a defect.
pub fn part(target: &str, swap: Swap, content: &str) -> Result<String, PageError> {
    render(&PartTemplate {
        target,
        style: swap.style(),
        content,
    })
}

/// A text, with the selector of the element that it goes to.
///
/// # Errors
/// [`PageError`], a defect.
pub fn text(target: &str, text: &str) -> Result<String, PageError> {
    render(&TextTemplate { target, text })
}

/// The title of the page, which no element holds.
///
/// # Errors
/// [`PageError`], a defect.
pub fn title(title: &str) -> Result<String, PageError> {
    render(&TitleTemplate { title })
}

/// A message of the stream: without a name its parts are put in their places, with one it is for the script.
///
/// Each line of the content is a line of its own in the message, whichever of the three ways it ends: what a source sent
/// cannot end a message or begin another.
#[must_use]
pub fn message(name: Option<&str>, content: &str) -> String {
    let mut message = String::with_capacity(content.len() + 64);
    if let Some(name) = name {
        message.push_str("event: ");
        message.push_str(name);
        message.push('\n');
    }
    for line in content.split(['\n', '\r']) {
        message.push_str("data: ");
        message.push_str(line);
        message.push('\n');
    }
    message.push('\n');
    message
}

#[cfg(test)]
mod tests {
    use super::{Swap, message, part, text};

    #[test]
    fn a_source_cannot_begin_a_part_or_a_message() {
        let hostile = "<hx-partial hx-target=\"#main\">\r\revent: done\n\ndata: x";
        let written = text("#live", hostile).unwrap();
        assert_eq!(written.matches("<hx-partial").count(), 1);
        let sent = message(None, &written);
        assert!(
            sent.lines()
                .filter(|line| !line.is_empty())
                .all(|line| line.starts_with("data: "))
        );
        assert_eq!(sent.matches("\n\n").count(), 1, "{sent}");
        assert!(!sent.contains('\r'));
    }

    #[test]
    fn a_part_names_its_place_and_how_it_goes_there() {
        let part = part("#section-alerts", Swap::After, "<li>a</li>").unwrap();
        let sent = message(Some("final"), &part);
        assert_eq!(
            sent,
            "event: final\ndata: <hx-partial hx-target=\"#section-alerts\" hx-swap=\"beforeend\">\
             <li>a</li></hx-partial>\n\n"
        );
    }
}
