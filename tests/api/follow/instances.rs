//! Three instances on one PostgreSQL and one NATS, all of which are stopped and started. Followers of the instances and
//! consumers of NATS receive every change once.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_nats::jetstream::consumer::AckPolicy;
use async_nats::jetstream::consumer::pull::Config;
use cyberprofiles::bundle;
use cyberprofiles::store::{Options, Store};
use futures_util::StreamExt;
use serde_json::{Value, json};

use super::{Follower, Way, head, log, oldest, publish};
use crate::database::is_postgresql;
use crate::harness::{Api, retitle};
use crate::kill::{Program, start_with, tokens};
use crate::nats::Nats;
use crate::postgresql::Server;

const INSTANCES: usize = 3;
/// Number of contributions published before an instance is killed.
const CHANGES_PER_STEP: usize = 15;
/// Number of contributions published while NATS is away, before the database outage and after it.
const CHANGES_WHILE_AWAY: usize = 40;
/// Length of the database outage: long enough that every instance fails to read and to write.
const OUTAGE: Duration = Duration::from_secs(3);

/// Addresses of the instances; each gets a new one when it restarts.
type Hosts = Arc<Mutex<Vec<String>>>;

fn start_instance(url: &str, nats: &Nats) -> Program {
    start_with(url, &[("CYBERPROFILES_NATS_URL", &nats.url())])
}

