//! The document that is made of a fetch, and what of the answer it remembers.

use bytes::Bytes;
use domain::{BlobId, Document, DocumentId, Job};
use net::{Fetched, HeaderMap, Robots, header};
use serde_json::{Map, Value, json};
use url::Url;

use crate::look::{Look, Summary};

/// Headers that say what a site is made with and who serves it; of cookies only the names.
const REMEMBERED: [&str; 14] = [
    "server",
    "x-powered-by",
    "via",
    "content-language",
    "x-generator",
    "x-drupal-cache",
    "x-shopify-stage",
    "x-aspnet-version",
    "strict-transport-security",
    "cf-ray",
    "x-vercel-id",
    "x-amz-cf-id",
    "x-nf-request-id",
    "x-varnish",
];
const MAX_HEADER: usize = 300;

/// A page's wishes about the use of its text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Signals {
    pub(crate) noindex: bool,
    pub(crate) nofollow: bool,
    /// False: keep the text out of prompts. None: nothing said.
    pub(crate) ai_input: Option<bool>,
}

impl Signals {
    /// From robots.txt, the answer's headers and the page's robots metas (not to index, not to follow). A no wins.
    pub(crate) fn of(
        url: &Url,
        robots: Option<&Robots>,
        headers: &HeaderMap,
        (noindex, nofollow): (bool, bool),
    ) -> Self {
        let ai_input = robots.and_then(|robots| robots.signals(url).ai_input);
        let mut signals = Self { noindex, nofollow, ai_input };
        let values = |name: &str| {
            headers
                .get_all(name)
                .iter()
                .filter_map(|value| value.to_str().ok())
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        for value in values("x-robots-tag") {
            signals.tag(&for_us(&value));
        }
        for value in values("content-signal") {
            signals.usage(&value);
        }
        signals
    }

    fn tag(&mut self, value: &str) {
        for word in value.to_ascii_lowercase().split(',').map(str::trim) {
            match word {
                "noindex" => self.noindex = true,
                "nofollow" => self.nofollow = true,
                "none" => (self.noindex, self.nofollow) = (true, true),
                "noai" => self.ai_input = Some(false),
                _ => self.usage(word),
            }
        }
    }

    /// `search=yes, ai-input=no`.
    fn usage(&mut self, value: &str) {
        for part in value.to_ascii_lowercase().split([',', ';']) {
            let said = part.split_once('=').filter(|(name, _)| name.trim() == "ai-input");
            match said.map(|(_, value)| value.trim()) {
                Some("no") => self.ai_input = Some(false),
                Some("yes") => self.ai_input = self.ai_input.or(Some(true)),
                _ => {}
            }
        }
    }
}

/// The directives of an `X-Robots-Tag` that are for everyone or for us: `assay: noindex, nofollow`.
fn for_us(value: &str) -> String {
    let mut ours = true;
    let mut kept = Vec::new();
    for part in value.split(',') {
        let part = match part.split_once(':') {
            Some((agent, rest))
                if !agent.contains('=') && !agent.trim().eq_ignore_ascii_case("unavailable_after") =>
            {
                ours = agent.trim().eq_ignore_ascii_case(net::robots::PRODUCT);
                rest
            }
            _ => part,
        };
        if ours {
            kept.push(part.trim());
        }
    }
    kept.join(",")
}

/// Everything that goes into a document.
pub(crate) struct Making<'a> {
    pub(crate) job: &'a Job,
    pub(crate) id: DocumentId,
    pub(crate) fetched: &'a Fetched,
    pub(crate) look: &'a Look,
    pub(crate) raw: BlobId,
    /// Final, in normal form.
    pub(crate) url: &'a Url,
    pub(crate) aliases: &'a [String],
    /// The text of a link to it.
    pub(crate) anchor: Option<&'a str>,
    pub(crate) kind: &'a str,
    pub(crate) kind_confidence: f64,
    pub(crate) depth: u32,
    pub(crate) via: &'a str,
    pub(crate) signals: Signals,
    /// Only what the operator lets a host decide.
    pub(crate) respects_ai: bool,
    pub(crate) canonical: Option<&'a str>,
    /// A canonical on another domain.
    pub(crate) syndicated_from: Option<&'a str>,
    /// Why a canonical was not believed.
    pub(crate) canonical_note: Option<&'a str>,
}

impl Making<'_> {
    pub(crate) fn document(&self) -> Document {
        Document {
            id: self.id,
            tenant: self.job.tenant,
            subject: self.job.subject,
            run: self.job.run,
            job: self.job.id,
            node: self.job.node.clone(),
            url: Some(self.url.to_string()),
            kind: self.kind.to_owned(),
            content_type: content::sniff(&self.fetched.body).mime().to_owned(),
            size_bytes: size(&self.fetched.body),
            raw: self.raw.clone(),
            attributes: self.attributes(),
            fetched_at: self.fetched.started_at,
        }
    }

    fn attributes(&self) -> Value {
        let empty = Summary::default();
        let summary = self.look.summary().unwrap_or(&empty);
        let text = |name: header::HeaderName| self.fetched.header(name.as_str());
        let redirects: Vec<&str> = self.fetched.redirects.iter().map(|hop| hop.from.as_str()).collect();
        let mut attributes = json!({
            "requested_url": self.fetched.requested,
            "aliases": self.aliases,
            "anchors": self.anchor.as_slice(),
            "redirects": redirects,
            "status": self.fetched.status,
            "etag": text(header::ETAG),
            "last_modified": text(header::LAST_MODIFIED),
            "content_type": text(header::CONTENT_TYPE),
            "charset": summary.charset,
            "language": summary.language,
            "raw_hash": self.raw.0,
            "text_hash": summary.text_hash,
            "simhash": format!("{:016x}", summary.simhash),
            "words": summary.words,
            "kind_confidence": self.kind_confidence,
            "depth": self.depth,
            "via": self.via,
            "verdict": "content",
            "rendered": false,
            "from_state": self.look.page().is_some_and(|page| page.outline.from_state),
            "forms": self.look.page().map_or(0, |page| page.outline.personal_forms),
            "tls": self.fetched.tls,
            "headers": headers(&self.fetched.headers),
            "signals": {
                "noindex": self.signals.noindex,
                "nofollow": self.signals.nofollow,
                "ai_input": self.signals.ai_input.filter(|_| self.respects_ai),
            },
        });
        let mut add = |name: &str, value: Option<&str>| {
            if let (Some(value), Some(object)) = (value, attributes.as_object_mut()) {
                object.insert(name.to_owned(), value.into());
            }
        };
        add("canonical", self.canonical);
        add("syndicated_from", self.syndicated_from);
        add("canonical_ignored", self.canonical_note);
        attributes
    }
}

