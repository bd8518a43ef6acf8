//! What all documents together say about the site: its domain, its names, its country.

use std::collections::{BTreeMap, HashMap};

use domain::{Content, Document};
use url::Url;

use crate::fold::{fold, squeeze};
use crate::gazetteer::Country;
use crate::knowledge::Knowledge;
use crate::stop::Stop;
use crate::structured::node::{Graph, Node};
use crate::web;

/// Names that a site calls itself by: every name that is met is compared with all of them.
const MOST_NAMES: usize = 20;

/// The subject of the run, as far as it can be told before anything is extracted.
#[derive(Debug, Default)]
pub(crate) struct Site {
    /// The registrable domain.
    pub(crate) domain: Option<String>,
    /// The last label of its host.
    pub(crate) tld: Option<String>,
    pub(crate) country: Option<Country>,
    /// How it calls itself, the most frequent first.
    pub(crate) names: Vec<String>,
    /// Folded, without legal forms.
    cores: Vec<String>,
    /// Whether people are extracted.
    pub(crate) people: bool,
}

impl Site {
    pub(crate) fn survey(
        know: &Knowledge,
        sources: &[(&Document, &Content)],
        people: bool,
        stop: Stop<'_>,
    ) -> Self {
        let mut hosts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
        for (n, (document, _)) in sources.iter().enumerate() {
            if let Some(domain) = host_of(document).and_then(|h| web::registrable(&h)) {
                let seen = hosts.entry(domain).or_insert((0, n));
                seen.0 += 1;
            }
        }
        let domain =
            hosts.into_iter().max_by(|a, b| a.1.0.cmp(&b.1.0).then(b.1.1.cmp(&a.1.1))).map(|(d, _)| d);
        let mut site = Self {
            tld: domain.as_deref().map(|d| web::tld(d).to_owned()),
            domain,
            people,
            ..Self::default()
        };
        site.name(know, sources, stop);
        site.country = site.locate(know, sources, stop);
        site
    }

    /// Whether the host is the site's own.
    pub(crate) fn is_own_host(&self, host: &str) -> bool {
        match (web::registrable(host), self.domain.as_deref()) {
            (Some(theirs), Some(ours)) => theirs == ours,
            _ => false,
        }
    }

    /// Whether the name is one the site calls itself by.
    pub(crate) fn is_own_name(&self, know: &Knowledge, name: &str) -> bool {
        // A slogan may follow: `Acme - Pumps that report`.
        let head = [" - ", " | ", " – ", " — ", ": "]
            .iter()
            .filter_map(|s| name.find(s))
            .min()
            .unwrap_or(name.len());
        let is_own = |name: &str| {
            let core = know.forms.split(name).core;
            !core.is_empty() && (self.cores.contains(&core) || self.is_label(&core))
        };
        is_own(name) || name.get(..head).is_some_and(is_own)
    }

    /// What the site's own organisation is merged by.
    pub(crate) fn self_key(&self) -> &str {
        self.cores.first().or(self.domain.as_ref()).map_or("self", String::as_str)
    }

    /// How the site's own organisation is called.
    pub(crate) fn self_name(&self) -> &str {
        self.names.first().or(self.domain.as_ref()).map_or("", String::as_str)
    }

    fn is_label(&self, core: &str) -> bool {
        let Some(domain) = &self.domain else { return false };
        squash(core) == squash(web::label(domain))
    }

    /// Whether a lowered text names the site: by one of its names as whole words.
    pub(crate) fn is_named_in(&self, folded: &str) -> bool {
        self.cores.iter().any(|c| crate::fold::has_phrase(folded, c))
    }

