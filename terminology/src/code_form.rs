//! The form that codes of a system have, and its check digit: all that can be said of a licensed system without a
//! release of it.
//!
//! A form only ever rejects. That a code is written well does not make it exist.

#[cfg(test)]
mod tests;

use crate::check_digit::{gs1, mod10, verhoeff};

/// How a code is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    /// As a code of its system is.
    Fits,
    /// As an expression in the grammar of its system, made of several codes that each fit.
    Expression,
    /// As no code of its system is.
    Malformed,
}

impl Form {
    fn of(fits: bool) -> Self {
        if fits { Form::Fits } else { Form::Malformed }
    }
}

/// How `code` is written, judged by the rules of `system`; `None` for a system whose rules are not known here.
#[must_use]
pub fn form(system: &str, code: &str) -> Option<Form> {
    rule(system).map(|rule| rule(code))
}

/// Judges how a code is written.
pub(crate) type Rule = fn(&str) -> Form;

/// The rule of a system.
pub(crate) fn rule(system: &str) -> Option<Rule> {
    Some(match system {
        "http://snomed.info/sct" => snomed,
        "http://loinc.org" => loinc,
        "http://www.whocc.no/atc" => atc,
        "http://hl7.org/fhir/sid/icpc-1-nl" => icpc,
        "https://www.gs1.org/gtin" | "urn:oid:1.3.160" => gtin,
        // G-Standaard: GPK, PRK, HPK, ZI, and the numbers of generic names (SNK, SSK) and thesauri.
        "urn:oid:2.16.840.1.113883.2.4.4.1"
        | "urn:oid:2.16.840.1.113883.2.4.4.7"
        | "urn:oid:2.16.840.1.113883.2.4.4.8"
        | "urn:oid:2.16.840.1.113883.2.4.4.10"
        | "urn:oid:2.16.840.1.113883.2.4.4.1.725"
        | "urn:oid:2.16.840.1.113883.2.4.4.1.750"
        | "urn:oid:2.16.840.1.113883.2.4.4.9"
        | "urn:oid:2.16.840.1.113883.2.4.4.11"
        | "urn:oid:2.16.840.1.113883.2.4.4.1.900.2"
        | "urn:oid:2.16.840.1.113883.2.4.4.1.902.40"
        | "urn:oid:2.16.840.1.113883.2.4.4.1.902.122" => |code| digits(code, 1, 8),
        // AGB: specialties and whole numbers.
        "urn:oid:2.16.840.1.113883.2.4.6.7" => |code| digits(code, 4, 4),
        "http://fhir.nl/fhir/NamingSystem/agb-z" | "http://fhir.nl/fhir/NamingSystem/agb" => {
            |code| digits(code, 8, 8)
        }
        // UZI register: organisations, professionals, roles.
        "http://fhir.nl/fhir/NamingSystem/ura" => |code| digits(code, 8, 8),
        "http://fhir.nl/fhir/NamingSystem/uzi" | "http://fhir.nl/fhir/NamingSystem/uzi-nr-pers" => {
            |code| digits(code, 9, 9)
        }
        "http://fhir.nl/fhir/NamingSystem/uzi-rolcode" => role,
        "http://fhir.nl/fhir/NamingSystem/kvk" => |code| digits(code, 8, 8),
        "urn:ietf:rfc:3986" => uri,
        _ => return None,
    })
}

/// Between `from` and `to` ASCII digits.
fn digits(code: &str, from: usize, to: usize) -> Form {
    Form::of((from..=to).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_digit()))
}

/// SNOMED CT: a concept identifier, or an expression of several.
fn snomed(code: &str) -> Form {
    if is_snomed_concept(code) {
        return Form::Fits;
    }
    // A post-coordinated expression: every number in it that is long enough to be an identifier has to be one.
    if code.len() > 4096 || !code.bytes().any(|byte| matches!(byte, b':' | b'+' | b'=' | b'{')) {
        return Form::Malformed;
    }
    let mut terms = false;
    let mut concepts = 0usize;
    // Terms between bars are prose and may hold anything.
    for part in code.split('|') {
        if !terms {
            for number in part
                .split(|c: char| !c.is_ascii_digit())
                .filter(|number| number.len() >= 6)
            {
                if !is_snomed_concept(number) {
                    return Form::Malformed;
                }
                concepts += 1;
            }
        }
        terms = !terms;
    }
    if concepts == 0 {
        Form::Malformed
    } else {
        Form::Expression
    }
}

/// Whether `code` is an identifier of a SNOMED CT concept: 6 to 18 digits, none leading zero, a partition that holds
/// concepts, and a Verhoeff check digit. With an extension's partition it has room for a namespace.
///
/// Source: SNOMED CT Release File Specification, section 5.
#[must_use]
pub fn is_snomed_concept(code: &str) -> bool {
    snomed_partition(code).is_some_and(|partition| matches!(partition, b"00" | b"10"))
}

