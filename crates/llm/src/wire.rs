//! The HTTP that all providers share: sending, reading a stream with time limits, naming what went wrong.

use std::time::Duration;

use chrono::Utc;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Response, Url};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_util::sync::CancellationToken;

use crate::complaint::{Complaint, LONGEST_DETAIL};
use crate::error::shorten;
use crate::frames::{Frames, Framing};
use crate::{Endpoint, Error, Kind};

/// Error bodies are read up to here, model lists too.
const LONGEST_BODY_BYTES: usize = 1 << 20;
/// A stream of the longest answers is some megabytes with its framing.
const LONGEST_STREAM_BYTES: usize = 64 << 20;
/// A provider that asks for longer is treated as asking for this.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(24 * 3600);

/// One provider's endpoint.
#[derive(Debug)]
pub(crate) struct Wire {
    kind: Kind,
    http: Client,
    base: Url,
    key: Option<SecretString>,
    idle: Duration,
    total: Duration,
}

/// Whether a stream has said all it has to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flow {
    More,
    End,
}

impl Wire {
    pub(crate) fn new(kind: Kind, endpoint: &Endpoint) -> Result<Self, Error> {
        let wrong = |why: String| Error::Settings(format!("`{kind}.base_url`: {why}"));
        let base = Url::parse(&endpoint.base_url).map_err(|error| wrong(error.to_string()))?;
        if !matches!(base.scheme(), "http" | "https") || base.host_str().is_none() {
            return Err(wrong("an http(s) URL is expected".to_owned()));
        }
        if !base.username().is_empty() || base.password().is_some() || base.query().is_some() {
            return Err(wrong("no credentials and no query belong into it".to_owned()));
        }
        // An error means that the process has a provider of its own already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut http = Client::builder()
            .user_agent(concat!("assay/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(endpoint.connect_timeout)
            // A redirect would carry the key to another host.
            .redirect(Policy::none());
        if is_loopback(&base) {
            http = http.no_proxy();
        }
        let http = http.build().map_err(|error| Error::Settings(format!("`{kind}`: {}", chain(&error))))?;
        Ok(Self {
            kind,
            http,
            base,
            key: endpoint.key.clone(),
            idle: endpoint.idle_timeout,
            total: endpoint.total_timeout,
        })
    }

    pub(crate) const fn kind(&self) -> Kind {
        self.kind
    }

    pub(crate) fn host(&self) -> &str {
        self.base.host_str().unwrap_or_default()
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> RequestBuilder {
        self.http.post(self.url(path)).json(body)
    }

    pub(crate) fn get(&self, path: &str) -> RequestBuilder {
        self.http.get(self.url(path))
    }

    /// The key, for a header that is not logged.
    pub(crate) fn key(&self) -> Option<&str> {
        self.key.as_ref().map(ExposeSecret::expose_secret)
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base.as_str().trim_end_matches('/'))
    }

    /// Sends and waits for the headers of a success.
    pub(crate) async fn send(
        &self,
        request: RequestBuilder,
        model: &str,
        cancel: &CancellationToken,
    ) -> Result<Response, Error> {
        let response = tokio::select! {
            () = cancel.cancelled() => return Err(Error::Cancelled),
            sent = timeout(self.idle, request.send()) => match sent {
                Ok(sent) => sent.map_err(|error| self.unavailable(&error))?,
                Err(_) => return Err(self.silent()),
            },
        };
        if response.status().is_success() {
            return Ok(response);
        }
        let status = response.status().as_u16();
        let retry_after = retry_after(response.headers());
        let body = self.body(response, cancel).await?;
        let complaint = serde_json::from_slice(&body)
            .ok()
            .and_then(|body| Complaint::in_body(&body))
            .unwrap_or_else(|| Complaint {
                code: String::new(),
                message: format!("status {status}: {}", String::from_utf8_lossy(&body)),
            });
        Err(self.error_after(model, status, &complaint, retry_after))
    }

    /// A short body, to its end or its limit.
    async fn body(&self, mut response: Response, cancel: &CancellationToken) -> Result<Vec<u8>, Error> {
        let mut body = Vec::new();
        loop {
            let chunk = tokio::select! {
                () = cancel.cancelled() => return Err(Error::Cancelled),
                chunk = timeout(self.idle, response.chunk()) => chunk,
            };
            match chunk {
                Ok(Ok(Some(chunk))) if body.len() < LONGEST_BODY_BYTES => body.extend_from_slice(&chunk),
                Ok(Ok(_)) => return Ok(body),
                Ok(Err(error)) => return Err(self.unavailable(&error)),
                Err(_) => return Err(self.silent()),
            }
        }
    }

    /// Gives every event of the stream to `event`, until that has heard the end.
    pub(crate) async fn read(
        &self,
        mut response: Response,
        framing: Framing,
        cancel: &CancellationToken,
        mut event: impl FnMut(&Value) -> Result<Flow, Error> + Send,
    ) -> Result<(), Error> {
        let deadline = Instant::now() + self.total;
        let mut frames = Frames::new(framing);
        let mut left = LONGEST_STREAM_BYTES;
        loop {
            let chunk = tokio::select! {
                () = cancel.cancelled() => return Err(Error::Cancelled),
                chunk = timeout_at(deadline.min(Instant::now() + self.idle), response.chunk()) => chunk,
            };
            let chunk = match chunk {
                Ok(Ok(Some(chunk))) => chunk,
                Ok(Ok(None)) => break,
                Ok(Err(error)) => return Err(self.interrupted(chain(&error.without_url()))),
                Err(_) if Instant::now() >= deadline => {
                    return Err(self.interrupted(format!("not done after {} s", self.total.as_secs())));
                }
                Err(_) => return Err(self.interrupted(format!("silent for {} s", self.idle.as_secs()))),
            };
            left = left.checked_sub(chunk.len()).ok_or_else(|| self.interrupted("endless".to_owned()))?;
            let events = frames.push(&chunk).map_err(|_| self.interrupted("not a chat stream".to_owned()))?;
            for text in events {
                if self.event(&text, &mut event)? == Flow::End {
                    return Ok(());
                }
            }
        }
        match frames.end() {
            Some(text) => self.event(&text, &mut event).map(|_| ()),
            None => Ok(()),
        }
    }

    fn event(
        &self,
        text: &str,
        event: &mut impl FnMut(&Value) -> Result<Flow, Error>,
    ) -> Result<Flow, Error> {
        // OpenAI's mark for the end, the one event that is no JSON.
        if text == "[DONE]" {
            return Ok(Flow::End);
        }
        let value = serde_json::from_str(text)
            .map_err(|error| self.interrupted(format!("an event is no JSON: {error}")))?;
        event(&value)
    }

    /// Which error a status and the provider's words mean.
    pub(crate) fn error(&self, model: &str, status: u16, complaint: &Complaint) -> Error {
        self.error_after(model, status, complaint, None)
    }

    fn error_after(
        &self,
        model: &str,
        status: u16,
        complaint: &Complaint,
        retry_after: Option<Duration>,
    ) -> Error {
        complaint.means(self.kind, model, status, retry_after, self.key())
    }

    /// What a model said instead of an answer, as it may be shown.
    pub(crate) fn shown(&self, words: &str) -> String {
        Complaint { code: String::new(), message: words.to_owned() }.detail(self.key())
    }

    /// The names in `{list: [{name}]}`: what the key may use.
    pub(crate) async fn names(
        &self,
        request: RequestBuilder,
        (list, name): (&str, &str),
        cancel: &CancellationToken,
    ) -> Result<Vec<String>, Error> {
        let response = self.send(request, "", cancel).await?;
        let body: Value = serde_json::from_slice(&self.body(response, cancel).await?).unwrap_or_default();
        let models = body.get(list).and_then(Value::as_array).ok_or_else(|| Error::BadRequest {
            provider: self.kind,
            detail: "it lists no models: is `base_url` right?".to_owned(),
        })?;
        Ok(models.iter().filter_map(|model| model.get(name)?.as_str()).map(str::to_owned).collect())
    }

    pub(crate) fn interrupted(&self, detail: String) -> Error {
        Error::Interrupted { provider: self.kind, detail }
    }

    fn silent(&self) -> Error {
        let detail = format!("no answer within {} s", self.idle.as_secs());
        Error::Unavailable { provider: self.kind, detail }
    }

    fn unavailable(&self, error: &reqwest::Error) -> Error {
        Error::Unavailable { provider: self.kind, detail: format!("{}: {}", self.host(), causes(error)) }
    }
}

/// The string at a JSON pointer.
pub(crate) fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer)?.as_str()
}

