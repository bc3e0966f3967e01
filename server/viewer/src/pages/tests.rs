//! What the pages say, and what they may not hold.

mod answer;
mod own;

use samenhang_reconcile::view::Views;
use samenhang_terminology::{Category, Status};

use super::{FormPage, Frame, Head, OverviewPage, Page, Person, Trouble, bar, trouble, trouble_page};
use crate::address::Address;
use crate::item::{Item, Mark};
use crate::language::Language;
use crate::matrix::{Cell, Matrix, Row};
use crate::patient::{First, Patient};
use crate::sections::{Empty, Section, Sections};

fn cell(category: Category, status: Option<Status>, count: usize) -> Cell {
    let reason = (status == Some(Status::TimedOut)).then(|| "te laat".to_owned());
    Cell {
        category,
        status,
        count,
        reason,
    }
}

fn matrix() -> Matrix {
    let row = |ura: &str, name: &str, cells| Row {
        ura: ura.to_owned(),
        name: name.to_owned(),
        cells,
        retrieved: Some("09:58".to_owned()),
    };
    Matrix {
        rows: vec![
            row(
                "00700700",
                "Ziekenhuis Oost",
                vec![
                    cell(Category::AllergyIntolerance, Some(Status::Answered), 1),
                    cell(Category::Condition, Some(Status::Empty), 0),
                ],
            ),
            row(
                "00700702",
                "Apotheek <Centrum>",
                vec![
                    cell(Category::AllergyIntolerance, Some(Status::Answered), 1),
                    cell(Category::Condition, Some(Status::TimedOut), 0),
                ],
            ),
        ],
        notices: Vec::new(),
        is_final: true,
    }
}

pub(crate) fn frame(language: Language) -> Frame {
    Frame {
        language,
        reader: super::Reader::Professional,
        person: Some(Person {
            name: "A.B. Voorbeeld".to_owned(),
            organisation: "West".to_owned(),
        }),
        demo: true,
        seconds_left: Some(840),
        here: Some("/viewer/p/abcd".to_owned()),
    }
}

pub(crate) fn head(language: Language, page: Page) -> Head {
    Head {
        made_at: "22-11-2026 10:00".to_owned(),
        shown_again: Some("09:58".to_owned()),
        patient: Patient {
            name: Some("Testpatiënt <Proef>".to_owned()),
            born: Some("14-03-1958".to_owned()),
            sex: Some("vrouw".to_owned()),
            number: "••••••019".to_owned(),
            reveal: Some("/viewer/p/abcd/number?lang=nl".to_owned()),
            differs: true,
            page: Some("/viewer/p/abcd/record/p".to_owned()),
            first: vec![First {
                title: "Reanimatie <nee>".to_owned(),
                said: vec![item("Ziekenhuis Oost", true), item("Apotheek <Centrum>", false)],
                conflict: true,
            }],
            more: 2,
            all: Some("/viewer/p/abcd?lang=nl".to_owned()),
            ..Patient::default()
        },
        matrix: matrix(),
        address: Some(Address::new("abcd".to_owned(), language)),
        page,
        view: Views::shipped().whole(),
    }
}

pub(crate) fn item(holder: &str, conflict: bool) -> Item {
    Item {
        title: "Penicilline <b>".to_owned(),
        detail: "high".to_owned(),
        status: Some("active".to_owned()),
        date: Some("06-10-2026".to_owned()),
        holder: holder.to_owned(),
        ura: "00700700".to_owned(),
        recorder: Some("L. Linde, Huisarts".to_owned()),
        as_received: conflict,
        lifted: !conflict,
        page: Some("/viewer/p/abcd/record/k".to_owned()),
        mark: Mark {
            shared_by: 2,
            conflict,
        },
        documents: Vec::new(),
        is_patient: false,
    }
}

