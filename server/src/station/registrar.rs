//! The referral index, as a station tells it: the outbox of the station over the client of gather.

use std::collections::BTreeMap;

use async_trait::async_trait;
use samenhang_gather::config::{OwnOrganisation, RegistrationConfig};
use samenhang_gather::registration::{Registration, Registrations};
use samenhang_profiles::{Bsn, Ura};
use samenhang_station::SourceId;
use samenhang_station::publish::{NotTaken, Registrar};

/// Registers each source as a device of its own: two sources of one holder may know the same patient, and one of them
/// forgetting him says nothing of the other.
pub(super) struct IndexRegistrar {
    registrations: Registrations,
    devices: BTreeMap<String, String>,
    own_device: String,
}

impl IndexRegistrar {
    pub(super) fn new(
        registrations: Registrations,
        config: &RegistrationConfig,
        own: &OwnOrganisation,
    ) -> Self {
        IndexRegistrar {
            registrations,
            devices: config.devices.clone(),
            own_device: own.source_id.clone(),
        }
    }

    fn device(&self, source: &SourceId) -> String {
        let named = self.devices.get(source.as_str()).cloned();
        named.unwrap_or_else(|| format!("{}-{source}", self.own_device))
    }
}

#[async_trait]
impl Registrar for IndexRegistrar {
    async fn register(&self, holder: &Ura, source: &SourceId, patient: &Bsn) -> Result<(), NotTaken> {
        let registration = Registration {
            holder,
            device: &self.device(source),
            patient,
        };
        let told = Box::pin(self.registrations.register(&registration)).await;
        told.map_err(|error| NotTaken {
            code: error.cause_code(),
        })
    }

    async fn deregister(&self, holder: &Ura, source: &SourceId, patient: &Bsn) -> Result<(), NotTaken> {
        let registration = Registration {
            holder,
            device: &self.device(source),
            patient,
        };
        let told = Box::pin(self.registrations.deregister(&registration)).await;
        told.map_err(|error| NotTaken {
            code: error.cause_code(),
        })
    }
}
