//! The operations that go on on one socket, each under the id that its client gave it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use futures_util::future::FutureExt;
use futures_util::stream::{self, BoxStream, SelectAll, StreamExt};

use crate::graphql::{Answer, Place};

/// The id of an operation, and which it was of those with this id.
#[derive(Clone)]
pub struct Name {
    /// The id.
    pub id: Arc<str>,
    number: u64,
}

/// What is next: an answer of an operation, or its end.
pub type Next = (Name, Option<Answer>);

/// The answers of an operation, until it ends.
type Answers = Arc<Mutex<Option<BoxStream<'static, Answer>>>>;

struct Running {
    number: u64,
    answers: Answers,
    /// How far in the log its client has come.
    reached: Option<Place>,
}

fn held(answers: &Answers) -> MutexGuard<'_, Option<BoxStream<'static, Answer>>> {
    answers.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The operations of a socket.
#[derive(Default)]
pub struct Operations {
    answers: SelectAll<BoxStream<'static, Next>>,
    running: HashMap<Arc<str>, Running>,
    count: u64,
}

impl Operations {
    /// How many go on.
    pub fn len(&self) -> usize {
        self.running.len()
    }

    /// Whether an id is in use.
    pub fn has(&self, id: &str) -> bool {
        self.running.contains_key(id)
    }

    /// One more, under an id that is not in use.
    pub fn begin(&mut self, id: String, answers: BoxStream<'static, Answer>) {
        let answers: Answers = Arc::new(Mutex::new(Some(answers)));
        self.count = self.count.wrapping_add(1);
        let name = Name {
            id: id.into(),
            number: self.count,
        };
        let running = Running {
            number: name.number,
            answers: Arc::clone(&answers),
            reached: None,
        };
        self.running.insert(Arc::clone(&name.id), running);
        let next = stream::poll_fn(move |cx| match &mut *held(&answers) {
            Some(answers) => answers.poll_next_unpin(cx),
            None => Poll::Ready(None),
        });
        let end = stream::once(std::future::ready(None));
        let given = next.map(Some).chain(end);
        self.answers
            .push(given.map(move |given| (name.clone(), given)).boxed());
    }

    /// The client wants no more of an operation: what it does is given up, whether or not the client reads.
    pub fn end(&mut self, id: &str) {
        if let Some(running) = self.running.remove(id) {
            drop(held(&running.answers).take());
        }
    }

    /// The client of an operation has come so far in the log.
    pub fn reached(&mut self, name: &Name, place: Place) {
        if let Some(running) = self.running.get_mut(&name.id)
            && running.number == name.number
        {
            running.reached = Some(place);
        }
    }

    /// Where the client has come to in the log: of all its operations the place behind which none misses
    /// anything. None where it is not known of one of them.
    pub fn position(&self) -> Option<&str> {
        let reached = self.running.values().map(|one| one.reached.as_ref());
        let reached: Option<Vec<_>> = reached.collect();
        let least = reached?.into_iter().min_by_key(|place| place.sequence);
        least.map(|place| &*place.cursor)
    }

    /// The next answer, or end, of any operation of which the client wants more; waits for ever where there
    /// is none.
    pub async fn next(&mut self) -> Next {
        loop {
            match self.answers.next().await {
                Some((name, given)) if self.is_wanted(&name) => return (name, given),
                Some(_) => {}
                None => std::future::pending().await,
            }
        }
    }

    /// The next answer, where there is one already.
    pub fn ready(&mut self) -> Option<Next> {
        self.next().now_or_never()
    }

    fn is_wanted(&self, name: &Name) -> bool {
        let running = self.running.get(&name.id).map(|one| one.number);
        running == Some(name.number)
    }
}
