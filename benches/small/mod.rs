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
    // Treaty events of other countries name bodies in the profiles.
    let is_small_part =
        |name: &str| !name.starts_with("profiles/") && !name.contains("treaty-events");
    let is_loaded = bundle::FILES
        .iter()
        .flat_map(|file| std::iter::repeat_n(number(true, is_small_part(file.name)), file.lines));
    let lines = bundle::lines().zip(is_loaded);
    let lines = lines.filter_map(|(line, is_loaded)| is_loaded.then_some(line));
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
