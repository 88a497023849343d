//! The messages between the resolver of `Subscription.changes` and the service that follows the log. The resolver
//! reports its arguments; later it renders the changes that it is given.

use std::sync::{Arc, Mutex, PoisonError};

use store::change::{Filter, Followed};
use store::moment::Moment;

/// The cursor of the last change that a client has (`Last-Event-ID`). The subscription continues after it.
#[derive(Clone)]
pub struct Resume(pub String);

/// The arguments of a subscription to the log, as the resolver reads them.
#[derive(Clone, Debug)]
pub struct SubscriptionArgs {
    /// The filter of changes.
    pub filter: Filter,
    /// The moment after which changes are sent.
    pub after: Moment,
    /// True if the request names that moment; false if it is the end of the log.
    pub names_after: bool,
}

/// A slot in which the resolver stores the arguments of the subscription.
#[derive(Clone, Default)]
pub struct ArgumentSlot(Arc<Mutex<Option<SubscriptionArgs>>>);

impl ArgumentSlot {
    /// Stores the arguments.
    pub fn set(&self, args: SubscriptionArgs) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(args);
    }

    /// Takes the arguments; `None` if the operation does not follow the log.
    pub fn take(&self) -> Option<SubscriptionArgs> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// A batch of changes that the resolver renders, one response for each.
pub struct BatchInput(Mutex<Vec<Followed>>);

impl BatchInput {
    /// Creates a batch.
    pub fn new(changes: Vec<Followed>) -> Self {
        Self(Mutex::new(changes))
    }

    /// Takes the changes. A second call returns none.
    pub fn take(&self) -> Vec<Followed> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