/// The count at a JSON pointer.
pub(crate) fn count(value: &Value, pointer: &str) -> Option<u64> {
    value.pointer(pointer)?.as_u64()
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

/// An error and everything under it, in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    shorten(&text, LONGEST_DETAIL)
}

/// Only what is under a transport error: its own words are the URL.
fn causes(error: &reqwest::Error) -> String {
    std::error::Error::source(error).map_or_else(|| "no connection".to_owned(), chain)
}

/// `retry-after-ms`, or `Retry-After` in seconds or as a date.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    let millis = text("retry-after-ms").and_then(|text| text.parse::<f64>().ok()).map(|ms| ms / 1000.0);
    let seconds = millis.or_else(|| {
        let text = text(RETRY_AFTER.as_str())?;
        text.parse::<f64>().ok().or_else(|| {
            let at = chrono::DateTime::parse_from_rfc2822(text).ok()?;
            Some((at.to_utc() - Utc::now()).num_milliseconds() as f64 / 1000.0)
        })
    })?;
    let duration = Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(LONGEST_RETRY_AFTER);
    Some(duration.min(LONGEST_RETRY_AFTER))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Settings;

    #[test]
    fn a_wait_is_read_in_every_form_and_bounded() {
        let headers = |name: &'static str, value: String| {
            let mut headers = HeaderMap::new();
            headers.insert(name, value.parse().unwrap());
            retry_after(&headers)
        };
        assert_eq!(headers("retry-after", "7".into()), Some(Duration::from_secs(7)));
        assert_eq!(headers("retry-after-ms", "250".into()), Some(Duration::from_millis(250)));
        assert_eq!(headers("retry-after", "1e300".into()), Some(LONGEST_RETRY_AFTER));
        assert_eq!(headers("retry-after", "-5".into()), Some(Duration::ZERO));
        assert_eq!(headers("retry-after", "soon".into()), None);
        let date = (Utc::now() + chrono::Duration::seconds(90)).to_rfc2822().replace("+0000", "GMT");
        let wait = headers("retry-after", date).unwrap();
        assert!((85..=90).contains(&wait.as_secs()), "{wait:?}");
    }

    #[test]
    fn a_key_is_never_shown() {
        let endpoint = Endpoint { key: Some("sk-secret".into()), ..Settings::default().openai };
        let wire = Wire::new(Kind::OpenAi, &endpoint).unwrap();
        assert!(!format!("{wire:?}").contains("sk-secret"));
    }

    #[test]
    fn a_base_url_that_cannot_be_meant_is_refused() {
        for base_url in ["", "openai", "ftp://h/v1", "http://user:pw@h/v1", "http://h/v1?key=1"] {
            let endpoint = Endpoint { base_url: base_url.into(), ..Settings::default().openai };
            let error = Wire::new(Kind::OpenAi, &endpoint).unwrap_err().to_string();
            assert!(error.contains("openai.base_url") && !error.contains("pw"), "{error}");
        }
    }
}
