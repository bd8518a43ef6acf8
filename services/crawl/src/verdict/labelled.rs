//! Answers with the verdict a person gave them: walls of all sorts, and the ordinary pages that look a little like
//! one. No wall may come through as content.

use std::fmt::Write as _;

use content::Hint;
use net::HeaderMap;
use net::header::{HeaderName, HeaderValue};
use url::Url;

use super::{Answer, Fingerprint, Ruling, rule};
use crate::look::{Look, look};
use crate::tables::Tables;

/// One answer.
struct Case {
    status: u16,
    headers: &'static [(&'static str, &'static str)],
    path: &'static str,
    landed: &'static str,
    body: String,
    expected: &'static str,
}

fn case(body: impl Into<String>, expected: &'static str) -> Case {
    Case { status: 200, headers: &[], path: "/a/page", landed: "/a/page", body: body.into(), expected }
}

impl Case {
    fn status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    fn header(self, headers: &'static [(&'static str, &'static str)]) -> Self {
        Self { headers, ..self }
    }

    fn at(self, path: &'static str) -> Self {
        Self { path, landed: path, ..self }
    }

    fn landing(self, landed: &'static str) -> Self {
        Self { landed, ..self }
    }
}

/// A page with that title, heading and words, and as many more words as asked for.
fn page(title: &str, body: &str, words: usize) -> String {
    let more = (0..words).fold(String::new(), |mut text, n| {
        let _ = write!(text, "word{} ", n * 7 % 211);
        text
    });
    format!(
        "<!doctype html><html><head><title>{title}</title></head><body><main>{body}<p>{more}</p></main></body></html>"
    )
}

fn walls() -> Vec<Case> {
    let mut cases = vec![
        case(page("Just a moment...", "<p>acme.example needs to review the security of your connection before proceeding.</p>", 0), "challenge"),
        case(page("Just a moment...", "<p>x</p>", 0), "challenge").status(403).header(&[("cf-mitigated", "challenge")]),
        case(page("Busy", "<p>x</p>", 0), "challenge").status(429).header(&[("cf-mitigated", "challenge")]),
        case(page("Welcome", "", 300), "challenge").header(&[("cf-mitigated", "challenge")]),
        case(page("Attention Required! | Cloudflare", "<h1>Sorry, you have been blocked</h1>", 20), "challenge").status(403),
        case(page("Checking", "<p>Checking your browser before accessing acme.example.</p>", 10), "challenge").status(503),
        case(page("acme.example", "<p>Verify you are human by completing the action below.</p>", 5), "challenge"),
        case("<html><head><title></title></head><body><script src='/_Incapsula_Resource?SWJIYLWA=1'></script></body></html>", "challenge"),
        case(page("", "<p>Request unsuccessful. Incapsula incident ID: 12-34</p>", 0), "challenge"),
        case("<html><head><title>acme.example</title></head><body><p>Please enable JS and disable any ad blocker</p><script src='https://ct.captcha-delivery.com/c.js'></script></body></html>", "challenge").status(403),
        case(page("Access to this page has been denied", "<p>Press &amp; Hold to confirm you are a human (and not a bot).</p>", 0), "challenge").status(403),
        case(page("Pardon Our Interruption", "<h1>Pardon Our Interruption...</h1>", 60), "challenge"),
        case(page("DDoS-Guard", "<p>Checking your browser. DDoS protection by DDoS-Guard</p>", 0), "challenge").status(403),
        case(page("Vercel Security Checkpoint", "<p>We're verifying your browser</p>", 0), "challenge").status(429),
        case(page("Robot or human?", "<p>Activate and hold the button</p>", 0), "challenge"),
        case("<html><head><title>Human Verification</title><script>AwsWafIntegration.getToken()</script></head><body></body></html>", "challenge").status(405),
        case(page("Making sure you're not a bot!", "<p>Loading...</p>", 0), "challenge"),
        case(page("Sucuri WebSite Firewall - Access Denied", "<p>Sucuri Website Firewall</p>", 40), "challenge").status(403),
        case(page("Sicherheitsüberprüfung", "<p>Bestätigen Sie, dass Sie ein Mensch sind</p>", 0), "challenge"),
        case(page("Un instant…", "<p>Vérifiez que vous êtes humain</p>", 0), "challenge"),
        case(page("Espere", "<p>Verifique que es humano para continuar</p>", 0), "challenge"),
        case(page("Attendere", "<p>Verifica di essere umano</p>", 0), "challenge"),
        case(page("Even geduld", "<p>Controleer of u een mens bent</p>", 0), "challenge"),
        case(page("Um momento", "<p>Verifique se você é humano</p>", 0), "challenge"),
        case(page("One more step", "<p>Please complete the security check to access acme.example</p>", 0), "challenge").status(403),
        case("<html><body><div id='cf-wrapper'><script src='/cdn-cgi/challenge-platform/h/b/orchestrate/jsch/v1'></script></div></body></html>", "challenge"),
    ];
    // Refused.
    cases.extend([
        case(page("403 Forbidden", "<h1>Forbidden</h1>", 0), "blocked{http_403}").status(403),
        case(page("Unavailable", "<p>Unavailable for legal reasons</p>", 0), "blocked{http_451}").status(451),
        case(page("429 Too Many Requests", "<h1>Too many requests</h1>", 0), "blocked{rate_limited}")
            .status(429),
        case("", "login{http_401}").status(401),
        case("", "missing").status(404),
        case(page("Page", "", 400), "missing").status(410),
        case(page("Error", "", 10), "error{http_5xx}").status(500),
        case("", "error{http_5xx}").status(502),
        case("", "error{http_4xx}").status(400),
        case("", "empty{no_text}").status(204),
    ]);
    cases
}

