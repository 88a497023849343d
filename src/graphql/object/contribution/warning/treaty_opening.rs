//! Warnings about acts that are dated before their treaty was opened for signature.

use std::collections::{BTreeMap, BTreeSet};

use async_graphql::Context;

use super::outcome::{Outcome, Outcomes};
use crate::engine::context::{RequestContext, View};
use crate::engine::error::Error;
use domain::check::{Code, Finding};
use domain::date::PartialDate;
use domain::record::{Kind, RecordField};
use domain::text::TreatyReference;
use store::load::By;
use store::treaty::OfReference;

const FIELDS: [RecordField; 2] = [RecordField::Date, RecordField::Treaty];

/// The acts that get a day on which their treaty was surely not open for signature yet.
///
/// # Errors
/// `UNAVAILABLE`, `INTERNAL`
pub(super) async fn warnings(
    ctx: &Context<'_>,
    outcomes: &Outcomes<'_>,
    view: View,
) -> Result<Vec<Finding>, Error> {
    let acts: Vec<(&Outcome<'_>, TreatyReference, PartialDate)> = outcomes
        .of_kinds(&[Kind::TreatyEvent])
        .filter(|act| act.renews(&FIELDS))
        .filter_map(|act| {
            let treaty = act.text(RecordField::Treaty)?.parse().ok()?;
            Some((act, treaty, act.text(RecordField::Date)?.parse().ok()?))
        })
        .collect();
    let treaties: BTreeSet<&TreatyReference> = acts.iter().map(|(_, treaty, _)| treaty).collect();
    let keys = treaties
        .into_iter()
        .map(|treaty| By::new(OfReference, treaty.clone(), view.moment));
    let stored = ctx.loader().load_many(keys).await?;
    let stored = stored.values().flat_map(|rows| rows.iter());
    let mut opened: BTreeMap<TreatyReference, Option<PartialDate>> = stored
        .map(|row| (row.reference.clone(), row.opened_on))
        .collect();
    opened.extend(outcomes.of_kinds(&[Kind::Treaty]).filter_map(|treaty| {
        let reference = treaty.text(RecordField::Reference)?.parse().ok()?;
        let day = treaty.text(RecordField::OpenedOn);
        Some((reference, day.and_then(|day| day.parse().ok())))
    }));
    let warnings = acts.into_iter().filter_map(|(act, treaty, date)| {
        let opened = (*opened.get(&treaty)?)?;
        let is_before = date.latest()? < opened.earliest()?;
        is_before.then(|| {
            let message = format!(
                "{treaty} was opened for signature on {opened}, after {date}: check the date against the source"
            );
            act.at(&FIELDS).finding(Code::Invalid, message)
        })
    });
    Ok(warnings.collect())
}
