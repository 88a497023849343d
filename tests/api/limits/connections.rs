//! Number of connections, and the timeouts of each.

use std::io::Write;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use cyberprofiles::graphql::limits::Limits;

use super::read_until;
use crate::harness::{Api, roomy};

#[tokio::test(flavor = "multi_thread")]
async fn max_connections_and_the_header_and_body_timeouts_are_enforced() {
    let api = Api::builder()
        .limits(Limits {
            max_connections: 3,
            header_timeout_ms: 1_000,
            body_timeout_ms: 1_000,
            ..roomy()
        })
        .start()
        .await;
    let timeout = Duration::from_secs(20);
    let connect = || TcpStream::connect(&api.address).unwrap();

    // One client sends nothing, one half a request head, one half a body.
    let mut silent = connect();
    let mut half = connect();
    half.write_all(b"POST /graphql HTTP/1.1\r\nHost: x\r\n")
        .unwrap();
    let mut slow = connect();
    let head = "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{";
    slow.write_all(head.as_bytes()).unwrap();

    // Connections are accepted in the order in which they were opened.
    let mut one_more = connect();
    let full = read_until(&mut one_more, timeout);
    assert!(full.starts_with("HTTP/1.1 503"), "{full}");
    assert!(full.contains("retry-after: 1"), "{full}");

    let begun = Instant::now();
    let late = read_until(&mut slow, timeout);
    assert!(late.starts_with("HTTP/1.1 408"), "{late}");
    for stream in [&mut silent, &mut half] {
        let said = read_until(stream, timeout);
        assert!(
            said.is_empty() || said.starts_with("HTTP/1.1 408"),
            "{said}"
        );
    }
    // Far less than the default timeouts.
    assert!(
        begun.elapsed() < Duration::from_secs(8),
        "{:?}",
        begun.elapsed()
    );
    // A new connection is accepted again.
    drop((silent, half, slow));
    super::eventually(async || super::has_room(&api).await).await;
}