fn logins() -> Vec<Case> {
    let form = "<form><input name=user><input type=password name=pw><button>Sign in</button></form>";
    vec![
        case(page("Sign in", &format!("<h1>Sign in</h1>{form}"), 20), "login{password_field}"),
        case(page("Anmelden", &format!("<h1>Kundenportal</h1>{form}"), 60), "login{password_field}").at("/portal"),
        case(page("Home", "<h1>Members only</h1><p>Please sign in to continue to the members' area of this site.</p>", 20), "login{redirected_to_sign_in}").landing("/login"),
        case(page("Sign in", form, 190), "login{password_field}"),
        case(page("Accedi", "<p>Area riservata ai clienti: inserisci le credenziali per continuare la navigazione nel sito.</p>", 30), "login{redirected_to_sign_in}").landing("/users/sign-in"),
        case(page("Forum", &format!("<h1>Welcome</h1>{form}"), 260), "content"),
        case(page("Login problems explained", "<h1>Login problems explained</h1>", 120), "content").at("/help/login-problems"),
    ]
}

fn not_found() -> Vec<Case> {
    let titles = [
        "404",
        "404 Not Found",
        "Error 404 | Acme",
        "Page not found – Acme",
        "Acme | Page Not Found",
        "Seite nicht gefunden | Acme",
        "Acme – 404: Seite nicht gefunden",
        "Page introuvable - Acme",
        "Erreur 404",
        "Página no encontrada | Acme",
        "Error 404: página no encontrada",
        "Pagina non trovata - Acme",
        "Errore 404",
        "Pagina niet gevonden | Acme",
        "Página não encontrada – Acme",
        "Erro 404",
    ];
    let headings = [
        "Oops! That page can’t be found.".replace('’', "'"),
        "Sorry, this page isn't here".to_owned(),
        "Diese Seite existiert nicht mehr.".to_owned(),
        "La page que vous recherchez n'existe plus".to_owned(),
        "La página que buscas no existe".to_owned(),
        "La pagina richiesta non è disponibile".to_owned(),
        "De pagina die u zoekt bestaat niet".to_owned(),
        "A página que procura não existe".to_owned(),
        "The page you are looking for has moved".to_owned(),
        "We couldn't find that page".to_owned(),
    ];
    let mut cases: Vec<Case> = titles
        .iter()
        .map(|title| case(page(title, "<p>Try the search.</p>", 60), "soft_404{says_so}"))
        .collect();
    cases.extend(
        headings.iter().map(|text| case(page("Acme", &format!("<h1>{text}</h1>"), 60), "soft_404{says_so}")),
    );
    cases.extend([
        case(page("404 ways to save water", "<h1>404 ways to save water</h1>", 60), "content"),
        case(page("Lost and not found: a history", "<h1>Lost and not found</h1>", 100), "content"),
        case(
            page("Page not found errors and how we fix them", "<h1>Page not found errors</h1>", 400),
            "content",
        ),
    ]);
    cases
}

