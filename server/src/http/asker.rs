//! Who asks: turns a request into one of somebody, or refuses it. The rule of each route says which.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use http::HeaderValue;
use http::header::SET_COOKIE;
use http::request::Parts;

use crate::access::{AccessError, Context};
use crate::app::App;
use crate::error::Problem;
use crate::http::{patient, problem};

/// Where a person logs in.
const LOGIN: &str = "/auth/login";

/// For an API: somebody, or 401.
pub async fn require(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    match context(&app, &parts).await {
        Ok(context) => proceed(context, Request::from_parts(parts, body), next).await,
        Err(error) => problem::respond(Problem::from(&error), parts.uri.path(), &parts.headers),
    }
}

/// For a page: somebody, or the way to the login.
pub async fn require_person(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    match person(&app, &parts).await {
        // A patient has pages of their own.
        Ok((context, _)) if context.is_patient() => Redirect::to(patient::HOME).into_response(),
        Ok((context, cookie)) => {
            let mut response = proceed(context, Request::from_parts(parts, body), next).await;
            if let Some(cookie) = cookie {
                response.headers_mut().append(SET_COOKIE, cookie);
            }
            response
        }
        Err(AccessError::Anonymous | AccessError::Session) => Redirect::to(LOGIN).into_response(),
        Err(error) => problem::respond(Problem::from(&error), "/viewer", &parts.headers),
    }
}

async fn proceed(context: Context, mut request: Request, next: Next) -> Response {
    request.extensions_mut().insert(context);
    next.run(request).await
}

/// Who visits a page, and the cookie of the session that the demonstration begins for its own user.
async fn person(app: &App, parts: &Parts) -> Result<(Context, Option<HeaderValue>), AccessError> {
    let context = context(app, parts).await?;
    let visit = app.access().visit(&context, parts).await?;
    Ok(visit.unwrap_or((context, None)))
}

/// Who asks, when they do not ask too often.
async fn context(app: &App, parts: &Parts) -> Result<Context, AccessError> {
    let context = app.access().authenticate(parts).await?;
    app.access().admit(&context)?;
    Ok(context)
}
