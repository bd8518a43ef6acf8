//! Before a PDF is read: what could blow up is taken out.
//!
//! `pdf-extract` follows what a page draws: a form that draws itself would never end, one that draws another ten times
//! that draws another ten times would end too late, a stream of zeros unpacks to gigabytes, and pictures are unpacked
//! as if they were text. The bytes are checked for streams that unpack without measure; the loaded document is then
//! stripped of pictures, circles and multiplied drawings. What is hidden from this by odd spelling, `guard` finds: it
//! walks each page with the reader's own parser.

use std::collections::{HashMap, HashSet};
use std::io::Read;

use flate2::read::ZlibDecoder;
use pdf_extract::{Dictionary, Document, Object, ObjectId, Stream};

use crate::Error;

/// What one stream, and all of a file's, may unpack to.
const MOST_STREAM_BYTES: u64 = 64 << 20;
const MOST_FILE_BYTES: u64 = 512 << 20;
/// What a page's drawing, forms drawn in it counted as often as they are drawn, may hold.
const MOST_DRAWN_BYTES: u64 = 16 << 20;
/// How often packed data may hold packed data.
const MOST_PACKINGS: usize = 3;

/// Unpacks every stream but pictures, counting, before anything else does.
pub(super) fn check_bytes(raw: &[u8]) -> Result<(), Error> {
    let mut total = 0;
    let mut at = 0;
    while let Some(found) = find(raw.get(at..).unwrap_or_default(), b"stream") {
        let start = at + found;
        at = start + b"stream".len();
        if start.checked_sub(3).and_then(|end| raw.get(end..start)) == Some(b"end") {
            continue;
        }
        let rest = raw.get(at..).unwrap_or_default();
        let data = rest.strip_prefix(b"\r\n").or_else(|| rest.strip_prefix(b"\n")).unwrap_or(rest);
        if is_picture(raw.get(start.saturating_sub(600)..start).unwrap_or_default()) {
            continue;
        }
        let size = unpacked(data, MOST_PACKINGS);
        total += size;
        if size > MOST_STREAM_BYTES || total > MOST_FILE_BYTES {
            return Err(Error::TooLarge { what: "PDF unpacked in bytes", limit: MOST_FILE_BYTES });
        }
    }
    Ok(())
}

/// The dictionary right before a stream is that of a picture, written without tricks.
fn is_picture(before: &[u8]) -> bool {
    let own = before
        .windows(6)
        .rposition(|window| window == b"endobj")
        .and_then(|at| before.get(at..))
        .unwrap_or(before);
    let has = |needle: &[u8]| find(own, needle).is_some();
    (has(b"/Subtype/Image") || has(b"/Subtype /Image")) && !has(b"/ObjStm") && !has(b"/XRef") && !has(b"#")
}

/// How much zlib data unpacks to, as far as the limit; 0 for other data.
fn unpacked(data: &[u8], packings: usize) -> u64 {
    if packings == 0 || !is_zlib(data) {
        return 0;
    }
    let mut decoder = ZlibDecoder::new(data).take(MOST_STREAM_BYTES + 1);
    let mut buffer = vec![0_u8; 32 << 10];
    let (mut size, mut packed_again) = (0_u64, false);
    // A stream that breaks off counts for what it gave until then: readers take that too.
    while let Ok(read) = decoder.read(&mut buffer) {
        if read == 0 {
            break;
        }
        packed_again |= size == 0 && is_zlib(buffer.get(..read).unwrap_or_default());
        size += read as u64;
    }
    if packed_again && size <= MOST_STREAM_BYTES {
        let mut inner = Vec::new();
        let _ = ZlibDecoder::new(data).take(MOST_STREAM_BYTES).read_to_end(&mut inner);
        size += unpacked(&inner, packings - 1);
    }
    size
}

fn is_zlib(data: &[u8]) -> bool {
    matches!((data.first(), data.get(1)), (Some(&a), Some(&b)) if a & 0x0f == 8 && a >> 4 <= 7 && (u16::from(a) << 8 | u16::from(b)) % 31 == 0)
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    let first = *needle.first()?;
    let mut at = 0;
    while let Some(offset) = haystack.get(at..)?.iter().position(|byte| *byte == first) {
        at += offset;
        if haystack.get(at..)?.starts_with(needle) {
            return Some(at);
        }
        at += 1;
    }
    None
}

/// What was taken out.
#[derive(Debug, Default)]
pub(super) struct Taken {
    pub(super) images: bool,
    pub(super) forms: usize,
}

