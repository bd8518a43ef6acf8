//! `checks.toml`: the key facts, the bands, the stages and the flags, as data.

use std::collections::BTreeMap;

use evidence::Negations;
use regex::Regex;
use serde::{Deserialize, Deserializer};

use crate::hints::{EntityHint, Topic, WrittenTopic};
use crate::text::denials::states;

/// Rules that cannot be used, and why.
#[derive(Debug, thiserror::Error)]
#[error("checks: {0}")]
pub(crate) struct Error(pub(crate) String);

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    fact: Vec<WrittenFact>,
    size: Size,
    stage: WrittenStage,
    #[serde(default)]
    conflict: Vec<Conflict>,
    flag: Vec<Flag>,
    #[serde(default)]
    metrics: BTreeMap<String, EntityCount>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenFact {
    id: String,
    label: String,
    /// Where it is expected, the likeliest kind first.
    expected: Vec<String>,
    /// The same hints that sections are found by.
    find: WrittenTopic,
}

/// A key fact, compiled.
#[derive(Debug)]
pub(crate) struct Fact {
    pub(crate) id: String,
    pub(crate) label: String,
    pub(crate) expected: Vec<String>,
    pub(crate) topic: Topic,
}

/// Staff bands: `below` people is the band.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Size {
    pub(crate) headcount: EntityHint,
    pub(crate) bands: Vec<Band>,
    pub(crate) labels: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Band {
    /// None: the last, without an upper end.
    #[serde(default)]
    pub(crate) below: Option<u64>,
    pub(crate) is: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenStage {
    labels: BTreeMap<String, String>,
    /// The stages that signals are averaged over, from first to last.
    ladder: Vec<String>,
    explicit: Vec<WrittenSign>,
    round: Vec<WrittenSign>,
    round_words: String,
    signals: Signals,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenSign {
    name: String,
    stage: String,
    patterns: Vec<String>,
    #[serde(default)]
    unless: Vec<String>,
}

/// What shows how far a company has come.
#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) labels: BTreeMap<String, String>,
    pub(crate) ladder: Vec<String>,
    pub(crate) explicit: Vec<Sign>,
    /// From first to last.
    pub(crate) round: Vec<Sign>,
    /// What a sentence must hold besides, to be about this company's money.
    pub(crate) round_words: Regex,
    pub(crate) signals: Signals,
}

/// Words that point to a stage.
#[derive(Debug)]
pub(crate) struct Sign {
    pub(crate) name: String,
    pub(crate) stage: String,
    pub(crate) patterns: Vec<Regex>,
    pub(crate) unless: Vec<Regex>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Signals {
    /// Kinds of pages on which a company speaks of itself.
    pub(crate) kinds: Vec<String>,
    pub(crate) founded: EntityHint,
    /// Years: below the first → the first stage of the ladder, and so on.
    pub(crate) age_years: Vec<u64>,
    /// What is counted for the footprint, and its bands (at most).
    pub(crate) footprint: Vec<EntityCount>,
    pub(crate) footprint_at_most: Vec<u64>,
    /// How many of the signals are needed.
    pub(crate) needed: usize,
    pub(crate) explicit_confidence: f64,
    pub(crate) round_confidence: f64,
    /// With the needed number of signals, and with all of them.
    pub(crate) median_confidence: [f64; 2],
    /// Steps of the ladder between round and headcount that make a conflict.
    pub(crate) clash_steps: usize,
}

/// Entities that are counted.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EntityCount {
    pub(crate) kind: String,
    #[serde(default, rename = "where", deserialize_with = "crate::hints::conditions")]
    pub(crate) conditions: BTreeMap<String, Vec<serde_json::Value>>,
    /// Counts the values of this path instead of entities.
    #[serde(default)]
    pub(crate) distinct: Option<String>,
}

/// How two values of a fact are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Compare {
    /// The first four digits.
    Year,
    /// One's words hold the other's: `Brightwater` and `Brightwater Pumps Ltd` agree.
    Words,
}

/// A fact that sources may disagree on.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Conflict {
    pub(crate) id: String,
    /// The fact it is about.
    pub(crate) fact: String,
    pub(crate) label: String,
    pub(crate) compare: Compare,
    pub(crate) values: Vec<ValueOf>,
    pub(crate) severity: String,
    pub(crate) why: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ValueOf {
    pub(crate) kind: String,
    #[serde(default, rename = "where", deserialize_with = "crate::hints::conditions")]
    pub(crate) conditions: BTreeMap<String, Vec<serde_json::Value>>,
    pub(crate) path: String,
}

/// One flag. `says` is a template over what the test found: `{n}`, `{value}`, `{share}`, `{date}`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Flag {
    pub(crate) id: String,
    pub(crate) topic: String,
    pub(crate) severity: String,
    pub(crate) says: String,
    pub(crate) why: String,
    pub(crate) test: Test,
}

