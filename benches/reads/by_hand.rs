//! A server without the program around it: each request is answered by hand-written SQL on the same database, and its
//! rows are written as the JSON that the program answers. The statuses of countries, which the program computes by the
//! rules of each treaty, are read from the kinds of acts alone.

use std::collections::HashMap;
use std::net::SocketAddr;

use axum::Router;
use axum::body::Bytes;
use axum::http::header::CONTENT_TYPE;
use axum::routing::post;
use sea_orm::sqlx::postgres::{PgPool, PgPoolOptions};
use sea_orm::sqlx::sqlite::{SqlitePool, SqlitePoolOptions};
use sea_orm::sqlx::{self, Row};
use serde::Serialize;
use serde_json::json;
use tokio::net::TcpListener;

use crate::claims::Question;

/// Number of connections to the database.
const CONNECTIONS: u32 = 4;

/// A database, opened for reading.
#[derive(Clone)]
pub enum Pool {
    Sqlite(SqlitePool),
    Postgresql(PgPool),
}

impl Pool {
    /// Opens a database.
    pub async fn open(url: &str) -> Self {
        if url.starts_with("sqlite:") {
            let options = SqlitePoolOptions::new().max_connections(CONNECTIONS);
            Self::Sqlite(options.connect(url).await.unwrap())
        } else {
            let options = PgPoolOptions::new().max_connections(CONNECTIONS);
            Self::Postgresql(options.connect(url).await.unwrap())
        }
    }

    /// The process of the database server; 0 if there is none.
    pub async fn server(&self) -> u32 {
        match self {
            Self::Sqlite(_) => 0,
            Self::Postgresql(pool) => {
                let own = sqlx::query("SELECT pg_backend_pid()").fetch_one(pool).await;
                let own: i32 = own.unwrap().get(0);
                crate::bare::parent(own.try_into().unwrap()).unwrap()
            }
        }
    }

    /// Answers a question.
    pub async fn answer(&self, question: Question) -> Vec<u8> {
        match self {
            Self::Sqlite(pool) => sqlite::answer(pool, question).await,
            Self::Postgresql(pool) => postgresql::answer(pool, question).await,
        }
    }
}

/// Starts a server on a free port that answers one question.
pub async fn serve(pool: Pool, question: Question) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let handler = async move |_: Bytes| {
        let answer = pool.answer(question).await;
        ([(CONTENT_TYPE, "application/json")], answer)
    };
    let router = Router::new().route("/graphql", post(handler));
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

/// The status of a country by the kind of an act, and how much that counts: the lowest number decides.
fn status(kind: Option<&str>) -> (u8, &'static str) {
    match kind {
        Some("ENTRY_INTO_FORCE") => (0, "PARTY"),
        Some("RATIFICATION" | "ACCESSION" | "ACCEPTANCE" | "APPROVAL") => (1, "CONTRACTING_STATE"),
        Some("SIGNATURE") => (2, "SIGNATORY"),
        Some("INVITATION_TO_ACCEDE") => (3, "INVITED_TO_ACCEDE"),
        _ => (4, "NO_ACTION"),
    }
}

const COUNTRY: &str = "SELECT c.names -> 0 ->> 'text', c.code, c.region, e.kind, e.date FROM country c
    LEFT JOIN treaty_event e ON e.country = c.code AND e.treaty = 'ETS 185' AND e.until IS NULL
    WHERE c.code = $1 AND c.until IS NULL
    ORDER BY CASE e.kind WHEN 'ENTRY_INTO_FORCE' THEN 0 WHEN 'RATIFICATION' THEN 1 WHEN 'ACCESSION' THEN 1 WHEN 'ACCEPTANCE' THEN 1
        WHEN 'APPROVAL' THEN 1 WHEN 'SIGNATURE' THEN 2 WHEN 'INVITATION_TO_ACCEDE' THEN 3 ELSE 4 END LIMIT 1";

const COUNTRIES: &str = "SELECT code, names -> 0 ->> 'text' FROM country WHERE until IS NULL ORDER BY sort_name, id LIMIT 50";

const EVENTS_OF_COUNTRIES: &str = "SELECT country, kind, date, treaty FROM treaty_event WHERE until IS NULL AND country IN
    (SELECT code FROM country WHERE until IS NULL ORDER BY sort_name, id LIMIT 50) ORDER BY earliest, id";

const TREATIES: &str = "SELECT reference, short_title FROM treaty WHERE until IS NULL";

