//! A made-up release in a namespace of its own, with check digits that fit.

use super::{File, Reader};
use crate::answer::{DisplayCheck, Membership, NotMember, Subsumption, Unknown};
use crate::catalogue::{Builder, Page, System};
use crate::check_digit::verhoeff_digit;
use crate::coding::Coding;
use crate::definition::{Filter, Include, Operator, ValueSet};
use crate::naming::SNOMED;
use crate::service::Terminology;
use std::sync::Arc;

/// An identifier of item `item` with a partition, in namespace 9999999, which is no one's.
fn id(item: u32, partition: &str) -> String {
    let mut digits = format!("{item}9999999{partition}");
    let check = verhoeff_digit(digits.as_bytes()).unwrap();
    digits.push(char::from(check));
    digits
}

fn concept(item: u32) -> String {
    id(item, "10")
}

/// Concept 1 is above 2 and 3; 2 is above 4; 3 is above 4 as well; 5 is inactive. Reference set 90 holds 4.
fn release(with_hierarchy: bool) -> System {
    let mut concepts = "id\teffectiveTime\tactive\tmoduleId\tdefinitionStatusId\r\n".to_owned();
    for item in [1, 2, 3, 4, 5, 90] {
        concepts += &format!("{}\t20260101\t{}\t0\t0\r\n", concept(item), u8::from(item != 5));
    }
    let mut names =
        "id\teffectiveTime\tactive\tmoduleId\tconceptId\tlanguageCode\ttypeId\tterm\tcaseSignificanceId\n"
            .to_owned();
    for (item, about, language, term) in [
        (1, 4, "en", "other \"word\""),
        (2, 4, "en", "word"),
        (3, 4, "nl", "woord"),
    ] {
        names += &format!(
            "{}\t20260101\t1\t0\t{}\t{language}\t900000000000013009\t{term}\t0\n",
            id(item, "11"),
            concept(about)
        );
    }
    names += &format!(
        "{}\t20260101\t0\t0\t{}\ten\t0\tgone\t0\n",
        id(4, "11"),
        concept(4)
    );
    let preferred = format!(
        "id\teffectiveTime\tactive\tmoduleId\trefsetId\treferencedComponentId\tacceptabilityId\nu\t20260101\t1\t0\t0\t{}\t900000000000548007\n",
        id(2, "11")
    );
    let mut links = "id\teffectiveTime\tactive\tmoduleId\tsourceId\tdestinationId\trelationshipGroup\ttypeId\tcharacteristicTypeId\tmodifierId\n".to_owned();
    for (child, parent, active, kind) in [
        (2, 1, 1, "116680003"),
        (3, 1, 1, "116680003"),
        (4, 2, 1, "116680003"),
        (4, 3, 1, "116680003"),
        (1, 4, 0, "116680003"),
        (1, 4, 1, "363698007"),
    ] {
        links += &format!(
            "0\t20260101\t{active}\t0\t{}\t{}\t0\t{kind}\t900000000000011006\t0\n",
            concept(child),
            concept(parent)
        );
    }
    let members = format!(
        "id\teffectiveTime\tactive\tmoduleId\trefsetId\treferencedComponentId\nu\t20260101\t1\t0\t{0}\t{1}\nv\t20260101\t0\t0\t{0}\t{2}\n",
        concept(90),
        concept(4),
        concept(3)
    );
    let mut reader = Reader::new(Some("http://snomed.info/sct/9999999/version/20260101"));
    reader.read(File::Concept, concepts.as_bytes()).unwrap();
    reader.read(File::Language, preferred.as_bytes()).unwrap();
    reader.read(File::Description, names.as_bytes()).unwrap();
    if with_hierarchy {
        reader.read(File::Relationship, links.as_bytes()).unwrap();
    }
    reader.read(File::SimpleReferenceSet, members.as_bytes()).unwrap();
    reader.finish()
}

fn filtered(url: &str, operator: Operator, value: &str) -> ValueSet {
    ValueSet {
        url: url.to_owned(),
        include: vec![Include {
            system: Some(SNOMED.to_owned()),
            filters: vec![Filter {
                property: "concept".to_owned(),
                operator,
                value: value.to_owned(),
            }],
            ..Include::default()
        }],
        ..ValueSet::default()
    }
}