pub(crate) fn size(body: &Bytes) -> u64 {
    u64::try_from(body.len()).unwrap_or(u64::MAX)
}

/// The headers that are kept, and the names of cookies.
fn headers(all: &HeaderMap) -> Value {
    let mut kept = Map::new();
    for name in REMEMBERED {
        let values: Vec<&str> = all.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect();
        if !values.is_empty() {
            kept.insert(
                name.to_owned(),
                values.join(", ").chars().take(MAX_HEADER).collect::<String>().into(),
            );
        }
    }
    let cookies: Vec<String> = all
        .get_all(header::SET_COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok()?.split_once('='))
        .map(|(name, _)| name.trim().chars().take(MAX_HEADER).collect())
        .collect();
    if !cookies.is_empty() {
        kept.insert("cookies".to_owned(), cookies.into());
    }
    Value::Object(kept)
}

/// The canonical address that an answer's `Link` header names.
pub(crate) fn linked_canonical(headers: &HeaderMap) -> Option<String> {
    headers.get_all(header::LINK).iter().filter_map(|value| value.to_str().ok()).find_map(|value| {
        value.split(',').find_map(|link| {
            let (target, rest) = link.trim().strip_prefix('<')?.split_once('>')?;
            let rel = rest.to_ascii_lowercase().replace(['"', '\'', ' '], "");
            rel.split(';').any(|part| part == "rel=canonical").then(|| target.to_owned())
        })
    })
}

#[cfg(test)]
mod tests {
    use net::header::HeaderValue;

    use super::*;

    fn map(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in pairs {
            map.append(*name, HeaderValue::from_static(value));
        }
        map
    }

    #[test]
    fn robots_tags_count_when_they_are_for_everyone_or_for_us() {
        let url = Url::parse("https://a.example/").unwrap();
        let of = |pairs: &[(&'static str, &'static str)]| {
            let signals = Signals::of(&url, None, &map(pairs), (false, false));
            (signals.noindex, signals.nofollow)
        };
        let both = [("x-robots-tag", "googlebot: noindex"), ("x-robots-tag", "Assay: nofollow")];
        assert_eq!(of(&both), (false, true));
        assert_eq!(of(&[("x-robots-tag", "NoIndex, nosnippet")]), (true, false));
        assert_eq!(of(&[("x-robots-tag", "none")]), (true, true));
        let by_meta = Signals::of(&url, None, &HeaderMap::new(), (true, false));
        assert!(by_meta.noindex && !by_meta.nofollow);
    }

    #[test]
    fn usage_signals_are_read_and_a_no_wins() {
        let url = Url::parse("https://a.example/").unwrap();
        let robots = Robots::parse(b"User-agent: *\nContent-Signal: ai-input=no\n");
        let of = |robots: Option<&Robots>, pairs: &[(&'static str, &'static str)]| {
            Signals::of(&url, robots, &map(pairs), (false, false)).ai_input
        };
        assert_eq!(of(Some(&robots), &[("content-signal", "ai-input=yes")]), Some(false));
        assert_eq!(of(None, &[("content-signal", "search=yes, ai-input=no")]), Some(false));
        assert_eq!(of(None, &[("x-robots-tag", "noai")]), Some(false));
        assert_eq!(of(None, &[("content-signal", "ai-input=yes")]), Some(true));
        assert_eq!(of(None, &[]), None);
    }

    #[test]
    fn of_cookies_only_the_names_are_kept() {
        let kept = headers(&map(&[
            ("set-cookie", "session=secret; Path=/"),
            ("server", "nginx"),
            ("x-secret", "1"),
        ]));
        assert_eq!(kept, json!({"server": "nginx", "cookies": ["session"]}));
    }

    #[test]
    fn headers_that_name_who_serves_a_site_are_kept_and_the_table_of_technologies_reads_them() {
        let table = include_str!("../../../crates/pipelines/builtin/company/technologies.toml");
        for name in ["cf-ray", "x-vercel-id", "x-amz-cf-id", "x-nf-request-id", "x-varnish"] {
            assert!(table.contains(&format!("{name} = \"\"")), "no rule reads {name}");
            assert_eq!(headers(&map(&[(name, "id-1")])), json!({ name: "id-1" }));
        }
    }

    #[test]
    fn a_canonical_can_come_in_a_header() {
        let headers = map(&[("link", "</style.css>; rel=preload, <https://a.example/x>; rel=\"canonical\"")]);
        assert_eq!(linked_canonical(&headers).as_deref(), Some("https://a.example/x"));
        assert_eq!(linked_canonical(&map(&[("link", "<https://a.example/x>; rel=next")])), None);
    }
}
