//! Values of primitive types, no two the same, and what the types ask of values that belong together.

use jiff::ToSpan;
use jiff::civil::date;
use serde_json::{Map, Value, json};

/// Stands before the text of a number, which is written as it is: a decimal of JSON has to keep its digits.
const NUMBER: &str = "\u{1}";

/// Gives values by number.
pub(crate) struct Values {
    number: usize,
    variant: usize,
}

impl Values {
    pub(crate) fn new(variant: usize) -> Values {
        Values { number: 100, variant }
    }

    pub(crate) fn next(&mut self) -> usize {
        self.number += 1;
        self.number
    }

    /// A value of a type: dates of less precision in one variant, decimals of many digits in another.
    pub(crate) fn primitive(&self, kind: &str, name: &str, number: usize) -> Value {
        let day = date(2001, 1, 1).saturating_add((number as i64).days());
        let bound = matches!(name, "start" | "end");
        let precise = self.variant % 4 != 1 || !bound && number.is_multiple_of(2);
        match kind {
            "boolean" => json!(true),
            "decimal" if self.variant == 2 => json!(format!("{NUMBER}{number}.12345678901234567890")),
            "decimal" => json!(format!("{NUMBER}{number}.50")),
            "integer" | "positiveInt" | "unsignedInt" => json!(number),
            "date" | "dateTime" if !precise => json!(day.strftime("%Y-%m").to_string()),
            "date" => json!(day.to_string()),
            "dateTime" => json!(format!("{day}T10:11:12+01:00")),
            "instant" => json!(format!("{day}T10:11:12.345+01:00")),
            "time" => json!(format!("{:02}:{:02}:00", number / 60 % 24, number % 60)),
            "base64Binary" => json!(format!("{number:0>8}")),
            "oid" => json!(format!("urn:oid:2.999.{number}")),
            "uuid" => json!(format!("urn:uuid:00000000-0000-4000-8000-{number:012}")),
            "uri" | "url" | "canonical" => json!(format!("http://example.org/{name}/{number}")),
            "xhtml" => json!(format!(
                "<div xmlns=\"http://www.w3.org/1999/xhtml\">text {number}</div>"
            )),
            "code" | "id" => json!(format!("code-{number}")),
            _ => json!(format!("{name} {number}")),
        }
    }

    /// Makes parts of a value agree.
    pub(crate) fn settle(&mut self, kind: &str, object: &mut Map<String, Value>, variant: usize) {
        let odd = variant % 2 == 1;
        if object.contains_key("periodUnit") && object.contains_key("when") {
            for name in if odd {
                &["when", "offset"][..]
            } else {
                &["timeOfDay"][..]
            } {
                object.remove(*name);
            }
        }
        let text = |object: &Map<String, Value>, name: &str| {
            object
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        match kind {
            "Identifier" if text(object, "system").ends_with("/bsn") => {
                object.insert("value".to_owned(), json!(bsn(self.number)));
            }
            "Quantity" | "SimpleQuantity" | "Duration" | "Age" | "Money" | "Count" | "Distance" => {
                let free = text(object, "system").contains("example.org")
                    || text(object, "code").starts_with("code-");
                if free {
                    let code = match kind {
                        "Duration" | "Age" => "d",
                        "Count" => "1",
                        "Distance" => "m",
                        "Money" => "EUR",
                        _ => "mL",
                    };
                    let system = if kind == "Money" {
                        "urn:iso:std:iso:4217"
                    } else {
                        "http://unitsofmeasure.org"
                    };
                    object.insert("system".to_owned(), json!(system));
                    object.insert("code".to_owned(), json!(code));
                }
            }
            _ => {}
        }
    }
}

/// A number of the range for tests that passes the eleven test.
fn bsn(number: usize) -> String {
    let digits = |text: &str| -> u32 {
        let weights = [9, 8, 7, 6, 5, 4, 3, 2];
        text.bytes()
            .zip(weights)
            .map(|(digit, weight)| u32::from(digit - b'0') * weight)
            .sum()
    };
    let fits = (0..).map(|more| format!("{:08}", 99_990_000 + number + more));
    let mut found = fits.filter_map(|text| {
        let last = digits(&text) % 11;
        (last < 10).then(|| format!("{text}{last}"))
    });
    found.next().unwrap_or_default()
}

/// The bytes of an instance, numbers as they are.
pub(crate) fn bytes(instance: &Value) -> Vec<u8> {
    let text = instance.to_string();
    let mut parts = text.split("\"\\u0001");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (number, rest) = part.split_once('"').unwrap();
        out.push_str(number);
        out.push_str(rest);
    }
    out.into_bytes()
}
