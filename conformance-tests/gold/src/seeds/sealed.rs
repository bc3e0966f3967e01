//! The set that is opened only to measure: other diseases, tests, units and products, and other shapes. Do not tune on it.

use super::{Asked, Measure, Seeds, Sited, term};
use crate::render::Style;
use crate::term::System::{Atc, Icd10, Icpc, Loinc, Nhg, Own, Prk};
use crate::term::{Code, Unit, code, sct, unit};

const HIP: Code = sct("29836001", "Heup");
const BREAST: Code = sct("76752008", "Mamma");
const WRIST: Code = sct("74670003", "Pols");
const PLASMA: Code = sct("119361006", "Plasma");
const URINE: Code = sct("122575003", "Urine");

const NMOL: Unit = unit("nmol/L", "nmol/l", "mol/L", -9);
const PMOL: Unit = unit("pmol/L", "pmol/l", "mol/L", -12);
const UMOL: Unit = unit("umol/L", "umol/l", "mol/L", -6);
const MMOL: Unit = unit("mmol/L", "mmol/l", "mol/L", -3);
const G_L: Unit = unit("g/L", "g/l", "g/L", 0);
const MG_DL: Unit = unit("mg/dL", "mg/dl", "g/L", -2);
const UG_L: Unit = unit("ug/L", "µg/l", "g/L", -6);
const GIGA_L: Unit = unit("10*9/L", "10^9/l", "/L", 9);
const MU_L: Unit = unit("m[IU]/L", "mIU/l", "[IU]/L", -3);
const KILO: Unit = unit("kg", "kg", "g", 3);
const PER_MIN: Unit = unit("/min", "/min", "/min", 0);
const MILLIMETRE: Unit = unit("mm", "mm", "m", -3);
const CENTIMETRE: Unit = unit("cm", "cm", "m", -2);
const SCORE: Unit = unit("{score}", "score", "score", 0);
const MM_HG: Unit = unit("mm[Hg]", "mm Hg", "mmHg", 0);

const fn of(codes: &'static [Code], english: &'static str) -> Sited {
    Sited {
        term: term(codes, english),
        site: None,
        is_sided: false,
    }
}

const fn at(codes: &'static [Code], english: &'static str, site: Code) -> Sited {
    Sited {
        term: term(codes, english),
        site: Some(site),
        is_sided: true,
    }
}

const fn test(
    codes: &'static [Code],
    unit: Unit,
    other: Option<Unit>,
    range: (i64, i64),
    decimals: u32,
    material: Option<Code>,
) -> Measure {
    Measure {
        term: term(codes, "laboratory test"),
        unit,
        other,
        range,
        decimals,
        material,
    }
}

