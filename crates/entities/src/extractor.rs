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
use crate::stop::Stop;
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
        let mut run = self.begin_until(&pairs, options, Stop::NEVER);
        for source in sources {
            run.read(source);
        }
        run.finish().unwrap_or_default()
    }

    /// Begins a run whose raw bytes are read one document at a time: every document is surveyed now, and read in the
    /// same order by [`Run::read`]. Whenever a little work is done, `stop` is asked whether to leave the rest.
    #[must_use]
    pub fn begin<'e>(
        &'e self,
        all: &[(&Document, &Content)],
        options: &Options,
        stop: &'e dyn Fn() -> bool,
    ) -> Run<'e> {
        self.begin_until(all, options, Stop::new(stop))
    }

    fn begin_until<'e>(
        &'e self,
        all: &[(&Document, &Content)],
        options: &Options,
        stop: Stop<'e>,
    ) -> Run<'e> {
        Run {
            know: &self.know,
            stop,
            site: Site::survey(&self.know, all, options.people, stop),
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
    stop: Stop<'e>,
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
        if self.stop.is_asked() {
            return;
        }
        let scan = Scan::new(&self.know.lexicon, &source.content.text);
        let country = self.site.country_of(self.know, source.document);
        let raw = source.raw.filter(|_| source.document.content_type.contains("html"));
        let page = Page::new(
            number,
            Source { raw, ..*source },
            scan,
            country,
            self.know.rules.limits.quote_bytes,
            self.stop,
        );
        self.mentions.extend(Reading::new(self.know, &self.site, &page).read());
    }

    /// Merges what was read; none if the run was stopped on its way.
    #[must_use]
    pub fn finish(self) -> Option<Vec<Entity>> {
        let (stop, documents) = (self.stop, &self.documents);
        let found = self.subject.map_or_else(Vec::new, |subject| {
            let frame = Frame { know: self.know, site: &self.site, subject, documents, stop };
            merge(&frame, self.mentions)
        });
        (!stop.is_asked()).then_some(found)
    }
}
