//! A database that is moved to the other kind, and back.

use serde_json::{Value, json};

use super::webhook::create_webhooks;
use super::{content, count, done, export, is_sqlite, new_file, other_kind, refused, run, tables};
use crate::database;
use crate::harness::{Api, cite, retitle};
use crate::kill::start;

/// Queries whose answers contain everything that clients see: records, history, cursors, contributions and comments.
const SEEN: [&str; 7] = [
    "{ head { cursor sequence committedAt } records { totalCount } }",
    "{ changes(last: 60) { nodes { id cursor sequence committedAt operation recordId actor { id name role }
        fields { field before after } citations { quote certainty } contribution { id } effect { on } } } }",
    "{ contributions(first: 50) { nodes { id state revision title rationale createdAt updatedAt decision
        changes { recordId fields { field before after } } comments { id body createdAt author { id name } } } } }",
    "{ node(id: \"Treaty:ets-185\") { ... on Treaty { shortTitle version
        history(first: 20) { nodes { sequence version operation committedAt actor { id } } } citations { quote locator } } } }",
    "{ country(code: \"AZ\") { name names { text language } memberships { organisation }
        treatyParticipations { status basis { id } } policyDocuments { nodes { label texts { url } } } } }",
    "{ viewer { id name role } }",
    "{ webhooks { url document state cursor behind lastError nextAttemptAt
        deliveries { at sequence attempt status error tookMs } } }",
];

async fn seen(url: &str, token: &str) -> Vec<Value> {
    let api = Api::builder().database(url.to_owned()).start().await;
    let eva = api.bearer(token);
    let mut answers = Vec::new();
    for query in SEEN {
        answers.push(eva.ask(query, json!({})).await.data());
    }
    api.store.close().await;
    answers
}

