//! The official BgZ queries, for a source that answers nothing else (quirk `chipsoft`).
//!
//! Facts of the MedMij 3.0 and MSZ query sets and, for R4, of the derived set: per type, the selecting parameters and the
//! codes that they may name. `patient`, `_include`, `_count` and `$lastn` are free.

use super::super::search::Search;

struct Official {
    kind: &'static str,
    /// Selecting parameter and its codes, separated by a blank; empty when the type is asked without one.
    selects: &'static [(&'static str, &'static str)],
    /// Whether the type may be asked as a whole.
    whole: bool,
}

const OFFICIAL: &[Official] = &[
    Official {
        kind: "Observation",
        selects: &[
            (
                "category",
                "118228005 384821006 275711006 252275004 68793005 395124008 314076009 19851009 405825005 49581000146104",
            ),
            (
                "code",
                "365508006 228366006 228273003 365980008 85354-9 29463-7 8302-2 8306-3 8308-9",
            ),
        ],
        whole: false,
    },
    Official {
        kind: "Consent",
        selects: &[("category", "11291000146105 11341000146107 129125009 acd")],
        whole: false,
    },
    Official {
        kind: "MedicationStatement",
        selects: &[("category", "6 422979000")],
        whole: false,
    },
    Official {
        kind: "MedicationRequest",
        selects: &[("category", "16076005 33633005")],
        whole: false,
    },
    Official {
        kind: "MedicationDispense",
        selects: &[("category", "422037009")],
        whole: false,
    },
    Official {
        kind: "Procedure",
        selects: &[("category", "387713003 258174001")],
        whole: true,
    },
    Official {
        kind: "Encounter",
        selects: &[("class", "IMP ACUTE NONAC")],
        whole: true,
    },
    Official {
        kind: "Immunization",
        selects: &[("status", "completed")],
        whole: false,
    },
    Official {
        kind: "CareTeam",
        selects: &[("status", "active")],
        whole: false,
    },
    Official {
        kind: "ProcedureRequest",
        selects: &[("status", "active")],
        whole: false,
    },
    Official {
        kind: "ServiceRequest",
        selects: &[("status", "active")],
        whole: false,
    },
    Official {
        kind: "DeviceRequest",
        selects: &[("status", "active")],
        whole: false,
    },
    Official {
        kind: "Appointment",
        selects: &[("status", "booked pending proposed")],
        whole: false,
    },
];

/// Types that are asked as a whole only.
const WHOLE: [&str; 7] = [
    "AllergyIntolerance",
    "Condition",
    "Coverage",
    "DeviceUseStatement",
    "Flag",
    "ImmunizationRecommendation",
    "NutritionOrder",
];

/// Parameters that say whose data is asked, not which.
const FREE: [&str; 6] = [
    "patient",
    "subject",
    "beneficiary",
    "identifier",
    "_id",
    "_lastUpdated",
];

/// Whether a search is an official one.
pub(super) fn is_official(kind: &str, search: &Search) -> bool {
    let selecting: Vec<&str> = search
        .names()
        .into_iter()
        .filter(|name| !FREE.contains(name))
        .collect();
    if kind == "Patient" {
        return selecting.is_empty();
    }
    if WHOLE.contains(&kind) {
        return selecting.is_empty();
    }
    let Some(official) = OFFICIAL.iter().find(|official| official.kind == kind) else {
        return false;
    };
    match selecting.as_slice() {
        [] => official.whole,
        [name] => official
            .selects
            .iter()
            .filter(|(known, _)| known == name)
            .any(|(_, codes)| {
                search.values(name).iter().all(|value| {
                    let code = value.rsplit('|').next().unwrap_or_default();
                    codes.split_ascii_whitespace().any(|known| known == code)
                })
            }),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use samenhang_profiles::FhirVersion;

    use super::{Search, is_official};

    #[test]
    fn only_the_official_queries_pass() {
        let official = |kind: &str, query: &str| {
            let pairs: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect();
            is_official(
                kind,
                &Search::read(FhirVersion::Stu3, kind, &pairs, false).unwrap(),
            )
        };
        assert!(official(
            "Observation",
            "patient=1&code=http://loinc.org|8302-2,http://loinc.org|8306-3"
        ));
        assert!(official("Condition", "patient=1"));
        assert!(official("Procedure", "patient=1&_include=Procedure:based-on"));
        assert!(!official("Observation", "patient=1"));
        assert!(!official("Observation", "patient=1&category=vital-signs"));
        assert!(!official("Observation", "patient=1&_profile=http://x"));
        assert!(!official("EpisodeOfCare", "patient=1"));
        assert!(official("Patient", "identifier=a|1"));
    }
}
