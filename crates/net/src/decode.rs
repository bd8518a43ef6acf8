//! Unpacking a body as it arrives: encodings in any nesting up to two, with limits that hold between any two bytes.

use std::io::{self, Write};

use flate2::write::GzDecoder;
use flate2::{Decompress, FlushDecompress, Status};
use reqwest::header::{CONTENT_ENCODING, HeaderMap};

use crate::Error;
use crate::fetch::{Kept, Limits, Over, SNIFF_BYTES, Sniff, Take};

/// What we ask servers for.
pub(crate) const ACCEPT_ENCODING: &str = "gzip, br";
const MAX_NESTING: usize = 2;
/// Small bodies compress as well as they like: a page of one repeated line is no bomb.
const RATIO_FLOOR: u64 = 64 << 10;

/// One content encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Coding {
    Gzip,
    Deflate,
    Brotli,
}

/// The encodings of a body, in the order they were applied. Real servers write `UTF-8` or `none` there: like browsers,
/// we take a name that we do not know for no encoding at all, and the bytes say what they are.
fn codings(headers: &HeaderMap) -> Vec<Coding> {
    let mut codings = Vec::new();
    for value in headers.get_all(CONTENT_ENCODING) {
        let value = String::from_utf8_lossy(value.as_bytes()).to_ascii_lowercase();
        codings.extend(value.split(',').filter_map(|name| match name.trim() {
            "gzip" | "x-gzip" => Some(Coding::Gzip),
            "deflate" => Some(Coding::Deflate),
            "br" => Some(Coding::Brotli),
            _ => None,
        }));
    }
    codings
}

/// A body being unpacked.
pub(crate) struct Unpacker {
    codings: Vec<Coding>,
    /// Built at the first byte: what a server calls `deflate` shows there which of two formats it is.
    chain: Option<Stage>,
    sink: Option<Sink>,
}

impl Unpacker {
    /// `lenient`: the body only explains (a status that is no success), so it is cut, never refused: at a limit, and
    /// where it does not unpack.
    pub(crate) fn new(headers: &HeaderMap, limits: &Limits, lenient: bool) -> Result<Self, Error> {
        let codings = codings(headers);
        let is_endless = codings.len() > MAX_NESTING;
        if is_endless && !lenient {
            return Err(Error::BadEncoding(format!("packed {} times", codings.len())));
        }
        let announced = if codings.is_empty() { content_length(headers) } else { None };
        let sink = Sink {
            out: Vec::new(),
            packed: 0,
            limit: limits.max_bytes,
            max_ratio: limits.max_ratio,
            over: if lenient { Over::Cut } else { limits.over },
            sniff: if lenient { None } else { limits.sniff.clone().map(|ask| (ask, headers.clone())) },
            announced,
            lenient,
            trip: is_endless.then_some(Trip::Cut),
        };
        Ok(Self { codings, chain: None, sink: Some(sink) })
    }

    /// Takes bytes as they came. False: enough, read no more.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Result<bool, Error> {
        let Some(first) = bytes.first() else { return Ok(true) };
        if let Some(sink) = self.sink.take() {
            self.chain = Some(Stage::chain(&self.codings, *first, sink));
        }
        let Some(chain) = &mut self.chain else { return Ok(true) };
        chain.sink().packed += bytes.len() as u64;
        let written = chain.write_all(bytes).and_then(|()| chain.flush());
        judge(chain.sink(), written)
    }

    /// The end of the stream: what came, and how much of it that is.
    pub(crate) fn finish(mut self) -> Result<(Vec<u8>, Kept), Error> {
        if let Some(chain) = &mut self.chain
            && chain.sink().trip.is_none()
        {
            let ended = chain.end();
            judge(chain.sink(), ended)?;
        }
        let mut sink = match self.chain {
            Some(mut chain) => std::mem::take(chain.sink()),
            None => self.sink.unwrap_or_default(),
        };
        if sink.trip.is_none() {
            let ended = sink.ask();
            judge(&mut sink, ended)?;
        }
        let kept = match sink.trip {
            None => Kept::Whole,
            Some(Trip::Dropped) => Kept::Dropped,
            Some(_) => Kept::Cut,
        };
        Ok((sink.out, kept))
    }
}

/// What a failed write means: a limit of ours, or a body that does not unpack.
fn judge(sink: &mut Sink, written: io::Result<()>) -> Result<bool, Error> {
    let Err(error) = written else { return Ok(true) };
    match (sink.trip, sink.over) {
        (Some(Trip::Dropped | Trip::Cut), _) => Ok(false),
        (Some(Trip::TooLarge), _) => Err(Error::TooLarge { limit: sink.limit }),
        (Some(Trip::Ratio), Over::Refuse) => Err(Error::Ratio { limit: sink.max_ratio }),
        (Some(Trip::Ratio), Over::Cut) => Ok(false),
        (None, _) if sink.lenient => {
            sink.trip = Some(Trip::Cut);
            Ok(false)
        }
        (None, _) => Err(Error::BadEncoding(error.to_string())),
    }
}

fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(reqwest::header::CONTENT_LENGTH)?.to_str().ok()?.trim().parse().ok()
}

/// A link of the chain from packed to plain bytes.
enum Stage {
    Plain(Sink),
    Gzip(Box<GzDecoder<Self>>),
    Inflate(Box<Inflate>),
    Brotli(Box<brotli::DecompressorWriter<Self>>),
}

