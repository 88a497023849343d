//! Telling the log to those who follow it. Who asks alike, with equal rights, and stands at the same place is
//! told by one execution and from the same bytes; who is slower stands elsewhere, and is told alone.

use std::collections::HashMap;
use std::fmt::{self, Display};
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use async_graphql::{Response, Value};
use futures_util::future::{FutureExt, try_join_all};
use futures_util::stream::{self, Stream, StreamExt, TryStreamExt};
use moka::future::Cache;
use tokio::sync::watch;
use tokio::task::AbortHandle;

use super::batch::{Batches, Loads};
use super::context::{Caller, View};
use super::document::{Document, Question};
use super::service::{Service, coded};
use crate::domain::viewer::Viewer;
use crate::store::change::{Filter, Followed};
use crate::store::moment::Moment;
use crate::store::{self, Head};

/// How many changes one execution tells: enough that what each execution costs is shared.
const LANE: usize = 8;
/// How many changes are told together, by executions side by side that share their loads: few enough that who
/// has missed many hears of the first soon, and that they take little room.
const BATCH: u64 = 64;
/// The size of all answers that are kept for others who come to the same place, in bytes.
const KEPT: u64 = 8 * 1024 * 1024;
/// How long they are kept.
const KEPT_FOR: Duration = Duration::from_secs(2);
/// What a change takes beside its answer, in bytes.
const BESIDE: usize = 256;
/// How long to wait where the database keeps something back.
const RETRY: Duration = Duration::from_secs(1);

/// What an operation asks of the log: told by the resolver that reads its arguments.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Which changes.
    pub filter: Filter,
    /// Behind which moment.
    pub after: Moment,
}

/// Where the resolver tells it.
#[derive(Clone, Default)]
pub struct Wanted(Arc<Mutex<Option<Asked>>>);

impl Wanted {
    /// Tells what is asked.
    pub fn set(&self, asked: Asked) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(asked);
    }

    /// What is asked, where the log is.
    pub fn take(&self) -> Option<Asked> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Changes that the resolver has to tell.
pub struct Given(Mutex<Vec<Followed>>);

impl Given {
    /// The changes, once.
    pub fn take(&self) -> Vec<Followed> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A change as it is told to all who asked alike.
pub struct Event {
    /// The response, as JSON.
    pub json: String,
    /// The number of the change.
    pub sequence: i64,
    /// Where the change is in the log.
    pub cursor: Arc<str>,
}

/// Some changes in a row.
#[derive(Default)]
struct Told {
    events: Vec<Arc<Event>>,
    /// Behind which moment they are.
    from: Moment,
    /// How far they are read.
    to: Moment,
}

impl Told {
    /// How many bytes they take.
    fn size(&self) -> u32 {
        let sizes = self.events.iter().map(|event| event.json.len() + BESIDE);
        u32::try_from(sizes.sum::<usize>()).unwrap_or(u32::MAX)
    }
}

/// What makes two followers be told the same.
type Key = (Question, Viewer);

/// Those who follow the log, by what they ask.
pub struct Followers {
    by_key: Mutex<HashMap<Key, Weak<Group>>>,
    counted: AtomicU64,
    missed: Cache<(u64, Moment), Arc<Told>>,
}

impl Default for Followers {
    fn default() -> Self {
        let missed = Cache::builder()
            .max_capacity(KEPT)
            .weigher(|_, told: &Arc<Told>| told.size())
            .time_to_live(KEPT_FOR);
        Self {
            by_key: Mutex::default(),
            counted: AtomicU64::new(0),
            missed: missed.build(),
        }
    }
}

/// What some followers ask alike.
struct Selection {
    /// Names it.
    number: u64,
    service: Service,
    document: Document,
    caller: Caller,
    filter: Filter,
}

/// Those who ask alike: what was told last to all who have come to the end of the log, and will be next.
struct Group {
    key: Key,
    selection: Arc<Selection>,
    latest: watch::Receiver<Arc<Told>>,
    teller: AbortHandle,
}

impl Drop for Group {
    fn drop(&mut self) {
        self.teller.abort();
        let followers = self.selection.service.followers();
        let mut by_key = followers
            .by_key
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        // Somebody may have asked the same anew.
        if by_key
            .get(&self.key)
            .is_some_and(|found| found.strong_count() == 0)
        {
            by_key.remove(&self.key);
        }
    }
}

/// Every change that is asked for, once and in order, and then those to come.
pub fn told(
    service: &Service,
    document: Document,
    caller: Caller,
    asked: Asked,
) -> impl Stream<Item = Arc<Event>> + Send + use<> {
    let group = joined(service, document, caller, asked.filter);
    let follower = Follower {
        latest: group.latest.clone(),
        group,
        after: asked.after,
    };
    let batches = stream::unfold(follower, async |mut follower| {
        let (told, after) = follower.next().await?;
        Some(((told, after), follower))
    });
    batches.flat_map(|(told, after)| {
        let known = told
            .events
            .partition_point(|event| event.sequence <= after.0);
        let news = known..told.events.len();
        stream::iter(news.filter_map(move |at| told.events.get(at).cloned()))
    })
}

/// Somebody who follows.
struct Follower {
    group: Arc<Group>,
    latest: watch::Receiver<Arc<Told>>,
    /// How far they have come.
    after: Moment,
}

impl Follower {
    /// What is told next, and where they stood before: with all others who have come to the end of the log,
    /// or with those who have missed the same.
    async fn next(&mut self) -> Option<(Arc<Told>, Moment)> {
        loop {
            let latest = Arc::clone(&self.latest.borrow_and_update());
            let told = if latest.to <= self.after {
                self.latest.changed().await.ok()?;
                continue;
            } else if latest.from <= self.after {
                latest
            } else {
                match self.group.selection.missed(self.after).boxed().await {
                    Ok(told) => told,
                    Err(error) => {
                        tracing::warn!(%error, "a follower waits");
                        tokio::time::sleep(RETRY).await;
                        continue;
                    }
                }
            };
            let before = std::mem::replace(&mut self.after, told.to);
            return Some((told, before));
        }
    }
}

/// The group of those who ask the same.
fn joined(service: &Service, document: Document, caller: Caller, filter: Filter) -> Arc<Group> {
    let key = (document.question.clone(), caller.viewer.clone());
    let followers = service.followers();
    let mut by_key = followers
        .by_key
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    if let Some(found) = by_key.get(&key).and_then(Weak::upgrade) {
        return found;
    }
    let selection = Arc::new(Selection {
        number: followers.counted.fetch_add(1, Ordering::Relaxed),
        service: service.clone(),
        document,
        caller,
        filter,
    });
    let begin = service.store().reached();
    let (tell, latest) = watch::channel(Arc::new(Told {
        from: begin,
        to: begin,
        ..Told::default()
    }));
    let teller = tokio::spawn(Arc::clone(&selection).tell_all(begin, tell));
    let group = Arc::new(Group {
        key: key.clone(),
        selection,
        latest,
        teller: teller.abort_handle(),
    });
    by_key.insert(key, Arc::downgrade(&group));
    group
}

/// Why some changes are not told yet.
#[derive(Debug)]
enum Later {
    Store(store::Error),
    /// An answer could not be had whole.
    Untold,
    /// Our fault.
    Panicked,
}

impl Display for Later {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(error) => error.fmt(f),
            Self::Untold => f.write_str("the database went away while a change was told"),
            Self::Panicked => f.write_str("a change could not be told"),
        }
    }
}

