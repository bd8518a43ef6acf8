//! Every pipeline there is: those built into the program, and those in the user's folders.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use include_dir::{Dir, include_dir};

use crate::folder::Folder;
use crate::manifest;
use crate::mistake::{Invalid, Mistake};
use crate::nearest::nearest;
use crate::{Readers, Snapshot};

/// One folder per pipeline.
static BUILT_IN: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/builtin");

/// Where a pipeline comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    BuiltIn,
    Folder(PathBuf),
}

/// There is no such pipeline.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no pipeline `{name}`{hint}")]
pub struct Unknown {
    pub name: String,
    hint: String,
}

/// The pipelines that can be run, by name, and the folders that hold none.
#[derive(Debug, Default)]
pub struct Library {
    pipelines: BTreeMap<String, (Arc<Snapshot>, Origin)>,
    refused: Vec<Invalid>,
}

impl Library {
    /// [`Library::load_with`], for whoever has no workers: see [`Readers`].
    #[must_use]
    pub fn load(folders: &[PathBuf]) -> Self {
        Self::load_with(folders, &Readers::default())
    }

    /// The built-in pipelines and those in `folders`. A folder holds one pipeline (`pipeline.toml` stands in it) or one
    /// per subfolder. What cannot be loaded is kept in [`Library::mistakes`]; the rest can be used. `readers` judge what
    /// is in the folders; what is built in was judged when it was built.
    #[must_use]
    pub fn load_with(folders: &[PathBuf], readers: &Readers) -> Self {
        let mut library = Self::default();
        for dir in BUILT_IN.dirs() {
            let name = format!("built-in {}", dir.path().display());
            library.add(
                manifest::load_from(&Folder::Embedded(dir), &name, &Readers::default()),
                Origin::BuiltIn,
                &name,
            );
        }
        for folder in folders.iter().flat_map(|folder| library.pipelines_in(folder)).collect::<Vec<_>>() {
            let name = folder.display().to_string();
            library.add(manifest::load_with(&folder, readers), Origin::Folder(folder), &name);
        }
        library
    }

    /// # Errors
    /// The name is unknown; the message holds the nearest one, and the mistakes of the folders that could not be loaded:
    /// it may be the name of one of them.
    pub fn get(&self, name: &str) -> Result<Arc<Snapshot>, Unknown> {
        self.pipelines.get(name).map(|(snapshot, _)| Arc::clone(snapshot)).ok_or_else(|| {
            let known = self.pipelines.keys().map(String::as_str);
            let mut hint = match nearest(name, known.clone()) {
                hint if hint.is_empty() => format!(" (there are: {})", known.collect::<Vec<_>>().join(", ")),
                hint => hint,
            };
            for invalid in &self.refused {
                hint.push_str(&format!("\nnot loaded: {invalid}"));
            }
            Unknown { name: name.to_owned(), hint }
        })
    }

    /// Every pipeline, in order of the names.
    pub fn list(&self) -> impl Iterator<Item = &Arc<Snapshot>> {
        self.pipelines.values().map(|(snapshot, _)| snapshot)
    }

    /// Where the pipeline of this name comes from.
    #[must_use]
    pub fn origin(&self, name: &str) -> Option<&Origin> {
        self.pipelines.get(name).map(|(_, origin)| origin)
    }

    /// The folders that are no pipelines, with their mistakes.
    #[must_use]
    pub fn mistakes(&self) -> &[Invalid] {
        &self.refused
    }

    fn add(&mut self, loaded: Result<Snapshot, Invalid>, origin: Origin, folder: &str) {
        match loaded {
            Ok(snapshot) => match self.pipelines.get(&snapshot.name) {
                Some((_, other)) => {
                    let whose = match other {
                        Origin::BuiltIn => "is built in".to_owned(),
                        Origin::Folder(path) => format!("stands in {}", path.display()),
                    };
                    let reason = format!("a pipeline `{}` {whose}: choose another `name`", snapshot.name);
                    self.refuse(folder, reason);
                }
                None => drop(self.pipelines.insert(snapshot.name.clone(), (Arc::new(snapshot), origin))),
            },
            Err(invalid) => self.refused.push(invalid),
        }
    }

    fn refuse(&mut self, folder: &str, reason: String) {
        let mistake = Mistake { file: manifest::FILE.to_owned(), line: None, column: None, reason };
        self.refused.push(Invalid { folder: folder.to_owned(), mistakes: vec![mistake] });
    }

