//! The page: HTML in Dutch and in English, that needs nothing else and runs no script.

use std::fmt::Write as _;

use super::Report;

/// Lines of one table; what is left out is said.
const MAX_LINES: usize = 400;

const STYLE: &str = "body{font:1rem/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}\
table{border-collapse:collapse;width:100%;margin:.5rem 0 1.5rem}\
th,td{border-bottom:1px solid #bbb;padding:.2rem .5rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}\
td.n,th.n{text-align:right;white-space:nowrap}summary{cursor:pointer}";

/// The words of a page.
struct Words {
    language: &'static str,
    title: &'static str,
    about: &'static str,
    values: &'static str,
    mapped: &'static str,
    ignored: &'static str,
    unmapped: &'static str,
    resources: &'static str,
    refused: &'static str,
    map: &'static str,
    outside: &'static str,
    place: &'static str,
    reason: &'static str,
    count: &'static str,
    profiles: &'static str,
    filled: &'static str,
    never: &'static str,
    concepts: &'static str,
    concept: &'static str,
    element: &'static str,
    yes: &'static str,
    no: &'static str,
    slices: &'static str,
    bgz: &'static str,
    kind: &'static str,
    listed: &'static str,
    seen: &'static str,
    kept: &'static str,
    more: &'static str,
}

const DUTCH: Words = Words {
    language: "nl",
    title: "Dekking van mappakket",
    about: "Paden en aantallen. Geen gegevens van patiënten.",
    values: "waarden",
    mapped: "overgenomen",
    ignored: "met reden weggelaten",
    unmapped: "zonder regel",
    resources: "gemaakte resources",
    refused: "geweigerde berichten",
    map: "Map",
    outside: "buiten elke map",
    place: "plaats",
    reason: "reden",
    count: "aantal",
    profiles: "Doelprofielen",
    filled: "gevuld",
    never: "nooit gevuld",
    concepts: "zib-concepten (NL-CM)",
    concept: "concept",
    element: "element",
    yes: "ja",
    no: "nee",
    slices: "Per pad geteld: delen van één pad worden niet onderscheiden.",
    bgz: "Basisgegevensset Zorg: elementpaden in STU3",
    kind: "resource",
    listed: "in de BgZ",
    seen: "in het voorbeeld",
    kept: "daarvan geheel verantwoord",
    more: "regels niet getoond",
};

const ENGLISH: Words = Words {
    language: "en",
    title: "Coverage of pack",
    about: "Paths and counts. No data of patients.",
    values: "values",
    mapped: "mapped",
    ignored: "left out with a reason",
    unmapped: "without a rule",
    resources: "resources made",
    refused: "messages refused",
    map: "Map",
    outside: "outside of every map",
    place: "place",
    reason: "reason",
    count: "count",
    profiles: "Target profiles",
    filled: "filled",
    never: "never filled",
    concepts: "zib concepts (NL-CM)",
    concept: "concept",
    element: "element",
    yes: "yes",
    no: "no",
    slices: "Counted by path: parts of one path are not told apart.",
    bgz: "Dutch minimal dataset (BgZ): element paths in STU3",
    kind: "resource",
    listed: "in the BgZ",
    seen: "in the sample",
    kept: "of those, all accounted for",
    more: "lines not shown",
};

/// The report as a page.
#[must_use]
pub fn page(report: &Report<'_>) -> String {
    let pack = escaped(report.pack);
    let mut out = format!(
        "<!doctype html>\n<html lang=\"nl\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{} {pack}</title>\
         <style>{STYLE}</style></head><body>\n<p><a href=\"#nl\">Nederlands</a> <a href=\"#en\">English</a></p>\n",
        DUTCH.title
    );
    for words in [&DUTCH, &ENGLISH] {
        section(report, words, &mut out);
    }
    out.push_str("</body></html>\n");
    out
}

