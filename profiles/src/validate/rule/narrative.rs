//! The XHTML of a narrative (R4 section 2.4.0, STU3 section 2.4).

use super::rules;

rules! {
    /// Not XML, or XML that a narrative may not hold. Arguments: what.
    MALFORMED = "narrative-malformed" Error "structure"
        "the narrative is not well-formed XHTML: {0}" / "de narrative is geen welgevormde XHTML: {0}"
        hint "A narrative is XML: every element is closed." / "Een narrative is XML: elk element wordt gesloten.";
    /// The outermost element is no div. Arguments: its name.
    ROOT = "narrative-root" Error "structure"
        "the narrative starts with {0} instead of div" / "de narrative begint met {0} in plaats van div"
        hint "Put the content in one div." / "Zet de inhoud in een div.";
    /// The namespace is missing or another.
    NAMESPACE = "narrative-namespace" Error "structure"
        "the div is not in the namespace of XHTML" / "de div staat niet in de namespace van XHTML"
        hint "Add xmlns=\"http://www.w3.org/1999/xhtml\"." / "Voeg xmlns=\"http://www.w3.org/1999/xhtml\" toe.";
    /// An element that a narrative may not have. Arguments: its name.
    ELEMENT = "narrative-element" Error "structure"
        "the element {0} is not allowed in a narrative" / "het element {0} is niet toegestaan in een narrative"
        hint "Only static content is allowed: no scripts, forms, frames or objects." / "Alleen vaste inhoud is toegestaan: geen scripts, formulieren, frames of objecten.";
    /// An attribute that a narrative may not have. Arguments: its name.
    ATTRIBUTE = "narrative-attribute" Error "structure"
        "the attribute {0} is not allowed in a narrative" / "het attribuut {0} is niet toegestaan in een narrative"
        hint "Attributes for events are never allowed." / "Attributen voor gebeurtenissen zijn nooit toegestaan.";
    /// A block in a paragraph. Arguments: its name.
    BLOCK = "narrative-block-in-paragraph" Error "structure"
        "the element {0} may not stand in a p" / "het element {0} mag niet in een p staan"
        hint "Close the p first, or use a div." / "Sluit eerst de p, of gebruik een div.";
    /// An element, or text, where XHTML has no place for it. Arguments: the element, or the one that the text is in.
    PLACE = "narrative-place" Error "structure"
        "the element {0}, or what stands in it, is out of place" / "het element {0}, of wat erin staat, is niet op zijn plaats"
        hint "Rows stand in tables, items in lists, and no element of text holds a block or itself."
        / "Rijen staan in tabellen, onderdelen in lijsten, en geen tekstelement bevat een blok of zichzelf.";
    /// An address with characters that none may have.
    ADDRESS = "narrative-address" Error "value"
        "the address of a link or image is not well-formed" / "het adres van een verwijzing of afbeelding is niet goed gevormd"
        hint "Escape what an address may not have." / "Codeer wat niet in een adres mag staan.";
    /// Neither text nor an image.
    EMPTY = "narrative-empty" Error "invariant"
        "the narrative has neither text nor an image" / "de narrative heeft geen tekst en geen afbeelding"
        hint "Leave the narrative out when there is nothing to say." / "Laat de narrative weg als er niets te zeggen is.";
    /// A link that goes nowhere, or runs a program. Arguments: scheme.
    LINK = "narrative-link" Error "value"
        "a link of this kind is not allowed: {0}" / "een verwijzing van deze soort is niet toegestaan: {0}"
        hint "Link to a web page, a phone number, an address, or a place in the resource." / "Verwijs naar een webpagina, een telefoonnummer, een adres, of een plaats in de resource.";
    /// A local link without a target.
    TARGET = "narrative-target" Error "not-found"
        "a local link or image has no target in the resource" / "een lokale verwijzing of afbeelding heeft geen doel in de resource"
        hint "Give the target this id." / "Geef het doel deze id.";
    /// A part of a narrative that does not say where it comes from. Arguments: profile.
    SOURCE = "narrative-source" Error "business-rule"
        "a part of the narrative does not say where it comes from, which {0} asks"
        / "een deel van de narrative zegt niet waar het vandaan komt, wat {0} vraagt"
        hint "Give it the class generated, boilerplate or original." / "Geef het de class generated, boilerplate of original.";
    /// A narrative that is not divided into languages as asked. Arguments: language, profile.
    LANGUAGE = "narrative-language" Error "business-rule"
        "the narrative is not divided into languages as {1} asks: {0}"
        / "de narrative is niet in talen verdeeld zoals {1} vraagt: {0}"
        hint "Put each language in a div of its own with xml:lang." / "Zet elke taal in een eigen div met xml:lang.";
    /// A style that loads or runs something.
    STYLE = "narrative-style" Warning "value"
        "a style that loads something from elsewhere" / "een opmaak die iets van elders laadt"
        hint "Use plain styles only." / "Gebruik alleen eenvoudige opmaak.";
}
