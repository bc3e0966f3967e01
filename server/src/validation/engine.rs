//! A validator for each version of FHIR, and which of them a text is for.

use std::sync::Arc;

use samenhang_profiles::definition::Library;
use samenhang_profiles::document::Document;
use samenhang_profiles::validate::{Outcome, Request, Settings, Validator};
use samenhang_profiles::{FhirVersion, Limits, ReadError};

use super::{Fault, Form, Sources, ValidationError};

/// Resources of a Bundle of which the claimed profiles are looked at to tell the version.
const MAX_CLAIMS: usize = 64;

/// Judges resources of STU3 and R4. Share it: each profile is compiled once, when it is first needed.
pub struct Engine {
    stu3: Side,
    r4: Side,
    unread: Vec<String>,
}

struct Side {
    library: Arc<dyn Library>,
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
        Ok(Side {
            validator: Validator::new(Arc::clone(&library), terminology, Settings::default()),
            library,
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
        })
    }

    /// Names of files of the packages that could not be read. What they define is not known.
    #[must_use]
    pub fn unread(&self) -> &[String] {
        &self.unread
    }

    /// Whether there is a definition of a canonical in a version of FHIR, with all that it stands on.
    #[must_use]
    pub fn knows(&self, version: FhirVersion, canonical: &str) -> bool {
        self.side(version).library.structure(canonical).is_ok()
    }

    /// Judges one resource. Without a version it is found out, see [`Engine::read`].
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
    ) -> Result<Outcome, Fault> {
        // JSON in a file may begin with a mark, which JSON itself does not have.
        let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
        let document = self.read(body, form, version, limits, request.profiles)?;
        Ok(self
            .side(document.version())
            .validator
            .validate(&document, request))
    }

    /// Reads a resource in its version: the one that is given, else the one that has the profiles that are asked for or
    /// claimed, else the one whose definitions its shape breaks least. When that does not tell either, R4.
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
        if let Ok(document) = &r4 {
            match self.version_of(profiles.iter().copied().chain(claims(document))) {
                Some(FhirVersion::Stu3) => return form.document(body, FhirVersion::Stu3, limits),
                Some(FhirVersion::R4) => return r4,
                None if document.irregularities().is_empty() => return r4,
                None => {}
            }
        }
        let stu3 = form.document(body, FhirVersion::Stu3, limits);
        match (r4, stu3) {
            (Ok(r4), Ok(stu3)) if stu3.irregularities().len() >= r4.irregularities().len() => Ok(r4),
            (r4, Err(_)) => r4,
            (_, stu3) => stu3,
        }
    }

    /// The version of the first profile that only one version has.
    fn version_of<'c>(&self, mut canonicals: impl Iterator<Item = &'c str>) -> Option<FhirVersion> {
        canonicals.find_map(|canonical| {
            match (
                self.knows(FhirVersion::Stu3, canonical),
                self.knows(FhirVersion::R4, canonical),
            ) {
                (true, false) => Some(FhirVersion::Stu3),
                (false, true) => Some(FhirVersion::R4),
                _ => None,
            }
        })
    }

    fn side(&self, version: FhirVersion) -> &Side {
        match version {
            FhirVersion::Stu3 => &self.stu3,
            FhirVersion::R4 => &self.r4,
        }
    }
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
