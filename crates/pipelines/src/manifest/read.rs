//! From the text of `pipeline.toml` to what it says, with the place of everything that can be wrong later.

use std::collections::BTreeMap;
use std::ops::Range;

use serde_json::{Map, Number, Value};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::mistake::{Mistakes, Source};
use crate::nearest::nearest;

const KEYS: [&str; 7] = ["name", "title", "subject", "subject_key", "input", "profile", "job"];
const JOB_KEYS: [&str; 8] = ["id", "uses", "with", "needs", "for_each", "when", "optional", "group"];
/// More jobs than anybody draws.
const MAX_JOBS: usize = 200;

/// A string of the manifest; `span` is where its value is written, quotation marks included.
#[derive(Debug, Clone)]
pub(super) struct Text {
    pub(super) value: String,
    pub(super) span: Range<usize>,
}

/// What the manifest says. Whatever is missing or misspelt was reported when it was read.
#[derive(Debug, Default)]
pub(super) struct Manifest {
    pub(super) name: Option<Text>,
    pub(super) title: Option<Text>,
    pub(super) subject: Option<Text>,
    pub(super) subject_key: Option<Text>,
    pub(super) input: Option<Text>,
    pub(super) profile: Option<Text>,
    pub(super) jobs: Vec<Job>,
}

#[derive(Debug, Default)]
pub(super) struct Job {
    pub(super) id: Option<Text>,
    pub(super) uses: Option<Text>,
    pub(super) with: Map<String, Value>,
    /// Of everything in `with`, by JSON pointer; `""` is `with` itself, or the job if it has none.
    pub(super) places: BTreeMap<String, Place>,
    pub(super) needs: Vec<Text>,
    pub(super) for_each: Vec<Text>,
    pub(super) when: Vec<Text>,
    pub(super) optional: bool,
    pub(super) group: Option<Text>,
    pub(super) start: usize,
}

#[derive(Debug, Clone)]
pub(super) struct Place {
    /// Where the key stands; the value, for an entry of a list.
    pub(super) key: usize,
    pub(super) value: Range<usize>,
}

impl Job {
    pub(super) fn place(&self, pointer: &str) -> Place {
        self.places.get(pointer).cloned().unwrap_or(Place { key: self.start, value: self.start..self.start })
    }

    /// The strings of `with`, each with its JSON pointer.
    pub(super) fn strings(&self) -> Vec<(String, &str)> {
        let mut found = Vec::new();
        for (key, value) in &self.with {
            strings(value, format!("/{}", escape(key)), &mut found);
        }
        found
    }
}

fn strings<'a>(value: &'a Value, pointer: String, found: &mut Vec<(String, &'a str)>) {
    match value {
        Value::String(text) => found.push((pointer, text)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(n, item)| strings(item, format!("{pointer}/{n}"), found));
        }
        Value::Object(members) => {
            members
                .iter()
                .for_each(|(key, value)| strings(value, format!("{pointer}/{}", escape(key)), found));
        }
        _ => {}
    }
}

/// A key as a segment of a JSON pointer.
pub(super) fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// What the text says; none if it is no TOML, and then every place where it is not was reported.
pub(super) fn manifest(source: Source<'_>, mistakes: &mut Mistakes) -> Option<Manifest> {
    let (table, errors) = DeTable::parse_recoverable(source.text);
    for error in &errors {
        let reason = error.message().split_whitespace().collect::<Vec<_>>().join(" ");
        mistakes.at(source, error.span().map_or(0, |span| span.start), reason);
    }
    let mut reader = Reader { source, mistakes };
    errors.is_empty().then(|| reader.manifest(table.get_ref()))
}

struct Reader<'a, 'm> {
    source: Source<'a>,
    mistakes: &'m mut Mistakes,
}

impl Reader<'_, '_> {
    fn wrong(&mut self, offset: usize, reason: impl Into<String>) {
        self.mistakes.at(self.source, offset, reason);
    }

    fn manifest(&mut self, table: &DeTable<'_>) -> Manifest {
        self.keys(table, &KEYS, "a pipeline");
        let manifest = Manifest {
            name: self.required(table, "name", 0),
            title: self.required(table, "title", 0),
            subject: self.required(table, "subject", 0),
            subject_key: self.required(table, "subject_key", 0),
            input: self.required(table, "input", 0),
            profile: self.text(table, "profile"),
            jobs: self.jobs(table),
        };
        self.name(manifest.name.as_ref(), "a name", "._-");
        self.name(manifest.subject.as_ref(), "a subject", "._-");
        manifest
    }

    fn jobs(&mut self, table: &DeTable<'_>) -> Vec<Job> {
        let Some(value) = table.get("job") else {
            self.wrong(0, "the pipeline has no jobs: write at least one `[[job]]`");
            return Vec::new();
        };
        let DeValue::Array(items) = value.get_ref() else {
            self.wrong(value.span().start, "jobs are written as `[[job]]`");
            return Vec::new();
        };
        if items.is_empty() || items.len() > MAX_JOBS {
            self.wrong(
                value.span().start,
                format!("a pipeline has 1 to {MAX_JOBS} jobs, this has {}", items.len()),
            );
            return Vec::new();
        }
        items.iter().filter_map(|item| self.job(item)).collect()
    }

