//! What is asked of the web and what comes back.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use reqwest::header::HeaderMap;
use url::Url;

/// After so many bytes a document's type is known, as the WHATWG's MIME sniffing says.
pub const SNIFF_BYTES: usize = 1445;
/// How many redirects one fetch follows.
pub const MAX_REDIRECTS: usize = 10;

/// One `GET`.
#[derive(Debug, Clone)]
pub struct Request {
    /// `http` or `https`, without credentials.
    pub url: Url,
    /// Sent besides the client's own: `Accept`, `Accept-Language`, `If-None-Match`, `If-Modified-Since`.
    pub headers: HeaderMap,
    pub limits: Limits,
    pub max_redirects: usize,
}

impl Request {
    #[must_use]
    pub fn get(url: Url) -> Self {
        Self { url, headers: HeaderMap::new(), limits: Limits::default(), max_redirects: MAX_REDIRECTS }
    }

    /// With a header; one that cannot be sent (control characters) is left out.
    #[must_use]
    pub fn with_header(mut self, name: reqwest::header::HeaderName, value: &str) -> Self {
        if let Ok(value) = value.parse() {
            self.headers.insert(name, value);
        }
        self
    }

    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    #[must_use]
    pub const fn with_max_redirects(mut self, max_redirects: usize) -> Self {
        self.max_redirects = max_redirects;
        self
    }
}

/// Looks at the first bytes and the headers of an answer.
pub type Sniff = Arc<dyn Fn(&[u8], &HeaderMap) -> Take + Send + Sync>;

/// How much of a body is taken. Sizes count unpacked bytes.
#[derive(Clone)]
pub struct Limits {
    pub max_bytes: u64,
    /// Unpacked over packed, looked at beyond 64 KiB unpacked.
    pub max_ratio: u64,
    /// What happens to a successful answer larger than that. Any other status is always cut: its body only explains.
    pub over: Over,
    /// Asked once, with the first [`SNIFF_BYTES`] unpacked bytes of a successful answer (or all of it, if shorter) and
    /// the answer's headers: is this worth reading, and how much of it?
    pub sniff: Option<Sniff>,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_bytes: 5 << 20, max_ratio: 100, over: Over::Refuse, sniff: None }
    }
}

impl fmt::Debug for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limits")
            .field("max_bytes", &self.max_bytes)
            .field("max_ratio", &self.max_ratio)
            .field("over", &self.over)
            .field("sniff", &self.sniff.is_some())
            .finish()
    }
}

impl Limits {
    #[must_use]
    pub fn up_to(max_bytes: u64) -> Self {
        Self { max_bytes, ..Self::default() }
    }

    #[must_use]
    pub fn with_sniff(mut self, sniff: impl Fn(&[u8], &HeaderMap) -> Take + Send + Sync + 'static) -> Self {
        self.sniff = Some(Arc::new(sniff));
        self
    }

    #[must_use]
    pub const fn with_over(mut self, over: Over) -> Self {
        self.over = over;
        self
    }
}

/// What happens beyond [`Limits::max_bytes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    /// [`crate::Error::TooLarge`].
    Refuse,
    /// The first bytes are kept, the rest is not read: [`Kept::Cut`].
    Cut,
}

/// What the first bytes of a body decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Take {
    /// Read on, up to so many bytes in all (in place of [`Limits::max_bytes`]).
    UpTo(u64),
    /// Drop the stream: [`Kept::Dropped`].
    Drop,
}

/// How much of the body is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    Whole,
    /// Only its beginning.
    Cut,
    /// Only what was sniffed at, because the type is not wanted; of a redirect nothing.
    Dropped,
}

/// An answer, whatever its status.
#[derive(Debug, Clone)]
pub struct Fetched {
    pub requested: Url,
    /// What answered: the last hop, without fragment.
    pub url: Url,
    /// The hops that were followed, in order.
    pub redirects: Vec<Redirect>,
    /// Set when the answer is a redirect that was not followed.
    pub stopped: Option<Stopped>,
    pub status: u16,
    pub headers: HeaderMap,
    /// Unpacked.
    pub body: Bytes,
    pub kept: Kept,
    /// When the first hop was sent, and how long all hops took, without what [`Follow`] and the gates took.
    pub started_at: DateTime<Utc>,
    pub duration: Duration,
    /// Whether the last hop came over TLS.
    pub tls: bool,
    /// Set when the host asked everyone to slow down (429, 503): for how long its gate is shut now.
    pub closed_for: Option<Duration>,
}

impl Fetched {
    #[must_use]
    pub const fn is_success(&self) -> bool {
        self.status >= 200 && self.status < 300
    }

    /// A header as text; none if absent or not ASCII.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Whether some hop left TLS: `https` redirected to `http`.
    #[must_use]
    pub fn downgraded(&self) -> bool {
        self.redirects.iter().any(|hop| hop.from.scheme() == "https" && hop.to.scheme() == "http")
    }
}

/// One followed redirect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redirect {
    pub from: Url,
    pub to: Url,
    pub status: u16,
}

/// A redirect that was not followed, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stopped {
    /// [`Follow`] said no.
    Declined { to: Url },
    /// The next host's gate stays shut for longer than a fetch may wait; ask for `to` later.
    Wait { to: Url, after: Duration },
}

impl Stopped {
    #[must_use]
    pub const fn to(&self) -> &Url {
        match self {
            Self::Declined { to } | Self::Wait { to, .. } => to,
        }
    }
}

/// Asked before each redirect is requested. The address is checked besides, whatever this says.
#[async_trait]
pub trait Follow: Send {
    /// Whether `redirect.to` may be requested: scope, robots. Decide here; keep the reason of a no in `self`.
    async fn follow(&mut self, redirect: &Redirect) -> Result<Decision, crate::Error>;
}

/// The answer of [`Follow::follow`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Request it; `crawl_delay` is what that host's robots ask for.
    Go { crawl_delay: Option<Duration> },
    /// Hand the redirect back as the answer ([`Stopped::Declined`]).
    Stop,
}

impl Decision {
    pub const GO: Self = Self::Go { crawl_delay: None };
}

/// Follows every redirect.
#[derive(Debug, Clone, Copy, Default)]
pub struct Anywhere;

#[async_trait]
impl Follow for Anywhere {
    async fn follow(&mut self, _redirect: &Redirect) -> Result<Decision, crate::Error> {
        Ok(Decision::GO)
    }
}

/// Hands every redirect back.
#[derive(Debug, Clone, Copy, Default)]
pub struct Nowhere;

#[async_trait]
impl Follow for Nowhere {
    async fn follow(&mut self, _redirect: &Redirect) -> Result<Decision, crate::Error> {
        Ok(Decision::Stop)
    }
}
