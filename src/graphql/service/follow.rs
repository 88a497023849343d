//! Change subscriptions. Followers with the same question, rights and position share one execution and the same bytes.
//! A slower follower is at another position: it catches up separately, and no change is skipped.

use std::collections::HashMap;
use std::fmt::{self, Display};
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use async_graphql::{Response, Value};
use futures_util::future::{FutureExt, try_join_all};
use futures_util::stream::{self, Stream, StreamExt, TryStreamExt};
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::timeout;
use tracing::Instrument;

use crate::document::{Document, Question};
use crate::engine::batch::Batches;
use crate::engine::cache::{Bounded, bounded};
use crate::engine::caller::Caller;
use crate::engine::context::View;
use crate::engine::loads::Loads;
use crate::engine::rows::Rows;
use crate::engine::subscription::{Asked, Given};
use crate::schema::Profiles;
use crate::service::reply::coded;
use domain::viewer::Viewer;
use store::change::{Filter, Followed};
use store::moment::Moment;
use store::{self, Head, Store};

/// Number of changes that one execution renders: enough to spread the cost of an execution.
const LANE: usize = 8;
/// Number of changes in a batch. The executions of a batch run concurrently and share their loads. Few enough that a
/// follower who missed many gets the first ones soon, and that a batch takes little memory.
const BATCH: u64 = 64;
/// Maximum size of the cached batches for followers who missed them, in bytes.
const KEPT: u64 = 8 * 1024 * 1024;
/// Time for which a batch stays cached.
const KEPT_FOR: Duration = Duration::from_secs(2);
/// Overhead of a change besides its response, in bytes.
const BESIDE: usize = 256;
/// Pause before a read that the database did not complete is tried again.
const RETRY: Duration = Duration::from_secs(1);
/// Time after which the execution of a batch is given up and tried again.
const PATIENCE: Duration = Duration::from_mins(1);
/// Number of attempts at a batch that fails by a fault of the server, before its followers get the error.
const TRIES: u32 = 3;

/// A change, rendered for all followers with the same question and rights.
pub struct Event {
    /// The response as JSON.
    pub json: String,
    /// The position of the change.
    pub place: Place,
}

/// A position in the change log.
#[derive(Clone)]
pub struct Place {
    /// Sequence number of the change at this position; 0 before the first.
    pub sequence: i64,
    /// The cursor of this position.
    pub cursor: Arc<str>,
}

impl Place {
    /// The position at the end of a moment.
    pub(super) fn behind(store: &Store, moment: Moment) -> Self {
        Self {
            sequence: moment.0,
            cursor: store.cursors().write(moment).into(),
        }
    }
}

/// A batch of consecutive changes, rendered.
#[derive(Default)]
struct Told {
    events: Vec<Arc<Event>>,
    /// The moment after which the batch begins.
    from: Moment,
    /// The moment up to which the log was read.
    to: Moment,
}

impl Told {
    /// Size in memory, in bytes.
    fn size(&self) -> usize {
        let sizes = self.events.iter().map(|event| event.json.len() + BESIDE);
        sizes.sum()
    }
}

/// A cached batch for followers who missed it, or the reason why it could not be rendered.
#[derive(Clone)]
struct Missed {
    read: Result<Arc<Told>, Arc<Later>>,
    since: Instant,
}

impl Missed {
    /// True while other followers may get this result.
    fn is_fresh(&self) -> bool {
        let limit = match self.read.as_ref().map_err(AsRef::as_ref) {
            Ok(_) => KEPT_FOR,
            Err(Later::Broken(_)) => return false,
            Err(_) => RETRY,
        };
        self.since.elapsed() < limit
    }

    fn size(&self) -> usize {
        self.read.as_ref().map_or(BESIDE, |told| told.size())
    }
}

/// The key of a group: followers with an equal key get the same bytes.
type Key = (Question, Viewer);

/// All followers of the change log, in groups.
#[derive(Clone)]
pub struct Followers(Arc<Inner>);

struct Inner {
    store: Store,
    schema: Profiles,
    by_key: Mutex<HashMap<Key, Weak<Group>>>,
    counted: AtomicU64,
    following: AtomicU64,
    missed: Bounded<(u64, Moment), Missed>,
}

impl Followers {
    /// Creates an empty set of followers, which get the changes in `store` rendered by `schema`.
    pub fn new(store: Store, schema: Profiles) -> Self {
        Self(Arc::new(Inner {
            store,
            schema,
            by_key: Mutex::default(),
            counted: AtomicU64::new(0),
            following: AtomicU64::new(0),
            missed: bounded(KEPT, |_, missed| missed.size()),
        }))
    }

    /// The number of followers, and the number of groups.
    pub fn counted(&self) -> (u64, u64) {
        let by_key = self.0.by_key.lock().unwrap_or_else(PoisonError::into_inner);
        let groups = u64::try_from(by_key.len()).unwrap_or(u64::MAX);
        (self.0.following.load(Ordering::Relaxed), groups)
    }
}

