//! Whether size and hash of an attachment are those of its data.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest as _, Sha1};

use crate::document::Node;
use crate::validate::collect::Findings;
use crate::validate::finding::Argument;
use crate::validate::rule::bundle as rule;

/// Checks an `Attachment` that carries its data; an address is never followed.
pub(super) fn check<'d>(node: Node<'d>, findings: &mut Findings<'d>) {
    let Some(data) = node.text("data") else { return };
    let (size, hash) = (node.child("size"), node.child("hash"));
    if size.is_none() && hash.is_none() {
        return;
    }
    let compact: String = data.split_ascii_whitespace().collect();
    // What is no base64 is noted as a value.
    let Ok(bytes) = STANDARD.decode(compact) else {
        return;
    };
    if let Some(size) = size
        && let Some(stated) = size.primitive().and_then(|text| text.parse::<usize>().ok())
        && stated != bytes.len()
    {
        findings.add(
            &rule::ATTACHMENT_SIZE,
            size,
            vec![Argument::name(stated), Argument::name(bytes.len())],
        );
    }
    if let Some(hash) = hash
        && hash.primitive() != Some(&STANDARD.encode(Sha1::digest(&bytes)))
    {
        findings.add(&rule::ATTACHMENT_HASH, hash, vec![]);
    }
}
