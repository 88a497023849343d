//! What a contribution proposes, and where that conflicts.

use async_graphql::{Context, ID, Json, Object};
use futures_util::future::try_join;
use serde_json::Value;

use crate::engine::context::{Asks, View};
use crate::engine::error::Error;
use crate::engine::objects::Objects;
use crate::object::change::FieldChange;
use crate::object::source::Source;
use domain::change::{Operation, Proposed};
use domain::citation::{Certainty, Cite};
use domain::field::Content;
use domain::merge;
use domain::record::{Kind, RecordField, RecordId};
use store::contribution::{Base, Newest};
use store::load;
use store::source as sources;

/// One proposed change of one record.
pub struct ProposedChange {
    id: String,
    change: Proposed,
    view: View,
}

/// One proposed change of one record.
#[Object]
impl ProposedChange {
    /// Names the change within its contribution.
    async fn id(&self) -> ID {
        self.id.clone().into()
    }

    /// What it would do.
    async fn operation(&self) -> Operation {
        self.change.operation
    }

    /// The noun.
    async fn record_kind(&self) -> Kind {
        self.change.kind
    }

    /// The record; that of a new one is taken when the contribution is made.
    async fn record_id(&self) -> ID {
        self.change
            .id
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default()
            .into()
    }

    /// Why a record is to be retired or restored; null for other changes.
    async fn reason(&self) -> Option<&str> {
        self.change.reason.as_deref()
    }

    /// The version that it was written against; null for a new record.
    async fn base_version(&self) -> Option<i32> {
        self.change.base_version
    }

    /// The fields that it names, before (in that version) and after. Bounded: the fields of the noun.
    async fn fields(&self, ctx: &Context<'_>) -> Result<Objects<FieldChange>, Error> {
        let base = match (&self.change.id, self.change.base_version) {
            (Some(record), Some(version)) => {
                ctx.loader()
                    .load_one(Base {
                        record: record.clone(),
                        version,
                    })
                    .await?
            }
            _ => None,
        };
        let base = base.map(|base| Content::clone(&base)).unwrap_or_default();
        let meant = self.change.meant(&base, self.view.as_of).into_iter();
        let fields = meant.map(|(field, after)| merge::FieldChange {
            field,
            before: base.get(&field.camel()).cloned(),
            after,
        });
        Ok(fields.map(Into::into).collect())
    }

    /// Where the new values come from. Bounded: tens.
    async fn citations(&self) -> Objects<ProposedCitation> {
        let cites = self.change.cites.iter().cloned();
        cites
            .map(|cite| ProposedCitation {
                cite,
                view: self.view,
            })
            .collect()
    }
}

impl ProposedChange {
    /// A change, seen from a view.
    pub fn new(id: String, change: Proposed, view: View) -> Self {
        Self { id, change, view }
    }
}

/// A citation that is proposed.
struct ProposedCitation {
    cite: Cite,
    view: View,
}

/// A citation that is proposed. `source` is null while the source itself is proposed in the same
/// contribution: then `sourceId` names it.
#[Object]
impl ProposedCitation {
    /// The id of the source.
    async fn source_id(&self) -> ID {
        self.cite.source.to_string().into()
    }

    /// The source, where it exists.
    async fn source(&self, ctx: &Context<'_>) -> Option<Result<Source, Error>> {
        let id = self.cite.source.clone();
        let key = load::ById::<sources::Entity>::new(id, self.view.moment);
        match ctx.loader().load_one(key).await {
            Ok(row) => row.map(|row| Ok(Source::new(row, self.view))),
            Err(error) => Some(Err(error.into())),
        }
    }

    /// The fields that it supports.
    async fn fields(&self) -> &[RecordField] {
        &self.cite.fields
    }

    /// Where in the source.
    async fn locator(&self) -> Option<&str> {
        self.cite.locator.as_deref()
    }

    /// A short quote, word for word.
    async fn quote(&self) -> Option<&str> {
        self.cite.quote.as_deref()
    }

    /// How well it supports them.
    async fn certainty(&self) -> Certainty {
        self.cite.certainty
    }
}

/// A field that was changed to something else since the base version.
pub struct FieldConflict {
    record: RecordId,
    conflict: merge::Conflict,
}

impl FieldConflict {
    /// The fields of a change on which a person must decide, as far as a view knows.
    ///
    /// # Errors
    /// `UNAVAILABLE`, `INTERNAL`
    pub async fn of(ctx: &Context<'_>, change: &Proposed, view: View) -> Result<Vec<Self>, Error> {
        let (Some(record), Some(version)) = (change.id.clone(), change.base_version) else {
            return Ok(Vec::new());
        };
        let base = Base {
            record: record.clone(),
            version,
        };
        let newest = Newest {
            record: record.clone(),
            moment: view.moment,
        };
        let (base, newest) =
            try_join(ctx.loader().load_one(base), ctx.loader().load_one(newest)).await?;
        let (Some(base), Some(newest)) = (base, newest) else {
            return Ok(Vec::new());
        };
        let conflicts = change.conflicts(&base, (newest.0, &newest.1), view.as_of);
        let of_record = |conflict| Self {
            record: record.clone(),
            conflict,
        };
        Ok(conflicts.into_iter().map(of_record).collect())
    }
}

/// A field that was changed to something else since the base version, with its three values as JSON
/// in the form of the noun's input.
#[Object]
impl FieldConflict {
    /// The record.
    async fn record_id(&self) -> ID {
        self.record.to_string().into()
    }

    /// The field.
    async fn field(&self) -> RecordField {
        self.conflict.field
    }

    /// Its value in the base version; null where it had none.
    async fn base(&self) -> Option<Json<&Value>> {
        self.conflict.base.as_ref().map(Json)
    }

    /// Its value now; null where it has none.
    async fn current(&self) -> Option<Json<&Value>> {
        self.conflict.current.as_ref().map(Json)
    }

    /// Its value as proposed; null where it is to be emptied.
    async fn proposed(&self) -> Option<Json<&Value>> {
        self.conflict.proposed.as_ref().map(Json)
    }
}
