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
use futures_util::future::{BoxFuture, FutureExt, try_join_all};
use futures_util::stream::{self, Stream, StreamExt, TryStreamExt};
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::timeout;
use tracing::Instrument;

use crate::document::{Document, Question};
use crate::engine::batch::Batches;
use crate::engine::cache::{Bounded, bounded, size_of};
use crate::engine::caller::Caller;
use crate::engine::context::View;
use crate::engine::loader::RequestLoader;
use crate::engine::rows::Rows;
use crate::engine::stats::CacheSize;
use crate::engine::subscription::{BatchInput, SubscriptionArgs};
use crate::schema::ApiSchema;
use crate::service::response::coded;
use domain::viewer::Viewer;
use store::change::{Filter, Followed};
use store::moment::Moment;
use store::{self, Head, Store};

/// Number of changes that one execution renders: enough to spread the cost of an execution.
const CHANGES_PER_EXECUTION: usize = 8;
/// Number of changes in a batch. The executions of a batch run concurrently and share their loads. Few enough that a
/// follower who missed many gets the first ones soon, and that a batch takes little memory.
const BATCH_SIZE: u64 = 64;
/// Maximum size of the cached batches for followers who missed them, in bytes.
const CACHE_BYTES: u64 = 8 * 1024 * 1024;
/// Time for which a batch stays cached.
const CACHE_DURATION: Duration = Duration::from_secs(2);
/// Overhead of a change besides its response, in bytes.
const ENTRY_OVERHEAD: usize = 256;
/// Pause before a read that the database did not complete is tried again.
const RETRY_DELAY: Duration = Duration::from_secs(1);
/// Time after which the execution of a batch is given up and tried again.
const EXECUTION_TIMEOUT: Duration = Duration::from_mins(1);
/// Number of attempts at a batch that fails by a fault of the server, before its followers get the error.
const MAX_ATTEMPTS: u32 = 3;

/// A change, rendered for all followers with the same question and rights.
pub struct Event {
    /// The response as JSON.
    pub json: String,
    /// The position of the change.
    pub position: LogPosition,
}

/// A position in the change log.
#[derive(Clone)]
pub struct LogPosition {
    /// Sequence number of the change at this position; 0 before the first.
    pub sequence: i64,
    /// The cursor of this position.
    pub cursor: Arc<str>,
}

impl LogPosition {
    /// The position at the end of a moment.
    pub(super) fn at_end_of(store: &Store, moment: Moment) -> Self {
        Self {
            sequence: moment.0,
            cursor: store.cursors().write(moment).into(),
        }
    }
}

/// A batch of consecutive changes, rendered.
#[derive(Default)]
struct RenderedBatch {
    events: Vec<Arc<Event>>,
    /// The moment after which the batch begins.
    from: Moment,
    /// The moment up to which the log was read.
    to: Moment,
    /// The end of the log when it was rendered, if the document selects `Change.latest`.
    newest: Option<Moment>,
}

impl RenderedBatch {
    /// The events after a moment.
    fn news(self: Arc<Self>, after: Moment) -> impl Iterator<Item = Arc<Event>> {
        let events = &self.events;
        let known = events.partition_point(|event| event.position.sequence <= after.0);
        (known..events.len()).filter_map(move |at| self.events.get(at).cloned())
    }

    /// Size in memory, in bytes.
    fn size(&self) -> usize {
        let sizes = self
            .events
            .iter()
            .map(|event| event.json.len() + ENTRY_OVERHEAD);
        sizes.sum()
    }
}

/// A cached batch for followers who missed it, or the reason why it could not be rendered.
#[derive(Clone)]
struct MissedBatch {
    read: Result<Arc<RenderedBatch>, Arc<NotRendered>>,
    since: Instant,
}

impl MissedBatch {
    /// True while other followers may get this result. `newest` is the end of the log now; `None` if the document does not select `Change.latest`.
    fn is_fresh(&self, newest: Option<Moment>) -> bool {
        let limit = match self.read.as_ref().map_err(AsRef::as_ref) {
            Ok(batch) if batch.newest < newest => return false,
            Ok(_) => CACHE_DURATION,
            Err(NotRendered::RenderFailed(_)) => return false,
            Err(_) => RETRY_DELAY,
        };
        self.since.elapsed() < limit
    }

    fn size(&self) -> usize {
        self.read
            .as_ref()
            .map_or(ENTRY_OVERHEAD, |batch| batch.size())
    }
}

