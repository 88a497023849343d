//! The fields that all records have.

use async_graphql::{Context, ID, Object};
use cyberprofiles_graphql_macros::{at_once, pages};

use crate::engine::connection::Connection;
use crate::engine::context::{IdForm, RequestContext, View};
use crate::engine::deferred::Deferred;
use crate::engine::error::Error;
use crate::engine::objects::Objects;
use crate::engine::page::PageArgs;
use crate::object::citation::{self, Citation};
use crate::object::record;
use crate::object::revision::{self, Revision};
use crate::object::value::{Actor, Freshness, Retirement, StaleReason};
use domain::bibliography::{BibliographicReference, CitationFormat};
use domain::date::Date;
use domain::record::{RecordField, RecordId};
use domain::scalar::DateTime;
use domain::url::Url;
use store::chain;
use store::change::{BySequence, LastVerified};
use store::export::LineOf;
use store::moment::Moment;
use store::record::Row;

/// The fields that all records have, of one row in one view.
pub struct RecordFields {
    id: RecordId,
    since: i64,
    until: Option<i64>,
    version: i32,
    ended: Option<StaleReason>,
    /// The view in which the record is read.
    pub view: View,
}

impl RecordFields {
    /// The common fields of a row, in a view.
    pub fn of<R: Row>(row: &R, view: View) -> Self {
        Self {
            id: row.id().clone(),
            since: row.since(),
            until: row.until(),
            version: row.version(),
            ended: None,
            view,
        }
    }

    /// The same fields, of a record whose document or institution has ended by the as-of date.
    pub fn ended(mut self, reason: Option<StaleReason>) -> Self {
        self.ended = reason;
        self
    }

    /// True if the record is retired at the moment of the view.
    pub fn is_retired(&self) -> bool {
        self.until
            .is_some_and(|until| Moment(until) <= self.view.moment)
    }

    /// The view that the permalink names: the end of the commit that wrote this version, or that retired the record.
    /// The as-of date is that of this view if it was chosen, otherwise the day of that commit. So equal versions have
    /// equal permalinks.
    async fn lasting_view(&self, ctx: &Context<'_>) -> Result<View, Error> {
        let retired = self.until.filter(|_| self.is_retired());
        let change = ctx
            .loader()
            .load_one(BySequence(retired.unwrap_or(self.since)))
            .await?
            .ok_or_else(|| Error::missing("the change of a row"))?;
        let day = Date::of(change.committed_at);
        Ok(View {
            moment: change.commit(),
            as_of: match self.view.form {
                IdForm::MomentAndDay => self.view.as_of,
                IdForm::Plain | IdForm::Moment => day,
            },
            known_on: day,
            form: IdForm::MomentAndDay,
        })
    }

    fn permalink_in(&self, ctx: &Context<'_>, view: View) -> Result<Url, Error> {
        let id = view.id(ctx.store(), &self.id);
        // The characters of such an id need no percent-encoding in a path. Source: RFC 3986, section 3.3.
        ctx.limits().public_url.url(&format!("/records/{id}"))
    }

    /// The instant of the retirement; `None` while the record is current.
    async fn retired_at(&self, ctx: &Context<'_>) -> Result<Option<DateTime>, Error> {
        let Some(until) = self.until.filter(|_| self.is_retired()) else {
            return Ok(None);
        };
        let change = ctx.loader().load_one(BySequence(until)).await?;
        Ok(change.map(|change| DateTime(change.committed_at)))
    }

    async fn edited_at(&self, ctx: &Context<'_>) -> Result<DateTime, Error> {
        let change = ctx.loader().load_one(BySequence(self.since)).await?;
        change
            .map(|change| DateTime(change.committed_at))
            .ok_or_else(|| Error::missing("the change of a row"))
    }
}

#[pages]
#[at_once]
#[Object]
impl RecordFields {
    /// Identifies the record in this view. In the current view it equals `recordId`; in another view it ends in
    /// `@<cursor>[,<asOf>]`, so that a client's cache never mixes two views. `node` returns the record in the same view
    /// again.
    pub async fn id(&self, ctx: &Context<'_>) -> ID {
        self.view.id(ctx.store(), &self.id).into()
    }

    /// Identifies the record in every view: its kind, a colon and a readable key, as in `Country:az`. It never changes.
    pub async fn record_id(&self) -> ID {
        self.id.to_string().into()
    }

    /// The number of this version of the record, counted from 1. The operations CREATE, UPDATE and RESTORE each make
    /// one.
    pub async fn version(&self) -> i32 {
        self.version
    }

    /// The instant at which this version was committed.
    pub async fn updated_at(&self, ctx: &Context<'_>) -> Result<DateTime, Error> {
        self.edited_at(ctx).await
    }

    /// A lasting address of this version: `/records/` and an id with a cursor and a day, after the public address of the
    /// service. It always answers with the same version of the record. The day is the as-of date, if the query chose
    /// one; otherwise the day on which this version was committed, or the record retired.
    /// Derived from other records: a mirror leaves it out.
    pub async fn permalink(&self, ctx: &Context<'_>) -> Result<Url, Error> {
        self.permalink_in(ctx, self.lasting_view(ctx).await?)
    }

