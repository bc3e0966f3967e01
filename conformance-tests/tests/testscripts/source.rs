//! Against a plain source: one endpoint of the testbed, without national services in between.
//!
//! A source serves one form. It takes no BSN in an address, so that the searches go by `POST _search`.

use std::collections::BTreeMap;
use std::path::Path;

use samenhang_conformance_tests::testscript::{Judge, KnownList, Runner, SearchBy, Settings};
use samenhang_profiles::FhirVersion;
use samenhang_testbed::source::{self, SourceOption};
use samenhang_testbed::{HolderAuthorization, Testbed, TestbedConfig};

use crate::material::{Tally, client, scripts, shared, without};

/// A testbed with one source without authorization, and a runner against it.
async fn start(folder: &Path, form: &str) -> (Testbed, Runner) {
    let quirk = if form == "xml" { ",quirk=xml" } else { "" };
    let option = format!("ura=1,name=Bron,fhir=stu3{quirk},dir={}", folder.display());
    let option: SourceOption = option.parse().expect("an option");
    let mut holders = source::holders(&[option]).expect("a holder");
    for holder in &mut holders {
        holder.authorization = HolderAuthorization::None;
    }
    let config = TestbedConfig {
        holders,
        own_patients: false,
        tls: false,
        ..TestbedConfig::default()
    };
    let testbed = Testbed::start(config).await.expect("a testbed");
    let settings = Settings {
        base: testbed.addresses().sources[0].base.clone(),
        version: FhirVersion::Stu3,
        search: SearchBy::Post,
        variables: BTreeMap::new(),
    };
    let judge = Judge::new(FhirVersion::Stu3).expect("a judge");
    (testbed, Runner::new(settings, judge, client()))
}

fn known() -> KnownList {
    KnownList::read(include_str!("known-source.toml")).expect("a list")
}

#[tokio::test]
async fn a_plain_source_passes_the_scripts_of_medmij() {
    let folders = (
        shared("testscripts-stu3/medmij-3.0-test"),
        shared("bgz-stu3/medmij-3.0-test"),
    );
    let (Some(folder), Some(fixtures)) = folders else {
        return;
    };
    let (mut tally, known) = (Tally::default(), known());
    // Here the patient is in the token; a plain source has one patient instead.
    let patients = [
        ("xis-1-", ["medmij-bgz-test-patB"]),
        ("xis-2-", ["medmij-bgz-test-patA"]),
    ];
    for (part, others) in patients {
        let fixtures = without(&fixtures, &others);
        for form in ["json", "xml"] {
            let (testbed, runner) = start(fixtures.path(), form).await;
            tally.run(&runner, &scripts(&folder, part, form), &known).await;
            testbed.stop().await;
        }
    }
    tally.settle("medmij-3.0-test, plain source", &known);
}

#[tokio::test]
async fn a_plain_source_passes_the_scripts_of_msz() {
    let folders = (
        shared("testscripts-stu3/msz-2.0-test"),
        shared("bgz-stu3/msz-2.0-test"),
    );
    let (Some(folder), Some(fixtures)) = folders else {
        return;
    };
    let (mut tally, known) = (Tally::default(), known());
    for form in ["json", "xml"] {
        let (testbed, runner) = start(&fixtures, form).await;
        for part in ["Serving-XIS", "Serving-XIS-CheckContent"] {
            tally
                .run(&runner, &scripts(&folder.join(part), "serve", form), &known)
                .await;
        }
        testbed.stop().await;
    }
    tally.settle("msz-2.0-test, plain source", &known);
}
