//! The change log: read in pages, and followed over WebSocket.

use insta::assert_json_snapshot;
use serde_json::{Value, json};

use crate::harness::{Api, bundled, cite, retitle};

const ENVELOPE: &str = "id cursor sequence transaction { id index size last } committedAt operation
    recordKind recordId record { id version label } before { id version label }
    fields { field before after } citations { source { id } fields certainty locator }
    effect { on } countries { id name } contribution { id state countries { code } changes { citations { source { id } } } } actor { id name role }";

fn subscription() -> String {
    format!(
        "subscription($filter: ChangeFilter, $after: Cursor) {{ changes(filter: $filter, after: $after) {{ {ENVELOPE} }} }}"
    )
}

async fn replay(api: &Api, after: &Value) -> Vec<Value> {
    let query = format!(
        "query($after: Cursor) {{ changes(first: 100, after: $after) {{ nodes {{ {ENVELOPE} }} }} }}"
    );
    let answer = api
        .anyone()
        .ask(&query, json!({ "after": after }))
        .await
        .data();
    answer["changes"]["nodes"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_change_contains_the_record_before_and_after_it() {
    let api = Api::seeded().await;
    api.editor("eva")
        .await
        .publish(retitle(1, "Cybercrime Convention"))
        .await;
    let answer = api
        .query(&format!(
            "{{ changes(last: 1) {{ nodes {{ {ENVELOPE} }} }} }}"
        ))
        .await;
    let mut change = answer["changes"]["nodes"][0].clone();
    assert_eq!(change["before"]["version"], 1);
    assert!(
        change["record"]["id"]
            .as_str()
            .unwrap()
            .starts_with("Treaty:ets-185@")
    );
    for redacted in ["cursor", "committedAt"] {
        change[redacted] = json!("…");
    }
    for seen in ["record", "before"] {
        change[seen]["id"] = json!("…");
    }
    change["contribution"]["id"] = json!("…");
    change["contribution"]["changes"] = json!("…");
    change["citations"][0]["source"]["id"] = json!("…");
    let number = bundled() + 1;
    assert_eq!(change["sequence"], number);
    assert_eq!(change["id"], format!("Change:{number}"));
    assert_eq!(change["transaction"]["id"], format!("Transaction:{number}"));
    for numbered in ["id", "sequence"] {
        change[numbered] = json!("…");
    }
    change["transaction"]["id"] = json!("…");
    assert_json_snapshot!(change);
}

#[tokio::test]
async fn a_follower_that_resumes_from_its_cursor_receives_all_it_missed() {
    let api = Api::seeded().await;
    let eva = api.editor("eva").await;
    let mut socket = api.socket(json!({})).await;
    socket.subscribe("1", &subscription(), json!({})).await;
    // The subscription is live only: it returns none of the earlier changes.
    api.followed_by(1).await;
    eva.publish(retitle(1, "First")).await;
    let first = socket.event().await["changes"].clone();
    assert_eq!(
        (&first["sequence"], &first["fields"][0]["after"]),
        (&json!(bundled() + 1), &json!("First"))
    );
    drop(socket);
    for (version, title) in [(2, "Second"), (3, "Third")] {
        eva.publish(retitle(version, title)).await;
    }
    let mut socket = api.socket(json!({})).await;
    socket
        .subscribe("1", &subscription(), json!({ "after": first["cursor"] }))
        .await;
    let mut seen = vec![
        socket.event().await["changes"].clone(),
        socket.event().await["changes"].clone(),
    ];
    eva.publish(retitle(4, "Fourth")).await;
    seen.push(socket.event().await["changes"].clone());
    let titles: Vec<&Value> = seen
        .iter()
        .map(|change| &change["fields"][0]["after"])
        .collect();
    assert_eq!(titles, ["Second", "Third", "Fourth"]);
    assert_eq!(
        seen,
        replay(&api, &first["cursor"]).await,
        "live, replayed and asked for are equal"
    );
}

#[tokio::test]
async fn a_subscription_replays_the_log_in_order_and_then_goes_live() {
    let api = Api::seeded().await;
    let start = api
        .query("{ changes(first: 1) { edges { cursor } } }")
        .await;
    let after = start["changes"]["edges"][0]["cursor"].clone();
    let mut socket = api.socket(json!({})).await;
    let query = "subscription($after: Cursor) { changes(after: $after) { sequence transaction { index size last } } }";
    socket
        .subscribe("all", query, json!({ "after": after }))
        .await;
    for sequence in 2..=bundled() {
        let change = socket.event().await["changes"].clone();
        assert_eq!(change["sequence"], sequence);
        let commit = &change["transaction"];
        let is_end = commit["index"].as_i64().unwrap() + 1 == commit["size"].as_i64().unwrap();
        assert_eq!(commit["last"], is_end, "{change}");
    }
    api.editor("eva").await.publish(retitle(1, "Next")).await;
    assert_eq!(socket.event().await["changes"]["sequence"], bundled() + 1);
}

#[tokio::test]
async fn changes_are_filtered_by_country_kind_operation_and_record() {
    let api = Api::seeded().await;
    let count = async |filter: &str| {
        let query = format!("{{ changes(filter: {filter}) {{ totalCount }} }}");
        api.query(&query).await["changes"]["totalCount"]
            .as_i64()
            .unwrap()
    };
    assert_eq!(count("{ countries: [\"AZ\"] }").await, 54);
    assert_eq!(count("{ countries: [\"AZ\"], kinds: [COUNTRY] }").await, 2);
    assert_eq!(
        count("{ countries: [\"AZ\"], includeShared: true }").await,
        54 + count("{ kinds: [SOURCE, TREATY] }").await
    );
    assert_eq!(count("{ operations: [UPDATE] }").await, 5);
    assert_eq!(
        count("{ records: [\"Treaty:ets-185\", \"Source:unsourced\"] }").await,
        2
    );
    let mut socket = api.socket(json!({})).await;
    let filter = json!({ "filter": { "countries": ["AM"], "operations": ["UPDATE", "CREATE"] } });
    socket.subscribe("1", &subscription(), filter).await;
    api.followed_by(1).await;
    let declares = |country: &str, key: &str| {
        json!({ "createTreatyEvent": { "key": key, "cite": cite(), "fields":
            { "kind": "DECLARATION", "date": "2026", "country": country, "treaty": "ETS 185" } } })
    };
    let eva = api.editor("eva").await;
    eva.publish(json!([
        declares("AM", "am-1"),
        declares("GE", "ge-1"),
        declares("AM", "am-2")
    ]))
    .await;
    for (record, is_last) in [("TreatyEvent:am-1", false), ("TreatyEvent:am-2", true)] {
        let change = socket.event().await["changes"].clone();
        assert_eq!(change["recordId"], record);
        assert_eq!(
            change["transaction"]["last"], is_last,
            "under the same filter"
        );
        assert_eq!(change["countries"][0]["name"], "Armenia");
    }
}

#[tokio::test]
async fn a_cursor_of_another_log_is_refused() {
    let api = Api::seeded().await;
    let other = Api::builder().empty().load().start().await;
    let foreign = other.query("{ head { cursor } }").await["head"]["cursor"].clone();
    let newest = api.query("{ head { cursor } }").await["head"]["cursor"]
        .as_str()
        .unwrap()
        .to_owned();
    for (cursor, says, code) in [
        (
            foreign.as_str().unwrap(),
            "of another database",
            "UNKNOWN_CURSOR",
        ),
        (
            "nonsense",
            "not a cursor of the change log",
            "BAD_USER_INPUT",
        ),
        ("", "not a cursor of the change log", "BAD_USER_INPUT"),
    ] {
        let query = "query($after: Cursor) { changes(after: $after) { totalCount } }";
        let answer = api.anyone().ask(query, json!({ "after": cursor })).await;
        assert_eq!(answer.code(), code);
        assert!(
            answer.message().contains(says) && answer.message().contains(&newest),
            "{}",
            answer.message()
        );
        let mut socket = api.socket(json!({})).await;
        socket
            .subscribe("1", &subscription(), json!({ "after": cursor }))
            .await;
        let message = socket.next().await;
        let said = message.to_string();
        assert!(said.contains(says) && said.contains(code), "{said}");
    }
}

#[tokio::test]
async fn a_websocket_answers_queries_with_the_rights_of_its_token() {
    let api = Api::seeded().await;
    let token = api
        .token(cyberprofiles::domain::viewer::Role::Editor, "eva")
        .await;
    let mut socket = api
        .socket(json!({ "Authorization": format!("Bearer {token}") }))
        .await;
    socket
        .subscribe("q", "{ viewer { id role } }", json!({}))
        .await;
    assert_eq!(
        socket.event().await["viewer"],
        json!({ "id": "eva", "role": "EDITOR" })
    );
    let mut refused = api
        .socket(json!({ "Authorization": "Bearer nonsense" }))
        .await;
    assert!(refused.next().await.to_string().contains("unknown"));
    let mut anonymous = api.socket(json!({})).await;
    for at in 0..100 {
        anonymous
            .subscribe(
                &format!("s{at}"),
                "subscription { changes { sequence } }",
                json!({}),
            )
            .await;
    }
    anonymous
        .subscribe("over", "subscription { changes { sequence } }", json!({}))
        .await;
    let message = anonymous.next().await;
    assert!(
        message.to_string().contains("100 operations at once"),
        "{message}"
    );
}
