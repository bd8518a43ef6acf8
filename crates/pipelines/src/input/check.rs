//! Whether an input schema can do what it says: our words in it, its defaults, presets and formats.

use serde_json::{Value, json};

use super::formats::{OURS, STANDARD};
use super::{escape, fill};
use crate::mistake::{Mistakes, Source};
use crate::nearest::nearest;
use crate::{json_text, schema};

/// Reports what is wrong in an input schema that is a JSON Schema.
pub(crate) fn check(root: &Value, source: Source<'_>, mistakes: &mut Mistakes) {
    let mut check = Check { root, source, mistakes };
    if root.get("type") != Some(&Value::from("object")) {
        check.wrong("", "an input is an object: write `\"type\": \"object\"` and `properties`".to_owned());
        return;
    }
    check.positional();
    check.editable();
    check.presets();
    check.schemas(root, "");
}

struct Check<'a> {
    root: &'a Value,
    source: Source<'a>,
    mistakes: &'a mut Mistakes,
}

impl Check<'_> {
    fn wrong(&mut self, pointer: &str, reason: String) {
        self.mistakes.at(self.source, json_text::offset(self.source.text, pointer), reason);
    }

    fn fields(&self) -> Vec<&str> {
        schema::properties(self.root, self.root)
    }

    fn no_field(&mut self, pointer: &str, name: &str) {
        let hint = nearest(name, self.fields());
        self.wrong(pointer, format!("`{name}` is not a field of the input{hint}"));
    }

    fn positional(&mut self) {
        match self.root.get("x-positional") {
            None => {}
            Some(Value::String(name)) if self.fields().contains(&name.as_str()) => {}
            Some(Value::String(name)) => self.no_field("/x-positional", &name.clone()),
            Some(_) => self.wrong("/x-positional", "`x-positional` names a field".to_owned()),
        }
    }

    fn editable(&mut self) {
        let Some(listed) = self.root.get("x-editable") else { return };
        let Some(names) = listed.as_array() else {
            return self.wrong("/x-editable", "`x-editable` is a list of fields".to_owned());
        };
        for (n, name) in names.iter().enumerate() {
            let pointer = format!("/x-editable/{n}");
            match name.as_str() {
                Some(name) if self.fields().contains(&name) => {}
                Some(name) => self.no_field(&pointer, name),
                None => self.wrong(&pointer, "`x-editable` names fields".to_owned()),
            }
        }
    }

    fn presets(&mut self) {
        let Some(words) = self.root.get("x-presets") else { return };
        let Some(presets) = fill::presets(self.root) else {
            let reason =
                "presets are written `{\"by\": \"field\", \"sets\": {\"value\": {\"other field\": …}}}`";
            return self.wrong("/x-presets", reason.to_owned());
        };
        for key in words.as_object().into_iter().flatten().map(|(key, _)| key) {
            if key != "by" && key != "sets" {
                let hint = nearest(key, ["by", "sets"]);
                self.wrong(
                    &format!("/x-presets/{}", escape(key)),
                    format!("presets have no key `{key}`{hint}"),
                );
            }
        }
        let Some(chooser) = schema::property(self.root, self.root, presets.by) else {
            return self.no_field("/x-presets/by", presets.by);
        };
        let allowed: Option<Vec<&str>> =
            schema::alternatives(self.root, chooser).into_iter().find_map(|schema| {
                Some(schema.get("enum")?.as_array()?.iter().filter_map(Value::as_str).collect())
            });
        for (name, set) in presets.sets {
            let pointer = format!("/x-presets/sets/{}", escape(name));
            if let Some(allowed) = &allowed
                && !allowed.contains(&name.as_str())
            {
                let hint = nearest(name, allowed.iter().copied());
                self.wrong(&pointer, format!("`{}` is never `{name}`{hint}", presets.by));
            }
            self.set(set, &pointer);
        }
    }

    fn set(&mut self, set: &Value, pointer: &str) {
        let Some(fields) = set.as_object() else {
            return self.wrong(pointer, "a preset is an object of fields".to_owned());
        };
        for (name, value) in fields {
            let pointer = format!("{pointer}/{}", escape(name));
            match schema::property(self.root, self.root, name) {
                Some(property) => self.fits(property, value, &pointer, name),
                None => self.no_field(&pointer, name),
            }
        }
    }

    /// Reports a preset or default that its own field refuses. Objects may be partial: other members come from elsewhere.
    fn fits(&mut self, property: &Value, value: &Value, pointer: &str, name: &str) {
        let whole =
            json!({ "$defs": self.root.get("$defs").cloned().unwrap_or(json!({})), "allOf": [property] });
        let Ok(validator) = schema::compile(&whole) else { return };
        for error in validator.iter_errors(value).filter(|error| error.kind().keyword() != "required") {
            self.wrong(
                &format!("{pointer}{}", error.instance_path()),
                format!("`{name}` {}", schema::wording(&error)),
            );
        }
    }

    /// Formats and defaults, wherever a schema stands in the schema.
    fn schemas(&mut self, at: &Value, pointer: &str) {
        if let Some(format) = at.get("format").and_then(Value::as_str)
            && !OURS.contains(&format)
            && !STANDARD.contains(&format)
        {
            let hint = nearest(format, OURS.into_iter().chain(STANDARD));
            self.wrong(&format!("{pointer}/format"), format!("there is no format `{format}`{hint}"));
        }
        if let Some(default) = at.get("default") {
            let name = pointer.rsplit('/').next().unwrap_or_default();
            self.fits(at, default, &format!("{pointer}/default"), name);
        }
        for key in ["properties", "$defs", "patternProperties"] {
            for (name, schema) in at.get(key).and_then(Value::as_object).into_iter().flatten() {
                self.schemas(schema, &format!("{pointer}/{key}/{}", escape(name)));
            }
        }
        for key in ["items", "additionalProperties", "not"] {
            if let Some(schema) = at.get(key) {
                self.schemas(schema, &format!("{pointer}/{key}"));
            }
        }
        for key in ["anyOf", "oneOf", "allOf"] {
            for (n, schema) in at.get(key).and_then(Value::as_array).into_iter().flatten().enumerate() {
                self.schemas(schema, &format!("{pointer}/{key}/{n}"));
            }
        }
    }
}
