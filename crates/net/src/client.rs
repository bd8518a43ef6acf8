//! One request at a time to addresses that may be reached.

mod classify;
mod walk;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use reqwest::header::{ACCEPT_ENCODING, HOST, HeaderMap, LOCATION};
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;
use url::Url;

pub(crate) use classify::classify;
pub(crate) use walk::{Door, Entry, Walked, walk};

use crate::fetch::{Fetched, Follow, Kept, Request};
use crate::guard::Policy;
use crate::resolve::{Guarded, Lookup, SystemLookup};
use crate::{Error, Phase, Settings, Timeouts, decode, receive, tls};

/// Fetches what others name, from addresses that may be reached. Cheap to clone.
///
/// Polite callers use [`crate::Polite`] on top: this client asks no gate and reads no robots.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    policy: Arc<Policy>,
    timeouts: Timeouts,
}

impl Client {
    /// # Errors
    /// [`Error::Setup`] if this machine cannot make requests.
    pub fn new(settings: &Settings) -> Result<Self, Error> {
        Self::with_lookup(settings, Arc::new(SystemLookup))
    }

    /// With another way to find addresses; what it answers is guarded like DNS.
    ///
    /// # Errors
    /// [`Error::Setup`] if this machine cannot make requests.
    pub fn with_lookup(settings: &Settings, lookup: Arc<dyn Lookup>) -> Result<Self, Error> {
        let policy = Arc::new(Policy::new(settings));
        let http = reqwest::Client::builder()
            .user_agent(settings.user_agent())
            .tls_backend_preconfigured(tls::config()?)
            .dns_resolver(Guarded::new(Arc::clone(&policy), lookup))
            // A proxy would connect in our place, to addresses that nobody checked.
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            // Another crate of the house may switch these on; unpacking without limits must stay off here.
            .no_gzip()
            .no_brotli()
            .no_deflate()
            .no_zstd()
            .connect_timeout(settings.timeouts.connect)
            .pool_max_idle_per_host(2)
            .pool_idle_timeout(Duration::from_secs(30))
            .build()
            .map_err(|e| Error::Setup(e.to_string()))?;
        Ok(Self { http, policy, timeouts: settings.timeouts })
    }

    /// Fetches, asking `follow` before each redirect. Every hop's address is checked before it is connected to.
    ///
    /// # Errors
    /// By what the caller can do; an answer of any status is no error.
    pub async fn fetch(
        &self,
        request: &Request,
        follow: &mut dyn Follow,
        cancel: &CancellationToken,
    ) -> Result<Fetched, Error> {
        match walk(self, &walk::Open, request, None, follow, cancel).await? {
            Walked::Fetched(fetched) => Ok(*fetched),
            Walked::Wait { .. } => Err(Error::Invalid("an open door has nothing to wait for".to_owned())),
        }
    }

    /// What can be said of a URL before anything is asked of anyone: scheme, credentials, and whether its host is an
    /// inside address. For refusing an input early; every fetch checks again, after resolution.
    ///
    /// # Errors
    /// [`Error::Refused`] or [`Error::Invalid`].
    pub fn check(&self, url: &Url) -> Result<(), Error> {
        self.policy.check(url)
    }

    /// The longest a single fetch holds on to its host.
    pub(crate) fn lease(&self) -> Duration {
        self.timeouts.whole + Duration::from_secs(5)
    }

    /// One request and its answer. `within` is what is left of [`Timeouts::whole`].
    async fn hop(
        &self,
        url: &Url,
        request: &Request,
        within: Duration,
        cancel: &CancellationToken,
    ) -> Result<Answer, Error> {
        self.policy.check(url)?;
        let host = url.host_str().unwrap_or_default();
        let span = tracing::debug_span!("net.fetch", net.host = host, http.status = tracing::field::Empty);
        let work = self.send(url, host, request).instrument(span.clone());
        let answer = tokio::select! {
            biased;
            () = cancel.cancelled() => Err(Error::Cancelled),
            answered = timeout(within, work) => answered.unwrap_or_else(|_elapsed| {
                Err(Error::Timeout { host: host.to_owned(), phase: Phase::Whole, limit: self.timeouts.whole })
            }),
        };
        if let Ok(answer) = &answer {
            span.record("http.status", answer.status);
        }
        answer
    }

    async fn send(&self, url: &Url, host: &str, request: &Request) -> Result<Answer, Error> {
        let (started, started_at) = (Instant::now(), Utc::now());
        let (dialled, named) = self.dial(url);
        let mut headers = request.headers.clone();
        headers.insert(ACCEPT_ENCODING, decode::ACCEPT_ENCODING.parse().map_err(|_| invalid("header"))?);
        if let Some(named) = named {
            headers.insert(HOST, named.parse().map_err(|_| invalid("host"))?);
        }
        let sent = self.http.get(dialled).headers(headers).send();
        let response = timeout(self.timeouts.first_byte, sent)
            .await
            .map_err(|_elapsed| Error::Timeout {
                host: host.to_owned(),
                phase: Phase::FirstByte,
                limit: self.timeouts.first_byte,
            })?
            .map_err(|e| classify(e, host, &self.timeouts))?;
        let reached = started.elapsed();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let (body, kept) = if is_redirect(status) && headers.contains_key(LOCATION) {
            receive::drain(response).await;
            (Bytes::new(), Kept::Dropped)
        } else {
            receive::body(response, &request.limits, &self.timeouts, host).await?
        };
        Ok(Answer { status, headers, body, kept, started_at, reached, took: started.elapsed() })
    }

    /// What to connect to, and what to call it. The connector takes the port from a resolved address only when the
    /// URL names none, so a host that the operator mapped is dialled without port and told its full name.
    fn dial(&self, url: &Url) -> (Url, Option<String>) {
        let mut dialled = url.clone();
        dialled.set_fragment(None);
        if let (Some(port), Some(host)) = (url.port(), url.host_str())
            && self.policy.mapped(host).is_some()
            && dialled.set_port(None).is_ok()
        {
            return (dialled, Some(format!("{host}:{port}")));
        }
        (dialled, None)
    }
}

fn invalid(what: &str) -> Error {
    Error::Invalid(format!("the {what} cannot be sent"))
}

const fn is_redirect(status: u16) -> bool {
    matches!(status, 301 | 302 | 303 | 307 | 308)
}

/// One hop's answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    body: Bytes,
    kept: Kept,
    started_at: DateTime<Utc>,
    /// From the start to the head of the answer.
    pub(crate) reached: Duration,
    pub(crate) took: Duration,
}

impl Answer {
    /// Where it points to, if it is a redirect.
    fn target(&self, from: &Url) -> Result<Option<Url>, Error> {
        if !is_redirect(self.status) {
            return Ok(None);
        }
        let Some(location) = self.headers.get(LOCATION) else { return Ok(None) };
        let location = String::from_utf8_lossy(location.as_bytes());
        let mut to = from
            .join(location.trim())
            .map_err(|_| Error::Invalid("redirected to something that is no URL".to_owned()))?;
        to.set_fragment(None);
        Ok(Some(to))
    }
}
