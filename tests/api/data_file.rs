//! Data files as the program reads and writes them from a shell.

use std::io::Write;
use std::path::Path;
use std::process::{Output, Stdio};

use crate::program::program;

const GOOD: &str = r#"{"createSource":{"key":"good","fields":{"kind":"OTHER","title":"Good"}}}"#;

fn run(folder: &Path, arguments: &[&str], input: &[u8]) -> Output {
    let mut child = program(folder)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // If the arguments are refused, the program does not read its standard input.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

/// Exit code, standard output, and standard error without progress lines.
fn outcome(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let errors = text(&output.stderr);
    let errors = errors
        .lines()
        .filter(|line| !line.contains("lines per second"));
    let errors: Vec<&str> = errors.collect();
    (
        output.status.code(),
        text(&output.stdout),
        errors.join("\n"),
    )
}

#[test]
fn data_files_with_any_line_ends_and_byte_order_marks_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let second = GOOD.replace("good", "second");
    let forms = [
        format!("\u{feff}{GOOD}\r\n{second}\r\n\r\n"),
        format!("{GOOD}\n{second}"),
        format!("\u{feff}{GOOD}\n\u{feff}{second}\n\n\n"),
        String::new(),
        "\u{feff}".to_owned(),
        "\r\n".to_owned(),
    ];
    for (number, form) in forms.iter().enumerate() {
        let name = format!("{number}.jsonl");
        std::fs::write(at.join(&name), form).unwrap();
        let (code, out, errors) = outcome(&run(at, &["import", &name], b""));
        assert_eq!(code, Some(0), "{form:?}: {errors}");
        let expected = match number {
            0 => "2 created, 0 updated, 0 unchanged",
            1 | 2 => "0 created, 0 updated, 2 unchanged",
            _ => "0 created, 0 updated, 0 unchanged",
        };
        assert_eq!(out, format!("{name}: {expected}\n"), "{form:?}");
    }
    let wide: Vec<u8> = "\u{feff}{}\n{}"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    std::fs::write(at.join("wide.jsonl"), wide).unwrap();
    let (code, _, errors) = outcome(&run(at, &["import", "wide.jsonl"], b""));
    assert_eq!(code, Some(1));
    insta::assert_snapshot!(errors, @r"
    error: wide.jsonl line 1: expected UTF-8, got UTF-16 or UTF-32: save the file as UTF-8
    nothing of wide.jsonl was imported
    ");
    let (code, _, errors) = outcome(&run(at, &["import", "."], b""));
    assert_eq!((code, errors.lines().count()), (Some(1), 2), "{errors}");
}

#[test]
fn a_dash_means_standard_input_or_output() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    std::fs::write(at.join("second.jsonl"), GOOD.replace("good", "second")).unwrap();
    let (code, out, errors) = outcome(&run(at, &["import", "second.jsonl", "-"], GOOD.as_bytes()));
    assert_eq!(code, Some(0), "{errors}");
    insta::assert_snapshot!(out, @r"
    second.jsonl: 1 created, 0 updated, 0 unchanged
    standard input: 1 created, 0 updated, 0 unchanged
    ");
    let (code, _, errors) = outcome(&run(at, &["import", "-", "-"], GOOD.as_bytes()));
    assert_eq!(code, Some(1));
    insta::assert_snapshot!(errors, @"error: `-` is given twice: standard input can be read only once");
    let (_, out, _) = outcome(&run(at, &["export", "-"], b""));
    assert_eq!(out.lines().count(), 2);
    assert!(!at.join("-").exists());
    let again = outcome(&run(at, &["import", "-"], out.as_bytes()));
    assert_eq!(
        again.1,
        "standard input: 0 created, 0 updated, 2 unchanged\n"
    );
}

#[test]
fn a_failed_import_lists_the_files_that_were_imported_and_those_that_were_not() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    std::fs::write(at.join("good.jsonl"), GOOD).unwrap();
    let bad = GOOD.replace("good", "other") + "\nnonsense";
    std::fs::write(at.join("bad.jsonl"), bad).unwrap();
    let (code, out, errors) = outcome(&run(
        at,
        &["import", "good.jsonl", "bad.jsonl", "last.jsonl"],
        b"",
    ));
    assert_eq!(code, Some(1));
    assert_eq!(out, "good.jsonl: 1 created, 0 updated, 0 unchanged\n");
    insta::assert_snapshot!(errors, @r"
    error: bad.jsonl line 2: expected value at column 1
    nothing of bad.jsonl was imported; imported before it: good.jsonl; not read: last.jsonl
    ");
    let (_, out, _) = outcome(&run(at, &["export"], b""));
    assert!(
        out.contains("\"good\"") && !out.contains("\"other\""),
        "{out}"
    );
}

#[test]
fn a_dry_run_prints_the_full_report_and_stores_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    std::fs::write(at.join("source.jsonl"), GOOD).unwrap();
    let refers = r#"{"createSource":{"key":"second","fields":{"kind":"OTHER","title":"Second"},"cite":[{"source":"Source:good"}]}}"#;
    std::fs::write(at.join("refers.jsonl"), refers).unwrap();
    std::fs::write(at.join("bad.jsonl"), "nonsense").unwrap();
    let files = ["import", "source.jsonl", "refers.jsonl"];
    let (code, dry, _) = outcome(&run(at, &[&files[..], &["--dry-run"]].concat(), b""));
    assert_eq!(code, Some(0));
    let (_, out, _) = outcome(&run(at, &["export"], b""));
    assert_eq!(out, "");
    let (code, _, errors) = outcome(&run(
        at,
        &["import", "--dry-run", "source.jsonl", "bad.jsonl"],
        b"",
    ));
    assert_eq!(code, Some(1));
    assert!(
        errors.contains(
            "nothing of bad.jsonl would be imported; would be imported before it: source.jsonl"
        ),
        "{errors}"
    );
    let (_, taken, _) = outcome(&run(at, &files, b""));
    assert_eq!(dry, format!("{taken}dry run: nothing was stored\n"));
}

