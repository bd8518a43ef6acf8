//! The one way to short-term memory: what the settings say.

use std::sync::Arc;

use crate::{Ephemeral, Error, Memory, Redis, Settings};

/// The place that the settings name. Redis need not be there: until it answers, the process goes on alone. Needs a
/// tokio runtime, which keeps the connection for live events.
///
/// # Errors
/// [`Error::Unusable`] if the URL is none.
pub async fn connect(settings: &Settings) -> Result<Arc<dyn Ephemeral>, Error> {
    Ok(match &settings.url {
        None => Arc::new(Memory::new()),
        Some(url) => Arc::new(Redis::new(url, settings)?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn without_a_url_everything_stays_in_this_process() {
        let place = connect(&Settings::default()).await.unwrap();
        assert!(!place.is_degraded());
    }
}
