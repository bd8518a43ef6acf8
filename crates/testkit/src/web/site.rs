//! One company's site: its pages from files, its traps from code.

use std::collections::BTreeMap;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use include_dir::{Dir, include_dir};

use super::{Answer, calendar, files, news};

static SITES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/sites");

/// A site: pages by path, and what else it answers.
pub(super) struct Site {
    name: &'static str,
    /// Where its pages stand; the twin with or without `www.` redirects there.
    host: &'static str,
    twin: &'static str,
    layout: String,
    pages: BTreeMap<String, Page>,
    extra: fn(&Site, &str, &str) -> Option<Answer>,
}

/// A page as its file says: a head of `name: value` lines, `---`, the main part.
#[derive(Debug, Clone, Default)]
pub(super) struct Page {
    pub(super) title: String,
    pub(super) description: String,
    pub(super) head: String,
    pub(super) main: String,
}

impl Site {
    pub(super) fn all() -> Vec<Self> {
        vec![
            Self::load("brightwater", "www.brightwater.example", "brightwater.example", brightwater),
            Self::load("harbourline", "harbourline.example", "www.harbourline.example", harbourline),
            Self::load("nordwind", "www.nordwind.example", "nordwind.example", nordwind),
        ]
    }

    fn load(
        name: &'static str,
        host: &'static str,
        twin: &'static str,
        extra: fn(&Self, &str, &str) -> Option<Answer>,
    ) -> Self {
        let text =
            |path: &str| SITES.get_file(path).and_then(|file| file.contents_utf8()).unwrap_or_default();
        let mut pages = BTreeMap::new();
        if let Some(folder) = SITES.get_dir(format!("{name}/pages")) {
            collect(folder, &format!("{name}/pages"), &mut pages);
        }
        let layout = text(&format!("{name}/layout.html")).to_owned();
        Self { name, host, twin, layout, pages, extra }
    }

    /// The answer, if the host is this site's.
    pub(super) fn answer(&self, host: &str, path: &str, query: &str) -> Option<Answer> {
        if host == self.twin {
            let query = if query.is_empty() { String::new() } else { format!("?{query}") };
            return Some(Answer::redirect(301, format!("{}{path}{query}", self.origin())));
        }
        (host == self.host).then(|| {
            (self.extra)(self, path, query)
                .or_else(|| self.page(path))
                .unwrap_or_else(|| Answer::new(404, "text/html; charset=utf-8", "<h1>404 Not Found</h1>"))
        })
    }

    fn origin(&self) -> String {
        format!("http://{}", self.host)
    }

    fn page(&self, path: &str) -> Option<Answer> {
        self.pages.get(path.trim_end_matches('/')).map(|page| Answer::html(self.typeset(path, page)))
    }

    /// The whole page in the site's layout.
    pub(super) fn typeset(&self, path: &str, page: &Page) -> String {
        self.layout
            .replace("{{title}}", &page.title)
            .replace("{{description}}", &page.description)
            .replace("{{head}}", &page.head)
            .replace("{{origin}}", &self.origin())
            .replace("{{path}}", path)
            .replace("{{charset}}", "utf-8")
            .replace("{{main}}", &page.main)
    }

    fn robots(&self, lines: &str) -> Answer {
        Answer::new(200, "text/plain", lines.replace("{{origin}}", &self.origin()))
    }

    /// A sitemap of every page whose path `list` takes.
    fn sitemap(&self, list: impl Fn(&str) -> bool) -> String {
        let entries: String = self
            .pages
            .keys()
            .filter(|path| list(path))
            .map(|path| format!("<url><loc>{}{path}</loc></url>\n", self.origin()))
            .collect();
        format!(
            "<?xml version=\"1.0\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n{entries}</urlset>\n"
        )
    }
}

fn collect(folder: &Dir<'_>, root: &str, pages: &mut BTreeMap<String, Page>) {
    for file in folder.files() {
        let path = file.path().to_string_lossy();
        let path = path.trim_start_matches(root).trim_end_matches(".html").trim_end_matches("index");
        pages.insert(path.trim_end_matches('/').to_owned(), parse(file.contents_utf8().unwrap_or_default()));
    }
    for inner in folder.dirs() {
        collect(inner, root, pages);
    }
}

