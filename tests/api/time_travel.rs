//! Snapshots: as of a date, and as known at a moment.

use serde_json::{Value, json};

use crate::effect::Time;
use crate::harness::{Api, bundled, cite, retitle};
use crate::history;

#[tokio::test]
async fn azerbaijans_budapest_convention_status_changes_on_the_day_of_each_step() {
    let api = Api::seeded().await;
    let days = [
        ("2008-06-29", "NO_ACTION", 0),
        ("2008-06-30", "SIGNATORY", 0),
        ("2009-09-30", "SIGNATORY", 0),
        ("2010-03-15", "CONTRACTING_STATE", 0),
        ("2010-06-30", "CONTRACTING_STATE", 0),
        ("2010-07-01", "PARTY", 4),
    ];
    let mut query = String::from("{");
    for (number, (day, ..)) in days.iter().enumerate() {
        query += &format!(
            " d{number}: at(asOf: \"{day}\") {{ asOf country(code: \"AZ\") {{ treatyStatus(treaty: \"ETS 185\") {{
                status next {{ status on {{ edtf }} }} reservations {{ articles }} }} }} }}"
        );
    }
    let answer = api.query(&(query + " }")).await;
    for (number, (day, status, reservations)) in days.iter().enumerate() {
        let snapshot = &answer[format!("d{number}")];
        assert_eq!(snapshot["asOf"], *day);
        let standing = &snapshot["country"]["treatyStatus"];
        assert_eq!(standing["status"], *status, "{day}");
        let in_force = standing["reservations"].as_array().unwrap();
        assert_eq!(in_force.len(), *reservations, "{day}");
    }
    assert_eq!(
        answer["d3"]["country"]["treatyStatus"]["next"],
        json!({ "status": "PARTY", "on": { "edtf": "2010-07-01" } })
    );
    let later = api
        .query("{ at(asOf: \"2050-01-01\") { country(code: \"AZ\") { treatyStatus { status } } } }")
        .await;
    assert_eq!(later["at"]["country"]["treatyStatus"]["status"], "PARTY");
}

#[tokio::test]
async fn azerbaijan_is_only_a_signatory_of_the_un_convention_without_reservations_in_force() {
    let api = Api::seeded().await;
    for (day, status) in [
        ("2025-10-24", "NO_ACTION"),
        ("2025-10-25", "SIGNATORY"),
        ("2026-02-28", "SIGNATORY"),
        ("2026-06-30", "SIGNATORY"),
    ] {
        let query = format!(
            "{{ at(asOf: \"{day}\") {{ country(code: \"AZ\") {{ treatyStatus(treaty: \"UNTC XVIII-16\") {{ status
                reservations {{ id }} inForceFrom {{ date {{ edtf }} }} }} }} }} }}"
        );
        assert_eq!(
            api.query(&query).await["at"]["country"]["treatyStatus"],
            json!({ "status": status, "reservations": [], "inForceFrom": null }),
            "{day}"
        );
    }
    // Four reservations were announced at signature; none is in force.
    let announced = "{ country(code: \"AZ\") { treatyEvents(filter: { treaty: \"UNTC XVIII-16\", kinds: [RESERVATION] }) { totalCount } } }";
    let announced = api.query(announced).await;
    assert_eq!(announced["country"]["treatyEvents"]["totalCount"], 4);
}

#[tokio::test]
async fn a_reservation_is_in_force_until_the_day_before_its_withdrawal() {
    let api = Api::seeded().await;
    let both = json!([{ "articles": ["4"] }, { "articles": ["29(4)"] }]);
    let one = json!([{ "articles": ["29(4)"] }]);
    for (day, in_force, declared) in [
        ("2008-01-08", json!([]), 0),
        ("2008-04-30", json!([]), 0),
        ("2008-05-01", both.clone(), 1),
        ("2021-04-29", both, 1),
        // The declaration of 2008 ends on the day on which another replaces it.
        ("2021-04-30", one.clone(), 2),
        ("2026-01-01", one, 1),
    ] {
        let query = format!(
            "{{ at(asOf: \"{day}\") {{ country(code: \"SK\") {{ treatyStatus {{ reservations {{ articles }} declarations {{ id }} }} }} }} }}"
        );
        let status = api.query(&query).await["at"]["country"]["treatyStatus"].clone();
        assert_eq!(status["reservations"], in_force, "{day}");
        let declarations = status["declarations"].as_array().unwrap();
        assert_eq!(declarations.len(), declared, "{day}");
    }
}

