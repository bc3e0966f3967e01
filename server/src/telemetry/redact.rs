//! Which fields may leave the process in a log line or a trace, and the last look at every text that does.

use samenhang_profiles::Bsn;

/// The only field names that pass. None of them can hold patient data.
pub const ALLOWED: [&str; 18] = [
    "holder",
    "category",
    "status",
    "code",
    "step",
    "attempt",
    "duration_ms",
    "count",
    "bytes",
    "port",
    "service",
    "version",
    "generation",
    "correlation",
    "request_id",
    "state",
    "fault",
    "limit",
];

/// Longest text that passes; a longer one is cut.
const MAX_TEXT: usize = 300;

/// Whether a field may pass.
#[must_use]
pub fn is_allowed(field: &str) -> bool {
    ALLOWED.contains(&field)
}

/// Whether the code that logs is ours: only ours writes messages that were checked to hold no data.
#[must_use]
pub fn is_ours(target: &str) -> bool {
    target == "samenhang" || target.starts_with("samenhang_")
}

/// Replaces every run of nine digits that could be a BSN, and cuts what is too long.
///
/// The second belt: the first is that no field on the list holds a BSN. A URA has eight digits and passes.
#[must_use]
pub fn scrub(text: &str) -> String {
    let mut clean = String::with_capacity(text.len().min(MAX_TEXT));
    let mut rest = text;
    while !rest.is_empty() && clean.len() < MAX_TEXT {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 {
            let plain = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
            clean.push_str(&rest[..plain]);
            rest = &rest[plain..];
        } else {
            let run = &rest[..digits];
            clean.push_str(if hides_bsn(run) { "[withheld]" } else { run });
            rest = &rest[digits..];
        }
    }
    if clean.len() > MAX_TEXT {
        let end = (0..=MAX_TEXT)
            .rev()
            .find(|at| clean.is_char_boundary(*at))
            .unwrap_or(0);
        clean.truncate(end);
    }
    clean
}

/// Whether any nine digits of a run pass the 11-proef: a BSN may be glued to other digits.
fn hides_bsn(run: &str) -> bool {
    (0..(run.len() + 1).saturating_sub(9)).any(|start| Bsn::parse(&run[start..start + 9]).is_ok())
}

#[cfg(test)]
mod tests {
    use super::{is_allowed, is_ours, scrub};

    #[test]
    fn a_bsn_is_withheld_wherever_it_stands() {
        assert_eq!(scrub("patient 999990019 asked"), "patient [withheld] asked");
        assert_eq!(scrub("1999990019"), "[withheld]");
        assert_eq!(scrub("holder 00700700 took 12 ms"), "holder 00700700 took 12 ms");
        assert_eq!(scrub(&"é".repeat(400)).len(), 300);
    }

    #[test]
    fn the_list_names_no_patient_data() {
        for field in [
            "bsn",
            "name",
            "birth_date",
            "patient",
            "family",
            "url",
            "body",
            "message",
            "error",
        ] {
            assert!(!is_allowed(field), "{field}");
        }
        assert!(is_ours("samenhang_gather::fanout") && !is_ours("hyper::proto") && !is_ours("sqlx::query"));
    }
}
