//! What a run looks like while it runs: bars on a terminal, a line per event elsewhere, nothing when asked.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::io::Write as _;
use std::time::Duration;

use domain::{Event, Run, Stage};
use indicatif::{HumanDuration, MultiProgress, ProgressBar, ProgressStyle};
use serde_json::Value;
use store::{JobCounts, Progress};

use crate::cli::Output;
use crate::work::Watch;

/// How many of the latest events the terminal shows.
const ACTIVITY: usize = 5;

/// A line for the user, to standard error. That nobody can read it (`2>&1 | head`) is no reason to stop.
pub fn tell(line: impl Display) {
    let _ = writeln!(std::io::stderr(), "{}", report::visible(&line.to_string()));
}

/// A line for a user who did not ask for quiet.
pub(crate) fn notice(output: &Output, line: impl Display) {
    if !output.quiet {
        tell(line);
    }
}

/// An event in words, on one line; none for what only machines want to know.
fn words(event: &Event) -> Option<String> {
    Some(report::visible(&said(event)?).replace('\n', " "))
}

fn said(event: &Event) -> Option<String> {
    let text = |key: &str| event.data.get(key).and_then(Value::as_str);
    let detail =
        || text("detail").or_else(|| event.data.pointer("/problem/detail")?.as_str()).unwrap_or_default();
    let named = |what: &str| text("node").map(|node| format!("{node} {what}"));
    match event.kind.as_str() {
        "page.kept" => Some(format!("kept {} ({})", text("url")?, text("kind").unwrap_or("page"))),
        "page.fetched" => {
            let reason = text("reason").map(|reason| format!(", {reason}")).unwrap_or_default();
            Some(format!("saw {} ({}{reason})", text("url")?, text("verdict").unwrap_or("done")))
        }
        // One line per page is enough; that its text was read, too, is no news.
        "job.done" if event.data.get("document").is_none() => named("done"),
        "job.done" => None,
        "job.failed" => named(&format!("failed: {}", detail())),
        "job.retried" => named(&format!("will be tried again: {}", detail())),
        "job.blocked" => named(&format!("waits: {}", detail())),
        "report.published" => Some("report published".to_owned()),
        // The last word of the command.
        "run.failed" => None,
        kind if text("detail").is_some() => Some(format!("{}: {}", kind.replace('.', " "), detail())),
        _ => None,
    }
}

/// Shows nothing.
pub(crate) struct Silent;

impl Watch for Silent {
    fn event(&mut self, _: &Event) {}
    fn progress(&mut self, _: &Progress, _: Option<Duration>) {}
    fn over(&mut self) {}
}

/// One plain line per event worth a line.
#[derive(Default)]
pub(crate) struct Lines {
    last_wait: Option<String>,
}

impl Watch for Lines {
    fn event(&mut self, event: &Event) {
        if let Some(words) = words(event) {
            tell(format_args!("{} {words}", event.at.format("%H:%M:%S")));
        }
    }

    fn progress(&mut self, progress: &Progress, _: Option<Duration>) {
        let wait = waiting(&progress.run);
        if let Some(wait) = wait.as_ref().filter(|_| wait != self.last_wait) {
            tell(wait);
        }
        self.last_wait = wait;
    }

    fn over(&mut self) {}
}

fn waiting(run: &Run) -> Option<String> {
    let on = run.blocked_on?.as_str();
    let until =
        run.blocked_until.map(|until| format!(" until {}", until.format("%H:%M:%S UTC"))).unwrap_or_default();
    Some(format!("waiting for {on}{until}"))
}

/// A bar per stage, the pages, the cost, the latest events.
pub(crate) struct Bars {
    screen: MultiProgress,
    stages: BTreeMap<Stage, ProgressBar>,
    summary: ProgressBar,
    activity: Vec<ProgressBar>,
    latest: Vec<String>,
}

impl Bars {
    pub(crate) fn new() -> Self {
        let screen = MultiProgress::new();
        let line = |template: &str| {
            let style =
                ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
            style.progress_chars("━╸ ")
        };
        let stages = [Stage::Crawl, Stage::Extract, Stage::Analyze]
            .into_iter()
            .map(|stage| {
                let bar = screen
                    .add(ProgressBar::new(0).with_style(line("{prefix:>8} {bar:30} {pos}/{len} {msg}")));
                bar.set_prefix(stage.as_str());
                (stage, bar)
            })
            .collect();
        let summary =
            screen.add(ProgressBar::new_spinner().with_style(line("{spinner} {elapsed} {wide_msg}")));
        summary.enable_steady_tick(std::time::Duration::from_millis(120));
        let activity = (0..ACTIVITY)
            .map(|_| screen.add(ProgressBar::new_spinner().with_style(line("  {wide_msg}"))))
            .collect();
        Self { screen, stages, summary, activity, latest: Vec::new() }
    }
}

impl Watch for Bars {
    fn event(&mut self, event: &Event) {
        let Some(words) = words(event) else { return };
        self.latest.push(words);
        let surplus = self.latest.len().saturating_sub(ACTIVITY);
        self.latest.drain(..surplus);
        for (line, words) in self.activity.iter().zip(&self.latest) {
            line.set_message(words.clone());
        }
    }

    fn progress(&mut self, progress: &Progress, left: Option<Duration>) {
        for (stage, bar) in &self.stages {
            let mut jobs = JobCounts::default();
            progress.nodes.iter().filter(|node| node.stage == *stage).for_each(|node| jobs += node.jobs);
            bar.set_length(jobs.discovered);
            bar.set_position(jobs.discovered.saturating_sub(jobs.unfinished()));
        }
        let (run, pages) = (&progress.run, progress.frontier);
        let budget = run.budget.map(|cap| format!(" of {cap}")).unwrap_or_default();
        let wait = waiting(run).map(|wait| format!(" · {wait}")).unwrap_or_default();
        let left = left.map(|left| format!(" · about {} left", HumanDuration(left))).unwrap_or_default();
        self.summary.set_message(format!(
            "{} addresses seen, {} kept, {} waiting · {}{budget}{wait}{left}",
            pages.done, progress.documents, pages.waiting, run.settled
        ));
    }

    fn over(&mut self) {
        let _ = self.screen.clear();
    }
}
