//! Rows that outlive changes: after each of many random changes, a service that has kept rows since the beginning gives
//! the same answers as one that has just begun.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use async_graphql::Request;
use cyberprofiles::domain::record::RecordId;
use cyberprofiles::domain::viewer::Viewer;
use cyberprofiles::graphql::{Caller, Service};
use cyberprofiles::store::load::{By, ById, Of};
use cyberprofiles::store::moment::Moment;
use cyberprofiles::store::treaty_event::{
    AccompanyingOfCountry, DecidingOfCountry, DecidingOfTreaty, Entity, Model,
};
use serde_json::{Value, json};

use crate::harness::{Api, cite, roomy};

/// Number of commits.
const COMMITS: usize = 60;
/// The countries of the records. Two of them are territories of others.
const COUNTRIES: [&str; 4] = ["AZ", "NL", "CW", "FO"];

/// Queries that together read rows by every key.
const QUERIES: [&str; 8] = [
    "{ countries(first: 250) { nodes { name recordCounts { kind count } a: treatyStatus { ...of } b: treatyStatus(treaty: \"CETS 224\") { ...of } } } }
     fragment of on TreatyParticipation { status certainty basis { recordId } declarations { recordId }
        reservations { recordId } extendedFrom { code } }",
    "{ a: country(code: \"AZ\") { ...all } b: country(code: \"NL\") { ...all } c: country(code: \"CW\") { ...all }
       d: country(code: \"FO\") { ...all } }
     fragment all on Country {
        treatyEvents(first: 5) { totalCount nodes { recordId version text } pageInfo { hasNextPage } }
        last: treatyEvents(last: 3) { nodes { recordId version } pageInfo { hasPreviousPage } }
        policyDocuments(first: 4) { totalCount nodes { recordId title version citations { source { recordId } locator } } }
        oldest: policyDocuments(first: 4, filter: { subjects: [CYBERCRIME] }) { nodes { recordId title } }
        cybersecurityBodies(first: 5) { totalCount nodes { recordId name parent { name } successors { recordId }
            predecessors { recordId } units(first: 2) { nodes { recordId name } } } }
        operationalUnits(last: 3) { nodes { recordId name ancestors { recordId } } }
        coverage { topic value statement asOf { edtf } }
        sections { recordId body }
        sources(first: 100) { totalCount nodes { recordId title } }
        courtDecisions(first: 5) { nodes { recordId } } }",
    "{ policyDocuments(first: 20) { totalCount nodes { recordId version freshness { verifiedOn editedAt sourceChangedOn { edtf } } country { name } } } }",
    "{ treatyEvents(first: 20, filter: { countries: [\"AZ\", \"NL\"] }) { totalCount nodes { recordId version } } }",
    "{ treaties(first: 50) { nodes { shortTitle version statusCounts { status count } participations(first: 60) { nodes { country { code } status } } events(last: 3) { nodes { recordId } } } } }",
    "{ records(first: 40, kinds: [POLICY_DOCUMENT, SOURCE], countries: [\"AZ\"]) { totalCount nodes { recordId version label updatedAt } } }",
    "{ withProfile: countries(first: 250, filter: { hasProfile: true }) { totalCount } sources(first: 30) { totalCount nodes { recordId title } } }",
    "{ coverageAssertions: countries(first: 250, filter: { coverage: { topic: CASE_LAW, values: [PRESENT] } }) { totalCount nodes { code } }
       changes(last: 3) { nodes { sequence operation record { recordId version } } } }",
];

/// Pseudo-random numbers, the same in each run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        usize::try_from(self.0 >> 33).unwrap() % most
    }
}

/// A record that the test made.
#[derive(Clone)]
struct Made {
    noun: &'static str,
    key: String,
    version: i32,
    is_retired: bool,
}

impl Made {
    fn id(&self) -> String {
        format!("{}:{}", self.noun, self.key)
    }
}

fn one_of<'a>(words: &[&'a str], number: usize) -> &'a str {
    words[number % words.len()]
}