#[tokio::test]
async fn an_id_with_a_moment_returns_the_same_answer_a_year_later() {
    let time = Time::at("2026-11-01T08:00:00Z");
    let api = Api::builder()
        .empty()
        .clock(time.clock())
        .load()
        .start()
        .await;
    let uruguay = "id treatyStatus(treaty: \"ETS 185\") { status }";
    let mut answers = Vec::new();
    for today in ["2026-11-25T08:00:00Z", "2027-11-25T08:00:00Z"] {
        time.set(today);
        let then =
            format!("{{ at(asOf: \"2026-11-10\") {{ country(code: \"UY\") {{ {uruguay} }} }} }}");
        let then = api.query(&then).await["at"]["country"].clone();
        let node = format!(
            "{{ node(id: {}) {{ ... on Country {{ {uruguay} }} }} }}",
            then["id"]
        );
        assert_eq!(api.query_once(&node).await["node"], then);
        answers.push(then);
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0]["treatyStatus"]["status"], "INVITED_TO_ACCEDE");
}

#[tokio::test]
async fn a_contribution_is_shown_in_its_present_state_in_every_view() {
    let api = Api::seeded().await;
    let head = api.query("{ head { cursor } }").await;
    let author = api.contributor().await;
    let id = author.proposed(retitle(1, "New")).await;
    let eva = api.editor("eva").await;
    let accepted = eva.accept(&id).await;
    assert_eq!(accepted["contribution"]["state"], "ACCEPTED");
    let shown = "id state changes { recordId citations { source { id } } }";
    let query = format!(
        "{{ at(cursor: {}) {{ node(id: \"{id}\") {{ ... on Contribution {{ {shown} }} }} }}
            now: contribution(id: \"{id}\") {{ {shown} }}
            changes(last: 1) {{ nodes {{ contribution {{ {shown} }} }} }} }}",
        head["head"]["cursor"]
    );
    let answer = api.query_once(&query).await;
    assert_eq!(
        answer["now"]["changes"][0]["citations"][0]["source"]["id"],
        "Source:coe-chart-185-2015"
    );
    assert_eq!(answer["at"]["node"], answer["now"]);
    assert_eq!(answer["changes"]["nodes"][0]["contribution"], answer["now"]);
}

#[tokio::test]
async fn a_snapshot_by_cursor_or_instant_shows_the_state_after_each_commit() {
    let api = Api::seeded().await;
    let eva = api.editor("eva").await;
    let mut known = vec![api.query_once("{ head { cursor committedAt } }").await["head"].clone()];
    for version in 1..=3 {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        eva.publish(retitle(version, &format!("Title {version}")))
            .await;
        known.push(api.query_once("{ head { cursor committedAt } }").await["head"].clone());
    }
    let titles = ["Budapest Convention", "Title 1", "Title 2", "Title 3"];
    let treaty = "treaty(reference: \"ETS 185\") { id recordId version shortTitle }";
    for (head, title) in known.iter().zip(titles) {
        let query = format!(
            "{{ byCursor: at(cursor: {}) {{ cursor knownAt {treaty} }} byInstant: at(knownAt: {}) {{ cursor knownAt {treaty} }}
                now: {treaty} }}",
            head["cursor"], head["committedAt"]
        );
        let answer = api.query_once(&query).await;
        assert_eq!(answer["byCursor"], answer["byInstant"]);
        let then = &answer["byCursor"];
        assert_eq!(then["treaty"]["shortTitle"], title);
        assert_eq!(then["cursor"], head["cursor"]);
        assert_eq!(then["knownAt"], head["committedAt"]);
        let id = format!("Treaty:ets-185@{}", head["cursor"].as_str().unwrap());
        assert_eq!(then["treaty"]["id"], id);
        assert_eq!(then["treaty"]["recordId"], "Treaty:ets-185");
        assert_eq!(
            answer["now"],
            json!({ "id": "Treaty:ets-185", "recordId": "Treaty:ets-185", "version": 4, "shortTitle": "Title 3" })
        );
        // The id leads back to the same object.
        let node = format!("{{ node(id: \"{id}\") {{ id ... on Treaty {{ shortTitle }} }} }}");
        assert_eq!(
            api.query_once(&node).await["node"],
            json!({ "id": id, "shortTitle": title })
        );
    }
}

