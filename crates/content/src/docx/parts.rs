//! The archive and its small parts: styles, targets of links, properties.

use std::collections::HashMap;
use std::io::{Cursor, Read};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;
use zip::result::ZipError;

use crate::html::head::primary_language;
use crate::{Error, dates, words};

const MOST_ENTRIES: usize = 2_000;
/// Of all parts together, unpacked.
const MOST_UNPACKED: u64 = 100 << 20;

/// An opened archive and what may still be unpacked of it.
pub(super) struct Archive<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    left: u64,
}

impl<'a> Archive<'a> {
    pub(super) fn open(raw: &'a [u8]) -> Result<Self, Error> {
        let mut zip = ZipArchive::new(Cursor::new(raw)).map_err(broken)?;
        if zip.len() > MOST_ENTRIES {
            return Err(Error::TooLarge { what: "DOCX in entries", limit: MOST_ENTRIES as u64 });
        }
        let mut declared = 0_u64;
        for index in 0..zip.len() {
            declared = declared.saturating_add(zip.by_index_raw(index).map_err(broken)?.size());
        }
        if declared > MOST_UNPACKED {
            return Err(Error::TooLarge { what: "DOCX unpacked in bytes", limit: MOST_UNPACKED });
        }
        Ok(Self { zip, left: MOST_UNPACKED })
    }

    /// A part's bytes; what was unpacked counts, whatever the archive declares.
    pub(super) fn part(&mut self, name: &str) -> Result<Option<Vec<u8>>, Error> {
        let entry = match self.zip.by_name(name) {
            Ok(entry) => entry,
            Err(ZipError::FileNotFound) => return Ok(None),
            Err(ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED)) => return Err(Error::Encrypted),
            Err(error) => return Err(broken(error)),
        };
        let mut bytes = Vec::new();
        entry
            .take(self.left + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| Error::Broken(error.to_string()))?;
        let size = bytes.len() as u64;
        if size > self.left {
            return Err(Error::TooLarge { what: "DOCX unpacked in bytes", limit: MOST_UNPACKED });
        }
        self.left -= size;
        Ok(Some(bytes))
    }

    /// Names of parts that begin so, ascending.
    pub(super) fn names(&self, start: &str) -> Vec<String> {
        let all = self.zip.file_names().flatten();
        let mut names: Vec<String> = all
            .filter(|name| name.starts_with(start) && name.ends_with(".xml"))
            .map(std::borrow::Cow::into_owned)
            .collect();
        names.sort();
        names
    }
}

fn broken(error: ZipError) -> Error {
    Error::Broken(error.to_string())
}

/// An attribute by its local name.
pub(super) fn attr(start: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = start
        .attributes()
        .with_checks(false)
        .flatten()
        .find(|attr| attr.key.local_name().as_ref() == name)?;
    Some(
        quick_xml::escape::unescape(&found.value)
            .map_or_else(|_| found.value.to_string(), std::borrow::Cow::into_owned),
    )
}

/// Goes through the events of a part; broken XML ends it.
pub(super) fn events(xml: &[u8], mut each: impl FnMut(&Event<'_>)) -> Result<(), quick_xml::Error> {
    let text = String::from_utf8_lossy(xml);
    let mut reader = Reader::from_str(&text);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    config.allow_dangling_amp = true;
    loop {
        match reader.read_event()? {
            Event::Eof => return Ok(()),
            event => each(&event),
        }
    }
}

/// The heading level of each paragraph style: by its outline level, or by its name (`heading 1`, `Title`).
pub(super) fn styles(xml: &[u8]) -> HashMap<String, u8> {
    let (mut levels, mut style) = (HashMap::new(), None);
    let mut note = |event: &Event<'_>| {
        let (Event::Start(start) | Event::Empty(start)) = event else { return };
        match start.local_name().as_ref() {
            "style" => style = attr(start, "styleId"),
            "name" => {
                let level = attr(start, "val").and_then(|name| named_level(&name));
                if let (Some(style), Some(level)) = (&style, level) {
                    levels.insert(style.clone(), level);
                }
            }
            "outlineLvl" => {
                let level = attr(start, "val").and_then(|level| level.parse::<u8>().ok());
                if let (Some(style), Some(level)) = (&style, level.filter(|level| *level < 6)) {
                    levels.entry(style.clone()).or_insert(level + 1);
                }
            }
            _ => {}
        }
    };
    // Broken styles leave paragraphs without rank, which is no loss of text.
    let _ = events(xml, &mut note);
    levels
}

pub(super) fn named_level(name: &str) -> Option<u8> {
    let lower = name.to_ascii_lowercase();
    if lower == "title" {
        return Some(1);
    }
    let number = lower.strip_prefix("heading")?.trim().parse::<u8>().ok()?;
    (1..=9).contains(&number).then(|| number.min(6))
}

/// The addresses outside of the archive that its links name; they are recorded, never opened.
pub(super) fn targets(xml: &[u8]) -> HashMap<String, String> {
    let mut targets = HashMap::new();
    let _ = events(xml, |event| {
        if let Event::Start(start) | Event::Empty(start) = event
            && start.local_name().as_ref() == "Relationship"
            && attr(start, "Type").is_some_and(|kind| kind.ends_with("/hyperlink"))
            && let (Some(id), Some(target)) = (attr(start, "Id"), attr(start, "Target"))
        {
            targets.insert(id, target);
        }
    });
    targets
}

/// What the document says of itself.
#[derive(Debug, Default)]
pub(super) struct Properties {
    pub(super) title: Option<String>,
    pub(super) author: Option<String>,
    pub(super) created: Option<String>,
    pub(super) modified: Option<String>,
    pub(super) language: Option<String>,
}

pub(super) fn properties(xml: &[u8]) -> Properties {
    let (mut found, mut name) = (Properties::default(), String::new());
    let mut text = String::new();
    let _ = events(xml, |event| match event {
        Event::Start(start) => {
            start.local_name().as_ref().clone_into(&mut name);
            text.clear();
        }
        Event::Text(piece) => text.push_str(piece),
        Event::GeneralRef(entity) => text.extend(entity_char(entity)),
        Event::End(_) => {
            let value = Some(words::fold(&text)).filter(|value| !value.is_empty());
            match name.as_str() {
                "title" => found.title = value,
                "creator" => found.author = value,
                "created" => found.created = value.and_then(|date| dates::iso(&date)),
                "modified" => found.modified = value.and_then(|date| dates::iso(&date)),
                "language" => found.language = value.and_then(|tag| primary_language(&tag)),
                _ => {}
            }
            name.clear();
        }
        _ => {}
    });
    found
}

/// The character of a reference: the five of XML, or a number. Others stand for nothing.
pub(super) fn entity_char(entity: &quick_xml::events::BytesRef<'_>) -> Option<char> {
    if let Ok(Some(c)) = entity.resolve_char_ref() {
        return Some(c);
    }
    quick_xml::escape::resolve_xml_entity(entity).and_then(|text| text.chars().next())
}
