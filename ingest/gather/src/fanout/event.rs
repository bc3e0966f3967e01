//! What the fan-out tells while it runs.
//!
//! For every localised holder and asked category there is exactly one [`Event::Category`] before [`Event::Done`]
//! (P3). It is sent when the holder is done, so that no later page can belie it. Rows with status `empty` come at
//! the very end of the question, whatever made them empty: neither their order nor their time tells whether the
//! patient denied, is not known there, or has nothing there.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures::Stream;
use jiff::Timestamp;
use samenhang_profiles::{Received, Ura};
use samenhang_terminology::{Category, Status};
use tokio::sync::mpsc;
use tokio_util::sync::DropGuard;

use crate::consent::Permit;
use crate::locate::Origin;

/// An event of a running question.
pub enum Event {
    /// A holder belongs to the question. Told for every localised holder, asked or not.
    HolderStarted {
        /// The holder.
        holder: Ura,
        /// Its name in the directory.
        name: Arc<str>,
    },
    /// Resources of one category of one holder, with what they refer to.
    Batch {
        /// The holder.
        holder: Ura,
        /// The consent under which they were fetched; to be checked again before they are shown.
        permit: Permit,
        /// The resources.
        resources: Vec<Received>,
    },
    /// What became of a category at a holder.
    Category {
        /// The holder.
        holder: Ura,
        /// The category.
        category: Category,
        /// What became of it.
        status: Status,
        /// Resources of this category that were sent, without what they refer to.
        count: usize,
        /// When the last of them was received.
        retrieved: Option<Timestamp>,
        /// Why, in fixed words.
        detail: Option<Detail>,
    },
    /// A holder is done.
    HolderDone {
        /// The holder.
        holder: Ura,
        /// How long it took. For a holder with an empty category, how long the question took.
        duration_ms: u64,
    },
    /// Something about the answer as a whole.
    Notice(Notice),
    /// The question is done. Nothing follows.
    Done,
}

/// Something about the answer as a whole, or about a holder as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Notice {
    /// The consent service could not be reached or answered garbage: the answer is incomplete.
    ConsentUnavailable,
    /// A localiser failed, though another one worked: holders may be missing.
    LocaliserFailed(Origin),
    /// The referral index cannot be reached: who is asked was found out for an earlier question.
    LocalisationKept,
    /// More holders than the limit: so many were not asked.
    FanoutLimit(usize),
    /// The holder sent data of another patient: everything that came from it must be dropped, and shown no more.
    WrongPatient(Ura),
    /// The holder pointed at an address that is not its own; it was not followed.
    UnsafeLink(Ura),
    /// The audit ledger is closed: nothing of this answer may be shown.
    AuditUnavailable,
}

impl Notice {
    /// The holder that it is about.
    #[must_use]
    pub fn holder(&self) -> Option<&Ura> {
        match self {
            Notice::WrongPatient(holder) | Notice::UnsafeLink(holder) => Some(holder),
            Notice::ConsentUnavailable
            | Notice::LocaliserFailed(_)
            | Notice::FanoutLimit(_)
            | Notice::LocalisationKept
            | Notice::AuditUnavailable => None,
        }
    }
}

macro_rules! details {
    ($($(#[$doc:meta])* $name:ident, $code:literal, $en:literal, $nl:literal;)*) => {
        /// Why a category got its status. Fixed texts without patient data; later ones weigh more when one category
        /// has several.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Detail {
            $($(#[$doc])* $name,)*
        }

        impl Detail {
            /// Every detail.
            pub const ALL: &[Detail] = &[$(Detail::$name,)*];

            /// The stable code.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self { $(Detail::$name => $code,)* }
            }

            /// Plain English for a person.
            #[must_use]
            pub fn text_en(self) -> &'static str {
                match self { $(Detail::$name => $en,)* }
            }

            /// Plain Dutch for a person.
            #[must_use]
            pub fn text_nl(self) -> &'static str {
                match self { $(Detail::$name => $nl,)* }
            }
        }
    };
}

