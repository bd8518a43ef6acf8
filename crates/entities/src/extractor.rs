//! The way in: documents and what they say go in, entities come out.

use domain::{Content, Document, DocumentId, Entity};

use crate::Error;
use crate::knowledge::Knowledge;
use crate::mention::Mention;
use crate::merge::{Frame, merge};
use crate::page::Page;
use crate::reading::Reading;
use crate::rules::Rules;
use crate::scan::Scan;
use crate::site::Site;
use crate::technology::{Fingerprints, Technologies};

/// Rules and tables, compiled once; reads any number of runs, from several threads if need be.
#[derive(Debug)]
pub struct Extractor {
    know: Knowledge,
}

/// What a caller decides.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Without people there is no person, no personal e-mail address, telephone number or profile anywhere.
    pub people: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { people: true }
    }
}

/// A document, what it says, and its raw bytes where they are at hand: without them structured data, links on icons
/// and technologies can only be quoted from the visible text, or are left out.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    pub document: &'a Document,
    pub content: &'a Content,
    pub raw: Option<&'a [u8]>,
}

impl Extractor {
    /// Compiles rules and fingerprints.
    ///
    /// # Errors
    /// When the word lists are too large to search with.
    pub fn new(rules: Rules, technologies: Option<Technologies>) -> Result<Self, Error> {
        let technologies = technologies.map(Fingerprints::new).transpose()?;
        Ok(Self { know: Knowledge::new(rules, technologies)? })
    }

    /// All entities of the sources, ordered by kind and key. The same sources in the same order give the same entities.
    #[must_use]
    pub fn extract(&self, sources: &[Source<'_>], options: &Options) -> Vec<Entity> {
        let pairs: Vec<(&Document, &Content)> = sources.iter().map(|s| (s.document, s.content)).collect();
        let mut run = self.begin(&pairs, options);
        for source in sources {
            run.read(source);
        }
        run.finish()
    }

    /// Begins a run whose raw bytes are read one document at a time: every document is surveyed now, and read in the
    /// same order by [`Run::read`].
    #[must_use]
    pub fn begin<'e>(&'e self, all: &[(&Document, &Content)], options: &Options) -> Run<'e> {
        Run {
            know: &self.know,
            site: Site::survey(&self.know, all, options.people),
            documents: Vec::new(),
            subject: None,
            mentions: Vec::new(),
        }
    }
}

/// Entities of one run in the making.
#[derive(Debug)]
pub struct Run<'e> {
    know: &'e Knowledge,
    site: Site,
    documents: Vec<DocumentId>,
    subject: Option<domain::SubjectId>,
    mentions: Vec<Mention>,
}

impl Run<'_> {
    /// Reads one document. Its raw bytes may be dropped afterwards.
    pub fn read(&mut self, source: &Source<'_>) {
        let number = u32::try_from(self.documents.len()).unwrap_or(u32::MAX);
        self.documents.push(source.document.id);
        self.subject.get_or_insert(source.document.subject);
        let scan = Scan::new(&self.know.lexicon, &source.content.text);
        let country = self.site.country_of(self.know, source.document);
        let raw = source.raw.filter(|_| source.document.content_type.contains("html"));
        let page = Page::new(
            number,
            source.document,
            source.content,
            raw,
            scan,
            country,
            self.know.rules.limits.quote_bytes,
        );
        self.mentions.extend(Reading::new(self.know, &self.site, &page).read());
    }

    /// Merges what was read.
    #[must_use]
    pub fn finish(self) -> Vec<Entity> {
        let Some(subject) = self.subject else { return Vec::new() };
        let frame = Frame { know: self.know, site: &self.site, subject, documents: &self.documents };
        merge(&frame, self.mentions)
    }
}