impl Selection {
    /// Tells all who have come to the end of the log what comes next, for as long as somebody listens.
    async fn tell_all(self: Arc<Self>, begin: Moment, tell: watch::Sender<Arc<Told>>) {
        let store = self.service.store().clone();
        let batch = |after| {
            let selection = Arc::clone(&self);
            async move {
                let told = selection.tell(after).await?;
                let to = told.to;
                Ok::<_, Later>((told, to))
            }
        };
        let mut batches = pin!(store.follow(begin, batch));
        while let Some(told) = batches.next().await {
            if tell.send(Arc::new(told)).is_err() {
                return;
            }
        }
    }

    /// The changes behind a moment, for all who have come no further.
    async fn missed(&self, after: Moment) -> Result<Arc<Told>, Arc<Later>> {
        let missed = &self.service.followers().missed;
        let tell = async { self.tell(after).await.map(Arc::new) };
        missed.try_get_with((self.number, after), tell).await
    }

    /// The changes behind a moment. Who panics does not end the followers: it is tried again.
    async fn tell(&self, after: Moment) -> Result<Told, Later> {
        let told = AssertUnwindSafe(self.execute_all(after)).catch_unwind();
        told.await.unwrap_or(Err(Later::Panicked))
    }

    async fn execute_all(&self, after: Moment) -> Result<Told, Later> {
        let store = self.service.store();
        let (changes, to) = store
            .changes_after(&self.filter, after, BATCH)
            .await
            .map_err(Later::Store)?;
        let head = Head {
            moment: to,
            committed_at: changes.last().map(|change| change.row.committed_at),
        };
        let (loads, batches) = Batches::new(store.clone());
        let lanes = changes
            .chunks(LANE)
            .map(|lane| self.execute(lane, head, &loads));
        let answers: Vec<Vec<String>> = batches.run(try_join_all(lanes)).await?;
        let events = changes.iter().zip(answers.into_iter().flatten());
        let events = events.map(|(change, json)| {
            Arc::new(Event {
                json,
                sequence: change.row.sequence,
                cursor: store.cursors().write(Moment(change.row.sequence)).into(),
            })
        });
        Ok(Told {
            events: events.collect(),
            from: after,
            to,
        })
    }

    /// What is told of each change.
    async fn execute(
        &self,
        changes: &[Followed],
        head: Head,
        loads: &Loads,
    ) -> Result<Vec<String>, Later> {
        let given = Given(Mutex::new(changes.to_vec()));
        let request = self.document.clone().request().data(given);
        let request = request
            .data(View::of(self.service.store(), head))
            .data(Arc::clone(loads))
            .data(self.caller.clone());
        let answers = self.service.schema().execute_stream(request);
        let told: Vec<String> = answers.map(json).try_collect().await?;
        if told.len() == changes.len() {
            Ok(told)
        } else {
            Err(Later::Untold)
        }
    }
}

/// A response as JSON, where it is whole: what the database kept back is asked for again.
fn json(response: Response) -> Result<String, Later> {
    let response = coded(response);
    let is_away = response.errors.iter().any(|error| {
        let code = error.extensions.as_ref().and_then(|set| set.get("code"));
        code == Some(&Value::from("UNAVAILABLE"))
    });
    if is_away {
        return Err(Later::Untold);
    }
    serde_json::to_string(&response).map_err(|_| Later::Untold)
}
