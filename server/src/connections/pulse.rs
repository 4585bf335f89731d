//! What a connection is doing, since when, and whether it was asked to give its place up.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::bounds::Bounds;

/// An answer that was taken by the other side this long ago, and not since, makes way.
const STUCK: Duration = Duration::from_secs(5);

/// What a connection is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// Nothing was asked since the last answer.
    Idle,
    /// A head is on its way; a fresh connection owes one.
    Head,
    /// A head was read, its body is on its way.
    Body,
    /// The service is at work: the other side waits.
    Work,
    /// An answer is there to be fetched.
    Answer,
}

/// The phase of one connection.
pub(super) struct Pulse {
    now: Mutex<(Phase, Instant)>,
    asked_to_go: AtomicBool,
    gone: AtomicBool,
    go: Notify,
}

impl Pulse {
    /// Of a connection that begins.
    pub(super) fn new(at: Instant) -> Self {
        Self {
            now: Mutex::new((Phase::Head, at)),
            asked_to_go: AtomicBool::new(false),
            gone: AtomicBool::new(false),
            go: Notify::new(),
        }
    }

    fn read(&self) -> (Phase, Instant) {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, phase: Phase) {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) = (phase, Instant::now());
    }

    /// A head was read.
    pub(super) fn asked(&self, whole: bool) {
        self.set(if whole { Phase::Work } else { Phase::Body });
    }

    /// The handler has its answer.
    pub(super) fn answers(&self) {
        self.set(Phase::Answer);
    }

    /// Bytes came in.
    fn came(&self) {
        if self.read().0 == Phase::Idle {
            self.set(Phase::Head);
        }
    }

    /// The other side took bytes of an answer.
    fn took(&self) {
        if self.read().0 == Phase::Answer {
            self.set(Phase::Answer);
        }
    }

    /// Everything that was written is on its way.
    fn flushed(&self) {
        if self.read().0 == Phase::Answer {
            self.set(Phase::Idle);
        }
    }

    /// The body has ended, well or not.
    fn body_ended(&self) {
        if self.read().0 == Phase::Body {
            self.set(Phase::Work);
        }
    }

    /// True while nothing that was asked is known in whole.
    pub(super) fn has_half_a_head(&self) -> bool {
        self.read().0 == Phase::Head
    }

    /// True when the service has waited long enough.
    pub(super) fn is_late(&self, bounds: &Bounds, now: Instant) -> bool {
        let (phase, since) = self.read();
        let most = match phase {
            Phase::Idle => bounds.idle,
            Phase::Head => bounds.head,
            Phase::Body => bounds.body,
            Phase::Answer => bounds.answer,
            Phase::Work => return false,
        };
        now.saturating_duration_since(since) >= most
    }

    /// Since when the service waits; `None` for one that does not make way.
    pub(super) fn gives_way_since(&self, now: Instant) -> Option<Instant> {
        let (phase, since) = self.read();
        let gives_way = match phase {
            Phase::Idle | Phase::Head | Phase::Body => true,
            Phase::Answer => now.saturating_duration_since(since) >= STUCK,
            Phase::Work => false,
        };
        gives_way.then_some(since)
    }

    /// Asks the connection to end.
    pub(super) fn give_up(&self) {
        self.asked_to_go.store(true, Ordering::Relaxed);
        self.go.notify_one();
    }

    /// Whether it was asked.
    pub(super) fn is_given_up(&self) -> bool {
        self.asked_to_go.load(Ordering::Relaxed)
    }

    /// Whether the connection has ended. A handler may still hold its body, and with it this.
    pub(super) fn is_gone(&self) -> bool {
        self.gone.load(Ordering::Relaxed)
    }

    /// Waits until it is asked.
    pub(super) async fn given_up(&self) {
        self.go.notified().await;
    }
}

/// Says when the connection's task is dropped that it has ended.
pub(super) struct Ends(pub(super) Arc<Pulse>);

impl Drop for Ends {
    fn drop(&mut self) {
        self.0.gone.store(true, Ordering::Relaxed);
    }
}

/// A stream that tells its pulse what moves.
pub(super) struct Watched {
    stream: TcpStream,
    pulse: Arc<Pulse>,
}

impl Watched {
    /// Wraps a stream.
    pub(super) fn new(stream: TcpStream, pulse: Arc<Pulse>) -> Self {
        Self { stream, pulse }
    }

    fn told(&self, done: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if matches!(done, Poll::Ready(Ok(count)) if count > 0) {
            self.pulse.took();
        }
        done
    }
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = into.filled().len();
        let done = Pin::new(&mut self.stream).poll_read(cx, into);
        if into.filled().len() > before {
            self.pulse.came();
        }
        done
    }
}

impl AsyncWrite for Watched {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let done = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.told(done)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let done = Pin::new(&mut self.stream).poll_flush(cx);
        if matches!(done, Poll::Ready(Ok(()))) {
            self.pulse.flushed();
        }
        done
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let done = Pin::new(&mut self.stream).poll_write_vectored(cx, parts);
        self.told(done)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

/// A body that tells its pulse when it has arrived.
pub(super) struct Arriving {
    body: Incoming,
    pulse: Arc<Pulse>,
}

impl Arriving {
    /// Wraps a body.
    pub(super) fn new(body: Incoming, pulse: Arc<Pulse>) -> Self {
        Self { body, pulse }
    }
}

impl Body for Arriving {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        let ended = match &frame {
            Poll::Ready(Some(Ok(_))) => self.body.is_end_stream(),
            Poll::Ready(_) => true,
            Poll::Pending => false,
        };
        if ended {
            self.pulse.body_ended();
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
