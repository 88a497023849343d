//! The migrations: applied, reverted and applied again; and the writes that the tables refuse.

use cyberprofiles::store;
use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};

use serde_json::json;

use crate::database::{self, connect, is_postgresql};
use crate::harness::{Api, cite, retitle};
use crate::kill;
use crate::program::program;
use crate::triggers::lift_triggers;

/// Tables, indexes, triggers and functions, except the list of migrations.
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
async fn reverting_and_reapplying_all_migrations_restores_the_tables() {
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
    let again = Api::builder().database(api.url.clone()).start().await;
    assert_eq!(things(&db).await, first);
    again.import(&before, false).await.unwrap();
    assert!(again.export().await == before);
}

#[tokio::test]
async fn the_last_one_to_eleven_migrations_can_be_reverted_and_reapplied() {
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
async fn upgrading_an_older_database_fills_in_its_references() {
    let api = Api::seeded().await;
    let query = "{ countries(filter: { memberships: [ASEAN] }) { totalCount } }";
    let before = api.query(query).await;
    assert_eq!(before["countries"]["totalCount"], 11);
    api.store.close().await;
    let db = connect(&api.url).await;
    // The database as an earlier program left it, without the later tables.
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
    let again = Api::builder().database(api.url.clone()).start().await;
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

/// Reverts the migrations from the named one on.
async fn back_before(api: &Api, name: &str) {
    let all = store::migrations(&api.url).await.unwrap();
    let later = all.iter().filter(|(one, _)| one.as_str() >= name).count();
    let later = u32::try_from(later).unwrap();
    store::revert(&api.url, Some(later)).await.unwrap();
}

#[tokio::test]
async fn stored_texts_and_links_that_input_checks_refuse_are_repaired() {
    let api = Api::seeded().await;
    let eva = api.editor("eva").await;
    let url = "https://example.org/placeholder";
    let changes = json!([
        { "createSource": { "key": "text-a", "fields": { "kind": "NEWS", "title": "Title", "url": url, "archivedUrl": url } } },
        { "createCybersecurityBody": { "key": "text-b", "cite": cite(), "fields": { "kind": "OTHER", "status": "UNKNOWN",
            "country": "AZ", "names": [{ "text": "Name", "language": "en" }], "website": url, "reportingUrl": url } } },
        { "createPolicyDocument": { "key": "text-c", "cite": cite(), "fields": { "kind": "LAW", "status": "UNKNOWN",
            "country": "AZ", "titles": [{ "text": "Name", "language": "en" }], "texts": [{ "url": url }, { "url": format!("{url}-2") }] } } },
    ]);
    let rationale = "Rationale";
    let input =
        json!({ "title": "Title", "rationale": rationale, "changes": changes, "submit": true });
    let carla = api.contributor().await;
    let id = carla.create(input).await["contribution"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    eva.accept(&id).await;
    let send = "mutation($link: URL!) { submitTip(input: { country: \"AZ\", message: \"Title\", link: $link }) { userErrors { code } } }";
    carla.ask(send, json!({ "link": url })).await.data();
    api.store.close().await;
    let db = connect(&api.url).await;
    let first = things(&db).await;
    back_before(&api, "m20260107_000001").await;

    // As a program without the checks left it. PostgreSQL cannot store U+0000.
    let is_shared = db.get_database_backend() == DbBackend::Postgres;
    let nul = if is_shared { "\u{1}" } else { "\0" };
    let lift = [
        "source",
        "cybersecurity_body",
        "policy_document",
        "citation",
        "change",
    ];
    let triggers = lift_triggers(&db, &lift).await;
    let set = async |sql: &str, value: String| {
        let backend = db.get_database_backend();
        let sql = if is_shared {
            sql.replace('?', "$1")
        } else {
            sql.replace("::jsonb", "")
        };
        db.execute_raw(Statement::from_sql_and_values(backend, sql, [value.into()]))
            .await
            .unwrap()
    };
    let of = |table: &str, column: &str, key: &str| {
        format!("UPDATE {table} SET {column} = ? WHERE id = '{key}'")
    };
    set(
        &of("source", "title", "Source:text-a"),
        format!("Ti{nul}tle e\u{301}\u{202e}"),
    )
    .await;
    set(
        &of("source", "url", "Source:text-a"),
        format!("https://user:s3cret@exa\u{ad}mple.org\\a{nul}b%00?c=\\"),
    )
    .await;
    set(
        &of("source", "archived_url", "Source:text-a"),
        "https://.".to_owned(),
    )
    .await;
    set(
        &of("cybersecurity_body", "website", "CybersecurityBody:text-b"),
        "https:example.org".to_owned(),
    )
    .await;
    set(
        &of(
            "cybersecurity_body",
            "reporting_url",
            "CybersecurityBody:text-b",
        ),
        format!("https://example.org/{nul}"),
    )
    .await;
    let names = json!([{ "text": "Name\u{1}", "language": "en" }]).to_string();
    set(
        "UPDATE cybersecurity_body SET names = ?::jsonb WHERE id = 'CybersecurityBody:text-b'",
        names,
    )
    .await;
    let texts =
        json!([{ "url": "https://..." }, { "url": "https://example.org/\u{1}c" }]).to_string();
    set(
        "UPDATE policy_document SET texts = ?::jsonb WHERE id = 'PolicyDocument:text-c'",
        texts,
    )
    .await;
    set(
        "UPDATE citation SET quote = ? WHERE record = 'CybersecurityBody:text-b'",
        format!("Quo{nul}te"),
    )
    .await;
    set(
        "UPDATE citation SET locator = ? WHERE record = 'CybersecurityBody:text-b'",
        format!("{nul}\u{202e}"),
    )
    .await;
    set(
        "UPDATE change SET actor = ? WHERE record = 'Source:text-a'",
        "https://id.example.org#u\u{1}".to_owned(),
    )
    .await;
    set(
        "UPDATE contribution SET rationale = ? WHERE rationale = 'Rationale'",
        format!("Ra{nul}tionale"),
    )
    .await;
    set(
        "UPDATE contribution SET link = ? WHERE link IS NOT NULL",
        format!("https://example.org/{nul}tip"),
    )
    .await;
    let proposed = json!([{ "createSource": { "key": "text-a", "fields": { "kind": "NEWS", "title": "Title\u{1}",
        "url": "https://user:s3cret@example.org/", "archivedUrl": "https://." } } }]).to_string();
    set(
        "UPDATE contribution SET changes = ?::jsonb WHERE state = 'ACCEPTED'",
        proposed,
    )
    .await;
    for trigger in triggers {
        db.execute_unprepared(&trigger).await.unwrap();
    }

    let again = Api::builder().database(api.url.clone()).start().await;
    assert_eq!(things(&db).await, first);
    let query = "{ source: node(id: \"Source:text-a\") { ... on Source { title url archivedUrl version } }
        body: node(id: \"CybersecurityBody:text-b\") { ... on CybersecurityBody { names { text } website reportingUrl
            citations(field: KIND) { quote locator } } }
        document: node(id: \"PolicyDocument:text-c\") { ... on PolicyDocument { texts { url } } } }";
    let expected = json!({
        "source": { "title": "Title é", "url": "https://example.org/ab?c=%5C", "archivedUrl": null, "version": 1 },
        "body": { "names": [{ "text": "Name" }], "website": "https://example.org/", "reportingUrl": "https://example.org/",
            "citations": [{ "quote": "Quote", "locator": "\u{fffd}" }] },
        "document": { "texts": [{ "url": "https://example.org/c" }] },
    });
    assert_eq!(again.query(query).await, expected);
    let by = "{ changes(filter: { records: [\"Source:text-a\"] }) { nodes { actor { id } } } }";
    let by = again.query(by).await["changes"]["nodes"][0]["actor"]["id"].clone();
    // One character for both databases, because their answers are compared.
    assert_eq!(by, "https://id.example.org#u\\u{1}");
    let kept = "{ contributions(orderBy: OLDEST) { nodes { rationale link changes { fields { field after } } } } }";
    let kept =
        again.editor("eva").await.ask(kept, json!({})).await.data()["contributions"]["nodes"]
            .clone();
    assert_eq!(kept[0]["rationale"], "Rationale", "{kept:#}");
    assert_eq!(kept[1]["link"], "https://example.org/tip");
    // The export can be imported. A repaired record can be changed, and history still cannot be rewritten.
    let whole = again.export().await;
    let other = Api::empty().await;
    other.import(&whole, false).await.unwrap();
    assert!(other.export().await == whole);
    assert!(!whole.contains("s3cret"));
    let update = json!([{ "updateSource": { "id": "Source:text-a", "baseVersion": 1, "set": { "title": "B" } } }]);
    again.editor("eva").await.publish(update).await;
    let rewrite = "UPDATE source SET title = 'Forged' WHERE id = 'Source:text-a'";
    let refused = db
        .execute_unprepared(rewrite)
        .await
        .unwrap_err()
        .to_string();
    assert!(refused.contains("never rewritten"), "{refused}");
}

/// Runs `migrate` on a database. Returns its output, and `true` if it succeeded.
fn migrate(url: &str, arguments: &[&str]) -> (String, bool) {
    let folder = tempfile::tempdir().unwrap();
    let output = program(folder.path())
        .args(["--database-url", url, "migrate"])
        .args(arguments)
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let said = text(output.stdout) + &text(output.stderr);
    (said, output.status.success())
}

#[tokio::test]
async fn migrate_down_lists_what_it_deletes_and_needs_confirmation() {
    let api = Api::seeded().await;
    let eva = api.editor("eva").await;
    eva.proposed(retitle(1, "New")).await;
    eva.proposed(retitle(1, "Newer")).await;
    let url = &api.url;
    let db = connect(url).await;
    let before = things(&db).await;
    let rows = api.export().await;
    api.store.close().await;
    let all = store::migrations(url).await.unwrap();
    let count = all.len();
    let (said, is_done) = migrate(url, &["down", "--all"]);
    assert!(!is_done);
    for (name, _) in &all {
        assert!(said.contains(&format!("migration {name}\n")), "{said}");
    }
    for line in [
        "table contribution: 2 rows\n",
        "table token: 1 row\n",
        "table comment: 0 rows\n",
        "error: nothing was reverted: this deletes what is listed above permanently. Back up the database, then add --yes\n",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
    let changes = crate::harness::bundled();
    assert!(
        said.contains(&format!("table change: {changes} rows\n")),
        "{said}"
    );
    let (said, is_done) = migrate(url, &["down", "2"]);
    assert!(
        !is_done && said.matches("migration ").count() == 2,
        "{said}"
    );
    assert!(!said.contains("table change"), "{said}");
    let (said, is_done) = migrate(url, &["down", &count.to_string()]);
    assert!(
        !is_done && said.matches("migration ").count() == count,
        "{said}"
    );
    for steps in ["99", "4294967295", &(count + 1).to_string()] {
        for sure in [&["down", steps][..], &["down", steps, "--yes"]] {
            let (said, is_done) = migrate(url, sure);
            assert!(!is_done, "{said}");
            let why = format!("cannot revert {steps} migrations: {count} were applied");
            assert!(said.contains(&why), "{said}");
        }
    }
    for steps in ["0", "-1", "all"] {
        let (_, is_done) = migrate(url, &["down", steps, "--yes"]);
        assert!(!is_done, "{steps}");
    }
    assert_eq!(things(&db).await, before);
    let again = Api::builder().database(url.clone()).start().await;
    assert!(again.export().await == rows, "no data were deleted");
    again.store.close().await;
    let (said, is_done) = migrate(url, &["down", "--yes"]);
    assert!(
        is_done && said.starts_with("reverted and deleted:"),
        "{said}"
    );
    assert_eq!(said.matches("migration ").count(), 1, "{said}");
    let (said, is_done) = migrate(url, &["down", "--yes", "--all"]);
    assert!(
        is_done && said.contains("table contribution: 2 rows\n"),
        "{said}"
    );
    assert_eq!(things(&db).await, [""; 0]);
    let (said, is_done) = migrate(url, &["down", "--yes"]);
    assert!(!is_done && said.contains("0 were applied"), "{said}");
}

#[tokio::test]
async fn a_revert_names_the_columns_it_drops() {
    let api = Api::seeded().await;
    api.store.close().await;
    let all = store::migrations(&api.url).await.unwrap();
    let later = all
        .iter()
        .filter(|(name, _)| name.as_str() >= "m20260103_000004");
    let later = u32::try_from(later.count()).unwrap();
    let going = store::would_revert(&api.url, Some(later)).await.unwrap();
    assert!(going.columns.contains("token.expires_at"), "{going}");
    assert!(going.tables.contains_key("relay"), "{going}");
    assert!(!going.tables.contains_key("token"), "{going}");
}

#[tokio::test(flavor = "multi_thread")]
async fn migrate_down_is_refused_while_a_server_uses_the_database() {
    let folder = tempfile::tempdir().unwrap();
    let url = database::seeded(folder.path()).await;
    let mut program = kill::start(&url);
    let refused = |why: &str| {
        for arguments in [
            &["down"][..],
            &["down", "--yes"],
            &["down", "--all", "--yes"],
            &["down", "99"],
        ] {
            let (said, is_done) = migrate(&url, arguments);
            assert!(!is_done, "{arguments:?}: {said}");
            assert!(said.contains(why), "{arguments:?}: {said}");
            assert!(!said.contains("migration m"), "{arguments:?}: {said}");
        }
    };
    let why = if is_postgresql() {
        "a server or a command is using the database"
    } else {
        "another server is using"
    };
    refused(why);
    // A new instance or a command applies migrations beside running servers.
    for command in ["up", "status"] {
        let (said, is_done) = migrate(&url, &[command]);
        assert!(is_done, "{command}: {said}");
    }
    if is_postgresql() {
        // An instance whose connections were cut takes its lock on the tables again, even without requests.
        let db = connect(&url).await;
        let holders = async || -> Vec<i32> {
            let ask = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted
                AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
            let asked = Statement::from_string(DbBackend::Postgres, ask);
            let rows = db.query_all_raw(asked).await.unwrap();
            let pids = rows.iter().map(|row| row.try_get("", "pid").unwrap());
            pids.collect()
        };
        let before = holders().await;
        for pid in &before {
            let cut = format!("SELECT pg_terminate_backend({pid})");
            db.execute_unprepared(&cut).await.unwrap();
        }
        let begun = std::time::Instant::now();
        while holders().await.iter().all(|pid| before.contains(pid)) {
            assert!(
                begun.elapsed().as_secs() < 60,
                "the instance does not take its lock again"
            );
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        db.close().await.unwrap();
        refused(why);
    }
    program.kill();
    let (said, is_done) = migrate(&url, &["down", "--yes"]);
    assert!(is_done, "{said}");
}
