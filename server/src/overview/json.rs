//! The answer as one Bundle, when everything is in or the deadline has passed.

use bytes::Bytes;
use samenhang_profiles::Received;
use samenhang_reconcile::Reconciled;
use samenhang_reconcile::answer::write_answer;
use samenhang_reconcile::completeness::Statement;

use crate::error::{Language, Problem};
use crate::fhir::outcome;
use crate::overview::course::Course;

/// Everything that may be shown, at the end of a question.
pub struct Whole {
    /// Ordered and clustered.
    pub reconciled: Reconciled,
    /// What is missing.
    pub statement: Statement,
}

/// Waits for the end of the question, and lets out what may leave then.
///
/// # Errors
/// When access cannot be recorded: nothing leaves.
pub async fn whole(course: &mut Course) -> Result<Whole, Problem> {
    let mut batches = course.batches().await?;
    let dropped = course.settle();
    batches.retain(|batch| !dropped.contains(&batch.holder));
    let announced = course.announce(batches).await?;
    // Lets the writer of the log begin: the answer is put in order while the disk is at work.
    tokio::task::yield_now().await;
    let prepared: Vec<Received> = announced
        .iter()
        .flat_map(|batch| batch.resources().iter().cloned())
        .collect();
    let count = prepared.len();
    let prepared = Reconciled::new(prepared);
    let releases = course.release_all(announced).await?;
    let items = course.together(&releases, &dropped);
    // When something may not leave after all, the rest is put in order without it.
    let reconciled = if items.len() == count {
        prepared
    } else {
        Reconciled::new(items)
    };
    Ok(Whole {
        reconciled,
        statement: course.statement().await?,
    })
}

/// Writes the Bundle; what was ignored of the request is a second outcome at its end.
#[must_use]
pub fn write(whole: &Whole, course: &Course, link: &str, language: Language) -> Bytes {
    let bundle = write_answer(&whole.reconciled, &whole.statement, Some(link));
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
