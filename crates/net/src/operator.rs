//! Requests to addresses that the operator names: a model provider, an object store, an Ollama on this machine.

use std::time::Duration;

use crate::{Error, tls};

/// A client for base URLs out of the operator's own settings.
///
/// It reaches every address, inside ones too, and that is safe *only* because the operator, who may connect wherever
/// this machine may, wrote the URL. Never give it a URL, or a part of a host or port, that came from a tenant, a page
/// or a model: that is what [`crate::Client`] is for. Redirects are handed back, so the named server cannot send a
/// request (and the key in it) elsewhere, and proxies of the environment are not used.
///
/// # Errors
/// [`Error::Setup`] if the client cannot be built.
pub fn operator(connect_timeout: Duration) -> Result<reqwest::Client, Error> {
    reqwest::Client::builder()
        .user_agent(concat!("Assay/", env!("CARGO_PKG_VERSION")))
        .tls_backend_preconfigured(tls::config()?)
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .connect_timeout(connect_timeout)
        .build()
        .map_err(|e| Error::Setup(e.to_string()))
}
