//! Walks the pages of one search: a state machine without I/O.
//!
//! A hostile or broken source can send us in circles, hand out new cursors for ever, repeat pages or withdraw
//! them. The walker ends in every case and says whether it saw the whole answer.

use std::collections::HashSet;

use url::Url;

/// Limits of one walk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WalkLimits {
    /// Pages.
    pub max_pages: usize,
    /// Bytes of all pages together.
    pub max_bytes: usize,
    /// Pages in a row that bring nothing new.
    pub max_idle_pages: usize,
    /// Walks in all when a source states more matches than it gave, as long as each brings something new.
    pub max_rounds: usize,
}

impl Default for WalkLimits {
    fn default() -> Self {
        WalkLimits {
            max_pages: 200,
            max_bytes: 20 << 20,
            max_idle_pages: 3,
            max_rounds: 4,
        }
    }
}

/// What a page brought.
#[derive(Debug, Clone, Copy)]
pub struct PageFacts<'a> {
    /// The next link, as sent.
    pub next: Option<&'a str>,
    /// Size of the body.
    pub bytes: usize,
    /// Matches that were not on an earlier page.
    pub fresh: usize,
    /// `Bundle.total`.
    pub total: Option<u64>,
}

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Move {
    /// Ask for this link.
    Fetch(String),
    /// Begin again with the first request.
    Restart,
    /// The whole answer was seen.
    Complete,
    /// Stop; what was seen may not be the whole answer.
    Stop(StopReason),
}

/// Why a walk stopped early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopReason {
    /// A next link was seen before, or pages bring nothing new.
    Loop,
    /// More than [`WalkLimits::max_pages`].
    TooManyPages,
    /// More than [`WalkLimits::max_bytes`].
    TooManyBytes,
    /// Pages were withdrawn again after a restart.
    Gone,
    /// The source states more matches than it gave, also when walked again.
    FewerThanStated,
}

/// The walk.
#[derive(Debug)]
pub struct Walker {
    limits: WalkLimits,
    base: Url,
    seen: HashSet<String>,
    pages: usize,
    bytes: usize,
    idle: usize,
    fresh: usize,
    total: Option<u64>,
    rounds: usize,
    fresh_before: usize,
}

impl Walker {
    /// A walk that begins at `first`, a link relative to `base`.
    #[must_use]
    pub fn new(base: &Url, first: &str, limits: WalkLimits) -> Self {
        let mut walker = Walker {
            limits,
            base: base.clone(),
            seen: HashSet::new(),
            pages: 0,
            bytes: 0,
            idle: 0,
            fresh: 0,
            total: None,
            rounds: 1,
            fresh_before: 0,
        };
        walker.seen.insert(walker.normal(first));
        walker
    }

    /// A page was read.
    pub fn page(&mut self, facts: PageFacts<'_>) -> Move {
        self.pages += 1;
        self.bytes = self.bytes.saturating_add(facts.bytes);
        self.fresh += facts.fresh;
        // When a list is walked again most of it is known: then the links and the number of pages are the only guard.
        self.idle = if facts.fresh == 0 && self.rounds == 1 {
            self.idle + 1
        } else {
            0
        };
        self.total = self.total.or(facts.total);
        let Some(next) = facts.next else {
            return self.end();
        };
        if self.bytes > self.limits.max_bytes {
            return Move::Stop(StopReason::TooManyBytes);
        }
        if !self.seen.insert(self.normal(next)) || self.idle >= self.limits.max_idle_pages {
            return Move::Stop(StopReason::Loop);
        }
        if self.pages >= self.limits.max_pages {
            return Move::Stop(StopReason::TooManyPages);
        }
        Move::Fetch(next.to_owned())
    }

    /// A page was withdrawn (410).
    pub fn gone(&mut self) -> Move {
        if self.rounds > 1 {
            Move::Stop(StopReason::Gone)
        } else {
            self.restart()
        }
    }

    /// Bytes that may still be read.
    #[must_use]
    pub fn bytes_left(&self) -> usize {
        self.limits.max_bytes.saturating_sub(self.bytes)
    }

    /// The last page: a single page is whole by definition; of several, none may have slipped away while the
    /// source's list shifted.
    fn end(&mut self) -> Move {
        let stated = self
            .total
            .and_then(|total| usize::try_from(total).ok())
            .unwrap_or(0);
        if self.pages == 1 || self.fresh >= stated {
            Move::Complete
        } else if self.rounds >= self.limits.max_rounds || self.fresh == self.fresh_before {
            Move::Stop(StopReason::FewerThanStated)
        } else {
            self.restart()
        }
    }

    /// Begins again. Pages and bytes keep counting, and so do the matches that were seen: they stay valid.
    fn restart(&mut self) -> Move {
        self.rounds += 1;
        self.fresh_before = self.fresh;
        self.seen.clear();
        Move::Restart
    }