fn section(report: &Report<'_>, words: &Words, out: &mut String) {
    let total = report.total;
    let _ = writeln!(
        out,
        "<section id=\"{0}\" lang=\"{0}\"><h1>{1} {2} {3}</h1><p>{4}</p>",
        words.language,
        words.title,
        escaped(report.pack),
        escaped(report.version),
        words.about
    );
    let ignored: usize = total.ignored.values().sum();
    let counts = [
        (words.values, total.leaves),
        (words.mapped, total.mapped),
        (words.ignored, ignored),
        (words.unmapped, total.lost()),
        (words.resources, total.resources),
        (words.refused, report.refused),
    ];
    let rows = counts
        .iter()
        .map(|(name, count)| vec![(*name).to_owned(), count.to_string()]);
    table(&["", words.count], rows.collect(), words, out);
    for (map, places) in report.maps {
        let name = if map == "-" {
            words.outside.to_owned()
        } else {
            escaped(map)
        };
        let _ = writeln!(out, "<h2>{} {name}</h2>", words.map);
        let unmapped = places.unmapped.iter();
        details(words.unmapped, places.unmapped.len(), true, out);
        let rows = unmapped.map(|(path, count)| vec![escaped(path), count.to_string()]);
        table(&[words.place, words.count], rows.collect(), words, out);
        out.push_str("</details>\n");
        details(words.ignored, places.ignored.len(), false, out);
        let rows = places.ignored.iter();
        let rows =
            rows.map(|((path, reason), count)| vec![escaped(path), escaped(reason), count.to_string()]);
        table(
            &[words.place, words.reason, words.count],
            rows.collect(),
            words,
            out,
        );
        out.push_str("</details>\n");
        details(words.mapped, places.mapped.len(), false, out);
        let rows = places.mapped.iter();
        let rows = rows.map(|(path, count)| vec![escaped(path), count.to_string()]);
        table(&[words.place, words.count], rows.collect(), words, out);
        out.push_str("</details>\n");
    }
    let _ = writeln!(out, "<h2>{}</h2>", words.profiles);
    for profile in report.target {
        let _ = writeln!(
            out,
            "<h3>{}</h3><p>{} {}</p>",
            escaped(&profile.profile),
            profile.resources,
            words.resources
        );
        details(words.never, profile.never.len(), false, out);
        let rows = profile.never.iter().map(|path| vec![escaped(path)]);
        table(&[words.element], rows.collect(), words, out);
        out.push_str("</details>\n");
        details(words.filled, profile.filled.len(), false, out);
        let rows = profile.filled.iter();
        let rows = rows.map(|(path, count)| vec![escaped(path), count.to_string()]);
        table(&[words.element, words.count], rows.collect(), words, out);
        out.push_str("</details>\n");
        if let Some(concepts) = report.concepts.get(&profile.profile) {
            let filled = concepts.iter().filter(|concept| concept.filled).count();
            let title = format!("{}: {filled} / {}", words.concepts, concepts.len());
            let _ = writeln!(out, "<details><summary>{title}</summary><p>{}</p>", words.slices);
            let rows = concepts.iter().map(|concept| {
                let name = if words.language == "nl" {
                    concept.dutch
                } else {
                    concept.english
                };
                let filled = if concept.filled { words.yes } else { words.no };
                vec![
                    format!("{} {}", escaped(&concept.id), escaped(name)),
                    escaped(&concept.path),
                    filled.to_owned(),
                ]
            });
            table(
                &[words.concept, words.element, words.filled],
                rows.collect(),
                words,
                out,
            );
            out.push_str("</details>\n");
        }
    }
    if !report.bgz.is_empty() {
        let _ = writeln!(out, "<h2>{}</h2>", words.bgz);
        let rows = report.bgz.iter().map(|(kind, listed)| {
            let counts = [listed.paths, listed.seen, listed.kept];
            std::iter::once(escaped(kind))
                .chain(counts.iter().map(usize::to_string))
                .collect()
        });
        table(
            &[words.kind, words.listed, words.seen, words.kept],
            rows.collect(),
            words,
            out,
        );
    }
    out.push_str("</section>\n");
}

fn details(title: &str, count: usize, open: bool, out: &mut String) {
    let open = if open && count > 0 { " open" } else { "" };
    let _ = writeln!(out, "<details{open}><summary>{title}: {count}</summary>");
}

/// A table; cells are escaped already, and those that are numbers stand to the right.
fn table(head: &[&str], rows: Vec<Vec<String>>, words: &Words, out: &mut String) {
    if rows.is_empty() {
        return;
    }
    out.push_str("<table><tr>");
    for title in head {
        let _ = write!(out, "<th scope=\"col\">{title}</th>");
    }
    out.push_str("</tr>\n");
    let all = rows.len();
    for row in rows.into_iter().take(MAX_LINES) {
        out.push_str("<tr>");
        for cell in row {
            let number = cell.bytes().all(|byte| byte.is_ascii_digit()) && !cell.is_empty();
            let class = if number { " class=\"n\"" } else { "" };
            let _ = write!(out, "<td{class}>{cell}</td>");
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</table>\n");
    if all > MAX_LINES {
        let _ = writeln!(out, "<p>{} {}</p>", all - MAX_LINES, words.more);
    }
}

/// A text that can stand in HTML.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}
