//! The change log: a change, pages of the log, and the subscription to it.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Json, Object, SimpleObject};
use chrono::Utc;
use cyberprofiles_graphql_macros::at_once;
use futures_util::future::try_join_all;
use futures_util::stream::{self, Stream};
use serde_json::Value;

use crate::engine::argument::{bounded, read_list};
use crate::engine::connection::Connection;
use crate::engine::context::{IdForm, RequestContext, View};
use crate::engine::error::Error;
use crate::engine::inline_resolve::Inline;
use crate::engine::log_cursor::moment;
use crate::engine::objects::Objects;
use crate::engine::page::{PageArgs, counts};
use crate::engine::subscription::{self, ArgumentSlot, BatchInput, Resume};
use crate::object::citation::Citation;
use crate::object::contribution::Contribution;
use crate::object::country::{self, Country};
use crate::object::record::Record;
use crate::object::value::Actor;
use domain::change::Operation;
use domain::date::Date;
use domain::effect::EffectKind;
use domain::merge;
use domain::record::{Kind, RecordField, RecordId};
use domain::scalar::{Cursor, DateTime, Sequence};
use domain::text::{CountryCode, Raw, TreatyReference};
use store::chain;
use store::change::{BySequence, ChangePage, CountriesOf, Filter, Followed, Model};
use store::citation::OfChange;
use store::load::ContentAround;
use store::moment::Moment;

/// One accepted change of one record: a line of the change log.
pub struct Change {
    row: Arc<Model>,
    is_last: bool,
}

/// One accepted change of one record: a line of the change log.
///
/// The fields that return records read them in the view of the commit: the moment at which the commit ended, and the
/// day of the commit as the as-of date. So a change that is read later equals the one that was sent live. There are
/// three exceptions: `before` reads the moment before the commit, `latest` returns the record as it is now, and
/// `contribution` the contribution as it is now.
#[at_once]
#[Object]
impl Change {
    /// Identifies the change: `Change:` and its sequence number. A change of a preview has the cursor instead.
    pub async fn id(&self, ctx: &Context<'_>) -> ID {
        numbered(ctx, "Change", self.row.sequence)
    }

    /// The position of this change in the log. Give it as `after` to continue after this change.
    async fn cursor(&self, ctx: &Context<'_>) -> Cursor {
        cursor(ctx, &self.row)
    }

    /// The sequence number: the position in the log, counted from 1 without gaps, in commit order.
    async fn sequence(&self) -> Sequence {
        Sequence(self.row.sequence)
    }

    /// The commit to which this change belongs.
    async fn transaction(&self, ctx: &Context<'_>) -> Transaction {
        let row = &self.row;
        Transaction {
            id: numbered(ctx, "Transaction", row.first),
            index: i32::try_from(row.sequence.saturating_sub(row.first)).unwrap_or(i32::MAX),
            size: row.size,
            last: self.is_last,
        }
    }

    /// The instant of the commit. It never decreases along the log.
    async fn committed_at(&self) -> DateTime {
        DateTime(self.row.committed_at)
    }

    /// The operation: what the change did to the record.
    async fn operation(&self) -> Operation {
        self.row.operation
    }

    /// The kind of record, as in `TREATY_EVENT`.
    async fn record_kind(&self) -> Kind {
        self.row.kind
    }

    /// The `recordId` of the record, which is the same in every view.
    async fn record_id(&self) -> ID {
        self.row.record.to_string().into()
    }

    /// The record after this change, in the view of the commit; a retired one too.
    pub async fn record(&self, ctx: &Context<'_>) -> Result<Inline<Record>, Error> {
        let record = Record::find(ctx, self.row.record.clone(), self.view()).await?;
        let record = record.ok_or_else(|| Error::missing("the record of a change"))?;
        Ok(Inline(record))
    }

    /// The record as it was known before the commit; null for CREATE. The as-of date is the day of the commit; for the
    /// operation EFFECT it is the day before `effect.on`.
    async fn before(&self, ctx: &Context<'_>) -> Option<Result<Inline<Record>, Error>> {
        if self.row.operation == Operation::Create {
            return None;
        }
        let record = self.record_before(ctx).await.transpose()?;
        Some(record.map(Inline))
    }

