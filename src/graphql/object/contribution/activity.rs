//! The activity of a contribution: its steps and comments, in the order in which they happened.

use std::collections::HashMap;

use async_graphql::{Context, SimpleObject};
use chrono::Utc;
use futures_util::future::try_join;

use crate::engine::context::RequestContext;
use crate::engine::error::Error;
use crate::object::value::Actor;
use domain::contribution::Step;
use domain::scalar::DateTime;
use domain::text::Markdown;
use store::contribution::Model;
use store::contribution::activity::StepsOf;
use store::contribution::comment::CommentsOf;

/// One step or comment in the life of a contribution.
#[derive(SimpleObject)]
pub struct ContributionActivity {
    /// The instant.
    at: DateTime,
    /// The person. Null for a reader who sent a tip without an account, and where it is not known who it was.
    actor: Option<Actor>,
    /// The step.
    step: Step,
    /// The revision of the contribution after it.
    revision: i32,
    /// The comment that came with it: the comment itself, the changes that were asked for, or the comment or reason of a
    /// decision. Null if there was none.
    comment: Option<Markdown>,
}

/// The activity that the viewer may see, oldest first.
///
/// # Errors
/// `UNAVAILABLE`, `INTERNAL`
pub async fn of(ctx: &Context<'_>, row: &Model) -> Result<Vec<ContributionActivity>, Error> {
    let viewer = ctx.viewer();
    let steps = ctx.loader().load_one(StepsOf(row.id.clone()));
    let comments = ctx.loader().load_one(CommentsOf(row.id.clone()));
    let (steps, comments) = try_join(steps, comments).await?;
    let (steps, comments) = (steps.unwrap_or_default(), comments.unwrap_or_default());
    let shown = comments
        .iter()
        .filter(|comment| row.shows(comment.audience, viewer));
    let mut said: HashMap<&str, _> = shown
        .map(|comment| (comment.id.as_str(), comment))
        .collect();
    let mut found: Vec<(chrono::DateTime<Utc>, ContributionActivity)> = Vec::new();
    for step in steps.iter().filter(|step| row.shows(step.audience, viewer)) {
        let with_step = step.comment.as_deref().and_then(|id| said.remove(id));
        let comment = match step.step {
            Step::Accept | Step::Reject => row.decision.clone(),
            _ => with_step.map(|comment| comment.body.clone()),
        };
        let activity = ContributionActivity {
            at: DateTime(step.taken_at),
            actor: step.actor.clone().map(Actor),
            step: step.step,
            revision: step.revision,
            comment: comment.map(Markdown),
        };
        found.push((step.taken_at, activity));
    }
    let others = comments
        .iter()
        .filter(|comment| said.contains_key(comment.id.as_str()));
    for comment in others {
        let before = steps
            .iter()
            .rfind(|step| step.taken_at <= comment.created_at);
        let activity = ContributionActivity {
            at: DateTime(comment.created_at),
            actor: Some(Actor(comment.author.clone())),
            step: Step::Comment,
            revision: before.map_or(1, |step| step.revision),
            comment: Some(Markdown(comment.body.clone())),
        };
        found.push((comment.created_at, activity));
    }
    found.sort_by_key(|(at, _)| *at);
    Ok(found.into_iter().map(|(_, activity)| activity).collect())
}
