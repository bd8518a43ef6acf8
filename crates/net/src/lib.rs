//! Everything that goes out of the house: fetches that cannot reach inside addresses, robots, politeness.
//!
//! For whoever asks a host that somebody else named: [`Polite`] waits at the host's gate and asks [`Client`], which
//! connects only to addresses that [`guard`] lets through, checked after resolution and again at every redirect. Not
//! for reading what comes back (that is `content`) and not for deciding what to fetch (that is the crawl service).
//!
//! Read first: [`fetch`] (what is asked and what comes back), [`Error`], then [`Polite`].

mod client;
mod decode;
mod error;
pub mod fetch;
pub mod guard;
mod operator;
mod pace;
mod policy;
mod receive;
mod resolve;
pub mod robots;
mod settings;
mod tls;

pub use client::Client;
pub use error::{Error, Phase};
pub use fetch::{
    Anywhere, Decision, Fetched, Follow, Kept, Limits, Nowhere, Over, Redirect, Request, Stopped, Take,
};
pub use operator::operator;
pub use pace::{Manners, Paced, Polite, host_key};
pub use policy::{Access, Cause};
pub use reqwest::StatusCode;
pub use reqwest::header::{self, HeaderMap};
pub use resolve::{Lookup, SystemLookup};
pub use robots::Robots;
pub use settings::{Pace, ParseResolveError, Resolve, Settings, Timeouts};
pub use tls::install_crypto;
pub use url::Url;

/// The settings of this crate, every one with its meaning and its default.
pub const DEFAULTS: &str = include_str!("defaults.toml");
