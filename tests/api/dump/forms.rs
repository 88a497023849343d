//! JSON Lines, the description of the CSV files, formulas, and the command line.

use cyberprofiles::dump::Table;
use serde_json::{Value, json};

use super::{get, rows, text};
use crate::edge::header_text;
use crate::harness::{Api, retitle};
use crate::program::program;

#[tokio::test]
async fn json_lines_are_imported_again_byte_by_byte_and_say_what_they_are() {
    let api = Api::seeded().await;
    let eva = api.editor("eva").await;
    eva.publish(retitle(1, "Édité \"quoted\"")).await;
    let response = get(&api, "/export.jsonl", &[]).await;
    let cursor = header_text(response.headers(), "cyberprofiles-cursor").to_owned();
    let lines = response.text().await.unwrap();
    let (first, records) = lines.split_once('\n').unwrap();
    let about: Value = serde_json::from_str(first).unwrap();
    let about = &about["export"];
    assert_eq!(about["cursor"], cursor);
    assert_eq!(about["sequence"], api.store.head().await.unwrap().moment.0);
    assert_eq!(about["licence"], "MIT OR Apache-2.0");
    assert!(
        about["disclaimer"]
            .as_str()
            .unwrap()
            .contains("does not necessarily reflect")
    );
    assert!(records == api.export().await);

    let other = Api::empty().await;
    let imported = other.import(&lines, false).await.unwrap();
    assert_eq!(imported.created, records.lines().count());
    let again = text(&other, "/export.jsonl").await;
    assert!(again.split_once('\n').unwrap().1 == records);
    for wrong in [
        "{\"export\":{},\"createSource\":{}}",
        "{\"export\":1}",
        "{\"exports\":{}}",
    ] {
        assert!(other.import(wrong, false).await.is_err(), "{wrong}");
    }
}

#[tokio::test]
async fn the_description_names_every_file_with_its_columns_at_the_same_view() {
    let api = Api::seeded().await;
    let response = get(&api, "/export/datapackage.json?asOf=2020-01-01", &[]).await;
    let cursor = header_text(response.headers(), "cyberprofiles-cursor").to_owned();
    let package: Value = response.json().await.unwrap();
    assert_eq!(
        (&package["cursor"], &package["asOf"]),
        (&json!(cursor), &json!("2020-01-01"))
    );
    assert!(
        package["description"]
            .as_str()
            .unwrap()
            .contains("official position")
    );
    assert_eq!(package["licenses"][0]["name"], "MIT");
    assert!(
        package["sources"][0]["path"]
            .as_str()
            .unwrap()
            .starts_with("sources.csv")
    );
    let resources = package["resources"].as_array().unwrap();
    assert_eq!(resources.len(), Table::all().count());
    for resource in resources {
        let path = resource["path"].as_str().unwrap();
        assert!(
            path.ends_with(&format!("?at={cursor}&asOf=2020-01-01")),
            "{path}"
        );
        let csv = text(&api, &format!("/export/{path}")).await;
        let fields = resource["schema"]["fields"].as_array().unwrap().iter();
        let names: Vec<&str> = fields
            .map(|field| field["name"].as_str().unwrap())
            .collect();
        assert_eq!(csv.lines().next().unwrap(), names.join(","));
    }
    let status = resources
        .iter()
        .find(|one| one["name"] == "treaty-status")
        .unwrap();
    let keys = &status["schema"]["foreignKeys"];
    assert_eq!(
        keys[0],
        json!({ "fields": "country", "reference": { "resource": "countries", "fields": "code" } })
    );
}

#[tokio::test]
async fn no_cell_is_a_formula_to_a_spreadsheet() {
    let api = Api::seeded().await;
    let titles = [
        "=HYPERLINK(\"https://example.org\")",
        "+1",
        "-1",
        "@x",
        "'=1",
        "plain, \"quoted\"",
    ];
    let sources: Vec<Value> = titles
        .iter()
        .enumerate()
        .map(|(number, title)| {
            json!({ "createSource": { "key": format!("formula-{number}"),
            "fields": { "kind": "OTHER", "title": title } } })
        })
        .collect();
    api.editor("eva").await.publish(json!(sources)).await;
    let rows = rows(&text(&api, "/export/sources.csv").await);
    let title = |number: usize| {
        let id = format!("Source:formula-{number}");
        rows.iter().find(|row| row["id"] == id).unwrap()["title"].clone()
    };
    for (number, given) in titles.iter().enumerate() {
        let expected = if number < 5 {
            format!("'{given}")
        } else {
            (*given).to_owned()
        };
        assert_eq!(title(number), expected);
    }
    for row in &rows {
        for cell in row.values() {
            assert!(
                !cell.starts_with(['=', '+', '-', '@', '\t', '\r']),
                "{cell}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_writes_the_same_bytes() {
    let api = Api::seeded().await;
    let before = api.store.head().await.unwrap().moment;
    let cursor = api.store.cursors().write(before);
    api.editor("eva").await.publish(retitle(1, "Later")).await;
    let folder = tempfile::tempdir().unwrap();
    let export = |arguments: &[&str]| {
        let mut command = program(folder.path());
        let output = command
            .args(["--database-url", &api.url, "export", "--at", &cursor])
            .args(arguments)
            .output();
        let output = output.unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let at = format!("?at={cursor}");
    let lines = text(&api, &format!("/export.jsonl{at}")).await;
    assert!(export(&["--describe"]) == lines);
    assert!(export(&["-"]) == lines.split_once('\n').unwrap().1);
    export(&["--format", "csv", "--as-of", "2010-03-15", "all"]);
    for table in Table::all() {
        let name = format!("{}.csv", table.name());
        let written = std::fs::read_to_string(folder.path().join("all").join(&name)).unwrap();
        let sent = text(&api, &format!("/export/{name}{at}&asOf=2010-03-15")).await;
        assert!(written == sent, "{name}");
    }
    let one = export(&[
        "--format",
        "csv",
        "--table",
        "treaty-status",
        "--as-of",
        "2010-03-15",
        "-",
    ]);
    assert!(one.contains("AZ,ETS 185,2010-03-15,CONTRACTING_STATE,"));
    let package = std::fs::read_to_string(folder.path().join("all/datapackage.json")).unwrap();
    let package: Value = serde_json::from_str(&package).unwrap();
    assert_eq!(
        (&package["cursor"], &package["asOf"]),
        (&json!(cursor), &json!("2010-03-15"))
    );
    assert_eq!(package["resources"][0]["path"], "sources.csv");
}

#[tokio::test]
async fn a_day_is_refused_for_an_export_that_does_not_depend_on_it() {
    let api = Api::seeded().await;
    let folder = tempfile::tempdir().unwrap();
    for arguments in [
        vec!["-"],
        vec!["--describe", "all.jsonl"],
        vec!["--format", "csv", "--table", "treaties", "treaties.csv"],
    ] {
        let output = program(folder.path())
            .args([
                "--database-url",
                &api.url,
                "export",
                "--as-of",
                "2010-03-15",
            ])
            .args(&arguments)
            .output();
        let output = output.unwrap();
        assert!(
            !output.status.success() && output.stdout.is_empty(),
            "{output:?}"
        );
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(
            said.contains(
                "--as-of is the day of treaty statuses, which this export does not contain"
            ),
            "{said}"
        );
        assert!(said.contains("--format csv"), "{said}");
    }
    assert_eq!(folder.path().read_dir().unwrap().count(), 0);
}
