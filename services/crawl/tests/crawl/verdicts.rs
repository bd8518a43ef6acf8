use serde_json::json;

use crate::rig::{Crawled, Rig};
use crate::web::{Reply, Web, html, links, page};

/// A PDF of one page: a text, or nothing but a picture of one.
fn pdf(text: Option<&str>, trailer: &str) -> Vec<u8> {
    let drawing = match text {
        Some(text) => format!("BT /F1 12 Tf 72 720 Td ({text}) Tj ET"),
        None => "q 500 0 0 700 50 50 cm /I1 Do Q".to_owned(),
    };
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> /XObject << /I1 6 0 R >> >> >>".to_owned(),
        format!("<< /Length {} >>\nstream\n{drawing}\nendstream", drawing.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>".to_owned(),
        "<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8 /Length 1 >>\nstream\n0\nendstream".to_owned(),
        "<< /Filter /Standard /V 1 /R 2 /O (01234567890123456789012345678901) /U (01234567890123456789012345678901) /P -44 >>".to_owned(),
    ];
    let mut file = b"%PDF-1.4\n".to_vec();
    let mut places = Vec::new();
    for (number, object) in objects.iter().enumerate() {
        places.push(file.len());
        file.extend(format!("{} 0 obj\n{object}\nendobj\n", number + 1).bytes());
    }
    let start = file.len();
    file.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).bytes());
    for place in places {
        file.extend(format!("{place:010} 00000 n \n").bytes());
    }
    file.extend(
        format!(
            "trailer\n<< /Size {} /Root 1 0 R {trailer} >>\nstartxref\n{start}\n%%EOF\n",
            objects.len() + 1
        )
        .bytes(),
    );
    file
}

