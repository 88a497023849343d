//! Effects: an answer that changes because a day arrives is logged once, and only if it was predictable.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, Utc};
use cyberprofiles::domain::viewer::Role;
use cyberprofiles::store::{Clock, Options, Store};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

use crate::database::connect;
use crate::harness::{Api, bundled, cite};

/// A clock that the test sets.
#[derive(Clone)]
pub struct Time(Arc<Mutex<DateTime<Utc>>>);

impl Time {
    pub fn at(instant: &str) -> Self {
        Self(Arc::new(Mutex::new(instant.parse().unwrap())))
    }

    pub fn set(&self, instant: &str) {
        *self.0.lock().unwrap() = instant.parse().unwrap();
    }

    pub fn clock(&self) -> Clock {
        let time = self.clone();
        Clock::new(move || *time.0.lock().unwrap())
    }
}

fn act(key: &str, country: &str, kind: &str, date: &str) -> Value {
    json!({ "createTreatyEvent": { "key": key, "cite": cite(), "fields": {
        "kind": kind, "date": date, "country": country, "treaty": "ETS 185" } } })
}

/// Effects in the log, oldest first.
async fn effects(api: &Api) -> Vec<Value> {
    let query = "{ changes(first: 100, filter: { operations: [EFFECT] }) { nodes {
        recordId committedAt effect { on kind before after } } } }";
    let answer = api.query(query).await;
    let lines = answer["changes"]["nodes"].as_array().unwrap().iter();
    let line = |line: &Value| {
        let effect = &line["effect"];
        json!([
            line["recordId"],
            effect["on"],
            effect["kind"],
            effect["before"],
            effect["after"]
        ])
    };
    lines.map(line).collect()
}

#[tokio::test]
async fn an_entry_into_force_is_sent_to_followers_on_its_day() {
    let time = Time::at("2026-01-10T08:00:00Z");
    let api = Api::builder()
        .empty()
        .clock(time.clock())
        .load()
        .start()
        .await;
    let eva = api.editor("eva").await;
    eva.publish(json!([act("ireland", "IE", "RATIFICATION", "2026-01-09")]))
        .await;
    let status = "country(code: \"IE\") { treatyStatus { status next { status on { edtf } } } }";
    let before = api.query(&format!("{{ {status} }}")).await;
    assert_eq!(
        before["country"]["treatyStatus"],
        json!({ "status": "CONTRACTING_STATE", "next": { "status": "PARTY", "on": { "edtf": "2026-05-01" } } })
    );
    let mut socket = api.socket(json!({})).await;
    let envelope =
        "sequence operation recordId committedAt effect { on kind before after } fields { field }
        citations { locator } countries { code } contribution { id } actor { id role }
        transaction { index size last }
        record { id ... on TreatyEvent { country { treatyStatus { status } } } }
        before { id ... on TreatyEvent { country { treatyStatus { status } } } }";
    let subscription =
        format!("subscription {{ changes(filter: {{ countries: [\"IE\"] }}) {{ {envelope} }} }}");
    socket.subscribe("s", &subscription, json!({})).await;
    api.followed_by(1).await;

    time.set("2026-04-30T23:59:59Z");
    api.store.write_effects().await.unwrap();
    time.set("2026-05-01T00:00:10Z");
    assert_eq!(api.store.write_effects().await.unwrap(), 1);
    assert_eq!(api.store.write_effects().await.unwrap(), 0);

    let live = socket.event().await["changes"].clone();
    let again = api
        .query(&format!(
            "{{ changes(last: 1) {{ nodes {{ {envelope} }} }} }}"
        ))
        .await;
    assert_eq!(live, again["changes"]["nodes"][0]);
    assert_eq!(
        live["effect"],
        json!({ "on": "2026-05-01", "kind": "TREATY_STATUS_CHANGED", "before": "CONTRACTING_STATE", "after": "PARTY" })
    );
    assert_eq!(live["operation"], "EFFECT");
    assert_eq!(live["recordId"], "TreatyEvent:ireland");
    assert_eq!(live["committedAt"], "2026-05-01T00:00:10.000000Z");
    assert_eq!(live["actor"], json!({ "id": "system", "role": "SYSTEM" }));
    assert_eq!(live["countries"], json!([{ "code": "IE" }]));
    assert_eq!(
        live["transaction"],
        json!({ "index": 0, "size": 1, "last": true })
    );
    assert_eq!([&live["fields"], &live["citations"]], [&json!([]); 2]);
    assert_eq!(live["contribution"], Value::Null);
    assert_eq!(live["record"]["country"]["treatyStatus"]["status"], "PARTY");
    assert_eq!(
        live["before"]["country"]["treatyStatus"]["status"],
        "CONTRACTING_STATE"
    );
    assert_ne!(live["record"]["id"], live["before"]["id"]);
    // An effect creates no version, and is listed in the record's history.
    let history = api
        .query(
            "{ node(id: \"TreatyEvent:ireland\") { ... on TreatyEvent { version
            history { nodes { version operation fields { field } } } } } }",
        )
        .await;
    assert_eq!(history["node"]["version"], 1);
    assert_eq!(
        history["node"]["history"]["nodes"][1],
        json!({ "version": 1, "operation": "EFFECT", "fields": [] })
    );
}

