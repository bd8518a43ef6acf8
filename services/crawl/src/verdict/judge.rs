//! From an answer to its verdict. To look at a page, to go through its links and to hold it against the tables takes
//! milliseconds to seconds, so all of it is done aside, in one go.

use std::fmt;
use std::sync::Arc;

use content::Type;
use domain::{Link, Verdict};
use net::{Fetched, Kept};
use url::Url;

use super::{Answer, Fingerprint, Ruling, by_status, rule};
use crate::aside::aside;
use crate::look::{Look, look_at, unless_panicked};
use crate::tables::Tables;

/// What a verdict depends on besides the answer.
pub(crate) struct Question {
    pub(crate) requested: Url,
    /// It is the start page of the site.
    pub(crate) is_home: bool,
    /// What the host says when asked for nothing.
    pub(crate) fingerprint: Option<Fingerprint>,
    pub(crate) tables: Arc<Tables>,
    /// Which links lead to more of the site.
    pub(crate) counts: Box<dyn Fn(&Link) -> bool + Send>,
}

impl fmt::Debug for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Question").field("requested", &self.requested.as_str()).finish_non_exhaustive()
    }
}

/// What came, and the verdict on it.
///
/// # Errors
/// [`worker::Error::Cancelled`] when the process is going down. What makes the readers panic cannot be read.
pub(crate) async fn judge(fetched: &Fetched, question: Question) -> Result<(Look, Ruling), worker::Error> {
    let answer = fetched.clone();
    let judged = aside(move || look_and_rule(&answer, &question)).await;
    Ok(unless_panicked(&fetched.url, judged)?.unwrap_or_else(|| {
        let unreadable = || Ruling::new(Verdict::Empty, "unreadable");
        (Look::Broken, by_status(fetched.status, false).unwrap_or_else(unreadable))
    }))
}

fn look_and_rule(fetched: &Fetched, question: &Question) -> (Look, Ruling) {
    let look = match (fetched.kept, content::sniff(&fetched.body)) {
        (Kept::Dropped, Type::Pdf | Type::Docx) => {
            return (Look::Unsupported, Ruling::new(Verdict::Empty, "max_files"));
        }
        (Kept::Dropped, _) => Look::Unsupported,
        (Kept::Whole | Kept::Cut, _) => look_at(fetched),
    };
    let links = look.page().map_or(0, |page| page.links().filter(|link| (question.counts)(link)).count());
    let answer = Answer {
        status: fetched.status,
        headers: &fetched.headers,
        requested: &question.requested,
        landed: &fetched.url,
        is_home: question.is_home,
        body: look.body(links),
        fingerprint: question.fingerprint.as_ref(),
    };
    let ruling = rule(&answer, &question.tables.addresses, &question.tables.walls);
    (look, ruling)
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::thread::{self, ThreadId};
    use std::time::Duration;

    use net::HeaderMap;

    use super::*;

    fn answer(body: &'static str) -> Fetched {
        let url = Url::parse("https://acme.example/about").unwrap();
        Fetched {
            requested: url.clone(),
            url,
            redirects: Vec::new(),
            stopped: None,
            status: 200,
            headers: HeaderMap::new(),
            body: body.into(),
            kept: Kept::Whole,
            started_at: chrono::Utc::now(),
            duration: Duration::ZERO,
            tls: true,
            closed_for: None,
        }
    }

    fn question(counts: impl Fn(&Link) -> bool + Send + 'static) -> Question {
        Question {
            requested: Url::parse("https://acme.example/about").unwrap(),
            is_home: false,
            fingerprint: None,
            tables: Arc::new(Tables::builtin().unwrap()),
            counts: Box::new(counts),
        }
    }

    const PAGE: &str = "<title>About</title><main><h1>About</h1><a href=/team>Team</a></main>";

    #[tokio::test]
    async fn no_thread_that_others_wait_on_does_the_work() {
        let at: Arc<Mutex<Option<ThreadId>>> = Arc::default();
        let noted = Arc::clone(&at);
        let note = move |_: &Link| {
            *noted.lock().unwrap() = Some(thread::current().id());
            true
        };
        let (look, ruling) = judge(&answer(PAGE), question(note)).await.unwrap();
        assert!(look.page().is_some() && ruling.verdict == Verdict::Empty, "{ruling:?}");
        assert!(at.lock().unwrap().is_some_and(|id| id != thread::current().id()));
    }

    #[tokio::test]
    async fn what_makes_the_readers_panic_cannot_be_read() {
        let panics = |_: &Link| -> bool { panic!("on purpose") };
        let (look, ruling) = judge(&answer(PAGE), question(panics)).await.unwrap();
        assert!(matches!(look, Look::Broken));
        assert_eq!(ruling, Ruling::new(Verdict::Empty, "unreadable"));
    }
}
