//! A JetStream stream that an operator made, in which others delete and write messages, and which is lost: the relay
//! refills it in order.

use std::time::{Duration, Instant};

use async_nats::jetstream::message::StreamMessage;
use async_nats::jetstream::stream::{Config, Stream};
use async_nats::jetstream::{self, Context};
use serde_json::{Value, json};

use crate::harness::{Api, bundled, cite, retitle};
use crate::nats::Nats;

/// Largest message in bytes: smaller than some changes.
const LARGEST: i32 = 3_000;
const STREAM: &str = "CYBERPROFILES";
/// Longest time for which the stream may stay unchanged, even on a slow machine.
const STILL: Duration = Duration::from_mins(10);

async fn make(jetstream: &Context) -> Stream {
    let config = Config {
        name: STREAM.to_owned(),
        subjects: vec!["cyberprofiles.changes.>".to_owned()],
        max_message_size: LARGEST,
        ..Config::default()
    };
    jetstream.create_stream(config).await.unwrap()
}

/// Waits until a stream has the given number of messages. Returns subject, sequence number and content of each that is
/// a change.
async fn changes(jetstream: &Context, last: i64) -> Vec<(String, i64, Value)> {
    let (mut grown, mut size) = (Instant::now(), 0);
    loop {
        assert!(
            grown.elapsed() < STILL,
            "the stream makes no progress at message {size}, without change {last}"
        );
        tokio::time::sleep(Duration::from_millis(200)).await;
        let Ok(stream) = jetstream.get_stream(STREAM).await else {
            continue;
        };
        let info = stream.get_info().await.unwrap();
        if info.state.last_sequence != size {
            (grown, size) = (Instant::now(), info.state.last_sequence);
        }
        let newest = stream.get_raw_message(info.state.last_sequence).await;
        let number = |message: &StreamMessage| {
            let number = message.headers.get("Nats-Msg-Id")?;
            Some(number.as_str().parse::<i64>().unwrap())
        };
        if newest.is_err() || number(&newest.unwrap()) != Some(last) {
            continue;
        }
        let mut found = Vec::new();
        for at in info.state.first_sequence..=info.state.last_sequence {
            let Ok(message) = stream.get_raw_message(at).await else {
                continue;
            };
            if let Some(number) = number(&message) {
                assert!(message.payload.len() < usize::try_from(LARGEST).unwrap());
                let response = serde_json::from_slice(&message.payload).unwrap();
                found.push((message.subject.to_string(), number, response));
            }
        }
        return found;
    }
}

fn numbers(found: &[(String, i64, Value)]) -> Vec<i64> {
    found.iter().map(|(_, number, _)| *number).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_jetstream_stream_is_refilled_in_order() {
    if !Nats::is_possible() {
        return;
    }
    let mut nats = Nats::prepared();
    nats.run();
    let client = async_nats::connect(nats.url()).await.unwrap();
    let jetstream = jetstream::new(client.clone());
    let stream = make(&jetstream).await;
    let api = Api::seeded().await;
    let _relay = cyberprofiles::nats::start(&nats.url(), &api.store)
        .await
        .unwrap();

    // A change that is too large is sent in part, and names the parts left out.
    let end = bundled();
    let found = changes(&jetstream, end).await;
    assert_eq!(numbers(&found), (1..=end).collect::<Vec<_>>());
    let shortened: Vec<_> = found
        .iter()
        .filter(|(_, _, response)| response["extensions"]["leftOut"].is_array())
        .collect();
    assert!(shortened.len() > 5, "{}", shortened.len());
    for (_, number, response) in shortened {
        let change = &response["data"]["changes"];
        assert_eq!(change["sequence"], *number);
        assert!(change["cursor"].is_string() && change["recordId"].is_string());
        for left_out in response["extensions"]["leftOut"].as_array().unwrap() {
            assert_eq!(change.get(left_out.as_str().unwrap()), None);
        }
    }

    // Its last message is deleted, and another program writes into it.
    let info = stream.get_info().await.unwrap();
    let last = info.state.last_sequence;
    assert!(stream.delete_message(last).await.unwrap());
    // The next change comes after it only if the write was acknowledged.
    let foreign = jetstream.publish("cyberprofiles.changes.XX.NONSENSE", "foreign".into());
    foreign.await.unwrap().await.unwrap();
    let eva = api.editor("eva").await;
    eva.publish(retitle(1, "One")).await;
    let found = changes(&jetstream, end + 1).await;
    let expected: Vec<i64> = (1..end).chain([end + 1]).collect();
    assert_eq!(numbers(&found), expected);

    // The stream is lost while no change is made.
    jetstream.delete_stream(STREAM).await.unwrap();
    make(&jetstream).await;
    let found = changes(&jetstream, end + 1).await;
    assert_eq!(numbers(&found), (1..=end + 1).collect::<Vec<_>>());

    // Changes of a retired country keep the subject that they had before.
    let create = json!([{ "createCountry": { "key": "su", "fields": { "kind": "OTHER", "code": "SU",
        "designationNote": "The Soviet Union, until 1991 (ISO 3166-3: SUHH).", "names": [{ "text": "A country", "language": "en" }] }, "cite": cite() } }]);
    eva.publish(create).await;
    let retire =
        json!([{ "retire": { "id": "Country:su", "baseVersion": 1, "reason": "For this test." } }]);
    eva.publish(retire).await;
    let found = changes(&jetstream, end + 3).await;
    for (subject, _, _) in &found[found.len() - 2..] {
        assert_eq!(subject, "cyberprofiles.changes.SU.COUNTRY");
    }
}

#[tokio::test]
async fn an_invalid_nats_url_is_refused() {
    let api = Api::empty().await;
    for url in [
        "",
        "localhost:4222",
        "http://localhost",
        "nats://a,",
        "nats://",
    ] {
        let refused = cyberprofiles::nats::start(url, &api.store).await;
        let message = refused.err().unwrap();
        assert!(message.contains("expected nats://HOST:PORT"), "{url}");
    }
}
