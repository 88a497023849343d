//! Restores that are refused, and databases that are replaced.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use cyberprofiles::store;
use cyberprofiles::store::backup::Trailer;
use sea_orm::{ConnectionTrait, Database};

use super::{
    backed_up, count, done, export, files, is_sqlite, new_file, refused, restored, tables,
};
use crate::database;
use crate::harness::{Api, retitle};
use crate::kill::start;
use crate::program::program;

#[tokio::test(flavor = "multi_thread")]
async fn a_database_with_content_is_replaced_only_on_demand_and_never_under_a_server() {
    let api = Api::seeded().await;
    let (kept, file) = new_file("profiles.backup");
    backed_up(&api.url, &file);
    let earlier = api.export().await;
    api.editor("eva").await.publish(retitle(1, "Newer")).await;
    let newer = api.export().await;
    api.store.close().await;
    let url = &api.url;
    let file = file.to_str().unwrap();
    let restore = ["restore", file];
    let replace = ["restore", file, "--replace"];

    let said = refused(url, &restore);
    assert!(
        said.contains("is not empty: its table ") && said.contains("add --replace"),
        "{said}"
    );
    let mut server = start(url);
    let in_use = [
        "another server is using",
        "a server or a command is using the database",
    ];
    for arguments in [&restore[..], &replace] {
        let said = refused(url, arguments);
        assert!(in_use.iter().any(|words| said.contains(words)), "{said}");
    }
    server.kill();
    assert!(export(url, None).await == newer);
    if is_sqlite(url) {
        let database = Path::new(url.strip_prefix("sqlite://").unwrap());
        std::fs::set_permissions(database, std::fs::Permissions::from_mode(0o640)).unwrap();
        // The server was killed: its last commits are in the journal, which must not reach the new file.
        let mut server = start(url);
        server.kill();
        done(url, &replace);
        assert_eq!(files(database.parent().unwrap()), ["profiles.db"]);
        let mode = std::fs::metadata(database).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o640, "the permissions stay");
    } else {
        done(url, &replace);
    }
    assert!(export(url, None).await == earlier);
    // Only tokens, and no records.
    let (_folder, target) = new_file("tokens.db");
    let target = format!("sqlite://{}", target.display());
    done(
        &target,
        &["token", "create", "--role", "EDITOR", "--name", "Eva"],
    );
    let said = refused(&target, &restore);
    assert!(said.contains("its table token has rows"), "{said}");
    drop(kept);
}

