//! Which slice an element belongs to.

use super::rules;

rules! {
    /// An element is in no slice where only slices are allowed. Arguments: element, profile.
    CLOSED = "slicing-closed" Error "structure"
        "{0} is in none of the slices of {1}, and the slicing is closed"
        / "{0} valt in geen van de slices van {1}, en de slicing is gesloten"
        hint "Make it match a slice, or remove it." / "Laat het bij een slice passen, of verwijder het.";
    /// An element in no slice stands before one that is in a slice. Arguments: element, profile.
    OPEN_AT_END = "slicing-open-at-end" Error "structure"
        "{0} is in none of the slices of {1}, and stands before one that is"
        / "{0} valt in geen van de slices van {1}, en staat voor een element dat dat wel doet"
        hint "Move it behind the elements that are in a slice." / "Zet het achter de elementen die in een slice vallen.";
    /// Elements stand in another order than their slices. Arguments: slice, profile.
    ORDER = "slicing-order" Error "structure"
        "the slice {0} stands out of the order of {1}"
        / "de slice {0} staat niet in de volgorde van {1}"
        hint "Put the elements in the order of the slices." / "Zet de elementen in de volgorde van de slices.";
    /// One element matches two slices. Arguments: element, first slice, second slice, profile.
    TWO_SLICES = "slicing-two-matches" Error "structure"
        "{0} belongs to the slices {1} and {2} of {3} at once"
        / "{0} valt tegelijk in de slices {1} en {2} van {3}"
        hint "This is a fault of the profile when no element can tell the slices apart."
        / "Dit is een fout van het profiel als geen element de slices kan onderscheiden.";
    /// A required slice that no element is in. Arguments: slice, minimum, count, profile.
    SLICE_MINIMUM = "slice-minimum" Error "required"
        "the slice {0} occurs {2} times, at least {1} is required by {3}"
        / "de slice {0} komt {2} keer voor, volgens {3} is minstens {1} verplicht"
        hint "Add an element that matches the slice, with the values that the slice is told apart by."
        / "Voeg een element toe dat bij de slice past, met de waarden waaraan de slice wordt herkend.";
    /// A slice with too many elements. Arguments: slice, maximum, count, profile.
    SLICE_MAXIMUM = "slice-maximum" Error "structure"
        "the slice {0} occurs {2} times, at most {1} is allowed by {3}"
        / "de slice {0} komt {2} keer voor, volgens {3} is hoogstens {1} toegestaan"
        hint "Remove what is too much." / "Verwijder wat te veel is.";
}
