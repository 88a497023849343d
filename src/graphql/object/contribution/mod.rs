//! Contributions: the object, its filter and its lists.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object};
use futures_util::future::try_join_all;
use futures_util::{Stream, StreamExt};
use serde_json::{Value, json};

use crate::engine::argument::{bounded, read_list};
use crate::engine::connection::Connection;
use crate::engine::context::{RequestContext, View};
use crate::engine::cursor::{CursorArguments, ListTag, arguments};
use crate::engine::error::Error;
use crate::engine::inline_resolve::Inline;
use crate::engine::objects::Objects;
use crate::engine::page::PageArgs;
use crate::object::country::{self, Country};
use crate::object::value::Actor;
use domain::contribution::State;
use domain::record::RecordId;
use domain::scalar::DateTime;
use domain::text::{CountryCode, Markdown, Raw};
use domain::url::Url;
use store::contribution::comment::CommentsOf;
use store::contribution::{ContributionById, Filter, Model, Overlapping};
use store::record::word;

mod comment;
mod input;
mod mutation;
mod payload;
mod proposed;
mod user_error;
mod warning;

use comment::Comment;
use proposed::{FieldConflict, ProposedChange};
use user_error::UserError;

pub use mutation::Mutation;

/// Proposed changes with author, discussion and state, seen by one viewer.
pub struct Contribution {
    row: Arc<Model>,
    view: View,
}

/// Proposed changes of records, with title, rationale, authors, discussion and state. It has no past states: it is
/// always returned as it is now, and so are the records to which it leads.
#[Object]
impl Contribution {
    /// Identifies the contribution, as in `Contribution:…`.
    pub async fn id(&self) -> ID {
        format!("Contribution:{}", self.row.id).into()
    }

    /// The number of the proposal's text, counted from 1; each edit adds one. Mutations that edit, submit, return,
    /// accept or reject name the revision that the person read, so that nobody decides on a text that they have not
    /// seen.
    async fn revision(&self) -> i32 {
        self.row.revision
    }

    /// The state in the course from draft to decision.
    async fn state(&self) -> State {
        self.row.state
    }

    /// The title, in one line.
    async fn title(&self) -> &str {
        &self.row.title
    }

    /// The reasons for the changes; null for a tip that no editor has completed.
    async fn rationale(&self) -> Option<Markdown> {
        let rationale = self.row.rationale.clone();
        (!rationale.is_empty()).then_some(Markdown(rationale))
    }

    /// The first of the authors; null for a tip of a reader without an account that no editor has completed.
    async fn author(&self) -> Option<Actor> {
        self.row.authors.first().cloned().map(Actor)
    }

    /// All persons who wrote a part of the proposal, in the order in which they joined. None of them may review or
    /// decide on it. Bounded: a few.
    async fn authors(&self) -> Objects<Actor> {
        self.row.authors.iter().cloned().map(Actor).collect()
    }

    /// The editor who reviews the current text, or who decided; null if there is none.
    async fn reviewer(&self) -> Option<Actor> {
        self.row.reviewer.clone().map(Actor)
    }

    /// The countries whose records or answers its changes affect, as `Change.countries` describes, by code. For a tip
    /// also the country that its sender named. Bounded: tens.
    async fn countries(&self, ctx: &Context<'_>) -> Result<Objects<Inline<Country>>, Error> {
        let codes = self.row.countries();
        let found = codes
            .into_iter()
            .map(|code| country::by_code(ctx, code, self.view));
        Ok(try_join_all(found).await?.into_iter().flatten().collect())
    }

    /// The proposed changes, in the order given, one for each record. Empty for a tip that no editor has completed.
    /// Bounded: 100.
    async fn changes(&self) -> Result<Objects<ProposedChange>, Error> {
        let changes = self.row.proposed()?;
        let numbered = changes.into_iter().enumerate();
        let id = |at| format!("{}/{at}", self.row.id);
        Ok(numbered
            .map(|(at, change)| ProposedChange::new(id(at), change, self.view))
            .collect())
    }

