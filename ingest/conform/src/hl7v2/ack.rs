//! What is answered to a message (HL7 version 2.5.1, section 2.9).

use super::Header;

/// What is said of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acknowledgement {
    /// AA: it was taken.
    Accept,
    /// AE: something is wrong with it; it is kept aside and need not be sent again as it is.
    Error,
    /// AR: it was not taken: processing id, version, unknown sender, overload.
    Reject,
    /// CA: it is safe.
    CommitAccept,
    /// CE: it cannot be made safe as it is.
    CommitError,
    /// CR: it is refused before it was looked at.
    CommitReject,
}

impl Acknowledgement {
    /// The code of table 0008.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Acknowledgement::Accept => "AA",
            Acknowledgement::Error => "AE",
            Acknowledgement::Reject => "AR",
            Acknowledgement::CommitAccept => "CA",
            Acknowledgement::CommitError => "CE",
            Acknowledgement::CommitReject => "CR",
        }
    }

    fn is_accept(self) -> bool {
        matches!(self, Acknowledgement::Accept | Acknowledgement::CommitAccept)
    }
}

/// The message that answers another: it goes back to where that came from, with its version, processing id and character
/// set. `control_id` tells the answer apart and `at` is the moment, as `YYYYMMDDHHMMSS+ZZZZ`; both are given, so that the
/// same message has the same answer. `reason` is a code of our own (`SAM-CNF-201`), never content.
#[must_use]
pub fn acknowledge(
    header: &Header,
    acknowledgement: Acknowledgement,
    control_id: &str,
    at: &str,
    reason: Option<&str>,
) -> String {
    let cut = header.delimiters;
    let field = cut.field;
    let encoding: String = [cut.component, cut.repetition, cut.escape, cut.subcomponent]
        .iter()
        .collect();
    let event = header.component(9, 2);
    let kind = if event.is_empty() {
        "ACK".to_owned()
    } else {
        format!("ACK{0}{event}{0}ACK", cut.component)
    };
    let fields = [
        "MSH",
        &encoding,
        header.field(5),
        header.field(6),
        header.field(3),
        header.field(4),
        at,
        "",
        &kind,
        control_id,
        header.field(11),
        header.field(12),
        "",
        "",
        "",
        "",
        "",
        header.field(18),
    ];
    let mut message = fields.join(&field.to_string());
    while message.ends_with(field) {
        message.pop();
    }
    message.push_str(&format!(
        "\rMSA{field}{}{field}{}\r",
        acknowledgement.code(),
        header.field(10)
    ));
    if let Some(reason) = reason.filter(|_| !acknowledgement.is_accept()) {
        // ERR-3: 207 is an error of the application that receives; ERR-5 has our own code.
        message.push_str(&format!(
            "ERR{field}{field}{field}207{0}Application internal error{0}HL70357{field}E{field}{reason}\r",
            cut.component
        ));
    }
    message
}
