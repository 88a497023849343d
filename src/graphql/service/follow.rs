//! Telling the log to those who follow it. Who asks alike, with equal rights, and stands at the same place is
//! told by one execution and from the same bytes; who is slower stands elsewhere, and is told alone.

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
/// How long some changes may take until they are asked for anew.
const PATIENCE: Duration = Duration::from_mins(1);
/// How often what fails by our fault is tried, until those who follow are told so.
const TRIES: u32 = 3;

/// A change as it is told to all who asked alike.
pub struct Event {
    /// The response, as JSON.
    pub json: String,
    /// Where the change is in the log.
    pub place: Place,
}

/// A place in the log.
#[derive(Clone)]
pub struct Place {
    /// The number of the last change before it.
    pub sequence: i64,
    /// Says so to others.
    pub cursor: Arc<str>,
}

impl Place {
    /// The place behind a moment.
    pub(super) fn behind(store: &Store, moment: Moment) -> Self {
        Self {
            sequence: moment.0,
            cursor: store.cursors().write(moment).into(),
        }
    }
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
    fn size(&self) -> usize {
        let sizes = self.events.iter().map(|event| event.json.len() + BESIDE);
        sizes.sum()
    }
}

/// Changes that were read for those who had missed them, or why they could not be.
#[derive(Clone)]
struct Missed {
    read: Result<Arc<Told>, Arc<Later>>,
    since: Instant,
}

impl Missed {
    /// Whether others may still be told the same.
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

/// What makes two followers be told the same.
type Key = (Question, Viewer);

/// Those who follow the log, by what they ask.
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
    /// They are told what a schema makes of a log.
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

    /// How many follow, and how many different questions they ask.
    pub fn counted(&self) -> (u64, u64) {
        let by_key = self.0.by_key.lock().unwrap_or_else(PoisonError::into_inner);
        let groups = u64::try_from(by_key.len()).unwrap_or(u64::MAX);
        (self.0.following.load(Ordering::Relaxed), groups)
    }
}

/// What some followers ask alike.
struct Selection {
    /// Names it.
    number: u64,
    followers: Followers,
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
        let followers = &self.selection.followers.0;
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

/// Every change that is asked for, once and in order, and then those to come; the end is that one cannot be
/// told.
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

/// A change cannot be told, by our fault.
#[derive(Clone, Copy, Debug)]
pub struct Broken;

/// Somebody who follows.
struct Follower {
    group: Arc<Group>,
    latest: watch::Receiver<Arc<Told>>,
    /// How far they have come.
    after: Moment,
}

impl Drop for Follower {
    fn drop(&mut self) {
        let followers = &self.group.selection.followers.0;
        followers.following.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Follower {
    /// What is told next, and where they stood before: with all others who have come to the end of the log,
    /// or with those who have missed the same.
    async fn next(&mut self) -> Result<(Arc<Told>, Moment), Broken> {
        loop {
            let latest = Arc::clone(&self.latest.borrow_and_update());
            let told = if latest.to <= self.after {
                // Who tells them ends only where a change cannot be told.
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
                            tracing::warn!(error = %later, "a follower waits");
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

/// The group of those who ask the same.
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

/// Why some changes are not told yet.
#[derive(Debug)]
enum Later {
    Store(store::Error),
    /// An answer could not be had whole, or not in time.
    Untold,
    /// Our fault.
    Broken(Broken),
}

impl Later {
    fn of(error: store::Error) -> Self {
        if error.is_away() {
            return Self::Store(error);
        }
        tracing::error!(%error, "the log cannot be read");
        Self::Broken(Broken)
    }
}

impl Display for Later {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(error) => error.fmt(f),
            Self::Untold => f.write_str("the database was away while a change was told"),
            Self::Broken(Broken) => f.write_str("a change cannot be told"),
        }
    }
}

impl Selection {
    /// Tells all who have come to the end of the log what comes next, until there is something that cannot be
    /// told.
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

    /// The changes behind a moment, for all who have come no further. They are read in a task of their own: a follower
    /// that is not asked for more meanwhile keeps neither connections to the database nor the others waiting.
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
                        // Those who wait for it are told the same.
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

    /// The changes behind a moment. What fails by our fault is tried again before that is said.
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

    /// What is told of each change.
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

/// What was told takes no room after a while; who comes back to it has missed it. Nobody is told of that.
fn forget(latest: &mut Arc<Told>) -> bool {
    let to = latest.to;
    *latest = Arc::new(Told {
        from: to,
        to,
        ..Told::default()
    });
    false
}

/// A response as JSON, where it is whole: what the database or a fault of ours kept back is asked for again.
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
