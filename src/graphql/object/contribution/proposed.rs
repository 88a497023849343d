//! The proposed changes of a contribution, and their conflicts.

use async_graphql::{Context, ID, Json, Object};
use cyberprofiles_graphql_macros::at_once;
use futures_util::future::try_join;
use serde_json::Value;

use crate::engine::context::{RequestContext, View};
use crate::engine::error::Error;
use crate::engine::objects::Objects;
use crate::object::change::FieldChange;
use crate::object::source::Source;
use domain::change::{ChangeInput, Operation, Proposed};
use domain::citation::{Certainty, CheckedCitation};
use domain::field::Content;
use domain::merge;
use domain::record::{Kind, RecordField, RecordId};
use store::contribution::{BaseContent, LastVersion};
use store::load;
use store::source as sources;

/// One proposed change of one record.
pub struct ProposedChange {
    id: String,
    input: ChangeInput,
    change: Proposed,
    view: View,
}

/// One proposed change of one record.
#[at_once]
#[Object]
impl ProposedChange {
    /// Identifies the change within its contribution.
    async fn id(&self) -> ID {
        self.id.clone().into()
    }

    /// The change in the form of `ChangeInput`, as `changes`, `replace` and `add` of `updateContribution` take it. It
    /// is what its author sent, with the key of a new record, and with the base version and the merged lists that a
    /// later edit of the contribution gave it.
    async fn input(&self) -> Result<Json<Value>, Error> {
        let input = self.input.as_sent();
        Ok(Json(input.map_err(store::Error::from)?))
    }

    /// The operation: CREATE, UPDATE, RETIRE or RESTORE.
    async fn operation(&self) -> Operation {
        self.change.operation
    }

    /// The kind of record, as in `TREATY_EVENT`.
    async fn record_kind(&self) -> Kind {
        self.change.kind
    }

    /// The `recordId` of the record. That of a new record is assigned when the contribution is created.
    async fn record_id(&self) -> ID {
        self.change
            .id
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default()
            .into()
    }

    /// The reason to retire or restore the record; null for other operations.
    async fn reason(&self) -> Option<&str> {
        self.change.reason.as_deref()
    }

    /// The version of the record on which the change is based; null for a new record. If an update did not name one, it
    /// is the newest version at the moment of that request.
    async fn base_version(&self) -> Option<i32> {
        self.change.base_version
    }

    /// The fields that the change names, with their values in the base version and the proposed values. Bounded: the
    /// fields of the kind of record.
    async fn fields(&self, ctx: &Context<'_>) -> Result<Objects<FieldChange>, Error> {
        let base = match (&self.change.id, self.change.base_version) {
            (Some(record), Some(version)) => {
                ctx.loader()
                    .load_one(BaseContent {
                        record: record.clone(),
                        version,
                    })
                    .await?
            }
            _ => None,
        };
        let base = base.map(|base| Content::clone(&base)).unwrap_or_default();
        let meant = self
            .change
            .intended_values(&base, self.view.as_of)
            .into_iter();
        let fields = meant.map(|(field, after)| merge::FieldChange {
            field,
            before: base.get(&field.camel()).cloned(),
            after,
        });
        Ok(fields.map(Into::into).collect())
    }

    /// The citations proposed for the new values. Bounded: tens.
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
    /// A change, in a view.
    pub fn new(id: String, input: ChangeInput, change: Proposed, view: View) -> Self {
        Self {
            id,
            input,
            change,
            view,
        }
    }
}

/// A proposed citation.
struct ProposedCitation {
    cite: CheckedCitation,
    view: View,
}

/// A proposed citation: a link from fields to a source.
#[at_once]
#[Object]
impl ProposedCitation {
    /// The `recordId` of the source.
    async fn source_id(&self) -> ID {
        self.cite.source.to_string().into()
    }

    /// The source; null while it is itself proposed in the same contribution.
    async fn source(&self, ctx: &Context<'_>) -> Option<Result<Source, Error>> {
        let id = self.cite.source.clone();
        let key = load::ById::<sources::Entity>::new(id, self.view.moment);
        match ctx.loader().load_one(key).await {
            Ok(row) => row.map(|row| Ok(Source::new(row, self.view))),
            Err(error) => Some(Err(error.into())),
        }
    }

    /// The fields that the source supports.
    async fn fields(&self) -> &[RecordField] {
        &self.cite.fields
    }

    /// The place in the source: page, article, paragraph; null if none is given.
    async fn locator(&self) -> Option<&str> {
        self.cite.locator.as_deref()
    }

    /// A short quote from the source, word for word; null if none is given.
    async fn quote(&self) -> Option<&str> {
        self.cite.quote.as_deref()
    }

    /// The certainty of the values, as the proposal judges it.
    async fn certainty(&self) -> Certainty {
        self.cite.certainty
    }
}

/// A field that was changed both in a contribution and, since its base version, in the record.
pub struct FieldConflict {
    record: RecordId,
    conflict: merge::Conflict,
}

impl FieldConflict {
    /// The conflicts of a change, in a view.
    ///
    /// # Errors
    /// `UNAVAILABLE`, `INTERNAL`
    pub async fn of(ctx: &Context<'_>, change: &Proposed, view: View) -> Result<Vec<Self>, Error> {
        let conflicts = conflicts(ctx, change, view).await?;
        let record = change.id.clone();
        let of_record = |conflict| {
            let record = record.clone()?;
            Some(Self { record, conflict })
        };
        Ok(conflicts.into_iter().filter_map(of_record).collect())
    }
}

/// The conflicts of a change, in a view.
///
/// # Errors
/// `UNAVAILABLE`, `INTERNAL`
pub async fn conflicts(
    ctx: &Context<'_>,
    change: &Proposed,
    view: View,
) -> Result<Vec<merge::Conflict>, Error> {
    let (Some(record), Some(version)) = (change.id.clone(), change.base_version) else {
        return Ok(Vec::new());
    };
    let base = BaseContent {
        record: record.clone(),
        version,
    };
    let newest = LastVersion {
        record,
        moment: view.moment,
    };
    let (base, newest) =
        try_join(ctx.loader().load_one(base), ctx.loader().load_one(newest)).await?;
    let (Some(base), Some(newest)) = (base, newest) else {
        return Ok(Vec::new());
    };
    Ok(change.conflicts(&base, (newest.0, &newest.1), view.as_of))
}

/// A field on which a contribution and an accepted change disagree: see `Contribution.conflicts`. Its three values are
/// JSON in the form of the input of the kind of record (`CountryFields`, …).
#[at_once]
#[Object]
impl FieldConflict {
    /// The `recordId` of the record.
    async fn record_id(&self) -> ID {
        self.record.to_string().into()
    }

    /// The field.
    async fn field(&self) -> RecordField {
        self.conflict.field
    }

    /// The name of the field in the schema: `adoptedOn` for `ADOPTED_ON`.
    async fn name(&self) -> String {
        self.conflict.field.camel()
    }

    /// The value in the base version, from which the contribution started; null if the field was empty. If an author
    /// chose PROPOSED for the field before, the value that the record had then.
    async fn base(&self) -> Option<Json<&Value>> {
        self.conflict.base.as_ref().map(Json)
    }

    /// The value in the record now; null if the field is empty.
    async fn current(&self) -> Option<Json<&Value>> {
        self.conflict.current.as_ref().map(Json)
    }

    /// The value that the contribution proposes; null if it empties the field. A change that retires or restores the
    /// record proposes no value: then it is the value in the base version, as in `base`.
    async fn proposed(&self) -> Option<Json<&Value>> {
        self.conflict.proposed.as_ref().map(Json)
    }
}
