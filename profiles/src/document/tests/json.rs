use crate::document::tests::{faults, from_json, tree};
use crate::document::{Document, ValueKind};
use crate::raw::ReadError;
use crate::{FhirVersion, Limits};

/// A Patient with these properties: its tree without the root, and what is irregular.
fn patient(inner: &str) -> (String, Vec<String>) {
    let text = format!("{{\"resourceType\":\"Patient\",{inner}}}");
    let document = from_json(&text);
    let children: Vec<String> = document.root().children().map(tree).collect();
    (children.join(" "), faults(&document))
}

#[test]
fn what_stands_beside_a_primitive_is_merged() {
    for (inner, expected) in [
        (
            r#""birthDate":"1990","_birthDate":{"id":"a"}"#,
            "birthDate:date=1990[id:string=a]",
        ),
        (
            r#""_birthDate":{"id":"a"},"birthDate":"1990""#,
            "birthDate:date=1990[id:string=a]",
        ),
        (r#""_birthDate":{"id":"a"}"#, "birthDate:date[id:string=a]"),
        (
            r#""name":[{"given":["a",null,"c"],"_given":[null,{"id":"b"},{"id":"c"},{"id":"d"}],"family":"f"}]"#,
            "name:HumanName[given:string=a given:string[id:string=b] given:string=c[id:string=c] \
             given:string[id:string=d] family:string=f]",
        ),
        (
            r#""name":[{"_given":[null,{"id":"b"}],"family":"f","given":["a","b","c"]}]"#,
            "name:HumanName[given:string=a given:string=b[id:string=b] given:string=c family:string=f]",
        ),
        (
            r#""active":true,"_active":{"extension":[{"url":"u"}]},"gender":"male""#,
            "active:boolean=true[extension:Extension[url:uri=u]] gender:code=male",
        ),
    ] {
        assert_eq!(patient(inner), (expected.to_owned(), vec![]), "{inner}");
    }
}

#[test]
fn faults_of_shape_are_noted_and_nothing_is_lost() {
    for (inner, expected, fault) in [
        (
            r#""foo":{"bar":[1,"x"]}"#,
            "foo:[bar:=1 bar:=x]",
            "unknown-element Patient.foo",
        ),
        (
            r#""name":[{"foo":1}]"#,
            "name:HumanName[foo:=1]",
            "unknown-element Patient.name[0].foo",
        ),
        (
            r#""name":{"family":"f"}"#,
            "name:HumanName[family:string=f]",
            "missing-array Patient.name[0]",
        ),
        (
            r#""gender":["male"]"#,
            "gender:code=male",
            "unexpected-array Patient.gender",
        ),
        (
            r#""active":"true""#,
            "active:boolean=true",
            "wrong-kind Patient.active",
        ),
        (
            r#""birthDate":1990"#,
            "birthDate:date=1990",
            "wrong-kind Patient.birthDate",
        ),
        (
            r#""birthDate":{"id":"x"}"#,
            "birthDate:date[id:string=x]",
            "wrong-kind Patient.birthDate",
        ),
        (
            r#""multipleBirthInteger":"2""#,
            "multipleBirthInteger:integer=2",
            "wrong-kind Patient.multipleBirth.ofType(integer)",
        ),
        (
            r#""maritalStatus":"x""#,
            "maritalStatus:CodeableConcept=x",
            "wrong-kind Patient.maritalStatus",
        ),
        (r#""gender":null"#, "gender:code", "null Patient.gender"),
        (
            r#""gender":"male","_gender":null"#,
            "gender:code=male",
            "null Patient.gender",
        ),
        (r#""name":[null]"#, "name:HumanName", "null Patient.name[0]"),
        (
            r#""name":[{"given":["a",null]}]"#,
            "name:HumanName[given:string=a given:string]",
            "null Patient.name[0].given[1]",
        ),
        (r#""name":[]"#, "", "empty-array Patient.name"),
        (
            r#""maritalStatus":{}"#,
            "maritalStatus:CodeableConcept",
            "empty Patient.maritalStatus",
        ),
        (
            r#""name":[[{"family":"a"}],{"family":"b"}]"#,
            "name:HumanName[family:string=a] name:HumanName[family:string=b]",
            "nested-array Patient.name",
        ),
        (
            r#""_maritalStatus":{"id":"x"}"#,
            "maritalStatus:CodeableConcept[id:string=x]",
            "sidecar-misfit Patient.maritalStatus",
        ),
        (
            r#""gender":"male","_gender":"x""#,
            "gender:code=male _gender:=x",
            "unknown-element Patient._gender",
        ),
        (
            r#""maritalStatus":{"text":"t"},"_maritalStatus":{"id":"x"}"#,
            "maritalStatus:CodeableConcept[text:string=t] _maritalStatus:[id:=x]",
            "unknown-element Patient._maritalStatus",
        ),
        (
            r#""gender":"male","_gender":[{"id":"x"}]"#,
            "gender:code=male[id:string=x]",
            "sidecar-misfit Patient._gender[0]",
        ),
        (
            r#""contained":[{"id":"x"}]"#,
            "contained:[id:=x]",
            "missing-resource-type Patient.contained[0]",
        ),
        (
            r#""contained":[{"resourceType":"Foo","id":"x"}]"#,
            "contained:[id:=x]",
            "unknown-resource-type Patient.contained[0]",
        ),
        (
            r#""contained":[{"resourceType":1}]"#,
            "contained:[resourceType:=1]",
            "missing-resource-type Patient.contained[0]",
        ),
        (
            r#""name":[{"resourceType":"x","family":"f"}]"#,
            "name:HumanName[family:string=f]",
            "unknown-element Patient.name[0]",
        ),
        (
            r#""valueString":"x""#,
            "valueString:=x",
            "unknown-element Patient.valueString",
        ),
        (
            r#""a b <script>":1"#,
            "a b <script>:=1",
            "unknown-element Patient.(unnamed)",
        ),
        (
            r#""fhir_comments":["x"]"#,
            "fhir_comments:=x",
            "unknown-element Patient.fhir_comments[0]",
        ),
        (
            r#""_":1,"gender":"male""#,
            "_:=1 gender:code=male",
            "unknown-element Patient.(unnamed)",
        ),
    ] {
        assert_eq!(
            patient(inner),
            (expected.to_owned(), vec![fault.to_owned()]),
            "{inner}"
        );
    }
}

#[test]
fn the_type_may_stand_last_and_be_missing() {
    let document = from_json(r#"{"contained":[{"id":"x","resourceType":"Basic"}],"resourceType":"Patient"}"#);
    assert_eq!(tree(document.root()), "Patient:Patient[contained:Basic[id:id=x]]");
    for (text, fault) in [
        ("{\"id\":\"x\"}", "missing-resource-type (unnamed)"),
        ("{}", "empty (unnamed)"),
        ("{\"resourceType\":\"Foo\"}", "unknown-resource-type Foo"),
        (
            "{\"resourceType\":\"Quantity\",\"value\":1}",
            "unknown-resource-type Quantity",
        ),
    ] {
        assert_eq!(
            faults(&from_json(text)).first().map(String::as_str),
            Some(fault),
            "{text}"
        );
    }
}

#[test]
fn values_keep_their_digits_and_lose_their_escapes() {
    let document = from_json(
        r#"{"resourceType":"Observation","valueQuantity":{"value":-1.20e3,"un\u0069t":"\u00b5\ng"},"id":""}"#,
    );
    let quantity = document.root().child("valueQuantity").unwrap();
    assert_eq!(
        (quantity.text("value"), quantity.text("unit")),
        (Some("-1.20e3"), Some("µ\ng"))
    );
    assert_eq!(quantity.child("value").unwrap().kind(), ValueKind::Number);
    assert_eq!((quantity.kind(), quantity.primitive()), (ValueKind::None, None));
    assert_eq!(document.root().text("id"), Some(""));
    assert_eq!(faults(&document), Vec::<String>::new());
}

#[test]
fn what_is_no_resource_in_json_is_refused() {
    let read = |text: &'static str| Document::from_json(text.as_bytes(), FhirVersion::R4, &Limits::default());
    for text in ["[]", "1", "\"x\"", "null"] {
        assert!(matches!(read(text), Err(ReadError::Unexpected(_))), "{text}");
    }
    for text in [
        "",
        "{",
        "{\"a\":1} x",
        "{\"a\":NaN}",
        "{'a':1}",
        "{\"a\":1,}",
        "{\"a\":1//\n}",
    ] {
        assert!(matches!(read(text), Err(ReadError::Malformed { .. })), "{text}");
    }
    assert!(matches!(
        read("{\"a\":1,\"a\":2}"),
        Err(ReadError::DuplicateKey { .. })
    ));
    let limits = Limits {
        max_entries: 2,
        ..Limits::default()
    };
    let entries = "{\"resourceType\":\"Bundle\",\"entry\":[{\"id\":\"1\"},{\"id\":\"2\"},{\"id\":\"3\"}]}";
    let error = Document::from_json(entries.as_bytes(), FhirVersion::R4, &limits).unwrap_err();
    assert!(
        matches!(
            error,
            ReadError::Limit {
                what: "entries",
                limit: 2,
                ..
            }
        ),
        "{error}"
    );
}