/// The question, rights and filter of a group.
struct Selection {
    /// Unique number of the selection, for the cache of batches.
    number: u64,
    followers: Followers,
    document: Document,
    caller: Caller,
    filter: Filter,
}

/// A group of followers. `latest` contains the newest batch, for all members that have reached the end of the log.
struct Group {
    key: Key,
    selection: Arc<Selection>,
    latest: watch::Receiver<Arc<Told>>,
    teller: AbortHandle,
}

impl Drop for Group {
    fn drop(&mut self) {
        self.teller.abort();
        let followers = &self.selection.followers.0;
        let mut by_key = followers
            .by_key
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        // A new group may have taken the key.
        if by_key
            .get(&self.key)
            .is_some_and(|found| found.strong_count() == 0)
        {
            by_key.remove(&self.key);
        }
    }
}

/// Follows the log: returns each change after the requested moment once and in order, first the past ones and then new
/// ones. Ends only with an error: a change cannot be rendered.
pub fn told(
    followers: &Followers,
    document: Document,
    caller: Caller,
    asked: Asked,
) -> impl Stream<Item = Result<Arc<Event>, Broken>> + Send + use<> {
    let group = joined(followers, document, caller, asked.filter);
    followers.0.following.fetch_add(1, Ordering::Relaxed);
    let follower = Follower {
        latest: group.latest.clone(),
        group,
        after: asked.after,
    };
    let batches = stream::try_unfold(follower, async |mut follower| {
        let (told, after) = follower.next().await?;
        let known = told
            .events
            .partition_point(|event| event.place.sequence <= after.0);
        let news = (known..told.events.len()).filter_map(move |at| told.events.get(at).cloned());
        Ok(Some((stream::iter(news.map(Ok)), follower)))
    });
    batches.try_flatten()
}

/// A change cannot be rendered, by a fault of the server.
#[derive(Clone, Copy, Debug)]
pub struct Broken;

/// One follower.
struct Follower {
    group: Arc<Group>,
    latest: watch::Receiver<Arc<Told>>,
    /// The moment that the follower has reached.
    after: Moment,
}

impl Drop for Follower {
    fn drop(&mut self) {
        let followers = &self.group.selection.followers.0;
        followers.following.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Follower {
    /// Returns the next batch and the moment that the follower had reached before. At the end of the log it is the
    /// batch of the whole group; else it is one that the follower missed.
    async fn next(&mut self) -> Result<(Arc<Told>, Moment), Broken> {
        loop {
            let latest = Arc::clone(&self.latest.borrow_and_update());
            let told = if latest.to <= self.after {
                // The sender ends only if a change cannot be rendered.
                self.latest.changed().await.map_err(|_| Broken)?;
                continue;
            } else if latest.from <= self.after {
                latest
            } else {
                match self.group.selection.missed(self.after).boxed().await {
                    Ok(told) => told,
                    Err(later) => match *later {
                        Later::Broken(broken) => return Err(broken),
                        ref later => {
                            tracing::warn!(error = %later, "a follower waits for the database");
                            tokio::time::sleep(RETRY).await;
                            continue;
                        }
                    },
                }
            };
            let before = std::mem::replace(&mut self.after, told.to);
            return Ok((told, before));
        }
    }
}

/// Returns the group with this question and viewer; starts it if there is none, or if it has failed.
fn joined(followers: &Followers, document: Document, caller: Caller, filter: Filter) -> Arc<Group> {
    let key = (document.question, caller.viewer.clone());
    let all = &followers.0;
    let mut by_key = all.by_key.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(found) = by_key.get(&key).and_then(Weak::upgrade)
        && found.latest.has_changed().is_ok()
    {
        return found;
    }
    let selection = Arc::new(Selection {
        number: all.counted.fetch_add(1, Ordering::Relaxed),
        followers: followers.clone(),
        document,
        caller,
        filter,
    });
    let begin = all.store.reached();
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

/// The reason why a batch is not rendered yet.
#[derive(Debug)]
enum Later {
    Store(store::Error),
    /// A response was not complete, or not ready in time.
    Untold,
    /// A fault of the server.
    Broken(Broken),
}

impl Later {
    fn of(error: store::Error) -> Self {
        if error.is_away() {
            return Self::Store(error);
        }
        tracing::error!(%error, "cannot read the change log");
        Self::Broken(Broken)
    }
}

impl Display for Later {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(error) => error.fmt(f),
            Self::Untold => f.write_str("a change was not rendered completely or not in time"),
            Self::Broken(Broken) => f.write_str("a change cannot be rendered"),
        }
    }
}

impl Selection {
    /// Renders new changes for all members that have reached the end of the log. Returns when a change cannot be
    /// rendered.
    async fn tell_all(self: Arc<Self>, begin: Moment, tell: watch::Sender<Arc<Told>>) {
        let store = self.followers.0.store.clone();
        let batch = |after| {
            let selection = Arc::clone(&self);
            async move {
                match selection.tell(after).await {
                    Ok(told) => Ok((Ok(Arc::clone(&told)), told.to)),
                    Err(Later::Broken(broken)) => Ok((Err(broken), after)),
                    Err(later) => Err(later),
                }
            }
        };
        let mut batches = pin!(store.follow(begin, batch));
        loop {
            let next = if let Ok(next) = timeout(KEPT_FOR, batches.next()).await {
                next
            } else {
                tell.send_if_modified(forget);
                batches.next().await
            };
            let Some(Ok(told)) = next else { return };
            tell.send_replace(told);
        }
    }

