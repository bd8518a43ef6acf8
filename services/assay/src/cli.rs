//! The command line, as its `--help` shows it.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use domain::run::ModelTier;
use domain::{DocumentId, KeyId, MicroUsd, RunId};
use report::Format;

/// From a source to a report in which every claim carries a checked quote.
#[derive(Debug, Parser)]
#[command(name = "assay", version, about, max_term_width = 100, disable_help_subcommand = true, after_help = EXIT_CODES)]
pub struct Cli {
    /// A settings file (TOML); `ASSAY__SECTION__KEY` in the environment wins over it.
    #[arg(long, global = true, value_name = "FILE", env = "ASSAY_SETTINGS")]
    pub settings: Option<PathBuf>,
    #[command(subcommand)]
    pub command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 done, 1 cannot work here (database, disk, settings), 2 usage, \
                          3 the run failed or waits for you, 130 interrupted.";

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run a pipeline on a source and write its report.
    Run(Run),
    /// Go on with a run that was interrupted, or that waits for money or a key.
    Resume(Resume),
    /// End a run for good. What it kept can still be read.
    Cancel { run: RunId },
    /// List runs, newest first.
    Runs(Runs),
    /// Show one run: state, jobs, pages, cost.
    Show(Show),
    /// Print or write the report of a finished run.
    Report(Report),
    /// Print the stored text of a document; evidence offsets count its bytes. A terminal gets no control characters.
    Text {
        document: DocumentId,
        /// Only this byte range, like 120..180.
        #[arg(long, value_name = "START..END", value_parser = byte_range)]
        range: Option<(usize, usize)>,
    },
    /// List, show or check pipelines.
    #[command(subcommand)]
    Pipelines(Pipelines),
    /// Brief the sample company that ships with Assay, from a web server on this machine. Needs no network.
    Demo(Output),
    /// Say what this installation has and lacks.
    Doctor,
    /// API keys, for whoever asks the gateway.
    #[command(subcommand)]
    Key(Key),
    /// Bring the database up to date, or make it. Processes of a fleet work only on one that is.
    Migrate,
}

#[derive(Debug, Args)]
pub struct Run {
    /// The pipeline's name; `assay pipelines list` shows them.
    pub pipeline: String,
    /// What to study, like the address of a web site. Short for setting the pipeline's main input.
    pub source: Option<String>,
    /// Set an input field; may be repeated, a list then grows. A comma parts entries such as languages or globs, not
    /// questions. Wins over --input.
    #[arg(long, value_name = "KEY=VALUE", value_parser = key_value)]
    pub set: Vec<(String, String)>,
    /// A JSON file with the input; `-` reads standard input.
    #[arg(long, value_name = "FILE")]
    pub input: Option<PathBuf>,
    /// The most the run may spend, in US dollars.
    #[arg(long, value_name = "USD")]
    pub budget: Option<MicroUsd>,
    /// Which models: as the pipeline says, cheap ones only, as it says and never without, or none.
    #[arg(long, value_enum, default_value_t = Tier::Auto)]
    pub model_tier: Tier,
    /// Say what would be done and what it could cost, and do nothing.
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    pub output: Output,
}

#[derive(Debug, Args)]
pub struct Resume {
    pub run: RunId,
    /// A new limit for what the run may spend altogether, in US dollars.
    #[arg(long, value_name = "USD")]
    pub budget: Option<MicroUsd>,
    /// Change an input field before going on, such as exclude or max_pages; may be repeated, a list then grows.
    #[arg(long, value_name = "KEY=VALUE", value_parser = key_value)]
    pub set: Vec<(String, String)>,
    #[command(flatten)]
    pub output: Output,
}

/// Where reports and messages go.
#[derive(Debug, Clone, Args)]
pub struct Output {
    /// The folder to write the report to.
    #[arg(long, value_name = "DIR", default_value = "out")]
    pub out: PathBuf,
    /// Formats, parted by commas.
    #[arg(long, value_name = "html,md,json", value_delimiter = ',', default_value = "html,md,json")]
    pub format: Vec<Format>,
    /// Print one JSON object at the end instead of words.
    #[arg(long)]
    pub json: bool,
    /// No progress display.
    #[arg(long, short)]
    pub quiet: bool,
}

#[derive(Debug, Args)]
pub struct Runs {
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub limit: u16,
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct Show {
    pub run: RunId,
    /// Every address and what became of it.
    #[arg(long)]
    pub pages: bool,
    /// The numbered log.
    #[arg(long)]
    pub events: bool,
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct Report {
    pub run: RunId,
    /// Formats, parted by commas. Without --out only one, printed.
    #[arg(long, value_name = "html,md,json", value_delimiter = ',', default_value = "md")]
    pub format: Vec<Format>,
    /// Write files to this folder instead of printing.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub enum Pipelines {
    /// The pipelines that can be run here.
    List {
        #[arg(long)]
        json: bool,
    },
    /// One pipeline: its input and its jobs.
    Show {
        name: String,
        #[arg(long)]
        json: bool,
    },
    /// Check a folder with a pipeline of your own and name every mistake.
    Validate { dir: PathBuf },
}

#[derive(Debug, Subcommand)]
pub enum Key {
    /// Make a key and print its secret, which is shown this once and never again.
    Create {
        /// What it is for.
        name: String,
        /// What it may do, parted by commas.
        #[arg(long, value_enum, value_delimiter = ',', default_value = "read,write")]
        scopes: Vec<Scope>,
        /// How many days it can be used; for ever unless given.
        #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
        days: Option<u16>,
    },
    /// List the keys, without their secrets.
    List {
        #[arg(long)]
        json: bool,
    },
    /// End a key for good.
    Revoke { key: KeyId },
}

/// What a key may do, as words of the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Scope {
    Read,
    Write,
}

impl From<Scope> for gateway::Scope {
    fn from(scope: Scope) -> Self {
        match scope {
            Scope::Read => Self::Read,
            Scope::Write => Self::Write,
        }
    }
}

/// [`ModelTier`] as words of the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Tier {
    Auto,
    Fast,
    Deep,
    None,
}

impl From<Tier> for ModelTier {
    fn from(tier: Tier) -> Self {
        match tier {
            Tier::Auto => Self::Auto,
            Tier::Fast => Self::Fast,
            Tier::Deep => Self::Deep,
            Tier::None => Self::None,
        }
    }
}

fn key_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => Ok((key.trim().to_owned(), value.to_owned())),
        _ => Err("write it as key=value".to_owned()),
    }
}

fn byte_range(text: &str) -> Result<(usize, usize), String> {
    let range = text.split_once("..").and_then(|(start, end)| Some((start.parse().ok()?, end.parse().ok()?)));
    range.filter(|(start, end)| start <= end).ok_or_else(|| "write it as START..END, in bytes".to_owned())
}
