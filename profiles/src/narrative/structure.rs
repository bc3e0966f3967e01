//! Which elements of a narrative may stand in which: the content model that the reference validator holds XHTML to.

/// Elements that hold text, and so no blocks.
const TEXT: &str = "p h1 h2 h3 h4 h5 h6 pre address a b em i strong small big sub sup code tt dfn q var abbr acronym cite bdo \
    kbd samp span caption dd dt";

/// Elements that may not stand in themselves.
const ONCE: &str = "a b em i strong small big sub sup code tt dfn q var abbr acronym cite bdo kbd samp";

/// Blocks that may not stand in text.
const BLOCKS: &str = "div pre table ul ol";

/// Elements without content.
const EMPTY: &str = "br img hr area";

/// What may stand in an element, and nothing else; no text either.
const CHILDREN: [(&str, &str); 9] = [
    ("table", "tbody tr caption thead tfoot col colgroup"),
    ("tr", "td th"),
    ("tbody", "tr"),
    ("thead", "tr"),
    ("tfoot", "tr"),
    ("ul", "li"),
    ("ol", "li"),
    ("dl", "dd dt"),
    ("map", "area"),
];

/// What an element has to stand in.
const PARENTS: [(&str, &str); 12] = [
    ("tr", "table thead tfoot tbody"),
    ("tbody", "table"),
    ("thead", "table"),
    ("tfoot", "table"),
    ("caption", "table"),
    ("colgroup", "table"),
    ("col", "colgroup table"),
    ("th", "tr thead tfoot"),
    ("td", "tr thead tfoot"),
    ("li", "ul ol"),
    ("dd", "dl"),
    ("dt", "dl"),
];

fn among(list: &str, name: &str) -> bool {
    list.split_ascii_whitespace().any(|known| known == name)
}

fn listed<'l>(table: &[(&str, &'l str)], name: &str) -> Option<&'l str> {
    table
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, list)| *list)
}

/// Whether an element may stand where these elements are open, outermost first; the outermost is the `div` itself.
pub(super) fn fits<'o>(name: &str, open: impl DoubleEndedIterator<Item = &'o str>) -> bool {
    let mut around = open.rev();
    let Some(parent) = around.next() else {
        return true;
    };
    let placed = listed(&PARENTS, name).is_none_or(|parents| among(parents, parent));
    let allowed = listed(&CHILDREN, parent).is_none_or(|children| among(children, name));
    if !placed || !allowed || among(EMPTY, parent) {
        return false;
    }
    let (block, once) = (among(BLOCKS, name), among(ONCE, name));
    std::iter::once(parent)
        .chain(around)
        .all(|outer| !(block && among(TEXT, outer) || once && outer == name))
}

/// Whether text may stand directly in an element.
pub(super) fn holds_text(name: &str) -> bool {
    listed(&CHILDREN, name).is_none() && !among(EMPTY, name)
}

/// Whether an address has only characters that one may have, and data in it can be read.
pub(super) fn is_address(text: &str) -> bool {
    let Some(data) = text.strip_prefix("data:") else {
        return text
            .chars()
            .all(|c| c.is_alphanumeric() || ";?:@&=+$.,/%-_~#[]!'()*|".contains(c));
    };
    match data.split_once(',') {
        Some((_, content)) => !content.is_empty() && !content.contains(','),
        None => false,
    }
}
