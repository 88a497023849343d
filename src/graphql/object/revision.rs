//! The history of a record: each of its changes, with the record after it.

use std::sync::Arc;

use async_graphql::{Context, Object};
use cyberprofiles_graphql_macros::at_once;
use serde_json::{Value, json};

use crate::engine::connection::Connection;
use crate::engine::context::{RequestContext, View};
use crate::engine::cursor::{ListTag, arguments};
use crate::engine::error::Error;
use crate::engine::inline_resolve::Inline;
use crate::engine::objects::Objects;
use crate::engine::page::PageArgs;
use crate::object::change::{Change, FieldChange};
use crate::object::citation::{self, Citation};
use crate::object::contribution::Contribution;
use crate::object::record::Record;
use crate::object::value::Actor;
use domain::change::Operation;
use domain::merge;
use domain::record::RecordId;
use domain::scalar::{DateTime, Sequence};
use store::change::{Lines, Model};
use store::contribution::BaseContent;
use store::page::Slice;

/// One change of a record, with the record after it.
pub struct Revision {
    change: Change,
    row: Arc<Model>,
    version: i32,
}

/// One change of a record, with the record after it. The fields that return records read them in the view of the
/// commit: the moment at which the commit ended, and the day of the commit as the as-of date. `contribution` returns
/// the contribution as it is now.
#[at_once]
#[Object]
impl Revision {
    /// The version of the record after this change, counted from 1. RETIRE, VERIFY and EFFECT make no version: the
    /// number stays the same.
    async fn version(&self) -> i32 {
        self.version
    }

    /// The sequence number of the change in the log.
    async fn sequence(&self) -> Sequence {
        Sequence(self.row.sequence)
    }

    /// The operation: what the change did to the record.
    async fn operation(&self) -> Operation {
        self.row.operation
    }

    /// The instant of the commit.
    async fn committed_at(&self) -> DateTime {
        DateTime(self.row.committed_at)
    }

    /// The editor who accepted the change or verified the record; for imports and effects, the program itself.
    async fn actor(&self) -> Actor {
        Actor(self.row.actor())
    }

    /// The contribution from which this change comes, as it is now. Null for imports, and for the operations VERIFY and
    /// EFFECT.
    async fn contribution(&self, ctx: &Context<'_>) -> Option<Result<Contribution, Error>> {
        self.change.origin(ctx).await
    }

    /// The record after this change; a retired one too.
    async fn record(&self, ctx: &Context<'_>) -> Result<Inline<Record>, Error> {
        self.change.record(ctx).await
    }

    /// The fields whose stored values differ before and after this change, in the fixed order of the fields of its
    /// kind of record. Bounded: the fields of the kind.
    async fn fields(&self, ctx: &Context<'_>) -> Result<Objects<FieldChange>, Error> {
        self.change.fields(ctx).await
    }

    /// All citations of the record after this change, in the order in which they were added. Bounded: tens.
    async fn citations(&self, ctx: &Context<'_>) -> Result<Objects<Citation>, Error> {
        let view = self.change.view();
        let rows = citation::of_record(ctx, &self.row.record, view).await?;
        Ok(Citation::grouped(&rows, view, None))
    }
}

/// A page of the history of a record, oldest change first, up to the moment of a view.
///
/// # Errors
/// `BAD_USER_INPUT`
pub async fn list(
    ctx: &Context<'_>,
    record: &RecordId,
    args: PageArgs,
    view: View,
) -> Result<Connection<Revision>, Error> {
    let owner = record.clone();
    let list = ListTag::new("Record.history", move || {
        arguments([("owner", json!(owner))])
    });
    let page = args.page(ctx, &list)?;
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
        slice.map(|one| (list.cursor(key(&one)), one)),
    ))
}

/// The fields that differ between two versions of a record, in the fixed order of the fields of its kind.
///
/// # Errors
/// `BAD_USER_INPUT` if there is no such record or version.
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
        return Err(Error::bad(
            "id",
            format!("expected the id of a record; there is no {record}"),
        ));
    }
    let content = async |argument: &str, version: i32| {
        if !(1..=versions).contains(&version) {
            let message = format!("expected a version of {record} from 1 to {versions}");
            return Err(Error::bad(argument, message));
        }
        let base = BaseContent {
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
