//! The warnings about a contribution: findings for its authors and editors, which stop nothing.

mod confirmation;
mod conflict;
mod finding;
mod law_text;
mod outcome;
mod same_address;
mod same_name;
mod treaty_opening;
mod unchanged;

use async_graphql::Context;
use futures_util::future::{try_join3, try_join4};

use crate::engine::context::View;
use crate::engine::error::Error;
use domain::check::{Code, Finding, Path};
use domain::contribution::State;
use outcome::Outcomes;
use store::contribution::Model;

/// The warnings about an open contribution, in a view: of the draft as a whole, then in the order of its changes.
///
/// # Errors
/// `UNAVAILABLE`, `INTERNAL`
pub async fn warnings(ctx: &Context<'_>, row: &Model, view: View) -> Result<Vec<Finding>, Error> {
    // A proposal that can no longer be read is reported by `acceptContribution`.
    let changes = row.proposed().unwrap_or_default();
    let outcomes = Outcomes::load(ctx, &changes, view);
    let (conflicts, confirmations, outcomes) = {
        let conflicts = conflict::warnings(ctx, &changes, view);
        let confirmations = confirmation::warnings(ctx, &changes, view);
        try_join3(conflicts, confirmations, outcomes).await?
    };
    let (findings, addresses, names, openings) = {
        let findings = finding::warnings(ctx, &outcomes, view);
        let addresses = same_address::warnings(ctx, &outcomes, view);
        let names = same_name::warnings(ctx, &outcomes, view);
        let openings = treaty_opening::warnings(ctx, &outcomes, view);
        try_join4(findings, addresses, names, openings).await?
    };
    let texts = law_text::warnings(&outcomes);
    let unchanged = unchanged::warnings(&outcomes);
    let of_changes = [
        conflicts,
        findings,
        addresses,
        names,
        openings,
        texts,
        unchanged,
        confirmations,
    ];
    let mut found: Vec<Finding> = of_changes.into_iter().flatten().collect();
    let place = |one: &Finding| one.path.0.get(1)?.parse::<usize>().ok();
    found.sort_by_key(place);
    Ok(waiting(row).into_iter().chain(found).collect())
}

/// The warning about a stored contribution that waits for its authors and not for an editor.
fn waiting(row: &Model) -> Option<Finding> {
    let is_stored = row.touched > 0;
    let reason = match row.state {
        State::Draft => "only its authors see a draft",
        State::ChangesRequested => "an editor asked for changes",
        _ => return None,
    };
    is_stored.then(|| {
        let message = format!(
            "{reason}: send it to the editors by submitContribution, with its `id` and revision {}",
            row.revision
        );
        Path::default().finding(Code::Required, message)
    })
}
