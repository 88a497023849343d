//! Timeout of a request head: the previous answer on the connection may take longer.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use cyberprofiles::graphql::limits::Limits;
use serde_json::{Value, json};

use crate::harness::{Api, roomy};

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_read_slower_than_the_header_timeout_is_complete() {
    let api = Api::builder()
        .limits(Limits {
            header_timeout_ms: 1_000,
            max_batch: 100,
            ..roomy()
        })
        .start()
        .await;
    let one = json!({ "query": "{ changes(first: 100) { nodes { cursor a: fields { before after } b: fields { before after } c: fields { before after } record { id label } } } }" });
    api.anyone()
        .ask(one["query"].as_str().unwrap(), Value::Null)
        .await
        .data();
    let body = Value::Array(vec![one; 100]).to_string();
    let mut stream = TcpStream::connect(&api.address).unwrap();
    let head = format!(
        "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body.as_bytes()).unwrap();
    // Read so slowly that the rest waits in the server for longer than the header timeout.
    let (mut received, mut some) = (Vec::new(), vec![0; 400_000]);
    stream
        .set_read_timeout(Some(Duration::from_mins(5)))
        .unwrap();
    loop {
        let count = stream.read(&mut some).unwrap();
        if count == 0 {
            break;
        }
        received.extend_from_slice(&some[..count]);
        tokio::time::sleep(Duration::from_millis(150)).await;
    }
    let text = String::from_utf8_lossy(&received);
    let (head, _) = text.split_once("\r\n\r\n").unwrap();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .unwrap();
    let length: usize = length.parse().unwrap();
    assert!(length > 8_000_000, "{length}");
    assert_eq!(received.len(), head.len() + 4 + length);
}