fn empties() -> Vec<Case> {
    let shell = |root: &str| {
        format!(
            "<!doctype html><html><head><title>Acme</title></head><body>{root}<script>{}</script></body></html>",
            "var a=1;".repeat(400)
        )
    };
    vec![
        case(shell("<div id=root></div>"), "empty{needs_js}"),
        case(
            shell("<div id=app></div><noscript>You need to enable JavaScript to run this app.</noscript>"),
            "empty{needs_js}",
        ),
        case(shell("<div id=__next></div>"), "empty{needs_js}"),
        case(shell("<app-root></app-root>"), "empty{needs_js}"),
        case(page("Acme", "<p>Please enable JavaScript to view this site.</p>", 0), "empty{needs_js}"),
        case(page("Acme", "<p>Bitte aktivieren Sie JavaScript.</p>", 0), "empty{needs_js}"),
        case(page("acme.example", "<h1>This domain is for sale</h1>", 30), "empty{parked}"),
        case(page("acme.example", "<p>Diese Domain steht zum Verkauf</p>", 30), "empty{parked}"),
        case(page("acme.example", "<p>Ce nom de domaine est à vendre</p>", 30), "empty{parked}"),
        case(
            page(
                "acme.example",
                "<p>The Sponsored Listings displayed above are served automatically by a third party.</p>",
                20,
            ),
            "empty{parked}",
        ),
        case(
            page(
                "Welcome to nginx!",
                "<h1>Welcome to nginx!</h1><p>If you see this page, the nginx web server is successfully installed.</p>",
                20,
            ),
            "empty{parked}",
        ),
        case(
            page(
                "Apache2 Ubuntu Default Page: It works",
                "<h1>It works!</h1><p>This is the default welcome page used to test the correct operation of the Apache2 server after installation.</p>",
                300,
            ),
            "empty{parked}",
        ),
        case(
            "<html><head><title>acme</title></head><body><script src='https://img.sedoparking.com/x.js'></script><p>acme.example</p></body></html>",
            "empty{parked}",
        ),
        case(page("Acme", "<img src=a.png>", 0), "empty{no_text}"),
        case(page("Gallery", "<p>Four pictures.</p><img src=a.png>", 0), "empty{no_text}"),
        case(
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".iter().map(|byte| char::from(*byte)).collect::<String>(),
            "empty{unsupported_type}",
        ),
        case("%PDF-1.4 garbage", "empty{unreadable}"),
        case("", "empty{no_text}"),
    ]
}

