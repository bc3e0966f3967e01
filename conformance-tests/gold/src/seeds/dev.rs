//! The set that the engine is developed on: chronic care of an older patient, seen by many.

use super::{Asked, Measure, Seeds, Sited, term};
use crate::render::Style;
use crate::term::System::{Atc, Icd10, Icpc, Loinc, Nhg, Own, Prk};
use crate::term::{Code, Unit, code, sct, unit};

const KNEE: Code = sct("72696002", "Knie");
const EYE: Code = sct("81745001", "Oog");
const EAR: Code = sct("117590005", "Oor");
const SERUM: Code = sct("119364003", "Serum");

const MMOL: Unit = unit("mmol/L", "mmol/l", "mol/L", -3);
const UMOL: Unit = unit("umol/L", "µmol/l", "mol/L", -6);
const MG_L: Unit = unit("mg/L", "mg/l", "g/L", -3);
const G_L: Unit = unit("g/L", "g/l", "g/L", 0);
const U_L: Unit = unit("U/L", "U/l", "U/L", 0);
const KG: Unit = unit("kg", "kg", "g", 3);
const G: Unit = unit("g", "gram", "g", 0);
const CM: Unit = unit("cm", "cm", "m", -2);
const M: Unit = unit("m", "m", "m", 0);
const PER_MIN: Unit = unit("/min", "/min", "/min", 0);
const CEL: Unit = unit("Cel", "°C", "Cel", 0);
const PERCENT: Unit = unit("%", "%", "%", 0);
const MMOL_MOL: Unit = unit("mmol/mol", "mmol/mol", "mmol/mol", 0);
const MM_HG: Unit = unit("mm[Hg]", "mmHg", "mmHg", 0);

const fn plain(codes: &'static [Code], english: &'static str) -> Sited {
    Sited {
        term: term(codes, english),
        site: None,
        is_sided: false,
    }
}

const fn sided(codes: &'static [Code], english: &'static str, site: Code) -> Sited {
    Sited {
        term: term(codes, english),
        site: Some(site),
        is_sided: true,
    }
}

const fn lab(
    codes: &'static [Code],
    unit: Unit,
    other: Option<Unit>,
    range: (i64, i64),
    decimals: u32,
) -> Measure {
    Measure {
        term: term(codes, "test"),
        unit,
        other,
        range,
        decimals,
        material: Some(SERUM),
    }
}

const fn vital(
    codes: &'static [Code],
    unit: Unit,
    other: Option<Unit>,
    range: (i64, i64),
    decimals: u32,
) -> Measure {
    Measure {
        term: term(codes, "measurement"),
        unit,
        other,
        range,
        decimals,
        material: None,
    }
}