#[tokio::test]
async fn an_effect_is_logged_for_the_record_that_now_causes_it() {
    let time = Time::at("2026-01-10T08:00:00Z");
    let api = Api::builder()
        .empty()
        .clock(time.clock())
        .load()
        .start()
        .await;
    let eva = api.editor("eva").await;
    eva.publish(json!([act("ireland", "IE", "RATIFICATION", "2026-01-09")]))
        .await;
    // No effect is logged on the day itself; then the depositary's notification is entered.
    time.set("2026-07-10T08:00:00Z");
    eva.publish(json!([act(
        "irish-force",
        "IE",
        "ENTRY_INTO_FORCE",
        "2026-05-01"
    )]))
    .await;
    time.set("2026-07-20T08:00:00Z");
    api.store.write_effects().await.unwrap();
    let of_ireland = effects(&api)
        .await
        .into_iter()
        .find(|line| line[0].as_str().unwrap().contains("ir") && line[1] == "2026-05-01");
    assert_eq!(
        of_ireland.unwrap(),
        json!([
            "TreatyEvent:irish-force",
            "2026-05-01",
            "TREATY_STATUS_CHANGED",
            "CONTRACTING_STATE",
            "PARTY"
        ])
    );
}

#[tokio::test]
async fn missed_effects_are_logged_later_if_they_were_already_predictable() {
    let time = Time::at("2026-01-10T08:00:00Z");
    let api = Api::builder()
        .empty()
        .clock(time.clock())
        .load()
        .start()
        .await;
    let eva = api.person(Role::Editor, "eva").await;
    eva.publish(json!([
        act("ireland", "IE", "RATIFICATION", "2026-01-09"),
        // It took effect before it was entered.
        act("tonga-back", "TO", "DENUNCIATION", "2025-09-01"),
        act("dutch-leave", "NL", "DENUNCIATION", "2026-02-20"),
        { "createPolicyDocument": { "key": "plan", "cite": cite(), "fields": { "country": "IE", "kind": "STRATEGY",
            "titles": [{ "text": "Plan", "language": "en" }], "status": "ADOPTED", "period": "2024/2026-06" } } },
        { "createPolicyDocument": { "key": "law", "cite": cite(), "fields": { "country": "IE", "kind": "LAW",
            "titles": [{ "text": "Law", "language": "en" }], "status": "ADOPTED", "inForceFrom": "2026-03-01",
            "repealedOn": "2026-09-01" } } },
        { "createCybersecurityBody": { "key": "office", "cite": cite(), "fields": { "country": "IE", "kind": "AGENCY",
            "names": [{ "text": "Office", "language": "en" }], "functions": ["NATIONAL_CSIRT"], "status": "OPERATIONAL", "period": "2020/2026-07-31" } } }
    ]))
    .await;
    let verify = "mutation($input: VerifyRecordInput!) { verifyRecord(input: $input) { userErrors { message } } }";
    for (id, on) in [
        ("Country:ie", "2025-12-01"),
        ("Country:fr", "2026-01-02"),
        // Due before it was entered.
        ("Country:de", "2024-12-01"),
    ] {
        let input = json!({ "input": { "id": id, "verifiedOn": on } });
        let answer = eva.ask(verify, input).await.data();
        assert_eq!(answer["verifyRecord"]["userErrors"], json!([]));
    }
    // Before its day arrives, a predicted event is corrected or postponed.
    time.set("2026-08-20T10:00:00Z");
    eva.publish(json!([
        { "updatePolicyDocument": { "id": "PolicyDocument:law", "baseVersion": 1, "clear": ["REPEALED_ON"] } },
    ]))
    .await;
    // A day that had passed when it was entered is an edit, and no effect.
    eva.publish(json!([
        act("malta-back", "MT", "DENUNCIATION", "2026-02-20"),
        { "createPolicyDocument": { "key": "late", "cite": cite(), "fields": { "country": "IE", "kind": "STRATEGY",
            "titles": [{ "text": "Late", "language": "en" }], "status": "ADOPTED", "period": "2024/2026-05" } } },
    ]))
    .await;
    // It is corrected after its day, and before the effect was logged.
    eva.publish(json!([
        { "updateCybersecurityBody": { "id": "CybersecurityBody:office", "baseVersion": 1, "cite": cite(),
            "set": { "period": "2020/2031-07-31" } } },
    ]))
    .await;
    time.set("2027-01-15T09:00:00Z");
    let written = api.store.write_effects().await.unwrap();
    let found = effects(&api).await;
    assert_eq!(written, found.len());
    let about = |key: &str| {
        let of = |line: &&Value| line[0].as_str().unwrap().ends_with(key);
        found.iter().filter(of).cloned().collect::<Vec<_>>()
    };
    let days: Vec<&str> = found.iter().map(|line| line[1].as_str().unwrap()).collect();
    assert!(days.is_sorted(), "{days:?}");
    for (record, effects) in [
        (
            "TreatyEvent:ireland",
            json!([[
                "2026-05-01",
                "TREATY_STATUS_CHANGED",
                "CONTRACTING_STATE",
                "PARTY"
            ]]),
        ),
        ("TreatyEvent:tonga-back", json!([])),
        // Logged once for the State and its territory together.
        (
            "TreatyEvent:dutch-leave",
            json!([
                [
                    "2026-02-20",
                    "TREATY_STATUS_CHANGED",
                    "PARTY",
                    "DENUNCIATION_PENDING"
                ],
                [
                    "2026-06-01",
                    "TREATY_STATUS_CHANGED",
                    "DENUNCIATION_PENDING",
                    "FORMER_PARTY"
                ],
            ]),
        ),
        (
            "PolicyDocument:plan",
            json!([["2026-07-01", "PERIOD_ENDED", "ADOPTED", "EXPIRED"]]),
        ),
        (
            "PolicyDocument:law",
            json!([[
                "2026-03-01",
                "EFFECTIVE_STATUS_CHANGED",
                "ADOPTED",
                "IN_FORCE"
            ]]),
        ),
        ("CybersecurityBody:office", json!([])),
        ("PolicyDocument:late", json!([])),
        ("TreatyEvent:malta-back", json!([])),
        (
            "Country:ie",
            json!([["2026-12-02", "REVIEW_OVERDUE", null, "REVIEW_OVERDUE"]]),
        ),
        (
            "Country:fr",
            json!([["2027-01-03", "REVIEW_OVERDUE", null, "REVIEW_OVERDUE"]]),
        ),
        ("Country:de", json!([])),
    ] {
        let lines = about(record).into_iter();
        let lines: Vec<Value> = lines
            .map(|line| json!(line.as_array().unwrap()[1..]))
            .collect();
        assert_eq!(json!(lines), effects, "{record}");
    }
    // The effect agrees with the profiles on its day and on the day before.
    for line in found
        .iter()
        .filter(|line| line[2] == "TREATY_STATUS_CHANGED")
    {
        let day = line[1].as_str().unwrap();
        let before = day
            .parse::<chrono::NaiveDate>()
            .unwrap()
            .pred_opt()
            .unwrap();
        let status = format!(
            "node(id: {}) {{ ... on TreatyEvent {{ country {{ treatyParticipations {{ treaty {{ reference }} status }} }} treaty {{ reference }} }} }}",
            line[0]
        );
        let answer = api
            .query(&format!(
                "{{ before: at(asOf: \"{before}\") {{ {status} }} after: at(asOf: \"{day}\") {{ {status} }} }}"
            ))
            .await;
        for (when, said) in [("before", &line[3]), ("after", &line[4])] {
            let event = &answer[when]["node"];
            let all = event["country"]["treatyParticipations"].as_array().unwrap();
            let mut all = all.iter();
            let under = all.find(|one| one["treaty"] == event["treaty"]).unwrap();
            assert_eq!(under["status"], *said, "{line} {when}");
        }
    }
    assert_eq!(
        api.query("{ node(id: \"Country:ie\") { ... on Country { freshness { reasons } } } }")
            .await["node"]["freshness"]["reasons"],
        json!(["REVIEW_OVERDUE"])
    );
}

