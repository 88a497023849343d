//! The hash chain, the digests, and the command `verify`.

use cyberprofiles::store::chain::{Noted, Verified};
use domain::digest::Digest;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};
use serde_json::{Value, json};

use crate::database::connect;
use crate::harness::{Api, cite, retitle};
use crate::program::program;
use crate::triggers::lift_triggers;

async fn verified(api: &Api, noted: &[Noted]) -> Verified {
    api.store.verify_log(noted, |_| ()).await.unwrap()
}

async fn faults(api: &Api) -> Vec<String> {
    verified(api, &[]).await.faults
}

/// The sum of the digests of the lines of an export.
fn sum(export: &str) -> Digest {
    let lines = export.lines().map(|line| Digest::of(line.as_bytes()));
    lines.fold(Digest::default(), Digest::plus)
}

fn digest(value: &Value) -> Digest {
    value.as_str().unwrap().parse().unwrap()
}

/// Every operation once: a body is created, changed, verified, retired and restored.
async fn every_operation(api: &Api) {
    let eva = api.editor("eva").await;
    let id = "CybersecurityBody:ie-body";
    let create = json!([{ "createCybersecurityBody": { "key": "ie-body", "cite": cite(), "fields": { "kind": "OTHER",
        "status": "UNKNOWN", "country": "IE", "names": [{ "text": "Body", "language": "en" }] } } }]);
    eva.publish(create).await;
    eva.publish(json!([{ "updateCybersecurityBody": { "id": id, "baseVersion": 1, "set": { "acronym": "B" }, "cite": cite() } }])).await;
    let verify = format!(
        "mutation {{ verifyRecord(input: {{ id: \"{id}\", verifiedOn: \"2026-01-02\" }}) {{ userErrors {{ message }} }} }}"
    );
    eva.ask(&verify, json!({})).await.data();
    eva.publish(json!([{ "retire": { "id": id, "baseVersion": 2, "reason": "For this test." } }]))
        .await;
    eva.publish(json!([{ "restore": { "id": id, "baseVersion": 2, "reason": "Again." } }]))
        .await;
}

#[tokio::test]
async fn every_hash_is_told_alike_and_the_sum_of_an_export_is_the_state_digest() {
    let api = Api::seeded().await;
    every_operation(&api).await;
    let found = verified(&api, &[]).await;
    assert_eq!(found.faults, [""; 0]);
    let answer = api
        .query("{ head { sequence hash stateDigest } changes(last: 1) { nodes { sequence hash stateDigest } } }")
        .await;
    let (head, last) = (&answer["head"], &answer["changes"]["nodes"][0]);
    assert_eq!(head, last);
    assert_eq!(digest(&head["hash"]), found.link.hash);
    assert_eq!(digest(&head["stateDigest"]), found.link.state);
    assert_eq!(sum(&api.export().await), found.link.state);
    let ready = api
        .request(reqwest::Method::GET, "/readyz")
        .send()
        .await
        .unwrap();
    let noted = Noted {
        sequence: found.sequence,
        hash: found.link.hash,
    };
    assert_eq!(ready.text().await.unwrap(), format!("ok\nhead: {noted}\n"));
    let empty = Api::empty().await;
    let zero = Digest::default().to_string();
    let head = empty.query("{ head { hash stateDigest } }").await;
    assert_eq!(head["head"], json!({ "hash": zero, "stateDigest": zero }));
    assert_eq!(faults(&empty).await, [""; 0]);
}

#[tokio::test]
async fn equal_content_has_an_equal_digest_and_other_content_another() {
    let api = Api::seeded().await;
    every_operation(&api).await;
    let found = api
        .query("{ node(id: \"CybersecurityBody:ie-body\") { ... on CybersecurityBody { digest history(first: 10) { nodes { operation record { digest } } } } } }")
        .await;
    let nodes = found["node"]["history"]["nodes"].as_array().unwrap();
    let digests: Vec<Digest> = nodes
        .iter()
        .map(|node| digest(&node["record"]["digest"]))
        .collect();
    let [created, updated, verified, retired, restored] = digests[..] else {
        panic!("{found}");
    };
    assert_ne!(created, updated);
    assert_eq!([verified, retired, restored], [updated; 3]);
    assert_eq!(digest(&found["node"]["digest"]), updated);
    let export = api.export().await;
    let line = export
        .lines()
        .find(|line| line.contains("\"key\":\"ie-body\""))
        .unwrap();
    assert_eq!(Digest::of(line.as_bytes()), updated);
}

