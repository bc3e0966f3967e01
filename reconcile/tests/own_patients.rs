//! The synthetic patients of the testbed, as one question would gather them: what is the same is found, what
//! contradicts is marked, and nothing is lost.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use samenhang_profiles::classify::classify;
use samenhang_profiles::page::Page;
use samenhang_profiles::{Bsn, Conformance, FhirVersion, Limits, Lineage, RawResource, Received, Ura};
use samenhang_reconcile::Reconciled;
use samenhang_reconcile::cluster::{Agreement, Cluster, Relation};
use samenhang_reconcile::identity::{Anchor, Judgement, judge};
use samenhang_reconcile::overview::Overview;
use samenhang_reconcile::subject::{AcceptedPatient, Subject, subject};

const P1: &str = "999990019";

fn endpoints() -> Vec<(Ura, FhirVersion, Vec<RawResource>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../conformance-tests/testbed/patients");
    let mut found = Vec::new();
    for holder in sorted(&root) {
        for version in sorted(&holder) {
            let fhir = if version.ends_with("r4") {
                FhirVersion::R4
            } else {
                FhirVersion::Stu3
            };
            let ura = holder
                .file_name()
                .and_then(|name| name.to_str())
                .map(str::parse::<Ura>);
            let Some(Ok(ura)) = ura else {
                panic!("{} is no URA", holder.display())
            };
            let resources = sorted(&version)
                .iter()
                .flat_map(|file| {
                    let body = std::fs::read(file).unwrap_or_else(|e| panic!("{e}"));
                    let page = Page::read(Bytes::from(body), &Limits::default());
                    page.unwrap_or_else(|e| panic!("{}: {e}", file.display())).entries
                })
                .filter_map(|entry| entry.resource)
                .collect();
            found.push((ura, fhir, resources));
        }
    }
    found
}

fn sorted(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap_or_else(|e| panic!("{}: {e}", folder.display()))
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    paths.sort();
    paths
}

fn anchor(bsn: &str, birth_date: &str, family_name: &str) -> Anchor {
    Anchor {
        bsn: Bsn::parse(bsn).unwrap_or_else(|e| panic!("{e}")),
        birth_date: Some(birth_date.to_owned()),
        family_name: Some(family_name.to_owned()),
        gender: None,
    }
}

/// Patients of one endpoint that carry the number of the anchor.
fn search(anchor: &Anchor, resources: &[RawResource]) -> Vec<RawResource> {
    resources
        .iter()
        .filter(|resource| resource.resource_type() == "Patient")
        .filter(|patient| {
            let identifiers = &patient.keys().identifiers;
            identifiers
                .iter()
                .any(|i| i.value.as_deref() == Some(anchor.bsn.expose()))
        })
        .cloned()
        .collect()
}

/// What one question about a patient gathers, each endpoint after the identity check.
fn gather(anchor: &Anchor) -> Vec<Received> {
    let mut gathered = Vec::new();
    for (holder, fhir, resources) in endpoints() {
        let judgement = judge(anchor, &search(anchor, &resources));
        let Some(accepted) = judgement.accepted(false) else {
            continue;
        };
        let endpoint: Arc<str> = format!("https://{holder}.example/{}", fhir.media_parameter()).into();
        let lineage = Arc::new(Lineage {
            holder: holder.clone(),
            holder_name: holder.to_string().into(),
            endpoint: Arc::clone(&endpoint),
            retrieved: "2026-11-22T09:00:00Z".parse().unwrap_or_default(),
            fhir,
            conformance: if fhir == FhirVersion::R4 {
                Conformance::Native
            } else {
                Conformance::AsReceived
            },
        });
        let patient = AcceptedPatient {
            endpoint: &endpoint,
            id: &accepted.id,
            bsn: &anchor.bsn,
        };
        for resource in resources {
            if matches!(subject(resource.keys(), &patient), Subject::Own | Subject::Nobody) {
                gathered.push(Received {
                    full_url: format!(
                        "{endpoint}/{}/{}",
                        resource.resource_type(),
                        resource.id().unwrap_or_default()
                    )
                    .into(),
                    category: classify(&resource, fhir),
                    lineage: Arc::clone(&lineage),
                    resource,
                    conversion: None,
                });
            }
        }
    }
    gathered
}

/// The clusters that carry an identifier with this value.
fn with<'a>(reconciled: &'a Reconciled, value: &str) -> Vec<&'a Cluster> {
    reconciled
        .clusters()
        .iter()
        .filter(|cluster| {
            cluster.members.iter().any(|&member| {
                let identifiers = &reconciled.items()[member].resource.keys().identifiers;
                identifiers.iter().any(|i| i.value.as_deref() == Some(value))
            })
        })
        .collect()
}

