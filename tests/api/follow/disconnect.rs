//! One server that is killed repeatedly, and a follower that is cut off a thousand times.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::{Follower, Way, head, log, oldest, publish};
use crate::database;
use crate::kill::{Program, start, tokens};

/// Number of times that the follower is cut off.
const CUTS: usize = 1_000;
/// Number of times that the server is killed meanwhile.
const KILLS: usize = 20;
/// Number of people who write at the same time.
const WRITERS: usize = 3;

fn chance(below: u128) -> u64 {
    u64::try_from(uuid::Uuid::new_v4().as_u128() % below).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_follower_cut_off_a_thousand_times_receives_every_change_once_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let url = database::seeded(folder.path()).await;
    let tokens = tokens(&url).await;
    let mut program = start(&url);
    let address = Arc::new(Mutex::new(program.host().to_owned()));
    let done = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let (address, done) = (Arc::clone(&address), Arc::clone(&done));
            let tokens = tokens.clone();
            tokio::spawn(async move {
                for number in 0.. {
                    if done.load(Ordering::Relaxed) {
                        break;
                    }
                    let host = address.lock().unwrap().clone();
                    publish(&host, &tokens, &format!("cut-{writer}-{number}")).await;
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            })
        })
        .collect();
    let mut follower = Follower::behind(&oldest(program.host()).await);
    // On a busy machine everything takes longer, so the follower gets more time before it is cut off.
    let mut slowness: BTreeMap<Way, u32> = BTreeMap::new();
    for cut in 0..CUTS {
        if cut % (CUTS / KILLS) == CUTS / KILLS / 2 {
            program = killed(program, &url);
            *address.lock().unwrap() = program.host().to_owned();
        }
        let host = program.host().to_owned();
        let most = usize::try_from(1 + chance(12)).unwrap();
        let time = Duration::from_millis(5 + chance(60));
        let slow = slowness.entry(Way::of(cut)).or_insert(1);
        let had = follower.received.len();
        follower
            .follow(Way::of(cut), &host, most, time * *slow)
            .await;
        let was_cut_short = follower.received.len() == had;
        *slow = if was_cut_short { *slow * 2 } else { *slow / 2 }.clamp(1, 64);
    }
    done.store(true, Ordering::Relaxed);
    for writer in writers {
        writer.await.unwrap();
    }
    let end = head(program.host()).await;
    let by_way = follower.by_way.clone();
    follower.catch_up(program.host(), end).await;
    let whole = log(program.host()).await;
    assert!(end > crate::harness::bundled() + 200, "{end}");
    for way in [Way::Socket, Way::Events, Way::Pages] {
        let received = by_way.get(&way).copied().unwrap_or_default();
        assert!(received > 100, "{way:?} received {received}");
    }
    assert_eq!(follower.received.len(), whole.len());
    for (received, logged) in follower.received.iter().zip(&whole) {
        assert_eq!(received, logged);
    }
    program.kill();
}

/// Kills the server at a random moment, and starts it again.
fn killed(mut program: Program, url: &str) -> Program {
    program.kill();
    let begun = Instant::now();
    let program = start(url);
    assert!(begun.elapsed() < Duration::from_mins(5));
    program
}