#[tokio::test]
async fn an_export_and_the_changes_after_it_sum_to_the_state_digest_beside_writers() {
    let api = Api::seeded().await;
    let export_and_follow = async {
        let head = api.query_once("{ head { cursor } }").await["head"]["cursor"].clone();
        let at = api
            .store
            .cursors()
            .read(
                head.as_str().unwrap(),
                api.store.head().await.unwrap().moment,
            )
            .unwrap();
        let mut text = String::new();
        api.store
            .export(at, |line| -> Result<(), cyberprofiles::store::Error> {
                text.push_str(line);
                text.push('\n');
                Ok(())
            })
            .await
            .unwrap();
        let mut state = sum(&text);
        let mut after = head;
        let mut seen = 0;
        while seen < 40 {
            let query =
                "query($after: Cursor) { changes(first: 100, after: $after) { edges { cursor node {
                operation stateDigest record { digest } before { digest } } } } }";
            let answer = api.anyone().ask(query, json!({ "after": after })).await;
            for edge in answer.data()["changes"]["edges"].as_array().unwrap() {
                let change = &edge["node"];
                let operation = change["operation"].as_str().unwrap();
                if ["CREATE", "UPDATE", "RESTORE"].contains(&operation) {
                    state = state.plus(digest(&change["record"]["digest"]));
                }
                if ["UPDATE", "RETIRE"].contains(&operation) {
                    state = state.minus(digest(&change["before"]["digest"]));
                }
                assert_eq!(digest(&change["stateDigest"]), state, "{change}");
                after = edge["cursor"].clone();
                seen += 1;
            }
        }
        state
    };
    let write = async {
        let eva = api.editor("eva").await;
        for round in 1..=35 {
            eva.publish(retitle(round, &format!("Title {round}"))).await;
        }
        every_operation(&api).await;
    };
    let (state, ()) = tokio::join!(export_and_follow, write);
    let head = api.query_once("{ head { stateDigest } }").await;
    assert_eq!(digest(&head["head"]["stateDigest"]), state);
    assert_eq!(sum(&api.export().await), state);
    assert_eq!(faults(&api).await, [""; 0]);
}

#[tokio::test]
async fn a_log_from_before_the_chain_gets_the_same_hashes() {
    let api = Api::seeded().await;
    every_operation(&api).await;
    let before = verified(&api, &[]).await;
    let db = connect(&api.url).await;
    let triggers = lift_triggers(&db, &["chain"]).await;
    // An older program beside this one writes lines and no links.
    db.execute_unprepared("DELETE FROM chain WHERE sequence > 7000")
        .await
        .unwrap();
    api.editor("eva").await.publish(retitle(1, "Later")).await;
    let after = verified(&api, &[]).await;
    assert_eq!(after.faults, [""; 0]);
    db.execute_unprepared("DELETE FROM chain").await.unwrap();
    for trigger in triggers {
        db.execute_unprepared(&trigger).await.unwrap();
    }
    assert_ne!(faults(&api).await, [""; 0]);
    let again = Api::builder().database(api.url.clone()).start().await;
    let noted = [&before, &after].map(|found| Noted {
        sequence: found.sequence,
        hash: found.link.hash,
    });
    assert_eq!(verified(&again, &noted).await.faults, [""; 0]);
}

#[tokio::test]
async fn the_tables_of_the_log_refuse_updates_and_deletions() {
    let api = Api::seeded().await;
    let db = connect(&api.url).await;
    for (table, column) in [
        ("change", "actor_name"),
        ("change_country", "country"),
        ("chain", "hash"),
        ("citation", "quote"),
        ("country", "region"),
        ("treaty_event", "text"),
    ] {
        let mut statements = vec![
            format!("UPDATE {table} SET {column} = 'x'"),
            format!("DELETE FROM {table}"),
        ];
        if db.get_database_backend() == DbBackend::Postgres {
            statements.push(format!("TRUNCATE {table} CASCADE"));
        }
        for statement in statements {
            let error = db
                .execute_unprepared(&statement)
                .await
                .unwrap_err()
                .to_string();
            assert!(
                error.contains("history is never rewritten"),
                "{statement}: {error}"
            );
        }
    }
    assert_eq!(faults(&api).await, [""; 0]);
}

