//! The limits on the cost of reads: CPU time of the server and its database per request, compared with a bare handler
//! that returns the same bytes, and with hand-written SQL that answers the same question.

use std::collections::HashMap;
use std::net::SocketAddr;

use serde_json::{Value, json};

use crate::bare::{self, DAY, NUMBER, ask, count_database, serve_bare};
use crate::by_hand::{self, Pool};
use crate::medians;

/// A question that is answered by hand-written SQL, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    OneCountry,
    FiftyNested,
    DeepProfile,
    FilteredPage,
}

/// A document that is new in each request, what it asks, and how much it may cost.
struct NewRead {
    name: &'static str,
    question: Question,
    query: &'static str,
    /// The most that it may cost, in costs of the hand-written SQL.
    limit: f64,
}

/// Queries with an alias that is different in each request: neither the answer nor the document was seen before.
const NEW_READS: [NewRead; 5] = [
    NewRead {
        name: "one country",
        question: Question::OneCountry,
        query: "{ r%N: country(code: \"AZ\") { name code region treatyStatus { status since { edtf } } } }",
        limit: 3.0,
    },
    NewRead {
        name: "fifty nested",
        question: Question::FiftyNested,
        query: "{ r%N: countries(first: 50) { nodes { name treatyStatus { status }
            treatyEvents(first: 10) { nodes { kind date { edtf } treaty { shortTitle } } } } } }",
        limit: 2.0,
    },
    NewRead {
        name: "deep profile",
        question: Question::DeepProfile,
        query: "{ r%N: country(code: \"AZ\") { name treatyStatus { status }
            treatyEvents(first: 10) { nodes { kind date { edtf } treaty { shortTitle } } }
            policyDocuments(first: 5) { nodes { title status adoptedOn { edtf } } }
            cybersecurityBodies(first: 5) { nodes { name status parent { name } } }
            coverage { topic value } } }",
        limit: 2.0,
    },
    NewRead {
        name: "filtered page",
        question: Question::FilteredPage,
        query: "{ r%N: treatyEvents(first: 25, filter: { countries: [\"AZ\", \"FR\", \"DE\", \"JP\", \"BR\"], from: \"1995-01-01\" }) {
            totalCount pageInfo { endCursor } nodes { kind date { edtf } country { name } treaty { shortTitle } } } }",
        limit: 1.3,
    },
    // The filter is different in each request, too. No act is that old, so that the rows are the same.
    NewRead {
        name: "any filter",
        question: Question::FilteredPage,
        query: "{ r%N: treatyEvents(first: 25, filter: { countries: [\"AZ\", \"FR\", \"DE\", \"JP\", \"BR\"], from: \"%D\" }) {
            totalCount pageInfo { endCursor } nodes { kind date { edtf } country { name } treaty { shortTitle } } } }",
        limit: 1.3,
    },
];

/// The most that a repeated read may cost over one connection, in costs of the bare handler, on `SQLite`.
const REPEATED_LIMIT: f64 = 1.6;
/// The most that a repeated read may cost over many connections at once, in costs of the bare handler, on `PostgreSQL`.
const SHARED_LIMIT: f64 = 3.0;
/// The most that a returned row may cost with a hundred times as much data, in costs with the bundled data.
const GROWTH_LIMIT: f64 = 1.3;
/// Number of connections that ask at once.
const CONNECTIONS: usize = 32;
/// Number of requests over these.
const REQUESTS: usize = 20_000;
/// Number of times that these are sent, to the bare handler and to the program in turns; the median counts.
const LOADS: usize = 9;

/// Measures claims, and compares them with the smaller data set.
#[derive(Default)]
pub struct Claims {
    /// Costs of a returned row by database and query, with the bundled data.
    row_costs: HashMap<(String, &'static str), f64>,
}

impl Claims {
    /// Measures all claims on one database.
    pub async fn measure(&mut self, database: &str, url: &str, size: usize, ours: SocketAddr) {
        let pool = Pool::open(url).await;
        count_database(pool.server().await);
        repeated(database, ours).await;
        println!(
            "{:14} {:>7} {:>8} {:>8} {:>8} {:>7} {:>6} {:>9} {:>7}",
            "never repeated",
            "rows",
            "bare µs",
            "SQL µs",
            "ours µs",
            "ratio",
            "limit",
            "µs a row",
            "growth"
        );
        for read in &NEW_READS {
            self.never_repeated(database, size, ours, &pool, read).await;
        }
        count_database(0);
    }

