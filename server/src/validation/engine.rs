//! A validator for each version of FHIR, and which of them a text is for.

use std::cmp::Ordering;
use std::sync::Arc;

use samenhang_profiles::definition::Library;
use samenhang_profiles::document::Document;
use samenhang_profiles::validate::{Outcome, Request, Settings, Validator};
use samenhang_profiles::{FhirVersion, Limits, ReadError};
use samenhang_terminology::deferred::{Answers, Deferring};
use samenhang_terminology::{Catalogue, Terminology};

use super::consult::Asking;
use super::{Fault, Form, Sources, ValidationError};

/// Resources of a Bundle of which the claimed profiles are looked at to tell the version.
const MAX_CLAIMS: usize = 64;

/// Judges resources of STU3 and R4. Share it: each profile is compiled once, when it is first needed.
pub struct Engine {
    stu3: Side,
    r4: Side,
    unread: Vec<String>,
    missing: Vec<String>,
}

struct Side {
    library: Arc<dyn Library>,
    terminology: Arc<Catalogue>,
    validator: Validator,
}

impl Side {
    fn new(
        version: FhirVersion,
        sources: &Sources,
        unread: &mut Vec<String>,
    ) -> Result<Side, ValidationError> {
        let library = sources.library(version, unread)?;
        let terminology = Arc::new(sources.catalogue(version)?);
        let judged_by: Arc<dyn Terminology> = Arc::clone(&terminology) as _;
        Ok(Side {
            validator: Validator::new(Arc::clone(&library), judged_by, Settings::default()),
            library,
            terminology,
        })
    }
}

impl Engine {
    /// An engine over the definitions of the binary and those of the user.
    ///
    /// # Errors
    /// [`ValidationError`] when the packages hold more terminology than is taken.
    pub fn new(sources: &Sources) -> Result<Engine, ValidationError> {
        let mut unread = sources.unread();
        Ok(Engine {
            stu3: Side::new(FhirVersion::Stu3, sources, &mut unread)?,
            r4: Side::new(FhirVersion::R4, sources, &mut unread)?,
            unread,
            missing: sources.missing(),
        })
    }

    /// What is wrong with the packages and does not keep from judging, in words: files that cannot be read, packages
    /// that others depend on and that are not there. What would be in those is not known.
    pub fn notices(&self) -> impl Iterator<Item = String> {
        let unread = self.unread.iter();
        let unread =
            unread.map(|file| format!("{file} of a package cannot be read; what it defines is not known"));
        let missing = self.missing.iter();
        unread.chain(
            missing
                .map(|package| format!("the package {package} is not there; what stands on it is unchecked")),
        )
    }

    /// Whether there is a definition of a canonical in a version of FHIR, with all that it stands on.
    #[must_use]
    pub fn knows(&self, version: FhirVersion, canonical: &str) -> bool {
        self.side(version).library.structure(canonical).is_ok()
    }

    /// What a text would ask of a terminology server, to be given to [`Engine::judge`]; `answers` are those that are
    /// known already.
    #[must_use]
    pub fn asking(&self, answers: &Arc<Answers>) -> Asking {
        let of = |side: &Side| Deferring::new(Arc::clone(&side.terminology), Arc::clone(answers));
        Asking::new(of(&self.stu3), of(&self.r4))
    }

    /// Judges one resource. Without a version it is found out, see [`Engine::read`]. With `asking`, what would be asked
    /// of a terminology server is noted there, and what it answered counts.
    ///
    /// # Errors
    /// [`Fault`] when the text cannot be read as a resource.
    pub fn judge(
        &self,
        body: &[u8],
        form: Form,
        version: Option<FhirVersion>,
        limits: &Limits,
        request: &Request<'_>,
        asking: Option<&Asking>,
    ) -> Result<Outcome, Fault> {
        // JSON in a file may begin with a mark, which JSON itself does not have.
        let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
        let document = self.read(body, form, version, limits, request.profiles)?;
        let validator = &self.side(document.version()).validator;
        Ok(match asking {
            None => validator.validate(&document, request),
            Some(asking) => validator.validate_with(&document, request, asking.of(document.version())),
        })
    }

