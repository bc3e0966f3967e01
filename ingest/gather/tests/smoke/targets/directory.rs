//! The directory: whatever it says, an address is chosen or none is.

use std::sync::Arc;

use jiff::Timestamp;
use samenhang_gather::address::Directory;
use samenhang_gather::clock::ManualClock;
use samenhang_profiles::Ura;
use samenhang_terminology::Category;

pub(crate) fn run(data: &[u8]) {
    let now = Timestamp::UNIX_EPOCH;
    let Ok(directory) = Directory::from_resources(data, Arc::new(ManualClock::new(now))) else {
        return;
    };
    let Ok(ura) = "00000001".parse::<Ura>() else {
        return;
    };
    for category in Category::ALL {
        let first = directory.select(&ura, category, now);
        assert!(first.is_ok(), "a directory that was read is ready");
        assert_eq!(
            first.map(|selection| selection.is_empty()),
            directory
                .select(&ura, category, now)
                .map(|selection| selection.is_empty())
        );
    }
}
