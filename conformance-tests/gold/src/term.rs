//! Concepts and units that the seeds are made of.

/// A code system.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(crate) enum System {
    Snomed,
    Loinc,
    Icpc,
    Icd10,
    Atc,
    Prk,
    Nhg,
    /// A list of a holder itself.
    Own,
}

impl System {
    /// Its uri.
    pub(crate) fn uri(self) -> &'static str {
        match self {
            System::Snomed => "http://snomed.info/sct",
            System::Loinc => "http://loinc.org",
            System::Icpc => "http://hl7.org/fhir/sid/icpc-1-nl",
            System::Icd10 => "http://hl7.org/fhir/sid/icd-10",
            System::Atc => "http://www.whocc.no/atc",
            System::Prk => "urn:oid:2.16.840.1.113883.2.4.4.10",
            System::Nhg => "https://referentiemodel.nhg.org/tabellen/nhg-tabel-45-diagnostische-bepalingen",
            System::Own => "urn:oid:2.999.900.1",
        }
    }

    /// The same system written as an OID, where that is done.
    pub(crate) fn oid(self) -> Option<&'static str> {
        match self {
            System::Snomed => Some("urn:oid:2.16.840.1.113883.6.96"),
            System::Loinc => Some("urn:oid:2.16.840.1.113883.6.1"),
            System::Atc => Some("urn:oid:2.16.840.1.113883.6.73"),
            System::Icpc => Some("urn:oid:2.16.840.1.113883.2.4.4.31.1"),
            _ => None,
        }
    }
}

/// A code with what a person calls it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(crate) struct Code {
    pub(crate) system: System,
    pub(crate) code: &'static str,
    pub(crate) name: &'static str,
}

/// A code.
pub(crate) const fn code(system: System, code: &'static str, name: &'static str) -> Code {
    Code { system, code, name }
}

/// A concept of SNOMED CT.
pub(crate) const fn sct(code: &'static str, name: &'static str) -> Code {
    Code {
        system: System::Snomed,
        code,
        name,
    }
}

/// A meaning, with the codes that stand for it in several systems; the maps of the evaluation hold these and no others.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(crate) struct Term {
    /// The first is what it is coded in at its origin.
    pub(crate) codes: &'static [Code],
    /// In English.
    pub(crate) english: &'static str,
}

/// A unit: a power of ten of a base.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(crate) struct Unit {
    /// Code of UCUM.
    pub(crate) ucum: &'static str,
    /// As people write it, in a way that has one meaning.
    pub(crate) written: &'static str,
    /// What it measures.
    pub(crate) base: &'static str,
    /// Its power of ten.
    pub(crate) power: i32,
}

/// A unit.
pub(crate) const fn unit(ucum: &'static str, written: &'static str, base: &'static str, power: i32) -> Unit {
    Unit {
        ucum,
        written,
        base,
        power,
    }
}

/// Left.
pub(crate) const LEFT: Code = sct("7771000", "Links");
/// Right.
pub(crate) const RIGHT: Code = sct("24028007", "Rechts");
