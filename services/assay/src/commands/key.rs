//! `assay key`: who may ask the gateway.

use chrono::TimeDelta;
use serde_json::{Value, json};
use store::NewKey;

use super::{say, say_json};
use crate::app::App;
use crate::cli::Key;
use crate::failure::Failure;

pub(super) async fn execute(app: &App, command: Key) -> Result<(), Failure> {
    let (tenant, now) = (app.tenant(), app.clock.now());
    match command {
        Key::Create { name, scopes, days } => {
            let secret = gateway::Secret::random();
            let scopes = scopes.into_iter().map(|scope| gateway::Scope::from(scope).as_str().to_owned());
            let new = NewKey {
                name,
                secret_hash: secret.hash(),
                scopes: scopes.collect(),
                expires_at: days.map(|days| now + TimeDelta::days(days.into())),
            };
            let key = tenant.create_key(new, now).await?;
            eprint_id(&key);
            say(secret.reveal())
        }
        Key::List { json } => {
            let keys = tenant.keys().await?;
            if json {
                return say_json(&keys.iter().map(view).collect::<Vec<_>>());
            }
            keys.iter().try_for_each(|key| {
                let used = key
                    .last_used_at
                    .map_or("never used".to_owned(), |at| format!("last used {}", at.format("%F")));
                let end = match (key.revoked_at, key.expires_at) {
                    (Some(_), _) => ", revoked".to_owned(),
                    (None, Some(at)) => format!(", until {}", at.format("%F")),
                    (None, None) => String::new(),
                };
                say(format_args!("{}  {}  {}  {used}{end}", key.id, key.scopes.join(","), key.name))
            })
        }
        Key::Revoke { key } => {
            tenant.revoke_key(key, now).await?;
            say(format_args!("{key} is revoked"))
        }
    }
}

/// Beside the secret, which alone goes to standard output: `KEY=$(assay key create ci)`.
fn eprint_id(key: &store::Key) {
    crate::progress::tell(format_args!("{} is made; its secret is shown only now:", key.id));
}

fn view(key: &store::Key) -> Value {
    json!({
        "id": key.id, "name": key.name, "scopes": key.scopes, "created_at": key.created_at,
        "expires_at": key.expires_at, "revoked_at": key.revoked_at, "last_used_at": key.last_used_at,
    })
}
