//! What is known, in the version of FHIR that is asked for: what a holder sent in that version as it was sent, the rest
//! as the conformance layer makes it. What it cannot make is not served and told of.

use std::collections::BTreeMap;

use samenhang_conform::Converter;
use samenhang_profiles::{Conformance, FhirVersion, Received};
use samenhang_reconcile::Reconciled;

use crate::error::{Kind, Problem};

/// What is known, in a version of FHIR.
pub(super) struct Served {
    /// The resources that can be had in it.
    pub(super) reconciled: Reconciled,
    /// Everything that was looked at, for the account of what was not carried over.
    pub(super) all: Vec<Received>,
    /// How many could not be had, by the name of their holder.
    pub(super) missing: BTreeMap<String, usize>,
}

/// Puts what is known in a version of FHIR, off the threads that wait for requests when that is work.
///
/// # Errors
/// When that work breaks off.
pub(super) async fn serve(reconciled: Reconciled, wanted: FhirVersion) -> Result<Served, Problem> {
    let is_done =
        |item: &Received| item.version() == wanted && item.lineage.conformance != Conformance::AsReceived;
    if reconciled.items().iter().all(is_done) {
        return Ok(Served {
            all: reconciled.items().to_vec(),
            reconciled,
            missing: BTreeMap::new(),
        });
    }
    tokio::task::spawn_blocking(move || convert(reconciled.items(), wanted))
        .await
        .map_err(|_| Problem::from(Kind::OtherVersion))
}

fn convert(items: &[Received], wanted: FhirVersion) -> Served {
    let mut converter = Converter::new(wanted);
    let all: Vec<Received> = items
        .iter()
        .flat_map(|item| converter.serve(item.clone()))
        .collect();
    let mut missing: BTreeMap<String, usize> = BTreeMap::new();
    let mut served = Vec::with_capacity(all.len());
    for item in &all {
        if item.version() == wanted {
            served.push(item.clone());
        } else {
            *missing.entry(item.lineage.holder_name.to_string()).or_default() += 1;
        }
    }
    Served {
        reconciled: Reconciled::new(served),
        all,
        missing,
    }
}