/// The tables that the chain protects.
const PROTECTED: [&str; 8] = [
    "head",
    "mention",
    "change",
    "change_country",
    "chain",
    "citation",
    "cybersecurity_body",
    "source",
];

async fn names(db: &DatabaseConnection, table: &str) -> Vec<(String, bool)> {
    let backend = db.get_database_backend();
    let asked = if backend == DbBackend::Postgres {
        format!(
            "SELECT column_name::text AS name, data_type::text AS type FROM information_schema.columns WHERE table_name = '{table}'"
        )
    } else {
        format!("SELECT name, type FROM pragma_table_info('{table}')")
    };
    let rows = db
        .query_all_raw(Statement::from_string(backend, asked))
        .await
        .unwrap();
    let column = |row: &sea_orm::QueryResult| {
        let kind: String = row.try_get("", "type").unwrap();
        (
            row.try_get("", "name").unwrap(),
            kind.to_lowercase().contains("int"),
        )
    };
    rows.iter().map(column).collect()
}

/// A table whose rows are changed in place.
struct Table<'a> {
    db: &'a DatabaseConnection,
    name: &'a str,
}

impl Table<'_> {
    async fn ask(&self, sql: String) -> Option<Vec<sea_orm::QueryResult>> {
        let statement = Statement::from_string(self.db.get_database_backend(), sql);
        self.db.query_all_raw(statement).await.ok()
    }

    /// Places of the rows, and the values of a column as text.
    async fn values(&self, column: &str) -> Vec<(String, Option<String>)> {
        let (table, place) = (self.name, self.place());
        let sql = format!(
            "SELECT CAST({place} AS TEXT) AS place, CAST(\"{column}\" AS TEXT) AS value FROM {table}"
        );
        let rows = self.ask(sql).await.unwrap();
        let read = |row: &sea_orm::QueryResult| {
            (
                row.try_get("", "place").unwrap(),
                row.try_get("", "value").unwrap(),
            )
        };
        rows.iter().map(read).collect()
    }

    fn place(&self) -> &str {
        match self.db.get_database_backend() {
            DbBackend::Postgres => "ctid",
            _ => "rowid",
        }
    }

    /// Sets one value. Returns the new place of the row and the value as it is stored; `None` if the database refuses
    /// the value.
    async fn set(
        &self,
        place: &str,
        column: &str,
        value: Option<&str>,
    ) -> Option<(String, Option<String>)> {
        let value = value.map_or_else(
            || "NULL".to_owned(),
            |text| format!("'{}'", text.replace('\'', "''")),
        );
        let (table, of) = (self.name, self.place());
        let at = if of == "ctid" {
            format!("'{place}'::tid")
        } else {
            place.to_owned()
        };
        let sql = format!(
            "UPDATE {table} SET \"{column}\" = {value} WHERE {of} = {at} RETURNING CAST({of} AS TEXT) AS place, CAST(\"{column}\" AS TEXT) AS value"
        );
        let rows = self.ask(sql).await?;
        let row = rows.first().unwrap();
        Some((
            row.try_get("", "place").unwrap(),
            row.try_get("", "value").unwrap(),
        ))
    }
}

/// Texts that differ from `text` in one bit of one of its bytes and are text again.
fn flipped(text: &str) -> impl Iterator<Item = String> {
    let bytes = text.as_bytes().to_vec();
    (0..bytes.len()).filter_map(move |at| {
        let mut bytes = bytes.clone();
        bytes[at] ^= 1;
        String::from_utf8(bytes).ok()
    })
}

/// True if two texts say different things: the names of absent members of JSON say nothing.
fn is_other(one: &str, other: &str) -> bool {
    fn said(value: &Value) -> Value {
        match value {
            Value::Array(list) => list.iter().map(said).collect(),
            Value::Object(members) => {
                let set = members.iter().filter(|(_, value)| !value.is_null());
                set.map(|(name, value)| (name.clone(), said(value)))
                    .collect()
            }
            other => other.clone(),
        }
    }
    let read = |text: &str| serde_json::from_str::<Value>(text).map(|value| said(&value));
    match (read(one), read(other)) {
        (Ok(one), Ok(other)) => one != other,
        _ => true,
    }
}

