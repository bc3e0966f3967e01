//! What an overview consists of. It names resources by index and holds no patient data but the number of a treatment.

use jiff::Timestamp;
use serde::Deserialize;

/// The kind of a building block of Medicatieproces 9, by the code of its category.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Medication agreement (MA, medicatieafspraak): what the prescriber agreed.
    MedicationAgreement,
    /// Administration agreement (TA, toedieningsafspraak): how the pharmacy carries it out.
    AdministrationAgreement,
    /// Variable dosing regimen (WDS, wisselend doseerschema): the dose in force, as of a thrombosis service.
    VariableDosingRegimen,
    /// Medication use (MGB, medicatiegebruik): what is used according to somebody.
    MedicationUse,
    /// Dispense request (VV, verstrekkingsverzoek).
    DispenseRequest,
    /// Medication dispense (MVE, medicatieverstrekking).
    MedicationDispense,
    /// Medication administration (MTD, medicatietoediening).
    MedicationAdministration,
    /// A proposal, which nobody agreed to yet.
    Proposal,
}

impl Kind {
    /// All of them, in the order in which a treatment shows them.
    pub const ALL: [Kind; 8] = [
        Kind::MedicationAgreement,
        Kind::AdministrationAgreement,
        Kind::VariableDosingRegimen,
        Kind::MedicationUse,
        Kind::DispenseRequest,
        Kind::MedicationDispense,
        Kind::MedicationAdministration,
        Kind::Proposal,
    ];

    /// Its name in the policy, which is also its code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Kind::MedicationAgreement => "medication-agreement",
            Kind::AdministrationAgreement => "administration-agreement",
            Kind::VariableDosingRegimen => "variable-dosing-regimen",
            Kind::MedicationUse => "medication-use",
            Kind::DispenseRequest => "dispense-request",
            Kind::MedicationDispense => "medication-dispense",
            Kind::MedicationAdministration => "administration",
            Kind::Proposal => "medication-proposal",
        }
    }

    /// Whether it is an agreement that is in force for a time and that a stop ends.
    #[must_use]
    pub fn is_agreement(self) -> bool {
        matches!(
            self,
            Kind::MedicationAgreement | Kind::AdministrationAgreement | Kind::VariableDosingRegimen
        )
    }
}

/// What a stop does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StopKind {
    /// Ends it (stopgezet).
    Stop,
    /// Ends it until it is started again (onderbroken).
    Pause,
    /// It never took effect (geannuleerd).
    Annul,
}

/// Where a block stands at the moment of the overview; computed, whatever status the source gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// In force.
    InForce,
    /// Ended by a pause.
    Paused,
    /// It starts later.
    Future,
    /// It ended.
    Ended,
    /// Annulled, or stopped before it started: it never took effect.
    Never,
    /// It is itself a stop, a pause or an annulment.
    Stop,
    /// Something that happened or was asked for, without a time in which it is in force.
    Recorded,
    /// The source withdrew it as an error.
    Withdrawn,
    /// Something changes its meaning that is not understood: no effect was computed.
    NotInterpreted,
}

/// Where a treatment stands in the overview; the order is that of the overview.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Bucket {
    /// Something is in force.
    Current,
    /// Paused, and not started again.
    Paused,
    /// It starts later.
    Future,
    /// It ended recently.
    RecentlyStopped,
    /// It ended longer ago, or never took effect.
    History,
    /// No agreement is known: use, administration, supply or a proposal only.
    UseOnly,
}

impl Bucket {
    /// All of them, in order.
    pub const ALL: [Bucket; 6] = [
        Bucket::Current,
        Bucket::Paused,
        Bucket::Future,
        Bucket::RecentlyStopped,
        Bucket::History,
        Bucket::UseOnly,
    ];
}

/// What kind of author a statement of use has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Author {
    /// The patient.
    Patient,
    /// Somebody related to the patient.
    RelatedPerson,
    /// A professional.
    Professional,
    /// An organisation or a location of one, such as a pharmacy.
    Provider,
    /// It is not said.
    Unknown,
}

/// What two blocks differ in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum About {
    /// The product.
    Product,
    /// The dose or route.
    Dose,
    /// When it starts or ends.
    Period,
    /// One is in force and the other is not.
    Effect,
    /// The author says that it is not used as agreed.
    AsAgreed,
    /// The author says that it is not used.
    Use,
}