details! {
    /// The directory lists no endpoint.
    NoEndpoint, "no-endpoint", "the directory lists no endpoint for this category",
        "het adresboek kent geen adres voor deze categorie";
    /// The endpoint does not offer it.
    NotOffered, "not-offered", "the holder does not offer this category",
        "de bron biedt deze categorie niet aan";
    /// A demographic deviates.
    IdentityWarning, "identity-warning", "a detail of the patient differs at the holder",
        "een gegeven van de patiënt wijkt af bij de bron";
    /// Only the latest results of each kind are offered.
    LatestOnly, "latest-only", "the holder offers the latest results only",
        "de bron biedt alleen de laatste uitslagen aan";
    /// The circuit breaker is open.
    BreakerOpen, "breaker-open", "the holder failed repeatedly and is not asked for a moment",
        "de bron faalde herhaaldelijk en wordt even niet bevraagd";
    /// Too many holders.
    FanoutLimit, "fanout-limit", "more holders than can be asked at once",
        "meer bronnen dan tegelijk bevraagd kunnen worden";
    /// The authorisation server refused.
    TokenRefused, "token-refused", "the authorisation server of the holder refused",
        "de autorisatieserver van de bron weigerde";
    /// No keys for the protocol of the authorisation server.
    NoCredentials, "no-credentials", "this system has no credentials that the holder accepts",
        "dit systeem heeft geen inloggegevens die de bron accepteert";
    /// The holder refused.
    AccessRefused, "access-refused", "the holder refused access", "de bron weigerde toegang";
    /// The deadline of the question passed.
    Deadline, "deadline", "the answer did not come in time", "het antwoord kwam niet op tijd";
    /// The question was ended by its asker.
    Stopped, "stopped", "the question was ended before the answer came",
        "de vraag is beëindigd voor het antwoord kwam";
    /// Supporting resources could not be read.
    ReferencesUnread, "references-unread", "what some results refer to could not be read",
        "waar sommige gegevens naar verwijzen kon niet worden gelezen";
    /// Resources whose patient cannot be checked are withheld.
    Withheld, "withheld", "results whose patient cannot be checked are withheld",
        "gegevens waarvan de patiënt niet te controleren is, zijn achtergehouden";
    /// The holder states more results than it gave.
    FewerThanStated, "fewer-than-stated", "the holder gave fewer results than it states to have",
        "de bron gaf minder gegevens dan zij zegt te hebben";
    /// The pages go round in circles.
    PagingLoop, "paging-loop", "the pages of the holder go round in circles",
        "de pagina's van de bron lopen rond";
    /// Pages were withdrawn while they were read.
    PagesWithdrawn, "pages-withdrawn", "the holder withdrew pages while they were read",
        "de bron trok pagina's in tijdens het lezen";
    /// Too many pages or bytes.
    TooMuch, "too-much", "the holder sent more than the limit", "de bron stuurde meer dan de limiet";
    /// The holder reports an error within its answer.
    ReportedError, "reported-error", "the holder reports an error within its answer",
        "de bron meldt een fout in haar antwoord";
    /// The holder rejected the request.
    Rejected, "rejected", "the holder rejected the request", "de bron wees het verzoek af";
    /// No connection.
    Unreachable, "unreachable", "the holder could not be reached", "de bron was niet bereikbaar";
    /// The certificate of the holder, or of its authorisation server, is not to be trusted.
    NotTrusted, "not-trusted", "the certificate of the holder is not to be trusted; nothing was sent",
        "het certificaat van de bron is niet te vertrouwen; er is niets verstuurd";
    /// The holder is in trouble.
    SourceError, "source-error", "the holder answered with an error", "de bron antwoordde met een fout";
    /// The authorisation server is in trouble.
    TokenFailed, "token-failed", "the authorisation server of the holder did not work",
        "de autorisatieserver van de bron werkte niet";
    /// The answer cannot be read.
    Unreadable, "unreadable", "the answer of the holder cannot be read",
        "het antwoord van de bron is niet te lezen";
    /// Another version of FHIR.
    OtherVersion, "other-version", "the holder speaks a version of FHIR that is not supported",
        "de bron spreekt een FHIR-versie die niet wordt ondersteund";
    /// The holder pointed elsewhere.
    UnsafeLink, "unsafe-link", "the holder pointed at an address that is not its own",
        "de bron verwees naar een adres dat niet van haar is";
    /// Several Patients.
    SeveralPatients, "several-patients", "the holder has several records of this patient",
        "de bron heeft meer dossiers van deze patiënt";
    /// The BSN at the holder is not verified.
    IdentityUnverified, "identity-unverified", "the holder has not verified the patient's number",
        "de bron heeft het nummer van de patiënt niet geverifieerd";
    /// The date of birth differs; the asker may confirm.
    IdentityHeld, "identity-held", "the date of birth differs at the holder; confirm to see its data",
        "de geboortedatum wijkt af bij de bron; bevestig om de gegevens te zien";
    /// Too much differs.
    IdentityDeviates, "identity-deviates", "the identity of the patient differs at the holder",
        "de identiteit van de patiënt wijkt af bij de bron";
    /// Another number or another patient's data.
    WrongPatient, "wrong-patient", "the holder sent data of another patient; all of it was dropped",
        "de bron stuurde gegevens van een andere patiënt; alles is weggelaten";
    /// The audit ledger is closed.
    AuditUnavailable, "audit-unavailable", "access cannot be recorded, so nothing is shown",
        "inzage kan niet worden vastgelegd, dus wordt er niets getoond";
    /// A fault of our own.
    Internal, "internal", "an error on our side", "een fout aan onze kant";
}

/// The events of one question. Dropping it ends the question: calls under way are broken off.
pub struct Events {
    receiver: mpsc::Receiver<Event>,
    _stop: DropGuard,
}

impl Events {
    pub(super) fn new(receiver: mpsc::Receiver<Event>, stop: DropGuard) -> Self {
        Events {
            receiver,
            _stop: stop,
        }
    }

    /// The next event; `None` after [`Event::Done`].
    pub async fn next_event(&mut self) -> Option<Event> {
        self.receiver.recv().await
    }
}

impl Stream for Events {
    type Item = Event;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Event>> {
        self.receiver.poll_recv(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::Detail;

    #[test]
    fn details_have_a_code_and_two_texts_of_their_own() {
        let codes: HashSet<_> = Detail::ALL.iter().map(|detail| detail.code()).collect();
        let english: HashSet<_> = Detail::ALL.iter().map(|detail| detail.text_en()).collect();
        let dutch: HashSet<_> = Detail::ALL.iter().map(|detail| detail.text_nl()).collect();
        assert_eq!(
            (codes.len(), english.len(), dutch.len()),
            (Detail::ALL.len(), Detail::ALL.len(), Detail::ALL.len())
        );
    }
}