#[tokio::test]
async fn every_flipped_byte_of_a_small_log_is_found() {
    let api = Api::empty().await;
    let eva = api.editor("eva").await;
    let lines = [
        json!({ "createSource": { "key": "s", "fields": { "kind": "NEWS", "title": "T" } } }).to_string(),
        json!({ "createCountry": { "key": "ie", "fields": { "kind": "STATE", "code": "IE", "names": [{ "text": "I", "language": "en" }] } } }).to_string(),
        json!({ "createCybersecurityBody": { "key": "b", "cite": [{ "source": "Source:s", "quote": "q" }], "fields": { "kind": "OTHER",
            "status": "UNKNOWN", "country": "IE", "names": [{ "text": "B", "language": "en" }] } } }).to_string(),
    ];
    api.import(&lines.join("\n"), false).await.unwrap();
    eva.publish(json!([{ "updateCybersecurityBody": { "id": "CybersecurityBody:b", "baseVersion": 1, "set": { "acronym": "B" },
        "cite": [{ "source": "Source:s", "locator": "l" }] } }])).await;
    eva.publish(
        json!([{ "retire": { "id": "CybersecurityBody:b", "baseVersion": 2, "reason": "r" } }]),
    )
    .await;
    assert_eq!(faults(&api).await, [""; 0]);
    let db = connect(&api.url).await;
    let is_shared = db.get_database_backend() == DbBackend::Postgres;
    lift_triggers(&db, &PROTECTED).await;
    if !is_shared {
        db.execute_unprepared("PRAGMA foreign_keys = OFF")
            .await
            .unwrap();
    }
    // Each flip is a commit. PostgreSQL gets one in five; the checks are the same.
    let step = if is_shared { 5 } else { 1 };
    let (mut tried, mut missed) = (0, Vec::new());
    for name in PROTECTED {
        let table = Table { db: &db, name };
        for (column, is_number) in names(&db, name).await {
            // The other columns of the head say nothing about the log.
            if name == "head" && !["sequence", "committed_at"].contains(&column.as_str()) {
                continue;
            }
            for (mut place, value) in table.values(&column).await {
                let others: Vec<String> = match &value {
                    Some(text) if is_number => {
                        vec![(text.parse::<i64>().unwrap() ^ 1).to_string()]
                    }
                    Some(text) => flipped(text)
                        .filter(|other| is_other(text, other))
                        .collect(),
                    None if is_number => vec!["4".to_owned()],
                    None => vec!["x".to_owned()],
                };
                // Every byte of a digest is the same kind of fault; a few are enough.
                let is_digest = ["hash", "state", "digest"].contains(&column.as_str());
                let few = if is_digest { 3 } else { usize::MAX };
                for other in others.into_iter().step_by(step).take(few) {
                    let set = table.set(&place, &column, Some(&other)).await;
                    let Some((moved, stored)) = set else {
                        continue;
                    };
                    // PostgreSQL reads several texts as the same instant.
                    if stored != value {
                        tried += 1;
                        if faults(&api).await.is_empty() {
                            missed.push(format!("{name}.{column}: {value:?} became {other:?}"));
                        }
                    }
                    (place, _) = table.set(&moved, &column, value.as_deref()).await.unwrap();
                }
            }
            assert_eq!(
                faults(&api).await,
                [""; 0],
                "{name}.{column} was not undone"
            );
        }
    }
    assert!(tried > 500 / step, "{tried}");
    assert_eq!(missed, [""; 0], "of {tried}");
}

