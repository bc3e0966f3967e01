//! The configuration and keys with which a server asks a testbed: written to a folder, read as any other.

use std::fs;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use rand_core::{OsRng, RngCore};
use samenhang_profiles::{Bsn, Ura};
use samenhang_terminology::naming;
use samenhang_testbed::holder::Generation;
use samenhang_testbed::{Testbed, patients};
use serde_json::{Value, json};

use crate::config::StationReport;

/// Makes a folder that only its owner can enter.
///
/// # Errors
/// When it is there already or cannot be made.
pub fn private_folder(path: &Path) -> io::Result<()> {
    fs::DirBuilder::new().mode(0o700).create(path)
}

/// Writes a file that only its owner can read.
fn private_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)?;
    // A file that was there keeps its rights otherwise.
    file.set_permissions(fs::Permissions::from_mode(0o600))?;
    file.write_all(bytes)
}

/// How a server is to ask a testbed.
pub struct Setup {
    /// What stations tell for the page of the operator.
    pub stations: Vec<StationReport>,
    /// Generation of the national protocols.
    pub generation: Generation,
    /// Public listener.
    pub listen: SocketAddr,
    /// Internal listener.
    pub internal: SocketAddr,
    /// What is logged.
    pub log: String,
    /// Keys that replace those below.
    pub overlay: toml::Table,
}

/// Writes the configuration to `file` and its keys and certificates to the folder `keys` beside it.
///
/// # Errors
/// When a file cannot be written.
pub fn write(testbed: &Testbed, file: &Path, setup: &Setup) -> io::Result<()> {
    let folder = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or_else(|| Path::new("."));
    let keys = folder.join("keys");
    match private_folder(&keys) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    let client = testbed.client();
    let mut secret = [0; 32];
    OsRng.fill_bytes(&mut secret);
    for (name, bytes) in [
        ("ca.pem", client.ca_pem.as_bytes()),
        ("client.pem", client.client_cert_pem.as_bytes()),
        ("client.key", client.client_key_pem.as_bytes()),
        ("presentation.key", client.signing_key_es256_pem.as_bytes()),
        ("credential.jwt", client.x509_credential.as_bytes()),
        ("assertion.key", client.smart_key_es384_pem.as_bytes()),
        ("dezi.key", client.dezi_jwe_key_pem.as_bytes()),
    ] {
        private_file(&keys.join(name), bytes)?;
    }
    // A log is sealed with its key: a key that is there stays.
    if !keys.join("audit.key").exists() {
        private_file(&keys.join("audit.key"), &secret)?;
    }
    // The organisation's own record of who takes part in whose care: an input of ours, not data of a holder.
    private_file(
        &keys.join("care-teams.json"),
        care_teams(testbed).to_string().as_bytes(),
    )?;
    let mut table = toml::Table::try_from(configuration(testbed, setup)).map_err(io::Error::other)?;
    lay_over(&mut table, &setup.overlay);
    let text = toml::to_string(&table).map_err(io::Error::other)?;
    let text = format!(
        "# Written by samenhang: asks the simulated country on this machine. Never for real patients.\n\n{text}"
    );
    private_file(file, text.as_bytes())
}

/// Replaces keys, table by table.
fn lay_over(below: &mut toml::Table, above: &toml::Table) {
    for (key, value) in above {
        match (below.get_mut(key), value) {
            (Some(toml::Value::Table(below)), toml::Value::Table(above)) => lay_over(below, above),
            _ => {
                below.insert(key.clone(), value.clone());
            }
        }
    }
}

/// Care teams for the own patients whose holder the index does not name.
fn care_teams(testbed: &Testbed) -> Value {
    let here = |ura: &Ura| {
        testbed
            .addresses()
            .sources
            .iter()
            .any(|source| source.ura == *ura)
    };
    let team = |patient: &Bsn, holder: &Ura| {
        json!({
            "resourceType": "CareTeam", "status": "active",
            "subject": { "identifier": { "system": naming::BSN, "value": patient.expose() } },
            "participant": [{ "member": { "identifier": { "system": naming::URA, "value": holder } } }]
        })
    };
    let holders = patients::holders();
    let teams = holders
        .iter()
        .filter(|holder| here(&holder.ura))
        .flat_map(|holder| {
            holder
                .not_registered
                .iter()
                .filter(|patient| testbed.patients().contains(patient))
                .map(|patient| team(patient, &holder.ura))
        });
    Value::Array(teams.collect())
}

fn configuration(testbed: &Testbed, setup: &Setup) -> Value {
    let client = testbed.client();
    let addresses = testbed.addresses();
    json!({
        "server": {
            "listen": setup.listen.to_string(), "internal_listen": setup.internal.to_string(), "stations": setup.stations
        },
        "organisation": {
            "ura": client.ura, "name": client.name, "organisation_type": client.organisation_type,
            "oin": client.oin, "source_id": client.source_id
        },
        "egress": {
            "ca_file": "keys/ca.pem", "client_certificate_file": "keys/client.pem", "client_key_file": "keys/client.key",
            "allowed_networks": ["127.0.0.0/8", "::1/128"], "allow_plain_http": true
        },
        "national": {
            "generation": match setup.generation { Generation::B => "b", Generation::C => "c" },
            "oauth": { "token_url": format!("{}/oauth/token", addresses.oauth) },
            "prs": { "url": addresses.prs },
            "nvi": { "url": addresses.nvi },
            "directory": { "url": addresses.lrza },
            "mitz": { "url": addresses.mitz },
            "localisers": { "care_team_file": "keys/care-teams.json" }
        },
        "authorisation": {
            "nuts": {
                "did": client.did, "key_file": "keys/presentation.key", "key_id": client.signing_kid,
                "credential_file": "keys/credential.jwt"
            },
            "smart": {
                "client_id": client.smart_client_id, "key_file": "keys/assertion.key", "key_id": client.smart_kid
            }
        },
        "access": {
            "dezi": {
                "issuer": addresses.dezi, "client_id": client.dezi_client_id, "jwe_key_file": "keys/dezi.key"
            },
            "ehrs": [{
                "issuer": format!("{}/fhir", addresses.ehr_host), "client_id": client.viewer_client_id,
                "key_file": "keys/assertion.key", "key_id": client.smart_kid
            }],
            "patient_tokens": {
                "issuer": format!("{}/fhir", addresses.ehr_host),
                "introspection_url": format!("{}/introspect", addresses.ehr_host),
                "client_id": client.smart_client_id, "key_file": "keys/assertion.key", "key_id": client.smart_kid,
                "clients": [{
                    "client_id": client.smart_client_id, "organisation": client.ura,
                    "organisation_name": client.name, "organisation_type": client.organisation_type,
                    "responsible": { "number": "900000009", "role": "01.015", "name": "A.B. Voorbeeld" }
                }]
            }
        },
        "audit": { "path": "audit.sqlite", "key_file": "keys/audit.key", "forward_to": addresses.audit_sink },
        "telemetry": { "filter": setup.log, "format": "text" }
    })
}
