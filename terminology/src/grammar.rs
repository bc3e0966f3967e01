//! Code systems that are given by a rule or a short public list, not by a release: languages, countries, media types,
//! units, uris.

#[cfg(test)]
mod tests;

use crate::answer::{Membership, NotMember, Unknown};
use crate::code_form::{Form, form};
use crate::ucum;

/// A code system that is given by a rule or a short public list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Grammar {
    /// BCP-47 language tags.
    LanguageTag,
    /// ISO 639-1, two letters.
    Language,
    /// ISO 3166-1, two or three letters or three digits.
    Country,
    /// BCP-13 media types.
    MediaType,
    /// UCUM.
    Unit,
    /// RFC 3986 uris.
    Uri,
}

impl Grammar {
    /// The grammar of a system.
    pub(crate) fn of(system: &str) -> Option<Self> {
        Some(match system {
            "urn:ietf:bcp:47" => Grammar::LanguageTag,
            "urn:oid:1.0.639.1" => Grammar::Language,
            "urn:iso:std:iso:3166" => Grammar::Country,
            "urn:ietf:bcp:13" => Grammar::MediaType,
            "http://unitsofmeasure.org" => Grammar::Unit,
            "urn:ietf:rfc:3986" => Grammar::Uri,
            _ => return None,
        })
    }

    /// Whether a code is one of the system.
    pub(crate) fn judge(self, code: &str) -> Membership {
        match self {
            Grammar::LanguageTag => language_tag(code),
            Grammar::Language => listed(LANGUAGES, 2, code, u8::is_ascii_lowercase),
            Grammar::Country => country(code),
            Grammar::MediaType => fits(is_media_type(code)),
            Grammar::Unit => fits(ucum::is_unit(code)),
            Grammar::Uri => fits(form("urn:ietf:rfc:3986", code) == Some(Form::Fits)),
        }
    }

    /// Whether the list or rule settles every code, so that a filter over codes can be decided from it.
    pub(crate) fn codes(self) -> Option<Vec<&'static str>> {
        match self {
            Grammar::Language => Some(pieces(LANGUAGES, 2).collect()),
            Grammar::Country => Some(pieces(COUNTRIES_2, 2).chain(pieces(COUNTRIES_3, 3)).collect()),
            _ => None,
        }
    }
}

fn fits(fits: bool) -> Membership {
    if fits {
        Membership::Member
    } else {
        Membership::NotMember(NotMember::Syntax)
    }
}

