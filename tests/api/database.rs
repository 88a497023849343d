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

/// A use of a database, which is deleted some time after its last use. A file is deleted with its folder.
pub struct Own(String);

impl Own {
    /// Takes a database that `empty` or `seeded` made.
    pub fn new(url: &str) -> Self {
        if is_postgresql() {
            server().hold(url);
        }
        Self(url.to_owned())
    }

    /// Shares a database that another server has taken; `None` if none has.
    pub fn share(url: &str) -> Option<Self> {
        (is_postgresql() && server().is_held(url)).then(|| Self::new(url))
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        if is_postgresql() {
            server().release(&self.0);
        }
    }
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

/// URL of an empty PostgreSQL database, whatever this run is on; `None` if PostgreSQL is not installed.
pub async fn empty_postgresql() -> Option<String> {
    if !Server::is_possible() {
        let required = std::env::var_os("CYBERPROFILES_REQUIRE_SERVICES").is_some();
        assert!(!required, "PostgreSQL is not installed");
        return None;
    }
    Some(server().create("other", None).await)
}
