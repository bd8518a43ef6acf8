//! DOCX: the parts of the archive that hold text, read directly. Nothing outside of the archive is ever opened, macros
//! and embedded objects are not looked at, XML entities other than the five are not expanded.

mod body;
mod parts;

use domain::{Content, DocumentId, Link, Region};

use crate::Error;
use crate::assemble::{self, Facts, Fingerprint};
use crate::html::region::Place;
use crate::links;
use parts::Archive;

const MOST_BYTES: usize = 20 << 20;

/// Reads a DOCX.
pub(crate) fn read(raw: &[u8], document: DocumentId) -> Result<Content, Error> {
    if raw.len() > MOST_BYTES {
        return Err(Error::TooLarge { what: "DOCX in bytes", limit: MOST_BYTES as u64 });
    }
    let mut archive = Archive::open(raw)?;
    let main =
        archive.part("word/document.xml")?.ok_or_else(|| Error::Broken("no word/document.xml".to_owned()))?;
    let styles = archive.part("word/styles.xml")?.map(|xml| parts::styles(&xml)).unwrap_or_default();
    let targets =
        archive.part("word/_rels/document.xml.rels")?.map(|xml| parts::targets(&xml)).unwrap_or_default();
    let properties =
        archive.part("docProps/core.xml")?.map(|xml| parts::properties(&xml)).unwrap_or_default();
    let mut warnings = Vec::new();
    let (mut drafts, found) = body::read(&main, &styles, &targets, &mut warnings);
    for name in archive.names("word/header").into_iter().chain(archive.names("word/footer")) {
        let region = if name.contains("header") { Region::Nav } else { Region::Footer };
        let Some(xml) = archive.part(&name)? else { continue };
        let (around, _) = body::read(&xml, &styles, &targets, &mut warnings);
        for mut draft in around {
            draft.place = Place { region, firm: true };
            drafts.push(draft);
        }
    }
    let heading = drafts.iter().find(|draft| draft.level.is_some()).map(|draft| draft.text.clone());
    let facts = Facts {
        links: found.into_iter().filter_map(link).collect(),
        title: properties.title.or(heading),
        author: properties.author,
        published: properties.created,
        modified: properties.modified,
        language: properties.language,
        fingerprint: Fingerprint::of(&drafts),
        warnings,
        ..Facts::default()
    };
    Ok(assemble::content(document, drafts, facts))
}

fn link((block, text, href): (u32, String, String)) -> Option<Link> {
    let url = links::resolve(&href, None)?;
    let kind = links::kind(&url)?;
    Some(Link {
        href: url.into(),
        text,
        rel: None,
        region: Region::Main,
        kind,
        block: Some(block),
        card: None,
        source: None,
    })
}
