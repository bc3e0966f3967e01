//! Objects in an S3-compatible store.

use std::io::Read as _;
use std::sync::Arc;
use std::time::Duration;

use object_store::aws::AmazonS3Builder;
use object_store::prefix::PrefixStore;
use object_store::{BackoffConfig, ClientOptions, ObjectStore, RetryConfig};
use zeroize::Zeroizing;

use crate::config::Config;
use crate::error::StationError;
use crate::seal::only_owner_reads;

/// Most bytes of a file with credentials.
const LONGEST: u64 = 4096;

/// The store that `objects` names, reached as `[s3]` says.
pub(super) fn open(config: &Config) -> Result<Arc<dyn ObjectStore>, StationError> {
    let rest = config.objects.strip_prefix("s3://").unwrap_or_default();
    let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
    if bucket.is_empty() {
        return Err(StationError::Config("`objects` names no bucket".to_owned()));
    }
    let s3 = &config.s3;
    let is_here = s3.endpoint.as_deref().is_some_and(is_plain_and_here);
    if s3
        .endpoint
        .as_deref()
        .is_some_and(|address| address.starts_with("http://"))
        && !is_here
    {
        return Err(StationError::Config(
            "`s3.endpoint` is http on another machine: use https".to_owned(),
        ));
    }
    let whole = Duration::from_secs(s3.patience_seconds.max(1));
    let options = ClientOptions::new()
        .with_allow_http(is_here)
        .with_timeout(whole)
        .with_connect_timeout(Duration::from_secs(5).min(whole));
    let retry = RetryConfig {
        backoff: BackoffConfig {
            init_backoff: Duration::from_millis(100),
            max_backoff: Duration::from_secs(5),
            base: 2.0,
        },
        max_retries: 5,
        retry_timeout: whole,
    };
    let mut builder = match &s3.credentials_file {
        None => AmazonS3Builder::from_env(),
        Some(file) => {
            let (id, secret) = credentials(config, file)?;
            AmazonS3Builder::new()
                .with_access_key_id(id.as_str())
                .with_secret_access_key(secret.as_str())
        }
    };
    builder = builder
        .with_bucket_name(bucket)
        .with_client_options(options)
        .with_retry(retry)
        .with_virtual_hosted_style_request(s3.virtual_hosted_style);
    if let Some(region) = &s3.region {
        builder = builder.with_region(region);
    }
    if let Some(endpoint) = &s3.endpoint {
        builder = builder.with_endpoint(endpoint);
    }
    Ok(Arc::new(PrefixStore::new(builder.build()?, prefix)))
}

/// Whether an address is plain http on this very machine.
fn is_plain_and_here(address: &str) -> bool {
    let Some(rest) = address.strip_prefix("http://") else {
        return false;
    };
    let authority = rest.split('/').next().unwrap_or_default();
    ["127.0.0.1", "localhost", "[::1]"].iter().any(|host| {
        authority
            .strip_prefix(host)
            .is_some_and(|port| port.is_empty() || port.starts_with(':'))
    })
}

type Secret = Zeroizing<String>;

/// Access key and secret: the first and second line of a file that only its owner reads.
fn credentials(config: &Config, file: &std::path::Path) -> Result<(Secret, Secret), StationError> {
    let file = std::fs::File::open(config.path(file))?;
    only_owner_reads(&file)?;
    let mut text = Zeroizing::new(String::new());
    file.take(LONGEST).read_to_string(&mut text)?;
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    match (lines.next(), lines.next(), lines.next()) {
        (Some(id), Some(secret), None) => {
            Ok((Zeroizing::new(id.to_owned()), Zeroizing::new(secret.to_owned())))
        }
        _ => Err(StationError::Key(
            "the file of `s3.credentials_file` has not two lines",
        )),
    }
}