/// The fields of a new record, or those that an update sets.
fn fields(noun: &str, dice: &mut Dice, made: &[Made]) -> Value {
    let number = dice.below(1_000);
    let country = COUNTRIES[dice.below(COUNTRIES.len())];
    let names = json!([{ "text": format!("Name {number}"), "language": "en" }]);
    let mut fields = match noun {
        "PolicyDocument" => {
            json!({ "kind": "LAW", "titles": names, "status": "IN_FORCE", "country": country,
            "adoptedOn": format!("{}", 1990 + number % 30), "subjects": [one_of(&["CYBERCRIME", "DATA_PROTECTION"], number)] })
        }
        "TreatyEvent" => {
            json!({ "kind": one_of(&["SIGNATURE", "RATIFICATION", "DECLARATION", "COMMUNICATION"], number),
            "date": format!("{}-05", 2002 + number % 20), "country": country, "treaty": one_of(&["ETS 185", "CETS 224"], number),
            "articles": [one_of(&["9", "35"], number)], "text": format!("Text {number}") })
        }
        "CybersecurityBody" => json!({ "kind": "AGENCY", "names": names, "status": "OPERATIONAL",
            "country": country, "functions": ["TRAINING"] }),
        "OperationalUnit" => json!({ "kind": "CSIRT", "names": names, "status": "OPERATIONAL",
            "country": country, "functions": ["TRAINING"] }),
        "CoverageAssertion" => {
            json!({ "topic": one_of(&["CASE_LAW", "STATISTICS"], number), "value": "PRESENT",
            "asOf": format!("{}", 1990 + number % 30), "country": country })
        }
        _ => json!({ "kind": "NEWS", "title": format!("News {number}") }),
    };
    let parents = made
        .iter()
        .filter(|one| one.noun == "CybersecurityBody" && !one.is_retired);
    let parents: Vec<&Made> = parents.collect();
    if noun == "OperationalUnit" && !parents.is_empty() {
        fields["parent"] = parents[dice.below(parents.len())].id().into();
    }
    if noun == "TreatyEvent" && country == "NL" && number.is_multiple_of(3) {
        fields["territories"] = json!(["CW"]);
    }
    fields
}

/// A random change, and the state of the records after it.
fn change(dice: &mut Dice, made: &mut Vec<Made>) -> Value {
    let nouns = [
        "PolicyDocument",
        "TreatyEvent",
        "CybersecurityBody",
        "OperationalUnit",
        "CoverageAssertion",
        "Source",
    ];
    let is_new = made.len() < 6 || dice.below(3) == 0;
    if is_new {
        let noun = nouns[dice.below(nouns.len())];
        let key = format!("kept-{}", made.len());
        let fields = fields(noun, dice, made);
        made.push(Made {
            noun,
            key: key.clone(),
            version: 1,
            is_retired: false,
        });
        let mut create = json!({ "key": key, "fields": fields });
        if noun != "Source" {
            create["cite"] = sources(dice, made);
        }
        return json!({ format!("create{noun}"): create });
    }
    let at = dice.below(made.len());
    let cite = sources(dice, made);
    let set = fields(made[at].noun, dice, made);
    let one = &mut made[at];
    let base = one.version;
    one.version += 1;
    let with_reason = json!({ "id": one.id(), "baseVersion": base, "reason": "It is so." });
    if one.is_retired {
        one.is_retired = false;
        return json!({ "restore": with_reason });
    }
    let is_referred_to = ["CybersecurityBody", "Source"].contains(&one.noun);
    if dice.below(4) == 0 && !is_referred_to {
        one.is_retired = true;
        return json!({ "retire": with_reason });
    }
    let mut update = json!({ "id": one.id(), "baseVersion": base, "set": set });
    if one.noun != "Source" {
        update["cite"] = cite;
    }
    json!({ format!("update{}", one.noun): update })
}

/// Citations of a source that the test made, or of the usual one.
fn sources(dice: &mut Dice, made: &[Made]) -> Value {
    let made: Vec<&Made> = made.iter().filter(|one| one.noun == "Source").collect();
    let mut cites = cite();
    if !made.is_empty() && dice.below(2) == 0 {
        cites[0]["source"] = made[dice.below(made.len())].id().into();
    }
    cites
}

