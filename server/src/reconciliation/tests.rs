use std::path::Path;

use serde_json::json;

use super::{MapConfig, MapFault, ReconciliationConfig};

const MAP: &str = "http://example.org/ConceptMap/one";

fn section(folder: &Path, maps: &[(&str, &str, &str)]) -> ReconciliationConfig {
    let map = |(canonical, version, file): &(&str, &str, &str)| MapConfig {
        canonical: (*canonical).to_owned(),
        version: (*version).to_owned(),
        path: folder.join(file),
    };
    ReconciliationConfig {
        maps: maps.iter().map(map).collect(),
    }
}

/// A folder with a map, a file of another kind and one that is no JSON.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let map = json!({"resourceType": "ConceptMap", "url": MAP, "version": "1", "status": "active",
        "group": [{"source": "http://example.org/a", "target": "http://example.org/b",
            "element": [{"code": "1", "target": [{"code": "x", "equivalence": "equivalent"}]}]}]});
    for (name, text) in [
        ("map.json", map.to_string()),
        ("other.json", json!({"resourceType": "Patient"}).to_string()),
        ("broken.json", "{".to_owned()),
    ] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

#[test]
fn without_a_map_none_is_used() {
    let maps = ReconciliationConfig::default().open().unwrap();
    assert!(maps.names().is_empty());
}

#[test]
fn a_map_is_used_by_the_name_that_its_file_has() {
    let folder = folder();
    let maps = section(folder.path(), &[(MAP, "1", "map.json")]).open().unwrap();
    assert_eq!(maps.names(), &[format!("{MAP}|1").into()]);
    for (canonical, version, file, told) in [
        (MAP, "2", "map.json", "SAM-REC-007"),
        (
            "http://example.org/ConceptMap/two",
            "1",
            "map.json",
            "SAM-REC-007",
        ),
        (MAP, "", "map.json", "SAM-REC-006"),
        (MAP, "1", "other.json", "it is no ConceptMap"),
        (MAP, "1", "broken.json", "broken.json"),
        (MAP, "1", "gone.json", "gone.json"),
    ] {
        let fault = section(folder.path(), &[(canonical, version, file)]).open();
        let fault: MapFault = fault.expect_err(file);
        assert!(fault.to_string().contains(told), "{file}: {fault}");
    }
}

#[test]
fn what_is_wrong_with_the_section_is_told_by_its_keys() {
    let folder = folder();
    let section = section(
        folder.path(),
        &[
            (MAP, "1", "map.json"),
            (MAP, "1", "map.json"),
            (MAP, "", "map.json"),
            (MAP, "3", "gone.json"),
        ],
    );
    let keys: Vec<String> = section.check().into_iter().map(|finding| finding.key).collect();
    assert_eq!(
        keys,
        [
            "reconciliation.maps[1]",
            "reconciliation.maps[2]",
            "reconciliation.maps[3].path"
        ]
    );
}
