//! Searches: whatever is asked, it is refused without repeating it, or understood in one way, which is told without
//! the number of the patient.

use samenhang_profiles::FhirVersion;
use samenhang_server::error::Problem;
use samenhang_server::fhir::prefer::Handling;
use samenhang_server::search::parameter;
use samenhang_server::search::query::{self, Search};
use samenhang_terminology::naming;
use url::form_urlencoded;

/// `R4/Observation/$lastn?max=2&code=x`: an address as it comes in, behind `/fhir/`.
pub(crate) fn run(data: &[u8]) {
    let (path, query) = data
        .iter()
        .position(|byte| *byte == b'?')
        .map_or((data, &[][..]), |at| (&data[..at], &data[at + 1..]));
    let path = String::from_utf8_lossy(path);
    let mut segments = path.split('/');
    let version = match segments.next() {
        Some("STU3") => FhirVersion::Stu3,
        _ => FhirVersion::R4,
    };
    let kind = segments.next().unwrap_or_default();
    let asked = Asked {
        version,
        kind,
        is_lastn: segments.next() == Some("$lastn"),
        pairs: form_urlencoded::parse(query).into_owned().collect(),
    };
    asked.judge();
}

/// The address of a search, in parts.
struct Asked<'a> {
    version: FhirVersion,
    kind: &'a str,
    is_lastn: bool,
    pairs: Vec<(String, String)>,
}

impl Asked<'_> {
    fn read(&self, pairs: &[(String, String)], handling: Handling) -> Result<Search, Vec<Problem>> {
        query::read(self.version, self.kind, self.is_lastn, pairs, handling)
    }

    fn judge(&self) {
        let strict = self.read(&self.pairs, Handling::Strict);
        let search = match self.read(&self.pairs, Handling::Lenient) {
            Ok(search) => search,
            Err(problems) => {
                refused(&problems);
                assert!(strict.is_err(), "who is strict refuses what others refuse");
                return;
            }
        };
        match strict {
            Ok(strict) => {
                assert!(strict.ignored.is_empty() && search.ignored.is_empty());
                assert_eq!(strict.used, search.used);
            }
            Err(problems) => {
                refused(&problems);
                assert_eq!(problems.len(), search.ignored.len(), "ignored, and not told");
            }
        }
        self.understood(&search);
    }

    fn understood(&self, search: &Search) {
        assert!(parameter::searchable(self.version).any(|kind| kind == self.kind));
        assert_eq!(search.latest.is_some(), self.is_lastn);
        assert!(search.latest.is_none_or(|most| (1..=100).contains(&most)));
        let formats = self.pairs.iter().filter(|(name, _)| name == "_format").count();
        assert_eq!(
            search.used.len() + search.ignored.len() + formats,
            self.pairs.len(),
            "a parameter that was neither used nor told"
        );
        let naming = parameter::naming_patient(self.version, self.kind);
        let (named, rest): (Vec<_>, Vec<_>) = search
            .used
            .iter()
            .cloned()
            .partition(|(name, _)| naming.contains(&name.as_str()));
        assert_eq!(search.patient.is_some(), !named.is_empty());
        assert!(
            named
                .iter()
                .all(|(_, value)| value.strip_suffix('|') == Some(naming::BSN)),
            "the number of the patient is told"
        );
        let categories = search.categories();
        let own = parameter::categories(self.version, self.kind);
        assert!(!categories.is_empty());
        assert!(!search.includes.is_empty() || categories.is_subset(&own));
        // The self link asks the same.
        let Ok(again) = self.read(&rest, Handling::Strict) else {
            panic!("what was used is refused");
        };
        assert_eq!(again.used, rest);
        assert_eq!(again.latest, search.latest);
        assert_eq!(again.includes, search.includes);
        assert_eq!(again.clauses.len(), search.clauses.len());
        assert_eq!(again.categories(), categories);
    }
}

/// A refusal says what is wrong, and has no number of a patient in it.
fn refused(problems: &[Problem]) {
    assert!(!problems.is_empty());
    for problem in problems {
        let text = format!("{problem} {:?}", problem.expression);
        let is_number = |word: &str| word.len() >= 9;
        assert!(!text.split(|letter: char| !letter.is_ascii_digit()).any(is_number));
        assert!(problem.code.starts_with("SAM-") && problem.status.is_client_error());
    }
}
