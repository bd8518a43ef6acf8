//! Links: absolute, sorted by where they lead, with the place of their tag in the bytes.

use domain::{Link, LinkKind, Region};
use url::Url;

use crate::charset::Decoded;
use crate::html::drafts::{Anchor, Draft};
use crate::html::tree::{ROOT, Tree};
use crate::networks::is_profile;
use crate::words;

/// Links of one page; more are no page that anybody wrote.
const MOST_LINKS: usize = 10_000;
/// Longer addresses are data, not addresses.
const MOST_HREF_BYTES: usize = 8_192;

/// Endings of paths that lead to a file instead of a page.
const FILES: &[&str] = &[
    "7z", "aac", "apk", "avi", "avif", "bin", "bmp", "bz2", "css", "csv", "deb", "dmg", "doc", "docm",
    "docx", "dotx", "eot", "eps", "epub", "exe", "flac", "gif", "gz", "ico", "ics", "iso", "jar", "jpeg",
    "jpg", "js", "json", "key", "m4a", "m4v", "mid", "mkv", "mobi", "mov", "mp3", "mp4", "mpeg", "mpg",
    "msi", "numbers", "odp", "ods", "odt", "ogg", "ogv", "otf", "pages", "pdf", "pkg", "png", "pps", "ppsx",
    "ppt", "pptx", "ps", "rar", "rpm", "rtf", "svg", "tar", "tgz", "tif", "tiff", "ttf", "txt", "vcf", "wav",
    "webm", "webp", "wmv", "woff", "woff2", "xls", "xlsm", "xlsx", "xml", "xz", "zip", "zst",
];

/// The page's base: `<base href>` against the page's own address.
pub(crate) fn base(tree: &Tree, url: Option<&Url>) -> Option<Url> {
    let declared = tree.elements(ROOT).find(|id| tree.tag(*id) == "base" && tree.has_attr(*id, "href"));
    let declared = declared.and_then(|id| resolve(tree.attr(id, "href")?, url));
    declared.filter(|base| matches!(base.scheme(), "http" | "https")).or_else(|| url.cloned())
}

/// An address as written, made absolute.
pub(crate) fn resolve(href: &str, base: Option<&Url>) -> Option<Url> {
    let href = href.trim();
    if href.len() > MOST_HREF_BYTES {
        return None;
    }
    match base {
        Some(base) => base.join(href).ok(),
        None => Url::parse(href).ok(),
    }
}

/// What sort of place an address leads to; `None` for scripts, data and the like.
pub(crate) fn kind(url: &Url) -> Option<LinkKind> {
    match url.scheme() {
        "http" | "https" if is_profile(url) => Some(LinkKind::Profile),
        "http" | "https" => {
            let last = url.path_segments().and_then(|mut segments| segments.next_back()).unwrap_or_default();
            let ending = last.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
            let file = ending.is_some_and(|ending| FILES.binary_search(&ending.as_str()).is_ok());
            Some(if file { LinkKind::File } else { LinkKind::Page })
        }
        "mailto" => Some(LinkKind::Mailto),
        "tel" | "callto" | "sms" => Some(LinkKind::Tel),
        _ => None,
    }
}

/// The links of a page, in document order. `blocks` have their final regions.
pub(crate) fn read(
    tree: &Tree,
    anchors: &[Anchor],
    blocks: &[Draft],
    base: Option<&Url>,
    source: &Decoded<'_>,
) -> Vec<Link> {
    anchors.iter().filter_map(|anchor| link(tree, anchor, blocks, base, source)).take(MOST_LINKS).collect()
}

fn link(
    tree: &Tree,
    anchor: &Anchor,
    blocks: &[Draft],
    base: Option<&Url>,
    source: &Decoded<'_>,
) -> Option<Link> {
    let url = match &anchor.email {
        Some(email) => Url::parse(&format!("mailto:{email}")).ok()?,
        None => in_clear(resolve(tree.attr(anchor.id, "href")?, base)?)?,
    };
    let kind = kind(&url)?;
    let own =
        kind == LinkKind::Page && base.is_some_and(|base| url.fragment().is_some() && same_page(&url, base));
    if own {
        return None;
    }
    let text = words::fold(&anchor.text);
    let region = anchor.block.and_then(|block| blocks.get(block as usize)).map(|block| block.place.region);
    let place = tree.element(anchor.id).and_then(|element| element.open);
    Some(Link {
        href: url.into(),
        text: if text.is_empty() { anchor.label.clone() } else { text },
        rel: tree.attr_text(anchor.id, "rel").map(str::to_lowercase),
        region: region.filter(|_| anchor.region != Region::Hidden).unwrap_or(anchor.region),
        kind,
        block: anchor.block,
        card: anchor.card,
        source: place.and_then(|(start, end)| {
            Some((source.raw_offset(start as usize)?, source.raw_offset(end as usize)?))
        }),
    })
}

/// A link to Cloudflare's page for hidden addresses is a link to the address.
fn in_clear(url: Url) -> Option<Url> {
    if url.path() != "/cdn-cgi/l/email-protection" {
        return Some(url);
    }
    Url::parse(&format!("mailto:{}", decode_email(url.fragment()?)?)).ok()
}

/// Cloudflare's e-mail obfuscation: hexadecimal, the first byte is the key of all others.
pub(crate) fn decode_email(hex: &str) -> Option<String> {
    let bytes = hex
        .as_bytes()
        .chunks(2)
        .map(|pair| std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok()));
    let bytes: Option<Vec<u8>> = bytes.collect();
    let (key, rest) = bytes.as_deref()?.split_first()?;
    let email = String::from_utf8(rest.iter().map(|byte| byte ^ key).collect()).ok()?;
    let plain = email.len() <= 254
        && email.chars().all(|c| !c.is_whitespace() && !c.is_control() && !matches!(c, '<' | '>'));
    (plain && email.contains('@')).then_some(email)
}

/// Two addresses of one page: a jump inside it leads nowhere.
fn same_page(a: &Url, b: &Url) -> bool {
    let (mut a, mut b) = (a.clone(), b.clone());
    a.set_fragment(None);
    b.set_fragment(None);
    a == b
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_are_sorted_so_that_they_are_found() {
        assert!(FILES.is_sorted());
    }

    #[test]
    fn addresses_lead_where_their_scheme_host_and_ending_say() {
        let kind_of = |href: &str| {
            resolve(href, Url::parse("https://a.example/x/y").ok().as_ref()).and_then(|u| kind(&u))
        };
        assert_eq!(kind_of("../team"), Some(LinkKind::Page));
        assert_eq!(kind_of("Report.PDF?v=2"), Some(LinkKind::File));
        assert_eq!(kind_of("mailto:info@a.example"), Some(LinkKind::Mailto));
        assert_eq!(kind_of("tel:+49 30 123456"), Some(LinkKind::Tel));
        assert_eq!(kind_of("https://www.linkedin.com/company/a"), Some(LinkKind::Profile));
        assert_eq!(kind_of("javascript:alert(1)"), None);
        assert_eq!(kind_of("data:text/html,x"), None);
    }

    #[test]
    fn hidden_addresses_are_read() {
        let hex: String = std::iter::once(0x42_u8)
            .chain("info@a.example".bytes().map(|b| b ^ 0x42))
            .map(|b| format!("{b:02x}"))
            .collect();
        assert_eq!(decode_email(&hex).as_deref(), Some("info@a.example"));
        assert_eq!(decode_email("zz"), None);
        assert_eq!(decode_email(""), None);
    }
}
