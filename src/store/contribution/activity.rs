//! The steps that were taken on contributions: who did what, and when. Comments are kept in their own table.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Func, Order, Query, SelectStatement};
use sea_orm::{IntoActiveModel, QueryOrder};

use super::entity::Model as Contribution;
use crate::Store;
use crate::error::Error;
use crate::load::Key;
use crate::write::Write;
use domain::contribution::{Audience, Step};
use domain::viewer::Actor;

/// A step that was taken on a contribution.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "contribution_step")]
pub struct Model {
    /// The contribution.
    #[sea_orm(primary_key, auto_increment = false)]
    pub contribution: String,
    /// The value of the contribution's counter after the step; 0 for steps that were taken before steps were kept.
    #[sea_orm(primary_key, auto_increment = false)]
    pub touched: i64,
    /// The step.
    #[sea_orm(primary_key, auto_increment = false)]
    pub step: Step,
    /// The person; `None` for a reader without an account, and if it is not known.
    pub actor: Option<Actor>,
    /// The time of the step, in UTC.
    pub taken_at: DateTime<Utc>,
    /// The revision of the contribution after the step.
    pub revision: i32,
    /// The audience of the contribution, besides its authors, after the step.
    pub audience: Audience,
    /// The id of the comment that was made with the step.
    pub comment: Option<String>,
}

/// Empty: no relations are used.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// A step that is being taken, and the person who takes it.
#[derive(Clone, Debug)]
pub(super) struct Taken<'a> {
    /// The step.
    pub step: Step,
    /// The person; `None` for a reader without an account.
    pub actor: Option<&'a Actor>,
    /// The id of the comment that is made with the step.
    pub comment: Option<String>,
}

impl<'a> Taken<'a> {
    /// A step without a comment.
    pub fn by(actor: &'a Actor, step: Step) -> Self {
        Self {
            step,
            actor: Some(actor),
            comment: None,
        }
    }
}

/// Keeps steps that were taken together. `row` is the contribution after them.
pub(super) fn keep<'a>(tx: &Write, row: &Contribution, taken: impl IntoIterator<Item = Taken<'a>>) {
    let steps = taken.into_iter().map(|taken| {
        let step = Model {
            contribution: row.id.clone(),
            touched: row.touched,
            step: taken.step,
            actor: taken.actor.cloned(),
            taken_at: row.updated_at,
            revision: row.revision,
            audience: row.audience,
            comment: taken.comment,
        };
        step.into_active_model()
    });
    tx.insert_later(steps);
}

/// The most steps of one contribution that are read.
const MAX_STEPS: u64 = 500;

/// Loader key for the last steps of a contribution, oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct StepsOf(pub String);

#[async_trait::async_trait]
impl Key for StepsOf {
    type Value = Vec<Arc<Model>>;
    const FOLLOWS_THE_LOG: bool = false;

    async fn load(store: &Store, keys: &[Self]) -> Result<HashMap<Self, Self::Value>, Error> {
        let first = Func::coalesce([first_read().into(), Expr::value(0_i64)]);
        let rows = Entity::find()
            .filter(Column::Contribution.is_in(keys.iter().map(|key| key.0.clone())))
            .filter(Expr::col((Entity, Column::Touched)).gte(first))
            .order_by_asc(Column::Touched)
            .order_by_asc(Column::TakenAt)
            .all(store.reader())
            .await?;
        let mut found: HashMap<StepsOf, Self::Value> = HashMap::new();
        for row in rows {
            let key = StepsOf(row.contribution.clone());
            found.entry(key).or_default().push(Arc::new(row));
        }
        for steps in found.values_mut() {
            steps.sort_by_key(|step| (step.touched, step.taken_at, step.step));
        }
        Ok(found)
    }

    fn rows(value: &Self::Value) -> usize {
        value.len()
    }
}

/// Selects the counter of the first step that is read, for the contribution of the outer query. Null if all are read.
fn first_read() -> SelectStatement {
    let newer = Alias::new("newer");
    let of = |column| Expr::col((newer.clone(), column));
    Query::select()
        .expr(of(Column::Touched))
        .from_as(Entity, newer.clone())
        .and_where(of(Column::Contribution).eq(Expr::col((Entity, Column::Contribution))))
        .order_by((newer.clone(), Column::Touched), Order::Desc)
        .limit(1)
        .offset(MAX_STEPS.saturating_sub(1))
        .to_owned()
}
