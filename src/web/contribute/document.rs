//! The documents of this room, and their answers. The inputs have many kinds, so variables are made as JSON.

use std::sync::LazyLock;

use graphql_client::GraphQLQuery;
use serde::Deserialize;
use serde_json::Value;

use super::facts::Facts;
use crate::value::{
    BodyKind, Certainty, ChangeOperation, ContributionState, ContributionStep, CountryKind,
    CoverageTopic, CoverageValue, DocumentRelationKind, DocumentSubject, ImplementationDegree,
    InstitutionFunction, InstitutionStatus, InternationalOrganisation, MappedBy, MembershipRole,
    PolicyDocumentKind, PolicyDocumentStatus, ProfileTopic, RecordField, RecordKind, SectionState,
    SourceKind, TreatyEventKind, TreatyStatus, UnitKind, UserErrorCode,
};

/// Declares a document, so that the compiler checks it against the schema.
macro_rules! documents {
    ($($name:ident $file:tt)+) => {
        $(
            #[allow(dead_code, reason = "of some documents only the text is used")]
            #[derive(GraphQLQuery)]
            #[graphql(
                schema_path = "../../schema.graphql",
                query_path = $file,
                custom_scalars_module = "crate::value::scalar",
                extern_enums(
                    "BodyKind", "Certainty", "ChangeOperation", "ContributionState", "ContributionStep", "CountryKind", "CoverageTopic", "CoverageValue", "DocumentRelationKind", "DocumentSubject", "ImplementationDegree", "InstitutionFunction", "InstitutionStatus", "InternationalOrganisation", "MappedBy", "MembershipRole", "PolicyDocumentKind", "PolicyDocumentStatus", "ProfileTopic", "RecordField", "RecordKind", "SectionState", "SourceKind", "TreatyEventKind", "TreatyStatus", "UnitKind", "UserErrorCode"
                ),
            )]
            pub struct $name;
        )+
    };
}

documents! {
    Choices "contribute/choices.graphql"
    Create "contribute/proposal.graphql"
    Current "contribute/current.graphql"
    Draft "contribute/draft.graphql"
    Preview "contribute/proposal.graphql"
    Receipt "contribute/receipt.graphql"
    Start "contribute/start.graphql"
    Tip "contribute/tip.graphql"
    Update "contribute/proposal.graphql"
}

/// The operation of a name and the fragments, from a file with several operations.
fn operation(file: &str, name: &str) -> String {
    let parts = file.split("\n\n").filter(|part| {
        let mut words = part.split([' ', '(']);
        words.next() == Some("fragment") || words.next() == Some(name)
    });
    parts.collect::<Vec<_>>().join("\n\n")
}

/// The document that creates a contribution.
pub static CREATE: LazyLock<String> =
    LazyLock::new(|| operation(create::QUERY, create::OPERATION_NAME));
/// The document that edits a contribution.
pub static UPDATE: LazyLock<String> =
    LazyLock::new(|| operation(update::QUERY, update::OPERATION_NAME));
/// The document of a contribution and its effect.
pub static PREVIEW: LazyLock<String> =
    LazyLock::new(|| operation(preview::QUERY, preview::OPERATION_NAME));

/// A fault in an input.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct UserError {
    /// The code.
    #[serde(default)]
    pub code: String,
    /// The sentence.
    pub message: String,
    /// The path to the value.
    #[serde(default)]
    pub path: Option<Vec<String>>,
}

/// The answer to a mutation.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Payload {
    /// The faults.
    pub user_errors: Vec<UserError>,
    /// The contribution.
    pub contribution: Option<Proposal>,
}

/// The answer to a mutation with changes.
#[derive(Debug, Deserialize)]
pub enum Stored {
    /// Of `createContribution`.
    #[serde(rename = "createContribution")]
    Created(Payload),
    /// Of `updateContribution`.
    #[serde(rename = "updateContribution")]
    Updated(Payload),
    /// Of `submitTip`.
    #[serde(rename = "submitTip")]
    Tip(Payload),
}

impl Stored {
    /// The payload.
    pub fn payload(self) -> Payload {
        match self {
            Self::Created(payload) | Self::Updated(payload) | Self::Tip(payload) => payload,
        }
    }
}

/// A contribution.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Proposal {
    /// The id.
    pub id: String,
    /// The title.
    pub title: String,
    /// The reason.
    pub rationale: Option<String>,
    /// The revision.
    pub revision: i64,
    /// The state.
    pub state: Option<ContributionState>,
    /// The steps that the person can take.
    pub steps: Vec<ContributionStep>,
    /// The changes.
    pub changes: Vec<Change>,
    /// Findings that stop nothing.
    pub warnings: Vec<UserError>,
    /// Other open contributions for the same records.
    pub overlapping: Vec<Open>,
    /// The steps that were taken on it, oldest first.
    pub activity: Vec<Done>,
    /// The message of the reader who sent the tip.
    pub message: Option<String>,
    /// The address at which the information of the tip can be read.
    pub link: Option<String>,
    /// The way to reach the reader.
    pub contact: Option<String>,
    /// The profiles that it concerns, as they are.
    pub countries: Vec<Facts>,
    /// The profiles as they would be.
    pub preview: Option<Nodes<Facts>>,
}

/// A step that was taken.
#[derive(Clone, Debug, Deserialize)]
pub struct Done {
    /// The step.
    pub step: ContributionStep,
    /// The comment of the person.
    pub comment: Option<String>,
}

/// A proposed change.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Change {
    /// The input from which it was made.
    pub input: Value,
    /// The id of its record.
    pub record_id: String,
    /// The operation.
    pub operation: Option<ChangeOperation>,
    /// The reason to retire or restore.
    pub reason: Option<String>,
    /// The fields.
    pub fields: Vec<FieldChange>,
}

/// A field before and after.
#[derive(Clone, Debug, Deserialize)]
pub struct FieldChange {
    /// The name of the field in the schema.
    pub name: String,
    /// The value before.
    pub before: Option<Value>,
    /// The value after.
    pub after: Option<Value>,
}

/// An open contribution.
#[derive(Clone, Debug, Deserialize)]
pub struct Open {
    /// The id.
    pub id: String,
    /// The title.
    pub title: String,
    /// The state.
    pub state: ContributionState,
}

/// A connection inside of one field.
#[derive(Clone, Debug, Deserialize)]
pub struct Nodes<T> {
    /// The connection.
    pub countries: List<T>,
}

/// The elements of a connection.
#[derive(Clone, Debug, Deserialize)]
pub struct List<T> {
    /// The elements.
    pub nodes: Vec<T>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_has_one_operation_and_the_fragments() {
        for (document, name) in [
            (&*CREATE, "Create"),
            (&*UPDATE, "Update"),
            (&*PREVIEW, "Preview"),
        ] {
            let operations: Vec<&str> = document
                .lines()
                .filter(|line| line.starts_with("mutation") || line.starts_with("query"))
                .collect();
            assert!(
                operations.len() == 1 && operations[0].contains(name),
                "{operations:?}"
            );
            assert_eq!(document.matches("\nfragment ").count(), 2, "{document}");
        }
    }
}
