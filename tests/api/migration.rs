//! The tables: up, down and up again; and what they refuse.

use cyberprofiles::store;
use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};

use crate::database::connect;
use crate::harness::{Api, retitle};

/// What there is beside the list of migrations: tables, indexes, triggers, functions.
async fn things(db: &DatabaseConnection) -> Vec<String> {
    let backend = db.get_database_backend();
    let asked = if backend == DbBackend::Sqlite {
        "SELECT type || ' ' || name AS name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'"
    } else {
        "SELECT 'relation ' || relname AS name FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace
            WHERE nspname = 'public'
         UNION SELECT 'trigger ' || tgname FROM pg_trigger WHERE NOT tgisinternal
         UNION SELECT 'function ' || proname FROM pg_proc JOIN pg_namespace n ON n.oid = pronamespace
            WHERE nspname = 'public'"
    };
    let rows = db
        .query_all_raw(Statement::from_string(backend, asked))
        .await;
    let mut names: Vec<String> = rows
        .unwrap()
        .iter()
        .map(|row| row.try_get("", "name").unwrap())
        .filter(|name: &String| !name.contains("seaql_migrations"))
        .collect();
    names.sort_unstable();
    names
}

#[tokio::test]
async fn up_down_and_up_again_with_all_the_data() {
    let api = Api::seeded().await;
    let before = api.export().await;
    let db = connect(&api.url).await;
    let first = things(&db).await;
    assert!(first.len() > 90, "{first:?}");
    api.store.close().await;
    store::revert(&api.url, None).await.unwrap();
    assert_eq!(things(&db).await, [""; 0]);
    let pending = store::migrations(&api.url).await.unwrap();
    assert!(pending.iter().all(|(_, is_applied)| !is_applied));
    let again = Api::on(api.url.clone()).await;
    assert_eq!(things(&db).await, first);
    again.import(&before, false).await.unwrap();
    assert!(again.export().await == before);
}

#[tokio::test]
async fn the_last_change_of_the_tables_alone_can_be_taken_back() {
    let api = Api::seeded().await;
    let db = connect(&api.url).await;
    let first = things(&db).await;
    api.store.close().await;
    for steps in 1..=11 {
        store::revert(&api.url, Some(steps)).await.unwrap();
        let migrations = store::migrations(&api.url).await.unwrap();
        let pending = migrations.iter().filter(|(_, is_applied)| !is_applied);
        assert_eq!(pending.count(), usize::try_from(steps).unwrap());
        Migrator::up(&db, None).await.unwrap();
        assert_eq!(things(&db).await, first, "{steps}");
    }
}

#[tokio::test]
async fn what_records_name_is_told_of_databases_that_did_not_keep_it() {
    let api = Api::seeded().await;
    let query = "{ countries(filter: { memberships: [ASEAN] }) { totalCount } }";
    let before = api.query(query).await;
    assert_eq!(before["countries"]["totalCount"], 11);
    api.store.close().await;
    let db = connect(&api.url).await;
    // As the program before it left the database: the tables that came later are not there.
    let all = store::migrations(&api.url).await.unwrap();
    let later = all
        .iter()
        .filter(|(name, _)| name.as_str() > "m20260102_000007");
    let later = u32::try_from(later.count()).unwrap();
    store::revert(&api.url, Some(later)).await.unwrap();
    for table in [
        "operational_unit",
        "cybersecurity_body",
        "policy_document",
        "coverage_assertion",
        "profile_section",
        "mention",
    ] {
        db.execute_unprepared(&format!("DROP TABLE {table}"))
            .await
            .unwrap();
    }
    db.execute_unprepared("DELETE FROM seaql_migrations WHERE version > 'm20260102'")
        .await
        .unwrap();
    let again = Api::on(api.url.clone()).await;
    assert_eq!(again.query(query).await, before);
}

#[tokio::test]
async fn history_cannot_be_rewritten() {
    let api = Api::seeded().await;
    api.editor("eva").await.publish(retitle(1, "New")).await;
    let db = connect(&api.url).await;
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
        "INSERT INTO source (id, since, version, kind, title) SELECT id, 900, 2, kind, title FROM source LIMIT 1",
    ] {
        let refused = db.execute_unprepared(sql).await.expect_err(sql).to_string();
        assert!(
            refused.contains("never rewritten") || refused.to_lowercase().contains("unique"),
            "{sql}: {refused}"
        );
    }
}
