//! Over which database and object store the tests run: SQLite and a folder, or what the environment names.
//!
//! `SAMENHANG_TEST_POSTGRES` is the address of a PostgreSQL server of which the tests may make and drop schemas, and
//! `SAMENHANG_TEST_S3` that of an S3-compatible server with the bucket `station`; see `tests/backends.sh`, which starts
//! both. The tests themselves are the same.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use futures::TryStreamExt as _;
use object_store::{ObjectStore, ObjectStoreExt as _};
use samenhang_station::Config;
use samenhang_station::config::S3;
use samenhang_station::objects::store;

fn postgres() -> Option<String> {
    std::env::var("SAMENHANG_TEST_POSTGRES").ok()
}

/// Name of a folder in letters and digits: unique among the tests of one run, and the same in a child process.
fn name(folder: &Path) -> String {
    let name = folder.file_name().unwrap().to_string_lossy().to_lowercase();
    let letters: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    format!("s{letters}")
}

fn psql(server: &str, statement: &str) {
    let quiet = "SET client_min_messages = error";
    let done = Command::new("psql")
        .args([server, "-q", "-c", quiet, "-c", statement])
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

/// The database of a station in a folder: a file in it, or a schema of its own.
pub(crate) fn database(folder: &Path) -> String {
    let Some(server) = postgres() else {
        return Config::default().database;
    };
    let schema = name(folder);
    psql(&server, &format!("CREATE SCHEMA IF NOT EXISTS {schema}"));
    format!("{server}?options=-c%20search_path%3D{schema}")
}

/// Loses the database of a station that is closed.
pub(crate) fn lose_database(folder: &Path) {
    if let Some(server) = postgres() {
        let schema = name(folder);
        let statement = format!("DROP SCHEMA {schema} CASCADE; CREATE SCHEMA {schema}");
        psql(&server, &statement);
        return;
    }
    for end in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(folder.join(format!("station.db{end}")));
    }
}

/// The objects of a station in a folder: a folder in it, or a prefix of its own.
pub(crate) fn objects(folder: &Path) -> String {
    match std::env::var("SAMENHANG_TEST_S3") {
        Ok(_) => format!("s3://station/{}", name(folder)),
        Err(_) => Config::default().objects,
    }
}

/// How the S3-compatible server is reached. Credentials come from the environment.
pub(crate) fn s3() -> S3 {
    S3 {
        endpoint: std::env::var("SAMENHANG_TEST_S3").ok(),
        region: Some("eu-west-1".to_owned()),
        ..S3::default()
    }
}

/// Whether the objects are files.
pub(crate) fn is_folder(config: &Config) -> bool {
    !config.objects.starts_with("s3://")
}

/// The objects of a kind, as they are named, with their bytes; past the station.
pub(crate) async fn stored(config: &Config, kind: &str) -> Vec<(object_store::path::Path, bytes::Bytes)> {
    let store: Arc<dyn ObjectStore> = store(config).unwrap();
    let prefix = object_store::path::Path::from_iter(["umc", kind]);
    let found: Vec<_> = store.list(Some(&prefix)).try_collect().await.unwrap();
    let mut stored = Vec::with_capacity(found.len());
    for meta in found {
        let bytes = store.get(&meta.location).await.unwrap().bytes().await.unwrap();
        stored.push((meta.location, bytes));
    }
    stored
}

/// Puts other bytes in the place of an object, or removes it; past the station.
pub(crate) async fn replace(config: &Config, at: &object_store::path::Path, bytes: Option<Vec<u8>>) {
    let store = store(config).unwrap();
    match bytes {
        Some(bytes) => _ = store.put(at, bytes.into()).await.unwrap(),
        None => store.delete(at).await.unwrap(),
    }
}

/// Everything that a station wrote: files, the rows of the database, objects; each with its name.
pub(crate) async fn everything(config: &Config) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![config.folder.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push((path.display().to_string(), std::fs::read(&path).unwrap()));
            }
        }
    }
    if let Some(server) = postgres() {
        let schema = name(&config.folder);
        let rows = Command::new("pg_dump")
            .args([&format!("--schema={schema}"), &server])
            .output()
            .unwrap();
        assert!(rows.status.success(), "{}", String::from_utf8_lossy(&rows.stderr));
        assert!(
            String::from_utf8_lossy(&rows.stdout).contains("COPY"),
            "rows are in it"
        );
        found.push((schema, rows.stdout));
    }
    if !is_folder(config) {
        for kind in ["inbox", "store"] {
            let objects = stored(config, kind).await.into_iter();
            found.extend(objects.map(|(at, bytes)| (at.to_string(), bytes.to_vec())));
        }
    }
    found
}

/// Ends the connection by which a station holds the right to write; false where the database is a file.
pub(crate) fn end_writer(config: &Config) -> bool {
    let Some(server) = postgres() else { return false };
    let schema = name(&config.folder);
    let statement = format!(
        "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND classid::bigint = \
         (hashtext('samenhang station')::bigint & 4294967295) AND objid::bigint = (hashtext('{schema}')::bigint & 4294967295)"
    );
    psql(&server, &statement);
    true
}

/// A file that only its owner reads.
pub(crate) fn private_file(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
}
