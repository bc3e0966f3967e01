use samenhang_terminology::{Category, Status};

use super::{FormPage, Frame, OverviewPage, Person, Trouble, bar, fragments, trouble};
use crate::item::{Item, Mark};
use crate::matrix::{Cell, Matrix, Row};
use crate::words::Language;

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

fn item(holder: &str, conflict: bool) -> Item {
    Item {
        category: Category::AllergyIntolerance,
        title: "Penicilline <b>".to_owned(),
        detail: "high".to_owned(),
        status: Some("active".to_owned()),
        date: Some("06-10-2026".to_owned()),
        holder: holder.to_owned(),
        ura: "00700700".to_owned(),
        as_received: conflict,
        lifted: !conflict,
        original: "https://oost.example/AllergyIntolerance/1".to_owned(),
        mark: Mark {
            shared_by: 2,
            conflict,
        },
    }
}

fn page(language: Language) -> OverviewPage {
    OverviewPage {
        frame: Frame {
            language,
            person: Some(Person {
                name: "A.B. Voorbeeld".to_owned(),
                organisation: "West".to_owned(),
            }),
            demo: true,
        },
        made_at: "22-11-2026 10:00".to_owned(),
        shown_again: None,
        matrix: matrix(),
        items: vec![item("Ziekenhuis Oost", false), item("Apotheek <Centrum>", true)],
        categories: vec![Category::AllergyIntolerance, Category::Condition],
    }
}

#[test]
fn the_overview_is_stable() {
    insta::assert_snapshot!("overview-nl", page(Language::Dutch).render().unwrap());
}

#[test]
fn what_sources_wrote_is_escaped_and_nothing_is_inline() {
    for language in [Language::Dutch, Language::English] {
        let html = page(language).render().unwrap();
        assert!(!html.contains("Penicilline <b>") && !html.contains("<Centrum>"));
        for inline in ["style=", "onclick", "<style", "javascript:", "http://"] {
            assert!(!html.contains(inline), "{inline}");
        }
        assert!(!html.contains("<script>"));
    }
}

#[test]
fn an_empty_section_never_looks_like_none_when_a_holder_is_missing() {
    let mut page = page(Language::English);
    page.items.clear();
    let html = page.render().unwrap();
    assert!(html.contains("This does not mean that there is nothing."));
    assert!(html.contains("No data available."));
    page.matrix.is_final = false;
    assert!(page.render().unwrap().contains("No data received yet."));
}

#[test]
fn the_bar_names_what_is_missing() {
    let html = bar(&matrix(), Language::Dutch).unwrap();
    assert!(
        html.contains("1 van 2") && html.contains("Onvolledig") && html.contains("geen antwoord op tijd")
    );
    let mut notice = matrix();
    notice.rows.truncate(1);
    assert!(bar(&notice, Language::Dutch).unwrap().contains("Compleet"));
    notice.notices.push("Mitz".to_owned());
    assert!(bar(&notice, Language::Dutch).unwrap().contains("Onvolledig"));
}

#[test]
fn fragments_go_to_their_sections() {
    let groups = fragments(&[item("A", false), item("B", false)], Language::Dutch).unwrap();
    assert_eq!(groups.len(), 1);
    assert_eq!(groups[0].0, "section-AllergyIntolerance");
    assert_eq!(groups[0].1.matches("<li").count(), 2);
}

#[test]
fn the_form_never_puts_the_number_in_an_address() {
    let trouble_of = Trouble {
        text: "Fout".into(),
        hint: "Doe dit".into(),
        code: "SAM-SRV-006".into(),
    };
    let form = FormPage {
        frame: Frame::default(),
        trouble: Some(trouble_of.clone()),
    };
    let html = form.render().unwrap();
    insta::assert_snapshot!("form-nl", html);
    assert!(html.contains("method=\"post\""));
    assert!(
        trouble(&trouble_of, Language::English)
            .unwrap()
            .contains("SAM-SRV-006")
    );
}