/// The partition of a well-formed SNOMED CT identifier of any kind.
pub(crate) fn snomed_partition(code: &str) -> Option<&[u8]> {
    let bytes = code.as_bytes();
    if !(6..=18).contains(&bytes.len()) || bytes[0] == b'0' || !verhoeff(bytes) {
        return None;
    }
    let partition = &bytes[bytes.len() - 3..bytes.len() - 1];
    // An item, seven digits of namespace, the partition and the check digit.
    (partition[0] == b'0' || (partition[0] == b'1' && bytes.len() >= 11)).then_some(partition)
}

/// The namespace in the identifier of an extension; `None` in one of the international edition.
#[must_use]
pub fn snomed_namespace(code: &str) -> Option<&str> {
    let partition = snomed_partition(code)?;
    (partition[0] == b'1').then(|| &code[code.len() - 10..code.len() - 3])
}

/// LOINC: a term with its check digit, or a part, answer, answer list or group.
fn loinc(code: &str) -> Form {
    let Some((body, check)) = code.rsplit_once('-') else {
        return Form::Malformed;
    };
    let all_digits = |text: &str, most: usize| {
        !text.is_empty() && text.len() <= most && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    if check.len() != 1 || !all_digits(check, 1) {
        return Form::Malformed;
    }
    match ["LP", "LA", "LL", "LG"]
        .iter()
        .find_map(|prefix| body.strip_prefix(prefix))
    {
        // These have a check digit too, but no public document says over what.
        Some(number) => Form::of(all_digits(number, 8)),
        None => {
            let mut all = [0u8; 9];
            let Some(room) = all.get_mut(..body.len() + 1) else {
                return Form::Malformed;
            };
            room[..body.len()].copy_from_slice(body.as_bytes());
            room[body.len()..].copy_from_slice(check.as_bytes());
            Form::of(!body.starts_with('0') && mod10(room))
        }
    }
}

/// ATC: one of its five levels.
fn atc(code: &str) -> Form {
    // Letter, two digits, letter, letter, two digits.
    let shape = [false, true, true, false, false, true, true];
    let fits = matches!(code.len(), 1 | 3 | 4 | 5 | 7)
        && code.bytes().zip(shape).all(|(byte, digit)| {
            if digit {
                byte.is_ascii_digit()
            } else {
                byte.is_ascii_uppercase()
            }
        });
    Form::of(fits)
}

/// ICPC-1-NL: a letter, two digits, and for a subclass a point and two digits.
fn icpc(code: &str) -> Form {
    let bytes = code.as_bytes();
    let class =
        bytes.len() >= 3 && bytes[0].is_ascii_uppercase() && bytes[1..3].iter().all(u8::is_ascii_digit);
    let subclass = match bytes.get(3..) {
        None | Some([]) => true,
        Some([b'.', rest @ ..]) => rest.len() == 2 && rest.iter().all(u8::is_ascii_digit),
        Some(_) => false,
    };
    Form::of(class && subclass)
}

/// GTIN: 8, 12, 13 or 14 digits, the last of them a check digit.
fn gtin(code: &str) -> Form {
    Form::of(matches!(code.len(), 8 | 12 | 13 | 14) && gs1(code.as_bytes()))
}

/// `RoleCodeNL`: two digits, and for a specialism a point and three digits.
fn role(code: &str) -> Form {
    let (profession, specialism) = code.split_once('.').unwrap_or((code, "000"));
    let all_digits =
        |text: &str, length: usize| text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
    Form::of(all_digits(profession, 2) && all_digits(specialism, 3))
}

/// A uri; an OID or uuid in it has to be one.
fn uri(code: &str) -> Form {
    if let Some(oid) = code.strip_prefix("urn:oid:") {
        return Form::of(is_oid(oid));
    }
    if let Some(uuid) = code.strip_prefix("urn:uuid:") {
        return Form::of(is_uuid(uuid));
    }
    let scheme = code.split_once(':').is_some_and(|(scheme, rest)| {
        !rest.is_empty()
            && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
    });
    Form::of(scheme && !code.contains(char::is_whitespace))
}

/// Whether `text` is an OID in dotted form: an arc of 0 to 2, then at least one more, none with leading zeros (the
/// regular expression of FHIR R4 2.24.0.1, `oid`).
#[must_use]
pub fn is_oid(text: &str) -> bool {
    let mut arcs = text.split('.');
    let root = matches!(arcs.next(), Some("0" | "1" | "2"));
    let mut more = false;
    for arc in arcs {
        if arc.is_empty()
            || (arc.len() > 1 && arc.starts_with('0'))
            || !arc.bytes().all(|byte| byte.is_ascii_digit())
        {
            return false;
        }
        more = true;
    }
    root && more
}

/// Whether `text` is a uuid in lower or upper case (RFC 4122, section 3).
#[must_use]
pub fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}
