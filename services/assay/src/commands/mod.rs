//! One file per command.

mod cancel;
mod demo;
mod doctor;
mod key;
mod migrate;
mod pipelines;
mod report;
mod resume;
mod run;
mod runs;
mod show;
mod text;

use std::io::Write as _;

use crate::app::App;
use crate::cli::Command;
use crate::failure::Failure;
use crate::settings::Settings;

/// Does what was asked.
///
/// # Errors
/// With the message for the user and the exit code.
pub async fn execute(command: Command, settings: Settings) -> Result<(), Failure> {
    match command {
        Command::Run(args) => run::execute(&App::open(settings).await?, args).await,
        Command::Resume(args) => resume::execute(App::open(settings).await?, args).await,
        Command::Cancel { run } => cancel::execute(&App::open(settings).await?, run).await,
        Command::Runs(args) => runs::execute(&App::open(settings).await?, args).await,
        Command::Show(args) => show::execute(&App::open(settings).await?, args).await,
        Command::Report(args) => report::execute(&App::open(settings).await?, args).await,
        Command::Text { document, range } => {
            text::execute(&App::open(settings).await?, document, range).await
        }
        Command::Pipelines(command) => pipelines::execute(&settings, command),
        Command::Demo(output) => demo::execute(settings, output).await,
        Command::Doctor => doctor::execute(settings).await,
        Command::Key(command) => key::execute(&App::open(settings).await?, command).await,
        Command::Migrate => migrate::execute(&settings).await,
    }
}

/// Prints to standard output, without what a terminal would obey. A reader that went away (`| head`) is no error.
fn say(text: impl std::fmt::Display) -> Result<(), Failure> {
    print(&::report::visible(&text.to_string()))
}

fn print(text: &str) -> Result<(), Failure> {
    match writeln!(std::io::stdout(), "{text}") {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

fn say_json(value: &impl serde::Serialize) -> Result<(), Failure> {
    let json = serde_json::to_string_pretty(value).map_err(|error| Failure::place(error.to_string()))?;
    print(&::report::visible_json(&json))
}
