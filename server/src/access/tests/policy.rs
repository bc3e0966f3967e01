//! The policy refuses what it does not name.

use samenhang_gather::query::{AccessPolicy, Purpose};
use samenhang_terminology::Category;

use super::fixture::{person, question, system};
use crate::access::{Policy, PolicyError};

fn decide(
    policy: &Policy,
    role: Option<&str>,
    purpose: Purpose,
    categories: &[Category],
) -> Result<String, String> {
    let asker = role.map_or_else(system, person);
    policy
        .decide(&question(&asker, purpose, categories))
        .map(|grant| grant.rule)
        .map_err(|refusal| refusal.rule)
}

#[test]
fn the_policy_that_comes_with_the_server_decides_by_role_purpose_and_category() {
    let policy = Policy::embedded().unwrap();
    let all = Category::ALL;
    let medication = [Category::MedicationRequest, Category::AllergyIntolerance];
    let ok = |rule: &str| Ok(rule.to_owned());
    let no = |rule: &str| Err(rule.to_owned());
    for purpose in [Purpose::Treatment, Purpose::CareCoordination] {
        assert_eq!(decide(&policy, Some("01.015"), purpose, &all), ok("physician"));
        assert_eq!(decide(&policy, Some("30.000"), purpose, &all), ok("nurse"));
        assert_eq!(
            decide(&policy, Some("99.000"), purpose, &all),
            no("deny-by-default")
        );
        assert_eq!(
            decide(&policy, Some("010.15"), purpose, &all),
            no("deny-by-default")
        );
        assert_eq!(decide(&policy, Some(""), purpose, &all), no("deny-by-default"));
    }
    let treat = Purpose::Treatment;
    assert_eq!(
        decide(&policy, Some("17.000"), treat, &medication),
        ok("pharmacist")
    );
    assert_eq!(decide(&policy, Some("17.000"), treat, &all), no("pharmacist"));
    let care = Purpose::CareCoordination;
    assert_eq!(
        decide(&policy, Some("17.000"), care, &medication),
        no("deny-by-default")
    );
    assert_eq!(
        decide(&policy, None, treat, &all),
        ok("system-of-a-care-provider")
    );
    assert_eq!(decide(&policy, None, care, &all), no("deny-by-default"));
    assert_eq!(decide(&policy, Some("01.015"), treat, &[]), no("deny-by-default"));
}

#[test]
fn an_empty_policy_refuses_everyone() {
    let policy = Policy::parse("id = 'empty'\nversion = '1'").unwrap();
    for role in [None, Some("01.015"), Some("*"), Some("01.*")] {
        for category in Category::ALL {
            assert!(decide(&policy, role, Purpose::Treatment, &[category]).is_err());
        }
    }
}

const RULE: &str = "effect = 'allow'\nasker = 'professional'\nroles = ['*']\norganisation_types = ['*']\n\
                    purposes = ['TREAT']\ncategories = ['*']\n";

#[test]
fn a_denial_wins_whatever_the_order() {
    let deny = RULE
        .replace("'allow'", "'deny'")
        .replace("categories = ['*']", "categories = ['Alert']");
    for (first, second) in [(RULE, deny.as_str()), (deny.as_str(), RULE)] {
        let policy =
            format!("id = 'p'\nversion = '2'\n[[rule]]\nid = 'a'\n{first}[[rule]]\nid = 'b'\n{second}");
        let policy = Policy::parse(&policy).unwrap();
        let treat = Purpose::Treatment;
        assert!(
            decide(
                &policy,
                Some("01.015"),
                treat,
                &[Category::Alert, Category::Device]
            )
            .is_err()
        );
        assert!(decide(&policy, Some("01.015"), treat, &[Category::Device]).is_ok());
        assert_eq!((policy.id(), policy.version()), ("p", "2"));
    }
}

#[test]
fn rules_do_not_add_up() {
    let one = RULE.replace("categories = ['*']", "categories = ['Alert']");
    let two = RULE.replace("categories = ['*']", "categories = ['Device']");
    let policy = format!("id = 'p'\nversion = '1'\n[[rule]]\nid = 'a'\n{one}[[rule]]\nid = 'b'\n{two}");
    let policy = Policy::parse(&policy).unwrap();
    assert!(
        decide(
            &policy,
            Some("01.015"),
            Purpose::Treatment,
            &[Category::Alert, Category::Device]
        )
        .is_err()
    );
}