    /// The version of FHIR of a resource, see [`Engine::read`].
    ///
    /// # Errors
    /// [`ReadError`] when it cannot be read.
    pub fn version(&self, body: &[u8], form: Form, limits: &Limits) -> Result<FhirVersion, ReadError> {
        self.read(body, form, None, limits, &[])
            .map(|document| document.version())
    }

    /// Reads a resource in its version: the one that is given, else the one that has the profiles that are asked for or
    /// claimed, else the one whose definitions its shape breaks least. When that does not tell either, the one in which
    /// a resource may be of the claimed profile by itself, as zib2017 and zib2020 share names, and those of zib2020 are
    /// abstract; else R4.
    fn read<'a>(
        &self,
        body: &'a [u8],
        form: Form,
        version: Option<FhirVersion>,
        limits: &Limits,
        profiles: &[&str],
    ) -> Result<Document<'a>, ReadError> {
        if let Some(version) = version {
            return form.document(body, version, limits);
        }
        let r4 = form.document(body, FhirVersion::R4, limits);
        let mut tie = FhirVersion::R4;
        if let Ok(document) = &r4 {
            match self.version_of(profiles.iter().copied().chain(claims(document))) {
                Told::Only(FhirVersion::Stu3) => return form.document(body, FhirVersion::Stu3, limits),
                Told::Only(FhirVersion::R4) => return r4,
                Told::Rather(version) => tie = version,
                Told::Nothing if document.irregularities().is_empty() => return r4,
                Told::Nothing => {}
            }
        }
        let stu3 = form.document(body, FhirVersion::Stu3, limits);
        let (r4, stu3) = match (r4, stu3) {
            (Ok(r4), Ok(stu3)) => (r4, stu3),
            (r4, Err(_)) => return r4,
            (Err(_), stu3) => return stu3,
        };
        let of_r4 = match r4.irregularities().len().cmp(&stu3.irregularities().len()) {
            Ordering::Less => true,
            Ordering::Equal => tie == FhirVersion::R4,
            Ordering::Greater => false,
        };
        Ok(if of_r4 { r4 } else { stu3 })
    }

    /// What the profiles tell: the version of the first that only one version has, else that of the first that is
    /// abstract in only one.
    fn version_of<'c>(&self, canonicals: impl Iterator<Item = &'c str>) -> Told {
        let mut told = Told::Nothing;
        for canonical in canonicals {
            let of = |version| self.side(version).library.structure(canonical).ok();
            match (of(FhirVersion::Stu3), of(FhirVersion::R4)) {
                (Some(_), None) => return Told::Only(FhirVersion::Stu3),
                (None, Some(_)) => return Told::Only(FhirVersion::R4),
                (Some(stu3), Some(r4)) if told == Told::Nothing && stu3.is_abstract != r4.is_abstract => {
                    told = Told::Rather(if r4.is_abstract {
                        FhirVersion::Stu3
                    } else {
                        FhirVersion::R4
                    });
                }
                _ => {}
            }
        }
        told
    }

    fn side(&self, version: FhirVersion) -> &Side {
        match version {
            FhirVersion::Stu3 => &self.stu3,
            FhirVersion::R4 => &self.r4,
        }
    }
}

/// What the claimed profiles tell of the version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    Only(FhirVersion),
    Rather(FhirVersion),
    Nothing,
}

/// The profiles that the resources of a document claim, in document order.
fn claims<'d>(document: &'d Document<'_>) -> impl Iterator<Item = &'d str> {
    (0..document.len())
        .filter_map(|id| document.node(id))
        .filter(|node| node.is_resource())
        .take(MAX_CLAIMS)
        .filter_map(|node| node.child("meta"))
        .flat_map(|meta| meta.children_named("profile"))
        .filter_map(|profile| profile.primitive())
}
