//! The suite on Postgres: every test in a database of its own on the server at `ASSAY_TEST_POSTGRES_URL`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice
)]

#[macro_use]
mod suite;

use suite::world::{Place, on_server};

/// Fails when no Postgres answers: a suite that did not run is not a green one.
async fn place() -> Place {
    let server = std::env::var("ASSAY_TEST_POSTGRES_URL")
        .unwrap_or_else(|_| "postgres://assay:assay@127.0.0.1:5432/postgres".to_owned());
    let name = format!("assay_test_{}", uuid::Uuid::now_v7().simple());
    if let Err(error) = on_server(&server, &format!("create database {name}")).await {
        panic!("no Postgres for the tests at ASSAY_TEST_POSTGRES_URL (or {server}): {error}");
    }
    let (base, _) = server.rsplit_once('/').unwrap();
    let url = format!("{base}/{name}");
    Place { url, folder: Some(tempfile::TempDir::new().unwrap()), made: Some((server, name)) }
}

suite!(crate::place);

mod server {
    //! What only a server can have.

    use store::{Error, Settings, Store};

    use crate::place;

    #[tokio::test]
    async fn a_database_without_tables_is_pending() {
        let place = place().await;
        assert!(matches!(Store::open(&place.settings()).await, Err(Error::Pending { .. })));
    }

    #[tokio::test]
    async fn stores_that_migrate_at_once_do_it_once() {
        let place = place().await;
        let both = (0..4).map(|_| {
            let settings = place.settings();
            tokio::spawn(async move { Store::migrate(&settings).await })
        });
        for one in both.collect::<Vec<_>>() {
            one.await.unwrap().unwrap();
        }
        Store::open(&place.settings()).await.unwrap();
    }

    #[tokio::test]
    async fn a_server_that_does_not_answer_is_unavailable_by_name_and_without_its_password() {
        let place = place().await;
        let url = "postgres://someone:hunter2@127.0.0.1:1/assay".to_owned();
        let error = Store::open(&Settings { url, ..place.settings() }).await.unwrap_err();
        assert!(error.is_retryable(), "{error:?}");
        let message = format!("{error} {error:?}");
        assert!(message.contains("127.0.0.1") && !message.contains("hunter2"), "{message}");
    }
}
