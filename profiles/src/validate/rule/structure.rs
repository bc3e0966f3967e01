//! Which elements there are, how often, and of which type.

use super::rules;

rules! {
    /// An element occurs less often than the profile asks. Arguments: element, minimum, count, profile.
    MINIMUM = "minimum" Error "required"
        "{0} occurs {2} times, at least {1} is required by {3}"
        / "{0} komt {2} keer voor, volgens {3} is minstens {1} verplicht"
        hint "Add the element, or claim another profile." / "Voeg het element toe, of claim een ander profiel.";
    /// An element occurs more often than the profile allows. Arguments: element, maximum, count, profile.
    MAXIMUM = "maximum" Error "structure"
        "{0} occurs {2} times, at most {1} is allowed by {3}"
        / "{0} komt {2} keer voor, volgens {3} is hoogstens {1} toegestaan"
        hint "Remove what is too much." / "Verwijder wat te veel is.";
    /// The value of a choice has a type that the profile does not allow. Arguments: found type, allowed types, profile.
    TYPE = "type" Error "structure"
        "the type {0} is not allowed here, {2} allows {1}"
        / "het type {0} is hier niet toegestaan, {2} staat {1} toe"
        hint "Use one of the types that the profile allows." / "Gebruik een van de typen die het profiel toestaat.";
    /// A resource of another type than the profile is for. Arguments: found type, type of the profile, profile.
    RESOURCE_TYPE = "resource-type" Error "structure"
        "the resource is a {0}, but {2} is for {1}"
        / "de resource is een {0}, maar {2} is voor {1}"
        hint "Claim a profile for this type of resource." / "Claim een profiel voor dit type resource.";
    /// The resource is of no type that this FHIR version has. Arguments: type.
    UNKNOWN_RESOURCE = "unknown-resource" Error "not-supported"
        "{0} is not a type of resource in this FHIR version"
        / "{0} is geen resourcetype in deze FHIR-versie"
        hint "Check the type and the FHIR version." / "Controleer het type en de FHIR-versie.";
    /// More was found than is kept. Arguments: limit.
    LEFT_OUT = "findings-left-out" Information "informational"
        "there are more findings than {0}, and the rest of them is left out"
        / "er zijn meer bevindingen dan {0}, en de rest ervan is weggelaten"
        hint "Mend what is here first, or raise the limit." / "Herstel eerst wat hier staat, of verhoog de grens.";
}
