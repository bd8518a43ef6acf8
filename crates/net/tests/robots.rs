//! What each way of giving, or not giving, a robots.txt means.
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
use std::time::Duration;

use ephemeral::gate::Why;
use ephemeral::{Ephemeral, Memory};
use net::{Access, Cause, Client, Error, Pace, Polite, Settings, Url};
use support::{Answer, PATIENT, Web, page, polite, redirect, settings_for, status, url};
use tokio_util::sync::CancellationToken;

async fn access(polite: &Polite) -> Access {
    polite.robots(&url("/some/page?x=1"), PATIENT, &CancellationToken::new()).await.unwrap()
}

async fn allows(polite: &Polite, path: &str) -> bool {
    match access(polite).await {
        Access::Known(robots) => robots.allows(&url(path)),
        other => panic!("{other:?}"),
    }
}

fn rude(web: &Web) -> Polite {
    polite(web, &Arc::new(Memory::new()), Pace::none())
}

#[tokio::test]
async fn rules_are_read_once_and_kept() {
    let web = Web::serve(|_| page("User-agent: *\nDisallow: /private\nCrawl-delay: 2")).await;
    let polite = rude(&web);
    for _ in 0..3 {
        assert!(allows(&polite, "/").await && !allows(&polite, "/private/x").await);
    }
    assert_eq!(web.paths(), ["/robots.txt"]);
}

#[tokio::test]
async fn no_file_means_no_rules() {
    for code in [400, 401, 403, 404, 410, 451] {
        let web = Web::serve(move |_| status(code, "User-agent: *\nDisallow: /")).await;
        assert!(allows(&rude(&web), "/").await, "{code}");
    }
}

#[tokio::test]
async fn a_host_that_fails_to_say_may_not_be_asked_for_anything() {
    for code in [429, 500, 502, 503, 599] {
        let web = Web::serve(move |_| status(code, "")).await;
        match access(&rude(&web)).await {
            Access::Unreachable(Cause::Status { status, closed_for }) => {
                assert_eq!((status, closed_for.is_some()), (code, matches!(code, 429 | 503)));
            }
            other => panic!("{code}: {other:?}"),
        }
    }
    let web = Web::serve(|_| Answer::Raw(Vec::new())).await;
    let access = access(&rude(&web)).await;
    assert!(matches!(access, Access::Unreachable(Cause::Fetch(Error::Reset { .. }))), "{access:?}");
}

#[tokio::test]
async fn a_host_that_is_too_slow_may_not_be_asked_for_anything() {
    let web = Web::serve(|_| Answer::Silence).await;
    let mut settings: Settings = settings_for(&web);
    settings.timeouts.first_byte = Duration::from_millis(100);
    let polite = Polite::new(Client::new(&settings).unwrap(), Arc::new(Memory::new()), Pace::none());
    let access = access(&polite).await;
    assert!(matches!(access, Access::Unreachable(Cause::Fetch(Error::Timeout { .. }))), "{access:?}");
}

#[tokio::test]
async fn an_old_copy_helps_when_the_host_fails() {
    let turn = AtomicUsize::new(0);
    let web = Web::serve(move |_| match turn.fetch_add(1, Ordering::SeqCst) {
        0 => page("User-agent: *\nDisallow: /private"),
        1 => status(500, ""),
        _ => page("User-agent: *\nDisallow: /other"),
    })
    .await;
    let pace = Pace { robots: Duration::ZERO, ..Pace::none() };
    let polite = polite(&web, &Arc::new(Memory::new()), pace);
    assert!(!allows(&polite, "/private").await, "the first copy");
    assert!(!allows(&polite, "/private").await, "the copy, while the host fails");
    assert!(allows(&polite, "/private").await && !allows(&polite, "/other").await, "the new copy");
    assert_eq!(web.seen().len(), 4);
}

