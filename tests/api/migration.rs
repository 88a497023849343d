//! The tables: up, down and up again; and what they refuse.

use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection};

use crate::harness::{Api, retitle};

async fn connect(file: &std::path::Path) -> DatabaseConnection {
    Database::connect(format!("sqlite://{}?mode=rwc", file.display()))
        .await
        .unwrap()
}

async fn tables(db: &DatabaseConnection) -> Vec<String> {
    let asked = "SELECT type || ' ' || name AS name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY 1";
    let asked = sea_orm::Statement::from_string(sea_orm::DbBackend::Sqlite, asked);
    let rows = db.query_all_raw(asked).await.unwrap();
    rows.iter()
        .map(|row| row.try_get("", "name").unwrap())
        .collect()
}

#[tokio::test]
async fn up_down_and_up_again() {
    let folder = tempfile::tempdir().unwrap();
    let db = connect(&folder.path().join("empty.db")).await;
    Migrator::up(&db, None).await.unwrap();
    let first = tables(&db).await;
    assert!(first.len() > 40, "{first:?}");
    Migrator::down(&db, None).await.unwrap();
    assert_eq!(tables(&db).await, ["table seaql_migrations"]);
    Migrator::up(&db, None).await.unwrap();
    assert_eq!(tables(&db).await, first);
}

#[tokio::test]
async fn history_cannot_be_rewritten() {
    let api = Api::seeded().await;
    api.editor("eva").await.publish(retitle(1, "New")).await;
    let db = connect(&api.file()).await;
    for sql in [
        "UPDATE change SET operation = 'RETIRE' WHERE sequence = 1",
        "DELETE FROM change WHERE sequence = 908",
        "DELETE FROM change_country",
        "UPDATE treaty SET short_title = 'Forged' WHERE id = 'Treaty:ets-185'",
        "UPDATE treaty SET until = NULL WHERE id = 'Treaty:ets-185' AND version = 1",
        "UPDATE treaty SET until = 999 WHERE id = 'Treaty:ets-185' AND version = 1",
        "DELETE FROM treaty",
        "UPDATE citation SET certainty = 'CONFIRMED'",
        "DELETE FROM citation",
        "INSERT INTO source (id, since, version, kind, title) SELECT id, 908, 2, kind, title FROM source LIMIT 1",
    ] {
        let refused = db.execute_unprepared(sql).await.expect_err(sql).to_string();
        assert!(
            refused.contains("never rewritten") || refused.contains("UNIQUE"),
            "{sql}: {refused}"
        );
    }
}
