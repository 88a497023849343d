//! Contributions: the object and its lists.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Json, Object};
use futures_util::future::try_join_all;
use serde_json::{Value, json};

use crate::domain::change::{Operation, Proposed};
use crate::domain::citation::{Certainty, Cite};
use crate::domain::contribution::State;
use crate::domain::merge;
use crate::domain::noun::Content;
use crate::domain::record::{Kind, RecordField, RecordId};
use crate::domain::text::{CountryCode, Markdown, Raw};
use crate::graphql::change::FieldChange;
use crate::graphql::context::{Asks, View};
use crate::graphql::country::{self, Country};
use crate::graphql::error::{Error, bounded, read_list};
use crate::graphql::page::{Asked, Connection, List};
use crate::graphql::scalar::Instant;
use crate::graphql::source::Source;
use crate::graphql::value::Actor;
use crate::store::contribution::{Base, ById, CountriesOf, Filter, Model};
use crate::store::load;
use crate::store::source as sources;

mod mutation;

pub use mutation::Mutation;

/// Proposed changes, their author, and where they stand.
pub struct Contribution {
    row: Arc<Model>,
    view: View,
}

/// Proposed changes, their author, and where they stand. `revision` grows with every edit of the
/// proposal; a decision names the one it was made on.
#[Object]
impl Contribution {
    /// Names the contribution.
    pub async fn id(&self) -> ID {
        format!("Contribution:{}", self.row.id).into()
    }

    /// Grows with every edit of the proposal.
    async fn revision(&self) -> i32 {
        self.row.revision
    }

    /// Where it stands.
    async fn state(&self) -> State {
        self.row.state
    }

    /// What it is about.
    async fn title(&self) -> &str {
        &self.row.title
    }

    /// Why the profiles should change.
    async fn rationale(&self) -> Option<Markdown> {
        Some(Markdown(self.row.rationale.clone()))
    }

    /// Who began it.
    async fn author(&self) -> Option<Actor> {
        self.row.authors.first().cloned().map(Actor)
    }

    /// Whoever wrote what it proposes, in the order in which they came: none of them may decide on
    /// it. Bounded: a few.
    async fn authors(&self) -> Vec<Actor> {
        self.row.authors.iter().cloned().map(Actor).collect()
    }

    /// Who decided; null until then.
    async fn reviewer(&self) -> Option<Actor> {
        self.row.reviewer.clone().map(Actor)
    }

    /// The countries that it is about, by code. Bounded: tens.
    #[graphql(complexity = "5 * child_complexity")]
    async fn countries(&self, ctx: &Context<'_>) -> Result<Vec<Country>, Error> {
        let codes = ctx
            .loader()
            .load_one(CountriesOf(self.row.id.clone()))
            .await?;
        let codes = codes.unwrap_or_default();
        let found = codes
            .into_iter()
            .map(|code| country::by_code(ctx, code, self.view));
        Ok(try_join_all(found).await?.into_iter().flatten().collect())
    }

    /// What it proposes, in the order given. Bounded: 100.
    #[graphql(complexity = "10 * child_complexity")]
    async fn changes(&self) -> Result<Vec<ProposedChange>, Error> {
        let changes = self.row.proposed()?;
        let numbered = changes.into_iter().enumerate();
        let changes = numbered.map(|(at, change)| ProposedChange {
            id: format!("{}/{at}", self.row.id),
            change,
            view: self.view,
        });
        Ok(changes.collect())
    }

    /// The fields that somebody changed to something else since: accepting it answers `CONFLICT`
    /// until it is written anew. None once it is decided. Bounded: the fields it names.
    #[graphql(complexity = "20 + child_complexity")]
    async fn conflicts(&self, ctx: &Context<'_>) -> Result<Vec<FieldConflict>, Error> {
        let conflicts = ctx.store().conflicts(&self.row).await?;
        let conflict = |(record, conflict)| FieldConflict { record, conflict };
        Ok(conflicts.into_iter().map(conflict).collect())
    }

    /// When it was begun.
    async fn created_at(&self) -> Instant {
        Instant(self.row.created_at)
    }

    /// When it was last touched.
    async fn updated_at(&self) -> Instant {
        Instant(self.row.updated_at)
    }

    /// When it went to the editors; null for a draft.
    async fn submitted_at(&self) -> Option<Instant> {
        self.row.submitted_at.map(Instant)
    }