async fn answer(service: &Service, query: &str) -> Value {
    let caller = Caller {
        viewer: Viewer::Anonymous,
        address: None,
    };
    let reply = service.answer(Request::new(query), caller, false).await;
    let answer: Value = serde_json::from_slice(&reply.body).unwrap();
    assert!(answer.get("errors").is_none(), "{answer:#}");
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn kept_rows_give_the_same_answers_as_rows_that_are_read_again() {
    let api = Api::seeded().await;
    let eva = api.editor("eva").await;
    let mut dice = Dice(7);
    let author = api.contributor().await;
    let mut accepted = 0;
    let mut made = Vec::new();
    let before = api.service.stats().rows;
    for commit in 0..COMMITS {
        if commit % 7 == 6
            && let Some(one) = made.iter().rev().find(|one: &&Made| !one.is_retired)
        {
            let input = json!({ "id": one.id(), "verifiedOn": "2026-01-01" });
            let mutation = "mutation($input: VerifyRecordInput!) { verifyRecord(input: $input) { userErrors { code } } }";
            let verified = eva.ask(mutation, json!({ "input": input })).await.data();
            assert_eq!(verified["verifyRecord"]["userErrors"], json!([]));
        } else {
            let mut then = made.clone();
            let change = change(&mut dice, &mut then);
            let proposed = author.propose(json!([change])).await;
            // Some changes do not fit the records: a parent of another country, for example.
            let Some(id) = proposed["contribution"]["id"].as_str() else {
                continue;
            };
            if eva.accept(id).await["contribution"]["state"] == "ACCEPTED" {
                made = then;
                accepted += 1;
            }
        }
        // Some commits pass before the next reads.
        if dice.below(3) == 0 {
            continue;
        }
        let fresh = Service::new(api.store.clone(), roomy());
        for query in QUERIES {
            let (kept, read) = (
                answer(&api.service, query).await,
                answer(&fresh, query).await,
            );
            assert_eq!(kept, read, "after commit {commit}: {query}");
        }
    }
    assert!(accepted > COMMITS / 2, "{accepted} changes");
    let after = api.service.stats().rows;
    let (hits, misses) = (after.hits - before.hits, after.misses - before.misses);
    assert!(hits > misses * 3, "{hits} hits, {misses} misses");
}

/// Compares the rows that a key reads from the database with those that it accepts in memory.
async fn compare<O: Of<Noun = Entity>>(api: &Api, of: O, rows: &[Arc<Model>], at: Moment) {
    let keys: HashSet<O::Key> = rows.iter().filter_map(|row| O::key(row)).collect();
    let mut accepted = 0;
    for key in keys {
        let by = By::new(of.clone(), key.clone(), at);
        let read = api.store.load(std::slice::from_ref(&by)).await.unwrap();
        let read: BTreeSet<String> = (read.get(&by).into_iter())
            .flat_map(|rows| rows.iter().map(|row| row.id.to_string()))
            .collect();
        let is_of = |row: &&Arc<Model>| O::key(row).as_ref() == Some(&key) && O::accepts(row);
        let in_memory: BTreeSet<String> = rows
            .iter()
            .filter(is_of)
            .map(|row| row.id.to_string())
            .collect();
        accepted += in_memory.len();
        assert_eq!(read, in_memory, "{of:?} {key:?}");
    }
    assert!(0 < accepted && accepted < rows.len(), "{of:?}: {accepted}");
}

#[tokio::test]
async fn a_treaty_event_is_accepted_in_memory_exactly_if_the_database_reads_it() {
    let api = Api::seeded().await;
    let at = api.store.head().await.unwrap().moment;
    let mut ids = Vec::new();
    let mut after = Value::Null;
    loop {
        let query = "query($after: String) { treatyEvents(first: 100, after: $after) {
            nodes { recordId } pageInfo { hasNextPage endCursor } } }";
        let answer = api.anyone().ask(query, json!({ "after": after })).await;
        let page = answer.data()["treatyEvents"].clone();
        let nodes = page["nodes"].as_array().unwrap().iter();
        ids.extend(nodes.map(|node| node["recordId"].as_str().unwrap().parse().unwrap()));
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
    let keys = ids
        .into_iter()
        .map(|id: RecordId| ById::<Entity>::new(id, at));
    let keys: Vec<_> = keys.collect();
    let rows = api.store.load(&keys).await.unwrap();
    let rows: Vec<Arc<Model>> = rows.into_values().collect();
    assert_eq!(rows.len(), keys.len());
    compare(&api, DecidingOfCountry, &rows, at).await;
    compare(&api, AccompanyingOfCountry, &rows, at).await;
    compare(&api, DecidingOfTreaty, &rows, at).await;
}
