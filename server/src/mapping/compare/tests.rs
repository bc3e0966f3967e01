//! What counts as a difference and what does not.

use samenhang_profiles::Limits;
use samenhang_profiles::tree::Tree;

use super::compare;

const ONE: &str = "0b0e7f1c-8a43-5d6e-9c11-2f6b1a7d3e01";
const TWO: &str = "0b0e7f1c-8a43-5d6e-9c11-2f6b1a7d3e02";
const THREE: &str = "0b0e7f1c-8a43-5d6e-9c11-2f6b1a7d3e03";

fn differences(expected: &str, actual: &str) -> Vec<String> {
    fn read(text: &str) -> Vec<Tree<'_>> {
        let parsed = text
            .lines()
            .map(|line| Tree::parse(line.as_bytes(), &Limits::default()).unwrap());
        parsed.collect()
    }
    compare(&read(expected), &read(actual), &|id| id == THREE)
        .iter()
        .map(|one| format!("{} {}", one.kind, one.path))
        .collect()
}

#[test]
fn says_what_differs_and_where() {
    for (expected, actual, told) in [
        (r#"{"a":1,"b":2}"#, r#"{"b":2,"a":1}"#, vec![]),
        (r#"{"a":5.0}"#, r#"{"a":5}"#, vec!["differs (no resource)[0].a"]),
        (r#"{"a":[1,2]}"#, r#"{"a":[2,1]}"#, vec![]),
        (
            r#"{"a":[1,1]}"#,
            r#"{"a":[1]}"#,
            vec!["missing (no resource)[0].a[1]"],
        ),
        (
            r#"{"a":[1]}"#,
            r#"{"a":[1,3]}"#,
            vec!["unexpected (no resource)[0].a[1]"],
        ),
        (
            r#"{"given":["A","B"]}"#,
            r#"{"given":["B","A"]}"#,
            vec![
                "differs (no resource)[0].given[0]",
                "differs (no resource)[0].given[1]",
            ],
        ),
        (
            r#"{"c":[{"x":1,"y":2},{"x":3}]}"#,
            r#"{"c":[{"x":3},{"x":1,"y":4}]}"#,
            vec!["differs (no resource)[0].c[0].y"],
        ),
        (r#"{"a":null}"#, "{}", vec!["missing (no resource)[0].a"]),
    ] {
        assert_eq!(differences(expected, actual), told, "{expected} {actual}");
    }
}

#[test]
fn ids_that_were_made_count_by_what_they_point_at() {
    let pair = |patient: &str, other: &str| {
        format!(
            "{{\"resourceType\":\"Patient\",\"id\":\"{patient}\",\"gender\":\"male\"}}\n\
             {{\"resourceType\":\"Patient\",\"id\":\"{other}\",\"gender\":\"female\"}}\n\
             {{\"resourceType\":\"Flag\",\"id\":\"f\",\"subject\":{{\"reference\":\"Patient/{patient}\"}}}}"
        )
    };
    let expected = pair(ONE, TWO);
    // Other ids, and the other way around.
    assert_eq!(differences(&expected, &pair(TWO, ONE)), Vec::<String>::new());
    // The flag is about the other patient.
    let wrong = expected.replace(&format!("Patient/{ONE}"), &format!("Patient/{TWO}"));
    assert_eq!(
        differences(&expected, &wrong),
        ["differs Flag[2].subject.reference"]
    );
    // An id of the source is no id that was made.
    let told = differences(&expected, &pair(THREE, TWO));
    assert!(told.contains(&"differs Patient[0].id".to_owned()), "{told:?}");
}

#[test]
fn a_resource_too_many_or_too_few_is_told() {
    let flag = |id: &str| format!("{{\"resourceType\":\"Flag\",\"id\":\"{id}\"}}");
    let two = format!("{}\n{}", flag("a"), flag("b"));
    assert_eq!(differences(&two, &flag("b")), ["missing Flag[0]"]);
    assert_eq!(differences(&flag("b"), &two), ["unexpected Flag[+0]"]);
}