    /// The folders of pipelines at a place, in order of their names.
    fn pipelines_in(&mut self, folder: &Path) -> Vec<PathBuf> {
        if folder.join(manifest::FILE).exists() {
            return vec![folder.to_owned()];
        }
        match folder.read_dir() {
            Ok(entries) => {
                let inside = entries.flatten().map(|entry| entry.path());
                let mut inside: Vec<PathBuf> =
                    inside.filter(|path| path.join(manifest::FILE).exists()).collect();
                inside.sort();
                inside
            }
            Err(error) => {
                self.refuse(&folder.display().to_string(), format!("the folder cannot be read: {error}"));
                Vec::new()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::{Library, Origin};

    fn write(folder: &Path, name: &str) {
        fs::create_dir_all(folder).unwrap();
        let manifest = format!(
            "name = \"{name}\"\ntitle = \"T\"\nsubject = \"s\"\nsubject_key = \"k\"\ninput = \"input.json\"\n\n\
             [[job]]\nid = \"report\"\nuses = \"analyze.report\"\nwith = {{ template = \"report.md\" }}\n"
        );
        fs::write(folder.join("pipeline.toml"), manifest).unwrap();
        fs::write(folder.join("input.json"), "{\"type\": \"object\"}").unwrap();
        fs::write(folder.join("report.md"), "# {{ title }}\n").unwrap();
    }

    #[test]
    fn folders_of_pipelines_and_folders_that_are_one_are_loaded() {
        let home = tempfile::tempdir().unwrap();
        write(&home.path().join("many/b"), "notes");
        write(&home.path().join("many/a"), "letters");
        write(&home.path().join("one"), "diary");
        fs::create_dir_all(home.path().join("many/no_pipeline")).unwrap();
        let library = Library::load(&[home.path().join("many"), home.path().join("one")]);
        let names = library.list().map(|snapshot| snapshot.name.as_str());
        let own: Vec<&str> = names.filter(|name| library.origin(name) != Some(&Origin::BuiltIn)).collect();
        assert_eq!(own, ["diary", "letters", "notes"]);
        assert_eq!(library.get("notes").unwrap().title, "T");
    }

    #[test]
    fn a_name_is_taken_once_and_never_from_a_built_in_pipeline() {
        let home = tempfile::tempdir().unwrap();
        write(&home.path().join("a"), "notes");
        write(&home.path().join("b"), "notes");
        write(&home.path().join("c"), "company");
        let library = Library::load(&[home.path().to_owned()]);
        let refused: Vec<String> = library.mistakes().iter().map(ToString::to_string).collect();
        assert!(
            refused.iter().any(|text| text.contains("/b: ") && text.contains("a pipeline `notes` stands in")),
            "{refused:?}"
        );
        assert!(
            refused
                .iter()
                .any(|text| text.contains("/c: ") && text.contains("a pipeline `company` is built in")),
            "{refused:?}"
        );
        assert!(library.get("company").unwrap().nodes.len() > 1);
    }

    #[test]
    fn what_cannot_be_loaded_does_not_keep_the_rest_from_loading() {
        let home = tempfile::tempdir().unwrap();
        write(&home.path().join("good"), "good");
        fs::create_dir_all(home.path().join("bad")).unwrap();
        fs::write(home.path().join("bad/pipeline.toml"), "nonsense").unwrap();
        let library = Library::load(&[home.path().to_owned(), home.path().join("nowhere")]);
        assert!(library.get("good").is_ok());
        let refused: Vec<&str> = library.mistakes().iter().map(|invalid| invalid.folder.as_str()).collect();
        assert!(refused.iter().any(|folder| folder.ends_with("/bad")), "{refused:?}");
        let unknown = library.get("bad").unwrap_err().to_string();
        assert!(unknown.contains("/bad: 1 mistake\n  pipeline.toml:1:9: "), "{unknown}");
        assert!(refused.iter().any(|folder| folder.ends_with("/nowhere")), "{refused:?}");
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_nearest() {
        let error = Library::load(&[]).get("compny").unwrap_err();
        assert_eq!(error.to_string(), "there is no pipeline `compny` (did you mean `company`?)");
        let error = Library::load(&[]).get("weather").unwrap_err();
        assert_eq!(error.to_string(), "there is no pipeline `weather` (there are: company)");
    }
}