fn contents() -> Vec<Case> {
    vec![
        case(
            page(
                "Contact",
                "<h1>Contact</h1><p>Call us on <a href='tel:+441130000000'>0113 000 0000</a>, Monday to Friday, nine to five.</p>",
                0,
            ),
            "content",
        ),
        case(
            page("Kontakt", "<p>Acme, Leeds <a href='mailto:info@acme.example'>info@acme.example</a></p>", 0),
            "content",
        ),
        case(
            page(
                "Contact",
                "<p>Call us</p><a href='tel:+441130000000'>now</a><script src='/cdn-cgi/challenge-platform/h/b/scripts/jsd/main.js'></script>",
                0,
            ),
            "content",
        ),
        case(
            page(
                "Contact",
                "<p>Call us</p><a href='tel:+441130000000'>now</a><script src='/_Incapsula_Resource?x'></script>",
                0,
            ),
            "content",
        ),
        case(page("About", "<h1>About us</h1>", 120), "content"),
        case(
            page(
                "Anti-bot services",
                "<h1>We verify you are human</h1><p>Our product asks visitors to verify you are human.</p>",
                200,
            ),
            "content",
        ),
        case(page("How it works", "<h1>It works!</h1><p>See how it works for farms.</p>", 60), "content"),
        case(
            page("Domain names", "<h1>Buy a domain</h1><p>When a domain is for sale we tell you.</p>", 200),
            "content",
        ),
        case(
            page("Pricing", "<h1>Plans</h1><table><tr><td>Basic</td><td>£49 per month</td></tr></table>", 30),
            "content",
        ),
        case("Plain words of a text file, enough to be read by somebody.", "content"),
    ]
}

fn see(case: &Case) -> Ruling {
    let tables = Tables::builtin().unwrap();
    let url = |path: &str| Url::parse(&format!("https://acme.example{path}")).unwrap();
    let (requested, landed) = (url(case.path), url(case.landed));
    let mut headers = HeaderMap::new();
    for (name, value) in case.headers {
        headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    let bytes: Vec<u8> = if case.body.starts_with('\u{89}') {
        case.body.chars().map(|c| c as u8).collect()
    } else {
        case.body.clone().into()
    };
    let look: Look = look(&bytes.into(), &Hint { url: Some(&landed), ..Hint::default() });
    let answer = Answer {
        status: case.status,
        headers: &headers,
        requested: &requested,
        landed: &landed,
        is_home: case.landed == "/",
        body: look.body(5),
        fingerprint: None,
    };
    rule(&answer, &tables.addresses, &tables.walls)
}

fn shown(ruling: &Ruling) -> String {
    match &ruling.reason {
        Some(reason) => format!("{}{{{reason}}}", ruling.verdict.as_str()),
        None => ruling.verdict.as_str().to_owned(),
    }
}

#[test]
fn answers_get_the_verdict_a_person_gave_them() {
    let cases: Vec<Case> =
        [walls(), logins(), not_found(), empties(), contents()].into_iter().flatten().collect();
    assert!(cases.len() >= 80, "{}", cases.len());
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|case| {
            let found = shown(&see(case));
            let start: String = case.body.chars().take(160).collect();
            (found != case.expected)
                .then(|| format!("{found} instead of {}: {} {start}", case.expected, case.status))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_page_like_the_hosts_answer_to_nothing_is_not_there() {
    let tables = Tables::builtin().unwrap();
    let url = Url::parse("https://acme.example/products/17").unwrap();
    let (nothing, other) =
        (page("Acme", "<p>Have a look at our shop</p>", 90), page("Pump", "<p>A pump</p>", 90));
    let seen =
        |body: &str, url: &Url| look(&body.to_owned().into(), &Hint { url: Some(url), ..Hint::default() });
    let look_of_nothing = seen(&nothing, &url);
    let seen_nothing = look_of_nothing.page().unwrap();
    let fingerprint = Fingerprint {
        simhash: seen_nothing.outline.simhash,
        text_hash: seen_nothing.outline.text_hash.clone(),
        words: seen_nothing.outline.visible_words,
    };
    let ruling = |body: &str, is_home: bool| {
        let look = seen(body, &url);
        let headers = HeaderMap::new();
        let answer = Answer {
            status: 200,
            headers: &headers,
            requested: &url,
            landed: &url,
            is_home,
            body: look.body(5),
            fingerprint: Some(&fingerprint),
        };
        shown(&rule(&answer, &tables.addresses, &tables.walls))
    };
    assert_eq!(ruling(&nothing, false), "soft_404{like_not_found}");
    assert_eq!(ruling(&other, false), "content");
    assert_eq!(ruling(&nothing, true), "content");
}
