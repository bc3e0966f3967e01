//! The login for care professionals (section 4.4): `OpenID` Connect with PKCE, and the signed declaration of who the
//! user is and for whom it works. It logs in by itself; a test says as whom, in which form, and what goes wrong.

mod declaration;
mod pages;
mod relations;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::routing::{get, post};

use crate::client::{ASKER_URA, USER_NUMBER, client_key};
use crate::error::TestbedError;
use crate::keys::RsaKey;
use crate::net::Shared;

/// A care professional who can log in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeziUser {
    /// Dezi number.
    pub number: String,
    /// Initials.
    pub initials: String,
    /// Family name.
    pub family_name: String,
    /// URA of the organisation it works for.
    pub organisation: String,
    /// Its name.
    pub organisation_name: String,
    /// Role code (`01.015` is a general practitioner).
    pub role: String,
    /// Name of the role.
    pub role_name: String,
}

impl DeziUser {
    /// The general practitioner of the demo.
    #[must_use]
    pub fn general_practitioner() -> Self {
        DeziUser {
            number: USER_NUMBER.to_owned(),
            initials: "A.B.".to_owned(),
            family_name: "Voorbeeld".to_owned(),
            organisation: ASKER_URA.to_owned(),
            organisation_name: "Huisartsenpraktijk West".to_owned(),
            role: "01.015".to_owned(),
            role_name: "Huisarts".to_owned(),
        }
    }

    /// A pharmacist of the same organisation.
    #[must_use]
    pub fn pharmacist() -> Self {
        DeziUser {
            number: "900000010".to_owned(),
            initials: "C.".to_owned(),
            family_name: "Proefpersoon".to_owned(),
            role: "17.000".to_owned(),
            role_name: "Apotheker".to_owned(),
            ..Self::general_practitioner()
        }
    }

    /// A general practitioner of another organisation.
    #[must_use]
    pub fn stranger() -> Self {
        DeziUser {
            number: "900000021".to_owned(),
            initials: "D.".to_owned(),
            family_name: "Elders".to_owned(),
            organisation: "00700701".to_owned(),
            organisation_name: "Huisartsenpraktijk De Linde".to_owned(),
            ..Self::general_practitioner()
        }
    }

    fn by_number(number: &str) -> Option<Self> {
        [Self::general_practitioner(), Self::pharmacist(), Self::stranger()]
            .into_iter()
            .find(|user| user.number == number)
    }
}

/// What goes wrong with a login.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DeziMode {
    /// Nothing.
    #[default]
    Normal,
    /// The declaration names a key address elsewhere: `wrong-jku`.
    WrongJku,
    /// The declaration is signed by another key: `wrong-signature`.
    WrongSignature,
    /// The declaration was revoked: `revoked`.
    Revoked,
    /// The declaration has expired: `expired`.
    Expired,
    /// The user did not log in: `denied`.
    Denied,
    /// Only in the form of 2024: no relation is with the user's organisation: `no-relation`.
    NoRelation,
    /// Only in the form of 2024: two organisations, the user's and another; nothing is wrong with it: `two-relations`.
    TwoRelations,
    /// Only in the form of 2024: two relations with the user's organisation: `same-relation-twice`.
    SameRelationTwice,
    /// Only in the form of 2024: several roles at the user's organisation: `several-roles`.
    SeveralRoles,
}

/// The form in which the service says who a user is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DeziForm {
    /// A declaration in an envelope (version 0.7): `v0.7`.
    #[default]
    V07,
    /// A statement with all relations of the user: `2024`.
    Of2024 {
        /// Whose certificates are in it.
        certificates: Certificates,
        /// Whether it names an address for its status. No public source has one.
        status: bool,
    },
}

/// Whose certificates are in a statement of 2024 (claim `x5c`). Its public readers do not agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Certificates {
    /// The client's, to whom the answer is encrypted: `recipient`. So does the register of the ministry's pilot.
    #[default]
    Recipient,
    /// The service's own, of an authority of this country: `signer`. So reads the Nuts node.
    Signer,
    /// The service's own, of another authority: `foreign`.
    Foreign,
}

