//! A report as one page of HTML, in Dutch and in English, that needs nothing else.

use std::fmt::Write as _;

use super::report::{Aspect, Dimension, QualityReport};
use super::words::{Language, Words};

/// Most lines of a table; what is left out is said.
const MOST_LINES: usize = 200;

/// All the style of a page, for who serves it under a content security policy that names the hash of it.
pub const STYLE: &str = ":root{color-scheme:light dark;background:Canvas;color:CanvasText}\
body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;overflow-wrap:anywhere}\
nav a{display:inline-block;padding:.3rem .75rem .3rem 0}\
:focus-visible{outline:3px solid;outline-offset:2px}\
.s{overflow:auto;max-height:90vh;margin:.5rem 0 1.5rem}\
thead th{position:sticky;top:0;background:Canvas}\
table{border-collapse:collapse;width:100%}\
th,td{border-bottom:1px solid #888;padding:.2rem .5rem;text-align:left;vertical-align:top;overflow-wrap:anywhere;min-width:6rem}\
td.n,th.n{text-align:right;white-space:nowrap;min-width:0}\
@media print{nav{display:none}.s{overflow:visible;max-height:none}thead{display:table-header-group}tr{break-inside:avoid}}";

/// Adds to a page: writing to a text does not fail.
macro_rules! add {
    ($page:expr, $($arguments:tt)*) => {
        let _ = write!($page, $($arguments)*);
    };
}

/// A link at the top of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link<'l> {
    /// Where it leads.
    pub address: &'l str,
    /// What it says.
    pub text: &'l str,
    /// Language of what it says, when that is not the language of the page.
    pub language: Option<Language>,
}

