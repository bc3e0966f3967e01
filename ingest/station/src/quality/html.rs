//! A report as one page of HTML, in Dutch and in English, that needs nothing else.

use std::fmt::Write as _;

use super::report::{Aspect, Dimension, QualityReport};

/// Most lines of a table; what is left out is said.
const MOST_LINES: usize = 200;

const STYLE: &str = "body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}\
table{border-collapse:collapse;width:100%;margin:.5rem 0 1.5rem}\
th,td{border-bottom:1px solid #bbb;padding:.2rem .5rem;text-align:left;overflow-wrap:anywhere}\
td.n,th.n{text-align:right;white-space:nowrap}";

/// The words of a page.
struct Words {
    language: &'static str,
    title: &'static str,
    about: &'static str,
    score: &'static str,
    none: &'static str,
    weight: &'static str,
    counted: &'static str,
    good: &'static str,
    asked: &'static str,
    rule: &'static str,
    place: &'static str,
    code: &'static str,
    severity: &'static str,
    count: &'static str,
    section: &'static str,
    resources: &'static str,
    required: &'static str,
    other: &'static str,
    sections: &'static str,
    leaves: &'static str,
    mapped: &'static str,
    ignored: &'static str,
    unmapped: &'static str,
    more: &'static str,
    quirks: &'static str,
    quirk: &'static str,
    aspects: [&'static str; 6],
}

const DUTCH: Words = Words {
    language: "nl",
    title: "Kwaliteit van bron",
    about: "Aantallen en regels. Geen gegevens van patiënten.",
    score: "score",
    none: "niets te meten",
    weight: "gewicht",
    counted: "geteld",
    good: "in orde",
    asked: "van",
    rule: "regel",
    place: "plaats",
    code: "code",
    severity: "ernst",
    count: "aantal",
    section: "onderdeel",
    resources: "gegevens",
    required: "verplichte elementen aanwezig",
    other: "overige elementen van de zib aanwezig",
    sections: "Basisgegevensset Zorg",
    leaves: "Waarden in berichten, per plaats",
    mapped: "overgenomen",
    ignored: "met reden weggelaten",
    unmapped: "zonder regel",
    more: "regels niet getoond",
    quirks: "Eigenaardigheden van de bron",
    quirk: "eigenaardigheid",
    aspects: [
        "Conformiteit",
        "Volledigheid",
        "Terminologie",
        "Identiteit",
        "Tijdigheid",
        "Verlies",
    ],
};

const ENGLISH: Words = Words {
    language: "en",
    title: "Quality of source",
    about: "Counts and rules. No data of patients.",
    score: "score",
    none: "nothing to measure",
    weight: "weight",
    counted: "counted",
    good: "in order",
    asked: "of",
    rule: "rule",
    place: "place",
    code: "code",
    severity: "severity",
    count: "count",
    section: "section",
    resources: "resources",
    required: "required elements present",
    other: "other elements of the zib present",
    sections: "Dutch minimal dataset (BgZ)",
    leaves: "Values in messages, by place",
    mapped: "taken over",
    ignored: "left out with a reason",
    unmapped: "without a rule",
    more: "lines not shown",
    quirks: "Quirks of the source",
    quirk: "quirk",
    aspects: [
        "Conformity",
        "Completeness",
        "Terminology",
        "Identity",
        "Timeliness",
        "Loss",
    ],
};

/// The report as a page.
#[must_use]
pub fn html(report: &QualityReport) -> String {
    let source = escaped(&report.source);
    let mut page = format!(
        "<!doctype html>\n<html lang=\"nl\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{} {source}</title>\
         <style>{STYLE}</style></head><body>\n<nav><a href=\"#nl\">Nederlands</a> <a href=\"#en\">English</a></nav>\n",
        DUTCH.title
    );
    for words in [&DUTCH, &ENGLISH] {
        section(&mut page, words, report);
    }
    page.push_str("</body></html>\n");
    page
}

/// Adds to a page: writing to a text does not fail.
macro_rules! add {
    ($page:expr, $($arguments:tt)*) => {
        let _ = write!($page, $($arguments)*);
    };
}

fn section(page: &mut String, words: &Words, report: &QualityReport) {
    let language = words.language;
    add!(
        page,
        "<section id=\"{language}\" lang=\"{language}\"><h1>{} {}</h1><p>URA {}. {}. {}</p><p><strong>{}: {}</strong></p>\n",
        words.title,
        escaped(&report.source),
        escaped(&report.provider),
        report.made,
        words.about,
        words.score,
        percent(words, report.score)
    );
    for (dimension, name) in report.dimensions.iter().zip(words.aspects) {
        debug_assert!(Aspect::ALL.contains(&dimension.aspect));
        of_dimension(page, words, dimension, name);
    }
    profiles(page, words, report);
    leaves(page, words, report);
    quirks(page, words, report);
    page.push_str("</section>\n");
}

fn percent(words: &Words, score: Option<f64>) -> String {
    score.map_or_else(|| words.none.to_owned(), |score| format!("{score:.1}"))
}

fn of_dimension(page: &mut String, words: &Words, dimension: &Dimension, name: &str) {
    add!(
        page,
        "<h2>{name}: {}</h2><p>{} {} %</p><table><tr><th>{}</th><th class=n>{}</th><th class=n>{}</th></tr>",
        percent(words, dimension.score),
        words.weight,
        dimension.weight,
        words.counted,
        words.good,
        words.asked
    );
    for part in &dimension.parts {
        let (rule, good, asked) = (part.rule, part.good, part.asked);
        add!(
            page,
            "<tr><td>{rule}</td><td class=n>{good}</td><td class=n>{asked}</td></tr>"
        );
    }
    page.push_str("</table>\n");
    if dimension.lines.is_empty() {
        return;
    }
    add!(
        page,
        "<table><tr><th>{}</th><th>{}</th><th>{}</th><th>{}</th><th class=n>{}</th></tr>",
        words.rule,
        words.place,
        words.code,
        words.severity,
        words.count
    );
    for line in dimension.lines.iter().take(MOST_LINES) {
        add!(
            page,
            "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td class=n>{}</td></tr>",
            escaped(&line.rule),
            escaped(&line.path),
            escaped(&line.code),
            escaped(&line.severity),
            line.count
        );
    }
    page.push_str("</table>\n");
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
        "<h2>{}</h2><table><tr><th>{}</th><th class=n>{}</th><th>{}</th><th>{}</th></tr>",
        words.sections,
        words.section,
        words.resources,
        words.required,
        words.other
    );
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
            profile.section_nl
        } else {
            profile.section
        };
        add!(
            page,
            "<tr><td>{name}<br><small>{}</small></td><td class=n>{}</td><td>{}</td><td>{}</td></tr>",
            escaped(&profile.profile),
            profile.resources,
            listed(true),
            listed(false)
        );
    }
    page.push_str("</table>\n");
}