    /// A bibliographic reference to this version, with its `permalink`: title, version, day of the commit, and the
    /// as-of date if it is another day. The title is `label` in English as it was then, with the name of the country.
    /// Derived from other records: a mirror leaves it out.
    pub async fn cite_as(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The form.", default_with = "CitationFormat::Text")]
        format: CitationFormat,
    ) -> Result<String, Error> {
        let view = self.lasting_view(ctx).await?;
        let committed_on = Date::of(self.edited_at(ctx).await?.0);
        let reference = BibliographicReference {
            record: self.id.clone(),
            title: record::title(ctx, &self.id, view).await?,
            version: self.version,
            committed_on,
            retired_on: self.retired_at(ctx).await?.map(|at| Date::of(at.0)),
            as_of: view.as_of,
            permalink: self.permalink_in(ctx, view)?.to_string(),
        };
        Ok(reference.written(format))
    }

    /// The citations that link fields of this record to sources, in the order in which they were added. Bounded: tens.
    pub async fn citations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only citations that support this field. Left out: all.")] field: Option<
            RecordField,
        >,
    ) -> Result<Deferred<Objects<Citation>>, Error> {
        let rows = citation::of_record(ctx, &self.id, self.view).await?;
        Ok(Deferred(Citation::grouped(&rows, self.view, field)))
    }

    /// When the record was last edited and last verified, when its newest source was published, and whether it should
    /// be reviewed on the as-of date.
    /// Derived from other records: a mirror leaves it out.
    pub async fn freshness(&self, ctx: &Context<'_>) -> Result<Freshness, Error> {
        let edited_at = self.edited_at(ctx).await?;
        let verified = LastVerified {
            record: self.id.clone(),
            moment: self.view.moment,
        };
        let verified = ctx.loader().load_one(verified).await?;
        Ok(Freshness {
            edited_at,
            verified_on: verified.as_ref().and_then(|change| change.verified_on),
            verified_by: verified.map(|change| Actor(change.actor())),
            source_changed_on: citation::newest_source(ctx, &self.id, self.view).await?,
            as_of: self.view.as_of,
            ended: self.ended,
        })
    }

    /// The changes of this record, each with the record after it, oldest first, up to the moment of the view. Includes
    /// those that make no version.
    pub async fn history(
        &self,
        ctx: &Context<'_>,
        args: PageArgs,
    ) -> Result<Deferred<Connection<Revision>>, Error> {
        let page = revision::list(ctx, &self.id, args, self.view).await?;
        Ok(Deferred(page))
    }

    /// This version as a line of an export, in JSON: what `import` takes, in one fixed order of members and without a line
    /// break. It has the content and the citations.
    pub async fn export_line(&self, ctx: &Context<'_>) -> Result<String, Error> {
        let key = LineOf {
            record: self.id.clone(),
            since: self.since,
        };
        let line = ctx.loader().load_one(key).await?;
        let line = line.ok_or_else(|| Error::missing("the line of a version"))?;
        Ok(line.to_string())
    }

    /// The SHA-256 digest of what this version says: of `exportLine` in UTF-8, in hexadecimal digits. Equal content and
    /// citations have equal digests.
    pub async fn digest(&self, ctx: &Context<'_>) -> Result<String, Error> {
        let link = ctx.loader().load_one(chain::OfChange(self.since)).await?;
        let digest = link.and_then(|link| link.digest);
        let digest = digest.ok_or_else(|| Error::missing("the digest of a version"))?;
        Ok(digest.to_string())
    }

    /// When and why the record was retired, that is, taken out of the lists. Null while it is current.
    pub async fn retired(&self, ctx: &Context<'_>) -> Option<Result<Retirement, Error>> {
        let until = self.until.filter(|_| self.is_retired())?;
        let change = match ctx.loader().load_one(BySequence(until)).await {
            Ok(change) => change?,
            Err(error) => return Some(Err(error.into())),
        };
        Some(Ok(Retirement {
            at: DateTime(change.committed_at),
            reason: change.reason.clone().unwrap_or_default(),
        }))
    }
}

/// Implements the object of a noun, made of a row and the common fields. The optional function returns why the thing
/// that a row describes has ended.
macro_rules! object {
    ($object:ident, $noun:ident $(, $ended:path)?) => {
        impl $object {
            /// The object of a row, in a view.
            pub fn new(
                row: std::sync::Arc<store::$noun::Model>,
                view: crate::engine::context::View,
            ) -> Self {
                Self {
                    record_fields: crate::object::record_fields::RecordFields::of(&*row, view)$(.ended($ended(&row, view)))?,
                    row,
                }
            }
        }

        impl std::ops::Deref for $object {
            type Target = crate::object::record_fields::RecordFields;
            fn deref(&self) -> &Self::Target {
                &self.record_fields
            }
        }
    };
}
pub(super) use object;
