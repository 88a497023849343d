//! What is written to a connection: it is noted, and headers of a WebSocket handshake are in the spelling of their
//! specification. Case means nothing in a header, but clients there are that look for this one as it is written
//! in RFC 6455.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::deadline::Use;

const SWITCHING: &[u8] = b"HTTP/1.1 101 ";
const SMALL: &[u8] = b"sec-websocket-protocol:";
const SPELT: &[u8] = b"Sec-WebSocket-Protocol:";

/// A connection on which the answer to a handshake is spelt so.
pub struct Spelt {
    stream: TcpStream,
    used: Use,
}

impl Spelt {
    /// A connection, and who notes what is taken of it.
    pub fn new(stream: TcpStream, used: Use) -> Self {
        Self { stream, used }
    }

    fn note(&self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if let Poll::Ready(Ok(_)) = written {
            self.used.wrote();
        }
        written
    }
}

/// The same bytes in the spelling of the specification, where they begin such an answer.
fn spelt(bytes: &[u8]) -> Option<Vec<u8>> {
    if !bytes.starts_with(SWITCHING) {
        return None;
    }
    let at = bytes.windows(SMALL.len()).position(|some| some == SMALL)?;
    let mut spelt = bytes.to_vec();
    spelt
        .get_mut(at..at.saturating_add(SPELT.len()))?
        .copy_from_slice(SPELT);
    Some(spelt)
}

impl AsyncRead for Spelt {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, into)
    }
}

impl AsyncWrite for Spelt {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = match spelt(bytes) {
            Some(spelt) => Pin::new(&mut self.stream).poll_write(cx, &spelt),
            None => Pin::new(&mut self.stream).poll_write(cx, bytes),
        };
        self.note(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = match slices.first().and_then(|first| spelt(first)) {
            Some(spelt) => Pin::new(&mut self.stream).poll_write(cx, &spelt),
            None => Pin::new(&mut self.stream).poll_write_vectored(cx, slices),
        };
        self.note(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_answer_to_a_handshake_is_spelt() {
        let answer = b"HTTP/1.1 101 Switching Protocols\r\nsec-websocket-protocol: x\r\n\r\n";
        let found = spelt(answer).unwrap();
        assert_eq!(found.len(), answer.len());
        assert!(found.windows(SPELT.len()).any(|some| some == SPELT));
        for other in [
            &b"HTTP/1.1 200 OK\r\nsec-websocket-protocol: x\r\n\r\n"[..],
            b"\x81\x05sec-websocket-protocol:",
            b"",
        ] {
            assert_eq!(spelt(other), None);
        }
    }
}
