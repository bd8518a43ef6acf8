use proptest::prelude::*;

use super::*;

fn url(path: &str) -> Url {
    Url::parse(&format!("https://acme.example{path}")).unwrap()
}

/// What a file allows of the paths, `+` or `-` each.
fn verdicts(file: &str, paths: &[&str]) -> String {
    let robots = Robots::parse(file.as_bytes());
    paths.iter().map(|path| if robots.allows(&url(path)) { '+' } else { '-' }).collect()
}

#[test]
fn no_rule_allows_everything() {
    for file in ["", "<html><body>404</body></html>", "Disallow: /", "User-agent: Other\nDisallow: /"] {
        assert_eq!(verdicts(file, &["/", "/a?b=c"]), "++", "{file}");
    }
    assert!(Robots::default().allows(&url("/")));
}

#[test]
fn the_longest_pattern_wins_and_a_tie_allows() {
    let file = "User-agent: *\nDisallow: /\nAllow: /p\nDisallow: /page\nAllow: /page\nDisallow: /page.htm\n";
    assert_eq!(verdicts(file, &["/x", "/p1", "/page", "/page.html"]), "-++-");
}

#[test]
fn stars_and_dollars_match_as_the_rfc_says() {
    let file = "User-agent: *\nDisallow: /*.pdf$\nDisallow: /a*b*c\nDisallow: /end$\nDisallow: /*?print=";
    let paths = [
        "/x.pdf",
        "/x.pdf?v=1",
        "/x.pdfs",
        "/axbyc/z",
        "/acb",
        "/end",
        "/end/",
        "/p?print=1",
        "/p?x=1&print=1",
    ];
    assert_eq!(verdicts(file, &paths), "-++-+-+-+");
}

#[test]
fn overlapping_ends_do_not_match_twice() {
    assert_eq!(verdicts("User-agent: *\nDisallow: /ab*ba$", &["/aba", "/abba", "/ab-ba-ba"]), "+--");
}

#[test]
fn percent_encoding_makes_no_difference_except_for_delimiters() {
    let file = "User-agent: *\nDisallow: /caf%c3%a9\nDisallow: /b%61r\nDisallow: /a%2Fb\nDisallow: /star%2A\nDisallow: /two words";
    let paths = ["/café", "/caf%C3%A9", "/bar", "/a/b", "/a%2fb", "/star*", "/starry", "/two%20words"];
    assert_eq!(verdicts(file, &paths), "---+--+-");
}

#[test]
fn all_groups_that_name_us_are_merged_and_others_do_not_count() {
    let file = "User-agent: *\nDisallow: /all\n\nuser-agent: assay\nDisallow: /one\n\nUser-agent: Other\nDisallow: /other\n\n\
                User-agent: Other\nUser-agent: ASSAY/2.0 (+https://x.example)\nDisallow: /two\n";
    assert_eq!(verdicts(file, &["/all", "/one", "/other", "/two"]), "+-+-");
}

#[test]
fn a_longer_name_is_another_crawler() {
    let file = "User-agent: Assayer\nDisallow: /a\nUser-agent: Assay-Images\nDisallow: /b\nUser-agent: *\nDisallow: /c";
    assert_eq!(verdicts(file, &["/a", "/b", "/c"]), "++-");
}

#[test]
fn an_empty_group_of_ours_shields_us_from_the_others_rules() {
    assert_eq!(verdicts("User-agent: *\nDisallow: /\nUser-agent: Assay\nDisallow:\n", &["/x"]), "+");
}

#[test]
fn a_crawl_delay_of_any_size_belongs_to_its_group() {
    let delay = |file: &str| Robots::parse(file.as_bytes()).crawl_delay();
    assert_eq!(delay("User-agent: *\nCrawl-delay: 3"), Some(Duration::from_secs(3)));
    assert_eq!(delay("User-agent: *\nCrawl-Delay: 0.5 # s"), Some(Duration::from_millis(500)));
    assert_eq!(delay("User-agent: *\nCrawl-delay: 86400"), Some(Duration::from_secs(86_400)));
    assert_eq!(delay("User-agent: x\nCrawl-delay: 9\n\nUser-agent: *\nDisallow: /y"), None);
    assert_eq!(
        delay(
            "User-agent: *\nCrawl-delay: 2\nUser-agent: Assay\nCrawl-delay: 7\nUser-agent: assay\nCrawl-delay: 5"
        ),
        Some(Duration::from_secs(7))
    );
    for nonsense in ["-1", "soon", "NaN", "1e400", ""] {
        assert_eq!(delay(&format!("User-agent: *\nCrawl-delay: {nonsense}")), None, "{nonsense}");
    }
}

