//! A person who has logged in, in a browser: what they ask, they ask in their session.

use reqwest::RequestBuilder;

use crate::answer::Answer;
use crate::country::{Country, parameters, read};

/// A person in a session.
pub(crate) struct Visitor<'a> {
    country: &'a Country,
    cookie: String,
}

impl<'a> Visitor<'a> {
    /// Logs in as a browser does.
    pub(crate) async fn log_in(country: &'a Country) -> Self {
        let visit = async |url: String, cookie: &str| -> Answer {
            read(country.client().get(url).header("cookie", cookie)).await
        };
        let begun = visit(country.url("/auth/login"), "").await;
        let pending = begun.headers["set-cookie"]
            .split(';')
            .next()
            .unwrap_or_default()
            .to_owned();
        let dezi = visit(begun.headers["location"].clone(), "").await;
        let response = country
            .client()
            .get(&dezi.headers["location"])
            .header("cookie", pending)
            .send()
            .await
            .expect("the server answers");
        let mut cookies = response
            .headers()
            .get_all("set-cookie")
            .iter()
            .filter_map(|value| value.to_str().ok()?.split(';').next());
        let cookie = cookies
            .find(|pair| pair.starts_with("samenhang_session=") && pair.len() > 40)
            .expect("a session")
            .to_owned();
        Visitor { country, cookie }
    }

    /// A patient, in a session that they begin with a form: of a portal with a token, or of the demonstration.
    pub(crate) async fn patient(country: &'a Country, form: String) -> Result<Self, Answer> {
        let request = country
            .client()
            .post(country.url("/patient"))
            .header("origin", country.demo.base())
            .header("content-type", "application/x-www-form-urlencoded");
        let answer = read(request.body(form)).await;
        let cookie = answer
            .headers
            .get("set-cookie")
            .and_then(|text| text.split(';').next());
        match cookie.map(str::to_owned) {
            Some(cookie) if answer.status == 303 => Ok(Visitor { country, cookie }),
            _ => Err(answer),
        }
    }

    /// Logs out.
    pub(crate) async fn log_out(&self) -> Answer {
        read(self.post("/auth/logout")).await
    }

    /// A request that the browser makes from a page of the server.
    fn post(&self, path: &str) -> RequestBuilder {
        self.country
            .client()
            .post(self.country.url(path))
            .header("cookie", &self.cookie)
            .header("origin", self.country.demo.base())
    }

    /// Follows a link that an answer gave.
    pub(crate) async fn get(&self, url: &str) -> Answer {
        let request = self.country.client().get(url).header("cookie", &self.cookie);
        read(request.header("origin", self.country.demo.base())).await
    }

    /// Asks a search.
    pub(crate) async fn search(&self, path: &str, form: &str) -> Answer {
        let request = self
            .post(path)
            .header("content-type", "application/x-www-form-urlencoded");
        read(request.body(form.to_owned())).await
    }

    /// Asks for the page about a patient, with more fields of the form.
    pub(crate) async fn page_with(&self, bsn: &str, more: &str) -> Answer {
        let form = format!("bsn={bsn}&purpose=TREAT{more}");
        let request = self
            .post("/viewer/overview")
            .header("content-type", "application/x-www-form-urlencoded");
        read(request.body(form)).await
    }

    /// Asks for the page about a patient.
    pub(crate) async fn page(&self, bsn: &str) -> Answer {
        self.page_with(bsn, "").await
    }

    /// Asks for everything about a patient, in a form and with more headers.
    pub(crate) async fn ask_with(&self, bsn: &str, accept: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = self
            .post("/fhir/R4/Patient/$overview")
            .header("content-type", "application/fhir+json")
            .header("accept", accept);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        read(request.body(parameters(bsn, &[]).to_string())).await
    }

    /// Asks for everything about a patient, as one Bundle.
    pub(crate) async fn ask(&self, bsn: &str) -> Answer {
        self.ask_with(bsn, "application/fhir+json", &[]).await
    }
}
