//! The documents of records, and their answers. The macro of `graphql_client` accepts no interface in an interface
//! (`Record` in `Node`), so the answers have types of their own, and a test looks up the fields in the schema.

use std::fmt;

use graphql_client::{GraphQLQuery, QueryBody};
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::treaty::order;
use crate::value::{
    Certainty, ChangeOperation, PolicyDocumentStatus, RecordField, RecordKind, StaleReason,
    TreatyStatus,
};

/// Declares a document with its variables and the type of its answer.
macro_rules! document {
    ($name:ident, $operation:literal, $file:literal, $variables:ty, $data:ty) => {
        #[doc = concat!("The document `", $operation, "`.")]
        pub struct $name;

        impl GraphQLQuery for $name {
            type Variables = $variables;
            type ResponseData = $data;

            fn build_query(variables: Self::Variables) -> QueryBody<Self::Variables> {
                QueryBody {
                    variables,
                    query: include_str!($file),
                    operation_name: $operation,
                }
            }
        }
    };
}

document!(
    RecordDocument,
    "Record",
    "record.graphql",
    Variables,
    AtData<Record>
);
document!(
    HistoryDocument,
    "History",
    "history.graphql",
    HistoryVariables,
    AtData<Past>
);

/// The variables of a record.
#[derive(Clone, Debug, Serialize)]
pub struct Variables {
    pub id: String,
    pub on: Option<String>,
    pub at: Option<String>,
    pub languages: Vec<String>,
}

/// The variables of a history.
#[derive(Clone, Debug, Serialize)]
pub struct HistoryVariables {
    #[serde(flatten)]
    pub of: Variables,
    pub before: Option<String>,
    pub from: i64,
    pub to: i64,
    pub compared: bool,
}

/// An answer with one record in a view.
#[derive(Debug, Deserialize)]
#[serde(bound = "T: Deserialize<'de>")]
pub struct AtData<T> {
    pub at: View<T>,
    #[serde(default)]
    pub diff: Vec<FieldChange>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", bound = "T: Deserialize<'de>")]
pub struct View<T> {
    pub as_of: String,
    pub cursor: String,
    pub known_at: Option<String>,
    pub node: Option<T>,
}

/// A record. The fields after `history` are those of some kinds.
#[expect(
    clippy::struct_field_names,
    reason = "these are the names of the schema"
)]
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    #[serde(rename = "__typename")]
    pub typename: String,
    pub record_id: String,
    pub label: String,
    pub version: i64,
    pub permalink: String,
    pub export_line: String,
    pub retired: Option<Retirement>,
    pub cite_as: String,
    pub bibtex: String,
    pub csl: String,
    pub freshness: Freshness,
    pub citations: Vec<Citation>,
    pub history: History<Revision>,
    pub country: Option<Country>,
    pub effective_status: Option<PolicyDocumentStatus>,
    #[serde(default)]
    pub ancestors: Vec<Named>,
    #[serde(default)]
    pub successors: Vec<Named>,
    #[serde(default)]
    pub units: List<Named>,
    #[serde(default)]
    pub protocols: Vec<Named>,
    #[serde(default)]
    pub reservations: Vec<Named>,
    #[serde(default)]
    pub record_counts: Vec<RecordCount>,
    #[serde(default)]
    pub status_counts: Vec<StatusCount>,
    #[serde(default)]
    pub treaty_participations: Vec<Participation>,
}

/// A record with its versions.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Past {
    #[serde(rename = "__typename")]
    pub typename: String,
    pub label: String,
    pub version: i64,
    pub history: History<FullRevision>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", bound = "T: Deserialize<'de>")]
