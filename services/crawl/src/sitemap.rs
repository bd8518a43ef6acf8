//! Sitemaps (sitemaps.org 0.9) and feeds: read as a stream, nothing expanded, nothing kept but addresses.

use std::io::{BufRead, BufReader, Read as _};

use flate2::bufread::MultiGzDecoder;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

/// How much of one file is read, unpacked: the protocol's limit.
pub(crate) const MAX_UNPACKED: u64 = 50 << 20;
/// How many addresses one file may name: the protocol's limit.
const MAX_ENTRIES: usize = 50_000;
/// Longer ones are no addresses.
const MAX_ADDRESS: usize = 2048;
/// How deep elements may stand in each other. Files of every sort need five; a nest without end packs into nothing and
/// would be remembered level by level.
const MAX_DEPTH: usize = 32;

/// What a file turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Pages,
    Index,
    Feed,
    Text,
}

/// One address of a file, as written there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entry<'a> {
    Page(&'a str),
    Feed(&'a str),
    Map(&'a str),
}

/// What was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reading {
    /// None: it is no sitemap (a page, most often).
    pub(crate) form: Option<Form>,
    /// Why reading ended early. What came before it counts.
    pub(crate) flaw: Option<String>,
    pub(crate) entries: usize,
}

/// Reads a sitemap, sitemap index, feed or list of addresses, gzipped or not, and hands out every address in order.
pub(crate) fn read(body: &[u8], each: &mut dyn FnMut(Entry<'_>)) -> Reading {
    if body.starts_with(b"\x1f\x8b") {
        from(BufReader::new(MultiGzDecoder::new(body).take(MAX_UNPACKED + 1)), each)
    } else {
        from(body.take(MAX_UNPACKED + 1), each)
    }
}

fn from(mut reader: impl BufRead, each: &mut dyn FnMut(Entry<'_>)) -> Reading {
    let head = match skip_to_text(&mut reader) {
        Ok(head) => head,
        Err(error) => return Reading { form: None, flaw: Some(error.to_string()), entries: 0 },
    };
    match head {
        Some(b'<') => xml(reader, each),
        Some(b'h' | b'H') => lines(reader, each),
        _ => Reading { form: None, flaw: None, entries: 0 },
    }
}

/// Drops a byte order mark and white space; the next byte, if there is one.
fn skip_to_text(reader: &mut impl BufRead) -> std::io::Result<Option<u8>> {
    loop {
        let buffer = reader.fill_buf()?;
        if buffer.is_empty() {
            return Ok(None);
        }
        let skipped = buffer
            .iter()
            .take_while(|byte| byte.is_ascii_whitespace() || [0xef, 0xbb, 0xbf].contains(*byte))
            .count();
        let next = buffer.get(skipped).copied();
        reader.consume(skipped);
        if next.is_some() {
            return Ok(next);
        }
    }
}

fn lines(mut reader: impl BufRead, each: &mut dyn FnMut(Entry<'_>)) -> Reading {
    let (mut entries, mut flaw) = (0, None);
    let mut line = Vec::new();
    while entries < MAX_ENTRIES {
        line.clear();
        let limit = u64::try_from(MAX_ADDRESS + 2).unwrap_or(u64::MAX);
        match reader.by_ref().take(limit).read_until(b'\n', &mut line) {
            Ok(0) => break,
            Ok(_) => {
                let text = String::from_utf8_lossy(&line);
                let text = text.trim();
                if is_address(text) && text.len() <= MAX_ADDRESS {
                    entries += 1;
                    each(Entry::Page(text));
                }
            }
            Err(error) => {
                flaw = Some(error.to_string());
                break;
            }
        }
    }
    Reading { form: Some(Form::Text), flaw, entries }
}

fn is_address(text: &str) -> bool {
    let lower = text.get(..8).unwrap_or(text).to_ascii_lowercase();
    lower.starts_with("http://") || lower.starts_with("https://")
}

/// Where in an XML file the reader is.
struct Walk<'f> {
    path: Vec<String>,
    form: Option<Form>,
    /// The address being collected.
    text: Option<String>,
    entries: usize,
    each: &'f mut dyn FnMut(Entry<'_>),
}

fn xml(reader: impl BufRead, each: &mut dyn FnMut(Entry<'_>)) -> Reading {
    let mut reader = Reader::from_reader(reader);
    reader.config_mut().allow_dangling_amp = true;
    let mut walk = Walk { path: Vec::new(), form: None, text: None, entries: 0, each };
    let mut buffer = Vec::new();
    let flaw = loop {
        buffer.clear();
        if walk.entries >= MAX_ENTRIES {
            break None;
        }
        if reader.buffer_position() > MAX_UNPACKED {
            break Some(format!("longer than {} MB", MAX_UNPACKED >> 20));
        }
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Eof) if walk.path.is_empty() => break None,
            Ok(Event::Eof) => break Some("it ends in the middle".to_owned()),
            Ok(Event::Start(_)) if walk.path.len() >= MAX_DEPTH => {
                break Some(format!("more than {MAX_DEPTH} elements in each other"));
            }
            Ok(event) => {
                if !walk.take(&event) {
                    return Reading { form: None, flaw: None, entries: 0 };
                }
            }
            Err(error) => break Some(error.to_string()),
        }
    };
    let flaw = flaw.filter(|_| walk.form.is_some());
    Reading { form: walk.form, flaw, entries: walk.entries }
}

impl Walk<'_> {
    /// False: the root says that it is no sitemap.
    fn take(&mut self, event: &Event<'_>) -> bool {
        match event {
            Event::Start(start) => {
                if self.path.is_empty() {
                    self.form = form_of(start.local_name().as_ref());
                    if self.form.is_none() {
                        return false;
                    }
                }
                self.open(start);
                self.path.push(start.local_name().as_ref().to_ascii_lowercase());
            }
            Event::Empty(start) => self.linked(start),
            Event::End(_) => {
                self.path.pop();
                if let Some(text) = self.text.take() {
                    self.emit(&text);
                }
            }
            Event::Text(text) => self.append(text.as_ref()),
            Event::CData(text) => self.append(text.as_ref()),
            Event::GeneralRef(reference) => self.refer(reference),
            _ => {}
        }
        true
    }

    fn open(&mut self, start: &BytesStart<'_>) {
        let parent = self.path.last().map(String::as_str);
        self.text = match (parent, start.local_name().as_ref()) {
            (Some("url" | "sitemap"), "loc") | (Some("item"), "link") => Some(String::new()),
            _ => None,
        };
        self.linked(start);
    }

    /// An Atom entry's link is an attribute.
    fn linked(&mut self, start: &BytesStart<'_>) {
        if self.path.last().map(String::as_str) != Some("entry") || start.local_name().as_ref() != "link" {
            return;
        }
        let value = |name: &str| {
            let attribute = start.try_get_attribute(name).ok().flatten()?;
            attribute.normalized_value(XmlVersion::Implicit1_0).ok().map(std::borrow::Cow::into_owned)
        };
        if value("rel").is_none_or(|rel| rel == "alternate")
            && let Some(href) = value("href")
        {
            self.emit(&href);
        }
    }

    fn append(&mut self, more: &str) {
        if let Some(text) = self.text.as_mut()
            && text.len() <= MAX_ADDRESS
        {
            text.push_str(more);
        }
    }

    /// A character or one of the five names; any other reference spoils the address it stands in.
    fn refer(&mut self, reference: &BytesRef<'_>) {
        let named = match reference.as_ref() {
            "amp" => Some('&'),
            "lt" => Some('<'),
            "gt" => Some('>'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            _ => reference.resolve_char_ref().ok().flatten(),
        };
        match named {
            Some(character) => self.append(character.encode_utf8(&mut [0; 4])),
            None => self.text = None,
        }
    }

    fn emit(&mut self, text: &str) {
        let text = text.trim();
        if text.is_empty() || text.len() > MAX_ADDRESS || !is_address(text) {
            return;
        }
        self.entries += 1;
        match self.form {
            Some(Form::Index) => (self.each)(Entry::Map(text)),
            Some(Form::Feed) => (self.each)(Entry::Feed(text)),
            _ => (self.each)(Entry::Page(text)),
        }
    }
}

fn form_of(root: &str) -> Option<Form> {
    Some(match root.to_ascii_lowercase().as_str() {
        "urlset" => Form::Pages,
        "sitemapindex" => Form::Index,
        "rss" | "feed" | "rdf" => Form::Feed,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn urls(body: &[u8]) -> (Vec<String>, Reading) {
        let mut found = Vec::new();
        let reading = read(body, &mut |entry| {
            let (Entry::Page(text) | Entry::Feed(text) | Entry::Map(text)) = entry;
            found.push(text.to_owned());
        });
        (found, reading)
    }

    fn gzip(body: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(body).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn pages_are_read_with_entities_cdata_and_prefixes() {
        let body = "\u{feff} <?xml version='1.0'?><!-- c --><s:urlset xmlns:s='x'><s:url><s:loc>\n https://a.example/?a=1&amp;b=&#50; </s:loc><s:lastmod>2024</s:lastmod></s:url>\
            <s:url><s:loc><![CDATA[https://a.example/c&d]]></s:loc></s:url><s:url><s:loc>https://a.example/x?y&z=1</s:loc></s:url></s:urlset>";
        let (found, reading) = urls(body.as_bytes());
        assert_eq!(
            found,
            ["https://a.example/?a=1&b=2", "https://a.example/c&d", "https://a.example/x?y&z=1"]
        );
        assert_eq!((reading.form, reading.flaw), (Some(Form::Pages), None));
    }

    #[test]
    fn an_image_of_a_page_is_no_page() {
        let body = "<urlset><url><loc>https://a.example/p</loc><image:image xmlns:image='i'><image:loc>https://a.example/p.png</image:loc></image:image></url></urlset>";
        assert_eq!(urls(body.as_bytes()).0, ["https://a.example/p"]);
    }

    #[test]
    fn an_index_names_maps_gzipped_or_not() {
        let body = b"<sitemapindex><sitemap><loc>https://a.example/s1.xml.gz</loc></sitemap></sitemapindex>";
        for body in [body.to_vec(), gzip(body)] {
            let (found, reading) = urls(&body);
            assert_eq!(
                (found, reading.form),
                (vec!["https://a.example/s1.xml.gz".to_owned()], Some(Form::Index))
            );
        }
    }

    #[test]
    fn feeds_of_all_three_sorts_are_read() {
        let rss = "<rss><channel><link>https://a.example/</link><item><title>x</title><link>https://a.example/1</link></item></channel></rss>";
        let atom = "<feed xmlns='http://www.w3.org/2005/Atom'><link href='https://a.example/'/><entry><link rel='edit' href='https://a.example/e'/><link href='https://a.example/2?a=1&amp;b=2'/></entry></feed>";
        let rdf = "<rdf:RDF xmlns:rdf='r'><item><link>https://a.example/3</link></item></rdf:RDF>";
        assert_eq!(urls(rss.as_bytes()).0, ["https://a.example/1"]);
        assert_eq!(urls(atom.as_bytes()).0, ["https://a.example/2?a=1&b=2"]);
        assert_eq!(urls(rdf.as_bytes()).0, ["https://a.example/3"]);
    }

    #[test]
    fn a_list_of_addresses_is_a_sitemap_too() {
        let (found, reading) = urls(b"https://a.example/1\r\nhttps://a.example/2\nnothing\n");
        assert_eq!((found.len(), reading.form), (2, Some(Form::Text)));
    }

    #[test]
    fn a_page_is_no_sitemap() {
        let (found, reading) = urls(b"<!doctype html><html><body>not here</body></html>");
        assert_eq!((found.len(), reading.form, reading.flaw), (0, None, None));
    }

    #[test]
    fn what_stood_before_a_break_counts() {
        let (found, reading) =
            urls(b"<urlset><url><loc>https://a.example/1</loc></url><url><loc>https://a.ex");
        assert_eq!(found, ["https://a.example/1"]);
        assert!(reading.flaw.is_some());
        let (found, reading) = urls(b"<urlset><url><loc>https://a.example/1</loc></urlset>");
        assert!(found.len() == 1 && reading.flaw.is_some());
    }

    #[test]
    fn an_entity_bomb_is_never_expanded() {
        let mut bomb = String::from("<!DOCTYPE urlset [<!ENTITY a0 'https://a.example/'>");
        for n in 1..40 {
            bomb.push_str(&format!("<!ENTITY a{n} '&a{};&a{};'>", n - 1, n - 1));
        }
        bomb.push_str("]><urlset><url><loc>https://a.example/&a39;</loc></url><url><loc>https://a.example/ok</loc></url></urlset>");
        assert_eq!(urls(bomb.as_bytes()).0, ["https://a.example/ok"]);
    }

    #[test]
    fn a_nest_without_end_is_left_at_the_limit() {
        let nest = |depth: usize| {
            let mut body = b"<urlset><url><loc>https://a.example/1</loc></url>".to_vec();
            body.extend(b"<a>".repeat(depth));
            body.extend(b"</a>".repeat(depth));
            body.extend(b"<url><loc>https://a.example/2</loc></url></urlset>");
            urls(&gzip(&body))
        };
        let (found, reading) = nest(MAX_DEPTH - 1);
        assert_eq!((found.len(), reading.flaw), (2, None));
        let (found, reading) = nest(MAX_DEPTH);
        assert_eq!((found, reading.form), (vec!["https://a.example/1".to_owned()], Some(Form::Pages)));
        assert_eq!(reading.flaw.as_deref(), Some("more than 32 elements in each other"));
        assert_eq!(nest(1_000_000), nest(MAX_DEPTH));
    }

    #[test]
    fn a_gzip_bomb_ends_at_the_limit() {
        let mut body = b"<urlset><url><loc>https://a.example/1</loc></url>".to_vec();
        body.resize(usize::try_from(MAX_UNPACKED).unwrap() + 4096, b' ');
        let packed = gzip(&body);
        assert!(packed.len() * 20 < body.len());
        let (found, reading) = urls(&packed);
        assert_eq!(found.len(), 1);
        assert!(reading.flaw.is_some());
    }

    proptest::proptest! {
        #[test]
        fn nothing_makes_it_panic(body in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300)) {
            read(&body, &mut |_| {});
            let text = format!("<urlset><url><loc>{}</loc>", String::from_utf8_lossy(&body));
            read(text.as_bytes(), &mut |_| {});
        }
    }
}
