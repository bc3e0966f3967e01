//! What each command says of itself.

use crate::process::run;

#[test]
fn every_command_explains_itself() {
    let commands: [&[&str]; 42] = [
        &[],
        &["demo"],
        &["serve"],
        &["testbed"],
        &["validate"],
        &["config"],
        &["config", "check"],
        &["config", "schema"],
        &["audit"],
        &["audit", "verify"],
        &["packages"],
        &["packages", "list"],
        &["packages", "add"],
        &["packages", "check"],
        &["map"],
        &["map", "new"],
        &["map", "run"],
        &["map", "cover"],
        &["map", "check"],
        &["map", "test"],
        &["map", "diff"],
        &["map", "fix"],
        &["station"],
        &["station", "init"],
        &["station", "add-source"],
        &["station", "ingest"],
        &["station", "serve"],
        &["station", "publish"],
        &["station", "schema"],
        &["station", "check"],
        &["station", "status"],
        &["station", "quality"],
        &["station", "quarantine"],
        &["station", "quarantine", "list"],
        &["station", "quarantine", "replay"],
        &["station", "quarantine", "waive"],
        &["station", "erase"],
        &["station", "stop"],
        &["station", "resume"],
        &["station", "expire"],
        &["station", "rotate-key"],
        &["station", "fsck"],
    ];
    for command in commands {
        let done = run(&[command, &["--help"]].concat());
        assert_eq!((done.status, done.err.as_str()), (Some(0), ""), "{command:?}");
        let name = ["help", &command.join("_")].join("_");
        insta::assert_snapshot!(name.trim_end_matches('_'), done.out);
    }
}

#[test]
fn the_version_is_that_of_the_package() {
    let done = run(&["--version"]);
    assert_eq!(done.status, Some(0));
    assert_eq!(done.out, concat!("samenhang ", env!("CARGO_PKG_VERSION"), "\n"));
}
