//! Measures what pages cost: CPU time of the server's process per request, compared with a bare axum handler that returns
//! the same compressed bytes to the same client in the same run. The data are the bundled ones, in SQLite.
//!
//! A page is asked for again (it is in the page cache), and as a page that was not asked for yet (its document is
//! executed or found in the response cache, and its template filled and compressed).
//!
//! Run `cargo bench --bench pages`.

#![allow(
    missing_docs,
    clippy::doc_markdown,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark that cannot continue panics"
)]

use cyberprofiles::graphql::Service;
use cyberprofiles::graphql::limits::Limits;
use cyberprofiles::http::{App, Guard, Settings};
use cyberprofiles::store::{Options, Store};

use bare::{NUMBER, cost, number, page, serve, serve_bare};

#[allow(dead_code, reason = "other benchmarks use more of it")]
mod bare;

/// Number of measurements of each page; the median counts.
const ROUNDS: usize = 5;

/// The pages.
const PAGES: [&str; 6] = [
    "/?",
    "/countries?",
    "/countries/AZ?",
    "/treaties/ETS-185?",
    "/compare?country=AZ&country=FR&country=DE",
    "/changes?",
];

/// The allocator of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if bare::is_client(&arguments) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("profiles.db").display());
    let store = Store::open(&url, &Options::default()).await.unwrap();
    bare::load_bundled(&store).await;
    let limits = Limits {
        max_anonymous_cost_per_second: 0,
        ..Limits::default()
    };
    let guard = Guard::new(store.clone(), None);
    let service = Service::new(store.clone(), limits);
    let ours = serve(App::new(service, guard, Settings::default())).await;
    println!(
        "{:44} {:>9} {:>8} {:>9} {:>7} {:>9}",
        "page", "bytes", "bare µs", "again µs", "ratio", "anew µs"
    );
    for path in PAGES {
        let body = page(ours, path).await;
        let bytes = body.len();
        let bare = serve_bare(body).await;
        let again = format!("GET {path}");
        // An unknown parameter makes a new page with the same content.
        let anew = format!("GET {path}&n={NUMBER}");
        let mut found = [const { Vec::new() }; 3];
        for _ in 0..number(ROUNDS, 1) {
            for (found, (address, line)) in
                found
                    .iter_mut()
                    .zip([(bare, &again), (ours, &again), (ours, &anew)])
            {
                found.push(cost(address, line).await);
            }
        }
        let [limit, again, anew] = found.map(|mut costs: Vec<f64>| {
            costs.sort_by(f64::total_cmp);
            costs[costs.len() / 2]
        });
        println!(
            "{path:44} {bytes:>9} {limit:>8.0} {again:>9.0} {:>7.2} {anew:>9.0}",
            again / limit
        );
    }
    println!("resident: {:.0} MiB", bare::resident());
}