/// Writes something of each kind, and returns the token of an editor.
async fn written(api: &Api) -> String {
    let token = api
        .token(cyberprofiles::domain::viewer::Role::Editor, "eva")
        .await;
    let eva = api.bearer(&token);
    eva.publish(retitle(1, "Édité \"quoted\" \\ 'x' \u{1f1e6}"))
        .await;
    eva.publish(json!([{ "updateTreaty": { "id": "Treaty:ets-185", "baseVersion": 2, "clear": ["OPENED_AT"],
        "cite": [{ "source": "Source:coe-chart-185-2015", "fields": ["TITLE"], "quote": "a quote", "certainty": "DISPUTED" }] } }]))
        .await;
    eva.publish(
        json!([{ "createTreatyEvent": { "key": "ge-1", "cite": cite(), "fields":
        { "kind": "DECLARATION", "date": "2026", "country": "GE", "treaty": "ETS 185" } } }]),
    )
    .await;
    let unit = "OperationalUnit:az-moi-cybercrime-unit";
    eva.publish(
        json!([{ "retire": { "id": unit, "baseVersion": 1, "reason": "For this test." } }]),
    )
    .await;
    let carla = api.contributor().await;
    let input = json!({ "title": "Kept", "rationale": "So.", "changes": retitle(3, "Later"), "submit": true,
        "idempotencyKey": "once" });
    let id = carla.create(input).await["contribution"]["id"].clone();
    let comment = "mutation($input: CommentOnContributionInput!) { commentOnContribution(input: $input) { userErrors { message } } }";
    let input = json!({ "id": id, "body": "Why?", "recordId": "Treaty:ets-185" });
    let said = eva.ask(comment, json!({ "input": input })).await.data();
    assert_eq!(
        said["commentOnContribution"]["userErrors"],
        json!([]),
        "{said}"
    );
    create_webhooks(api, &eva, "eva").await;
    let tip = "mutation { submitTip(input: { country: \"AZ\", message: \"Look.\", contact: \"me@example.org\" }) { userErrors { message } } }";
    api.anyone().ask(tip, json!({})).await.data();
    let verify = "mutation { verifyRecord(input: { id: \"Treaty:ets-189\", verifiedOn: \"2026-01-10\" }) { userErrors { message } } }";
    eva.ask(verify, json!({})).await.data();
    let tokens = api.store.tokens().await.unwrap();
    let carla = tokens.iter().find(|token| token.person == "carla").unwrap();
    api.store.revoke_token(&carla.id).await.unwrap();
    let db = database::connect(&api.url).await;
    let relay = "INSERT INTO relay (stream, sequence) VALUES ('CYBERPROFILES 2026', 12)";
    sea_orm::ConnectionTrait::execute_unprepared(&db, relay)
        .await
        .unwrap();
    db.close().await.unwrap();
    token
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_moved_to_the_other_kind_and_back_has_the_same_content() {
    let (folder, _) = new_file("");
    let Some(other) = other_kind(folder.path()).await else {
        return;
    };
    let api = Api::seeded().await;
    let token = written(&api).await;
    api.store.close().await;
    let url = api.url.clone();
    let text = export(&url, None).await;
    let first = seen(&url, &token).await;
    let all = tables(&url).await;
    let mut before = Vec::new();
    for table in &all {
        before.push(content(&url, table).await);
    }

    let said = done(&url, &["move", "--to", &other]);
    let rows: usize = before.iter().map(Vec::len).sum();
    let expected = format!("moved {rows} rows of {} tables to ", all.len());
    assert!(said.starts_with(&expected), "{said}");
    assert_eq!(tables(&other).await, all);
    for (table, rows) in all.iter().zip(&before) {
        let rows = i64::try_from(rows.len()).unwrap();
        assert_eq!(count(&other, table).await, rows, "{table}");
    }
    for table in [
        "comment",
        "contribution_author",
        "idempotency",
        "mention",
        "relay",
        "token",
        "webhook",
        "webhook_delivery",
        "webhook_key",
    ] {
        assert!(count(&other, table).await > 0, "{table}");
    }
    let (back_folder, _) = new_file("");
    let back = database::empty(back_folder.path()).await;
    done(&other, &["move", "--to", &back]);
    for (table, rows) in all.iter().zip(&before) {
        assert_eq!(content(&back, table).await, *rows, "{table}");
        assert_eq!(
            content(&url, table).await,
            *rows,
            "{table} of the source is unchanged"
        );
    }
    for moved in [&other, &back] {
        assert!(export(moved, None).await == text);
        assert_eq!(seen(moved, &token).await, first);
    }
    // The idempotency key stays known, and tokens stay revoked.
    let moved = Api::builder().database(other).start().await;
    let tokens = moved.store.tokens().await.unwrap();
    let carla = tokens.iter().find(|token| token.person == "carla").unwrap();
    assert!(carla.revoked_at.is_some());
    let bearer = moved
        .token(cyberprofiles::domain::viewer::Role::Contributor, "carla")
        .await;
    let input = json!({ "title": "Kept", "rationale": "So.", "changes": retitle(3, "Later"), "submit": true,
        "idempotencyKey": "once" });
    let again = moved.bearer(&bearer).create(input).await;
    assert_eq!(again["userErrors"], json!([]), "{again}");
    assert_eq!(
        count(&moved.url, "contribution WHERE title = 'Kept'").await,
        1
    );
}

#[tokio::test]
async fn no_table_numbers_its_rows_by_itself_which_a_copy_would_not_continue() {
    let api = Api::empty().await;
    let numbered = if is_sqlite(&api.url) {
        "sqlite_master WHERE name = 'sqlite_sequence'"
    } else {
        "information_schema.columns WHERE table_schema = current_schema()
            AND (is_identity = 'YES' OR column_default LIKE 'nextval%')"
    };
    assert_eq!(count(&api.url, numbered).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_is_refused_if_either_database_is_in_use_or_the_target_is_not_empty() {
    let folder = tempfile::tempdir().unwrap();
    let url = database::seeded(folder.path()).await;
    let (target_folder, _) = new_file("");
    let target = database::empty(target_folder.path()).await;
    let text = export(&url, None).await;
    let said = refused(&url, &["move", "--to", &url]);
    assert!(said.contains("to itself"), "{said}");
    let in_use = [
        "another server is using",
        "a server or a command is using the database",
    ];
    let in_use = |said: &str| in_use.iter().any(|words| said.contains(words));
    let mut server = start(&url);
    let said = refused(&url, &["move", "--to", &target]);
    assert!(in_use(&said), "{said}");
    server.stop();
    let mut server = start(&target);
    let said = refused(&url, &["move", "--to", &target]);
    assert!(in_use(&said), "{said}");
    server.stop();
    let said = refused(&url, &["move", "--to", &target]);
    assert!(said.contains("is not empty: its table"), "{said}");
    assert!(
        export(&target, None).await == text,
        "the bundled data of that server"
    );
    for unclear in ["profiles.db", "mysql://u:secret@h/x"] {
        let said = refused(&url, &["move", "--to", unclear]);
        assert!(
            said.contains("the database URL is not understood"),
            "{said}"
        );
        assert!(!said.contains("secret"), "{said}");
    }
    let nowhere = run(&url, &["move"]);
    assert_eq!(nowhere.status.code(), Some(2), "{nowhere:?}");
    // A database that only has its tables is empty.
    let (fresh_folder, _) = new_file("");
    let fresh = database::empty(fresh_folder.path()).await;
    done(&fresh, &["migrate"]);
    done(&url, &["move", "--to", &fresh]);
    assert!(export(&fresh, None).await == text);
    assert!(export(&url, None).await == text);
}
