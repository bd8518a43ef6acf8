//! Settings: documented defaults, then a file, then the environment (`ASSAY__SECTION__KEY`).
//!
//! A defaults file lists every key there is, so it is the default, the sample and the documentation at once, and a
//! key it does not list is a mistake that can be named.

use std::path::{Path, PathBuf};

use config::{Config, Environment, File, FileFormat};
use serde::de::DeserializeOwned;
use toml::{Table, Value};

const PREFIX: &str = "ASSAY";
const SEPARATOR: &str = "__";

/// Settings that cannot be used; every variant says what and where.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("cannot read the settings file {path}: {source}")]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("{place}: {reason}")]
    Malformed { place: String, reason: String },
    #[error("{}", unknown_keys(.0))]
    Unknown(Vec<Unknown>),
    #[error("the setting `{key}` cannot be used: {reason}")]
    Invalid { key: String, reason: String },
}

/// A key that no defaults file lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// The file or the environment variable it stands in.
    pub place: String,
    pub key: String,
    pub nearest: Option<String>,
}

fn unknown_keys(keys: &[Unknown]) -> String {
    let lines: Vec<_> = keys
        .iter()
        .map(|Unknown { place, key, nearest }| match nearest {
            Some(nearest) => format!("{place}: there is no setting `{key}`; did you mean `{nearest}`?"),
            None => format!("{place}: there is no setting `{key}`"),
        })
        .collect();
    lines.join("\n")
}

/// The documented defaults of one section, as the crate that reads them wrote them down.
#[derive(Debug, Clone, Copy)]
pub struct Defaults {
    /// Where the keys stand in the whole: `net`; empty for the top.
    pub section: &'static str,
    /// TOML without the section's own header.
    pub text: &'static str,
}

/// The sections of one settings file for the whole house. A process passes over those that only others read, so that
/// all of them can share a file.
const SECTIONS: &[&str] = &[
    "admin",
    "crawl",
    "ephemeral",
    "gateway",
    "llm",
    "log",
    "net",
    "pipelines",
    "queue",
    "scheduler",
    "store",
    "worker",
];

/// Reads settings from the given defaults, an optional file and the environment.
///
/// # Errors
/// If a source cannot be read, holds an unknown key, or the whole does not fit `T`.
pub fn load<T: DeserializeOwned>(
    defaults: &[Defaults],
    file: Option<&Path>,
    environment: impl IntoIterator<Item = (String, String)>,
) -> Result<T, Error> {
    Sources::read(defaults, file, environment)?.get()
}

/// What was read, to be taken in parts.
#[derive(Debug, Clone)]
pub struct Sources(Config);

impl Sources {
    /// # Errors
    /// If a source cannot be read or holds an unknown key.
    pub fn read(
        defaults: &[Defaults],
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, Error> {
        let known = known(defaults)?;
        let is_elsewhere = |section: &str| SECTIONS.contains(&section) && !known.contains_key(section);
        let mut builder = Config::builder().add_source(File::from_str(&known.to_string(), FileFormat::Toml));
        let mut unknown = Vec::new();
        if let Some(path) = file {
            let text = std::fs::read_to_string(path)
                .map_err(|source| Error::Unreadable { path: path.to_owned(), source })?;
            let place = path.display().to_string();
            let mut given = parse(&place, &text)?;
            given.retain(|section, _| !is_elsewhere(section));
            for key in keys(&given, "") {
                check(&known, &key, &place, &mut unknown);
            }
            builder = builder.add_source(File::from_str(&given.to_string(), FileFormat::Toml));
        }
        let variables: Vec<(String, String)> = environment
            .into_iter()
            .filter(|(name, _)| name.starts_with("ASSAY__"))
            .filter(|(name, _)| !key(name).split('.').next().is_some_and(is_elsewhere))
            .collect();
        for (name, _) in &variables {
            check(&known, &key(name), &format!("environment variable {name}"), &mut unknown);
        }
        if !unknown.is_empty() {
            return Err(Error::Unknown(unknown));
        }
        let mut environment = Environment::with_prefix(PREFIX)
            .prefix_separator(SEPARATOR)
            .separator(SEPARATOR)
            .try_parsing(true);
        // Only if there are lists: told of none, `config` takes every text for one.
        for key in lists(&known) {
            environment = environment.list_separator(",").with_list_parse_key(&key);
        }
        let environment = environment.source(Some(variables.into_iter().collect()));
        Ok(Self(builder.add_source(environment).build().map_err(invalid)?))
    }

    /// The sections that `T` has fields for.
    ///
    /// # Errors
    /// If they do not fit `T`.
    pub fn get<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_path_to_error::deserialize(self.0.clone()).map_err(|error| Error::Invalid {
            key: error.path().to_string(),
            reason: error.inner().to_string(),
        })
    }
}

