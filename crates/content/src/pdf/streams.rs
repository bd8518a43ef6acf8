//! The packed streams of a file, counted before the reader has them: those that hold objects it unpacks while it loads,
//! without measure.

use std::io::Read;

use flate2::bufread::{DeflateDecoder, ZlibDecoder};

use crate::Error;

/// What one stream, and all of a file's, may unpack to.
const MOST_STREAM_BYTES: u64 = 64 << 20;
const MOST_FILE_BYTES: u64 = 512 << 20;
/// A stream costs at least this much, however little is in it.
const LEAST_STREAM_BYTES: u64 = 1 << 10;
/// How often packed data may hold packed data.
const MOST_PACKINGS: usize = 3;
/// The dictionary of a picture is no longer than this.
const MOST_PICTURE_BYTES: usize = 1 << 10;

/// Refuses files that unpack beyond all measure, and tables too wide to be undone. Every stream but pictures is
/// unpacked once, and counts for what it gave, whether it ends well or breaks off: the reader takes that too.
pub(super) fn check(raw: &[u8]) -> Result<(), Error> {
    let mut left = MOST_FILE_BYTES;
    for start in positions(raw, b"stream") {
        let ends = start.checked_sub(3).and_then(|end| raw.get(end..start)) == Some(b"end");
        if ends || is_picture(raw.get(..start).unwrap_or_default()) {
            continue;
        }
        let size = unpacked(data(raw.get(start + b"stream".len()..).unwrap_or_default()), MOST_PACKINGS);
        left = left
            .checked_sub(size.max(LEAST_STREAM_BYTES))
            .filter(|_| size <= MOST_STREAM_BYTES)
            .ok_or(Error::TooLarge { what: "PDF unpacked in bytes", limit: MOST_FILE_BYTES })?;
    }
    let is_wide = positions(raw, b"/Columns").any(|at| {
        let digits = raw.iter().skip(at + b"/Columns".len()).skip_while(|byte| byte.is_ascii_whitespace());
        digits.skip_while(|byte| **byte == b'0').take_while(|byte| byte.is_ascii_digit()).count() > 7
    });
    if is_wide { Err(Error::Broken("a row of its tables is too wide".to_owned())) } else { Ok(()) }
}

/// What stands behind the word `stream` and the end of its line.
fn data(rest: &[u8]) -> &[u8] {
    let spaces = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let rest = rest.get(spaces..).unwrap_or_default();
    let rest = rest.strip_prefix(b"\r").unwrap_or(rest);
    rest.strip_prefix(b"\n").unwrap_or(rest)
}

/// Whether the bytes end with the dictionary of a picture: a whole one, written without tricks. What only looks like
/// one at its end may hold objects.
fn is_picture(before: &[u8]) -> bool {
    let near = before.get(before.len().saturating_sub(MOST_PICTURE_BYTES)..).unwrap_or_default();
    let Some(begin) = near.windows(4).rposition(|four| four.ends_with(b"obj") && !four.starts_with(b"d"))
    else {
        return false;
    };
    let own = near.get(begin + 4..).unwrap_or_default().trim_ascii();
    let count = |needle| positions(own, needle).count();
    let is_whole = own.starts_with(b"<<") && count(b"<<") == count(b">>");
    let is_plain = !own.iter().any(|byte| matches!(byte, b'#' | b'%' | b'(' | b')'));
    let is_image = count(b"/Subtype/Image") + count(b"/Subtype /Image") > 0;
    is_whole && is_plain && is_image && count(b"/ObjStm") + count(b"/XRef") == 0
}

/// How much data unpacks to, and what that unpacks to in turn, each as far as the limit; 0 for what is not packed.
fn unpacked(data: &[u8], packings: usize) -> u64 {
    if packings == 0 {
        return 0;
    }
    let inner = inflate(data, MOST_STREAM_BYTES);
    let size = inner.len() as u64;
    if size == 0 || size > MOST_STREAM_BYTES { size } else { size + unpacked(&inner, packings - 1) }
}

