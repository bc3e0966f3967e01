//! Why a call to a holder brought nothing, and what that makes of its category.

use samenhang_conform::quirks::Quirk;

use super::event::Detail;
use super::finding::End;
use crate::http::HttpError;
use crate::ledger::Step;
use crate::source::content::ContentProblem;
use crate::source::paging::StopReason;
use crate::token::TokenError;

/// Why a call brought nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Problem {
    /// The question or the holder was ended.
    #[error("the question was ended")]
    Stopped,
    /// The deadline passed.
    #[error("the deadline has passed")]
    TimedOut,
    /// The holder refused (401, 403).
    #[error("the holder refused with status {0}")]
    Refused(u16),
    /// The page is gone (410).
    #[error("the page is gone")]
    Gone,
    /// The holder rejected the request (other 4xx, 501).
    #[error("the holder rejected the request with status {0}")]
    Rejected(u16),
    /// The holder is in trouble (5xx, 429), or answered with a status that has no meaning here.
    #[error("the holder answered with status {0}")]
    Status(u16),
    /// No answer.
    #[error(transparent)]
    Transport(#[from] HttpError),
    /// No token.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// An answer that cannot be accepted.
    #[error(transparent)]
    Content(#[from] ContentProblem),
    /// The holder or the question used up its bytes.
    #[error("the answers are larger than the limit")]
    TooMuch,
    /// Data of another patient.
    #[error("the holder sent data of another patient")]
    WrongPatient,
    /// The audit ledger is closed.
    #[error("the audit ledger is closed")]
    LedgerClosed,
}

impl Problem {
    /// The stable code.
    pub(super) fn code(self) -> &'static str {
        match self {
            Problem::Stopped => "SAM-GAT-200",
            Problem::TimedOut => "SAM-GAT-201",
            Problem::Refused(_) => "SAM-GAT-202",
            Problem::Gone => "SAM-GAT-203",
            Problem::Rejected(_) => "SAM-GAT-204",
            Problem::Status(_) => "SAM-GAT-205",
            Problem::TooMuch => "SAM-GAT-206",
            Problem::WrongPatient => "SAM-GAT-207",
            Problem::LedgerClosed => "SAM-GAT-208",
            Problem::Transport(error) => error.code(),
            Problem::Token(error) => error.code(),
            Problem::Content(problem) => problem.code(),
        }
    }

    /// Whether it points at an attack or a gravely wrong source.
    pub(super) fn is_security_event(self) -> bool {
        match self {
            Problem::Transport(error) | Problem::Token(TokenError::Unreachable(error)) => {
                error.is_security_event()
            }
            Problem::WrongPatient => true,
            _ => false,
        }
    }

    /// Whether the endpoint does not want this query at all, so that another form of it may be tried.
    pub(super) fn is_refused_query(self) -> bool {
        matches!(self, Problem::Refused(403) | Problem::Rejected(_))
    }

    /// The quirk that it shows; `step` is what was asked.
    pub(super) fn quirk(self, step: Step) -> Option<Quirk> {
        match self {
            // A search of a type that has nothing is an empty searchset.
            Problem::Rejected(404) if step == Step::Search => Some(Quirk::NotFoundForEmpty),
            Problem::Content(ContentProblem::NotFhir) => Some(Quirk::WebPage),
            Problem::Content(ContentProblem::Empty) => Some(Quirk::EmptyBody),
            Problem::Content(ContentProblem::ReportedError) => Some(Quirk::ErrorInside),
            Problem::Transport(HttpError::Redirect(_) | HttpError::OffPin(_)) => Some(Quirk::LinkElsewhere),
            Problem::WrongPatient => Some(Quirk::AnotherPatient),
            _ => None,
        }
    }

    /// What it makes of a category.
    pub(super) fn end(self) -> End {
        match self {
            Problem::Stopped => End::TimedOut(Detail::Stopped),
            Problem::TimedOut => End::TimedOut(Detail::Deadline),
            Problem::Refused(_) => End::Refused(Detail::AccessRefused),
            Problem::Gone => End::Failed(Detail::PagesWithdrawn),
            Problem::Rejected(_) => End::Failed(Detail::Rejected),
            Problem::Status(_) => End::Failed(Detail::SourceError),
            Problem::TooMuch => End::Failed(Detail::TooMuch),
            Problem::WrongPatient => End::Failed(Detail::WrongPatient),
            Problem::LedgerClosed => End::Failed(Detail::AuditUnavailable),
            Problem::Content(ContentProblem::ReportedError) => End::Failed(Detail::ReportedError),
            Problem::Content(ContentProblem::Limit) => End::Failed(Detail::TooMuch),
            Problem::Content(_) => End::Failed(Detail::Unreadable),
            Problem::Transport(error) => transport(error),
            Problem::Token(error) => match error {
                TokenError::Refused(_) => End::Refused(Detail::TokenRefused),
                TokenError::NoCredentials(_) => End::Refused(Detail::NoCredentials),
                TokenError::Unreachable(HttpError::Timeout) => End::TimedOut(Detail::Deadline),
                TokenError::Unreachable(HttpError::Tls | HttpError::OtherOrganisation) => {
                    End::Failed(Detail::NotTrusted)
                }
                TokenError::Unreachable(error) if error.is_security_event() => {
                    End::Failed(Detail::UnsafeLink)
                }
                _ => End::Failed(Detail::TokenFailed),
            },
        }
    }
}

fn transport(error: HttpError) -> End {
    match error {
        HttpError::Timeout => End::TimedOut(Detail::Deadline),
        HttpError::TooLarge { .. } => End::Failed(Detail::TooMuch),
        HttpError::Encoding | HttpError::Truncated => End::Failed(Detail::Unreadable),
        HttpError::Redirect(_) | HttpError::OffPin(_) | HttpError::ForbiddenAddress => {
            End::Failed(Detail::UnsafeLink)
        }
        HttpError::Tls | HttpError::OtherOrganisation => End::Failed(Detail::NotTrusted),
        _ => End::Failed(Detail::Unreachable),
    }
}

/// What an early end of the pages makes of a category.
pub(super) fn stopped(reason: StopReason) -> End {
    End::Failed(match reason {
        StopReason::Loop => Detail::PagingLoop,
        StopReason::TooManyPages | StopReason::TooManyBytes => Detail::TooMuch,
        StopReason::Gone => Detail::PagesWithdrawn,
        StopReason::FewerThanStated => Detail::FewerThanStated,
    })
}
