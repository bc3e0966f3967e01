//! Settles the category of resources that travel with what refers to them.
//!
//! A holder gives a practitioner once, with whichever of its answers came first. Which one that was must not be seen
//! (promise P8), so such a resource gets the most urgent category of what refers to it. Nothing is added or dropped,
//! and what nothing refers to keeps its category.

use hashbrown::HashMap;
use samenhang_profiles::{Received, classify};
use samenhang_terminology::Category;

use crate::subject::local;

/// Settles the categories; the same for the same resources in any order.
pub(crate) fn settle(items: &mut [Received]) {
    if !items.iter().any(travels) {
        return;
    }
    let settled = settled(items);
    for (item, category) in items.iter_mut().zip(settled) {
        item.category = category.unwrap_or(item.category);
    }
}

fn travels(item: &Received) -> bool {
    classify::travels(item.resource.resource_type())
}

fn settled(items: &[Received]) -> Vec<Option<Category>> {
    let mut places: HashMap<(&str, &str, &str), Vec<usize>> = HashMap::new();
    for (index, item) in items.iter().enumerate().filter(|(_, item)| travels(item)) {
        if let Some(id) = item.resource.id() {
            let place = (&*item.lineage.endpoint, item.resource.resource_type(), id);
            places.entry(place).or_default().push(index);
        }
    }
    let mut settled: Vec<Option<Category>> = items
        .iter()
        .map(|item| (!travels(item)).then_some(item.category))
        .collect();
    // From the statements first; what they do not lead to then stands for itself.
    for is_reached in [true, false] {
        let mut open: Vec<usize> = (0..items.len())
            .filter(|index| settled[*index].is_some() == is_reached)
            .collect();
        for &index in &open {
            settled[index].get_or_insert(items[index].category);
        }
        while let Some(index) = open.pop() {
            let (item, own) = (&items[index], settled[index]);
            for reference in &item.resource.keys().references {
                let place = local(reference, &item.lineage.endpoint);
                let targets = place.and_then(|(kind, id)| places.get(&(&*item.lineage.endpoint, kind, id)));
                for &target in targets.into_iter().flatten() {
                    // Categories only grow more urgent, so that this ends.
                    if settled[target].is_none_or(|known| own < Some(known)) {
                        settled[target] = own;
                        open.push(target);
                    }
                }
            }
        }
    }
    settled
}

#[cfg(test)]
mod tests {
    use samenhang_profiles::Received;
    use samenhang_terminology::Category;

    use super::settle;
    use crate::fixtures::received;

    const OOST: &str = "00700700";

    fn all(first: Category) -> Vec<Received> {
        let mut items = vec![
            received(
                OOST,
                r#"{"resourceType":"Condition","id":"c","recorder":{"reference":"PractitionerRole/r"}}"#,
            ),
            received(
                OOST,
                r#"{"resourceType":"Observation","id":"o","performer":[{"reference":"https://00700700.example/r4/Practitioner/p"}],"specimen":{"reference":"Specimen/s/_history/1"}}"#,
            ),
            received(
                OOST,
                r#"{"resourceType":"PractitionerRole","id":"r","practitioner":{"reference":"Practitioner/p"}}"#,
            ),
            received(OOST, r#"{"resourceType":"Practitioner","id":"p"}"#),
            received(OOST, r#"{"resourceType":"Specimen","id":"s"}"#),
            received("00700701", r#"{"resourceType":"Practitioner","id":"p"}"#),
            received(
                OOST,
                r#"{"resourceType":"Device","id":"d","owner":{"reference":"Organization/g"}}"#,
            ),
            received(OOST, r#"{"resourceType":"Organization","id":"g"}"#),
        ];
        items[1].category = Category::ObservationLaboratory;
        for index in [2, 3, 4, 7] {
            items[index].category = first;
        }
        items
    }

    #[test]
    fn p8_what_travels_has_the_most_urgent_category_of_what_refers_to_it() {
        for first in [
            Category::Condition,
            Category::ObservationLaboratory,
            Category::Other,
        ] {
            for is_reversed in [false, true] {
                let mut items = all(first);
                let elsewhere = items[5].category;
                if is_reversed {
                    items.reverse();
                }
                settle(&mut items);
                if is_reversed {
                    items.reverse();
                }
                let categories: Vec<_> = items.iter().map(|item| item.category).collect();
                assert_eq!(
                    categories[2..5],
                    [
                        Category::Condition,
                        Category::Condition,
                        Category::ObservationLaboratory
                    ]
                );
                assert_eq!(categories[5], elsewhere, "another holder's practitioner");
                assert_eq!(categories[6], Category::Device, "nothing refers to it");
            }
        }
    }
}