/// What raises a flag.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Test {
    /// Entities that should not be; each is a flag, at most `max`.
    Entity {
        kind: String,
        #[serde(rename = "where", deserialize_with = "crate::hints::conditions")]
        conditions: BTreeMap<String, Vec<serde_json::Value>>,
        max: usize,
    },
    /// None of the facts was found although one of the kinds was read.
    NoneOf { facts: Vec<String>, kinds: Vec<String> },
    /// There are entities of the kind, and all of them fulfil the condition.
    AllEntities {
        kind: String,
        #[serde(rename = "where", deserialize_with = "crate::hints::conditions")]
        conditions: BTreeMap<String, Vec<serde_json::Value>>,
        unless: Vec<EntityCount>,
    },
    /// Text that a page holds.
    Text {
        #[serde(deserialize_with = "patterns")]
        patterns: Vec<Regex>,
    },
    /// An encrypted connection was asked for and was not to be had.
    Insecure,
    /// The site was read without encryption because nobody asked for any.
    PlainHttp,
    /// Internal addresses that end nowhere, as a share of those fetched.
    BrokenLinks { above: f64, at_least: usize },
    /// The latest year under a copyright sign.
    OldCopyright {
        kind: String,
        #[serde(rename = "where", deserialize_with = "crate::hints::conditions")]
        conditions: BTreeMap<String, Vec<serde_json::Value>>,
        years: i32,
    },
    /// The latest dated page of these kinds.
    OldNews { kinds: Vec<String>, months: i32 },
    /// Quote blocks that name nobody.
    AnonymousPraise {
        at_least: usize,
        #[serde(deserialize_with = "pattern")]
        named: Regex,
    },
    /// Praise without a number.
    EmptyPraise { at_least: usize },
    /// A form to fill in, and no page or link about privacy.
    NoPrivacy {
        #[serde(deserialize_with = "pattern")]
        link: Regex,
    },
    /// The address given led to a site of another name.
    Moved,
    /// Known addresses that were not read, as a share of all.
    Unseen { above: f64 },
}

/// Everything in the file, compiled.
#[derive(Debug)]
pub(crate) struct Rules {
    pub(crate) facts: Vec<Fact>,
    pub(crate) size: Size,
    pub(crate) stage: Stage,
    pub(crate) conflicts: Vec<Conflict>,
    pub(crate) flags: Vec<Flag>,
    pub(crate) metrics: BTreeMap<String, EntityCount>,
}

impl Rules {
    /// `names` are the subject's, for `{name}` in patterns.
    pub(crate) fn parse(toml: &str, names: &[String]) -> Result<Self, Error> {
        let file: File = toml::from_str(toml).map_err(|error| Error(error.to_string()))?;
        let name = crate::hints::names_pattern(names);
        let facts = file.fact.into_iter().map(|fact| Fact::compile(fact, &name)).collect::<Result<_, _>>()?;
        let stage = Stage::compile(file.stage, &name)?;
        Ok(Self {
            facts,
            size: file.size,
            stage,
            conflicts: file.conflict,
            flags: file.flag,
            metrics: file.metrics,
        })
    }
}

impl Fact {
    fn compile(written: WrittenFact, names: &str) -> Result<Self, Error> {
        let topic = Topic::compile(Some(written.find), written.id.clone(), names)
            .map_err(|e| Error(e.to_string()))?;
        Ok(Self { id: written.id, label: written.label, expected: written.expected, topic })
    }
}

impl Stage {
    fn compile(written: WrittenStage, names: &str) -> Result<Self, Error> {
        let signs = |list: Vec<WrittenSign>| -> Result<Vec<Sign>, Error> {
            list.into_iter().map(|sign| Sign::compile(sign, names)).collect()
        };
        Ok(Self {
            labels: written.labels,
            ladder: written.ladder,
            explicit: signs(written.explicit)?,
            round: signs(written.round)?,
            round_words: compile(&written.round_words, names)?,
            signals: written.signals,
        })
    }

    pub(crate) fn label(&self, stage: &str) -> String {
        self.labels.get(stage).cloned().unwrap_or_else(|| stage.to_owned())
    }

    /// The stage's place on the ladder; rounds name the first step `seed`.
    pub(crate) fn step(&self, stage: &str) -> Option<usize> {
        let stage = if stage == "seed" { self.ladder.first()? } else { stage };
        self.ladder.iter().position(|step| step == stage)
    }
}

impl Sign {
    fn compile(written: WrittenSign, names: &str) -> Result<Self, Error> {
        let all = |list: &[String]| {
            list.iter().map(|pattern| compile(pattern, names)).collect::<Result<Vec<_>, _>>()
        };
        Ok(Self {
            patterns: all(&written.patterns)?,
            unless: all(&written.unless)?,
            name: written.name,
            stage: written.stage,
        })
    }

    /// Whether the text holds the sign, and does not deny it.
    pub(crate) fn is_in(&self, text: &str) -> bool {
        self.patterns.iter().any(|pattern| pattern.is_match(text))
            && !self.unless.iter().any(|not| not.is_match(text))
            && {
                let negations = Negations::of(text);
                self.patterns.iter().any(|pattern| states(pattern, text, &negations))
            }
    }
}

fn compile(pattern: &str, names: &str) -> Result<Regex, Error> {
    Regex::new(&pattern.replace("{name}", names)).map_err(|error| Error(error.to_string()))
}

fn pattern<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Regex, D::Error> {
    let written = String::deserialize(deserializer)?;
    Regex::new(&written).map_err(serde::de::Error::custom)
}

fn patterns<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Regex>, D::Error> {
    let written = Vec::<String>::deserialize(deserializer)?;
    written.iter().map(|pattern| Regex::new(pattern).map_err(serde::de::Error::custom)).collect()
}
