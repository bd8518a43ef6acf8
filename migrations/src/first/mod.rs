//! The tables that every installation has.

mod analysis;
mod money;
mod owners;
mod runs;
mod sources;

use sea_orm_migration::async_trait;
use sea_orm_migration::prelude::{
    ColumnDef, ConnectionTrait, DbErr, ForeignKey, ForeignKeyAction, ForeignKeyCreateStatement,
    MigrationName, MigrationTrait, SchemaManager, Table, TableCreateStatement,
};

pub(crate) struct First;

impl MigrationName for First {
    fn name(&self) -> &'static str {
        "m20261120_000001_first"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for First {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        let tables =
            [owners::tables(), runs::tables(), sources::tables(), analysis::tables(), money::tables()];
        for table in tables.into_iter().flatten() {
            schema.create_table(table).await?;
        }
        for index in
            [owners::INDEXES, runs::INDEXES, sources::INDEXES, analysis::INDEXES, money::INDEXES].concat()
        {
            schema.get_connection().execute_unprepared(index).await?;
        }
        Ok(())
    }

    async fn down(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        let tables =
            [owners::tables(), runs::tables(), sources::tables(), analysis::tables(), money::tables()];
        for table in tables.into_iter().flatten().rev() {
            if let Some(name) = table.get_table_name() {
                schema.drop_table(Table::drop().table(name.clone()).to_owned()).await?;
            }
        }
        Ok(())
    }
}

fn table(name: &'static str, columns: impl IntoIterator<Item = ColumnDef>) -> TableCreateStatement {
    let mut table = Table::create();
    table.table(name);
    for column in columns {
        table.col(column);
    }
    table
}

fn id(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).uuid().not_null().to_owned()
}

fn id_null(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).uuid().to_owned()
}

/// Text, and JSON written as text.
fn text(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).text().not_null().to_owned()
}

fn text_null(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).text().to_owned()
}

fn int(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).integer().not_null().to_owned()
}

fn int_null(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).integer().to_owned()
}

/// Counts, sizes, and money in micro-USD.
fn big(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().not_null().to_owned()
}

fn big_null(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().to_owned()
}

fn float(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).double().not_null().to_owned()
}

fn time(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).timestamp_with_time_zone().not_null().to_owned()
}

fn time_null(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).timestamp_with_time_zone().to_owned()
}

/// `column` names a row of `table`, and goes when that goes.
fn belongs(column: &'static str, table: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create().from_col(column).to(table, "id").on_delete(ForeignKeyAction::Cascade).to_owned()
}
