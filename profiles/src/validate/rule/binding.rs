//! Which codes are allowed.

use super::rules;

rules! {
    /// A code outside of the value set that is required. Arguments: value set, reason, profile, code.
    REQUIRED = "binding-required" Error "code-invalid"
        "[the code '{3}': ]none of the codes is in the value set {0} that {2} requires ({1})"
        / "[de code '{3}': ]geen van de codes zit in de waardelijst {0} die {2} verplicht ({1})"
        hint "Use a code of the value set." / "Gebruik een code uit de waardelijst.";
    /// A coded value without any code, where a value set is required. Arguments: value set, profile.
    NO_CODE = "binding-no-code" Error "code-invalid"
        "there is no code, and {1} requires one of the value set {0}"
        / "er is geen code, en {1} verplicht er een uit de waardelijst {0}"
        hint "Add a coding with system and code." / "Voeg een codering toe met systeem en code.";
    /// The same for an extensible binding. Arguments: value set, profile.
    NO_CODE_EXTENSIBLE = "binding-no-code-extensible" Warning "code-invalid"
        "there is no code, and {1} wants one of the value set {0} when one fits"
        / "er is geen code, en {1} wil er een uit de waardelijst {0} als er een past"
        hint "Add a coding when a code of the value set fits." / "Voeg een codering toe als er een code uit de waardelijst past.";
    /// A code outside of an extensible value set. Arguments: value set, reason, profile, code.
    EXTENSIBLE = "binding-extensible" Warning "code-invalid"
        "[the code '{3}': ]none of the codes is in the value set {0}; {2} allows others only when none fits ({1})"
        / "[de code '{3}': ]geen van de codes zit in de waardelijst {0}; {2} staat andere alleen toe als er geen past ({1})"
        hint "Use a code of the value set when one fits." / "Gebruik een code uit de waardelijst als er een past.";
    /// A code outside of the largest value set that an extensible binding allows. Arguments: value set, reason, profile,
    /// code.
    MAXIMUM_VALUE_SET = "binding-max-value-set" Error "code-invalid"
        "[the code '{3}' ]is not in {0}, the largest value set that {2} allows ({1})"
        / "[de code '{3}' ]zit niet in {0}, de ruimste waardelijst die {2} toestaat ({1})"
        hint "Use a code of that value set." / "Gebruik een code uit die waardelijst.";
    /// A code that its own system does not have. Arguments: system, reason, code.
    UNKNOWN_CODE = "unknown-code" Error "code-invalid"
        "[the code '{2}' ]is not a code of {0} ({1})"
        / "[de code '{2}' ]is geen code van {0} ({1})"
        hint "Check the code and the version of the system." / "Controleer de code en de versie van het systeem.";
    /// A display that is not a name of the code. Arguments: system, correct name, found.
    DISPLAY = "wrong-display" Error "invalid"
        "the display[ '{2}'] does not belong to the code of {0}; a right one is '{1}'"
        / "de weergavenaam[ '{2}'] hoort niet bij de code van {0}; een juiste is '{1}'"
        hint "Use the name that the system gives, or leave the display out."
        / "Gebruik de naam die het systeem geeft, of laat de weergavenaam weg.";
    /// A coding whose system is no absolute uri. Arguments: found.
    SYSTEM_NOT_ABSOLUTE = "coding-system-relative" Error "code-invalid"
        "the system of a coding must be an absolute uri[, not '{0}']"
        / "het systeem van een codering moet een absolute uri zijn[, niet '{0}']"
        hint "Give the full uri of the code system." / "Geef de volledige uri van het codesysteem.";
    /// A coding with a code and no system. No arguments.
    NO_SYSTEM = "coding-no-system" Warning "invalid"
        "a coding has a code but no system, so that nobody can tell what it means"
        / "een codering heeft wel een code maar geen systeem, zodat niemand weet wat zij betekent"
        hint "Add the system." / "Voeg het systeem toe.";
    /// A coding whose system is the uri of a value set. Arguments: system.
    SYSTEM_IS_VALUE_SET = "coding-system-is-value-set" Error "invalid"
        "the system of a coding is a value set, {0}, instead of a code system"
        / "het systeem van een codering is een waardelijst, {0}, in plaats van een codesysteem"
        hint "Give the code system that the value set takes the code from."
        / "Geef het codesysteem waaruit de waardelijst de code neemt.";
}
