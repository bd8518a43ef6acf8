//! A stretch of network that can be cut and frozen: a TCP proxy in front of a service.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// What becomes of connections, which are numbered as they come.
#[derive(Clone, Copy, Default)]
struct Network {
    /// How many there were.
    born: u64,
    /// Those before this one have ended.
    ended: u64,
    /// What those before this one send arrives nowhere, and nobody is told.
    silent: u64,
    is_cut: bool,
    is_frozen: bool,
}

impl Network {
    fn is_over(&self, number: u64) -> bool {
        self.is_cut || number < self.ended
    }

    fn is_silent(&self, number: u64) -> bool {
        self.is_frozen || number < self.silent
    }
}

/// Ends with its owner.
pub(crate) struct Proxy {
    address: SocketAddr,
    network: watch::Sender<Network>,
    task: JoinHandle<()>,
}

impl Proxy {
    pub(crate) async fn before(service: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let network = watch::Sender::new(Network::default());
        let births = network.clone();
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let number = births.borrow().born;
                births.send_modify(|network| network.born += 1);
                tokio::spawn(carry(client, service.clone(), births.subscribe(), number));
            }
        });
        Self { address, network, task }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many connections there were.
    pub(crate) fn connections(&self) -> u64 {
        self.network.borrow().born
    }

    /// Ends all connections, and new ones at once.
    pub(crate) fn cut(&self) {
        self.network.send_modify(|network| (network.is_cut, network.ended) = (true, network.born));
    }

    /// From now on nothing arrives; new connections are taken.
    pub(crate) fn freeze(&self) {
        self.network.send_modify(|network| (network.is_cut, network.is_frozen) = (false, true));
    }

    /// From now on nothing arrives ever, on the connections there are; new ones work.
    pub(crate) fn forget(&self) {
        self.network.send_modify(|network| network.silent = network.born);
    }

    pub(crate) fn restore(&self) {
        self.network.send_modify(|network| (network.is_cut, network.is_frozen) = (false, false));
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn carry(client: TcpStream, service: String, mut network: watch::Receiver<Network>, number: u64) {
    if !passable(&mut network, number).await {
        return;
    }
    let Ok(server) = TcpStream::connect(service).await else { return };
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    tokio::select! {
        () = pass(from_client, to_server, network.clone(), number) => {}
        () = pass(from_server, to_client, network, number) => {}
    }
}

/// Waits while nothing arrives; false when the connection is over.
async fn passable(network: &mut watch::Receiver<Network>, number: u64) -> bool {
    match network.wait_for(|network| network.is_over(number) || !network.is_silent(number)).await {
        Ok(now) => !now.is_over(number),
        Err(_) => false,
    }
}

async fn pass(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut network: watch::Receiver<Network>,
    number: u64,
) {
    let mut buffer = vec![0; 64 * 1024];
    while passable(&mut network, number).await {
        tokio::select! {
            read = from.read(&mut buffer) => match read {
                Ok(length) if length > 0 => {
                    let passed = passable(&mut network, number).await;
                    if !passed || to.write_all(&buffer[..length]).await.is_err() {
                        return;
                    }
                }
                _ => return,
            },
            _ = network.changed() => {}
        }
    }
}
