//! The routes of login and tokens. They are open to everyone; what they give out is what the other routes ask for.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::routing::{get, post};
use http::Response;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use url::form_urlencoded;

use crate::access::context::Context;
use crate::access::cookie;
use crate::access::dezi::{Arrival, LoginError};
use crate::access::error::AccessError;
use crate::access::gate::{Access, address};
use crate::access::pages;
use crate::access::systems::{LONGEST_REQUEST, TokenRequest};
use crate::audit::{Activity, Event, EventResult};
use crate::session::{LIFETIME, SessionId};

/// Where a login leads when it was begun without a page in mind.
const HOME: &str = "/viewer";
/// Seconds that the browser keeps the cookie of a login that has begun.
const LOGIN_LASTS: i64 = 600;
/// Longest page address to return to.
const LONGEST_RETURN: usize = 512;

/// The routes: `/auth/login`, `/auth/callback`, `/auth/logout`, `/oauth/token` and
/// `/.well-known/smart-configuration`.
pub fn login_routes(access: Access) -> Router {
    Router::new()
        .route("/auth/login", get(login))
        .route("/auth/callback", get(callback))
        .route("/auth/logout", post(logout))
        .route("/oauth/token", post(token))
        .route("/.well-known/smart-configuration", get(configuration))
        .layer(DefaultBodyLimit::max(LONGEST_REQUEST))
        .with_state(access)
}

/// The routes by which systems get tokens of a server whose base ends in `prefix` (`/umc`, or nothing): its token
/// endpoint, and its metadata where SMART and where RFC 8414 look for it.
pub fn token_routes(access: Access, prefix: &str) -> Router {
    Router::new()
        .route(&format!("{prefix}/oauth/token"), post(token))
        .route(
            &format!("{prefix}/.well-known/smart-configuration"),
            get(configuration),
        )
        .route(
            &format!("/.well-known/oauth-authorization-server{prefix}"),
            get(configuration),
        )
        .layer(DefaultBodyLimit::max(LONGEST_REQUEST))
        .with_state(access)
}

async fn login(State(access): State<Access>, request: Request) -> Response<Body> {
    let (parts, _) = request.into_parts();
    let wanted = parameter(parts.uri.query(), "return_to").filter(|page| is_own_page(page));
    let inner = &access.inner;
    let departure = inner
        .dezi
        .as_ref()
        .ok_or(LoginError::NotSetUp)
        .and_then(|dezi| dezi.depart(wanted.unwrap_or_else(|| HOME.to_owned()), inner.clock.now()));
    match departure {
        Ok(departure) => pages::see(
            &departure.location,
            [inner.cookies.set(cookie::LOGIN, &departure.browser, LOGIN_LASTS)],
        ),
        Err(error) => pages::login_error(&error.into(), &parts),
    }
}

async fn callback(State(access): State<Access>, request: Request) -> Response<Body> {
    let (parts, _) = request.into_parts();
    let inner = &access.inner;
    let over = inner.cookies.set(cookie::LOGIN, "", 0);
    match arrive(&access, &parts).await {
        Ok((token, page)) => {
            let session = inner.cookies.set(cookie::SESSION, &token, LIFETIME.as_secs());
            pages::see(&page, [session, over])
        }
        Err(error) => pages::with_cookies(pages::login_error(&error, &parts), [over]),
    }
}

/// Ends a login and begins a session; returns the session's token and the page to go to.
async fn arrive(access: &Access, parts: &Parts) -> Result<(String, String), AccessError> {
    let inner = &access.inner;
    let outcome = match &inner.dezi {
        None => Err(LoginError::NotSetUp),
        Some(dezi) => {
            let query = parts.uri.query();
            let state = parameter(query, "state").unwrap_or_default();
            let code = parameter(query, "code").filter(|_| parameter(query, "error").is_none());
            let browser = inner.cookies.read(&parts.headers, cookie::LOGIN);
            let arrival = dezi.arrive(&state, browser, code.as_deref().ok_or(()), inner.clock.now());
            Box::pin(arrival).await
        }
    };
    let event = Event {
        from: address(parts),
        ..Event::new(Activity::Login)
    };
    match outcome {
        Ok(arrival) => begin(access, arrival, event).await,
        Err(error) => {
            if error == LoginError::Unknown {
                // No login was begun, so nobody failed to log in; but who knocks at random fills no log.
                let from = event.from.clone().unwrap_or_default();
                inner
                    .limiter
                    .take_key("login".to_owned(), from, inner.clock.now())
                    .map_err(AccessError::Limited)?;
            }
            let reason = error.reason();
            let error = AccessError::from(error);
            tracing::warn!(code = error.code(), fault = reason, "a login failed");
            inner
                .log
                .record(event.ended(EventResult::Refused(reason)))
                .await?;
            Err(error)
        }
    }
}