/// The key of a group: followers with an equal key get the same bytes.
type GroupKey = (Question, Viewer);

/// All followers of the change log, in groups.
#[derive(Clone)]
pub struct Followers(Arc<Inner>);

struct Inner {
    store: Store,
    schema: ApiSchema,
    by_key: Mutex<HashMap<GroupKey, Weak<Group>>>,
    counted: AtomicU64,
    following: AtomicU64,
    missed: Bounded<(u64, Moment), MissedBatch>,
}

impl Followers {
    /// Creates an empty set of followers, which get the changes in `store` rendered by `schema`.
    pub fn new(store: Store, schema: ApiSchema) -> Self {
        Self(Arc::new(Inner {
            store,
            schema,
            by_key: Mutex::default(),
            counted: AtomicU64::new(0),
            following: AtomicU64::new(0),
            missed: bounded(CACHE_BYTES, |_, missed| missed.size()),
        }))
    }

    /// The size of the cached batches.
    pub fn size(&self) -> CacheSize {
        size_of(&self.0.missed)
    }

    /// The number of followers, and the number of groups.
    pub fn count_followers(&self) -> (u64, u64) {
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
    key: GroupKey,
    selection: Arc<Selection>,
    latest: watch::Receiver<Arc<RenderedBatch>>,
    renderer: AbortHandle,
}

impl Drop for Group {
    fn drop(&mut self) {
        self.renderer.abort();
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
pub fn follow(
    followers: &Followers,
    document: Document,
    caller: Caller,
    args: SubscriptionArgs,
) -> impl Stream<Item = Result<Arc<Event>, RenderFailed>> + Send + use<> {
    let follower = join(followers, document, caller, args);
    let batches = stream::try_unfold(follower, async |mut follower| {
        let (batch, after) = follower.next().await?;
        let news = batch.news(after);
        Ok(Some((stream::iter(news.map(Ok)), follower)))
    });
    batches.try_flatten()
}

/// Follows the log like [`follow`], batch by batch.
pub(super) fn join(
    followers: &Followers,
    document: Document,
    caller: Caller,
    args: SubscriptionArgs,
) -> Follower {
    let group = join_group(followers, document, caller, args.filter);
    followers.0.following.fetch_add(1, Ordering::Relaxed);
    Follower {
        latest: group.latest.clone(),
        group,
        after: args.after,
    }
}

/// A change cannot be rendered, by a fault of the server.
#[derive(Clone, Copy, Debug)]
pub struct RenderFailed;

/// Consecutive events, and the moment up to which the log was read for them.
pub struct Batch {
    /// The events, in order; none if the document selects none of these changes.
    pub events: Vec<Arc<Event>>,
    /// The moment.
    pub to: Moment,
}

/// One follower.
pub struct Follower {
    group: Arc<Group>,
    latest: watch::Receiver<Arc<RenderedBatch>>,
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
    /// Returns the next batch. Waits until the log has grown.
    ///
    /// # Errors
    /// [`RenderFailed`]
    pub async fn next_batch(&mut self) -> Result<Batch, RenderFailed> {
        let (batch, after) = self.next().await?;
        Ok(Batch {
            to: batch.to,
            events: batch.news(after).collect(),
        })
    }

    /// Goes back, or on, to the position after a change.
    pub fn seek(&mut self, after: Moment) {
        self.after = after;
    }

    /// Returns the next batch and the moment that the follower had reached before. At the end of the log it is the
    /// batch of the whole group; else it is one that the follower missed.
    async fn next(&mut self) -> Result<(Arc<RenderedBatch>, Moment), RenderFailed> {
        loop {
            let latest = Arc::clone(&self.latest.borrow_and_update());
            let batch = if latest.to <= self.after {
                // The sender ends only if a change cannot be rendered.
                self.latest.changed().await.map_err(|_| RenderFailed)?;
                continue;
            } else {
                // Boxed: a follower that waits takes no memory for what it does then.
                match self
                    .group
                    .selection
                    .after(self.after, latest)
                    .boxed()
                    .await?
                {
                    Some(batch) => batch,
                    None => continue,
                }
            };
            let before = std::mem::replace(&mut self.after, batch.to);
            return Ok((batch, before));
        }
    }
}

/// Returns the group with this question and viewer; starts it if there is none, or if it has failed.
fn join_group(
    followers: &Followers,
    document: Document,
    caller: Caller,
    filter: Filter,
) -> Arc<Group> {
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
    let (sender, latest) = watch::channel(Arc::new(RenderedBatch {
        from: begin,
        to: begin,
        ..RenderedBatch::default()
    }));
    let renderer = tokio::spawn(Arc::clone(&selection).render_all(begin, sender));
    let group = Arc::new(Group {
        key: key.clone(),
        selection,
        latest,
        renderer: renderer.abort_handle(),
    });
    by_key.insert(key, Arc::downgrade(&group));
    group
}

/// The reason why a batch is not rendered yet.
#[derive(Debug)]
enum NotRendered {
    Store(store::Error),
    /// A response was not complete, or not ready in time.
    Incomplete,
    /// A fault of the server.
    RenderFailed(RenderFailed),
}

impl NotRendered {
    fn of(error: store::Error) -> Self {
        if error.is_away() {
            return Self::Store(error);
        }
        tracing::error!(%error, "cannot read the change log");
        Self::RenderFailed(RenderFailed)
    }
}

impl Display for NotRendered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(error) => error.fmt(f),
            Self::Incomplete => f.write_str("a change was not rendered completely or not in time"),
            Self::RenderFailed(RenderFailed) => f.write_str("a change cannot be rendered"),
        }
    }
}

