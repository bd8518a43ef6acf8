//! Redirects: asked for one by one, bounded, never in circles.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice
)]

mod support;

use async_trait::async_trait;
use net::{Anywhere, Decision, Error, Follow, Nowhere, Redirect, Request, Stopped, header};
use support::{Answer, Web, client_for, fetch, page, redirect};

/// `/n` leads to `/n-1`, `/0` is a page.
async fn stairs() -> Web {
    Web::serve(|seen| match seen.path.trim_start_matches('/').parse::<u32>() {
        Ok(0) => page("the end"),
        Ok(step) => redirect(format!("/{}", step - 1)),
        Err(_) => page("elsewhere"),
    })
    .await
}

fn request(path: &str) -> Request {
    Request::get(format!("http://site.example{path}").parse().unwrap())
}

/// Notes what it is asked; stops before the named path.
#[derive(Default)]
struct Asked {
    hops: Vec<Redirect>,
    stop_at: Option<&'static str>,
}

#[async_trait]
impl Follow for Asked {
    async fn follow(&mut self, redirect: &Redirect) -> Result<Decision, Error> {
        self.hops.push(redirect.clone());
        Ok(if self.stop_at == Some(redirect.to.path()) { Decision::Stop } else { Decision::GO })
    }
}

#[tokio::test]
async fn every_hop_is_asked_for_before_it_is_requested_and_recorded() {
    let web = stairs().await;
    let mut asked = Asked::default();
    let fetched = fetch(&client_for(&web), &request("/3"), &mut asked).await.unwrap();
    assert_eq!((fetched.url.path(), &fetched.body[..]), ("/0", &b"the end"[..]));
    assert_eq!(fetched.requested.path(), "/3");
    assert_eq!(fetched.redirects, asked.hops);
    let steps: Vec<(&str, &str, u16)> =
        asked.hops.iter().map(|hop| (hop.from.path(), hop.to.path(), hop.status)).collect();
    assert_eq!(steps, [("/3", "/2", 302), ("/2", "/1", 302), ("/1", "/0", 302)]);
    assert_eq!(web.connections(), 1, "the connection is used again");
}

#[tokio::test]
async fn a_declined_hop_is_not_requested_and_hands_the_redirect_back() {
    let web = stairs().await;
    let mut asked = Asked { stop_at: Some("/1"), ..Asked::default() };
    let fetched = fetch(&client_for(&web), &request("/3"), &mut asked).await.unwrap();
    assert_eq!((fetched.status, fetched.url.path()), (302, "/2"));
    assert_eq!(fetched.redirects.len(), 1);
    assert!(matches!(&fetched.stopped, Some(Stopped::Declined { to }) if to.path() == "/1"));
    assert_eq!(web.paths(), ["/3", "/2"]);
}

#[tokio::test]
async fn nothing_is_followed_unless_asked() {
    let web = stairs().await;
    let fetched = fetch(&client_for(&web), &request("/3"), &mut Nowhere).await.unwrap();
    assert_eq!(fetched.stopped.unwrap().to().path(), "/2");
    assert_eq!(web.paths(), ["/3"]);
}

#[tokio::test]
async fn ten_redirects_are_followed_and_no_more() {
    let web = stairs().await;
    let client = client_for(&web);
    assert_eq!(fetch(&client, &request("/10"), &mut Anywhere).await.unwrap().redirects.len(), 10);
    let refused = fetch(&client, &request("/11"), &mut Anywhere).await;
    assert!(matches!(refused, Err(Error::TooManyRedirects { limit: 10 })), "{refused:?}");
    let refused = fetch(&client, &request("/3").with_max_redirects(2), &mut Anywhere).await;
    assert!(matches!(refused, Err(Error::TooManyRedirects { limit: 2 })), "{refused:?}");
}

#[tokio::test]
async fn circles_are_noticed_at_once() {
    let web = Web::serve(|seen| match seen.path.as_str() {
        "/a" => redirect("/b"),
        "/b" => redirect("/c"),
        "/c" => redirect("/b"),
        _ => redirect(format!("{}#again", seen.path)),
    })
    .await;
    let client = client_for(&web);
    for (path, requests) in [("/self", 1), ("/a", 3)] {
        let before = web.seen().len();
        let refused = fetch(&client, &request(path), &mut Anywhere).await;
        assert!(matches!(refused, Err(Error::RedirectLoop { .. })), "{path}: {refused:?}");
        assert_eq!(web.seen().len() - before, requests, "{path}");
    }
}

#[tokio::test]
async fn a_redirect_out_of_the_web_is_invalid() {
    for to in [
        "ftp://site.example/",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "http://u:p@site.example/",
        "http://[",
    ] {
        let web = Web::serve(move |_| redirect(to)).await;
        let refused = fetch(&client_for(&web), &request("/"), &mut Anywhere).await;
        assert!(matches!(refused, Err(Error::Invalid(_))), "{to}: {refused:?}");
    }
}

#[tokio::test]
async fn a_redirect_without_a_target_is_an_answer() {
    let web = Web::serve(|_| support::status(304, "")).await;
    assert_eq!(fetch(&client_for(&web), &request("/"), &mut Anywhere).await.unwrap().status, 304);
    let web = Web::serve(|_| support::status(302, "nowhere")).await;
    let fetched = fetch(&client_for(&web), &request("/"), &mut Anywhere).await.unwrap();
    assert_eq!((fetched.status, fetched.stopped), (302, None));
}

#[tokio::test]
async fn an_endless_redirect_body_does_not_hold_the_fetch_up() {
    let head = "HTTP/1.1 302 Found\r\nlocation: /page\r\n\r\n";
    let web = Web::serve(move |seen| match seen.path.as_str() {
        "/page" => page("here"),
        _ => Answer::Endless { head, piece: vec![b'x'; 1024], every: std::time::Duration::from_millis(1) },
    })
    .await;
    assert_eq!(fetch(&client_for(&web), &request("/"), &mut Anywhere).await.unwrap().body, "here");
}

#[tokio::test]
async fn a_requests_own_headers_go_with_every_hop() {
    let web = stairs().await;
    let request =
        request("/1").with_header(header::IF_NONE_MATCH, "\"v1\"").with_header(header::ACCEPT, "text/html");
    fetch(&client_for(&web), &request, &mut Anywhere).await.unwrap();
    for seen in web.seen() {
        assert_eq!(
            (seen.header("if-none-match"), seen.header("accept")),
            (Some("\"v1\""), Some("text/html"))
        );
    }
}
