//! The pages around a login: after the logout, and when a login failed.

use askama::Template;

use super::{Frame, PageError, framed, render};
use crate::texts::Texts;

/// What is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Message<'a> {
    /// The session has ended.
    LoggedOut,
    /// Nobody was logged in.
    LoginFailed {
        /// Why, in words for a reader.
        text: &'a str,
        /// The cause in English, as it is in the log: for whoever is told of it.
        cause: &'a str,
        /// The stable code.
        code: &'a str,
    },
}

#[derive(Template)]
#[template(path = "message.html")]
struct MessageTemplate<'a> {
    t: &'static Texts,
    title: &'a str,
    text: &'a str,
    failed: Option<(&'a str, &'a str)>,
}

/// Writes a page with a message, and the way to the login.
///
/// # Errors
/// [`PageError`], a defect.
pub fn message(frame: &Frame, message: Message<'_>) -> Result<String, PageError> {
    let t = frame.language.texts();
    let gone = t.say("logged-out-text");
    let (title, text, failed) = match message {
        Message::LoggedOut => (t.say("logged-out"), gone.as_str(), None),
        Message::LoginFailed { text, cause, code } => (t.say("login-failed"), text, Some((cause, code))),
    };
    let content = render(&MessageTemplate {
        t,
        title: &title,
        text,
        failed,
    })?;
    framed(frame, &title, content)
}

#[cfg(test)]
mod tests {
    use super::{Frame, Message, message};
    use crate::language::Language;

    #[test]
    fn a_message_is_in_the_language_of_the_reader_and_escaped() {
        for (language, words) in [(Language::Dutch, "Afgemeld"), (Language::English, "Logged out")] {
            let frame = Frame {
                language,
                ..Frame::default()
            };
            let page = message(&frame, Message::LoggedOut).unwrap();
            assert!(page.contains(&format!("<h1>{words}</h1>")), "{page}");
            assert!(page.contains("href=\"/auth/login\"") && !page.contains("role=\"alert\""));
            let failed = Message::LoginFailed {
                text: "<b>",
                cause: "the key is not known",
                code: "SAM-ACC-009",
            };
            let page = message(&frame, failed).unwrap();
            assert!(page.contains("SAM-ACC-009") && !page.contains("<b>"), "{page}");
        }
    }
}
