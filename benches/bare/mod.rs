//! Measures the CPU time of the server's process per request, and that of a bare axum handler which returns the same
//! bytes to the same client in the same run.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::process::parent_id;
use std::process::{Command, Stdio};
use std::sync::Barrier;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime};

use axum::Router;
use axum::body::Bytes;
use axum::http::header::CONTENT_TYPE;
use axum::routing::post;
use cyberprofiles::http::{self, App};
use tokio::net::TcpListener;

#[path = "../small/mod.rs"]
mod small;

#[allow(unused_imports, reason = "other benchmarks use more of it")]
pub use small::{load_bundled, number, prepare};

/// Duration of the measurement of each query.
fn measured_for() -> Duration {
    Duration::from_millis(number(600, 20))
}

/// If the arguments are those of a client process, runs it and returns true.
pub fn is_client(arguments: &[String]) -> bool {
    let [mode, address, query, database] = arguments else {
        return false;
    };
    DATABASE.store(database.parse().unwrap(), Ordering::Relaxed);
    match mode.as_str() {
        "client" => client(address.parse().unwrap(), query),
        "load" => load_client(address.parse().unwrap(), query.parse().unwrap()),
        _ => return false,
    }
    true
}

/// The process of the database server whose CPU time counts, too; 0 if there is none.
static DATABASE: AtomicU32 = AtomicU32::new(0);

/// From now on the CPU time of a database server counts, too: of the processes that this one started. 0: of none.
pub fn count_database(process: u32) {
    DATABASE.store(process, Ordering::Relaxed);
}

/// The database server, as an argument of a client process.
fn database() -> String {
    DATABASE.load(Ordering::Relaxed).to_string()
}

/// Starts the server on a free port.
pub async fn serve(app: App) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { http::serve(listener, app, std::future::pending()).await });
    address
}

