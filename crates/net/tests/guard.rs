//! No connection to an inside address, whatever the URL, the redirect or DNS says.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice
)]

mod support;

use std::sync::atomic::Ordering;

use net::{Client, Error};
use support::{Names, Web, get, page, redirect, settings};

fn is_refused(result: &Result<net::Fetched, Error>) -> bool {
    matches!(result, Err(Error::Refused { .. }))
}

#[tokio::test]
async fn an_inside_address_in_a_url_sees_no_connection() {
    let web = Web::serve(|_| page("secret")).await;
    let client = Client::new(&settings("")).unwrap();
    let port = web.addr.port();
    for host in
        ["127.0.0.1", "127.1", "0x7f.1", "2130706433", "localhost", "[::ffff:127.0.0.1]", "0.0.0.0", "[::]"]
    {
        let refused = get(&client, &format!("http://{host}:{port}/")).await;
        assert!(is_refused(&refused), "{host}: {refused:?}");
    }
    assert_eq!(web.connections(), 0);
}

#[tokio::test]
async fn a_public_name_that_resolves_inside_sees_no_connection() {
    let web = Web::serve(|_| page("secret")).await;
    let names = Names::new(&[
        ("loopback.example", &[&["127.0.0.1"]]),
        ("mapped.example", &[&["::ffff:127.0.0.1"]]),
        ("six.example", &[&["::1"]]),
        ("many.example", &[&["10.0.0.1", "169.254.169.254", "127.0.0.1", "fd00::1", "64:ff9b::7f00:1"]]),
    ]);
    let client = Client::with_lookup(&settings(""), names).unwrap();
    for host in ["loopback", "mapped", "six", "many"] {
        let refused = get(&client, &format!("http://{host}.example:{}/", web.addr.port())).await;
        assert!(is_refused(&refused), "{host}: {refused:?}");
        assert!(!refused.unwrap_err().to_string().contains("127."), "{host}: an address is told");
    }
    assert_eq!(web.connections(), 0);
}

#[tokio::test]
async fn of_mixed_answers_only_the_allowed_address_is_connected_to() {
    let inside = Web::serve(|_| page("inside")).await;
    let port = inside.addr.port();
    let outside = Web::serve_at(&format!("127.0.0.2:{port}"), |_| page("outside")).await;
    let names = Names::new(&[("mixed.example", &[&["127.0.0.1", "127.0.0.2", "127.0.0.3"]])]);
    let client = Client::with_lookup(&settings("allow_networks = ['127.0.0.2/32']"), names).unwrap();
    let fetched = get(&client, &format!("http://mixed.example:{port}/")).await.unwrap();
    assert_eq!(fetched.body, "outside");
    assert_eq!((inside.connections(), outside.connections()), (0, 1));
}

#[tokio::test]
async fn the_checked_answer_is_the_one_connected_to() {
    let inside = Web::serve(|_| page("inside")).await;
    let port = inside.addr.port();
    let outside = Web::serve_at(&format!("127.0.0.2:{port}"), |_| {
        support::Answer::Raw(
            b"HTTP/1.1 200 OK\r\ncontent-length: 7\r\nconnection: close\r\n\r\noutside".to_vec(),
        )
    })
    .await;
    let names = Names::new(&[("rebind.example", &[&["127.0.0.2"], &["127.0.0.1"]])]);
    let lookup: std::sync::Arc<dyn net::Lookup> = names.clone();
    let client = Client::with_lookup(&settings("allow_networks = ['127.0.0.2/32']"), lookup).unwrap();
    let url = format!("http://rebind.example:{port}/");
    assert_eq!(get(&client, &url).await.unwrap().body, "outside");
    assert_eq!(names.asked.load(Ordering::SeqCst), 1, "one connection, one question");
    assert!(is_refused(&get(&client, &url).await));
    assert_eq!((inside.connections(), outside.connections()), (0, 1));
}

#[tokio::test]
async fn a_redirect_to_an_inside_address_sees_no_connection() {
    let inside = Web::serve(|_| page("secret")).await;
    let port = inside.addr.port();
    let outside = Web::serve_at(&format!("127.0.0.2:{port}"), move |seen| {
        let host = match seen.path.as_str() {
            "/address" => "127.0.0.1",
            "/spelled" => "0177.0.0.1",
            "/six" => "[::ffff:7f00:1]",
            "/localhost" => "localhost",
            _ => "inside.example",
        };
        redirect(format!("http://{host}:{port}/"))
    })
    .await;
    let names = Names::new(&[("site.example", &[&["127.0.0.2"]]), ("inside.example", &[&["127.0.0.1"]])]);
    let client = Client::with_lookup(&settings("allow_networks = ['127.0.0.2/32']"), names).unwrap();
    for path in ["address", "spelled", "six", "localhost", "name"] {
        let refused = get(&client, &format!("http://site.example:{port}/{path}")).await;
        assert!(is_refused(&refused), "{path}: {refused:?}");
    }
    assert_eq!((inside.connections(), outside.seen().len()), (0, 5));
}