impl Selection {
    /// Renders new changes for all members that have reached the end of the log. Returns when a change cannot be
    /// rendered.
    async fn render_all(self: Arc<Self>, begin: Moment, sender: watch::Sender<Arc<RenderedBatch>>) {
        let store = self.followers.0.store.clone();
        let batch = |after| {
            let selection = Arc::clone(&self);
            async move {
                match selection.render(after).await {
                    Ok(batch) => Ok((Ok(Arc::clone(&batch)), batch.to)),
                    Err(NotRendered::RenderFailed(broken)) => Ok((Err(broken), after)),
                    Err(later) => Err(later),
                }
            }
        };
        let mut batches = pin!(store.follow(begin, batch));
        loop {
            let next = if let Ok(next) = timeout(CACHE_DURATION, batches.next()).await {
                next
            } else {
                sender.send_if_modified(forget);
                batches.next().await
            };
            let Some(Ok(batch)) = next else { return };
            sender.send_replace(batch);
        }
    }

    /// The end of the log now, if the document selects `Change.latest`.
    async fn newest(&self) -> Result<Option<Moment>, store::Error> {
        if !self.document.selects_latest {
            return Ok(None);
        }
        let head = self.followers.0.store.newest().await?;
        Ok(Some(head.moment))
    }

    /// True unless the document selects `Change.latest`, and the log has grown since the batch was rendered.
    async fn is_current(&self, batch: &RenderedBatch) -> bool {
        // Without an answer of the database, the batch is the newest that is known.
        let newest = self.newest().await;
        newest.map_or(true, |newest| batch.newest >= newest)
    }

    /// Returns the batch after a moment: the latest, or one that was missed. `None` after a pause if the database is
    /// away.
    async fn after(
        self: &Arc<Self>,
        after: Moment,
        latest: Arc<RenderedBatch>,
    ) -> Result<Option<Arc<RenderedBatch>>, RenderFailed> {
        if latest.from <= after && self.is_current(&latest).await {
            return Ok(Some(latest));
        }
        match self.missed(after).await {
            Ok(batch) => Ok(Some(batch)),
            Err(later) => match *later {
                NotRendered::RenderFailed(broken) => Err(broken),
                ref later => {
                    tracing::warn!(error = %later, "a follower waits for the database");
                    tokio::time::sleep(RETRY_DELAY).await;
                    Ok(None)
                }
            },
        }
    }

