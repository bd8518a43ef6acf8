//! A corner of the real Redis for one test: keys under a prefix of its own, deleted at its end.

use std::sync::Arc;
use std::time::Duration;

use deadpool_redis::redis::{Client, Commands, Connection, cmd, pipe};
use ephemeral::suite::Ground;
use ephemeral::{Ephemeral, Settings};
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use crate::proxy::Proxy;

/// How long anything may take here.
pub(crate) const SOON: Duration = Duration::from_secs(60);

pub(crate) struct World {
    url: String,
    prefix: String,
    database: Option<u8>,
}

impl World {
    /// A Redis that is not there fails the test.
    pub(crate) fn new() -> Self {
        let url = std::env::var("ASSAY_TEST_REDIS_URL");
        let url = url.unwrap_or_else(|_| "redis://127.0.0.1:6379/".to_owned());
        let connection = Client::open(url.as_str()).and_then(|client| client.get_connection());
        assert!(connection.is_ok(), "Redis answers (`make services` starts it)");
        Self { url, prefix: format!("test-{}:", Uuid::new_v4()), database: None }
    }

    /// In a database of its own, by which Redis can tell whose a connection is.
    pub(crate) fn apart(database: u8) -> Self {
        let mut world = Self::new();
        world.url = format!("{}/{database}", world.url.trim_end_matches('/'));
        world.database = Some(database);
        world
    }

    /// Ends the connections to the database of this test, and says how many there were.
    pub(crate) fn kill_connections(&self) -> usize {
        let mut admin = self.connection();
        let me: u64 = cmd("CLIENT").arg("ID").query(&mut admin).unwrap();
        let list: String = cmd("CLIENT").arg("LIST").query(&mut admin).unwrap();
        let mark = format!(" db={} ", self.database.unwrap());
        let ours = list.lines().filter(|line| line.contains(&mark));
        let ids = ours.filter_map(|line| line.strip_prefix("id=")?.split(' ').next()?.parse::<u64>().ok());
        let ids: Vec<_> = ids.filter(|id| *id != me).collect();
        if ids.is_empty() {
            return 0;
        }
        // All at one instant: a call that loses a connection must not lose the one it goes on with.
        let mut blow = pipe();
        for id in ids {
            blow.atomic().cmd("CLIENT").arg("KILL").arg("ID").arg(id);
        }
        // One may have gone by itself meanwhile.
        blow.query::<Vec<usize>>(&mut admin).unwrap().into_iter().sum()
    }

    /// As patient as a busy machine needs it.
    pub(crate) fn settings(&self) -> Settings {
        Settings {
            url: Some(self.url.as_str().into()),
            prefix: self.prefix.clone(),
            timeout: Duration::from_secs(20),
            pause: Duration::from_millis(200),
        }
    }

    /// The place as production connects to it.
    pub(crate) async fn place(&self) -> Arc<dyn Ephemeral> {
        ephemeral::connect(&self.settings()).await.unwrap()
    }

    pub(crate) async fn proxy(&self) -> Proxy {
        let (host, port) = self.service();
        Proxy::before(format!("{host}:{port}")).await
    }

    /// Settings that lead through the proxy.
    pub(crate) fn through(&self, proxy: &Proxy) -> Settings {
        let (host, port) = self.service();
        let url = self.url.replacen(&format!("{host}:{port}"), &proxy.address().to_string(), 1);
        assert_ne!(url, self.url, "the URL of the tests' Redis names host and port");
        Settings { url: Some(url.into()), ..self.settings() }
    }

    pub(crate) fn connection(&self) -> Connection {
        Client::open(self.url.as_str()).unwrap().get_connection().unwrap()
    }

    /// The keys of this test that would stay for ever.
    pub(crate) fn eternal(&self) -> Vec<String> {
        let mut connection = self.connection();
        let keys = keys(&mut connection, &self.prefix);
        assert!(!keys.is_empty());
        keys.into_iter().filter(|key| connection.pttl::<_, i64>(key).unwrap() < 0).collect()
    }

    fn service(&self) -> (String, u16) {
        use deadpool_redis::redis::{ConnectionAddr, IntoConnectionInfo};
        match self.url.as_str().into_connection_info().unwrap().addr() {
            ConnectionAddr::Tcp(host, port) => (host.clone(), *port),
            other => panic!("{other:?} is no place for a proxy"),
        }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        // Not there: then the test has said so.
        let Ok(mut connection) = Client::open(self.url.as_str()).and_then(|client| client.get_connection())
        else {
            return;
        };
        for key in keys(&mut connection, &self.prefix) {
            cmd("DEL").arg(key).query::<()>(&mut connection).unwrap();
        }
    }
}

fn keys(connection: &mut Connection, prefix: &str) -> Vec<String> {
    connection.scan_match(format!("{prefix}*")).unwrap().collect::<Result<_, _>>().unwrap()
}

/// A place that ends with its world.
pub(crate) struct Shared {
    place: Arc<dyn Ephemeral>,
    _world: World,
}

impl Shared {
    pub(crate) async fn new() -> Self {
        let world = World::new();
        Self { place: world.place().await, _world: world }
    }
}

impl Ground for Shared {
    fn place(&self) -> Arc<dyn Ephemeral> {
        Arc::clone(&self.place)
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        // What passed on the memory of this process alone has not passed.
        assert!(!self.place.is_degraded() || std::thread::panicking(), "Redis was not asked all the time");
    }
}

/// Waits until the place is alone, which it learns when it is used.
pub(crate) async fn until_alone(place: &dyn Ephemeral) {
    let deadline = Instant::now() + SOON;
    while !place.is_degraded() {
        place.get("are you there").await.unwrap();
        assert!(Instant::now() < deadline, "Redis still answers");
        sleep(Duration::from_millis(10)).await;
    }
}

/// Waits until the place is shared again, which it learns by itself.
pub(crate) async fn until_shared(place: &dyn Ephemeral) {
    let deadline = Instant::now() + SOON;
    while place.is_degraded() {
        assert!(Instant::now() < deadline, "Redis still does not answer");
        sleep(Duration::from_millis(10)).await;
    }
}
