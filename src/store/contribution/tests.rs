//! All times that one step writes are the same instant.

use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};
use domain::contribution::{CreateContributionInput, NewComment, State};
use domain::text::Markdown;
use domain::viewer::{Actor, Role, Viewer};
use sea_orm::EntityTrait;
use serde_json::json;
use tempfile::TempDir;

use super::{ContributionRef, Model, comment};
use crate::{Clock, Options, Store, change};

/// A clock that keeps its time until a test sets another.
#[derive(Clone)]
struct Time(Arc<Mutex<DateTime<Utc>>>);

impl Time {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap()
    }

    fn set(&self, now: DateTime<Utc>) {
        *self.0.lock().unwrap() = now;
    }
}

async fn opened() -> (TempDir, Store, Time) {
    let time = Time(Arc::new(Mutex::new(
        "2026-01-10T08:00:00Z".parse().unwrap(),
    )));
    let time_copy = time.clone();
    let options = Options {
        clock: Clock::new(move || time_copy.now()),
        ..Options::default()
    };
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/x.db", folder.path().display());
    let store = Store::open(&url, &options).await.unwrap();
    (folder, store, time)
}

fn viewer(id: &str, role: Role) -> Viewer {
    Viewer::Identified(Actor {
        id: id.to_owned(),
        name: id.to_owned(),
        role,
    })
}

/// Creates and submits a contribution that creates a source.
async fn submitted(store: &Store, key: &str) -> Model {
    let change = json!({ "createSource": { "key": key, "fields": {
        "kind": "WEB_PAGE", "title": key } } });
    let input = CreateContributionInput {
        title: key.to_owned(),
        rationale: Markdown("It is cited.".to_owned()),
        changes: vec![serde_json::from_value(change).unwrap()],
        submit: Some(true),
        validate_only: None,
        idempotency_key: None,
    };
    let author = viewer("author", Role::Contributor).contributor().unwrap();
    let proposal = input.checked().unwrap_or_else(|_| panic!("{key}"));
    let contributions = store.contributions();
    contributions.create(&author, proposal).await.unwrap()
}

/// Accepts a contribution. Returns it, and the commit time of its change in the log.
async fn accepted(store: &Store, row: Model) -> (Model, DateTime<Utc>) {
    let editor = viewer("editor", Role::Editor).editor().unwrap();
    let named = ContributionRef {
        id: row.id,
        revision: Some(row.revision),
    };
    let contributions = store.contributions();
    let row = contributions
        .accept(&editor, &named, Ok(None))
        .await
        .unwrap();
    assert_eq!(row.state, State::Accepted);
    let lines = change::Entity::find().all(store.reader()).await.unwrap();
    let line = lines
        .into_iter()
        .find(|line| line.contribution.as_ref() == Some(&row.id));
    (row, line.unwrap().committed_at)
}

#[tokio::test]
async fn a_decision_and_its_change_in_the_log_have_the_same_time() {
    let (_folder, store, time) = opened().await;
    let first = submitted(&store, "first").await;
    let second = submitted(&store, "second").await;
    let now = time.now();
    assert_eq!((first.created_at, first.submitted_at), (now, Some(now)));
    let (row, committed_at) = accepted(&store, first).await;
    assert_eq!(committed_at, now);
    assert_eq!((row.decided_at, row.updated_at), (Some(now), now));
    // Commit times never go back; the decision takes the same time.
    time.set(now - TimeDelta::hours(1));
    let (row, committed_at) = accepted(&store, second).await;
    assert_eq!(committed_at, now);
    assert_eq!((row.decided_at, row.updated_at), (Some(now), now));
}

#[tokio::test]
async fn a_comment_has_the_time_of_the_clock_of_the_store() {
    let (_folder, store, time) = opened().await;
    let row = submitted(&store, "one").await;
    time.set(time.now() + TimeDelta::days(1));
    let author = viewer("author", Role::Contributor).contributor().unwrap();
    let comment = {
        let body = Markdown("Seen.".to_owned());
        NewComment::checked(&row.id.clone().into(), body, None, None, None).unwrap()
    };
    let contributions = store.contributions();
    let row = contributions
        .comment(&author, &row.id, comment)
        .await
        .unwrap();
    let said = comment::Entity::find().one(store.reader()).await.unwrap();
    assert_eq!(said.unwrap().created_at, time.now());
    assert_eq!(row.updated_at, time.now());
}
