//! Answers that are too large, too slow, cut off or packed with malice end early, typed, with flat memory.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice
)]

mod support;

use std::io::Read;
use std::time::{Duration, Instant};

use net::{Client, Error, Kept, Limits, Over, Phase, Request, Settings, Take};
use support::{Answer, Web, client_for, eventually, fetch, get, packed, page, settings_for, status};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_util::sync::CancellationToken;

const PAGE: &str = "http://site.example/";
const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n";

fn request(limits: Limits) -> Request {
    Request::get(PAGE.parse().unwrap()).with_limits(limits)
}

/// A client whose clocks run out soon.
fn hasty(web: &Web, change: impl Fn(&mut net::Timeouts)) -> Client {
    let mut settings: Settings = settings_for(web);
    change(&mut settings.timeouts);
    Client::new(&settings).unwrap()
}

fn gzip(bytes: impl Read) -> Vec<u8> {
    let mut packed = Vec::new();
    flate2::read::GzEncoder::new(bytes, flate2::Compression::best()).read_to_end(&mut packed).unwrap();
    packed
}

#[track_caller]
fn assert_timeout(result: Result<net::Fetched, Error>, expected: Phase) {
    match result {
        Err(error @ Error::Timeout { phase, .. }) if phase == expected => assert!(error.is_retryable()),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_page_comes_whole_with_its_head() {
    let web = Web::serve(|_| page("<p>hello</p>")).await;
    let fetched = get(&client_for(&web), "http://site.example/a?b=c#d").await.unwrap();
    assert_eq!((fetched.status, fetched.kept, &fetched.body[..]), (200, Kept::Whole, &b"<p>hello</p>"[..]));
    assert_eq!(fetched.url.as_str(), "http://site.example/a?b=c");
    assert_eq!(fetched.header("content-type"), Some("text/html"));
    assert!(!fetched.tls && fetched.redirects.is_empty() && fetched.is_success());
    let seen = &web.seen()[0];
    assert_eq!(seen.path, "/a?b=c");
    assert_eq!(seen.header("accept-encoding"), Some("gzip, br"));
    assert!(seen.header("user-agent").unwrap().starts_with("Assay/"), "{seen:?}");
    assert_eq!((seen.header("referer"), seen.header("cookie")), (None, None));
}

#[tokio::test]
async fn packed_pages_are_unpacked() {
    let text = "a page of text ".repeat(200);
    let body = gzip(text.as_bytes());
    let web = Web::serve(move |_| packed("gzip", body.clone())).await;
    assert_eq!(get(&client_for(&web), PAGE).await.unwrap().body, text);
}

#[tokio::test]
async fn bombs_are_refused_within_flat_memory() {
    let zeros = || std::io::repeat(0).take(200 << 20);
    let gzip = gzip(zeros());
    let mut brotli = Vec::new();
    brotli::CompressorReader::new(zeros(), 1 << 16, 1, 22).read_to_end(&mut brotli).unwrap();
    let web = Web::serve(move |seen| match seen.path.as_str() {
        "/gzip" => packed("gzip", gzip.clone()),
        _ => packed("br", brotli.clone()),
    })
    .await;
    let client = client_for(&web);
    let limits = Limits::up_to(1 << 30);
    let before = peak_memory_kib();
    for path in ["gzip", "br"] {
        let request = Request::get(format!("{PAGE}{path}").parse().unwrap()).with_limits(limits.clone());
        let refused = fetch(&client, &request, &mut net::Nowhere).await;
        assert!(matches!(refused, Err(Error::Ratio { limit: 100 })), "{path}: {refused:?}");
    }
    let grown = peak_memory_kib() - before;
    assert!(grown < 40 << 10, "{grown} KiB");
}

/// The most memory this process ever held.
fn peak_memory_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[tokio::test]
async fn an_endless_body_ends_at_the_limit() {
    let web =
        Web::serve(|_| Answer::Endless { head: HEAD, piece: vec![b'x'; 64 << 10], every: Duration::ZERO })
            .await;
    let client = client_for(&web);
    let before = peak_memory_kib();
    let refused = fetch(&client, &request(Limits::up_to(5 << 20)), &mut net::Nowhere).await;
    assert!(matches!(refused, Err(Error::TooLarge { limit }) if limit == 5 << 20), "{refused:?}");
    let cut =
        fetch(&client, &request(Limits::up_to(1000).with_over(Over::Cut)), &mut net::Nowhere).await.unwrap();
    assert_eq!((cut.body.len(), cut.kept), (1000, Kept::Cut));
    let grown = peak_memory_kib() - before;
    assert!(grown < 40 << 10, "{grown} KiB");
    eventually("the server is let go", || web.open() == 0).await;
}

#[tokio::test]
async fn an_unwanted_type_drops_the_stream_after_its_first_bytes() {
    let web = Web::serve(|_| Answer::Endless {
        head: HEAD,
        piece: b"\x89PNG\r\n\x1a\n".repeat(100),
        every: Duration::from_millis(1),
    })
    .await;
    let limits = Limits::default().with_sniff(|prefix, headers| {
        assert!(headers.contains_key("content-type"));
        if prefix.starts_with(b"\x89PNG") { Take::Drop } else { Take::UpTo(5 << 20) }
    });
    let fetched = fetch(&client_for(&web), &request(limits), &mut net::Nowhere).await.unwrap();
    assert_eq!((fetched.kept, fetched.body.len()), (Kept::Dropped, net::fetch::SNIFF_BYTES));
    eventually("the server is let go", || web.open() == 0).await;
}

#[tokio::test]
async fn an_error_page_is_cut_instead_of_refused() {
    let web = Web::serve(|_| status(403, &"x".repeat(10_000))).await;
    let fetched = fetch(&client_for(&web), &request(Limits::up_to(100)), &mut net::Nowhere).await.unwrap();
    assert_eq!((fetched.status, fetched.kept, fetched.body.len()), (403, Kept::Cut, 100));
}

#[tokio::test]
async fn a_server_that_says_nothing_times_out_at_its_first_byte() {
    let web = Web::serve(|_| Answer::Silence).await;
    let client = hasty(&web, |timeouts| timeouts.first_byte = Duration::from_millis(150));
    assert_timeout(get(&client, PAGE).await, Phase::FirstByte);
}

#[tokio::test]
async fn endless_slow_headers_time_out_at_their_end() {
    let web = Web::serve(|_| Answer::Endless {
        head: "HTTP/1.1 200 OK\r\n",
        piece: b"x-more: y\r\n".to_vec(),
        every: Duration::from_millis(10),
    })
    .await;
    let client = hasty(&web, |timeouts| timeouts.first_byte = Duration::from_millis(200));
    assert_timeout(get(&client, PAGE).await, Phase::FirstByte);
}

#[tokio::test]
async fn a_byte_now_and_then_is_a_stall() {
    let web = Web::serve(|_| Answer::Endless {
        head: HEAD,
        piece: b"x".to_vec(),
        every: Duration::from_millis(10),
    })
    .await;
    let client = hasty(&web, |timeouts| timeouts.stall = Duration::from_millis(250));
    let started = Instant::now();
    assert_timeout(get(&client, PAGE).await, Phase::Stall);
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
    eventually("the server is let go", || web.open() == 0).await;
}

#[tokio::test]
async fn a_body_that_stops_halfway_is_a_stall() {
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\nhalf";
    let web =
        Web::serve(move |_| Answer::Endless { head, piece: Vec::new(), every: Duration::from_millis(50) })
            .await;
    let client = hasty(&web, |timeouts| timeouts.stall = Duration::from_millis(150));
    assert_timeout(get(&client, PAGE).await, Phase::Stall);
}

#[tokio::test]
async fn a_steady_but_endless_body_ends_with_the_whole_clock() {
    let web = Web::serve(|_| Answer::Endless {
        head: HEAD,
        piece: vec![b'x'; 1024],
        every: Duration::from_millis(10),
    })
    .await;
    let client = hasty(&web, |timeouts| {
        timeouts.stall = Duration::from_millis(200);
        timeouts.whole = Duration::from_millis(900);
    });
    let started = Instant::now();
    assert_timeout(get(&client, PAGE).await, Phase::Whole);
    assert!(started.elapsed() >= Duration::from_millis(890), "{:?}", started.elapsed());
}

#[tokio::test]
async fn an_answer_that_is_cut_off_is_a_reset() {
    for raw in ["HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\nhalf", "HTTP/1.1 200 OK\r\ncontent-le", ""] {
        let web = Web::serve(move |_| Answer::Raw(raw.into())).await;
        let failed = get(&client_for(&web), PAGE).await;
        assert!(matches!(&failed, Err(e @ Error::Reset { .. }) if e.is_retryable()), "{raw:?}: {failed:?}");
    }
}

#[tokio::test]
async fn what_is_not_http_is_invalid() {
    let web = Web::serve(|_| Answer::Raw(b"SSH-2.0-OpenSSH_9.2\r\n\r\n".to_vec())).await;
    let failed = get(&client_for(&web), PAGE).await;
    assert!(matches!(&failed, Err(e @ Error::Invalid(_)) if !e.is_retryable()), "{failed:?}");
}

#[tokio::test]
async fn a_closed_port_and_a_missing_encryption_are_told_apart() {
    let plain = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = plain.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = plain.accept().await.unwrap();
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
        let _ = stream.read_to_end(&mut Vec::new()).await;
    });
    let client = Client::new(&support::settings(&format!("resolve = ['site.example={addr}']"))).unwrap();
    let failed = get(&client, "https://site.example/").await;
    assert!(matches!(failed, Err(Error::Tls { .. })), "{failed:?}");
    let unused = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let client = Client::new(&support::settings(&format!("resolve = ['site.example={unused}']"))).unwrap();
    let failed = get(&client, PAGE).await;
    assert!(matches!(failed, Err(Error::Connect { .. })), "{failed:?}");
}

#[tokio::test]
async fn cancelling_ends_a_fetch_at_once_and_lets_the_server_go() {
    let web = Web::serve(|seen| match seen.path.as_str() {
        "/silent" => Answer::Silence,
        _ => Answer::Endless { head: HEAD, piece: vec![b'x'; 4096], every: Duration::from_millis(5) },
    })
    .await;
    let client = client_for(&web);
    for path in ["silent", "endless"] {
        let cancel = CancellationToken::new();
        let request =
            Request::get(format!("{PAGE}{path}").parse().unwrap()).with_limits(Limits::up_to(1 << 40));
        let (fetching, token) = (client.clone(), cancel.clone());
        let task = tokio::spawn(async move { fetching.fetch(&request, &mut net::Nowhere, &token).await });
        eventually("the request arrives", || web.paths().contains(&format!("/{path}"))).await;
        let cancelled = Instant::now();
        cancel.cancel();
        let result = task.await.unwrap();
        assert!(matches!(result, Err(Error::Cancelled)), "{path}: {result:?}");
        assert!(cancelled.elapsed() < Duration::from_millis(100), "{path}: {:?}", cancelled.elapsed());
        eventually("the server is let go", || web.open() == 0).await;
    }
}