/// All defaults as one table.
fn known(defaults: &[Defaults]) -> Result<Table, Error> {
    let mut known = Table::new();
    for Defaults { section, text } in defaults {
        let mut table = parse(&format!("the defaults of `{section}`"), text)?;
        if !section.is_empty() {
            table = Table::from_iter([((*section).to_owned(), table.into())]);
        }
        merge(&mut known, table);
    }
    Ok(known)
}

/// The setting that an environment variable means.
fn key(variable: &str) -> String {
    variable.split(SEPARATOR).skip(1).map(str::to_lowercase).collect::<Vec<_>>().join(".")
}

fn invalid(error: config::ConfigError) -> Error {
    Error::Invalid { key: "(any)".to_owned(), reason: error.to_string() }
}

fn parse(place: &str, text: &str) -> Result<Table, Error> {
    text.parse::<Table>()
        .map_err(|error| Error::Malformed { place: place.to_owned(), reason: error.to_string() })
}

fn merge(into: &mut Table, from: Table) {
    for (key, value) in from {
        match (into.get_mut(&key), value) {
            (Some(Value::Table(existing)), Value::Table(more)) => merge(existing, more),
            (_, value) => {
                into.insert(key, value);
            }
        }
    }
}

/// The dotted names of all leaves. An empty table is a leaf: its keys are the user's.
fn keys(table: &Table, prefix: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (key, value) in table {
        let name = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
        match value {
            Value::Table(inner) if !inner.is_empty() => found.extend(keys(inner, &name)),
            _ => found.push(name),
        }
    }
    found
}

fn lists(known: &Table) -> Vec<String> {
    keys(known, "").into_iter().filter(|key| matches!(find(known, key), Some(Value::Array(_)))).collect()
}

fn find<'a>(table: &'a Table, key: &str) -> Option<&'a Value> {
    let (first, rest) = key.split_once('.').map_or((key, None), |(first, rest)| (first, Some(rest)));
    match (table.get(first)?, rest) {
        (value, None) => Some(value),
        (Value::Table(inner), Some(rest)) => find(inner, rest),
        _ => None,
    }
}

