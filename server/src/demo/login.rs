//! Logs in as a browser would: through our own login, to the testbed's Dezi and back.

use axum::Router;
use axum::body::Body;
use http::header::{COOKIE, LOCATION, SET_COOKIE};
use http::{HeaderMap, Request};
use tower::ServiceExt;

/// Why the demonstration could not log in. Says where, and nothing of what was sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the login stopped at {0}")]
pub(super) struct LoginStopped(&'static str);

/// Goes through the login and gives the token of the session.
///
/// # Errors
/// [`LoginStopped`].
pub(super) async fn through_dezi(login: &Router) -> Result<String, LoginStopped> {
    let departure = visit(login, "/auth/login", "").await?;
    let dezi = location(&departure).ok_or(LoginStopped("our own login page"))?;
    let pending = cookie(&departure).ok_or(LoginStopped("our own login page"))?;
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
        .map_err(|_| LoginStopped("setting up"))?;
    let answer = client.get(dezi).send().await.map_err(|_| LoginStopped("Dezi"))?;
    let back = location(answer.headers()).ok_or(LoginStopped("Dezi"))?;
    let back = url::Url::parse(&back).map_err(|_| LoginStopped("Dezi"))?;
    let target = format!("{}?{}", back.path(), back.query().unwrap_or_default());
    let arrival = visit(login, &target, &pending).await?;
    let session = cookie(&arrival).ok_or(LoginStopped("the way back from Dezi"))?;
    let token = session.split_once('=').map(|(_, token)| token.to_owned());
    token
        .filter(|token| !token.is_empty())
        .ok_or(LoginStopped("the way back from Dezi"))
}

async fn visit(login: &Router, target: &str, cookie: &str) -> Result<HeaderMap, LoginStopped> {
    let mut request = Request::get(target);
    if !cookie.is_empty() {
        request = request.header(COOKIE, cookie);
    }
    let request = request
        .body(Body::empty())
        .map_err(|_| LoginStopped("our own login page"))?;
    let response = login
        .clone()
        .oneshot(request)
        .await
        .map_err(|_| LoginStopped("our own login page"))?;
    Ok(response.headers().clone())
}

fn location(headers: &HeaderMap) -> Option<String> {
    headers.get(LOCATION)?.to_str().ok().map(str::to_owned)
}

/// The first cookie that is set to something, as `name=value`.
fn cookie(headers: &HeaderMap) -> Option<String> {
    let cookies = headers
        .get_all(SET_COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok());
    let pairs = cookies.filter_map(|cookie| cookie.split(';').next());
    pairs
        .map(str::trim)
        .find(|pair| pair.split_once('=').is_some_and(|(_, value)| !value.is_empty()))
        .map(str::to_owned)
}
