//! Notifications of Mitz, in JSON or XML: read within limits or refused. The XML reader is that of SOAP answers.

use samenhang_gather::consent::Notification;

pub(crate) fn run(data: &[u8]) {
    match Notification::read(data) {
        Ok(notification) => assert!(notification.count() > 0),
        Err(error) => assert!(!error.to_string().is_empty() && !error.code().is_empty()),
    }
}
