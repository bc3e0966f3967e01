//! Certificates of servers on loopback: good ones, and ones that must not be trusted.

use std::net::{IpAddr, Ipv4Addr};

use rcgen::string::Ia5String;
use rcgen::{ExtendedKeyUsagePurpose, KeyPair, OtherNameValue, PKCS_ECDSA_P256_SHA256, SanType};
use samenhang_profiles::Ura;

use super::{Authority, Identity, UZI_OTHER_NAME, params, uzi_server_name};
use crate::error::TestbedError;
use crate::faults::Flaw;
use crate::keys::{EcKey, failed};

/// The organisation that a certificate with [`Flaw::OtherUra`] names: nobody of this country.
const OTHER_URA: &str = "00999999";

impl Authority {
    /// A certificate for servers on loopback. A holder's states its URA, as a UZI server certificate does.
    ///
    /// # Errors
    /// [`TestbedError::Key`] when no certificate could be made.
    pub fn server(
        &self,
        seed: u64,
        holder: Option<&Ura>,
        flaw: Option<Flaw>,
    ) -> Result<Identity, TestbedError> {
        let key = EcKey::from_seed(seed, "server certificate")?;
        let pair = KeyPair::from_pem_and_sign_algo(key.pem(), &PKCS_ECDSA_P256_SHA256)
            .map_err(|error| failed("server key", error))?;
        let mut params = params("localhost", "Samenhang testbed");
        let named = if flaw == Some(Flaw::WrongName) {
            "elsewhere.example"
        } else {
            "localhost"
        };
        let name = Ia5String::try_from(named).map_err(|error| failed("server name", error))?;
        params.subject_alt_names = vec![SanType::DnsName(name)];
        if flaw != Some(Flaw::WrongName) {
            params
                .subject_alt_names
                .push(SanType::IpAddress(IpAddr::V4(Ipv4Addr::LOCALHOST)));
        }
        let stated = match flaw {
            Some(Flaw::NoUra) => None,
            Some(Flaw::OtherUra) => Some(OTHER_URA),
            _ => holder.map(Ura::as_str),
        };
        if let Some(ura) = stated {
            params.subject_alt_names.push(SanType::OtherName((
                UZI_OTHER_NAME.to_vec(),
                OtherNameValue::Utf8String(uzi_server_name(ura)),
            )));
        }
        match flaw {
            Some(Flaw::Expired) => params.not_after = rcgen::date_time_ymd(2021, 1, 1),
            Some(Flaw::NotYetValid) => params.not_before = rcgen::date_time_ymd(2098, 1, 1),
            _ => {}
        }
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        if flaw == Some(Flaw::ForeignAuthority) {
            return Authority::from_seed(seed, "another certificate authority")?.issue(
                &params,
                &pair,
                key.pem(),
            );
        }
        self.issue(&params, &pair, key.pem())
    }
}