impl Stage {
    /// The coding applied first is undone last.
    fn chain(codings: &[Coding], first_byte: u8, sink: Sink) -> Self {
        let outermost = codings.len().saturating_sub(1);
        codings.iter().enumerate().fold(Self::Plain(sink), |inner, (at, coding)| match coding {
            Coding::Gzip => Self::Gzip(Box::new(GzDecoder::new(inner))),
            // RFC 9110 means zlib, some servers send bare deflate: zlib's first byte ends in 8.
            Coding::Deflate => {
                Self::Inflate(Box::new(Inflate::new(inner, at != outermost || first_byte & 0x0f == 8)))
            }
            Coding::Brotli => Self::Brotli(Box::new(brotli::DecompressorWriter::new(inner, 4096))),
        })
    }

    fn sink(&mut self) -> &mut Sink {
        match self {
            Self::Plain(sink) => sink,
            Self::Gzip(decoder) => decoder.get_mut().sink(),
            Self::Inflate(decoder) => decoder.inner.sink(),
            Self::Brotli(decoder) => decoder.get_mut().sink(),
        }
    }

    /// Everything that is still inside goes to the sink; an error if the stream is cut off.
    fn end(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(_) => Ok(()),
            Self::Gzip(decoder) => decoder.try_finish().and_then(|()| decoder.get_mut().end()),
            Self::Inflate(decoder) => decoder.check_ended().and_then(|()| decoder.inner.end()),
            Self::Brotli(decoder) => decoder.close().and_then(|()| decoder.get_mut().end()),
        }
    }
}

impl Write for Stage {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = match self {
            Self::Plain(sink) => sink.write(bytes),
            Self::Gzip(decoder) => decoder.write(bytes),
            Self::Inflate(decoder) => decoder.write(bytes),
            Self::Brotli(decoder) => decoder.write(bytes),
        }?;
        // A decoder that takes nothing has reached its end; what follows is padding, ignored as browsers do.
        Ok(if taken == 0 { bytes.len() } else { taken })
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(_) => Ok(()),
            Self::Gzip(decoder) => decoder.flush(),
            Self::Inflate(decoder) => decoder.inner.flush(),
            Self::Brotli(decoder) => decoder.flush(),
        }
    }
}

/// Deflate with or without zlib's frame. The ready-made writers do not notice a stream that is cut off.
struct Inflate {
    state: Decompress,
    buffer: Vec<u8>,
    ended: bool,
    inner: Stage,
}

impl Inflate {
    fn new(inner: Stage, zlib: bool) -> Self {
        Self { state: Decompress::new(zlib), buffer: vec![0; 16 << 10], ended: false, inner }
    }

    fn check_ended(&self) -> io::Result<()> {
        if self.ended { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut taken = 0;
        while !self.ended {
            let (read, written) = (self.state.total_in(), self.state.total_out());
            let input = bytes.get(taken..).unwrap_or_default();
            let status = self.state.decompress(input, &mut self.buffer, FlushDecompress::None)?;
            taken += moved(read, self.state.total_in());
            let made = moved(written, self.state.total_out());
            self.inner.write_all(self.buffer.get(..made).unwrap_or_default())?;
            self.ended = status == Status::StreamEnd;
            if made == 0 && (taken == bytes.len() || status == Status::BufError) {
                break;
            }
        }
        Ok(taken)
    }
}

fn moved(from: u64, to: u64) -> usize {
    usize::try_from(to.saturating_sub(from)).unwrap_or(usize::MAX)
}

/// Why the sink takes no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trip {
    Dropped,
    Cut,
    TooLarge,
    Ratio,
}

/// Where plain bytes end up; every limit is kept here.
struct Sink {
    out: Vec<u8>,
    /// Bytes as they came so far.
    packed: u64,
    limit: u64,
    max_ratio: u64,
    over: Over,
    /// Taken when asked.
    sniff: Option<(Sniff, HeaderMap)>,
    /// What an unpacked body says its size is.
    announced: Option<u64>,
    /// What does not unpack ends the body instead of the fetch.
    lenient: bool,
    trip: Option<Trip>,
}

impl Default for Sink {
    fn default() -> Self {
        Self {
            out: Vec::new(),
            packed: 0,
            limit: 0,
            max_ratio: 0,
            over: Over::Cut,
            sniff: None,
            announced: None,
            lenient: false,
            trip: None,
        }
    }
}

impl Sink {
    fn stop(&mut self, trip: Trip) -> io::Result<()> {
        self.trip = Some(trip);
        Err(io::Error::other("limit"))
    }

    /// Lets the first bytes decide, once.
    fn ask(&mut self) -> io::Result<()> {
        let Some((ask, headers)) = self.sniff.take() else { return Ok(()) };
        let prefix = self.out.get(..SNIFF_BYTES).unwrap_or(&self.out);
        match ask(prefix, &headers) {
            Take::UpTo(limit) => self.limit = limit,
            Take::Drop => {
                self.out.truncate(SNIFF_BYTES);
                self.out.shrink_to_fit();
                return self.stop(Trip::Dropped);
            }
        }
        self.check()
    }

    fn check(&mut self) -> io::Result<()> {
        let size = self.out.len() as u64;
        // Before the first bytes have spoken, the limit is not known yet.
        let decided = self.sniff.is_none();
        if self.over == Over::Refuse && decided && size.max(self.announced.unwrap_or(0)) > self.limit {
            return self.stop(Trip::TooLarge);
        }
        if self.over == Over::Cut && decided && size > self.limit {
            self.out.truncate(usize::try_from(self.limit).unwrap_or(usize::MAX));
            return self.stop(Trip::Cut);
        }
        if size > RATIO_FLOOR && size > self.packed.saturating_mul(self.max_ratio) {
            return self.stop(Trip::Ratio);
        }
        Ok(())
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.trip.is_some() {
            return Err(io::Error::other("limit"));
        }
        self.out.extend_from_slice(bytes);
        if self.out.len() >= SNIFF_BYTES {
            self.ask()?;
        }
        self.check()?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
