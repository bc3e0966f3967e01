//! The one order of an answer: clinical priority, then newest first, then a tie-break that never ties.
//!
//! Total and independent of arrival (promise P8). It interprets nothing but the category and the date.

use std::cmp::{Ordering, Reverse};

use jiff::Timestamp;
use samenhang_profiles::Received;
use samenhang_terminology::Category;

use crate::date::Interval;

/// Types that only support others: who, where, and which product.
const SUPPORTING: [&str; 11] = [
    "Binary",
    "Endpoint",
    "HealthcareService",
    "Location",
    "Medication",
    "Organization",
    "Practitioner",
    "PractitionerRole",
    "Provenance",
    "Schedule",
    "Substance",
];

/// Whether a resource of this type is there for the sake of others (`search.mode` = `include`).
#[must_use]
pub fn is_supporting(resource_type: &str) -> bool {
    SUPPORTING.contains(&resource_type)
}

/// Sorts into the order of the answer.
///
/// What supports others comes last. A partial date counts as the interval that it is: newest end first, then
/// newest start, so 2024 stands before any day in it. What has no date comes after what has one.
pub fn sort(items: &mut Vec<Received>) {
    // Places are sorted and not resources, which are larger.
    let mut placed: Vec<(Place, usize)> = items.iter().map(Place::of).zip(0..).collect();
    placed.sort_by(|(a, x), (b, y)| {
        a.cmp(b).then_with(|| match (items.get(*x), items.get(*y)) {
            (Some(x), Some(y)) => compare(x, y),
            _ => Ordering::Equal,
        })
    });
    let mut left: Vec<Option<Received>> = std::mem::take(items).into_iter().map(Some).collect();
    let sorted = placed.into_iter().filter_map(|(_, at)| left.get_mut(at)?.take());
    items.extend(sorted);
}

/// What decides mostly, worked out once for each resource.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    is_supporting: bool,
    category: Category,
    /// `None` is less than any interval, and reversed it comes last.
    newest: Reverse<Option<(Timestamp, Timestamp)>>,
}

impl Place {
    fn of(item: &Received) -> Self {
        let date = item.resource.keys().date.as_deref().and_then(Interval::parse);
        Place {
            is_supporting: is_supporting(item.resource.resource_type()),
            category: item.category,
            newest: Reverse(date.map(|interval| (interval.end, interval.start))),
        }
    }
}

fn compare(x: &Received, y: &Received) -> Ordering {
    let by_type = x.resource.resource_type().cmp(y.resource.resource_type());
    by_type
        .then_with(|| x.lineage.holder.cmp(&y.lineage.holder))
        .then_with(|| x.resource.id().cmp(&y.resource.id()))
        .then_with(|| x.full_url.cmp(&y.full_url))
        .then_with(|| x.lineage.fhir.cmp(&y.lineage.fhir))
        .then_with(|| x.resource.body().cmp(y.resource.body()))
        .then_with(|| x.lineage.retrieved.cmp(&y.lineage.retrieved))
        .then_with(|| x.lineage.endpoint.cmp(&y.lineage.endpoint))
        .then_with(|| x.lineage.holder_name.cmp(&y.lineage.holder_name))
        .then_with(|| x.lineage.conformance.cmp(&y.lineage.conformance))
        .then_with(|| original(x).cmp(&original(y)))
}

/// What the holder sent, when the resource was made from that.
fn original(item: &Received) -> Option<(&str, &[u8])> {
    let conversion = item.conversion.as_deref()?;
    Some((&*conversion.original_url, &**conversion.original.body()))
}

#[cfg(test)]
mod tests {
    use super::sort;
    use crate::fixtures::{received, urls};

    #[test]
    fn newest_first_within_the_clinical_priority() {
        let condition = |id: &str, onset: &str| {
            received(
                "00700701",
                &format!(
                    r#"{{"resourceType":"Condition","id":"{id}","subject":{{"reference":"Patient/p"}}{onset}}}"#
                ),
            )
        };
        let mut items = vec![
            condition("undated", ""),
            condition("day", r#","onsetDateTime":"2024-06-01""#),
            condition("year", r#","onsetDateTime":"2024""#),
            condition("old", r#","onsetDateTime":"1999-01""#),
            received("00700701", r#"{"resourceType":"Practitioner","id":"who"}"#),
            received(
                "00700702",
                r#"{"resourceType":"Flag","id":"flag","status":"active","subject":{"reference":"Patient/p"}}"#,
            ),
        ];
        sort(&mut items);
        assert_eq!(
            urls(&items),
            [
                "Flag/flag",
                "Condition/year",
                "Condition/day",
                "Condition/old",
                "Condition/undated",
                "Practitioner/who"
            ]
        );
    }
}
