//! `assay doctor`: what this installation has and lacks, one line each.

use std::path::Path;

use pipelines::Library;

use super::say;
use crate::app::{self, App};
use crate::failure::{Failure, Kind};
use crate::settings::Settings;

pub(super) async fn execute(settings: Settings) -> Result<(), Failure> {
    say(format_args!("assay {}", env!("CARGO_PKG_VERSION")))?;
    let mut sound = true;
    match App::open(settings.clone()).await {
        Ok(app) => {
            line(
                true,
                &format!(
                    "data: {} ({} runs)",
                    app.home.display(),
                    app.tenant().runs(1000, None).await?.len()
                ),
            )?;
            sound &= writable(&app.home)?;
        }
        Err(failure) => sound &= line(false, &format!("data: {failure}"))?,
    }
    let library = Library::load_with(&settings.pipelines.folders, &app::readers());
    let names: Vec<_> = library.list().map(|snapshot| snapshot.name.clone()).collect();
    sound &= line(library.mistakes().is_empty(), &format!("pipelines: {}", names.join(", ")))?;
    for mistake in library.mistakes() {
        say(format_args!("      {mistake}"))?;
    }
    sound &= models(&settings).await?;
    for warning in settings.net.warnings() {
        line(true, &warning)?;
    }
    if sound { Ok(()) } else { Err(Failure::new(Kind::Place, "something here needs your attention")) }
}

fn line(sound: bool, text: &str) -> Result<bool, Failure> {
    say(format_args!("  {} {text}", if sound { "ok  " } else { "FAIL" }))?;
    Ok(sound)
}

fn writable(home: &Path) -> Result<bool, Failure> {
    let probe = home.join(".doctor");
    match std::fs::write(&probe, b"x").and_then(|()| std::fs::remove_file(&probe)) {
        Ok(()) => Ok(true),
        Err(error) => line(false, &format!("cannot write to {}: {error}", home.display())),
    }
}

/// Which models are configured and whether their provider answers.
async fn models(settings: &Settings) -> Result<bool, Failure> {
    match settings.llm.choice() {
        Ok(llm::Choice::Extractive) => line(
            true,
            "models: none configured; reports are extractive (quotes selected by rules, labelled as such)",
        ),
        Ok(choice) => match llm::Desk::new(&settings.llm) {
            Ok(desk) => match desk.check(&tokio_util::sync::CancellationToken::new()).await {
                Ok(models) => line(true, &format!("models: {choice} answers ({})", models.join(", "))),
                Err(error) => line(false, &format!("models: {choice}: {error}")),
            },
            Err(error) => line(false, &format!("models: {error}")),
        },
        Err(error) => line(false, &format!("models: {error}")),
    }
}