/// What was found in a treatment and is shown, not resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FindingKind {
    /// Two medication agreements are in force and none of them was stopped.
    Overlap,
    /// The pharmacy or a user of the medication tells something else than the agreement.
    Disagreement,
    /// A stop of which what it stops is not known.
    StopWithoutTarget,
    /// A stop that does not say when it stops, so that it stops nothing.
    StopWithoutEnd,
    /// A stop that fits more than one agreement; it ends all of them.
    StopOfSeveral,
    /// A stop that names an agreement of another treatment; it does not end that.
    StopElsewhere,
    /// A stop type that is not known; it is shown and stops nothing.
    UnknownStop,
    /// A modifier that is not known; no effect was computed.
    UnknownModifier,
    /// No period of use that could be read: it counts as in force.
    NoPeriod,
    /// The period ends before it starts, or a part of it could not be read: it counts without an end.
    UnreadablePeriod,
    /// The start or end depends on something that a text tells.
    UncertainPeriod,
    /// The status of the source does not go with what was computed.
    StatusDiffers,
}

/// Something that was found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Finding {
    /// What.
    pub kind: FindingKind,
    /// The blocks that it is about, by index; of a disagreement the agreement first.
    pub blocks: Vec<usize>,
    /// What they differ in.
    pub about: Vec<About>,
    /// What the source says, as sent: a stop code, a modifier, a status.
    pub raw: Option<String>,
}

/// One building block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The resource, by index; of a cluster the one that stands for it.
    pub index: usize,
    /// All resources of its cluster, itself included; ascending.
    pub members: Vec<usize>,
    /// Its kind.
    pub kind: Kind,
    /// Where it stands.
    pub phase: Phase,
    /// What kind of stop it is.
    pub stop: Option<StopKind>,
    /// What it stops, by index.
    pub stops: Vec<usize>,
    /// When it was registered, or recorded where nothing else is said.
    pub registered: Option<Timestamp>,
    /// From when it is in force; `None`: always, or not known.
    pub start: Option<Timestamp>,
    /// Until when, after stops, that moment not included; `None`: no end.
    pub end: Option<Timestamp>,
    /// Who says so, of a statement of use.
    pub author: Option<Author>,
    /// Whether it stands on the line of its treatment: what is in force, and the latest use by each kind of author.
    pub on_line: bool,
}

/// Why two treatments are shown together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LinkReason {
    /// The same prescription product at the same time.
    SameProduct,
    /// A block of the one names a block of the other.
    Relation,
}

/// A treatment on the same topic, which is not the same treatment: one of them has a generic number or none.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Link {
    /// [`Treatment::id`] of the other.
    pub to: usize,
    /// Why.
    pub reason: LinkReason,
}

/// A pharmaceutical treatment (MBH, medicamenteuze behandeling).
#[derive(Clone, PartialEq, Eq)]
pub struct Treatment {
    /// Its name in this overview: the smallest index of its resources.
    pub id: usize,
    /// System and value of its number; none for a block without one, which is a treatment of its own.
    pub identifier: Option<(String, String)>,
    /// Where it stands.
    pub bucket: Bucket,
    /// For a future treatment whether it starts within the window; otherwise true.
    pub is_near: bool,
    /// When it started or will start.
    pub start: Option<Timestamp>,
    /// When it ended or was paused, if it did.
    pub end: Option<Timestamp>,
    /// Its blocks in the order of the overview: agreement, administration agreement, dosing regimen, use, then the rest;
    /// of a kind the latest registration first, and a stop right after what it stops.
    pub blocks: Vec<Block>,
    /// The stop that was registered last, by index.
    pub latest_stop: Option<usize>,
    /// What was found, in order.
    pub findings: Vec<Finding>,
    /// Treatments on the same topic.
    pub links: Vec<Link>,
}

impl Treatment {
    /// The same with other indexes; nothing when no block is left.
    pub(super) fn moved(&self, place: &impl Fn(usize) -> Option<usize>) -> Option<Self> {
        let all = |indexes: &[usize]| {
            indexes
                .iter()
                .filter_map(|&index| place(index))
                .collect::<Vec<_>>()
        };
        let blocks: Vec<Block> = self
            .blocks
            .iter()
            .filter_map(|block| {
                Some(Block {
                    index: place(block.index)?,
                    members: all(&block.members),
                    stops: all(&block.stops),
                    ..block.clone()
                })
            })
            .collect();
        let findings = self.findings.iter().filter_map(|finding| {
            let blocks = all(&finding.blocks);
            (blocks.len() == finding.blocks.len()).then(|| Finding {
                blocks,
                ..finding.clone()
            })
        });
        (!blocks.is_empty()).then(|| Treatment {
            findings: findings.collect(),
            latest_stop: self.latest_stop.and_then(place),
            blocks,
            ..self.clone()
        })
    }
}
