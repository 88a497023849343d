//! Reads from a streaming replica that lags, is stopped, cancels statements, and is promoted: no answer is ever stale, and
//! none fails.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use cyberprofiles::bundle;
use cyberprofiles::store::{Options, ReplicaState, Store};
use reqwest::Method;
use sea_orm::{ConnectionTrait, DatabaseConnection};
use serde_json::{Value, json};

use crate::database::{connect, is_postgresql};
use crate::harness::{Api, Person, retitle};
use crate::postgresql::Server;
use crate::program::program;

const TREATY: &str = "{ head { sequence } treaty(reference: \"ETS 185\") { version shortTitle } }";

/// A primary with the bundled data, its replica, and a server that reads from it.
struct Setup {
    primary: Server,
    replica: Server,
    url: String,
    api: Api,
}

impl Setup {
    async fn start() -> Self {
        let primary = Server::start().unwrap();
        let url = primary.create("read", None).await;
        let store = Store::open(&url, &Options::default()).await.unwrap();
        bundle::load(&store).await.unwrap();
        store.close().await;
        let replica = primary.replica();
        let api = Api::builder()
            .database(url.clone())
            .replica(replica.same(&url))
            .start()
            .await;
        let setup = Self {
            primary,
            replica,
            url,
            api,
        };
        setup.until(ReplicaState::Current).await;
        setup
    }

