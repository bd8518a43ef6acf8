//! From settled blocks to [`Content`]: one text, blocks that cover it, the headings above each.

use domain::document::Data;
use domain::{Block, BlockKind, Content, DocumentId, Link, Region};

use crate::hash::{block_hash, simhash, text_hash};
use crate::html::drafts::Draft;
use crate::{injection, language};

/// Text of one document; what is beyond it is cut, with a warning.
const MOST_TEXT_BYTES: usize = 8 << 20;
/// One block; what is longer is parted. Whoever reads a block looks around in it again and again, so a page made of a
/// single one would cost the square of its length. Nothing written for people is as long.
const MOST_BLOCK_BYTES: usize = 16 << 10;
/// With fewer words outside of template regions, the whole visible text is hashed.
const LEAST_WORDS: u32 = 20;

/// Everything about a document but its blocks.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    pub(crate) links: Vec<Link>,
    pub(crate) data: Data,
    pub(crate) title: Option<String>,
    pub(crate) language: Option<String>,
    pub(crate) author: Option<String>,
    pub(crate) published: Option<String>,
    pub(crate) modified: Option<String>,
    pub(crate) fingerprint: Fingerprint,
    pub(crate) from_state: bool,
    pub(crate) charset: Option<String>,
    pub(crate) warnings: Vec<String>,
}

/// Hashes of a page, the same whether it is read in full or in outline: taken before the main text is chosen.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Fingerprint {
    pub(crate) text_hash: String,
    pub(crate) simhash: u64,
    /// Words outside of template regions.
    pub(crate) words: u32,
}

impl Fingerprint {
    /// The exact hash is of all visible text, so that only equal pages are equal; the similarity hash is of what
    /// stands outside of navigation and footer, so that short pages of one site are not all alike.
    pub(crate) fn of(blocks: &[Draft]) -> Self {
        let seen = |block: &&Draft| !matches!(block.place.region, Region::Hidden | Region::Banner);
        let own = |block: &&Draft| block.place.region == Region::Main;
        let join = |keep: &dyn Fn(&&Draft) -> bool| {
            blocks.iter().filter(keep).map(|block| block.text.as_str()).collect::<Vec<_>>().join("\n\n")
        };
        let words = blocks.iter().filter(own).map(|block| block.words).sum();
        let all = join(&seen);
        let similarity = if words >= LEAST_WORDS { simhash(&join(&own)) } else { simhash(&all) };
        Self { text_hash: text_hash(&all), simhash: similarity, words }
    }
}

/// Puts a document together.
pub(crate) fn content(document: DocumentId, drafts: Vec<Draft>, mut facts: Facts) -> Content {
    let Layout { text, blocks, places } = lay_out(drafts, &mut facts.warnings);
    for link in &mut facts.links {
        let place = link.block.and_then(|draft| places.get(draft as usize).copied());
        link.block = place.filter(|block| (*block as usize) < blocks.len());
    }
    let main = |block: &&Block| block.region == Region::Main;
    let block_text = |block: &Block| text.get(block.start as usize..block.end as usize).unwrap_or_default();
    let word_count = blocks.iter().filter(main).map(|block| crate::words::count(block_text(block))).sum();
    let sample = sample(&text, &blocks);
    Content {
        document,
        word_count,
        simhash: facts.fingerprint.simhash,
        text_hash: facts.fingerprint.text_hash,
        injection_suspect: injection::is_addressed_to_a_model(&text),
        language: language::of(&sample, facts.language.as_deref()),
        text,
        blocks,
        links: facts.links,
        data: facts.data,
        title: facts.title,
        author: facts.author,
        published: facts.published,
        modified: facts.modified,
        kind: crate::kinds::OTHER.to_owned(),
        kind_confidence: 0.0,
        kind_reason: String::new(),
        kinds_also: Vec::new(),
        from_state: facts.from_state,
        charset: facts.charset,
        warnings: facts.warnings,
    }
}

/// Main text for the choice of the language; all of it where there is none.
fn sample(text: &str, blocks: &[Block]) -> String {
    let mut sample = String::new();
    for block in blocks.iter().filter(|block| block.region == Region::Main && block.kind != BlockKind::Code) {
        sample.push_str(text.get(block.start as usize..block.end as usize).unwrap_or_default());
        sample.push('\n');
        if sample.len() > 8_000 {
            break;
        }
    }
    if sample.is_empty() { text.chars().take(3_000).collect() } else { sample }
}

/// The text, its blocks, and which block each draft begins.
struct Layout {
    text: String,
    blocks: Vec<Block>,
    places: Vec<u32>,
}

fn lay_out(drafts: Vec<Draft>, warnings: &mut Vec<String>) -> Layout {
    let mut text = String::with_capacity(drafts.iter().map(|draft| draft.text.len() + 2).sum());
    let mut blocks: Vec<Block> = Vec::with_capacity(drafts.len());
    let mut places = Vec::with_capacity(drafts.len());
    let mut trails = Trails::default();
    let number = |place: usize| u32::try_from(place).unwrap_or(u32::MAX);
    for draft in drafts {
        if text.len() + draft.text.len() > MOST_TEXT_BYTES {
            warnings.push(format!("text beyond {MOST_TEXT_BYTES} bytes was cut"));
            break;
        }
        places.push(number(blocks.len()));
        let trail = trails.above(&draft);
        for (part, piece) in pieces(&draft.text).enumerate() {
            if !text.is_empty() {
                text.push_str("\n\n");
            }
            let start = text.len();
            text.push_str(piece);
            blocks.push(Block {
                id: number(blocks.len()),
                kind: kind(&draft, part),
                level: draft.level.filter(|_| part == 0),
                start: number(start),
                end: number(text.len()),
                trail: trail.clone(),
                region: draft.place.region,
                hash: block_hash(piece),
                card: draft.card,
                page: draft.page,
            });
        }
    }
    Layout { text, blocks, places }
}

