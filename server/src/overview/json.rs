//! The answer as one Bundle, when everything is in or the deadline has passed.

use std::sync::Arc;

use bytes::Bytes;
use samenhang_gather::consent::Permit;
use samenhang_profiles::{FhirVersion, Received};
use samenhang_reconcile::Reconciled;
use samenhang_reconcile::answer::write_answer;
use samenhang_reconcile::completeness::Statement;
use tracing::{Instrument, debug_span};

use crate::error::{Language, Problem};
use crate::fhir::outcome;
use crate::overview::course::Course;
use crate::overview::version::{self, GATHERED};

/// Everything that may be shown, at the end of a question.
pub struct Whole {
    /// Ordered and clustered.
    pub reconciled: Arc<Reconciled>,
    /// What is missing.
    pub statement: Statement,
    /// Under which it may be shown.
    pub permits: Vec<Permit>,
}

impl Whole {
    /// Lets go of it when the answer has been handed over: giving back what thousands of resources held takes time.
    pub fn let_go(self) {
        tokio::spawn(async move { drop(self) });
    }

    /// The same in a version of FHIR.
    ///
    /// # Errors
    /// When the work breaks off.
    pub async fn in_version(self, wanted: FhirVersion) -> Result<Whole, Problem> {
        let (reconciled, statement) = version::serve(self.reconciled, self.statement, wanted).await?;
        Ok(Whole {
            reconciled,
            statement,
            permits: self.permits,
        })
    }
}

/// Waits for the end of the question, and lets out what may leave then.
///
/// # Errors
/// When access cannot be recorded: nothing leaves.
pub async fn whole(course: &mut Course) -> Result<Whole, Problem> {
    let (whole, ()) = settle(course, |_, _, _| ()).await?;
    Ok(whole)
}

/// As [`whole`], in a version of FHIR, and the Bundle of it; what was ignored of the request is a second outcome at its end.
///
/// # Errors
/// As [`whole`].
pub async fn written(
    course: &mut Course,
    wanted: FhirVersion,
    link: &str,
    language: Language,
) -> Result<(Whole, Bytes), Problem> {
    if wanted == GATHERED {
        return settle(course, |reconciled, statement, course| {
            write(reconciled, statement, course, wanted, link, language)
        })
        .await;
    }
    let whole = whole(course).await?.in_version(wanted).await?;
    let bundle = write(
        &whole.reconciled,
        &whole.statement,
        course,
        wanted,
        link,
        language,
    );
    Ok((whole, bundle))
}

/// Puts the answer in order and writes it while the record of the disclosure goes to disk, as it will be if everything
/// may leave. Only what was let out is given: when that is anything else, it is put in order and written again.
async fn settle<T>(
    course: &mut Course,
    write: impl Fn(&Reconciled, &Statement, &Course) -> T,
) -> Result<(Whole, T), Problem> {
    let mut batches = course.batches().instrument(debug_span!("gather")).await?;
    let dropped = course.settle();
    batches.retain(|batch| !dropped.contains(&batch.holder));
    let announced = course
        .announce(batches)
        .instrument(debug_span!("announce"))
        .await?;
    // Lets the writer of the log begin.
    tokio::task::yield_now().await;
    let (count, prepared) = debug_span!("reconcile").in_scope(|| {
        let prepared: Vec<Received> = announced
            .iter()
            .flat_map(|batch| batch.resources().iter().cloned())
            .collect();
        (prepared.len(), course.reconcile(prepared))
    });
    let expected = course.expected(&announced);
    let draft = debug_span!("write").in_scope(|| write(&prepared, &expected, course));
    let releases = course
        .release_all(announced)
        .instrument(debug_span!("release"))
        .await?;
    let items = course.together(&releases, &dropped);
    let statement = course.statement().instrument(debug_span!("statement")).await?;
    let permits = releases.iter().map(|release| release.permit().clone()).collect();
    if items.len() == count && statement == expected {
        let whole = Whole {
            reconciled: prepared,
            statement,
            permits,
        };
        return Ok((whole, draft));
    }
    let whole = Whole {
        reconciled: course.reconcile(items),
        statement,
        permits,
    };
    let written = write(&whole.reconciled, &whole.statement, course);
    Ok((whole, written))
}

fn write(
    reconciled: &Reconciled,
    statement: &Statement,
    course: &Course,
    version: FhirVersion,
    link: &str,
    language: Language,
) -> Bytes {
    let bundle = write_answer(
        reconciled,
        statement,
        version,
        Some(link),
        &course.assembly(reconciled),
    );
    if course.ignored().is_empty() {
        return bundle;
    }
    let mut entry = br#"{"resource":"#.to_vec();
    entry.extend(outcome::write(course.ignored(), language));
    entry.extend_from_slice(br#","search":{"mode":"outcome"}}"#);
    append(bundle, &entry)
}

/// Appends an item to the array that a document ends with.
///
/// Our own writers end a Bundle and an OperationOutcome with their array; a document that does not is left as it is.
#[must_use]
pub fn append(document: Bytes, item: &[u8]) -> Bytes {
    let Some(head) = document.strip_suffix(b"]}") else {
        return document;
    };
    let mut whole = Vec::with_capacity(document.len() + item.len() + 1);
    whole.extend_from_slice(head);
    if !head.ends_with(b"[") {
        whole.push(b',');
    }
    whole.extend_from_slice(item);
    whole.extend_from_slice(b"]}");
    whole.into()
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::append;

    #[test]
    fn appends_to_the_last_array() {
        let append = |text: &'static str| append(Bytes::from_static(text.as_bytes()), b"3");
        assert_eq!(append("{\"a\":[1,2]}"), "{\"a\":[1,2,3]}");
        assert_eq!(append("{\"a\":[]}"), "{\"a\":[3]}");
        assert_eq!(append("{\"a\":1}"), "{\"a\":1}");
    }
}
