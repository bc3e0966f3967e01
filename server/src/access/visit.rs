//! A visit to the demonstration: its own user gets a session as everybody else does, so that the pages are the same.

use http::HeaderValue;
use http::request::Parts;
use std::sync::Arc;

use crate::access::context::{Context, Kind};
use crate::access::cookie;
use crate::access::error::AccessError;
use crate::access::gate::{Access, address};
use crate::audit::{Activity, Event};
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
        let cookie = cookie::set(cookie::SESSION, &token, LIFETIME.as_secs(), inner.secure);
        Ok(Some((context.in_session(&id), cookie)))
    }
}
