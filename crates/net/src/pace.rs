//! Politeness: a fetch goes through its host's gate, which every run and worker shares.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use ephemeral::gate::Why;
use ephemeral::{Closing, Ephemeral, Gate, Permit, Usage};
use rand::Rng;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::client::{Answer, Door, Entry, Walked, walk};
use crate::fetch::{Fetched, Follow, Request};
use crate::{Client, Error, Pace};

/// The longest that a host's own `Retry-After` is honoured.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(3600);
/// Without one: 5 s, doubled each time, up to 10 min.
const FIRST_BACKOFF: Duration = Duration::from_secs(5);
const MAX_BACKOFF: Duration = Duration::from_secs(600);
/// A redirect waits at least this patiently for its turn: its first half is paid for already, and giving up would
/// pay for it again and again.
const REDIRECT_PATIENCE: Duration = Duration::from_secs(90);

/// Fetches politely. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Polite {
    pub(crate) client: Client,
    pub(crate) ephemeral: Arc<dyn Ephemeral>,
    pub(crate) pace: Pace,
}

/// How a caller wants to be let in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Manners {
    /// What the first host's robots ask for; redirects bring theirs ([`crate::Decision::Go`]).
    pub crawl_delay: Option<Duration>,
    /// How long to wait at the gate; beyond that the answer is [`Paced::Wait`], so that a worker can do something else.
    pub patience: Duration,
}

/// What a polite fetch comes back with.
#[derive(Debug)]
pub enum Paced {
    Fetched(Box<Fetched>),
    /// Nothing was sent: the host's turn comes in `after`.
    Wait {
        after: Duration,
        why: Why,
    },
}

/// The key of a URL's gate: host and port, whatever the scheme.
#[must_use]
pub fn host_key(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    let host = host.strip_suffix('.').unwrap_or(host);
    format!("{host}:{}", url.port_or_known_default().unwrap_or(0))
}

impl Polite {
    #[must_use]
    pub fn new(client: Client, ephemeral: Arc<dyn Ephemeral>, pace: Pace) -> Self {
        Self { client, ephemeral, pace }
    }

    #[must_use]
    pub const fn client(&self) -> &Client {
        &self.client
    }

    /// Fetches when it is the caller's turn: each hop, redirects included, goes through its own host's gate. A 429 or
    /// 503 shuts that gate for everyone ([`Fetched::closed_for`]).
    ///
    /// To give up, cancel: that frees the gate at once. A future that is dropped holds it until its lease ends.
    ///
    /// # Errors
    /// As [`Client::fetch`], and [`Error::Unavailable`] when the gates cannot be reached.
    pub async fn fetch(
        &self,
        request: &Request,
        manners: &Manners,
        follow: &mut dyn Follow,
        cancel: &CancellationToken,
    ) -> Result<Paced, Error> {
        let door = Gated { polite: self, patience: manners.patience };
        Ok(match walk(&self.client, &door, request, manners.crawl_delay, follow, cancel).await? {
            Walked::Fetched(fetched) => Paced::Fetched(fetched),
            Walked::Wait { after, why } => Paced::Wait { after, why },
        })
    }

    /// Waits for a turn at `key`, at most `patience`.
    async fn turn(
        &self,
        key: &str,
        crawl_delay: Option<Duration>,
        patience: Duration,
        cancel: &CancellationToken,
    ) -> Result<Entry, Error> {
        let spacing = self.pace.spacing(crawl_delay);
        let since = Instant::now();
        loop {
            if cancel.is_cancelled() {
                return Err(Error::Cancelled);
            }
            match self.ephemeral.gate_acquire(key, &spacing, self.client.lease()).await? {
                Gate::Go(permit) => return Ok(Entry::Go(Some(permit))),
                Gate::Wait { after, why } => {
                    if since.elapsed() + after > patience {
                        return Ok(Entry::Wait { after, why });
                    }
                    // Those who wait for the same gate do not all ask at once.
                    let after = after + Duration::from_millis(rand::rng().random_range(1..=5));
                    tokio::select! {
                        biased;
                        () = cancel.cancelled() => return Err(Error::Cancelled),
                        () = sleep(after) => {}
                    }
                }
            }
        }
    }

