//! The change log: one envelope, as a page and as a subscription.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Json, Object, SimpleObject};
use chrono::{DateTime, Utc};
use futures_util::future::try_join_all;
use futures_util::stream::{self, Stream};
use serde_json::Value;

use crate::engine::argument::{bounded, read_list};
use crate::engine::connection::Connection;
use crate::engine::context::{Asks, Form, View};
use crate::engine::error::Error;
use crate::engine::in_place::InPlace;
use crate::engine::log_cursor::moment;
use crate::engine::objects::Objects;
use crate::engine::page::{Asked, counts};
use crate::engine::subscription::{self, Given, Resume, Wanted};
use crate::object::citation::Citation;
use crate::object::contribution::Contribution;
use crate::object::country::{self, Country};
use crate::object::record::Record;
use crate::object::value::Actor;
use domain::change::Operation;
use domain::date::Day;
use domain::effect::EffectKind;
use domain::merge;
use domain::record::{Kind, RecordField, RecordId};
use domain::scalar::{Cursor, Instant, Sequence};
use domain::text::{CountryCode, Raw};
use store::change::{BySequence, ChangePage, CountriesOf, Filter, Followed, Model};
use store::citation::OfChange;
use store::load::Around;
use store::moment::Moment;

/// One accepted change of one record: a line of the change log.
pub struct Change {
    row: Arc<Model>,
    is_last: bool,
}

/// One accepted change of one record: a line of the change log. The record in it is seen from its own
/// commit and that day, whatever happened since, so that a change read later equals the one that was
/// sent live.
#[Object]
impl Change {
    /// Names the change.
    pub async fn id(&self) -> ID {
        format!("Change:{}", self.row.sequence).into()
    }

    /// Where it is in the log: give it as `after` to go on behind it.
    async fn cursor(&self, ctx: &Context<'_>) -> Cursor {
        cursor(ctx, &self.row)
    }

    /// Its number in the log.
    async fn sequence(&self) -> Sequence {
        Sequence(self.row.sequence)
    }

    /// The commit that it is part of.
    async fn transaction(&self) -> Transaction {
        let row = &self.row;
        Transaction {
            id: format!("Transaction:{}", row.first).into(),
            index: i32::try_from(row.sequence.saturating_sub(row.first)).unwrap_or(i32::MAX),
            size: row.size,
            last: self.is_last,
        }
    }

    /// When it was committed. Commit times never go back.
    async fn committed_at(&self) -> Instant {
        Instant(self.row.committed_at)
    }

    /// What it did.
    async fn operation(&self) -> Operation {
        self.row.operation
    }

    /// The noun.
    async fn record_kind(&self) -> Kind {
        self.row.kind
    }

    /// The record, whenever it is seen.
    async fn record_id(&self) -> ID {
        self.row.record.to_string().into()
    }

    /// The record as of this change, a retired one too.
    pub async fn record(&self, ctx: &Context<'_>) -> Result<InPlace<Record>, Error> {
        let record = Record::find(ctx, self.row.record.clone(), self.view()).await?;
        let record = record.ok_or_else(|| Error::missing("the record of a change"))?;
        Ok(InPlace(record))
    }

    /// The record as it was before, of what time alone changed on the day before; null for a new one.
    async fn before(&self, ctx: &Context<'_>) -> Option<Result<InPlace<Record>, Error>> {
        if self.row.operation == Operation::Create {
            return None;
        }
        let record = self.record_before(ctx).await.transpose()?;
        Some(record.map(InPlace))
    }

    /// The fields that are different, in the order of the noun; none for a record that left or came back as it
    /// was. Bounded: the fields of the noun.
    pub async fn fields(&self, ctx: &Context<'_>) -> Result<Objects<FieldChange>, Error> {
        let key = Around {
            record: self.row.record.clone(),
            sequence: self.row.sequence,
        };
        let (before, after) = ctx.loader().load_one(key).await?.unwrap_or_default();
        let fields = match self.row.operation {
            Operation::Create | Operation::Update => self.row.kind.fields(),
            Operation::Retire | Operation::Restore | Operation::Verify | Operation::Effect => &[],
        };
        Ok(merge::diff(fields, &before, &after)
            .into_iter()
            .map(Into::into)
            .collect())
    }

    /// The citations that it brought. Bounded: tens.
    async fn citations(&self, ctx: &Context<'_>) -> Result<Objects<Citation>, Error> {
        let rows = ctx
            .loader()
            .load_one(OfChange(self.row.sequence))
            .await?
            .unwrap_or_default();
        Ok(Citation::grouped(&rows, self.view(), None))
    }

