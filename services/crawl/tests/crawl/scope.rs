use serde_json::json;

use crate::rig::Rig;
use crate::web::{Reply, Web, links, page};

#[tokio::test(flavor = "multi_thread")]
async fn an_apex_that_redirects_to_www_is_one_site_with_it() {
    let web = Web::start(|asked| match (asked.host.as_str(), asked.path.as_str()) {
        ("acme.example", path) => Reply::to(&format!("http://www.acme.example{path}")),
        ("www.acme.example", "/") => page(
            "Home",
            &links([
                "http://acme.example/about",
                "http://www.acme.example/team",
                "/contact/",
                "https://acme.example/pricing",
            ]),
        ),
        ("www.acme.example", "/about" | "/team" | "/contact/" | "/pricing") => page(&asked.path, ""),
        _ => Reply::missing(),
    })
    .await;
    let crawled = Rig::new(&web).await.crawl(json!({ "scope": "site" })).await;
    assert_eq!(
        crawled.kept(),
        [
            "www.acme.example/",
            "www.acme.example/about",
            "www.acme.example/contact/",
            "www.acme.example/pricing",
            "www.acme.example/team"
        ]
    );
    assert!(crawled.is_done());
    // The redirect is known: nothing but the start address was asked of the apex.
    let of_apex: Vec<String> =
        web.pages().into_iter().filter(|asked| asked.starts_with("acme.example")).collect();
    assert_eq!(of_apex, ["acme.example/"]);
    let home = crawled.document("http://www.acme.example/");
    assert_eq!(home.attributes["requested_url"], "http://acme.example/");
    assert_eq!(home.attributes["redirects"], json!(["http://acme.example/"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_moved_to_another_domain_is_crawled_there_and_the_move_is_shown() {
    let web = Web::start(|asked| match (asked.host.as_str(), asked.path.as_str()) {
        ("acme.example", _) => Reply::to("http://www.brightwater.example/welcome"),
        ("www.brightwater.example", "/welcome") => {
            page("Welcome", &links(["/about", "http://acme.example/old"]))
        }
        ("www.brightwater.example", "/" | "/about") => page(&asked.path, ""),
        _ => Reply::missing(),
    })
    .await;
    let crawled = Rig::new(&web).await.crawl(json!({})).await;
    assert_eq!(
        crawled.kept(),
        ["www.brightwater.example/", "www.brightwater.example/about", "www.brightwater.example/welcome"]
    );
    let output = crawled.output("site");
    assert_eq!(output["site_moved"], json!({ "from": "acme.example", "to": "brightwater.example" }));
    assert_eq!(output["home_url"], "http://www.brightwater.example/");
    assert_eq!(crawled.events("site.moved").len(), 1);
    assert_eq!(web.count("acme.example/old"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn profiles_elsewhere_are_never_asked_for() {
    let web = Web::start(|asked| match (asked.host.as_str(), asked.path.as_str()) {
        ("acme.example", "/") => page(
            "Home",
            &links([
                "https://www.linkedin.com/company/acme",
                "https://x.com/acme",
                "http://partner.example/",
                "/go",
            ]),
        ),
        ("acme.example", "/go") => Reply::to("https://www.linkedin.com/company/acme"),
        _ => Reply::missing(),
    })
    .await;
    let crawled = Rig::new(&web).await.crawl(json!({})).await;
    assert_eq!(crawled.kept(), ["acme.example/"]);
    assert!(web.asked().iter().all(|asked| asked.starts_with("acme.example")), "{:?}", web.asked());
    assert!(crawled.rows.iter().all(|row| row.host == "acme.example"));
    assert_eq!(
        crawled.verdict("acme.example/go"),
        "missing{leaves_site:https://www.linkedin.com/company/acme}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn include_lets_in_only_what_it_names_and_the_seeds() {
    let web = Web::start(|asked| match asked.path.as_str() {
        "/" => page("Home", &links(["/products/a", "/products/b?x=1", "/about", "/products/secret"])),
        "/products/a" | "/products/b?x=1" | "/about" | "/products/secret" => page(&asked.path, ""),
        _ => Reply::missing(),
    })
    .await;
    let with = json!({ "include": ["*/products/**"], "exclude": ["*/secret"] });
    let crawled = Rig::new(&web).await.crawl(with).await;
    assert_eq!(crawled.kept(), ["acme.example/", "acme.example/products/a", "acme.example/products/b?x=1"]);
    assert_eq!(crawled.verdict("acme.example/about"), "-{not_included}");
    assert_eq!(crawled.verdict("acme.example/products/secret"), "-{excluded}");
}

#[tokio::test(flavor = "multi_thread")]
async fn other_hosts_of_the_domain_have_a_fifth_each() {
    let web = Web::start(|asked| match (asked.host.as_str(), asked.path.as_str()) {
        ("acme.example", "/") => {
            let others = (0..8).map(|n| format!("http://shop.acme.example/products/{n}"));
            page("Home", &links(others.chain(["/about".to_owned(), "/team".to_owned()])))
        }
        ("acme.example", "/about" | "/team") => page(&asked.path, ""),
        ("shop.acme.example", path) if path.starts_with("/products/") => page(&asked.path, ""),
        _ => Reply::missing(),
    })
    .await;
    let crawled = Rig::new(&web).await.crawl(json!({ "scope": "domain", "max_pages": 10 })).await;
    let of_shop = crawled.kept().iter().filter(|url| url.starts_with("shop.")).count();
    assert_eq!(of_shop, 2);
    assert_eq!(crawled.kept().len(), 5);
    assert_eq!(crawled.output("site")["limits_hit"], json!(["host_share"]));
}