    /// Shuts the gate as long as the host asks for.
    async fn close(&self, key: &str, headers: &HeaderMap) -> Result<Duration, ephemeral::Error> {
        // "At once" is no answer to a host that asks for less.
        let closing = match retry_after(headers, SystemTime::now()).filter(|asked| !asked.is_zero()) {
            Some(asked) => Closing::For(asked.min(MAX_RETRY_AFTER)),
            None => Closing::Backoff {
                first: FIRST_BACKOFF,
                cap: MAX_BACKOFF,
                jitter: rand::rng().random_range(0.0..0.25),
            },
        };
        self.ephemeral.gate_close(key, closing).await
    }
}

/// The gates of a polite fetch.
struct Gated<'a> {
    polite: &'a Polite,
    patience: Duration,
}

#[async_trait]
impl Door for Gated<'_> {
    async fn enter(
        &self,
        url: &Url,
        crawl_delay: Option<Duration>,
        hop: usize,
        cancel: &CancellationToken,
    ) -> Result<Entry, Error> {
        let patience = if hop == 0 { self.patience } else { self.patience.max(REDIRECT_PATIENCE) };
        self.polite.turn(&host_key(url), crawl_delay, patience, cancel).await
    }

    async fn leave(
        &self,
        permit: Permit,
        answer: &Result<Answer, Error>,
        took: Duration,
    ) -> Option<Duration> {
        let mut closed_for = None;
        let mut usage = Usage { took, reached: took, served: false };
        if let Ok(answer) = answer {
            let slow_down = matches!(answer.status, 429 | 503);
            usage = Usage { took, reached: answer.reached, served: !slow_down };
            if slow_down {
                // Before the permit goes back, or somebody slips in between.
                match self.polite.close(permit.key(), &answer.headers).await {
                    Ok(shut) => closed_for = Some(shut),
                    Err(e) => tracing::warn!(
                        error = &e as &dyn std::error::Error,
                        "a host's gate could not be shut"
                    ),
                }
            }
        }
        // A permit that cannot be given back ends with its lease.
        if let Err(e) = self.polite.ephemeral.gate_release(permit, usage).await {
            tracing::warn!(error = &e as &dyn std::error::Error, "a host's gate could not be released");
        }
        closed_for
    }
}

/// What `Retry-After` says, in seconds or as a date; a date in the past is now.
fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let at = httpdate::parse_http_date(value).ok()?;
    Some(at.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_read_as_seconds_or_as_a_date() {
        let now = httpdate::parse_http_date("Fri, 20 Nov 2026 10:00:00 GMT").unwrap();
        let read =
            |value: &str| retry_after(&HeaderMap::from_iter([(RETRY_AFTER, value.parse().unwrap())]), now);
        assert_eq!(read("30"), Some(Duration::from_secs(30)));
        assert_eq!(read("Fri, 20 Nov 2026 10:02:00 GMT"), Some(Duration::from_secs(120)));
        assert_eq!(read("Friday, 20-Nov-26 10:02:00 GMT"), Some(Duration::from_secs(120)));
        assert_eq!(read("Fri, 20 Nov 2026 09:00:00 GMT"), Some(Duration::ZERO));
        for nonsense in ["", "soon", "-5", "1.5", "99999999999999999999999"] {
            assert_eq!(read(nonsense), None, "{nonsense}");
        }
        assert_eq!(retry_after(&HeaderMap::new(), now), None);
    }

    #[test]
    fn one_host_and_port_is_one_gate_whatever_the_scheme() {
        let key = |url: &str| host_key(&url.parse().unwrap());
        assert_eq!(key("https://Acme.example/a"), "acme.example:443");
        assert_eq!(key("http://acme.example./b?c"), "acme.example:80");
        assert_eq!(key("http://acme.example:443/"), key("https://acme.example/"));
        assert_eq!(key("http://[2606:4700::1]:8080/"), "[2606:4700::1]:8080");
    }
}
