//! A task that wakes itself while it runs goes on at once. The runtime would hand it to another thread: two wake-ups
//! more for each request with a body, because who reads a body wakes who brings it, and both are one task.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use futures_util::task::AtomicWaker;

/// How often a task goes on at once before others have their turn.
const AT_ONCE: usize = 8;

/// What wakes a task: the task itself while it runs, else the runtime.
#[derive(Default)]
struct Woken {
    runs: AtomicBool,
    again: AtomicBool,
    task: AtomicWaker,
}

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.again.swap(true, Ordering::SeqCst);
        // Who runs looks at `again` once it runs no more.
        if !self.runs.load(Ordering::SeqCst) {
            self.task.wake();
        }
    }
}

/// What a future comes to.
pub async fn inline<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let woken = Arc::new(Woken::default());
    let waker = Waker::from(Arc::clone(&woken));
    poll_fn(|cx| {
        woken.task.register(cx.waker());
        for _ in 0..AT_ONCE {
            woken.again.swap(false, Ordering::SeqCst);
            woken.runs.store(true, Ordering::SeqCst);
            let polled = future.as_mut().poll(&mut Context::from_waker(&waker));
            woken.runs.store(false, Ordering::SeqCst);
            if polled.is_ready() || !woken.again.load(Ordering::SeqCst) {
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

    /// How often a future that wakes itself so many times wakes the runtime, and whether it is ready then.
    fn wakes(times: usize) -> (usize, bool) {
        let mut left = times;
        let future = pin!(inline(poll_fn(move |cx| {
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
    fn who_wakes_itself_goes_on_at_once_but_not_for_ever() {
        assert_eq!(wakes(0), (0, true));
        assert_eq!(wakes(AT_ONCE - 1), (0, true));
        assert_eq!(wakes(1_000), (1, false));
    }

    #[test]
    fn who_is_woken_by_another_while_it_runs_goes_on_too() {
        let mut was_woken = false;
        let future = pin!(inline(poll_fn(move |cx| {
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
    async fn who_is_woken_by_others_is_woken() {
        for _ in 0..1_000 {
            let (told, hears) = tokio::sync::oneshot::channel();
            let teller = tokio::spawn(async move { told.send(1) });
            assert_eq!(inline(hears).await, Ok(1));
            assert_eq!(teller.await.unwrap(), Ok(()));
        }
    }
}
