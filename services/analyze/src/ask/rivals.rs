//! The schemas of a pipeline's sections, and which other sections may want the same sentence.

use pipelines::uses::{Arguments, Ask as Args, FindingsFrom};
use pipelines::{Node, Snapshot};
use serde_json::Value;
use worker::Error;

use crate::extractive::Rival;
use crate::hints::Hints;

/// A schema of the pipeline's folder; a section's asks for claims, for a summary, or for both.
pub(super) fn schema(snapshot: &Snapshot, path: &str) -> Result<Value, Error> {
    let schema = json(snapshot, path)?;
    let lists = |name: &str| schema.pointer(&format!("/properties/{name}")).is_some();
    if lists("claims") || lists("summary") {
        return Ok(schema);
    }
    Err(Error::fatal(
        "invalid_schema",
        format!("{path} has neither `claims` nor `summary` among its properties"),
    ))
}

fn json(snapshot: &Snapshot, path: &str) -> Result<Value, Error> {
    let text = snapshot.files.get(path).ok_or_else(|| {
        Error::fatal("missing_file", format!("pipeline `{}` has no file `{path}`", snapshot.name))
    })?;
    serde_json::from_str(text).map_err(|error| Error::fatal("invalid_schema", format!("{path}: {error}")))
}

pub(super) fn hints(schema: &Value, path: &str, names: &[String]) -> Result<Hints, Error> {
    Hints::of(schema, names).map_err(|error| Error::fatal("invalid_schema", format!("{path}: {error}")))
}

/// The sections that run beside this one and read documents too. One with a condition yields to those without, because
/// nobody knows yet whether it will run; sections on earlier findings see what was said and need no rivals.
pub(super) fn rivals(
    snapshot: &Snapshot,
    own: &Node,
    args: &Args,
    names: &[String],
) -> Result<Vec<Rival>, Error> {
    if args.select.findings != FindingsFrom::All(false) || !args.questions.is_empty() {
        return Ok(Vec::new());
    }
    let own_place = snapshot.nodes.iter().position(|node| node.id == own.id);
    let mut found = Vec::new();
    for (place, node) in snapshot.nodes.iter().enumerate() {
        let beside =
            node.uses == Args::USES && node.id != own.id && (node.when.is_empty() || !own.when.is_empty());
        let Some(select) = node.with.get("select").filter(|_| beside) else { continue };
        let on_findings = select.get("findings").is_some_and(|findings| *findings != Value::Bool(false));
        let asks = node.with.contains_key("questions");
        let Some(path) = node.with.get("schema").and_then(Value::as_str).filter(|_| !on_findings && !asks)
        else {
            continue;
        };
        let kinds = select.get("kinds").and_then(Value::as_array).into_iter().flatten();
        found.push(Rival {
            hints: hints(&schema(snapshot, path)?, path, names)?,
            kinds: kinds.filter_map(Value::as_str).map(str::to_owned).collect(),
            earlier: Some(place) < own_place || node.when.is_empty() && !own.when.is_empty(),
        });
    }
    Ok(found)
}