const EVENTS: &str = "SELECT e.kind, e.date, t.short_title FROM treaty_event e
    JOIN treaty t ON t.reference = e.treaty AND t.until IS NULL
    WHERE e.country = $1 AND e.until IS NULL ORDER BY e.earliest, e.id LIMIT 10";

const DOCUMENTS: &str = "SELECT titles -> 0 ->> 'text', status, adopted_on FROM policy_document
    WHERE country = $1 AND until IS NULL AND begins <= '2026-11-30' ORDER BY adopted_latest DESC, id LIMIT 5";

const BODIES: &str = "SELECT b.names -> 0 ->> 'text', b.status,
        (SELECT p.names -> 0 ->> 'text' FROM cybersecurity_body p WHERE p.id = b.parent AND p.until IS NULL)
    FROM cybersecurity_body b
    WHERE b.country = $1 AND b.until IS NULL AND b.begins <= '2026-11-30' ORDER BY b.sort_name, b.id LIMIT 5";

const COVERAGE: &str = "SELECT a.topic, a.value FROM coverage_assertion a
    WHERE a.country = $1 AND a.until IS NULL AND NOT EXISTS (SELECT 1 FROM coverage_assertion b
        WHERE b.country = a.country AND b.topic = a.topic AND b.until IS NULL AND b.latest > a.latest) ORDER BY a.topic";

const PAGE: &str = "SELECT e.kind, e.date,
        (SELECT c.names -> 0 ->> 'text' FROM country c WHERE c.code = e.country AND c.until IS NULL),
        (SELECT t.short_title FROM treaty t WHERE t.reference = e.treaty AND t.until IS NULL), e.earliest, e.id
    FROM (SELECT kind, date, country, treaty, earliest, id FROM treaty_event
        WHERE until IS NULL AND country IN ('AZ', 'FR', 'DE', 'JP', 'BR') AND latest >= $1
        ORDER BY earliest, id LIMIT 26) e
    ORDER BY e.earliest, e.id";

const TOTAL: &str = "SELECT COUNT(*) FROM treaty_event
    WHERE until IS NULL AND country IN ('AZ', 'FR', 'DE', 'JP', 'BR') AND latest >= $1";

