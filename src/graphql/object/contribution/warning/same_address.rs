//! Warnings about sources whose address another source has.

use std::collections::BTreeSet;

use async_graphql::Context;

use super::outcome::{Outcome, Outcomes};
use crate::engine::context::{RequestContext, View};
use crate::engine::error::Error;
use domain::check::{Code, Finding};
use domain::record::{Kind, RecordField, RecordId};
use domain::url::Url;
use store::load::By;
use store::source::OfAddress;

/// The sources that get an address which another source has, among the records or in the contribution.
///
/// # Errors
/// `UNAVAILABLE`, `INTERNAL`
pub(super) async fn warnings(
    ctx: &Context<'_>,
    outcomes: &Outcomes<'_>,
    view: View,
) -> Result<Vec<Finding>, Error> {
    let proposed: Vec<(&Outcome<'_>, Url)> = outcomes
        .of_kinds(&[Kind::Source])
        .filter_map(|one| Some((one, one.text(RecordField::Url)?.parse().ok()?)))
        .collect();
    let renewed = proposed
        .iter()
        .filter(|(one, _)| one.renews(&[RecordField::Url]));
    let spellings: BTreeSet<String> = renewed
        .clone()
        .flat_map(|(_, url)| url.spellings())
        .collect();
    let keys = spellings
        .into_iter()
        .map(|spelling| By::new(OfAddress, spelling, view.moment));
    let stored = ctx.loader().load_many(keys).await?;
    let stored: Vec<(&RecordId, String)> = stored
        .values()
        .flat_map(|rows| rows.iter())
        .filter(|row| !outcomes.concerns(&row.id))
        .filter_map(|row| Some((&row.id, row.url.as_ref()?.address())))
        .collect();
    let warnings = renewed.filter_map(|(one, url)| {
        let address = url.address();
        let others = proposed
            .iter()
            .filter(|(other, url)| other.id != one.id && url.address() == address)
            .map(|(other, _)| other.id);
        let stored = stored.iter().filter(|(_, url)| *url == address);
        // The smallest id, so that the answer is the same each time.
        let other = stored.map(|(id, _)| *id).min().or(others.min())?;
        let message =
            format!("{other} has this address: cite it, or give the address of this source");
        let at = one.at(&[RecordField::Url]);
        Some(at.finding(Code::Duplicate, message))
    });
    Ok(warnings.collect())
}
