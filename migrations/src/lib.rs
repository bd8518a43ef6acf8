//! The schema: one set of migrations for Postgres and SQLite.
//!
//! For `store`, which runs them. A migration that has been released is never edited; a change is a new one that
//! expands first and contracts a release later. Column types are chosen so that both databases keep a value exactly:
//! ids are UUIDs, money is integer micro-USD, times are UTC, JSON is text (so that the order of keys, every digit of a
//! number and every character survive). Read first: [`first`].

mod first;

use sea_orm_migration::{MigrationTrait, MigratorTrait, async_trait};

/// Every migration in order.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(first::First)]
    }
}
