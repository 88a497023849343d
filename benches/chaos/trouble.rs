//! Deliberate faults (full disk, demotion, kill) and their repair.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use sea_orm::{ConnectionTrait, Database};

use crate::ledger::Ledger;
use crate::postgresql::Server;
use crate::program::Program;

/// A random number below the bound.
pub fn chance(below: usize) -> usize {
    let drawn = uuid::Uuid::new_v4().as_u128() % u128::try_from(below).unwrap();
    usize::try_from(drawn).unwrap()
}

async fn wait(most: usize) {
    let wait = u64::try_from(chance(most)).unwrap();
    tokio::time::sleep(Duration::from_millis(wait)).await;
}

/// A place for databases, with its faults.
#[async_trait::async_trait]
pub trait DatabaseHost {
    /// Makes a new database and returns its URL.
    async fn new_database(&mut self) -> String;

    /// True if the database has used its share of the disk, so that a new one should begin.
    fn is_used_up(&self) -> bool;

    /// Causes a fault for a while.
    async fn cause_fault(&mut self, program: &mut Program, ledger: &Ledger);

    /// Repairs the fault.
    async fn repair_fault(&mut self);
}

/// Size of the disk in bytes.
const SIZE: u64 = 24 * 1024 * 1024;

/// A small disk.
pub struct Disk {
    folder: PathBuf,
    is_mounted: bool,
}

impl Disk {
    /// A folder that the caller names, or a newly mounted disk; `None` if mounting is not allowed.
    pub fn mounted(folder: Option<PathBuf>) -> Option<Self> {
        if let Some(folder) = folder {
            let is_mounted = false;
            return Some(Self { folder, is_mounted });
        }
        let folder = tempfile::tempdir().unwrap().keep();
        let size = format!("size={SIZE}");
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &size, "tmpfs"])
            .arg(&folder)
            .status();
        mount.is_ok_and(|mount| mount.success()).then_some(Self {
            folder,
            is_mounted: true,
        })
    }

    fn filler(&self) -> PathBuf {
        self.folder.join("filler")
    }

    /// Fills the disk except for this many blocks of 4 KiB.
    fn fill(&self, blocks: usize) {
        let mut filler = File::create(self.filler()).unwrap();
        let mut size = 0;
        for block in [1024 * 1024, 4096] {
            let bytes = vec![b'x'; block];
            while let Ok(written @ 1..) = filler.write(&bytes) {
                size += written;
            }
        }
        let kept = u64::try_from(size.saturating_sub(blocks * 4096)).unwrap();
        filler.set_len(kept).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if self.is_mounted {
            let _ = Command::new("umount").arg(&self.folder).status();
            let _ = fs::remove_dir(&self.folder);
        }
    }
}

#[async_trait::async_trait]
impl DatabaseHost for Disk {
    async fn new_database(&mut self) -> String {
        for entry in fs::read_dir(&self.folder).unwrap() {
            fs::remove_file(entry.unwrap().path()).unwrap();
        }
        format!("sqlite://{}/profiles.db", self.folder.display())
    }

    fn is_used_up(&self) -> bool {
        let size = |name: &str| fs::metadata(self.folder.join(name)).map_or(0, |found| found.len());
        size("profiles.db") + size("profiles.db-wal") > SIZE * 2 / 3
    }

    async fn cause_fault(&mut self, program: &mut Program, ledger: &Ledger) {
        // After an orderly stop the write-ahead log is short, so every write needs space.
        if chance(3) == 0 {
            program.stop();
            program
                .start()
                .expect("the program starts after an orderly stop");
            ledger.count("stopped");
        }
        wait(500).await;
        self.fill(chance(4) * chance(40));
        ledger.count("disk filled");
        wait(1_500).await;
        let listed = program.command().args(["token", "list"]).output().unwrap();
        if !listed.status.success() {
            ledger.wrong(format!("token list failed on a full disk: {listed:?}"));
        }
        if chance(5) == 0 {
            program.kill();
            ledger.count("killed");
            wait(300).await;
            // The start may fail: the write-ahead log needs space, too.
            if program.start().is_err() {
                ledger.count("starts refused");
            }
        }
        wait(500).await;
    }

    async fn repair_fault(&mut self) {
        let filler = OpenOptions::new().write(true).open(self.filler());
        if let Ok(filler) = filler {
            filler.set_len(0).unwrap();
        }
    }
}

/// A private PostgreSQL server.
pub struct Primary {
    server: Option<Server>,
    admin: String,
    databases: usize,
}

impl Primary {
    pub fn started() -> Option<Self> {
        Some(Self {
            server: Some(Server::start()?),
            admin: String::new(),
            databases: 0,
        })
    }

    fn server(&self) -> &Server {
        self.server.as_ref().unwrap()
    }

    async fn command(&self, all: &[&str]) {
        let admin = Database::connect(&self.admin).await.unwrap();
        for one in all {
            admin.execute_unprepared(one).await.unwrap();
        }
        admin.close().await.unwrap();
    }
}

const CUT: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname LIKE 'chaos%' AND pid <> pg_backend_pid()";

#[async_trait::async_trait]
impl DatabaseHost for Primary {
    async fn new_database(&mut self) -> String {
        if self.admin.is_empty() {
            self.admin = self.server().create("admin", None).await;
        }
        self.databases += 1;
        self.server().create("chaos", None).await
    }

    /// Never: the server has enough space. The final check takes longer with each write, but the time limit bounds
    /// that.
    fn is_used_up(&self) -> bool {
        false
    }

    async fn cause_fault(&mut self, program: &mut Program, ledger: &Ledger) {
        wait(500).await;
        match chance(5) {
            0 => {
                ledger.count("connections cut");
                self.command(&[CUT]).await;
            }
            1 => {
                ledger.count("database started again");
                let mut server = self.server.take().unwrap();
                server.stop();
                wait(2_000).await;
                self.server = Some(server.run());
            }
            _ => {
                ledger.count("demoted");
                let demote = "ALTER SYSTEM SET default_transaction_read_only = on";
                self.command(&[demote, "SELECT pg_reload_conf()"]).await;
                if chance(2) == 0 {
                    self.command(&[CUT]).await;
                }
                wait(1_500).await;
                if chance(3) == 0 {
                    program.kill();
                    ledger.count("killed");
                    wait(300).await;
                    program.start().expect("the program starts for reading");
                    wait(500).await;
                }
                if chance(4) == 0 {
                    let mut server = self.server.take().unwrap();
                    server.stop();
                    self.server = Some(server.run());
                }
                wait(500).await;
            }
        }
    }

    async fn repair_fault(&mut self) {
        let promote = "ALTER SYSTEM RESET default_transaction_read_only";
        self.command(&[promote, "SELECT pg_reload_conf()"]).await;
    }
}