    /// The record as it stands when this change is sent or read: at the end of the log, today, with its plain `id`. So a
    /// client's cache replaces its copy of the record. Null if the record is retired. A change that is read again later
    /// returns the record as it stands then.
    pub async fn latest(&self, ctx: &Context<'_>) -> Option<Result<Inline<Record>, Error>> {
        let found = Record::find(ctx, self.row.record.clone(), ctx.view()).await;
        match found.transpose()? {
            Ok(record) if record.is_retired() => None,
            found => Some(found.map(Inline)),
        }
    }

    /// The fields whose stored values differ before and after this change, in the fixed order of the fields of its kind
    /// of record. Only CREATE and UPDATE have any: RETIRE, RESTORE, VERIFY and EFFECT change no stored value. Bounded:
    /// the fields of the kind.
    pub async fn fields(&self, ctx: &Context<'_>) -> Result<Objects<FieldChange>, Error> {
        let key = ContentAround {
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

    /// The citations that this change added, in the order of its input. Empty if it added none. Bounded: tens.
    async fn citations(&self, ctx: &Context<'_>) -> Result<Objects<Citation>, Error> {
        let rows = ctx
            .loader()
            .load_one(OfChange(self.row.sequence))
            .await?
            .unwrap_or_default();
        Ok(Citation::grouped(&rows, self.view(), None))
    }

    /// The answer that changed because a day arrived, while no record was edited. For example: a country ratified in
    /// March, and the treaty enters into force for it on 1 July. On that day its status changes from
    /// `CONTRACTING_STATE` to `PARTY`, and the service writes a change with this effect to the log. Set for the
    /// operation EFFECT; null for all others.
    async fn effect(&self) -> Option<Effect> {
        let effect = self.row.effect.as_ref()?;
        Some(Effect {
            on: effect.on,
            kind: effect.kind,
            before: effect.before.clone(),
            after: effect.after.clone(),
        })
    }

    /// The countries to which the record belongs, and others whose answers the change affects, ordered by code. Empty
    /// for treaties and sources, which belong to no country.
    ///
    /// A treaty event also affects:
    /// - the territories that it names;
    /// - if it names none, the territories to which its country extended the treaty or a protocol to it;
    /// - the countries that succeed to the act.
    async fn countries(&self, ctx: &Context<'_>) -> Result<Objects<Inline<Country>>, Error> {
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

    /// The contribution from which this change comes, as it is now. Null for imports, and for the operations VERIFY and
    /// EFFECT.
    async fn contribution(&self, ctx: &Context<'_>) -> Option<Result<Contribution, Error>> {
        self.origin(ctx).await
    }

    /// The editor who accepted the change or verified the record; for imports and effects, the program itself.
    async fn actor(&self) -> Actor {
        Actor(self.row.actor())
    }

    /// The hash of this line of the log and of all lines before it, in hexadecimal digits. A log with the same hash has
    /// the same lines.
    async fn hash(&self, ctx: &Context<'_>) -> Result<String, Error> {
        let link = link(ctx, Moment(self.row.sequence)).await?;
        Ok(link.hash.to_string())
    }

    /// The state digest just after this change: see `Head.stateDigest`.
    async fn state_digest(&self, ctx: &Context<'_>) -> Result<String, Error> {
        let link = link(ctx, Moment(self.row.sequence)).await?;
        Ok(link.state.to_string())
    }
}

/// The end of the hash chain at a moment.
async fn link(ctx: &Context<'_>, moment: Moment) -> Result<chain::Link, Error> {
    match ctx.loader().load_one(chain::OfChange(moment.0)).await? {
        Some(link) => Ok(link),
        None if moment == Moment(0) => Ok(chain::Link::default()),
        None => Err(Error::missing("the hash of a line")),
    }
}

impl Change {
    /// A change that is read by itself: it is the last of its commit only if the commit ends with it.
    pub fn alone(row: Arc<Model>) -> Self {
        Self {
            is_last: Moment(row.sequence) == row.commit(),
            row,
        }
    }

    /// The contribution from which it comes.
    pub async fn origin(&self, ctx: &Context<'_>) -> Option<Result<Contribution, Error>> {
        let id = self.row.contribution.as_deref()?;
        Contribution::find(ctx, id).await.transpose()
    }

    async fn record_before(&self, ctx: &Context<'_>) -> Result<Option<Record>, Error> {
        let moment = Moment(self.row.first.saturating_sub(1));
        let view = match &self.row.effect {
            Some(effect) => View::past(ctx, moment, Some(effect.on.previous())).await?,
            // Everything known at that moment was known by the day of this commit, so the day stays.
            None => View {
                moment,
                ..self.view()
            },
        };
        Record::find(ctx, self.row.record.clone(), view).await
    }

    /// The view in which its objects are read: the end of its commit, and the day of the commit.
    pub fn view(&self) -> View {
        let day = Date::of(self.row.committed_at);
        View {
            moment: self.row.commit(),
            as_of: day,
            known_on: day,
            form: IdForm::MomentAndDay,
        }
    }

    /// Loads the change with a sequence number, if the view contains it.
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

/// The id of something that a sequence number identifies. The numbers of a preview will belong to other changes.
fn numbered(ctx: &Context<'_>, kind: &str, sequence: i64) -> ID {
    let (store, moment) = (ctx.store(), Moment(sequence));
    if store.logged(moment) == moment {
        return format!("{kind}:{sequence}").into();
    }
    format!("{kind}:{}", store.cursors().write(moment)).into()
}

/// One commit: changes that became visible together.
#[derive(SimpleObject)]
struct Transaction {
    /// Identifies the commit.
    id: ID,
    /// The position of this change within the commit, counted from 0.
    index: i32,
    /// The number of changes in the commit, whatever the filter.
    size: i32,
    /// True if no further change of this commit follows under the same filter. A mirror applies a commit when it has
    /// received this change.
    last: bool,
}

/// A change of an answer because a day arrived, while no record was edited. An answer is the value of a field, such as
/// a treaty status, that the service computes from records for a day. If an edit changes an answer, the log contains
/// the edit, and no effect is written.
///
/// `Change.record` is the record that causes the effect: for a treaty status, the treaty event. Its stored values stay
/// the same. An effect is written to the log once: soon after 00:00 UTC of its day, or when the service runs again.
#[derive(SimpleObject)]
struct Effect {
    /// The first day (UTC) on which the new answer is valid. It may be earlier than the day of `committedAt`, never
    /// later.
    on: Date,
    /// The answer that changed. `EffectKind` describes for each kind the record, the field, and the form of `before`
    /// and `after`.
    kind: EffectKind,
    /// The answer on the day before `on`, as text: the values of an enum or country codes, as `EffectKind` describes.
    /// Null if there was none.
    before: Option<String>,
    /// The answer from the day `on`, as text in the form of `before`; null if there is none.
    after: Option<String>,
}

/// One field with its values before and after.
pub struct FieldChange(merge::FieldChange);

/// One field with its values before and after, as JSON in the form of the input of its kind (`CountryFields`, …).
/// `Change.before` and `Change.record` return the same values with their types.
#[at_once]
#[Object]
impl FieldChange {
    /// The field.
    async fn field(&self) -> RecordField {
        self.0.field
    }

    /// The name of the field in the schema: `adoptedOn` for `ADOPTED_ON`.
    async fn name(&self) -> String {
        self.0.field.camel()
    }

    /// The value before; null if the field was empty.
    async fn before(&self) -> Option<Json<&Value>> {
        self.0.before.as_ref().map(Json)
    }

    /// The value after; null if the field is empty.
    async fn after(&self) -> Option<Json<&Value>> {
        self.0.after.as_ref().map(Json)
    }
}

impl From<merge::FieldChange> for FieldChange {
    fn from(change: merge::FieldChange) -> Self {
        Self(change)
    }
}

/// Selects changes that match every member given. A member that is left out does not restrict; an empty list matches
/// nothing. A list has at most 1,000 elements.
#[derive(Clone, Debug, Default, InputObject)]
pub struct ChangeFilter {
    /// Changes that affect the answers of one of these countries: see `Change.countries`.
    countries: Option<Vec<Raw<CountryCode>>>,
    /// Changes of records of one of these kinds.
    kinds: Option<Vec<Kind>>,
    /// Changes with one of these operations.
    operations: Option<Vec<Operation>>,
    /// Changes of one of these records, by `recordId`.
    records: Option<Vec<Raw<RecordId>>>,
    /// Changes of one of these treaties, its events, the implementations of its articles, and the court decisions and
    /// policy documents that name it. A record counts that names the treaty before or after the change.
    treaties: Option<Vec<Raw<TreatyReference>>>,
    /// True: `countries` also matches changes of treaties and sources, which belong to no country. Without `countries`
    /// it has no effect. Left out: false.
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
            treaties: read_list("filter.treaties", self.treaties.as_deref())?,
            include_shared: self.include_shared.unwrap_or(false),
        })
    }
}

/// The arguments for a page of the log.
#[derive(Default)]
pub struct LogPageArgs {
    /// The number of changes, counted from the start.
    pub first: Option<i32>,
    /// The cursor after which the page begins.
    pub after: Option<Raw<Cursor>>,
    /// The number of changes, counted from the end.
    pub last: Option<i32>,
    /// The cursor before which the page ends.
    pub before: Option<Raw<Cursor>>,
}

/// A page of the log, oldest change first.
///
/// # Errors
/// `BAD_USER_INPUT`
pub async fn list(
    ctx: &Context<'_>,
    filter: ChangeFilter,
    args: LogPageArgs,
    view: View,
) -> Result<Connection<Change, Cursor>, Error> {
    let sizes = PageArgs {
        first: args.first,
        last: args.last,
        ..PageArgs::default()
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
        after: read("after", args.after).await?,
        before: read("before", args.before).await?,
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

/// Answers the subscription `changes`. If the engine has put changes into the request, it returns those. Otherwise it
/// tells the engine which changes are wanted: those after a cursor, or without one only new ones.
///
/// # Errors
/// `BAD_USER_INPUT`
pub async fn follow(
    ctx: &Context<'_>,
    filter: ChangeFilter,
    after: Option<Raw<Cursor>>,
) -> Result<impl Stream<Item = Change> + use<>, Error> {
    if let Some(batch) = ctx.data_opt::<BatchInput>() {
        let changes: Vec<Change> = batch.take().into_iter().map(Change::from).collect();
        return Ok(stream::iter(changes));
    }
    let newest = ctx.view().moment;
    let resumed = ctx.data_opt::<Resume>();
    let names_after = resumed.is_some() || after.is_some();
    let after = match (resumed, &after) {
        (Some(Resume(cursor)), _) => moment(ctx, "Last-Event-ID", cursor, newest).await?,
        (None, Some(cursor)) => moment(ctx, "after", cursor.text(), newest).await?,
        (None, None) => newest,
    };
    let filter = filter.read()?;
    if let Some(slot) = ctx.data_opt::<ArgumentSlot>() {
        slot.set(subscription::SubscriptionArgs {
            filter,
            after,
            names_after,
        });
    }
    Ok(stream::iter(Vec::new()))
}

/// The end of the change log.
pub struct Head {
    /// The sequence number of the last change.
    pub moment: Moment,
    /// The instant of its commit; `None` for an empty log.
    pub committed_at: Option<chrono::DateTime<Utc>>,
}

/// The end of the change log.
#[at_once]
#[Object]
impl Head {
    /// The sequence number of the last change; 0 for an empty log.
    async fn sequence(&self) -> Sequence {
        Sequence(self.moment.0)
    }

    /// The cursor of the last change; for an empty log, of the position before the first change. As `after` it returns
    /// only later changes.
    async fn cursor(&self, ctx: &Context<'_>) -> Cursor {
        Cursor(ctx.store().cursors().write(self.moment))
    }

    /// The instant of the last commit; 1970-01-01T00:00:00Z for an empty log.
    async fn committed_at(&self) -> DateTime {
        DateTime(self.committed_at.unwrap_or_default())
    }

    /// The hash of all lines of the log, in hexadecimal digits. Note it with `sequence` in another place: `verify`
    /// compares the log with it later.
    async fn hash(&self, ctx: &Context<'_>) -> Result<String, Error> {
        Ok(link(ctx, self.moment).await?.hash.to_string())
    }

    /// The digest of the state: the sum of `Record.digest` of all current records modulo 2^256, in hexadecimal digits.
    /// A mirror keeps its own sum. For CREATE and RESTORE it adds `record.digest`, for UPDATE it also subtracts
    /// `before.digest`, and for RETIRE it subtracts `before.digest`. Equal sums mean equal records.
    async fn state_digest(&self, ctx: &Context<'_>) -> Result<String, Error> {
        Ok(link(ctx, self.moment).await?.state.to_string())
    }
}
