//! What would overflow the stack, loop or swell is taken out before text is read: pages are walked with the same parser
//! that will read them, so that what it would draw is what is counted.

use std::collections::HashMap;

use pdf_extract::content::Content;
use pdf_extract::{Dictionary, Document, Object, ObjectId, Stream};

use super::streams::{inflate, positions};

/// One stream, unpacked.
const MOST_STREAM_BYTES: u64 = 16 * 1024 * 1024;
/// All streams that are kept, unpacked.
const MOST_TOTAL_BYTES: u64 = 256 * 1024 * 1024;
/// LZW swells up to 1,365 times and cannot be counted while it is unpacked.
const MOST_LZW_BYTES: usize = 64 * 1024;
/// What a page draws, forms included as often as they are drawn. An operand of two bytes takes a hundred in memory.
const MOST_PAGE_BYTES: u64 = 8 * 1024 * 1024;
/// A form drawn costs at least this much, however short it is.
const FORM_BYTES: u64 = 256;
/// Forms in forms.
const MOST_DEPTH: usize = 16;
/// Parents of a page.
const MOST_PARENTS: usize = 64;
/// A row of a predictor; more is no table of references and no text.
const MOST_COLUMNS: i64 = 1_000_000;

/// The unpacked size of each stream that was kept, in bytes.
pub(super) type Sizes = HashMap<ObjectId, u64>;

/// Empties pictures (their bytes would be parsed as drawing) and streams that swell, and unpacks the others once.
/// Returns what is left and whether there were pictures.
pub(super) fn disarm(document: &mut Document) -> (Sizes, bool) {
    let (mut sizes, mut has_pictures) = (Sizes::new(), false);
    let mut left = MOST_TOTAL_BYTES;
    for (id, object) in &mut document.objects {
        let Object::Stream(stream) = object else { continue };
        if stream.dict.get(b"Subtype").and_then(Object::as_name).is_ok_and(|name| name == b"Image") {
            has_pictures = true;
            stream.set_plain_content(Vec::new());
        }
        let size = unpack(stream).filter(|size| *size <= left);
        if size.is_none() {
            stream.set_plain_content(Vec::new());
        }
        let size = size.unwrap_or_default();
        left -= size;
        sizes.insert(*id, size);
    }
    (sizes, has_pictures)
}

/// Unpacks a stream in place and returns its size; none if it swells or is packed in an unknown way.
fn unpack(stream: &mut Stream) -> Option<u64> {
    let Ok(filters) = stream.filters() else {
        return Some(stream.content.len() as u64).filter(|size| *size <= MOST_STREAM_BYTES);
    };
    let params = stream.dict.get(b"DecodeParms").and_then(Object::as_dict).ok();
    let number = |key: &[u8]| params.and_then(|params| params.get(key).and_then(Object::as_i64).ok());
    let is_predicted = number(b"Predictor").is_some_and(|predictor| predictor > 1);
    let is_wide = [&b"Columns"[..], b"Colors", b"BitsPerComponent"]
        .iter()
        .any(|key| number(key).is_some_and(|value| value > MOST_COLUMNS));
    if is_wide {
        return None;
    }
    let mut data = stream.content.clone();
    for filter in filters {
        data = match filter {
            b"FlateDecode" => Some(inflate(&data, MOST_STREAM_BYTES))
                .filter(|unpacked| unpacked.len() as u64 <= MOST_STREAM_BYTES)?,
            b"ASCII85Decode" => alone(filter, data)?,
            b"LZWDecode" if data.len() <= MOST_LZW_BYTES => alone(filter, data)?,
            _ => return None,
        };
    }
    let size = data.len() as u64;
    if size > MOST_STREAM_BYTES {
        return None;
    }
    // A predictor is undone by the library, whose result is no larger than what was counted.
    if !is_predicted {
        stream.set_plain_content(data);
    }
    Some(size)
}

fn alone(filter: &[u8], data: Vec<u8>) -> Option<Vec<u8>> {
    let mut dict = Dictionary::new();
    dict.set("Filter", Object::Name(filter.to_vec()));
    Stream::new(dict, data).decompressed_content().ok()
}