    /// The fields on which an author must decide before this contribution can be accepted.
    ///
    /// Every proposed change of a record is based on one version of it (`ProposedChange.baseVersion`). A conflict is a
    /// field with three different values: in the base version, in the record now, and in the proposal. For example, a
    /// date is 2010 in version 3. The contribution, based on version 3, proposes 2011; version 4 has 2012.
    ///
    /// - Values are compared, not versions. A field that was changed and changed back is no conflict, nor is a field
    ///   that has the proposed value already. A proposal of the value in the base version changes nothing.
    /// - A list is merged element by element, and is no conflict if the two sides edited different elements. The result
    ///   contains the new elements of both sides, equal ones once; if one side changed the order, its order applies. It
    ///   is a conflict if both sides changed one element differently, or the order differently. An element is
    ///   identified by its `language` (names, titles), `organisation` (memberships), `country` and `since`
    ///   (administrations), `url` (texts of documents), `number` (provisions), or `kind` and `document` (relations); in
    ///   other lists by its value.
    /// - A change that retires or restores a record is based on the whole record: every field of the record whose value
    ///   differs from the base version is a conflict. `acceptContribution` also returns `CONFLICT` if the record has a
    ///   new version with the same values; then this list is empty.
    /// - A record that was retired in the meantime is no conflict by itself: `acceptContribution` returns `NOT_FOUND`
    ///   for an update of it.
    ///
    /// While there are conflicts, `acceptContribution` returns the user error `CONFLICT`, and the editor cannot resolve
    /// them. An author does, with `updateContribution`: by changes whose `baseVersion` is the current version. Empty
    /// once the contribution is accepted, rejected or withdrawn. In the order of `changes`, then of the fields in each
    /// change. Bounded: the fields of its records.
    async fn conflicts(&self, ctx: &Context<'_>) -> Result<Objects<FieldConflict>, Error> {
        if !self.row.is_open() {
            return Ok(Vec::new().into());
        }
        // A proposal that can no longer be read is reported by `acceptContribution`.
        let changes = self.row.proposed().unwrap_or_default();
        let found = changes
            .iter()
            .map(|change| FieldConflict::of(ctx, change, self.view));
        Ok(try_join_all(found).await?.into_iter().flatten().collect())
    }

    /// Findings for an editor to look at; they stop nothing. Computed from the records as they are now. Empty once the
    /// contribution is accepted, rejected or withdrawn.
    ///
    /// There is one kind of warning so far, with the code `CITATION_REQUIRED` and the path of a citation. The changes
    /// cite a field as `CONFIRMED`, but after them its `CONFIRMED` citations have fewer than two independent sources.
    /// Sources are independent if their `publisher` differs; a source without a publisher counts as one of its own.
    /// Citations that the record has already count, and so do sources proposed in the same contribution. In the order
    /// of `changes`, then of their citations. Bounded: the fields of its records.
    async fn warnings(&self, ctx: &Context<'_>) -> Result<Objects<UserError>, Error> {
        if !self.row.is_open() {
            return Ok(Vec::new().into());
        }
        let changes = self.row.proposed().unwrap_or_default();
        let found = warning::warnings(ctx, &changes, self.view).await?;
        Ok(found.into_iter().map(UserError::from).collect())
    }

    /// Other open contributions that change one of the same records, last created first; only those that the viewer may
    /// see. Bounded: 50.
    async fn overlapping(&self, ctx: &Context<'_>) -> Result<Objects<Contribution>, Error> {
        let key = Overlapping {
            id: self.row.id.clone(),
            records: self.row.records(),
        };
        let viewer = ctx.viewer();
        let rows = ctx.loader().load_one(key).await?.unwrap_or_default();
        let visible = rows
            .into_iter()
            .filter(|row| row.is_visible_to(viewer))
            .take(MOST_OVERLAPPING);
        Ok(visible.map(|row| Self::new(row, self.view)).collect())
    }

    /// The discussion, oldest comment first. A comment keeps the readers that the contribution had when it was written:
    /// the authors alone before it was submitted, the authors and the editors while it was a tip without changes. Later
    /// readers do not see such a comment. Bounded: 500.
    async fn comments(&self, ctx: &Context<'_>) -> Result<Objects<Comment>, Error> {
        let key = CommentsOf(self.row.id.clone());
        let rows = ctx.loader().load_one(key).await?.unwrap_or_default();
        let shown = rows
            .into_iter()
            .filter(|row| self.row.shows(row.audience, ctx.viewer()));
        Ok(shown.map(Comment::from).collect())
    }

    /// The instant at which it was created.
    async fn created_at(&self) -> DateTime {
        DateTime(self.row.created_at)
    }

    /// The instant of the last step, edit or comment.
    async fn updated_at(&self) -> DateTime {
        DateTime(self.row.updated_at)
    }

    /// The instant at which it was first submitted to the editors; null if it never was.
    async fn submitted_at(&self) -> Option<DateTime> {
        self.row.submitted_at.map(DateTime)
    }

    /// The instant at which it was accepted or rejected; null until then, and if it was withdrawn.
    async fn decided_at(&self) -> Option<DateTime> {
        self.row.decided_at.map(DateTime)
    }

    /// The comment or reason that came with the decision; null if there is none.
    async fn decision(&self) -> Option<Markdown> {
        self.row.decision.clone().map(Markdown)
    }

    /// True if it began as a tip of a reader (`submitTip`). Until an editor completes it with changes, it is visible to
    /// editors and to its author alone.
    async fn is_tip(&self) -> bool {
        self.row.is_tip
    }

    /// The message of the reader who sent the tip; null for other contributions.
    async fn message(&self) -> Option<&str> {
        self.row.message.as_deref()
    }

    /// The address at which the reader's information can be read; null if none was given.
    async fn link(&self) -> Option<&Url> {
        self.row.link.as_ref()
    }

    /// The way to reach the reader. Null for viewers who are not editors, once the tip is decided or withdrawn, and if
    /// none was given.
    async fn contact(&self, ctx: &Context<'_>) -> Option<&str> {
        ctx.viewer().editor().ok()?;
        self.row.contact.as_deref()
    }
}

/// The most overlapping contributions that are returned.
const MOST_OVERLAPPING: usize = 50;