#[test]
fn nothing_that_is_not_understood_is_skipped() {
    let policy = |rule: &str| Policy::parse(&format!("id = 'p'\nversion = '1'\n[[rule]]\nid = 'a'\n{rule}"));
    assert!(policy(RULE).is_ok());
    for (from, to) in [
        ("'TREAT'", "'BTG'"),
        ("categories = ['*']", "categories = ['Allergies']"),
        ("categories = ['*']", "categories = []"),
        ("purposes = ['TREAT']", "purposes = []"),
        ("roles = ['*']", "roles = []"),
        ("asker = 'professional'", "asker = 'system'"),
        ("asker = 'professional'", "asker = 'anyone'"),
        ("effect = 'allow'", "effect = 'maybe'"),
        ("effect = 'allow'", "effect = 'allow'\nwhen = 'always'"),
        ("organisation_types = ['*']\n", ""),
    ] {
        let refused = policy(&RULE.replace(from, to));
        assert!(
            matches!(refused, Err(PolicyError::Rule { .. } | PolicyError::Syntax(_))),
            "{to}"
        );
    }
    let twice = format!("id = 'p'\nversion = '1'\n[[rule]]\nid = 'a'\n{RULE}[[rule]]\nid = 'a'\n{RULE}");
    assert!(Policy::parse(&twice).is_err());
    assert_eq!(
        Policy::read(std::path::Path::new("no such file")).err(),
        Some(PolicyError::File)
    );
}

/// What the policy that comes with the server means, said in another way.
fn meant(role: Option<&str>, purpose: Purpose, category: Category) -> bool {
    let treatment = purpose == Purpose::Treatment;
    match role {
        None => treatment,
        Some(role) if role.starts_with("01.") || role.starts_with("30.") => true,
        Some(role) if role.starts_with("17.") => {
            treatment
                && matches!(
                    category,
                    Category::Patient
                        | Category::Alert
                        | Category::AllergyIntolerance
                        | Category::Condition
                        | Category::MedicationRequest
                        | Category::MedicationUse
                        | Category::ObservationLaboratory
                        | Category::ObservationVitalSigns
                )
        }
        Some(_) => false,
    }
}

#[test]
fn every_role_type_purpose_and_category_is_decided_as_it_is_meant() {
    let policy = Policy::embedded().unwrap();
    let roles = [
        None,
        Some("01.000"),
        Some("01.015"),
        Some("01.062"),
        Some("17.000"),
        Some("17.060"),
        Some("30.000"),
        Some("30.076"),
        Some("02.000"),
        Some("03.000"),
        Some("04.000"),
        Some("99.000"),
        Some("01"),
        Some("1.015"),
        Some("001.015"),
        Some("*"),
    ];
    let mut decided = 0;
    for role in roles {
        for kind in ["V6", "Z3", "J8", "R5"] {
            let mut asker = (*role.map_or_else(system, person)).clone();
            kind.clone_into(&mut asker.organisation_type);
            let asker = std::sync::Arc::new(asker);
            for purpose in [Purpose::Treatment, Purpose::CareCoordination] {
                for category in Category::ALL {
                    let allowed = policy.decide(&question(&asker, purpose, &[category])).is_ok();
                    assert_eq!(
                        allowed,
                        meant(role, purpose, category),
                        "{role:?} {kind} {purpose:?} {category:?}"
                    );
                    decided += 1;
                }
            }
        }
    }
    assert!(decided >= 2_000, "{decided} combinations");
}

#[test]
fn who_may_read_the_access_log_is_named_and_nobody_else() {
    let policy = Policy::embedded().unwrap();
    let rule = |asker: &samenhang_gather::query::Asker, is_patient| {
        policy.may_read_log(asker, is_patient).map(|grant| grant.rule)
    };
    assert_eq!(rule(&system(), true).unwrap(), "patient-own-log");
    for asker in [person("01.015"), person("30.000"), system()] {
        assert_eq!(rule(&asker, false).unwrap_err().rule, "deny-by-default");
    }
    let text = "id = \"own\"\nversion = \"1\"\n[[access_log]]\nid = \"officer\"\nasker = \"professional\"\n";
    assert!(
        matches!(Policy::parse(text), Err(PolicyError::Rule { .. })),
        "a professional has a role"
    );
    let policy = Policy::parse(&format!("{text}roles = [\"99.*\"]\n")).unwrap();
    assert!(policy.may_read_log(&person("99.001"), false).is_ok());
    assert!(policy.may_read_log(&person("01.015"), false).is_err());
    assert!(
        policy.may_read_log(&system(), true).is_err(),
        "no rule, no patient either"
    );
}
