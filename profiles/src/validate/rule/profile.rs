//! Profiles, extensions and references.

use super::rules;

rules! {
    /// A definition, as a resource, of a type that FHIR does not have or that it may not define. Arguments: type.
    DEFINITION_TYPE = "definition-type" Error "invalid"
        "{0} is no type that this definition can be of" / "{0} is geen type waarvan deze definitie kan zijn"
        hint "A profile is on a type of FHIR; only a logical model has a type of its own."
        / "Een profiel is op een type van FHIR; alleen een logisch model heeft een eigen type.";
    /// A profile, as a resource, whose kind or type is not that of its base. Arguments: found, that of the base, base.
    DEFINITION_BASE = "definition-base" Error "invalid"
        "{0} differs from {1}, which {2} has" / "{0} verschilt van {1}, wat {2} heeft"
        hint "A profile is of the kind and type of its base." / "Een profiel is van de soort en het type van zijn basis.";
    /// A place for an extension in the definition of something else. Arguments: type.
    DEFINITION_CONTEXT = "definition-context" Error "invalid"
        "only an extension has a context, not a {0}" / "alleen een extensie heeft een context, niet een {0}"
        hint "Remove it." / "Verwijder die.";
    /// The definition of an extension that does not fix its url. Arguments: url.
    DEFINITION_EXTENSION_URL = "definition-extension-url" Error "invalid"
        "Extension.url is not fixed to {0}" / "Extension.url is niet vastgelegd op {0}"
        hint "Fix it in the differential to the url of the definition." / "Leg die in de differential vast op de url van de definitie.";
    /// An element of another type than the definition is for. Arguments: path, type.
    DEFINITION_PATH = "definition-path" Error "invalid"
        "the path {0} does not start with {1}" / "het pad {0} begint niet met {1}"
        hint "Every path starts with the type of the definition." / "Elk pad begint met het type van de definitie.";
    /// A slicing of what cannot be sliced. Arguments: path.
    DEFINITION_SLICING = "definition-slicing" Error "invalid"
        "{0} cannot be sliced: it does not repeat" / "{0} kan geen slices hebben: het herhaalt niet"
        hint "Slice what repeats, or what has a choice of types." / "Maak slices van wat herhaalt, of van wat een keuze van typen heeft.";
    /// A profile that allows fewer or more than its base. Arguments: element, base.
    DEFINITION_CARDINALITY = "definition-cardinality" Error "business-rule"
        "the cardinality of {0} is wider than {1} allows" / "de kardinaliteit van {0} is ruimer dan {1} toestaat"
        hint "A profile can only narrow." / "Een profiel kan alleen vernauwen.";
    /// A profile that loosens a binding. Arguments: element, base.
    DEFINITION_BINDING = "definition-binding" Error "business-rule"
        "the binding of {0} is required in {1}, and cannot be loosened" / "de binding van {0} is in {1} verplicht, en kan niet losser"
        hint "Keep it required." / "Houd die verplicht.";
    /// A profile that adds a type. Arguments: type, element, base.
    DEFINITION_ELEMENT_TYPE = "definition-element-type" Error "business-rule"
        "the type {0} of {1} is not one that {2} allows" / "het type {0} van {1} is er geen dat {2} toestaat"
        hint "A profile can only leave types out." / "Een profiel kan alleen typen weglaten.";
    /// A key of an invariant that stands for something else already. Arguments: key.
    DEFINITION_INVARIANT_KEY = "definition-invariant-key" Error "invalid"
        "the key {0} is of another invariant, or of another definition" / "de sleutel {0} is van een andere invariant, of van een andere definitie"
        hint "Give the invariant a key of its own." / "Geef de invariant een eigen sleutel.";
    /// A profile that another profile asks for is not among the definitions, and that is an error. Arguments: profile.
    UNKNOWN_PROFILE = "unknown-profile" Error "not-found"
        "the profile {0} is not known" / "het profiel {0} is niet bekend"
        hint "Load the package that has it." / "Laad het pakket waar het in zit.";
    /// A profile that lacks a base or type that it stands on, where that is an error. Arguments: profile.
    UNUSABLE = "profile-incomplete" Error "not-found"
        "the profile {0} stands on definitions that are not known" / "het profiel {0} steunt op definities die niet bekend zijn"
        hint "Load the packages that it depends on." / "Laad de pakketten waarvan het afhangt.";
    /// A profile that fixes another value than its base. Arguments: value of the base, base.
    DERIVED_FIXED = "derived-fixed-value" Error "value"
        "the base {1} fixes this to {0}, and a profile cannot change that"
        / "de basis {1} legt dit vast op {0}, en een profiel kan dat niet wijzigen"
        hint "Keep the value of the base, or derive from another definition."
        / "Houd de waarde van de basis aan, of leid van een andere definitie af.";
    /// The discriminator of a slicing, in a profile as a resource, leads to no element. Arguments: path of the
    /// discriminator, sliced element.
    DISCRIMINATOR_PATH = "discriminator-path" Error "invalid"
        "the discriminator {0} leads to no element of {1}"
        / "de discriminator {0} leidt naar geen element van {1}"
        hint "Give the path of an element within the sliced element."
        / "Geef het pad van een element binnen het gesliste element.";
    /// A value matches none of the profiles that it may have. Arguments: profiles.
    NO_PROFILE_MATCHES = "no-profile-matches" Error "structure"
        "this matches none of the profiles that are allowed here: {0}"
        / "dit past bij geen van de profielen die hier zijn toegestaan: {0}"
        hint "Validate it against each of the profiles to see what is missing."
        / "Valideer het tegen elk van de profielen om te zien wat ontbreekt.";
    /// An extension without a known definition, where that is an error. Arguments: url.
    EXTENSION_UNKNOWN = "extension-unknown" Error "extension"
        "the extension {0} is not known, so it is not allowed here"
        / "de extensie {0} is niet bekend, en dus hier niet toegestaan"
        hint "Load the package that defines it." / "Laad het pakket dat haar definieert.";
    /// A modifier extension without a known definition. Arguments: url.
    MODIFIER_UNKNOWN = "modifier-extension-unknown" Error "extension"
        "the modifier extension {0} is not known: what it modifies must not be used"
        / "de modifier-extensie {0} is niet bekend: wat zij wijzigt mag niet worden gebruikt"
        hint "Load the package that defines it, or do not send it." / "Laad het pakket dat haar definieert, of stuur haar niet mee.";
    /// An extension at a place that its definition does not allow. Arguments: url, place, allowed places.
    EXTENSION_CONTEXT = "extension-context" Error "extension"
        "the extension {0} is not allowed on {1}; it is for {2}"
        / "de extensie {0} is niet toegestaan op {1}; zij is voor {2}"
        hint "Put it where its definition allows." / "Zet haar waar de definitie dat toestaat.";
    /// An extension whose definition has an invariant for its place that does not hold. Arguments: url, expression.
    EXTENSION_CONTEXT_INVARIANT = "extension-context-invariant" Error "extension"
        "the extension {0} is only allowed where this holds: {1}"
        / "de extensie {0} is alleen toegestaan waar dit geldt: {1}"
        hint "See the definition of the extension." / "Zie de definitie van de extensie.";
    /// A modifier extension outside of `modifierExtension`. Arguments: url.
    MODIFIER_MISPLACED = "modifier-extension-misplaced" Error "extension"
        "the extension {0} modifies the meaning and must stand in modifierExtension"
        / "de extensie {0} wijzigt de betekenis en moet in modifierExtension staan"
        hint "Move it to modifierExtension." / "Verplaats haar naar modifierExtension.";
    /// Another extension inside of `modifierExtension`. Arguments: url.
    NOT_A_MODIFIER = "extension-not-a-modifier" Error "extension"
        "the extension {0} does not modify the meaning and must not stand in modifierExtension"
        / "de extensie {0} wijzigt de betekenis niet en mag niet in modifierExtension staan"
        hint "Move it to extension." / "Verplaats haar naar extension.";
    /// An extension without `url`. No arguments.
    EXTENSION_URL = "extension-url-missing" Error "required"
        "an extension needs a url" / "een extensie heeft een url nodig"
        hint "Add the url of its definition." / "Voeg de url van de definitie toe.";
    /// An extension with a relative `url`, outside of another extension. Arguments: url.
    EXTENSION_URL_RELATIVE = "extension-url-relative" Error "invalid"
        "the url of an extension must be absolute[, not '{0}']"
        / "de url van een extensie moet absoluut zijn[, niet '{0}']"
        hint "Give the full url of its definition." / "Geef de volledige url van de definitie.";
    /// An extension with a version in its `url`. Arguments: url.
    EXTENSION_VERSION = "extension-url-version" Error "invalid"
        "the url {0} of an extension has a version" / "de url {0} van een extensie heeft een versie"
        hint "Leave out the version: the url of an extension has none." / "Laat de versie weg: de url van een extensie heeft er geen.";
    /// A part of an extension that its definition does not have. Arguments: extension, url of the part.
    EXTENSION_PART = "extension-part-unknown" Error "extension"
        "the extension {0} has no part[ '{1}']" / "de extensie {0} heeft geen onderdeel[ '{1}']"
        hint "Use a part that the definition of the extension has." / "Gebruik een onderdeel dat de definitie van de extensie heeft.";
    /// A reference to a type that is not allowed. Arguments: found type, allowed types, profile.
    TARGET_TYPE = "reference-target-type" Error "structure"
        "the reference is to a {0}, {2} allows {1}"
        / "de verwijzing is naar een {0}, {2} staat {1} toe"
        hint "Refer to a resource of an allowed type." / "Verwijs naar een resource van een toegestaan type.";
    /// A reference that names another type than its target has. Arguments: named type, found type.
    MISNAMED = "reference-misnamed" Error "structure"
        "the reference names a {0}, but its target is a {1}" / "de verwijzing noemt een {0}, maar het doel is een {1}"
        hint "Correct the reference or the target." / "Verbeter de verwijzing of het doel.";
    /// A reference whose target matches none of the target profiles. Arguments: profiles.
    TARGET_PROFILE = "reference-target-profile" Error "structure"
        "the target of the reference matches none of the profiles that are allowed: {0}"
        / "het doel van de verwijzing past bij geen van de toegestane profielen: {0}"
        hint "Validate the target against each of the profiles to see what is missing."
        / "Valideer het doel tegen elk van de profielen om te zien wat ontbreekt.";
    /// A reference whose target must be contained, bundled or elsewhere, and is not. Arguments: where it is, where it
    /// may be.
    AGGREGATION = "reference-aggregation" Error "structure"
        "the target of the reference is {0}, but must be {1}"
        / "het doel van de verwijzing is {0}, maar moet {1} zijn"
        hint "Move the target to where the profile wants it." / "Verplaats het doel naar waar het profiel het wil hebben.";
}
