//! A letter as a PDF: plain text on one page in the fonts that every reader has (ISO 32000-1, 9.6.2.2).
//!
//! It is no PDF/A and does not say so: that wants the fonts within the file (ISO 19005-1, 6.3.4).

use std::fmt::Write as _;

/// Lines of a letter at most: what fits on the page.
pub const MOST_LINES: usize = 46;
/// Characters that a line can have within the margins.
pub const MOST_COLUMNS: usize = 98;
/// What stands under each letter.
const FOOT: &str = "Verzonnen document voor de demonstratie van Samenhang. Patiënt, zorgverleners en bevindingen bestaan niet.";

/// Writes a letter: the first line is its title, a line that begins with `# ` is a heading. Lines over
/// [`MOST_LINES`] are left out, and a character that Latin-1 does not have becomes a question mark.
#[must_use]
pub fn letter(text: &str) -> Vec<u8> {
    let title = text.lines().next().unwrap_or_default();
    let page = page(text);
    super::write(&[
        "<< /Type /Catalog /Pages 2 0 R /Lang (nl-NL) /Metadata 7 0 R \
         /ViewerPreferences << /DisplayDocTitle true >> >>"
            .to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 6 0 R \
         /Resources << /Font << /Text 4 0 R /Bold 5 0 R >> >> >>"
            .to_owned(),
        font("Helvetica"),
        font("Helvetica-Bold"),
        format!("<< /Length {} >>\nstream\n{page}\nendstream", page.len()),
        metadata(title),
    ])
}

fn font(name: &str) -> String {
    format!("<< /Type /Font /Subtype /Type1 /BaseFont /{name} /Encoding /WinAnsiEncoding >>")
}

/// What the file says of itself: its title, for the reader's window.
fn metadata(title: &str) -> String {
    let title = title.replace('&', "&amp;").replace('<', "&lt;");
    let xmp = format!(
        "<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n\
         <x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\
         <rdf:Description rdf:about=\"\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><dc:title><rdf:Alt>\
         <rdf:li xml:lang=\"x-default\">{title}</rdf:li></rdf:Alt></dc:title></rdf:Description>\
         </rdf:RDF></x:xmpmeta>\n<?xpacket end=\"w\"?>"
    );
    format!(
        "<< /Type /Metadata /Subtype /XML /Length {} >>\nstream\n{xmp}\nendstream",
        xmp.len()
    )
}

/// The operators that write the page, downwards in steps of 15 points.
fn page(text: &str) -> String {
    let mut page = "BT 15 TL 60 770 Td".to_owned();
    for (place, line) in text.lines().take(MOST_LINES).enumerate() {
        let (style, words) = match line.strip_prefix("# ") {
            _ if place == 0 => ("/Bold 16 Tf", line),
            Some(heading) => ("/Bold 10.5 Tf", heading),
            None => ("/Text 10.5 Tf", line),
        };
        // Writing to a text does not fail.
        let _ = write!(page, "\n{style} ({}) Tj T*", literal(words));
    }
    let _ = write!(
        page,
        " ET\nBT 0.35 g /Text 8 Tf 60 50 Td ({}) Tj ET",
        literal(FOOT)
    );
    page
}

/// The inside of a literal string (7.3.4.2); what is not ASCII by its number, which is that of Latin-1 in the encoding too.
fn literal(line: &str) -> String {
    let mut literal = String::with_capacity(line.len());
    for character in line.chars() {
        match character {
            '(' | ')' | '\\' => literal.extend(['\\', character]),
            ' '..='~' => literal.push(character),
            '\u{a0}'..='\u{ff}' => {
                let _ = write!(literal, "\\{:03o}", u32::from(character));
            }
            _ => literal.push('?'),
        }
    }
    literal
}

#[cfg(test)]
mod tests {
    use super::{letter, literal};

    #[test]
    fn what_a_string_cannot_have_is_written_by_number_or_as_a_question_mark() {
        for (words, written) in [
            ("Paracetamol (zo nodig)", "Paracetamol \\(zo nodig\\)"),
            ("Röntgen", "R\\366ntgen"),
            ("a\\b", "a\\\\b"),
            ("20 \u{2265} 10\t", "20 ? 10?"),
        ] {
            assert_eq!(literal(words), written);
        }
    }

    #[test]
    fn a_letter_has_its_title_its_lines_and_that_it_is_invented() {
        let bytes = letter("Brief & co\n# Kop\nRegel");
        let text = String::from_utf8_lossy(&bytes);
        for part in [
            "/Bold 16 Tf (Brief & co) Tj",
            "/Bold 10.5 Tf (Kop) Tj",
            "/Text 10.5 Tf (Regel) Tj",
            ">Brief &amp; co</rdf:li>",
            "(Verzonnen document",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(!text.contains("pdfaid"), "it does not say that it is a PDF/A");
        let long = "regel\n".repeat(1000);
        assert!(letter(&long).len() < 8000);
    }
}
