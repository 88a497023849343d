//! Reads and writes the row of a contribution within a transaction, with the tables by which contributions are found.

use std::collections::HashMap;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{IntoActiveModel, Iterable, QuerySelect};

use super::activity::Taken;
use super::entity::{Column, Entity, FORMAT, Model};
use super::{activity, author, subject};
use crate::error::Error;
use crate::head;
use crate::write::Write;
use domain::check::{Code, Path};
use domain::contribution::{Audience, State};
use domain::value_type::List;
use domain::viewer::{Actor, Viewer};

/// Reads and locks a contribution that the actor may see; any other is reported as not found.
pub(super) async fn visible(tx: &Write, actor: &Actor, id: &str) -> Result<Model, Error> {
    let row = Entity::find_by_id(id).lock_exclusive().one(tx).await?;
    row.filter(|row| row.is_visible_to(&Viewer::Identified(actor.clone())))
        .ok_or_else(|| {
            Path::default()
                .then("id")
                .finding(
                    Code::NotFound,
                    "there is no such contribution: expected the `id` of one that you may see",
                )
                .into()
        })
}

/// Reads a contribution that must exist.
pub(super) async fn existing(tx: &Write, id: &str) -> Result<Model, Error> {
    let row = Entity::find_by_id(id).one(tx).await?;
    row.ok_or_else(|| Error::Unreadable(format!("there is no contribution {id}")))
}

/// A new contribution with empty fields.
pub(super) fn empty(author: Option<&Actor>, now: DateTimeUtc) -> Model {
    Model {
        id: uuid::Uuid::now_v7().simple().to_string(),
        revision: 1,
        state: State::Draft,
        title: String::new(),
        rationale: String::new(),
        authors: List(author.cloned().into_iter().collect()),
        reviewer: None,
        format: FORMAT,
        changes: List(Vec::new()),
        overruled: List(Vec::new()),
        created_at: now,
        updated_at: now,
        submitted_at: None,
        decided_at: None,
        decision: None,
        is_tip: false,
        message: None,
        link: None,
        contact: None,
        audience: Audience::Authors,
        subjects: List(Vec::new()),
        touched: 0,
    }
}

/// Inserts a contribution, with the steps by which it was made.
pub(super) async fn insert(
    tx: &Write,
    mut row: Model,
    taken: impl IntoIterator<Item = Taken<'_>>,
) -> Result<Model, Error> {
    row.touched = head::touch(tx).await?;
    tx.insert_later([row.clone().into_active_model()]);
    insert_subjects(tx, &row);
    tx.insert_later(authors(&row));
    activity::keep(tx, &row, taken);
    Ok(row)
}

/// Replaces the rows by which the contribution is found: its subjects, with their base versions, and its authors.
pub(super) async fn write_lists(tx: &Write, row: &Model) -> Result<(), Error> {
    subject::Entity::delete_many()
        .filter(subject::Column::Contribution.eq(&row.id))
        .exec(tx)
        .await?;
    insert_subjects(tx, row);
    if !row.authors.is_empty() {
        let is_there = OnConflict::new().do_nothing().to_owned();
        author::Entity::insert_many(authors(row))
            .on_conflict(is_there)
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

fn insert_subjects(tx: &Write, row: &Model) {
    // A proposal that can no longer be read has no conflicts either.
    let changes = row.proposed().unwrap_or_default().into_iter();
    let versions: HashMap<String, i32> = changes
        .filter_map(|change| Some((change.id?.to_string(), change.base_version?)))
        .collect();
    let subjects = row.subjects.iter().map(|subject| {
        let subject = subject::Model {
            contribution: row.id.clone(),
            base_version: versions.get(subject).copied(),
            subject: subject.clone(),
        };
        subject.into_active_model()
    });
    tx.insert_later(subjects);
}

fn authors(row: &Model) -> impl Iterator<Item = author::ActiveModel> {
    row.authors.iter().map(|actor| {
        let author = author::Model {
            contribution: row.id.clone(),
            person: actor.id.clone(),
        };
        author.into_active_model()
    })
}

/// Saves the next state of a contribution, marks it as touched now, and keeps the step.
pub(super) async fn save(
    tx: &Write,
    row: &Model,
    next: Model,
    taken: Taken<'_>,
    now: DateTimeUtc,
) -> Result<Model, Error> {
    let next = touch(tx, row, next, now).await?;
    activity::keep(tx, &next, [taken]);
    Ok(next)
}

/// Saves the next state of a contribution, and marks it as touched now. Columns without a change are not written: an older
/// program may have written them in a form that is not written any more.
pub(super) async fn touch(
    tx: &Write,
    row: &Model,
    next: Model,
    now: DateTimeUtc,
) -> Result<Model, Error> {
    let next = Model {
        updated_at: now,
        touched: head::touch(tx).await?,
        ..next
    };
    let mut changed = row.clone().into_active_model();
    for column in Column::iter() {
        let value = next.get(column);
        if row.get(column) != value {
            changed.set(column, value);
        }
    }
    tx.update_later(changed)?;
    Ok(next)
}