impl Contribution {
    /// A row, in a view.
    fn new(row: Arc<Model>, view: View) -> Self {
        Self { row, view }
    }

    /// Loads the contribution with an id as it is now, if the viewer may see it. It has no versions: what it leads to
    /// is read in the current view too, so that its one id names one answer.
    ///
    /// # Errors
    /// `UNAVAILABLE`, `INTERNAL`
    pub async fn find(ctx: &Context<'_>, id: &str) -> Result<Option<Self>, Error> {
        let viewer = ctx.viewer();
        let row = ctx
            .loader()
            .load_one(ContributionById(id.to_owned()))
            .await?;
        let row = row.filter(|row| row.is_visible_to(viewer));
        Ok(row.map(|row| Self::new(row, ctx.view())))
    }
}

/// Selects contributions that match every member given. A member that is left out does not restrict; an empty list
/// matches nothing. A list has at most 1,000 elements.
#[derive(Clone, Debug, Default, InputObject)]
pub struct ContributionFilter {
    /// Contributions with one of these ids.
    ids: Option<Vec<ID>>,
    /// Contributions in one of these states.
    state: Option<Vec<State>>,
    /// Contributions that concern one of these countries: see `Contribution.countries`.
    countries: Option<Vec<Raw<CountryCode>>>,
    /// Contributions that change one of these records, by `recordId`.
    records: Option<Vec<Raw<RecordId>>>,
    /// True: only contributions of which the viewer is an author. Left out: false.
    mine: Option<bool>,
}

impl CursorArguments for ContributionFilter {
    fn cursor_arguments(&self) -> Value {
        let Self {
            ids,
            state,
            countries,
            records,
            mine,
        } = self;
        let state = state
            .as_ref()
            .map(|all| all.iter().map(word).collect::<Vec<_>>());
        arguments([
            ("ids", json!(ids)),
            ("state", json!(state)),
            ("countries", json!(countries)),
            ("records", json!(records)),
            ("mine", json!(mine)),
        ])
    }
}

impl ContributionFilter {
    fn read(self) -> Result<Filter, Error> {
        bounded("filter.ids", self.ids.as_deref())?;
        bounded("filter.state", self.state.as_deref())?;
        let ids = self.ids.map(|ids| {
            let named = ids.iter().enumerate();
            let bad = |at, text| Error::bad(&format!("filter.ids.{at}"), text);
            named
                .map(|(at, id)| bare(id).map_err(|text| bad(at, text)))
                .collect()
        });
        Ok(Filter {
            ids: ids.transpose()?,
            state: self.state,
            countries: read_list("filter.countries", self.countries.as_deref())?,
            records: read_list("filter.records", self.records.as_deref())?,
            mine: self.mine.unwrap_or(false),
        })
    }
}

/// The order of contributions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, async_graphql::Enum)]
pub enum ContributionOrder {
    /// First created first.
    Oldest,
    /// Last created first.
    Newest,
}

/// A page of the contributions that the viewer may see.
///
/// # Errors
/// `BAD_USER_INPUT`
pub async fn list(
    ctx: &Context<'_>,
    filter: ContributionFilter,
    order: ContributionOrder,
    args: PageArgs,
) -> Result<Connection<Contribution>, Error> {
    let of = filter.clone();
    let tag = ListTag::new("contributions", move || {
        let order = match order {
            ContributionOrder::Oldest => "OLDEST",
            ContributionOrder::Newest => "NEWEST",
        };
        arguments([("filter", of.cursor_arguments()), ("orderBy", json!(order))])
    });
    let page = args.page(ctx, &tag)?;
    let filter = filter.read()?;
    let newest_first = order == ContributionOrder::Newest;
    let slice = ctx
        .store()
        .contributions()
        .list(ctx.viewer(), filter, newest_first, &page)
        .await?;
    let view = ctx.view();
    Ok(Connection::of(slice.map(|row| {
        (
            tag.cursor([json!(row.id)]),
            Contribution::new(Arc::new(row), view),
        )
    })))
}

/// The contributions that change from now on, each as it is then.
///
/// # Errors
/// `BAD_USER_INPUT`
pub async fn follow(
    ctx: &Context<'_>,
    filter: ContributionFilter,
) -> Result<impl Stream<Item = Result<Contribution, Error>> + use<>, Error> {
    let store = ctx.store().clone();
    let filter = filter.read()?;
    let after = store.contributions().touched().await?;
    let rows = store
        .contributions()
        .follow(ctx.viewer().clone(), filter, after);
    Ok(rows.then(move |row| {
        let store = store.clone();
        async move {
            let view = View::now(&store).await?;
            Ok(Contribution::new(Arc::new(row), view))
        }
    }))
}

/// The id without its prefix `Contribution:`, or a message with the form that is expected.
pub fn bare(id: &str) -> Result<String, String> {
    id.strip_prefix("Contribution:")
        .filter(|id| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric()))
        .map(str::to_owned)
        .ok_or_else(|| {
            "expected the id of a contribution, like \u{201c}Contribution:\u{2026}\u{201d}"
                .to_owned()
        })
}
