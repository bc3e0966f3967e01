//! Codes, and words for a person in both languages.

use super::{About, Author, Bucket, FindingKind, LinkReason, Phase, StopKind};

/// A code, and what a person calls it in Dutch and in English.
type Told = (&'static str, &'static str, &'static str);

macro_rules! told {
    ($name:ident { $($case:ident => $code:literal, $nl:literal, $en:literal;)+ }) => {
        impl $name {
            fn told(self) -> Told {
                match self { $($name::$case => ($code, $nl, $en),)+ }
            }

            /// Its stable code.
            #[must_use]
            pub fn code(self) -> &'static str {
                self.told().0
            }

            /// What a person calls it in Dutch.
            #[must_use]
            pub fn nl(self) -> &'static str {
                self.told().1
            }

            /// What a person calls it in English.
            #[must_use]
            pub fn en(self) -> &'static str {
                self.told().2
            }
        }
    };
}

told!(Bucket {
    Current => "current", "actueel", "current";
    Paused => "paused", "onderbroken", "paused";
    Future => "future", "toekomstig", "future";
    RecentlyStopped => "recently-stopped", "recent gestopt", "recently stopped";
    History => "history", "historie", "history";
    UseOnly => "use-only", "alleen gebruik, geen afspraak bekend", "use only, no agreement known";
});

told!(Phase {
    InForce => "in-force", "geldt", "in force";
    Paused => "paused", "onderbroken", "paused";
    Future => "future", "gaat nog in", "not yet in force";
    Ended => "ended", "beëindigd", "ended";
    Never => "never", "nooit ingegaan", "never took effect";
    Stop => "stop", "stopafspraak", "stop";
    Recorded => "recorded", "vastgelegd", "recorded";
    Withdrawn => "withdrawn", "als fout ingetrokken door de bron", "withdrawn as an error by the source";
    NotInterpreted => "not-interpreted", "niet geïnterpreteerd", "not interpreted";
});

told!(StopKind {
    Stop => "stop", "stopgezet", "stopped";
    Pause => "pause", "onderbroken", "paused";
    Annul => "annul", "geannuleerd", "annulled";
});

told!(Author {
    Patient => "patient", "patiënt", "patient";
    RelatedPerson => "related-person", "naaste", "related person";
    Professional => "professional", "zorgverlener", "professional";
    Provider => "provider", "zorgaanbieder", "provider";
    Unknown => "unknown", "onbekend", "unknown";
});

told!(LinkReason {
    SameProduct => "same-product", "zelfde voorschrijfproduct in dezelfde periode", "same prescription product at the same time";
    Relation => "relation", "de een verwijst naar de ander", "one refers to the other";
});

told!(About {
    Product => "product", "product", "product";
    Dose => "dose", "dosering", "dosage";
    Period => "period", "gebruiksperiode", "period of use";
    Effect => "effect", "de een geldt en de ander niet", "one is in force and the other is not";
    AsAgreed => "as-agreed", "niet volgens afspraak gebruikt", "not used as agreed";
    Use => "use", "niet gebruikt", "not used";
});

told!(FindingKind {
    Overlap => "overlap",
        "twee medicatieafspraken van één behandeling gelden tegelijk, zonder stop",
        "two medication agreements of one treatment are in force at once, without a stop";
    Disagreement => "disagreement",
        "de apotheek of de gebruiker vertelt iets anders dan de medicatieafspraak",
        "the pharmacy or the user tells something else than the medication agreement";
    StopWithoutTarget => "stop-without-target",
        "een stop waarvan niet bekend is wat die stopt",
        "a stop of which it is not known what it stops";
    StopWithoutEnd => "stop-without-end",
        "een stop zonder einddatum, die dus niets stopt",
        "a stop without an end date, which therefore stops nothing";
    StopOfSeveral => "stop-of-several",
        "een stop die bij meer dan één afspraak past; alle zijn beëindigd",
        "a stop that fits more than one agreement; all of them ended";
    StopElsewhere => "stop-elsewhere",
        "een stop die een afspraak van een andere behandeling noemt; die is niet beëindigd",
        "a stop that names an agreement of another treatment; that one was not ended";
    UnknownStop => "unknown-stop",
        "een onbekend stoptype; getoond zoals ontvangen en niet toegepast",
        "an unknown stop type; shown as received and not applied";
    UnknownModifier => "unknown-modifier",
        "iets onbekends verandert de betekenis; getoond zoals ontvangen",
        "something unknown changes the meaning; shown as received";
    NoPeriod => "no-period",
        "geen gebruiksperiode; geldt als lopend",
        "no period of use; counts as in force";
    UnreadablePeriod => "unreadable-period",
        "de gebruiksperiode is niet goed te lezen; geldt zonder einde",
        "the period of use cannot be read well; counts without an end";
    UncertainPeriod => "uncertain-period",
        "begin of einde hangt van iets af",
        "the start or end depends on something";
    StatusDiffers => "status-differs",
        "de status van de bron past niet bij wat is berekend",
        "the status of the source does not go with what was computed";
});
