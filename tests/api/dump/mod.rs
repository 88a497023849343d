//! The data as files: JSON Lines, CSV, and the description of both.

use std::collections::HashMap;

use reqwest::{Method, Response, StatusCode};
use serde_json::Value;

use crate::harness::Api;

mod download;
mod forms;
mod tables;
mod views;

async fn get(api: &Api, path: &str, headers: &[(&str, &str)]) -> Response {
    let mut request = api.request(Method::GET, path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap()
}

/// The text of an export that must be there.
async fn text(api: &Api, path: &str) -> String {
    let response = get(api, path, &[]).await;
    assert_eq!(response.status(), StatusCode::OK, "{path}");
    response.text().await.unwrap()
}

/// Status and message of a refusal.
async fn refusal(response: Response) -> (u16, String) {
    let status = response.status().as_u16();
    let body: Value = response.json().await.unwrap();
    let error = &body["errors"][0];
    assert!(error["extensions"]["code"].is_string(), "{body:#}");
    (status, error["message"].as_str().unwrap().to_owned())
}

/// The path of the permanent address in a `Link` header.
fn permanent(link: &str) -> &str {
    let (address, relation) = link.strip_prefix('<').unwrap().split_once('>').unwrap();
    assert_eq!(relation, "; rel=\"bookmark\"");
    address.strip_prefix("http://localhost:8000").unwrap()
}

/// The rows of a CSV file, by the names of its columns.
fn rows(csv: &str) -> Vec<HashMap<String, String>> {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    reader.deserialize().map(Result::unwrap).collect()
}
