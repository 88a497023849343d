//! The contributions that wait for a viewer: to review, to answer, or to resolve.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{QueryOrder, QuerySelect};

use super::entity::{Column, Entity, Model};
use super::list::by;
use super::load::{BaseContent, LastVersion};
use super::subject;
use crate::Store;
use crate::error::Error;
use crate::moment::{Moment, column};
use crate::record::{Noun, of_kind};
use domain::change::Proposed;
use domain::contribution::State;
use domain::date::Date;
use domain::field::Content;
use domain::record::{Kind, RecordId};
use domain::viewer::{Role, Viewer};

/// The most contributions of one person that are searched for conflicts.
const MAX_SEARCHED: u64 = 1_000;

/// Condition for the contributions that wait for a viewer: to review (an editor's, of others), to answer (the viewer's,
/// for which changes were requested) or to resolve (the viewer's, open and with conflicts). None wait for an anonymous
/// viewer.
///
/// # Errors
/// [`Error::Database`]
pub(super) async fn awaiting(store: &Store, viewer: &Viewer) -> Result<Condition, Error> {
    let mut any = Condition::any().add(Expr::value(false));
    if viewer.actor().is_none() {
        return Ok(any);
    }
    if viewer.role() >= Role::Editor {
        let submitted = Column::State.is_in([State::Submitted, State::InReview]);
        let of_others = Condition::all().add(submitted).add(by(viewer).not());
        any = any.add(of_others);
    }
    let answer = Column::State.eq(State::ChangesRequested);
    any = any.add(Condition::all().add(answer).add(by(viewer)));
    let conflicting = conflicting(store, viewer).await?;
    Ok(if conflicting.is_empty() {
        any
    } else {
        any.add(Column::Id.is_in(conflicting))
    })
}

/// The ids of the open contributions of a viewer that have conflicts. Only those are compared with the records that
/// change a record which has a newer version than their base version.
async fn conflicting(store: &Store, viewer: &Viewer) -> Result<Vec<String>, Error> {
    // Those with requested changes wait for their authors in any case.
    let states = State::all().filter(|state| !state.is_final());
    let states = states.filter(|state| *state != State::ChangesRequested);
    let rows = Entity::find()
        .filter(Column::State.is_in(states))
        .filter(by(viewer))
        .filter(Expr::exists(newer_records()))
        .order_by_desc(Column::Id)
        .limit(MAX_SEARCHED)
        .all(store.reader())
        .await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let moment = store.newest().await?.moment;
    let versions = versions(store, &rows, moment).await?;
    let today = store.clock().today();
    let conflicting = rows.into_iter().filter(|row| {
        let changes = row.proposed().unwrap_or_default();
        changes
            .iter()
            .any(|change| conflicts(change, &versions, (moment, today)))
    });
    Ok(conflicting.map(|row| row.id).collect())
}

/// The base version and the newest version of the record of each change of some contributions.
async fn versions(store: &Store, rows: &[Model], moment: Moment) -> Result<(Bases, Newest), Error> {
    let changes = rows
        .iter()
        .flat_map(|row| row.proposed().unwrap_or_default());
    let based = changes.filter_map(|change| Some((change.id?, change.base_version?)));
    let based: HashSet<(RecordId, i32)> = based.collect();
    let newest: HashSet<LastVersion> = based
        .iter()
        .map(|(record, _)| LastVersion {
            record: record.clone(),
            moment,
        })
        .collect();
    let bases: Vec<BaseContent> = based
        .into_iter()
        .map(|(record, version)| BaseContent { record, version })
        .collect();
    let newest: Vec<LastVersion> = newest.into_iter().collect();
    Ok((store.load(&bases).await?, store.load(&newest).await?))
}

type Bases = HashMap<BaseContent, Arc<Content>>;
type Newest = HashMap<LastVersion, Arc<(i32, Content)>>;

/// True if a change conflicts with the newest version of its record.
fn conflicts(
    change: &Proposed,
    (bases, newest): &(Bases, Newest),
    (moment, today): (Moment, Date),
) -> bool {
    let (Some(record), Some(version)) = (change.id.clone(), change.base_version) else {
        return false;
    };
    let last = LastVersion {
        record: record.clone(),
        moment,
    };
    let base = bases.get(&BaseContent { record, version });
    base.zip(newest.get(&last)).is_some_and(|(base, last)| {
        let found = change.conflicts(base, (last.0, &last.1), today);
        !found.is_empty()
    })
}

/// Selects the changes of a contribution of the outer query whose record has a newer version than the one on which the
/// change is based.
fn newer_records() -> SelectStatement {
    let any = Kind::all().fold(Condition::any(), |any, kind| {
        any.add(Expr::exists(of_kind!(kind, E => newer::<E>())))
    });
    let of = Expr::col((subject::Entity, subject::Column::Contribution));
    Query::select()
        .expr(Expr::value(1))
        .from(subject::Entity)
        .and_where(of.eq(Expr::col((Entity, Column::Id))))
        .and_where(subject::Column::BaseVersion.is_not_null())
        .cond_where(any)
        .to_owned()
}

/// Selects the versions of a kind that are newer than the base version of a row of the outer query.
fn newer<E: Noun>() -> SelectStatement {
    let of = |column| Expr::col((subject::Entity, column));
    Query::select()
        .expr(Expr::value(1))
        .from(E::default())
        .and_where(column::<E>("id").eq(of(subject::Column::Subject)))
        .and_where(column::<E>("version").gt(of(subject::Column::BaseVersion)))
        .to_owned()
}
