//! Reading the audit log about a patient: judged by the policy, and itself in the log before anything is told.

use std::sync::Arc;

use samenhang_profiles::Bsn;

use crate::access::context::Context;
use crate::access::error::AccessError;
use crate::access::gate::{Access, Origin};
use crate::audit::{ASKED_BY, Activity, Event, EventResult, Looks, PATIENT};

impl Access {
    /// Reads who looked at a patient's data: the part of the log before an event, or its end. The reading is durable in the
    /// log first, and so it is the first thing that is told.
    ///
    /// # Errors
    /// [`AccessError`]: the patient is another than that of the token, no rule allows it, it could not be recorded, or the
    /// log cannot be read.
    pub async fn read_log(
        &self,
        context: &Context,
        patient: &Bsn,
        before: Option<i64>,
        origin: Origin,
    ) -> Result<Looks, AccessError> {
        let inner = &self.inner;
        let is_patient = context.is_of(patient);
        let decided = context.may_name(patient).and_then(|()| {
            let policy = &inner.policy;
            Ok(policy.may_read_log(context.asker(), is_patient)?)
        });
        let event = Event {
            asker: Some(Arc::clone(context.asker())),
            from: origin.from,
            request_id: origin.request_id,
            patient: Some(patient.clone()),
            ..Event::new(Activity::LogRead)
        };
        let event = match &decided {
            Ok(grant) => event.under(grant),
            Err(AccessError::Refused(refusal)) => event.ended(EventResult::Refused(refusal.reason)),
            Err(_) => event.ended(EventResult::Refused("another patient than that of the token")),
        };
        let event = if is_patient {
            event.detail(ASKED_BY, PATIENT)
        } else {
            event
        };
        inner.log.record(event).await?;
        decided?;
        Ok(inner.log.looks(patient, before).await?)
    }
}
