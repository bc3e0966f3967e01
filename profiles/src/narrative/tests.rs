use crate::narrative::{Entities, Fault, Narrative, has_content, is_allowed};

/// The faults of a div with this content.
fn of(inner: &str) -> Vec<String> {
    let text = format!("<div xmlns=\"http://www.w3.org/1999/xhtml\">{inner}</div>");
    let faults = Narrative::read(&text, Entities::Html).faults;
    faults.iter().map(|fault| format!("{fault:?}")).collect()
}

#[test]
fn what_fhir_allows_has_no_fault() {
    for inner in [
        "text",
        "<p>a <b>b</b> <i class=\"x\" style=\"color: red\">c</i><br/></p>",
        "<table border=\"1\"><tr><td colspan=\"2\" nowrap=\"nowrap\">x</td></tr></table>",
        "<img src=\"data:image/png;base64,AA==\" alt=\"\"/>",
        "<img src=\"#pic\" alt=\"x\"/>",
        "<a name=\"t\"/><a href=\"#t\">x</a><a href=\"https://example.org/a?b=c&amp;d=e\">y</a>",
        "<a href=\"tel:+31\">x</a><a href=\"Patient/1\">y</a>",
        "a&nbsp;b &euro; &#233; &lt;",
        "<!-- note --><![CDATA[x]]>",
        "<div xml:lang=\"nl\" lang=\"nl\" dir=\"ltr\">x</div>",
    ] {
        assert_eq!(of(inner), Vec::<String>::new(), "{inner}");
    }
}

#[test]
fn what_fhir_forbids_is_a_fault() {
    for (inner, fault) in [
        ("<script>x</script>", "Element(\"script\")"),
        ("<iframe src=\"x\"/>y", "Element(\"iframe\")"),
        ("<form>x</form>", "Element(\"form\")"),
        ("<input/>x", "Element(\"input\")"),
        ("<object>x</object>", "Element(\"object\")"),
        ("<svg>x</svg>", "Element(\"svg\")"),
        ("<link rel=\"stylesheet\" href=\"x\"/>x", "Element(\"link\")"),
        ("<style>x</style>", "Element(\"style\")"),
        ("<P>x</P>", "Element(\"P\")"),
        ("<font>x</font>", "Element(\"font\")"),
        ("<p onclick=\"x\">x</p>", "Attribute(\"onclick\")"),
        ("<img src=\"x\" onerror=\"y\"/>", "Attribute(\"onerror\")"),
        ("<p href=\"x\">x</p>", "Attribute(\"href\")"),
        ("<a href=\"x\" target=\"_blank\">x</a>", "Attribute(\"target\")"),
        ("<p><b><ul><li>x</li></ul></b></p>", "Block(\"ul\")"),
        ("<p><p>x</p></p>", "Block(\"p\")"),
        ("<a href=\"javascript:x\">x</a>", "Link(\"javascript\")"),
        ("<a href=\" JaVa\tScRiPt:x\">x</a>", "Link(\"javascript\")"),
        ("<a href=\"&#106;avascript:x\">x</a>", "Link(\"javascript\")"),
        ("<a href=\"vbscript:x\">x</a>", "Link(\"vbscript\")"),
        ("<a href=\"urn:uuid:x\">x</a>", "Link(\"urn\")"),
        ("<a href=\"\">x</a>", "Link(\"empty\")"),
        ("<p style=\"background: URL(x)\">x</p>", "Style"),
        ("<p style=\"width: \\65xpression(x)\">x</p>", "Style"),
        ("<p xmlns=\"urn:x\">x</p>", "Namespace"),
        ("", "Empty"),
        (" <p> </p>&nbsp;<br/>", "Empty"),
        (
            "<p>x",
            "Malformed(\"an element that is not closed or not opened\")",
        ),
        (
            "<p title=\"1\" title=\"2\">x</p>",
            "Malformed(\"a malformed or repeated attribute\")",
        ),
        ("&unknown;", "Malformed(\"an unknown entity\")"),
        ("<p title=\"&unknown;\">x</p>", "Malformed(\"an unknown entity\")"),
        ("<?x?>y", "Malformed(\"a processing instruction\")"),
        ("<!DOCTYPE x>y", "Malformed(\"a document type\")"),
    ] {
        assert_eq!(of(inner).first().map(String::as_str), Some(fault), "{inner}");
    }
}

