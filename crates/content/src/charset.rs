//! From bytes to characters, and back from a place among the characters to its place among the bytes.
//!
//! The order of evidence is mark, header, `<meta>`, detection, with one exception: bytes that form valid UTF-8 with
//! characters beyond ASCII are UTF-8 whatever was declared, since text of another charset practically never is, and a
//! declared UTF-8 that the bytes break again and again is not believed.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE};

use crate::sniff::utf16_order;

/// How far into a page a `<meta>` is looked for; browsers look at 1,024 bytes, some sites put scripts before it.
const PRESCAN_BYTES: usize = 4096;

/// Decoded text and the way back to the bytes.
#[derive(Debug)]
pub(crate) struct Decoded<'a> {
    pub(crate) text: Cow<'a, str>,
    pub(crate) charset: &'static str,
    /// Characters that stand for bytes which were none.
    pub(crate) malformed: bool,
    map: Map,
    raw: &'a [u8],
}

#[derive(Debug)]
enum Map {
    /// Text offset + this many bytes of mark = byte offset.
    Shift(usize),
    /// Pairs (text offset, byte offset) at the borders of tags, ascending.
    Points(Vec<(u32, u32)>),
}

impl Decoded<'_> {
    /// Where a border of a tag (before `<` or after `>`) stands in the raw bytes; `None` where it is not certain.
    pub(crate) fn raw_offset(&self, offset: usize) -> Option<u64> {
        match &self.map {
            Map::Shift(mark) => (offset <= self.text.len()).then_some((offset + mark) as u64),
            Map::Points(points) => {
                let wanted = u32::try_from(offset).ok()?;
                let found = points.binary_search_by_key(&wanted, |(text, _)| *text).ok()?;
                let (_, raw) = points.get(found)?;
                self.is_border(offset, *raw as usize).then_some(u64::from(*raw))
            }
        }
    }

    /// Both sides show the same border: the text at `offset` and the bytes at `raw`.
    fn is_border(&self, offset: usize, raw: usize) -> bool {
        let text = self.text.as_bytes();
        let after = |bytes: &[u8], at: usize, width: usize| {
            at.checked_sub(width)
                .and_then(|from| bytes.get(from..at))
                .is_some_and(|bytes| bytes.contains(&b'>'))
        };
        let before = |bytes: &[u8], at: usize, width: usize| {
            bytes.get(at..at + width).is_some_and(|bytes| bytes.contains(&b'<'))
        };
        let width = if self.charset.starts_with("UTF-16") { 2 } else { 1 };
        before(text, offset, 1) && before(self.raw, raw, width)
            || after(text, offset, 1) && after(self.raw, raw, width)
    }
}

/// Decodes a page or plain text. `declared` is the header's charset; `markup` lets a `<meta>` speak.
pub(crate) fn decode<'a>(raw: &'a [u8], declared: Option<&str>, markup: bool) -> Decoded<'a> {
    if let Some((encoding, mark)) = Encoding::for_bom(raw) {
        return decode_as(raw, encoding, mark);
    }
    if let Some(little) = utf16_order(raw) {
        return decode_as(raw, if little { UTF_16LE } else { UTF_16BE }, 0);
    }
    let meta = || if markup { meta_charset(raw) } else { None };
    let label = declared.and_then(|label| Encoding::for_label(label.trim().as_bytes())).or_else(meta);
    // A page that names UTF-16 in a header or in ASCII letters, and shows no sign of it, is not UTF-16.
    let label = label.filter(|encoding| *encoding != UTF_16LE && *encoding != UTF_16BE);
    match std::str::from_utf8(raw) {
        Ok(text)
            if label.is_none_or(|encoding| encoding == UTF_8) || !text.is_ascii() && !is_escaped(label) =>
        {
            Decoded {
                text: Cow::Borrowed(text),
                charset: UTF_8.name(),
                malformed: false,
                map: Map::Shift(0),
                raw,
            }
        }
        Ok(_) => decode_as(raw, label.unwrap_or(UTF_8), 0),
        Err(_) => {
            let believed = label.filter(|encoding| *encoding != UTF_8 || is_mostly_utf8(raw));
            decode_as(raw, believed.unwrap_or_else(|| detect(raw)), 0)
        }
    }
}

/// ISO-2022-JP writes everything in ASCII bytes.
fn is_escaped(encoding: Option<&'static Encoding>) -> bool {
    encoding == Some(encoding_rs::ISO_2022_JP)
}

