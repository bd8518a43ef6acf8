//! Arguments of `crawl.site` and `crawl.page`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Arguments, File};

/// Which hosts belong to the site.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// The start host alone.
    Host,
    /// The start host and its `www.`/apex twin.
    Site,
    /// Every host under the registrable domain (Public Suffix List).
    #[default]
    Domain,
}

/// Whether a browser may be asked for the page.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Render {
    #[default]
    Auto,
    Never,
    Always,
}

/// Whether people are extracted at all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum People {
    #[default]
    Roles,
    None,
}

/// `crawl.site`: keep the pages of one site that matter most, politely, within the limits.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CrawlSite {
    /// Where to start: an absolute http(s) URL.
    pub url: String,
    /// The table of page kinds: phrases, weights, caps.
    pub kinds: File,
    #[serde(default)]
    pub scope: Scope,
    /// Documents kept at the most.
    #[serde(default = "CrawlSite::default_max_pages")]
    #[schemars(range(min = 1, max = 1000))]
    pub max_pages: u32,
    /// Link hops from a seed.
    #[serde(default = "CrawlSite::default_max_depth")]
    #[schemars(range(max = 10))]
    pub max_depth: u32,
    /// PDF and DOCX files kept at the most.
    #[serde(default = "CrawlSite::default_max_files")]
    #[schemars(range(max = 100))]
    pub max_files: u32,
    /// Browser visits at the most.
    #[serde(default)]
    #[schemars(range(max = 200))]
    pub max_renders: u32,
    /// Crawl time; pauses and waits on anything but the host do not count.
    #[serde(default = "CrawlSite::default_time_limit")]
    #[schemars(range(min = 1, max = 240))]
    pub time_limit_minutes: u32,
    /// Globs over host + path + query; seeds are always in.
    #[serde(default)]
    pub include: Vec<String>,
    /// Globs; exclude wins over include.
    #[serde(default)]
    pub exclude: Vec<String>,
    /// BCP-47; the site's default language is always included.
    #[serde(default)]
    pub languages: Vec<String>,
    #[serde(default)]
    pub render: Render,
    /// How many query-string variants of one path are fetched, and how deep page numbers go.
    #[serde(default = "CrawlSite::default_query_variants")]
    pub query_variants: u32,
    #[serde(default = "CrawlSite::default_page_numbers")]
    pub page_numbers: u32,
    /// The company's own name, when known: a filler word in paths.
    #[serde(default)]
    pub name: Option<String>,
}

impl CrawlSite {
    /// Requests for pages at the most: duplicates, errors and refusals cost requests, but are not kept.
    #[must_use]
    pub const fn max_fetches(&self) -> u32 {
        self.max_pages.saturating_mul(3).saturating_add(50)
    }
    const fn default_max_pages() -> u32 {
        150
    }
    const fn default_max_depth() -> u32 {
        4
    }
    const fn default_max_files() -> u32 {
        20
    }
    const fn default_time_limit() -> u32 {
        45
    }
    const fn default_query_variants() -> u32 {
        10
    }
    const fn default_page_numbers() -> u32 {
        5
    }
}

impl Arguments for CrawlSite {
    const USES: &'static str = "crawl.site";
    const EMITS_DOCUMENTS: bool = true;
}

/// `crawl.page`: single pages, links not followed; the same rules of address, robots, pace and verdict.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CrawlPage {
    #[schemars(length(max = 50))]
    pub urls: Vec<String>,
    pub kinds: File,
    /// Crawl time; pauses and waits on anything but the hosts do not count.
    #[serde(default = "CrawlSite::default_time_limit")]
    #[schemars(range(min = 1, max = 240))]
    pub time_limit_minutes: u32,
}

impl Arguments for CrawlPage {
    const USES: &'static str = "crawl.page";
    const EMITS_DOCUMENTS: bool = true;
}
