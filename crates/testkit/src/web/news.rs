//! News: posts from a table, lists by query string, a feed.

use std::sync::LazyLock;

use serde::Deserialize;

use super::site::Page;

const PER_PAGE: usize = 4;

#[derive(Debug, Deserialize)]
struct Table {
    post: Vec<Post>,
}

#[derive(Debug, Deserialize)]
struct Post {
    slug: String,
    title: String,
    date: String,
    text: Vec<String>,
}

static POSTS: LazyLock<Vec<Post>> = LazyLock::new(|| {
    toml::from_str::<Table>(include_str!("../../sites/brightwater/news.toml"))
        .map(|table| table.post)
        .unwrap_or_default()
});

/// The list that `?page=n` asks for; tracking parameters change nothing.
pub(super) fn list(query: &str) -> Page {
    let page = query
        .split('&')
        .find_map(|pair| pair.strip_prefix("page=")?.parse::<usize>().ok())
        .unwrap_or(1)
        .max(1);
    let posts: String = POSTS
        .iter()
        .skip((page - 1) * PER_PAGE)
        .take(PER_PAGE)
        .map(|Post { slug, title, date, .. }| {
            format!("<li><a href=\"/news/{slug}\">{title}</a> <time datetime=\"{date}\">{date}</time></li>\n")
        })
        .collect();
    let more = page * PER_PAGE < POSTS.len();
    let next = if more {
        format!("<p><a rel=\"next\" href=\"/news?page={}\">Older</a></p>", page + 1)
    } else {
        String::new()
    };
    Page {
        title: format!("News, page {page}"),
        description: "What happened at Brightwater.".to_owned(),
        head: String::new(),
        main: format!(
            "<h1>News</h1><p>What happened at Brightwater, page {page} of our news.</p><ul>{posts}</ul>{next}"
        ),
    }
}

/// `/news/<slug>`; none for a post that was never written.
pub(super) fn post(path: &str) -> Option<Page> {
    let slug = path.strip_prefix("/news/")?.trim_end_matches('/');
    let Post { title, date, text, .. } = POSTS.iter().find(|post| post.slug == slug)?;
    let paragraphs: String = text.iter().map(|text| format!("<p>{text}</p>\n")).collect();
    Some(Page {
        title: title.clone(),
        description: title.clone(),
        head: format!("<meta property=\"article:published_time\" content=\"{date}\">"),
        main: format!(
            "<article><h1>{title}</h1><p class=\"byline\">By the Brightwater press office, \
             <time datetime=\"{date}\">{date}</time></p>{paragraphs}</article>"
        ),
    })
}

pub(super) fn feed(origin: &str) -> String {
    let items: String = POSTS
        .iter()
        .map(|Post { slug, title, .. }| {
            format!("<item><title>{title}</title><link>{origin}/news/{slug}</link></item>")
        })
        .collect();
    format!(
        "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>Brightwater news</title>{items}</channel></rss>"
    )
}
