//! Reading an answer's body against the clock and the limits.

use bytes::Bytes;
use tokio::time::{Instant, timeout, timeout_at};

use crate::client::classify;
use crate::decode::Unpacker;
use crate::fetch::{Kept, Limits};
use crate::{Error, Phase, Timeouts};

/// Slower than this for [`Timeouts::stall`] is no download.
const MIN_BYTES_PER_SECOND: f64 = 1024.0;
/// Unpacked in one go; between pieces others get the thread.
const PIECE: usize = 8 << 10;
/// A redirect's body is read if it is small, so that the connection can be used again; else the connection is dropped.
const DRAIN_BYTES: u64 = 16 << 10;

/// The body, unpacked.
pub(crate) async fn body(
    mut response: reqwest::Response,
    limits: &Limits,
    timeouts: &Timeouts,
    host: &str,
) -> Result<(Bytes, Kept), Error> {
    let lenient = !response.status().is_success();
    let mut unpacker = Unpacker::new(response.headers(), limits, lenient)?;
    let mut watch = Watch::new(timeouts);
    loop {
        let Some(chunk) = watch.next(&mut response, timeouts, host).await? else { break };
        for piece in chunk.chunks(PIECE) {
            if !unpacker.push(piece)? {
                let (bytes, kept) = unpacker.finish()?;
                return Ok((bytes.into(), kept));
            }
            tokio::task::yield_now().await;
        }
    }
    let (bytes, kept) = unpacker.finish()?;
    Ok((bytes.into(), kept))
}

/// Reads what nobody wants, if it is quickly done.
pub(crate) async fn drain(mut response: reqwest::Response) {
    if response.content_length().is_none_or(|size| size > DRAIN_BYTES) {
        return;
    }
    let rest = async { while let Ok(Some(_)) = response.chunk().await {} };
    // Not worth waiting for.
    let _ = timeout(std::time::Duration::from_millis(500), rest).await;
}

/// Counts what arrives per window of [`Timeouts::stall`].
struct Watch {
    window_ends: Instant,
    window_bytes: u64,
}

impl Watch {
    fn new(timeouts: &Timeouts) -> Self {
        Self { window_ends: Instant::now() + timeouts.stall, window_bytes: 0 }
    }

    async fn next(
        &mut self,
        response: &mut reqwest::Response,
        timeouts: &Timeouts,
        host: &str,
    ) -> Result<Option<Bytes>, Error> {
        loop {
            let chunk = timeout_at(self.window_ends, response.chunk()).await;
            if let Ok(Ok(Some(chunk))) = &chunk {
                self.window_bytes += chunk.len() as u64;
            }
            if Instant::now() >= self.window_ends {
                self.turn(timeouts, host)?;
            }
            match chunk {
                Ok(chunk) => return chunk.map_err(|e| classify(e, host, timeouts)),
                Err(_elapsed) => {}
            }
        }
    }

    fn turn(&mut self, timeouts: &Timeouts, host: &str) -> Result<(), Error> {
        #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53 bytes")]
        let too_slow = (self.window_bytes as f64) < MIN_BYTES_PER_SECOND * timeouts.stall.as_secs_f64();
        if too_slow {
            return Err(Error::Timeout { host: host.to_owned(), phase: Phase::Stall, limit: timeouts.stall });
        }
        *self = Self::new(timeouts);
        Ok(())
    }
}
