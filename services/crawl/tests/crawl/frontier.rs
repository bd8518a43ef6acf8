use chrono::Datelike;
use domain::FrontierState;
use serde_json::json;

use crate::rig::Rig;
use crate::web::{Reply, Web, links, page};

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_a_list_are_kept_and_tracking_twins_are_one() {
    let web = Web::start(|asked| match asked.path.as_str() {
        "/" => {
            page("Home", &links(["/list", "/about?utm_source=a", "/about?utm_source=b&gclid=1", "/about/"]))
        }
        "/list" => page("List 1", &links((2..=9).map(|n| format!("/list?page={n}")))),
        "/about" | "/about/" => page("About", ""),
        path if path.starts_with("/list?page=") => page(path, ""),
        _ => Reply::missing(),
    })
    .await;
    let crawled = Rig::new(&web).await.crawl(json!({ "page_numbers": 5 })).await;
    assert_eq!(
        crawled.kept(),
        [
            "acme.example/",
            "acme.example/about",
            "acme.example/list",
            "acme.example/list?page=2",
            "acme.example/list?page=3",
            "acme.example/list?page=4",
            "acme.example/list?page=5",
        ]
    );
    assert_eq!(crawled.verdict("acme.example/list?page=6"), "-{limit:page_numbers}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endless_calendar_ends_as_a_trap() {
    let web = Web::start(|asked| {
        let months = asked.path.strip_prefix("/calendar/").and_then(|rest| rest.split_once('/'));
        match months.map(|(year, month)| (year.parse::<i32>().unwrap(), month.parse::<i32>().unwrap())) {
            Some((year, month)) => {
                let next = if month > 6 { (year + 1, month - 6) } else { (year, month + 6) };
                let past = if month > 6 { (year, month - 6) } else { (year - 1, month + 6) };
                let link = |(year, month): (i32, i32)| format!("/calendar/{year}/{month:02}");
                page(&asked.path, &links([link(next), link(past)]))
            }
            None if asked.path == "/" => {
                let now = chrono::Utc::now();
                page("Home", &links([format!("/calendar/{}/{:02}", now.year(), now.month())]))
            }
            None => Reply::missing(),
        }
    })
    .await;
    let crawled = Rig::new(&web).await.crawl(json!({ "max_depth": 10 })).await;
    // Two years ahead and two back, in steps of six months, and the start page.
    assert_eq!(crawled.documents.len(), 10, "{:?}", crawled.kept());
    let traps = crawled.rows.iter().filter(|row| row.reason.as_deref() == Some("trap"));
    assert_eq!(traps.count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn key_pages_that_are_linked_last_are_among_the_first() {
    let web = Web::start(|asked| match asked.path.as_str() {
        "/" => {
            let others = (0..100).map(|n| format!("/thing-{n}"));
            page("Home", &links(others.chain(["/team", "/about", "/pricing"].map(String::from))))
        }
        path if path.starts_with("/thing-") || ["/team", "/about", "/pricing"].contains(&path) => {
            page(path, "")
        }
        _ => Reply::missing(),
    })
    .await;
    let crawled = Rig::new(&web).await.crawl(json!({ "max_pages": 6 })).await;
    assert_eq!(crawled.documents.len(), 6);
    for key in ["acme.example/about", "acme.example/pricing", "acme.example/team"] {
        assert!(crawled.kept().contains(&key), "{:?}", crawled.kept());
    }
    let output = crawled.output("site");
    assert_eq!(output["limits_hit"], json!(["max_pages"]));
    assert_eq!(
        output["pages"],
        json!({ "found": 104, "kept": 6, "fetched": 6, "skipped": 98, "waiting": 0 })
    );
    assert_eq!(crawled.verdict("acme.example/thing-99"), "-{limit:max_pages}");
}

#[tokio::test(flavor = "multi_thread")]
async fn four_hundred_blog_posts_leave_room_for_ten_key_pages() {
    const KEYS: [&str; 10] = [
        "/about",
        "/team",
        "/pricing",
        "/products",
        "/services",
        "/contact",
        "/customers",
        "/careers",
        "/security",
        "/partners",
    ];
    let web = Web::start(|asked| match asked.path.as_str() {
        "/" => {
            let posts = (0..400).map(|n| format!("/blog/post-{n}"));
            page("Home", &links(posts.chain(KEYS.map(String::from))))
        }
        path if path.starts_with("/blog/") || KEYS.contains(&path) => page(path, ""),
        _ => Reply::missing(),
    })
    .await;
    let crawled = Rig::new(&web).await.crawl(json!({ "max_pages": 30 })).await;
    assert_eq!(crawled.documents.len(), 30);
    for key in KEYS {
        assert!(crawled.kept().contains(&format!("acme.example{key}").as_str()), "{key}");
    }
    // The cap of a tenth was lifted once nothing else waited.
    assert_eq!(crawled.output("site")["by_kind"]["blog"], 19);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kind_has_its_share_until_nothing_else_waits() {
    let web = Web::start(|asked| match asked.path.as_str() {
        "/" => {
            let products = (0..40).map(|n| format!("/products/{n}"));
            page("Home", &links(products.chain((0..4).map(|n| format!("/careers/{n}")))))
        }
        path if path.starts_with("/products/") || path.starts_with("/careers/") => page(path, ""),
        _ => Reply::missing(),
    })
    .await;
    let crawled = Rig::new(&web).await.crawl(json!({ "max_pages": 20 })).await;
    // Products are worth more, yet three tenths of them leave the careers their turn; careers have three before theirs.
    let asked = web.pages();
    let first = |prefix: &str, n: usize| {
        asked.iter().enumerate().filter(|(_, asked)| asked.contains(prefix)).nth(n).unwrap().0
    };
    assert!(first("/products/", 5) < first("/careers/", 0));
    assert!(first("/careers/", 2) < first("/products/", 6));
    assert_eq!(asked.iter().filter(|asked| asked.contains("/careers/")).count(), 3, "{asked:?}");
    assert_eq!(crawled.documents.len(), 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parameter_that_changes_nothing_is_left_out_after_three_tries() {
    let web = Web::start(|asked| match asked.path.split('?').next().unwrap() {
        "/" => page("Home", &links((0..9).map(|n| format!("/item?colouring={n}")))),
        "/item" => page("Item", ""),
        _ => Reply::missing(),
    })
    .await;
    let crawled = Rig::new(&web).await.crawl(json!({})).await;
    assert_eq!(crawled.documents.len(), 2);
    let asked = web.pages().iter().filter(|asked| asked.contains("/item")).count();
    assert_eq!(asked, 4, "three variants, then the plain address: {:?}", web.pages());
}

#[tokio::test(flavor = "multi_thread")]
async fn variants_of_a_query_and_depth_are_bounded() {
    let web = Web::start(|asked| match asked.path.as_str() {
        "/" => page("Home", &links((0..9).map(|n| format!("/item?id={n}")).chain(["/deep/1".into()]))),
        path if path.starts_with("/item") => page(path, ""),
        path => match path.strip_prefix("/deep/").and_then(|n| n.parse::<u32>().ok()) {
            Some(n) => page(path, &links([format!("/deep/{}", n + 1)])),
            None => Reply::missing(),
        },
    })
    .await;
    let crawled = Rig::new(&web).await.crawl(json!({ "query_variants": 4, "max_depth": 3 })).await;
    let items = crawled.kept().iter().filter(|url| url.contains("/item")).count();
    assert_eq!(items, 4);
    assert_eq!(crawled.kept().iter().filter(|url| url.contains("/deep")).count(), 3);
    let limits = &crawled.output("site")["limits_hit"];
    assert_eq!(limits, &json!(["max_depth", "query_variants"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_robots_and_pages_forbid_to_follow_is_not_followed() {
    let web = Web::start(|asked| match asked.path.as_str() {
        "/" => page("Home", "<a href=/a>a</a> <a href=/b rel='nofollow'>b</a> <a href=/c>c</a>"),
        "/a" => Reply::html("<meta name=robots content=nofollow><h1>A</h1><p>This page leads nowhere as far as we are concerned, and it says so in its head to everyone who asks for it and reads it.</p><a href=/from-a>x</a>"),
        "/c" => page("C", "<a href=/from-c>x</a>").with("x-robots-tag", "assay: nofollow"),
        _ => Reply::missing(),
    })
    .await;
    let crawled = Rig::new(&web).await.crawl(json!({})).await;
    assert_eq!(crawled.kept(), ["acme.example/", "acme.example/a", "acme.example/c"]);
    assert_eq!(crawled.document("http://acme.example/a").attributes["signals"]["nofollow"], true);
    assert!(
        crawled.rows.iter().all(|row| row.state != FrontierState::Waiting && !row.url.contains("/from-"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn twins_in_languages_nobody_asked_for_are_skipped() {
    let twins = "<link rel=alternate hreflang=de href=/de/about><link rel=alternate hreflang=en href=/about><link rel=alternate hreflang=fr href=/fr/a-propos>";
    let web = Web::start(move |asked| match asked.path.as_str() {
        "/" => page("Home", &links(["/about", "/de/about", "/fr/a-propos"])),
        "/about" => Reply::html(crate::web::html("About", "").replace("<title>", &format!("{twins}<title>"))),
        "/de/about" | "/fr/a-propos" => page(&asked.path, ""),
        _ => Reply::missing(),
    })
    .await;
    let crawled = Rig::new(&web).await.crawl(json!({ "languages": ["fr"] })).await;
    // English is the site's own language, French was asked for.
    assert_eq!(crawled.kept(), ["acme.example/", "acme.example/about", "acme.example/fr/a-propos"]);
    assert_eq!(crawled.verdict("acme.example/de/about"), "-{language}");
}