    /// Waits until the replica is in a state.
    async fn until(&self, state: ReplicaState) {
        let begun = Instant::now();
        while self.api.store.replica() != Some(state) {
            let is = self.api.store.replica();
            assert!(begun.elapsed() < Duration::from_mins(1), "{is:?}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// A connection to the replica.
    async fn on_replica(&self) -> DatabaseConnection {
        connect(&self.replica.same(&self.url)).await
    }

    /// The numbers of statements on the replica and on the primary while the log is read by a way that no cache shortens.
    async fn read_all(&self) -> (u64, u64) {
        let before = self.api.store.statements();
        let moment = self.api.store.newest().await.unwrap().moment;
        let mut lines = 0;
        let count = |_: &str| {
            lines += 1;
            Ok::<_, cyberprofiles::store::Error>(())
        };
        self.api.store.export(moment, count).await.unwrap();
        assert!(lines > 1_000, "{lines}");
        let after = self.api.store.statements();
        (after.replica - before.replica, after.reader - before.reader)
    }
}

/// Version and title of the treaty.
async fn version(person: &Person<'_>) -> (i64, Value) {
    let data = person.ask(TREATY, json!({})).await.data();
    let treaty = &data["treaty"];
    (
        treaty["version"].as_i64().unwrap(),
        treaty["shortTitle"].clone(),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_answers_reads_and_no_answer_is_stale_while_it_lags() {
    // The test starts servers, so one run of the suite is enough.
    if !is_postgresql() {
        return;
    }
    let setup = Setup::start().await;
    let api = &setup.api;
    let (replica, primary) = setup.read_all().await;
    assert!(replica > 20 && primary < 10, "{replica} {primary}");
    let metrics = api.request(Method::GET, "/metrics").send().await.unwrap();
    let metrics = metrics.text().await.unwrap();
    assert!(
        metrics.contains("cyberprofiles_replica_in_use 1"),
        "{metrics}"
    );
    assert!(metrics.contains("database_statements_total{connection=\"replica\"}"));

    // Another instance writes: what it has acknowledged is in each answer, whether the replica has it or not.
    let other = Api::builder().database(setup.url.clone()).start().await;
    let eva = other.editor("eva").await;
    let anyone = api.anyone();
    let before = api.store.statements();
    for base in 1..40 {
        let title = format!("Title {}", base + 1);
        eva.publish(retitle(base, &title)).await;
        let read = version(&anyone).await;
        assert_eq!(read, (i64::from(base) + 1, json!(title)));
    }
    let after = api.store.statements();
    assert!(after.replica > before.replica + 20, "{before:?} {after:?}");

    // A replica that stands still is not read, and nothing waits for it longer than once.
    let standby = setup.on_replica().await;
    standby
        .execute_unprepared("SELECT pg_wal_replay_pause()")
        .await
        .unwrap();
    let begun = Instant::now();
    for base in 40..45 {
        let title = format!("Title {}", base + 1);
        eva.publish(retitle(base, &title)).await;
        let read = version(&anyone).await;
        assert_eq!(read, (i64::from(base) + 1, json!(title)));
    }
    let took = begun.elapsed();
    let (replica, primary) = setup.read_all().await;
    assert!(replica == 0 && primary > 20, "{replica} {primary} {took:?}");
    setup.until(ReplicaState::Behind(5)).await;
    let ready = api.request(Method::GET, "/readyz").send().await.unwrap();
    assert_eq!(ready.status(), 200);
    let ready = ready.text().await.unwrap();
    assert!(ready.ends_with("replica: 5 changes behind\n"), "{ready}");
    let found = doctor(&setup);
    assert!(
        found.contains("warning replica: it lacks 5 changes"),
        "{found}"
    );

    // What changes without the log is read from the primary, so people see what they did.
    let carla = api.contributor().await;
    let id = carla.proposed(retitle(45, "Proposed")).await;
    let query = "query($id: ID!) { node(id: $id) { ... on Contribution { state } } }";
    let data = carla.ask(query, json!({ "id": id })).await.data();
    assert_eq!(data["node"]["state"], "SUBMITTED");

    standby
        .execute_unprepared("SELECT pg_wal_replay_resume()")
        .await
        .unwrap();
    setup.until(ReplicaState::Current).await;
    let (replica, primary) = setup.read_all().await;
    assert!(replica > 20 && primary < 10, "{replica} {primary}");
    let found = doctor(&setup);
    assert!(
        found.contains("ok      replica: it has the whole log"),
        "{found}"
    );
}

/// The lines of `doctor` about a database and its replica.
fn doctor(setup: &Setup) -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut doctor = program(folder.path());
    doctor
        .arg("doctor")
        .env("CYBERPROFILES_DATABASE_URL", &setup.url)
        .env(
            "CYBERPROFILES_READ_DATABASE_URL",
            setup.replica.same(&setup.url),
        );
    String::from_utf8(doctor.output().unwrap().stdout).unwrap()
}

/// Reads all the time, by several readers. Each answer has everything that was acknowledged when its request was sent, and
/// none fails.
struct Readers {
    done: Arc<AtomicBool>,
    acknowledged: Arc<AtomicI64>,
    answers: Arc<AtomicUsize>,
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

impl Readers {
    fn start(api: &Api) -> Self {
        let (done, acknowledged, answers) = (
            Arc::new(AtomicBool::new(false)),
            Arc::new(AtomicI64::new(1)),
            Arc::new(AtomicUsize::new(0)),
        );
        let reader = |number: usize| {
            let (done, acknowledged) = (Arc::clone(&done), Arc::clone(&acknowledged));
            let answers = Arc::clone(&answers);
            let address = api.address.clone();
            async move {
                let client = crate::harness::client();
                // Aliases make each question a new one, so that it is read from a database.
                for question in 0.. {
                    if done.load(Ordering::Relaxed) {
                        return;
                    }
                    let least = acknowledged.load(Ordering::SeqCst);
                    // The row of the treaty stays in memory beside its versions; a page of another filter does not.
                    let from = 1_000 + question % 1_000;
                    let query = format!(
                        "{{ r{number}_{question}: treaty(reference: \"ETS 185\") {{ version }}
                            page: treatyEvents(first: 5, filter: {{ from: \"{from}-01-01\" }}) {{ nodes {{ id }} }} }}"
                    );
                    let request = client.post(format!("http://{address}/graphql"));
                    let answer = request.json(&json!({ "query": query })).send().await;
                    let answer: Value = answer.unwrap().json().await.unwrap();
                    let data = answer["data"].as_object();
                    let data = data.unwrap_or_else(|| panic!("{answer:#}"));
                    let treaty = &data[&format!("r{number}_{question}")];
                    let version = treaty["version"].as_i64();
                    let version = version.unwrap_or_else(|| panic!("{answer:#}"));
                    assert!(version >= least, "{version} after {least}");
                    answers.fetch_add(1, Ordering::Relaxed);
                }
            }
        };
        let tasks = (0..4).map(|number| tokio::spawn(reader(number))).collect();
        Self {
            done,
            acknowledged,
            answers,
            tasks,
        }
    }

    /// Publishes versions while this number of answers comes. Returns the last version.
    async fn during(&self, eva: &Person<'_>, mut version: i32, answers: usize) -> i32 {
        let wanted = self.answers.load(Ordering::Relaxed) + answers;
        let begun = Instant::now();
        while self.answers.load(Ordering::Relaxed) < wanted {
            let is_alive = self.tasks.iter().all(|task| !task.is_finished());
            assert!(is_alive && begun.elapsed() < Duration::from_mins(2));
            eva.publish(retitle(version, &format!("Title {}", version + 1)))
                .await;
            version += 1;
            self.acknowledged.store(version.into(), Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        version
    }

    async fn stop(self) {
        self.done.store(true, Ordering::Relaxed);
        for task in self.tasks {
            task.await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_that_is_stopped_cut_cancelled_or_promoted_fails_no_read() {
    if !is_postgresql() {
        return;
    }
    let mut setup = Setup::start().await;
    let other = Api::builder().database(setup.url.clone()).start().await;
    let eva = other.editor("eva").await;
    let readers = Readers::start(&setup.api);
    let version = readers.during(&eva, 1, 50).await;

    setup.replica.stop();
    let version = readers.during(&eva, version, 50).await;
    setup.until(ReplicaState::Away).await;
    setup.replica = setup.replica.run();
    setup.until(ReplicaState::Current).await;
    let before = setup.api.store.statements().replica;
    let mut version = readers.during(&eva, version, 50).await;
    assert!(setup.api.store.statements().replica > before);

    // Connections are cut, and statements are cancelled, in the middle.
    let standby = setup.on_replica().await;
    for way in ["pg_terminate_backend", "pg_cancel_backend"] {
        for _ in 0..10 {
            let end = format!(
                "SELECT {way}(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname IS NOT NULL"
            );
            standby.execute_unprepared(&end).await.unwrap();
            version = readers.during(&eva, version, 5).await;
        }
    }
    setup.until(ReplicaState::Current).await;

    // A promoted replica goes its own way.
    standby
        .execute_unprepared("SELECT pg_promote()")
        .await
        .unwrap();
    setup.until(ReplicaState::Away).await;
    readers.during(&eva, version, 50).await;
    assert_eq!(setup.api.store.replica(), Some(ReplicaState::Away));
    let found = doctor(&setup);
    assert!(
        found.contains("fault   replica: it is no standby"),
        "{found}"
    );
    readers.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn statements_that_are_in_the_way_of_the_replay_are_sent_to_the_primary() {
    if !is_postgresql() {
        return;
    }
    let setup = Setup::start().await;
    let standby = setup.on_replica().await;
    for change in [
        "ALTER SYSTEM SET max_standby_streaming_delay = 0",
        "SELECT pg_reload_conf()",
    ] {
        standby.execute_unprepared(change).await.unwrap();
    }
    let primary = connect(&setup.url).await;
    primary
        .execute_unprepared("CREATE TABLE churn AS SELECT generate_series(1, 100) AS n")
        .await
        .unwrap();
    let done = Arc::new(AtomicBool::new(false));
    let churning = Arc::clone(&done);
    let churn = tokio::spawn(async move {
        while !churning.load(Ordering::Relaxed) {
            for sql in ["UPDATE churn SET n = n + 1", "VACUUM churn"] {
                primary.execute_unprepared(sql).await.unwrap();
            }
        }
    });
    let begun = Instant::now();
    let (mut conflicts, mut on_primary) = (0_i64, 0);
    while conflicts == 0 || on_primary == 0 {
        assert!(
            begun.elapsed() < Duration::from_mins(2),
            "{conflicts} conflicts, {on_primary} on the primary"
        );
        // Each export is complete.
        let (_, primary) = setup.read_all().await;
        on_primary += primary - 1;
        let query = "SELECT sum(confl_snapshot)::bigint AS n FROM pg_stat_database_conflicts";
        let query = sea_orm::Statement::from_string(sea_orm::DbBackend::Postgres, query);
        let row = standby.query_one_raw(query).await;
        // This connection may be cut, too.
        if let Ok(Some(row)) = row {
            conflicts = row.try_get("", "n").unwrap();
        }
    }
    done.store(true, Ordering::Relaxed);
    churn.await.unwrap();
    setup.until(ReplicaState::Current).await;
}

#[tokio::test]
async fn a_replica_of_another_database_is_not_read() {
    if !is_postgresql() {
        return;
    }
    let setup = Setup::start().await;
    // A database of the same primary, with the same data and another id.
    let other = setup.primary.create("other", None).await;
    let api = Api::builder()
        .database(other)
        .load()
        .replica(setup.replica.same(&setup.url))
        .start()
        .await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(api.store.replica(), Some(ReplicaState::Away));
    assert_eq!(api.store.statements().replica, 0);
    version(&api.anyone()).await;
}

#[test]
fn sqlite_has_no_replica() {
    let folder = tempfile::tempdir().unwrap();
    for (database, replica) in [
        ("sqlite://a.db", "postgres://secret@localhost/a"),
        ("postgres://secret@localhost/a", "sqlite://a.db"),
    ] {
        let refused = program(folder.path())
            .env("CYBERPROFILES_DATABASE_URL", database)
            .env("CYBERPROFILES_READ_DATABASE_URL", replica)
            .output()
            .unwrap();
        assert_eq!(refused.status.code(), Some(1));
        let said = String::from_utf8(refused.stderr).unwrap();
        assert_eq!(
            said,
            "error: --read-database-url: only a PostgreSQL database has a replica: both addresses must begin with postgres://\n"
        );
        assert!(folder.path().read_dir().unwrap().next().is_none());
    }
}
