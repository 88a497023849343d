//! The search index of a service. It follows the change log: before a search answers, the index has read the log up to
//! the moment of the request.

use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use search::{Document, Filter, Found, Index, Page, Query, Size};
use tokio::sync::Mutex;

use crate::engine::error::Error;
use crate::engine::limits::Limits;
use domain::record::Kind;
use store::Store;
use store::moment::Moment;
use store::versions::Version;

/// The index, and the limit of its memory.
pub struct SearchIndex {
    state: RwLock<State>,
    /// Held by the one task that brings the index up to a moment.
    turn: Mutex<()>,
    max_bytes: u64,
}

#[derive(Default)]
struct State {
    index: Index,
    /// True if the records need more memory than allowed. The index is empty then.
    is_too_large: bool,
}

/// Documents that are divided into terms before other tasks get a turn.
const DOCUMENTS_PER_TURN: usize = 50;

impl SearchIndex {
    /// Creates an empty index. The first search fills it.
    pub fn new(limits: &Limits) -> Self {
        Self {
            state: RwLock::default(),
            turn: Mutex::default(),
            max_bytes: u64::from(limits.max_search_mebibytes.unsigned_abs()) << 20,
        }
    }

    /// Finds the records that were current at a moment.
    ///
    /// # Errors
    /// `UNAVAILABLE` if the index needs too much memory, or if the database is away.
    pub async fn find(
        &self,
        store: &Store,
        query: &Query,
        filter: &Filter,
        moment: Moment,
        page: &Page,
    ) -> Result<Found, Error> {
        self.reach(store, moment).await?;
        let state = self.read();
        let found = state.index.find(query, filter, moment.0, page);
        found.ok_or(Error::SearchUnavailable)
    }

    /// Reads the log up to a moment, unless the index has.
    ///
    /// # Errors
    /// `UNAVAILABLE` if the index needs too much memory, or if the database is away.
    pub async fn reach(&self, store: &Store, moment: Moment) -> Result<(), Error> {
        if self.has_reached(moment)? {
            return Ok(());
        }
        let _turn = self.turn.lock().await;
        if self.has_reached(moment)? {
            return Ok(());
        }
        let reached = Moment(self.read().index.moment());
        if reached == Moment::default() {
            self.fill(store, moment).await
        } else {
            self.follow(store, reached, moment).await
        }
    }

    fn has_reached(&self, moment: Moment) -> Result<bool, Error> {
        let state = self.read();
        if state.is_too_large {
            return Err(Error::SearchUnavailable);
        }
        Ok(state.index.moment() >= moment.0)
    }

    /// Reads all records.
    async fn fill(&self, store: &Store, moment: Moment) -> Result<(), Error> {
        let mut index = Index::new(moment.0);
        for kind in Kind::all() {
            let mut after = None;
            loop {
                let versions = store.current_versions(kind, moment, after.as_ref()).await?;
                let Some(last) = versions.last() else { break };
                after = Some(last.id.clone());
                index.extend(documents(versions).await);
                if index.size().bytes > self.max_bytes {
                    return Err(self.give_up());
                }
            }
        }
        index.sort();
        self.write(|state| state.index = index);
        Ok(())
    }

    /// Reads the versions that the log wrote or ended.
    async fn follow(&self, store: &Store, mut after: Moment, to: Moment) -> Result<(), Error> {
        while after < to {
            let (versions, reached) = store.versions_between(after, to).await?;
            let documents = documents(versions).await;
            self.write(|state| state.index.advance(documents, reached.0));
            if self.read().index.size().bytes > self.max_bytes {
                return Err(self.give_up());
            }
            after = reached;
        }
        Ok(())
    }

    fn give_up(&self) -> Error {
        let limit = self.max_bytes >> 20;
        tracing::error!(
            limit,
            "the search index needs more memory than --max-search-mebibytes allows"
        );
        self.write(|state| {
            *state = State {
                is_too_large: true,
                ..State::default()
            }
        });
        Error::SearchUnavailable
    }

    /// The size of the index.
    pub fn size(&self) -> Size {
        self.read().index.size()
    }

    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.write().unwrap_or_else(PoisonError::into_inner));
    }
}

/// Divides versions into terms. Other tasks get a turn in between.
async fn documents(versions: Vec<Version>) -> Vec<Document> {
    let mut documents = Vec::with_capacity(versions.len());
    for (at, version) in versions.into_iter().enumerate() {
        if at.is_multiple_of(DOCUMENTS_PER_TURN) {
            tokio::task::yield_now().await;
        }
        documents.push(Document::of(&search::Version {
            id: version.id,
            since: version.since,
            until: version.until,
            content: version.columns,
        }));
    }
    documents
}
