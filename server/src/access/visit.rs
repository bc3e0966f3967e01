//! Visits that begin a session without Dezi: that of the demonstration's own user, who gets one as everybody else does so
//! that the pages are the same, and that of a patient, whom a PGO or portal sends here with a token.

use http::HeaderValue;
use http::request::Parts;
use samenhang_profiles::Bsn;
use std::sync::Arc;

use crate::access::context::{Context, Kind};
use crate::access::cookie;
use crate::access::error::AccessError;
use crate::access::gate::{Access, address};
use crate::audit::{ASKED_BY, Activity, Event, PATIENT};
use crate::session::{LIFETIME, SessionId};

impl Access {
    /// Begins a session for the demonstration's own user, who has none yet; gives the context in it, and its cookie.
    /// Nothing for anybody else.
    ///
    /// # Errors
    /// [`AccessError`]: it could not be recorded, or there are too many sessions.
    pub async fn visit(
        &self,
        context: &Context,
        parts: &Parts,
    ) -> Result<Option<(Context, Option<HeaderValue>)>, AccessError> {
        let is_own = context.kind() == Kind::Demo && context.patient().is_none();
        if !is_own || context.session().is_some() {
            return Ok(None);
        }
        let inner = &self.inner;
        let event = Event {
            asker: Some(Arc::clone(context.asker())),
            from: address(parts),
            ..Event::new(Activity::Login)
        };
        // Nobody is logged in who is not in the log.
        inner.log.record(event).await?;
        let token = inner
            .sessions
            .begin(context, None)
            .map_err(|_| AccessError::Full)?;
        let id = SessionId::of_token(&token);
        let cookie = inner.cookies.set(cookie::SESSION, &token, LIFETIME.as_secs());
        Ok(Some((context.in_session(&id), cookie)))
    }

    /// Begins a session for a patient who comes with a token of a client that patients use; gives its cookie. A session
    /// that the browser had ends: one browser is one person.
    ///
    /// # Errors
    /// [`AccessError`]: the token is none, it is not for patients to use, or the visit could not be recorded.
    pub async fn enter(&self, parts: &Parts, token: &str) -> Result<HeaderValue, AccessError> {
        let context = self.bearer_of(token, parts).await?;
        context.require("patient/*.read")?;
        self.begin_of_patient(context, parts).await
    }

    /// Begins a session in which the demonstration looks as one of its patients; gives its cookie.
    ///
    /// # Errors
    /// As [`Access::enter`]; also [`AccessError::Anonymous`] when this is no demonstration, and
    /// [`AccessError::RealPatient`].
    pub async fn enter_as(&self, parts: &Parts, patient: &Bsn) -> Result<HeaderValue, AccessError> {
        let own = self.demo(parts)?;
        own.may_name(patient)?;
        let context = own.as_patient(patient).ok_or(AccessError::Anonymous)?;
        self.begin_of_patient(context, parts).await
    }

    async fn begin_of_patient(&self, context: Context, parts: &Parts) -> Result<HeaderValue, AccessError> {
        let inner = &self.inner;
        self.admit(&context)?;
        let Some(patient) = context.patient().filter(|_| context.is_patient()) else {
            return Err(AccessError::NotForPatients);
        };
        let event = Event {
            asker: Some(Arc::clone(context.asker())),
            from: address(parts),
            patient: Some(patient.clone()),
            ..Event::new(Activity::Login)
        };
        // Nobody is logged in who is not in the log.
        inner.log.record(event.detail(ASKED_BY, PATIENT)).await?;
        if let Some(old) = inner.cookies.read(&parts.headers, cookie::SESSION) {
            inner.sessions.end(&SessionId::of_token(old));
        }
        let token = inner
            .sessions
            .begin(&context, None)
            .map_err(|_| AccessError::Full)?;
        inner
            .cookies
            .set(cookie::SESSION, &token, LIFETIME.as_secs())
            .ok_or(AccessError::Full)
    }
}
