//! Searches of an endpoint: quirks that refuse, pages, includes and the faults of content.

use std::sync::Arc;

use axum::response::Response;
use http::StatusCode;
use url::form_urlencoded;

use super::paging::{self, Disorder, Walk};
use super::request::carries_bsn;
use super::{DEFAULT_COUNT, MAX_COUNT, Source, content, policy};
use crate::faults::Fault;
use crate::source::answer::{self, Mode, Refusal};
use crate::source::quirk::Quirk;
use crate::source::search::{Search, SearchError};

impl Source {
    /// The first page of a search.
    pub(super) fn search(
        &self,
        kind: &str,
        pairs: &[(String, String)],
        posted: bool,
        lastn: bool,
        faults: &[Fault],
    ) -> Result<Response, Refusal> {
        let endpoint = &self.endpoint;
        if !self.kinds.contains(kind) {
            return Err(Refusal::not_found("this type is not supported"));
        }
        self.allows(kind, pairs, posted)?;
        let lenient = endpoint.quirk.ignores_unknown_parameters();
        let search = Search::read(endpoint.version, kind, pairs, lenient).map_err(|error| match error {
            SearchError::Unknown { .. } | SearchError::Modifier { .. } => {
                Refusal::bad_request("not-supported", error.to_string())
            }
            _ => Refusal::bad_request("invalid", error.to_string()),
        })?;
        if endpoint.quirk == Quirk::Chipsoft && !policy::is_official(kind, &search) {
            let text = "only the official BgZ queries are answered";
            return Err(Refusal::new(StatusCode::FORBIDDEN, "not-supported", text));
        }
        let matches = if lastn {
            search.run_lastn(&endpoint.store)
        } else {
            search.run(&endpoint.store)
        };
        let disorder = Disorder::of(endpoint.quirk, faults);
        let asked = search
            .count
            .filter(|count| *count > 0)
            .unwrap_or(DEFAULT_COUNT)
            .min(MAX_COUNT);
        let total_only = search.total_only || search.count == Some(0);
        let walk = Walk {
            count: disorder.page_size(asked, matches.len()),
            matches: matches.into(),
            search: Arc::new(search),
            page: 0,
            number: self.cursors().begin(),
        };
        let path = if lastn { "Observation/$lastn" } else { kind };
        let self_link = self.self_link(path, pairs);
        if total_only {
            return Ok(self.set(walk.matches.len(), self_link, None, Vec::new()));
        }
        Ok(self.write_page(&walk, self_link, disorder, faults))
    }

    /// A further page.
    pub(super) fn page(&self, cursor: &str, faults: &[Fault]) -> Result<Response, Refusal> {
        let walk = self.cursors().find(cursor);
        let walk =
            walk.ok_or_else(|| Refusal::new(StatusCode::GONE, "expired", "this page is gone; search again"))?;
        let disorder = Disorder::of(self.endpoint.quirk, faults);
        let self_link = self.page_link(cursor);
        if disorder == Disorder::Loop {
            return Ok(self.write_loop(&walk, self_link, faults));
        }
        Ok(self.write_page(&walk, self_link, disorder, faults))
    }

    fn write_page(&self, walk: &Walk, self_link: String, disorder: Disorder, faults: &[Fault]) -> Response {
        let (_, more) = paging::slice(walk, disorder);
        let away = faults.contains(&Fault::OffOriginNext);
        let next = (more || away).then(|| {
            let cursor = self.cursors().remember(Walk {
                page: walk.page + 1,
                ..walk.clone()
            });
            if away {
                format!("https://elsewhere.invalid{}/_page/{cursor}", self.endpoint.path)
            } else {
                self.page_link(&cursor)
            }
        });
        self.write_entries(walk, disorder, self_link, next, faults)
    }

    /// A page that names itself as the next.
    fn write_loop(&self, walk: &Walk, self_link: String, faults: &[Fault]) -> Response {
        let next = Some(self_link.clone());
        self.write_entries(walk, Disorder::Loop, self_link, next, faults)
    }

    fn write_entries(
        &self,
        walk: &Walk,
        disorder: Disorder,
        self_link: String,
        next: Option<String>,
        faults: &[Fault],
    ) -> Response {
        let endpoint = &self.endpoint;
        let (page, _) = paging::slice(walk, disorder);
        let included = walk.search.include(&endpoint.store, page);
        let matched = page.iter().filter_map(|index| self.entry(*index, Mode::Match));
        let mut entries: Vec<answer::Entry> = matched.collect();
        let mut total = walk.matches.len();
        // Strangers and twins come on the first page, so that they are there once.
        let now: Vec<Fault> = match walk.page {
            0 => faults.to_vec(),
            _ => faults
                .iter()
                .filter(|fault| **fault == Fault::WrongVersion)
                .cloned()
                .collect(),
        };
        total += content::spoil(
            &mut entries,
            walk.search.kind(),
            endpoint.version,
            &endpoint.store,
            &now,
        );
        entries.extend(
            included
                .into_iter()
                .filter_map(|index| self.entry(index, Mode::Include)),
        );
        self.set(total, self_link, next, entries)
    }

    fn set(
        &self,
        total: usize,
        self_link: String,
        next: Option<String>,
        entries: Vec<answer::Entry>,
    ) -> Response {
        let set = answer::Searchset {
            id: self.cursors().name(),
            base: self.endpoint.base.clone(),
            last_updated: self.now(),
            total,
            self_link,
            next,
            entries,
        };
        answer::fhir(StatusCode::OK, self.claimed(), set.to_bytes())
    }

    /// What the quirk forbids before the parameters are read.
    fn allows(&self, kind: &str, pairs: &[(String, String)], posted: bool) -> Result<(), Refusal> {
        let quirk = self.endpoint.quirk;
        if quirk == Quirk::Bare && posted && kind != "Patient" {
            let text = "POST _search is supported for Patient only";
            return Err(Refusal::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "not-supported",
                text,
            ));
        }
        let by_identifier = pairs.iter().any(|(name, _)| name == "identifier");
        if quirk.matches_only() && kind == "Patient" && by_identifier {
            return Err(Refusal::bad_request(
                "not-supported",
                "Patient is found with $match only",
            ));
        }
        let several = pairs
            .iter()
            .any(|(name, value)| name == "clinical-status" && value.contains(','));
        if quirk == Quirk::Cgm && several {
            return Err(Refusal::bad_request(
                "not-supported",
                "one value for clinical-status only",
            ));
        }
        Ok(())
    }

    fn page_link(&self, cursor: &str) -> String {
        format!("{}/_page/{cursor}", self.endpoint.base)
    }

    /// The search as a URL, without parameters that carry a BSN.
    fn self_link(&self, path: &str, pairs: &[(String, String)]) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in pairs.iter().filter(|(name, value)| !carries_bsn(name, value)) {
            query.append_pair(name, value);
        }
        let query = query.finish();
        let mark = if query.is_empty() { "" } else { "?" };
        format!("{}/{path}{mark}{query}", self.endpoint.base)
    }
}
