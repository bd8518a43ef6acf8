//! `/v1/runs`

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use domain::run::{ModelTier, RunOptions};
use domain::{MicroUsd, Run, RunId};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use store::{NewRun, Scope, Tenant};
use tokio::time::Instant;

use super::id;
use crate::State;
use crate::caller::Caller;
use crate::refusal::Refusal;

/// The most runs of one answer, and how many unless asked otherwise.
const LIMIT: u64 = 200;
const USUAL: u64 = 50;
/// The longest that `Prefer: wait` holds an answer back.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// How often a run that is waited for is looked at.
const LOOK: Duration = Duration::from_millis(200);
/// The most jobs that are announced at once; the scheduler announces the rest.
const SLICE: u64 = 500;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct New {
    pipeline: String,
    #[serde(default)]
    input: Map<String, Value>,
    #[serde(default)]
    options: Options,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Options {
    model_tier: ModelTier,
    budget_micro_usd: Option<u32>,
}

/// Accepts a run: once its row is stored, it will be done.
pub(super) async fn create(
    state: web::Data<State>,
    Caller(tenant): Caller,
    request: HttpRequest,
    new: web::Json<New>,
) -> Result<HttpResponse, Refusal> {
    let New { pipeline, input, options } = new.into_inner();
    let (key, wait) = (idempotency_key(&request)?, wait(&request)?);
    let pipeline = state.library.get(&pipeline).map_err(|error| {
        Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "unknown_pipeline", error.to_string())
    })?;
    let input = pipelines::input::resolve(&pipeline.input, input)?;
    let new = NewRun {
        subject_key: pipelines::input::subject_key(&pipeline, &input)?,
        subject_name: input.get("name").and_then(Value::as_str).map(str::to_owned),
        pipeline,
        input,
        options: RunOptions { model_tier: options.model_tier, priority: 0 },
        budget: options.budget_micro_usd.map(|budget| MicroUsd(budget.into())),
        idempotency_key: key,
    };
    let now = state.deps.clock.now();
    let run = tenant.create_run(new, now).await?;
    // The database keeps microseconds.
    let is_replayed = run.created_at.timestamp_micros() != now.timestamp_micros();
    announce(&state, run.id);
    let run = until_over(&tenant, run, wait).await?;
    let status = if run.state.is_terminal() { StatusCode::OK } else { StatusCode::ACCEPTED };
    let mut answer = HttpResponse::build(status);
    answer.insert_header((header::LOCATION, format!("/v1/runs/{}", run.id)));
    if is_replayed {
        answer.insert_header(("idempotency-replayed", "true"));
    }
    Ok(answer.json(view(&run)))
}

fn idempotency_key(request: &HttpRequest) -> Result<Option<String>, Refusal> {
    let Some(key) = request.headers().get("idempotency-key") else { return Ok(None) };
    let key = key.to_str().map_err(|_| {
        Refusal::bad("invalid_idempotency_key", "Idempotency-Key: letters, digits and signs of ASCII")
    })?;
    Ok(Some(key.to_owned()))
}

/// `Prefer: wait=20`, in seconds. Other preferences are not ours to obey.
fn wait(request: &HttpRequest) -> Result<Duration, Refusal> {
    let preferences = request.headers().get_all("prefer").filter_map(|value| value.to_str().ok());
    let wait =
        preferences.flat_map(|value| value.split(',')).find_map(|one| one.trim().strip_prefix("wait="));
    let Some(wait) = wait else { return Ok(Duration::ZERO) };
    let seconds = wait
        .parse()
        .map_err(|_| Refusal::bad("invalid_preference", "Prefer: wait is a number of seconds"))?;
    Ok(Duration::from_secs(seconds).min(LONGEST_WAIT))
}

async fn until_over(tenant: &Tenant, mut run: Run, wait: Duration) -> Result<Run, Refusal> {
    let deadline = Instant::now() + wait;
    while !run.state.is_terminal() && Instant::now() < deadline {
        tokio::time::sleep(LOOK.min(deadline - Instant::now())).await;
        run = tenant.run(run.id).await?;
    }
    Ok(run)
}

/// Rings for what became ready, after the answer: a queue that does not answer must not hold it back.
fn announce(state: &web::Data<State>, run: RunId) {
    let state = state.clone();
    actix_web::rt::spawn(async move {
        match state.deps.store.unannounced(Scope::Run(run), state.deps.clock.now(), SLICE).await {
            Ok(due) => drop(state.bell.ring(&due).await),
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "jobs could not be announced; the scheduler will"
                );
            }
        }
    });
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Page {
    limit: Option<u64>,
    cursor: Option<RunId>,
}

