//! The server: one for all formats, on a free port of loopback.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};

use actix_web::dev::ServerHandle;
use actix_web::http::StatusCode;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, rt, web};
use serde_json::{Value, json};

use super::encode::{Encoded, encode, refuse};
use super::refuse::complaint;
use super::stream::Pieces;
use super::{Api, Prompt, Refusal, Reply, honest};

/// The longest body that is read.
const LONGEST_BODY_BYTES: usize = 16 << 20;

/// Whether a request showed the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyGiven {
    Right,
    Wrong,
    None,
}

/// One request as it came. The key itself is not kept.
#[derive(Debug, Clone)]
pub struct Logged {
    pub api: Api,
    pub path: String,
    pub key: KeyGiven,
    pub headers: BTreeMap<String, String>,
    pub body: Value,
    /// What was asked; none if the body could not be read.
    pub prompt: Option<Prompt>,
    pub reply: Reply,
}

type Answer = Box<dyn Fn(&Prompt) -> Reply + Send + Sync>;

struct State {
    answer: Answer,
    queue: Mutex<VecDeque<Reply>>,
    log: Mutex<Vec<Logged>>,
    /// The longest prompt the model takes; 0 = any.
    context: AtomicU64,
    silent: Arc<AtomicUsize>,
}

/// Fake providers. Stops when dropped.
pub struct FakeLlm {
    address: SocketAddr,
    state: Arc<State>,
    server: ServerHandle,
}

impl fmt::Debug for FakeLlm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FakeLlm").field("address", &self.address).finish_non_exhaustive()
    }
}

impl FakeLlm {
    /// The one key that Anthropic and OpenAI accept here.
    pub const KEY: &'static str = "sk-fake-4b1c7d0e9a2f";

    /// With an honest analyst behind it.
    pub fn start() -> io::Result<Self> {
        Self::start_with(honest)
    }

    /// With answers of your own.
    pub fn start_with(answer: impl Fn(&Prompt) -> Reply + Send + Sync + 'static) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let address = listener.local_addr()?;
        let state = Arc::new(State {
            answer: Box::new(answer),
            queue: Mutex::default(),
            log: Mutex::default(),
            context: AtomicU64::new(0),
            silent: Arc::default(),
        });
        let server = serve(listener, Arc::clone(&state))?;
        Ok(Self { address, state, server })
    }

    /// `llm.anthropic.base_url`
    #[must_use]
    pub fn anthropic_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// `llm.openai.base_url`
    #[must_use]
    pub fn openai_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// `llm.ollama.base_url`
    #[must_use]
    pub fn ollama_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The next chat request gets this instead; several are given in their order.
    pub fn push(&self, reply: impl Into<Reply>) {
        locked(&self.state.queue).push_back(reply.into());
    }

    /// From now on the model takes prompts of at most so many tokens: Anthropic and OpenAI refuse longer ones, Ollama
    /// reads only so much of them and says nothing, as its older versions do.
    pub fn limit_context(&self, tokens: u64) {
        self.state.context.store(tokens, Ordering::Relaxed);
    }

    /// How many streams have sent all they have and stay silent ([`super::Break::Silence`]).
    #[must_use]
    pub fn silent_streams(&self) -> usize {
        self.state.silent.load(Ordering::SeqCst)
    }

    /// Every chat request so far.
    #[must_use]
    pub fn requests(&self) -> Vec<Logged> {
        locked(&self.state.log).clone()
    }
}

