//! What a value looks like: fixed values, patterns, limits and invariants.

use super::rules;

rules! {
    /// A value differs from the one that the profile fixes. Arguments: place within the value, expected, profile, found.
    FIXED = "fixed-value" Error "value"
        "{0} must be {1} according to {2}[, but is '{3}']"
        / "{0} moet volgens {2} {1} zijn[, maar is '{3}']"
        hint "Use exactly the value that the profile fixes." / "Gebruik precies de waarde die het profiel vastlegt.";
    /// Something stands where the fixed value of the profile has nothing. Arguments: place, profile.
    FIXED_EXTRA = "fixed-value-extra" Error "value"
        "{0} is not part of the value that {1} fixes"
        / "{0} hoort niet bij de waarde die {1} vastlegt"
        hint "Remove the element: a fixed value leaves no room for more."
        / "Verwijder het element: een vastgelegde waarde laat geen ruimte voor meer.";
    /// A value does not have what the pattern of the profile asks. Arguments: place, expected, profile, found.
    PATTERN = "pattern" Error "value"
        "{0} must contain {1} according to {2}[, but is '{3}']"
        / "{0} moet volgens {2} {1} bevatten[, maar is '{3}']"
        hint "Add what the pattern asks; more is allowed." / "Voeg toe wat het patroon vraagt; meer mag.";
    /// A value below the minimum. Arguments: minimum, profile, found.
    MIN_VALUE = "min-value" Error "value"
        "the value[ '{2}'] is less than {0}, the minimum of {1}"
        / "de waarde[ '{2}'] is kleiner dan {0}, het minimum van {1}"
        hint "Check the value and its unit." / "Controleer de waarde en de eenheid.";
    /// A value above the maximum. Arguments: maximum, profile, found.
    MAX_VALUE = "max-value" Error "value"
        "the value[ '{2}'] is more than {0}, the maximum of {1}"
        / "de waarde[ '{2}'] is groter dan {0}, het maximum van {1}"
        hint "Check the value and its unit." / "Controleer de waarde en de eenheid.";
    /// A text that is too long. Arguments: maximum, length, profile.
    MAX_LENGTH = "max-length" Error "too-long"
        "the text has {1} characters, {2} allows {0}"
        / "de tekst heeft {1} tekens, {2} staat er {0} toe"
        hint "Shorten the text." / "Maak de tekst korter.";
    /// A text that is too short. Arguments: minimum, length, profile.
    MIN_LENGTH = "min-length" Error "invalid"
        "the text has {1} characters, {2} asks {0} at least"
        / "de tekst heeft {1} tekens, {2} vraagt er minstens {0}"
        hint "Give the whole text." / "Geef de hele tekst.";
    /// A number with too many decimals. Arguments: maximum, count, profile.
    MAX_DECIMALS = "max-decimals" Error "structure"
        "the number has {1} decimals, {2} allows {0}"
        / "het getal heeft {1} decimalen, {2} staat er {0} toe"
        hint "Round the number." / "Rond het getal af.";
    /// Content with too many bytes. Arguments: maximum, size, profile.
    MAX_SIZE = "max-size" Error "too-long"
        "the content has {1} bytes, {2} allows {0}" / "de inhoud heeft {1} bytes, {2} staat er {0} toe"
        hint "Send less, or refer to it by an address." / "Stuur minder, of verwijs ernaar met een adres.";
    /// A text that does not match a pattern. Arguments: pattern, profile, found.
    REGEX = "regex" Error "invalid"
        "the text[ '{2}'] does not match {0}, which {1} asks"
        / "de tekst[ '{2}'] past niet bij {0}, wat {1} vraagt"
        hint "Write it as the pattern says." / "Schrijf die zoals het patroon zegt.";
    /// A value that is absent where it has to be. Arguments: profile, extensions that may stand in for it.
    VALUE_REQUIRED = "value-required" Error "required"
        "{0} asks a value here, or one of the extensions: {1}" / "{0} vraagt hier een waarde, of een van de extensies: {1}"
        hint "Add the value." / "Voeg de waarde toe.";
    /// An invariant that does not hold. Arguments: key, expression, where it is defined.
    INVARIANT = "invariant" Error "invariant"
        "the invariant {0} of {2} does not hold: {1}"
        / "de invariant {0} van {2} klopt niet: {1}"
        hint "The expression says what has to hold at this element." / "De expressie zegt wat bij dit element moet gelden.";
}
