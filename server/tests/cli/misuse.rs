//! Wrong input: exit status 2, nothing on stdout, and what to do on stderr.

use std::net::TcpListener;

use crate::process::{Done, run};

/// Misuse: nothing on stdout, a few lines on stderr that hold this text, and no number of a patient.
fn is_misuse(done: &Done, text: &str) {
    assert_eq!(done.status, Some(2), "{}", done.err);
    assert_eq!(done.out, "");
    assert!(done.err.contains(text), "'{text}' is not in: {}", done.err);
    assert!(
        !done.err.contains("panicked") && !done.err.contains("Error {"),
        "{}",
        done.err
    );
}

#[test]
fn an_option_or_command_that_does_not_exist_is_named() {
    is_misuse(&run(&["demo", "--anwser", "x"]), "--anwser");
    is_misuse(&run(&["demo", "--anwser", "x"]), "--answer");
    is_misuse(&run(&["dmeo"]), "demo");
    is_misuse(&run(&[]), "Usage");
    is_misuse(&run(&["serve"]), "--config");
    is_misuse(&run(&["demo", "--port", "many"]), "many");
}

#[test]
fn a_number_that_is_no_bsn_is_not_repeated() {
    for wrong in ["999990018", "99999001", "9999900199", "abc", ""] {
        let done = run(&["demo", "--answer", wrong]);
        is_misuse(&done, "--answer");
        assert!(done.err.contains("hint"), "{}", done.err);
        let first = done.err.lines().next().unwrap();
        assert!(wrong.is_empty() || !first.contains(wrong), "{first}");
    }
}

#[test]
fn what_is_wrong_with_a_source_is_said_in_a_line() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().display();
    for (source, text) in [
        (format!("ura=1,name=A,fhir=r4,dir={dir}/absent"), "does not exist"),
        (
            format!("ura=1,name=A,fhir=r4,dir={dir},colour=red"),
            "unknown key 'colour'",
        ),
        (format!("ura=1,name=A,fhir=r5,dir={dir}"), "expected stu3 or r4"),
        (format!("name=A,fhir=r4,dir={dir}"), "ura= is missing"),
        (
            format!("ura=1,name=A,fhir=r4,dir={dir},quirk=odd"),
            "quirk=odd is unknown",
        ),
        (
            format!("ura=1,name=A,fhir=r4,dir={dir},fault=odd"),
            "fault=odd is unknown",
        ),
        (
            format!("ura=1,name=A,fhir=r4,dir={dir},bsn=p:999990018"),
            "not a BSN",
        ),
        ("here".to_owned(), "not key=value"),
    ] {
        for command in ["demo", "testbed"] {
            let done = run(&[command, "--source", &source]);
            is_misuse(&done, text);
            assert!(!done.err.contains("99999"), "{}", done.err);
            assert!(done.err.lines().count() <= 2, "{}", done.err);
        }
    }
}

#[test]
fn a_file_that_is_not_there_is_named() {
    for args in [
        vec!["serve", "--config", "/nowhere/samenhang.toml"],
        vec!["config", "check", "/nowhere/samenhang.toml"],
        vec!["audit", "verify", "/nowhere/samenhang.toml"],
    ] {
        is_misuse(&run(&args), "/nowhere/samenhang.toml");
    }
}

#[test]
fn a_folder_without_data_and_a_taken_port_are_findings() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("x.json"), "{").unwrap();
    let source = format!("ura=1,name=A,fhir=r4,dir={}", folder.path().display());
    let done = run(&["demo", "--source", &source, "--answer", "999990019"]);
    assert_eq!((done.status, done.out.as_str()), (Some(1), ""), "{}", done.err);
    assert!(done.err.contains("holds no FHIR resource"), "{}", done.err);

    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for command in ["demo", "testbed"] {
        let done = run(&[command, "--port", &port]);
        assert_eq!(
            (done.status, done.out.as_str()),
            (Some(1), ""),
            "{command}: {}",
            done.err
        );
        assert!(done.err.contains(&port), "{command}: {}", done.err);
        assert!(done.err.lines().count() <= 3, "{command}: {}", done.err);
    }
}
