//! What each command says of itself.

use crate::process::run;

/// The commands that a help text lists, without the one that explains them.
fn listed(help: &str) -> Vec<String> {
    let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let names = lines
        .take_while(|line| !line.is_empty())
        // A name stands two deep, what follows of its text deeper.
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next());
    names.filter(|name| *name != "help").map(str::to_owned).collect()
}

#[test]
fn every_command_explains_itself() {
    let mut open = vec![Vec::<String>::new()];
    let mut seen = 0;
    while let Some(command) = open.pop() {
        let mut words: Vec<&str> = command.iter().map(String::as_str).collect();
        words.push("--help");
        let done = run(&words);
        assert_eq!((done.status, done.err.as_str()), (Some(0), ""), "{command:?}");
        let name = ["help", &command.join("_")].join("_");
        insta::assert_snapshot!(name.trim_end_matches('_'), done.out);
        seen += 1;
        open.extend(listed(&done.out).into_iter().map(|own| {
            let mut below = command.clone();
            below.push(own);
            below
        }));
    }
    assert!(seen > 40, "only {seen} commands are listed");
}

#[test]
fn the_version_is_that_of_the_package() {
    let done = run(&["--version"]);
    assert_eq!(done.status, Some(0));
    assert_eq!(done.out, concat!("samenhang ", env!("CARGO_PKG_VERSION"), "\n"));
}
