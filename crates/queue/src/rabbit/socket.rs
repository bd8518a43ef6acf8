//! A hand on the socket under a connection, to hang up on a broker that no longer says anything.
//!
//! lapin reads and writes on a thread of its own, which waits for the other side for as long as the socket is open. A
//! broker that is frozen, or gone without a word, would leave one such thread behind for every attempt to reach it.

use std::io;
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use lapin::tcp::{AMQPUriTcpExt, AsyncTcpStream, TLSConfig};
use lapin::uri::{AMQPScheme, AMQPUri};
use lapin::{Connection, ConnectionProperties};
use tokio::time::sleep;

/// How often a handshake is looked at.
const LOOK: Duration = Duration::from_millis(20);
/// How long a refusal that was received may take to be understood.
const LAST_WORDS: Duration = Duration::from_millis(500);

#[derive(Debug, Clone, Default)]
pub(super) struct Socket(Arc<Mutex<Line>>);

#[derive(Debug, Default)]
enum Line {
    #[default]
    Dialling,
    Open(TcpStream),
    HungUp,
}

impl Socket {
    /// Connects and shakes hands. Dropping the future hangs up.
    pub(super) async fn connect(
        &self,
        uri: AMQPUri,
        properties: ConnectionProperties,
        patience: Duration,
    ) -> lapin::Result<Connection> {
        let mut attempt = Attempt { socket: self, is_over: false };
        let connected = tokio::select! {
            connected = self.dial(uri, properties, patience) => connected,
            // lapin may wait on for the rest of a handshake that the other side has broken off.
            () = self.broken_off() => return Err(io::Error::from(io::ErrorKind::ConnectionAborted).into()),
        };
        attempt.is_over = true;
        connected
    }

    /// Waits until the other side has ended the connection, and lapin had the time to say why.
    async fn broken_off(&self) {
        while !self.has_ended() {
            sleep(LOOK).await;
        }
        sleep(LAST_WORDS).await;
    }

    fn has_ended(&self) -> bool {
        match &*self.lock() {
            Line::Open(stream) => match stream.peek(&mut [0]) {
                Ok(length) => length == 0,
                Err(error) => error.kind() != io::ErrorKind::WouldBlock,
            },
            Line::Dialling | Line::HungUp => false,
        }
    }

    async fn dial(
        &self,
        uri: AMQPUri,
        properties: ConnectionProperties,
        patience: Duration,
    ) -> lapin::Result<Connection> {
        let socket = self.clone();
        let runtime = lapin::runtime::default_runtime()?;
        // Never `enable_auto_recover`: after some broker restarts it waits for ever (amqp-rs/lapin#450).
        Connection::connector(
            uri,
            runtime,
            async move |uri, runtime| {
                let plain = AMQPUri { scheme: AMQPScheme::AMQP, ..uri.clone() };
                let dialling = tokio::time::timeout(patience, plain.connect_async(&runtime));
                let stream = dialling.await.map_err(io::Error::from)??;
                if let AsyncTcpStream::Plain(plain) = &stream {
                    socket.keep(plain.get_ref())?;
                }
                Ok(match uri.scheme {
                    AMQPScheme::AMQP => stream,
                    AMQPScheme::AMQPS => stream.into_tls(&uri.authority.host, TLSConfig::default()).await?,
                })
            },
            properties,
        )
        .await
    }

    /// Ends whatever is under way on it, now and later.
    pub(super) fn hang_up(&self) {
        if let Line::Open(stream) = std::mem::replace(&mut *self.lock(), Line::HungUp) {
            // Closed already: that is what is wanted.
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    fn keep(&self, stream: &tokio::net::TcpStream) -> io::Result<()> {
        let mut line = self.lock();
        if matches!(*line, Line::HungUp) {
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        *line = Line::Open(duplicate(stream)?);
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Line> {
        // Every change under the lock is a single step.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Attempt<'a> {
    socket: &'a Socket,
    is_over: bool,
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        if !self.is_over {
            self.socket.hang_up();
        }
    }
}

#[cfg(unix)]
fn duplicate(stream: &tokio::net::TcpStream) -> io::Result<TcpStream> {
    std::os::fd::AsFd::as_fd(stream).try_clone_to_owned().map(TcpStream::from)
}

#[cfg(windows)]
fn duplicate(stream: &tokio::net::TcpStream) -> io::Result<TcpStream> {
    std::os::windows::io::AsSocket::as_socket(stream).try_clone_to_owned().map(TcpStream::from)
}
