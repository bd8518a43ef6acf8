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

    use store::{Error, Scope, Settings, Store};

    use crate::place;
    use crate::suite::world::{World, at, behind_its_back, node, statistic};

    /// The rows of jobs that were read, whether they were of use or not.
    const READ: &str = "select seq_tup_read + idx_tup_fetch from pg_stat_user_tables where relname = 'jobs'";

    #[tokio::test(flavor = "multi_thread")]
    async fn what_is_not_to_be_announced_now_is_not_read() {
        let world = World::at(place().await).await;
        let nodes: Vec<_> = (0..1000).map(|n| node(&format!("n{n}"))).collect();
        let (paused, announced) = (world.run(&nodes).await, world.run(&nodes).await);
        world.tenant().pause(paused.id, at(0)).await.unwrap();
        let bells = world.store.unannounced(Scope::Run(announced.id), at(0), 990).await.unwrap();
        world.store.announced(&bells, at(0)).await.unwrap();
        world.store.close().await;
        // Where a server runs for more than a minute, it does this by itself.
        behind_its_back(&world.settings, "analyze jobs").await;
        let before = statistic(&world.settings, READ).await;
        let store = Store::open(&world.settings).await.unwrap();
        for scope in [Scope::All, Scope::Run(announced.id), Scope::Run(paused.id)] {
            let due = if scope == Scope::Run(paused.id) { 0 } else { 10 };
            assert_eq!(store.unannounced(scope, at(1), 100).await.unwrap().len(), due);
        }
        store.close().await;
        assert_eq!(statistic(&world.settings, READ).await - before, 20, "no more than was answered");
    }

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