#[cfg(unix)]
#[test]
fn an_export_replaces_a_file_only_when_complete() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    run(at, &["import", "-"], GOOD.as_bytes());
    std::fs::write(at.join("old.jsonl"), "old").unwrap();
    let mode = std::fs::Permissions::from_mode(0o640);
    std::fs::set_permissions(at.join("old.jsonl"), mode).unwrap();
    symlink("old.jsonl", at.join("link.jsonl")).unwrap();
    assert_eq!(outcome(&run(at, &["export", "link.jsonl"], b"")).0, Some(0));
    let whole = std::fs::read_to_string(at.join("old.jsonl")).unwrap();
    assert!(whole.contains("\"good\""), "{whole}");
    assert!(at.join("link.jsonl").is_symlink());
    let mode = std::fs::metadata(at.join("old.jsonl"))
        .unwrap()
        .permissions();
    assert_eq!(mode.mode() & 0o777, 0o640);
    // A path that is no ordinary file is written directly, without a temporary file.
    assert_eq!(outcome(&run(at, &["export", "/dev/null"], b"")).0, Some(0));
    let (code, _, errors) = outcome(&run(at, &["export", "/dev/full"], b""));
    assert_eq!(code, Some(1));
    assert!(
        errors.contains("cannot write /dev/full: No space left"),
        "{errors}"
    );
    let (code, _, errors) = outcome(&run(at, &["export", "none/new.jsonl"], b""));
    assert_eq!(code, Some(1));
    assert!(errors.contains("cannot write none/new.jsonl"), "{errors}");
    let left = std::fs::read_dir(at)
        .unwrap()
        .map(|one| one.unwrap().file_name());
    let left = left.filter(|name| name.to_string_lossy().contains("export"));
    assert_eq!(left.count(), 0);
}

#[cfg(unix)]
#[test]
fn closing_standard_output_early_ends_the_export_with_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let lines: Vec<String> = (0..3_000)
        .map(|number| GOOD.replace("good", &format!("good-{number}")))
        .collect();
    run(at, &["import", "-"], lines.join("\n").as_bytes());
    let mut child = program(at)
        .arg("export")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    let (code, _, errors) = outcome(&output);
    assert_eq!(code, Some(1));
    assert_eq!(
        errors,
        "error: standard output was closed before everything was written"
    );
}

