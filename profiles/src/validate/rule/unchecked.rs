//! What could not be checked. A resource with one of these is not valid, only not known to be invalid.

use super::{Rule, Severity, Words};

macro_rules! unchecked {
    ($($(#[$doc:meta])* $name:ident = $code:literal $en:literal / $nl:literal hint $hint_en:literal / $hint_nl:literal;)+) => {
        $(
            $(#[$doc])*
            pub static $name: Rule = Rule {
                code: $code,
                severity: Severity::Information,
                issue_type: "incomplete",
                unchecked: true,
                text: Words { en: $en, nl: $nl },
                hint: Words { en: $hint_en, nl: $hint_nl },
            };
        )+
        /// The rules of this group.
        pub const RULES: &[&Rule] = &[$(&$name),+];
    };
}

unchecked! {
    /// Membership of a value set is not known. Arguments: value set, strength, reason.
    BINDING = "binding-unchecked"
        "whether the code is in {0} ({1}) is not known: {2}"
        / "of de code in {0} ({1}) zit is niet bekend: {2}"
        hint "Load the code system or value set, or configure a terminology server."
        / "Laad het codesysteem of de waardelijst, of stel een terminologieserver in.";
    /// A claimed profile is not among the definitions. Arguments: profile.
    PROFILE = "profile-unchecked"
        "the profile {0} is not known, and was not checked" / "het profiel {0} is niet bekend, en niet gecontroleerd"
        hint "Load the package that has it." / "Laad het pakket waar het in zit.";
    /// A claimed profile lacks a base or type that it stands on. Arguments: profile.
    UNUSABLE = "profile-incomplete-unchecked"
        "the profile {0} stands on definitions that are not known, and was not checked"
        / "het profiel {0} steunt op definities die niet bekend zijn, en is niet gecontroleerd"
        hint "Load the packages that it depends on." / "Laad de pakketten waarvan het afhangt.";
    /// An extension's definition is not among the definitions. Arguments: url.
    EXTENSION = "extension-unchecked"
        "the extension {0} is not known, and was not checked" / "de extensie {0} is niet bekend, en niet gecontroleerd"
        hint "Load the package that defines it." / "Laad het pakket dat haar definieert.";
    /// A reference goes to something outside of the document, and a profile says what it must be. Arguments: profiles.
    REFERENCE = "reference-unchecked"
        "the target of the reference is not in the document, so it was not checked against {0}"
        / "het doel van de verwijzing zit niet in het document, en is niet gecontroleerd tegen {0}"
        hint "Validate a Bundle that has the target too." / "Valideer een Bundle die ook het doel bevat.";
    /// The target of a reference has no error against a profile, but not everything in it could be checked. Arguments:
    /// profiles.
    TARGET = "reference-target-unchecked"
        "whether the target of the reference fits {0} is not known: a part of it could not be checked"
        / "of het doel van de verwijzing past bij {0} is niet bekend: een deel ervan kon niet worden gecontroleerd"
        hint "Validate the target against the profile to see what is unchecked."
        / "Valideer het doel tegen het profiel om te zien wat niet is gecontroleerd.";
    /// An expression could not be compiled or evaluated. Arguments: key, where it is defined, reason.
    INVARIANT = "invariant-unchecked"
        "the invariant {0} of {1} could not be evaluated: {2}"
        / "de invariant {0} van {1} kon niet worden bepaald: {2}"
        hint "The expression may use what this validator does not have." / "De expressie gebruikt mogelijk iets dat deze validator niet heeft.";
    /// A value could not be compared with a limit. Arguments: limit, profile.
    BOUND = "bound-unchecked"
        "the value could not be compared with {0}, a limit of {1}"
        / "de waarde kon niet worden vergeleken met {0}, een grens van {1}"
        hint "Give a unit that the limit can be converted to." / "Geef een eenheid waarnaar de grens kan worden omgerekend.";
    /// A slice could not be told from the others. Arguments: slice, profile.
    SLICE = "slice-unchecked"
        "whether this belongs to the slice {0} of {1} could not be decided"
        / "of dit bij de slice {0} van {1} hoort kon niet worden bepaald"
        hint "See the other findings for what was missing to decide it." / "Zie de andere bevindingen voor wat daarvoor ontbrak.";
    /// A profile has something that cannot be compiled. Arguments: profile, reason.
    DEFINITION = "definition-unchecked"
        "a part of {0} was not checked: {1}" / "een deel van {0} is niet gecontroleerd: {1}"
        hint "This is a fault of the profile, or a limit of this validator." / "Dit is een fout van het profiel, of een grens van deze validator.";
    /// A limit on the work for one document was reached. Arguments: limit.
    BUDGET = "budget-used-up"
        "the limit on {0} was reached, and the rest was not checked"
        / "de grens aan {0} is bereikt, en de rest is niet gecontroleerd"
        hint "Validate a smaller document, or raise the limit." / "Valideer een kleiner document, of verhoog de grens.";
}
