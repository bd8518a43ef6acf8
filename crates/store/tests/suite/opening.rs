//! Opening and migrating, keys, blobs.

use bytes::Bytes;
use chrono::TimeDelta;
use domain::{BlobId, KeyId, TenantId};
use store::{Error, NewKey, Store};

use super::world::{World, at, behind_its_back, node};

pub(crate) async fn migrating_again_changes_nothing(world: World) {
    let run = world.run(&[node("a")]).await;
    Store::migrate(&world.settings).await.unwrap();
    let other = Store::open(&world.settings).await.unwrap();
    assert_eq!(other.tenant(TenantId::LOCAL).run(run.id).await.unwrap(), run);
    other.close().await;
}

pub(crate) async fn a_database_that_is_not_up_to_date_is_pending(world: World) {
    behind_its_back(&world.settings, "delete from seaql_migrations").await;
    let pending = Store::open(&world.settings).await.unwrap_err();
    assert!(matches!(pending, Error::Pending { missing: 1.., .. }), "{pending}");
}

pub(crate) async fn a_database_of_a_newer_version_is_refused_by_name(world: World) {
    let newer = "insert into seaql_migrations (version, applied_at) values ('m20990101_000001_future', 0)";
    behind_its_back(&world.settings, newer).await;
    for refused in
        [Store::open(&world.settings).await.unwrap_err(), Store::migrate(&world.settings).await.unwrap_err()]
    {
        assert!(matches!(refused, Error::Newer { .. }));
        let message = refused.to_string();
        assert!(
            message.contains("m20990101_000001_future") && message.contains("newer version"),
            "{message}"
        );
    }
    behind_its_back(&world.settings, "delete from seaql_migrations where version like '%future'").await;
    Store::open(&world.settings).await.unwrap();
}

pub(crate) async fn a_row_that_nobody_wrote_is_corrupt(world: World) {
    let run = world.run(&[node("a")]).await;
    behind_its_back(&world.settings, "update runs set state = 'sleeping'").await;
    let error = world.tenant().run(run.id).await.unwrap_err();
    assert!(error.to_string().contains("`sleeping` is no state of a run"), "{error}");
    assert!(!error.is_retryable());
}

pub(crate) async fn keys_speak_for_their_tenant_until_revoked_or_expired(world: World) {
    let new = |name: &str, expires_at| NewKey {
        name: name.to_owned(),
        secret_hash: format!("hash of {name}"),
        scopes: vec!["runs:write".to_owned(), "admin".to_owned()],
        expires_at,
    };
    let tenant = world.tenant();
    let lasting = tenant.create_key(new("lasting", None), at(0)).await.unwrap();
    let brief = tenant.create_key(new("brief", Some(at(60))), at(0)).await.unwrap();
    assert_eq!(tenant.keys().await.unwrap(), [lasting.clone(), brief.clone()]);
    let used = async |name: &str, now| {
        let key = world.store.use_key(&format!("hash of {name}"), now).await.unwrap();
        key.map(|key| (key.id, key.tenant, key.scopes))
    };
    let expected = Some((lasting.id, TenantId::LOCAL, lasting.scopes.clone()));
    assert_eq!(used("lasting", at(10)).await, expected);
    assert_eq!(used("nobody", at(10)).await, None);
    assert!(used("brief", at(59)).await.is_some());
    assert_eq!(used("brief", at(60)).await, None);
    assert!(used("lasting", at(30)).await.is_some());
    let last_used = async || tenant.keys().await.unwrap()[0].last_used_at;
    assert_eq!(last_used().await, Some(at(10)), "known to the minute");
    used("lasting", at(10) + TimeDelta::minutes(1)).await;
    assert_eq!(last_used().await, Some(at(70)));

    let neighbour = world.store.create_tenant("neighbour", at(0)).await.unwrap();
    let theirs = world.store.tenant(neighbour);
    assert!(theirs.keys().await.unwrap().is_empty());
    assert!(matches!(theirs.revoke_key(lasting.id, at(1)).await, Err(Error::NotFound { what: "key" })));
    assert!(matches!(tenant.revoke_key(KeyId::new(), at(1)).await, Err(Error::NotFound { .. })));
    tenant.revoke_key(lasting.id, at(80)).await.unwrap();
    tenant.revoke_key(lasting.id, at(90)).await.unwrap();
    assert_eq!(used("lasting", at(80)).await, None);
    assert_eq!(tenant.keys().await.unwrap()[0].revoked_at, Some(at(80)));
    assert!(tenant.create_key(new("lasting", None), at(0)).await.is_err(), "a secret belongs to one key");
}

pub(crate) async fn bytes_are_kept_once_under_what_they_are(world: World) {
    let blobs = world.store.blobs();
    let page = Bytes::from_static(b"<html>\0</html>");
    let id = blobs.put(page.clone()).await.unwrap();
    assert_eq!(id.0, "63f7469718bcfcd4d462b7b4b6c2cde44bf86a4445e8569967a10063e80dd870");
    assert_eq!(blobs.put(page.clone()).await.unwrap(), id);
    assert_eq!(blobs.get(&id).await.unwrap(), page);
    let large = Bytes::from(vec![7; 300_000]);
    let large_id = blobs.put(large.clone()).await.unwrap();
    assert_eq!(blobs.get(&large_id).await.unwrap(), large);
    let (a, b) = (&id.0[0..2], &id.0[2..4]);
    assert!(world.settings.blobs.join(a).join(b).join(&id.0).is_file());
    let puts = (0..16).map(|_| {
        tokio::spawn({
            let store = world.store.clone();
            async move { store.blobs().put(Bytes::from_static(b"same")).await.unwrap() }
        })
    });
    for put in puts.collect::<Vec<_>>() {
        assert_eq!(blobs.get(&put.await.unwrap()).await.unwrap(), "same");
    }
    for nobody in ["0".repeat(64), "../../../etc/passwd".to_owned(), String::new(), "é".repeat(32)] {
        assert!(matches!(blobs.get(&BlobId(nobody)).await, Err(Error::NotFound { what: "blob" })));
    }
    assert!(blobs.get(&blobs.put(Bytes::new()).await.unwrap()).await.unwrap().is_empty());
}