#[tokio::test]
async fn a_snapshot_before_the_first_change_is_empty() {
    let api = Api::seeded().await;
    let empty = api
        .query("{ at(knownAt: \"2001-11-23T00:00:00Z\") { knownAt countries { totalCount nodes { id } }
            country(code: \"AZ\") { id } treaty(reference: \"ETS 185\") { id } records { totalCount } node(id: \"Treaty:ets-185\") { id } } }")
        .await;
    assert_eq!(
        empty["at"],
        json!({ "knownAt": null, "countries": { "totalCount": 0, "nodes": [] }, "country": null, "treaty": null,
            "records": { "totalCount": 0 }, "node": null })
    );
}

#[tokio::test]
async fn a_snapshot_at_a_cursor_inside_a_commit_shows_the_whole_commit() {
    let api = Api::seeded().await;
    let eva = api.editor("eva").await;
    let source =
        |title: &str| json!({ "createSource": { "fields": { "kind": "NEWS", "title": title } } });
    eva.publish(json!([source("One"), source("Two"), source("Three")]))
        .await;
    let changes = api.query("{ changes(last: 3) { nodes { cursor } } }").await;
    let nodes = changes["changes"]["nodes"].as_array().unwrap();
    let sources = "records(kinds: [SOURCE]) { totalCount }";
    for change in nodes {
        let query = format!(
            "{{ at(cursor: {}) {{ cursor {sources} }} {sources} }}",
            change["cursor"]
        );
        let answer = api.query(&query).await;
        assert_eq!(answer["at"]["cursor"], nodes[2]["cursor"]);
        assert_eq!(answer["at"]["records"], answer["records"]);
    }
}

#[tokio::test]
async fn a_profile_at_a_cursor_does_not_change_after_later_edits() {
    let api = Api::seeded().await;
    let eva = api.editor("eva").await;
    let cursor = api.query("{ head { cursor } }").await["head"]["cursor"].clone();
    let profile = include_str!("profile.graphql");
    let fields = &profile[profile.find("country(").unwrap()..profile.rfind('}').unwrap()];
    let query = format!("{{ at(cursor: {cursor}, asOf: \"2026-01-01\") {{ {fields} }} }}");
    let before = api.query(&query).await;
    for version in 1..=3 {
        eva.publish(retitle(version, &format!("Title {version}")))
            .await;
    }
    let changes = json!([
        { "updateCybersecurityBody": { "id": "CybersecurityBody:az-electronic-security-centre", "baseVersion": 2,
            "set": { "acronym": "ESC" }, "cite": [{ "source": "Source:cert-az-statute" }] } },
        { "retire": { "id": "ProfileSection:az-links", "baseVersion": 1, "reason": "Empty." } } ]);
    eva.publish(changes).await;
    let after = api.query(&query).await;
    assert!(before == after);
    let now = api.query(&format!("{{ {fields} }}")).await;
    assert!(before["at"]["country"] != now["country"]);
}

/// Random changes of records that profiles show.
struct RandomChanges {
    seed: u32,
    /// Current records and their versions.
    standing: Vec<(String, i32)>,
    /// Retired records and their versions.
    retired: Vec<(String, i32)>,
    made: usize,
}

const TEN: [&str; 10] = ["AZ", "FR", "DE", "NL", "CW", "GD", "UY", "JP", "US", "HU"];

impl RandomChanges {
    /// Starts with the records of ten countries.
    async fn of(api: &Api) -> Self {
        let mut standing = Vec::new();
        let mut after = Value::Null;
        while after != json!("") {
            let query = "query($after: String, $countries: [CountryCode!]) { records(first: 100, after: $after, countries: $countries) {
                nodes { recordId version } pageInfo { hasNextPage endCursor } } }";
            let variables = json!({ "after": after, "countries": TEN });
            let page = api.anyone().ask(query, variables).await.data()["records"].clone();
            for record in page["nodes"].as_array().unwrap() {
                let version = i32::try_from(record["version"].as_i64().unwrap()).unwrap();
                standing.push((record["recordId"].as_str().unwrap().to_owned(), version));
            }
            after = if page["pageInfo"]["hasNextPage"] == true {
                page["pageInfo"]["endCursor"].clone()
            } else {
                json!("")
            };
        }
        Self {
            seed: 2_020,
            standing,
            retired: Vec::new(),
            made: 0,
        }
    }

    fn draw(&mut self, below: usize) -> usize {
        self.seed = self.seed.wrapping_mul(1_103_515_245).wrapping_add(12_345);
        usize::try_from(self.seed >> 8).unwrap() % below
    }

    /// Draws changes of different records.
    fn changes(&mut self, count: usize) -> Value {
        let mut changes = Vec::new();
        let mut touched: Vec<(String, i32)> = Vec::new();
        let mut left = Vec::new();
        for _ in 0..count {
            match self.draw(10) {
                0 | 1 => {
                    self.made += 1;
                    let (key, country) = (format!("lot-{}", self.made), TEN[self.draw(10)]);
                    let day = format!("20{:02}-0{}-11", 10 + self.draw(15), 1 + self.draw(9));
                    changes.push(json!({ "createTreatyEvent": { "key": key, "cite": cite(), "fields": {
                        "kind": "COMMUNICATION", "country": country, "treaty": "ETS 185", "date": day } } }));
                    touched.push((format!("TreatyEvent:{key}"), 1));
                }
                2 => {
                    let mut random_changes = self.standing.iter();
                    let Some(at) =
                        random_changes.position(|(id, _)| id.starts_with("TreatyEvent:lot-"))
                    else {
                        continue;
                    };
                    let (id, version) = self.standing.swap_remove(at);
                    changes.push(json!({ "retire": { "id": id, "baseVersion": version, "reason": "By lot." } }));
                    left.push((id, version));
                }
                3 if !self.retired.is_empty() => {
                    let at = self.draw(self.retired.len());
                    let (id, version) = self.retired.swap_remove(at);
                    changes.push(json!({ "restore": { "id": id, "baseVersion": version, "reason": "By lot." } }));
                    touched.push((id, version + 1));
                }
                _ => {
                    let at = self.draw(self.standing.len());
                    let (id, version) = self.standing.swap_remove(at);
                    let text = format!("By lot {}", self.draw(1_000));
                    let kind = id.split(':').next().unwrap().to_owned();
                    let set = match kind.as_str() {
                        "Country" => json!({ "disclaimer": text }),
                        "TreatyEvent" => json!({ "text": text }),
                        "PolicyDocument" => json!({ "objectives": [text] }),
                        "CoverageAssertion" => json!({ "statement": text }),
                        "ArticleImplementation" => json!({ "remark": text }),
                        "CourtDecision" => json!({ "outcome": text }),
                        "ProfileSection" => {
                            json!({ "state": "FILLED", "body": text, "language": "en" })
                        }
                        _ => json!({ "mandate": text }),
                    };
                    changes.push(json!({ format!("update{kind}"): { "id": id, "baseVersion": version, "set": set, "cite": cite() } }));
                    touched.push((id, version + 1));
                }
            }
        }
        self.standing.append(&mut touched);
        self.retired.append(&mut left);
        json!(changes)
    }
}

