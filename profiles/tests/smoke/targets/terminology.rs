//! Terminology: a definition that is read packs and comes out the same, and what it expands to is in it.

use samenhang_profiles::Limits;
use samenhang_profiles::terminology_reader::TerminologyResource;
use samenhang_terminology::catalogue::Page;
use samenhang_terminology::compact::Content;
use samenhang_terminology::{Builder, Coding, Membership, Terminology};

pub(crate) fn run(data: &[u8]) {
    let _ = Content::decode(data);
    let Ok(Some(resource)) = TerminologyResource::from_json(data, &Limits::default()) else {
        return;
    };
    let mut content = Content::default();
    match resource.clone() {
        TerminologyResource::CodeSystem(system) => content.systems.push(system),
        TerminologyResource::ValueSet(set) => content.value_sets.push(set),
        TerminologyResource::ConceptMap(map) => content.concept_maps.push(map),
    }
    let packed = content.encode();
    let Ok(again) = Content::decode(&packed) else {
        panic!("what we packed is not read");
    };
    assert_eq!(again.encode(), packed, "the same content gives the same bytes");
    let mut builder = Builder::new();
    if resource.add_to(&mut builder).is_err() {
        return;
    }
    let catalogue = builder.build();
    let page = Page {
        count: 20,
        limit: 2_000,
        ..Page::default()
    };
    for url in catalogue.value_sets() {
        let _ = catalogue.is_decidable(url);
        let Ok(expansion) = catalogue.expand(url, page) else {
            continue;
        };
        assert!(expansion.codes.len() <= page.count && expansion.codes.len() <= expansion.total);
        for (system, code) in &expansion.codes {
            let answer = catalogue.member(url, Coding::new(system, code));
            assert!(
                matches!(answer, Membership::Member),
                "{code:?} of {system:?}: {answer:?}"
            );
        }
    }
}
