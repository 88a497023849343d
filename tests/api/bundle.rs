//! The bundled data set: a database that an earlier release has filled takes the data of this one.

use std::path::Path;

use cyberprofiles::bundle;
use serde_json::{Value, json};

use crate::harness::{Api, Imported, bundled, cite, retitle};
use crate::program::program;

/// Records of the bundled data that [`earlier`] gives another value or citation, or leaves out.
const HUNGARY: &str = "hu-cets-224-ratification";
const GEORGIA: &str = "ge-ets-185-ratification";
const ANDORRA: &str = "ad-cets-224-signature";

/// The bundled data as an earlier release could have had it. Country, source and body are such that later lines of the
/// bundled data update.
fn earlier() -> String {
    let mut text = String::new();
    for line in bundle::lines() {
        let mut line: Value = serde_json::from_str(&line.unwrap()).unwrap();
        let (name, body) = line.as_object_mut().unwrap().iter_mut().next().unwrap();
        let key = body["key"].as_str().unwrap_or_default().to_owned();
        match (name.as_str(), key.as_str()) {
            ("createCountry", "az") => {
                body["fields"]["subregion"] = json!("Asia");
                body["fields"]["disclaimer"] = json!("None.");
                let fields = body["cite"][3]["fields"].as_array_mut().unwrap();
                fields.push(json!("DISCLAIMER"));
            }
            ("createSource", "octopus-az-2020") => body["fields"]["title"] = json!("Earlier"),
            ("createCybersecurityBody", "az-state-security-service") => {
                body["fields"]["kind"] = json!("OTHER");
            }
            ("createTreatyEvent", HUNGARY) => body["fields"]["date"] = json!("2026-02-04"),
            ("createTreatyEvent", GEORGIA) => body["cite"][0]["locator"] = json!("earlier"),
            ("createTreatyEvent", ANDORRA) => continue,
            _ => {}
        }
        text.push_str(&line.to_string());
        text.push('\n');
    }
    text
}

#[tokio::test]
async fn the_bundled_data_has_no_warning() {
    let imported = Api::empty().await.import_bundled(false).await;
    assert_eq!(i64::try_from(imported.created).unwrap() + 5, bundled());
    assert_eq!(imported.warnings, Vec::<String>::new());
}

impl Api {
    /// A server whose database an earlier release has filled.
    async fn of_an_earlier_release() -> Self {
        let api = Self::empty().await;
        api.import(&earlier(), false).await.unwrap();
        api
    }

    /// Imports the bundled data, as `import --bundled` does.
    async fn import_bundled(&self, update: bool) -> Imported {
        let (files, mut lines) = (bundle::files(), bundle::lines());
        self.import_files(&files, &mut lines, update).await.unwrap()
    }
}

/// A line of an export, with its citations by field: in a record that was updated they have another order.
fn by_field(line: &str) -> (Value, Vec<String>) {
    let mut line: Value = serde_json::from_str(line).unwrap();
    let body = line.as_object_mut().unwrap().values_mut().next().unwrap();
    let fields: Vec<String> = body["fields"]
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect();
    let mut cites = Vec::new();
    for mut cite in serde_json::from_value::<Vec<Value>>(body["cite"].take()).unwrap() {
        let all = json!(fields.iter().map(|field| snake(field)).collect::<Vec<_>>());
        let cited = cite["fields"].take();
        let cited = if cited.is_null() { all } else { cited };
        let cited = cited.as_array().unwrap().iter();
        cites.extend(cited.map(|field| format!("{field} {cite}")));
    }
    cites.sort();
    (line, cites)
}

fn snake(field: &str) -> String {
    let mut snake = String::new();
    for letter in field.chars() {
        if letter.is_uppercase() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_uppercase());
    }
    snake
}

#[tokio::test]
async fn the_bundled_data_has_no_warnings() {
    let api = Api::empty().await;
    let imported = api.import_bundled(false).await;
    assert_eq!(imported.warnings, Vec::<String>::new());
    assert_eq!(imported.differing, []);
}

#[tokio::test]
async fn an_update_from_the_bundled_data_gives_the_records_of_a_first_start() {
    let api = Api::of_an_earlier_release().await;
    let updated = api.import_bundled(true).await;
    // Country, source and body are rewritten, and later lines update them again.
    assert_eq!((updated.created, updated.updated), (1, 8));
    assert!(updated.differing.is_empty(), "{:?}", updated.differing);
    let fresh = Api::seeded().await.export().await;
    let exported = api.export().await;
    let records = |text: &str| text.lines().map(by_field).collect::<Vec<_>>();
    let (exported, fresh) = (records(&exported), records(&fresh));
    let differing = exported
        .iter()
        .zip(&fresh)
        .find(|(one, other)| one != other);
    assert_eq!(differing, None);
    assert_eq!(exported.len(), fresh.len());
    let again = api.import_bundled(true).await;
    assert_eq!((again.created, again.updated), (0, 0));
    assert_eq!(i64::try_from(again.unchanged).unwrap(), bundled());
    assert_eq!(again.warnings, Vec::<String>::new());
}

