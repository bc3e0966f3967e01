//! The pages of the documentation that are made of the catalogue. With `SAMENHANG_BLESS=1` they are written anew.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use samenhang_conform::quirks::{Action, CATALOGUE, Entry, Layer};

const HEAD: &str = include_str!("page-head.md");
const FOOT: &str = include_str!("page-foot.md");

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/src")
}

fn done(action: Action) -> (&'static str, &'static str) {
    match action {
        Action::Repair => ("put right", "rechtgezet"),
        Action::Tolerate => ("taken as it is", "overgenomen zoals het is"),
        Action::Refuse => ("not put right", "niet rechtgezet"),
    }
}

/// The page of the catalogue.
fn catalogue() -> String {
    let mut page = HEAD.to_owned();
    for (layer, title) in [
        (Layer::Content, "In what a source sends"),
        (Layer::Protocol, "In how a source answers"),
    ] {
        let _ = write!(
            page,
            "\n## {title}\n\n| Id | Quirk | Seen at | Sign | What is done | Shown by |\n|---|---|---|---|---|---|\n"
        );
        for entry in CATALOGUE.iter().filter(|entry| entry.layer == layer) {
            let _ = writeln!(
                page,
                "| [{id}](../errors/{id}.md) | {en}<br>*{nl}* | {seen} | {sign} | **{done}.** {safe} | `{fixture}` |",
                id = entry.id,
                en = entry.name_en,
                nl = entry.name_nl,
                seen = shown(entry.seen),
                sign = shown(entry.sign),
                done = done(entry.action).0,
                safe = shown(entry.safe),
                fixture = entry.fixture,
            );
        }
    }
    page.push('\n');
    page.push_str(FOOT);
    page
}

/// Text in which nothing is markup.
fn shown(text: &str) -> String {
    text.replace('<', "&lt;").replace('_', "\\_").replace('$', "\\$")
}

/// The page of one quirk in the error catalogue.
fn error(entry: &Entry) -> String {
    let (done_en, done_nl) = done(entry.action);
    let (what, operator) = match entry.layer {
        Layer::Content => (
            "A source sends this in its resources.",
            "Tell the source. The count and the places stand in the quality report of the datastation; for sources that are asked the count stands in `GET /quirks`, by holder.",
        ),
        Layer::Protocol => (
            "A source answers like this.",
            "Tell the source. The count stands in `GET /quirks`, by holder.",
        ),
    };
    let meaning = match entry.action {
        Action::Repair => "What is shown says the same as what was sent, which is kept.",
        Action::Tolerate => "What is shown is what was sent.",
        Action::Refuse => "What is shown is what was sent, and nothing was made up in its place.",
    };
    format!(
        "# {id}: {en}\n\n*In het kort: {nl}; {done_nl}.*\n\n## What happened\n\n{what} Sign: {sign}. It is {done_en}: {safe}\n\n\
         ## What it means\n\n{meaning}\n\n## What to do\n\n- Asker: Nothing.\n- Operator: {operator}\n\n\
         ## Where it comes from\n\n`ingest/conform/src/quirks`; see [the quirk catalogue](../integrator/quirks.md).\n",
        id = entry.id,
        en = entry.name_en,
        nl = entry.name_nl,
        sign = shown(entry.sign),
        safe = shown(entry.safe),
    )
}

fn check(path: &Path, expected: &str) {
    if std::env::var("SAMENHANG_BLESS").is_ok_and(|value| value == "1") {
        std::fs::write(path, expected).unwrap();
    }
    let text = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        text == expected,
        "{} is not what the catalogue says: run this test with SAMENHANG_BLESS=1",
        path.display()
    );
}

#[test]
fn the_documentation_says_what_the_catalogue_says() {
    check(&docs().join("integrator/quirks.md"), &catalogue());
    for entry in &CATALOGUE {
        check(&docs().join(format!("errors/{}.md", entry.id)), &error(entry));
    }
    let index = std::fs::read_to_string(docs().join("errors/index.md")).unwrap();
    for entry in &CATALOGUE {
        let line = format!("| [{id}]({id}.md) | {} |", entry.name_en, id = entry.id);
        assert!(index.contains(&line), "errors/index.md has no line {line}");
    }
}