/// The names in a folder, sorted.
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.collect();
    names.sort_unstable();
    names
}

#[test]
fn csv_files_are_written_into_a_new_folder_or_one_by_one() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    run(at, &["import", "-"], GOOD.as_bytes());
    let csv = ["export", "--format", "csv"];
    let (code, out, errors) = outcome(&run(at, &[&csv[..], &["out"]].concat(), b""));
    assert_eq!((code, out.as_str()), (Some(0), ""), "{errors}");
    let written = names(&at.join("out"));
    assert_eq!(written.len(), 14, "{written:?}");
    assert!(written.contains(&"datapackage.json".to_owned()));
    let sources = std::fs::read_to_string(at.join("out/sources.csv")).unwrap();
    assert!(sources.contains("\r\nSource:good,1,1,"), "{sources}");
    let (_, out, _) = outcome(&run(
        at,
        &[&csv[..], &["--table", "sources", "-"]].concat(),
        b"",
    ));
    assert_eq!(out, sources);
    run(
        at,
        &[&csv[..], &["--noun", "sources", "one.csv"]].concat(),
        b"",
    );
    assert_eq!(
        std::fs::read_to_string(at.join("one.csv")).unwrap(),
        sources
    );
    // An empty folder is as good as none.
    std::fs::create_dir(at.join("empty")).unwrap();
    let (code, _, errors) = outcome(&run(at, &[&csv[..], &["empty"]].concat(), b""));
    assert_eq!(
        (code, names(&at.join("empty"))),
        (Some(0), written),
        "{errors}"
    );
    for (arguments, message) in [
        (
            &[&csv[..], &["out"]].concat(),
            "cannot write out: the folder is not empty: name a new one",
        ),
        (&[&csv[..], &["one.csv"]].concat(), "cannot write one.csv: "),
        (
            &[&csv[..], &["none/out"]].concat(),
            "cannot write none/out: ",
        ),
        (
            &csv.to_vec(),
            "CSV files need a folder: name one, or choose one file by --table",
        ),
        (
            &[&csv[..], &["-"]].concat(),
            "CSV files need a folder: name one, or choose one file by --table",
        ),
        (
            &[&csv[..], &["--describe", "more"]].concat(),
            "--describe needs --format jsonl",
        ),
        (
            &vec!["export", "--table", "sources"],
            "--table needs --format csv",
        ),
        (
            &vec!["export", "--at", "nonsense"],
            "--at: this is not a cursor of the change log; cursors go from ",
        ),
        (
            &[&csv[..], &["--table", "sources", "/dev/full"]].concat(),
            "cannot write /dev/full: No space left",
        ),
    ] {
        let (code, _, errors) = outcome(&run(at, arguments, b""));
        assert_eq!(
            (code, errors.lines().count()),
            (Some(1), 1),
            "{arguments:?}: {errors}"
        );
        assert!(
            errors.starts_with(&format!("error: {message}")),
            "{arguments:?}: {errors}"
        );
    }
    let (code, _, errors) = outcome(&run(at, &[&csv[..], &["--table", "events"]].concat(), b""));
    assert!(
        code == Some(2) && errors.contains("expected one of sources, countries"),
        "{errors}"
    );
    let (_, _, errors) = outcome(&run(at, &["export", "--as-of", "2020"], b""));
    assert!(errors.contains("expected a day as YYYY-MM-DD"), "{errors}");
    let left = names(at).into_iter().filter(|name| name.contains("export"));
    assert_eq!(left.count(), 0);
}

#[test]
fn an_export_that_describes_itself_is_imported_like_any_other() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    run(at, &["import", "-"], GOOD.as_bytes());
    let (code, out, errors) = outcome(&run(at, &["export", "--describe"], b""));
    assert_eq!(code, Some(0), "{errors}");
    assert!(out.starts_with("{\"export\":{"), "{out}");
    assert_eq!(out.lines().count(), 2);
    let (_, told, errors) = outcome(&run(at, &["import", "-"], out.as_bytes()));
    assert_eq!(
        told, "standard input: 0 created, 0 updated, 1 unchanged\n",
        "{errors}"
    );
}
