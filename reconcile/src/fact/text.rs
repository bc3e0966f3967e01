//! Texts of people, compared without what only differs in writing: case, accents, spaces and punctuation.

/// The text as it is compared; empty when nothing is left.
pub(crate) fn folded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for ch in text.chars().flat_map(char::to_lowercase) {
        match plain(ch) {
            Some(letters) => out.push_str(letters),
            None if ch.is_alphanumeric() => out.push(ch),
            // A comparator, a sign or a decimal point changes what is said; a space does not.
            None if matches!(ch, '<' | '>' | '=' | '+' | '-' | '.' | ',' | '%' | '/') => out.push(ch),
            None => {
                if !out.ends_with(' ') && !out.is_empty() {
                    out.push(' ');
                }
            }
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// A letter without its accent.
fn plain(ch: char) -> Option<&'static str> {
    Some(match ch {
        'á' | 'à' | 'â' | 'ä' | 'ã' | 'å' => "a",
        'é' | 'è' | 'ê' | 'ë' => "e",
        'í' | 'ì' | 'î' | 'ï' => "i",
        'ó' | 'ò' | 'ô' | 'ö' | 'õ' => "o",
        'ú' | 'ù' | 'û' | 'ü' => "u",
        'ç' => "c",
        'ñ' => "n",
        'ÿ' | 'ý' => "y",
        'ß' => "ss",
        _ => return None,
    })
}
