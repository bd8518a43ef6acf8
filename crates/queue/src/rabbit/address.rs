//! Where the broker is. A URL holds a password, so no message here repeats it.

use std::time::Duration;

use lapin::uri::{AMQPScheme, AMQPUri};
use secrecy::{ExposeSecret, SecretString};
use url::{Host, Url};

use super::topology::Topology;
use crate::{Error, Settings};

/// A connection on which nothing is heard for twice this long is dead.
const HEARTBEAT_SECONDS: u16 = 10;

/// What a connection is made with.
#[derive(Clone)]
pub(super) struct Address {
    pub(super) uri: AMQPUri,
    pub(super) topology: Topology,
    /// For one attempt, and each step of it.
    pub(super) patience: Duration,
}

impl Address {
    pub(super) fn new(url: &SecretString, settings: &Settings) -> Result<Self, Error> {
        Ok(Self {
            uri: parse(url.expose_secret().trim()).map_err(Error::Unusable)?,
            topology: Topology::new(&settings.prefix),
            patience: settings.connect,
        })
    }

    /// Host and port, for the log.
    pub(super) fn place(&self) -> String {
        format!("{}:{}", self.uri.authority.host, self.uri.authority.port)
    }
}

fn parse(text: &str) -> Result<AMQPUri, String> {
    let url = Url::parse(text).map_err(|error| format!("queue.url is no URL: {error}"))?;
    if !matches!(url.scheme(), "amqp" | "amqps") || url.cannot_be_a_base() {
        return Err("queue.url does not begin with amqp:// or amqps://".to_owned());
    }
    let mut uri: AMQPUri = text
        .parse()
        .map_err(|_| "queue.url cannot be read: is every % followed by two digits?".to_owned())?;
    if uri.scheme == AMQPScheme::AMQPS && !cfg!(feature = "tls") {
        return Err(
            "queue.url begins with amqps://, and this was built without TLS (feature `tls`)".to_owned()
        );
    }
    // The parser would take an address in brackets for localhost.
    if let Some(Host::Ipv6(address)) = url.host() {
        uri.authority.host = address.to_string();
    }
    // `amqp://host/` names a vhost without a name, which nobody has; the default one is meant.
    if uri.vhost.is_empty() {
        "/".clone_into(&mut uri.vhost);
    }
    uri.query.heartbeat.get_or_insert(HEARTBEAT_SECONDS);
    Ok(uri)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_read_as_it_is_meant() {
        let uri = parse("amqp://me:s%40cret@broker.example/runs?heartbeat=5").unwrap();
        assert_eq!((uri.authority.userinfo.password.as_str(), uri.authority.port), ("s@cret", 5672));
        assert_eq!((uri.vhost.as_str(), uri.query.heartbeat), ("runs", Some(5)));
        for default in ["amqp://broker.example", "amqp://broker.example/", "amqp://broker.example/%2f"] {
            let uri = parse(default).unwrap();
            assert_eq!(
                (uri.vhost.as_str(), uri.query.heartbeat),
                ("/", Some(HEARTBEAT_SECONDS)),
                "{default}"
            );
        }
        assert_eq!(parse("amqp://[fd00::1]:5673/%2f").unwrap().authority.host, "fd00::1");
    }

    #[test]
    fn what_is_no_address_is_refused_without_repeating_it() {
        for text in [
            "hidden",
            "http://me:hidden@broker.example",
            "amqp:hidden",
            "amqp://me:hidden@broker.example:port",
            "amqp://me:hidden%ff@broker.example",
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains("queue.url") && !error.contains("hidden"), "{text}: {error}");
        }
        #[cfg(not(feature = "tls"))]
        assert!(parse("amqps://broker.example").unwrap_err().contains("without TLS"));
    }
}
