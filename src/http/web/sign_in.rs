//! Sign-in and sign-out: the only places that set cookies. A person signs in with a token, or at the `OpenID` provider.

use axum::http::{HeaderValue, header};
use axum::response::Response;
use web::{Answer, Params, SignIn};

use super::{Received, cookie, with_balance};
use crate::domain::viewer::Viewer;
use crate::http::auth::AuthError;
use crate::http::oidc::{SignInFailed, Started};
use crate::http::peer::Peer;

/// The path to which the provider sends the browser back.
const CALLBACK: &str = "/sign-in/callback";

/// Answers requests that sign in or out; `None` for all others. Each counts against the quota of the address before a
/// token is looked up.
pub async fn respond(received: &Received<'_>, peer: &Peer) -> Option<Response> {
    let is_posted = received.form.is_some();
    let is_own = match received.path.as_str() {
        "/sign-in" | "/sign-out" => is_posted,
        "/sign-in/openid" | CALLBACK => !is_posted,
        _ => false,
    };
    if !is_own {
        return None;
    }
    let balance = match received.app.service.charge_unreadable(received.from) {
        Ok(balance) => balance,
        Err(limited) => return Some(received.limited(&limited)),
    };
    let response = match (received.path.as_str(), &received.form) {
        ("/sign-in", Some(form)) => by_token(received, peer, form).await,
        ("/sign-in/openid", _) => to_provider(received, peer).await,
        (CALLBACK, _) => from_provider(received, peer).await,
        _ => sign_out(received),
    };
    Some(with_balance(response, balance))
}

/// Signs in with the token in the form.
async fn by_token(received: &Received<'_>, peer: &Peer, form: &Params) -> Response {
    let Some(token) = form.get("sign-in-token") else {
        return page(received, SignIn::Missing, None);
    };
    if !cookie::is_possible(token) {
        return page(received, SignIn::Refused, None);
    }
    match received.app.guard.bearer(&format!("Bearer {token}")).await {
        Ok(Viewer::Identified(_)) => {}
        Ok(_) | Err(AuthError::Token | AuthError::Form) => {
            return page(received, SignIn::Refused, None);
        }
        Err(AuthError::Provider | AuthError::Unavailable) => {
            return page(received, SignIn::Away, None);
        }
    }
    let back = web::local_path(form.get("sign-in-back").unwrap_or("/account"));
    let own = |name: &str| matches!(name, "sign-in-token" | "sign-in-back");
    let is_resumed = form.pairs().iter().any(|(name, _)| !own(name));
    let mut response = if is_resumed {
        page(received, SignIn::Done, Some(back))
    } else {
        received.send(&Answer::see_other(back.to_owned()))
    };
    let is_secure = cookie::is_secure(received.app, received.headers, peer.address);
    cookie::begin(response.headers_mut(), token, is_secure);
    response
}

fn sign_out(received: &Received<'_>) -> Response {
    let mut response = received.send(&Answer::see_other("/".to_owned()));
    cookie::forget(response.headers_mut());
    response
}

/// Sends the browser to the provider.
async fn to_provider(received: &Received<'_>, peer: &Peer) -> Response {
    let params = Params::read(&received.query);
    let back = web::local_path(params.get("back").unwrap_or("/account"));
    let Some(provider) = received.app.guard.provider() else {
        return page(received, SignIn::RefusedByProvider, Some(back));
    };
    match provider.start_sign_in(&redirect(received), back).await {
        Ok((address, started)) => {
            let mut response = received.send(&Answer::see_other(address.into()));
            let is_secure = cookie::is_secure(received.app, received.headers, peer.address);
            cookie::remember(response.headers_mut(), &started.to_cookie(), is_secure);
            response
        }
        Err(failed) => page(received, outcome(failed), Some(back)),
    }
}

/// Ends the sign-in at the provider. The answer is a page that goes on by itself: the browser came from another site,
/// so a redirect would not send the new cookie.
async fn from_provider(received: &Received<'_>, peer: &Peer) -> Response {
    let is_secure = cookie::is_secure(received.app, received.headers, peer.address);
    let started = cookie::begun(received.headers, is_secure).and_then(Started::of_cookie);
    let (Some(started), Some(provider)) = (started, received.app.guard.provider()) else {
        return page(received, SignIn::RefusedByProvider, Some("/account"));
    };
    let answer = Params::read(&received.query);
    let back = web::local_path(&started.back);
    let redirect = redirect(received);
    let token = provider
        .finish_sign_in(&started, answer.pairs(), &redirect)
        .await;
    let mut response = match &token {
        Ok(_) => page(received, SignIn::Done, Some(back)),
        Err(failed) => page(received, outcome(*failed), Some(back)),
    };
    let headers = response.headers_mut();
    cookie::forget_begun(headers);
    if let Ok(token) = &token {
        cookie::begin(headers, token, is_secure);
    }
    response
}

fn outcome(failed: SignInFailed) -> SignIn {
    match failed {
        SignInFailed::Refused => SignIn::RefusedByProvider,
        SignInFailed::Away => SignIn::Away,
    }
}

/// The redirect URI that is registered at the provider.
fn redirect(received: &Received<'_>) -> String {
    let limits = received.app.service.limits();
    format!(
        "{}{CALLBACK}",
        limits.public_url.as_str().trim_end_matches('/')
    )
}

fn page(received: &Received<'_>, outcome: SignIn, back: Option<&str>) -> Response {
    let provider = received.provider();
    let request = received.request(None, provider.as_deref());
    match web::sign_in(&request, outcome, back) {
        Ok(answer) => {
            let mut response = received.send(&answer);
            if outcome == SignIn::Away {
                let one = HeaderValue::from_static("1");
                response.headers_mut().insert(header::RETRY_AFTER, one);
            }
            response
        }
        Err(refused) => received.refused(&refused),
    }
}
