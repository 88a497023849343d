//! The common part of the tables of all nouns: one row per version, closed once and never rewritten.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, big_integer_null, integer, string};
use sea_orm_migration::sea_orm::DbBackend;

/// Makes a text column sort by its bytes, as `SQLite` does; the default order of `PostgreSQL` depends on the machine.
pub fn in_byte_order(manager: &SchemaManager<'_>, mut column: ColumnDef) -> ColumnDef {
    let is_text = matches!(
        column.get_column_type(),
        Some(ColumnType::String(_) | ColumnType::Text)
    );
    if is_text && manager.get_database_backend() == DbBackend::Postgres {
        column.extra("COLLATE \"C\"");
    }
    column
}

/// Creates the table of a noun: the common columns and its own, an index for each column of `looked_up_by`, and the
/// triggers that protect history.
///
/// # Errors
/// Any error of the database.
pub async fn create(
    manager: &SchemaManager<'_>,
    table: &'static str,
    columns: Vec<ColumnDef>,
    looked_up_by: &[&'static str],
) -> Result<(), DbErr> {
    let mut create = Table::create();
    create
        .table(table)
        .col(in_byte_order(manager, string("id")))
        .col(big_integer("since"))
        .col(big_integer_null("until"))
        .col(integer("version"))
        .primary_key(Index::create().col("id").col("since"))
        .foreign_key(
            ForeignKey::create()
                .from(table, "since")
                .to("change", "sequence"),
        )
        .foreign_key(
            ForeignKey::create()
                .from(table, "until")
                .to("change", "sequence"),
        )
        .check(Expr::col("until").gt(Expr::col("since")));
    let mut fixed: Vec<String> = vec!["id".into(), "since".into(), "version".into()];
    for column in columns {
        fixed.push(column.get_column_name().clone());
        create.col(in_byte_order(manager, column));
    }
    manager.create_table(create).await?;
    let current = Index::create()
        .name(format!("{table}_current"))
        .table(table)
        .col("id")
        .unique()
        .cond_where(Expr::col("until").is_null())
        .to_owned();
    manager.create_index(current).await?;
    for column in looked_up_by {
        create_index(manager, table, &[column]).await?;
    }
    closed_once(manager, table, &fixed).await
}

fn index_name(table: &str, columns: &[&str]) -> String {
    format!("{table}_by_{}", columns.join("_and_"))
}

/// Creates an index for rows of a noun that are looked up by these columns together.
///
/// # Errors
/// Any error of the database.
pub async fn create_index(
    manager: &SchemaManager<'_>,
    table: &'static str,
    columns: &[&'static str],
) -> Result<(), DbErr> {
    let mut index = Index::create();
    index.name(index_name(table, columns)).table(table);
    for column in columns.iter().chain(&["id", "since", "until"]) {
        index.col(*column);
    }
    manager.create_index(index).await
}

/// Undoes [`create_index`].
///
/// # Errors
/// Any error of the database.
pub async fn drop_index(
    manager: &SchemaManager<'_>,
    table: &'static str,
    columns: &[&'static str],
) -> Result<(), DbErr> {
    let index = Index::drop()
        .name(index_name(table, columns))
        .table(table)
        .to_owned();
    manager.drop_index(index).await
}

/// Adds columns to the table of a noun. Triggers protect them like the others.
///
/// # Errors
/// Any error of the database.
pub async fn extend(
    manager: &SchemaManager<'_>,
    table: &'static str,
    columns: Vec<ColumnDef>,
) -> Result<(), DbErr> {
    for column in columns {
        let name = column.get_column_name().clone();
        let alter = Table::alter()
            .table(table)
            .add_column(in_byte_order(manager, column))
            .to_owned();
        manager.alter_table(alter).await?;
        let event = format!("UPDATE OF \"{name}\"");
        refuse(manager, table, &format!("rewrite_of_{name}"), &event, None).await?;
    }
    Ok(())
}

/// Undoes [`extend`].
///
/// # Errors
/// Any error of the database.
pub async fn shorten(
    manager: &SchemaManager<'_>,
    table: &'static str,
    columns: &[&'static str],
) -> Result<(), DbErr> {
    for column in columns {
        let on = if manager.get_database_backend() == DbBackend::Postgres {
            format!(" ON \"{table}\"")
        } else {
            String::new()
        };
        let drop = format!("DROP TRIGGER \"{table}_no_rewrite_of_{column}\"{on}");
        manager.get_connection().execute_unprepared(&drop).await?;
        let alter = Table::alter().table(table).drop_column(*column).to_owned();
        manager.alter_table(alter).await?;
    }
    Ok(())
}

/// Forbids every change of a table except closing a row once.
///
/// # Errors
/// Any error of the database.
pub async fn closed_once(
    manager: &SchemaManager<'_>,
    table: &str,
    fixed: &[String],
) -> Result<(), DbErr> {
    let fixed: Vec<String> = fixed.iter().map(|column| format!("\"{column}\"")).collect();
    let fixed = fixed.join(", ");
    let closing = "OLD.\"until\" IS NOT NULL OR NEW.\"until\" IS NULL";
    refuse(
        manager,
        table,
        "rewrite",
        &format!("UPDATE OF {fixed}"),
        None,
    )
    .await?;
    refuse(
        manager,
        table,
        "reopen",
        "UPDATE OF \"until\"",
        Some(closing),
    )
    .await?;
    refuse(manager, table, "delete", "DELETE", None).await
}

/// Forbids every change and deletion of rows; only inserts are possible.
///
/// # Errors
/// Any error of the database.
pub async fn append_only(manager: &SchemaManager<'_>, table: &str) -> Result<(), DbErr> {
    refuse(manager, table, "rewrite", "UPDATE", None).await?;
    refuse(manager, table, "delete", "DELETE", None).await
}

/// Forbids `TRUNCATE` of a table on `PostgreSQL`.
///
/// # Errors
/// Any error of the database.
pub async fn refuse_truncation(manager: &SchemaManager<'_>, table: &str) -> Result<(), DbErr> {
    let trigger = format!(
        "CREATE TRIGGER \"{table}_no_truncate\" BEFORE TRUNCATE ON \"{table}\" FOR EACH STATEMENT \
         EXECUTE FUNCTION refuse_rewriting()"
    );
    manager
        .get_connection()
        .execute_unprepared(&trigger)
        .await?;
    Ok(())
}

/// Undoes [`refuse_truncation`].
///
/// # Errors
/// Any error of the database.
pub async fn allow_truncation(manager: &SchemaManager<'_>, table: &str) -> Result<(), DbErr> {
    let drop = format!("DROP TRIGGER IF EXISTS \"{table}_no_truncate\" ON \"{table}\"");
    manager.get_connection().execute_unprepared(&drop).await?;
    Ok(())
}

/// The trigger function of `PostgreSQL` that raises the error; `SQLite` raises it in the trigger itself.
const REFUSE: &str = "CREATE FUNCTION refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS \
    'BEGIN RAISE EXCEPTION ''history is never rewritten''; END'";

/// Creates what the triggers need: a function on `PostgreSQL`, nothing on `SQLite`.
///
/// # Errors
/// Any error of the database.
pub async fn prepare(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    if manager.get_database_backend() == DbBackend::Postgres {
        manager.get_connection().execute_unprepared(REFUSE).await?;
    }
    Ok(())
}

/// Undoes [`prepare`].
///
/// # Errors
/// Any error of the database.
pub async fn forget(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    if manager.get_database_backend() == DbBackend::Postgres {
        let drop = "DROP FUNCTION IF EXISTS refuse_rewriting";
        manager.get_connection().execute_unprepared(drop).await?;
    }
    Ok(())
}

async fn refuse(
    manager: &SchemaManager<'_>,
    table: &str,
    name: &str,
    event: &str,
    when: Option<&str>,
) -> Result<(), DbErr> {
    let when = when
        .map(|when| format!("WHEN ({when})"))
        .unwrap_or_default();
    let action = if manager.get_database_backend() == DbBackend::Postgres {
        "EXECUTE FUNCTION refuse_rewriting()"
    } else {
        "BEGIN SELECT RAISE(ABORT, 'history is never rewritten'); END"
    };
    let trigger = format!(
        "CREATE TRIGGER \"{table}_no_{name}\" BEFORE {event} ON \"{table}\" FOR EACH ROW {when} {action}"
    );
    manager
        .get_connection()
        .execute_unprepared(&trigger)
        .await?;
    Ok(())
}
