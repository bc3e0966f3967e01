//! The HTTP side of the login.

use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use http::header::AUTHORIZATION;
use http::{HeaderMap, Response, Uri};
use jsonwebtoken::Algorithm;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{Dezi, DeziMode, DeziUser, Login};
use crate::answer;
use crate::keys::base64url;

/// Seconds that a code may be used.
const CODE_LIFETIME: i64 = 60;
/// Seconds that an access token may be used.
const TOKEN_LIFETIME: i64 = 300;

pub(super) async fn configuration(State(dezi): State<Dezi>) -> Response<Body> {
    let base = &dezi.0.base;
    answer::json(
        200,
        &json!({
            "issuer": base, "authorization_endpoint": format!("{base}/authorize"),
            "token_endpoint": format!("{base}/token"), "userinfo_endpoint": format!("{base}/userinfo"),
            "jwks_uri": format!("{base}/dezi/jwks.json"), "response_types_supported": ["code"],
            "scopes_supported": ["openid"], "code_challenge_methods_supported": ["S256"],
            "subject_types_supported": ["public"], "id_token_signing_alg_values_supported": ["RS256"],
        }),
    )
}

pub(super) async fn jwks(State(dezi): State<Dezi>) -> Response<Body> {
    answer::json(200, &json!({"keys": [dezi.0.key.jwk("sig", "RS256")]}))
}

/// Valid until revoked; the form of this answer is ours, as the notes do not have it.
pub(super) async fn status(State(dezi): State<Dezi>, Path(id): Path<String>) -> Response<Body> {
    let revoked = dezi.state().revoked.contains(&id);
    let (valid, status) = if revoked {
        (false, "revoked")
    } else {
        (true, "valid")
    };
    answer::json(
        200,
        &json!({"verklaring_id": id, "status": status, "valid": valid}),
    )
}

pub(super) async fn authorize(State(dezi): State<Dezi>, uri: Uri) -> Response<Body> {
    let query = answer::pairs(uri.query().unwrap_or_default());
    let part = |name| answer::value(&query, name).filter(|value| !value.is_empty());
    // An address that is not known must not be visited: these errors are shown, not sent back.
    if part("client_id") != Some(&dezi.0.shared.client().dezi_client_id) {
        return answer::oauth_error(400, "unauthorized_client", "client_id is not known");
    }
    let Some(mut target) = part("redirect_uri").and_then(|text| url::Url::parse(text).ok()) else {
        return answer::oauth_error(400, "invalid_request", "redirect_uri is missing");
    };
    let redirect_uri = part("redirect_uri").unwrap_or_default().to_owned();
    let (mode, user) = {
        let state = dezi.state();
        (state.mode, state.user.clone())
    };
    let problem = if part("response_type") != Some("code") {
        Some("unsupported_response_type")
    } else if !part("scope").is_some_and(|scope| scope.split(' ').any(|scope| scope == "openid")) {
        Some("invalid_scope")
    } else if part("code_challenge").is_none() || part("code_challenge_method") != Some("S256") {
        Some("invalid_request")
    } else if mode == DeziMode::Denied {
        Some("access_denied")
    } else {
        None
    };
    if let Some(problem) = problem {
        target.query_pairs_mut().append_pair("error", problem);
    } else {
        let user = part("login_hint")
            .and_then(DeziUser::by_number)
            .or(user)
            .unwrap_or_else(DeziUser::general_practitioner);
        let code = dezi.fresh("code");
        let login = Login {
            user,
            challenge: part("code_challenge").unwrap_or_default().to_owned(),
            redirect_uri,
            nonce: part("nonce").map(str::to_owned),
            at: dezi.now(),
        };
        dezi.state().codes.insert(code.clone(), login);
        target.query_pairs_mut().append_pair("code", &code);
    }
    if let Some(state) = part("state") {
        target.query_pairs_mut().append_pair("state", state);
    }
    answer::located(answer::empty(302), target.as_str())
}

pub(super) async fn token(State(dezi): State<Dezi>, body: Bytes) -> Response<Body> {
    let form = answer::pairs(&String::from_utf8_lossy(&body));
    let part = |name| answer::value(&form, name).unwrap_or_default();
    if part("grant_type") != "authorization_code" {
        return answer::oauth_error(400, "unsupported_grant_type", "only authorization_code");
    }
    // Once asked, a code is used up, whatever comes of it.
    let login = dezi.state().codes.remove(part("code"));
    let Some(login) = login else {
        return answer::oauth_error(400, "invalid_grant", "the code is not known");
    };
    let now = dezi.now();
    let proven = base64url(&Sha256::digest(part("code_verifier").as_bytes())) == login.challenge;
    if login.at + CODE_LIFETIME < now || login.redirect_uri != part("redirect_uri") || !proven {
        return answer::oauth_error(400, "invalid_grant", "the code does not fit");
    }
    let id_token = json!({"iss": dezi.0.base, "aud": dezi.0.shared.client().dezi_client_id,
        "sub": login.user.number, "iat": now, "exp": now + TOKEN_LIFETIME, "nonce": login.nonce});
    let Ok(id_token) = dezi.0.key.sign(Algorithm::RS256, &id_token, |_| {}) else {
        return answer::oauth_error(500, "server_error", "no token could be signed");
    };
    let token = dezi.fresh("access token");
    let login = Login { at: now, ..login };
    dezi.state().tokens.insert(token.clone(), login);
    answer::json(
        200,
        &json!({"access_token": token, "token_type": "Bearer", "expires_in": TOKEN_LIFETIME,
            "scope": "openid", "id_token": id_token}),
    )
}

pub(super) async fn userinfo(State(dezi): State<Dezi>, headers: HeaderMap) -> Response<Body> {
    let login = headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "))
        .and_then(|token| dezi.state().tokens.get(token).cloned())
        .filter(|login| login.at + TOKEN_LIFETIME >= dezi.now());
    let Some(login) = login else {
        return answer::json(401, &Value::String("the access token is not known".to_owned()));
    };
    dezi.userinfo_token(&login).map_or_else(
        |_| answer::empty(500),
        |token| answer::typed(200, "application/jwt", token),
    )
}
