//! The triggers that protect history, lifted as somebody with access to the database can do it.

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};

/// Removes the triggers of tables. Returns the statements that restore them.
pub async fn lift_triggers(db: &DatabaseConnection, tables: &[&str]) -> Vec<String> {
    let mut triggers: Vec<String> = Vec::new();
    for table in tables {
        if db.get_database_backend() == DbBackend::Postgres {
            let alter = |to: &str| format!("ALTER TABLE {table} {to} TRIGGER USER");
            db.execute_unprepared(&alter("DISABLE")).await.unwrap();
            triggers.push(alter("ENABLE"));
            continue;
        }
        let asked = format!(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = '{table}'"
        );
        let rows = db
            .query_all_raw(Statement::from_string(DbBackend::Sqlite, asked))
            .await
            .unwrap();
        for row in rows {
            let name: String = row.try_get("", "name").unwrap();
            db.execute_unprepared(&format!("DROP TRIGGER {name}"))
                .await
                .unwrap();
            triggers.push(row.try_get("", "sql").unwrap());
        }
    }
    triggers
}
