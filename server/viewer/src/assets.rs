//! The files that the pages refer to, inside the binary.

use std::borrow::Cow;

use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "assets/"]
struct Files;

/// A file.
#[derive(Debug, Clone)]
pub struct Asset {
    /// Its bytes.
    pub bytes: Cow<'static, [u8]>,
    /// Its media type.
    pub media_type: &'static str,
    /// Its entity tag, with quotes.
    pub etag: String,
    /// What its address says of its content.
    pub version: String,
}

/// The address of a file, which is another one when its content is another: a browser keeps it and asks no more.
#[must_use]
pub fn address(name: &str) -> String {
    let version = find(name).map(|asset| asset.version).unwrap_or_default();
    format!("/viewer/assets/{name}?v={version}")
}

/// The file with a name, such as `overview.js`; only what is embedded can be found.
#[must_use]
pub fn find(name: &str) -> Option<Asset> {
    let media_type = match name.rsplit_once('.')?.1 {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "txt" => "text/plain; charset=utf-8",
        _ => return None,
    };
    let file = Files::get(name)?;
    let tag: String = file
        .metadata
        .sha256_hash()
        .iter()
        .take(12)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    Some(Asset {
        bytes: file.data,
        media_type,
        etag: format!("\"{tag}\""),
        version: tag,
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use sha2::{Digest, Sha256};

    use super::{Files, address, find};

    /// A page without what its addresses say of the content of the files, for snapshots.
    pub(crate) fn unversioned(html: &str) -> String {
        Files::iter().fold(html.to_owned(), |html, name| {
            html.replace(&address(&name), &format!("/viewer/assets/{name}"))
        })
    }

    #[test]
    fn every_asset_can_be_served_and_stays_on_this_origin() {
        let mut count = 0;
        for name in Files::iter() {
            let asset = find(&name).unwrap();
            let text = String::from_utf8(asset.bytes.into_owned()).unwrap();
            let text = text.replace("http://www.w3.org/2000/svg", "");
            assert!(
                !text.contains("http://") && !text.contains("https://") && !text.contains("@import"),
                "{name}"
            );
            count += 1;
        }
        assert!(count >= 6);
        assert!(find("../Cargo.toml").is_none());
    }

    /// What is of another project is what that project published: `htmx.txt` says of which version and licence.
    #[test]
    fn htmx_is_unchanged() {
        let notice = String::from_utf8(find("htmx.txt").unwrap().bytes.into_owned()).unwrap();
        for name in ["htmx.min.js", "hx-sse.min.js"] {
            let digest = Sha256::digest(find(name).unwrap().bytes);
            let line = format!("{name:<15}sha256 {digest:x}\n");
            assert!(notice.contains(&line), "{line}");
        }
    }
}
