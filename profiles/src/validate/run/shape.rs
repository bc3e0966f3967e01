//! What the reader saw of the shape of JSON and XML.

use crate::document::Document;
use crate::validate::finding::Argument;
use crate::validate::rule::shape;

use super::Run;

impl<'d> Run<'_, 'd> {
    /// Says every fault of shape.
    pub(super) fn shape(&mut self, document: &'d Document<'d>) {
        for irregularity in document.irregularities() {
            let place = Argument::name(document.place(irregularity));
            self.findings.add(
                shape::of(irregularity.rule()),
                document.node_of(irregularity),
                vec![place],
            );
        }
    }
}
