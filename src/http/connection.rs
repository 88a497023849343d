//! Stream wrapper of a connection: records write activity, and restores the case of `Sec-WebSocket-Protocol` in the 101
//! response.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::deadline::IdleTimer;
use super::header_case::restored_case;

/// The TCP stream of a connection.
pub struct Connection {
    stream: TcpStream,
    idle_timer: IdleTimer,
}

impl Connection {
    /// Wraps a stream; `idle_timer` records when bytes were written.
    pub fn new(stream: TcpStream, idle_timer: IdleTimer) -> Self {
        Self { stream, idle_timer }
    }

    fn note_write(&self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if let Poll::Ready(Ok(_)) = written {
            self.idle_timer.note_write();
        }
        written
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, into)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = match restored_case(bytes) {
            Some(patched) => Pin::new(&mut self.stream).poll_write(cx, &patched),
            None => Pin::new(&mut self.stream).poll_write(cx, bytes),
        };
        self.note_write(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = match slices.first().and_then(|first| restored_case(first)) {
            Some(patched) => Pin::new(&mut self.stream).poll_write(cx, &patched),
            None => Pin::new(&mut self.stream).poll_write_vectored(cx, slices),
        };
        self.note_write(written)
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
