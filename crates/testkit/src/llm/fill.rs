//! Makes a value that fits a JSON Schema out of sentences of the sources.

use serde_json::{Map, Value, json};

use super::Prompt;

/// So many items at most in a list, even of many topics.
const MOST_ITEMS: usize = 6;
const DEEPEST: usize = 24;

/// A sentence and where it stands.
#[derive(Debug, Clone)]
struct Quote {
    label: String,
    text: String,
}

/// Walks a schema; every object that cites gets the next quote.
#[derive(Debug)]
pub(super) struct Filler<'a> {
    root: &'a Value,
    quotes: Vec<Quote>,
    /// Whether the quotes are earlier findings.
    from_findings: bool,
    next: usize,
    /// The quotes of the object being filled.
    current: Vec<Quote>,
    topic: usize,
    /// The ids of the claims made, with what they state.
    claims: Vec<(String, String)>,
    depth: usize,
}

impl<'a> Filler<'a> {
    pub(super) fn new(prompt: &Prompt, root: &'a Value) -> Self {
        let findings = prompt.findings();
        let from_findings = !findings.is_empty();
        let blocks = if from_findings { findings } else { prompt.sources() };
        let mut columns: Vec<std::vec::IntoIter<Quote>> = Vec::new();
        for block in &blocks {
            let quote = |text: &str| Quote { label: block.label.clone(), text: text.to_owned() };
            // What a finding states is its first line; what follows belongs to it.
            let count = if from_findings { 1 } else { usize::MAX };
            let sentences = block.sentences().into_iter().take(count);
            columns.push(sentences.map(quote).collect::<Vec<_>>().into_iter());
        }
        // One sentence of each block, then the second of each: claims from many pages.
        let mut quotes: Vec<Quote> = Vec::new();
        loop {
            let row: Vec<Quote> = columns.iter_mut().filter_map(Iterator::next).collect();
            if row.is_empty() {
                break;
            }
            let fresh: Vec<Quote> =
                row.into_iter().filter(|quote| quotes.iter().all(|known| known.text != quote.text)).collect();
            quotes.extend(fresh);
        }
        Self {
            root,
            quotes,
            from_findings,
            next: 0,
            current: Vec::new(),
            topic: 0,
            claims: Vec::new(),
            depth: 0,
        }
    }

    pub(super) fn value(&mut self, schema: &Value) -> Value {
        self.field("", schema)
    }

    fn field(&mut self, name: &str, schema: &Value) -> Value {
        let schema = self.plain(schema);
        if self.depth > DEEPEST {
            return Value::Null;
        }
        self.depth += 1;
        let value = if let Some(options) = schema.get("enum").and_then(Value::as_array) {
            self.choose(name, options)
        } else {
            match type_of(&schema) {
                "object" => self.object(&schema),
                "array" => self.array(name, &schema),
                "number" => schema.get("minimum").cloned().unwrap_or_else(|| json!(1)),
                "integer" => schema.get("minimum").cloned().unwrap_or_else(|| json!(1)),
                "boolean" => Value::Bool(true),
                "null" => Value::Null,
                _ => self.string(name, &schema).into(),
            }
        };
        self.depth -= 1;
        value
    }

    /// Without references, and of several forms the first that is not null.
    fn plain(&self, schema: &Value) -> Value {
        let mut schema = schema.clone();
        for _ in 0..DEEPEST {
            if let Some(pointer) =
                schema.get("$ref").and_then(Value::as_str).and_then(|r| r.strip_prefix('#'))
            {
                schema = self.root.pointer(pointer).cloned().unwrap_or_default();
            } else if let Some(forms) =
                schema.get("anyOf").or_else(|| schema.get("oneOf")).and_then(Value::as_array)
            {
                let first = forms.iter().find(|form| type_of(form) != "null").cloned();
                schema = first.unwrap_or_default();
            } else {
                break;
            }
        }
        schema
    }

    fn choose(&mut self, name: &str, options: &[Value]) -> Value {
        let options: Vec<&Value> = options.iter().filter(|option| !option.is_null()).collect();
        let has =
            |word: &str| options.iter().find(|option| **option == word).map(|option| (**option).clone());
        let meant = match name {
            "topic" => {
                let at = self.topic % options.len().max(1);
                self.topic += 1;
                options.get(at).map(|option| (*option).clone())
            }
            "kind" if self.from_findings => has("inference"),
            "kind" => has("fact"),
            _ => None,
        };
        meant.or_else(|| options.first().map(|option| (*option).clone())).unwrap_or_default()
    }

