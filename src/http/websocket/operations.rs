//! The running operations of a socket, by the ids that the client gave them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use futures_util::future::FutureExt;
use futures_util::stream::{self, BoxStream, SelectAll, StreamExt};

use crate::graphql::{Answer, LogPosition};

/// Name of an operation: its id, and a number that tells apart operations that use one id after another.
#[derive(Clone)]
pub struct OperationKey {
    /// The client's id.
    pub id: Arc<str>,
    number: u64,
}

/// The next event of a socket: a response of an operation, or `None` for its end.
pub type OperationEvent = (OperationKey, Option<Answer>);

/// The responses of an operation; `None` once the operation was ended.
type SharedAnswers = Arc<Mutex<Option<BoxStream<'static, Answer>>>>;

struct Running {
    number: u64,
    answers: SharedAnswers,
    /// Position in the log up to which the client has received changes.
    received_up_to: Option<LogPosition>,
}

fn lock(answers: &SharedAnswers) -> MutexGuard<'_, Option<BoxStream<'static, Answer>>> {
    answers.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The running operations of a socket.
#[derive(Default)]
pub struct Operations {
    answers: SelectAll<BoxStream<'static, OperationEvent>>,
    running: HashMap<Arc<str>, Running>,
    count: u64,
}

impl Operations {
    /// Number of running operations.
    pub fn len(&self) -> usize {
        self.running.len()
    }

    /// True if the id belongs to a running operation.
    pub fn has(&self, id: &str) -> bool {
        self.running.contains_key(id)
    }

    /// Starts an operation. The id must not be in use.
    pub fn begin(&mut self, id: String, answers: BoxStream<'static, Answer>) {
        let answers: SharedAnswers = Arc::new(Mutex::new(Some(answers)));
        self.count = self.count.wrapping_add(1);
        let name = OperationKey {
            id: id.into(),
            number: self.count,
        };
        let running = Running {
            number: name.number,
            answers: Arc::clone(&answers),
            received_up_to: None,
        };
        self.running.insert(Arc::clone(&name.id), running);
        let next = stream::poll_fn(move |cx| match &mut *lock(&answers) {
            Some(answers) => answers.poll_next_unpin(cx),
            None => Poll::Ready(None),
        });
        let end = stream::once(std::future::ready(None));
        let given = next.map(Some).chain(end);
        self.answers
            .push(given.map(move |given| (name.clone(), given)).boxed());
    }

    /// Ends an operation on request of the client: its execution is dropped at once, even if the client reads nothing.
    pub fn end(&mut self, id: &str) {
        if let Some(running) = self.running.remove(id) {
            drop(lock(&running.answers).take());
        }
    }

    /// Records that the client of an operation has received the log up to this position.
    pub fn note_received(&mut self, name: &OperationKey, position: LogPosition) {
        if let Some(running) = self.running.get_mut(&name.id)
            && running.number == name.number
        {
            running.received_up_to = Some(position);
        }
    }

    /// The cursor from which the client can resume all operations without a gap: the earliest of their positions.
    /// `None` if one of them is unknown.
    pub fn position(&self) -> Option<&str> {
        let received_up_to = self.running.values().map(|one| one.received_up_to.as_ref());
        let received_up_to: Option<Vec<_>> = received_up_to.collect();
        let least = received_up_to?
            .into_iter()
            .min_by_key(|position| position.sequence);
        least.map(|position| &*position.cursor)
    }

    /// Waits for the next response or end of a running operation; waits for ever if there is none.
    pub async fn next(&mut self) -> OperationEvent {
        loop {
            match self.answers.next().await {
                Some((name, given)) if self.is_wanted(&name) => return (name, given),
                Some(_) => {}
                None => std::future::pending().await,
            }
        }
    }

    /// The next response or end, if one is ready.
    pub fn ready(&mut self) -> Option<OperationEvent> {
        self.next().now_or_never()
    }

    fn is_wanted(&self, name: &OperationKey) -> bool {
        let running = self.running.get(&name.id).map(|one| one.number);
        running == Some(name.number)
    }
}
