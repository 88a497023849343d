//! Writers that share commits, on a real `SQLite` file.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;
use std::time::Duration;

use sea_orm::{ConnectionTrait, EntityTrait, IntoActiveModel};
use tempfile::TempDir;
use tokio::task::JoinSet;

use crate::error::Error;
use crate::wal_index;
use crate::write::Write;
use crate::{Options, Store, head, relay};
use domain::record::Kind;
use domain::viewer::Role;

async fn opened() -> (TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/x.db", folder.path().display());
    let store = Store::open(&url, &Options::default()).await.unwrap();
    (folder, store)
}

fn row(name: &str) -> relay::ActiveModel {
    let row = relay::Model {
        stream: name.to_owned(),
        sequence: 0,
    };
    row.into_active_model()
}

/// Inserts a row under a name, and counts it in the head of the log.
async fn put(tx: &Write, name: &str) -> Result<(), Error> {
    head::touch(tx).await?;
    relay::Entity::insert(row(name))
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Does the same with a statement that is executed before the commit.
async fn put_later(tx: &Write, name: &str) -> Result<(), Error> {
    head::touch(tx).await?;
    tx.insert_later([row(name)]);
    Ok(())
}

async fn written(store: &Store, name: &str) -> Result<(), Error> {
    store.write(async |tx| put(tx, name).await).await
}

/// Refuses a name that is there, as four eyes refuse a second decision, and answers without a write for another one, as
/// an idempotency key does.
async fn refused_or_answered(store: &Store, name: &str, refuses: bool) -> Result<bool, Error> {
    let work = async |tx: &Write| {
        let is_there = relay::Entity::find_by_id(name).one(tx).await?.is_some();
        if is_there && refuses {
            return Err(Error::NotAnEditor);
        }
        Ok(is_there)
    };
    store.write(work).await
}

/// The names of all rows, and the counter in the head of the log.
async fn rows(store: &Store) -> (BTreeSet<String>, i64) {
    let rows = relay::Entity::find().all(store.reader()).await;
    let names = rows.unwrap().into_iter().map(|row| row.stream);
    let touched = head::read(store.reader()).await.unwrap().touched;
    (names.collect(), touched)
}

/// Waits until a number of writers are in line.
async fn until_in_line(store: &Store, number: usize) {
    while store.writer().0.in_line.load(Ordering::Acquire) < number {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// Number of commits since the file was opened first.
fn commits(store: &Store) -> u32 {
    wal_index::commits(&store.0.head_cache.stamp().unwrap())
}

/// Begins a write that writes a row and commits a reference to nothing, which the database finds at the commit.
async fn doomed(store: &Store) -> Write {
    let first = store.writer().begin().await.unwrap();
    put(&first, "first").await.unwrap();
    for sql in [
        "PRAGMA defer_foreign_keys = on",
        "INSERT INTO contribution_author (contribution, person) VALUES ('none', 'nobody')",
    ] {
        first.execute_unprepared(sql).await.unwrap();
    }
    first
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writers_in_line_share_one_commit() {
    let (_folder, store) = opened().await;
    let before = commits(&store);
    let first = store.writer().begin().await.unwrap();
    put(&first, "first").await.unwrap();
    let mut writers = JoinSet::new();
    for number in 0..8 {
        let store = store.clone();
        writers.spawn(async move { written(&store, &number.to_string()).await });
    }
    until_in_line(&store, 8).await;
    first.commit().await.unwrap();
    // The first was answered after the commit of all.
    assert_eq!(rows(&store).await.0.len(), 9);
    for outcome in writers.join_all().await {
        outcome.unwrap();
    }
    assert_eq!(rows(&store).await.1, 9);
    assert_eq!(commits(&store) - before, 1);
    written(&store, "last").await.unwrap();
    assert_eq!(commits(&store) - before, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_writer_that_fails_takes_no_other_with_it() {
    let (_folder, store) = opened().await;
    let before = commits(&store);
    let first = store.writer().begin().await.unwrap();
    put(&first, "first").await.unwrap();
    let mut writers = JoinSet::new();
    for number in 0..28 {
        let store = store.clone();
        let work = async move |tx: &Write| {
            match number % 7 {
                // The row is there already.
                0 => put(tx, "first").await,
                // A statement that the database cannot read.
                1 => {
                    put(tx, "spoiled").await?;
                    tx.execute_unprepared("no statement").await?;
                    Ok(())
                }
                // A refusal after a statement, and before one that was collected.
                2 => {
                    put(tx, "refused").await?;
                    tx.insert_later([row("never")]);
                    Err(Error::NotAnEditor)
                }
                // A failure that the work does not notice.
                3 => {
                    put(tx, "swallowed").await?;
                    drop(tx.execute_unprepared("no statement").await);
                    Ok(())
                }
                4 => put(tx, &number.to_string()).await,
                // The row is there already, which is found at the end of the write.
                5 => put_later(tx, "first").await,
                _ => put_later(tx, &number.to_string()).await,
            }
        };
        writers.spawn(async move { store.write(work).await });
    }
    until_in_line(&store, 28).await;
    first.commit().await.unwrap();
    let outcomes = writers.join_all().await;
    let stored = outcomes.iter().filter(|outcome| outcome.is_ok());
    assert_eq!(stored.count(), 8);
    let refused = |outcome: &&Result<(), Error>| matches!(outcome, Err(Error::NotAnEditor));
    assert_eq!(outcomes.iter().filter(refused).count(), 4);
    let names = ["4", "6", "11", "13", "18", "20", "25", "27", "first"].map(str::to_owned);
    assert_eq!(rows(&store).await, (names.into(), 9));
    assert_eq!(commits(&store) - before, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_that_only_reads_until_its_end_is_one_statement_of_a_group() {
    let (_folder, store) = opened().await;
    let first = store.writer().begin().await.unwrap();
    put(&first, "first").await.unwrap();
    let before = store.statements().writer;
    let waiting = store.clone();
    let work = async |tx: &Write| {
        let there = relay::Entity::find_by_id("first").one(tx).await?;
        assert!(there.is_some());
        put_later(tx, "second").await?;
        tx.insert_later([row("third")]);
        Ok(())
    };
    let second = tokio::spawn(async move { waiting.write(work).await });
    until_in_line(&store, 1).await;
    first.commit().await.unwrap();
    second.await.unwrap().unwrap();
    // The read, both rows in their savepoint, and the head of the log.
    assert_eq!(store.statements().writer - before, 3);
    assert_eq!(rows(&store).await.1, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shared_commit_that_fails_is_told_to_each_of_its_writers() {
    let (_folder, store) = opened().await;
    let first = doomed(&store).await;
    let mut writers = JoinSet::new();
    for number in 0..4 {
        let store = store.clone();
        writers.spawn(async move { written(&store, &number.to_string()).await });
    }
    until_in_line(&store, 4).await;
    for refuses in [false, true] {
        let store = store.clone();
        // Both rest on the row of the first, which is never stored.
        writers.spawn(async move {
            refused_or_answered(&store, "first", refuses)
                .await
                .map(drop)
        });
    }
    until_in_line(&store, 6).await;
    let first = first.commit().await;
    assert!(matches!(first, Err(Error::Database(_))), "{first:?}");
    for outcome in writers.join_all().await {
        assert!(matches!(outcome, Err(Error::Database(_))), "{outcome:?}");
    }
    assert_eq!(rows(&store).await, (BTreeSet::new(), 0));
    written(&store, "next").await.unwrap();
    assert_eq!(rows(&store).await.1, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_of_a_group_is_stored_after_the_database_ended_its_transaction() {
    for is_collected in [false, true] {
        end_transaction(is_collected).await;
    }
}

/// Ends the transaction of a group with a row that is too long, written by a statement that is collected or not.
async fn end_transaction(is_collected: bool) {
    let (_folder, store) = opened().await;
    written(&store, "before").await.unwrap();
    let first = store.writer().begin().await.unwrap();
    // A full disk, as far as this connection knows: the insert of a long row ends the transaction.
    first
        .execute_unprepared("PRAGMA max_page_count = 1")
        .await
        .unwrap();
    put(&first, "first").await.unwrap();
    let mut writers = JoinSet::new();
    for name in ["a".to_owned(), "long ".repeat(100_000), "b".to_owned()] {
        let waiting = store.clone();
        let work = async move |tx: &Write| {
            if is_collected {
                put_later(tx, &name).await
            } else {
                put(tx, &name).await
            }
        };
        writers.spawn(async move { waiting.write(work).await });
        until_in_line(&store, writers.len()).await;
    }
    let mut outcomes = vec![first.commit().await];
    outcomes.extend(writers.join_all().await);
    // The first, the one before and the long one lost their work; the last one began again.
    let lost = outcomes.iter().filter(|outcome| outcome.is_err());
    assert_eq!(lost.count(), 3);
    for outcome in outcomes.iter().filter(|outcome| outcome.is_err()) {
        assert!(matches!(outcome, Err(error) if error.is_away()));
    }
    let names = ["b", "before"].map(str::to_owned);
    assert_eq!(rows(&store).await, (names.into(), 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn followers_wake_although_every_writer_of_a_group_gave_up() {
    let (_folder, store) = opened().await;
    let mut touched = store.0.wake.touched.subscribe();
    let first = store.writer().begin().await.unwrap();
    put(&first, "first").await.unwrap();
    let waiting = store.clone();
    let second = tokio::spawn(async move { written(&waiting, "second").await });
    until_in_line(&store, 1).await;
    // It hands its transaction on at its first poll, and is never polled again.
    drop(futures_util::FutureExt::now_or_never(first.commit()));
    second.abort();
    let reached = tokio::time::timeout(
        Duration::from_secs(5),
        touched.wait_for(|touched| *touched > 0),
    );
    reached.await.unwrap().unwrap();
    assert!(rows(&store).await.0.contains("first"));
}

/// Writes and gives up at a random time; `refuses` says of each number whether the write ends with a refusal.
async fn give_up_at_any_time(refuses: impl Fn(u64) -> bool) {
    let (_folder, store) = opened().await;
    let mut told = BTreeSet::new();
    for round in 0..60 {
        let mut writers = JoinSet::new();
        let mut doomed = Vec::new();
        for number in 0..8 {
            let (store, name) = (store.clone(), format!("{round}-{number}"));
            let is_refused = refuses(number);
            let task = writers.spawn(async move {
                let work = async |tx: &Write| {
                    if number % 3 == 0 {
                        put(tx, &name).await?;
                    } else {
                        put_later(tx, &name).await?;
                    }
                    if is_refused {
                        Err(Error::NotAnEditor)
                    } else {
                        Ok(())
                    }
                };
                match store.write(work).await {
                    Err(Error::NotAnEditor) if is_refused => None,
                    outcome => {
                        outcome.unwrap();
                        Some(name)
                    }
                }
            });
            if number % 2 == 0 {
                doomed.push(task);
            }
        }
        for (place, task) in (0..).zip(doomed) {
            tokio::time::sleep(Duration::from_micros(37 * (round + place))).await;
            task.abort();
        }
        while let Some(outcome) = writers.join_next().await {
            match outcome {
                Ok(name) => told.extend(name),
                Err(error) => assert!(error.is_cancelled(), "{error}"),
            }
        }
    }
    written(&store, "last").await.unwrap();
    told.insert("last".to_owned());
    let (names, touched) = rows(&store).await;
    assert!(told.is_subset(&names));
    assert!(told.len() >= 2 * 60, "{}", told.len());
    // Each row is counted in the same commit.
    assert_eq!(i64::try_from(names.len()).unwrap(), touched);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_told_is_stored_while_writers_give_up_at_any_time() {
    give_up_at_any_time(|_| false).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refusals_that_are_given_up_at_any_time_take_no_other_with_them() {
    // Half of the writers that stay, and half of those that give up, end with a refusal.
    give_up_at_any_time(|number| number % 4 > 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_head_of_the_log_is_read_again_only_after_a_commit_of_another_process() {
    let (folder, store) = opened().await;
    let url = format!("sqlite://{}/x.db", folder.path().display());
    written(&store, "a").await.unwrap();
    let statements = async |name: &str| {
        let before = store.statements();
        written(&store, name).await.unwrap();
        store.newest().await.unwrap();
        let after = store.statements();
        (after.writer - before.writer, after.reader - before.reader)
    };
    // The row, and the head with it.
    assert_eq!(statements("b").await, (2, 0));
    let other = Store::open(&url, &Options::default()).await.unwrap();
    written(&other, "c").await.unwrap();
    assert_eq!(statements("d").await, (3, 0));
    assert_eq!(statements("e").await, (2, 0));
    assert_eq!(rows(&store).await.1, 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_known_token_is_refused_after_a_shared_commit_that_revoked_it() {
    let (_folder, store) = opened().await;
    let secret = store.create_token(Role::Editor, "eva", None, None).await;
    let secret = secret.unwrap();
    let id = store.tokens().await.unwrap().remove(0).id;
    let is_known = async || store.bearer(&secret).await.unwrap().is_some();
    assert!(is_known().await);
    while store.tokens().await.unwrap()[0].last_used_at.is_none() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert!(is_known().await);
    let before = store.statements().reader;
    written(&store, "before").await.unwrap();
    assert!(is_known().await);
    // It was not read again.
    assert_eq!(store.statements().reader, before);
    let first = store.writer().begin().await.unwrap();
    put(&first, "first").await.unwrap();
    let revoking = store.clone();
    let revoked = tokio::spawn(async move { revoking.revoke_token(&id).await });
    until_in_line(&store, 1).await;
    assert!(is_known().await);
    first.commit().await.unwrap();
    revoked.await.unwrap().unwrap();
    assert!(!is_known().await);
    written(&store, "after").await.unwrap();
    assert!(!is_known().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_value_of_a_group_that_was_not_committed_is_looked_for_again() {
    let (_folder, store) = opened().await;
    let first = doomed(&store).await;
    let now = store.clock().now();
    head::take(&first, 1, now).await.unwrap();
    let country =
        "INSERT INTO country (id, since, version, kind, code, names, memberships, sort_name)
        VALUES ('Country:az', 1, 1, 'STATE', 'AZ', '[]', '[]', '')";
    first.execute_unprepared(country).await.unwrap();
    assert!(first.is_current(Kind::Country, "AZ").await.unwrap());
    let waiting = store.clone();
    let look = async |tx: &Write| tx.is_current(Kind::Country, "AZ").await;
    let seen = tokio::spawn(async move { waiting.write(look).await });
    until_in_line(&store, 1).await;
    first.commit().await.unwrap_err();
    seen.await.unwrap().unwrap_err();
    // Another change takes the same place in the log.
    let next = store.writer().begin().await.unwrap();
    head::take(&next, 1, now).await.unwrap();
    assert!(!next.is_current(Kind::Country, "AZ").await.unwrap());
}

#[tokio::test]
async fn a_closed_database_is_not_opened_again() {
    let (folder, store) = opened().await;
    written(&store, "before").await.unwrap();
    store.close().await;
    let late = written(&store, "late").await;
    assert!(late.is_err_and(|error| error.is_away()));
    // The last connection has moved the WAL into the file, and nothing has opened another.
    assert!(!folder.path().join("x.db-wal").exists());
}