fn page(language: Language) -> OverviewPage {
    let section = |name: &str, title: &str, items: Vec<Item>, empty| Section {
        name: name.to_owned(),
        title: title.to_owned(),
        count: items.len() * 20,
        items,
        empty,
        rest: Some("/viewer/p/abcd/section/allergies?lang=nl&view=whole".to_owned()),
        hidden: vec!["2 niet getoond".to_owned()],
    };
    OverviewPage {
        frame: frame(language),
        head: head(language, Page::Overview),
        sections: Sections {
            shown: vec![
                section(
                    "allergies",
                    "Allergieën",
                    vec![item("Ziekenhuis Oost", false), item("Apotheek <Centrum>", true)],
                    Empty::Nothing,
                ),
                Section {
                    rest: None,
                    hidden: Vec::new(),
                    ..section("problems", "Klachten", Vec::new(), Empty::Unknown)
                },
            ],
            left_out: vec![("Betalers".to_owned(), 3)],
        },
    }
}

/// The pages of a test in every language.
fn all(write: impl Fn(Language) -> String) -> [(Language, String); 2] {
    Language::ALL.map(|language| (language, write(language)))
}

#[test]
fn the_pages_are_stable() {
    for (language, html) in all(|language| page(language).render().unwrap()) {
        insta::assert_snapshot!(
            format!("overview-{}", language.tag()),
            crate::assets::tests::unversioned(&html)
        );
    }
    for (language, html) in all(|language| form(language).render().unwrap()) {
        insta::assert_snapshot!(
            format!("form-{}", language.tag()),
            crate::assets::tests::unversioned(&html)
        );
    }
}

#[test]
fn what_sources_wrote_is_escaped_and_nothing_is_inline() {
    for (_, html) in all(|language| page(language).render().unwrap()) {
        assert!(
            !html.contains("Penicilline <b>")
                && !html.contains("<Centrum>")
                && !html.contains("<Proef>")
                && !html.contains("<nee>")
        );
        for inline in ["style=", "onclick", "<style", "javascript:", "http://"] {
            assert!(!html.contains(inline), "{inline}");
        }
        assert!(!html.contains("<script>"));
    }
}

#[test]
fn an_empty_section_never_looks_like_none_when_a_holder_is_missing() {
    let mut page = page(Language::English);
    assert!(
        page.render()
            .unwrap()
            .contains("This does not mean that there is nothing.")
    );
    for (empty, text) in [
        (Empty::Nothing, "No data available."),
        (Empty::Yet, "No data received yet."),
    ] {
        page.sections.shown[1].empty = empty;
        assert!(page.render().unwrap().contains(text));
    }
}

#[test]
fn the_bar_names_what_is_missing() {
    let html = bar(&matrix(), Language::Dutch).unwrap();
    assert!(
        html.contains("1 van 2") && html.contains("Onvolledig") && html.contains("geen antwoord op tijd")
    );
    assert!(html.contains("te laat"), "the reason of the gap");
    let mut notice = matrix();
    notice.rows.truncate(1);
    assert!(bar(&notice, Language::Dutch).unwrap().contains("Compleet"));
    notice.notices.push("Mitz".to_owned());
    assert!(bar(&notice, Language::Dutch).unwrap().contains("Onvolledig"));
}

#[test]
fn without_a_session_there_is_nothing_to_go_to() {
    let mut page = page(Language::Dutch);
    page.head.address = None;
    let html = page.render().unwrap();
    assert!(!html.contains("aria-keyshortcuts") && !html.contains("name=\"again\""));
}

fn form(language: Language) -> FormPage {
    FormPage {
        frame: Frame {
            here: None,
            ..frame(language)
        },
        trouble: Some(wrong()),
    }
}

fn wrong() -> Trouble {
    Trouble {
        text: "Fout".into(),
        hint: "Doe dit".into(),
        code: "SAM-SRV-006".into(),
    }
}

#[test]
fn the_form_never_puts_the_number_in_an_address() {
    assert!(
        form(Language::Dutch)
            .render()
            .unwrap()
            .contains("method=\"post\"")
    );
    let fragment = trouble(&wrong(), Language::English).unwrap();
    let page = trouble_page(&frame(Language::English), &wrong()).unwrap();
    assert!(fragment.contains("SAM-SRV-006") && page.contains(&fragment));
}

#[test]
fn the_other_language_is_the_same_page() {
    let html = page(Language::Dutch).render().unwrap();
    assert!(html.contains("href=\"/viewer/p/abcd?lang=en\""), "{html}");
}