    /// What time alone changed; set for `EFFECT`, and null for all else.
    async fn effect(&self) -> Option<Effect> {
        let effect = self.row.effect.as_ref()?;
        Some(Effect {
            on: effect.on,
            kind: effect.kind,
            before: effect.before.clone(),
            after: effect.after.clone(),
        })
    }

    /// The countries that the record belongs to, and others whose answers it changes, by code; none for
    /// treaties and sources. A treaty event changes answers of the territories that it names; one that
    /// names none, those of the territories to which its State extended the treaty or a protocol to it;
    /// and an act that another country succeeds to, those of that country.
    async fn countries(&self, ctx: &Context<'_>) -> Result<Objects<InPlace<Country>>, Error> {
        let codes = ctx
            .loader()
            .load_one(CountriesOf(self.row.sequence))
            .await?;
        let codes = codes.unwrap_or_default();
        let view = self.view();
        let found = codes
            .into_iter()
            .map(|code| country::by_code(ctx, code, view));
        Ok(try_join_all(found).await?.into_iter().flatten().collect())
    }

    /// The contribution that it comes from, as it is now; null for an import, and for what time changed.
    async fn contribution(&self, ctx: &Context<'_>) -> Option<Result<Contribution, Error>> {
        self.origin(ctx).await
    }

    /// Who accepted it.
    async fn actor(&self) -> Actor {
        Actor(self.row.actor())
    }
}

impl Change {
    /// A change without those around it.
    pub fn alone(row: Arc<Model>) -> Self {
        Self {
            is_last: Moment(row.sequence) == row.commit(),
            row,
        }
    }

    /// The contribution that it comes from.
    pub async fn origin(&self, ctx: &Context<'_>) -> Option<Result<Contribution, Error>> {
        let id = self.row.contribution.as_deref()?;
        Contribution::find(ctx, id).await.transpose()
    }

    async fn record_before(&self, ctx: &Context<'_>) -> Result<Option<Record>, Error> {
        let moment = Moment(self.row.first.saturating_sub(1));
        let view = match &self.row.effect {
            Some(effect) => View::past(ctx, moment, Some(effect.on.previous())).await?,
            // What was known by then was known by the day of this commit, about which it is asked.
            None => View {
                moment,
                ..self.view()
            },
        };
        Record::find(ctx, self.row.record.clone(), view).await
    }

    /// From where the record is seen: its own commit, on that day.
    pub fn view(&self) -> View {
        let day = Day::of(self.row.committed_at);
        View {
            moment: self.row.commit(),
            as_of: day,
            known_on: day,
            form: Form::MomentAndDay,
        }
    }

    /// The change with a number, among those of a view.
    ///
    /// # Errors
    /// `UNAVAILABLE`, `INTERNAL`
    pub async fn find(ctx: &Context<'_>, sequence: i64, view: View) -> Result<Option<Self>, Error> {
        let row = ctx.loader().load_one(BySequence(sequence)).await?;
        let row = row.filter(|row| Moment(row.sequence) <= view.moment);
        Ok(row.map(Self::alone))
    }
}

impl From<Followed> for Change {
    fn from(followed: Followed) -> Self {
        Self {
            row: Arc::new(followed.row),
            is_last: followed.is_last,
        }
    }
}

fn cursor(ctx: &Context<'_>, row: &Model) -> Cursor {
    Cursor(ctx.store().cursors().write(Moment(row.sequence)))
}

/// A commit: changes that came together or not at all.
#[derive(SimpleObject)]
struct Transaction {
    /// Names the commit.
    id: ID,
    /// Which of its changes this is, counted from 0.
    index: i32,
    /// How many changes it has, under no filter.
    size: i32,
    /// Whether no further change of this commit follows under the same filter.
    last: bool,
}

/// What time alone changed.
#[derive(SimpleObject)]
struct Effect {
    /// The day from which it is so.
    on: Day,
    /// What kind of answer changed.
    kind: EffectKind,
    /// The answer before.
    before: Option<String>,
    /// The answer after.
    after: Option<String>,
}

/// A field with its value before and after.
pub struct FieldChange(merge::FieldChange);

/// A field with its value before and after, as JSON in the form of the noun's input;
/// `Change.before` and `Change.record` give the same typed.
#[Object]
impl FieldChange {
    /// The field.
    async fn field(&self) -> RecordField {
        self.0.field
    }

    /// Its value before; null where it had none.
    async fn before(&self) -> Option<Json<&Value>> {
        self.0.before.as_ref().map(Json)
    }

    /// Its value after; null where it has none.
    async fn after(&self) -> Option<Json<&Value>> {
        self.0.after.as_ref().map(Json)
    }
}

