//! Frames that violate the WebSocket protocol, written byte by byte. Source of the rules and the codes: RFC 6455,
//! sections 5, 7.4 and 8.1.

use std::time::Duration;

use cyberprofiles::graphql::limits::Limits;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::harness::{Api, roomy};

const FIN: u8 = 0x80;
const MASKED: u8 = 0x80;
const CONTINUATION: u8 = 0x0;
const TEXT: u8 = 0x1;
const BINARY: u8 = 0x2;
const CLOSE: u8 = 0x8;
const PING: u8 = 0x9;
/// Largest message in bytes.
const MAX_MESSAGES: i32 = 1_000;

/// A frame as a client writes it, masked.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    match payload.len() {
        length @ 0..=125 => bytes.push(MASKED | u8::try_from(length).unwrap()),
        length => {
            bytes.push(MASKED | 0x7e);
            bytes.extend(u16::try_from(length).unwrap().to_be_bytes());
        }
    }
    let mask = [1, 2, 3, 4];
    bytes.extend(mask);
    let masked = payload.iter().zip(mask.iter().cycle());
    bytes.extend(masked.map(|(byte, mask)| byte ^ mask));
    bytes
}

async fn opened(api: &Api) -> TcpStream {
    let mut stream = TcpStream::connect(&api.address).await.unwrap();
    let head = format!(
        "GET /graphql/ws HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n",
        api.address
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        answer.push(stream.read_u8().await.unwrap());
    }
    assert!(answer.starts_with(b"HTTP/1.1 101 "));
    stream
}

/// Sends bytes. Returns the code and the reason with which the WebSocket is closed.
async fn closed(api: &Api, bytes: &[u8]) -> (u16, String) {
    let mut stream = opened(api).await;
    stream.write_all(bytes).await.unwrap();
    let received = async {
        loop {
            let first = stream.read_u8().await.unwrap();
            let length = usize::from(stream.read_u8().await.unwrap());
            assert!(length < 126, "{first} {length}");
            let mut payload = vec![0; length];
            stream.read_exact(&mut payload).await.unwrap();
            if first == FIN | CLOSE {
                let code = u16::from_be_bytes([payload[0], payload[1]]);
                let reason = String::from_utf8(payload[2..].to_vec()).unwrap();
                // Nothing follows, and the connection ends.
                let rest = stream.read(&mut [0; 1]).await;
                assert!(matches!(rest, Ok(0) | Err(_)), "{rest:?}");
                return (code, reason);
            }
        }
    };
    timeout(Duration::from_secs(30), received).await.unwrap()
}

async fn api() -> Api {
    Api::builder()
        .empty()
        .limits(Limits {
            max_body_bytes: MAX_MESSAGES,
            ..roomy()
        })
        .start()
        .await
}

