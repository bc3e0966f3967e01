//! What extensions of `ElementDefinition` ask of a value, besides what the element definition itself does.

/// Constraints of an element that its definition sets by extensions, and those of R5 that R4 writes as extensions.
///
/// The embedded pack has none: no Dutch profile has any, which a test of the pack holds to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Controls {
    /// Least number of characters (`minLength`).
    pub min_length: Option<u32>,
    /// Most digits behind the decimal point (`maxDecimalPlaces`).
    pub max_decimals: Option<u32>,
    /// Most bytes of the content (`maxSize`).
    pub max_size: Option<u32>,
    /// What the text of a primitive must match as a whole (`regex`).
    pub regex: Option<String>,
    /// Whether extensions may not stand in for the value (`mustHaveValue` of R5).
    pub must_have_value: bool,
    /// The extensions of which one must stand in for a value that is absent (`valueAlternatives` of R5).
    pub value_alternatives: Vec<String>,
    /// Whether each part of a narrative must say where it comes from (`narrative-source-control`).
    pub narrative_source: bool,
    /// Languages that a narrative must be divided into (`narrative-language-control`): a code, or `_yes`, `_no` or
    /// `_resource`.
    pub narrative_languages: Vec<String>,
}

/// Base of the urls of HL7's extensions.
const HL7: &str = "http://hl7.org/fhir/StructureDefinition/";

/// Base of the urls by which R4 writes what R5 has as an element.
const R5: &str = "http://hl7.org/fhir/5.0/StructureDefinition/extension-ElementDefinition.";

impl Controls {
    /// Takes what an extension says; says whether it is one of these.
    pub(super) fn take(&mut self, url: &str, value: &str) -> bool {
        if let Some(name) = url.strip_prefix(R5) {
            match name {
                "mustHaveValue" => self.must_have_value = value == "true",
                "valueAlternatives" => self.value_alternatives.push(value.to_owned()),
                _ => return false,
            }
            return true;
        }
        match url.strip_prefix(HL7) {
            Some("minLength") => self.min_length = value.parse().ok(),
            Some("maxDecimalPlaces") => self.max_decimals = value.parse().ok(),
            Some("maxSize") => self.max_size = value.parse().ok(),
            Some("regex") => self.regex = Some(value.to_owned()),
            Some("narrative-source-control") => self.narrative_source = true,
            // Earlier drafts wrote the special values with another mark.
            Some("narrative-language-control") => self.narrative_languages.push(value.replacen('#', "_", 1)),
            _ => return false,
        }
        true
    }

    /// Puts what a differential says over it.
    pub(crate) fn overlay(&mut self, diff: &Controls) {
        fn replace<T: Clone>(base: &mut Option<T>, diff: &Option<T>) {
            if diff.is_some() {
                base.clone_from(diff);
            }
        }
        replace(&mut self.min_length, &diff.min_length);
        replace(&mut self.max_decimals, &diff.max_decimals);
        replace(&mut self.max_size, &diff.max_size);
        replace(&mut self.regex, &diff.regex);
        self.must_have_value |= diff.must_have_value;
        self.narrative_source |= diff.narrative_source;
        if !diff.value_alternatives.is_empty() {
            self.value_alternatives.clone_from(&diff.value_alternatives);
        }
        if !diff.narrative_languages.is_empty() {
            self.narrative_languages.clone_from(&diff.narrative_languages);
        }
    }
}
