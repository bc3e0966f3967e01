//! Names that a narrative may hold.

const ELEMENTS: &str = "a abbr acronym address area b bdo big blockquote br caption cite code col colgroup dd dfn div \
    dl dt em h1 h2 h3 h4 h5 h6 hr i img kbd li map ol p pre q samp small span strong sub sup table tbody td tfoot th \
    thead tr tt ul var";

const BLOCKS: &str = "blockquote div ol p table ul";

/// Attributes of any element.
const ATTRIBUTES: &str = "abbr accesskey align axis char charoff class colspan dir headers id lang rowspan scope span \
    style tabindex title valign width xml:lang xml:space";

/// Attributes of one element.
const OWN: [(&str, &str); 10] = [
    ("a", "charset coords href hreflang name rel rev shape type"),
    ("area", "alt coords href nohref shape"),
    ("blockquote", "cite"),
    ("div", "xmlns"),
    ("img", "alt border height ismap longdesc src usemap width"),
    ("map", "name"),
    ("pre", "space"),
    ("q", "cite"),
    (
        "table",
        "border cellpadding cellspacing frame rules summary width",
    ),
    ("td", "nowrap"),
];

/// Character entities of HTML 4 (its section 24).
const ENTITIES: &str = "nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn \
    sup2 sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde \
    Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde \
    Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil \
    egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave \
    uacute ucirc uuml yacute thorn yuml fnof Alpha Beta Gamma Delta Epsilon Zeta Eta Theta Iota Kappa Lambda Mu Nu Xi \
    Omicron Pi Rho Sigma Tau Upsilon Phi Chi Psi Omega alpha beta gamma delta epsilon zeta eta theta iota kappa lambda \
    mu nu xi omicron pi rho sigmaf sigma tau upsilon phi chi psi omega thetasym upsih piv bull hellip prime Prime \
    oline frasl weierp image real trade alefsym larr uarr rarr darr harr crarr lArr uArr rArr dArr hArr forall part \
    exist empty nabla isin notin ni prod sum minus lowast radic prop infin ang and or cap cup int there4 sim cong \
    asymp ne equiv le ge sub sup nsub sube supe oplus otimes perp sdot lceil rceil lfloor rfloor lang rang loz spades \
    clubs hearts diams quot amp lt gt apos OElig oelig Scaron scaron Yuml circ tilde ensp emsp thinsp zwnj zwj lrm \
    rlm ndash mdash lsquo rsquo sbquo ldquo rdquo bdquo dagger Dagger permil lsaquo rsaquo euro";

fn among(list: &str, name: &str) -> bool {
    list.split_ascii_whitespace().any(|known| known == name)
}

/// Whether a narrative may have the element.
pub(super) fn is_element(name: &str) -> bool {
    among(ELEMENTS, name)
}

/// Whether the element may not stand in a paragraph.
pub(super) fn is_block(name: &str) -> bool {
    among(BLOCKS, name)
}

/// Whether the element may have the attribute.
pub(super) fn is_attribute(element: &str, name: &str) -> bool {
    let own = OWN.iter().find(|(known, _)| *known == element);
    among(ATTRIBUTES, name) || own.is_some_and(|(_, list)| among(list, name)) || name.starts_with("xmlns:")
}

/// Whether HTML has the entity.
pub(super) fn is_entity(name: &str) -> bool {
    among(ENTITIES, name)
}

/// Whether a style loads or runs something. Backslashes hide names in CSS, so a style with one is suspect.
pub(super) fn is_active_style(style: &str) -> bool {
    let style = style.to_ascii_lowercase();
    [
        "url(",
        "expression(",
        "@import",
        "javascript:",
        "behavior",
        "-moz-binding",
        "\\",
    ]
    .iter()
    .any(|part| style.contains(part))
}