#[tokio::test]
async fn asking_for_the_rules_anew_keeps_the_delay_that_the_old_ones_ask_for() {
    let web = Web::serve(|_| page("User-agent: *\nCrawl-delay: 0.3")).await;
    let pace = Pace { robots: Duration::ZERO, ..Pace::none() };
    let polite = polite(&web, &Arc::new(Memory::new()), pace);
    for _ in 0..3 {
        assert!(allows(&polite, "/").await);
    }
    let seen = web.seen();
    assert_eq!(seen.len(), 3);
    for pair in seen.windows(2) {
        let gap = pair[1].at - pair[0].at;
        assert!(gap >= Duration::from_millis(300), "{gap:?}");
    }
}

#[tokio::test]
async fn an_answer_that_does_not_unpack_and_is_no_success_means_no_rules() {
    for encoding in ["UTF-8", "gzip"] {
        let web = Web::serve(move |_| Answer::Full {
            status: 404,
            headers: vec![("content-encoding", encoding.to_owned())],
            body: b"<h1>not here</h1>".to_vec(),
        })
        .await;
        assert!(allows(&rude(&web), "/").await, "{encoding}");
    }
}

#[tokio::test]
async fn five_redirects_are_followed_and_more_mean_no_rules() {
    let web = Web::serve(|seen| {
        let step = |path: &str| path.trim_start_matches("/step").parse::<u32>().unwrap_or(0);
        match (seen.header("host").unwrap(), seen.path.as_str()) {
            ("site.example", "/robots.txt") => redirect("/step4"),
            ("far.example", "/robots.txt") => redirect("/step5"),
            (_, "/step0") => page("User-agent: *\nDisallow: /"),
            (_, path) => redirect(format!("/step{}", step(path) - 1)),
        }
    })
    .await;
    let polite = rude(&web);
    assert!(!allows(&polite, "/").await);
    let far: Url = "http://far.example/".parse().unwrap();
    match polite.robots(&far, PATIENT, &CancellationToken::new()).await.unwrap() {
        Access::Known(robots) => assert!(robots.allows(&far)),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_redirect_to_the_inside_is_no_rule_book() {
    let inside = Web::serve(|_| page("User-agent: *\nAllow: /")).await;
    let to = inside.url("/robots.txt").to_string();
    let web = Web::serve(move |_| redirect(to.clone())).await;
    let access = access(&rude(&web)).await;
    assert!(matches!(access, Access::Unreachable(Cause::Fetch(Error::Refused { .. }))), "{access:?}");
    assert_eq!(inside.connections(), 0);
}

#[tokio::test]
async fn only_the_first_500_kib_of_a_file_count() {
    let file = format!("User-agent: *\nDisallow: /early\n{}Disallow: /late\n", "#\n".repeat(300 << 10));
    let web = Web::serve(move |_| page(&file)).await;
    let polite = rude(&web);
    assert!(!allows(&polite, "/early").await && allows(&polite, "/late").await);
}

#[tokio::test]
async fn schemes_and_ports_have_rules_of_their_own() {
    let web = Web::serve(|seen| match seen.header("host") {
        Some("site.example:8080") => page("User-agent: *\nDisallow: /"),
        _ => page(""),
    })
    .await;
    let polite = rude(&web);
    assert!(allows(&polite, "/").await);
    let other: Url = "http://site.example:8080/".parse().unwrap();
    match polite.robots(&other, PATIENT, &CancellationToken::new()).await.unwrap() {
        Access::Known(robots) => assert!(!robots.allows(&other)),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn rules_wait_for_the_hosts_gate_too() {
    let web = Web::serve(|_| page("")).await;
    let memory = Arc::new(Memory::new());
    memory.gate_close("site.example:80", ephemeral::Closing::For(Duration::from_secs(60))).await.unwrap();
    let polite = polite(&web, &memory, Pace::none());
    let access = polite.robots(&url("/"), Duration::from_secs(1), &CancellationToken::new()).await.unwrap();
    assert!(matches!(access, Access::Wait { why: Why::Closed, .. }), "{access:?}");
    assert_eq!(web.connections(), 0);
}
