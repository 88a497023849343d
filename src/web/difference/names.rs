//! The labels of records that values name.

use std::collections::BTreeSet;

use graphql_client::GraphQLQuery;

use super::Names;
use crate::ask::Ask;
use crate::frame::Frame;
use crate::refused::Refused;

#[derive(GraphQLQuery)]
#[graphql(
    schema_path = "../../schema.graphql",
    query_path = "difference/names.graphql",
    custom_scalars_module = "crate::value::scalar"
)]
struct RecordNames;

use record_names::RecordNamesAtNodes as Node;

/// Asks for the labels of records, in the view and the language of a page.
///
/// # Errors
/// [`Refused`] if they cannot be read.
pub async fn names(
    frame: &Frame,
    ask: &mut dyn Ask,
    ids: BTreeSet<String>,
) -> Result<Names, Refused> {
    if ids.is_empty() {
        return Ok(Names::new());
    }
    let ids: Vec<String> = ids.into_iter().collect();
    let variables = record_names::Variables {
        on: frame.on(),
        at: frame.at(),
        ids: ids.clone(),
        languages: Some(frame.languages()),
    };
    let data = frame.execute::<RecordNames>(ask, variables).await?;
    let nodes = ids.into_iter().zip(data.at.nodes);
    let named = nodes.filter_map(|(id, node)| {
        let label = match node? {
            Node::CourtDecision(one) => one.label,
            Node::CybersecurityBody(one) => one.label,
            Node::OperationalUnit(one) => one.label,
            Node::PolicyDocument(one) => one.label,
            Node::Source(one) => one.label,
            Node::TreatyEvent(one) => one.label,
            _ => return None,
        };
        Some((id, label))
    });
    Ok(named.collect())
}