#[tokio::test]
async fn profiles_at_a_cursor_are_byte_identical_after_500_later_changes() {
    let api = Api::seeded().await;
    let eva = api.editor("eva").await;
    let profile = include_str!("profile.graphql");
    let fields = &profile[profile.find("country(").unwrap()..profile.rfind('}').unwrap()];
    let bytes = async |cursor: &Value| {
        let mut all = String::new();
        for code in TEN {
            let fields = fields.replace("\"AZ\"", &format!("\"{code}\""));
            let query = format!("{{ at(cursor: {cursor}, asOf: \"2026-01-01\") {{ {fields} }} }}");
            let request = api.request(reqwest::Method::POST, "/graphql");
            let answer = request
                .json(&json!({ "query": query }))
                .send()
                .await
                .unwrap();
            all += &answer.text().await.unwrap();
        }
        assert!(!all.contains("\"errors\""), "{all}");
        all
    };
    let head = async || api.query("{ head { cursor sequence } }").await["head"].clone();
    let mut random_changes = RandomChanges::of(&api).await;
    let count = 500;
    let mut known = vec![(head().await["cursor"].clone(), String::new())];
    known[0].1 = bytes(&known[0].0).await;
    let begun = head().await["sequence"].as_i64().unwrap();
    while head().await["sequence"].as_i64().unwrap() < begun + count {
        eva.publish(random_changes.changes(10)).await;
        if random_changes.draw(10) == 0 {
            let cursor = head().await["cursor"].clone();
            known.push((cursor.clone(), bytes(&cursor).await));
        }
    }
    assert!(
        random_changes.made > 10 && known.len() > 1,
        "{} {}",
        random_changes.made,
        known.len()
    );
    let mut different = std::collections::HashSet::new();
    for (cursor, then) in &known {
        assert!(bytes(cursor).await == *then, "{cursor}");
        different.insert(then);
    }
    assert_eq!(different.len(), known.len());
    history::adds_up(&api).await;
}

