//! The tables as sea-orm sees them. Nothing of this leaves the crate: every file that reads or writes a table turns
//! its rows into words of `domain`.

#![expect(unreachable_pub, reason = "the derived entities, columns and keys are `pub`")]

/// One table: a module with `Model`, `Column`, `Entity` and `ActiveModel`.
macro_rules! table {
    ($(#[$doc:meta])* $name:ident, $table:tt, { $($(#[$attribute:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        pub mod $name {
            use sea_orm::entity::prelude::*;

            #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
            #[sea_orm(table_name = $table)]
            pub struct Model {
                $($(#[$attribute])* pub $field: $type,)*
            }

            #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
            pub enum Relation {}

            impl ActiveModelBehavior for ActiveModel {}
        }
    };
}

mod analysis;
mod engine;
mod money;
mod owners;
mod sources;

pub(crate) use analysis::{entities, evidence, findings, reports};
pub(crate) use engine::{events, idempotency, jobs, nodes, runs, snapshots};
pub(crate) use money::{model_calls, reservations, usage};
pub(crate) use owners::{keys, subjects, tenants};
pub(crate) use sources::{contents, documents, frontier};
