//! The interfaces `Node` and `Record`, and the loading of a record by its id.

use async_graphql::{Context, ID, Interface};
use futures_util::future::try_join_all;
use serde_json::Value;

use crate::engine::connection::Connection;
use crate::engine::context::{RequestContext, View};
use crate::engine::error::Error;
use crate::engine::inline_resolve::concrete;
use crate::engine::objects::Objects;
use crate::object::change::Change;
use crate::object::citation::Citation;
use crate::object::contribution::Contribution;
use crate::object::country;
use crate::object::revision::Revision;
use crate::object::value::{Freshness, Retirement};
use crate::object::webhook::Webhook;
use domain::bibliography::CitationFormat;
use domain::field::Content;
use domain::language::LanguageRange;
use domain::record::{Kind, RecordField, RecordId, nouns};
use domain::scalar::DateTime;
use domain::text::Raw;
use domain::url::Url;
use store::load::ById;

macro_rules! interfaces {
    ([] $( $(#[$doc:meta])* $noun:ident $module:ident { $($inputs:tt)* } )+) => {
        /// An object that `node` returns again for its id (Relay).
        #[derive(Interface)]
        #[graphql(field(
            name = "id",
            ty = "ID",
            desc = "Identifies the object; `node` returns it again."
        ))]
        pub enum Node {
            $( $(#[$doc])* $noun(super::$module::$noun), )+
            /// A contribution.
            Contribution(Contribution),
            /// A change.
            Change(Change),
            /// A webhook.
            Webhook(Webhook),
        }

        /// A record: one thing that the service describes. It has versions, citations and history, and changes only
        /// through the change log. `recordId` is the same in every view. The `id` of a record in a past or future view
        /// ends in `@<cursor>[,<asOf>]`, so that a client's cache never mixes two views.
        ///
        /// A mirror is a client that keeps a copy of the data by following the change log. It stores the fields that a
        /// change of the record itself changes. For a field that returns another record, it stores that record's
        /// `recordId`. Some fields are derived from other records, and change without a change of this one. Their
        /// descriptions end in "Derived from other records: a mirror leaves it out."; for some kinds of record, `label`
        /// is one of them.
        #[derive(Interface)]
        #[graphql(
            field(
                name = "id",
                ty = "ID",
                desc = "Identifies the record in this view."
            ),
            field(
                name = "record_id",
                ty = "async_graphql::ID",
                desc = "Identifies the record in every view, as in `Country:az`."
            ),
            field(
                name = "version",
                ty = "i32",
                desc = "The number of this version of the record, counted from 1."
            ),
            field(
                name = "updated_at",
                ty = "DateTime",
                desc = "The instant at which this version was committed."
            ),
            field(
                name = "label",
                ty = "String",
                desc = "A short text to display in lists; never empty.",
                arg(
                    name = "language",
                    ty = "Option<Vec<Raw<LanguageRange>>>",
                    desc = "Wanted languages, best first. Left out: English."
                )
            ),
            field(
                name = "permalink",
                ty = "Url",
                desc = "A lasting address of this version. It always answers with the same version of the record. Derived from other records: a mirror leaves it out."
            ),
            field(
                name = "cite_as",
                ty = "String",
                desc = "A bibliographic reference to this version, with its permalink. Derived from other records: a mirror leaves it out.",
                arg(
                    name = "format",
                    ty = "CitationFormat",
                    desc = "The form.",
                    default_with = "CitationFormat::Text"
                )
            ),
            field(
                name = "citations",
                ty = "Objects<Citation>",
                desc = "The citations that link its fields to sources, in the order in which they were added. Bounded: tens.",
                arg(
                    name = "field",
                    ty = "Option<RecordField>",
                    desc = "Only citations that support this field. Left out: all."
                )
            ),
            field(
                name = "freshness",
                ty = "Freshness",
                desc = "When it was last edited and last verified, and whether it should be reviewed. Derived from other records: a mirror leaves it out."
            ),
            field(
                name = "history",
                ty = "Connection<Revision>",
                desc = "The changes of the record, each with the record after it, oldest first, up to the moment of the view.",
                arg(name = "first", ty = "Option<i32>", desc = "The number of edges, counted from the start of the range: 1 to `serviceConfig.maxPageSize`; `serviceConfig.defaultPageSize` if neither `first` nor `last` is given."),
                arg(name = "after", ty = "Option<String>", desc = "Only edges after the edge with this cursor."),
                arg(name = "last", ty = "Option<i32>", desc = "The number of edges, counted from the end of the range: 1 to `serviceConfig.maxPageSize`. The page is still oldest first. Not together with `first`."),
                arg(name = "before", ty = "Option<String>", desc = "Only edges before the edge with this cursor.")
            ),
            field(
                name = "export_line",
                ty = "Result<String, Error>",
                desc = "This version as a line of an export: its content and citations in JSON, in one fixed order of members."
            ),
            field(
                name = "digest",
                ty = "Result<String, Error>",
                desc = "The SHA-256 digest of what this version says: of `exportLine` in UTF-8, in hexadecimal digits."
            ),
            field(
                name = "retired",
                ty = "Option<Result<Retirement, Error>>",
                desc = "When and why it was retired; null while it is current."
            )
        )]
        pub enum Record {
            $( $(#[$doc])* $noun(super::$module::$noun), )+
        }

        concrete!(Node: $( $noun, )+ Contribution, Change, Webhook);
        concrete!(Record: $( $noun ),+);

        impl Record {
            /// Loads the record with an id, current or retired, in a view.
            ///
            /// # Errors
            /// `UNAVAILABLE`, `INTERNAL`
            pub async fn find(
                ctx: &Context<'_>,
                id: RecordId,
                view: View,
            ) -> Result<Option<Self>, Error> {
                Ok(match id.kind() {
                    $(
                        Kind::$noun => {
                            let key = ById::<store::$module::Entity>::new(id, view.moment);
                            let row = ctx.loader().load_one(key).await?;
                            row.map(|row| super::$module::$noun::new(row, view).into())
                        }
                    )+
                })
            }

            /// True if the record is retired at the moment of its view.
            pub fn is_retired(&self) -> bool {
                match self {
                    $( Self::$noun(record) => record.is_retired(), )+
                }
            }
        }

        /// The label of the record with an id in English; `None` if there is no such record.
        async fn label(
            ctx: &Context<'_>,
            id: RecordId,
            view: View,
        ) -> Result<Option<String>, Error> {
            match Record::find(ctx, id, view).await? {
                None => Ok(None),
                $( Some(Record::$noun(record)) => record.label(ctx, None).await.map(Some), )+
            }
        }

        /// The columns of the record with an id, current or retired, in a view.
        ///
        /// # Errors
        /// `UNAVAILABLE`, `INTERNAL`
        pub async fn columns(
            ctx: &Context<'_>,
            id: RecordId,
            view: View,
        ) -> Result<Option<Content>, Error> {
            match id.kind() {
                $(
                    Kind::$noun => {
                        let key = ById::<store::$module::Entity>::new(id, view.moment);
                        let row = ctx.loader().load_one(key).await?;
                        Ok(row.map(|row| store::record::columns(&*row)).transpose()?)
                    }
                )+
            }
        }

        impl From<Record> for Node {
            fn from(record: Record) -> Self {
                match record {
                    $( Record::$noun(record) => record.into(), )+
                }
            }
        }
    };
}
nouns!(interfaces);

/// The title of a record outside of its profile: its label in English, and the name of its country unless the label
/// contains it.
///
/// # Errors
/// `UNAVAILABLE`, `INTERNAL`
pub async fn title(ctx: &Context<'_>, id: &RecordId, view: View) -> Result<String, Error> {
    let label = label(ctx, id.clone(), view).await?;
    let label = label.ok_or_else(|| Error::missing("a version of a record"))?;
    let columns = columns(ctx, id.clone(), view).await?.unwrap_or_default();
    let code = columns.get("country").and_then(Value::as_str);
    let Some(code) = code.and_then(|code| code.parse().ok()) else {
        return Ok(label);
    };
    let country = country::called(ctx, &code, None, view).await?;
    Ok(if label.contains(&country) {
        label
    } else {
        format!("{label}, {country}")
    })
}

/// Loads the records with these ids, in their order; all of them exist.
///
/// # Errors
/// `UNAVAILABLE`, `INTERNAL`
pub async fn records(
    ctx: &Context<'_>,
    ids: Vec<RecordId>,
    view: View,
) -> Result<Vec<Record>, Error> {
    let found = try_join_all(ids.into_iter().map(|id| Record::find(ctx, id, view))).await?;
    Ok(found.into_iter().flatten().collect())
}
