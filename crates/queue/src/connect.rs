//! The one way to a broker: what the settings say.

use std::sync::Arc;

use crate::{Broker, Error, Memory, Rabbit, Settings};

/// The broker that the settings name. RabbitMQ need not be there yet: it is looked for until it is, and meanwhile
/// publishing is [`Error::Unavailable`]. Needs a tokio runtime, which keeps the connection.
///
/// # Errors
/// [`Error::Unusable`] if the URL is none, the broker refuses us, or a queue of that name is not like ours.
pub async fn connect(settings: &Settings) -> Result<Arc<dyn Broker>, Error> {
    Ok(match &settings.url {
        None => Arc::new(Memory::new()),
        Some(url) => Arc::new(Rabbit::connect(url, settings).await?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn without_a_url_messages_stay_in_this_process() {
        let broker = connect(&Settings::default()).await.unwrap();
        broker.ping().await.unwrap();
    }
}
