//! Contributions that revert an accepted contribution as a whole.

use futures_util::future::{BoxFuture, FutureExt};
use sea_orm::QueryOrder;
use sea_orm::entity::prelude::*;

use super::activity::Taken;
use super::entity::Model;
use super::handle::Contributions;
use super::propose::{answered, new_contribution};
use super::revert::inverse;
use super::steps::{ContributionRef, about};
use super::write::{save, visible};
use crate::error::Error;
use crate::known_records::KnownRecords;
use crate::write::Write;
use crate::{change, referrers};
use domain::change::{ChangeInput, Operation, Proposed};
use domain::check::{Code, Path};
use domain::contribution::{CreateContributionInput, MAX_TITLE, Step, checked_changes};
use domain::date::Date;
use domain::idempotency::Once;
use domain::record::Kind;
use domain::text::Markdown;
use domain::viewer::Contributor;

impl Contributions<'_> {
    /// Proposes the inverse of all changes of an accepted contribution that are not reverted yet, last change first.
    ///
    /// # Errors
    /// [`Error::Refused`] if the contribution is not accepted, or if nothing is left to revert.
    pub fn revert_contribution<'a>(
        &'a self,
        author: &'a Contributor,
        named: &'a ContributionRef,
        rationale: Markdown,
        once: Option<Once>,
    ) -> BoxFuture<'a, Result<Model, Error>> {
        let work = async move |tx: &Write| {
            let now = self.store.clock().now();
            if let Some(row) = answered(tx, author.actor(), once.as_ref(), now).await? {
                return Ok(row);
            }
            let at = Path::default().then("id");
            let accepted = visible(tx, author.actor(), &named.id).await?;
            accepted.after(author.actor(), named, Step::Revert)?;
            let inverse = inverse_of_all(tx, &accepted, &rationale.0).await?;
            if inverse.is_empty() {
                let message = "the contribution changed no field: there is nothing to revert";
                return Err(at.finding(Code::Invalid, message).into());
            }
            let pending = pending(tx, inverse, Date::of(now)).await?;
            let input = CreateContributionInput {
                title: title(&accepted.title),
                rationale,
                changes: pending,
                submit: Some(true),
                validate_only: None,
                idempotency_key: None,
            };
            let mut proposal = input
                .checked()
                .map_err(|rejected| about("id", Error::Refused(rejected.found)))?
                .into_inner();
            proposal.once = once;
            let row = new_contribution(tx, author.actor(), proposal, now)
                .await
                .map_err(|error| about("id", error))?;
            let taken = Taken::by(author.actor(), Step::Revert);
            save(tx, &accepted, accepted.clone(), taken, now).await?;
            Ok(row)
        };
        self.store.write(work).boxed()
    }
}

/// The inverse of each change of a contribution that changed a value, last change first.
async fn inverse_of_all(
    tx: &Write,
    accepted: &Model,
    reason: &str,
) -> Result<Vec<ChangeInput>, Error> {
    let done = change::Entity::find()
        // The log is indexed by record.
        .filter(change::Column::Record.is_in(accepted.records()))
        .filter(change::Column::Contribution.eq(&accepted.id))
        .order_by_desc(change::Column::Sequence)
        .all(tx)
        .await?;
    let mut all = Vec::new();
    for done in done {
        all.extend(inverse(tx, &done, reason).await?);
    }
    Ok(all)
}

/// Leaves out the changes that would change no value of their records as they are now, and the retirement of sources that
/// records cite.
///
/// # Errors
/// [`Error::Refused`] if no change is left.
async fn pending(
    tx: &Write,
    inverse: Vec<ChangeInput>,
    today: Date,
) -> Result<Vec<ChangeInput>, Error> {
    let at = Path::default().then("id");
    let mut found = Vec::new();
    let proposed = checked_changes(&inverse, &Path::default().then("changes"), &mut found);
    if !found.is_empty() {
        return Err(about("id", Error::Refused(found)));
    }
    let mut known_records = KnownRecords::default();
    let ids = proposed.iter().filter_map(|change| change.id.clone());
    known_records.load_ids(tx, ids).await?;
    known_records.load_earlier(tx, &proposed).await?;
    let (mut pending, mut cited) = (Vec::new(), Vec::new());
    for (input, change) in inverse.into_iter().zip(&proposed) {
        if !changes_a_value(&known_records, change, today) {
            continue;
        }
        match cited_source(tx, change).await? {
            Some(source) => cited.push(source),
            None => pending.push(input),
        }
    }
    if !pending.is_empty() {
        return Ok(pending);
    }
    let (code, message) = if cited.is_empty() {
        (
            Code::Invalid,
            "all changes of the contribution are reverted already".to_owned(),
        )
    } else {
        let cited = cited.join(", ");
        let message =
            format!("nothing is left to revert: records cite {cited}, and what is cited stays");
        (Code::Referenced, message)
    };
    Err(at.finding(code, message).into())
}

/// The id of the source that a change would retire though records cite it.
async fn cited_source(tx: &Write, change: &Proposed) -> Result<Option<String>, Error> {
    let is_retired = change.operation == Operation::Retire && change.kind == Kind::Source;
    let Some(source) = change.id.as_ref().filter(|_| is_retired) else {
        return Ok(None);
    };
    let is_cited = !referrers::cited_by(tx, source).await?.is_empty();
    Ok(is_cited.then(|| source.to_string()))
}

fn changes_a_value(known_records: &KnownRecords, change: &Proposed, today: Date) -> bool {
    let Some(id) = &change.id else { return true };
    let current = known_records.current.get(id);
    match (change.operation, current) {
        (Operation::Retire, current) => current.is_some(),
        (Operation::Restore, current) => current.is_none(),
        (_, Some(current)) => {
            let base = known_records.base(change).unwrap_or(&current.content);
            let merged = change.merged(base, &current.content, today);
            !(merged.changed.is_empty() && merged.conflicts.is_empty())
        }
        // An update of a retired record is refused, with the reason.
        (_, None) => true,
    }
}

/// The title of the new contribution, in at most as many characters as a title can have.
fn title(reverted: &str) -> String {
    let title = format!("Revert: {reverted}");
    if title.chars().count() <= MAX_TITLE {
        return title;
    }
    let kept = title.chars().take(MAX_TITLE.saturating_sub(1));
    kept.chain(['…']).collect()
}
