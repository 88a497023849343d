//! Packages of npm and PyPI that tests need. They are installed once, and again when the file that lists them changes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;

/// Runs a program that must succeed. Returns its standard output.
pub fn done(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    said.into_owned()
}

/// Installs packages unless the list of the last installation is the wanted one; a copy of that list lies in their
/// folder.
fn once(wanted: &Path, place: &Path, install: impl FnOnce()) {
    static TURN: Mutex<()> = Mutex::new(());
    // A failed installation leaves no copy of the list, and a poisoned lock is ignored: the next test tries again.
    let turn = TURN.lock();
    let stamp = place.join("installed");
    let text = fs::read(wanted).unwrap();
    if fs::read(&stamp).is_ok_and(|installed| installed == text) {
        return;
    }
    install();
    fs::write(stamp, text).unwrap();
    drop(turn);
}

/// Installs the packages in the lock file of a folder into that folder.
pub fn npm(folder: &Path) {
    once(
        &folder.join("package-lock.json"),
        &folder.join("node_modules"),
        || {
            let mut install = Command::new("npm");
            install.args(["ci", "--no-audit", "--no-fund"]);
            done(install.current_dir(folder));
        },
    );
}

/// Installs the packages in a requirements file into an environment under `target`. Returns its Python interpreter.
pub fn python(requirements: &Path) -> PathBuf {
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("python");
    let program = |name: &str| place.join("bin").join(name);
    once(requirements, &place, || {
        let mut environment = Command::new("python3");
        done(environment.args(["-m", "venv", "--clear"]).arg(&place));
        let mut install = Command::new(program("pip"));
        done(install.args(["install", "--quiet", "-r"]).arg(requirements));
    });
    program("python")
}