pub(super) const SEEDS: Seeds = Seeds {
    name: "sealed",
    style: Style {
        contained: true,
        periods: true,
        wordy: true,
    },
    problems: &[
        of(
            &[
                sct("414545008", "Ischemische hartziekte"),
                code(Icpc, "K76", "Chronische ischemische hartziekte"),
                code(Icd10, "I25", "Chronische ischemische hartziekte"),
            ],
            "Ischaemic heart disease",
        ),
        of(
            &[
                sct("709044004", "Chronische nierinsufficiëntie"),
                code(Icpc, "U99.01", "Nierfunctiestoornis"),
            ],
            "Chronic kidney disease",
        ),
        of(
            &[
                sct("69896004", "Reumatoïde artritis"),
                code(Icpc, "L88.01", "Reumatoïde artritis"),
                code(Icd10, "M06.9", "RA"),
            ],
            "Rheumatoid arthritis",
        ),
        of(
            &[sct("9014002", "Psoriasis"), code(Icpc, "S91", "Psoriasis")],
            "Psoriasis",
        ),
        of(
            &[sct("37796009", "Migraine"), code(Icpc, "N89", "Migraine")],
            "Migraine",
        ),
        of(
            &[
                sct("84757009", "Epilepsie"),
                code(Icpc, "N88", "Epilepsie"),
                code(Icd10, "G40", "Epilepsie"),
            ],
            "Epilepsy",
        ),
        of(&[sct("90560007", "Jicht"), code(Icpc, "T92", "Jicht")], "Gout"),
        of(
            &[
                sct("235595009", "Refluxziekte"),
                code(Icpc, "D84", "Oesofagusaandoening"),
            ],
            "Gastro-oesophageal reflux",
        ),
        at(
            &[
                sct("254837009", "Mammacarcinoom"),
                code(Icpc, "X76.01", "Mammacarcinoom"),
            ],
            "Breast cancer",
            BREAST,
        ),
        at(
            &[sct("239872002", "Coxartrose"), code(Icpc, "L89", "Coxartrose")],
            "Osteoarthritis of hip",
            HIP,
        ),
        at(
            &[sct("263102004", "Fractuur-subluxatie van pols")],
            "Fracture subluxation of wrist",
            WRIST,
        ),
        of(
            &[
                sct("22298006", "Myocardinfarct"),
                code(Icpc, "K75", "Acuut myocardinfarct"),
            ],
            "Myocardial infarction",
        ),
        of(
            &[
                sct("404640003", "Duizeligheid"),
                code(Icpc, "N17", "Vertigo/duizeligheid"),
            ],
            "Dizziness",
        ),
        of(
            &[sct("233604007", "Pneumonie"), code(Icpc, "R81", "Pneumonie")],
            "Pneumonia",
        ),
    ],
    categories: [sct("282291009", "Diagnose"), sct("404684003", "Bevinding")],
    severities: [sct("6736007", "Matig"), sct("24484000", "Ernstig")],
    allergies: &[
        term(
            &[
                sct("372478003", "Doxycycline"),
                code(Atc, "J01AA02", "doxycycline"),
            ],
            "Doxycycline",
        ),
        term(
            &[
                sct("372840008", "Ciprofloxacine"),
                code(Atc, "J01MA02", "ciprofloxacine"),
            ],
            "Ciprofloxacin",
        ),
        term(
            &[sct("373529000", "Morfine"), code(Own, "SSK-7731", "Morfine")],
            "Morphine",
        ),
        term(
            &[sct("372588000", "Naproxen"), code(Atc, "M01AE02", "naproxen")],
            "Naproxen",
        ),
        term(&[sct("102263004", "Ei")], "Egg"),
        term(&[sct("256440004", "Wespengif")], "Wasp venom"),
        term(
            &[sct("387362001", "Jodiumhoudend contrastmiddel")],
            "Iodinated contrast",
        ),
    ],
    alerts: &[
        term(&[sct("129839007", "Valrisico")], "At risk of falls"),
        term(&[sct("77386006", "Zwanger")], "Pregnant"),
        term(
            &[sct("36222008", "Draagster van BRMO")],
            "Carrier of resistant bacteria",
        ),
    ],
    labs: &[
        test(
            &[code(Loinc, "3016-3", "TSH"), code(Nhg, "1734", "TSH")],
            MU_L,
            None,
            (10, 900),
            2,
            Some(PLASMA),
        ),
        test(
            &[code(Loinc, "14920-3", "Vrij T4")],
            PMOL,
            Some(NMOL),
            (80, 260),
            1,
            Some(PLASMA),
        ),
        test(
            &[
                code(Loinc, "14631-6", "Bilirubine"),
                code(Nhg, "187", "bilirubine totaal"),
            ],
            UMOL,
            Some(MMOL),
            (3, 60),
            0,
            Some(PLASMA),
        ),
        test(
            &[code(Loinc, "1751-7", "Albumine")],
            G_L,
            Some(MG_DL),
            (250, 520),
            1,
            Some(PLASMA),
        ),
        test(
            &[code(Loinc, "6690-2", "Leukocyten")],
            GIGA_L,
            None,
            (28, 160),
            1,
            Some(PLASMA),
        ),
        test(
            &[code(Loinc, "777-3", "Trombocyten")],
            GIGA_L,
            None,
            (90, 460),
            0,
            Some(PLASMA),
        ),
        test(
            &[code(Loinc, "20567-4", "Ferritine"), code(Nhg, "355", "ferritine")],
            UG_L,
            None,
            (8, 480),
            0,
            Some(PLASMA),
        ),
        test(
            &[
                code(Loinc, "1989-3", "Vitamine D"),
                code(Nhg, "1865", "vitamine D"),
            ],
            NMOL,
            Some(UMOL),
            (12, 140),
            0,
            Some(PLASMA),
        ),
        test(
            &[code(Loinc, "14684-5", "Kreatinine in urine")],
            MMOL,
            None,
            (20, 220),
            1,
            Some(URINE),
        ),
        test(
            &[code(Loinc, "2000-8", "Calcium")],
            MMOL,
            None,
            (190, 310),
            2,
            Some(PLASMA),
        ),
    ],
    vitals: &[
        test(
            &[code(Loinc, "8280-0", "Middelomtrek")],
            CENTIMETRE,
            Some(MILLIMETRE),
            (620, 1400),
            1,
            None,
        ),
        test(
            &[
                code(Loinc, "9279-1", "Ademfrequentie"),
                sct("86290005", "Ademfrequentie"),
            ],
            PER_MIN,
            None,
            (9, 34),
            0,
            None,
        ),
        test(
            &[code(Loinc, "72514-3", "Pijnscore")],
            SCORE,
            None,
            (0, 10),
            0,
            None,
        ),
        test(
            &[code(Loinc, "3141-9", "Gewicht gemeten")],
            KILO,
            None,
            (4400, 13000),
            2,
            None,
        ),
    ],
    pressure: (
        term(&[sct("75367002", "Bloeddruk")], "Blood pressure"),
        [
            sct("271649006", "Systolische bloeddruk"),
            sct("271650006", "Diastolische bloeddruk"),
        ],
        MM_HG,
    ),
    methods: [sct("726449005", "Immunoassay"), sct("703727000", "Turbidimetrie")],
    situations: &[
        Asked {
            term: term(&[sct("228366006", "Drugsgebruik")], "Drug use"),
            answers: &[
                sct("417284009", "Gebruikt drugs"),
                sct("228367002", "Gebruikt geen drugs"),
            ],
        },
        Asked {
            term: term(&[sct("224209007", "Woonsituatie")], "Living situation"),
            answers: &[
                sct("224133007", "Zelfstandig"),
                sct("160734000", "Verpleeghuis"),
                sct("160733006", "Verzorgd"),
            ],
        },
    ],
    procedures: &[
        at(
            &[sct("52734007", "Totale heupvervanging")],
            "Total hip replacement",
            HIP,
        ),
        at(&[sct("392021009", "Lumpectomie")], "Lumpectomy", BREAST),
        of(&[sct("80146002", "Appendectomie")], "Appendectomy"),
        of(&[sct("415070008", "PCI")], "Percutaneous coronary intervention"),
        of(&[sct("76164006", "Gastroscopie")], "Gastroscopy"),
    ],
    vaccines: &[
        term(
            &[
                code(Atc, "J07BC01", "Hepatitis B-vaccin"),
                sct("871822003", "Hepatitis B-vaccin"),
            ],
            "Hepatitis B vaccine",
        ),
        term(&[code(Atc, "J07BD52", "BMR-vaccin")], "MMR vaccine"),
        term(
            &[
                code(Atc, "J07BK03", "Gordelroosvaccin"),
                sct("871908002", "Gordelroosvaccin"),
            ],
            "Zoster vaccine",
        ),
        term(&[code(Atc, "J07BM03", "HPV-vaccin")], "HPV vaccine"),
    ],
    devices: &[
        at(&[sct("304120007", "Heupprothese")], "Hip prosthesis", HIP),
        of(
            &[sct("72506001", "Implanteerbare defibrillator")],
            "Implantable defibrillator",
        ),
        of(&[sct("266731002", "Rollator")], "Walking aid"),
    ],
    products: &[
        term(
            &[
                code(Atc, "L04AX03", "methotrexaat"),
                code(Prk, "34401", "METHOTREXAAT TABLET 2,5MG"),
            ],
            "Methotrexate",
        ),
        term(
            &[
                code(Atc, "N03AX14", "levetiracetam"),
                code(Prk, "58807", "LEVETIRACETAM TABLET 500MG"),
            ],
            "Levetiracetam",
        ),
        term(&[code(Atc, "M04AA01", "allopurinol")], "Allopurinol"),
        term(&[code(Atc, "C08CA01", "amlodipine")], "Amlodipine"),
        term(&[code(Atc, "N06AB04", "citalopram")], "Citalopram"),
        term(&[code(Atc, "R03AC02", "salbutamol")], "Salbutamol"),
    ],
    directives: &[
        term(
            &[sct("305351004", "Opname op intensive care")],
            "Admission to intensive care",
        ),
        term(
            &[sct("116859006", "Bloedtransfusie")],
            "Transfusion of blood product",
        ),
    ],
    documents: &[
        term(
            &[code(Loinc, "34117-2", "Anamnese en onderzoek")],
            "History and physical",
        ),
        term(
            &[code(Loinc, "18748-4", "Radiologieverslag")],
            "Diagnostic imaging study",
        ),
    ],
    planned: &[
        term(&[sct("76164006", "Gastroscopie")], "Gastroscopy"),
        term(&[sct("415070008", "PCI")], "Percutaneous coronary intervention"),
    ],
    wider: (
        term(&[sct("69896004", "Reumatoïde artritis")], "Rheumatoid arthritis"),
        code(Icpc, "L88", "Reumatoïde artritis/verwante aandoening"),
    ),
    since: 2004,
};
