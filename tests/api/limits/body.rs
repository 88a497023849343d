//! How many bytes a body may have.

use std::io::Write;
use std::net::TcpStream;
use std::time::Duration;

use cyberprofiles::graphql::limits::Limits;
use serde_json::json;

use super::hear;
use crate::harness::{Api, roomy};

#[tokio::test(flavor = "multi_thread")]
async fn as_much_as_is_said_passes_and_no_more() {
    let api = Api::limited(Limits {
        max_body_bytes: 200,
        ..roomy()
    })
    .await;
    let body = json!({ "query": "{ head { sequence } }" }).to_string();
    for (length, status) in [(200, "200"), (201, "413")] {
        let body = format!("{body:length$}");
        // The length may be said before, or not.
        let said = format!("Content-Length: {length}\r\n\r\n{body}");
        let unsaid = format!("Transfer-Encoding: chunked\r\n\r\n{length:x}\r\n{body}\r\n0\r\n\r\n");
        for rest in [said, unsaid] {
            let mut stream = TcpStream::connect(&api.address).unwrap();
            let head = "POST /graphql HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n";
            stream
                .write_all(format!("{head}{rest}").as_bytes())
                .unwrap();
            let answer = hear(&mut stream, Duration::from_secs(30));
            assert_eq!(answer.split(' ').nth(1), Some(status), "{rest} {answer}");
            let is_told = answer.contains("TOO_COMPLEX") && answer.contains("200 bytes");
            assert_eq!(is_told, status == "413", "{answer}");
        }
    }
}
