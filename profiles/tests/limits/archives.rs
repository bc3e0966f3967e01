//! Archives that pass a limit of a package (conformance and reliability notes, section 6.5).

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use samenhang_profiles::package::ArchiveLimits;
use tar::{Builder, EntryType, Header};

/// One archive.
pub(crate) struct Archive {
    /// What it is.
    pub(crate) name: &'static str,
    /// Its bytes.
    pub(crate) bytes: Vec<u8>,
    /// What the error must say.
    pub(crate) refusal: String,
}

/// A block of a tar archive.
const BLOCK: usize = 512;
/// Bytes of content that are written at once.
const PART: usize = 1 << 20;

fn entry(name: &str, kind: EntryType, size: u64) -> Header {
    let mut header = Header::new_gnu();
    header.set_path(name).expect("a name that fits");
    header.set_entry_type(kind);
    header.set_size(size);
    header.set_mode(0o644);
    header.set_cksum();
    header
}

/// An archive of entries of one size, each with content that compresses by less than a hundredfold.
fn large(entries: impl IntoIterator<Item = (String, EntryType)>, size: usize) -> Vec<u8> {
    assert_eq!(size % BLOCK, 0);
    let mut out = GzEncoder::new(Vec::new(), Compression::fast());
    let part = part();
    for (name, kind) in entries {
        out.write_all(entry(&name, kind, size as u64).as_bytes())
            .expect("a vector takes all");
        let mut left = size;
        while left > 0 {
            let bytes = left.min(PART);
            out.write_all(&part[..bytes]).expect("a vector takes all");
            left -= bytes;
        }
    }
    out.finish().expect("a vector takes all")
}

/// Blanks, with one byte in fifty that does not compress (an xorshift by Marsaglia).
fn part() -> Vec<u8> {
    let mut part = vec![b' '; PART];
    let mut state = 88_172_645_463_325_252_u64;
    for byte in &mut part[..PART / 50] {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        *byte = (state >> 56) as u8;
    }
    part
}

fn zeros(count: usize) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::fast());
    out.write_all(entry("package/a", EntryType::Regular, count as u64).as_bytes())
        .expect("a vector takes all");
    out.write_all(&vec![0; count]).expect("a vector takes all");
    out.finish().expect("a vector takes all")
}

fn one(header: &Header) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::fast());
    out.write_all(header.as_bytes()).expect("a vector takes all");
    out.finish().expect("a vector takes all")
}

fn many(count: u64) -> Vec<u8> {
    let mut builder = Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for number in 0..count {
        let header = entry(&format!("package/{number}.json"), EntryType::Regular, 0);
        builder.append(&header, &[][..]).expect("a vector takes all");
    }
    builder
        .into_inner()
        .and_then(GzEncoder::finish)
        .expect("a vector takes all")
}

/// So many entries of the largest size that together they have more than `bytes`.
fn files(limits: &ArchiveLimits, extension: &str, bytes: u64) -> Vec<u8> {
    let names = (0..=bytes / limits.max_file).map(|number| format!("package/{number}.{extension}"));
    large(names.map(|name| (name, EntryType::Regular)), size(limits))
}

fn size(limits: &ArchiveLimits) -> usize {
    usize::try_from(limits.max_file).expect("a size") / BLOCK * BLOCK
}

fn limit(name: &'static str, (what, limit): (&str, u64), bytes: Vec<u8>) -> Archive {
    let refusal = format!("more than {limit} {what}");
    Archive { name, bytes, refusal }
}

/// What each archive is made by, under the limits that it has to pass one of.
pub(crate) const ALL: [fn(&ArchiveLimits) -> Archive; 10] = [
    |limits| {
        let what = ("bytes of content for each byte of archive", limits.max_ratio);
        limit("zeros", what, zeros(size(limits)))
    },
    |limits| {
        let what = ("entries", limits.max_entries);
        limit("many entries", what, many(limits.max_entries + 1))
    },
    |limits| {
        let what = ("bytes of content", limits.max_total);
        limit("content that is passed over", what, files(limits, "txt", what.1))
    },
    |limits| {
        let what = ("bytes of resources", limits.max_kept);
        limit("content that is kept", what, files(limits, "json", what.1))
    },
    |limits| {
        let header = entry("package/a.json", EntryType::Regular, limits.max_file + 1);
        limit("a large file", ("bytes in a file", limits.max_file), one(&header))
    },
    |limits| {
        let name = ("././@LongLink".to_owned(), EntryType::GNULongName);
        let what = ("bytes before the content of an entry", 1 << 20);
        limit("a long name", what, large([name], size(limits)))
    },
    |limits| {
        let attributes = ("PaxHeader".to_owned(), EntryType::XHeader);
        let what = ("bytes before the content of an entry", 1 << 20);
        limit("many attributes", what, large([attributes], size(limits)))
    },
    |_| {
        let mut out = GzEncoder::new(Vec::new(), Compression::fast());
        out.write_all(&zeros(BLOCK)).expect("a vector takes all");
        let twice = out.finish().expect("a vector takes all");
        limit("compressed twice", ("level of compression", 1), twice)
    },
    |_| Archive {
        name: "a link",
        bytes: one(&entry("package/a.json", EntryType::Symlink, 0)),
        refusal: "an entry of the archive is a link".to_owned(),
    },
    |_| Archive {
        name: "no archive",
        bytes: b"{\"name\":\"a\"}".to_vec(),
        refusal: "not a readable .tgz archive".to_owned(),
    },
];