#[derive(Serialize)]
struct Date {
    edtf: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Titled {
    short_title: String,
}

#[derive(Serialize)]
struct Named {
    name: String,
}

#[derive(Serialize)]
struct Status {
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<Date>,
}

#[derive(Serialize)]
struct Nodes<T> {
    nodes: Vec<T>,
}

#[derive(Serialize)]
struct Event {
    kind: String,
    date: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    country: Option<Named>,
    treaty: Titled,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    title: String,
    status: String,
    adopted_on: Option<Date>,
}

#[derive(Serialize)]
struct Body {
    name: String,
    status: String,
    parent: Option<Named>,
}

#[derive(Serialize)]
struct Finding {
    topic: String,
    value: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OneCountry {
    name: String,
    code: String,
    region: Option<String>,
    treaty_status: Status,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NestedCountry {
    name: String,
    treaty_status: Status,
    treaty_events: Nodes<Event>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DeepCountry {
    name: String,
    treaty_status: Status,
    treaty_events: Nodes<Event>,
    policy_documents: Nodes<Document>,
    cybersecurity_bodies: Nodes<Body>,
    coverage: Vec<Finding>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EventPage {
    total_count: i64,
    page_info: serde_json::Value,
    nodes: Vec<Event>,
}

#[derive(Serialize)]
struct Data<T> {
    data: HashMap<&'static str, T>,
}

fn written<T: Serialize>(key: &'static str, value: T) -> Vec<u8> {
    let data = HashMap::from([(key, value)]);
    serde_json::to_vec(&Data { data }).unwrap()
}

fn date(edtf: Option<String>) -> Option<Date> {
    edtf.map(|edtf| Date { edtf })
}

/// The answers, written once for both databases.
macro_rules! answers {
    ($name:ident, $pool:ty) => {
        mod $name {
            use super::*;

            pub async fn answer(pool: &$pool, question: Question) -> Vec<u8> {
                match question {
                    Question::OneCountry => one_country(pool).await,
                    Question::FiftyNested => fifty_nested(pool).await,
                    Question::DeepProfile => deep_profile(pool).await,
                    Question::FilteredPage => filtered_page(pool).await,
                }
            }

            async fn one_country(pool: &$pool) -> Vec<u8> {
                let row = sqlx::query(COUNTRY).bind("AZ").fetch_one(pool).await.unwrap();
                written("country", OneCountry {
                    name: row.get(0),
                    code: row.get(1),
                    region: row.get(2),
                    treaty_status: Status { status: status(row.get(3)).1, since: date(row.get(4)) },
                })
            }

            async fn fifty_nested(pool: &$pool) -> Vec<u8> {
                let treaties = sqlx::query(TREATIES).fetch_all(pool).await.unwrap();
                let treaties: HashMap<String, String> =
                    treaties.iter().map(|row| (row.get(0), row.get(1))).collect();
                let mut found: HashMap<String, (u8, &'static str, Vec<Event>)> = HashMap::new();
                for row in sqlx::query(EVENTS_OF_COUNTRIES).fetch_all(pool).await.unwrap() {
                    let (kind, treaty): (&str, &str) = (row.get(1), row.get(3));
                    let of = found.entry(row.get(0)).or_insert((4, "NO_ACTION", Vec::new()));
                    if treaty == "ETS 185" {
                        let (rank, status) = status(Some(kind));
                        if rank < of.0 {
                            (of.0, of.1) = (rank, status);
                        }
                    }
                    if of.2.len() < 10 {
                        of.2.push(Event {
                            kind: kind.to_owned(),
                            date: date(row.get(2)),
                            country: None,
                            treaty: Titled { short_title: treaties[treaty].clone() },
                        });
                    }
                }
                let countries = sqlx::query(COUNTRIES).fetch_all(pool).await.unwrap();
                let nodes = countries.iter().map(|row| {
                    let none = (4, "NO_ACTION", Vec::new());
                    let (_, status, events) = found.remove(row.get::<&str, _>(0)).unwrap_or(none);
                    NestedCountry {
                        name: row.get(1),
                        treaty_status: Status { status, since: None },
                        treaty_events: Nodes { nodes: events },
                    }
                });
                written("countries", Nodes { nodes: nodes.collect() })
            }

            async fn deep_profile(pool: &$pool) -> Vec<u8> {
                let country = sqlx::query(COUNTRY).bind("AZ").fetch_one(pool).await.unwrap();
                let events = sqlx::query(EVENTS).bind("AZ").fetch_all(pool).await.unwrap();
                let events = events.iter().map(|row| Event {
                    kind: row.get(0),
                    date: date(row.get(1)),
                    country: None,
                    treaty: Titled { short_title: row.get(2) },
                });
                let documents = sqlx::query(DOCUMENTS).bind("AZ").fetch_all(pool).await.unwrap();
                let documents = documents.iter().map(|row| Document {
                    title: row.get(0),
                    status: row.get(1),
                    adopted_on: date(row.get(2)),
                });
                let bodies = sqlx::query(BODIES).bind("AZ").fetch_all(pool).await.unwrap();
                let bodies = bodies.iter().map(|row| Body {
                    name: row.get(0),
                    status: row.get(1),
                    parent: row.get::<Option<String>, _>(2).map(|name| Named { name }),
                });
                let findings = sqlx::query(COVERAGE).bind("AZ").fetch_all(pool).await.unwrap();
                let findings = findings.iter().map(|row| Finding {
                    topic: row.get(0),
                    value: row.get(1),
                });
                written("country", DeepCountry {
                    name: country.get(0),
                    treaty_status: Status { status: status(country.get(3)).1, since: None },
                    treaty_events: Nodes { nodes: events.collect() },
                    policy_documents: Nodes { nodes: documents.collect() },
                    cybersecurity_bodies: Nodes { nodes: bodies.collect() },
                    coverage: findings.collect(),
                })
            }

            async fn filtered_page(pool: &$pool) -> Vec<u8> {
                let from = "1995-01-01";
                let total = sqlx::query(TOTAL).bind(from).fetch_one(pool).await.unwrap();
                let rows = sqlx::query(PAGE).bind(from).fetch_all(pool).await.unwrap();
                let last = rows.iter().take(25).last();
                let end = last.map(|row| {
                    let key: (&str, &str) = (row.get(4), row.get(5));
                    serde_json::to_string(&key).unwrap()
                });
                let nodes = rows.iter().take(25).map(|row| Event {
                    kind: row.get(0),
                    date: date(row.get(1)),
                    country: Some(Named { name: row.get(2) }),
                    treaty: Titled { short_title: row.get(3) },
                });
                written("treatyEvents", EventPage {
                    total_count: total.get(0),
                    page_info: json!({ "endCursor": end }),
                    nodes: nodes.collect(),
                })
            }
        }
    };
}

answers!(sqlite, SqlitePool);
answers!(postgresql, PgPool);