#[test]
fn copies_versions_and_contradictions_of_p1_are_found() {
    let gathered = gather(&anchor(P1, "1958-03-14", "de Proef"));
    let count = gathered.len();
    let reconciled = Reconciled::new(gathered);
    assert_eq!(reconciled.items().len(), count, "nothing is lost");
    for (value, members, conflict) in [
        // The laboratory's own result and the copies of the hospital and the GP.
        ("LN-2026-104232", 3, false),
        // One object of the hospital in R4 and in STU3.
        ("OOST-MA-501", 2, false),
        ("OOST-VR-60", 2, false),
        // Confirmed by the GP and known to the pharmacy; that the hospital refuted it stands apart.
        ("LINDE-ALL-77", 2, false),
    ] {
        let found = with(&reconciled, value);
        assert_eq!(found.len(), 1, "{value}");
        assert_eq!(
            (found[0].members.len(), found[0].conflict),
            (members, conflict),
            "{value}"
        );
    }
    let about: Vec<(&str, String)> = reconciled
        .conflicts()
        .iter()
        .map(|conflict| (&*conflict.kind, conflict.about.join(" ")))
        .collect();
    assert_eq!(
        about,
        [
            // Confirmed by the GP, refuted by the hospital.
            ("allergy", "activity verification".to_owned()),
            // The GP lowered the dose, the pharmacy has the old one under the same number.
            ("medication-agreement", "dose".to_owned()),
        ],
        "and no other contradiction is invented"
    );

    let copies = with(&reconciled, "LN-2026-104232")[0];
    let own = &reconciled.items()[copies.representative];
    assert_eq!(
        own.lineage.holder.as_str(),
        "00700703",
        "the laboratory stands for its copies"
    );
    let versions = with(&reconciled, "OOST-MA-501")[0];
    assert_eq!(
        versions.relations[0].1,
        Relation::SameIdentifier {
            agreement: Agreement::Incomparable
        }
    );

    let mut tally: BTreeMap<&str, usize> = BTreeMap::new();
    for item in Overview::new(&reconciled)
        .sections
        .iter()
        .flat_map(|section| &section.items)
    {
        assert!(!item.title.is_empty());
        assert_ne!(item.title, item.resource_type, "{} has no title", item.full_url);
        *tally
            .entry(if item.conflict { "conflict" } else { "none" })
            .or_default() += 1;
    }
    assert_eq!(
        tally.get("conflict"),
        Some(&6),
        "all sides are shown: also the pharmacy's agreement"
    );
}

#[test]
fn medication_of_p1_stands_by_treatment() {
    let reconciled = Reconciled::new(gather(&anchor(P1, "1958-03-14", "de Proef")));
    let overview = reconciled
        .medication()
        .unwrap_or_else(|| panic!("there is medication"));
    let told: Vec<String> = overview
        .treatments
        .iter()
        .map(|treatment| {
            let name = treatment.identifier.as_ref().map_or("none", |(_, value)| value);
            let mut text = format!("{} {name} {}", treatment.bucket.code(), treatment.blocks.len());
            for finding in &treatment.findings {
                let about = finding.about.iter().map(|about| about.code());
                let parts: Vec<&str> = std::iter::once(finding.kind.code()).chain(about).collect();
                text.push_str(&format!(", {}", parts.join(" ")));
            }
            text
        })
        .collect();
    assert_eq!(
        told,
        [
            "current MBH-P1-FURO 2",
            // The pharmacy began a day later.
            "current MBH-P1-APIX 4, disagreement period",
            "current MBH-P1-METO 3, disagreement period",
            // The GP lowered the dose; the pharmacy has the old one, and the agreement with the old dose under its number.
            "current MBH-P1-METF 6, overlap, disagreement dose period",
            "current MBH-P1-LISI 3",
            // The stop stands alone: what it stops is not at any holder.
            "recently-stopped MBH-P1-SIMV 1, stop-without-target",
            "use-only MBH-P1-PARA 1",
            "use-only MBH-P1-SALB 1",
        ]
    );
}

#[test]
fn the_identity_cases_of_the_patients_are_what_they_are_for() {
    let all = endpoints();
    let judged = |anchor: &Anchor, holder: &str| -> Judgement {
        let endpoint = all
            .iter()
            .find(|(ura, fhir, _)| ura.as_str() == holder && *fhir == FhirVersion::R4);
        judge(
            anchor,
            &search(anchor, endpoint.map_or(&[][..], |(_, _, resources)| resources)),
        )
    };
    let p3 = anchor("999990032", "1989-07-23", "Monster");
    assert!(matches!(judged(&p3, "00700701"), Judgement::Accept(_)));
    assert!(
        matches!(judged(&p3, "00700700"), Judgement::NotLinked(_)),
        "not verified"
    );
    assert!(
        matches!(judged(&p3, "00700702"), Judgement::NotLinked(_)),
        "without a number"
    );
    let p4 = anchor("999990044", "1946-01-30", "ten Dubbel");
    assert!(matches!(
        judged(&p4, "00700700"),
        Judgement::Ambiguous { records: 2 }
    ));
    assert!(matches!(judged(&p4, "00700702"), Judgement::Accept(_)));
    let p8 = anchor("999990093", "1982-09-05", "Schijn");
    assert!(matches!(judged(&p8, "00700705"), Judgement::Accept(_)));
    assert!(gather(&anchor("999990068", "2000-01-01", "Niemand")).is_empty());
}
