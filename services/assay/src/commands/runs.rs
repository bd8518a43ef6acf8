//! `assay runs`

use super::{say, say_json};
use crate::app::App;
use crate::cli::Runs;
use crate::failure::Failure;

pub(super) async fn execute(app: &App, args: Runs) -> Result<(), Failure> {
    let runs = app.tenant().runs(u64::from(args.limit), None).await?;
    if args.json {
        return say_json(&runs);
    }
    if runs.is_empty() {
        return say("no runs yet; start one with: assay run PIPELINE SOURCE");
    }
    for run in runs {
        let subject = app.tenant().subject(run.subject).await?;
        let version = run.version.map(|version| format!(" v{version}")).unwrap_or_default();
        let waits = run.blocked_on.map(|on| format!(" (waits for {})", on.as_str())).unwrap_or_default();
        say(format_args!(
            "{}  {}  {:<9} {:<10} {}{version}  {}{waits}",
            run.id,
            run.created_at.format("%Y-%m-%d %H:%M"),
            run.state.as_str(),
            run.pipeline,
            subject.name.as_deref().unwrap_or(&subject.key),
            run.settled
        ))?;
    }
    Ok(())
}
