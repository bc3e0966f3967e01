//! Trees of files with rows.

use super::*;

fn settings() -> Settings {
    let join = Join {
        inside: "patients".to_owned(),
        by: "patient".to_owned(),
        key: "id".to_owned(),
    };
    Settings {
        delimiter: None,
        joins: [("observations".to_owned(), join)].into(),
        patient: None,
    }
}

fn leaves(tables: &[Table<'_>], settings: &Settings) -> Result<Vec<String>, SourceError> {
    let document = read(tables, settings, &Limits::default())?;
    let nodes = (0..document.len()).filter_map(|id| document.node(id));
    let leaf = nodes.filter_map(|node| {
        Some(format!(
            "{}={} ({})",
            node.path(),
            node.primitive()?,
            node.origin()?
        ))
    });
    Ok(leaf.collect())
}

#[test]
fn rows_stand_in_each_other_by_their_key() {
    let patients = Table::new(
        "patients",
        "\u{feff}id;\"naam, voor\";2e\r\np1;\"Jan \"\"de\"\" Test\r\nregel\";\r\n\r\np2;Piet;x",
    );
    let observations = Table::new("observations", "patient,code,value\np2,A,1.0\np3,B,2\np2,C,\n");
    let found = leaves(&[patients, observations], &settings()).unwrap();
    let expected = [
        "Tables.patients[0].id=p1 (patients row 2, column id)",
        "Tables.patients[0].naam__voor=Jan \"de\" Test\r\nregel (patients row 2, column naam__voor)",
        "Tables.patients[1].id=p2 (patients row 4, column id)",
        "Tables.patients[1].naam__voor=Piet (patients row 4, column naam__voor)",
        "Tables.patients[1]._2e=x (patients row 4, column _2e)",
        "Tables.patients[1].observations[0].patient=p2 (observations row 2, column patient)",
        "Tables.patients[1].observations[0].code=A (observations row 2, column code)",
        "Tables.patients[1].observations[0].value=1.0 (observations row 2, column value)",
        "Tables.patients[1].observations[1].patient=p2 (observations row 4, column patient)",
        "Tables.patients[1].observations[1].code=C (observations row 4, column code)",
        "Tables.observations.patient=p3 (observations row 3, column patient)",
        "Tables.observations.code=B (observations row 3, column code)",
        "Tables.observations.value=2 (observations row 3, column value)",
    ];
    assert_eq!(found, expected);
}

#[test]
fn a_row_that_is_not_as_the_header_says_is_refused() {
    let cases = [
        ("", 1),
        ("a,a\n1,2", 1),
        ("a,\n1,2", 1),
        ("a,b\n1,2\n1", 3),
        ("a,b\n1,2,3", 2),
        ("a,b\n1,\"2", 2),
        ("a,b\n1,\"2\"x", 2),
    ];
    for (text, row) in cases {
        let table = Table::new("t", text);
        let found = leaves(&[table], &Settings::default());
        let fault = found.unwrap_err();
        assert!(
            matches!(fault, SourceError::Row { row: own, .. } if own == row),
            "{text}: {fault}"
        );
    }
    let twice = Table::new("patients", "id\np1\np1");
    let other = Table::new("observations", "patient\np1");
    assert_eq!(
        leaves(&[twice, other], &settings()).unwrap_err().code(),
        "SAM-CNF-203"
    );
}

#[test]
fn limits_hold() {
    let table = Table::new("t", "a,b\n1,2\n3,4\n");
    for limits in [
        Limits {
            max_nodes: 3,
            ..Limits::default()
        },
        Limits {
            max_bytes: 5,
            ..Limits::default()
        },
    ] {
        assert!(read(&[table], &Settings::default(), &limits).is_err());
    }
}

#[test]
fn joins_that_go_in_a_circle_are_refused() {
    let join = |inside: &str| Join {
        inside: inside.to_owned(),
        by: "a".to_owned(),
        key: "a".to_owned(),
    };
    let mut settings = Settings::default();
    settings.joins.insert("x".to_owned(), join("y"));
    assert!(settings.is_tree());
    settings.joins.insert("y".to_owned(), join("x"));
    assert!(!settings.is_tree());
    let tables = ["x", "y"].map(|name| Table::new(name, "a\n1"));
    assert!(leaves(&tables, &settings).is_err());
}

/// Key and rows of each part.
fn told(parts: &[Part]) -> Vec<String> {
    let tables = |part: &Part| {
        let table = |table: &PartTable| format!("{} {:?} {:?}", table.name, table.numbers, table.text);
        part.tables.iter().map(table).collect::<Vec<_>>().join(", ")
    };
    let told = |part: &Part| format!("{:?}: {}", part.key, tables(part));
    parts.iter().map(told).collect()
}

#[test]
fn a_delivery_is_cut_by_what_tells_patients_apart() {
    let patients = Table::new("patients", "id;name\r\np1;\"A\r\nB\"\r\n\r\np2;C");
    let observations = Table::new("observations", "patient,code\np2,A\np3,B\np2,C\np3,D\n,E\n");
    let found = cut(&[patients, observations], &settings(), &Limits::default()).unwrap();
    let expected = [
        r#"Some("patients\np1"): patients [2] "id;name\np1;\"A\r\nB\"\n""#,
        r#"Some("patients\np2"): patients [4] "id;name\np2;C\n", observations [2, 4] "patient,code\np2,A\np2,C\n""#,
        // Nobody has this key: they are together, and apart from everybody.
        r#"Some("observations\np3"): observations [3, 5] "patient,code\np3,B\np3,D\n""#,
        r#"None: observations [6] "patient,code\n,E\n""#,
    ];
    assert_eq!(told(&found), expected);
    let flat = Settings {
        patient: Some("who".to_owned()),
        ..Settings::default()
    };
    let tables = [
        Table::new("a", "who,x\n1,A\n2,B\n1,C\n,D"),
        Table::new("b", "y,who\nE,2"),
        Table::new("c", "z\nF"),
    ];
    let found = cut(&tables, &flat, &Limits::default()).unwrap();
    let expected = [
        r#"Some("\n1"): a [2, 4] "who,x\n1,A\n1,C\n""#,
        r#"Some("\n2"): a [3] "who,x\n2,B\n", b [2] "y,who\nE,2\n""#,
        r#"None: a [5] "who,x\n,D\n""#,
        r#"None: c [2] "z\nF\n""#,
    ];
    assert_eq!(told(&found), expected);
}

#[test]
fn a_part_keeps_the_numbers_of_its_rows() {
    let table = Table {
        numbers: &[7, 9],
        ..Table::new("t", "a,b\n1,2\n3,4,5")
    };
    let fault = read(&[table], &Settings::default(), &Limits::default()).unwrap_err();
    assert_eq!(fault.to_string(), "t row 9: not as many fields as the header has");
}