/// The report as a page, in one language or in several one after the other, with links to what is around it.
#[must_use]
pub fn html(report: &QualityReport, languages: &[Language], links: &[Link<'_>]) -> String {
    let first = languages.first().copied().unwrap_or(Language::Dutch).words();
    let (tag, title, source) = (first.language, first.title, escaped(&report.source));
    let mut page = format!(
        "<!doctype html>\n<html lang=\"{tag}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>{title} {source}</title>\
         <style>{STYLE}</style></head><body>\n"
    );
    let others = languages.iter().filter(|_| languages.len() > 1);
    let mut around: Vec<String> = others
        .map(|language| {
            let words = language.words();
            let (tag, name) = (words.language, words.name);
            format!("<a href=\"#{tag}\" lang=\"{tag}\">{name}</a>")
        })
        .collect();
    around.extend(links.iter().map(|link| {
        let (address, text) = (escaped(link.address), escaped(link.text));
        let tag = link.language.map(|language| language.words().language);
        let lang = tag.map_or_else(String::new, |tag| format!(" lang=\"{tag}\" hreflang=\"{tag}\""));
        format!("<a href=\"{address}\"{lang}>{text}</a>")
    }));
    if !around.is_empty() {
        add!(page, "<nav aria-label=\"Samenhang\">{}</nav>\n", around.join(" "));
    }
    page.push_str("<main>");
    for language in languages {
        section(&mut page, language.words(), report);
    }
    page.push_str("</main></body></html>\n");
    page
}

fn section(page: &mut String, words: &Words, report: &QualityReport) {
    let language = words.language;
    add!(
        page,
        "<section id=\"{language}\" lang=\"{language}\"><h1>{} {}</h1><p>URA {}. {}. {}</p><p><strong>{}: {}</strong></p>\n",
        words.title,
        escaped(&report.source),
        escaped(&report.provider),
        report.made.strftime("%Y-%m-%d %H:%M UTC"),
        words.about,
        words.score,
        percent(words, report.score)
    );
    for dimension in &report.dimensions {
        of_dimension(page, words, dimension);
    }
    profiles(page, words, report);
    leaves(page, words, report);
    quirks(page, words, report);
    page.push_str("</section>\n");
}

fn percent(words: &Words, score: Option<f64>) -> String {
    let Some(score) = score else {
        return words.none.to_owned();
    };
    let number = format!("{score:.1} %");
    match words.language {
        "nl" => number.replace('.', ","),
        _ => number,
    }
}

/// Begins a table that scrolls by itself where there is little room: its columns, and whether they hold numbers.
fn begin(page: &mut String, label: &str, columns: &[(&str, bool)]) {
    add!(
        page,
        "<div class=s tabindex=0 role=group aria-label=\"{}\"><table><thead><tr>",
        escaped(label)
    );
    for (column, is_number) in columns {
        let class = if *is_number { " class=n" } else { "" };
        add!(page, "<th scope=col{class}>{column}</th>");
    }
    page.push_str("</tr></thead><tbody>\n");
}

/// Ends a table.
fn end(page: &mut String) {
    page.push_str("</tbody></table></div>\n");
}

fn of_dimension(page: &mut String, words: &Words, dimension: &Dimension) {
    let at = Aspect::ALL.iter().position(|aspect| *aspect == dimension.aspect);
    let named = at.and_then(|at| words.aspects.get(at).copied());
    let name = named.unwrap_or_else(|| dimension.aspect.code());
    add!(
        page,
        "<h2>{name}: {}</h2><p>{} {} %</p>\n",
        percent(words, dimension.score),
        words.weight,
        dimension.weight,
    );
    let columns = [(words.counted, false), (words.good, true), (words.asked, true)];
    begin(page, name, &columns);
    for part in &dimension.parts {
        let (counts, good, asked) = (escaped(words.counts(&part.rule)), part.good, part.asked);
        add!(
            page,
            "<tr><td>{counts}</td><td class=n>{good}</td><td class=n>{asked}</td></tr>\n"
        );
    }
    end(page);
    if dimension.lines.is_empty() {
        return;
    }
    let columns = [
        (words.rule, false),
        (words.place, false),
        (words.code, false),
        (words.severity, false),
        (words.count, true),
    ];
    begin(page, &format!("{name}: {}", words.rule), &columns);
    for line in dimension.lines.iter().take(MOST_LINES) {
        add!(
            page,
            "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td class=n>{}</td></tr>\n",
            escaped(&line.rule),
            escaped(&line.path),
            escaped(&line.code),
            escaped(&line.severity),
            line.count
        );
    }
    end(page);
    rest(page, words, dimension.lines.len());
}

/// Says how much is left out.
fn rest(page: &mut String, words: &Words, all: usize) {
    let more = all.saturating_sub(MOST_LINES);
    if more > 0 {
        add!(page, "<p>{more} {}</p>\n", words.more);
    }
}

fn profiles(page: &mut String, words: &Words, report: &QualityReport) {
    add!(
        page,
        "<h2>{}</h2>
",
        words.sections
    );
    let columns = [
        (words.section, false),
        (words.resources, true),
        (words.required, false),
        (words.other, false),
    ];
    begin(page, words.sections, &columns);
    for profile in &report.profiles {
        let listed = |required: bool| {
            let elements = profile
                .elements
                .iter()
                .filter(|element| element.required == required && element.asked > 0);
            let texts: Vec<String> = elements
                .map(|element| format!("{} {}/{}", escaped(&element.path), element.given, element.asked))
                .collect();
            texts.join("<br>")
        };
        let name = if words.language == "nl" {
            &profile.section_nl
        } else {
            &profile.section
        };
        let name = escaped(name);
        add!(
            page,
            "<tr><td>{name}<br><small>{}</small></td><td class=n>{}</td><td>{}</td><td>{}</td></tr>",
            escaped(&profile.profile),
            profile.resources,
            listed(true),
            listed(false)
        );
    }
    end(page);
}

fn leaves(page: &mut String, words: &Words, report: &QualityReport) {
    if report.leaves.is_empty() {
        return;
    }
    add!(
        page,
        "<h2>{}</h2>
",
        words.leaves
    );
    let columns = [
        (words.place, false),
        (words.mapped, true),
        (words.ignored, true),
        (words.unmapped, true),
    ];
    begin(page, words.leaves, &columns);
    let mut rows: Vec<_> = report.leaves.iter().collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.unmapped));
    for row in rows.iter().take(MOST_LINES) {
        add!(
            page,
            "<tr><td>{}</td><td class=n>{}</td><td class=n>{}</td><td class=n>{}</td></tr>",
            escaped(&row.path),
            row.mapped,
            row.ignored,
            row.unmapped
        );
    }
    end(page);
    rest(page, words, rows.len());
}

fn quirks(page: &mut String, words: &Words, report: &QualityReport) {
    if report.quirks.is_empty() {
        return;
    }
    add!(
        page,
        "<h2>{}</h2>
",
        words.quirks
    );
    let columns = [
        (words.code, false),
        (words.quirk, false),
        (words.rule, false),
        (words.place, false),
        (words.count, true),
    ];
    begin(page, words.quirks, &columns);
    for quirk in &report.quirks {
        let name = if words.language == "nl" {
            &quirk.name_nl
        } else {
            &quirk.name
        };
        let places: Vec<String> = quirk
            .places
            .iter()
            .map(|(place, count)| format!("{} {count}", escaped(place)))
            .collect();
        add!(
            page,
            "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td class=n>{}</td></tr>",
            escaped(&quirk.id),
            escaped(name),
            escaped(&quirk.rule),
            places.join("<br>"),
            quirk.count
        );
    }
    end(page);
}

/// Text that may stand in HTML.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            letter => out.push(letter),
        }
    }
    out
}
