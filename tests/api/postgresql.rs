//! A private PostgreSQL server, for tests and benches.

use std::collections::HashMap;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use sea_orm::{ConnectionTrait, Database};

/// A private PostgreSQL server. It ends with the program, and its folder is deleted then.
pub struct Server {
    folder: PathBuf,
    port: u16,
    keeper: Option<Child>,
    created: AtomicU32,
    /// Number of servers of this program that use each database.
    users: Mutex<HashMap<String, usize>>,
    unused: Mutex<Vec<String>>,
}

impl Server {
    /// Folder of PostgreSQL's programs, if they are installed.
    fn programs() -> Option<PathBuf> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let debian = std::fs::read_dir("/usr/lib/postgresql")
            .into_iter()
            .flatten();
        let debian = debian.flatten().map(|entry| entry.path().join("bin"));
        std::env::split_paths(&path)
            .chain(debian)
            .find(|folder| folder.join("initdb").exists() && folder.join("postgres").exists())
            .or_else(|| {
                // A link to `initdb` on the path leads to the folder of the other programs.
                let link = std::env::split_paths(&path)
                    .map(|folder| folder.join("initdb"))
                    .find(|program| program.exists())?;
                let folder = std::fs::canonicalize(link).ok()?.parent()?.to_owned();
                folder.join("postgres").exists().then_some(folder)
            })
    }

    /// True if a server can be started here.
    pub fn is_possible() -> bool {
        Self::programs().is_some()
    }

    /// Starts a separate server, if PostgreSQL is installed.
    pub fn start() -> Option<Self> {
        let programs = Self::programs()?;
        let server = Self::new();
        let data = server.data();
        // A collation of a natural language, so that nothing relies on the order of bytes.
        let initialise = |locale: &str| {
            server
                .shell(&format!(
                    "{}/initdb -D {} -U postgres -A trust -E UTF8 {locale} >/dev/null 2>&1",
                    programs.display(),
                    data.display()
                ))
                .status()
                .unwrap()
                .success()
        };
        let people = "--locale=C.UTF-8 --locale-provider=icu --icu-locale=en-US";
        assert!(initialise(people) || initialise("--locale=C.UTF-8") || initialise(""));
        Some(server.run())
    }

    /// A server without data, in a new folder.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap().keep();
        let is_root = std::fs::metadata("/proc/self").is_ok_and(|own| {
            use std::os::unix::fs::MetadataExt;
            own.uid() == 0
        });
        if is_root {
            // PostgreSQL refuses to run as root.
            let own = Command::new("chown").arg("postgres").arg(&folder).status();
            assert!(own.unwrap().success());
        }
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = port.local_addr().unwrap().port();
        Self {
            folder,
            port,
            keeper: None,
            created: AtomicU32::new(0),
            users: Mutex::default(),
            unused: Mutex::default(),
        }
    }

    /// Starts a streaming replica of this server.
    pub fn replica(&self) -> Self {
        // Links on the path do not lead to all programs.
        let initdb = Self::programs().unwrap().join("initdb");
        let initdb = std::fs::canonicalize(initdb).unwrap();
        let programs = initdb.parent().unwrap();
        let replica = Self::new();
        let copy = format!(
            "{}/pg_basebackup --write-recovery-conf --checkpoint=fast --host=127.0.0.1 --port={} \
             --username=postgres --pgdata={}/data",
            programs.display(),
            self.port,
            replica.folder.display(),
        );
        let copied = replica.shell(&copy).output().unwrap();
        assert!(copied.status.success(), "{copied:?}");
        replica.run()
    }

    /// The URL of a database of another server, on this server.
    pub fn same(&self, url: &str) -> String {
        let name = url.rsplit('/').next().unwrap();
        format!("postgres://postgres@127.0.0.1:{}/{name}", self.port)
    }

    /// Folder with the files of the server.
    pub fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn shell(&self, script: &str) -> Command {
        let is_ours = std::fs::metadata(&self.folder).is_ok_and(|folder| {
            use std::os::unix::fs::MetadataExt;
            std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == folder.uid())
        });
        let mut command = if is_ours {
            Command::new("sh")
        } else {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--", "sh"]);
            command
        };
        command.args(["-c", script]).current_dir("/");
        command
    }

    /// Starts the server again, after `stop`.
    pub fn run(mut self) -> Self {
        let programs = Self::programs().unwrap();
        let folder = self.folder.display();
        // The shell ends with this program, because its standard input is closed then. A line is written to it only if
        // the server is to start again.
        let script = format!(
            "{}/postgres -D {folder}/data -p {} -k {folder} -c listen_addresses=127.0.0.1 \
             -c fsync=off -c max_connections=400 >{folder}/log 2>&1 & \
             read -r again; kill -INT $!; wait $!; [ -n \"$again\" ] || rm -rf {folder}",
            programs.display(),
            self.port
        );
        let mut shell = self.shell(&script);
        self.keeper = Some(shell.stdin(Stdio::piped()).spawn().unwrap());
        let begun = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(
                begun.elapsed() < Duration::from_secs(30),
                "PostgreSQL does not start"
            );
            std::thread::sleep(Duration::from_millis(50));
        }
        self
    }

    /// Stops the server. `run` starts it again.
    pub fn stop(&mut self) {
        if let Some(mut keeper) = self.keeper.take() {
            writeln!(keeper.stdin.take().unwrap(), "again").unwrap();
            keeper.wait().unwrap();
        }
    }

    /// Counts a user of a database.
    pub fn hold(&self, url: &str) {
        *self
            .users
            .lock()
            .unwrap()
            .entry(url.to_owned())
            .or_default() += 1;
    }

    /// True if a database has users that were counted.
    pub fn is_held(&self, url: &str) -> bool {
        self.users.lock().unwrap().contains_key(url)
    }

    /// Ends a use. A database without users is deleted when the next one is created: a suite would otherwise fill the
    /// disk.
    pub fn release(&self, url: &str) {
        let mut users = self.users.lock().unwrap();
        let left = users.get_mut(url).unwrap();
        *left -= 1;
        if *left == 0 {
            users.remove(url);
            let name = url.rsplit('/').next().unwrap().to_owned();
            self.unused.lock().unwrap().push(name);
        }
    }

    /// URL of a new database, empty or a copy of the template.
    pub async fn create(&self, name: &str, template: Option<&str>) -> String {
        let number = self.created.fetch_add(1, Ordering::Relaxed);
        let name = format!("{name}_{number}");
        let url = |name: &str| format!("postgres://postgres@127.0.0.1:{}/{name}", self.port);
        let begun = Instant::now();
        let admin = loop {
            match Database::connect(url("postgres")).await {
                Ok(admin) => break admin,
                Err(error) => assert!(begun.elapsed() < Duration::from_secs(30), "{error}"),
            }
        };
        let unused = std::mem::take(&mut *self.unused.lock().unwrap());
        for name in unused {
            let delete = format!("DROP DATABASE {name} WITH (FORCE)");
            admin.execute_unprepared(&delete).await.unwrap();
        }
        let template = template.map(|template| format!(" TEMPLATE {template}"));
        let create = format!("CREATE DATABASE {name}{}", template.unwrap_or_default());
        admin.execute_unprepared(&create).await.unwrap();
        admin.close().await.unwrap();
        url(&name)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
