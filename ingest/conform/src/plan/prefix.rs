//! Tables whose keys may end in `*` for the rest of a text; the longest key that fits wins.

use hashbrown::HashMap;

/// Values by whole text or by its beginning.
#[derive(Debug)]
pub(crate) struct Prefixes<T> {
    whole: HashMap<Box<str>, T>,
    /// The longest first.
    open: Vec<(Box<str>, T)>,
}

impl<T> Prefixes<T> {
    /// A table of keys as they are written.
    pub(crate) fn of(entries: impl IntoIterator<Item = (String, T)>) -> Self {
        let mut table = Prefixes {
            whole: HashMap::new(),
            open: Vec::new(),
        };
        for (key, value) in entries {
            match key.strip_suffix('*') {
                Some(beginning) => table.open.push((beginning.into(), value)),
                None => {
                    table.whole.insert(key.into(), value);
                }
            }
        }
        table
            .open
            .sort_by(|(one, _), (other, _)| (other.len(), one).cmp(&(one.len(), other)));
        table
    }

    /// The value for a text, and what `*` stands for.
    pub(crate) fn get<'t>(&self, text: &'t str) -> Option<(&T, &'t str)> {
        if let Some(value) = self.whole.get(text) {
            return Some((value, ""));
        }
        self.open
            .iter()
            .find_map(|(beginning, value)| text.strip_prefix(&**beginning).map(|rest| (value, rest)))
    }
}

impl Prefixes<Box<str>> {
    /// The text that takes the place of another, when one does.
    pub(crate) fn replace(&self, text: &str) -> Option<String> {
        let (target, rest) = self.get(text)?;
        Some(match target.strip_suffix('*') {
            Some(beginning) => format!("{beginning}{rest}"),
            None => target.to_string(),
        })
    }
}
