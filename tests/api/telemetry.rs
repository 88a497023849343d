//! Traces: sent to an OTLP collector.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use crate::program::{address, program};

/// Starts a collector. Returns its address, and a channel with path and body of each POST.
fn collector() -> (String, mpsc::Receiver<(String, Vec<u8>)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let (sender, requests) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = BufReader::new(stream.unwrap());
            let mut line = String::new();
            stream.read_line(&mut line).unwrap();
            let path = line.split(' ').nth(1).unwrap().to_owned();
            let mut length = 0;
            while line.trim() != "" {
                line.clear();
                stream.read_line(&mut line).unwrap();
                if let Some(said) = line.to_lowercase().strip_prefix("content-length:") {
                    length = said.trim().parse().unwrap();
                }
            }
            let mut body = vec![0; length];
            stream.read_exact(&mut body).unwrap();
            sender.send((path, body)).unwrap();
            let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
            stream.get_mut().write_all(answer).unwrap();
        }
    });
    (endpoint, requests)
}

#[tokio::test]
async fn a_request_continues_the_trace_of_its_client() {
    let folder = tempfile::tempdir().unwrap();
    let (endpoint, requests) = collector();
    let mut server = program(folder.path())
        .args(["--otlp-endpoint", &endpoint])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let address = address(&mut server);
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let request = crate::harness::client().post(format!("{address}/graphql"));
    let request = request.header("traceparent", format!("00-{trace}-00f067aa0ba902b7-01"));
    let query = serde_json::json!({ "query": "query Traced { head { sequence } }" });
    assert_eq!(request.json(&query).send().await.unwrap().status(), 200);
    // The server sends the remaining spans before it ends.
    let stopped = Command::new("kill")
        .args(["-TERM", &server.id().to_string()])
        .status();
    assert!(stopped.unwrap().success());
    assert!(server.wait().unwrap().success());
    let id: Vec<u8> = (0..16)
        .map(|at| u8::from_str_radix(&trace[2 * at..2 * at + 2], 16).unwrap())
        .collect();
    let holds = |body: &[u8], part: &[u8]| body.windows(part.len()).any(|some| some == part);
    loop {
        let (path, body) = requests.recv_timeout(Duration::from_mins(1)).unwrap();
        assert_eq!(path, "/v1/traces");
        if holds(&body, &id) {
            assert!(holds(&body, b"Traced") && holds(&body, b"cyberprofiles"));
            break;
        }
    }
}