    /// When it was decided; null until then.
    async fn decided_at(&self) -> Option<Instant> {
        self.row.decided_at.map(Instant)
    }

    /// What was said with the decision.
    async fn decision(&self) -> Option<Markdown> {
        self.row.decision.clone().map(Markdown)
    }
}

impl Contribution {
    /// The contribution with an id, seen from a view, where the viewer may know of it.
    ///
    /// # Errors
    /// `UNAVAILABLE`, `INTERNAL`
    pub async fn find(ctx: &Context<'_>, id: &str, view: View) -> Result<Option<Self>, Error> {
        let row = ctx.loader().load_one(ById(id.to_owned())).await?;
        let row = row.filter(|row| row.is_visible_to(ctx.viewer()));
        Ok(row.map(|row| Self { row, view }))
    }
}

/// One proposed change of one record.
struct ProposedChange {
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

    /// The version that it was written against; null for a new record.
    async fn base_version(&self) -> Option<i32> {
        self.change.base_version
    }

    /// The fields that it names, before (in that version) and after. Bounded: the fields of the noun.
    async fn fields(&self, ctx: &Context<'_>) -> Result<Vec<FieldChange>, Error> {
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
        let fields = self
            .change
            .fields
            .iter()
            .map(|(field, after)| merge::FieldChange {
                field: *field,
                before: base.get(&field.camel()).cloned(),
                after: after.clone(),
            });
        Ok(fields.map(Into::into).collect())
    }

    /// Where the new values come from. Bounded: tens.
    async fn citations(&self) -> Vec<ProposedCitation> {
        let cites = self.change.cites.iter().cloned();
        cites
            .map(|cite| ProposedCitation {
                cite,
                view: self.view,
            })
            .collect()
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
struct FieldConflict {
    record: RecordId,
    conflict: merge::Conflict,
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

/// Which contributions. What is left out does not narrow; an empty list matches nothing.
#[derive(Clone, Debug, Default, InputObject)]
pub struct ContributionFilter {
    /// With one of these ids.
    ids: Option<Vec<ID>>,
    /// In one of these states.
    state: Option<Vec<State>>,
    /// About records of one of these countries.
    countries: Option<Vec<Raw<CountryCode>>>,
    /// About one of these records.
    records: Option<Vec<Raw<RecordId>>>,
    /// Begun by the viewer.
    mine: Option<bool>,
}

/// How contributions are sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, async_graphql::Enum)]
pub enum ContributionOrder {
    /// Begun first.
    Oldest,
    /// Begun last.
    Newest,
}

/// A page of the contributions that the viewer may know of.
///
/// # Errors
/// `BAD_USER_INPUT`
pub async fn list(
    ctx: &Context<'_>,
    filter: ContributionFilter,
    order: ContributionOrder,
    asked: Asked,
) -> Result<Connection<Contribution>, Error> {
    let tag = List::new("contributions", &(&filter, order));
    let page = asked.page(ctx, &tag)?;
    bounded("filter.ids", filter.ids.as_deref())?;
    bounded("filter.state", filter.state.as_deref())?;
    let ids = filter.ids.map(|ids| {
        let named = ids.iter().enumerate();
        named
            .map(|(at, id)| bare(id).map_err(|text| Error::bad(&format!("filter.ids.{at}"), text)))
            .collect()
    });
    let filter = Filter {
        ids: ids.transpose()?,
        state: filter.state,
        countries: read_list("filter.countries", filter.countries.as_deref())?,
        records: read_list("filter.records", filter.records.as_deref())?,
        mine: filter.mine.unwrap_or(false),
    };
    let newest_first = order == ContributionOrder::Newest;
    let slice = ctx
        .store()
        .contributions(ctx.viewer(), filter, newest_first, &page)
        .await?;
    let view = ctx.view();
    Ok(Connection::of(slice.map(|row| {
        (
            tag.cursor(&[json!(row.id)]),
            Contribution {
                row: Arc::new(row),
                view,
            },
        )
    })))
}

/// The id without its noun, or what would be right.
pub fn bare(id: &str) -> Result<String, String> {
    id.strip_prefix("Contribution:")
        .filter(|id| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric()))
        .map(str::to_owned)
        .ok_or_else(|| {
            "expected the id of a contribution, like \u{201c}Contribution:\u{2026}\u{201d}"
                .to_owned()
        })
}
