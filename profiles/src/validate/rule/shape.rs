//! The shape of JSON and XML: what the reader saw that a tree cannot show.

use super::{Rule, rules};
use crate::document;

rules! {
    /// A property or element that its place does not have. Arguments: place.
    UNKNOWN_ELEMENT = "shape-unknown-element" Error "structure"
        "{0} is not an element that is known here" / "{0} is geen element dat hier bekend is"
        hint "Check the spelling, the place and the FHIR version." / "Controleer de spelling, de plaats en de FHIR-versie.";
    /// An attribute that an element of XML does not have. Arguments: place.
    UNKNOWN_ATTRIBUTE = "shape-unknown-attribute" Error "structure"
        "{0} has an attribute that it cannot have" / "{0} heeft een attribuut dat het niet kan hebben"
        hint "Remove the attribute." / "Verwijder het attribuut.";
    /// A resource of a type that this version of FHIR does not have. Arguments: place.
    UNKNOWN_RESOURCE_TYPE = "shape-unknown-resource-type" Error "not-supported"
        "{0} is of a resource type that this FHIR version does not have"
        / "{0} is van een resourcetype dat deze FHIR-versie niet heeft"
        hint "Check the type and the FHIR version." / "Controleer het type en de FHIR-versie.";
    /// A resource that does not say its type. Arguments: place.
    MISSING_RESOURCE_TYPE = "shape-missing-resource-type" Error "structure"
        "{0} does not say which type of resource it is" / "{0} zegt niet welk type resource het is"
        hint "Add resourceType." / "Voeg resourceType toe.";
    /// Two resources where one may be. Arguments: place.
    REPEATED_RESOURCE = "shape-repeated-resource" Error "structure"
        "{0} holds more than one resource" / "{0} bevat meer dan een resource"
        hint "Keep one." / "Houd er een over.";
    /// Nothing in an object or element. Arguments: place.
    EMPTY = "shape-empty" Error "structure"
        "{0} is empty" / "{0} is leeg"
        hint "Leave out what has no content." / "Laat weg wat geen inhoud heeft.";
    /// Nothing in an array. Arguments: place.
    EMPTY_ARRAY = "shape-empty-array" Error "structure"
        "the array {0} is empty" / "de array {0} is leeg"
        hint "Leave the property out." / "Laat de eigenschap weg.";
    /// `null` where nothing stands beside it. Arguments: place.
    NULL = "shape-null" Error "structure"
        "{0} is null, and nothing stands beside it" / "{0} is null, en er staat niets naast"
        hint "Leave the property out." / "Laat de eigenschap weg.";
    /// An array of what does not repeat. Arguments: place.
    UNEXPECTED_ARRAY = "shape-unexpected-array" Error "structure"
        "{0} is an array, but occurs once" / "{0} is een array, maar komt een keer voor"
        hint "Write the value without an array." / "Schrijf de waarde zonder array.";
    /// No array around what repeats. Arguments: place.
    MISSING_ARRAY = "shape-missing-array" Error "structure"
        "{0} must be an array" / "{0} moet een array zijn"
        hint "Write the value in an array." / "Schrijf de waarde in een array.";
    /// An array in an array. Arguments: place.
    NESTED_ARRAY = "shape-nested-array" Error "structure"
        "{0} has an array in an array" / "{0} heeft een array in een array"
        hint "Write one array." / "Schrijf een enkele array.";
    /// Another kind of value than is meant. Arguments: place.
    WRONG_KIND = "shape-wrong-kind" Error "structure"
        "{0} has a value of the wrong kind" / "{0} heeft een waarde van de verkeerde soort"
        hint "Write numbers and booleans without quotes, texts with quotes, the rest as objects."
        / "Schrijf getallen en booleans zonder aanhalingstekens, teksten met, de rest als object.";
    /// `_name` for what is no primitive. Arguments: place.
    SIDECAR_MISFIT = "shape-sidecar-misfit" Error "structure"
        "{0} has an underscore, but there is no such primitive" / "{0} heeft een underscore, maar er is niet zo'n primitief element"
        hint "Put id and extension of a complex element in the element." / "Zet id en extension van een samengesteld element in het element.";
    /// Elements of XML out of order. Arguments: place.
    ELEMENT_ORDER = "shape-element-order" Error "structure"
        "{0} stands behind an element that it must precede" / "{0} staat achter een element waar het voor moet staan"
        hint "Put the elements in the order of the definition." / "Zet de elementen in de volgorde van de definitie.";
    /// Text between elements of XML. Arguments: place.
    TEXT = "shape-text" Error "structure"
        "there is text in {0}" / "er staat tekst in {0}"
        hint "Values stand in the attribute value." / "Waarden staan in het attribuut value.";
    /// An element of XML of another namespace. Arguments: place.
    NAMESPACE = "shape-namespace" Error "structure"
        "{0} is not in the namespace of FHIR" / "{0} zit niet in de namespace van FHIR"
        hint "Use http://hl7.org/fhir, or remove the element." / "Gebruik http://hl7.org/fhir, of verwijder het element.";
    /// An element of XML that must be an attribute. Arguments: place.
    ELEMENT_FOR_ATTRIBUTE = "shape-element-for-attribute" Error "structure"
        "{0} must be an attribute" / "{0} moet een attribuut zijn"
        hint "Write it as an attribute." / "Schrijf het als attribuut.";
    /// A hint of XML Schema. Arguments: place.
    SCHEMA_HINT = "shape-schema-hint" Error "structure"
        "{0} has a hint of XML Schema, such as xsi:schemaLocation" / "{0} heeft een aanwijzing voor XML Schema, zoals xsi:schemaLocation"
        hint "Remove the attribute: it is never followed." / "Verwijder het attribuut: het wordt nooit gevolgd.";
    /// Any other fault of shape. Arguments: place.
    OTHER = "shape-other" Error "structure"
        "{0} does not have the shape that FHIR asks" / "{0} heeft niet de vorm die FHIR vraagt"
        hint "See the FHIR pages on JSON and XML." / "Zie de FHIR-pagina's over JSON en XML.";
}

/// The rule for a fault that the reader saw.
pub(crate) fn of(rule: document::Rule) -> &'static Rule {
    let found = RULES.iter().find(|known| known.code == rule.code());
    found.copied().unwrap_or(&OTHER)
}
