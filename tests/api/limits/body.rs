//! Size of a request body in bytes.

use std::io::Write;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use cyberprofiles::graphql::limits::Limits;
use serde_json::json;

use super::read_until;
use crate::harness::{Api, roomy};

#[tokio::test(flavor = "multi_thread")]
async fn max_body_bytes_passes_and_one_byte_more_is_413() {
    let api = Api::builder()
        .empty()
        .limits(Limits {
            max_body_bytes: 200,
            ..roomy()
        })
        .start()
        .await;
    let body = json!({ "query": "{ head { sequence } }" }).to_string();
    for (length, status) in [(200, "200"), (201, "413")] {
        let body = format!("{body:length$}");
        // The length may be declared beforehand, or the body chunked.
        let said = format!("Content-Length: {length}\r\n\r\n{body}");
        let unsaid = format!("Transfer-Encoding: chunked\r\n\r\n{length:x}\r\n{body}\r\n0\r\n\r\n");
        for rest in [said, unsaid] {
            let mut stream = TcpStream::connect(&api.address).unwrap();
            let head = "POST /graphql HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n";
            stream
                .write_all(format!("{head}{rest}").as_bytes())
                .unwrap();
            let answer = read_until(&mut stream, Duration::from_secs(30));
            assert_eq!(answer.split(' ').nth(1), Some(status), "{rest} {answer}");
            let is_told = answer.contains("TOO_COMPLEX") && answer.contains("200 bytes");
            assert_eq!(is_told, status == "413", "{answer}");
        }
    }
}

const READ_TIMEOUT: Duration = Duration::from_secs(30);
const HEAD: &str = "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
const MANY: usize = 20 * 1024 * 1024;

/// Encodes a piece of a body.
type Piece = fn(&[u8]) -> Vec<u8>;

/// Writes the given number of bytes in encoded pieces. Returns the number of bytes that could be written.
fn pour(stream: &mut TcpStream, bytes: usize, piece: Piece) -> usize {
    let some = piece(&vec![b'x'; 65_536]);
    let mut poured = 0;
    while poured < bytes && stream.write_all(&some).is_ok() {
        poured += 65_536;
    }
    poured
}

fn plain(some: &[u8]) -> Vec<u8> {
    some.to_vec()
}

fn chunk(some: &[u8]) -> Vec<u8> {
    let mut chunk = format!("{:x}\r\n", some.len()).into_bytes();
    chunk.extend_from_slice(some);
    chunk.extend_from_slice(b"\r\n");
    chunk
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_sends_20_mib_to_any_route_still_reads_the_answer() {
    let api = Api::builder().empty().limits(roomy()).start().await;
    let json = "Host: x\r\nContent-Type: application/json\r\n";
    let text = "Host: x\r\nContent-Type: text/plain\r\n";
    for (line, headers, status) in [
        ("POST /graphql", json, "413"),
        ("POST /graphql", text, "415"),
        ("POST /nowhere", json, "404"),
        ("PUT /graphql", json, "405"),
        ("POST /graphql", "Content-Type: application/json\r\n", "400"),
        ("GET /graphql/ws", json, "400"),
        ("GET /livez", json, "200"),
    ] {
        let ways: [(String, Piece, &str); 2] = [
            (format!("Content-Length: {MANY}"), plain, ""),
            ("Transfer-Encoding: chunked".to_owned(), chunk, "0\r\n\r\n"),
        ];
        for (said, piece, end) in ways {
            let mut stream = TcpStream::connect(&api.address).unwrap();
            let head = format!("{line} HTTP/1.1\r\n{headers}{said}\r\n\r\n");
            stream.write_all(head.as_bytes()).unwrap();
            assert_eq!(pour(&mut stream, MANY, piece), MANY, "{line} {said}");
            // The next request on the same connection is answered too.
            let next = "GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
            stream.write_all(format!("{end}{next}").as_bytes()).unwrap();
            let answer = read_until(&mut stream, READ_TIMEOUT);
            assert_eq!(
                answer.split(' ').nth(1),
                Some(status),
                "{line} {said} {answer}"
            );
            assert!(answer.ends_with("\r\n\r\nok\n"), "{line} {said} {answer}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_body_announced_with_expect_100_continue_is_refused_before_it_is_sent() {
    let api = Api::builder().empty().limits(roomy()).start().await;
    let body = json!({ "query": "{ head { sequence } }" }).to_string();
    let asks = |length: usize| {
        let mut stream = TcpStream::connect(&api.address).unwrap();
        let head = format!("{HEAD}Expect: 100-continue\r\nContent-Length: {length}\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        stream
    };
    let refused = read_until(&mut asks(MANY), READ_TIMEOUT);
    assert!(refused.starts_with("HTTP/1.1 413"), "{refused}");
    assert!(refused.contains("connection: close"), "{refused}");
    let mut small = asks(body.len());
    let response = read_until(&mut small, Duration::from_millis(500));
    assert_eq!(response, "HTTP/1.1 100 Continue\r\n\r\n");
    small.write_all(body.as_bytes()).unwrap();
    let answer = read_until(&mut small, Duration::from_millis(500));
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_body_is_drained_up_to_a_size_and_time_limit() {
    let api = Api::builder()
        .empty()
        .limits(Limits {
            body_timeout_ms: 1_000,
            ..roomy()
        })
        .start()
        .await;
    let endless = format!("{HEAD}Content-Length: 10000000000\r\n\r\n");
    let mut stream = TcpStream::connect(&api.address).unwrap();
    stream.write_all(endless.as_bytes()).unwrap();
    let poured = pour(&mut stream, 1_000 * 1024 * 1024, plain);
    assert!(poured > MANY && poured < 900 * 1024 * 1024, "{poured}");
    // A client that stops in the middle of its body is cut off at the body timeout.
    let begun = Instant::now();
    let mut stream = TcpStream::connect(&api.address).unwrap();
    stream.write_all(endless.as_bytes()).unwrap();
    let answer = read_until(&mut stream, READ_TIMEOUT);
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    assert!(begun.elapsed() < Duration::from_secs(10));
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_refused_body_is_drained_the_connection_has_the_header_timeout() {
    let api = Api::builder()
        .empty()
        .limits(Limits {
            header_timeout_ms: 500,
            body_timeout_ms: 60_000,
            ..roomy()
        })
        .start()
        .await;
    let mut stream = TcpStream::connect(&api.address).unwrap();
    let head = format!("{HEAD}Content-Length: {MANY}\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    assert_eq!(pour(&mut stream, MANY, plain), MANY);
    let begun = Instant::now();
    let answer = read_until(&mut stream, READ_TIMEOUT);
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    assert!(begun.elapsed() < READ_TIMEOUT / 2, "{:?}", begun.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_over_the_limit_reads_503_even_while_sending_a_body() {
    let api = Api::builder()
        .empty()
        .limits(Limits {
            max_connections: 1,
            ..roomy()
        })
        .start()
        .await;
    let mut first = TcpStream::connect(&api.address).unwrap();
    first
        .write_all(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
        .unwrap();
    assert!(read_until(&mut first, Duration::from_millis(300)).starts_with("HTTP/1.1 200"));
    let mut second = TcpStream::connect(&api.address).unwrap();
    let head = format!("{HEAD}Content-Length: {MANY}\r\n\r\n");
    second.write_all(head.as_bytes()).unwrap();
    let poured = pour(&mut second, 4 * 1024 * 1024, plain);
    assert_eq!(poured, 4 * 1024 * 1024);
    let answer = read_until(&mut second, READ_TIMEOUT);
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
}
