//! Every text of the pages, in `locales`, in Fluent: translators need no Rust, and plurals follow the language.
//!
//! A test sees to it that both languages have the same texts, that every text that is asked for exists, and that none is
//! there for nothing. What is missing all the same is shown by its name.

use std::borrow::{Borrow, Cow};
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

use crate::language::Language;

/// The texts of one language.
pub struct Texts {
    bundle: FluentBundle<FluentResource>,
}

impl Texts {
    fn read(language: Language) -> Texts {
        let (tag, source) = match language {
            Language::Dutch => ("nl", include_str!("../locales/nl.ftl")),
            Language::English => ("en", include_str!("../locales/en.ftl")),
        };
        let tag: LanguageIdentifier = tag.parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![tag]);
        // The marks around what is filled in are for text in two directions, which these languages do not have.
        bundle.set_use_isolating(false);
        let resource = FluentResource::try_new(source.to_owned()).unwrap_or_else(|(rest, _)| rest);
        // What comes twice keeps its first text; a test finds it.
        let _ = bundle.add_resource(resource);
        Texts { bundle }
    }

    fn format(&self, key: &str, args: Option<&FluentArgs<'_>>) -> String {
        let pattern = self.bundle.get_message(key).and_then(|message| message.value());
        let Some(pattern) = pattern else {
            return key.to_owned();
        };
        let mut errors = Vec::new();
        self.bundle
            .format_pattern(pattern, args, &mut errors)
            .into_owned()
    }

    /// A text that may be there.
    #[must_use]
    pub fn find(&self, key: &str) -> Option<String> {
        self.bundle.has_message(key).then(|| self.say(key))
    }

    /// A text.
    #[must_use]
    pub fn say(&self, key: &str) -> String {
        self.format(key, None)
    }

    /// A text in which `$value` is filled in.
    #[must_use]
    pub fn with(&self, key: &str, value: &str) -> String {
        self.fill(key, &[("value", value)])
    }

    /// A text in which names are filled in.
    #[must_use]
    pub fn fill(&self, key: &str, values: &[(&str, &str)]) -> String {
        let mut args = FluentArgs::new();
        for (name, value) in values {
            args.set(*name, FluentValue::String(Cow::Borrowed(value)));
        }
        self.format(key, Some(&args))
    }

    /// A text in which `$count` is filled in, and names.
    #[must_use]
    pub fn count(&self, key: &str, count: impl Borrow<usize>, values: &[(&str, &str)]) -> String {
        let mut args = FluentArgs::new();
        args.set("count", FluentValue::from(*count.borrow()));
        for (name, value) in values {
            args.set(*name, FluentValue::String(Cow::Borrowed(value)));
        }
        self.format(key, Some(&args))
    }
}

impl Language {
    /// The texts.
    #[must_use]
    pub fn texts(self) -> &'static Texts {
        static DUTCH: LazyLock<Texts> = LazyLock::new(|| Texts::read(Language::Dutch));
        static ENGLISH: LazyLock<Texts> = LazyLock::new(|| Texts::read(Language::English));
        match self {
            Language::Dutch => &DUTCH,
            Language::English => &ENGLISH,
        }
    }
}

#[cfg(test)]
mod tests;
