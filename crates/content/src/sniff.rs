//! What the bytes are, by the bytes alone: neither an extension nor a header is asked.

/// How many bytes decide: the resource header of the WHATWG MIME Sniffing Standard.
pub const SNIFF_BYTES: usize = 1445;

/// A type of document, told by its first [`SNIFF_BYTES`] bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Type {
    Html,
    Xhtml,
    Text,
    Markdown,
    Pdf,
    Docx,
    /// Something else, by its MIME type.
    Other(&'static str),
}

impl Type {
    /// The MIME type.
    #[must_use]
    pub const fn mime(self) -> &'static str {
        match self {
            Self::Html => "text/html",
            Self::Xhtml => "application/xhtml+xml",
            Self::Text => "text/plain",
            Self::Markdown => "text/markdown",
            Self::Pdf => "application/pdf",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Other(mime) => mime,
        }
    }

    /// Whether [`crate::read`] reads it.
    #[must_use]
    pub const fn is_readable(self) -> bool {
        !matches!(self, Self::Other(_))
    }

    /// Whether it is parsed as HTML.
    #[must_use]
    pub const fn is_html(self) -> bool {
        matches!(self, Self::Html | Self::Xhtml)
    }
}

/// First bytes that settle the matter (offset, bytes, MIME type).
const MAGIC: &[(usize, &[u8], &str)] = &[
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBPVP", "image/webp"),
    (8, b"WAVE", "audio/wave"),
    (8, b"AVI ", "video/avi"),
    (0, b"BM", "image/bmp"),
    (0, b"\x00\x00\x01\x00", "image/x-icon"),
    (0, b"II*\x00", "image/tiff"),
    (0, b"MM\x00*", "image/tiff"),
    (4, b"ftyp", "video/mp4"),
    (0, b"\x1aE\xdf\xa3", "video/webm"),
    (0, b"OggS\x00", "application/ogg"),
    (0, b"fLaC", "audio/flac"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"MThd", "audio/midi"),
    (0, b"\x1f\x8b", "application/gzip"),
    (0, b"BZh", "application/x-bzip2"),
    (0, b"\xfd7zXZ\x00", "application/x-xz"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (0, b"Rar!\x1a\x07", "application/x-rar-compressed"),
    (0, b"\x28\xb5\x2f\xfd", "application/zstd"),
    (257, b"ustar", "application/x-tar"),
    (0, b"wOFF", "font/woff"),
    (0, b"wOF2", "font/woff2"),
    (0, b"\x00\x01\x00\x00", "font/ttf"),
    (0, b"OTTO", "font/otf"),
    (0, b"ttcf", "font/collection"),
    (0, b"\x7fELF", "application/x-elf"),
    (0, b"MZ", "application/vnd.microsoft.portable-executable"),
    (0, b"\x00asm", "application/wasm"),
    (0, b"\xca\xfe\xba\xbe", "application/java-vm"),
    (0, b"SQLite format 3\x00", "application/vnd.sqlite3"),
    (0, b"%!PS-Adobe-", "application/postscript"),
    (0, b"{\\rtf", "application/rtf"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (0, b"8BPS", "image/vnd.adobe.photoshop"),
    (0, b"FWS", "application/x-shockwave-flash"),
    (0, b"CWS", "application/x-shockwave-flash"),
];

/// Markup that makes a text HTML wherever it stands in the header, written as `<` + one of these.
const HTML_MARKS: &[&str] = &[
    "!doctype html",
    "html",
    "head",
    "body",
    "title",
    "meta",
    "script",
    "style",
    "div",
    "table",
    "iframe",
    "h1",
    "h2",
    "p",
    "a",
    "br",
    "font",
    "center",
    "section",
    "article",
    "main",
    "header",
    "nav",
    "ul",
    "form",
    "img",
    "span",
    "b",
];

/// Says what `bytes` are. Looks at the first [`SNIFF_BYTES`] (a PDF's mark may stand within 1,024).
///
/// Sources: WHATWG MIME Sniffing Standard (patterns, binary bytes), ISO 32000-1 Annex H (position of `%PDF-`).
#[must_use]
pub fn sniff(bytes: &[u8]) -> Type {
    let head = bytes.get(..SNIFF_BYTES).unwrap_or(bytes);
    if find(head.get(..1024 + 5).unwrap_or(head), b"%PDF-")
        .is_some_and(|at| at == 0 || !looks_like_markup(head))
    {
        return Type::Pdf;
    }
    if head.starts_with(b"PK\x03\x04") {
        return archive(head);
    }
    if let Some(mime) = magic(head) {
        return Type::Other(mime);
    }
    match utf16(head) {
        Some(text) => of_text(&text, false),
        None => of_text(&String::from_utf8_lossy(head), head.iter().copied().any(is_binary)),
    }
}

/// Office files are ZIP archives whose first entries name what they are.
fn archive(head: &[u8]) -> Type {
    let has = |needle: &[u8]| find(head, needle).is_some();
    if has(b"word/") {
        Type::Docx
    } else if has(b"xl/") || has(b"ppt/") || has(b"mimetype") || has(b"META-INF/") {
        Type::Other("application/zip")
    } else if has(b"[Content_Types].xml") || has(b"_rels/.rels") {
        Type::Docx
    } else {
        Type::Other("application/zip")
    }
}

fn magic(head: &[u8]) -> Option<&'static str> {
    MAGIC
        .iter()
        .filter(|(at, mark, _)| head.get(*at..).is_some_and(|rest| rest.starts_with(mark)))
        .map(|(_, _, mime)| *mime)
        // Two letters prove nothing in a text that begins with them.
        .find(|mime| {
            !matches!(*mime, "image/bmp" | "application/vnd.microsoft.portable-executable")
                || head.contains(&0)
        })
}

/// Decodes a UTF-16 header, with a mark or told by its pattern of zero bytes.
fn utf16(head: &[u8]) -> Option<String> {
    let little = utf16_order(head)?;
    let units = head.chunks_exact(2).map(|pair| match (pair.first(), pair.get(1)) {
        (Some(&a), Some(&b)) if little => u16::from_le_bytes([a, b]),
        (Some(&a), Some(&b)) => u16::from_be_bytes([a, b]),
        _ => 0,
    });
    Some(char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect())
}

/// Whether the bytes are UTF-16, and if so whether little-endian: by the mark, else because nearly every second byte
/// of its beginning is zero, as in any markup or Western text.
pub(crate) fn utf16_order(bytes: &[u8]) -> Option<bool> {
    if bytes.starts_with(b"\xff\xfe") && !bytes.starts_with(b"\xff\xfe\x00\x00") {
        return Some(true);
    }
    if bytes.starts_with(b"\xfe\xff") {
        return Some(false);
    }
    let head = bytes.get(..256).unwrap_or(bytes);
    let pairs = head.len() / 2;
    if pairs < 4 {
        return None;
    }
    let zeros = |odd: usize| head.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    match () {
        () if odd * 10 >= pairs * 7 && even * 10 <= pairs => Some(true),
        () if even * 10 >= pairs * 7 && odd * 10 <= pairs => Some(false),
        () => None,
    }
}

fn of_text(text: &str, binary: bool) -> Type {
    let start = text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n', '\u{c}']);
    let lower = start.to_ascii_lowercase();
    if lower.starts_with("<?xml") || lower.starts_with("<!doctype html public \"-//w3c//dtd xhtml") {
        return if has_element(&lower, "html") { Type::Xhtml } else { Type::Other("text/xml") };
    }
    for (root, mime) in [
        ("rss", "application/rss+xml"),
        ("feed", "application/atom+xml"),
        ("svg", "image/svg+xml"),
        ("urlset", "text/xml"),
        ("sitemapindex", "text/xml"),
    ] {
        if starts_with_element(&lower, root) {
            return Type::Other(mime);
        }
    }
    if looks_like_html(&lower) {
        return Type::Html;
    }
    if binary || start.is_empty() {
        return if start.is_empty() && !binary {
            Type::Text
        } else {
            Type::Other("application/octet-stream")
        };
    }
    if looks_like_json(start) {
        return Type::Other("application/json");
    }
    if looks_like_markdown(start) { Type::Markdown } else { Type::Text }
}

fn looks_like_markup(head: &[u8]) -> bool {
    looks_like_html(&String::from_utf8_lossy(head).trim_start().to_ascii_lowercase())
}

/// HTML if it begins with a tag or comment, or names the document's skeleton further on.
fn looks_like_html(lower: &str) -> bool {
    if lower.starts_with("<!--") {
        return true;
    }
    HTML_MARKS.iter().any(|mark| starts_with_element(lower, mark))
        || ["!doctype html", "html", "head", "body"].iter().any(|mark| has_element(lower, mark))
        || ["div", "p", "table", "a"].iter().filter(|mark| has_element(lower, mark)).count() >= 2
}

fn starts_with_element(lower: &str, name: &str) -> bool {
    lower.strip_prefix('<').and_then(|rest| rest.strip_prefix(name)).is_some_and(|rest| {
        rest.chars().next().is_none_or(|next| matches!(next, ' ' | '>' | '\t' | '\r' | '\n' | '/'))
    })
}

fn has_element(lower: &str, name: &str) -> bool {
    lower
        .match_indices('<')
        .any(|(at, _)| lower.get(at..).is_some_and(|rest| starts_with_element(rest, name)))
}

fn looks_like_json(start: &str) -> bool {
    let mut rest = start.chars().filter(|c| !c.is_whitespace());
    match (rest.next(), rest.next()) {
        (Some('{'), Some('"' | '}')) => true,
        (Some('['), Some(next)) => matches!(next, '{' | '"' | '[' | ']') && !start.contains("]("),
        _ => false,
    }
}

/// A heading, a link, a list or a fence at the beginning of a line.
fn looks_like_markdown(text: &str) -> bool {
    text.lines().any(|line| {
        let hashes = line.chars().take_while(|c| *c == '#').count();
        (1..=6).contains(&hashes) && line.chars().nth(hashes) == Some(' ') || line.starts_with("```")
    }) || text.contains("](http")
}

/// The binary data bytes of the standard, less NUL in a text that is otherwise plain (broken writers leave some).
const fn is_binary(byte: u8) -> bool {
    matches!(byte, 0x00..=0x08 | 0x0b | 0x0e..=0x1a | 0x1c..=0x1f)
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_served_as_a_page_is_still_a_picture() {
        assert_eq!(sniff(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR<html>"), Type::Other("image/png"));
        assert_eq!(sniff(b"\xff\xd8\xff\xe0\x00\x10JFIF"), Type::Other("image/jpeg"));
        assert!(!Type::Other("image/png").is_readable());
    }

    #[test]
    fn pages_are_told_by_their_markup() {
        for html in [
            "<!DOCTYPE html><p>x",
            "  \n<HTML lang=en>",
            "<!-- hello --><div>",
            "\u{feff}<!doctype HTML>",
            "<p>a short page</p>",
            "Some words first <html><body>x</body></html>",
        ] {
            assert_eq!(sniff(html.as_bytes()), Type::Html, "{html}");
        }
        let xhtml = "<?xml version=\"1.0\"?><!DOCTYPE html PUBLIC \"x\"><html xmlns=\"http://www.w3.org/1999/xhtml\">";
        assert_eq!(sniff(xhtml.as_bytes()), Type::Xhtml);
    }

    #[test]
    fn html_with_nul_bytes_and_utf16_html_are_html() {
        assert_eq!(sniff(b"<!doctype html>\0\0<p>x\0"), Type::Html);
        let wide: Vec<u8> = "<html><body>hello</body>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(sniff(&wide), Type::Html);
        let mut marked = vec![0xfe, 0xff];
        marked.extend("<html>".encode_utf16().flat_map(u16::to_be_bytes));
        assert_eq!(sniff(&marked), Type::Html);
    }

    #[test]
    fn documents_and_feeds_are_told_apart() {
        assert_eq!(sniff(b"%PDF-1.7\n%\xe2\xe3"), Type::Pdf);
        assert_eq!(sniff(b"\n\n%PDF-1.4"), Type::Pdf);
        assert_eq!(sniff(b"PK\x03\x04\x14\x00\x06\x00[Content_Types].xml"), Type::Docx);
        assert_eq!(
            sniff(b"PK\x03\x04....[Content_Types].xml....xl/workbook.xml"),
            Type::Other("application/zip")
        );
        assert_eq!(sniff(b"<?xml version='1.0'?><rss></rss>"), Type::Other("text/xml"));
        assert_eq!(sniff(b"<rss version='2.0'>"), Type::Other("application/rss+xml"));
        assert_eq!(sniff(b"{\"a\": 1}"), Type::Other("application/json"));
    }

    #[test]
    fn plain_words_are_text_and_headings_make_markdown() {
        assert_eq!(sniff("Größe: 5 < 7 und BM ist Bayern München".as_bytes()), Type::Text);
        assert_eq!(sniff(b"BM is how this text begins"), Type::Text);
        assert_eq!(sniff(b"# Title\n\nwords"), Type::Markdown);
        assert_eq!(sniff(b""), Type::Text);
        assert_eq!(
            sniff(b"\x00\x01\x02\x03\x04\x05\x06\x07\x07\x07"),
            Type::Other("application/octet-stream")
        );
    }

    #[test]
    fn a_page_about_pdf_is_a_page() {
        assert_eq!(sniff(b"<!doctype html><p>a file begins with %PDF-1.4"), Type::Html);
    }
}
