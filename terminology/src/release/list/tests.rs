//! Made-up lists.

use std::sync::Arc;

use super::{About, read};
use crate::answer::{Membership, NotMember, Subsumption, Unknown};
use crate::catalogue::Builder;
use crate::coding::Coding;
use crate::service::Terminology;

const GPK: &str = "urn:oid:2.16.840.1.113883.2.4.4.1";
const ICPC: &str = "http://hl7.org/fhir/sid/icpc-1-nl";

#[test]
fn one_list_may_hold_several_systems() {
    let text = format!(
        "system;code;display;inactive;parent\n{GPK};11;één;;\n{GPK};12;twee;TRUE;\n{ICPC};T90.01;x;;T90\n"
    );
    let about = About {
        complete: true,
        language: Some("nl"),
        ..About::default()
    };
    let systems = read(about, text.as_bytes()).unwrap();
    let mut builder = Builder::new();
    for system in systems {
        builder.system(Arc::new(system));
    }
    let catalogue = builder.build();
    assert_eq!(catalogue.code(Coding::new(GPK, "12")), Membership::Member);
    assert_eq!(
        catalogue.code(Coding::new(GPK, "13")),
        Membership::NotMember(NotMember::NoSuchCode)
    );
    assert_eq!(catalogue.subsumes(ICPC, "T90", "T90.01"), Subsumption::Subsumes);
}

#[test]
fn a_list_of_a_part_leaves_the_rest_open() {
    let about = About {
        system: Some(GPK),
        ..About::default()
    };
    let systems = read(about, "code\n11\n".as_bytes()).unwrap();
    let mut builder = Builder::new();
    builder.system(Arc::new(systems.into_iter().next().unwrap()));
    let catalogue = builder.build();
    assert_eq!(catalogue.code(Coding::new(GPK, "11")), Membership::Member);
    assert_eq!(
        catalogue.code(Coding::new(GPK, "13")),
        Membership::Unknown(Unknown::SystemFragment)
    );
}

#[test]
fn what_is_no_list_is_refused() {
    for text in ["", "display\nx\n", "code\n11\n", "system,code\nx,\n"] {
        assert_eq!(
            read(About::default(), text.as_bytes()).unwrap_err().code(),
            "SAM-TRM-002",
            "{text}"
        );
    }
}
