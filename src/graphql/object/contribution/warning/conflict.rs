//! Warnings about fields that have changed in their records since the contribution was based on them.

use async_graphql::Context;
use futures_util::future::try_join_all;

use super::super::proposed;
use crate::engine::context::View;
use crate::engine::error::Error;
use domain::change::Proposed;
use domain::check::Finding;
use domain::contribution::to_resolve;

/// The conflicts of proposed changes with their records, in a view.
///
/// # Errors
/// `UNAVAILABLE`, `INTERNAL`
pub(super) async fn warnings(
    ctx: &Context<'_>,
    changes: &[Proposed],
    view: View,
) -> Result<Vec<Finding>, Error> {
    let found = changes.iter().map(|change| async move {
        let conflicts = proposed::conflicts(ctx, change, view).await?;
        let found = conflicts
            .iter()
            .filter_map(|conflict| change.conflict_finding(conflict));
        Ok::<_, Error>(found.map(to_resolve).collect::<Vec<_>>())
    });
    Ok(try_join_all(found).await?.concat())
}