impl From<merge::FieldChange> for FieldChange {
    fn from(change: merge::FieldChange) -> Self {
        Self(change)
    }
}

/// Which changes. What is left out does not narrow; an empty list matches nothing.
#[derive(Clone, Debug, Default, InputObject)]
pub struct ChangeFilter {
    /// Of records that belong to one of these countries, or change its answers: see `Change.countries`.
    countries: Option<Vec<Raw<CountryCode>>>,
    /// Of these nouns.
    kinds: Option<Vec<Kind>>,
    /// Of these operations.
    operations: Option<Vec<Operation>>,
    /// Of these records, by their plain ids.
    records: Option<Vec<Raw<RecordId>>>,
    /// With `countries`, also changes of treaties and sources, which belong to no country.
    include_shared: Option<bool>,
}

impl ChangeFilter {
    fn read(self) -> Result<Filter, Error> {
        bounded("filter.kinds", self.kinds.as_deref())?;
        bounded("filter.operations", self.operations.as_deref())?;
        Ok(Filter {
            countries: read_list("filter.countries", self.countries.as_deref())?,
            kinds: self.kinds,
            operations: self.operations,
            records: read_list("filter.records", self.records.as_deref())?,
            include_shared: self.include_shared.unwrap_or(false),
        })
    }
}

/// The arguments that ask for a part of the log.
#[derive(Default)]
pub struct AskedChanges {
    /// The first so many.
    pub first: Option<i32>,
    /// After this cursor.
    pub after: Option<Raw<Cursor>>,
    /// The last so many.
    pub last: Option<i32>,
    /// Before this cursor.
    pub before: Option<Raw<Cursor>>,
}

/// A page of the log, oldest first.
///
/// # Errors
/// `BAD_USER_INPUT`
pub async fn list(
    ctx: &Context<'_>,
    filter: ChangeFilter,
    asked: AskedChanges,
    view: View,
) -> Result<Connection<Change, Cursor>, Error> {
    let sizes = Asked {
        first: asked.first,
        last: asked.last,
        ..Asked::default()
    };
    let (size, forward) = sizes.size(ctx)?;
    let read = async |argument: &str, raw: Option<Raw<Cursor>>| match raw {
        Some(raw) => moment(ctx, argument, raw.text(), view.moment)
            .await
            .map(Some),
        None => Ok(None),
    };
    let page = ChangePage {
        size,
        forward,
        after: read("after", asked.after).await?,
        before: read("before", asked.before).await?,
        count: counts(ctx),
    };
    let slice = ctx
        .store()
        .changes(&filter.read()?, view.moment, &page)
        .await?;
    Ok(Connection::of(slice.map(|followed| {
        (cursor(ctx, &followed.row), followed.into())
    })))
}

/// The changes that were given to be told. Where none were, it says what is asked: every change after a
/// cursor, or without one those to come.
///
/// # Errors
/// `BAD_USER_INPUT`
pub async fn follow(
    ctx: &Context<'_>,
    filter: ChangeFilter,
    after: Option<Raw<Cursor>>,
) -> Result<impl Stream<Item = Change> + use<>, Error> {
    if let Some(given) = ctx.data_opt::<Given>() {
        let changes: Vec<Change> = given.take().into_iter().map(Change::from).collect();
        return Ok(stream::iter(changes));
    }
    let newest = ctx.view().moment;
    let resumed = ctx.data_opt::<Resume>();
    let after = match (resumed, &after) {
        (Some(Resume(cursor)), _) => moment(ctx, "Last-Event-ID", cursor, newest).await?,
        (None, Some(cursor)) => moment(ctx, "after", cursor.text(), newest).await?,
        (None, None) => newest,
    };
    let filter = filter.read()?;
    if let Some(wanted) = ctx.data_opt::<Wanted>() {
        wanted.set(subscription::Asked { filter, after });
    }
    Ok(stream::iter(Vec::new()))
}

/// Where the log ends.
pub struct Head {
    /// The last change.
    pub moment: Moment,
    /// When it was committed.
    pub committed_at: Option<DateTime<Utc>>,
}

/// Where the log ends.
#[Object]
impl Head {
    /// The number of the last change; 0 before the first.
    async fn sequence(&self) -> Sequence {
        Sequence(self.moment.0)
    }

    /// The cursor behind the last change.
    async fn cursor(&self, ctx: &Context<'_>) -> Cursor {
        Cursor(ctx.store().cursors().write(self.moment))
    }

    /// When the last change was committed; the beginning of 1970 before the first.
    async fn committed_at(&self) -> Instant {
        Instant(self.committed_at.unwrap_or_default())
    }
}