/// The codes of a list in which each has `length` letters.
fn pieces(list: &'static str, length: usize) -> impl Iterator<Item = &'static str> {
    (0..list.len() / length).filter_map(move |at| list.get(at * length..(at + 1) * length))
}

/// Looks a code up in a sorted list in which each has `length` letters.
fn listed(list: &str, length: usize, code: &str, letter: fn(&u8) -> bool) -> Membership {
    if code.len() != length || !code.as_bytes().iter().all(letter) {
        return Membership::NotMember(NotMember::Syntax);
    }
    let (mut from, mut to) = (0, list.len() / length);
    while from < to {
        let middle = usize::midpoint(from, to);
        match list
            .get(middle * length..(middle + 1) * length)
            .unwrap_or("")
            .cmp(code)
        {
            std::cmp::Ordering::Equal => return Membership::Member,
            std::cmp::Ordering::Less => from = middle + 1,
            std::cmp::Ordering::Greater => to = middle,
        }
    }
    Membership::NotMember(NotMember::NoSuchCode)
}

/// ISO 3166-1. The numeric codes and those no longer in use are not listed here.
fn country(code: &str) -> Membership {
    match code.len() {
        2 => listed(COUNTRIES_2, 2, code, u8::is_ascii_uppercase),
        3 if code.bytes().all(|byte| byte.is_ascii_digit()) => Membership::Unknown(Unknown::SystemFragment),
        3 => listed(COUNTRIES_3, 3, code, u8::is_ascii_uppercase),
        4 if code.bytes().all(|byte| byte.is_ascii_uppercase()) => {
            Membership::Unknown(Unknown::SystemFragment)
        }
        _ => Membership::NotMember(NotMember::Syntax),
    }
}

/// A language tag: a primary language, then at most one script, one region, variants, extensions and private use, in
/// that order (RFC 5646, section 2.1). Primary languages of two letters and regions of two letters are looked up, in
/// any case; of longer ones only the form is known here.
fn language_tag(tag: &str) -> Membership {
    let wrong = Membership::NotMember(NotMember::Syntax);
    if tag.is_empty() || tag.len() > 64 {
        return wrong;
    }
    let mut parts = tag.split('-').peekable();
    let alphabetic = |part: &str| part.bytes().all(|byte| byte.is_ascii_alphabetic());
    let alphanumeric = |part: &str| part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if tag
        .split('-')
        .any(|part| part.is_empty() || part.len() > 8 || !alphanumeric(part))
    {
        return wrong;
    }
    let primary = parts.next().unwrap_or("");
    let mut answer = match primary.len() {
        1 if matches!(primary, "i" | "x" | "I" | "X") && parts.peek().is_some() => return Membership::Member,
        2 if alphabetic(primary) => listed(
            LANGUAGES,
            2,
            &primary.to_ascii_lowercase(),
            u8::is_ascii_lowercase,
        ),
        3 if alphabetic(primary) => Membership::Unknown(Unknown::SystemFragment),
        _ => return wrong,
    };
    if parts
        .peek()
        .is_some_and(|part| part.len() == 4 && alphabetic(part))
    {
        parts.next();
    }
    if let Some(region) = parts.next_if(|part| part.len() == 2 && alphabetic(part)) {
        let region = region.to_ascii_uppercase();
        answer = answer.and(listed(COUNTRIES_2, 2, &region, u8::is_ascii_uppercase));
    } else {
        parts.next_if(|part| part.len() == 3 && part.bytes().all(|byte| byte.is_ascii_digit()));
    }
    while parts
        .next_if(|part| {
            part.len() >= 5 || (part.len() == 4 && part.starts_with(|c: char| c.is_ascii_digit()))
        })
        .is_some()
    {}
    // Extensions and private use: a single character and what belongs to it.
    match parts.next() {
        None => answer,
        Some(single) if single.len() == 1 && parts.peek().is_some() => answer,
        Some(_) => wrong,
    }
}

/// A media type: two tokens with a slash between them, then parameters (RFC 2045, section 5.1; RFC 6838, section 4.2).
fn is_media_type(text: &str) -> bool {
    let token = |text: &str| {
        !text.is_empty()
            && text.len() <= 127
            && text
                .bytes()
                .all(|byte| byte.is_ascii_graphic() && !b"()<>@,;:\\\"/[]?=".contains(&byte))
    };
    let mut parts = text.split(';');
    let kind = parts.next().and_then(|kind| kind.trim_end().split_once('/'));
    kind.is_some_and(|(main, sub)| token(main) && token(sub))
        && parts.all(|parameter| {
            parameter.trim().split_once('=').is_some_and(|(name, value)| {
                token(name)
                    && (token(value) || (value.len() >= 2 && value.starts_with('"') && value.ends_with('"')))
            })
        })
}

/// Languages of ISO 639-1, sorted.
const LANGUAGES: &str = "\
    aaabaeafakamanarasavayazbabebgbhbibmbnbobrbscacechcocrcscucvcydadedvdzeeeleneoeseteufafffifjfofrfyga\
    gdglgngugvhahehihohrhthuhyhziaidieigiiikioisitiujajvkakgkikjkkklkmknkokrkskukvkwkylalblglilnloltlulv\
    mgmhmimkmlmnmrmsmtmynanbndnengnlnnnonrnvnyocojomorospapiplpsptqurmrnrorurwsascsdsesgsiskslsmsnsosqsr\
    ssstsusvswtatetgthtitktltntotrtstttwtyugukuruzvevivowawoxhyiyozazhzu";

/// Countries of ISO 3166-1 by two letters, sorted.
const COUNTRIES_2: &str = "\
    ADAEAFAGAIALAMAOAQARASATAUAWAXAZBABBBDBEBFBGBHBIBJBLBMBNBOBQBRBSBTBVBWBYBZCACCCDCFCGCHCICKCLCMCNCOCR\
    CUCVCWCXCYCZDEDJDKDMDODZECEEEGEHERESETFIFJFKFMFOFRGAGBGDGEGFGGGHGIGLGMGNGPGQGRGSGTGUGWGYHKHMHNHRHTHU\
    IDIEILIMINIOIQIRISITJEJMJOJPKEKGKHKIKMKNKPKRKWKYKZLALBLCLILKLRLSLTLULVLYMAMCMDMEMFMGMHMKMLMMMNMOMPMQ\
    MRMSMTMUMVMWMXMYMZNANCNENFNGNINLNONPNRNUNZOMPAPEPFPGPHPKPLPMPNPRPSPTPWPYQARERORSRURWSASBSCSDSESGSHSI\
    SJSKSLSMSNSOSRSSSTSVSXSYSZTCTDTFTGTHTJTKTLTMTNTOTRTTTVTWTZUAUGUMUSUYUZVAVCVEVGVIVNVUWFWSYEYTZAZMZW";

/// Countries of ISO 3166-1 by three letters, sorted.
const COUNTRIES_3: &str = "\
    ABWAFGAGOAIAALAALBANDAREARGARMASMATAATFATGAUSAUTAZEBDIBELBENBESBFABGDBGRBHRBHSBIHBLMBLRBLZBMUBOLBRAB\
    RBBRNBTNBVTBWACAFCANCCKCHECHLCHNCIVCMRCODCOGCOKCOLCOMCPVCRICUBCUWCXRCYMCYPCZEDEUDJIDMADNKDOMDZAECUEG\
    YERIESHESPESTETHFINFJIFLKFRAFROFSMGABGBRGEOGGYGHAGIBGINGLPGMBGNBGNQGRCGRDGRLGTMGUFGUMGUYHKGHMDHNDHRV\
    HTIHUNIDNIMNINDIOTIRLIRNIRQISLISRITAJAMJEYJORJPNKAZKENKGZKHMKIRKNAKORKWTLAOLBNLBRLBYLCALIELKALSOLTUL\
    UXLVAMACMAFMARMCOMDAMDGMDVMEXMHLMKDMLIMLTMMRMNEMNGMNPMOZMRTMSRMTQMUSMWIMYSMYTNAMNCLNERNFKNGANICNIUNL\
    DNORNPLNRUNZLOMNPAKPANPCNPERPHLPLWPNGPOLPRIPRKPRTPRYPSEPYFQATREUROURUSRWASAUSDNSENSGPSGSSHNSJMSLBSLE\
    SLVSMRSOMSPMSRBSSDSTPSURSVKSVNSWESWZSXMSYCSYRTCATCDTGOTHATJKTKLTKMTLSTONTTOTUNTURTUVTWNTZAUGAUKRUMIU\
    RYUSAUZBVATVCTVENVGBVIRVNMVUTWLFWSMYEMZAFZMBZWE";