    /// A link in one spelling: absolute, without fragment, parameters sorted. Text that is no link stays as it is.
    fn normal(&self, link: &str) -> String {
        let Ok(mut url) = self.base.join(link) else {
            return link.to_owned();
        };
        url.set_fragment(None);
        if let Some(query) = url.query() {
            let mut pairs: Vec<&str> = query.split('&').collect();
            pairs.sort_unstable();
            let query = pairs.join("&");
            url.set_query(Some(&query));
        }
        url.into()
    }
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::{Move, PageFacts, StopReason, WalkLimits, Walker};

    fn walker() -> Walker {
        let base = Url::parse("https://fhir.oost.example/r4/").unwrap();
        let limits = WalkLimits {
            max_pages: 5,
            max_bytes: 1000,
            max_idle_pages: 2,
            max_rounds: 3,
        };
        Walker::new(&base, "Condition?patient=p1&_count=100", limits)
    }

    fn page(next: Option<&str>, fresh: usize) -> PageFacts<'_> {
        PageFacts {
            next,
            bytes: 10,
            fresh,
            total: None,
        }
    }

    fn fetch(link: &str) -> Move {
        Move::Fetch(link.to_owned())
    }

    #[test]
    fn ends_with_the_last_page() {
        let mut walk = walker();
        assert_eq!(
            walk.page(page(Some("https://fhir.oost.example/r4?page=2"), 3)),
            fetch("https://fhir.oost.example/r4?page=2")
        );
        assert_eq!(
            walk.page(page(None, 0)),
            Move::Complete,
            "an empty last page is no loop"
        );
    }

    #[test]
    fn f20_a_cycle_ends_however_it_is_spelt() {
        let cases: [&[&str]; 3] = [
            &["Condition?_count=100&patient=p1"],
            &["https://FHIR.oost.example:443/r4/Condition?patient=p1&_count=100#x"],
            &["?page=2", "?page=3", "?page=2"],
        ];
        for links in cases {
            let mut walk = walker();
            let last = links
                .iter()
                .map(|link| walk.page(page(Some(link), 1)))
                .last()
                .unwrap();
            assert_eq!(last, Move::Stop(StopReason::Loop), "{links:?}");
        }
    }

    #[test]
    fn f20_endless_cursors_end() {
        let mut walk = walker();
        let moves: Vec<_> = (0..5)
            .map(|n| walk.page(page(Some(&format!("?cursor={n}")), 1)))
            .collect();
        assert_eq!(moves[3], fetch("?cursor=3"));
        assert_eq!(moves[4], Move::Stop(StopReason::TooManyPages));
        let mut walk = walker();
        assert_eq!(walk.page(page(Some("?cursor=1"), 0)), fetch("?cursor=1"));
        assert_eq!(
            walk.page(page(Some("?cursor=2"), 0)),
            Move::Stop(StopReason::Loop),
            "nothing new twice"
        );
    }

    #[test]
    fn f13_a_large_answer_ends() {
        let mut walk = walker();
        let large = PageFacts {
            next: Some("?page=2"),
            bytes: 1001,
            fresh: 1,
            total: None,
        };
        assert_eq!(walk.page(large), Move::Stop(StopReason::TooManyBytes));
    }

    #[test]
    fn f21_a_page_that_is_gone_restarts_once() {
        let mut walk = walker();
        assert_eq!(walk.page(page(Some("?page=2"), 1)), fetch("?page=2"));
        assert_eq!(walk.gone(), Move::Restart);
        assert_eq!(
            walk.page(page(Some("?page=2"), 0)),
            fetch("?page=2"),
            "links may be seen again"
        );
        assert_eq!(walk.gone(), Move::Stop(StopReason::Gone));
    }

    #[test]
    fn f21_a_list_that_shifts_is_walked_again() {
        let mut walk = walker();
        let first = PageFacts {
            next: Some("?page=2"),
            bytes: 1,
            fresh: 2,
            total: Some(4),
        };
        assert_eq!(walk.page(first), fetch("?page=2"));
        assert_eq!(
            walk.page(page(None, 1)),
            Move::Restart,
            "one of four slipped away"
        );
        assert_eq!(
            walk.page(PageFacts { fresh: 1, ..first }),
            fetch("?page=2"),
            "and is found now"
        );
        assert_eq!(walk.page(page(None, 0)), Move::Complete);
    }

    #[test]
    fn an_answer_that_stays_short_is_not_complete() {
        let mut walk = walker();
        let first = PageFacts {
            next: Some("?page=2"),
            bytes: 1,
            fresh: 2,
            total: Some(9),
        };
        walk.page(first);
        assert_eq!(walk.page(page(None, 1)), Move::Restart);
        walk.page(PageFacts { fresh: 1, ..first });
        assert_eq!(
            walk.page(page(None, 0)),
            Move::Restart,
            "it brought something new"
        );
        walk.page(PageFacts { fresh: 0, ..first });
        assert_eq!(walk.page(page(None, 0)), Move::Stop(StopReason::FewerThanStated));
    }

    #[test]
    fn a_single_page_is_whole_whatever_total_says() {
        let mut walk = walker();
        assert_eq!(
            walk.page(PageFacts {
                next: None,
                bytes: 1,
                fresh: 1,
                total: Some(40)
            }),
            Move::Complete
        );
    }
}
