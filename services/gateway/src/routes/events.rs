//! `/v1/runs/{run}/events`: the log of a run, as a stream that can be resumed, or page by page.

use std::collections::VecDeque;
use std::time::Duration;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use bytes::Bytes;
use domain::{Event, RunId};
use futures_util::stream::{self, Stream};
use serde::Deserialize;
use serde_json::json;
use store::Tenant;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::id;
use crate::State;
use crate::caller::Caller;
use crate::refusal::Refusal;

/// How often the log is looked at for news.
const LOOK: Duration = Duration::from_millis(250);
/// How long a stream is silent before it says that it is alive.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// The most events of one answer.
const LIMIT: u64 = 200;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Query {
    after: Option<u32>,
    limit: Option<u64>,
}

pub(super) async fn follow(
    state: web::Data<State>,
    Caller(tenant): Caller,
    run: web::Path<String>,
    query: web::Query<Query>,
    request: HttpRequest,
) -> Result<HttpResponse, Refusal> {
    let run: RunId = id(&run, "run")?;
    let heard = last_heard(&request)?;
    let after = i64::from(heard.or(query.after).unwrap_or(0));
    let accepted =
        request.headers().get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    if accepted.contains("application/json") {
        let limit = query.limit.unwrap_or(LIMIT);
        if !(1..=LIMIT).contains(&limit) {
            return Err(Refusal::bad("invalid_query", format!("limit: between 1 and {LIMIT}")));
        }
        let events = tenant.events(run, after, limit).await?;
        let next = events.last().filter(|_| events.len() as u64 == limit).map(|event| event.seq);
        return Ok(HttpResponse::Ok().json(json!({ "data": events, "next_after": next })));
    }
    // Somebody else's run is refused before the stream begins.
    tenant.run(run).await?;
    let log = Log {
        tenant,
        run,
        after,
        waiting: VecDeque::new(),
        spoke: Instant::now(),
        over: false,
        stop: state.stop.clone(),
    };
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/event-stream"))
        .insert_header(("x-accel-buffering", "no"))
        .streaming(log.stream()))
}

/// The number that a client which lost its stream sends along.
fn last_heard(request: &HttpRequest) -> Result<Option<u32>, Refusal> {
    let Some(given) = request.headers().get("last-event-id") else { return Ok(None) };
    let number = given.to_str().ok().and_then(|given| given.trim().parse().ok());
    number
        .map(Some)
        .ok_or_else(|| Refusal::bad("invalid_query", "Last-Event-ID: the number of an event of this run"))
}

/// The log, as far as it was sent.
struct Log {
    tenant: Tenant,
    run: RunId,
    after: i64,
    waiting: VecDeque<Event>,
    spoke: Instant,
    over: bool,
    stop: CancellationToken,
}

impl Log {
    /// Every event once and in order; ends after the run's last, or with the process: whoever reads resumes.
    fn stream(self) -> impl Stream<Item = Result<Bytes, Refusal>> {
        stream::try_unfold(self, |mut log| async move { Ok(log.next().await?.map(|text| (text, log))) })
    }

    async fn next(&mut self) -> Result<Option<Bytes>, Refusal> {
        loop {
            if let Some(event) = self.waiting.pop_front() {
                self.after = event.seq;
                self.spoke = Instant::now();
                return line(&event).map(Some);
            }
            if self.over || self.stop.is_cancelled() {
                return Ok(None);
            }
            // The state first: what is in the log by then is all there is.
            let is_over = self.tenant.run(self.run).await?.state.is_terminal();
            self.waiting.extend(self.tenant.events(self.run, self.after, LIMIT).await?);
            self.over = is_over && (self.waiting.len() as u64) < LIMIT;
            if !self.waiting.is_empty() || self.over {
                continue;
            }
            if self.spoke.elapsed() >= HEARTBEAT {
                self.spoke = Instant::now();
                return Ok(Some(Bytes::from_static(b":\n\n")));
            }
            tokio::select! {
                () = self.stop.cancelled() => return Ok(None),
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    }
}

fn line(event: &Event) -> Result<Bytes, Refusal> {
    // JSON has no line breaks of its own.
    let data = serde_json::to_string(event).map_err(|error| Refusal::internal(&error))?;
    Ok(Bytes::from(format!("id: {}\nevent: {}\ndata: {data}\n\n", event.seq, event.kind)))
}