#[test]
fn filters_hierarchy_and_reference_sets_are_decided() {
    let mut builder = Builder::new();
    builder.system(Arc::new(release(true)));
    for set in [
        filtered("is-a", Operator::IsA, &concept(2)),
        filtered("below", Operator::DescendentOf, &concept(1)),
        filtered("members", Operator::In, &concept(90)),
    ] {
        builder.value_set(set).unwrap();
    }
    let catalogue = builder.build();
    let implicit = format!("http://snomed.info/sct?fhir_vs=isa/{}", concept(3));
    for (set, items) in [
        ("is-a", vec![2, 4]),
        ("below", vec![2, 3, 4]),
        ("members", vec![4]),
        (implicit.as_str(), vec![3, 4]),
        ("http://snomed.info/sct?fhir_vs", vec![1, 2, 3, 4, 5, 90]),
    ] {
        let expansion = catalogue.expand(set, Page::default()).unwrap();
        let codes: Vec<&str> = expansion.codes.iter().map(|(_, code)| &**code).collect();
        assert_eq!(
            codes,
            items.iter().map(|item| concept(*item)).collect::<Vec<_>>(),
            "{set}"
        );
        for item in [1, 2, 3, 4, 5, 90] {
            let member = catalogue.member(set, Coding::new(SNOMED, &concept(item)));
            assert_eq!(member.is_member(), items.contains(&item), "{set} {item}");
            assert_eq!(catalogue.is_decidable(set), Ok(()));
        }
    }
    assert_eq!(
        catalogue.subsumes(SNOMED, &concept(1), &concept(4)),
        Subsumption::Subsumes
    );
    assert_eq!(
        catalogue.subsumes(SNOMED, &concept(2), &concept(3)),
        Subsumption::NotSubsumed
    );
    // A code of the namespace that the release covers does not exist; one of another extension may.
    let here = Coding::new(SNOMED, "11291000146105");
    assert_eq!(catalogue.code(here), Membership::Unknown(Unknown::SystemFragment));
    assert_eq!(
        catalogue.code(Coding::new(SNOMED, &concept(77))),
        Membership::NotMember(NotMember::NoSuchCode)
    );
    assert_eq!(
        catalogue.code(Coding::new(SNOMED, "33633006")),
        Membership::NotMember(NotMember::Syntax)
    );
}

#[test]
fn names_are_read_with_the_preferred_one() {
    let mut builder = Builder::new();
    builder.system(Arc::new(release(true)));
    let catalogue = builder.build();
    let code = concept(4);
    let shown = |display| Coding {
        display: Some(display),
        ..Coding::new(SNOMED, &code)
    };
    for fitting in ["word", "Woord", "other \"word\""] {
        assert_eq!(catalogue.display(shown(fitting), None), DisplayCheck::Fits);
    }
    assert_eq!(
        catalogue.display(shown("gone"), Some("en")),
        DisplayCheck::Differs("word".into())
    );
    assert_eq!(
        catalogue.display(shown("gone"), Some("nl")),
        DisplayCheck::Differs("woord".into())
    );
}

#[test]
fn without_relationships_the_hierarchy_is_not_known() {
    // Complete in its concepts, but its filters stay open.
    let mut builder = Builder::new();
    builder.system(Arc::new(release(false)));
    builder
        .value_set(filtered("below", Operator::DescendentOf, &concept(1)))
        .unwrap();
    let catalogue = builder.build();
    let answer = catalogue.member("below", Coding::new(SNOMED, &concept(4)));
    assert_eq!(answer, Membership::Unknown(Unknown::HierarchyAbsent));
    assert_eq!(
        catalogue.subsumes(SNOMED, &concept(1), &concept(4)),
        Subsumption::Unknown(Unknown::HierarchyAbsent)
    );
}

#[test]
fn files_are_told_by_their_names() {
    for (name, file) in [
        ("sct2_Concept_Snapshot_NL_20260331.txt", Some(File::Concept)),
        ("xsct2_Concept_Snapshot_INT_20260301.txt", Some(File::Concept)),
        (
            "sct2_Description_Snapshot-nl_NL_20260331.txt",
            Some(File::Description),
        ),
        (
            "sct2_Relationship_Snapshot_NL_20260331.txt",
            Some(File::Relationship),
        ),
        (
            "der2_cRefset_LanguageSnapshot-nl_NL_20260331.txt",
            Some(File::Language),
        ),
        (
            "der2_Refset_SimpleSnapshot_NL_20260331.txt",
            Some(File::SimpleReferenceSet),
        ),
        ("sct2_Concept_Full_NL_20260331.txt", None),
        ("sct2_StatedRelationship_Snapshot_NL_20260331.txt", None),
        ("sct2_TextDefinition_Snapshot-en_INT_20260301.txt", None),
        ("readme.txt", None),
        ("", None),
    ] {
        assert_eq!(File::of(name), file, "{name}");
    }
}

#[test]
fn what_is_no_release_is_refused() {
    for (file, text) in [
        (File::Concept, "id\tactive\n123\t1\n"),
        (File::Concept, "code\tactive\n"),
        (
            File::Language,
            "active\treferencedComponentId\tacceptabilityId\n1\tx\t900000000000548007\n",
        ),
        (File::Relationship, ""),
    ] {
        let error = Reader::new(None).read(file, text.as_bytes()).unwrap_err();
        assert_eq!(error.code(), "SAM-TRM-002", "{text}");
    }
}

#[test]
fn memory_is_what_the_documentation_says() {
    let mut concepts = "id\tactive\n".to_owned();
    let mut links = "active\tsourceId\tdestinationId\ttypeId\tcharacteristicTypeId\n".to_owned();
    for item in 1..20_000u32 {
        concepts += &format!("{}\t1\n", concept(item));
        links += &format!(
            "1\t{}\t{}\t116680003\t900000000000011006\n",
            concept(item),
            concept(item / 2 + 1)
        );
    }
    let mut reader = Reader::new(None);
    reader.read(File::Concept, concepts.as_bytes()).unwrap();
    reader.read(File::Relationship, links.as_bytes()).unwrap();
    let system = reader.finish();
    let each = system.size() / system.len();
    // A code of 15 digits, 13 bytes for its place, 16 for one link.
    assert!((35..60).contains(&each), "{each} bytes for each concept");
}