impl Drop for FakeLlm {
    fn drop(&mut self) {
        // The command is sent at once; only waiting for it to be done needs the future.
        drop(self.server.stop(false));
    }
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs on a thread of its own, so that it works in every test, whatever runtime that has and whatever it does to its
/// clock.
fn serve(listener: TcpListener, state: Arc<State>) -> io::Result<ServerHandle> {
    let (tell, told) = mpsc::channel();
    std::thread::Builder::new().name("fake-llm".to_owned()).spawn(move || {
        rt::System::new().block_on(async move {
            let server = HttpServer::new(move || {
                App::new()
                    .app_data(web::Data::from(Arc::clone(&state)))
                    .app_data(web::PayloadConfig::new(LONGEST_BODY_BYTES))
                    .route("/v1/messages", web::post().to(anthropic))
                    .route("/v1/chat/completions", web::post().to(openai))
                    .route("/api/chat", web::post().to(ollama))
                    .route("/v1/models", web::get().to(models))
                    .route("/api/tags", web::get().to(tags))
            })
            .workers(1)
            .disable_signals()
            .shutdown_timeout(0)
            .listen(listener);
            match server.map(HttpServer::run) {
                Ok(server) => {
                    let _ = tell.send(Ok(server.handle()));
                    let _ = server.await;
                }
                Err(error) => drop(tell.send(Err(error))),
            }
        });
    })?;
    told.recv().map_err(io::Error::other)?
}

async fn anthropic(state: web::Data<State>, request: HttpRequest, body: web::Bytes) -> HttpResponse {
    chat(Api::Anthropic, &state, &request, &body)
}

async fn openai(state: web::Data<State>, request: HttpRequest, body: web::Bytes) -> HttpResponse {
    chat(Api::OpenAi, &state, &request, &body)
}

async fn ollama(state: web::Data<State>, request: HttpRequest, body: web::Bytes) -> HttpResponse {
    chat(Api::Ollama, &state, &request, &body)
}

async fn models(state: web::Data<State>, request: HttpRequest) -> HttpResponse {
    let api = if header(&request, "x-api-key").is_some() { Api::Anthropic } else { Api::OpenAi };
    if key_given(api, &request) != KeyGiven::Right {
        return respond(refuse(api, "", &Refusal::WrongKey), &state);
    }
    let name = if api == Api::Anthropic { "claude-sonnet-5-5" } else { "gpt-6.1-terra" };
    HttpResponse::Ok().json(json!({"data": [{"id": name, "type": "model"}], "has_more": false}))
}

async fn tags() -> HttpResponse {
    HttpResponse::Ok().json(json!({"models": [{"name": "llama3.1:latest", "model": "llama3.1:latest"}]}))
}

fn header(request: &HttpRequest, name: &str) -> Option<String> {
    Some(request.headers().get(name)?.to_str().ok()?.to_owned())
}

fn key_given(api: Api, request: &HttpRequest) -> KeyGiven {
    let key = match api {
        Api::Anthropic => header(request, "x-api-key"),
        Api::OpenAi | Api::Ollama => {
            header(request, "authorization").and_then(|value| Some(value.strip_prefix("Bearer ")?.to_owned()))
        }
    };
    match key {
        None => KeyGiven::None,
        Some(key) if key == FakeLlm::KEY => KeyGiven::Right,
        Some(_) => KeyGiven::Wrong,
    }
}

fn chat(api: Api, state: &State, request: &HttpRequest, body: &[u8]) -> HttpResponse {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let prompt = Prompt::read(api, &body);
    let key = key_given(api, request);
    let reply = reply(api, state, request, (&body, prompt.as_ref()), key);
    let encoded = match &prompt {
        Some(prompt) => encode(prompt, &reply, counted(state, prompt, &body)),
        None => refuse(api, "", &Refusal::BadRequest("the body is no request".to_owned())),
    };
    let names =
        request.headers().iter().filter(|(name, _)| !["authorization", "x-api-key"].contains(&name.as_str()));
    let headers = names
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap_or_default().to_owned()))
        .collect();
    let path = request.path().to_owned();
    locked(&state.log).push(Logged { api, path, key, headers, body, prompt, reply });
    respond(encoded, state)
}

fn reply(
    api: Api,
    state: &State,
    request: &HttpRequest,
    (body, prompt): (&Value, Option<&Prompt>),
    key: KeyGiven,
) -> Reply {
    let Some(prompt) = prompt else { return Refusal::BadRequest("the body is no request".to_owned()).into() };
    if api != Api::Ollama && key != KeyGiven::Right {
        return Refusal::WrongKey.into();
    }
    if let Some(words) = complaint(api, body, &|name| header(request, name)) {
        return Refusal::BadRequest(words).into();
    }
    if let Some(reply) = locked(&state.queue).pop_front() {
        return reply;
    }
    let limit = state.context.load(Ordering::Relaxed);
    if api != Api::Ollama && limit > 0 && prompt.tokens > limit {
        return Refusal::ContextLength.into();
    }
    (state.answer)(prompt)
}

/// What the prompt is counted as: Ollama reads no more than `num_ctx`, or what the model takes.
fn counted(state: &State, prompt: &Prompt, body: &Value) -> u64 {
    if prompt.api != Api::Ollama {
        return prompt.tokens;
    }
    let asked = body.pointer("/options/num_ctx").and_then(Value::as_u64).unwrap_or(4_096);
    let most = match state.context.load(Ordering::Relaxed) {
        0 => asked,
        limit => limit.min(asked),
    };
    prompt.tokens.min(most)
}

fn respond(encoded: Encoded, state: &State) -> HttpResponse {
    let status = StatusCode::from_u16(encoded.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::build(status);
    response.content_type(encoded.content_type).insert_header(("request-id", "req_fake"));
    if let Some(seconds) = encoded.retry_after {
        response.insert_header(("retry-after", seconds.to_string()));
    }
    response.body(Pieces::new(encoded.pieces, encoded.ending, Arc::clone(&state.silent)))
}
