//! What extensions of a profile's elements ask of a value: its length, size, pattern, presence, or parts.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::document::Node;
use crate::narrative::parts;
use crate::validate::finding::Argument;
use crate::validate::program::{ControlRule, Program};
use crate::validate::rule::{narrative, value as rules};

use super::Run;

/// Where a part of a narrative may say that it comes from.
const SOURCES: [&str; 3] = ["generated", "boilerplate", "original"];

impl<'d> Run<'_, 'd> {
    /// Holds a value to what extensions ask of it.
    pub(super) fn controls(&mut self, node: Node<'d>, program: &std::sync::Arc<Program>, rule: &ControlRule) {
        let asked = &rule.controls;
        let url = || Argument::name(&program.url);
        if node.is_primitive() && node.primitive().is_none() {
            let stands_in = |extension: Node<'d>| {
                let url = extension.text("url").unwrap_or_default();
                asked.value_alternatives.iter().any(|known| known == url)
            };
            let lacking =
                !asked.value_alternatives.is_empty() && !node.children_named("extension").any(stands_in);
            if asked.must_have_value || lacking {
                let arguments = vec![url(), Argument::name(asked.value_alternatives.join(", "))];
                self.broken(&rules::VALUE_REQUIRED, node, program, arguments);
            }
            return;
        }
        if let (Some(least), Some(text)) = (asked.min_length, node.primitive()) {
            let length = text.chars().count();
            if length < least as usize {
                let arguments = vec![Argument::name(least), Argument::name(length), url()];
                self.broken(&rules::MIN_LENGTH, node, program, arguments);
            }
        }
        if let (Some(regex), Some(text)) = (&rule.regex, node.primitive())
            && !regex.is_match(text)
        {
            let pattern = asked.regex.as_deref().unwrap_or_default();
            let arguments = vec![Argument::name(pattern), url(), Argument::value(text)];
            self.broken(&rules::REGEX, node, program, arguments);
        }
        if let Some(most) = asked.max_decimals {
            let number = node.primitive().or_else(|| node.text("value"));
            let decimals = number
                .and_then(|text| text.split_once('.'))
                .map_or(0, |(_, digits)| digits.len());
            if decimals > most as usize {
                let arguments = vec![Argument::name(most), Argument::name(decimals), url()];
                self.broken(&rules::MAX_DECIMALS, node, program, arguments);
            }
        }
        if let (Some(most), Some(size)) = (asked.max_size, size(node))
            && size > u64::from(most)
        {
            let arguments = vec![Argument::name(most), Argument::name(size), url()];
            self.broken(&rules::MAX_SIZE, node, program, arguments);
        }
        if let Some(div) = node.child("div").and_then(Node::primitive) {
            self.narrative(node, program, rule, div);
        }
    }

    /// Holds a narrative to the parts that it must have. A profile may ask this as a hint only; the reference validator
    /// makes every level of it an error.
    fn narrative(
        &mut self,
        node: Node<'d>,
        program: &std::sync::Arc<Program>,
        rule: &ControlRule,
        div: &'d str,
    ) {
        let asked = &rule.controls;
        if !asked.narrative_source && asked.narrative_languages.is_empty() {
            return;
        }
        let parts = parts(div);
        let sourced = |class: &str| class.split_ascii_whitespace().any(|name| SOURCES.contains(&name));
        if asked.narrative_source
            && !parts
                .iter()
                .all(|part| part.class.as_deref().is_some_and(sourced))
        {
            let arguments = vec![Argument::name(&program.url)];
            self.broken(&narrative::SOURCE, node, program, arguments);
        }
        let languages: Vec<&str> = parts
            .iter()
            .filter(|part| part.division)
            .filter_map(|part| part.language.as_deref())
            .collect();
        for language in &asked.narrative_languages {
            let fits = match language.as_str() {
                "_no" => languages.is_empty(),
                "_yes" => !languages.is_empty(),
                // Without a division, or a language of the resource, there is nothing to compare.
                "_resource" => node
                    .resource()
                    .text("language")
                    .is_none_or(|own| languages.is_empty() || languages.contains(&own)),
                code => languages.is_empty() || languages.contains(&code),
            };
            if !fits {
                let arguments = vec![Argument::name(language), Argument::name(&program.url)];
                self.broken(&narrative::LANGUAGE, node, program, arguments);
            }
        }
    }
}

/// The bytes of what is attached: of the data, or as stated.
fn size(node: Node<'_>) -> Option<u64> {
    let data = match node.fhir_type() {
        "base64Binary" => node.primitive(),
        _ => node.text("data"),
    };
    match data {
        Some(data) => {
            let compact: String = data.split_ascii_whitespace().collect();
            let bytes = STANDARD.decode(compact).ok()?;
            u64::try_from(bytes.len()).ok()
        }
        None => node.text("size")?.parse().ok(),
    }
}
