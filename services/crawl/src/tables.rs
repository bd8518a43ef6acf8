//! The service's own data: what parameters, endings and sentences mean. Kept in `data/*.toml`, read once at start.

use std::collections::HashSet;

use serde::Deserialize;
use url::Url;

/// A data file that was changed into something that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("data/{file}: {detail}")]
pub struct Error {
    file: &'static str,
    detail: String,
}

#[derive(Debug)]
pub(crate) struct Tables {
    pub(crate) addresses: Addresses,
    pub(crate) walls: Walls,
}

impl Tables {
    pub(crate) fn builtin() -> Result<Self, Error> {
        Ok(Self {
            addresses: Addresses::parse(include_str!("../data/addresses.toml"))
                .map_err(|detail| Error { file: "addresses.toml", detail })?,
            walls: Walls::parse(include_str!("../data/walls.toml"))
                .map_err(|detail| Error { file: "walls.toml", detail })?,
        })
    }
}

/// Names, of which some stand for any ending.
#[derive(Debug, Default)]
pub(crate) struct Names {
    whole: HashSet<String>,
    beginnings: Vec<String>,
}

impl Names {
    fn new(list: Vec<String>) -> Self {
        let mut names = Self::default();
        for name in list {
            match name.strip_suffix('*') {
                Some(beginning) => names.beginnings.push(beginning.to_owned()),
                None => {
                    names.whole.insert(name);
                }
            }
        }
        names
    }

    /// Whether the name is listed, whatever its case.
    pub(crate) fn has(&self, name: &str) -> bool {
        let name = name.to_lowercase();
        self.whole.contains(&name)
            || self.beginnings.iter().any(|beginning| name.starts_with(beginning.as_str()))
    }
}

/// What addresses mean.
#[derive(Debug)]
pub(crate) struct Addresses {
    /// Tracking and session parameters: dropped.
    pub(crate) dropped: Names,
    /// Session names after a `;` in a path.
    pub(crate) session: Names,
    pub(crate) facets: Names,
    pub(crate) pages: Names,
    pub(crate) calendar: Names,
    pub(crate) assets: Names,
    pub(crate) files: Names,
    pub(crate) sign_in: Names,
    pub(crate) low_hosts: Names,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AddressFile {
    tracking: Vec<String>,
    session: Vec<String>,
    facets: Vec<String>,
    pages: Vec<String>,
    calendar: Vec<String>,
    assets: Vec<String>,
    files: Vec<String>,
    sign_in: Vec<String>,
    low_hosts: Vec<String>,
}

impl Addresses {
    fn parse(text: &str) -> Result<Self, String> {
        let file: AddressFile = toml::from_str(text).map_err(|error| error.to_string())?;
        Ok(Self {
            dropped: Names::new(file.tracking.into_iter().chain(file.session.iter().cloned()).collect()),
            session: Names::new(file.session),
            facets: Names::new(file.facets),
            pages: Names::new(file.pages),
            calendar: Names::new(file.calendar),
            assets: Names::new(file.assets),
            files: Names::new(file.files),
            sign_in: Names::new(file.sign_in),
            low_hosts: Names::new(file.low_hosts),
        })
    }

    /// Whether the address ends like a picture, a film, an archive: never queued.
    pub(crate) fn is_asset(&self, url: &Url) -> bool {
        ending(url).is_some_and(|ending| self.assets.has(ending))
    }

    /// Whether the address ends like a PDF or DOCX.
    pub(crate) fn is_file(&self, url: &Url) -> bool {
        ending(url).is_some_and(|ending| self.files.has(ending))
    }

    /// Whether a segment of the path is a sign-in page's.
    pub(crate) fn is_sign_in(&self, url: &Url) -> bool {
        let mut segments = url.path_segments().into_iter().flatten();
        segments.any(|segment| {
            let name = segment.rsplit_once('.').map_or(segment, |(name, _)| name);
            self.sign_in.has(segment) || self.sign_in.has(name)
        })
    }
}

/// The ending of the last segment: `pdf` of `/files/report.pdf`.
fn ending(url: &Url) -> Option<&str> {
    let last = url.path_segments()?.next_back()?;
    let (name, ending) = last.rsplit_once('.')?;
    (!name.is_empty() && ending.len() <= 8).then_some(ending)
}

/// What pages say that are not what was asked for. All lists are lower case.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Walls {
    pub(crate) wall_words: u32,
    pub(crate) walls: Vec<String>,
    pub(crate) wall_source_words: u32,
    pub(crate) wall_source: Vec<String>,
    pub(crate) parked_words: u32,
    pub(crate) parked: Vec<String>,
    pub(crate) parked_source: Vec<String>,
    pub(crate) untouched: Vec<String>,
    pub(crate) untouched_text: Vec<String>,
    pub(crate) not_found_words: u32,
    pub(crate) not_found: Vec<String>,
    pub(crate) login_words: u32,
    pub(crate) needs_js: Vec<String>,
}

impl Walls {
    fn parse(text: &str) -> Result<Self, String> {
        let walls: Self = toml::from_str(text).map_err(|error| error.to_string())?;
        let Self {
            walls: bots,
            wall_source,
            parked,
            parked_source,
            untouched,
            untouched_text,
            not_found,
            needs_js,
            ..
        } = &walls;
        let lists =
            [bots, wall_source, parked, parked_source, untouched, untouched_text, not_found, needs_js];
        let loud = lists.into_iter().flatten().find(|text| text.to_lowercase() != **text).cloned();
        loud.map_or(Ok(walls), |text| Err(format!("`{text}` must be lower case")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn endings_tell_assets_and_files() {
        let tables = Tables::builtin().unwrap();
        assert!(tables.addresses.is_asset(&url("https://a.example/x/logo.PNG")));
        assert!(tables.addresses.is_file(&url("https://a.example/report.pdf?v=2")));
        assert!(!tables.addresses.is_asset(&url("https://a.example/png")));
        assert!(!tables.addresses.is_asset(&url("https://a.example/a.png/page")));
    }

    #[test]
    fn sign_in_pages_are_told_by_whole_segments() {
        let addresses = Tables::builtin().unwrap().addresses;
        assert!(addresses.is_sign_in(&url("https://a.example/users/sign-in?next=/")));
        assert!(addresses.is_sign_in(&url("https://a.example/Login.aspx")));
        assert!(!addresses.is_sign_in(&url("https://a.example/login-problems-explained")));
    }

    #[test]
    fn a_listed_sentence_in_capitals_is_refused() {
        assert!(
            Walls::parse(&include_str!("../data/walls.toml").replacen("\"oups\"", "\"Oups\"", 1)).is_err()
        );
    }
}
