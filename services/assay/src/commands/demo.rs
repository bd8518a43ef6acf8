//! `assay demo`: the sample company, from a web server on this machine.

use testkit::web::{DEMO_URL, SampleWeb};

use crate::app::App;
use crate::cli::{self, Output, Tier};
use crate::failure::Failure;
use crate::progress;
use crate::settings::Settings;

pub(super) async fn execute(mut settings: Settings, output: Output) -> Result<(), Failure> {
    let web = SampleWeb::start()?;
    let rule =
        web.resolve().parse().map_err(|error: net::ParseResolveError| Failure::place(error.to_string()))?;
    settings.net.resolve.push(rule);
    // The host is our own: there is nobody to be polite to.
    settings.net.pace = net::Pace::none();
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
