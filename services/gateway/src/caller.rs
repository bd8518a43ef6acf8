//! Who asks: a tenant's API key, or somebody on this machine.

use std::future::Future;
use std::net::Ipv4Addr;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::{Method, StatusCode, header};
use actix_web::{FromRequest, HttpRequest, web};
use domain::TenantId;
use rand::RngCore as _;
use sha2::{Digest as _, Sha256};
use store::Tenant;

use crate::State;
use crate::refusal::Refusal;

/// An API key's secret: shown once, kept as its hash.
#[derive(Debug)]
pub struct Secret(String);

impl Secret {
    /// A new one: 256 random bits, so that a plain hash of it gives nothing away.
    #[must_use]
    pub fn random() -> Self {
        let mut bits = [0; 32];
        rand::rng().fill_bytes(&mut bits);
        Self(format!("ask_{}", hex::encode(bits)))
    }

    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    #[must_use]
    pub fn hash(&self) -> String {
        hash(&self.0)
    }
}

fn hash(secret: &str) -> String {
    hex::encode(Sha256::digest(secret))
}

/// What a key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    Read,
    Write,
}

impl Scope {
    pub const ALL: [Self; 2] = [Self::Read, Self::Write];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
        }
    }

    /// What a request needs.
    fn of(method: &Method) -> Self {
        if matches!(*method, Method::GET | Method::HEAD) { Self::Read } else { Self::Write }
    }
}

/// Whoever may make this request, as the only rows they can reach.
pub(crate) struct Caller(pub(crate) Tenant);

impl FromRequest for Caller {
    type Error = Refusal;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Refusal>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { identify(&request).await })
    }
}

async fn identify(request: &HttpRequest) -> Result<Caller, Refusal> {
    let refuse = |detail: &str| Refusal::new(StatusCode::UNAUTHORIZED, "unauthorized", detail);
    let state = request.app_data::<web::Data<State>>().ok_or_else(|| refuse("nobody is known here"))?;
    let store = &state.deps.store;
    let Some(given) = request.headers().get(header::AUTHORIZATION) else {
        return match state.is_open && is_from_here(request) {
            true => Ok(Caller(store.tenant(TenantId::LOCAL))),
            false => {
                Err(refuse("send an API key: `Authorization: Bearer ask_…` (`assay key create` makes one)"))
            }
        };
    };
    let secret = given.to_str().ok().and_then(|given| given.strip_prefix("Bearer ")).map(str::trim);
    let secret = secret.ok_or_else(|| refuse("the header `Authorization` has to be `Bearer ask_…`"))?;
    let key = store.use_key(&hash(secret), state.deps.clock.now()).await?;
    let key = key.ok_or_else(|| refuse("this API key is unknown, revoked or expired"))?;
    let scope = Scope::of(request.method()).as_str();
    if !key.scopes.iter().any(|of| of == scope) {
        let detail = format!("this API key may not {scope}");
        return Err(Refusal::new(StatusCode::FORBIDDEN, "forbidden", detail));
    }
    Ok(Caller(store.tenant(key.tenant)))
}

/// Whether a request without a key comes from a program on this machine, and not from a web page in its browser: a page
/// can send requests here, but says its own origin, or the name that led it here.
fn is_from_here(request: &HttpRequest) -> bool {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name =
        host.rsplit_once(':').map_or(host, |(name, port)| if port.ends_with(']') { host } else { name });
    let is_local =
        matches!(name, "localhost" | "[::1]") || name.parse::<Ipv4Addr>().is_ok_and(|ip| ip.is_loopback());
    is_local && !request.headers().contains_key(header::ORIGIN)
}
