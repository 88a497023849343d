//! Warnings about fields that a contribution calls `CONFIRMED`.

use std::collections::{BTreeSet, HashMap};

use async_graphql::Context;
use futures_util::future::{try_join_all, try_join3};
use serde_json::Value;

use crate::engine::context::{RequestContext, View};
use crate::engine::error::Error;
use domain::change::{Operation, Proposed};
use domain::check::Finding;
use domain::citation::FieldCitation;
use domain::confirmation::Confirmation;
use domain::field::Content;
use domain::record::{Kind, RecordField, RecordId};
use store::citation::{self, OfRecord};
use store::contribution::{BaseContent, LastVersion};
use store::load;
use store::source as sources;

/// The fields that proposed changes call `CONFIRMED` though fewer than two publishers confirm them.
///
/// # Errors
/// `UNAVAILABLE`, `INTERNAL`
pub(super) async fn warnings(
    ctx: &Context<'_>,
    changes: &[Proposed],
    view: View,
) -> Result<Vec<Finding>, Error> {
    let of_changes = changes
        .iter()
        .map(|change| confirmations(ctx, change, view));
    let confirmations = try_join_all(of_changes).await?.concat();
    let wanted: BTreeSet<&RecordId> = confirmations.iter().flat_map(|one| &one.sources).collect();
    let proposed: HashMap<&RecordId, Option<&str>> =
        changes.iter().filter_map(proposed_publisher).collect();
    let stored = wanted.into_iter().filter(|id| !proposed.contains_key(id));
    let stored = try_join_all(stored.map(|id| async move {
        let key = load::ById::<sources::Entity>::new(id.clone(), view.moment);
        Ok::<_, Error>((id, ctx.loader().load_one(key).await?))
    }));
    let stored: HashMap<_, _> = stored.await?.into_iter().collect();
    let publisher = |id: &RecordId| match proposed.get(id) {
        Some(proposed) => *proposed,
        None => stored.get(id)?.as_ref()?.publisher.as_deref(),
    };
    let warnings = confirmations
        .iter()
        .filter_map(|one| one.warning(&publisher));
    Ok(warnings.collect())
}

/// The fields that a change cites as `CONFIRMED`, with the sources that confirm them once it is accepted.
async fn confirmations(
    ctx: &Context<'_>,
    change: &Proposed,
    view: View,
) -> Result<Vec<Confirmation>, Error> {
    let none = Content::new();
    let (Some(record), Some(version)) = (change.id.clone(), change.base_version) else {
        let valid = change.valid_citations(&none, &none, &[], view.as_of);
        return Ok(Confirmation::of(change, &valid));
    };
    let base = BaseContent {
        record: record.clone(),
        version,
    };
    let newest = LastVersion {
        record: record.clone(),
        moment: view.moment,
    };
    let standing = OfRecord {
        record,
        moment: view.moment,
    };
    let loader = ctx.loader();
    let (base, newest, standing) = try_join3(
        loader.load_one(base),
        loader.load_one(newest),
        loader.load_one(standing),
    )
    .await?;
    let (Some(base), Some(newest)) = (base, newest) else {
        return Ok(Vec::new());
    };
    let standing = standing.iter().flat_map(|rows| rows.iter());
    let standing: Vec<FieldCitation> = standing.map(citation::Model::field_citation).collect();
    let valid = change.valid_citations(&base, &newest.1, &standing, view.as_of);
    Ok(Confirmation::of(change, &valid))
}

/// The source to which a change gives a publisher, or takes it away. A new source has the one that is proposed.
fn proposed_publisher(change: &Proposed) -> Option<(&RecordId, Option<&str>)> {
    let id = change.id.as_ref().filter(|_| change.kind == Kind::Source)?;
    let mut fields = change.fields.iter();
    let set = fields.find(|(field, _)| *field == RecordField::Publisher);
    if set.is_none() && change.operation != Operation::Create {
        return None;
    }
    let publisher = set.and_then(|(_, value)| value.as_ref());
    Some((id, publisher.and_then(Value::as_str)))
}