/// A declared UTF-8 is believed despite a broken place or two: a cut text, a pasted byte.
fn is_mostly_utf8(raw: &[u8]) -> bool {
    let (mut broken, mut wide) = (0_usize, 0_usize);
    for chunk in raw.utf8_chunks() {
        wide += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    broken <= 2 + wide / 20
}

fn detect(raw: &[u8]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(raw, true);
    let guess = detector.guess(None, Utf8Detection::Allow);
    // Half-width katakana make any Western bytes pass for Shift_JIS when the text is short.
    if guess == SHIFT_JIS && raw.len() < 32 { encoding_rs::WINDOWS_1252 } else { guess }
}

fn decode_as<'a>(raw: &'a [u8], encoding: &'static Encoding, mark: usize) -> Decoded<'a> {
    let body = raw.get(mark..).unwrap_or_default();
    if encoding == UTF_8
        && let Ok(text) = std::str::from_utf8(body)
    {
        return Decoded {
            text: Cow::Borrowed(text),
            charset: encoding.name(),
            malformed: false,
            map: Map::Shift(mark),
            raw,
        };
    }
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut text = String::with_capacity(body.len() + body.len() / 2 + 16);
    let mut points = Vec::new();
    let (mut at, mut malformed) = (mark, false);
    let mut pieces = Pieces { raw, at: mark, wide: (encoding == UTF_16LE, encoding == UTF_16BE) };
    while let Some(piece) = pieces.next_piece() {
        at += piece.len();
        malformed |= push(&mut decoder, piece, &mut text, false);
        if let (Ok(here), Ok(there)) = (u32::try_from(text.len()), u32::try_from(at))
            && points.last().is_none_or(|(last, _)| *last < here)
        {
            points.push((here, there));
        }
    }
    malformed |= push(&mut decoder, &[], &mut text, true);
    if mark == 0 && text.as_bytes().first() == Some(&b'<') {
        points.insert(0, (0, 0));
    }
    Decoded { text: Cow::Owned(text), charset: encoding.name(), malformed, map: Map::Points(points), raw }
}

/// Decodes one piece onto the text; says whether something in it was malformed.
fn push(decoder: &mut encoding_rs::Decoder, mut piece: &[u8], text: &mut String, last: bool) -> bool {
    let mut malformed = false;
    loop {
        text.reserve(decoder.max_utf8_buffer_length(piece.len()).unwrap_or(piece.len() * 3 + 16));
        let (result, read, replaced) = decoder.decode_to_string(piece, text, last);
        malformed |= replaced;
        piece = piece.get(read..).unwrap_or_default();
        if result == encoding_rs::CoderResult::InputEmpty {
            return malformed;
        }
    }
}

/// Cuts bytes before every `<` and after every `>`, the only places whose offsets are asked for. The bytes of these
/// two characters occur in no other role in the multi-byte encodings of the web (ISO-2022-JP aside, where
/// [`Decoded::is_border`] refuses what does not fit).
struct Pieces<'a> {
    raw: &'a [u8],
    at: usize,
    /// UTF-16, little or big endian.
    wide: (bool, bool),
}

impl<'a> Pieces<'a> {
    fn next_piece(&mut self) -> Option<&'a [u8]> {
        let rest = self.raw.get(self.at..).filter(|rest| !rest.is_empty())?;
        let len = if self.wide.0 || self.wide.1 { self.wide_border(rest) } else { border(rest) };
        self.at += len;
        rest.get(..len)
    }

    fn wide_border(&self, rest: &[u8]) -> usize {
        for (index, pair) in rest.chunks(2).enumerate() {
            let unit = match (pair.first(), pair.get(1)) {
                (Some(&a), Some(&b)) if self.wide.0 => u16::from_le_bytes([a, b]),
                (Some(&a), Some(&b)) => u16::from_be_bytes([a, b]),
                _ => 0,
            };
            if unit == u16::from(b'<') && index > 0 {
                return index * 2;
            }
            if unit == u16::from(b'>') {
                return index * 2 + 2;
            }
        }
        rest.len()
    }
}

fn border(rest: &[u8]) -> usize {
    for (index, byte) in rest.iter().enumerate() {
        if *byte == b'<' && index > 0 {
            return index;
        }
        if *byte == b'>' {
            return index + 1;
        }
    }
    rest.len()
}

/// The charset that a `<meta>` names, as in the HTML Standard's prescan: comments are skipped, and the name of UTF-16
/// means UTF-8.
fn meta_charset(raw: &[u8]) -> Option<&'static Encoding> {
    let head = raw.get(..PRESCAN_BYTES).unwrap_or(raw);
    let lower: String =
        head.iter().map(|byte| char::from(byte.to_ascii_lowercase())).filter(char::is_ascii).collect();
    let mut rest = lower.as_str();
    while let Some((_, after)) = rest.split_once('<') {
        if let Some(comment) = after.strip_prefix("!--") {
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
            continue;
        }
        rest = after;
        let declaration = after.strip_prefix("meta").or_else(|| after.strip_prefix("?xml"));
        let Some(tag) = declaration.and_then(|tag| tag.split('>').next()) else { continue };
        let label =
            tag.split_once("charset").or_else(|| tag.split_once("encoding")).and_then(|(_, value)| {
                let value =
                    value.trim_start().strip_prefix('=')?.trim_start().trim_start_matches(['"', '\'']);
                value.split(['"', '\'', ';', ' ', '/', '?', '\n', '\t']).next()
            });
        if let Some(encoding) = label.and_then(|label| Encoding::for_label(label.as_bytes())) {
            return Some(if encoding == UTF_16LE || encoding == UTF_16BE { UTF_8 } else { encoding });
        }
    }
    None
}