    fn name(&mut self, know: &Knowledge, sources: &[(&Document, &Content)], stop: Stop<'_>) {
        let mut votes: HashMap<String, (u32, usize, String)> = HashMap::new();
        let mut order = 0;
        let mut vote = |name: &str, weight: u32| {
            let name = squeeze(name);
            let core = know.forms.split(&name).core;
            if core.is_empty() || name.len() > 80 || know.names.is_phrase(&name) {
                return;
            }
            order += 1;
            votes.entry(core).or_insert((0, order, name)).0 += weight;
        };
        for (document, content) in sources.iter().take_while(|_| !stop.is_asked()) {
            if !self.is_own(document) {
                continue;
            }
            for (key, value) in &content.data.opengraph {
                if key == "og:site_name" && web::registrable(value).is_none_or(|d| !value.contains(&d)) {
                    vote(value, 2);
                }
            }
            let graph = Graph::of(content);
            for found in graph.found.iter().filter(|f| f.via.is_none() && f.node.is_organisation()) {
                if self.is_own_node(found.node)
                    && let Some(name) = found.node.text("name")
                {
                    vote(&name, 3);
                }
            }
            // A part of a title that begins as the domain does: `Brightwater Pumps – pumps that report`.
            let label = self.domain.as_deref().map(|d| squash(web::label(d))).unwrap_or_default();
            let parts = content
                .title
                .as_deref()
                .unwrap_or_default()
                .split(['|', '–', '—', '·', ':'])
                .flat_map(|p| p.split(" - "));
            for part in parts.filter(|p| label.len() >= 4 && squash(&fold(p)).starts_with(&label)) {
                vote(part, 1);
            }
            for name in crate::organisation::copyright_holders(content) {
                vote(name, 2);
            }
        }
        let mut names: Vec<_> = votes.into_iter().collect();
        names.sort_by(|a, b| b.1.0.cmp(&a.1.0).then(a.1.1.cmp(&b.1.1)));
        let most = names.first().map_or(0, |n| n.1.0);
        names.retain(|n| n.1.0 * 10 >= most);
        names.truncate(MOST_NAMES);
        for (core, (_, _, name)) in names {
            self.cores.push(core);
            self.names.push(name);
        }
    }

    pub(crate) fn is_own(&self, document: &Document) -> bool {
        match (host_of(document), &self.domain) {
            (Some(host), Some(_)) => self.is_own_host(&host),
            (None, None) => true,
            _ => false,
        }
    }

    /// An organisation object that stands for the site: its address is the site's, or it gives none.
    pub(crate) fn is_own_node(&self, node: Node<'_>) -> bool {
        let urls = node.texts("url");
        urls.is_empty()
            || urls.iter().any(|u| {
                !u.contains("://")
                    || Url::parse(u)
                        .ok()
                        .and_then(|u| u.host_str().map(|h| self.is_own_host(h)))
                        .unwrap_or(false)
            })
    }

    fn locate(&self, know: &Knowledge, sources: &[(&Document, &Content)], stop: Stop<'_>) -> Option<Country> {
        let own = || sources.iter().filter(|(d, _)| self.is_own(d)).take_while(|_| !stop.is_asked());
        let mut votes: BTreeMap<Country, f64> = BTreeMap::new();
        if let Some(country) = self.tld.as_deref().and_then(|t| know.gazetteer.of_tld(t)) {
            *votes.entry(country).or_default() += 3.0;
        }
        for (_, content) in own() {
            let graph = Graph::of(content);
            for found in &graph.found {
                if found.node.is(&["PostalAddress"])
                    && let Some(c) =
                        found.node.text("addressCountry").and_then(|c| know.gazetteer.country(&c))
                {
                    *votes.entry(c).or_default() += 2.0;
                }
            }
            if let Some(c) = locale_country(content) {
                *votes.entry(c).or_default() += 0.3;
            }
            let telling = ["contact", "legal", "about", "home"].contains(&content.kind.as_str());
            if telling {
                for country in crate::address::countries(know, &content.text) {
                    *votes.entry(country).or_default() += 1.0;
                }
            }
        }
        if votes.is_empty() {
            for (_, content) in own() {
                for country in crate::address::countries(know, &content.text) {
                    *votes.entry(country).or_default() += 1.0;
                }
            }
        }
        let best = votes.into_iter().max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)))?;
        (best.1 >= 0.3).then_some(best.0)
    }

    /// The country of one page: its locale or its host's, else the site's.
    pub(crate) fn country_of(&self, know: &Knowledge, document: &Document) -> Option<Country> {
        let url = document.url.as_deref().and_then(|u| Url::parse(u).ok());
        let from_path = url.as_ref().and_then(|u| {
            let first = u.path_segments()?.next()?.to_ascii_lowercase();
            let (language, region) = first.split_once(['-', '_'])?;
            (language.len() == 2 && region.len() == 2)
                .then(|| know.gazetteer.country(&region.to_ascii_uppercase()))?
        });
        let from_host = || know.gazetteer.of_tld(web::tld(url.as_ref()?.host_str()?));
        from_path.or_else(from_host).or(self.country)
    }
}

/// Letters and digits alone.
fn squash(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

fn host_of(document: &Document) -> Option<String> {
    Url::parse(document.url.as_deref()?).ok()?.host_str().map(str::to_owned)
}

/// The country of `og:locale`; `en_US` says nothing, many systems write it unasked.
fn locale_country(content: &Content) -> Option<Country> {
    let locale = content.data.opengraph.iter().find(|(k, _)| k == "og:locale").map(|(_, v)| v.as_str())?;
    let (_, region) = locale.split_once(['_', '-'])?;
    (fold(locale) != "en us").then(|| Country::parse(region))?
}
