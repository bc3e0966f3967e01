//! Trees of other formats.

use super::*;
use crate::fhirpath::{Environment, Expression, Value};

/// `OBX` twice, the second with two values.
fn message(limits: &Limits) -> Result<Document<'static>, ReadError> {
    let text = "OBX|1|a\rOBX|2|b~c";
    let mut tree = Builder::new(text, "ORU", limits)?;
    for (at, values) in [(0, vec![(6, 7)]), (8, vec![(14, 15), (16, 17)])] {
        tree.open("OBX", None, Origin::Offset(at))?;
        for (number, (start, end)) in values.into_iter().enumerate() {
            let label = format!("OBX-2[{}]", number + 1);
            tree.leaf("value", &text[start..end], Origin::Label(&label))?;
        }
        tree.close();
    }
    tree.open("note", Some("text"), Origin::Parent)?;
    tree.leaf("language", "nl", Origin::Parent)?;
    tree.close();
    tree.close();
    tree.leaf("last", "", Origin::Parent)?;
    Ok(tree.finish())
}

#[test]
fn nodes_have_places_origins_and_texts() {
    let document = message(&Limits::default()).unwrap();
    let mut leaves = Vec::new();
    for id in 0..document.len() {
        let node = document.node(id).unwrap();
        if let Some(text) = node.primitive() {
            leaves.push((node.path(), text, node.origin()));
        }
    }
    let expected = [
        ("ORU.OBX[0].value", "a", Some("OBX-2[1]")),
        ("ORU.OBX[1].value[0]", "b", Some("OBX-2[1]")),
        ("ORU.OBX[1].value[1]", "c", Some("OBX-2[2]")),
        ("ORU.note", "text", None),
        ("ORU.note.language", "nl", None),
        ("ORU.last", "", None),
    ];
    let leaves: Vec<_> = leaves
        .iter()
        .map(|(path, text, label)| (path.as_str(), *text, *label))
        .collect();
    assert_eq!(leaves, expected);
    let second = document.root().children().nth(1).unwrap();
    assert_eq!((second.offset(), document.position(second).column), (8, 9));
}

#[test]
fn fhirpath_goes_through_it_by_name() {
    let document = message(&Limits::default()).unwrap();
    let expression = Expression::compile("OBX.where(value = 'a').value | note").unwrap();
    let root = Value::Node(document.root());
    let found = expression
        .evaluate(&[root], &Environment::new().at(document.root()))
        .unwrap();
    let found: Vec<_> = found.iter().filter_map(Value::text).collect();
    assert_eq!(found, ["a", "text"]);
}

#[test]
fn limits_hold() {
    let some = Limits::default();
    let tight = [
        Limits { max_nodes: 3, ..some },
        Limits { max_depth: 1, ..some },
        Limits { max_bytes: 4, ..some },
        Limits { max_name: 2, ..some },
        Limits {
            max_base64: 2,
            ..some
        },
    ];
    for limits in tight {
        assert!(
            matches!(message(&limits), Err(ReadError::Limit { .. })),
            "{limits:?}"
        );
    }
}