fn check(known: &Table, key: &str, place: &str, unknown: &mut Vec<Unknown>) {
    let all = keys(known, "");
    let users_own = all.iter().any(|of| {
        matches!(find(known, of), Some(Value::Table(_)))
            && key.strip_prefix(of.as_str()).is_some_and(|k| k.starts_with('.'))
    });
    if users_own || all.iter().any(|name| name == key) {
        return;
    }
    let nearest = all
        .into_iter()
        .map(|name| (strsim::jaro_winkler(&name, key), name))
        .filter(|(score, _)| *score > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name);
    unknown.push(Unknown { place: place.to_owned(), key: key.to_owned(), nearest });
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    const DEFAULTS: &[Defaults] = &[
        Defaults { section: "net", text: "interval_ms = 1000\nallow = []\n" },
        Defaults { section: "", text: "[log]\nfilter = \"warn\"\n[models]\n" },
    ];

    #[derive(Debug, Deserialize)]
    struct Settings {
        net: Net,
        log: Log,
        models: std::collections::BTreeMap<String, String>,
    }
    #[derive(Debug, Deserialize)]
    struct Net {
        interval_ms: u64,
        allow: Vec<String>,
    }
    #[derive(Debug, Deserialize)]
    struct Log {
        filter: String,
    }

    fn load_with(file: Option<&str>, env: &[(&str, &str)]) -> Result<Settings, Error> {
        let folder = tempfile::tempdir().unwrap();
        let path = file.map(|text| {
            let path = folder.path().join("assay.toml");
            std::fs::write(&path, text).unwrap();
            path
        });
        let env = env.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        load(DEFAULTS, path.as_deref(), env)
    }

    #[test]
    fn the_environment_wins_over_the_file_and_the_file_over_the_defaults() {
        let settings = load_with(
            Some("[net]\ninterval_ms = 5\n[log]\nfilter = \"info\"\n[models]\nfast = \"x\""),
            &[
                ("ASSAY__NET__INTERVAL_MS", "7"),
                ("ASSAY__NET__ALLOW", "10.0.0.0/8,192.168.0.0/16"),
                ("PATH", "/bin"),
            ],
        )
        .unwrap();
        assert_eq!(settings.net.interval_ms, 7);
        assert_eq!(settings.net.allow, ["10.0.0.0/8", "192.168.0.0/16"]);
        assert_eq!(settings.log.filter, "info");
        assert_eq!(settings.models["fast"], "x");
    }

    #[test]
    fn an_unknown_key_is_named_with_its_place_and_the_nearest_name() {
        let error = load_with(Some("[net]\nintervall_ms = 5"), &[("ASSAY__LOG__FILTR", "x")])
            .unwrap_err()
            .to_string();
        assert!(error.contains("no setting `net.intervall_ms`; did you mean `net.interval_ms`?"), "{error}");
        assert!(error.contains("ASSAY__LOG__FILTR: there is no setting `log.filtr`"), "{error}");
    }

    #[test]
    fn a_text_is_no_list_where_there_are_none() {
        #[derive(Deserialize)]
        struct Queue {
            url: String,
        }
        #[derive(Deserialize)]
        struct Settings {
            queue: Queue,
        }
        let defaults = [Defaults { section: "queue", text: "url = ''" }];
        let environment = [("ASSAY__QUEUE__URL".to_owned(), "amqp://a,b".to_owned())];
        let settings: Settings = load(&defaults, None, environment).unwrap();
        assert_eq!(settings.queue.url, "amqp://a,b");
    }

    #[test]
    fn sections_of_other_processes_are_passed_over() {
        let settings =
            load_with(Some("[crawl]\nwhatever = 1\n[net]\ninterval_ms = 5"), &[("ASSAY__QUEUE__URL", "x")])
                .unwrap();
        assert_eq!(settings.net.interval_ms, 5);
        let error = load_with(Some("[crawls]\nwhatever = 1"), &[]).unwrap_err().to_string();
        assert!(error.contains("there is no setting `crawls.whatever`"), "{error}");
    }

    #[test]
    fn a_value_of_the_wrong_type_is_named() {
        let error = load_with(None, &[("ASSAY__NET__INTERVAL_MS", "soon")]).unwrap_err().to_string();
        assert!(error.contains("net.interval_ms"), "{error}");
    }

    #[test]
    fn a_file_that_is_no_toml_or_is_not_there_is_named() {
        assert!(matches!(load_with(Some("[net"), &[]), Err(Error::Malformed { .. })));
        let missing = load::<Settings>(DEFAULTS, Some(Path::new("/nowhere/assay.toml")), []).unwrap_err();
        assert!(missing.to_string().contains("/nowhere/assay.toml"), "{missing}");
    }
}
