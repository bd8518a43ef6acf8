//! Drives the built binary as a user would: its own home, the sample web on loopback, no network.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice
)]
#![allow(dead_code, unreachable_pub, missing_debug_implementations)]

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::{Value, json};
use testkit::web::SampleWeb;

/// A user's machine: a data folder, an output folder, an environment.
pub struct Machine {
    folder: tempfile::TempDir,
    environment: Vec<(String, String)>,
}

/// What a command said and how it ended.
#[derive(Debug)]
pub struct Said {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Machine {
    /// Without a way to any web.
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), environment: Vec::new() }
    }

    /// With the sample web in reach, and no pause between requests to it.
    pub fn on(web: &SampleWeb) -> Self {
        Self::new()
            .with("ASSAY__NET__RESOLVE", &web.resolve())
            .with("ASSAY__NET__PACE__INTERVAL_SECONDS", "0")
            .with("ASSAY__NET__PACE__DELAY_FACTOR", "0")
    }

    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// What its commands see, for processes beside them.
    pub fn environment(&self) -> Vec<(String, String)> {
        let home = ("ASSAY_HOME".to_owned(), self.home().display().to_string());
        self.environment.iter().cloned().chain([home]).collect()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn home(&self) -> PathBuf {
        self.path("home")
    }

    pub fn out(&self) -> PathBuf {
        self.path("out")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_assay"));
        command
            .args(arguments)
            .env_clear()
            .env("ASSAY_HOME", self.home())
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub fn assay(&self, arguments: &[&str]) -> Said {
        self.command(arguments).output().unwrap().into()
    }

    /// With a standard error of the test's own, which is not heard.
    pub fn assay_to(&self, arguments: &[&str], stderr: Stdio) -> Said {
        self.command(arguments).stderr(stderr).spawn().unwrap().wait_with_output().unwrap().into()
    }

    /// Starts a command and leaves it to the test.
    pub fn start(&self, arguments: &[&str]) -> Child {
        self.command(arguments).spawn().unwrap()
    }

    /// Runs a pipeline to its end and gives what `--json` printed.
    pub fn run(&self, pipeline: &str, source: &str, more: &[&str]) -> Value {
        let said = self.assay(&[&["run", pipeline, source, "--json", "--quiet"], more].concat());
        assert_eq!(said.code, Some(0), "{said:?}");
        said.json()
    }

    /// The JSON report of a run.
    pub fn report(&self, run: &str) -> Value {
        let said = self.assay(&["report", run, "--format", "json"]);
        assert_eq!(said.code, Some(0), "{said:?}");
        said.json()
    }

    /// Every address of a run and what became of it.
    pub fn pages(&self, run: &str) -> Vec<Value> {
        let said = self.assay(&["show", run, "--pages", "--json"]);
        assert_eq!(said.code, Some(0), "{said:?}");
        said.json().as_array().unwrap().clone()
    }

    /// The log of a run.
    pub fn events(&self, run: &str) -> Vec<Value> {
        let said = self.assay(&["show", run, "--events", "--json"]);
        assert_eq!(said.code, Some(0), "{said:?}");
        said.json().as_array().unwrap().clone()
    }
}

impl Said {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        Self { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
    }
}

/// Everything a run left behind, without ids and times.
pub fn rows(machine: &Machine, run: &str) -> Value {
    let mut rows = json!({ "pages": machine.pages(run), "report": machine.report(run) });
    forget(&mut rows, &mut HashMap::new());
    rows
}

/// Ids become numbers in order of appearance, times go: what is left has to be equal.
fn forget(value: &mut Value, ids: &mut HashMap<String, usize>) {
    match value {
        Value::Object(object) => {
            object.retain(|key, _| {
                !key.ends_with("_at") && !key.ends_with("_seconds") && key != "discovered_ms"
            });
            object.values_mut().for_each(|value| forget(value, ids));
        }
        Value::Array(list) => list.iter_mut().for_each(|value| forget(value, ids)),
        Value::String(text) if is_id(text) => {
            let next = ids.len();
            *text = format!("#{}", ids.entry(text.clone()).or_insert(next));
        }
        _ => {}
    }
}

fn is_id(text: &str) -> bool {
    text.len() == 36 && text.as_bytes()[3] == b'_' && text[4..].bytes().all(|b| b.is_ascii_hexdigit())
}

pub fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
