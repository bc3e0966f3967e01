//! Numbers of citizens on a page: never whole, but for the one that a person asks for on purpose. The patient's own shows its last digits, enough to tell two patients apart.

use samenhang_profiles::Bsn;
use samenhang_profiles::tree::Tree;
use samenhang_terminology::naming;

/// BSN as the uri of its OID.
const BSN_URN: &str = "urn:oid:2.16.840.1.113883.2.4.6.3";
/// What stands in the place of a number of a citizen.
pub(crate) const MASKED: &str = "•••••••••";

/// The number of the patient, masked.
#[must_use]
pub fn number(patient: &Bsn) -> String {
    format!("••••••{}", patient.expose().get(6..).unwrap_or_default())
}

/// The number of the patient, whole: for who asks for it on purpose, which is recorded.
#[must_use]
pub(crate) fn whole(patient: &Bsn) -> String {
    patient.expose().to_owned()
}

/// A tree without numbers of citizens, and whether there was one: the patient's wherever it stands, and whatever an
/// Identifier says is one. Recursion is bounded by the depth of a [`Tree`].
pub(crate) fn masked<'a>(tree: Tree<'a>, patient: &Bsn, is_masked: &mut bool) -> Tree<'a> {
    match tree {
        Tree::String(text) if text.contains(patient.expose()) => {
            *is_masked = true;
            Tree::String(text.replace(patient.expose(), MASKED).into())
        }
        Tree::Array(items) => {
            let items = items.into_iter().map(|item| masked(item, patient, is_masked));
            Tree::Array(items.collect())
        }
        Tree::Object(fields) => {
            let is_number = fields.iter().any(|(name, value)| {
                let system = value.as_str().filter(|_| name == "system");
                system.is_some_and(|system| system == naming::BSN || system == BSN_URN)
            });
            let fields = fields.into_iter().map(|(name, value)| {
                if is_number && name == "value" {
                    *is_masked = true;
                    return (name, Tree::String(MASKED.into()));
                }
                let value = masked(value, patient, is_masked);
                (name, value)
            });
            Tree::Object(fields.collect())
        }
        other => other,
    }
}