pub(super) const SEEDS: Seeds = Seeds {
    name: "dev",
    style: Style {
        contained: false,
        periods: false,
        wordy: false,
    },
    problems: &[
        plain(
            &[
                sct("44054006", "Diabetes mellitus type 2"),
                code(Icpc, "T90.02", "Diabetes mellitus type 2"),
                code(Icd10, "E11", "DM type 2"),
            ],
            "Type 2 diabetes mellitus",
        ),
        plain(
            &[
                sct("38341003", "Hypertensie"),
                code(Icpc, "K86", "Hypertensie"),
                code(Icd10, "I10", "Essentiële hypertensie"),
            ],
            "Hypertension",
        ),
        plain(
            &[
                sct("195967001", "Astma"),
                code(Icpc, "R96", "Astma"),
                code(Icd10, "J45", "Astma"),
            ],
            "Asthma",
        ),
        plain(
            &[sct("13645005", "COPD"), code(Icpc, "R95", "COPD")],
            "Chronic obstructive lung disease",
        ),
        plain(
            &[
                sct("49436004", "Atriumfibrilleren"),
                code(Icpc, "K78", "Boezemfibrilleren"),
                code(Icd10, "I48", "Atriumfibrilleren"),
            ],
            "Atrial fibrillation",
        ),
        sided(
            &[sct("239873007", "Gonartrose"), code(Icpc, "L90", "Gonartrose")],
            "Osteoarthritis of knee",
            KNEE,
        ),
        sided(
            &[sct("193570009", "Cataract"), code(Icpc, "F92", "Cataract")],
            "Cataract",
            EYE,
        ),
        plain(
            &[sct("35489007", "Depressie"), code(Icpc, "P76", "Depressie")],
            "Depression",
        ),
        plain(
            &[
                sct("84114007", "Hartfalen"),
                code(Icpc, "K77", "Decompensatio cordis"),
            ],
            "Heart failure",
        ),
        plain(
            &[
                sct("40930008", "Hypothyreoïdie"),
                code(Icpc, "T86", "Hypothyreoïdie"),
            ],
            "Hypothyroidism",
        ),
        plain(
            &[sct("64859006", "Osteoporose"), code(Icpc, "L95", "Osteoporose")],
            "Osteoporosis",
        ),
        plain(
            &[sct("25064002", "Hoofdpijn"), code(Icpc, "N01", "Hoofdpijn")],
            "Headache",
        ),
        plain(&[sct("49727002", "Hoesten")], "Cough"),
        plain(
            &[sct("68566005", "Urineweginfectie"), code(Icpc, "U71", "Cystitis")],
            "Urinary tract infection",
        ),
    ],
    categories: [sct("282291009", "Diagnose"), sct("409586006", "Klacht")],
    severities: [sct("255604002", "Licht"), sct("24484000", "Ernstig")],
    allergies: &[
        term(
            &[
                sct("764146007", "Penicilline"),
                code(Own, "SSK-2040", "Penicillines"),
            ],
            "Penicillin",
        ),
        term(
            &[sct("387207008", "Ibuprofen"), code(Atc, "M01AE01", "ibuprofen")],
            "Ibuprofen",
        ),
        term(
            &[
                sct("387170002", "Trimethoprim"),
                code(Atc, "J01EA01", "trimethoprim"),
            ],
            "Trimethoprim",
        ),
        term(&[sct("111088007", "Latex")], "Latex"),
        term(&[sct("762952008", "Pinda")], "Peanut"),
        term(
            &[sct("387494007", "Codeïne"), code(Atc, "R05DA04", "codeïne")],
            "Codeine",
        ),
        term(&[sct("288328004", "Bijengif")], "Bee venom"),
    ],
    alerts: &[
        term(&[sct("432415000", "Drager van MRSA")], "Carrier of MRSA"),
        term(
            &[sct("60631000146100", "Draagt een pacemaker")],
            "Has a pacemaker",
        ),
        term(&[sct("371632003", "Comaneus beeld eerder")], "Earlier coma"),
    ],
    labs: &[
        lab(
            &[
                code(Loinc, "14682-9", "Kreatinine"),
                code(Nhg, "523", "kreatinine"),
            ],
            UMOL,
            Some(MMOL),
            (45, 180),
            0,
        ),
        lab(
            &[code(Loinc, "14749-6", "Glucose"), code(Nhg, "371", "glucose")],
            MMOL,
            Some(UMOL),
            (35, 180),
            1,
        ),
        lab(
            &[
                code(Loinc, "59260-0", "Hemoglobine"),
                code(Nhg, "417", "hemoglobine"),
            ],
            MMOL,
            None,
            (55, 110),
            1,
        ),
        lab(
            &[code(Loinc, "2823-3", "Kalium"), code(Nhg, "499", "kalium")],
            MMOL,
            None,
            (32, 59),
            1,
        ),
        lab(&[code(Loinc, "2951-2", "Natrium")], MMOL, None, (125, 150), 0),
        lab(&[code(Loinc, "1742-6", "ALAT")], U_L, None, (8, 120), 0),
        lab(
            &[code(Loinc, "59261-8", "HbA1c"), code(Nhg, "2816", "HbA1c IFCC")],
            MMOL_MOL,
            None,
            (30, 110),
            0,
        ),
        lab(&[code(Loinc, "1988-5", "CRP")], MG_L, Some(G_L), (1, 200), 0),
        lab(
            &[code(Loinc, "14933-6", "Urinezuur")],
            MMOL,
            Some(UMOL),
            (20, 70),
            2,
        ),
        lab(
            &[code(Loinc, "14927-8", "Triglyceriden")],
            MMOL,
            None,
            (40, 600),
            2,
        ),
        lab(
            &[code(Loinc, "22748-8", "LDL-cholesterol")],
            MMOL,
            None,
            (80, 500),
            2,
        ),
    ],
    vitals: &[
        vital(
            &[
                code(Loinc, "29463-7", "Lichaamsgewicht"),
                sct("27113001", "Lichaamsgewicht"),
            ],
            KG,
            Some(G),
            (480, 1250),
            1,
        ),
        vital(
            &[
                code(Loinc, "8302-2", "Lichaamslengte"),
                sct("50373000", "Lichaamslengte"),
            ],
            CM,
            Some(M),
            (150, 198),
            0,
        ),
        vital(
            &[code(Loinc, "8867-4", "Hartfrequentie")],
            PER_MIN,
            None,
            (48, 120),
            0,
        ),
        vital(
            &[
                code(Loinc, "8310-5", "Lichaamstemperatuur"),
                sct("386725007", "Lichaamstemperatuur"),
            ],
            CEL,
            None,
            (358, 402),
            1,
        ),
        vital(
            &[code(Loinc, "59408-5", "O2-saturatie")],
            PERCENT,
            None,
            (86, 100),
            0,
        ),
    ],
    pressure: (
        term(
            &[code(Loinc, "85354-9", "Bloeddruk"), sct("75367002", "Bloeddruk")],
            "Blood pressure",
        ),
        [
            code(Loinc, "8480-6", "Systolisch"),
            code(Loinc, "8462-4", "Diastolisch"),
        ],
        MM_HG,
    ),
    methods: [
        sct("702869007", "Enzymatisch"),
        sct("703725008", "Spectrofotometrie"),
    ],
    situations: &[
        Asked {
            term: term(&[sct("365980008", "Tabaksgebruik")], "Tobacco use"),
            answers: &[
                sct("77176002", "Roker"),
                sct("8517006", "Ex-roker"),
                sct("266919005", "Nooit gerookt"),
            ],
        },
        Asked {
            term: term(&[sct("228273003", "Alcoholgebruik")], "Alcohol use"),
            answers: &[sct("219006", "Drinkt"), sct("105542008", "Drinkt niet")],
        },
    ],
    procedures: &[
        sided(
            &[sct("609588000", "Totale knievervanging")],
            "Total knee replacement",
            KNEE,
        ),
        sided(
            &[sct("54885007", "Cataractextractie")],
            "Cataract extraction",
            EYE,
        ),
        plain(&[sct("40701008", "Echocardiografie")], "Echocardiography"),
        plain(&[sct("73761001", "Coloscopie")], "Colonoscopy"),
        plain(&[sct("38102005", "Cholecystectomie")], "Cholecystectomy"),
    ],
    vaccines: &[
        term(
            &[
                code(Atc, "J07BB02", "Influenzavaccin"),
                sct("871751006", "Influenzavaccin"),
            ],
            "Influenza vaccine",
        ),
        term(
            &[
                code(Atc, "J07BN01", "COVID-19-vaccin"),
                sct("1119305005", "COVID-19-vaccin"),
            ],
            "COVID-19 vaccine",
        ),
        term(
            &[code(Atc, "J07AL02", "Pneumokokkenvaccin")],
            "Pneumococcal vaccine",
        ),
        term(&[code(Atc, "J07AM01", "Tetanusvaccin")], "Tetanus vaccine"),
    ],
    devices: &[
        sided(&[sct("6012004", "Hoortoestel")], "Hearing aid", EAR),
        plain(&[sct("14106009", "Pacemaker")], "Cardiac pacemaker"),
        plain(&[sct("58938008", "Rolstoel")], "Wheelchair"),
    ],
    products: &[
        term(
            &[
                code(Atc, "C07AB02", "metoprolol"),
                code(Prk, "67903", "METOPROLOL TABLET MGA 50MG"),
            ],
            "Metoprolol",
        ),
        term(
            &[
                code(Atc, "B01AF02", "apixaban"),
                code(Prk, "102105", "APIXABAN TABLET 5MG"),
            ],
            "Apixaban",
        ),
        term(
            &[
                code(Atc, "A10BA02", "metformine"),
                code(Prk, "27251", "METFORMINE TABLET 500MG"),
            ],
            "Metformin",
        ),
        term(&[code(Atc, "C10AA05", "atorvastatine")], "Atorvastatin"),
        term(&[code(Atc, "A02BC02", "pantoprazol")], "Pantoprazole"),
        term(&[code(Atc, "C03CA01", "furosemide")], "Furosemide"),
        term(&[code(Atc, "N02BE01", "paracetamol")], "Paracetamol"),
    ],
    directives: &[
        term(&[sct("89666000", "Reanimatie")], "Resuscitation"),
        term(&[sct("40617009", "Beademing")], "Artificial respiration"),
    ],
    documents: &[
        term(&[code(Loinc, "18842-5", "Ontslagbrief")], "Discharge summary"),
        term(&[code(Loinc, "11488-4", "Consultbrief")], "Consult note"),
    ],
    planned: &[
        term(&[sct("73761001", "Coloscopie")], "Colonoscopy"),
        term(&[sct("40701008", "Echocardiografie")], "Echocardiography"),
    ],
    wider: (
        term(
            &[sct("44054006", "Diabetes mellitus type 2")],
            "Type 2 diabetes mellitus",
        ),
        code(Icpc, "T90", "Diabetes mellitus"),
    ),
    since: 2012,
};