/// Whether a page shows a picture that stands in its drawing itself.
pub(super) fn has_inline_picture(document: &Document, page: ObjectId, sizes: &Sizes) -> bool {
    content(document, page, sizes).is_some_and(|content| {
        positions(&content, b"BI").any(|at| {
            let before = at.checked_sub(1).and_then(|at| content.get(at));
            let after = content.get(at + 2);
            before.is_none_or(u8::is_ascii_whitespace) && after.is_some_and(u8::is_ascii_whitespace)
        })
    })
}

/// What a page draws, unless it is too much.
fn content(document: &Document, page: ObjectId, sizes: &Sizes) -> Option<Vec<u8>> {
    let size: u64 =
        document.get_page_contents(page).iter().map(|id| sizes.get(id).copied().unwrap_or_default()).sum();
    (size <= MOST_PAGE_BYTES).then(|| document.get_page_content(page).ok())?
}

/// Whether drawing a page ends: its parents end, its forms do not draw themselves, and all it draws has a bound.
pub(super) fn is_bounded(document: &Document, page: ObjectId, sizes: &Sizes) -> bool {
    let Ok(dict) = document.get_dictionary(page) else { return false };
    let Some(resources) = inherited_resources(document, dict) else { return false };
    let Some(content) = content(document, page, sizes) else { return false };
    let mut left = MOST_PAGE_BYTES;
    draws_within(document, &content, resources, 0, &mut left)
}

/// Empties the forms that a page draws and returns how many: its own drawing can still be read then.
pub(super) fn empty_forms(document: &mut Document, page: ObjectId) -> usize {
    let resources =
        document.get_dictionary(page).ok().and_then(|page| inherited_resources(document, page)).flatten();
    let Some(objects) = resources.and_then(|resources| inner(document, resources, b"XObject")) else {
        return 0;
    };
    let drawn: Vec<ObjectId> =
        objects.iter().filter_map(|(_, object)| document.dereference(object).ok()?.0).collect();
    let mut emptied = 0;
    for id in drawn {
        if let Some(Object::Stream(stream)) = document.objects.get_mut(&id)
            && !stream.content.is_empty()
        {
            stream.set_plain_content(Vec::new());
            emptied += 1;
        }
    }
    emptied
}

/// The resources of a page or the nearest of its parents; none if the parents do not end.
fn inherited_resources<'d>(document: &'d Document, page: &'d Dictionary) -> Option<Option<&'d Dictionary>> {
    let (mut dict, mut found) = (page, None);
    for _ in 0..MOST_PARENTS {
        found = found.or_else(|| inner(document, dict, b"Resources"));
        match dict.get(b"Parent").and_then(Object::as_reference).and_then(|id| document.get_dictionary(id)) {
            Ok(parent) => dict = parent,
            Err(_) => return Some(found),
        }
    }
    None
}

fn inner<'d>(document: &'d Document, dict: &'d Dictionary, key: &[u8]) -> Option<&'d Dictionary> {
    let (_, object) = document.dereference(dict.get(key).ok()?).ok()?;
    object.as_dict().ok()
}

/// Walks the forms as they will be drawn, with the same reader of operations, and counts.
fn draws_within(
    document: &Document,
    content: &[u8],
    resources: Option<&Dictionary>,
    depth: usize,
    left: &mut u64,
) -> bool {
    let cost = content.len() as u64 + FORM_BYTES;
    let Some(rest) = left.checked_sub(cost).filter(|_| depth <= MOST_DEPTH) else { return false };
    *left = rest;
    let Some(objects) = resources.and_then(|resources| inner(document, resources, b"XObject")) else {
        return true;
    };
    let form = |object| document.dereference(object).ok().and_then(|(_, object)| object.as_stream().ok());
    if !objects.iter().filter_map(|(_, object)| form(object)).any(|stream| !stream.content.is_empty()) {
        return true;
    }
    let Ok(drawing) = Content::decode(content) else { return true };
    drawing.operations.iter().filter(|operation| operation.operator == "Do").all(|operation| {
        let name = operation.operands.first().and_then(|name| name.as_name().ok());
        let Some(stream) = name.and_then(|name| objects.get(name).ok()).and_then(form) else { return true };
        let Ok(content) = stream.get_plain_content() else { return true };
        let own = inner(document, &stream.dict, b"Resources").or(resources);
        draws_within(document, &content, own, depth + 1, left)
    })
}