#[tokio::test]
async fn a_file_that_is_no_database_of_this_program_is_replaced_only_on_demand() {
    let folder = tempfile::tempdir().unwrap();
    let url = database::seeded(folder.path()).await;
    let (kept, file) = new_file("profiles.backup");
    backed_up(&url, &file);
    let text = export(&url, None).await;
    let file = file.to_str().unwrap();
    let other = kept.path().join("other.db");
    let target = format!("sqlite://{}", other.display());
    let db = Database::connect(format!("{target}?mode=rwc"))
        .await
        .unwrap();
    db.execute_unprepared("CREATE TABLE song (title TEXT)")
        .await
        .unwrap();
    db.close().await.unwrap();
    let said = refused(&target, &["restore", file]);
    assert!(
        said.contains("it has the table song of another program"),
        "{said}"
    );
    std::fs::write(&other, "a text").unwrap();
    let said = refused(&target, &["restore", file]);
    assert!(
        said.contains("it cannot be read as a database")
            || said.contains("it is not an SQLite database"),
        "{said}"
    );
    assert_eq!(std::fs::read(&other).unwrap(), b"a text");
    done(&target, &["restore", file, "--replace"]);
    assert!(export(&target, None).await == text);
    std::fs::write(&other, "").unwrap();
    restored(Path::new(file), &target);
    assert!(export(&target, None).await == text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_of_an_older_version_is_brought_up_to_date_and_one_of_a_newer_version_refused() {
    let api = Api::seeded().await;
    let text = api.export().await;
    api.store.close().await;
    let url = &api.url;
    let all = tables(url).await;
    // The indexes and columns of these migrations are empty, so that reverting them loses nothing.
    let migrations = store::migrations(url).await.unwrap();
    let later = migrations
        .iter()
        .filter(|(name, _)| name.as_str() >= "m20260109");
    let later = u32::try_from(later.count()).unwrap();
    store::revert(url, Some(later)).await.unwrap();
    let (kept, file) = new_file("older.backup");
    backed_up(url, &file);
    let pending = store::migrations(url).await.unwrap();
    let pending = pending.iter().filter(|(_, is_applied)| !is_applied);
    assert_eq!(
        pending.count(),
        usize::try_from(later).unwrap(),
        "a backup migrates nothing"
    );
    for target in [
        database::empty(kept.path()).await,
        format!("sqlite://{}/x.db", kept.path().display()),
    ] {
        restored(&file, &target);
        assert_eq!(tables(&target).await, all);
        assert!(export(&target, None).await == text);
    }

    let bytes = std::fs::read(&file).unwrap();
    let trailer = Trailer::verify(&mut std::io::Cursor::new(&bytes)).unwrap();
    let newer = kept.path().join("newer.backup");
    std::fs::write(&newer, &bytes[..usize::try_from(trailer.size).unwrap()]).unwrap();
    let db = Database::connect(format!("sqlite://{}", newer.display()))
        .await
        .unwrap();
    db.execute_unprepared("INSERT INTO seaql_migrations VALUES ('m20990101_000001_fly', 0)")
        .await
        .unwrap();
    db.close().await.unwrap();
    let mut bytes = std::fs::read(&newer).unwrap();
    let migration = "m20990101_000001_fly".to_owned();
    let trailer = Trailer::of(
        &mut std::io::Cursor::new(&bytes),
        migration,
        trailer.database,
        trailer.sequence,
    );
    let trailer = Trailer {
        program: "9.9.9".to_owned(),
        ..trailer.unwrap()
    };
    bytes.extend(trailer.bytes());
    std::fs::write(&newer, bytes).unwrap();
    let (folder, _) = new_file("");
    let target = database::empty(folder.path()).await;
    let said = refused(&target, &["restore", newer.to_str().unwrap()]);
    for words in ["9.9.9", env!("CARGO_PKG_VERSION"), "m20990101_000001_fly"] {
        assert!(said.contains(words), "{said}");
    }
    assert_eq!(files(folder.path()), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_is_killed_leaves_nothing_under_the_final_name() {
    let folder = tempfile::tempdir().unwrap();
    let url = database::seeded(folder.path()).await;
    let (kept, whole) = new_file("whole.backup");
    backed_up(&url, &whole);
    let whole = whole.to_str().unwrap();
    let (mut killed, mut finished) = (0, 0);
    for round in 0..12_u64 {
        let (folder, file) = new_file("some.backup");
        let target = database::empty(folder.path()).await;
        let file = file.to_str().unwrap().to_owned();
        let (from, arguments) = match round % 3 {
            0 => (&url, ["backup", &file].to_vec()),
            1 => (&target, ["restore", whole].to_vec()),
            _ => (&url, ["move", "--to", &target].to_vec()),
        };
        let own = tempfile::tempdir().unwrap();
        let mut command = program(own.path());
        command.args(["--database-url", from]).args(&arguments);
        let mut process = command.stdout(std::process::Stdio::null()).spawn().unwrap();
        tokio::time::sleep(Duration::from_millis(20 + round * 25)).await;
        if process.try_wait().unwrap().is_some() {
            finished += 1;
            continue;
        }
        if round % 2 == 0 {
            process.kill().unwrap();
        } else {
            let mut stop = std::process::Command::new("kill");
            let stopped = stop.arg(process.id().to_string()).status();
            assert!(stopped.unwrap().success());
        }
        let ended = process.wait().unwrap();
        if ended.success() {
            finished += 1;
            continue;
        }
        let mut left = files(folder.path());
        // It may have ended its work in the last moment. Then the file is whole.
        if let Some(made) = left.iter().position(|name| !name.starts_with('.')) {
            let made = folder.path().join(left.remove(made));
            let made = format!("sqlite://{}", made.display());
            let mut verify = program(own.path());
            verify.args(["--database-url", &made, "verify"]);
            assert!(verify.output().unwrap().status.success(), "{round}");
        }
        killed += 1;
        let is_temporary =
            |name: &String| round % 2 == 0 && name.starts_with('.') && name.contains(".tmp");
        assert!(left.iter().all(is_temporary), "{round}: {left:?}");
        if !is_sqlite(&target) {
            assert_eq!(tables(&target).await, [""; 0], "{round}");
        }
    }
    assert!(killed > 0, "{finished} of 12 had finished");
    assert_eq!(count(&url, "change").await, crate::harness::bundled());
    drop(kept);
}

#[tokio::test]
async fn no_command_replaces_the_database_by_its_output_or_takes_a_left_journal_for_its_own() {
    let (kept, file) = new_file("profiles.db");
    let url = format!("sqlite://{}", file.display());
    done(&url, &["migrate"]);
    let link = kept.path().join("link");
    std::os::unix::fs::symlink(&file, &link).unwrap();
    let before = std::fs::read(&file).unwrap();
    for name in [&file, &link] {
        let name = name.to_str().unwrap();
        for arguments in [["backup", name], ["export", name]] {
            let said = refused(&url, &arguments);
            assert!(said.contains("is a file of the database itself"), "{said}");
        }
    }
    assert!(std::fs::read(&file).unwrap() == before);
    let backup = kept.path().join("profiles.backup");
    done(&url, &["backup", backup.to_str().unwrap()]);
    std::fs::remove_file(&file).unwrap();
    let journal = kept.path().join("profiles.db-wal");
    std::fs::write(&journal, "left").unwrap();
    let restore = ["restore", backup.to_str().unwrap()];
    let said = refused(&url, &restore);
    assert!(said.contains("profiles.db-wal is the journal of"), "{said}");
    assert!(!file.exists());
    std::fs::remove_file(&journal).unwrap();
    done(&url, &restore);
}
