//! The pages for the patient.

use super::{frame, matrix, page as professional};
use crate::access_log::Entry;
use crate::language::Language;
use crate::pages::{AccessLogPage, Frame, OwnHome, OwnPage, Person, Reader};

fn own(language: Language) -> Frame {
    Frame {
        reader: Reader::Patient,
        person: Some(Person::patient("West", language)),
        here: Some("/patient/log".to_owned()),
        ..frame(language)
    }
}

fn overview(language: Language) -> OwnPage {
    let page = professional(language);
    OwnPage {
        frame: own(language),
        made_at: "22-11-2026 10:00".to_owned(),
        patient: page.head.patient,
        matrix: matrix(),
        sections: page.sections,
    }
}

fn log(language: Language) -> AccessLogPage {
    let entry = |own: bool, is_refused: bool| Entry {
        when: "22-11-2026 10:10 tot 10:20".to_owned(),
        organisation: (!own).then(|| "Huisartsenpraktijk <West>".to_owned()),
        role: if own { "u" } else { "huisarts" }.to_owned(),
        own,
        why: "om u te behandelen".to_owned(),
        what: "alles".to_owned(),
        times: if own { 1 } else { 3 },
        ended: "gegevens laten zien".to_owned(),
        is_refused,
        shown: if own {
            Vec::new()
        } else {
            vec!["Ziekenhuis Oost: 3 gegevens".to_owned()]
        },
    };
    AccessLogPage {
        frame: own(language),
        entries: vec![entry(true, false), entry(false, false), entry(false, true)],
        before: Some("kk".to_owned()),
        is_earlier: true,
    }
}

#[test]
fn the_pages_for_the_patient_in_both_languages() {
    for language in Language::ALL {
        let home = OwnHome {
            frame: own(language),
            is_patient: true,
            trouble: None,
        };
        let tag = language.tag();
        insta::assert_snapshot!(
            format!("own-home-{tag}"),
            crate::assets::tests::unversioned(&home.render().unwrap())
        );
        insta::assert_snapshot!(
            format!("own-{tag}"),
            crate::assets::tests::unversioned(&overview(language).render().unwrap())
        );
        insta::assert_snapshot!(
            format!("access-log-{tag}"),
            crate::assets::tests::unversioned(&log(language).render().unwrap())
        );
    }
}

#[test]
fn who_is_no_patient_yet_finds_the_way_in() {
    let page = |demo| OwnHome {
        frame: Frame {
            person: None,
            demo,
            ..own(Language::Dutch)
        },
        is_patient: false,
        trouble: None,
    };
    let real = page(false).render().unwrap();
    assert!(real.contains("PGO") && !real.contains("<form"), "{real}");
    let demo = page(true).render().unwrap();
    assert!(
        demo.contains("id=\"enter\"") && demo.contains("method=\"post\""),
        "{demo}"
    );
}

#[test]
fn every_section_has_a_plain_name_and_every_status_a_plain_reason() {
    use samenhang_reconcile::view::Views;
    use samenhang_terminology::Status;
    for language in Language::ALL {
        for section in &Views::shipped().sections {
            let key = format!("plain-{}", section.name);
            assert_ne!(language.texts().say(&key), key);
        }
        for status in Status::ALL {
            let key = format!("own-status-{}", status.code());
            assert_ne!(language.texts().say(&key), key);
        }
    }
}
