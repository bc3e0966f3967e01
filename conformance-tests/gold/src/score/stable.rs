//! Whether the same comes out whatever the order, when it is done again, and when a source comes later.

use samenhang_profiles::Received;
use samenhang_reconcile::Reconciled;
use samenhang_reconcile::maps::Maps;

use super::Tally;
use crate::chance::Chance;

/// Orders of arrival that are tried beside that of the generator.
const ORDERS: usize = 3;

/// Reconciles again in other orders, again from the result, and with the last source late.
pub(super) fn stable(
    input: &[Received],
    reconciled: &Reconciled,
    maps: &Maps,
    tally: &mut Tally,
    chance: &mut Chance,
) {
    let first = shape(reconciled);
    let mut order = input.to_vec();
    for _ in 0..ORDERS {
        chance.shuffle(&mut order);
        let other = Reconciled::by(order.clone(), &[], maps);
        tally.orders.add(shape(&other) == first, false);
    }
    let again = Reconciled::by(reconciled.items().to_vec(), &[], maps);
    tally.idempotent.add(shape(&again) == first, false);
    let late = input.last().map(|item| item.lineage.endpoint.clone());
    let (after, before): (Vec<_>, Vec<_>) = input
        .iter()
        .cloned()
        .partition(|item| Some(&item.lineage.endpoint) == late.as_ref());
    let mut known = Reconciled::by(before, &[], maps).items().to_vec();
    known.extend(after);
    tally
        .incremental
        .add(shape(&Reconciled::by(known, &[], maps)) == first, false);
}

/// All that a result says, as a text.
fn shape(reconciled: &Reconciled) -> String {
    let mut out = String::new();
    for item in reconciled.items() {
        out.push_str(&item.full_url);
        out.push('\n');
    }
    out.push_str(&format!(
        "{:?}\n{:?}\n{:?}",
        reconciled.clusters(),
        reconciled.possible(),
        reconciled.conflicts()
    ));
    out
}
