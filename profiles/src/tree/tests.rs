use super::Tree;
use crate::limits::Limits;
use crate::raw::ReadError;
use crate::write::JsonWriter;

const TEXT: &str =
    r#"{"z":1.50,"code":{"coding":[{"display":"a\"b"},{"display":"c"}]},"t":true,"n":null,"a":[1e5,-0]}"#;

fn tree(text: &str) -> Tree<'_> {
    Tree::parse(text.as_bytes(), &Limits::default()).unwrap()
}

#[test]
fn fields_are_reached_by_name_index_and_path() {
    let tree = tree(TEXT);
    assert_eq!(tree.get("z").and_then(Tree::as_number), Some("1.50"));
    assert_eq!(tree.text("code.coding.0.display"), Some("a\"b"));
    assert_eq!(tree.text("code.coding.1.display"), Some("c"));
    assert_eq!(tree.text("code.coding.2.display"), None);
    assert_eq!(tree.text("code.coding.display"), None);
    assert_eq!(tree.path("t").and_then(Tree::as_bool), Some(true));
    assert_eq!(tree.path("n"), Some(&Tree::Null));
    assert_eq!(tree.get("a").map(|a| a.items().len()), Some(2));
    let names: Vec<_> = tree.fields().map(|(name, _)| name).collect();
    assert_eq!(names, ["z", "code", "t", "n", "a"]);
    assert!(tree.items().is_empty() && tree.get("a").unwrap().fields().next().is_none());
}

#[test]
fn writing_gives_the_text_back() {
    let mut out = JsonWriter::new();
    tree(TEXT).into_owned().write(&mut out);
    assert_eq!(out.finish(), TEXT);
}

#[test]
fn depth_is_bounded_whatever_the_limits_say() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let limits = Limits {
        max_depth: usize::MAX,
        ..Limits::default()
    };
    let error = Tree::parse(deep.as_bytes(), &limits).err();
    assert!(matches!(error, Some(ReadError::Limit { limit: 256, .. })));
}