impl Certificates {
    /// Its name in the control interface.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        Some(match text {
            "recipient" => Certificates::Recipient,
            "signer" => Certificates::Signer,
            "foreign" => Certificates::Foreign,
            _ => return None,
        })
    }
}

impl DeziMode {
    /// Its name in the control interface.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        Some(match text {
            "normal" => DeziMode::Normal,
            "wrong-jku" => DeziMode::WrongJku,
            "wrong-signature" => DeziMode::WrongSignature,
            "revoked" => DeziMode::Revoked,
            "expired" => DeziMode::Expired,
            "denied" => DeziMode::Denied,
            "no-relation" => DeziMode::NoRelation,
            "two-relations" => DeziMode::TwoRelations,
            "same-relation-twice" => DeziMode::SameRelationTwice,
            "several-roles" => DeziMode::SeveralRoles,
            _ => return None,
        })
    }
}

/// Form of the answer of `/userinfo`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UserinfoForm {
    /// A signed JWT inside a JWE to the client's key.
    #[default]
    Encrypted,
    /// A signed JWT.
    Signed,
}

/// A login that is under way: from the code to the token.
#[derive(Clone)]
struct Login {
    user: DeziUser,
    challenge: String,
    redirect_uri: String,
    nonce: Option<String>,
    at: i64,
}

#[derive(Default)]
struct State {
    user: Option<DeziUser>,
    mode: DeziMode,
    form: UserinfoForm,
    speaks: DeziForm,
    codes: BTreeMap<String, Login>,
    tokens: BTreeMap<String, Login>,
    revoked: Vec<String>,
    given: u64,
}

struct Inner {
    shared: Shared,
    base: String,
    key: RsaKey,
    other_key: RsaKey,
    client_key: RsaKey,
    state: Mutex<State>,
}

/// The login service.
#[derive(Clone)]
pub struct Dezi(Arc<Inner>);

/// The key with which the login service signs.
///
/// # Errors
/// [`TestbedError::Key`] when it cannot be made.
pub fn signing_key(seed: u64) -> Result<RsaKey, TestbedError> {
    RsaKey::from_seed(seed, "dezi signing")
}

impl Dezi {
    /// A login service at this address.
    ///
    /// # Errors
    /// [`TestbedError::Key`] when its keys cannot be made.
    pub fn new(shared: &Shared, base: &str) -> Result<Self, TestbedError> {
        let client = client_key(shared.seed())?;
        Ok(Dezi(Arc::new(Inner {
            shared: shared.clone(),
            base: base.to_owned(),
            key: signing_key(shared.seed())?,
            // A key that the service does not publish; the client's will do and costs nothing.
            other_key: client.clone(),
            client_key: client,
            state: Mutex::default(),
        })))
    }

    /// Its pages.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/.well-known/openid-configuration", get(pages::configuration))
            .route("/authorize", get(pages::authorize))
            .route("/token", post(pages::token))
            .route("/userinfo", get(pages::userinfo).post(pages::userinfo))
            .route("/dezi/jwks.json", get(pages::jwks))
            .route("/status/v1/verklaring/{id}", get(pages::status))
            .with_state(self.clone())
    }

    /// Says who logs in from now on, unless a `login_hint` names another known user.
    pub fn log_in_as(&self, user: DeziUser) {
        self.state().user = Some(user);
    }

    /// Changes what goes wrong.
    pub fn set_mode(&self, mode: DeziMode) {
        self.state().mode = mode;
    }

    /// Changes the form of `/userinfo`.
    pub fn set_form(&self, form: UserinfoForm) {
        self.state().form = form;
    }

    /// Changes the form in which it says who a user is.
    pub fn speak(&self, form: DeziForm) {
        self.state().speaks = form;
    }

    /// Revokes a declaration that was given.
    pub fn revoke(&self, declaration: &str) {
        self.state().revoked.push(declaration.to_owned());
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A fresh identifier that cannot be guessed from outside.
    fn fresh(&self, purpose: &str) -> String {
        let number = {
            let mut state = self.state();
            state.given += 1;
            state.given
        };
        let mut bytes = [0; 16];
        rand_core::RngCore::fill_bytes(
            &mut self.0.shared.rng(&format!("dezi {purpose} {number}")),
            &mut bytes,
        );
        uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
    }
}
