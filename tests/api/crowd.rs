//! Writers beside a test, so that its writes share their commits. A run of all tests has them if
//! `CYBERPROFILES_TEST_WRITERS` gives their number. Answers do not show what they write: tokens, and tips that are
//! refused. Tests that list tokens, count statements, or block the database are not meant for such a run.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use cyberprofiles::domain::contribution::SubmitTipInput;
use cyberprofiles::domain::text::Raw;
use cyberprofiles::domain::viewer::{Role, Viewer};
use cyberprofiles::store::{Error, Store};
use tokio::sync::Barrier;
use tokio::task::JoinSet;

/// Time between two writes of each writer.
const WRITE_INTERVAL: Duration = Duration::from_millis(40);

fn writers() -> usize {
    static WRITERS: LazyLock<usize> = LazyLock::new(|| {
        let number = std::env::var("CYBERPROFILES_TEST_WRITERS").ok();
        number.map_or(0, |number| number.parse().unwrap())
    });
    *WRITERS
}

/// Starts the writers. They stop when the value is dropped.
pub fn start(store: &Store) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    let all = Arc::new(Barrier::new(writers()));
    for number in 0..writers() {
        let (store, all) = (store.clone(), Arc::clone(&all));
        tasks.spawn(async move {
            loop {
                all.wait().await;
                write(&store, number).await;
                tokio::time::sleep(WRITE_INTERVAL).await;
            }
        });
    }
    tasks
}

async fn write(store: &Store, number: usize) {
    // A test may close the database, or make writing fail.
    if number.is_multiple_of(2) {
        drop(
            store
                .create_token(Role::Contributor, "crowd", None, None)
                .await,
        );
        return;
    }
    let tip = SubmitTipInput {
        country: Raw::new("ZZ".to_owned()),
        message: "There is news.".to_owned(),
        link: None,
        contact: None,
        idempotency_key: None,
    };
    let sent = store
        .contributions()
        .tip(&Viewer::Anonymous, tip.checked().unwrap())
        .await;
    if let Err(error) = sent {
        assert!(
            matches!(error, Error::Refused(_)) || error.is_away(),
            "{error}"
        );
    }
}
