//! What goes wrong with a launch.

/// What goes wrong with a launch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EhrMode {
    /// Nothing.
    #[default]
    Normal,
    /// The patient has no number.
    NoNumber,
    /// The patient has two numbers.
    TwoNumbers,
    /// The read of the patient gives another one.
    OtherPatient,
    /// The user of the record system is another person than the one who logs in.
    OtherUser,
    /// The browser comes back with a state of somebody else.
    WrongState,
    /// The `id_token` is for another login.
    WrongNonce,
}

impl EhrMode {
    /// The address to go back to.
    pub(super) fn back(self, address: String) -> String {
        match self {
            EhrMode::WrongState => address.replace("state=", "state=x"),
            _ => address,
        }
    }

    /// The nonce that the `id_token` repeats.
    pub(super) fn nonce(self, nonce: String) -> String {
        match self {
            EhrMode::WrongNonce => "another".to_owned(),
            _ => nonce,
        }
    }
}