#[test]
fn the_outermost_element_is_one_div_of_xhtml() {
    let first = |text| Narrative::read(text, Entities::Xml).faults.first().cloned();
    assert_eq!(first("<div>x</div>"), Some(Fault::Namespace));
    assert_eq!(
        first("<p xmlns='http://www.w3.org/1999/xhtml'>x</p>"),
        Some(Fault::Root("p"))
    );
    let div = "<div xmlns='http://www.w3.org/1999/xhtml'>x</div>";
    assert_eq!(first(div), None);
    let twice = div.repeat(2);
    assert_eq!(
        first(&twice),
        Some(Fault::Malformed("a second element beside the div"))
    );
    for (text, what) in [
        ("", "no element"),
        ("x", "text outside of the div"),
        ("<div", "an element that is not closed or not opened"),
    ] {
        assert_eq!(first(text), Some(Fault::Malformed(what)), "{text}");
    }
    let entity = div.replace('x', "x&nbsp;");
    let entity = entity
        .replace("x&nbsp;html", "xhtml")
        .replace("x&nbsp;mlns", "xmlns");
    assert_eq!(first(&entity), Some(Fault::Malformed("an unknown entity")));
    assert!(is_allowed(&entity, Entities::Html));
}

#[test]
fn bombs_are_faults_and_end_soon() {
    let deep = format!("{}x{}", "<span>".repeat(10_000), "</span>".repeat(10_000));
    assert_eq!(of(&deep), ["Malformed(\"too many levels of nesting\")"]);
    assert_eq!(of(&"<x/>".repeat(10_000)).len(), 100);
}

#[test]
fn links_and_places_are_told() {
    let text = "<div xmlns='http://www.w3.org/1999/xhtml' id='d'><a name='n' href='#x'>t</a><img src='#p'/><a href='#'>u</a></div>";
    let read = Narrative::read(text, Entities::Xml);
    assert_eq!(
        (read.local.as_slice(), read.places.as_slice()),
        (&["x".into(), "p".into()][..], &["d".into(), "n".into()][..])
    );
    assert!(has_content(text, Entities::Xml) && !read.remote);
    let image = text.replace("#p", "https://example.org/p.png");
    assert!(Narrative::read(&image, Entities::Xml).remote);
}

#[test]
fn elements_stand_where_xhtml_has_a_place_for_them() {
    for (inner, expected) in [
        (
            "<table><caption>c</caption><thead><tr><th>a</th></tr></thead><tbody><tr><td>b<ul><li>c</li></ul></td></tr></tbody></table>",
            None,
        ),
        ("<table><tr><td><b>a</b></td></tr></table>", None),
        ("<b>a<i>b</i></b><b>c</b>", None),
        ("<a name='x'> </a><p>a<br/>b</p>", None),
        ("<table><td>a</td></table>", Some("td")),
        ("<table>a<tr><td>b</td></tr></table>", Some("table")),
        ("<li>a</li>", Some("li")),
        ("<ul><p>a</p></ul>", Some("p")),
        ("<b>a<i><b>c</b></i></b>", Some("b")),
        ("<h1>a<table><tr><td>b</td></tr></table></h1>", Some("table")),
        ("<br>a</br>", Some("br")),
    ] {
        let expected = expected.map(|name| format!("Place({name:?})"));
        assert_eq!(of(inner), Vec::from_iter(expected), "{inner}");
    }
}

#[test]
fn addresses_have_the_characters_of_one() {
    for (address, fits) in [
        ("http://x/a?b=c&amp;d=%20#e", true),
        ("Patient/1", true),
        ("data:image/png;base64,AAAA", true),
        ("http://x/a b", false),
        ("http://x/{a}", false),
        ("data:image/png;base64", false),
        ("data:image/png;base64,AA,AA", false),
    ] {
        let expected = if fits { vec![] } else { vec!["Address"] };
        assert_eq!(
            of(&format!("<p><img src=\"{address}\" alt=\"a\"/></p>")),
            expected,
            "{address}"
        );
    }
}