#[tokio::test]
async fn verify_says_what_does_not_fit() {
    let api = Api::empty().await;
    let source = "Source:coe-chart-185-2015";
    let lines = [
        json!({ "createSource": { "key": "coe-chart-185-2015", "fields": { "kind": "NEWS", "title": "Title", "url": "https://example.org/a" } } }),
        json!({ "createCountry": { "key": "ie", "fields": { "kind": "STATE", "code": "IE", "names": [{ "text": "I", "language": "en" }] } } }),
    ];
    let lines = lines.map(|line| line.to_string()).join("\n");
    api.import(&lines, false).await.unwrap();
    every_operation(&api).await;
    let folder = tempfile::tempdir().unwrap();
    let verify = |more: &[&str]| {
        let mut command = program(folder.path());
        command
            .args(["--database-url", &api.url, "verify"])
            .args(more);
        let output = command.output().unwrap();
        let said = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        (
            output.status.code(),
            said(&output.stdout),
            said(&output.stderr),
        )
    };
    let (code, said, _) = verify(&[]);
    assert_eq!(code, Some(0));
    let head = said
        .lines()
        .find_map(|line| line.strip_prefix("head: "))
        .unwrap();
    assert_eq!(verify(&["--expect", head]).0, Some(0));
    let last: i64 = head.split_once(':').unwrap().0.parse().unwrap();
    let (code, _, said) = verify(&["--expect", &format!("{}:{}", last + 1, Digest::default())]);
    assert_eq!(code, Some(1));
    assert!(
        said.contains(&format!("line {} is not in the log", last + 1)),
        "{said}"
    );
    let (code, _, said) = verify(&["--expect", "7061:abc"]);
    assert_eq!(code, Some(2));
    assert!(said.contains("64 hexadecimal digits"), "{said}");

    let db = connect(&api.url).await;
    let update = |sql: &str| {
        let (db, sql) = (db.clone(), sql.to_owned());
        async move {
            let triggers = lift_triggers(&db, &PROTECTED).await;
            db.execute_unprepared(&sql).await.unwrap();
            for trigger in triggers {
                db.execute_unprepared(&trigger).await.unwrap();
            }
        }
    };
    let to = |url: &str| format!("UPDATE source SET url = '{url}' WHERE id = '{source}'");
    update(&to("https://example.org/b")).await;
    let (code, _, said) = verify(&[]);
    assert_eq!(code, Some(1));
    let errors = said.lines().filter(|line| line.starts_with("error"));
    assert_eq!(
        errors.collect::<Vec<_>>(),
        [
            format!(
                "error: line 1: the version of {source} or its citations do not have the digest in the chain"
            ),
            "error: line 1: the sum of the digests of the records is another one in the chain"
                .to_owned(),
        ]
    );
    update(&to("https://example.org/a")).await;
    assert_eq!(verify(&[]).0, Some(0));

    // A line behind the head, a line with another reason, and a chain that lacks its end.
    update(&format!("UPDATE head SET sequence = {}", last - 1)).await;
    let (code, _, said) = verify(&[]);
    assert_eq!(code, Some(1));
    assert!(
        said.contains(&format!("the log has lines up to {last}")),
        "{said}"
    );
    update(&format!("UPDATE head SET sequence = {last}")).await;
    update(&format!(
        "UPDATE change SET reason = 'Other.' WHERE sequence = {last}"
    ))
    .await;
    let (_, _, said) = verify(&[]);
    assert!(
        said.contains(&format!("line {last}: its content and the line before")),
        "{said}"
    );
    update(&format!(
        "UPDATE change SET reason = 'Again.' WHERE sequence = {last}"
    ))
    .await;
    update(&format!("DELETE FROM chain WHERE sequence = {last}")).await;
    let (code, _, said) = verify(&[]);
    assert_eq!(code, Some(1), "verify does not write what is missing");
    assert!(said.contains(&format!("line {last} has no hash")), "{said}");

    // The newest line is cut off, with all that belongs to it.
    for table in ["chain", "change_country"] {
        update(&format!("DELETE FROM {table} WHERE sequence = {last}")).await;
    }
    for table in ["cybersecurity_body", "mention"] {
        update(&format!("DELETE FROM {table} WHERE since = {last}")).await;
    }
    update(&format!("DELETE FROM change WHERE sequence = {last}")).await;
    update(&format!("UPDATE head SET sequence = {0}, committed_at = (SELECT committed_at FROM change WHERE sequence = {0})", last - 1)).await;
    assert_eq!(verify(&[]).0, Some(0), "the shorter log fits itself");
    let triggers = lift_triggers(&db, &["chain"]).await;
    let (code, _, said) = verify(&[]);
    assert_eq!(code, Some(1));
    for name in ["chain_no_rewrite", "chain_no_delete"] {
        let fault = format!("error: the trigger {name} is missing or disabled");
        assert!(said.contains(&fault), "{said}");
    }
    for trigger in triggers {
        db.execute_unprepared(&trigger).await.unwrap();
    }
    let (code, _, said) = verify(&["--expect", head]);
    assert_eq!(code, Some(1));
    assert!(
        said.contains(&format!("line {last} is not in the log")),
        "{said}"
    );
}
