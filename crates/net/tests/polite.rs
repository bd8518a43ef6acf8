//! Politeness towards a host: one visitor, its pace, its rules.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice
)]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use ephemeral::gate::Why;
use ephemeral::{Ephemeral, Memory};
use net::{Anywhere, Error, Fetched, Manners, Pace, Paced, Polite, Request, Stopped};
use support::{Answer, PATIENT, Web, page, polite, redirect, status, url};
use tokio_util::sync::CancellationToken;

async fn ask(polite: &Polite, path: &str, manners: Manners) -> Result<Paced, Error> {
    polite.fetch(&Request::get(url(path)), &manners, &mut Anywhere, &CancellationToken::new()).await
}

async fn fetched(polite: &Polite, path: &str) -> Fetched {
    match ask(polite, path, Manners { patience: PATIENT, crawl_delay: None }).await.unwrap() {
        Paced::Fetched(fetched) => *fetched,
        wait @ Paced::Wait { .. } => panic!("{wait:?}"),
    }
}

fn closing(status: u16, retry_after: &'static str) -> impl Fn() -> Answer {
    move || Answer::Full { status, headers: vec![("retry-after", retry_after.to_owned())], body: Vec::new() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_callers_see_one_request_in_flight() {
    let (inside, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (entered, peak) = (Arc::clone(&inside), Arc::clone(&most));
    let web = Web::serve(move |_| {
        peak.fetch_max(entered.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        std::thread::sleep(Duration::from_millis(2));
        entered.fetch_sub(1, Ordering::SeqCst);
        page("x")
    })
    .await;
    let memory = Arc::new(Memory::new());
    let callers: Vec<_> = (0..50)
        .map(|n| {
            // As in a fleet, every worker has a client of its own; only the gates are shared.
            let polite = polite(&web, &memory, Pace::none());
            tokio::spawn(async move { fetched(&polite, &format!("/{n}")).await.status })
        })
        .collect();
    for caller in callers {
        assert_eq!(caller.await.unwrap(), 200);
    }
    assert_eq!((web.seen().len(), most.load(Ordering::SeqCst)), (50, 1));
}

#[tokio::test]
async fn requests_of_two_clients_are_an_interval_apart() {
    let web = Web::serve(|_| page("x")).await;
    let memory = Arc::new(Memory::new());
    let pace = Pace { interval: Duration::from_millis(150), ..Pace::none() };
    let (one, other) = (polite(&web, &memory, pace), polite(&web, &memory, pace));
    let started = Instant::now();
    for polite in [&one, &other, &one] {
        fetched(polite, "/").await;
    }
    assert!(started.elapsed() >= Duration::from_millis(298), "{:?}", started.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crawl_delay_holds_across_clients_as_the_host_measures_it() {
    let web = Web::serve(|_| page("x")).await;
    let memory = Arc::new(Memory::new());
    let delay = Duration::from_millis(200);
    let manners = Manners { crawl_delay: Some(delay), patience: PATIENT };
    let callers: Vec<_> = (0..4)
        .map(|_| {
            let polite = polite(&web, &memory, Pace::none());
            tokio::spawn(async move { ask(&polite, "/", manners).await.unwrap() })
        })
        .collect();
    for caller in callers {
        assert!(matches!(caller.await.unwrap(), Paced::Fetched(_)));
    }
    let times: Vec<Instant> = web.seen().iter().map(|seen| seen.at).collect();
    assert_eq!(times.len(), 4);
    for pair in times.windows(2) {
        assert!(pair[1] - pair[0] >= delay, "{:?}", pair[1] - pair[0]);
    }
}

#[tokio::test]
async fn who_has_no_patience_is_told_when_to_come_back_and_nothing_is_sent() {
    let web = Web::serve(|_| page("x")).await;
    let polite =
        polite(&web, &Arc::new(Memory::new()), Pace { interval: Duration::from_secs(30), ..Pace::none() });
    fetched(&polite, "/").await;
    match ask(&polite, "/", Manners { patience: Duration::from_secs(1), crawl_delay: None }).await.unwrap() {
        Paced::Wait { after, why: Why::Spacing } => assert!(after > Duration::from_secs(28), "{after:?}"),
        other => panic!("{other:?}"),
    }
    assert_eq!(web.seen().len(), 1);
}

#[tokio::test]
async fn retry_after_shuts_the_host_for_everyone() {
    for code in [429, 503] {
        let answer = closing(code, "30");
        let web = Web::serve(move |_| answer()).await;
        let memory = Arc::new(Memory::new());
        let first = fetched(&polite(&web, &memory, Pace::none()), "/").await;
        let closed_for = first.closed_for.unwrap();
        assert_eq!(first.status, code);
        assert!(
            closed_for > Duration::from_secs(29) && closed_for <= Duration::from_secs(30),
            "{closed_for:?}"
        );
        for _ in 0..50 {
            let worker = polite(&web, &memory, Pace::none());
            match ask(&worker, "/", Manners::default()).await.unwrap() {
                Paced::Wait { after, why: Why::Closed } => {
                    assert!(after > Duration::from_secs(28), "{after:?}")
                }
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(web.seen().len(), 1);
    }
}

#[tokio::test]
async fn the_next_request_comes_when_the_time_is_over() {
    let answer = closing(429, "1");
    let turn = AtomicUsize::new(0);
    let web =
        Web::serve(move |_| if turn.fetch_add(1, Ordering::SeqCst) == 0 { answer() } else { page("again") })
            .await;
    let polite = polite(&web, &Arc::new(Memory::new()), Pace::none());
    assert_eq!(fetched(&polite, "/").await.status, 429);
    assert_eq!(fetched(&polite, "/").await.body, "again");
    let seen = web.seen();
    assert!(seen[1].at - seen[0].at >= Duration::from_secs(1), "{:?}", seen[1].at - seen[0].at);
}

#[tokio::test]
async fn a_host_may_ask_for_an_hour_at_most() {
    let answer = closing(503, "999999");
    let web = Web::serve(move |_| answer()).await;
    let closed_for =
        fetched(&polite(&web, &Arc::new(Memory::new()), Pace::none()), "/").await.closed_for.unwrap();
    assert!(
        closed_for > Duration::from_secs(3590) && closed_for <= Duration::from_secs(3600),
        "{closed_for:?}"
    );
}

#[tokio::test]
async fn without_retry_after_the_host_is_left_alone_for_some_seconds() {
    let web = Web::serve(|_| status(429, "")).await;
    let closed_for =
        fetched(&polite(&web, &Arc::new(Memory::new()), Pace::none()), "/").await.closed_for.unwrap();
    assert!(
        closed_for > Duration::from_millis(4900) && closed_for < Duration::from_millis(6300),
        "{closed_for:?}"
    );
}

#[tokio::test]
async fn a_redirect_waits_for_its_turn_as_well() {
    let web = Web::serve(|seen| if seen.path == "/a" { redirect("/b") } else { page("b") }).await;
    let pace = Pace { interval: Duration::from_millis(200), ..Pace::none() };
    let polite = polite(&web, &Arc::new(Memory::new()), pace);
    let manners = Manners { patience: Duration::from_millis(1), crawl_delay: None };
    let Paced::Fetched(fetched) = ask(&polite, "/a", manners).await.unwrap() else { panic!("no answer") };
    assert_eq!(fetched.body, "b");
    assert!(fetched.duration < Duration::from_millis(200), "the wait is no part of the fetch");
    let seen = web.seen();
    assert!(seen[1].at - seen[0].at >= Duration::from_millis(190), "{:?}", seen[1].at - seen[0].at);
}

#[tokio::test]
async fn a_redirect_to_a_host_that_is_shut_hands_the_redirect_back() {
    let web =
        Web::serve(|seen| if seen.path == "/a" { redirect("http://shut.example/b") } else { page("b") })
            .await;
    let memory = Arc::new(Memory::new());
    memory.gate_close("shut.example:80", ephemeral::Closing::For(Duration::from_secs(600))).await.unwrap();
    let fetched = fetched(&polite(&web, &memory, Pace::none()), "/a").await;
    assert_eq!((fetched.status, fetched.url.path()), (302, "/a"));
    match fetched.stopped {
        Some(Stopped::Wait { to, after }) => {
            assert_eq!(to.as_str(), "http://shut.example/b");
            assert!(after > Duration::from_secs(590), "{after:?}");
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(web.paths(), ["/a"]);
}

#[tokio::test]
async fn cancelling_ends_the_wait_and_frees_the_host() {
    let web = Web::serve(|seen| if seen.path == "/hang" { Answer::Silence } else { page("x") }).await;
    let memory = Arc::new(Memory::new());
    let (hanging, waiting) = (polite(&web, &memory, Pace::none()), polite(&web, &memory, Pace::none()));
    let cancel = CancellationToken::new();
    let tasks: Vec<_> = [(hanging, "/hang"), (waiting, "/next")]
        .into_iter()
        .map(|(polite, path)| {
            let cancel = cancel.clone();
            let manners = Manners { patience: PATIENT, crawl_delay: None };
            tokio::spawn(async move {
                polite.fetch(&Request::get(url(path)), &manners, &mut Anywhere, &cancel).await
            })
        })
        .collect();
    support::eventually("the request arrives", || !web.seen().is_empty()).await;
    let cancelled = Instant::now();
    cancel.cancel();
    for task in tasks {
        assert!(matches!(task.await.unwrap(), Err(Error::Cancelled)));
    }
    assert!(cancelled.elapsed() < Duration::from_millis(100), "{:?}", cancelled.elapsed());
    assert_eq!(fetched(&polite(&web, &memory, Pace::none()), "/after").await.status, 200);
}

#[tokio::test]
async fn an_inside_address_takes_no_turn() {
    let web = Web::serve(|_| page("x")).await;
    let polite =
        polite(&web, &Arc::new(Memory::new()), Pace { interval: Duration::from_secs(60), ..Pace::none() });
    for _ in 0..3 {
        let request = Request::get("http://127.0.0.1/".parse().unwrap());
        let refused =
            polite.fetch(&request, &Manners::default(), &mut Anywhere, &CancellationToken::new()).await;
        assert!(matches!(refused, Err(Error::Refused { .. })), "{refused:?}");
    }
}
