//! The suite on SQLite.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice
)]

#[macro_use]
mod suite;

use suite::world::Place;

/// A path with everything that a URL would have to encode.
async fn place() -> Place {
    let folder = tempfile::TempDir::new().unwrap();
    let url = format!("sqlite://{}", folder.path().join("my data/assay 100%.db").display());
    Place { url, folder: Some(folder), made: None }
}

suite!(crate::place);

mod files {
    //! What only a file can have.

    use std::path::Path;

    use domain::TenantId;
    use store::{Error, Settings, Store};

    use crate::place;
    use crate::suite::world::{World, at, new_run, node};

    fn settings(database: &Path) -> Settings {
        let blobs = database.with_extension("blobs");
        Settings { url: format!("sqlite://{}", database.display()), blobs, max_connections: 1 }
    }

    #[tokio::test]
    async fn a_file_that_is_not_there_is_pending_and_not_made() {
        let settings = place().await.settings();
        assert!(matches!(Store::open(&settings).await, Err(Error::Pending { .. })));
        assert!(!Path::new(settings.url.strip_prefix("sqlite://").unwrap()).exists());
    }

    #[tokio::test]
    async fn a_file_that_is_no_database_is_refused_by_its_path() {
        let folder = tempfile::TempDir::new().unwrap();
        let file = folder.path().join("notes.txt");
        std::fs::write(&file, "Dear diary, ".repeat(1000)).unwrap();
        for refused in [
            Store::open(&settings(&file)).await.unwrap_err(),
            Store::migrate(&settings(&file)).await.unwrap_err(),
        ] {
            assert!(matches!(refused, Error::Corrupt { .. }), "{refused:?}");
            let message = refused.to_string();
            assert!(
                message.contains(file.to_str().unwrap()) && message.contains("no SQLite database"),
                "{message}"
            );
        }
        assert!(std::fs::read_to_string(&file).unwrap().starts_with("Dear diary"));
    }

    #[tokio::test]
    async fn an_empty_file_is_pending() {
        let folder = tempfile::TempDir::new().unwrap();
        let file = folder.path().join("empty.db");
        std::fs::write(&file, "").unwrap();
        assert!(matches!(Store::open(&settings(&file)).await, Err(Error::Pending { .. })));
    }

    #[tokio::test]
    async fn a_folder_is_no_database() {
        let folder = tempfile::TempDir::new().unwrap();
        let error = Store::open(&settings(folder.path())).await.unwrap_err();
        assert!(error.to_string().contains(folder.path().to_str().unwrap()), "{error}");
    }

    #[tokio::test]
    async fn a_url_of_another_kind_is_refused() {
        let elsewhere =
            Settings { url: "mysql://localhost/x".to_owned(), ..settings(Path::new("/nowhere/x.db")) };
        let error = Store::open(&elsewhere).await.unwrap_err();
        assert!(error.to_string().contains("`url`"), "{error}");
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
    async fn everything_is_still_there_after_the_process() {
        let place = place().await;
        let settings = place.settings();
        let world = World::at(place).await;
        let run = world.run(&[node("a")]).await;
        let job = world.claim_one(&run, at(0)).await;
        world.store.close().await;
        let again = Store::open(&settings).await.unwrap();
        assert_eq!(again.tenant(TenantId::LOCAL).jobs(run.id).await.unwrap(), [job]);
        let closed = world.tenant().create_run(new_run(&[node("a")]), at(0)).await;
        assert!(matches!(closed, Err(Error::Unavailable { .. })));
    }
}