/// Waits until the given number of further contributions is published.
async fn grown(published: &AtomicUsize, more: usize) {
    let wanted = published.load(Ordering::Relaxed) + more;
    let begun = Instant::now();
    while published.load(Ordering::Relaxed) < wanted {
        assert!(
            begun.elapsed() < Duration::from_mins(10),
            "no contribution is published"
        );
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Follows one instance after the other, and is cut off at each.
async fn follow(hosts: Hosts, cursor: String, done: Arc<AtomicBool>, begin: usize) -> Follower {
    let mut follower = Follower::behind(&cursor);
    for turn in begin.. {
        if done.load(Ordering::Relaxed) {
            break;
        }
        let host = hosts.lock().unwrap()[turn % INSTANCES].clone();
        let time = Duration::from_millis(50 + 37 * u64::try_from(turn % 20).unwrap());
        follower
            .follow(Way::of(turn / INSTANCES), &host, 60, time)
            .await;
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    follower
}

#[tokio::test(flavor = "multi_thread")]
async fn outages_of_instances_database_and_nats_lose_and_repeat_no_change() {
    // The test starts a server, so one run of the suite is enough.
    if !is_postgresql() || !Nats::is_possible() {
        return;
    }
    let mut server = Server::start().unwrap();
    let url = server.create("nodes", None).await;
    let store = Store::open(&url, &Options::default()).await.unwrap();
    bundle::load(&store).await.unwrap();
    store.close().await;
    let tokens = tokens(&url).await;
    let mut nats = Nats::prepared();
    // NATS is absent when the instances start.
    let mut instances: Vec<Program> = (0..INSTANCES)
        .map(|_| start_instance(&url, &nats))
        .collect();
    let hosts: Hosts = Arc::new(Mutex::new(
        instances
            .iter()
            .map(|node| node.host().to_owned())
            .collect(),
    ));
    let cursor = oldest(instances[0].host()).await;
    let (done, written) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicBool::new(false)),
    );
    let published = Arc::new(AtomicUsize::new(0));
    let writers: Vec<_> = (0..INSTANCES)
        .map(|writer| {
            let (hosts, written, tokens) =
                (Arc::clone(&hosts), Arc::clone(&written), tokens.clone());
            let published = Arc::clone(&published);
            tokio::spawn(async move {
                for number in 0.. {
                    if written.load(Ordering::Relaxed) {
                        break;
                    }
                    let host = hosts.lock().unwrap()[(writer + number) % INSTANCES].clone();
                    if publish(&host, &tokens, &format!("n{writer}-{number}")).await {
                        published.fetch_add(1, Ordering::Relaxed);
                    }
                    tokio::time::sleep(Duration::from_millis(30)).await;
                }
            })
        })
        .collect();
    let followers: Vec<_> = (0..3)
        .map(|begin| {
            let (hosts, cursor, done) = (Arc::clone(&hosts), cursor.clone(), Arc::clone(&done));
            tokio::spawn(follow(hosts, cursor, done, begin))
        })
        .collect();

    grown(&published, CHANGES_PER_STEP).await;
    nats.run();
    // Every instance in turn, among them the one that relays changes to NATS.
    for turn in 0..2 * INSTANCES {
        grown(&published, CHANGES_PER_STEP).await;
        instances[turn % INSTANCES].kill();
        instances[turn % INSTANCES] = start_instance(&url, &nats);
        hosts.lock().unwrap()[turn % INSTANCES] = instances[turn % INSTANCES].host().to_owned();
    }
    nats.stop();
    // Publishing continues without NATS, and after the database outage.
    grown(&published, CHANGES_WHILE_AWAY).await;
    server.stop();
    tokio::time::sleep(OUTAGE).await;
    server = server.run();
    grown(&published, CHANGES_WHILE_AWAY).await;
    nats.run();
    grown(&published, CHANGES_PER_STEP).await;
    instances[0].kill();
    instances[0] = start_instance(&url, &nats);
    hosts.lock().unwrap()[0] = instances[0].host().to_owned();
    grown(&published, CHANGES_PER_STEP).await;

    written.store(true, Ordering::Relaxed);
    for writer in writers {
        writer.await.unwrap();
    }
    done.store(true, Ordering::Relaxed);
    let host = instances[1].host();
    let end = head(host).await;
    let whole = log(host).await;
    assert_eq!(i64::try_from(whole.len()).unwrap(), end);
    assert!(end > crate::harness::bundled() + 100, "{end}");
    for follower in followers {
        let mut follower = follower.await.unwrap();
        follower.catch_up(host, end).await;
        assert_eq!(follower.received.len(), whole.len());
        for (received, logged) in follower.received.iter().zip(&whole) {
            assert_eq!(received, logged);
        }
    }
    passed_on(&nats, &whole).await;
    drop(instances);
    drop(server);
}

/// Checks that the stream contains every change once, in order.
async fn passed_on(nats: &Nats, whole: &[String]) {
    let client = async_nats::connect(nats.url()).await.unwrap();
    let jetstream = async_nats::jetstream::new(client);
    let stream = jetstream.get_stream("CYBERPROFILES").await.unwrap();
    let begun = Instant::now();
    let wanted = u64::try_from(whole.len()).unwrap();
    while stream.get_info().await.unwrap().state.messages < wanted {
        assert!(
            begun.elapsed() < Duration::from_mins(10),
            "the follower does not catch up"
        );
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let config = Config {
        ack_policy: AckPolicy::None,
        ..Config::default()
    };
    let consumer = stream.create_consumer(config).await.unwrap();
    let mut messages = consumer.messages().await.unwrap();
    let (mut last, mut doubled) = (0_i64, 0);
    while usize::try_from(last).unwrap() < whole.len() {
        let message = messages.next().await.unwrap().unwrap();
        let headers = message.headers.as_ref().unwrap();
        let number: i64 = headers
            .get("Nats-Msg-Id")
            .unwrap()
            .as_str()
            .parse()
            .unwrap();
        if number <= last {
            doubled += 1;
            continue;
        }
        last += 1;
        assert_eq!(number, last);
        let change: Value = serde_json::from_slice(&message.payload).unwrap();
        let change = &change["data"]["changes"];
        let logged: Value =
            serde_json::from_str(&whole[usize::try_from(last - 1).unwrap()]).unwrap();
        for member in [
            "cursor",
            "sequence",
            "operation",
            "recordId",
            "transaction",
            "committedAt",
            "fields",
        ] {
            assert_eq!(change[member], logged[member], "{number}");
        }
        let kind = change["recordKind"].as_str().unwrap();
        let country = match change["countries"].as_array().unwrap().as_slice() {
            [country] => country["code"].as_str().unwrap(),
            _ => "INT",
        };
        assert_eq!(
            message.subject.as_str(),
            format!("cyberprofiles.changes.{country}.{kind}")
        );
    }
    assert_eq!(doubled, 0, "the stream contains a change twice");
}

/// True if followers of one instance receive changes made on another within `patience`, while it polls only once an
/// hour. The patience is needed because the instances have to connect first.
async fn are_woken(nats: Option<&Nats>, patience: Duration) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let url = crate::database::seeded(folder.path()).await;
    let one = Api::builder().database(url.clone()).start().await;
    let other = Api::builder()
        .database(url)
        .poll(Duration::from_hours(1))
        .start()
        .await;
    let mut tasks = Vec::new();
    for api in [&one, &other] {
        if let Some(nats) = nats {
            let started = cyberprofiles::nats::start(&nats.url(), &api.store).await;
            tasks.push(started.unwrap());
        }
    }
    let cursor = one.query_once("{ head { cursor } }").await["head"]["cursor"].clone();
    let mut socket = other.socket(json!({})).await;
    let query = "subscription($after: Cursor) { changes(after: $after) { sequence } }";
    let after = json!({ "after": cursor });
    socket.subscribe("s", query, after).await;
    let eva = one.editor("eva").await;
    let (mut version, mut received) = (0, 0);
    let begun = Instant::now();
    while received == 0 {
        if begun.elapsed() > patience {
            return false;
        }
        version += 1;
        eva.publish(retitle(version, &format!("Title {version}")))
            .await;
        let event = tokio::time::timeout(Duration::from_millis(500), socket.event()).await;
        received += i32::from(event.is_ok());
    }
    // From now on each notification is delivered separately.
    let last = version + 5;
    while version < last {
        while received < version {
            socket.event().await;
            received += 1;
        }
        version += 1;
        eva.publish(retitle(version, &format!("Title {version}")))
            .await;
        let sequence = socket.event().await["changes"]["sequence"].clone();
        received += 1;
        assert_eq!(sequence, crate::harness::bundled() + i64::from(version));
    }
    true
}

#[tokio::test(flavor = "multi_thread")]
async fn instances_notify_each_others_followers_over_postgresql_or_nats() {
    if !Nats::is_possible() {
        return;
    }
    let patience = Duration::from_mins(5);
    if is_postgresql() {
        assert!(
            are_woken(None, patience).await,
            "notifications of PostgreSQL reach the followers"
        );
    } else {
        let soon = Duration::from_secs(5);
        assert!(
            !are_woken(None, soon).await,
            "without NATS no notification reaches the followers"
        );
    }
    let mut nats = Nats::prepared();
    nats.run();
    assert!(are_woken(Some(&nats), patience).await);
}