#[tokio::test]
async fn an_update_from_the_bundled_data_leaves_what_editors_touched() {
    let api = Api::of_an_earlier_release().await;
    let (eva, hungary) = (api.editor("eva").await, format!("TreatyEvent:{HUNGARY}"));
    let georgia = format!("TreatyEvent:{GEORGIA}");
    let at_source = json!([{ "source": "Source:coe-chart-185-2015", "locator": "seen by Eva" }]);
    eva.publish(json!([
        { "updateTreatyEvent": { "id": hungary, "baseVersion": 1, "set": { "date": "2026-02-03" }, "cite": at_source } },
        { "updateTreatyEvent": { "id": georgia, "baseVersion": 1, "set": { "text": "By Eva." }, "cite": at_source } },
    ]))
    .await;
    // The bundled data has this record as it was: nothing is reported.
    eva.publish(retitle(1, "Edited")).await;
    let updated = api.import_bundled(true).await;
    assert_eq!((updated.created, updated.updated), (1, 6));
    let said: Vec<&str> = updated
        .differing
        .iter()
        .map(|(_, said)| said.as_str())
        .collect();
    assert_eq!(
        said,
        [
            format!(
                "{hungary} has other content in DATE: left unchanged, because not only imports have changed it"
            ),
            format!(
                "{georgia} has other content in TEXT and other citations of DATE, COUNTRY, TREATY: left unchanged, because not only imports have changed it"
            ),
        ]
    );
    for (place, _) in &updated.differing {
        assert!(place.starts_with("04-treaty-events.jsonl line "), "{place}");
    }
    let now = api
        .query(&format!("{{ hungary: node(id: \"{hungary}\") {{ ... on TreatyEvent {{ version date {{ edtf }}
            citations(field: DATE) {{ locator }} }} }}
            georgia: node(id: \"{georgia}\") {{ ... on TreatyEvent {{ version citations(field: DATE) {{ locator }} }} }}
            treaty(reference: \"ETS 185\") {{ shortTitle }} }}"))
        .await;
    assert_eq!(
        now,
        json!({ "hungary": { "version": 2, "date": { "edtf": "2026-02-03" }, "citations": [{ "locator": "seen by Eva" }] },
            "georgia": { "version": 2, "citations": [{ "locator": "earlier" },
                { "locator": "with the instrument of approval, 6 June 2012" }, { "locator": "declarations made upon approval" }] },
            "treaty": { "shortTitle": "Edited" } })
    );
    let head = api.query("{ head { sequence } }").await;
    let again = api.import_bundled(true).await;
    assert_eq!((again.created, again.updated), (0, 0));
    assert_eq!(again.differing, updated.differing);
    assert_eq!(api.query("{ head { sequence } }").await, head);
}

#[tokio::test]
async fn an_update_line_that_contradicts_a_later_value_is_reported_or_carried_out() {
    let api = Api::seeded().await;
    let line = |title: &str| {
        json!({ "updateTreaty": { "id": "Treaty:ets-185", "baseVersion": 1, "set": { "shortTitle": title }, "cite": cite() } })
            .to_string()
    };
    let later = json!({ "updateTreaty": { "id": "Treaty:ets-185", "baseVersion": 2, "set": { "title": "Later" },
        "cite": cite() } });
    let file = |title: &str| format!("{}\n{later}", line(title));
    api.import(&file("One"), false).await.unwrap();
    let refused = api.import(&line("Two"), false).await.unwrap_err();
    assert!(refused.to_string().contains("is \"One\" now"), "{refused}");
    let updated = api.import(&file("Two"), true).await.unwrap();
    assert_eq!((updated.updated, updated.unchanged), (1, 1));
    let again = api.import(&file("Two"), true).await.unwrap();
    assert_eq!((again.updated, again.unchanged), (0, 2));
    api.editor("eva").await.publish(retitle(4, "Edited")).await;
    let left = api.import(&file("Three"), true).await.unwrap();
    assert_eq!((left.updated, left.unchanged), (0, 1));
    insta::assert_snapshot!(left.differing[0].1, @"Treaty:ets-185 has other content in SHORT_TITLE: left unchanged, because not only imports have changed it");
    let now = api
        .query("{ treaty(reference: \"ETS 185\") { shortTitle title } }")
        .await;
    assert_eq!(
        now["treaty"],
        json!({ "shortTitle": "Edited", "title": "Later" })
    );
}

/// Runs `cyberprofiles import` with arguments, in a folder. Returns exit code, output, and errors.
fn import(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = program(folder)
        .arg("import")
        .args(arguments)
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (
        output.status.code(),
        text(&output.stdout),
        text(&output.stderr),
    )
}

#[test]
fn the_bundled_data_is_imported_in_place_of_files() {
    let folder = tempfile::tempdir().unwrap();
    let all = bundled();
    let (code, out, errors) = import(folder.path(), &["--bundled", "--dry-run"]);
    assert_eq!(code, Some(0), "{errors}");
    assert!(out.ends_with("dry run: nothing was stored\n"), "{out}");
    let (_, stored, _) = import(folder.path(), &["--bundled"]);
    let first = stored.lines().next().unwrap();
    assert!(
        first.starts_with("the bundled data: ") && first.ends_with(" updated, 0 unchanged"),
        "{first}"
    );
    assert_eq!(out.lines().next(), Some(first));
    let (_, again, _) = import(folder.path(), &["--bundled", "--update"]);
    assert_eq!(
        again,
        format!("the bundled data: 0 created, 0 updated, {all} unchanged\n")
    );
    for (arguments, why) in [
        (
            &[][..],
            "required arguments were not provided:\n  <FILES|--bundled|--page <FILE>>",
        ),
        (&["--bundled", "x.jsonl"], "cannot be used with"),
    ] {
        let (code, _, errors) = import(folder.path(), arguments);
        assert_eq!(code, Some(2));
        assert!(errors.contains(why), "{errors}");
    }
}
