//! JSON: checking and reading agree, and what is read once is read again the same.

use samenhang_profiles::json::check;
use samenhang_profiles::tree::Tree;
use samenhang_profiles::write::JsonWriter;
use samenhang_profiles::{Limits, ReadError};

pub(crate) fn run(data: &[u8]) {
    let limits = Limits::default();
    let verdict = check(data, &limits);
    match (&verdict, Tree::parse(data, &limits)) {
        (Ok(()), Ok(tree)) => {
            let mut out = JsonWriter::new();
            tree.write(&mut out);
            let again = out.finish();
            assert_eq!(Tree::parse(&again, &limits).as_ref(), Ok(&tree));
        }
        (Err(error), Err(other)) => assert_eq!(error, &other),
        (one, other) => panic!("checked {one:?}, read {other:?}"),
    }
    if let Err(ReadError::Malformed { at, .. } | ReadError::Limit { at, .. }) = verdict {
        assert!(at <= data.len());
    }
}