    async fn never_repeated(
        &mut self,
        database: &str,
        size: usize,
        ours: SocketAddr,
        pool: &Pool,
        read: &NewRead,
    ) {
        let body = json!({ "query": read.query }).to_string();
        let once = body.replace(NUMBER, "0").replace(DAY, "1900-01-01");
        let answer = ask(ours, &once).await;
        let rows = check(read, &answer, &pool.answer(read.question).await, size);
        let bare = serve_bare(answer).await;
        let hand = by_hand::serve(pool.clone(), read.question).await;
        let [bare, hand, cost] = medians([(bare, &once), (hand, &once), (ours, &body)]).await;
        let (ratio, row_cost) = (cost / hand, cost / rows);
        let before = self.row_costs.entry((database.to_owned(), read.name));
        let growth = row_cost / *before.or_insert(row_cost);
        println!(
            "{:14} {rows:>7.0} {bare:>8.1} {hand:>8.1} {cost:>8.1} {ratio:>7.2} {:>6.1} {row_cost:>9.2} {growth:>7.2}{}{}",
            read.name,
            read.limit,
            missed(ratio, read.limit),
            missed(growth, GROWTH_LIMIT),
        );
    }
}

/// Measures reads whose answers are in the cache, over one connection and over many at once.
async fn repeated(database: &str, ours: SocketAddr) {
    println!(
        "{:14} {:>7} {:>8} {:>8} {:>8} {:>7} {:>6}",
        "repeated", "", "bytes", "bare µs", "ours µs", "ratio", "limit"
    );
    for read in &NEW_READS[..4] {
        let body = json!({ "query": read.query }).to_string();
        let body = body.replace(NUMBER, "0");
        let answer = ask(ours, &body).await;
        let bytes = answer.len();
        let bare = serve_bare(answer).await;
        let [limit, cost] = medians([(bare, &body), (ours, &body)]).await;
        told(database, read.name, 1, bytes, limit, cost);
        if read.question == Question::OneCountry {
            let bodies = vec![body; REQUESTS];
            let mut found = [Vec::new(), Vec::new()];
            for _ in 0..LOADS {
                for (found, address) in found.iter_mut().zip([bare, ours]) {
                    found.push(bare::load(address, CONNECTIONS, &bodies).await.micros);
                }
            }
            let [limit, cost] = found.map(|mut costs| {
                costs.sort_by(f64::total_cmp);
                costs[LOADS / 2]
            });
            told(database, read.name, CONNECTIONS, bytes, limit, cost);
        }
    }
}

fn told(database: &str, name: &str, connections: usize, bytes: usize, limit: f64, cost: f64) {
    let ratio = cost / limit;
    let most = match (database, connections) {
        ("SQLite", _) => Some(REPEATED_LIMIT),
        (_, CONNECTIONS) => Some(SHARED_LIMIT),
        _ => None,
    };
    println!(
        "{name:14} {connections:>5} c {bytes:>8} {limit:>8.1} {cost:>8.1} {ratio:>7.2} {:>6}{}",
        most.map_or_else(|| "-".to_owned(), |most| format!("{most:.1}")),
        most.map_or("", |most| missed(ratio, most))
    );
}

fn missed(found: f64, limit: f64) -> &'static str {
    if found > limit { " MISSED" } else { "" }
}

/// Checks that the program and the hand-written SQL give the same answer, statuses and cursors aside, and returns the
/// number of objects in it. With more data than the bundle, the lists of both may differ in ties.
fn check(read: &NewRead, ours: &str, by_hand: &[u8], size: usize) -> f64 {
    let parsed = |text: &[u8]| -> Value {
        let mut answer: Value = serde_json::from_slice(text).unwrap();
        let data = answer["data"].as_object_mut().unwrap();
        let mut value = std::mem::take(data.values_mut().next().unwrap());
        blank(&mut value);
        value
    };
    let (ours, by_hand) = (parsed(ours.as_bytes()), parsed(by_hand));
    if size == 1 {
        assert_eq!(ours, by_hand, "{}", read.name);
    }
    let [ours, by_hand] = [ours, by_hand].map(|answer| objects(&answer));
    assert!(
        (0.9..1.1).contains(&(ours / by_hand)),
        "{} {ours} {by_hand}",
        read.name
    );
    ours
}

/// Empties what the hand-written SQL simplifies.
fn blank(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                if name == "treatyStatus" || name == "pageInfo" {
                    *member = json!({});
                } else if name == "coverage" {
                    let all = member.as_array_mut().unwrap();
                    all.sort_by_key(|one| one["topic"].to_string());
                }
                blank(member);
            }
        }
        Value::Array(elements) => elements.iter_mut().for_each(blank),
        _ => {}
    }
}

/// Number of objects in an answer.
fn objects(value: &Value) -> f64 {
    match value {
        Value::Object(members) => 1.0 + members.values().map(objects).sum::<f64>(),
        Value::Array(elements) => elements.iter().map(objects).sum(),
        _ => 0.0,
    }
}
