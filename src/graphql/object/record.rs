//! The interfaces of records, and finding a record by its id.

use async_graphql::{Context, ID, Interface};
use futures_util::future::try_join_all;

use crate::engine::connection::Connection;
use crate::engine::context::{Asks, View};
use crate::engine::error::Error;
use crate::engine::in_place::concrete;
use crate::engine::objects::Objects;
use crate::object::change::Change;
use crate::object::citation::Citation;
use crate::object::contribution::Contribution;
use crate::object::revision::Revision;
use crate::object::value::{Freshness, Retirement};
use domain::language::Wanted;
use domain::record::{Kind, RecordField, RecordId, nouns};
use domain::scalar::Instant;
use domain::text::Raw;
use store::load::ById;

macro_rules! interfaces {
    ([] $( $(#[$doc:meta])* $noun:ident $module:ident { $($inputs:tt)* } )+) => {
        /// Anything with an id that is the same for ever.
        #[derive(Interface)]
        #[graphql(field(
            name = "id",
            ty = "ID",
            desc = "Names the object. Give it to `node` to see it again."
        ))]
        pub enum Node {
            $( $(#[$doc])* $noun(super::$module::$noun), )+
            /// A contribution.
            Contribution(Contribution),
            /// A change.
            Change(Change),
        }

        /// A versioned fact. `id` of a past state ends in `@<cursor>[,<asOf>]`, so that caches of clients
        /// never mix two moments; `recordId` is the same for ever.
        ///
        /// A mirror keeps what a change of the record itself changes. A field that leads to another record
        /// shows that record as it is: a mirror keeps its `recordId`. Some fields are derived from other
        /// records, and change without a change of this one: their descriptions end in "Derived from other
        /// records: a mirror leaves it out."; `label` is one of them for some nouns.
        #[derive(Interface)]
        #[graphql(
            field(
                name = "id",
                ty = "ID",
                desc = "Names the record as seen from this view."
            ),
            field(
                name = "record_id",
                ty = "async_graphql::ID",
                desc = "Names the record, whenever it is seen."
            ),
            field(
                name = "version",
                ty = "i32",
                desc = "Which version it is, counted from 1."
            ),
            field(
                name = "updated_at",
                ty = "Instant",
                desc = "When this version was committed."
            ),
            field(
                name = "label",
                ty = "String",
                desc = "What to call it in a list; never empty.",
                arg(
                    name = "language",
                    ty = "Option<Vec<Raw<Wanted>>>",
                    desc = "Wanted languages, best first."
                )
            ),
            field(
                name = "citations",
                ty = "Objects<Citation>",
                desc = "Where its values come from, in the order in which citations came. Bounded: tens.",
                arg(
                    name = "field",
                    ty = "Option<RecordField>",
                    desc = "Only those that support this field."
                )
            ),
            field(
                name = "freshness",
                ty = "Freshness",
                desc = "When it was last edited and last verified. Derived from other records: a mirror leaves it out."
            ),
            field(
                name = "history",
                ty = "Connection<Revision>",
                desc = "What each change of it did, oldest first, as far as the view knows.",
                arg(name = "first", ty = "Option<i32>", desc = "The first so many: 1 to 100, 25 if left out, or as `serviceConfig` says."),
                arg(name = "after", ty = "Option<String>", desc = "Those after the edge with this cursor."),
                arg(name = "last", ty = "Option<i32>", desc = "The last so many: 1 to 100, or as `serviceConfig` says."),
                arg(name = "before", ty = "Option<String>", desc = "Those before the edge with this cursor.")
            ),
            field(
                name = "retired",
                ty = "Option<Result<Retirement, Error>>",
                desc = "Why it left the lists; null while it is in them."
            )
        )]
        pub enum Record {
            $( $(#[$doc])* $noun(super::$module::$noun), )+
        }

        concrete!(Node: $( $noun, )+ Contribution, Change);
        concrete!(Record: $( $noun ),+);

        impl Record {
            /// The record as it was last written, seen from a view.
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

/// The records with these ids, all of which exist.
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
