//! `assay demo`: the sample company, from a web server on this machine.

use domain::Run;
use serde_json::Value;
use testkit::web::{DEMO_URL, SampleWeb};
use url::Url;

use crate::app::App;
use crate::cli::{self, Output, Tier};
use crate::failure::Failure;
use crate::progress;
use crate::settings::Settings;

pub(super) async fn execute(mut settings: Settings, output: Output) -> Result<(), Failure> {
    let _web = serve(&mut settings)?;
    progress::notice(
        &output,
        "briefing the sample company Brightwater Pumps from a web server on this machine",
    );
    let args = cli::Run {
        pipeline: "company".to_owned(),
        source: Some(DEMO_URL.to_owned()),
        set: Vec::new(),
        input: None,
        budget: None,
        model_tier: Tier::Auto,
        dry_run: false,
        output,
    };
    super::run::execute(&App::open(settings).await?, args).await
}

/// The sample web again, if the run studies the sample company and nothing else says where that is: its server ended
/// with the demo that began the run, and under `.example` the public web has nothing.
pub(super) fn serve_again(settings: &mut Settings, run: &Run) -> Result<Option<SampleWeb>, Failure> {
    let host =
        Url::parse(DEMO_URL).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
    let is_placed = settings.net.resolve.iter().any(|rule| rule.is_for(&host));
    let is_demo = run.input.get("url").and_then(Value::as_str) == Some(DEMO_URL);
    (is_demo && !is_placed && !run.state.is_terminal()).then(|| serve(settings)).transpose()
}

/// Starts the sample web and lets requests go there; it ends when it is dropped.
fn serve(settings: &mut Settings) -> Result<SampleWeb, Failure> {
    let web = SampleWeb::start()?;
    let rule =
        web.resolve().parse().map_err(|error: net::ParseResolveError| Failure::place(error.to_string()))?;
    settings.net.resolve.push(rule);
    // The host is our own: there is nobody to be polite to.
    settings.net.pace = net::Pace::none();
    Ok(web)
}
