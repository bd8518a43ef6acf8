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
    async fn lookup(&self, host: &str) -> io::Result<Vec<IpAddr>>;
}

/// The system's resolver: hosts file, DNS, whatever this machine uses.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemLookup;

#[async_trait]
impl Lookup for SystemLookup {
    async fn lookup(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        Ok(tokio::net::lookup_host((host, 0)).await?.map(|address| address.ip()).collect())
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
