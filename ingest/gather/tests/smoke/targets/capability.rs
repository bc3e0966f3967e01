//! Capability statements, and the search parameters in them: whatever an endpoint says that it offers, a plan asks for
//! nothing that was not permitted, and tells what it cannot ask.

use std::collections::BTreeSet;

use samenhang_gather::plan::capability::Capabilities;
use samenhang_gather::plan::plan;
use samenhang_profiles::FhirVersion;
use samenhang_terminology::Category;

pub(crate) fn run(data: &[u8]) {
    let Ok(capabilities) = Capabilities::read(data) else {
        return;
    };
    assert!(!(capabilities.foreign_version && capabilities.version.is_some()));
    let permitted: BTreeSet<Category> = Category::ALL.into_iter().step_by(2).collect();
    for version in [FhirVersion::Stu3, FhirVersion::R4] {
        for also in [FhirVersion::Stu3, FhirVersion::R4] {
            let plan = plan(version, also, &permitted, Some(&capabilities));
            let mut told = plan.unsupported.clone();
            for group in &plan.groups {
                assert!(group.covers.is_subset(&permitted), "asked, and not permitted");
                assert!(group.whole.is_some() || !group.parts.is_empty());
                told.extend(&group.covers);
                if let Some(search) = &group.whole {
                    // The id of a patient comes from the endpoint too: it adds nothing to the question.
                    let parts = |id: &str| search.target(id).matches(['?', '&', '=', '#', ' ']).count();
                    assert_eq!(parts("a b&c=d?e#f"), parts("x"));
                }
            }
            told.insert(Category::Patient);
            assert!(
                told.is_superset(&permitted),
                "a category that is neither asked nor told"
            );
        }
    }
}