/// A text that is too long for one block in pieces, parted at white space or, in a word without end, between
/// characters.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let whole = rest.take()?;
        let head = whole.get(..whole.floor_char_boundary(MOST_BLOCK_BYTES)).unwrap_or_default();
        if head.len() == whole.len() {
            return Some(whole);
        }
        let end = head.rfind(char::is_whitespace).unwrap_or(head.len());
        let (piece, tail) = whole.split_at_checked(end)?;
        rest = Some(tail.trim_start());
        Some(piece.trim_end())
    })
    .filter(|piece| !piece.is_empty())
}

/// A paragraph inside a card is a field of it; what a heading was too long for stands below it.
fn kind(draft: &Draft, part: usize) -> BlockKind {
    match draft.kind {
        BlockKind::Heading if part > 0 => BlockKind::Paragraph,
        BlockKind::Paragraph if draft.card.is_some() => BlockKind::Card,
        kind => kind,
    }
}

/// The headings above, one row of them for the content and one for what stands around it.
#[derive(Debug, Default)]
struct Trails {
    main: Vec<(u8, String)>,
    around: Vec<(u8, String)>,
    region: Option<Region>,
}

/// A heading in a trail is cut here.
const MOST_TRAIL_CHARS: usize = 200;

impl Trails {
    fn above(&mut self, draft: &Draft) -> Vec<String> {
        let region = draft.place.region;
        if region == Region::Hidden {
            return Vec::new();
        }
        let level = draft.level.filter(|_| draft.kind == BlockKind::Heading);
        // The page's own heading stands above its content, whether it was taken for a part of it or not.
        let is_main =
            region == Region::Main || level == Some(1) && region == Region::Aside && !draft.place.firm;
        if !is_main && self.region.replace(region) != Some(region) {
            self.around.clear();
        }
        let trail = if is_main { &mut self.main } else { &mut self.around };
        if let Some(level) = level {
            trail.retain(|(above, _)| *above < level);
        }
        let above = trail.iter().map(|(_, text)| text.clone()).collect();
        if let Some(level) = level {
            trail.push((level, draft.text.chars().take(MOST_TRAIL_CHARS).collect()));
        }
        above
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::html::region::Place;

    fn heading(level: u8, text: &str, region: Region) -> Draft {
        let place = Place { region, firm: false };
        Draft { level: Some(level), place, ..Draft::plain(BlockKind::Heading, text.to_owned()) }
    }

    #[test]
    fn trails_hold_the_headings_above_and_do_not_mix_regions() {
        let text = |region| Draft {
            place: Place { region, firm: true },
            ..Draft::plain(BlockKind::Paragraph, "x".into())
        };
        let drafts = vec![
            heading(1, "Team", Region::Main),
            heading(2, "Board", Region::Main),
            text(Region::Main),
            heading(3, "Menu", Region::Nav),
            text(Region::Nav),
            heading(2, "Staff", Region::Main),
            text(Region::Main),
            text(Region::Footer),
        ];
        let Layout { text: all, blocks, .. } = lay_out(drafts, &mut Vec::new());
        let trails: Vec<Vec<String>> = blocks.iter().map(|block| block.trail.clone()).collect();
        assert_eq!(trails[1], ["Team"]);
        assert_eq!(trails[2], ["Team", "Board"]);
        assert_eq!(trails[4], ["Menu"]);
        assert_eq!(trails[6], ["Team", "Staff"]);
        assert!(trails[7].is_empty());
        assert_eq!(all.len(), blocks.last().unwrap().end as usize);
    }

    #[test]
    fn a_block_without_end_is_parted_at_white_space_else_between_characters() {
        let words = "größer ".repeat(10_000);
        let word = "ß".repeat(40_000);
        let short = " kept as it is ";
        let drafts = [short, words.trim_end(), word.as_str()]
            .map(|text| Draft::plain(BlockKind::Paragraph, text.to_owned()))
            .to_vec();
        let Layout { text, blocks, places } = lay_out(drafts, &mut Vec::new());
        let texts: Vec<&str> =
            blocks.iter().map(|block| text.get(block.start as usize..block.end as usize).unwrap()).collect();
        assert!(texts.iter().all(|text| (1..=MOST_BLOCK_BYTES).contains(&text.len())));
        assert_eq!(texts[0], short);
        let (of_words, of_word) = (places[1] as usize, places[2] as usize);
        assert_eq!((of_words, of_word), (1, 7));
        assert!(texts[of_words..of_word].iter().all(|text| text.split(' ').all(|word| word == "größer")));
        assert_eq!(texts[of_words..of_word].join(" "), words.trim_end());
        assert_eq!(texts[of_word..].concat(), word);
    }

    #[test]
    fn a_heading_without_end_is_one_heading() {
        let drafts = vec![
            heading(2, &"very long ".repeat(4_000), Region::Main),
            Draft::plain(BlockKind::Paragraph, "below".to_owned()),
        ];
        let Layout { blocks, .. } = lay_out(drafts, &mut Vec::new());
        assert_eq!(blocks.iter().filter(|block| block.kind == BlockKind::Heading).count(), 1);
        assert!(blocks.len() > 3 && blocks[1].level.is_none());
        assert_eq!(blocks.last().unwrap().trail.len(), 1);
    }
}
