//! A made-up table with check digits that fit.

use std::sync::Arc;

use super::Reader;
use crate::answer::{DisplayCheck, Membership, NotMember};
use crate::catalogue::{Builder, Catalogue};
use crate::coding::Coding;
use crate::definition::{Filter, Include, Operator, ValueSet};
use crate::naming::LOINC;
use crate::service::Terminology;

const TABLE: &str = "\"LOINC_NUM\",\"COMPONENT\",\"SCALE_TYP\",\"STATUS\",\"LONG_COMMON_NAME\"\n\
    \"9000001-9\",\"Thing, made up\",\"Qn\",\"ACTIVE\",\"A thing, \"\"made up\"\"\"\n\
    \"9000002-7\",\"Thing\",\"Ord\",\"DEPRECATED\",\"Another\"\n";

fn catalogue() -> Catalogue {
    let mut reader = Reader::new(Some("2.80"));
    reader.table(TABLE.as_bytes()).unwrap();
    reader
        .names(
            "nl-NL",
            "LOINC_NUM,LinguisticVariantDisplayName\n9000001-9,een ding\n9-9,niet\n".as_bytes(),
        )
        .unwrap();
    reader
        .hierarchy("PATH_TO_ROOT,IMMEDIATE_PARENT,CODE\n,,LP1-1\nLP1-1,LP1-1,9000001-9\n".as_bytes())
        .unwrap();
    let mut builder = Builder::new();
    builder.system(Arc::new(reader.finish()));
    for (url, property, value) in [("scale", "SCALE_TYP", "Qn"), ("part", "parent", "LP1-1")] {
        let include = Include {
            system: Some(LOINC.to_owned()),
            filters: vec![Filter {
                property: property.to_owned(),
                operator: Operator::Equal,
                value: value.to_owned(),
            }],
            ..Include::default()
        };
        let active_only = url == "scale";
        let set = ValueSet {
            url: url.to_owned(),
            include: vec![include],
            active_only,
            ..ValueSet::default()
        };
        builder.value_set(set).unwrap();
    }
    builder.build()
}

#[test]
fn codes_properties_and_parts_are_read() {
    let catalogue = catalogue();
    for set in ["scale", "part", "http://loinc.org/vs"] {
        assert_eq!(
            catalogue.member(set, Coding::new(LOINC, "9000001-9")),
            Membership::Member,
            "{set}"
        );
    }
    for set in ["scale", "part"] {
        assert_eq!(
            catalogue.member(set, Coding::new(LOINC, "9000002-7")),
            Membership::NotMember(NotMember::Code)
        );
    }
    let missing = catalogue.code(Coding::new(LOINC, "85354-9"));
    assert_eq!(missing, Membership::NotMember(NotMember::NoSuchCode));
}

#[test]
fn names_are_read_in_both_languages() {
    let catalogue = catalogue();
    let shown = |display| Coding {
        display: Some(display),
        ..Coding::new(LOINC, "9000001-9")
    };
    assert_eq!(
        catalogue.display(shown("a thing, \"made up\""), None),
        DisplayCheck::Fits
    );
    assert_eq!(catalogue.display(shown("Een ding"), None), DisplayCheck::Fits);
    assert_eq!(
        catalogue.display(shown("?"), Some("nl")),
        DisplayCheck::Differs("een ding".into())
    );
}

#[test]
fn what_is_no_table_is_refused() {
    for text in ["", "CODE\n1\n"] {
        assert_eq!(
            Reader::new(None).table(text.as_bytes()).unwrap_err().code(),
            "SAM-TRM-002"
        );
        assert_eq!(
            Reader::new(None).names("nl", text.as_bytes()).unwrap_err().code(),
            "SAM-TRM-002"
        );
        assert_eq!(
            Reader::new(None).hierarchy(text.as_bytes()).unwrap_err().code(),
            "SAM-TRM-002"
        );
    }
}
