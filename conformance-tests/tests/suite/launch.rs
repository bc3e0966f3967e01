//! The viewer, started from a record system with a patient (SMART App Launch, EHR launch): what opens, and what does not.

use std::collections::BTreeMap;

use samenhang_testbed::ServiceId;
use samenhang_testbed::dezi::DeziUser;
use samenhang_testbed::ehr::EhrMode;

use crate::country::{Country, P1};

/// Most places that a browser is sent to in a row.
const MOST_STEPS: usize = 12;

/// A browser: it keeps cookies for our server, and goes where it is sent.
struct Browser<'a> {
    country: &'a Country,
    cookies: BTreeMap<String, String>,
    /// Every address that it was at.
    been: Vec<String>,
}

/// Where it ended.
struct Page {
    status: u16,
    address: String,
    text: String,
}

impl<'a> Browser<'a> {
    fn new(country: &'a Country) -> Self {
        Browser {
            country,
            cookies: BTreeMap::new(),
            been: Vec::new(),
        }
    }

    /// One step: the answer, and where it leads.
    async fn step(&mut self, address: &str) -> (Page, Option<String>) {
        self.been.push(address.to_owned());
        let is_own = address.starts_with(self.country.demo.base());
        let mut request = self.country.client().get(address).header("accept-language", "nl");
        if is_own && !self.cookies.is_empty() {
            let pairs: Vec<String> = self
                .cookies
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            request = request.header("cookie", pairs.join("; "));
        }
        let response = request.send().await.expect("an answer");
        for cookie in response.headers().get_all("set-cookie") {
            let cookie = cookie.to_str().expect("text");
            let (name, value) = cookie
                .split(';')
                .next()
                .and_then(|pair| pair.split_once('='))
                .expect("a cookie");
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let next = response.headers().get("location").map(|location| {
            let base = url::Url::parse(address).expect("an address");
            base.join(location.to_str().expect("text"))
                .expect("an address")
                .to_string()
        });
        let page = Page {
            status: response.status().as_u16(),
            address: address.to_owned(),
            text: response.text().await.expect("text"),
        };
        (page, next)
    }

    /// Goes on until there is a page.
    async fn go(&mut self, address: &str) -> Page {
        let mut at = address.to_owned();
        for _ in 0..MOST_STEPS {
            match self.step(&at).await {
                (_, Some(next)) => at = next,
                (page, None) => return page,
            }
        }
        panic!("it goes on and on: {:?}", self.been);
    }

    /// Follows the way until it comes to an address of ours that begins like this, which it does not visit.
    async fn until(&mut self, address: &str, path: &str) -> String {
        let mut at = address.to_owned();
        let stop = self.country.url(path);
        for _ in 0..MOST_STEPS {
            if at.starts_with(&stop) {
                return at;
            }
            at = self.step(&at).await.1.expect("somewhere to go to");
        }
        panic!("it never came to {path}: {:?}", self.been);
    }
}

/// The button in the record of the first patient.
fn button(country: &Country) -> String {
    let ehr = &country.demo.testbed().addresses().ehr_host;
    format!("{ehr}/launch/ehr-1?app={}", country.url("/viewer/launch"))
}

/// How often anybody was asked about a patient.
fn asked(country: &Country) -> usize {
    let asked =
        |service: &ServiceId| matches!(service, ServiceId::Source(_) | ServiceId::Nvi | ServiceId::Prs);
    country
        .demo
        .testbed()
        .journal()
        .count(|entry| asked(&entry.service))
}

/// A page that says what is wrong, and shows nothing.
fn refused(page: &Page, code: &str) {
    assert_eq!(page.status, 403, "{code}: {}", page.text);
    assert!(page.text.contains(code), "{code}: {}", page.text);
    assert!(page.text.contains("<html lang=\"nl\">"), "{}", page.text);
    assert!(!page.text.contains("id=\"patient\""), "{code}");
}

#[tokio::test]
async fn a_launch_opens_the_patient_of_the_record_once() {
    let country = Country::start().await;
    let mut browser = Browser::new(&country);
    let opened = browser.go(&button(&country)).await;
    assert_eq!(opened.status, 200, "{}", opened.text);
    assert!(opened.address.contains("/viewer/p/"), "{}", opened.address);
    assert!(opened.text.contains("Testpatiënt"), "{}", opened.text);
    for address in &browser.been {
        assert!(!address.contains(P1), "no address has the number: {address}");
    }
    assert!(browser.cookies.contains_key("samenhang_session"));
    assert!(!browser.cookies.contains_key("samenhang_launch"), "it is over");
    let begun = browser.been.iter().find(|at| at.contains("/viewer/launch?"));
    let begun = begun.expect("the launch").clone();
    let before = asked(&country);
    refused(&browser.go(&begun).await, "SAM-ACC-023");
    let open = country.url("/viewer/launch/open");
    refused(&browser.go(&open).await, "SAM-ACC-023");
    let callback = browser.been.iter().find(|at| at.contains("/callback?"));
    let callback = callback.expect("the way back").clone();
    refused(&browser.go(&callback).await, "SAM-ACC-024");
    assert_eq!(asked(&country), before, "nobody was asked for those");
    // It ends with the session.
    let session = browser.cookies.remove("samenhang_session").expect("a session");
    let gone = browser.go(&opened.address).await;
    assert_eq!(
        gone.status, 410,
        "in another session it is nothing: {}",
        gone.text
    );
    assert!(!gone.text.contains("Testpatiënt"));
    browser.cookies.insert("samenhang_session".to_owned(), session);
    assert_eq!(browser.go(&opened.address).await.status, 200);
    country.stop().await;
}

#[tokio::test]
async fn a_record_system_that_is_not_registered_is_never_called() {
    let country = Country::start().await;
    let issuer = format!("{}/fhir", country.demo.testbed().addresses().ehr_host);
    let calls = |entry: &samenhang_testbed::journal::Entry| entry.service == ServiceId::EhrHost;
    let before = country.demo.testbed().journal().count(calls);
    for query in [
        "iss=https://elsewhere.example/fhir&launch=x".to_owned(),
        format!("iss={issuer}/&launch=x"),
        format!("iss={issuer}@elsewhere.example&launch=x"),
        format!("iss={issuer}&iss=https://elsewhere.example&launch=x"),
        format!("iss={issuer}"),
        "launch=x".to_owned(),
        String::new(),
    ] {
        let page = Browser::new(&country)
            .go(&country.url(&format!("/viewer/launch?{query}")))
            .await;
        refused(&page, "SAM-ACC-029");
    }
    assert_eq!(country.demo.testbed().journal().count(calls), before);
    country.stop().await;
}

#[tokio::test]
async fn what_is_not_right_opens_nothing_and_asks_nobody() {
    let country = Country::start().await;
    let ehr = country.demo.testbed().ehr();
    let before = asked(&country);
    for (mode, code) in [
        (EhrMode::WrongState, "SAM-ACC-024"),
        (EhrMode::WrongNonce, "SAM-ACC-025"),
        (EhrMode::NoNumber, "SAM-ACC-026"),
        (EhrMode::TwoNumbers, "SAM-ACC-026"),
        (EhrMode::OtherPatient, "SAM-ACC-027"),
        (EhrMode::OtherUser, "SAM-ACC-028"),
    ] {
        ehr.set_mode(mode);
        refused(&Browser::new(&country).go(&button(&country)).await, code);
    }
    ehr.set_mode(EhrMode::Normal);
    // Another browser than the one in which it began.
    let mut browser = Browser::new(&country);
    let back = browser.until(&button(&country), "/viewer/launch/callback").await;
    refused(&Browser::new(&country).go(&back).await, "SAM-ACC-024");
    // Once tried it is over, also for the right browser.
    refused(&browser.go(&back).await, "SAM-ACC-024");
    let mut browser = Browser::new(&country);
    let back = browser.until(&button(&country), "/viewer/launch/callback").await;
    let denied = back.replace("code=", "error=access_denied&code=");
    refused(&browser.go(&denied).await, "SAM-ACC-025");
    country.fault(ServiceId::EhrHost, "status:500@/token");
    refused(&Browser::new(&country).go(&button(&country)).await, "SAM-ACC-025");
    assert_eq!(asked(&country), before, "nobody was asked");
    assert!(country.audited(0).await > 0, "it is in the audit log");
    country.stop().await;
}

#[tokio::test]
async fn a_workplace_that_somebody_else_left_is_logged_in_anew() {
    let country = Country::start().await;
    let dezi = &country.demo.testbed().services().dezi;
    let mut browser = Browser::new(&country);
    dezi.log_in_as(DeziUser::pharmacist());
    let form = browser.go(&country.url("/auth/login")).await;
    assert!(form.text.contains("Proefpersoon"), "{}", form.text);
    let left = browser.cookies["samenhang_session"].clone();
    dezi.log_in_as(DeziUser::general_practitioner());
    browser.been.clear();
    let opened = browser.go(&button(&country)).await;
    assert!(opened.address.contains("/viewer/p/"), "{:?}", browser.been);
    assert!(opened.text.contains("Voorbeeld") && !opened.text.contains("Proefpersoon"));
    let dezi_base = &country.demo.testbed().addresses().dezi;
    assert!(
        browser.been.iter().any(|at| at.starts_with(dezi_base)),
        "{:?}",
        browser.been
    );
    assert_ne!(browser.cookies["samenhang_session"], left);
    // The one who is logged in already does not log in again.
    browser.been.clear();
    let again = browser.go(&button(&country)).await;
    assert!(again.address.contains("/viewer/p/"), "{:?}", browser.been);
    assert!(
        !browser.been.iter().any(|at| at.starts_with(dezi_base)),
        "{:?}",
        browser.been
    );
    country.stop().await;
}
