//! Small runs, which show that a benchmark works: with a few requests, and without the profiles of most countries. Their
//! figures mean nothing.

use cyberprofiles::bundle;
use cyberprofiles::store::{Options, Store};

/// True if the environment variable `CYBERPROFILES_BENCH_SMALL` is set.
fn is_small() -> bool {
    std::env::var_os("CYBERPROFILES_BENCH_SMALL").is_some()
}

/// A number of requests, records, rounds or seconds; the second one in a small run.
pub fn number<T>(usual: T, small: T) -> T {
    if is_small() { small } else { usual }
}

/// Loads the bundled data.
pub async fn load_bundled(store: &Store) {
    let of_all = |file: &&bundle::File| !file.name.starts_with("profiles/");
    let lines: usize = bundle::FILES
        .iter()
        .filter(of_all)
        .map(|file| file.lines)
        .sum();
    let lines = bundle::lines().take(number(usize::MAX, lines));
    store.import(lines, false, &mut |_| {}).await.unwrap();
}

/// In a small run, fills a database before the program loads all of the bundled data into it.
pub async fn prepare(url: &str) {
    if is_small() {
        let store = Store::open(url, &Options::default()).await.unwrap();
        load_bundled(&store).await;
        store.close().await;
    }
}
