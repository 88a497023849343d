//! The description of the CSV files: a Frictionless Data Package. Source: specs.frictionlessdata.io, version 1.

use serde_json::{Value, json};

use super::about::{PROGRAM, TITLE};
use super::{CellForm, Column, Table, View};
use crate::domain::record::Kind;
use crate::domain::terms::{DISCLAIMER, LICENCES, TERMS};
use crate::store::Store;

/// The description as JSON. `query` is appended to the path of each file; it leads a client to the files of this view.
pub fn package(store: &Store, view: &View, query: &str) -> String {
    let resources: Vec<Value> = Table::all().map(|table| resource(table, query)).collect();
    let licences =
        LICENCES.map(|(name, title, path)| json!({ "name": name, "title": title, "path": path }));
    let description = format!("{DISCLAIMER} {TERMS}");
    let package = json!({
        "profile": "data-package",
        "name": "cyberprofiles",
        "title": TITLE,
        "description": description,
        "version": format!("{PROGRAM}+{}", view.moment.0),
        "created": view.committed_at,
        "cursor": view.cursor(store),
        "sequence": view.moment.0,
        "hash": view.link.hash,
        "stateDigest": view.link.state,
        "asOf": view.as_of,
        "licenses": licences,
        "sources": [{
            "title": "The records in sources.csv; citations.csv says which of them supports which field of which record",
            "path": format!("sources.csv{query}"),
        }],
        "resources": resources,
    });
    format!("{package:#}\n")
}

fn resource(table: Table, query: &str) -> Value {
    let columns = table.columns();
    let fields: Vec<Value> = columns.iter().map(field).collect();
    let keys: Vec<Value> = columns.iter().filter_map(foreign_key).collect();
    json!({
        "profile": "tabular-data-resource",
        "name": table.name(),
        "path": format!("{}.csv{query}", table.name()),
        "description": table.description(),
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": { "delimiter": ",", "lineTerminator": "\r\n", "quoteChar": "\"", "doubleQuote": true, "header": true },
        "schema": {
            "fields": fields,
            "missingValues": [""],
            "primaryKey": table.primary_key(),
            "foreignKeys": keys,
        },
    })
}

fn field(column: &Column) -> Value {
    let (kind, mut constraints) = match &column.form {
        CellForm::Text | CellForm::Joined => ("string", json!({})),
        CellForm::Word(words) => ("string", json!({ "enum": words })),
        CellForm::Boolean => ("boolean", json!({})),
        CellForm::Integer => ("integer", json!({})),
        CellForm::Day => ("date", json!({})),
        CellForm::Instant => ("datetime", json!({})),
        CellForm::List => ("array", json!({})),
        CellForm::Object => ("object", json!({})),
    };
    if let Value::Object(constraints) = &mut constraints
        && column.required
    {
        constraints.insert("required".to_owned(), true.into());
    }
    json!({
        "name": column.name,
        "type": kind,
        "description": column.description,
        "constraints": constraints,
    })
}

/// The table and the column that a column names.
fn foreign_key(column: &Column) -> Option<Value> {
    let kind = column.refers_to?;
    let field = match kind {
        Kind::Country => "code",
        Kind::Treaty => "reference",
        _ => "id",
    };
    let resource = Table::Records(kind).name();
    Some(json!({ "fields": column.name, "reference": { "resource": resource, "fields": field } }))
}
