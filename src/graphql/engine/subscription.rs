//! How the resolver of `Subscription.changes` and those who follow the log speak with each other: the resolver reads
//! the arguments, and tells the changes that it is given.

use std::sync::{Arc, Mutex, PoisonError};

use store::change::{Filter, Followed};
use store::moment::Moment;

/// The last change that a client has: those behind it are wanted.
#[derive(Clone)]
pub struct Resume(pub String);

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
    /// The changes that it has to tell.
    pub fn new(changes: Vec<Followed>) -> Self {
        Self(Mutex::new(changes))
    }

    /// The changes, once.
    pub fn take(&self) -> Vec<Followed> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
