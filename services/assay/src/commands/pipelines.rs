//! `assay pipelines`: what can be run here, and whether a folder could be.

use pipelines::{Library, describe};

use super::{say, say_json};
use crate::app;
use crate::cli::Pipelines;
use crate::failure::Failure;
use crate::settings::Settings;

pub(super) fn execute(settings: &Settings, command: Pipelines) -> Result<(), Failure> {
    let folders = &settings.pipelines.folders;
    match command {
        Pipelines::List { json } => list(&Library::load_with(folders, &app::readers()), json),
        Pipelines::Show { name, json } => {
            let library = Library::load(folders);
            let snapshot = library.get(&name).map_err(|error| Failure::usage(error.to_string()))?;
            if json { say_json(&snapshot) } else { say(describe::show(&snapshot).trim_end()) }
        }
        Pipelines::Validate { dir } => match pipelines::load_with(&dir, &app::readers()) {
            Ok(snapshot) => {
                say(format_args!("{}: no mistakes ({} jobs)", dir.display(), snapshot.nodes.len()))
            }
            Err(mistakes) => Err(Failure::usage(mistakes.to_string())),
        },
    }
}

fn list(library: &Library, as_json: bool) -> Result<(), Failure> {
    if as_json {
        let all: Vec<_> = library
            .list()
            .map(|snapshot| serde_json::json!({ "name": snapshot.name, "title": snapshot.title }))
            .collect();
        say_json(&all)?;
    } else {
        say(describe::list(library).trim_end())?;
    }
    match library.mistakes() {
        [] => Ok(()),
        mistakes => {
            Err(Failure::usage(mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")))
        }
    }
}