/// Starts a handler that returns fixed bytes, on a free port.
pub async fn serve_bare(answer: impl Into<Bytes>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let answer = answer.into();
    let handler = async move || ([(CONTENT_TYPE, "application/json")], answer);
    let router = Router::new()
        .route("/graphql", post(handler.clone()))
        .fallback(handler);
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

/// Sends one request and returns the body of the response.
pub async fn ask(address: SocketAddr, body: &str) -> String {
    let body = body.to_owned();
    let asked = tokio::task::spawn_blocking(move || Connection::open(address).ask(&body));
    String::from_utf8(asked.await.unwrap()).unwrap()
}

/// Asks for a page and returns the compressed body of the response.
pub async fn page(address: SocketAddr, path: &str) -> Vec<u8> {
    let line = format!("GET {path}");
    let asked = tokio::task::spawn_blocking(move || Connection::open(address).ask(&line));
    asked.await.unwrap()
}

/// CPU microseconds of this process per request, and of the database server that [`count_database`] named. Another process sends the requests over one connection.
pub async fn cost(address: SocketAddr, body: &str) -> f64 {
    let mut client = Command::new(std::env::current_exe().unwrap());
    client.args(["client", &address.to_string(), body, &database()]);
    let output = tokio::task::spawn_blocking(move || client.output());
    let output = output.await.unwrap().unwrap();
    String::from_utf8(output.stdout)
        .unwrap()
        .trim()
        .parse()
        .unwrap()
}

/// Durations of some requests over one connection, in microseconds, from the shortest to the longest.
pub async fn latencies(address: SocketAddr, bodies: Vec<String>) -> Vec<f64> {
    let asked = tokio::task::spawn_blocking(move || {
        let mut connection = Connection::open(address);
        let mut took: Vec<f64> = bodies
            .iter()
            .map(|body| {
                let begun = Instant::now();
                connection.ask(body);
                begun.elapsed().as_secs_f64() * 1_000_000.0
            })
            .collect();
        took.sort_by(f64::total_cmp);
        took
    });
    asked.await.unwrap()
}

/// The cost of requests that were sent over several connections.
#[derive(Clone, Copy)]
pub struct Load {
    /// CPU microseconds of this process per request.
    pub micros: f64,
    /// Requests per second.
    pub per_second: f64,
}

/// Sends each body once, over several connections at the same time, from another process.
pub async fn load(address: SocketAddr, connections: usize, bodies: &[String]) -> Load {
    let mut client = Command::new(std::env::current_exe().unwrap());
    client
        .args([
            "load",
            &address.to_string(),
            &connections.to_string(),
            &database(),
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let bodies = bodies.join("\n");
    let output = tokio::task::spawn_blocking(move || {
        let mut client = client.spawn().unwrap();
        client
            .stdin
            .take()
            .unwrap()
            .write_all(bodies.as_bytes())
            .unwrap();
        client.wait_with_output()
    });
    let output = String::from_utf8(output.await.unwrap().unwrap().stdout).unwrap();
    let (micros, per_second) = output.trim().split_once(' ').unwrap();
    Load {
        micros: micros.parse().unwrap(),
        per_second: per_second.parse().unwrap(),
    }
}

fn load_client(address: SocketAddr, connections: usize) {
    let bodies: Vec<String> = std::io::stdin().lines().map(Result::unwrap).collect();
    let next = AtomicUsize::new(0);
    let ready = Barrier::new(connections + 1);
    let (begun, before) = std::thread::scope(|scope| {
        for _ in 0..connections {
            scope.spawn(|| {
                let mut connection = Connection::open(address);
                ready.wait();
                while let Some(body) = bodies.get(next.fetch_add(1, Ordering::Relaxed)) {
                    connection.ask(body);
                }
            });
        }
        let begin = (Instant::now(), cpu_micros());
        ready.wait();
        begin
    });
    let requests = f64::from(u32::try_from(bodies.len()).unwrap());
    let spent = (cpu_micros() - before) / requests;
    println!("{spent} {}", requests / begun.elapsed().as_secs_f64());
}

/// User and system time of the parent process and of the database server, in microseconds.
fn cpu_micros() -> f64 {
    let server = parent_id();
    let mut ticks = stat(server).expect("a Linux machine").ticks;
    let database = DATABASE.load(Ordering::Relaxed);
    if database != 0 {
        let entries = std::fs::read_dir("/proc").unwrap().flatten();
        let processes = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        let started = processes.filter_map(stat);
        ticks += started
            .filter(|process| process.parent == database)
            .map(|process| process.ticks)
            .sum::<f64>();
    }
    // A tick is a hundredth of a second.
    ticks * 10_000.0
}

/// CPU time of the threads of this process, in microseconds. It is exact, unlike [`cpu_micros`], but leaves out threads
/// that have ended.
pub fn cpu_of_threads() -> f64 {
    let threads = std::fs::read_dir("/proc/self/task").expect("a Linux machine");
    let nanos = threads.filter_map(|thread| {
        let stat = std::fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()?;
        stat.split_whitespace().next()?.parse::<f64>().ok()
    });
    nanos.sum::<f64>() / 1_000.0
}

/// A process, as the system describes it.
struct Stat {
    /// The process that started it.
    parent: u32,
    /// Its user and system time, in ticks.
    ticks: f64,
}

fn stat(process: u32) -> Option<Stat> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let fields: Vec<&str> = stat.rsplit(')').next()?.split_whitespace().collect();
    let ticks = |at: usize| fields.get(at)?.parse::<f64>().ok();
    Some(Stat {
        parent: fields.get(1)?.parse().ok()?,
        ticks: ticks(11)? + ticks(12)?,
    })
}

/// The process that started another one.
pub fn parent(process: u32) -> Option<u32> {
    Some(stat(process)?.parent)
}

/// Placeholder in a body: a number that no other request of the client has.
pub const NUMBER: &str = "%N";
/// Placeholder in a body: a country code, in an order without a pattern.
pub const CODE: &str = "%C";
/// Placeholder in a body: a day before 2001, in an order without a pattern; one of about 38,000.
pub const DAY: &str = "%D";
/// The bundled countries.
const COUNTRIES: &str = include_str!("../../data/02-countries.jsonl");

/// Sends requests over one connection for a while, and prints the CPU microseconds that each took in the server.
fn client(address: SocketAddr, body: &str) {
    let codes = COUNTRIES.split("\"code\":\"").skip(1);
    let codes: Vec<&str> = codes.filter_map(|rest| rest.get(..2)).collect();
    let is_fixed = ![NUMBER, CODE, DAY].iter().any(|one| body.contains(one));
    let written = |number: usize| {
        let code = codes[number % codes.len() * 7_919 % codes.len()];
        let day = number * 7_919 % (104 * 365);
        let (year, month, day) = (
            1_897 + day / 365,
            day % 365 / 31 + 1,
            day % 365 % 31 % 28 + 1,
        );
        body.replace(NUMBER, &number.to_string())
            .replace(CODE, code)
            .replace(DAY, &format!("{year}-{month:02}-{day:02}"))
    };
    let mut connection = Connection::open(address);
    // The number differs between clients, so no two of them send the same text.
    #[expect(
        clippy::disallowed_methods,
        reason = "the process has no store and thus no clock of one"
    )]
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let first = usize::try_from(since.unwrap().as_millis()).unwrap() * 1_000;
    // Fills the caches before the measurement.
    let warming = number(codes.len(), 2);
    for number in 0..warming {
        connection.ask(&written(first + number));
    }
    let (begun, before) = (Instant::now(), cpu_micros());
    let mut requests = 0;
    while begun.elapsed() < measured_for() {
        if is_fixed {
            connection.ask(body);
        } else {
            connection.ask(&written(first + codes.len() + requests));
        }
        requests += 1;
    }
    let spent = cpu_micros() - before;
    println!("{}", spent / f64::from(u32::try_from(requests).unwrap()));
}

/// Resident memory of this process, in MiB.
pub fn resident() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("a Linux machine");
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS"))
        .unwrap();
    let kib: f64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kib / 1_024.0
}

/// A persistent connection.
struct Connection(BufReader<TcpStream>);

impl Connection {
    fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        Self(BufReader::new(stream))
    }

    /// Sends a body to the GraphQL endpoint, with a token before it if there is a tab, or a line like `GET /path`, as a
    /// browser would ask for a page.
    fn ask(&mut self, body: &str) -> Vec<u8> {
        let (token, body) = body.split_once('\t').unwrap_or(("", body));
        let bearer = if token.is_empty() {
            String::new()
        } else {
            format!("Authorization: Bearer {token}\r\n")
        };
        let request = if body.starts_with("GET ") {
            format!(
                "{body} HTTP/1.1\r\nHost: bench\r\nAccept: text/html\r\nAccept-Encoding: gzip\r\n\r\n"
            )
        } else {
            format!(
                "POST /graphql HTTP/1.1\r\nHost: bench\r\n{bearer}Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            )
        };
        self.0.get_mut().write_all(request.as_bytes()).unwrap();
        let mut length = 0;
        loop {
            let mut line = String::new();
            self.0.read_line(&mut line).unwrap();
            let line = line.trim().to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
        }
        let mut answer = vec![0; length];
        self.0.read_exact(&mut answer).unwrap();
        answer
    }
}
