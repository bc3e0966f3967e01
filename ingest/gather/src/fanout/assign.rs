//! Which endpoint of a holder is asked for which category. Pure.
//!
//! A holder may offer the same data in R4 and in STU3. R4 is asked; STU3 only for what no R4 endpoint offers. Of
//! several endpoints of one version each is asked: it may be redundancy or a registration error, and reconciliation
//! tells repetitions apart.

use std::collections::BTreeSet;

use samenhang_profiles::FhirVersion;
use samenhang_terminology::Category;

/// An endpoint, as far as the choice goes.
pub(super) struct Offering {
    /// The version that it speaks.
    pub(super) version: FhirVersion,
    /// What the directory lists it for.
    pub(super) listed: BTreeSet<Category>,
    /// What it turns out not to offer.
    pub(super) unsupported: BTreeSet<Category>,
}

impl Offering {
    fn offers(&self, category: Category) -> bool {
        self.listed.contains(&category) && !self.unsupported.contains(&category)
    }
}

/// The categories to ask each endpoint for, in the order of the endpoints. A category that no endpoint offers is asked
/// of none.
pub(super) fn assign(categories: &BTreeSet<Category>, offerings: &[Offering]) -> Vec<BTreeSet<Category>> {
    let mut assigned = vec![BTreeSet::new(); offerings.len()];
    for category in categories {
        let offered_in = |version| {
            offerings
                .iter()
                .any(|offering| offering.version == version && offering.offers(*category))
        };
        let chosen = match (offered_in(FhirVersion::R4), offered_in(FhirVersion::Stu3)) {
            (true, _) => Some(FhirVersion::R4),
            (false, true) => Some(FhirVersion::Stu3),
            (false, false) => None,
        };
        for (offering, assigned) in offerings.iter().zip(&mut assigned) {
            let is_chosen = match chosen {
                Some(version) => offering.version == version && offering.offers(*category),
                None => false,
            };
            if is_chosen {
                assigned.insert(*category);
            }
        }
    }
    assigned
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use samenhang_profiles::FhirVersion::{self, R4, Stu3};
    use samenhang_terminology::Category::{self, Alert, Condition};

    use super::{Offering, assign};

    fn offering(version: FhirVersion, listed: &[Category], unsupported: &[Category]) -> Offering {
        Offering {
            version,
            listed: listed.iter().copied().collect(),
            unsupported: unsupported.iter().copied().collect(),
        }
    }

    #[test]
    fn r4_is_asked_and_stu3_only_for_what_r4_does_not_offer() {
        let both = [Alert, Condition];
        let cases: [(Vec<Offering>, Vec<&[Category]>); 5] = [
            (
                vec![offering(R4, &both, &[]), offering(Stu3, &both, &[])],
                vec![&both, &[]],
            ),
            (
                vec![offering(R4, &both, &[Alert]), offering(Stu3, &both, &[])],
                vec![&[Condition], &[Alert]],
            ),
            (
                vec![offering(R4, &[Condition], &[]), offering(Stu3, &both, &[])],
                vec![&[Condition], &[Alert]],
            ),
            (
                vec![offering(R4, &both, &[]), offering(R4, &both, &[])],
                vec![&both, &both],
            ),
            (
                vec![offering(R4, &both, &[Alert]), offering(Stu3, &both, &[Alert])],
                vec![&[Condition], &[]],
            ),
        ];
        for (offerings, expected) in cases {
            let expected: Vec<BTreeSet<Category>> = expected
                .iter()
                .map(|categories| categories.iter().copied().collect())
                .collect();
            assert_eq!(assign(&BTreeSet::from(both), &offerings), expected);
        }
    }
}
