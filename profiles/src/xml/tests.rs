use super::to_json;
use crate::limits::Limits;
use crate::raw::ReadError;
use crate::version::FhirVersion::{self, R4, Stu3};

fn json(text: &str, version: FhirVersion) -> Result<String, ReadError> {
    to_json(text.as_bytes(), version, &Limits::default()).map(|out| String::from_utf8(out.into()).unwrap())
}

/// A Patient around `content`.
fn patient(content: &str) -> String {
    format!("<Patient xmlns=\"http://hl7.org/fhir\">{content}</Patient>")
}

#[track_caller]
fn gives(content: &str, expected: &str) {
    let expected = format!("{{\"resourceType\":\"Patient\"{expected}}}");
    assert_eq!(json(&patient(content), R4), Ok(expected));
}

#[track_caller]
fn refused(text: &str, what: &str) {
    match json(text, R4) {
        Err(ReadError::MalformedXml { what: found, .. }) => assert_eq!(found, what, "{text}"),
        other => panic!("{text}: {other:?}"),
    }
}

#[track_caller]
fn unknown(text: &str, version: FhirVersion, path: &str) {
    match json(text, version) {
        Err(error @ ReadError::UnknownElement { .. }) => {
            assert_eq!(error.code(), "SAM-PRO-006");
            assert!(
                error
                    .to_string()
                    .starts_with(&format!("unknown element {path} at byte ")),
                "{error}"
            );
        }
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn primitives_have_their_kind_and_keep_their_digits() {
    gives("<active value=\"true\"/>", ",\"active\":true");
    gives("<active value=\" false \"/>", ",\"active\":false");
    gives(
        "<multipleBirthInteger value=\"2\"/>",
        ",\"multipleBirthInteger\":2",
    );
    gives("<birthDate value=\"1950-01\"/>", ",\"birthDate\":\"1950-01\"");
    gives("<id value=\"a&quot;&#233;&#xe9;&amp;\"/>", ",\"id\":\"a\\\"éé&\"");
    let quantity = "<Observation xmlns='http://hl7.org/fhir'><valueQuantity><value value='1.500'/></valueQuantity></Observation>";
    assert_eq!(
        json(quantity, R4).as_deref(),
        Ok("{\"resourceType\":\"Observation\",\"valueQuantity\":{\"value\":1.500}}")
    );
}

#[test]
fn what_repeats_is_an_array_even_once() {
    gives(
        "<name><given value=\"A\"/><family value=\"V\"/><given value=\"B\"/></name>",
        ",\"name\":[{\"given\":[\"A\",\"B\"],\"family\":\"V\"}]",
    );
}

#[test]
fn what_stands_beside_a_primitive_is_kept() {
    gives(
        "<birthDate id=\"x\" value=\"1950\"><extension url=\"u\"><valueBoolean value=\"true\"/></extension></birthDate>",
        ",\"birthDate\":\"1950\",\"_birthDate\":{\"id\":\"x\",\"extension\":[{\"url\":\"u\",\"valueBoolean\":true}]}",
    );
    gives(
        "<name><given value=\"A\"/><given><extension url=\"u\"/></given></name>",
        ",\"name\":[{\"given\":[\"A\",null],\"_given\":[null,{\"extension\":[{\"url\":\"u\"}]}]}]",
    );
    gives("<birthDate id=\"x\"/>", ",\"_birthDate\":{\"id\":\"x\"}");
}

#[test]
fn resources_stand_in_their_places() {
    let bundle = "<Bundle xmlns=\"http://hl7.org/fhir\"><type value=\"searchset\"/><entry><resource><Patient>\
        <contained><Organization><id value=\"o\"/></Organization></contained></Patient></resource></entry></Bundle>";
    assert_eq!(
        json(bundle, Stu3).as_deref(),
        Ok(
            "{\"resourceType\":\"Bundle\",\"type\":\"searchset\",\"entry\":[{\"resource\":{\"resourceType\":\"Patient\",\
            \"contained\":[{\"resourceType\":\"Organization\",\"id\":\"o\"}]}}]}"
        )
    );
    refused(&patient("<contained/>"), "no resource where one must be");
    refused(
        &patient("<contained><Patient/><Patient/></contained>"),
        "two resources at one place",
    );
    unknown(
        &patient("<contained><HumanName/></contained>"),
        R4,
        "Patient.contained.HumanName",
    );
}

#[test]
fn narrative_is_kept_as_it_was_written() {
    let div = "<div xmlns=\"http://www.w3.org/1999/xhtml\" xml:lang='nl'>\n <p>a &lt; b&#160;<b >c</b ><!-- d --> <br/></p></div>";
    let expected = div
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n");
    gives(
        &format!("<text><status value=\"generated\"/>{div}</text>"),
        &format!(",\"text\":{{\"status\":\"generated\",\"div\":\"{expected}\"}}"),
    );
    // A prefix declared outside would be lost with the text: it is taken off.
    let prefixed = "<f:Patient xmlns:f=\"http://hl7.org/fhir\" xmlns:h=\"http://www.w3.org/1999/xhtml\">\
        <f:text><h:div class='x\"y'>a<h:br/>&amp;<h:i>b</h:i></h:div></f:text></f:Patient>";
    assert_eq!(
        json(prefixed, R4).as_deref(),
        Ok(
            "{\"resourceType\":\"Patient\",\"text\":{\"div\":\"<div xmlns=\\\"http://www.w3.org/1999/xhtml\\\" \
            class=\\\"x&quot;y\\\">a<br/>&amp;<i>b</i></div>\"}}"
        )
    );
    let of = |inner: &str| {
        patient(&format!(
            "<text><div xmlns=\"http://www.w3.org/1999/xhtml\">{inner}</div></text>"
        ))
    };
    refused(&of("&nbsp;"), "an unknown entity");
    refused(&of("<?php ?>"), "a processing instruction");
    refused(&of("<p xmlns=\"urn:x\"/>"), "an element outside of its namespace");
    refused(
        &patient("<text><div>a</div></text>"),
        "an element outside of its namespace",
    );
}

#[test]
fn declarations_encodings_and_comments_are_no_content() {
    let plain = "{\"resourceType\":\"Patient\",\"id\":\"é\"}";
    for head in [
        "",
        "<?xml version=\"1.0\"?>",
        "<?xml version='1.0' encoding='utf-8'?>\n<!-- c -->\n",
    ] {
        let text = format!("{head}{}", patient(" <!-- a --> <id value=\"é\"/>\n"));
        assert_eq!(json(&text, R4).as_deref(), Ok(plain), "{head}");
    }
    let schema = "<Patient xmlns='http://hl7.org/fhir' xsi:schemaLocation='http://hl7.org/fhir x.xsd' \
        xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xml:lang='nl'><id value='é'/></Patient>";
    assert_eq!(json(schema, R4).as_deref(), Ok(plain));
    let read = |bytes: &[u8]| to_json(bytes, R4, &Limits::default());
    let text = patient("<id value=\"é\"/>");
    let marked = [b"\xef\xbb\xbf", text.as_bytes()].concat();
    assert_eq!(read(&marked).unwrap(), plain);
    let wide: Vec<u8> = format!("\u{feff}{text}")
        .encode_utf16()
        .flat_map(u16::to_be_bytes)
        .collect();
    assert_eq!(read(&wide).unwrap(), plain);
    let wide: Vec<u8> = format!("\u{feff}{text}")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    assert_eq!(read(&wide).unwrap(), plain);
    let latin: Vec<u8> = format!("<?xml version='1.0' encoding='ISO-8859-1'?>{text}")
        .chars()
        .map(|c| c as u8)
        .collect();
    assert_eq!(read(&latin).unwrap(), plain);
    refused(
        "<?xml version='1.0' encoding='koi8-r'?><a/>",
        "an encoding other than UTF-8, UTF-16 or ISO 8859-1",
    );
    assert!(matches!(
        read(b"<a b='\xff'/>"),
        Err(ReadError::MalformedXml {
            what: "not UTF-8",
            ..
        })
    ));
    assert!(matches!(
        read(b"\xfe\xff\x00"),
        Err(ReadError::MalformedXml {
            what: "not UTF-16",
            ..
        })
    ));
}

#[test]
fn what_is_unknown_is_named_by_its_path() {
    unknown(&patient("<nickname value=\"x\"/>"), R4, "Patient.nickname");
    unknown(
        &patient("<name><given value=\"x\"><y/></given></name>"),
        R4,
        "Patient.name.given.y",
    );
    unknown(&patient("<name nick=\"x\"/>"), R4, "Patient.name.@nick");
    unknown(&patient("<id value=\"x\" url=\"y\"/>"), R4, "Patient.id.@url");
    unknown(&patient("<animal/>"), R4, "Patient.animal");
    unknown("<HumanName xmlns=\"http://hl7.org/fhir\"/>", R4, "HumanName");
    unknown(
        "<ServiceRequest xmlns=\"http://hl7.org/fhir\"/>",
        Stu3,
        "ServiceRequest",
    );
    // A name that no element of FHIR could have may be content: it is not shown.
    unknown(&patient("<J.Voorbeeld/>"), R4, "Patient.(unnamed)");
}

#[test]
fn what_fhir_forbids_is_refused() {
    refused("<!DOCTYPE a><a/>", "a document type");
    refused(
        &format!(
            "<!DOCTYPE Patient [<!ENTITY x SYSTEM \"file:///x\">]>{}",
            patient("<id value=\"&x;\"/>")
        ),
        "a document type",
    );
    refused(&format!("<?style x?>{}", patient("")), "a processing instruction");
    refused(&patient("<?xml version=\"1.0\"?>"), "a processing instruction");
    refused(&patient("text"), "text outside of an attribute");
    refused(&patient("<![CDATA[text]]>"), "text outside of an attribute");
    refused(&patient("&#65;"), "text outside of an attribute");
    refused(&patient("<id value=\"&x;\"/>"), "an unknown entity");
    refused(&patient("<id value=\"&#1;\"/>"), "a control character");
    refused(
        &patient("<id value=\"1\" value=\"2\"/>"),
        "a malformed or repeated attribute",
    );
    refused(
        &patient("<active value=\"1\"/>"),
        "a boolean that is neither true nor false",
    );
    for number in ["+1", ".5", "1.", "01", "", "NaN", "[1]", "1 2"] {
        let text = patient(&format!("<multipleBirthInteger value=\"{number}\"/>"));
        refused(&text, "a number that is not written as one");
    }
    refused(
        &patient("<active value=\"true\"/><active value=\"true\"/>"),
        "an element is repeated that may stand once",
    );
    refused("<Patient/>", "an element outside of its namespace");
    refused(
        &patient("<x:id xmlns:x=\"urn:x\" value=\"1\"/>"),
        "an element outside of its namespace",
    );
    refused(
        &patient("<id x:y=\"1\" value=\"1\"/>"),
        "an attribute of an unknown namespace",
    );
    refused(
        &format!("{}{}", patient(""), patient("")),
        "a second root element",
    );
    refused("", "the text ends early");
    refused("<Patient xmlns=\"http://hl7.org/fhir\">", "the text ends early");
    refused(
        "<Patient xmlns=\"http://hl7.org/fhir\"></Observation>",
        "not well-formed",
    );
    refused("</Patient>", "not well-formed");
}

#[test]
fn every_limit_holds() {
    let at = |text: &str, limits: Limits| match to_json(text.as_bytes(), R4, &limits) {
        Err(ReadError::Limit { what, .. }) => what,
        other => panic!("{other:?}"),
    };
    let all = Limits::default();
    assert_eq!(at(&patient(""), Limits { max_bytes: 10, ..all }), "bytes");
    let deep = format!(
        "{}{}",
        "<extension>".repeat(100_000),
        "</extension>".repeat(100_000)
    );
    assert_eq!(at(&patient(&deep), all), "levels of nesting");
    assert_eq!(
        at(
            &patient(&deep),
            Limits {
                max_depth: usize::MAX,
                ..all
            }
        ),
        "levels of nesting"
    );
    let div = format!(
        "<text><div xmlns=\"http://www.w3.org/1999/xhtml\">{}",
        "<b>".repeat(100_000)
    );
    assert_eq!(at(&patient(&div), all), "levels of nesting");
    let long = format!("<id value=\"{}\"/>", "x".repeat(11));
    assert_eq!(
        at(
            &patient(&long),
            Limits {
                max_string: 10,
                ..all
            }
        ),
        "bytes in a string"
    );
    let photo = format!("<photo><data value=\"{}\"/></photo>", "x".repeat(11));
    assert!(
        to_json(
            patient(&photo).as_bytes(),
            R4,
            &Limits {
                max_string: 10,
                ..all
            }
        )
        .is_ok()
    );
    assert_eq!(
        at(
            &patient(&photo),
            Limits {
                max_base64: 10,
                ..all
            }
        ),
        "bytes of base64 data"
    );
    assert_eq!(
        at(
            &patient("<active value=\"true\"/>"),
            Limits { max_nodes: 2, ..all }
        ),
        "values"
    );
    let names = "<name/>".repeat(20);
    assert_eq!(at(&patient(&names), Limits { max_nodes: 20, ..all }), "values");
    assert_eq!(
        at(&patient("<communication/>"), Limits { max_name: 12, ..all }),
        "bytes in a property name"
    );
    let many: String = (0..257).map(|n| format!(" a{n}=\"\"")).collect();
    assert_eq!(
        at(&patient(&format!("<id{many}/>")), all),
        "attributes of an element"
    );
    let spaces: String = (0..64).map(|n| format!(" xmlns:a{n}=\"urn:a\"")).collect();
    assert_eq!(
        at(&patient(&format!("<id{spaces}/>")), all),
        "namespace declarations"
    );
    let birth = "<multipleBirthInteger value=\"12345\"/>";
    assert_eq!(
        at(&patient(birth), Limits { max_digits: 4, ..all }),
        "digits in a number"
    );
    // Declarations end with their element: many siblings may each have some.
    let siblings: String = (0..200).map(|_| "<name xmlns:x=\"urn:x\"/>").collect();
    assert!(json(&patient(&siblings), R4).is_ok());
}

#[test]
fn a_resource_is_written_in_the_order_of_its_definition() {
    let written = |text: &str| super::from_json(text.as_bytes(), R4, &Limits::default()).unwrap();
    let text = r#"{"resourceType":"Patient","birthDate":"1970","id":"p","name":[{"given":["A",null],"_given":[null,{"id":"g","extension":[{"url":"u","valueString":"a<b & \"c\"\n"}]}],"family":"B"}],
        "active":true,"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">&lt;</div>"},"contained":[{"resourceType":"Organization","id":"o"}]}"#;
    assert_eq!(
        written(text),
        "<Patient xmlns=\"http://hl7.org/fhir\"><id value=\"p\"/>\
         <text><status value=\"generated\"/><div xmlns=\"http://www.w3.org/1999/xhtml\">&lt;</div></text>\
         <contained><Organization><id value=\"o\"/></Organization></contained><active value=\"true\"/>\
         <name><family value=\"B\"/><given value=\"A\"/><given id=\"g\"><extension url=\"u\">\
         <valueString value=\"a&lt;b &amp; &quot;c&quot;&#10;\"/></extension></given></name>\
         <birthDate value=\"1970\"/></Patient>"
    );
}