#[test]
fn sitemaps_count_wherever_they_stand() {
    let file = b"Sitemap: https://acme.example/a.xml\r\nUser-agent: Other\r\nDisallow: /\r\nSITEMAP:https://acme.example/b.xml#x\rSitemap:\n";
    assert_eq!(Robots::parse(file).sitemaps(), ["https://acme.example/a.xml", "https://acme.example/b.xml"]);
}

#[test]
fn content_signals_are_read_for_our_group_and_by_path() {
    let signals = |file: &str, path: &str| Robots::parse(file.as_bytes()).signals(&url(path));
    let file = "User-Agent: *\nContent-Signal: ai-train=no, search=yes, ai-input=yes\nAllow: /";
    let yes = Signals { search: Some(true), ai_input: Some(true), ai_train: Some(false) };
    assert_eq!(signals(file, "/"), yes);
    let file = "User-agent: *\nContent-signal: search=yes\nContent-Signal: /blog/ AI-Input = No\nContent-signal: use=full";
    assert_eq!(
        signals(file, "/blog/x"),
        Signals { search: Some(true), ai_input: Some(false), ai_train: None }
    );
    assert_eq!(signals(file, "/"), Signals { search: Some(true), ..Signals::default() });
    let file = "User-agent: *\nContent-signal: ai-input=yes\nContent-signal: ai-input=no";
    assert_eq!(signals(file, "/").ai_input, Some(false));
    assert_eq!(signals("User-agent: Other\nContent-signal: ai-input=no", "/"), Signals::default());
}

#[test]
fn common_mistakes_are_forgiven() {
    for file in [
        "\u{feff}User-agent: *\nDisallow: /x",
        "useragent: *\ndissallow: /x",
        "User-agent *\nDisallow /x",
        "USER-AGENT:*\rDISALLOW:/x",
        "User-agent: * bots\nDisallow: /x",
        "User-agent: *\n\n# a note\n\nDisallow: /x # why",
    ] {
        assert_eq!(verdicts(file, &["/x", "/y"]), "-+", "{file:?}");
    }
}

#[test]
fn only_the_first_500_kib_are_read() {
    let mut file = String::from("User-agent: *\nDisallow: /early\n");
    file.push_str(&"# filler\n".repeat(MAX_BYTES / 9));
    file.push_str("Disallow: /late\n");
    assert_eq!(verdicts(&file, &["/early", "/late"]), "-+");
}

#[test]
fn where_parsers_disagree_the_stricter_one_is_followed() {
    let file = "User-agent: *\nDisallow: /\nAllow: /%62%61%7A\n";
    assert_eq!(verdicts(file, &["/baz", "/%62%61%7A", "/%62%61%7a"]), "-++");
    let file = "User-agent: *\nDisallow: /%62%61%7A\n";
    assert_eq!(verdicts(file, &["/baz", "/%62%61%7A", "/b%61z"]), "---");
    assert!(!Robots::parse("User-agent: *\nDisallow: /\nAllow: /é".as_bytes()).allows_target("/é"));
    assert!(!Robots::parse("User-agent: *\nDisallow: /é".as_bytes()).allows_target("/é"));
}

proptest! {
    #[test]
    fn any_bytes_are_a_file(bytes in prop::collection::vec(any::<u8>(), 0..2000), path in "[a-z/*$%?=]{0,40}") {
        let robots = Robots::parse(&bytes);
        let _ = (robots.allows(&url(&format!("/{path}"))), robots.signals(&url("/")), robots.crawl_delay());
    }

    #[test]
    fn near_files_are_files(
        lines in prop::collection::vec("(user-agent|allow|disallow|crawl-delay|content-signal|sitemap)[: ]{0,2}[*$/%a-fé0-9= ]{0,20}", 0..40),
        path in "[a-f/*$%0-9]{0,20}",
    ) {
        let robots = Robots::parse(lines.join("\n").as_bytes());
        let _ = (robots.allows(&url(&format!("/{path}"))), robots.signals(&url("/")));
    }

    /// Against the plain definition: a pattern matches if its pieces can be laid out in order.
    #[test]
    fn greedy_matching_finds_what_trying_everything_finds(pattern in "/[ab*]{0,8}[$]?", path in "/[ab]{0,10}") {
        fn by_hand(pattern: &[u8], path: &[u8]) -> bool {
            match pattern.split_first() {
                None => true,
                Some((b'$', [])) => path.is_empty(),
                Some((b'*', rest)) => (0..=path.len()).any(|n| by_hand(rest, &path[n..])),
                Some((byte, rest)) => path.first() == Some(byte) && by_hand(rest, &path[1..]),
            }
        }
        prop_assert_eq!(Pattern::new(&pattern, Reading::Wide).matches(path.as_bytes()), by_hand(pattern.as_bytes(), path.as_bytes()));
    }
}
