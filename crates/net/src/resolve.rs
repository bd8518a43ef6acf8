//! From a name to the addresses that may be connected to.
//!
//! The client's connector gets its addresses from here and nowhere else and connects to exactly those, so there is no
//! second look-up that could answer differently (DNS rebinding). Answers that are not allowed are left out; if none
//! is left, the host is refused.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use async_trait::async_trait;
use reqwest::dns::{Addrs, Name, Resolving};

use crate::guard::Policy;

/// Who is asked where a host is.
#[async_trait]
pub trait Lookup: fmt::Debug + Send + Sync + 'static {
    /// Every address of `host`, in the order to be tried.
    ///
    /// # Errors
    /// [`io::ErrorKind::NotFound`] when there is no such host; any other kind says that nobody could tell just now.
    async fn lookup(&self, host: &str) -> io::Result<Vec<IpAddr>>;
}

/// The system's resolver: hosts file, DNS, whatever this machine uses.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemLookup;

#[async_trait]
impl Lookup for SystemLookup {
    async fn lookup(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        let found = tokio::net::lookup_host((host, 0)).await.map_err(told_apart)?;
        Ok(found.map(|address| address.ip()).collect())
    }
}

/// What the C libraries say (`EAI_NONAME`, `EAI_NODATA`) when a name does not exist: glibc, musl, macOS, Windows.
const NO_SUCH_NAME: [&str; 6] = [
    "Name or service not known",
    "No address associated with hostname",
    "Name does not resolve",
    "Name has no usable address",
    "nodename nor servname provided, or not known",
    "No such host is known",
];

/// The standard library drops the code of a failed look-up and keeps its text only (in English: nobody here sets a
/// locale), so the text has to say whether the name does not exist. An unknown text is a failure that may pass.
fn told_apart(error: io::Error) -> io::Error {
    let text = error.to_string();
    if NO_SUCH_NAME.iter().any(|said| text.contains(said)) {
        io::Error::new(io::ErrorKind::NotFound, error)
    } else {
        error
    }
}

/// Why a name led to no address. Found again in the client's error by its type.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unresolved {
    #[error("none of its addresses may be reached")]
    Refused,
    #[error("it has no address")]
    NoAddress,
    #[error("it was not found")]
    Failed(#[source] io::Error),
}

/// The resolver of a guarded client.
#[derive(Debug, Clone)]
pub(crate) struct Guarded {
    policy: Arc<Policy>,
    lookup: Arc<dyn Lookup>,
}

impl Guarded {
    pub(crate) fn new(policy: Arc<Policy>, lookup: Arc<dyn Lookup>) -> Self {
        Self { policy, lookup }
    }

    async fn addresses(&self, host: &str) -> Result<Vec<SocketAddr>, Unresolved> {
        if let Some(address) = self.policy.mapped(host) {
            return Ok(vec![address]);
        }
        let found = self.lookup.lookup(host).await.map_err(Unresolved::Failed)?;
        if found.is_empty() {
            return Err(Unresolved::NoAddress);
        }
        // Port 0: the URL's port, or its scheme's.
        let allowed: Vec<SocketAddr> =
            found.into_iter().filter(|ip| self.policy.allows(*ip)).map(|ip| SocketAddr::new(ip, 0)).collect();
        if allowed.is_empty() { Err(Unresolved::Refused) } else { Ok(allowed) }
    }
}

impl reqwest::dns::Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let guarded = self.clone();
        Box::pin(async move {
            let addresses = guarded.addresses(name.as_str()).await?;
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_does_not_exist_is_told_from_a_look_up_that_failed() {
        let kind = |text: &str| {
            let said = format!("failed to lookup address information: {text}");
            told_apart(io::Error::other(said)).kind()
        };
        assert_eq!(kind("Name or service not known"), io::ErrorKind::NotFound);
        assert_eq!(kind("Name does not resolve"), io::ErrorKind::NotFound);
        assert_eq!(kind("Temporary failure in name resolution"), io::ErrorKind::Other);
        assert_eq!(kind("Try again"), io::ErrorKind::Other);
    }
}
