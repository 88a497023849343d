//! The routes.

use std::sync::LazyLock;

use axum::Router;
use axum::http::{Method, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use tower::util::option_layer;

use super::app::App;
use super::refusal::Refusal;
use super::{cors, export, feed, graphql, health, record, scrape, site, web, websocket};
use crate::domain::text::truncate;

/// Makes the router. Without allowed origins there is no CORS layer, so responses to other origins carry no CORS
/// headers.
pub fn router(app: App) -> Router {
    let others = !app.settings.allow_origins.is_empty();
    let cors = others.then(|| cors::layer(&app.settings));
    Router::new()
        .route("/graphql", get(graphql::get).post(graphql::post))
        .route("/graphql/ws", get(websocket::upgrade))
        .route("/schema.graphql", get(schema))
        .route("/records/{id}", get(record::get))
        .route("/feed.atom", get(feed::all))
        .route("/countries/{code}/feed.atom", get(feed::country))
        .route("/treaties/{reference}/feed.atom", get(feed::treaty))
        .route("/sources/{key}/feed.atom", get(feed::source))
        .route("/search/feed.atom", get(feed::search))
        .route("/changes/live", get(web::live::changes))
        .route("/review/live", get(web::live::review))
        .route("/robots.txt", get(site::robots))
        .route("/favicon.ico", get(site::icon))
        .route(export::LINES_PATH, get(export::export))
        .route("/export/{file}", get(export::export))
        .route("/livez", get(health::live))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(scrape::metrics))
        .fallback(web::page)
        .method_not_allowed_fallback(wrong_method)
        .layer(option_layer(cors))
        .with_state(app)
}

static SDL: LazyLock<String> = LazyLock::new(crate::graphql::sdl);

async fn schema() -> impl IntoResponse {
    (
        [(header::CONTENT_TYPE, "text/plain; charset=utf-8")],
        SDL.as_str(),
    )
}

async fn wrong_method(method: Method) -> Refusal {
    let message = format!(
        "this path does not support the method {}",
        truncate(method.as_str())
    );
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "BAD_USER_INPUT", &message)
}