    /// Returns the batch after a moment, for all members that have reached no more than that. It is read in a task of
    /// its own: a follower that does not poll blocks neither database connections nor the other members.
    async fn missed(
        self: &Arc<Self>,
        after: Moment,
    ) -> Result<Arc<RenderedBatch>, Arc<NotRendered>> {
        let selection = Arc::clone(self);
        let reading = async move {
            let missed = &selection.followers.0.missed;
            let key = (selection.number, after);
            loop {
                let newest = selection.newest().await;
                let newest = newest.map_err(|error| Arc::new(NotRendered::of(error)))?;
                match missed.get_value_or_guard_async(&key).await {
                    Ok(found) if found.is_fresh(newest) => return found.read,
                    Ok(_) => drop(missed.remove(&key)),
                    Err(guard) => {
                        let read = selection.render(after).await.map_err(Arc::new);
                        let since = Instant::now();
                        missed.retain(|_, kept| kept.since.elapsed() < CACHE_DURATION);
                        // Members that wait for this batch get the same result.
                        let _ = guard.insert(MissedBatch {
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
        read.unwrap_or_else(|| Err(Arc::new(NotRendered::RenderFailed(RenderFailed))))
    }

    /// Renders the batch after a moment. Tries up to [`MAX_ATTEMPTS`] times while the server is at fault. Boxed, so that
    /// the callers are not compiled with it.
    fn render(&self, after: Moment) -> BoxFuture<'_, Result<Arc<RenderedBatch>, NotRendered>> {
        async move {
            let mut attempts = 0;
            loop {
                let batch = AssertUnwindSafe(self.execute_all(after)).catch_unwind();
                let batch = match timeout(EXECUTION_TIMEOUT, batch).await {
                    Ok(Ok(batch)) => batch,
                    Ok(Err(_)) => Err(NotRendered::RenderFailed(RenderFailed)),
                    Err(_) => Err(NotRendered::Incomplete),
                };
                attempts += 1;
                match batch {
                    Err(NotRendered::RenderFailed(_)) if attempts < MAX_ATTEMPTS => {
                        tokio::time::sleep(RETRY_DELAY).await;
                    }
                    batch => return batch.map(Arc::new),
                }
            }
        }
        .boxed()
    }

    /// Reads a batch and renders it, [`CHANGES_PER_EXECUTION`] changes in each execution.
    async fn execute_all(&self, after: Moment) -> Result<RenderedBatch, NotRendered> {
        let store = &self.followers.0.store;
        let (changes, to) = store
            .changes_after(&self.filter, after, BATCH_SIZE)
            .await
            .map_err(NotRendered::of)?;
        let head = if self.document.selects_latest {
            store.newest().await.map_err(NotRendered::of)?
        } else {
            Head {
                moment: to,
                committed_at: changes.last().map(|change| change.row.committed_at),
            }
        };
        let (loader, batches) = Batches::new(store.clone(), Rows::default());
        let executions = changes
            .chunks(CHANGES_PER_EXECUTION)
            .map(|some| self.execute(some, head, &loader));
        let answers: Vec<Vec<String>> = batches.run(try_join_all(executions)).await?;
        let events = changes.iter().zip(answers.into_iter().flatten());
        let events = events.map(|(change, json)| {
            Arc::new(Event {
                json,
                position: LogPosition::at_end_of(store, Moment(change.row.sequence)),
            })
        });
        Ok(RenderedBatch {
            events: events.collect(),
            from: after,
            to,
            newest: self.document.selects_latest.then_some(head.moment),
        })
    }

    /// Executes the subscription for some changes: one response for each.
    async fn execute(
        &self,
        changes: &[Followed],
        head: Head,
        loader: &RequestLoader,
    ) -> Result<Vec<String>, NotRendered> {
        let input = BatchInput::new(changes.to_vec());
        let request = self.document.clone().request().data(input);
        let request = request
            .data(View::of(&self.followers.0.store, head))
            .data(loader.clone())
            .data(self.caller.clone());
        let answers = self.followers.0.schema.execute_stream(request);
        let rendered: Vec<String> = answers.map(json).try_collect().await?;
        if rendered.len() == changes.len() {
            Ok(rendered)
        } else {
            Err(NotRendered::RenderFailed(RenderFailed))
        }
    }
}

/// Empties the latest batch after a while, to free its memory. A follower that still needs it catches up separately.
/// Returns false, so that no follower is woken.
fn forget(latest: &mut Arc<RenderedBatch>) -> bool {
    let to = latest.to;
    *latest = Arc::new(RenderedBatch {
        from: to,
        to,
        ..RenderedBatch::default()
    });
    false
}

/// The response as JSON. One that the database or a fault of the server left incomplete is an error: it is executed
/// again.
fn json(response: Response) -> Result<String, NotRendered> {
    let response = coded(response);
    let has = |code: &str| {
        response.errors.iter().any(|error| {
            let given = error.extensions.as_ref().and_then(|set| set.get("code"));
            given == Some(&Value::from(code))
        })
    };
    if has("UNAVAILABLE") {
        return Err(NotRendered::Incomplete);
    }
    if has("INTERNAL") {
        return Err(NotRendered::RenderFailed(RenderFailed));
    }
    serde_json::to_string(&response).map_err(|_| NotRendered::RenderFailed(RenderFailed))
}