    /// Returns the batch after a moment, for all members that have reached no more than that. It is read in a task of
    /// its own: a follower that does not poll blocks neither database connections nor the other members.
    async fn missed(self: &Arc<Self>, after: Moment) -> Result<Arc<Told>, Arc<Later>> {
        let selection = Arc::clone(self);
        let reading = async move {
            let missed = &selection.followers.0.missed;
            let key = (selection.number, after);
            loop {
                match missed.get_value_or_guard_async(&key).await {
                    Ok(found) if found.is_fresh() => return found.read,
                    Ok(_) => missed.retain(|_, kept| kept.is_fresh()),
                    Err(guard) => {
                        let read = selection.tell(after).await.map_err(Arc::new);
                        let since = Instant::now();
                        missed.retain(|_, kept| kept.is_fresh());
                        // Members that wait for this batch get the same result.
                        let _ = guard.insert(Missed {
                            read: read.clone(),
                            since,
                        });
                        return read;
                    }
                }
            }
        };
        let mut task = JoinSet::new();
        task.spawn(reading.in_current_span());
        let read = task.join_next().await.and_then(Result::ok);
        read.unwrap_or_else(|| Err(Arc::new(Later::Broken(Broken))))
    }

    /// Renders the batch after a moment. Tries up to [`TRIES`] times while the server is at fault.
    async fn tell(&self, after: Moment) -> Result<Arc<Told>, Later> {
        let mut tries = 0;
        loop {
            let told = AssertUnwindSafe(self.execute_all(after)).catch_unwind();
            let told = match timeout(PATIENCE, told).await {
                Ok(Ok(told)) => told,
                Ok(Err(_)) => Err(Later::Broken(Broken)),
                Err(_) => Err(Later::Untold),
            };
            tries += 1;
            match told {
                Err(Later::Broken(_)) if tries < TRIES => tokio::time::sleep(RETRY).await,
                told => return told.map(Arc::new),
            }
        }
    }

    /// Reads a batch and renders it, [`LANE`] changes in each execution.
    async fn execute_all(&self, after: Moment) -> Result<Told, Later> {
        let store = &self.followers.0.store;
        let (changes, to) = store
            .changes_after(&self.filter, after, BATCH)
            .await
            .map_err(Later::of)?;
        let head = Head {
            moment: to,
            committed_at: changes.last().map(|change| change.row.committed_at),
        };
        let (loads, batches) = Batches::new(store.clone(), Rows::default());
        let lanes = changes
            .chunks(LANE)
            .map(|lane| self.execute(lane, head, &loads));
        let answers: Vec<Vec<String>> = batches.run(try_join_all(lanes)).await?;
        let events = changes.iter().zip(answers.into_iter().flatten());
        let events = events.map(|(change, json)| {
            Arc::new(Event {
                json,
                place: Place::behind(store, Moment(change.row.sequence)),
            })
        });
        Ok(Told {
            events: events.collect(),
            from: after,
            to,
        })
    }

    /// Executes the subscription for some changes: one response for each.
    async fn execute(
        &self,
        changes: &[Followed],
        head: Head,
        loads: &Loads,
    ) -> Result<Vec<String>, Later> {
        let given = Given::new(changes.to_vec());
        let request = self.document.clone().request().data(given);
        let request = request
            .data(View::of(&self.followers.0.store, head))
            .data(loads.clone())
            .data(self.caller.clone());
        let answers = self.followers.0.schema.execute_stream(request);
        let told: Vec<String> = answers.map(json).try_collect().await?;
        if told.len() == changes.len() {
            Ok(told)
        } else {
            Err(Later::Broken(Broken))
        }
    }
}

/// Empties the latest batch after a while, to free its memory. A follower that still needs it catches up separately.
/// Returns false, so that no follower is woken.
fn forget(latest: &mut Arc<Told>) -> bool {
    let to = latest.to;
    *latest = Arc::new(Told {
        from: to,
        to,
        ..Told::default()
    });
    false
}

/// The response as JSON. One that the database or a fault of the server left incomplete is an error: it is executed
/// again.
fn json(response: Response) -> Result<String, Later> {
    let response = coded(response);
    let has = |code: &str| {
        response.errors.iter().any(|error| {
            let given = error.extensions.as_ref().and_then(|set| set.get("code"));
            given == Some(&Value::from(code))
        })
    };
    if has("UNAVAILABLE") {
        return Err(Later::Untold);
    }
    if has("INTERNAL") {
        return Err(Later::Broken(Broken));
    }
    serde_json::to_string(&response).map_err(|_| Later::Broken(Broken))
}
