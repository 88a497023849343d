//! The history of a record: what each change of it did, and the record as it was then.

use std::sync::Arc;

use async_graphql::{Context, Object};
use serde_json::{Value, json};

use crate::engine::connection::Connection;
use crate::engine::context::{Asks, View};
use crate::engine::cursor::{List, told};
use crate::engine::error::Error;
use crate::engine::in_place::InPlace;
use crate::engine::objects::Objects;
use crate::engine::page::Asked;
use crate::object::change::{Change, FieldChange};
use crate::object::citation::{self, Citation};
use crate::object::contribution::Contribution;
use crate::object::record::Record;
use crate::object::value::Actor;
use domain::change::Operation;
use domain::merge;
use domain::record::RecordId;
use domain::scalar::{Instant, Sequence};
use store::change::{Lines, Model};
use store::contribution::Base;
use store::page::Slice;

/// One change of a record, and the record as it was after it.
pub struct Revision {
    change: Change,
    row: Arc<Model>,
    version: i32,
}

/// One change of a record, and the record as it was after it: as known then, about the world as it was on
/// the day of the commit.
#[Object]
impl Revision {
    /// Which version of the record stood after it, counted from 1. Retiring, confirming and time alone
    /// make no version.
    async fn version(&self) -> i32 {
        self.version
    }

    /// The number of the change in the log.
    async fn sequence(&self) -> Sequence {
        Sequence(self.row.sequence)
    }

    /// What it did.
    async fn operation(&self) -> Operation {
        self.row.operation
    }

    /// When it was committed.
    async fn committed_at(&self) -> Instant {
        Instant(self.row.committed_at)
    }

    /// Who accepted it.
    async fn actor(&self) -> Actor {
        Actor(self.row.actor())
    }

    /// The contribution that it comes from; null for an import, a confirmation, and for what time
    /// changed.
    async fn contribution(&self, ctx: &Context<'_>) -> Option<Result<Contribution, Error>> {
        self.change.origin(ctx).await
    }

    /// The record as it was after it, a retired one too.
    async fn record(&self, ctx: &Context<'_>) -> Result<InPlace<Record>, Error> {
        self.change.record(ctx).await
    }

    /// The fields that are different, in the order of the noun. Bounded: the fields of the noun.
    async fn fields(&self, ctx: &Context<'_>) -> Result<Objects<FieldChange>, Error> {
        self.change.fields(ctx).await
    }

    /// What the record was cited from after it, in the order in which citations came. Bounded: tens.
    async fn citations(&self, ctx: &Context<'_>) -> Result<Objects<Citation>, Error> {
        let view = self.change.view();
        let rows = citation::of_record(ctx, &self.row.record, view).await?;
        Ok(Citation::grouped(&rows, view, None))
    }
}

/// A page of the history of a record, oldest first, as far as a view knows.
///
/// # Errors
/// `BAD_USER_INPUT`
pub async fn list(
    ctx: &Context<'_>,
    record: &RecordId,
    asked: Asked,
    view: View,
) -> Result<Connection<Revision>, Error> {
    let owner = record.clone();
    let list = List::new("Record.history", move || told([("owner", json!(owner))]));
    let page = asked.page(ctx, &list)?;
    let key = Lines {
        record: record.clone(),
        moment: view.moment,
    };
    let rows = ctx.loader().load_one(key).await?.unwrap_or_default();
    let mut version = 0_i32;
    let mut all = Vec::new();
    for row in rows {
        if row.operation.makes_version() {
            version = version.saturating_add(1);
        }
        all.push(Revision {
            change: Change::alone(Arc::clone(&row)),
            row,
            version,
        });
    }
    let key = |one: &Revision| -> Vec<Value> { vec![json!(one.row.sequence)] };
    let slice = Slice::of(all, &page, key);
    Ok(Connection::of(
        slice.map(|one| (list.place(key(&one)), one)),
    ))
}

/// What is different between two versions of a record, in the order of the noun.
///
/// # Errors
/// `BAD_USER_INPUT` where there is no such record or version.
pub async fn diff(
    ctx: &Context<'_>,
    id: &str,
    from: i32,
    to: i32,
    view: View,
) -> Result<Objects<FieldChange>, Error> {
    let record: RecordId = id
        .parse()
        .map_err(|error: domain::text::Malformed| Error::bad("id", error.to_string()))?;
    let key = Lines {
        record: record.clone(),
        moment: view.moment,
    };
    let lines = ctx.loader().load_one(key).await?.unwrap_or_default();
    let versions = lines.iter().filter(|line| line.operation.makes_version());
    let versions = i32::try_from(versions.count()).unwrap_or(i32::MAX);
    if versions == 0 {
        return Err(Error::bad("id", format!("there is no {record}")));
    }
    let content = async |argument: &str, version: i32| {
        if !(1..=versions).contains(&version) {
            let message = format!("{record} has versions 1 to {versions}");
            return Err(Error::bad(argument, message));
        }
        let base = Base {
            record: record.clone(),
            version,
        };
        let content = ctx.loader().load_one(base).await?;
        content.ok_or_else(|| Error::missing("a version of a record"))
    };
    let (from, to) =
        futures_util::future::try_join(content("from", from), content("to", to)).await?;
    let changes = merge::diff(record.kind().fields(), &from, &to);
    Ok(changes.into_iter().map(Into::into).collect())
}
