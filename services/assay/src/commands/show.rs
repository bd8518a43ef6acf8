//! `assay show`: one run, for people or as JSON.

use domain::{Run, RunId};
use serde_json::{Value, json};
use store::JobCounts;

use super::{say, say_json};
use crate::app::App;
use crate::cli::Show;
use crate::failure::Failure;

pub(super) async fn execute(app: &App, args: Show) -> Result<(), Failure> {
    let tenant = app.tenant();
    let run = tenant.run(args.run).await?;
    if args.events {
        return events(app, &run, args.json).await;
    }
    if args.pages {
        return pages(app, run.id, args.json).await;
    }
    let (subject, progress, usage) =
        (tenant.subject(run.subject).await?, tenant.progress(run.id).await?, tenant.usage(run.id).await?);
    let left = tenant.time_left(&progress, app.clock.now()).await?;
    if args.json {
        let usage: Vec<_> = usage
            .iter()
            .map(|call| {
                json!({ "section": call.section, "provider": call.provider, "model": call.model,
                                "tokens": call.tokens, "cost_micro_usd": call.cost, "at": call.at })
            })
            .collect();
        let jobs: serde_json::Map<String, Value> =
            progress.nodes.iter().map(|node| (node.node.clone(), counts(&node.jobs))).collect();
        let pages = json!({ "kept": progress.documents, "seen": progress.frontier.done,
                            "waiting": progress.frontier.waiting, "skipped": progress.frontier.skipped });
        return say_json(
            &json!({ "run": run, "subject": { "id": subject.id, "key": subject.key, "name": subject.name },
                                 "jobs": jobs, "pages": pages, "usage": usage,
                                 "seconds_left": left.map(|left| left.as_secs()) }),
        );
    }
    head(&run, subject.name.as_deref().unwrap_or(&subject.key))?;
    for node in &progress.nodes {
        say(format_args!("  {:<20} {:<10} {}", node.node, node.uses, words(&node.jobs)))?;
    }
    let pages = progress.frontier;
    say(format_args!(
        "pages: {} kept, {} seen, {} waiting, {} skipped",
        progress.documents, pages.done, pages.waiting, pages.skipped
    ))?;
    say(format_args!("cost: {} settled, {} reserved, {} calls", run.settled, run.reserved, usage.len()))
}

fn counts(jobs: &JobCounts) -> Value {
    json!({ "discovered": jobs.discovered, "waiting": jobs.waiting, "ready": jobs.ready, "running": jobs.running,
            "done": jobs.done, "failed": jobs.failed, "cancelled": jobs.cancelled, "skipped": jobs.skipped })
}

/// The states that jobs are in, with how many.
fn words(jobs: &JobCounts) -> String {
    let counts = counts(jobs);
    let states =
        counts.as_object().into_iter().flatten().filter(|(state, n)| *state != "discovered" && **n != 0);
    states.map(|(state, n)| format!("{n} {state}")).collect::<Vec<_>>().join(", ")
}

fn head(run: &Run, subject: &str) -> Result<(), Failure> {
    let version = run.version.map(|version| format!(", version {version}")).unwrap_or_default();
    say(format_args!("{}  {} of {subject}: {}{version}", run.id, run.pipeline, run.state.as_str()))?;
    if let Some(problem) = &run.problem {
        say(format_args!("  {}: {}", problem.code, problem.detail))?;
    }
    if let Some(on) = run.blocked_on {
        let until = run.blocked_until.map(|until| format!(" until {until}")).unwrap_or_default();
        say(format_args!("  waits for {}{until}", on.as_str()))?;
    }
    say(format_args!("input: {}", run.input))
}

async fn pages(app: &App, run: RunId, as_json: bool) -> Result<(), Failure> {
    let rows = app.tenant().frontier(run).await?;
    if as_json {
        return say_json(&rows);
    }
    for row in rows {
        let outcome = row.verdict.map_or(row.state.as_str(), |verdict| verdict.as_str());
        let reason = row.reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
        say(format_args!("{outcome:<9} {:<10} {}{reason}", row.kind_guess, row.url))?;
    }
    Ok(())
}

async fn events(app: &App, run: &Run, as_json: bool) -> Result<(), Failure> {
    let (mut after, mut all) = (0, Vec::new());
    loop {
        let events = app.tenant().events(run.id, after, 1000).await?;
        let Some(last) = events.last() else { break };
        after = last.seq;
        if as_json {
            all.extend(events);
            continue;
        }
        for event in events {
            say(format_args!(
                "{:>5} {} {:<16} {}",
                event.seq,
                event.at.format("%H:%M:%S%.3f"),
                event.kind,
                event.data
            ))?;
        }
    }
    if as_json { say_json(&all) } else { Ok(()) }
}
