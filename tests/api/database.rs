//! The databases of the tests: one SQLite file each, or a private PostgreSQL server.
//!
//! The suite runs on SQLite. `CYBERPROFILES_TEST_DATABASE=postgresql` makes it run on PostgreSQL; `suite.rs` starts
//! such a run in addition to each run of all tests.

use std::path::Path;
use std::sync::OnceLock;

use cyberprofiles::bundle;
use cyberprofiles::store::{Options, Store};
use sea_orm::{Database, DatabaseConnection};
use tokio::sync::OnceCell;

use crate::postgresql::Server;
use crate::transcript;

/// True if this run is on PostgreSQL.
pub fn is_postgresql() -> bool {
    transcript::begin();
    std::env::var("CYBERPROFILES_TEST_DATABASE").is_ok_and(|name| name == "postgresql")
}

/// URL of an empty database on the database system of this run.
pub async fn empty(folder: &Path) -> String {
    if is_postgresql() {
        return server().create("empty", None).await;
    }
    sqlite(&folder.join("profiles.db"))
}

/// URL of a database with the bundled data, on the database system of this run: a copy of one that is loaded once.
pub async fn seeded(folder: &Path) -> String {
    static LOADED: OnceCell<String> = OnceCell::const_new();
    let load = async |url: String| {
        let store = Store::open(&url, &Options::default()).await.unwrap();
        bundle::load(&store).await.unwrap();
        store.close().await;
        url
    };
    if is_postgresql() {
        let load = async || load(server().create("template", None).await).await;
        let template = LOADED.get_or_init(load).await;
        let name = template.rsplit('/').next().unwrap();
        return server().create("seeded", Some(name)).await;
    }
    let load = async || {
        let file = tempfile::tempdir().unwrap().keep().join("template.db");
        load(sqlite(&file)).await
    };
    let template = LOADED.get_or_init(load).await;
    let file = folder.join("profiles.db");
    std::fs::copy(template.strip_prefix("sqlite://").unwrap(), &file).unwrap();
    sqlite(&file)
}

fn sqlite(file: &Path) -> String {
    format!("sqlite://{}", file.display())
}

/// Opens a separate connection to a database.
pub async fn connect(url: &str) -> DatabaseConnection {
    let create = if url.starts_with("sqlite") {
        "?mode=rwc"
    } else {
        ""
    };
    Database::connect(format!("{url}{create}")).await.unwrap()
}

fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| Server::start().expect("initdb is needed to run on PostgreSQL"))
}
