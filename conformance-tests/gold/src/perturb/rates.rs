//! How often what happens, by the kind of holder that a copy comes to. All in a thousand.

/// Rates of changes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rates {
    /// Nothing but the id, and perhaps the number, changes.
    pub(crate) pristine: u32,
    pub(crate) renumber: u32,
    pub(crate) reroot: u32,
    pub(crate) assigner: u32,
    /// The copy says what it was made from.
    pub(crate) origin: u32,
    pub(crate) translate: u32,
    pub(crate) add_coding: u32,
    pub(crate) display: u32,
    pub(crate) oid: u32,
    pub(crate) text_only: u32,
    pub(crate) zone: u32,
    pub(crate) coarse: u32,
    pub(crate) shift: u32,
    pub(crate) undated: u32,
    pub(crate) malformed: u32,
    pub(crate) convert: u32,
    pub(crate) round: u32,
    pub(crate) decimals: u32,
    pub(crate) unit_form: u32,
    pub(crate) unit_obscure: u32,
    pub(crate) partial: u32,
    pub(crate) progress: u32,
    pub(crate) revise: u32,
    pub(crate) remark: u32,
    pub(crate) key_order: u32,
}

/// A kind of holder.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Profile {
    pub(crate) name: &'static str,
    pub(crate) rates: Rates,
}

const HOSPITAL: Rates = Rates {
    pristine: 150,
    renumber: 450,
    reroot: 120,
    assigner: 200,
    origin: 150,
    translate: 60,
    add_coding: 200,
    display: 200,
    oid: 60,
    text_only: 12,
    zone: 250,
    coarse: 120,
    shift: 8,
    undated: 10,
    malformed: 3,
    convert: 60,
    round: 25,
    decimals: 60,
    unit_form: 120,
    unit_obscure: 6,
    partial: 120,
    progress: 80,
    revise: 60,
    remark: 300,
    key_order: 200,
};

/// The kinds of holder: one that copies faithfully and others that each are careless in their own way.
pub(crate) const PROFILES: [Profile; 8] = [
    Profile {
        name: "hospital",
        rates: HOSPITAL,
    },
    Profile {
        name: "general practice",
        rates: Rates {
            pristine: 60,
            renumber: 700,
            translate: 150,
            add_coding: 250,
            display: 400,
            text_only: 25,
            coarse: 260,
            undated: 25,
            convert: 30,
            unit_form: 350,
            partial: 250,
            remark: 400,
            ..HOSPITAL
        },
    },
    Profile {
        name: "pharmacy",
        rates: Rates {
            renumber: 200,
            origin: 300,
            translate: 120,
            coarse: 60,
            ..HOSPITAL
        },
    },
    Profile {
        name: "laboratory",
        rates: Rates {
            pristine: 500,
            renumber: 150,
            translate: 0,
            text_only: 0,
            ..HOSPITAL
        },
    },
    Profile {
        name: "second hospital",
        rates: Rates {
            renumber: 600,
            reroot: 200,
            convert: 150,
            zone: 500,
            oid: 150,
            key_order: 500,
            ..HOSPITAL
        },
    },
    Profile {
        name: "nursing home",
        rates: Rates {
            renumber: 800,
            text_only: 40,
            coarse: 350,
            undated: 40,
            shift: 15,
            unit_obscure: 15,
            partial: 300,
            ..HOSPITAL
        },
    },
    Profile {
        name: "mental health care",
        rates: Rates {
            renumber: 650,
            translate: 200,
            coarse: 300,
            partial: 200,
            ..HOSPITAL
        },
    },
    Profile {
        name: "public health service",
        rates: Rates {
            pristine: 400,
            renumber: 300,
            origin: 400,
            ..HOSPITAL
        },
    },
];
