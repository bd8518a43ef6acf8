//! `kinds.toml` as it is written, and how it becomes a table that can be asked.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;

use super::features::{Feature, Words};
use super::path::Rules;
use super::words::Fold;
use super::{Error, HOME, Kind, Kinds, OTHER, Phrase};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileTable {
    fillers: Vec<String>,
    paths: FilePaths,
    score: Score,
    #[serde(default)]
    features: BTreeMap<String, FileFeature>,
    words: FileWords,
    caps: FileCaps,
    kind: Vec<FileKind>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FilePaths {
    pub(super) extensions: Vec<String>,
    pub(super) index: Vec<String>,
    pub(super) containers: Vec<String>,
    pub(super) languages: Vec<String>,
    pub(super) regions: Vec<String>,
}

/// How much each sign is worth.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Score {
    pub(super) last: f64,
    pub(super) first: f64,
    pub(super) first_depth: usize,
    pub(super) dated: f64,
    pub(super) dated_kind: String,
    url: f64,
    content: f64,
    anchor: f64,
    pub(super) floor: f64,
    pub(super) also: f64,
    pub(super) h1: f64,
    pub(super) title: f64,
    pub(super) schema: f64,
}

impl Score {
    /// `1 − (1 − .9·url)(1 − .7·content)(1 − .3·anchor)`: independent signs, each of which may be wrong.
    pub(super) fn join(&self, url: f64, content: f64, anchor: f64) -> f64 {
        1.0 - (1.0 - self.url * url) * (1.0 - self.content * content) * (1.0 - self.anchor * anchor)
    }

    fn in_range(&self) -> bool {
        let shares = [
            self.last,
            self.first,
            self.dated,
            self.url,
            self.content,
            self.anchor,
            self.floor,
            self.also,
            self.h1,
            self.title,
            self.schema,
        ];
        shares.iter().all(|share| (0.0..=1.0).contains(share))
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileFeature {
    kinds: BTreeMap<String, f64>,
    at_least: u32,
}

/// From how many on a feature speaks for which kinds, and how loudly.
#[derive(Debug, Clone)]
pub(super) struct FeatureRule {
    pub(super) at_least: u32,
    pub(super) kinds: Vec<(usize, f64)>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileWords {
    pub(super) roles: Vec<String>,
    pub(super) currencies: Vec<String>,
    pub(super) periods: Vec<String>,
    pub(super) job_marks: Vec<String>,
    pub(super) job_hosts: Vec<String>,
    pub(super) bylines: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileCaps {
    least: u32,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileKind {
    name: String,
    weight: f64,
    cap: Option<f64>,
    #[serde(default)]
    covering: bool,
    #[serde(default)]
    schema: Vec<String>,
    /// Language → phrases.
    #[serde(default)]
    phrases: BTreeMap<String, Vec<String>>,
    minor: Option<FileMinor>,
    last: Option<FileLast>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileMinor {
    weight: f64,
    phrases: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileLast {
    phrases: Vec<String>,
}

pub(super) fn compile(file: FileTable) -> Result<Kinds, Error> {
    check(&file)?;
    let fold = Fold::new(&file.fillers);
    let index_of = |name: &str| {
        let at = file.kind.iter().position(|kind| kind.name == name);
        at.ok_or_else(|| Error(format!("there is no kind `{name}`")))
    };
    index_of(&file.score.dated_kind)?;
    let mut rules = Vec::new();
    for (name, feature) in &file.features {
        let known = Feature::named(name).ok_or_else(|| Error(format!("there is no feature `{name}`")))?;
        let kinds = feature.kinds.iter().map(|(kind, share)| Ok((index_of(kind)?, *share)));
        let kinds = kinds.collect::<Result<Vec<_>, Error>>()?;
        rules.push((known, FeatureRule { at_least: feature.at_least, kinds }));
    }
    let mut types = HashMap::new();
    for (index, kind) in file.kind.iter().enumerate() {
        types.extend(kind.schema.iter().map(|name| (name.to_lowercase(), index)));
    }
    Ok(Kinds {
        phrases: phrases(&file.kind, &fold)?,
        types,
        paths: Rules::new(&file.paths, &fold),
        fold,
        score: file.score,
        caps_least: file.caps.least,
        rules,
        words: Words::new(&file.words)?,
        kinds: file.kind.into_iter().map(kind).collect(),
    })
}

fn check(file: &FileTable) -> Result<(), Error> {
    for name in [HOME, OTHER] {
        if !file.kind.iter().any(|kind| kind.name == name) {
            return Err(Error(format!("there must be a kind `{name}`")));
        }
    }
    if !file.score.in_range() {
        return Err(Error("the numbers under [score] lie between 0 and 1".to_owned()));
    }
    for kind in &file.kind {
        let minor = kind.minor.as_ref().map_or(0.0, |minor| minor.weight);
        for share in [kind.weight, kind.cap.unwrap_or_default(), minor] {
            if !(0.0..=1.0).contains(&share) {
                return Err(Error(format!("`{}`: weights and caps lie between 0 and 1", kind.name)));
            }
        }
    }
    Ok(())
}

fn phrases(kinds: &[FileKind], fold: &Fold) -> Result<HashMap<String, Phrase>, Error> {
    let mut found: HashMap<String, Phrase> = HashMap::new();
    for (index, kind) in kinds.iter().enumerate() {
        let plain = kind.phrases.values().flatten().map(|text| (text, false, false));
        let minor = kind.minor.iter().flat_map(|minor| &minor.phrases).map(|text| (text, true, false));
        let last = kind.last.iter().flat_map(|last| &last.phrases).map(|text| (text, false, true));
        for (text, minor, last_only) in plain.chain(minor).chain(last) {
            for key in fold.phrase_keys(text) {
                let phrase = Phrase { kind: index, minor, last_only };
                let other = found.insert(key, phrase).filter(|other| other.kind != index);
                if let Some(other) = other.and_then(|other| kinds.get(other.kind)) {
                    return Err(Error(format!(
                        "the phrase `{text}` stands under `{}` and under `{}`",
                        other.name, kind.name
                    )));
                }
            }
        }
    }
    Ok(found)
}

fn kind(file: FileKind) -> Kind {
    Kind {
        minor_weight: file.minor.map_or(file.weight, |minor| minor.weight),
        name: file.name,
        weight: file.weight,
        cap: file.cap,
        covering: file.covering,
    }
}
