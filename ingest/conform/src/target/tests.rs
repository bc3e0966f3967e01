//! The tree that is made, and how it is written.

use samenhang_profiles::FhirVersion;
use samenhang_profiles::element_table::Table;

use super::*;

fn path(text: &str, kind: &str) -> Result<TargetPath, PathError> {
    let table = Table::of(FhirVersion::R4);
    TargetPath::parse(text, table.named(kind).unwrap(), table, |tag| tag.len() as u32)
}

fn patient() -> Tree<'static> {
    Tree::new(
        FhirVersion::R4,
        Table::of(FhirVersion::R4).named("Patient").unwrap(),
    )
}

fn set(tree: &mut Tree<'static>, to: &str, text: &'static str) {
    let path = path(to, "Patient").unwrap();
    let at = tree.reach(Tree::ROOT, &path.steps);
    tree.set_text(at, text.into());
}

#[test]
fn elements_come_in_their_order_and_primitives_with_what_is_attached() {
    let mut tree = patient();
    set(&mut tree, "birthDate", "1970");
    set(&mut tree, "name#a.given", "A");
    set(&mut tree, "name#bb.family", "B");
    set(&mut tree, "name#a.given", "C");
    set(&mut tree, "gender.extension(http://x).valueCode", "y");
    set(&mut tree, "multipleBirthInteger", "2");
    set(&mut tree, "active", "true");
    set(&mut tree, "extension+(http://e).valueDecimal", "1.50");
    set(&mut tree, "extension+(http://e).valueDecimal", "1.0");
    let text = String::from_utf8(json(&tree).unwrap()).unwrap();
    let expected = r#"{"resourceType":"Patient","extension":[{"url":"http://e","valueDecimal":1.50},{"url":"http://e","valueDecimal":1.0}],"active":true,"name":[{"given":["A","C"]},{"family":"B"}],"_gender":{"extension":[{"url":"http://x","valueCode":"y"}]},"birthDate":"1970","multipleBirthInteger":2}"#;
    assert_eq!(text, expected);
}

#[test]
fn what_is_empty_is_not_written() {
    let mut tree = patient();
    assert_eq!(json(&tree), None);
    let steps = path("contact#a.name.given", "Patient").unwrap().steps;
    let given = tree.reach(Tree::ROOT, &steps);
    assert_eq!(json(&tree), None);
    tree.set_text(given, "A".into());
    tree.clear(tree.parent(given).unwrap());
    assert_eq!(json(&tree), None);
    tree.reach(
        Tree::ROOT,
        &path("extension(http://only.a.url)", "Patient").unwrap().steps,
    );
    assert_eq!(json(&tree), None);
}

#[test]
fn items_that_have_only_one_of_text_and_extension_keep_their_place() {
    let mut tree = patient();
    set(&mut tree, "name#a.given", "A");
    let name = tree
        .find(Tree::ROOT, &path("name#a", "Patient").unwrap().steps)
        .unwrap();
    let given = tree.add(name, tree.element_named(name, "given").unwrap());
    let extension = tree.add(given, tree.element_named(given, "extension").unwrap());
    tree.set_url(extension, "http://x".into());
    let value = tree.add(extension, tree.element_named(extension, "valueCode").unwrap());
    tree.set_text(value, "y".into());
    let text = String::from_utf8(json(&tree).unwrap()).unwrap();
    assert!(
        text.contains(
            r#""given":["A",null],"_given":[null,{"extension":[{"url":"http://x","valueCode":"y"}]}]"#
        ),
        "{text}"
    );
}

#[test]
fn paths_are_those_of_the_target() {
    for good in [
        "$this",
        "name#a.given",
        "extension(http://x.y/z).valueString",
        "deceased[x]",
        "contact.name.family",
        "gender.extension(u).valueCode",
    ] {
        assert!(path(good, "Patient").is_ok(), "{good}");
    }
    for bad in [
        "",
        "name.",
        "names",
        "name.given",
        "gender#a",
        "deceased[x].id",
        "extension.valueString",
        "extension(u",
        "a b",
        "name#.given",
        "deceased",
    ] {
        assert!(path(bad, "Patient").is_err(), "{bad}");
    }
}
