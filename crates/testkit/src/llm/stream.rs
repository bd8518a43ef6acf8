//! A response body that is sent piece by piece and can end badly.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use actix_web::body::{BodySize, MessageBody};
use actix_web::web::Bytes;

/// What follows the last piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    Whole,
    /// The connection is closed in the middle of the body.
    Abort,
    /// Nothing, for ever.
    Silence,
}

#[derive(Debug)]
pub(super) struct Pieces {
    pieces: VecDeque<Bytes>,
    ending: Ending,
    flushed: bool,
    /// Counts the streams that have nothing more to say and do not end.
    silent: Option<Arc<AtomicUsize>>,
}

impl Pieces {
    pub(super) fn new(
        pieces: impl IntoIterator<Item = String>,
        ending: Ending,
        silent: Arc<AtomicUsize>,
    ) -> Self {
        let pieces = pieces.into_iter().map(Bytes::from).collect();
        Self { pieces, ending, flushed: true, silent: Some(silent) }
    }
}

impl MessageBody for Pieces {
    type Error = io::Error;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, io::Error>>> {
        if !self.flushed {
            // The server writes what it has when there is nothing to take: pieces arrive one by one.
            self.flushed = true;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.flushed = false;
        match (self.pieces.pop_front(), self.ending) {
            (Some(piece), _) => Poll::Ready(Some(Ok(piece))),
            (None, Ending::Whole) => Poll::Ready(None),
            (None, Ending::Abort) => Poll::Ready(Some(Err(io::Error::other("cut on purpose")))),
            (None, Ending::Silence) => {
                if let Some(silent) = self.silent.take() {
                    silent.fetch_add(1, Ordering::SeqCst);
                }
                Poll::Pending
            }
        }
    }
}
