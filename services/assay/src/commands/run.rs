//! `assay run`: an input becomes a run, the run a report.

use std::io::{IsTerminal as _, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ::report::Report;
use domain::run::{ModelTier, RunOptions};
use domain::{Problem, Run, RunState};
use pipelines::{Snapshot, describe};
use serde_json::{Map, Value, json};
use store::NewRun;

use super::{report, say, say_json};
use crate::app::App;
use crate::cli::{self, Output};
use crate::failure::{Failure, Kind};
use crate::progress;
use crate::work::{self, Over, Watch};

pub(super) async fn execute(app: &App, args: cli::Run) -> Result<(), Failure> {
    let snapshot = app.pipeline(&args.pipeline)?;
    let given = given(&snapshot, &args)?;
    let input = pipelines::input::resolve(&snapshot.input, given)?;
    let options = RunOptions { model_tier: args.model_tier.into(), priority: 0 };
    check_provider(app, options.model_tier)?;
    if args.dry_run {
        return plan(app, &snapshot, &input, args.output.json);
    }
    report::prepare(&args.output.out)?;
    let id = create(app, snapshot, input, options, args.budget).await?.id;
    warn(app, &args.output);
    let shutdown = chassis::shutdown::token()?;
    let over = work::drive(app, id, &shutdown, watch(&args.output).as_mut()).await?;
    conclude(app, over, &args.output).await
}

/// Shows what lets this run reach inside addresses.
pub(super) fn warn(app: &App, output: &Output) {
    for warning in app.settings.net.warnings() {
        progress::notice(output, format_args!("note: {warning}"));
    }
}

/// The run, stored and admitted.
pub(super) async fn create(
    app: &App,
    pipeline: Arc<Snapshot>,
    input: Value,
    options: RunOptions,
    budget: Option<domain::MicroUsd>,
) -> Result<Run, Failure> {
    let subject_key = pipelines::input::subject_key(&pipeline, &input)?;
    let subject_name = input.get("name").and_then(Value::as_str).map(str::to_owned);
    let new = NewRun { pipeline, subject_key, subject_name, input, options, budget, idempotency_key: None };
    Ok(app.tenant().create_run(new, app.clock.now()).await?)
}

/// What the command line says of the input: the file, then the source, then every `--set`.
fn given(snapshot: &Snapshot, args: &cli::Run) -> Result<Map<String, Value>, Failure> {
    let mut input = args.input.as_deref().map(read).transpose()?.unwrap_or_default();
    if let Some(source) = &args.source {
        pipelines::input::place(&snapshot.input, &mut input, source)?;
    }
    pipelines::input::set(&snapshot.input, &mut input, &args.set);
    Ok(input)
}

fn read(path: &Path) -> Result<Map<String, Value>, Failure> {
    let refuse = |reason: String| Failure::usage(format!("--input {}: {reason}", path.display()));
    let mut text = String::new();
    if path == Path::new("-") {
        std::io::stdin().read_to_string(&mut text).map_err(|error| refuse(error.to_string()))?;
    } else {
        text = std::fs::read_to_string(path).map_err(|error| refuse(error.to_string()))?;
    }
    serde_json::from_str(&text).map_err(|error| refuse(format!("expected a JSON object: {error}")))
}

/// A tier that needs a model is refused before anything is created.
fn check_provider(app: &App, tier: ModelTier) -> Result<(), Failure> {
    let choice = app.settings.llm.choice().map_err(|error| Failure::place(error.to_string()))?;
    if tier == ModelTier::Deep && choice == llm::Choice::Extractive {
        return Err(Failure::usage(
            "no_provider: the tier `deep` needs a model, and none is configured (set ANTHROPIC_API_KEY, OPENAI_API_KEY or \
             OLLAMA_BASE_URL)",
        ));
    }
    Ok(())
}

/// What the run would do at the most, in pages, calls and money.
fn plan(app: &App, snapshot: &Snapshot, input: &Value, as_json: bool) -> Result<(), Failure> {
    let plan = describe::plan(snapshot, input);
    let desk = llm::Desk::new(&app.settings.llm).map_err(|error| Failure::place(error.to_string()))?;
    // A repair reads and writes again; that is the second time.
    let cost = desk
        .most(2 * plan.max_source_tokens, 2 * plan.max_answer_tokens)
        .map_err(|error| Failure::place(error.to_string()))?;
    if as_json {
        let mut plan = serde_json::to_value(&plan).map_err(|error| Failure::place(error.to_string()))?;
        if let Some(plan) = plan.as_object_mut() {
            plan.insert("max_cost_micro_usd".to_owned(), cost.0.into());
        }
        return say_json(&plan);
    }
    say(format_args!("{plan}\ncost at the most: {cost}"))
}

/// What shows progress: bars on a terminal, lines elsewhere, nothing when asked for quiet.
pub(super) fn watch(output: &Output) -> Box<dyn Watch> {
    if output.quiet {
        Box::new(progress::Silent)
    } else if std::io::stderr().is_terminal() && !output.json {
        Box::new(progress::Bars::new())
    } else {
        Box::new(progress::Lines::default())
    }
}

/// Writes the report, says how it went, and chooses the exit code.
pub(super) async fn conclude(app: &App, over: Over, output: &Output) -> Result<(), Failure> {
    let (run, problem, outcome) = match over {
        Over::Ended(run) if run.state == RunState::Done => {
            match report::write(app, run.id, &output.out, &output.format).await {
                Ok((report, files)) => return finished(&run, &report, &files, output),
                Err(failure) => unwritten(run, &failure),
            }
        }
        Over::Ended(run) => {
            let state = run.state.as_str();
            let why = run.problem.as_ref().map(|problem| format!(": {}", problem.detail)).unwrap_or_default();
            let failure = Failure::new(Kind::Run, format!("{} {state}{why}", run.id));
            (run.clone(), run.problem, failure)
        }
        Over::Interrupted(run) => {
            let failure =
                Failure::new(Kind::Interrupted, format!("interrupted; go on with: assay resume {}", run.id));
            (run, None, failure)
        }
        Over::Waits(run, problem) => {
            let failure = waits(&run, &problem);
            (run, Some(problem), failure)
        }
    };
    if output.json {
        say_json(
            &json!({ "run": run.id, "state": run.state, "blocked_on": run.blocked_on, "problem": problem,
                          "cost_micro_usd": run.settled, "files": [] }),
        )?;
    }
    Err(outcome)
}

/// The run is done and only its files are missing.
fn unwritten(run: Run, failure: &Failure) -> (Run, Option<Problem>, Failure) {
    let again = format!("the report is kept; write it with: assay report {} --out DIR", run.id);
    let failure = Failure::new(failure.kind, format!("{failure}\n{again}"));
    (run, Some(Problem::new("report_not_written", failure.message.clone())), failure)
}

fn waits(run: &Run, problem: &Problem) -> Failure {
    let id = run.id;
    let on = run.blocked_on.map_or("something", |on| on.as_str());
    let again =
        if on == "budget" { format!("assay resume {id} --budget USD") } else { format!("assay resume {id}") };
    Failure::new(
        Kind::Run,
        format!("{id} waits for {on}: {}\nnothing is lost; go on with: {again}", problem.detail),
    )
}

fn finished(run: &Run, report: &Report, files: &[PathBuf], output: &Output) -> Result<(), Failure> {
    let version = report.run.version;
    let files: Vec<String> = files.iter().map(|path| path.display().to_string()).collect();
    if output.json {
        return say_json(
            &json!({ "run": run.id, "state": run.state, "subject": report.subject.key, "version": version,
                                 "cost_micro_usd": run.settled, "files": files }),
        );
    }
    let seconds = run.ended_at.zip(run.started_at).map_or(0.0, |(end, start)| (end - start).as_seconds_f64());
    say(format_args!("{} — version {version}, {}, {seconds:.1} s ({})", report.title, run.settled, run.id))?;
    files.iter().try_for_each(|file| say(format_args!("  {file}")))
}