async fn begin(access: &Access, arrival: Arrival, event: Event) -> Result<(String, String), AccessError> {
    let inner = &access.inner;
    let context = Context::professional(Arc::new(arrival.asker));
    let event = Event {
        asker: Some(Arc::clone(context.asker())),
        ..event
    };
    // Nobody is logged in who is not in the log.
    inner
        .log
        .record(event.detail("declaration", arrival.declaration_id))
        .await?;
    let token = inner
        .sessions
        .begin(&context, arrival.status_address)
        .map_err(|_| AccessError::Full)?;
    Ok((token, arrival.return_to))
}

async fn logout(State(access): State<Access>, request: Request) -> Response<Body> {
    let (parts, _) = request.into_parts();
    let inner = &access.inner;
    if let Err(error) = access.check_same_site(&parts.method, &parts.headers) {
        return pages::login_error(&error, &parts);
    }
    let token = inner.cookies.read(&parts.headers, cookie::SESSION);
    if let Some(live) = token.and_then(|token| inner.sessions.find(token)) {
        let event = Event {
            asker: Some(Arc::clone(live.context.asker())),
            from: address(&parts),
            ..Event::new(Activity::Logout)
        };
        // The session ends first: a full disk must not keep anyone logged in.
        inner
            .sessions
            .end(&SessionId::of_token(token.unwrap_or_default()));
        if let Err(error) = inner.log.record(event).await {
            tracing::error!(code = error.code(), "failed to record a logout");
        }
    }
    let over = inner.cookies.set(cookie::SESSION, "", 0);
    pages::with_cookies(pages::logged_out(&parts), [over])
}

async fn token(State(access): State<Access>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let form = parts
        .headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| {
            value.split(';').next().unwrap_or_default().trim() == "application/x-www-form-urlencoded"
        });
    if !form {
        return pages::token_error(&AccessError::TokenRequest(
            "send application/x-www-form-urlencoded",
        ));
    }
    let body = match axum::body::to_bytes(body, LONGEST_REQUEST).await {
        Ok(body) => body,
        Err(_) => return pages::token_error(&AccessError::TokenRequest("the request is too large")),
    };
    match issue(&access, &parts, &body).await {
        Ok(answer) => pages::answer(200, "application/json", answer),
        Err(error) => pages::token_error(&error),
    }
}

/// Judges a token request, records it, and issues the token.
async fn issue(access: &Access, parts: &Parts, body: &Bytes) -> Result<Vec<u8>, AccessError> {
    let inner = &access.inner;
    let now = inner.clock.now();
    let request = TokenRequest::read(body)?;
    let named = inner.systems.named_client(&request).cloned();
    let from = address(parts);
    // Who names a client has proven nothing yet: the bucket is the address's, so that nobody can empty another's.
    let bucket = named
        .as_ref()
        .map_or("", |asker| asker.client_id.as_str())
        .to_owned();
    inner
        .limiter
        .take_key(bucket, from.clone().unwrap_or_default(), now)
        .map_err(AccessError::Limited)?;
    let outcome = inner.systems.check(&request, now);
    let result = match &outcome {
        Ok(_) => EventResult::Success,
        Err(AccessError::Assertion(_)) => EventResult::Refused("the client assertion is not accepted"),
        Err(_) => EventResult::Refused("the token request is not accepted"),
    };
    let mut event = Event {
        from,
        ..Event::new(Activity::SystemToken).ended(result)
    };
    match (&outcome, named) {
        (Ok(_), named) => event.asker = named,
        (Err(error), named) => {
            event = event.detail("reason", error.to_string());
            if let Some(named) = named {
                event = event.detail("claimed-client", named.client_id.clone());
            }
        }
    }
    inner.log.record(event).await?;
    let answer = inner.systems.issue(outcome?, &request, &*inner.random, now)?;
    serde_json::to_vec(&answer).map_err(|_| AccessError::Full)
}

async fn configuration(State(access): State<Access>) -> Response<Body> {
    let base = &access.inner.base;
    let scopes = access.inner.systems.scopes();
    let body = serde_json::json!({
        "issuer": base,
        "token_endpoint": format!("{base}/oauth/token"),
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["ES256", "ES384", "PS256", "RS384"],
        "grant_types_supported": ["client_credentials"],
        "scopes_supported": scopes,
        "capabilities": ["client-confidential-asymmetric"],
    });
    pages::answer(200, "application/json", body.to_string())
}

/// A parameter of a query; `None` when it is missing or comes twice.
pub(super) fn parameter(query: Option<&str>, name: &str) -> Option<String> {
    let mut values = form_urlencoded::parse(query?.as_bytes()).filter(|(key, _)| key == name);
    let value = values.next()?.1.into_owned();
    values.next().is_none().then_some(value)
}

/// Whether an address is a page of the viewer: a login must not lead anywhere else.
fn is_own_page(page: &str) -> bool {
    page.len() <= LONGEST_RETURN
        && page
            .strip_prefix(HOME)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
        && page.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
}
