//! The preview of a contribution: the profiles as its acceptance would leave them.

use cyberprofiles::graphql::limits::Limits;
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Api, Person, bundled, retitle, roomy};

mod random;
mod selection;

use random::Author;
use selection::Selections;

/// The snapshot of a preview, with a selection.
async fn preview(person: &Person<'_>, id: &str, selected: &str) -> Value {
    let query =
        format!("query($id: ID!) {{ contribution(id: $id) {{ preview {{ {selected} }} }} }}");
    let answer = person.ask(&query, json!({ "id": id })).await.data();
    answer["contribution"]["preview"].clone()
}

/// An answer with ids without the view in which they are read.
fn plain(answer: &Value) -> Value {
    match answer {
        Value::String(text) => match text.split_once('@') {
            Some((id, view)) if id.contains(':') && view.len() > 20 => Value::from(id),
            _ => answer.clone(),
        },
        Value::Array(all) => all.iter().map(plain).collect(),
        Value::Object(all) => all
            .iter()
            .map(|(key, one)| (key.clone(), plain(one)))
            .collect(),
        other => other.clone(),
    }
}

/// The places at which two answers differ, with both values.
fn differences(path: &str, one: &Value, other: &Value, found: &mut Vec<String>) {
    match (one, other) {
        (Value::Object(a), Value::Object(b)) if a.keys().eq(b.keys()) => {
            for (key, value) in a {
                differences(&format!("{path}.{key}"), value, &b[key], found);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (at, (one, other)) in a.iter().zip(b).enumerate() {
                differences(&format!("{path}.{at}"), one, other, found);
            }
        }
        _ if one == other => {}
        _ => found.push(format!("{path}: {one} instead of {other}")),
    }
}

/// Selections of lists with filters and orders, statuses, coverage, counts and whole records. `touched` are ids of
/// records. They are several, because a request may have 10,000 selections. The first five are of lists and countries,
/// the others of the records.
fn everything(selections: &Selections, touched: &[String]) -> Vec<String> {
    let country = |code: &str, depth: usize| {
        let whole = selections.of("Country", depth);
        format!(
            "asOf {code}: country(code: \"{code}\") {{ {whole}
                one: treatyStatus(treaty: \"ETS 185\") {{ {} }}
                laws: policyDocuments(first: 30, filter: {{ kinds: [LAW, DECREE] }}) {{ totalCount nodes {{ recordId }} }} }}",
            selections.of("TreatyParticipation", 1)
        )
    };
    let page = |node: &str| selections.page(node, 1);
    let ids: Vec<String> = touched.iter().map(|id| format!("\"{id}\"")).collect();
    let mut kinds: Vec<&str> = touched
        .iter()
        .filter_map(|id| Some(id.split_once(':')?.0))
        .collect();
    kinds.sort_unstable();
    kinds.dedup();
    // Members of different types may have one name and several types: each kind has a field of its own.
    let nodes = kinds.into_iter().map(|kind| {
        let whole = selections.of(kind, 2);
        format!(
            "nodes(ids: [{}]) {{ __typename ... on {kind} {{ {whole} }} }}",
            ids.join(", ")
        )
    });
    let lists = format!(
        "treaty(reference: \"ETS 185\") {{ {treaty} }}
        treaties(first: 100) {treaties}
        countries(first: 100, orderBy: CODE, filter: {{ codes: [\"IE\", \"FI\", \"AZ\", \"SU\", \"DD\", \"YU\", \"ZR\"] }}) {countries}
        parties: countries(first: 250, filter: {{ treatyStatus: {{ treaty: \"ETS 185\", status: [PARTY, SIGNATORY] }} }}) {{ totalCount nodes {{ code name }} }}
        events: treatyEvents(first: 100, filter: {{ countries: [\"IE\", \"FI\"] }}) {events}
        last: treatyEvents(last: 50) {{ totalCount nodes {{ recordId label }} }}
        policyDocuments(first: 50) {documents}
        oldest: policyDocuments(first: 100, orderBy: ADOPTED_OLDEST, filter: {{ countries: [\"AZ\"] }}) {{ totalCount edges {{ cursor node {{ recordId title }} }} }}
        cybersecurityBodies(first: 50) {bodies}
        operationalUnits(first: 50) {units}",
        treaty = selections.of("Treaty", 2),
        treaties = page("Treaty"),
        countries = page("Country"),
        events = page("TreatyEvent"),
        documents = page("PolicyDocument"),
        bodies = page("CybersecurityBody"),
        units = page("OperationalUnit"),
    );
    let others = format!(
        "articleImplementations(first: 20) {implementations}
        courtDecisions(first: 50) {decisions}
        sources(first: 50) {sources}
        regions
        coverageCounts {{ {counts} }}
        records(first: 250, countries: [\"AZ\", \"IE\", \"FI\"]) {{ totalCount nodes {{ __typename recordId version digest exportLine }} }}",
        implementations = page("ArticleImplementation"),
        decisions = page("CourtDecision"),
        sources = page("Source"),
        counts = selections.of("CoverageCount", 1),
    );
    let mut all = vec![
        country("AZ", 2),
        country("IE", 2),
        country("FI", 1),
        lists,
        others,
    ];
    all.extend(nodes);
    all
}

/// A server whose limits a selection of everything does not reach.
async fn unlimited() -> Api {
    let limits = Limits {
        max_tokens: i32::MAX,
        max_complexity: i32::MAX,
        max_anonymous_complexity: i32::MAX,
        max_aliases: i32::MAX,
        max_root_fields: i32::MAX,
        max_depth: 100,
        request_timeout_ms: 300_000,
        ..roomy()
    };
    Api::builder().limits(limits).start().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_equals_the_state_after_the_acceptance_field_by_field() {
    let api = unlimited().await;
    let (carla, eva) = (api.contributor().await, api.editor("eva").await);
    let selections = Selections::new();
    let shown = everything(&selections, &["Treaty:ets-185".to_owned()]).join(" ");
    for field in selections.fields("Snapshot") {
        let is_own = ["cursor", "knownAt", "node"].contains(&field.as_str());
        assert!(is_own || shown.contains(&field), "{field} is not compared");
    }
    let mut author = Author::new(22);
    let (mut accepted, mut operations) = (0, std::collections::BTreeSet::new());
    for round in 0..40 {
        let changes = author.changes();
        let payload = carla.propose(json!(changes)).await;
        let Some(id) = payload["contribution"]["id"].as_str() else {
            continue;
        };
        let mut selected = everything(&selections, &author.touched());
        // One of the first five in each round, because they take seconds.
        let mut at = 0;
        selected.retain(|_| {
            at += 1;
            at > 5 || (at + accepted) % 5 == 0
        });
        let before = api.store.newest().await.unwrap().moment;
        let mut shown = Vec::new();
        for selected in &selected {
            shown.push(preview(&carla, id, selected).await);
        }
        assert_eq!(api.store.newest().await.unwrap().moment, before);
        let outcome = eva.accept(id).await;
        assert_eq!(outcome["contribution"]["state"], "ACCEPTED", "{outcome:#}");
        let mut found = Vec::new();
        for (selected, shown) in selected.iter().zip(shown) {
            let query = format!("{{ at {{ {selected} }} }}");
            let after = api.anyone().ask(&query, json!({})).await.data();
            differences("", &plain(&shown), &plain(&after["at"]), &mut found);
        }
        assert!(
            found.is_empty(),
            "round {round}: {changes:#?}\n{}",
            found.join("\n")
        );
        author.accepted();
        accepted += 1;
        let names = changes
            .iter()
            .map(|one| one.as_object().unwrap().keys().next().unwrap().clone());
        operations.extend(names);
        if accepted == 7 {
            break;
        }
    }
    assert_eq!(accepted, 7);
    for operation in ["create", "update", "retire", "restore"] {
        let is_tried = operations.iter().any(|name| name.starts_with(operation));
        assert!(is_tried, "{operations:?}");
    }
}

const STATUS: &str = "country(code: \"IE\") { treatyStatus(treaty: \"ETS 185\") { status } }
    treaty(reference: \"ETS 185\") { shortTitle version }";

fn ireland_ratifies() -> Value {
    json!({ "createTreatyEvent": {
        "fields": { "kind": "RATIFICATION", "date": "2020-01-01", "country": "IE", "treaty": "ETS 185" },
        "cite": [{ "source": "Source:coe-chart-185-2015" }] } })
}

#[tokio::test]
async fn a_field_with_a_conflict_keeps_its_value_and_a_change_with_another_fault_is_left_out() {
    let api = Api::seeded().await;
    let (carla, eva) = (api.contributor().await, api.editor("eva").await);
    let update = json!({ "updateTreaty": { "id": "Treaty:ets-185", "baseVersion": 1,
        "set": { "shortTitle": "Mine", "openedAt": "Elsewhere" }, "cite": [{ "source": "Source:coe-chart-185-2015" }] } });
    let refers = json!({ "createOperationalUnit": { "key": "lost", "fields": { "kind": "OTHER", "status": "UNKNOWN", "country": "AZ",
        "names": [{ "text": "Lost", "language": "en" }], "parent": "CybersecurityBody:gone" }, "cite": [{ "source": "Source:ncsi-az" }] } });
    let gone = json!([{ "createCybersecurityBody": { "key": "gone", "fields": { "kind": "OTHER", "status": "UNKNOWN", "country": "AZ",
        "names": [{ "text": "Gone", "language": "en" }] }, "cite": [{ "source": "Source:ncsi-az" }] } }]);
    eva.publish(gone).await;
    let id = carla
        .proposed(json!([update, ireland_ratifies(), refers]))
        .await;
    eva.publish(retitle(1, "Theirs")).await;
    eva.publish(json!([{ "retire": { "id": "CybersecurityBody:gone", "baseVersion": 1, "reason": "Gone." } }]))
        .await;
    let selected = format!(
        "{STATUS} opened: treaty(reference: \"ETS 185\") {{ openedAt }}
        node(id: \"OperationalUnit:lost\") {{ id }}"
    );
    let shown = preview(&carla, &id, &selected).await;
    assert_eq!(
        shown,
        json!({ "country": { "treatyStatus": { "status": "PARTY" } },
            "treaty": { "shortTitle": "Theirs", "version": 3 }, "opened": { "openedAt": "Elsewhere" },
            "node": null })
    );
    let refused = eva.accept(&id).await;
    assert_eq!(refused["contribution"], Value::Null);
}

#[tokio::test]
async fn a_preview_is_for_those_who_may_see_an_open_contribution() {
    let api = Api::seeded().await;
    let (carla, eva) = (api.contributor().await, api.editor("eva").await);
    let draft =
        json!({ "title": "Draft", "rationale": "Not yet.", "changes": [ireland_ratifies()] });
    let payload = carla.create(draft).await;
    let id = payload["contribution"]["id"].as_str().unwrap();
    let query = format!("query($id: ID!) {{ contribution(id: $id) {{ preview {{ {STATUS} }} }}
        node(id: $id) {{ ... on Contribution {{ preview {{ {STATUS} }} }} }}
        then: at(asOf: \"2012-01-01\") {{ node(id: $id) {{ ... on Contribution {{ preview {{ asOf {STATUS} }} }} }} asOf }}
        contributions(filter: {{ ids: [$id] }}) {{ nodes {{ preview {{ {STATUS} }} }} }} {STATUS} }}");
    let ask = async |person: &Person<'_>| person.ask(&query, json!({ "id": id })).await.data();
    for person in [&eva, &api.anyone()] {
        let hidden = ask(person).await;
        assert_eq!(
            (&hidden["contribution"], &hidden["node"]),
            (&Value::Null, &Value::Null)
        );
        assert_eq!(hidden["contributions"]["nodes"], json!([]));
        assert_eq!(hidden["then"]["node"], Value::Null);
    }
    let party = json!({ "country": { "treatyStatus": { "status": "PARTY" } },
        "treaty": { "shortTitle": "Budapest Convention", "version": 1 } });
    let own = ask(&carla).await;
    assert_eq!(own["contribution"]["preview"], party);
    assert_eq!(own["node"]["preview"], party);
    assert_eq!(own["contributions"]["nodes"][0]["preview"], party);
    // Beside a preview, the answer is that of now.
    assert_eq!(own["country"]["treatyStatus"]["status"], "SIGNATORY");
    // A contribution is always as it is now, and so is its preview.
    let then = &own["then"]["node"]["preview"];
    assert_eq!(then["country"], party["country"]);
    assert_ne!(then["asOf"], own["then"]["asOf"]);
    // The payload of a trial has the preview, too.
    let trial = format!(
        "mutation($input: CreateContributionInput!) {{ createContribution(input: $input) {{
        contribution {{ preview {{ {STATUS} }} }} userErrors {{ code }} }} }}"
    );
    let input = json!({ "title": "Trial", "rationale": "To see.", "changes": [ireland_ratifies()], "validateOnly": true });
    let tried = carla.ask(&trial, json!({ "input": input })).await.data();
    assert_eq!(
        tried["createContribution"]["contribution"]["preview"],
        party
    );
    let step = json!({ "id": id, "revision": 1 });
    assert_eq!(
        carla.outcome("submitContribution", step.clone()).await,
        "SUBMITTED"
    );
    assert_eq!(ask(&api.anyone()).await["contribution"]["preview"], party);
    // A decided contribution has nothing to preview, nor has a tip without changes.
    let (withdrawn, rejected) = (
        carla.proposed(json!([ireland_ratifies()])).await,
        carla.proposed(json!([ireland_ratifies()])).await,
    );
    assert_eq!(
        carla
            .outcome("withdrawContribution", json!({ "id": withdrawn }))
            .await,
        "WITHDRAWN"
    );
    let reject = json!({ "id": rejected, "revision": 1, "reason": "No." });
    assert_eq!(eva.outcome("rejectContribution", reject).await, "REJECTED");
    assert_eq!(eva.outcome("acceptContribution", step).await, "ACCEPTED");
    for decided in [id, &withdrawn, &rejected] {
        assert_eq!(preview(&carla, decided, STATUS).await, Value::Null);
    }
    let tip =
        "mutation($input: SubmitTipInput!) { submitTip(input: $input) { contribution { id } } }";
    let tip = carla
        .ask(
            tip,
            json!({ "input": { "country": "IE", "message": "News" } }),
        )
        .await
        .data();
    let tip = tip["submitTip"]["contribution"]["id"].as_str().unwrap();
    assert_eq!(preview(&eva, tip, STATUS).await, Value::Null);
}

#[tokio::test]
async fn ids_and_cursors_of_a_preview_belong_to_it_alone() {
    let api = Api::seeded().await;
    let (carla, eva) = (api.contributor().await, api.editor("eva").await);
    let id = carla.proposed(json!([ireland_ratifies()])).await;
    let selected = "cursor knownAt country(code: \"IE\") { id recordId }
        event: node(id: \"TreatyEvent:ie-ets-185-ratification\") { ... on TreatyEvent { id permalink citeAs
            history { nodes { version operation contribution { id state } record { id } } } updatedAt digest } }";
    let shown = preview(&carla, &id, selected).await;
    let head = api.query("{ head { cursor committedAt } }").await["head"].clone();
    assert_eq!(
        (&shown["cursor"], &shown["knownAt"]),
        (&head["cursor"], &head["committedAt"])
    );
    let country = shown["country"]["id"].as_str().unwrap();
    assert!(country.starts_with("Country:ie@preview."), "{country}");
    let event = &shown["event"];
    assert_eq!(
        event["history"]["nodes"][0]["contribution"],
        json!({ "id": id, "state": "SUBMITTED" })
    );
    assert_eq!(event["history"]["nodes"][0]["operation"], "CREATE");
    let (record, view) = country.split_once('@').unwrap();
    // The same preview reads its own id; every other query names the fault.
    let again = format!("node(id: \"{country}\") {{ id }}");
    assert_eq!(preview(&carla, &id, &again).await["node"]["id"], country);
    for query in [
        format!("{{ node(id: \"{country}\") {{ id }} }}"),
        format!("{{ at(cursor: \"{view}\") {{ asOf }} }}"),
        format!("{{ changes(after: \"{view}\") {{ totalCount }} }}"),
    ] {
        let refused = api.fails(&query).await;
        assert_eq!(refused.code(), "BAD_USER_INPUT", "{query}");
        assert!(
            refused
                .message()
                .contains("of a preview, which is not stored"),
            "{}",
            refused.message()
        );
    }
    let page = api
        .request(Method::GET, &format!("/records/{country}"))
        .send()
        .await
        .unwrap();
    assert!(page.status().is_client_error(), "{}", page.status());
    // A preview does not contain another one.
    let nested = format!("query($id: ID!) {{ contribution(id: $id) {{ preview {{ node(id: \"{record}\") {{ id }}
        contribution: node(id: $id) {{ ... on Contribution {{ state preview {{ asOf }} }} }} }} }} }}");
    let refused = carla.ask(&nested, json!({ "id": id })).await;
    assert_eq!(refused.code(), "BAD_USER_INPUT");
    assert!(
        refused.message().contains("cannot contain another preview"),
        "{}",
        refused.message()
    );
    let within = &refused.body["data"]["contribution"]["preview"]["contribution"];
    assert_eq!(*within, json!({ "state": "SUBMITTED", "preview": null }));
    // After another commit, the ids of the same preview differ: a client's cache does not mix the two.
    eva.publish(retitle(1, "Newer")).await;
    assert_ne!(
        preview(&carla, &id, "country(code: \"IE\") { id }").await["country"]["id"],
        country
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_a_preview_is_written_or_reaches_another_answer() {
    let api = unlimited().await;
    let carla = api.contributor().await;
    let changes = json!([ireland_ratifies(), retitle(1, "Xyzzypreview")[0]]);
    let id = carla.proposed(changes).await;
    let reads = format!("{{ {STATUS} treatyEvents(filter: {{ countries: [\"IE\"] }}) {{ totalCount nodes {{ recordId }} }}
        countries(filter: {{ codes: [\"IE\"] }}) {{ nodes {{ recordCounts {{ kind count }} }} }}
        search(query: \"Xyzzypreview\") {{ totalCount }} head {{ sequence stateDigest }}
        records(first: 1) {{ totalCount }} }}");
    let get = async |tag: Option<String>| {
        let mut request = api
            .request(Method::GET, "/graphql")
            .query(&[("query", &reads)])
            .header("accept", "application/graphql-response+json");
        if let Some(tag) = tag {
            request = request.header("if-none-match", tag);
        }
        request.send().await.unwrap()
    };
    // Cold caches first: the preview must not fill them.
    let selected = reads.trim_matches(['{', '}', ' ']).to_owned();
    let selected = selected.replace(
        "search(query: \"Xyzzypreview\") { totalCount } head { sequence stateDigest }",
        "",
    );
    let shown = preview(&carla, &id, &format!("{selected} }}")).await;
    assert_eq!(
        shown["treaty"],
        json!({ "shortTitle": "Xyzzypreview", "version": 2 })
    );
    // The search index is complete then.
    api.query_once(&reads).await;
    let first = get(None).await;
    let tag = first.headers()["etag"].to_str().unwrap().to_owned();
    let before: Value = first.json().await.unwrap();
    assert_eq!(
        before["data"]["treaty"],
        json!({ "shortTitle": "Budapest Convention", "version": 1 })
    );
    assert_eq!(before["data"]["head"]["sequence"], bundled());
    assert_eq!(before["data"]["search"]["totalCount"], 0);
    // Warm caches, and both at once.
    let written = api.store.statements().writer;
    let within = format!("{selected} }}");
    for _ in 0..4 {
        let (shown, read, known) = tokio::join!(
            preview(&carla, &id, &within),
            get(None),
            get(Some(tag.clone()))
        );
        assert_eq!(shown["country"]["treatyStatus"]["status"], "PARTY");
        assert_eq!(read.json::<Value>().await.unwrap(), before);
        assert_eq!(known.status(), 304);
    }
    assert_eq!(api.store.statements().writer, written);
    let all = api.statements();
    let reads_only = |sql: &String| {
        ["SELECT ", "WITH ", "BEGIN", "COMMIT", "SET TRANSACTION"]
            .iter()
            .any(|begin| sql.starts_with(begin))
    };
    let asked = all.iter().skip_while(|sql| !sql.starts_with("WITH "));
    assert!(asked.clone().count() > 20);
    assert!(
        asked.clone().all(|sql| reads_only(sql)
            || sql.contains("\"contribution\"")
            || sql.contains("token")),
        "{:#?}",
        asked.filter(|sql| !reads_only(sql)).collect::<Vec<_>>()
    );
    // An answer with a preview is never cached.
    let query = format!("{{ contribution(id: \"{id}\") {{ preview {{ {STATUS} }} }} }}");
    let answer = api
        .request(Method::GET, "/graphql")
        .query(&[("query", &query)])
        .send()
        .await
        .unwrap();
    assert_eq!(answer.headers()["cache-control"], "no-store");
    assert_eq!(answer.headers().get("etag"), None);
    assert_eq!(get(None).await.json::<Value>().await.unwrap(), before);
}

#[tokio::test]
async fn a_follower_receives_previews_and_their_number_is_bounded_by_the_cost() {
    let api = Api::seeded().await;
    let carla = api.contributor().await;
    let mut follower = api.socket(json!({})).await;
    let query = format!("subscription {{ contributions {{ state preview {{ {STATUS} }} }} }}");
    follower.subscribe("1", &query, json!({})).await;
    api.contributions_followed_by(1).await;
    let id = carla.proposed(json!([ireland_ratifies()])).await;
    let event = follower.event().await["contributions"].clone();
    assert_eq!(event["state"], "SUBMITTED");
    assert_eq!(
        event["preview"]["country"]["treatyStatus"]["status"],
        "PARTY"
    );
    api.editor("eva").await.accept(&id).await;
    let event = follower.event().await["contributions"].clone();
    assert_eq!(event, json!({ "state": "ACCEPTED", "preview": null }));
    let many = "{ contributions(first: 250) { nodes { preview { asOf } } } }";
    let refused = api.fails(many).await;
    assert_eq!(refused.code(), "TOO_COMPLEX");
}
