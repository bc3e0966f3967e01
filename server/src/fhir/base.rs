//! The base address that a request came to: it says in which version of FHIR is asked and answered.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::request::Parts;
use samenhang_profiles::FhirVersion;

/// The base address of a request, by its version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Base(pub FhirVersion);

impl Base {
    /// The base address that a path is under. Every other path is taken as R4, in which errors are written.
    #[must_use]
    pub fn of_path(path: &str) -> Base {
        let is_under = |base: Base| {
            let rest = path
                .strip_prefix("/fhir/")
                .and_then(|rest| rest.strip_prefix(base.segment()));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let stu3 = Base(FhirVersion::Stu3);
        if is_under(stu3) {
            stu3
        } else {
            Base(FhirVersion::R4)
        }
    }

    /// Its part of a path.
    #[must_use]
    pub fn segment(self) -> &'static str {
        match self.0 {
            FhirVersion::R4 => "R4",
            FhirVersion::Stu3 => "STU3",
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Base {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Base::of_path(parts.uri.path()))
    }
}

#[cfg(test)]
mod tests {
    use samenhang_profiles::FhirVersion::{R4, Stu3};

    use super::Base;

    #[test]
    fn a_path_says_the_version() {
        for (path, version) in [
            ("/fhir/STU3/Patient/$overview", Stu3),
            ("/fhir/STU3", Stu3),
            ("/fhir/STU3x/Patient", R4),
            ("/fhir/R4/STU3", R4),
            ("/x/fhir/STU3/", R4),
        ] {
            assert_eq!(Base::of_path(path), Base(version), "{path}");
        }
    }
}
