//! Tables whose keys may end in `*` for the rest of a text; the longest key that fits wins.

use hashbrown::{HashMap, HashSet};

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

    /// The whole keys whose target another key gives too, so that the way back cannot tell which of them it was.
    pub(crate) fn not_alone(&self) -> HashSet<Box<str>> {
        let mut times: HashMap<&str, usize> = HashMap::new();
        for target in self.whole.values() {
            *times.entry(target).or_default() += 1;
        }
        let is_open = |target: &str| {
            let beginnings = self
                .open
                .iter()
                .filter_map(|(_, target)| target.strip_suffix('*'));
            beginnings
                .into_iter()
                .any(|beginning| target.starts_with(beginning))
        };
        let shared = |target: &str| times.get(target).is_some_and(|times| *times > 1) || is_open(target);
        let keys = self.whole.iter().filter(|(_, target)| shared(target));
        keys.map(|(key, _)| key.clone()).collect()
    }
}
