//! Polls a self-waking future again at once (up to 8 times) instead of rescheduling its task. A handler that reads a
//! request body wakes the connection that delivers it, and both are one task. The runtime would hand the task to
//! another thread: two more wake-ups for each request with a body.
//!
//! To see those wake-ups, [`eager_poll`] polls the future with another waker ([`WakeFlag`]) in place of the runtime's.
//! During a poll it only notes that it was woken; at other times it wakes the task through the runtime's waker.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use futures_util::task::AtomicWaker;

/// Number of polls in a row before other tasks have their turn.
const MAX_POLLS: usize = 8;

/// Waker that is swapped in for the runtime's: it notes wake-ups during a poll, and passes on those between polls.
#[derive(Default)]
struct WakeFlag {
    is_polling: AtomicBool,
    was_woken: AtomicBool,
    task: AtomicWaker,
}

impl Wake for WakeFlag {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.was_woken.swap(true, Ordering::SeqCst);
        // During a poll nothing more is to do: the loop in `eager_poll` checks `was_woken` after the poll.
        if !self.is_polling.load(Ordering::SeqCst) {
            self.task.wake();
        }
    }
}

/// Runs a future to its end, and polls it again at once if it wakes itself.
pub async fn eager_poll<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let wake_flag = Arc::new(WakeFlag::default());
    let waker = Waker::from(Arc::clone(&wake_flag));
    poll_fn(|cx| {
        wake_flag.task.register(cx.waker());
        for _ in 0..MAX_POLLS {
            wake_flag.was_woken.swap(false, Ordering::SeqCst);
            wake_flag.is_polling.store(true, Ordering::SeqCst);
            let polled = future.as_mut().poll(&mut Context::from_waker(&waker));
            wake_flag.is_polling.store(false, Ordering::SeqCst);
            if polled.is_ready() || !wake_flag.was_woken.load(Ordering::SeqCst) {
                return polled;
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;

    #[derive(Default)]
    struct Counts(AtomicUsize);

    impl Wake for Counts {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// Polls a future that wakes itself `times` times. Returns how often it woke the runtime, and whether it is ready.
    fn wakes(times: usize) -> (usize, bool) {
        let mut left = times;
        let future = pin!(eager_poll(poll_fn(move |cx| {
            if left == 0 {
                return Poll::Ready(());
            }
            left -= 1;
            cx.waker().wake_by_ref();
            Poll::Pending
        })));
        let counts = Arc::new(Counts::default());
        let waker = Waker::from(Arc::clone(&counts));
        let polled = future.poll(&mut Context::from_waker(&waker));
        (counts.0.load(Ordering::SeqCst), polled.is_ready())
    }

    #[test]
    fn a_future_that_wakes_itself_is_polled_again_at_once_up_to_a_limit() {
        assert_eq!(wakes(0), (0, true));
        assert_eq!(wakes(MAX_POLLS - 1), (0, true));
        assert_eq!(wakes(1_000), (1, false));
    }

    #[test]
    fn a_wake_up_by_another_thread_during_a_poll_is_not_lost() {
        let mut was_woken = false;
        let future = pin!(eager_poll(poll_fn(move |cx| {
            if was_woken {
                return Poll::Ready(());
            }
            was_woken = true;
            let waker = cx.waker().clone();
            std::thread::spawn(move || waker.wake()).join().unwrap();
            Poll::Pending
        })));
        let counts = Arc::new(Counts::default());
        let waker = Waker::from(Arc::clone(&counts));
        let polled = future.poll(&mut Context::from_waker(&waker));
        assert_eq!(
            (counts.0.load(Ordering::SeqCst), polled),
            (0, Poll::Ready(()))
        );
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_wake_up_by_another_task_between_polls_is_not_lost() {
        for _ in 0..1_000 {
            let (sender, receiver) = tokio::sync::oneshot::channel();
            let task = tokio::spawn(async move { sender.send(1) });
            assert_eq!(eager_poll(receiver).await, Ok(1));
            assert_eq!(task.await.unwrap(), Ok(()));
        }
    }
}