    fn object(&mut self, schema: &Value) -> Value {
        let empty = Map::new();
        let properties = schema.get("properties").and_then(Value::as_object).unwrap_or(&empty);
        let required: Vec<&str> = schema
            .get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let cites = properties.contains_key("evidence");
        if cites {
            self.take();
        }
        let mut out = Map::new();
        // Whether a claim is an inference decides whether it says why; a summary cites the claims.
        let mut ordered: Vec<(&String, &Value)> = properties.iter().collect();
        ordered.sort_by_key(|(name, _)| match name.as_str() {
            "kind" => 0,
            "summary" => 2,
            _ => 1,
        });
        for (name, form) in ordered {
            let wanted = required.contains(&name.as_str());
            let may_lack = !wanted || takes_null(form);
            let value = match name.as_str() {
                // Entities and findings are cited by their labels alone.
                "quote" if may_lack && !self.label().starts_with('S') => Value::Null,
                "source" | "quote" | "evidence" => self.field(name, form),
                "id" if cites => format!("c{}", self.claims.len() + 1).into(),
                "because" if !may_lack || out.get("kind") == Some(&json!("inference")) => {
                    "It follows from what is quoted.".into()
                }
                "because" | "value" | "looked_in" | "severity" if may_lack => Value::Null,
                _ if !wanted => continue,
                _ => self.field(name, form),
            };
            if !value.is_null() || wanted {
                out.insert(name.clone(), value);
            }
        }
        if cites {
            let word = |key: &str| out.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
            self.claims.push((word("id"), word("statement")));
        }
        Value::Object(out)
    }

    fn array(&mut self, name: &str, schema: &Value) -> Value {
        let Some(form) = schema.get("items").map(|items| self.plain(items)) else { return json!([]) };
        let known = |key: &str| form.pointer(&format!("/properties/{key}"));
        if name == "summary" && known("claims").is_some() {
            return self.summary(&form);
        }
        if name == "evidence" {
            let quotes = self.current.clone();
            return quotes.iter().map(|quote| self.evidence(&form, quote)).collect();
        }
        let left = self.quotes.len().saturating_sub(self.next);
        let count = if known("evidence").is_some() {
            let topics = known("topic").and_then(|topic| topic.get("enum")).and_then(Value::as_array);
            topics.map_or(3, |topics| topics.iter().filter(|topic| !topic.is_null()).count()).min(left)
        } else if known("source").is_some() || type_of(&form) == "string" {
            3.min(left)
        } else {
            1
        };
        let bound = |key: &str| schema.get(key).and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok());
        let most = bound("maxItems").unwrap_or(MOST_ITEMS).min(MOST_ITEMS);
        let count = count.min(most).max(bound("minItems").unwrap_or(0));
        (0..count)
            .map(|_| {
                if known("evidence").is_none() {
                    self.take();
                }
                self.field("", &form)
            })
            .collect()
    }

    fn evidence(&mut self, form: &Value, quote: &Quote) -> Value {
        let before = std::mem::replace(&mut self.current, vec![quote.clone()]);
        let value = self.field("", form);
        self.current = before;
        value
    }

    /// Sentences that repeat claims, or findings where there are no claims.
    fn summary(&mut self, form: &Value) -> Value {
        let sentences: Vec<(String, String)> = if self.claims.is_empty() {
            self.quotes.iter().take(4).map(|quote| (quote.label.clone(), quote.text.clone())).collect()
        } else {
            self.claims.iter().take(2).cloned().collect()
        };
        self.topic = 0;
        sentences
            .into_iter()
            .map(|(label, text)| {
                self.current = vec![Quote { label: label.clone(), text }];
                let mut sentence = self.field("", form);
                if let Some(sentence) = sentence.as_object_mut() {
                    sentence.insert("claims".to_owned(), json!([label]));
                }
                sentence
            })
            .collect()
    }

    fn label(&self) -> &str {
        self.current.first().map_or("S1", |quote| quote.label.as_str())
    }

    fn string(&self, name: &str, schema: &Value) -> String {
        let quote = self.current.first().or_else(|| self.quotes.first());
        let (label, text) = quote.map_or(("S1", "Nothing was shown."), |q| (&q.label, &q.text));
        if name == "source" {
            return label.to_owned();
        }
        let most = schema.get("maxLength").and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok());
        text.chars().take(most.unwrap_or(usize::MAX)).collect()
    }

    /// The next quote becomes the current one; claims about findings cite two.
    fn take(&mut self) {
        let wanted = if self.from_findings { 2 } else { 1 };
        let count = self.quotes.len().max(1);
        self.current = (0..wanted.min(count))
            .filter_map(|n| self.quotes.get((self.next + n) % count))
            .cloned()
            .collect();
        self.next += 1;
    }
}

fn type_of(schema: &Value) -> &str {
    match schema.get("type") {
        Some(Value::String(kind)) => kind,
        Some(Value::Array(kinds)) => {
            kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null").unwrap_or("null")
        }
        _ if schema.get("properties").is_some() => "object",
        _ => "string",
    }
}

fn takes_null(schema: &Value) -> bool {
    let listed = |key: &str| {
        schema.get(key).and_then(Value::as_array).is_some_and(|forms| {
            forms
                .iter()
                .any(|form| form.is_null() || form == "null" || form.get("type").is_some_and(|t| t == "null"))
        })
    };
    listed("type") || listed("anyOf") || listed("oneOf") || listed("enum")
}
