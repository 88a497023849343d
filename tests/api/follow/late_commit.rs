//! A transaction that takes sequence numbers and commits late: no later writer overtakes it.

use std::time::{Duration, Instant};

use cyberprofiles::graphql::limits::Limits;
use sea_orm::{ConnectionTrait, TransactionTrait};
use serde_json::json;

use crate::database::{connect, is_postgresql};
use crate::harness::{Api, bundled, retitle, roomy};

/// Delay of the commit.
const LATE: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread")]
async fn a_later_writer_waits_for_a_slow_transaction_with_a_lower_sequence_number() {
    // Only PostgreSQL has two writers at once, and one run of the suite is enough.
    if !is_postgresql() {
        return;
    }
    let api = Api::builder()
        .empty()
        .limits(Limits {
            request_timeout_ms: 60_000,
            ..roomy()
        })
        .start()
        .await;
    cyberprofiles::bundle::load(&api.store).await.unwrap();
    let mut socket = api.socket(json!({})).await;
    let query = "subscription { changes { sequence operation recordId } }";
    socket.subscribe("s", query, json!({})).await;
    api.followed_by(1).await;

    let eva = api.editor("eva").await;
    // Another program on the same database: it has taken sequence numbers and has not committed.
    let other = connect(&api.url).await;
    let late = other.begin().await.unwrap();
    let number = bundled() + 1;
    for statement in [
        "SELECT sequence FROM head FOR UPDATE".to_owned(),
        format!("UPDATE head SET sequence = {number}"),
        format!(
            "INSERT INTO change (sequence, first, size, committed_at, actor, actor_name, actor_role, kind, record, operation)
             SELECT {number}, {number}, 1, committed_at, 'late', 'late', 'SYSTEM', kind, record, 'VERIFY'
             FROM change WHERE record = 'Country:fr'"
        ),
    ] {
        late.execute_unprepared(&statement).await.unwrap();
    }
    let begun = Instant::now();
    let hurried = async {
        eva.publish(retitle(1, "Hurried")).await;
        begun.elapsed()
    };
    let slow = async {
        tokio::time::sleep(LATE).await;
        late.commit().await.unwrap();
    };
    let received = async {
        let mut received = Vec::new();
        for _ in 0..2 {
            let change = socket.event().await["changes"].clone();
            received.push((change, begun.elapsed()));
        }
        received
    };
    let (took, (), received) = tokio::join!(hurried, slow, received);
    assert!(took >= LATE, "{took:?}");
    let [(first, when), (second, _)] = received.as_slice() else {
        panic!("{received:?}")
    };
    assert!(*when >= LATE, "no change is sent before it is committed");
    assert_eq!(
        *first,
        json!({ "sequence": number, "operation": "VERIFY", "recordId": "Country:fr" })
    );
    assert_eq!(
        *second,
        json!({ "sequence": number + 1, "operation": "UPDATE", "recordId": "Treaty:ets-185" })
    );
}
