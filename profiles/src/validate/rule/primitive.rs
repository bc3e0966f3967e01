//! How the values of primitive types are written.

use super::rules;

rules! {
    /// A value that its type cannot have. Arguments: type, what is wrong, found.
    FORMAT = "primitive-format" Error "invalid"
        "the value[ '{2}'] is no {0}: {1}" / "de waarde[ '{2}'] is geen {0}: {1}"
        hint "Write the value as its type asks." / "Schrijf de waarde zoals het type vraagt.";
    /// A year that is probably mistyped. Arguments: found.
    UNLIKELY_YEAR = "primitive-unlikely-year" Warning "invalid"
        "the year[ of '{0}'] is unlikely" / "het jaar[ van '{0}'] is onwaarschijnlijk"
        hint "Check the date." / "Controleer de datum.";
    /// White space that is probably not meant. Arguments: type.
    WHITE_SPACE = "primitive-white-space" Warning "invalid"
        "a {0} with white space at its ends or within" / "een {0} met witruimte aan een eind of erin"
        hint "Remove the white space." / "Verwijder de witruimte.";
}
