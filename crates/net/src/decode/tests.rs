use std::io::Read;

use flate2::Compression;
use flate2::read::{DeflateEncoder, GzEncoder, ZlibEncoder};
use proptest::prelude::*;

use super::*;

fn headers(encoding: &str) -> HeaderMap {
    HeaderMap::from_iter([(CONTENT_ENCODING, encoding.parse().unwrap())])
}

fn all(mut reader: impl Read) -> Vec<u8> {
    let mut packed = Vec::new();
    reader.read_to_end(&mut packed).unwrap();
    packed
}

fn pack(bytes: &[u8], coding: &str) -> Vec<u8> {
    match coding {
        "gzip" => all(GzEncoder::new(bytes, Compression::best())),
        "deflate" => all(ZlibEncoder::new(bytes, Compression::best())),
        "raw deflate" => all(DeflateEncoder::new(bytes, Compression::best())),
        "br" => all(brotli::CompressorReader::new(bytes, 4096, 5, 22)),
        other => panic!("{other}"),
    }
}

fn unpack(packed: &[u8], encoding: &str, limits: &Limits) -> Result<(Vec<u8>, Kept), Error> {
    unpack_as(packed, encoding, limits, false)
}

fn unpack_as(
    packed: &[u8],
    encoding: &str,
    limits: &Limits,
    lenient: bool,
) -> Result<(Vec<u8>, Kept), Error> {
    let mut unpacker = Unpacker::new(&headers(encoding), limits, lenient)?;
    for piece in packed.chunks(1000) {
        if !unpacker.push(piece)? {
            break;
        }
    }
    unpacker.finish()
}

/// Text that packs about three times.
fn text(size: usize) -> Vec<u8> {
    let words =
        std::iter::successors(Some(1_u32), |n| Some(n.wrapping_mul(1_664_525).wrapping_add(1_013_904_223)));
    words.flat_map(|n| format!("line {} of the page\n", n >> 8).into_bytes()).take(size).collect()
}

#[test]
fn every_encoding_and_two_of_them_unpack() {
    let page = text(200_000);
    let limits = Limits::default();
    for coding in ["gzip", "deflate", "br"] {
        assert_eq!(
            unpack(&pack(&page, coding), coding, &limits).unwrap(),
            (page.clone(), Kept::Whole),
            "{coding}"
        );
    }
    assert_eq!(unpack(&pack(&page, "raw deflate"), "deflate", &limits).unwrap().0, page);
    assert_eq!(unpack(&page, "identity", &limits).unwrap().0, page);
    for (inner, outer) in [("gzip", "br"), ("br", "gzip"), ("gzip", "gzip"), ("deflate", "gzip")] {
        let packed = pack(&pack(&page, inner), outer);
        assert_eq!(
            unpack(&packed, &format!("{inner}, {outer}"), &limits).unwrap().0,
            page,
            "{inner}, {outer}"
        );
    }
}

#[test]
fn an_endless_nesting_is_refused() {
    let refused = unpack(b"x", "gzip, gzip, gzip", &Limits::default());
    assert!(matches!(refused, Err(Error::BadEncoding(_))), "{refused:?}");
}

#[test]
fn a_name_that_is_no_encoding_changes_nothing() {
    let page = text(5000);
    for encoding in ["UTF-8", "none", "compress", "8bit, identity"] {
        assert_eq!(
            unpack(&page, encoding, &Limits::default()).unwrap(),
            (page.clone(), Kept::Whole),
            "{encoding}"
        );
    }
    assert_eq!(unpack(&pack(&page, "gzip"), "UTF-8, gzip", &Limits::default()).unwrap().0, page);
}

#[test]
fn what_does_not_unpack_ends_an_error_page_as_cut() {
    let page = text(50_000);
    let lenient = |packed: &[u8], encoding: &str| unpack_as(packed, encoding, &Limits::default(), true);
    for coding in ["gzip", "deflate", "br"] {
        assert_eq!(lenient(b"<h1>not packed</h1>", coding).unwrap().1, Kept::Cut, "{coding}");
        let packed = pack(&page, coding);
        let (body, kept) = lenient(&packed[..packed.len() / 2], coding).unwrap();
        assert!(page.starts_with(&body) && !body.is_empty() && kept == Kept::Cut, "{coding}: {kept:?}");
    }
    assert_eq!(lenient(b"x", "gzip, gzip, gzip").unwrap(), (Vec::new(), Kept::Cut));
}

#[test]
fn a_body_that_is_not_what_it_says_is_refused() {
    let page = text(50_000);
    for coding in ["gzip", "deflate", "br"] {
        let plain = unpack(b"<html>never packed</html>", coding, &Limits::default());
        assert!(matches!(plain, Err(Error::BadEncoding(_))), "{coding}: {plain:?}");
        let packed = pack(&page, coding);
        let cut = unpack(&packed[..packed.len() / 2], coding, &Limits::default());
        assert!(matches!(cut, Err(Error::BadEncoding(_))), "{coding}: {cut:?}");
    }
}

#[test]
fn an_empty_body_needs_no_unpacking() {
    for coding in ["gzip", "br", "deflate"] {
        assert_eq!(unpack(b"", coding, &Limits::default()).unwrap(), (Vec::new(), Kept::Whole));
    }
}

#[test]
fn padding_after_the_end_is_ignored() {
    let page = text(5000);
    for coding in ["gzip", "deflate", "br"] {
        let mut packed = pack(&page, coding);
        packed.extend_from_slice(&[0; 600]);
        assert_eq!(unpack(&packed, coding, &Limits::default()).unwrap().0, page, "{coding}");
    }
}

