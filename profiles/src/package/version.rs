//! Versions of packages and requests for them.

use std::cmp::Ordering;
use std::fmt;

/// A version of a package, ordered as semantic versioning orders: `2.0.0-rc.7` comes before `2.0.0`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PackageVersion<'a>(pub &'a str);

impl<'a> PackageVersion<'a> {
    /// The numbers, and the label of a version that is not final.
    fn parts(self) -> (impl Iterator<Item = &'a str>, Option<&'a str>) {
        let text = self.0.split_once('+').map_or(self.0, |(text, _)| text);
        let (numbers, label) = match text.split_once('-') {
            Some((numbers, label)) => (numbers, Some(label)),
            None => (text, None),
        };
        (numbers.split('.'), label)
    }

    /// Whether it is a final version.
    #[must_use]
    pub fn is_final(self) -> bool {
        self.parts().1.is_none()
    }
}

impl Ord for PackageVersion<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        let ((numbers, label), (other_numbers, other_label)) = (self.parts(), other.parts());
        compare_lists(numbers, other_numbers)
            .then_with(|| match (label, other_label) {
                (None, None) => Ordering::Equal,
                (None, Some(_)) => Ordering::Greater,
                (Some(_), None) => Ordering::Less,
                (Some(label), Some(other)) => compare_lists(label.split('.'), other.split('.')),
            })
            // Versions that mean the same are still told apart, so that the order is total.
            .then_with(|| self.0.cmp(other.0))
    }
}

impl PartialOrd for PackageVersion<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

fn compare_lists<'a>(a: impl Iterator<Item = &'a str>, mut b: impl Iterator<Item = &'a str>) -> Ordering {
    for left in a {
        let Some(right) = b.next() else {
            return Ordering::Greater;
        };
        let order = match (left.parse::<u64>(), right.parse::<u64>()) {
            (Ok(left), Ok(right)) => left.cmp(&right),
            (Ok(_), Err(_)) => Ordering::Less,
            (Err(_), Ok(_)) => Ordering::Greater,
            (Err(_), Err(_)) => left.cmp(right),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
    if b.next().is_some() {
        Ordering::Less
    } else {
        Ordering::Equal
    }
}

/// Versions that will do, as a dependency asks for them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum VersionRequest {
    /// This one.
    Exact(String),
    /// `4.0.x`: any that starts like this, of which the newest final one.
    Patch(String),
    /// `latest`, or nothing: the newest final one, else the newest.
    Latest,
    /// `dev` or `current`: the one under development, else the newest.
    Development,
}

impl VersionRequest {
    /// Reads a request; any text is one.
    #[must_use]
    pub fn of(text: &str) -> Self {
        match text.trim() {
            "" | "latest" | "*" | "x" => VersionRequest::Latest,
            "dev" | "current" => VersionRequest::Development,
            text => match text.strip_suffix(".x").or_else(|| text.strip_suffix(".*")) {
                Some(start) => VersionRequest::Patch(start.to_owned()),
                None => VersionRequest::Exact(text.to_owned()),
            },
        }
    }

    /// Whether a version will do.
    #[must_use]
    pub fn accepts(&self, version: &str) -> bool {
        match self {
            VersionRequest::Exact(exact) => exact == version,
            VersionRequest::Patch(start) => version
                .strip_prefix(&**start)
                .is_some_and(|rest| rest.starts_with('.')),
            VersionRequest::Latest | VersionRequest::Development => true,
        }
    }

    /// The one of these versions that the request is for.
    #[must_use]
    pub fn choose<'a>(&self, versions: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
        let development = |version: &str| matches!(version, "dev" | "current");
        versions
            .into_iter()
            .filter(|version| self.accepts(version))
            .max_by_key(|version| {
                let preferred = match self {
                    VersionRequest::Development => development(version),
                    _ => PackageVersion(version).is_final() && !development(version),
                };
                (preferred, PackageVersion(version))
            })
    }
}

impl fmt::Display for VersionRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            VersionRequest::Exact(exact) => f.write_str(exact),
            VersionRequest::Patch(start) => write!(f, "{start}.x"),
            VersionRequest::Latest => f.write_str("latest"),
            VersionRequest::Development => f.write_str("dev"),
        }
    }
}
