//! What must hold for any content of any bytes.

use content::{Hint, read};
use domain::{Content, DocumentId};
use url::Url;

/// Reads bytes as a page of `https://acme.example/team` and checks what must always hold.
#[allow(dead_code, reason = "not every test file asks for it")]
pub(crate) fn page(raw: &[u8]) -> Content {
    let url = Url::parse("https://acme.example/team").unwrap();
    let hint = Hint { url: Some(&url), ..Hint::default() };
    let content = read(raw, &hint, None, DocumentId::new()).unwrap();
    check(&content, raw);
    content
}

/// Offsets, order, covering, links.
pub(crate) fn check(content: &Content, raw: &[u8]) {
    let mut at = 0;
    for (number, block) in content.blocks.iter().enumerate() {
        let (start, end) = (block.start as usize, block.end as usize);
        assert_eq!(block.id as usize, number);
        assert_eq!(start, at, "blocks follow each other");
        let text = content.text.get(start..end).expect("offsets stand between characters");
        assert!(!text.trim().is_empty() && !text.contains("\n\n"), "{text:?}");
        assert_eq!(text, content.block_text(block));
        at = end;
        if number + 1 < content.blocks.len() {
            assert_eq!(content.text.get(end..end + 2), Some("\n\n"));
            at += 2;
        }
    }
    assert_eq!(at, content.text.len(), "blocks cover the text");
    for link in &content.links {
        assert!(Url::parse(&link.href).is_ok());
        assert!(link.block.is_none_or(|block| (block as usize) < content.blocks.len()));
        if let Some((start, end)) = link.source {
            let tag = &raw[start as usize..end as usize];
            assert!(tag.contains(&b'<') && tag.contains(&b'>'), "{:?}", String::from_utf8_lossy(tag));
        }
    }
    for item in content.data.jsonld.iter().chain(&content.data.microdata).chain(&content.data.rdfa) {
        assert!(item.start <= item.end && item.end <= raw.len() as u64);
    }
}

/// The texts of a region.
#[allow(dead_code, reason = "not every test file asks for it")]
pub(crate) fn texts(content: &Content, region: domain::Region) -> Vec<&str> {
    content.blocks.iter().filter(|b| b.region == region).map(|b| content.block_text(b)).collect()
}