#[tokio::test]
async fn a_malformed_websocket_frame_closes_with_the_code_of_the_rfc() {
    let api = api().await;
    let init = br#"{"type":"connection_init"}"#;
    let whole = frame(FIN | TEXT, init);
    let begun = frame(TEXT, &init[..9]);
    let mut unmasked = whole.clone();
    unmasked[1] &= !MASKED;
    let close = |code: u16| frame(FIN | CLOSE, &code.to_be_bytes());
    let mut broken = vec![
        ("a frame that is not masked".to_owned(), unmasked),
        ("a ping in two parts".to_owned(), frame(PING, b"a")),
        ("a close in two parts".to_owned(), frame(CLOSE, b"")),
        ("a long ping".to_owned(), frame(FIN | PING, &[b'a'; 126])),
        (
            "a long close".to_owned(),
            frame(FIN | CLOSE, &[&[3, 232][..], &[b'a'; 124]].concat()),
        ),
        (
            "a continuation of nothing".to_owned(),
            frame(FIN | CONTINUATION, init),
        ),
        (
            "a continuation after a whole message".to_owned(),
            [whole.clone(), frame(CONTINUATION, b"")].concat(),
        ),
        (
            "a text inside another".to_owned(),
            [begun.clone(), whole.clone()].concat(),
        ),
        (
            "binary inside a text".to_owned(),
            [begun.clone(), frame(FIN | BINARY, init)].concat(),
        ),
        ("a close of one byte".to_owned(), frame(FIN | CLOSE, b"a")),
    ];
    for bit in [0x40, 0x20, 0x10] {
        let name = format!("the reserved bit {bit:#x}");
        broken.push((name, frame(FIN | bit | TEXT, init)));
    }
    for opcode in (3..=7).chain(11..=15) {
        broken.push((format!("the opcode {opcode}"), frame(FIN | opcode, b"a")));
    }
    for code in [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535] {
        broken.push((format!("closing with {code}"), close(code)));
    }
    for (name, bytes) in broken {
        let (code, reason) = closed(&api, &bytes).await;
        assert_eq!(code, 1002, "{name}: {reason}");
        assert!(!reason.is_empty(), "{name}");
    }
    // The same holds after the connection was initialised.
    let (code, _) = closed(&api, &[whole.clone(), frame(FIN | 3, b"a")].concat()).await;
    assert_eq!(code, 1002);

    let halves = |text: &[u8]| {
        [
            frame(TEXT, &text[..2]),
            frame(FIN | CONTINUATION, &text[2..]),
        ]
        .concat()
    };
    let large = vec![b' '; usize::try_from(MAX_MESSAGES).unwrap() + 1];
    let half = &large[..600];
    for (name, bytes, expected) in [
        ("no UTF-8", frame(FIN | TEXT, b"a\xff"), 1007),
        ("a surrogate", frame(FIN | TEXT, b"\xed\xa0\x80"), 1007),
        ("no UTF-8 in parts", halves(b"a\xe2\x28\xa1"), 1007),
        (
            "a reason that is not UTF-8",
            frame(FIN | CLOSE, b"\x03\xe8\xff"),
            1007,
        ),
        ("a large message", frame(FIN | TEXT, &large), 1009),
        (
            "a large message in parts",
            [frame(TEXT, half), frame(FIN | CONTINUATION, half)].concat(),
            1009,
        ),
        (
            "a length that no memory has",
            [
                vec![FIN | TEXT, MASKED | 0x7f],
                vec![0x7f; 8],
                vec![1, 2, 3, 4],
            ]
            .concat(),
            1009,
        ),
        ("binary", frame(FIN | BINARY, init), 4400),
        ("another language", frame(FIN | TEXT, b"hello"), 4400),
        ("a letter in two parts", halves("é\u{e9}".as_bytes()), 4400),
        ("a farewell", close(1000), 1000),
        ("a farewell of ones own", close(4999), 4999),
    ] {
        let (code, reason) = closed(&api, &bytes).await;
        assert_eq!(code, expected, "{name}: {reason}");
    }
}

#[tokio::test]
async fn pings_between_fragments_of_a_message_are_answered() {
    let api = api().await;
    let init = br#"{"type":"connection_init"}"#;
    let bytes = [
        frame(TEXT, &init[..9]),
        frame(FIN | PING, &[b'p'; 125]),
        frame(CONTINUATION, b""),
        frame(FIN | CONTINUATION, &init[9..]),
    ]
    .concat();
    let mut stream = opened(&api).await;
    stream.write_all(&bytes).await.unwrap();
    let pong = [&[FIN | 0xa, 125][..], &[b'p'; 125]].concat();
    let acknowledged = br#"{"type":"connection_ack"}"#;
    let length = u8::try_from(acknowledged.len()).unwrap();
    let expected = [&pong, &[FIN | TEXT, length][..], acknowledged].concat();
    let mut received = vec![0; expected.len()];
    let read = stream.read_exact(&mut received);
    timeout(Duration::from_secs(30), read)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(received, expected);
}
