//! One polite fetch of a page or file, as both workers make it.

use std::time::Duration;

use net::header::{ACCEPT, ACCEPT_LANGUAGE};
use net::{Follow, Limits, Manners, Paced, Polite, Request};
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::look::sniffer;

const ACCEPTED: &str =
    "text/html,application/xhtml+xml;q=0.9,application/pdf;q=0.8,text/plain;q=0.7,*/*;q=0.5";

/// What a fetch depends on besides its address.
#[derive(Debug, Clone)]
pub(crate) struct Terms<'a> {
    pub(crate) crawl_delay: Option<Duration>,
    /// How long to wait at the host's gate.
    pub(crate) patience: Duration,
    /// Whether PDF and DOCX may be read.
    pub(crate) files_left: bool,
    /// Primary languages, best first.
    pub(crate) languages: Vec<&'a str>,
}

/// # Errors
/// As [`Polite::fetch`].
pub(crate) async fn fetch(
    polite: &Polite,
    url: &Url,
    terms: &Terms<'_>,
    follow: &mut dyn Follow,
    cancel: &CancellationToken,
) -> Result<Paced, net::Error> {
    let limits = Limits::default().with_sniff(sniffer(terms.files_left));
    let mut request = Request::get(url.clone()).with_limits(limits).with_header(ACCEPT, ACCEPTED);
    if !terms.languages.is_empty() {
        request = request.with_header(ACCEPT_LANGUAGE, &format!("{},*;q=0.3", terms.languages.join(",")));
    }
    let manners = Manners { crawl_delay: terms.crawl_delay, patience: terms.patience };
    polite.fetch(&request, &manners, follow, cancel).await
}