fn leaves(page: &mut String, words: &Words, report: &QualityReport) {
    if report.leaves.is_empty() {
        return;
    }
    add!(
        page,
        "<h2>{}</h2><table><tr><th>{}</th><th class=n>{}</th><th class=n>{}</th><th class=n>{}</th></tr>",
        words.leaves,
        words.place,
        words.mapped,
        words.ignored,
        words.unmapped
    );
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
    page.push_str("</table>\n");
    rest(page, words, rows.len());
}

fn quirks(page: &mut String, words: &Words, report: &QualityReport) {
    if report.quirks.is_empty() {
        return;
    }
    add!(
        page,
        "<h2>{}</h2><table><tr><th>{}</th><th>{}</th><th>{}</th><th>{}</th><th class=n>{}</th></tr>",
        words.quirks,
        words.code,
        words.quirk,
        words.rule,
        words.place,
        words.count
    );
    for quirk in &report.quirks {
        let name = if words.language == "nl" {
            quirk.name_nl
        } else {
            quirk.name
        };
        let places: Vec<String> = quirk
            .places
            .iter()
            .map(|(place, count)| format!("{} {count}", escaped(place)))
            .collect();
        add!(
            page,
            "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td class=n>{}</td></tr>",
            quirk.id,
            escaped(name),
            quirk.rule,
            places.join("<br>"),
            quirk.count
        );
    }
    page.push_str("</table>\n");
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
