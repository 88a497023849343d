//! The pages for people: every path that is a page of the site. The crate `web` makes the pages; this room authenticates the
//! reader by cookie, bounds the work, and sends pages with the headers of caches and browsers.

mod ask;
mod cache;
mod console;
mod cookie;
mod form;
pub mod live;
mod sign_in;

use std::net::{IpAddr, SocketAddr};

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use percent_encoding::percent_decode_str;
use tokio::sync::OwnedSemaphorePermit;
use web::{AddressFault, Answer, FormFault, Lifetime, PageRequest, Params, Person, Refused};

use super::app::App;
use super::auth::AuthError;
use super::conditional::{CacheHeaders, Lifetime as CacheLifetime, known, weak};
use super::contact::Contact;
use super::credential;
use super::deadline::in_time;
use super::freshness;
use super::not_found;
use super::peer::Peer;
use super::rate_limit;
use crate::domain::text::truncate;
use crate::domain::viewer::{Role, Viewer};
use crate::graphql::{Balance, Caller, Outcome, Reply, Seen};

use ask::PageExecutor;
pub use cache::Pages;
use cache::{PageKey, StoredPage};

/// Content security policy of pages: files of the service alone, no inline script or style, and no script that writes
/// markup.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
    form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; \
    trusted-types 'none'";
/// Content security policy of pages that other sites may show in a frame: no scripts and no forms.
const EMBEDDED_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; \
    form-action 'none'; frame-ancestors *";
/// The request headers on which a page depends.
const VARY: HeaderValue =
    HeaderValue::from_static("accept, accept-encoding, accept-language, authorization, cookie");

/// Longest path and longest query string of a page, in bytes. A page repeats them in its links.
const MAX_ADDRESS_BYTES: usize = 4_000;
/// The methods of files.
const FILE_METHODS: &str = "GET, HEAD";

/// A request for a page, as it arrived.
struct Received<'a> {
    app: &'a App,
    headers: &'a HeaderMap,
    /// The address of the client.
    from: IpAddr,
    path: String,
    query: String,
    language: Option<&'a str>,
    form: Option<Params>,
}

/// Handles every path without a route of its own: a file, a page of the site, or 404.
pub async fn page(
    State(app): State<App>,
    peer: Peer,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let is_read = matches!(method, Method::GET | Method::HEAD);
    let asset = web::asset(uri.path());
    let part = web::console::file(uri.path()).filter(|_| app.settings.graphiql);
    match (asset, part) {
        (Some(asset), _) if is_read => return file(asset),
        (None, Some(part)) if is_read => return console::file(part, &headers).await,
        _ => {}
    }
    let from = app.address(&headers, peer.address);
    let is_file = asset.is_some() || part.is_some();
    if !is_file && !web::site::is_page(uri.path()) {
        let message = "there is no such path: send queries to /graphql";
        return not_found::response(&app, &uri, &headers, from, message);
    }
    let mut received = Received::new(&app, &uri, &headers, from);
    let methods = if is_file {
        FILE_METHODS
    } else {
        web::site::methods(&received.path)
    };
    let response = match received.check_address(&uri) {
        Err(refused) => received.refused(&refused),
        Ok(()) if methods.split(", ").any(|one| one == method.as_str()) => {
            received.answer(&peer, &method, body).await
        }
        Ok(()) => {
            let method = truncate(method.as_str());
            let mut response = received.refused(&Refused::Method { method, methods });
            let methods = HeaderValue::from_static(methods);
            response.headers_mut().insert(header::ALLOW, methods);
            response
        }
    };
    received.counted(response)
}

/// Marks a response to a request that was counted against a quota.
#[derive(Clone)]
struct Counted;

/// Tells the quota against which a request was counted.
fn with_balance(mut response: Response, balance: Option<Balance>) -> Response {
    rate_limit::insert(balance, response.headers_mut());
    response.extensions_mut().insert(Counted);
    response
}