fn parse(text: &str) -> Page {
    let (head, main) = text.split_once("\n---\n").unwrap_or(("", text));
    let field = |name: &str| {
        head.lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
            .unwrap_or_default()
            .to_owned()
    };
    Page {
        title: field("title"),
        description: field("description"),
        head: field("head"),
        main: main.to_owned(),
    }
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    // Writing to memory does not fail.
    let _ = encoder.write_all(text.as_bytes());
    encoder.finish().unwrap_or_default()
}

const ROBOTS: &str =
    "User-agent: *\nDisallow: /investors\nDisallow: /search\n\nSitemap: {{origin}}/sitemap-index.xml.gz\n";

const LOGIN: &str = "<!doctype html><title>Sign in</title><h1>Sign in</h1><form method=\"post\" action=\"/portal\">\
    <label>E-mail <input type=\"email\" name=\"email\"></label><label>Password <input type=\"password\" name=\"password\">\
    </label><button>Sign in</button></form>";

fn brightwater(site: &Site, path: &str, query: &str) -> Option<Answer> {
    Some(match path {
        "/robots.txt" => site.robots(ROBOTS),
        "/sitemap-index.xml.gz" => {
            let index = format!(
                "<?xml version=\"1.0\"?><sitemapindex xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\
                 <sitemap><loc>{}/sitemap-1.xml.gz</loc></sitemap></sitemapindex>",
                site.origin()
            );
            Answer::new(200, "application/gzip", gzip(&index))
        }
        "/sitemap-1.xml.gz" => {
            Answer::new(200, "application/gzip", gzip(&site.sitemap(|path| path != "/investors")))
        }
        "/portal" | "/login" => Answer::html(LOGIN),
        "/news" | "/news/" => Answer::html(site.typeset(path, &news::list(query))),
        "/news/feed.xml" => Answer::new(200, "application/rss+xml", news::feed(&site.origin())),
        "/files/fact-sheet.pdf" => Answer::new(200, "application/pdf", files::pdf(&files::FACT_SHEET)),
        "/files/price-list-2015.pdf" => Answer::new(200, "application/pdf", files::scan()),
        "/files/company-profile.docx" => {
            Answer::new(200, "application/octet-stream", files::docx("Company profile", &files::PROFILE))
        }
        "/media/diagram" => Answer::new(200, "text/html", files::PNG),
        // The same page under a second address.
        "/about-us" => site.page("/about")?,
        _ if path.starts_with("/news/") => Answer::html(site.typeset(path, &news::post(path)?)),
        _ if path.starts_with("/events/") => Answer::html(site.typeset(path, &calendar::month(path)?)),
        _ => site.page(path).unwrap_or_else(|| Answer::html(site.typeset(path, &not_found()))),
    })
}

/// "Not found" with status 200, as many sites say it.
fn not_found() -> Page {
    Page {
        title: "Page not found".to_owned(),
        main: "<h1>Page not found</h1><p>Sorry, we could not find the page you were looking for.</p>"
            .to_owned(),
        ..Page::default()
    }
}

fn harbourline(site: &Site, path: &str, _query: &str) -> Option<Answer> {
    Some(match path {
        "/robots.txt" => site.robots("Sitemap: {{origin}}/sitemap.xml\n"),
        "/sitemap.xml" => {
            Answer::new(200, "application/xml", "<urlset><url><loc>http://harbourline.example/</loc><url>")
        }
        "/login" => Answer::html(LOGIN),
        _ => return None,
    })
}

fn nordwind(site: &Site, path: &str, _query: &str) -> Option<Answer> {
    Some(match path {
        "/robots.txt" => Answer::new(404, "text/plain", "not found"),
        "/sitemap.xml" => {
            Answer::new(200, "application/xml", site.sitemap(|path| path.starts_with("/unternehmen")))
        }
        "/kontakt" | "/kontakt/" => {
            let page = site.pages.get("/kontakt")?;
            let latin = site.typeset(path, page).replace("charset=\"utf-8\"", "charset=\"windows-1252\"");
            // Every character of the page has the same number in windows-1252 as in Unicode.
            let bytes: Vec<u8> = latin.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect();
            Answer::new(200, "text/html", bytes)
        }
        _ => return None,
    })
}

impl std::fmt::Debug for Site {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Site")
            .field("name", &self.name)
            .field("pages", &self.pages.len())
            .finish_non_exhaustive()
    }
}