/// The latest first. The cursor is the last run of the page before.
pub(super) async fn list(Caller(tenant): Caller, page: web::Query<Page>) -> Result<HttpResponse, Refusal> {
    let limit = page.limit.unwrap_or(USUAL);
    if !(1..=LIMIT).contains(&limit) {
        return Err(Refusal::bad("invalid_query", format!("limit: between 1 and {LIMIT}")));
    }
    let mut runs = tenant.runs(limit + 1, page.cursor).await?;
    let more = runs.len() as u64 > limit;
    runs.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next = runs.last().filter(|_| more).map(|run| run.id);
    let data: Vec<_> = runs.iter().map(view).collect();
    Ok(HttpResponse::Ok().json(json!({ "data": data, "next_cursor": next })))
}

pub(super) async fn read(
    state: web::Data<State>,
    Caller(tenant): Caller,
    run: web::Path<String>,
) -> Result<HttpResponse, Refusal> {
    let progress = tenant.progress(id(&run, "run")?).await?;
    let left = tenant.time_left(&progress, state.deps.clock.now()).await?;
    let nodes: Vec<_> = progress
        .nodes
        .iter()
        .map(|node| {
            json!({
                "job": node.node, "uses": node.uses, "stage": node.stage, "optional": node.optional,
                "group": node.group, "state": node.state, "jobs": counts(&node.jobs),
            })
        })
        .collect();
    let mut run = view(&progress.run);
    if let Value::Object(fields) = &mut run {
        fields.insert("progress".to_owned(), counts(&progress.jobs));
        fields.insert("graph".to_owned(), Value::Array(nodes));
        fields.insert("documents".to_owned(), progress.documents.into());
        fields.insert("eta_seconds".to_owned(), json!(left.map(|left| left.as_secs())));
    }
    Ok(HttpResponse::Ok().json(run))
}

fn counts(jobs: &store::JobCounts) -> Value {
    json!({
        "discovered": jobs.discovered, "waiting": jobs.waiting, "ready": jobs.ready, "running": jobs.running,
        "done": jobs.done, "failed": jobs.failed, "cancelled": jobs.cancelled, "skipped": jobs.skipped,
    })
}

pub(super) async fn pause(
    state: web::Data<State>,
    Caller(tenant): Caller,
    run: web::Path<String>,
) -> Result<HttpResponse, Refusal> {
    changed(&state, tenant.pause(id(&run, "run")?, state.deps.clock.now()).await?)
}

pub(super) async fn resume(
    state: web::Data<State>,
    Caller(tenant): Caller,
    run: web::Path<String>,
) -> Result<HttpResponse, Refusal> {
    changed(&state, tenant.resume(id(&run, "run")?, state.deps.clock.now()).await?)
}

pub(super) async fn cancel(
    state: web::Data<State>,
    Caller(tenant): Caller,
    run: web::Path<String>,
) -> Result<HttpResponse, Refusal> {
    changed(&state, tenant.cancel(id(&run, "run")?, state.deps.clock.now()).await?)
}

/// Runs again what failed, and only that.
pub(super) async fn retry(
    state: web::Data<State>,
    Caller(tenant): Caller,
    run: web::Path<String>,
) -> Result<HttpResponse, Refusal> {
    changed(&state, tenant.retry(id(&run, "run")?, state.deps.clock.now()).await?)
}

fn changed(state: &web::Data<State>, run: Run) -> Result<HttpResponse, Refusal> {
    announce(state, run.id);
    Ok(HttpResponse::Ok().json(view(&run)))
}

/// A run as its owner sees it.
fn view(run: &Run) -> Value {
    let here = format!("/v1/runs/{}", run.id);
    json!({
        "id": run.id,
        "pipeline": run.pipeline,
        "pipeline_hash": run.pipeline_hash,
        "subject": run.subject,
        "state": run.state,
        "blocked_on": run.blocked_on,
        "blocked_until": run.blocked_until,
        "problem": run.problem,
        "input": run.input,
        "options": { "model_tier": run.options.model_tier, "budget_micro_usd": run.budget.map(|budget| budget.0) },
        "cost": { "reserved_micro_usd": run.reserved.0, "settled_micro_usd": run.settled.0 },
        "version": run.version,
        "created_at": run.created_at,
        "started_at": run.started_at,
        "ended_at": run.ended_at,
        "links": { "self": here, "events": format!("{here}/events"), "report": format!("{here}/report") },
    })
}
