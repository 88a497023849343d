//! The table of paths for operators and the paths that the program serves.

use reqwest::Method;

use super::addresses::{EMBEDDED, FORMS, PAGES};
use crate::harness::Api;

/// Values for the placeholders of the table.
const VALUES: [(&str, &str); 8] = [
    ("/sources/<key>", "/sources/octopus-az-2020"),
    ("/<hash>/<file>", ""),
    ("<reference>", "ETS-185"),
    ("<code>", "AZ"),
    ("<form>", "add-a-strategy"),
    ("<words>", "strategy"),
    ("<table>", "countries"),
    ("/records/<id>", "/records/Treaty:ets-185"),
];

/// The paths of the table.
fn table() -> Vec<String> {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/operating.md"));
    let page = page.unwrap();
    let (_, table) = page.split_once("| path | what it is |").unwrap();
    let (table, _) = table.split_once("\n\n").unwrap();
    let cells = table.lines().filter_map(|line| line.strip_prefix("| `"));
    let cells = cells.map(|line| line.split(" | ").next().unwrap());
    let paths = cells.flat_map(|cell| cell.split("`, `"));
    paths
        .map(|path| path.trim_end_matches('`').to_owned())
        .collect()
}

/// True if a path of the table has a path, with any value for each placeholder.
fn has(pattern: &str, path: &str) -> bool {
    let parts = |path: &str| -> Vec<String> {
        let path = path.split('?').next().unwrap();
        path.split('/').map(str::to_owned).collect()
    };
    let (pattern, path) = (parts(pattern), parts(path));
    pattern.len() == path.len()
        && pattern
            .iter()
            .zip(&path)
            .all(|(one, other)| one.starts_with('<') || one == other)
}

#[test]
fn the_page_for_operators_lists_every_page() {
    let table = table();
    let others = [
        "/changes/live",
        "/review/live",
        "/sign-in/callback",
        "/sign-in/openid",
        "/sign-out",
        "/account",
    ];
    let forms: Vec<String> = FORMS
        .iter()
        .map(|form| format!("/contribute/{form}"))
        .collect();
    let pages = PAGES.iter().chain(EMBEDDED).map(|page| page.path);
    for path in pages.chain(others).chain(forms.iter().map(String::as_str)) {
        assert!(
            table.iter().any(|pattern| has(pattern, path)),
            "{path} in {table:?}"
        );
    }
}

#[tokio::test]
async fn every_path_that_the_page_for_operators_lists_is_served() {
    let api = Api::seeded().await;
    let mut asked = 0;
    for pattern in table() {
        let path = VALUES.iter().fold(pattern.clone(), |path, (name, value)| {
            path.replace(name, value)
        });
        // A socket, files whose names change, and what needs a contribution, are tested elsewhere.
        if path.contains('<') || path == "/assets" || path == "/graphql/ws" {
            continue;
        }
        let request = api
            .request(Method::GET, &path)
            .header("accept", "text/html");
        let status = request.send().await.unwrap().status();
        assert_ne!(status, 404, "{pattern}");
        asked += 1;
    }
    assert!(asked > 30, "{asked}");
}