    fn job(&mut self, item: &Spanned<DeValue<'_>>) -> Option<Job> {
        let start = item.span().start;
        let DeValue::Table(table) = item.get_ref() else {
            self.wrong(start, format!("a job must be a table, is {}", article(item.get_ref())));
            return None;
        };
        self.keys(table, &JOB_KEYS, "a job");
        let mut job = Job {
            id: self.required(table, "id", start),
            uses: self.required(table, "uses", start),
            needs: self.texts(table, "needs"),
            for_each: self.texts(table, "for_each"),
            when: self.texts(table, "when"),
            optional: self.flag(table, "optional"),
            group: self.text(table, "group"),
            start,
            ..Job::default()
        };
        self.name(job.id.as_ref(), "an id", "_");
        self.name(job.group.as_ref(), "a group", "_-");
        if let Some((key, value)) = table.get_key_value("with") {
            let place = Place { key: key.span().start, value: value.span() };
            match value.get_ref() {
                DeValue::Table(_) => {
                    job.places.insert(String::new(), place);
                    if let Value::Object(with) = self.json(value, "", &mut job.places) {
                        job.with = with;
                    }
                }
                other => {
                    self.wrong(value.span().start, format!("`with` must be a table, is {}", article(other)))
                }
            }
        }
        Some(job)
    }

    /// Reports every key that is none of `known`.
    fn keys(&mut self, table: &DeTable<'_>, known: &[&str], of: &str) {
        for key in table.keys().filter(|key| !known.contains(&key.get_ref().as_ref())) {
            let name: &str = key.get_ref();
            self.wrong(
                key.span().start,
                format!("{of} has no key `{name}`{}", nearest(name, known.iter().copied())),
            );
        }
    }

    fn required(&mut self, table: &DeTable<'_>, key: &str, start: usize) -> Option<Text> {
        if !table.contains_key(key) {
            self.wrong(start, format!("`{key}` is missing"));
        }
        self.text(table, key)
    }

    fn text(&mut self, table: &DeTable<'_>, key: &str) -> Option<Text> {
        let value = table.get(key)?;
        match value.get_ref() {
            DeValue::String(text) if !text.trim().is_empty() => {
                Some(Text { value: text.to_string(), span: value.span() })
            }
            DeValue::String(_) => {
                self.wrong(value.span().start, format!("`{key}` is empty"));
                None
            }
            other => {
                self.wrong(value.span().start, format!("`{key}` must be a string, is {}", article(other)));
                None
            }
        }
    }

    /// A string, or a list of strings.
    fn texts(&mut self, table: &DeTable<'_>, key: &str) -> Vec<Text> {
        let Some(value) = table.get(key) else { return Vec::new() };
        let DeValue::Array(items) = value.get_ref() else {
            return self.text(table, key).into_iter().collect();
        };
        let mut texts = Vec::new();
        for item in items.iter() {
            match item.get_ref() {
                DeValue::String(text) => texts.push(Text { value: text.to_string(), span: item.span() }),
                other => self
                    .wrong(item.span().start, format!("`{key}` lists strings, this is {}", article(other))),
            }
        }
        texts
    }

    fn flag(&mut self, table: &DeTable<'_>, key: &str) -> bool {
        let Some(value) = table.get(key) else { return false };
        value.get_ref().as_bool().unwrap_or_else(|| {
            self.wrong(
                value.span().start,
                format!("`{key}` must be true or false, is {}", article(value.get_ref())),
            );
            false
        })
    }

    /// Names are lower-case words, so that they can stand in paths, labels and expressions.
    fn name(&mut self, text: Option<&Text>, what: &str, signs: &str) {
        let Some(text) = text else { return };
        let good = text.value.len() <= 64
            && text.value.starts_with(|c: char| c.is_ascii_lowercase())
            && text.value.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || signs.contains(c));
        if !good {
            let signs: Vec<String> = signs.chars().map(|sign| format!("`{sign}`")).collect();
            let rule = format!(
                "begins with a lower-case letter and goes on with letters, digits and {}",
                signs.join(", ")
            );
            self.wrong(
                text.span.start,
                format!("`{}` is no good: {what} {rule}, at most 64 in all", text.value),
            );
        }
    }

    fn json(
        &mut self,
        value: &Spanned<DeValue<'_>>,
        at: &str,
        places: &mut BTreeMap<String, Place>,
    ) -> Value {
        let start = value.span().start;
        match value.get_ref() {
            DeValue::String(text) => Value::String(text.to_string()),
            DeValue::Boolean(flag) => Value::Bool(*flag),
            DeValue::Datetime(time) => Value::String(time.to_string()),
            DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
                Ok(number) => Value::from(number),
                Err(_) => {
                    self.wrong(start, "the number is too large");
                    Value::Null
                }
            },
            DeValue::Float(number) => {
                let number = number.as_str().parse::<f64>().ok().and_then(Number::from_f64);
                if number.is_none() {
                    self.wrong(start, "the number is not finite");
                }
                number.map_or(Value::Null, Value::Number)
            }
            DeValue::Array(items) => {
                let items = items.iter().enumerate().map(|(n, item)| {
                    let pointer = format!("{at}/{n}");
                    places.insert(pointer.clone(), Place { key: item.span().start, value: item.span() });
                    self.json(item, &pointer, places)
                });
                Value::Array(items.collect())
            }
            DeValue::Table(table) => {
                let mut members: Vec<_> = table.iter().collect();
                members.sort_by_key(|(key, _)| key.span().start);
                let members = members.into_iter().map(|(key, value)| {
                    let pointer = format!("{at}/{}", escape(key.get_ref()));
                    places.insert(pointer.clone(), Place { key: key.span().start, value: value.span() });
                    (key.get_ref().to_string(), self.json(value, &pointer, places))
                });
                Value::Object(members.collect())
            }
        }
    }
}

/// `a string`, `an integer`.
fn article(value: &DeValue<'_>) -> String {
    let name = value.type_str();
    let article = if name.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {name}")
}