pub struct History<T> {
    pub total_count: usize,
    #[serde(default)]
    pub page_info: PageInfo,
    pub nodes: Vec<T>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PageInfo {
    pub has_previous_page: bool,
    pub start_cursor: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Revision {
    pub version: i64,
    pub committed_at: String,
    pub operation: ChangeOperation,
    pub actor: Actor,
    pub contribution: Option<Contribution>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct FullRevision {
    #[serde(flatten)]
    pub revision: Revision,
    pub fields: Vec<FieldChange>,
    pub citations: Vec<Citation>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct FieldChange {
    pub name: String,
    pub before: Option<Value>,
    pub after: Option<Value>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Retirement {
    pub at: String,
    pub reason: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Freshness {
    pub edited_at: String,
    pub verified_on: Option<String>,
    pub verified_by: Option<Actor>,
    pub source_changed_on: Option<PartialDate>,
    pub is_stale: bool,
    pub reasons: Vec<StaleReason>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct PartialDate {
    pub edtf: String,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Actor {
    pub name: String,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Contribution {
    pub id: String,
    pub title: String,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Citation {
    pub fields: Vec<RecordField>,
    pub certainty: Certainty,
    pub locator: Option<String>,
    pub quote: Option<String>,
    pub source: Source,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Source {
    pub record_id: String,
    pub title: String,
    pub publisher: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Country {
    pub code: String,
    pub name: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Named {
    pub record_id: String,
    pub label: String,
}

#[derive(Clone, Debug, Deserialize)]
pub struct List<T> {
    pub nodes: Vec<T>,
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self { nodes: Vec::new() }
    }
}

#[derive(Clone, Debug, Deserialize)]
pub struct RecordCount {
    pub kind: RecordKind,
    pub count: i64,
}

#[derive(Clone, Debug, Deserialize)]
pub struct StatusCount {
    pub status: TreatyStatus,
    pub count: i64,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Participation {
    pub status: TreatyStatus,
    pub since: Option<PartialDate>,
    pub treaty: Treaty,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Treaty {
    pub reference: String,
    pub short_title: String,
    pub parent: Option<ParentTreaty>,
    pub opened_on: Option<PartialDate>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ParentTreaty {
    pub reference: String,
    pub short_title: String,
}

impl Treaty {
    /// The place of the treaty in lists.
    pub fn place(&self) -> order::Place {
        let parent = self.parent.as_ref();
        order::place(
            (&self.reference, &self.short_title),
            parent.map(|one| (one.reference.as_str(), one.short_title.as_str())),
            self.opened_on.as_ref().map(|date| date.edtf.as_str()),
        )
    }
}

/// The members of a JSON object, in their order.
#[derive(Debug)]
pub struct Members<T>(pub Vec<(String, T)>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Members<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder<T>(std::marker::PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for InOrder<T> {
            type Value = Members<T>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(InOrder(std::marker::PhantomData))
    }
}

#[derive(Deserialize)]
struct Created {
    fields: Members<Value>,
}

impl Record {
    /// The stored fields with their values, in the order of the kind of record.
    pub fn fields(&self) -> Vec<(String, Value)> {
        let line: Option<Members<Created>> = serde_json::from_str(&self.export_line).ok();
        let created = line.and_then(|line| line.0.into_iter().next());
        created
            .map(|(_, created)| created.fields.0)
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::schema_check::unknown_fields;

    #[test]
    fn the_fields_of_a_record_keep_their_order() {
        let line = r#"{"createCountry":{"key":"az","fields":{"kind":"STATE","code":"AZ","alpha3":"AZE"},"cite":[]}}"#;
        let read: Members<Created> = serde_json::from_str(line).unwrap();
        let names: Vec<&str> = read.0[0]
            .1
            .fields
            .0
            .iter()
            .map(|one| one.0.as_str())
            .collect();
        assert_eq!(names, ["kind", "code", "alpha3"]);
    }

    #[test]
    fn the_schema_has_every_field_of_the_documents() {
        for document in [
            include_str!("record.graphql"),
            include_str!("history.graphql"),
        ] {
            assert_eq!(unknown_fields(document), Vec::<String>::new());
        }
        let wrong = "query A { at { node(id: $id) { ... on Country { code nothing } } } nothing }";
        assert_eq!(unknown_fields(wrong), ["Country.nothing", "Query.nothing"]);
    }
}
