//! A connection that is kept: lost, it is made again.

use std::sync::Arc;

use tokio::sync::{mpsc, watch};
use tokio::time::sleep;
use tokio_util::task::AbortOnDropHandle;

use super::address::Address;
use super::backoff::Backoff;
use super::session::{Events, Session};
use super::trouble::{Trouble, chain};
use crate::Error;

/// The present connection, or why there is none.
#[derive(Clone)]
enum State {
    Up(Arc<Session>),
    Down(Arc<str>),
}

type Opened = (Arc<Session>, Events);

/// Handle of a supervised connection. It is closed when the last clone of the handle's owner is gone.
pub(super) struct Link {
    state: watch::Receiver<State>,
    suspects: mpsc::UnboundedSender<u64>,
    _supervisor: AbortOnDropHandle<()>,
}

impl Link {
    /// Connects for the first time. A broker that cannot be reached is looked for from then on.
    ///
    /// # Errors
    /// [`Error::Unusable`], which no waiting changes.
    pub(super) async fn connect(address: Address, role: &'static str) -> Result<Self, Error> {
        match Session::open(&address, role, 0).await {
            Ok((session, events)) => {
                let session = Arc::new(session);
                let state = State::Up(Arc::clone(&session));
                Ok(Self::start(address, role, state, Some((session, events))))
            }
            Err(error @ Error::Unusable(_)) => Err(error),
            // The supervisor tries again at once, and logs what it finds.
            Err(error) => Ok(Self::start(address, role, State::Down(chain(&error).into()), None)),
        }
    }

    /// Connects in the background.
    pub(super) fn open(address: Address, role: &'static str) -> Self {
        Self::start(address, role, State::Down("connecting".into()), None)
    }

    fn start(address: Address, role: &'static str, state: State, opened: Option<Opened>) -> Self {
        let (state, watched) = watch::channel(state);
        let (suspects, suspected) = mpsc::unbounded_channel();
        let supervisor = Supervisor { address, role, state, suspected };
        let task = tokio::spawn(supervisor.run(opened));
        Self { state: watched, suspects, _supervisor: AbortOnDropHandle::new(task) }
    }

    /// The present connection, without waiting for one.
    pub(super) fn now(&self) -> Result<Arc<Session>, Error> {
        match &*self.state.borrow() {
            State::Up(session) => Ok(Arc::clone(session)),
            State::Down(reason) => Err(Trouble::Down(Arc::clone(reason)).into()),
        }
    }

    /// Waits for a connection.
    pub(super) async fn up(&self) -> Result<Arc<Session>, Error> {
        let mut state = self.state.clone();
        let found = state.wait_for(|state| matches!(state, State::Up(_))).await.map_err(|_| Error::Closed)?;
        match &*found {
            State::Up(session) => Ok(Arc::clone(session)),
            State::Down(_) => Err(Error::Closed),
        }
    }

    /// Waits until that connection is no longer the present one.
    pub(super) async fn over(&self, session: &Session) {
        let is_other = |state: &State| !matches!(state, State::Up(now) if now.number == session.number);
        // An error means that the supervisor is gone, and the connection with it.
        let _ = self.state.clone().wait_for(is_other).await;
    }

    /// Says that the connection gives no answers, so that it is made anew.
    pub(super) fn suspect(&self, session: &Session) {
        let _ = self.suspects.send(session.number);
    }
}

struct Supervisor {
    address: Address,
    role: &'static str,
    state: watch::Sender<State>,
    suspected: mpsc::UnboundedReceiver<u64>,
}

impl Supervisor {
    async fn run(mut self, mut opened: Option<Opened>) {
        let (mut backoff, mut number, mut told) = (Backoff::default(), 0, String::new());
        loop {
            if let Some((session, events)) = opened.take() {
                backoff.reset();
                told.clear();
                self.keep(session, events).await;
                sleep(backoff.next()).await;
            }
            number += 1;
            match Session::open(&self.address, self.role, number).await {
                Ok((session, events)) => {
                    tracing::info!(place = self.address.place(), role = self.role, "the queue answers");
                    let session = Arc::new(session);
                    self.state.send_replace(State::Up(Arc::clone(&session)));
                    opened = Some((session, events));
                }
                Err(error) => {
                    let reason = chain(&error);
                    if told != reason {
                        let (place, role) = (self.address.place(), self.role);
                        tracing::warn!(place, role, reason, "the queue does not answer; trying again");
                        told.clone_from(&reason);
                    }
                    self.state.send_replace(State::Down(reason.into()));
                    sleep(backoff.next()).await;
                }
            }
        }
    }

    async fn keep(&mut self, session: Arc<Session>, events: Events) {
        let reason = session.ended(events, &mut self.suspected).await;
        tracing::warn!(
            place = self.address.place(),
            role = self.role,
            reason,
            "the queue was lost; connecting again"
        );
        self.state.send_replace(State::Down(reason.into()));
        tokio::spawn(async move { session.close().await });
    }
}