#[tokio::test]
async fn invalid_snapshot_arguments_are_refused_with_the_expected_form() {
    let api = Api::seeded().await;
    let other = Api::empty().await;
    let foreign = other.query("{ head { cursor } }").await["head"]["cursor"].clone();
    let cursor = api.query("{ head { cursor } }").await["head"]["cursor"].clone();
    let future = (chrono::Utc::now() + chrono::TimeDelta::hours(1)).to_rfc3339();
    for (arguments, named, said) in [
        ("asOf: \"2010\"".to_owned(), "asOf", "YYYY-MM-DD"),
        ("asOf: \"0000-01-01\"".to_owned(), "asOf", "YYYY-MM-DD"),
        ("asOf: \"10000-01-01\"".to_owned(), "asOf", "YYYY-MM-DD"),
        (
            "knownAt: \"2010-01-01\"".to_owned(),
            "knownAt",
            "an instant of RFC 3339",
        ),
        (
            format!("knownAt: \"{future}\""),
            "knownAt",
            "an instant that is not in the future",
        ),
        ("cursor: \"x\"".to_owned(), "cursor", "cursors go from"),
        (format!("cursor: {foreign}"), "cursor", "another database"),
        (
            format!("cursor: {cursor}, knownAt: \"2020-01-01T00:00:00Z\""),
            "knownAt",
            "not both",
        ),
    ] {
        let answer = api
            .fails(&format!("{{ at({arguments}) {{ asOf }} }}"))
            .await;
        let code = if said == "another database" {
            "UNKNOWN_CURSOR"
        } else {
            "BAD_USER_INPUT"
        };
        assert_eq!(answer.code(), code, "{arguments}");
        assert!(
            answer.message().starts_with(&format!("`{named}`")),
            "{arguments}"
        );
        assert!(
            answer.message().contains(said),
            "{arguments}: {}",
            answer.message()
        );
    }
    for (id, said) in [
        ("Treaty:ets-185@x".to_owned(), "cursors go from"),
        (
            format!("Treaty:ets-185@{}", foreign.as_str().unwrap()),
            "another database",
        ),
        (
            format!("Treaty:ets-185@{},2010", cursor.as_str().unwrap()),
            "YYYY-MM-DD",
        ),
        (
            format!("Treaty:ets-185@{},", cursor.as_str().unwrap()),
            "YYYY-MM-DD",
        ),
        ("Treaty:ets-185@,2010-01-01".to_owned(), "cursors go from"),
        ("Treaty:ets-185@".to_owned(), "cursors go from"),
    ] {
        let answer = api
            .fails(&format!("{{ node(id: \"{id}\") {{ id }} }}"))
            .await;
        let code = if said == "another database" {
            "UNKNOWN_CURSOR"
        } else {
            "BAD_USER_INPUT"
        };
        assert_eq!(answer.code(), code, "{id}");
        assert!(
            answer.message().starts_with("`id`"),
            "{id}: {}",
            answer.message()
        );
        assert!(
            answer.message().contains(said),
            "{id}: {}",
            answer.message()
        );
    }
    assert_eq!(
        api.query("{ head { sequence } }").await["head"]["sequence"],
        Value::from(bundled())
    );
}