#[test]
fn a_bomb_is_refused_before_it_is_unpacked() {
    let zeros = vec![0; 80 << 20];
    for (coding, packed) in [("gzip", pack(&zeros, "gzip")), ("br", pack(&zeros, "br"))] {
        let mut unpacker = Unpacker::new(&headers(coding), &Limits::up_to(1 << 30), false).unwrap();
        let refused = packed.chunks(8192).map(|piece| unpacker.push(piece)).find(Result::is_err).unwrap();
        assert!(matches!(refused, Err(Error::Ratio { limit: 100 })), "{coding}: {refused:?}");
        assert!(unpacker.chain.unwrap().sink().out.capacity() <= 4 << 20, "{coding}");
    }
}

#[test]
fn a_bomb_inside_a_bomb_is_refused() {
    let packed = pack(&pack(&vec![0; 80 << 20], "gzip"), "gzip");
    assert!(matches!(unpack(&packed, "gzip, gzip", &Limits::up_to(1 << 30)), Err(Error::Ratio { .. })));
}

#[test]
fn too_much_is_refused_or_cut_as_asked() {
    let page = text(100_000);
    for coding in ["identity", "gzip", "br"] {
        let packed = if coding == "identity" { page.clone() } else { pack(&page, coding) };
        let refused = unpack(&packed, coding, &Limits::up_to(99_999));
        assert!(matches!(refused, Err(Error::TooLarge { limit: 99_999 })), "{coding}");
        let (body, kept) = unpack(&packed, coding, &Limits::up_to(10_000).with_over(Over::Cut)).unwrap();
        assert_eq!((body.as_slice(), kept), (&page[..10_000], Kept::Cut), "{coding}");
        assert_eq!(unpack(&packed, coding, &Limits::up_to(100_000)).unwrap().1, Kept::Whole, "{coding}");
    }
}

#[test]
fn an_announced_size_is_refused_at_its_first_byte() {
    let mut announced = HeaderMap::new();
    announced.insert(reqwest::header::CONTENT_LENGTH, "5000".parse().unwrap());
    let mut unpacker = Unpacker::new(&announced, &Limits::up_to(4999), false).unwrap();
    assert!(matches!(unpacker.push(b"x"), Err(Error::TooLarge { .. })));
}

#[test]
fn the_first_bytes_decide_once_with_the_prefix_and_the_headers() {
    let page = text(100_000);
    let asked = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let log = std::sync::Arc::clone(&asked);
    let limits = Limits::up_to(10).with_sniff(move |prefix, headers| {
        log.lock().unwrap().push((prefix.to_vec(), headers.contains_key(CONTENT_ENCODING)));
        Take::UpTo(200_000)
    });
    assert_eq!(unpack(&pack(&page, "gzip"), "gzip", &limits).unwrap(), (page.clone(), Kept::Whole));
    assert_eq!(*asked.lock().unwrap(), [(page[..SNIFF_BYTES].to_vec(), true)]);
}

#[test]
fn a_short_body_is_sniffed_at_its_end() {
    let drop =
        Limits::default().with_sniff(|prefix, _| if prefix == b"PNG" { Take::Drop } else { Take::UpTo(1) });
    assert_eq!(unpack(b"PNG", "identity", &drop).unwrap(), (b"PNG".to_vec(), Kept::Dropped));
    assert_eq!(unpack(&pack(b"PNG", "gzip"), "gzip", &drop).unwrap().1, Kept::Dropped);
    assert!(matches!(unpack(b"GIF", "identity", &drop), Err(Error::TooLarge { limit: 1 })));
}

#[test]
fn an_unwanted_type_keeps_only_what_was_sniffed_at() {
    let limits = Limits::default().with_sniff(|_, _| Take::Drop);
    for coding in ["identity", "gzip"] {
        let page = text(100_000);
        let packed = if coding == "identity" { page.clone() } else { pack(&page, coding) };
        let (body, kept) = unpack(&packed, coding, &limits).unwrap();
        assert_eq!((body.as_slice(), kept), (&page[..SNIFF_BYTES], Kept::Dropped), "{coding}");
    }
}

#[test]
fn an_error_page_is_cut_and_never_sniffed() {
    let page = text(100_000);
    let limits = Limits::up_to(3000).with_sniff(|_, _| Take::Drop);
    let mut unpacker = Unpacker::new(&headers("gzip"), &limits, true).unwrap();
    assert!(!unpacker.push(&pack(&page, "gzip")).unwrap());
    let (body, kept) = unpacker.finish().unwrap();
    assert_eq!((body.as_slice(), kept), (&page[..3000], Kept::Cut));
}

proptest! {
    #[test]
    fn hostile_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..3000), at in 0_usize..6) {
        let encoding = ["gzip", "deflate", "br", "gzip, br", "br, deflate", "identity"][at];
        let _ = unpack(&bytes, encoding, &Limits::up_to(1000));
    }

    #[test]
    fn a_flipped_byte_never_panics(at in 0_usize..3000, byte in any::<u8>(), coding in 0_usize..3) {
        let coding = ["gzip", "deflate", "br"][coding];
        let mut packed = pack(&text(5000), coding);
        let at = at % packed.len();
        packed[at] = byte;
        let _ = unpack(&packed, coding, &Limits::up_to(10_000));
    }
}
