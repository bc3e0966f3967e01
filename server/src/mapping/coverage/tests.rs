//! The paths of the BgZ are those of the list that they come from.

use super::bgz_paths;

#[test]
fn the_paths_of_the_bgz_are_those_of_the_list() {
    let own: Vec<&str> = bgz_paths().collect();
    let kinds: std::collections::BTreeSet<&str> =
        own.iter().filter_map(|path| path.split('.').next()).collect();
    assert_eq!((kinds.len(), own.len()), (29, 1126));
    let shared = std::env::var("SAMENHANG_SHARED").unwrap_or_else(|_| "../shared".to_owned());
    let root = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).join(shared);
    let Ok(list) = std::fs::read_to_string(root.join("fhir/bgz-paths.csv")) else {
        eprintln!("skipped: no list of paths at {}", root.display());
        return;
    };
    let listed: Vec<&str> = list
        .lines()
        .skip(1)
        .filter_map(|line| line.split(',').next())
        .collect();
    assert_eq!(own, listed);
}
