//! The labels of records that values name.

use std::collections::BTreeSet;

use graphql_client::{GraphQLQuery, QueryBody};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Names;
use crate::ask::Ask;
use crate::frame::Frame;
use crate::refused::Refused;

/// The number of records that `nodes` takes at most.
const MAX_NAMES: usize = 250;

/// The document. The macro of `graphql_client` accepts no interface in an interface (`Record` in `Node`).
struct RecordNames;

#[derive(Serialize)]
struct Variables {
    ids: Vec<String>,
    on: Option<String>,
    at: Option<String>,
    languages: Vec<String>,
}

#[derive(Deserialize)]
struct Data {
    at: View,
}

#[derive(Deserialize)]
struct View {
    nodes: Vec<Option<Named>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Named {
    record_id: String,
    label: String,
}

impl GraphQLQuery for RecordNames {
    type Variables = Variables;
    type ResponseData = Data;

    fn build_query(variables: Variables) -> QueryBody<Variables> {
        QueryBody {
            variables,
            query: include_str!("names.graphql"),
            operation_name: "RecordNames",
        }
    }
}

/// The labels of the records and the countries that fields name, in the view and the language of a page. `fields` are
/// names of fields with a value. Past the 250th record, ids stand instead of labels.
///
/// # Errors
/// [`Refused`] if they cannot be read.
pub async fn names<'a>(
    frame: &Frame,
    ask: &mut dyn Ask,
    fields: impl Iterator<Item = (&'a str, &'a Value)>,
) -> Result<Names, Refused> {
    let mut ids = BTreeSet::new();
    for (name, value) in fields {
        super::references(value, &mut ids);
        countries(name, value, &mut ids);
    }
    let ids: Vec<String> = ids.into_iter().take(MAX_NAMES).collect();
    if ids.is_empty() {
        return Ok(Names::new());
    }
    let variables = Variables {
        ids,
        on: frame.on(),
        at: frame.at(),
        languages: frame.languages(),
    };
    let data = frame.execute::<RecordNames>(ask, variables).await?;
    let mut names = Names::new();
    for one in data.at.nodes.into_iter().flatten() {
        if let Some(key) = one.record_id.strip_prefix("Country:") {
            names.insert(key.to_uppercase(), one.label.clone());
        }
        names.insert(one.record_id, one.label);
    }
    Ok(names)
}

/// The record ids of the countries whose codes stand in a value of a field with this name.
fn countries(name: &str, value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(code) if matches!(name, "country" | "administeredBy") => {
            found.insert(format!("Country:{}", code.to_lowercase()));
        }
        Value::Array(elements) => elements.iter().for_each(|one| countries(name, one, found)),
        Value::Object(fields) => fields
            .iter()
            .for_each(|(name, one)| countries(name, one, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::record::unknown_fields;

    #[test]
    fn countries_are_found_by_their_fields() {
        let mut found = BTreeSet::new();
        countries("country", &json!("AZ"), &mut found);
        let former = json!([{"country": "NL", "until": "2010-10-10", "note": "DK"}]);
        countries("formerAdministrations", &former, &mut found);
        countries("names", &json!([{"text": "IT"}]), &mut found);
        let found: Vec<String> = found.into_iter().collect();
        assert_eq!(found, ["Country:az", "Country:nl"]);
    }

    #[test]
    fn the_schema_has_every_field_of_the_document() {
        let document = include_str!("names.graphql");
        assert_eq!(unknown_fields(document), Vec::<String>::new());
    }
}
