//! Getting a host's robots.txt: what each way of not getting it means (RFC 9309 §2.3), and for how long a copy lasts.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use ephemeral::gate::Why;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::fetch::{Anywhere, Limits, Over, Request};
use crate::robots::MAX_BYTES;
use crate::{Error, Manners, Paced, Polite, Robots};

const MAX_REDIRECTS: usize = 5;
/// The longest a copy is used while the host does not give a new one.
const KEPT: Duration = Duration::from_secs(24 * 3600);

/// Whether a host's rules are known.
#[derive(Debug)]
pub enum Access {
    /// Ask [`Robots::allows`].
    Known(Arc<Robots>),
    /// The host did not say: nothing may be requested, and asking again in some minutes may help.
    Unreachable(Cause),
    /// Nothing was sent: the host's turn comes in `after`.
    Wait { after: Duration, why: Why },
}

/// Why a host's rules are not known.
#[derive(Debug)]
pub enum Cause {
    /// 429 or 5xx; with how long the host's gate is shut, if it asked for that.
    Status {
        status: u16,
        closed_for: Option<Duration>,
    },
    Fetch(Error),
}

impl Polite {
    /// The rules for `url`'s host. A copy younger than [`crate::Pace::robots`] is used without asking; an older one,
    /// up to a day, when the host does not answer. Waits for the host's gate at most `patience`.
    ///
    /// # Errors
    /// [`Error::Cancelled`], [`Error::Unavailable`] and [`Error::Invalid`] for a URL that is not of the web; whatever
    /// the host does wrong is [`Access::Unreachable`].
    pub async fn robots(
        &self,
        url: &Url,
        patience: Duration,
        cancel: &CancellationToken,
    ) -> Result<Access, Error> {
        let Some(file) = robots_url(url) else {
            return Err(Error::Invalid("only web hosts have a robots.txt".to_owned()));
        };
        let copy = Copy { key: format!("robots:{file}"), fresh: format!("robots-fresh:{file}") };
        let is_fresh = self.ephemeral.get(&copy.fresh).await?.is_some();
        let old = self.ephemeral.get(&copy.key).await?.map(|kept| Robots::parse(&kept));
        if is_fresh && let Some(old) = old {
            return Ok(Access::Known(Arc::new(old)));
        }
        // Asking for the rules anew is a request like any other: the delay that the old ones ask for holds.
        let manners = Manners { crawl_delay: old.and_then(|old| old.crawl_delay()), patience };
        let access = match self.ask(file, &manners, cancel).await? {
            Answered::Rules(body) => {
                self.ephemeral.put(&copy.key, body.clone(), KEPT).await?;
                self.ephemeral.put(&copy.fresh, Bytes::new(), self.pace.robots).await?;
                return Ok(known(&body));
            }
            Answered::Nothing(access) => access,
        };
        // The host's turn comes soon: then it can say itself what holds today.
        if matches!(access, Access::Wait { .. }) {
            return Ok(access);
        }
        Ok(self.ephemeral.get(&copy.key).await?.map_or(access, |kept| known(&kept)))
    }

    async fn ask(&self, file: Url, manners: &Manners, cancel: &CancellationToken) -> Result<Answered, Error> {
        let limits = Limits::up_to(MAX_BYTES as u64).with_over(Over::Cut);
        let request = Request::get(file).with_limits(limits).with_max_redirects(MAX_REDIRECTS);
        let fetched = match self.fetch(&request, manners, &mut Anywhere, cancel).await {
            Ok(Paced::Fetched(fetched)) => fetched,
            Ok(Paced::Wait { after, why }) => return Ok(Answered::Nothing(Access::Wait { after, why })),
            // More redirects than anyone needs: as if there were no file.
            Err(Error::TooManyRedirects { .. } | Error::RedirectLoop { .. }) => {
                return Ok(Answered::Rules(Bytes::new()));
            }
            Err(e @ (Error::Cancelled | Error::Unavailable(_) | Error::Setup(_))) => return Err(e),
            Err(e) => return Ok(Answered::Nothing(Access::Unreachable(Cause::Fetch(e)))),
        };
        if let Some(crate::Stopped::Wait { after, .. }) = fetched.stopped {
            return Ok(Answered::Nothing(Access::Wait { after, why: Why::Closed }));
        }
        Ok(match fetched.status {
            200..=299 => Answered::Rules(fetched.body),
            status @ (429 | 500..) => {
                let cause = Cause::Status { status, closed_for: fetched.closed_for };
                Answered::Nothing(Access::Unreachable(cause))
            }
            // Every other answer says that there is no file (RFC 9309 §2.3.1.3).
            _ => Answered::Rules(Bytes::new()),
        })
    }
}

/// The two cache entries of a host: the copy, and the mark that it needs no asking yet.
struct Copy {
    key: String,
    fresh: String,
}

enum Answered {
    Rules(Bytes),
    Nothing(Access),
}

fn known(file: &[u8]) -> Access {
    Access::Known(Arc::new(Robots::parse(file)))
}

fn robots_url(url: &Url) -> Option<Url> {
    if !matches!(url.scheme(), "http" | "https") {
        return None;
    }
    let mut file = url.join("/robots.txt").ok()?;
    file.set_username("").ok()?;
    file.set_password(None).ok()?;
    Some(file)
}
