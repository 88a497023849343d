//! Contributions that revert a change.

use futures_util::future::{BoxFuture, FutureExt};
use sea_orm::QueryOrder;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Condition, ExprTrait};

use super::entity::Model;
use super::handle::Contributions;
use super::propose::{answered, new_contribution};
use super::steps::about;
use crate::error::Error;
use crate::write::Write;
use crate::{change, citation, record};
use domain::change::ChangeInput;
use domain::check::{Code, Path};
use domain::citation::CitationInput;
use domain::contribution::CreateContributionInput;
use domain::derive_change::AppliedChange;
use domain::idempotency::Once;
use domain::record::RecordId;
use domain::text::Markdown;
use domain::viewer::Contributor;

impl Contributions<'_> {
    /// Proposes the inverse of one change, with the citations that were valid before it.
    ///
    /// # Errors
    /// [`Error::Refused`] if the change does not exist or changed no values.
    pub fn revert<'a>(
        &'a self,
        author: &'a Contributor,
        sequence: i64,
        rationale: Markdown,
        once: Option<Once>,
    ) -> BoxFuture<'a, Result<Model, Error>> {
        let work = async move |tx: &Write| {
            let now = self.store.clock().now();
            if let Some(row) = answered(tx, author.actor(), once.as_ref(), now).await? {
                return Ok(row);
            }
            let at = Path::default().then("sequence");
            let Some(done) = change::Entity::find_by_id(sequence).one(tx).await? else {
                let message = format!(
                    "the change log has no change {sequence}: expected the `sequence` of a change"
                );
                return Err(at.finding(Code::NotFound, message).into());
            };
            let Some(inverse) = inverse(tx, &done, &rationale.0).await? else {
                let message = format!(
                    "change {sequence} changed no field: expected the `sequence` of one that did"
                );
                return Err(at.finding(Code::Invalid, message).into());
            };
            let input = CreateContributionInput {
                title: format!("Revert change {sequence} of {}", done.record),
                rationale,
                changes: vec![inverse],
                submit: Some(true),
                validate_only: None,
                idempotency_key: None,
            };
            let mut proposal = input
                .checked()
                .map_err(|rejected| Error::Refused(rejected.found))?
                .into_inner();
            proposal.once = once;
            let row = new_contribution(tx, author.actor(), proposal, now)
                .await
                .map_err(|error| about("sequence", error))?;
            Ok(row)
        };
        self.store.write(work).boxed()
    }
}

/// Builds the inverse of a change; `None` if it changed no values.
pub(super) async fn inverse(
    tx: &Write,
    done: &change::Model,
    reason: &str,
) -> Result<Option<ChangeInput>, Error> {
    let (id, sequence) = (&done.record, done.sequence);
    let rows = record::rows(tx, done.kind, |column| {
        Condition::all().add(column("id").eq(id.clone())).add(
            Condition::any()
                .add(column("since").eq(sequence))
                .add(column("until").eq(sequence)),
        )
    })
    .await?;
    let mut done = AppliedChange {
        operation: done.operation,
        id,
        before: None,
        after: None,
        cites: cites_before(tx, id, sequence).await?,
    };
    for (_, row) in &rows {
        let version = Some((row.version, &row.content));
        if row.until == Some(sequence) {
            done.before = version;
        } else {
            done.after = version;
        }
    }
    Ok(done.inverse(reason))
}

/// Reads the citations of a record that were valid just before a change.
async fn cites_before(
    tx: &Write,
    id: &RecordId,
    sequence: i64,
) -> Result<Vec<CitationInput>, Error> {
    let valid = Condition::all()
        .add(citation::Column::Record.eq(id.clone()))
        .add(citation::Column::Since.lt(sequence))
        .add(
            Condition::any()
                .add(citation::Column::Until.is_null())
                .add(citation::Column::Until.gte(sequence)),
        );
    let rows = citation::Entity::find()
        .filter(valid)
        .order_by_asc(citation::Column::Since)
        .order_by_asc(citation::Column::Position)
        .order_by_asc(citation::Column::Field)
        .all(tx)
        .await?;
    let mut cites: Vec<((i64, i32), CitationInput)> = Vec::new();
    for row in rows {
        let place = (row.since, row.position);
        match cites.last_mut().filter(|(last, _)| *last == place) {
            Some((_, cite)) => cite.fields.get_or_insert_default().push(row.field),
            None => cites.push((
                place,
                CitationInput {
                    source: Some(row.source.to_string().into()),
                    source_url: None,
                    new_source: None,
                    fields: Some(vec![row.field]),
                    locator: row.locator,
                    quote: row.quote,
                    certainty: Some(row.certainty),
                },
            )),
        }
    }
    Ok(cites.into_iter().map(|(_, cite)| cite).collect())
}