/// Empties pictures, forms that lead back to themselves, forms that multiply; cuts circles in the tree of pages.
pub(super) fn sanitize(document: &mut Document) -> Taken {
    let mut taken = Taken::default();
    let mut forms = Vec::new();
    for (id, object) in &mut document.objects {
        let Object::Stream(stream) = object else { continue };
        match stream.dict.get(b"Subtype").and_then(Object::as_name) {
            Ok(b"Image") => {
                taken.images = true;
                empty(stream);
            }
            Ok(b"Form") => forms.push(*id),
            _ => {}
        }
    }
    let mut costs = Costs { document, known: HashMap::new(), open: HashSet::new() };
    let bad: Vec<ObjectId> = forms.iter().copied().filter(|id| costs.of(*id) > MOST_DRAWN_BYTES).collect();
    taken.forms = bad.len();
    for id in bad {
        if let Some(Object::Stream(stream)) = document.objects.get_mut(&id) {
            empty(stream);
        }
    }
    cut_parents(document);
    taken
}

fn empty(stream: &mut Stream) {
    stream.content = Vec::new();
    stream.dict.remove(b"Filter");
    stream.dict.remove(b"DecodeParms");
}

/// What drawing a form costs, with all that it draws.
struct Costs<'d> {
    document: &'d Document,
    known: HashMap<ObjectId, u64>,
    /// Forms being counted: meeting one again is a circle.
    open: HashSet<ObjectId>,
}

impl Costs<'_> {
    fn of(&mut self, id: ObjectId) -> u64 {
        if let Some(cost) = self.known.get(&id) {
            return *cost;
        }
        if self.open.len() > 64 || !self.open.insert(id) {
            return u64::MAX;
        }
        let cost = self.count(id);
        self.open.remove(&id);
        self.known.insert(id, cost);
        cost
    }

    fn count(&mut self, id: ObjectId) -> u64 {
        let document = self.document;
        let Ok(stream) = document.get_object(id).and_then(Object::as_stream) else { return 0 };
        let content = stream.decompressed_content().unwrap_or_else(|_| stream.content.clone());
        let drawn = drawn_names(&content);
        let resources = resolve(document, stream.dict.get(b"Resources").ok());
        // Without resources of its own a form uses those of its caller: what it draws cannot be told from here.
        let Some(resources) = resources else {
            return if drawn.is_empty() { content.len() as u64 } else { u64::MAX };
        };
        let objects = resolve(document, resources.get(b"XObject").ok());
        drawn.iter().fold(content.len() as u64, |cost, (name, times)| {
            let inner = objects
                .and_then(|objects| objects.get(name).ok())
                .and_then(|object| object.as_reference().ok());
            let inner = inner.map_or(0, |inner| self.of(inner));
            cost.saturating_add(inner.saturating_mul(*times))
        })
    }
}

fn resolve<'d>(document: &'d Document, object: Option<&'d Object>) -> Option<&'d Dictionary> {
    match object? {
        Object::Dictionary(dictionary) => Some(dictionary),
        Object::Reference(id) => document.get_dictionary(*id).ok(),
        _ => None,
    }
}

/// Names that a drawing draws (`/Name Do`), and how often.
fn drawn_names(content: &[u8]) -> HashMap<Vec<u8>, u64> {
    let mut names = HashMap::new();
    let mut last: &[u8] = &[];
    for token in content.split(u8::is_ascii_whitespace).filter(|token| !token.is_empty()) {
        if token == b"Do" {
            *names.entry(last.to_vec()).or_default() += 1;
        } else if let Some(at) = token.iter().rposition(|byte| *byte == b'/') {
            last = token.get(at + 1..).unwrap_or_default();
        }
    }
    names
}

/// Pages whose parents lead in a circle lose them: attributes are looked for upwards without end.
fn cut_parents(document: &mut Document) {
    let pages: Vec<ObjectId> = document.page_iter().take(4 * super::MOST_PAGES as usize).collect();
    for page in pages {
        let mut seen = HashSet::from([page]);
        let mut here = page;
        while let Some(parent) = document
            .get_dictionary(here)
            .ok()
            .and_then(|d| d.get(b"Parent").ok())
            .and_then(|p| p.as_reference().ok())
        {
            if !seen.insert(parent) {
                if let Ok(dictionary) = document.get_dictionary_mut(here) {
                    dictionary.remove(b"Parent");
                }
                break;
            }
            here = parent;
        }
    }
}