/// Unpacks as the reader does: what comes before a damaged end is kept, and data whose head is damaged is tried without
/// it. One byte more than `limit` says that there is more.
pub(super) fn inflate(data: &[u8], limit: u64) -> Vec<u8> {
    let mut out = Vec::new();
    let _ = ZlibDecoder::new(data).take(limit + 1).read_to_end(&mut out);
    if out.is_empty() {
        let body = data.get(2..).unwrap_or_default();
        let _ = DeflateDecoder::new(body).take(limit + 1).read_to_end(&mut out);
    }
    out
}

/// Every place of the needle.
pub(super) fn positions<'r>(raw: &'r [u8], needle: &'r [u8]) -> impl Iterator<Item = usize> + 'r {
    let first = needle.first().copied().unwrap_or_default();
    let mut from = 0;
    std::iter::from_fn(move || {
        loop {
            let rest = raw.get(from..)?;
            let at = from + rest.iter().position(|byte| *byte == first)?;
            from = at + 1;
            if raw.get(at..).is_some_and(|rest| rest.starts_with(needle)) {
                return Some(at);
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    /// Zeros, packed; without its end where it is to break off.
    fn packed(mebibytes: usize, whole: bool) -> Vec<u8> {
        let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        for _ in 0..mebibytes {
            packer.write_all(&[0; 1 << 20]).unwrap();
        }
        let mut out = packer.finish().unwrap();
        if !whole {
            out.truncate(out.len() - 8);
        }
        out
    }

    fn file(dictionary: &str, data: &[u8], times: usize) -> Vec<u8> {
        let head = format!("\n1 0 obj\n<< {dictionary} >>\nstream\n");
        [head.as_bytes(), data, b"\nendstream\nendobj\n"].concat().repeat(times)
    }

    fn is_too_large(raw: &[u8]) -> bool {
        matches!(check(raw), Err(Error::TooLarge { .. }))
    }

    #[test]
    fn a_stream_counts_for_what_it_gave_however_it_ends() {
        for whole in [true, false] {
            assert!(is_too_large(&file("/Type /ObjStm", &packed(65, whole), 1)));
            let data = packed(50, whole);
            assert_eq!(check(&file("/Type /ObjStm", &data, 6)), Ok(()));
            assert!(is_too_large(&file("/Type /ObjStm", &data, 11)));
        }
    }

    #[test]
    fn a_damaged_head_and_an_odd_end_of_line_hide_nothing() {
        let mut data = packed(65, true);
        for end in ["\r", "\r\n", " \n", "\t\r\n"] {
            let head = format!("1 0 obj << >> stream{end}");
            assert!(is_too_large(&[head.as_bytes(), &data].concat()), "{end:?}");
        }
        data[0] = 0;
        assert!(is_too_large(&file("", &data, 1)));
    }

    #[test]
    fn packed_data_in_packed_data_counts() {
        let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(&packed(65, true)).unwrap();
        assert!(is_too_large(&file("", &packer.finish().unwrap(), 1)));
    }

    #[test]
    fn pictures_may_be_large_and_what_only_ends_like_one_may_not() {
        let data = packed(65, true);
        for picture in ["/Type /XObject /Subtype /Image /DecodeParms << /K 1 >>", "/Subtype/Image/Width 9"] {
            assert_eq!(check(&file(picture, &data, 1)), Ok(()), "{picture}");
        }
        let long = format!("/Type /ObjStm /X [{}] /Subtype /Image", " 1".repeat(2_000));
        for other in [
            "",
            &long,
            "/Type /ObjStm /Subtype /Image",
            "/Type /Obj#53tm /Subtype /Image",
            "/Type /ObjStm /X (1 0 obj <<) /Subtype /Image",
            "/Type /ObjStm /X %1 0 obj\n<< /Subtype /Image >>",
        ] {
            assert!(is_too_large(&file(other, &data, 1)), "{other}");
        }
    }
}
