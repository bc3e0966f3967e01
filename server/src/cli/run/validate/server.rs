//! The terminology server that the command line names.

use std::path::{Path, PathBuf};

use samenhang_gather::config::EgressConfig;
use samenhang_gather::http::{Http, TlsMaterial};
use samenhang_gather::terminology::{TerminologyServer, TerminologyServerConfig};
use tokio::runtime::Runtime;

use crate::cli::validate::ServerArgs;
use crate::cli::{Failure, output};
use crate::validation::{Asking, Consultant};

/// Where systems keep the certificate authorities that they trust.
const AUTHORITIES: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// Networks of an organisation itself (RFC 1918, RFC 4193).
const OWN_NETWORKS: [&str; 4] = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"];

/// A terminology server, asked from threads that have no runtime of their own.
pub(super) struct Server {
    runtime: Runtime,
    pub(super) consultant: Consultant,
}

impl Server {
    /// The server that the arguments name, when they do.
    pub(super) fn of(
        args: &ServerArgs,
        runtime: impl FnOnce() -> Result<Runtime, Failure>,
    ) -> Result<Option<Self>, Failure> {
        let Some(address) = &args.fhir_terminology_server else {
            return Ok(None);
        };
        let wrong = |reason: String| {
            Failure::misuse(format!(
                "SAM-VAL-008: the terminology server cannot be asked: {reason}"
            ))
            .hint("give the base address of its FHIR interface, and with https: --terminology-ca")
        };
        let runtime = runtime()?;
        let egress = egress(args.terminology_ca.as_deref());
        let material = TlsMaterial::load(&egress).map_err(|error| wrong(error.to_string()))?;
        // Making a client may need a runtime.
        let entered = runtime.enter();
        let http = Http::new(&egress, &material).map_err(|error| wrong(error.to_string()))?;
        let server = TerminologyServer::new(http, &TerminologyServerConfig::at(address))
            .map_err(|error| wrong(error.to_string()))?;
        drop(entered);
        Ok(Some(Server {
            consultant: Consultant::new(server),
            runtime,
        }))
    }

    /// Has the questions of some files answered; for each whether it is to be judged again.
    pub(super) fn consult(&self, askings: &mut [Asking]) -> Vec<bool> {
        let consulted = self.runtime.block_on(self.consultant.consult(askings));
        if let Some(failure) = consulted.failure {
            output::notice(&format!(
                "samenhang: {}: {failure}; codes that it would judge are unchecked",
                failure.code()
            ));
        }
        consulted.again
    }
}

/// How calls to a server leave that the user names: it may be on this machine or on the own network.
fn egress(authorities: Option<&Path>) -> EgressConfig {
    let of_system = || {
        let named = std::env::var_os("SSL_CERT_FILE").map(PathBuf::from);
        let known = AUTHORITIES.iter().map(PathBuf::from);
        named.into_iter().chain(known).find(|path| path.is_file())
    };
    let loopback = EgressConfig::loopback();
    let mut allowed_networks = loopback.allowed_networks.clone();
    for network in OWN_NETWORKS {
        if let Ok(network) = network.parse() {
            allowed_networks.push(network);
        }
    }
    EgressConfig {
        ca_file: authorities.map(Path::to_owned).or_else(of_system),
        allowed_networks,
        ..loopback
    }
}