async fn crawl(
    paths: &'static [&'static str],
    with: serde_json::Value,
    reply: impl Fn(&str) -> Reply + Send + Sync + 'static,
) -> Crawled {
    let web = Web::start(move |asked| match asked.path.as_str() {
        "/" => page("Home", &links(paths)),
        path if paths.contains(&path) => reply(path),
        _ => Reply::missing(),
    })
    .await;
    Rig::new(&web).await.crawl(with).await
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_that_are_not_what_was_asked_for_are_listed_and_never_kept() {
    let paths = &["/gone", "/members", "/walled", "/busy-wall", "/contact", "/picture"];
    let crawled = crawl(paths, json!({}), |path| match path {
        "/gone" => Reply::html(html("Page not found", "").replace("sentence", "x").chars().take(700).collect::<String>()),
        "/members" => Reply::html("<title>Sign in</title><form><input type=text><input type=password></form>"),
        "/walled" => Reply::status(403).with("cf-mitigated", "challenge"),
        "/busy-wall" => Reply::status(429).with("cf-mitigated", "challenge").with("retry-after", "1"),
        "/contact" => Reply::html("<title>Contact</title><h1>Contact</h1><p>Call us any time, day or night: <a href='tel:+441130000000'>0113 000 0000</a></p>"),
        _ => Reply::new(200, "text/html", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".repeat(4)),
    })
    .await;
    assert_eq!(crawled.kept(), ["acme.example/", "acme.example/contact"]);
    assert_eq!(crawled.verdict("acme.example/gone"), "soft_404{says_so}");
    assert_eq!(crawled.verdict("acme.example/members"), "login{password_field}");
    assert_eq!(crawled.verdict("acme.example/walled"), "challenge");
    assert_eq!(crawled.verdict("acme.example/busy-wall"), "challenge");
    assert_eq!(crawled.verdict("acme.example/picture"), "empty{unsupported_type}");
    let by_verdict = &crawled.output("site")["by_verdict"];
    assert_eq!(by_verdict, &json!({ "challenge": 2, "content": 2, "empty": 1, "login": 1, "soft_404": 1 }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shell_is_read_by_its_embedded_state_or_listed() {
    let sentences: Vec<String> = (0..12)
        .map(|n| format!("Our remote monitored pump number {n} serves farms in the whole north of England."))
        .collect();
    let state = json!({ "props": { "text": sentences } }).to_string();
    let crawled = crawl(&["/with-state", "/without"], json!({}), move |path| match path {
        "/with-state" => Reply::html(format!("<title>Shell</title><div id=__next></div><script id=__NEXT_DATA__ type='application/json'>{state}</script>")),
        _ => Reply::html("<title>Shell</title><div id=root></div><script src=/app.js></script><noscript>You need to enable JavaScript to run this app.</noscript>"),
    })
    .await;
    assert_eq!(crawled.kept(), ["acme.example/", "acme.example/with-state"]);
    assert_eq!(crawled.document("http://acme.example/with-state").attributes["from_state"], true);
    assert_eq!(crawled.verdict("acme.example/without"), "empty{needs_js}");
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_kept_up_to_their_limit_and_unreadable_ones_are_listed() {
    let paths = &["/scan.pdf", "/secret.pdf", "/report.pdf", "/second", "/third.pdf"];
    let crawled = crawl(paths, json!({ "max_files": 1 }), |path| {
        let text = format!(
            "The annual report {path} says that sales of pumps to farms grew by a tenth in the north."
        );
        let file = match path {
            "/scan.pdf" => pdf(None, ""),
            "/secret.pdf" => pdf(Some(&text), "/Encrypt 7 0 R /ID [(a) (a)]"),
            _ => pdf(Some(&text), ""),
        };
        Reply::new(200, "application/octet-stream", file)
    })
    .await;
    assert_eq!(crawled.kept(), ["acme.example/", "acme.example/report.pdf"]);
    assert_eq!(crawled.document("http://acme.example/report.pdf").content_type, "application/pdf");
    assert_eq!(crawled.verdict("acme.example/scan.pdf"), "needs_ocr");
    assert_eq!(crawled.verdict("acme.example/secret.pdf"), "blocked{encrypted}");
    assert_eq!(crawled.verdict("acme.example/second"), "empty{max_files}");
    assert_eq!(crawled.verdict("acme.example/third.pdf"), "-{limit:max_files}");
    assert_eq!(crawled.output("site")["limits_hit"], json!(["max_files"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_never_says_404_is_seen_through() {
    let web = Web::start(|asked| match asked.path.as_str() {
        "/robots.txt" | "/sitemap.xml" | "/sitemap_index.xml" | "/llms.txt" => Reply::missing(),
        "/" => page("Home", &links(["/about", "/old-offer"])),
        "/about" => page("About", ""),
        _ => page("Welcome", "<p>Have a look around our shop.</p>"),
    })
    .await;
    let crawled = Rig::new(&web).await.crawl(json!({})).await;
    assert_eq!(crawled.kept(), ["acme.example/", "acme.example/about"]);
    assert_eq!(crawled.verdict("acme.example/old-offer"), "soft_404{like_not_found}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_host_says_about_models_is_kept_with_the_document() {
    let web = Web::start(|asked| match asked.path.as_str() {
        "/robots.txt" => Reply::text("User-agent: *\nContent-Signal: search=yes, ai-input=no\nAllow: /\n"),
        "/" => page("Home", "")
            .with("server", "nginx")
            .with("set-cookie", "sid=secret; Path=/")
            .with("etag", "\"1\""),
        _ => Reply::missing(),
    })
    .await;
    let crawled = Rig::new(&web).await.crawl(json!({})).await;
    let attributes = &crawled.document("http://acme.example/").attributes;
    assert_eq!(attributes["signals"], json!({ "noindex": false, "nofollow": false, "ai_input": false }));
    assert_eq!(attributes["headers"], json!({ "server": "nginx", "cookies": ["sid"] }));
    assert_eq!((&attributes["etag"], &attributes["language"]), (&json!("\"1\""), &json!("en")));
}