/// The charset parameter of a `Content-Type` header.
pub(crate) fn header_charset(content_type: &str) -> Option<&str> {
    content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches(['"', '\'']))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn borders(decoded: &Decoded<'_>, raw: &[u8], width: usize) -> usize {
        let text = decoded.text.clone();
        let mut certain = 0;
        for (at, _) in text.match_indices('<') {
            if let Some(there) = decoded.raw_offset(at) {
                let there = usize::try_from(there).unwrap();
                assert!(raw[there..there + width].contains(&b'<'), "{at} -> {there}");
                certain += 1;
            }
        }
        certain
    }

    #[test]
    fn windows_1251_is_read_from_header_meta_or_bytes() {
        let page = "<html><head><meta charset=windows-1251></head><p>Привет, мир. Насосы для ферм и полей.</p></html>";
        let (raw, _, _) = encoding_rs::WINDOWS_1251.encode(page);
        for declared in [None, Some("windows-1251"), Some("cp1251")] {
            let decoded = decode(&raw, declared, true);
            assert_eq!(decoded.text, page);
            assert_eq!(decoded.charset, "windows-1251");
            assert_eq!(borders(&decoded, &raw, 1), 7);
        }
        let bare = page.replace("<meta charset=windows-1251>", "");
        let (raw, _, _) = encoding_rs::WINDOWS_1251.encode(&bare);
        assert_eq!(decode(&raw, None, true).text, bare);
    }

    #[test]
    fn shift_jis_offsets_are_exact_although_its_letters_hold_ascii_bytes() {
        let page = "<html><head><meta http-equiv=Content-Type content='text/html; charset=Shift_JIS'></head><p>ソフト表示能力の説明</p><a href=x>会社概要</a></html>";
        let (raw, _, bad) = SHIFT_JIS.encode(page);
        assert!(!bad);
        let decoded = decode(&raw, None, true);
        assert_eq!(decoded.text, page);
        assert_eq!(borders(&decoded, &raw, 1), 9);
        let undeclared = page.replace("charset=Shift_JIS", "");
        let (raw, _, _) = SHIFT_JIS.encode(&undeclared);
        assert_eq!(decode(&raw, None, true).text, undeclared);
    }

    #[test]
    fn utf16_is_read_with_and_without_a_mark_in_both_orders() {
        let page = "<html><body><p>Größe und Höhe</p><p>мир</p></body></html>";
        for little in [true, false] {
            for mark in [true, false] {
                let units =
                    page.encode_utf16().flat_map(|u| if little { u.to_le_bytes() } else { u.to_be_bytes() });
                let mut raw: Vec<u8> = Vec::new();
                if mark {
                    raw.extend(if little { [0xff, 0xfe] } else { [0xfe, 0xff] });
                }
                raw.extend(units);
                let decoded = decode(&raw, Some("iso-8859-1"), true);
                assert_eq!(decoded.text, page, "little {little} mark {mark}");
                assert!(borders(&decoded, &raw, 2) >= 7);
            }
        }
    }

    #[test]
    fn utf8_wins_over_a_wrong_header_and_loses_when_the_bytes_break_it() {
        let raw = "<p>Größe – 5 €</p>".as_bytes();
        assert_eq!(decode(raw, Some("iso-8859-1"), true).text, "<p>Größe – 5 €</p>");
        let (latin, _, _) =
            encoding_rs::WINDOWS_1252.encode("<p>Größe, Höhe, Länge, Wärme, Kälte, Gefäß, Übergröße</p>");
        assert_eq!(decode(&latin, Some("utf-8"), true).charset, "windows-1252");
    }

    #[test]
    fn a_mark_is_no_character_and_moves_the_offsets() {
        let mut raw = vec![0xef, 0xbb, 0xbf];
        raw.extend("<p>é</p>".as_bytes());
        let decoded = decode(&raw, Some("windows-1252"), true);
        assert_eq!(decoded.text, "<p>é</p>");
        assert_eq!(decoded.raw_offset(0), Some(3));
    }

    #[test]
    fn broken_utf8_is_replaced_and_offsets_stay_right() {
        let raw = b"<p>caf\xe9 and words</p><a>x</a><p>\xe2\x82</p>";
        let decoded = decode(raw, Some("utf-8"), true);
        assert!(decoded.text.contains('\u{fffd}'));
        assert_eq!(borders(&decoded, raw, 1), 5, "all but the one behind half a character");
    }

    #[test]
    fn the_header_parameter_may_be_quoted() {
        assert_eq!(header_charset("text/html; Charset=\"utf-8\""), Some("utf-8"));
        assert_eq!(header_charset("text/html"), None);
    }
}