#[tokio::test]
async fn an_allowed_network_is_reached_and_nothing_beside_it() {
    let web = Web::serve(|_| page("intranet")).await;
    let client = Client::new(&settings("allow_networks = ['127.0.0.1/32']")).unwrap();
    assert_eq!(get(&client, web.url("/").as_str()).await.unwrap().body, "intranet");
    assert!(is_refused(&get(&client, "http://127.0.0.2/").await));
}

#[tokio::test]
async fn a_host_named_by_the_operator_is_found_on_any_port_and_told_its_own_name() {
    let web = Web::serve(|_| page("mapped")).await;
    let client = support::client_for(&web);
    for (url, host) in [
        ("http://shop.example/a", "shop.example"),
        ("http://shop.example:8080/b", "shop.example:8080"),
        ("http://www.shop.example:81/c", "www.shop.example:81"),
    ] {
        let fetched = get(&client, url).await.unwrap();
        assert_eq!(fetched.url.as_str(), url);
        assert_eq!(web.seen().last().unwrap().header("host"), Some(host));
    }
    assert!(is_refused(&get(&client, web.url("/").as_str()).await), "the address itself stays refused");
}

#[tokio::test]
async fn a_name_that_does_not_exist_is_told_apart_from_a_refused_one() {
    let names = Names::new(&[("empty.example", &[&[]])]);
    let client = Client::with_lookup(&settings(""), names).unwrap();
    for host in ["empty.example", "nowhere.example"] {
        let failed = get(&client, &format!("http://{host}/")).await;
        assert!(matches!(&failed, Err(Error::Dns { host: named, .. }) if named == host), "{failed:?}");
        assert!(failed.is_err_and(|error| error.is_unknown_host() && !error.is_retryable()), "{host}");
    }
}

/// Cannot tell just now.
#[derive(Debug)]
struct Troubled;

#[async_trait::async_trait]
impl net::Lookup for Troubled {
    async fn lookup(&self, _host: &str) -> std::io::Result<Vec<std::net::IpAddr>> {
        Err(std::io::Error::other("Temporary failure in name resolution"))
    }
}

#[tokio::test]
async fn a_look_up_that_failed_does_not_say_that_the_host_does_not_exist() {
    let client = Client::with_lookup(&settings(""), std::sync::Arc::new(Troubled)).unwrap();
    let failed = get(&client, "http://site.example/").await;
    assert!(matches!(failed, Err(Error::Dns { .. })), "{failed:?}");
    assert!(failed.is_err_and(|error| !error.is_unknown_host() && error.is_retryable()));
}

/// Never answers.
#[derive(Debug)]
struct Mute;

#[async_trait::async_trait]
impl net::Lookup for Mute {
    async fn lookup(&self, _host: &str) -> std::io::Result<Vec<std::net::IpAddr>> {
        std::future::pending().await
    }
}

#[tokio::test(start_paused = true)]
async fn a_look_up_that_never_ends_is_a_timeout() {
    let client = Client::with_lookup(&settings(""), std::sync::Arc::new(Mute)).unwrap();
    let started = tokio::time::Instant::now();
    let failed = get(&client, "http://site.example/").await;
    assert!(matches!(failed, Err(Error::Timeout { phase: net::Phase::Connect, .. })), "{failed:?}");
    assert!(started.elapsed() < std::time::Duration::from_secs(11), "{:?}", started.elapsed());
}

/// Run by the next test in a process of its own, with a proxy in its environment.
#[tokio::test]
#[ignore = "a part of the_environments_proxy_is_not_used"]
async fn fetches_what_the_environment_names() {
    let (url, network) = (std::env::var("ASSAY_TEST_URL").unwrap(), "allow_networks = ['127.0.0.0/8']");
    let client = Client::new(&settings(network)).unwrap();
    assert_eq!(get(&client, &url).await.unwrap().body, "direct");
    let operator = net::operator(std::time::Duration::from_secs(5)).unwrap();
    assert_eq!(operator.get(&url).send().await.unwrap().text().await.unwrap(), "direct");
}

#[tokio::test]
async fn the_environments_proxy_is_not_used() {
    let (web, proxy) = (Web::serve(|_| page("direct")).await, Web::serve(|_| page("proxied")).await);
    let mut child = tokio::process::Command::new(std::env::current_exe().unwrap());
    child.args(["--ignored", "--exact", "fetches_what_the_environment_names"]);
    for name in ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
        child.env(name, format!("http://{}", proxy.addr));
    }
    child.env("ASSAY_TEST_URL", web.url("/").as_str());
    let output = child.output().await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert_eq!((proxy.connections(), web.seen().len()), (0, 2));
}

#[tokio::test]
async fn the_operators_client_reaches_this_machine_and_follows_nothing() {
    let web = Web::serve(|_| redirect("http://127.0.0.1:1/")).await;
    let operator = net::operator(std::time::Duration::from_secs(5)).unwrap();
    let answer = operator.get(web.url("/v1/models")).send().await.unwrap();
    assert_eq!(answer.status(), 302);
}
