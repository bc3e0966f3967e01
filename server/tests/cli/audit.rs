//! `samenhang audit verify`.

use serde_json::Value;

use crate::process::run;
use crate::serve::Pair;

#[tokio::test]
async fn a_log_is_verified_and_a_changed_byte_is_found() {
    let mut pair = Pair::start(&[]).await;
    let cookie = pair.login().await;
    let who = [("cookie", cookie.as_str()), ("origin", pair.base.as_str())];
    let answer = pair.ask("999990020", &who, "application/fhir+json").await;
    assert_eq!(answer.status(), 200);
    let bundle = answer.text().await.unwrap();
    assert!(
        bundle.contains("\"resourceType\":\"AllergyIntolerance\""),
        "{bundle}"
    );
    assert_eq!(pair.server.terminate().code(), Some(0));
    let log = pair.audit_log();
    let path = log.to_str().unwrap();
    let key = pair.folder.path().join("keys/audit.key");
    let done = run(&["audit", "verify", path]);
    assert_eq!(done.status, Some(0), "{}{}", done.out, done.err);
    let report: Value = serde_json::from_str(&done.out).unwrap();
    assert!(
        report["events"].as_i64().is_some_and(|events| events > 10),
        "{report}"
    );
    assert!(report["broken"].is_null(), "{report}");
    let sealed = run(&["audit", "verify", path, "--key", key.to_str().unwrap()]);
    assert_eq!(sealed.status, Some(0), "{}{}", sealed.out, sealed.err);
    assert!(sealed.out.contains("\"seal\":\"valid\""), "{}", sealed.out);

    // One digit: another holder is made to have been asked. Everywhere that it stands in the file, as some of those
    // places are room that the database no longer uses.
    let mut bytes = std::fs::read(&log).unwrap();
    let mark = b"00700700";
    let places: Vec<usize> = (0..bytes.len() - mark.len())
        .filter(|at| &bytes[*at..at + mark.len()] == mark)
        .collect();
    for at in places {
        bytes[at] = b'1';
    }
    std::fs::write(&log, bytes).unwrap();
    let done = run(&["audit", "verify", path]);
    assert_eq!(done.status, Some(1), "{}{}", done.out, done.err);
    let report: Value = serde_json::from_str(&done.out).unwrap();
    assert!(report["broken"]["sequence"].as_i64().is_some(), "{report}");

    // No log at all.
    let other = pair.folder.path().join("samenhang.toml");
    let done = run(&["audit", "verify", other.to_str().unwrap()]);
    assert_eq!(done.status, Some(1), "{}{}", done.out, done.err);
    assert!(!format!("{}{}", done.out, done.err).contains("panicked"));
}
