//! Reads the compact form.

use super::Content;
use super::text::Reader;
use crate::answer::Relationship;
use crate::definition::{
    CodeSystem, Concept, ConceptMap, Content as Coverage, Filter, Include, MapAttribute, MapElement,
    MapGroup, MapTarget, Operator, Property, StoredExpansion, Unmapped, ValueSet,
};
use crate::error::TerminologyError;

pub(super) fn read(bytes: &[u8]) -> Result<Content, TerminologyError> {
    let mut reader = Reader::new(bytes)?;
    let content = Content {
        systems: reader.list(code_system)?,
        value_sets: reader.list(value_set)?,
        concept_maps: reader.list(concept_map)?,
    };
    reader.finish()?;
    Ok(content)
}

fn code_system(from: &mut Reader<'_>) -> Result<CodeSystem, TerminologyError> {
    Ok(CodeSystem {
        url: from.text()?,
        version: from.option()?,
        content: match from.number()? {
            0 => Coverage::Complete,
            1 => Coverage::Fragment,
            2 => Coverage::NotPresent,
            3 => Coverage::Supplement,
            _ => return Err(from.fault("how much of a system is here")),
        },
        case_sensitive: from.flag()?,
        compositional: from.flag()?,
        value_set: from.option()?,
        supplements: from.option()?,
        concepts: from.list(|from| {
            Ok(Concept {
                code: from.text()?,
                inactive: from.flag()?,
                parents: from.list(Reader::text)?,
                properties: from.list(|from| {
                    Ok(Property {
                        name: from.text()?,
                        value: from.text()?,
                    })
                })?,
                ..Concept::default()
            })
        })?,
    })
}

fn value_set(from: &mut Reader<'_>) -> Result<ValueSet, TerminologyError> {
    Ok(ValueSet {
        url: from.text()?,
        version: from.option()?,
        active_only: from.flag()?,
        include: from.list(include)?,
        exclude: from.list(include)?,
        expansion: if from.flag()? {
            Some(StoredExpansion {
                complete: from.flag()?,
                codes: from.list(|from| Ok((from.text()?, from.text()?)))?,
            })
        } else {
            None
        },
    })
}

fn include(from: &mut Reader<'_>) -> Result<Include, TerminologyError> {
    Ok(Include {
        system: from.option()?,
        version: from.option()?,
        concepts: from.list(Reader::text)?,
        filters: from.list(|from| {
            Ok(Filter {
                property: from.text()?,
                operator: Operator::from_code(&from.text()?),
                value: from.text()?,
            })
        })?,
        value_sets: from.list(Reader::text)?,
    })
}

fn concept_map(from: &mut Reader<'_>) -> Result<ConceptMap, TerminologyError> {
    Ok(ConceptMap {
        url: from.text()?,
        version: from.option()?,
        source: from.option()?,
        target: from.option()?,
        groups: from.list(|from| {
            Ok(MapGroup {
                source: from.option()?,
                target: from.option()?,
                target_version: from.option()?,
                elements: from.list(|from| {
                    Ok(MapElement {
                        code: from.text()?,
                        targets: from.list(target)?,
                    })
                })?,
                unmapped: match from.number()? {
                    0 => None,
                    1 => Some(Unmapped::Provided),
                    2 => Some(Unmapped::Fixed {
                        code: from.text()?,
                        display: None,
                    }),
                    3 => Some(Unmapped::OtherMap(from.text()?)),
                    _ => return Err(from.fault("what is done with a code that is not mapped")),
                },
            })
        })?,
    })
}

fn target(from: &mut Reader<'_>) -> Result<MapTarget, TerminologyError> {
    let attribute = |from: &mut Reader<'_>| {
        Ok(MapAttribute {
            property: from.text()?,
            system: from.option()?,
            value: from.text()?,
        })
    };
    Ok(MapTarget {
        relationship: Relationship::from_code(&from.text()?).ok_or_else(|| from.fault("a relationship"))?,
        code: from.option()?,
        display: None,
        depends_on: from.list(attribute)?,
        product: from.list(attribute)?,
    })
}