/// Sends a file of the program. Its address changes with its content.
fn file(asset: &'static web::Asset) -> Response {
    let headers = [
        (header::CONTENT_TYPE, asset.content_type),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    (headers, asset.body).into_response()
}

/// The page for a path that does not exist.
pub fn absent(app: &App, uri: &Uri, headers: &HeaderMap, from: IpAddr) -> Response {
    let mut received = Received::new(app, uri, headers, from);
    let refused = match received.check_address(uri) {
        Ok(()) => Refused::Absent(truncate(&received.path)),
        Err(refused) => refused,
    };
    received.counted(received.refused(&refused))
}

impl<'a> Received<'a> {
    /// Reads the address and the language; the form is read later.
    fn new(app: &'a App, uri: &Uri, headers: &'a HeaderMap, from: IpAddr) -> Self {
        let path = percent_decode_str(uri.path()).decode_utf8_lossy();
        let language = headers.get(header::ACCEPT_LANGUAGE);
        Self {
            app,
            headers,
            from,
            path: path.into_owned(),
            query: uri.query().unwrap_or_default().to_owned(),
            language: language.and_then(|value| value.to_str().ok()),
            form: None,
        }
    }

    /// Reads the form, then answers.
    async fn answer(&mut self, peer: &Peer, method: &Method, body: Body) -> Response {
        if method == Method::POST {
            match form::read(self.app, self.headers, peer.address, body).await {
                Ok(form) => self.form = Some(form),
                Err(refused) => {
                    self.form = refused.fields;
                    return self.refused(&refused.reason);
                }
            }
        } else if self.is_console() && self.app.settings.graphiql {
            let shell = console::page(&self.request(None, None), self.headers);
            if let Some(response) = shell {
                return response;
            }
        }
        if let Err(refusal) = freshness::meet(self.app, self.headers).await {
            return refusal.into_response();
        }
        match sign_in::respond(self, peer).await {
            Some(response) => response,
            None => self.respond(peer).await,
        }
    }

    /// Checks the length of an address, and that it has neither a credential nor control characters. The page of a refusal
    /// does not repeat such an address.
    fn check_address(&mut self, uri: &Uri) -> Result<(), Refused> {
        let is_long = uri.path().len() > MAX_ADDRESS_BYTES
            || (self.query.len() > MAX_ADDRESS_BYTES && !self.is_console());
        let query: Vec<u8> = percent_decode_str(&self.query).collect();
        // Words that are searched for may have been copied with their tabs and ends of lines.
        let is_control =
            |byte: &u8| byte.is_ascii_control() && !matches!(byte, b'\t' | b'\n' | b'\r');
        let fault = if is_long {
            AddressFault::TooLong(MAX_ADDRESS_BYTES)
        } else if self.path.chars().any(char::is_control) || query.iter().any(is_control) {
            AddressFault::ControlCharacter
        } else if credential::check_address(uri, self.headers).is_err() {
            AddressFault::Credential
        } else {
            return Ok(());
        };
        "/".clone_into(&mut self.path);
        self.query = String::new();
        Err(Refused::Address(fault))
    }

    /// True if the request is for the GraphQL console.
    fn is_console(&self) -> bool {
        self.path == console::PATH
    }

    /// Authenticates the reader of a page. The console takes a token in its form, and never the session: an address can
    /// fill its form with a mutation, which a person who signed in would send by one click.
    async fn caller(&self, peer: SocketAddr) -> Result<Caller, AuthError> {
        if !self.is_console() {
            return cookie::caller(self.app, self.headers, peer).await;
        }
        let token = self.form.as_ref().and_then(|form| form.get("token"));
        match token {
            Some(token) => {
                let viewer = self.app.guard.bearer(&format!("Bearer {token}")).await?;
                Ok(Caller {
                    viewer,
                    address: Some(self.from),
                })
            }
            None => self.app.guard.caller(self.headers, self.from).await,
        }
    }

    async fn respond(&self, peer: &Peer) -> Response {
        let Ok(permit) = self.app.permit(1) else {
            return self.refused(&Refused::Away);
        };
        let limit = self.app.service.limits().request_timeout();
        let caller = in_time(limit, self.caller(peer.address)).await;
        match caller.unwrap_or(Err(AuthError::Unavailable)) {
            Ok(caller) => self.respond_to(caller, permit).await,
            Err(AuthError::Unavailable | AuthError::Provider) => self.refused(&Refused::Away),
            Err(AuthError::Token | AuthError::Form) if self.is_console() => {
                self.refused(&Refused::Form(FormFault::UnknownToken))
            }
            // A session that ended is forgotten. A form that was sent with it comes back with the page to sign in; a page
            // is shown as to a reader without an account.
            Err(AuthError::Token | AuthError::Form) => {
                let by_cookie = !self.headers.contains_key(header::AUTHORIZATION);
                let mut response = if self.form.is_none() && by_cookie {
                    let caller = Caller {
                        viewer: Viewer::Anonymous,
                        address: Some(self.from),
                    };
                    self.respond_fresh(caller, None, permit).await.0
                } else {
                    let provider = self.provider();
                    let request = self.request(None, provider.as_deref());
                    match web::resume(&request) {
                        Ok(answer) => self.send(&answer),
                        Err(refused) => self.refused(&refused),
                    }
                };
                let headers = response.headers_mut();
                let never = HeaderValue::from_static("no-store");
                headers.insert(header::CACHE_CONTROL, never);
                cookie::forget(headers);
                response
            }
        }
    }

    async fn respond_to(&self, caller: Caller, permit: OwnedSemaphorePermit) -> Response {
        if self.is_console() {
            return self.respond_fresh(caller, None, permit).await.0;
        }
        let person = person(&caller.viewer);
        if person.is_some() || self.form.is_some() {
            return self.respond_fresh(caller, person, permit).await.0;
        }
        let Ok((version, seen)) = self.app.service.version(&caller).await else {
            return self.refused(&Refused::Away);
        };
        let language = web::Language::preferred(self.language.unwrap_or_default());
        let key = PageKey::new(
            &self.path,
            &self.query,
            language,
            version,
            &self.request(None, self.provider().as_deref()),
        );
        let tag = key.tag();
        let is_tagged = |one: &str| tag.as_ref().is_some_and(|tag| one == weak(tag));
        // The key has everything on which a page depends: a client that knows the tag has the page.
        let is_known = known(self.headers).any(is_tagged);
        let stored = self.app.pages.get(&key);
        if is_known || stored.is_some() {
            let balance = match self.app.service.charge_request(&caller) {
                Ok(balance) => balance,
                Err(limited) => return self.limited(&limited),
            };
            let lifetime = stored
                .as_ref()
                .map_or(Lifetime::Revalidated, StoredPage::lifetime);
            let stored = stored.filter(|_| !is_known);
            return self.send_stored(stored.as_ref(), lifetime, tag, balance, seen);
        }
        let (response, answer) = self.respond_fresh(caller, None, permit).await;
        // A personal page has something of its own for each reader, such as the key of a form.
        let is_shared =
            |answer: &Answer| answer.status == 200 && answer.lifetime != Lifetime::Personal;
        let Some((answer, balance)) = answer.filter(|(answer, _)| is_shared(answer)) else {
            return response;
        };
        let stored = StoredPage::new(&answer);
        self.app.pages.insert(key, stored.clone());
        self.send_stored(Some(&stored), answer.lifetime, tag, balance, seen)
    }

    /// Sends a page for all readers; `None` if the client has it. `If-None-Match: *` is true of each page that exists.
    fn send_stored(
        &self,
        stored: Option<&StoredPage>,
        lifetime: Lifetime,
        tag: Option<HeaderValue>,
        balance: Option<Balance>,
        seen: Seen,
    ) -> Response {
        let is_any = known(self.headers).any(|one| one == "*");
        let mut response = match stored {
            Some(stored) if !is_any => stored.response(self.headers),
            _ => StatusCode::NOT_MODIFIED.into_response(),
        };
        self.add_headers(&mut response, lifetime, tag);
        freshness::tell(self.app, &mut response, seen);
        with_balance(response, balance)
    }

    /// Makes the page. Returns it besides, with the quota of the reader, so that it can be stored. A page that asks
    /// nothing is counted too.
    async fn respond_fresh(
        &self,
        caller: Caller,
        person: Option<Person>,
        permit: OwnedSemaphorePermit,
    ) -> (Response, Option<(Answer, Option<Balance>)>) {
        let mut executor = PageExecutor::new(self.app, caller.clone(), self.form.is_some(), permit);
        let provider = self.provider();
        let request = self.request(person, provider.as_deref());
        let answer = web::respond(&request, &mut executor).await;
        let balance = match executor.balance() {
            Some(balance) => Some(balance),
            None => match self.app.service.charge_request(&caller) {
                Ok(balance) => balance,
                Err(limited) => return (self.limited(&limited), None),
            },
        };
        let response = with_balance(self.send(&answer), balance);
        (response, Some((answer, balance)))
    }

    /// Counts a response that is not counted yet against the quota of the address: refusals, and pages that ask nothing.
    fn counted(&self, response: Response) -> Response {
        let is_counted = response.extensions().get::<Counted>().is_some();
        if is_counted || response.status().is_server_error() {
            return response;
        }
        match self.app.service.charge_unreadable(self.from) {
            Ok(balance) => with_balance(response, balance),
            Err(limited) => self.limited(&limited),
        }
    }

    /// The page for a reader whose quota is used up.
    fn limited(&self, limited: &Reply) -> Response {
        let seconds = match limited.outcome {
            Outcome::Limited(seconds) => seconds,
            _ => 1,
        };
        let refused = self.refused(&Refused::Limited(seconds));
        with_balance(refused, limited.balance)
    }

    /// The host of the provider at which people can sign in.
    fn provider(&self) -> Option<String> {
        self.app.guard.provider()?.sign_in_host()
    }

    fn request<'b>(&'b self, person: Option<Person>, provider: Option<&'b str>) -> PageRequest<'b> {
        PageRequest {
            path: &self.path,
            query: &self.query,
            accept_language: self.language,
            person,
            public_url: self.app.service.limits().public_url.as_str(),
            provider,
            contact: self.app.settings.contact.as_ref().map(Contact::as_str),
            has_console: self.app.settings.graphiql,
            touched: *self.app.service.store().touches().borrow(),
            form: self.form.clone(),
        }
    }

    /// Makes the response to a request that is refused before its page is made.
    fn refused(&self, refused: &Refused) -> Response {
        self.send(&web::site::refusal(&self.request(None, None), refused))
    }

    fn send(&self, answer: &Answer) -> Response {
        let body = Bytes::from(answer.body.clone());
        let kind = [(header::CONTENT_TYPE, answer.media.content_type())];
        let mut response = (kind, body).into_response();
        // Each status of a page is a valid one.
        *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or_default();
        let headers = response.headers_mut();
        let location = answer.location.as_deref().map(HeaderValue::try_from);
        if let Some(Ok(location)) = location {
            headers.insert(header::LOCATION, location);
        }
        if let Some(seconds) = answer.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if answer.status == StatusCode::UNAUTHORIZED {
            // Source: RFC 9110, section 15.5.2.
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        self.add_headers(&mut response, answer.lifetime, None);
        response
    }

    fn add_headers(&self, response: &mut Response, lifetime: Lifetime, tag: Option<HeaderValue>) {
        let headers = response.headers_mut();
        let policy = if web::site::is_embeddable(&self.path) {
            EMBEDDED_POLICY
        } else {
            POLICY
        };
        let policy = HeaderValue::from_static(policy);
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        // JSON is the answer of the service as it is, with no place for the licence.
        if self
            .path
            .rsplit_once('.')
            .is_some_and(|(_, kind)| kind == "json")
        {
            let public_url = self.app.service.limits().public_url.as_str();
            let licence = format!(
                "<{}/licence>; rel=\"license\"",
                public_url.trim_end_matches('/')
            );
            headers.extend(HeaderValue::try_from(licence).map(|value| (header::LINK, value)));
        }
        let lifetime = match lifetime {
            Lifetime::Personal => {
                let never = HeaderValue::from_static("no-store");
                headers.insert(header::CACHE_CONTROL, never);
                headers.insert(header::VARY, VARY);
                return;
            }
            Lifetime::Revalidated => CacheLifetime::Revalidated,
            Lifetime::Forever => CacheLifetime::Day,
        };
        let cache = CacheHeaders {
            tag,
            lifetime,
            is_public: true,
            vary: VARY,
        };
        cache.insert(headers);
    }
}

/// The person behind a request.
fn person(viewer: &Viewer) -> Option<Person> {
    let Viewer::Identified(actor) = viewer else {
        return None;
    };
    let role = match viewer.role() {
        Role::Anonymous | Role::System => return None,
        Role::Contributor => web::Role::Contributor,
        Role::Editor => web::Role::Editor,
        Role::Admin => web::Role::Admin,
    };
    Some(Person {
        name: actor.name.clone(),
        role,
    })
}
