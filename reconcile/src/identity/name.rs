//! Family names, made comparable: case, accents, prefixes, and a partner's name beside one's own.
//!
//! It decides nothing. Two people may have one name, so an equal name never links.

/// Prefixes that people and registers write, leave out or sort apart.
const PREFIXES: [&str; 40] = [
    "a", "aan", "af", "al", "am", "auf", "aus", "ben", "bij", "bin", "da", "dal", "de", "degli", "del",
    "della", "den", "der", "des", "di", "dos", "du", "el", "het", "in", "la", "le", "lo", "los", "onder",
    "op", "over", "s", "t", "te", "ten", "ter", "van", "von", "zu",
];

/// The comparable parts of a family name as it is written: each of the names in it, and all of it as one word.
///
/// "de Vries-van den Berg" gives "vries", "berg" and "vriesberg". A name of prefixes only is kept as it is.
pub(super) fn family(text: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    let mut bare: Option<String> = None;
    for half in text.split(['-', '\u{2010}', '\u{2011}', '\u{2013}', '/', ',']) {
        let words: Vec<String> = half
            .split(|c: char| c.is_whitespace() || matches!(c, '\'' | '\u{2019}' | '`' | '.'))
            .map(fold)
            .filter(|word| !word.is_empty())
            .collect();
        let named: Vec<&String> = words
            .iter()
            .filter(|word| !PREFIXES.contains(&word.as_str()))
            .collect();
        if named.is_empty() {
            // "Proef, de": a prefix that was sorted apart.
            bare = bare.or_else(|| Some(words.concat()).filter(|word| !word.is_empty()));
            continue;
        }
        let part: String = named.into_iter().map(String::as_str).collect();
        if !parts.contains(&part) {
            parts.push(part);
        }
    }
    if parts.is_empty() {
        parts.extend(bare);
    }
    if parts.len() > 1 {
        parts.push(parts.concat());
    }
    parts
}

/// Lower case, without accents and without anything that is not a letter; `ij` and `y` are one.
fn fold(word: &str) -> String {
    let mut folded = String::with_capacity(word.len());
    for c in word.chars().flat_map(char::to_lowercase) {
        match plain(c) {
            Some(letters) => folded.push_str(letters),
            // A letter of another script stands for itself; marks and digits do not count.
            None if c.is_alphabetic() => folded.push(c),
            None => {}
        }
    }
    folded.replace("ij", "y")
}

fn plain(c: char) -> Option<&'static str> {
    Some(match c {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'ā' | 'ă' | 'ą' => "a",
        'æ' => "ae",
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => "c",
        'ď' | 'đ' | 'ð' => "d",
        'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' => "e",
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => "g",
        'ĥ' | 'ħ' => "h",
        'ì' | 'í' | 'î' | 'ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' => "i",
        'ĳ' => "y",
        'ĵ' => "j",
        'ķ' => "k",
        'ĺ' | 'ļ' | 'ľ' | 'ł' => "l",
        'ñ' | 'ń' | 'ņ' | 'ň' => "n",
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' | 'ō' | 'ŏ' | 'ő' => "o",
        'œ' => "oe",
        'ŕ' | 'ŗ' | 'ř' => "r",
        'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => "s",
        'ß' => "ss",
        'ţ' | 'ť' | 'ŧ' | 'ț' => "t",
        'þ' => "th",
        'ù' | 'ú' | 'û' | 'ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' => "u",
        'ŵ' => "w",
        'ý' | 'ÿ' | 'ŷ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::family;

    #[test]
    fn names_are_compared_without_their_dress() {
        for (text, parts) in [
            ("Proef", vec!["proef"]),
            ("de Proef", vec!["proef"]),
            ("DE PROEF", vec!["proef"]),
            ("Proef, de", vec!["proef"]),
            ("van 't Hoff", vec!["hoff"]),
            ("van der Wijk", vec!["wyk"]),
            ("Wyk", vec!["wyk"]),
            ("Müller", vec!["muller"]),
            ("Strauß", vec!["strauss"]),
            ("de Vries-van den Berg", vec!["vries", "berg", "vriesberg"]),
            ("de", vec!["de"]),
            ("Île d'Or", vec!["iledor"]),
            ("Çelik", vec!["celik"]),
            ("", vec![]),
            ("12-34", vec![]),
        ] {
            assert_eq!(family(text), parts, "{text}");
        }
    }
}
