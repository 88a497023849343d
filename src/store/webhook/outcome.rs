//! Outcomes of posts: how far each webhook has come, and when it is tried again. Many are recorded in one transaction.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Condition, Expr, OnConflict};
use sea_orm::{ActiveValue, IntoActiveModel};

use super::entity::{ActiveModel, Column, Entity};
use super::{IDS_PER_STATEMENT, Webhooks, delivery};
use crate::error::Error;
use crate::write::Write;
use domain::webhook::WebhookState;

/// One attempt to post a change.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// The time at which it began.
    pub at: DateTime<Utc>,
    /// The sequence number of the change.
    pub sequence: i64,
    /// The number of the attempt at this change, counted from 1.
    pub attempt: i32,
    /// The HTTP status of the answer, if there was one.
    pub status: Option<i32>,
    /// The reason why it failed; `None` if it succeeded.
    pub error: Option<String>,
    /// The time until the answer, in milliseconds.
    pub took_ms: i32,
}

/// The consequence of an attempt.
#[derive(Clone, Copy, Debug)]
pub enum Next {
    /// The change was taken: the next one follows.
    Proceed,
    /// The same change is posted again.
    Retry {
        /// The time of the first failed attempt at this change.
        failing_since: DateTime<Utc>,
        /// The time before which there is no further attempt.
        at: DateTime<Utc>,
    },
    /// Nothing is posted until the owner resumes the webhook.
    Suspend,
}

/// An attempt, and its consequence.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The id of the webhook.
    pub webhook: String,
    /// The revision of the webhook for which it was made.
    pub revision: i32,
    /// The number of the delivery.
    pub number: i64,
    /// The attempt.
    pub attempt: Attempt,
    /// The consequence.
    pub next: Next,
}

/// A webhook whose document selects none of the changes up to a position.
#[derive(Clone, Debug)]
pub struct Passed {
    /// The id of the webhook.
    pub webhook: String,
    /// The revision of the webhook.
    pub revision: i32,
    /// The position.
    pub sequence: i64,
}

impl Webhooks<'_> {
    /// Records outcomes in one transaction. False for one whose webhook was deleted, was edited meanwhile, or has come
    /// further already.
    ///
    /// # Errors
    /// [`Error::Database`]
    pub async fn record(&self, outcomes: &[Outcome]) -> Result<Vec<bool>, Error> {
        // It locks the head of the log, as edits do before they lock webhooks: otherwise each could wait for the other.
        let tx = self.store.begin_alone().await?;
        let mut recorded = Vec::with_capacity(outcomes.len());
        let mut deliveries = Vec::new();
        for outcome in outcomes {
            let is_current = record_one(&tx, outcome).await?;
            recorded.push(is_current);
            if is_current {
                deliveries.push(outcome.delivery().into_active_model());
            }
        }
        if !deliveries.is_empty() {
            // A task that was stopped may have queued the same number.
            let is_there = OnConflict::new().do_nothing().to_owned();
            delivery::Entity::insert_many(deliveries)
                .on_conflict(is_there)
                .exec_without_returning(&tx)
                .await?;
        }
        tx.commit().await?;
        Ok(recorded)
    }

    /// Moves webhooks past changes that their documents do not select. One that has another revision now stays where it
    /// is.
    ///
    /// # Errors
    /// [`Error::Database`]
    pub async fn pass(&self, passed: &[Passed]) -> Result<(), Error> {
        let tx = self.store.begin_alone().await?;
        let mut rest: Vec<&Passed> = passed.iter().collect();
        while let Some((sequence, revision)) = rest.first().map(|one| (one.sequence, one.revision))
        {
            let is_same = |one: &&Passed| (one.sequence, one.revision) == (sequence, revision);
            let (same, others) = rest.into_iter().partition(is_same);
            rest = others;
            let same: Vec<&Passed> = same;
            for some in same.chunks(IDS_PER_STATEMENT) {
                Entity::update_many()
                    .col_expr(Column::Sequence, Expr::value(sequence))
                    .filter(Column::Id.is_in(some.iter().map(|one| one.webhook.as_str())))
                    .filter(Column::Sequence.lt(sequence))
                    .filter(Column::Revision.eq(revision))
                    .exec(&tx)
                    .await?;
            }
        }
        tx.commit().await
    }

    /// Suspends a webhook without an attempt.
    ///
    /// # Errors
    /// [`Error::Database`]
    pub async fn suspend(&self, webhook: &str, revision: i32, error: &str) -> Result<(), Error> {
        let next = ActiveModel {
            state: ActiveValue::Set(WebhookState::Suspended),
            next_attempt_at: ActiveValue::Set(None),
            last_error: ActiveValue::Set(Some(error.to_owned())),
            ..Default::default()
        };
        let tx = self.store.writer().begin_alone().await?;
        update(&tx, webhook, revision, Condition::all(), next).await?;
        tx.commit().await
    }
}

impl Outcome {
    fn delivery(&self) -> delivery::Model {
        delivery::Model {
            webhook: self.webhook.clone(),
            number: self.number,
            at: self.attempt.at,
            sequence: self.attempt.sequence,
            attempt: self.attempt.attempt,
            status: self.attempt.status,
            error: self.attempt.error.clone(),
            took_ms: self.attempt.took_ms,
        }
    }
}

async fn record_one(tx: &Write, outcome: &Outcome) -> Result<bool, Error> {
    let attempt = &outcome.attempt;
    let mut next = ActiveModel {
        posts: ActiveValue::Set(outcome.number),
        last_error: ActiveValue::Set(attempt.error.clone()),
        ..Default::default()
    };
    let (state, since, at) = match outcome.next {
        Next::Proceed => {
            next.sequence = ActiveValue::Set(attempt.sequence);
            (WebhookState::Active, None, None)
        }
        Next::Retry { failing_since, at } => (WebhookState::Failing, Some(failing_since), Some(at)),
        Next::Suspend => (WebhookState::Suspended, None, None),
    };
    next.attempts = ActiveValue::Set(match outcome.next {
        Next::Proceed => 0,
        Next::Retry { .. } | Next::Suspend => attempt.attempt,
    });
    next.state = ActiveValue::Set(state);
    next.failing_since = ActiveValue::Set(since);
    next.next_attempt_at = ActiveValue::Set(at);
    let is_new = Column::Sequence.lt(attempt.sequence);
    let is_new = Condition::all().add(is_new);
    if !update(tx, &outcome.webhook, outcome.revision, is_new, next).await? {
        return Ok(false);
    }
    if outcome.number % delivery::SLACK == 0 {
        let oldest = outcome.number.saturating_sub(delivery::MAX_DELIVERIES);
        delivery::Entity::delete_many()
            .filter(delivery::Column::Webhook.eq(&outcome.webhook))
            .filter(delivery::Column::Number.lte(oldest))
            .exec(tx)
            .await?;
    }
    Ok(true)
}

/// Updates a webhook that still has a revision and meets a condition; false if not.
async fn update(
    tx: &Write,
    webhook: &str,
    revision: i32,
    condition: Condition,
    next: ActiveModel,
) -> Result<bool, Error> {
    let done = Entity::update_many()
        .set(next)
        .filter(Column::Id.eq(webhook))
        .filter(Column::Revision.eq(revision))
        .filter(condition)
        .exec(tx)
        .await?;
    Ok(done.rows_affected > 0)
}
