//! Small PDF files, written by hand: a PDF/A of one page with a rectangle in a colour that needs no device (ISO 19005-1,
//! level B), and letters of our own text.

mod letter;

use std::fmt::Write as _;

pub use letter::{MOST_COLUMNS, MOST_LINES, letter};

/// What the metadata of a PDF/A says of itself.
const METADATA: &str = "<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n\
    <x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\
    <rdf:Description rdf:about=\"\" xmlns:pdfaid=\"http://www.aiim.org/pdfa/ns/id/\">\
    <pdfaid:part>1</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance></rdf:Description>\
    </rdf:RDF></x:xmpmeta>\n<?xpacket end=\"w\"?>";
/// The page: a grey rectangle, in calibrated grey.
const PAGE: &str = "/Grey cs 0.6 sc 60 700 200 60 re f";

/// A PDF/A with nothing but a shape: no text, so no font to embed.
#[must_use]
pub fn pdf_a() -> Vec<u8> {
    write(&[
        "<< /Type /Catalog /Pages 2 0 R /Metadata 5 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R \
         /Resources << /ColorSpace << /Grey [/CalGray << /WhitePoint [0.9505 1 1.089] >>] >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{PAGE}\nendstream", PAGE.len()),
        format!(
            "<< /Type /Metadata /Subtype /XML /Length {} >>\nstream\n{METADATA}\nendstream",
            METADATA.len()
        ),
    ])
}

/// The file with these objects, the first of which is the catalogue.
fn write(objects: &[String]) -> Vec<u8> {
    // Four bytes over 127 in a comment say that the file is binary (6.1.2).
    let mut bytes = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n".to_vec();
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for (number, object) in (1..).zip(objects) {
        // Writing to a text does not fail.
        let _ = writeln!(table, "{:010} 00000 n ", bytes.len());
        bytes.extend_from_slice(format!("{number} 0 obj\n{object}\nendobj\n").as_bytes());
    }
    let start = bytes.len();
    let id = "73616d656e68616e6773616d656e6861";
    let trailer = format!(
        "{table}trailer\n<< /Size {} /Root 1 0 R /ID [<{id}> <{id}>] >>\nstartxref\n{start}\n%%EOF\n",
        objects.len() + 1
    );
    bytes.extend_from_slice(trailer.as_bytes());
    bytes
}

#[cfg(test)]
mod tests {
    use super::{letter, pdf_a};

    #[test]
    fn every_object_is_where_the_table_says() {
        for bytes in [pdf_a(), letter("Titel\n\n# Kop\nTekst (met haakjes) en é")] {
            is_written_well(&bytes);
        }
    }

    fn is_written_well(bytes: &[u8]) {
        let text = String::from_utf8_lossy(bytes);
        assert!(bytes.starts_with(b"%PDF-1.4\n%") && text.ends_with("%%EOF\n"));
        let find = |what: &[u8]| bytes.windows(what.len()).position(|part| part == what).unwrap();
        let table = find(b"xref\n");
        assert!(text.contains(&format!("startxref\n{table}\n")));
        let count = text.matches(" 0 obj\n").count();
        assert!(text.contains(&format!("/Size {} ", count + 1)));
        for number in 1..=count {
            let place = find(format!("\n{number} 0 obj\n").as_bytes()) + 1;
            assert!(text.contains(&format!("{place:010} 00000 n \n")), "{number}");
        }
    }
}