#[tokio::test]
async fn several_instances_log_each_effect_once() {
    let time = Time::at("2026-01-10T08:00:00Z");
    let api = Api::builder()
        .empty()
        .clock(time.clock())
        .load()
        .start()
        .await;
    let eva = api.editor("eva").await;
    eva.publish(json!([act("ireland", "IE", "RATIFICATION", "2026-01-09")]))
        .await;
    let options = Options {
        clock: time.clock(),
        ..Options::default()
    };
    let mut nodes = Vec::new();
    for _ in 0..3 {
        let store = Store::open(&api.url, &options).await.unwrap();
        nodes.push(tokio::spawn(async move {
            store.write_effects_daily(Duration::from_millis(5)).await;
        }));
    }
    for day in ["2026-04-30", "2026-05-01", "2026-05-02", "2026-12-31"] {
        time.set(&format!("{day}T12:00:00Z"));
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    // Read from the database: the number of polls differs from run to run, and answers to queries are compared.
    let db = connect(&api.url).await;
    let written = Statement::from_string(
        db.get_database_backend(),
        "SELECT 1 FROM head WHERE effects_through = '2026-12-31'",
    );
    while db.query_one_raw(written.clone()).await.unwrap().is_none() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let found = effects(&api).await;
    let mut once = found.clone();
    once.dedup();
    assert_eq!(once, found);
    let of_ireland = found.iter().filter(|line| line[0] == "TreatyEvent:ireland");
    assert_eq!(of_ireland.count(), 1, "{found:?}");
    for node in nodes {
        assert!(!node.is_finished());
        node.abort();
    }
}

#[tokio::test]
async fn a_commit_by_a_lagging_clock_is_dated_to_the_day_whose_effects_are_logged() {
    let time = Time::at("2026-01-10T08:00:00Z");
    let api = Api::builder()
        .empty()
        .clock(time.clock())
        .load()
        .start()
        .await;
    for instant in ["2026-04-30T23:59:59Z", "2026-05-01T00:00:01Z"] {
        time.set(instant);
        api.store.write_effects().await.unwrap();
    }
    // The clock of an instance lags: it is still in April.
    time.set("2026-04-30T23:59:59Z");
    let eva = api.editor("eva").await;
    eva.publish(json!([act("ireland", "IE", "RATIFICATION", "2026-01-09")]))
        .await;
    let head = api.query("{ head { committedAt } }").await;
    assert_eq!(head["head"]["committedAt"], "2026-05-01T00:00:00.000000Z");
    time.set("2026-05-03T00:00:01Z");
    api.store.write_effects().await.unwrap();
    let found = effects(&api).await;
    assert!(
        found.iter().all(|line| line[0] != "TreatyEvent:ireland"),
        "{found:?}"
    );
}

#[tokio::test]
async fn freshly_loaded_data_has_no_due_effects() {
    let api = Api::seeded().await;
    assert_eq!(api.store.write_effects().await.unwrap(), 0);
    assert_eq!(
        api.query("{ head { sequence } }").await["head"]["sequence"],
        bundled()
    );
    let empty = Api::empty().await;
    assert_eq!(empty.store.write_effects().await.unwrap(), 0);
}
