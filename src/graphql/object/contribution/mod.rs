//! Contributions: the object and its lists.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object};
use futures_util::future::try_join_all;
use futures_util::{Stream, StreamExt};
use serde_json::{Value, json};

use crate::engine::argument::{bounded, read_list};
use crate::engine::connection::Connection;
use crate::engine::context::{Asks, View};
use crate::engine::cursor::{List, Told, told};
use crate::engine::error::Error;
use crate::engine::in_place::InPlace;
use crate::engine::objects::Objects;
use crate::engine::page::Asked;
use crate::object::country::{self, Country};
use crate::object::value::Actor;
use domain::contribution::State;
use domain::link::Link;
use domain::record::RecordId;
use domain::scalar::Instant;
use domain::text::{CountryCode, Markdown, Raw};
use store::contribution::comment::About;
use store::contribution::{ById, Filter, Model, Overlapping};
use store::record::word;

mod comment;
mod input;
mod mutation;
mod payload;
mod proposed;
mod user_error;

use comment::Comment;
use proposed::{FieldConflict, ProposedChange};

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

    /// Why the profiles should change; null for a tip that no editor has completed.
    async fn rationale(&self) -> Option<Markdown> {
        let rationale = self.row.rationale.clone();
        (!rationale.is_empty()).then_some(Markdown(rationale))
    }

    /// Who first wrote any of it; null for a tip of a reader without an account that nobody has completed.
    async fn author(&self) -> Option<Actor> {
        self.row.authors.first().cloned().map(Actor)
    }

    /// Whoever wrote what it proposes, in the order in which they came: none of them may decide on
    /// it. Bounded: a few.
    async fn authors(&self) -> Objects<Actor> {
        self.row.authors.iter().cloned().map(Actor).collect()
    }

    /// Who reviews it, or decided; null until then.
    async fn reviewer(&self) -> Option<Actor> {
        self.row.reviewer.clone().map(Actor)
    }

    /// The countries that it is about, by code. Bounded: tens.
    async fn countries(&self, ctx: &Context<'_>) -> Result<Objects<InPlace<Country>>, Error> {
        let codes = self.row.countries();
        let found = codes
            .into_iter()
            .map(|code| country::by_code(ctx, code, self.view));
        Ok(try_join_all(found).await?.into_iter().flatten().collect())
    }

    /// What it proposes, in the order given; none for a tip that no editor has completed. Bounded: 100.
    async fn changes(&self) -> Result<Objects<ProposedChange>, Error> {
        let changes = self.row.proposed()?;
        let numbered = changes.into_iter().enumerate();
        let id = |at| format!("{}/{at}", self.row.id);
        Ok(numbered
            .map(|(at, change)| ProposedChange::new(id(at), change, self.view))
            .collect())
    }

    /// The fields that somebody changed to something else since: accepting it answers `CONFLICT`
    /// until it is written anew with `updateContribution`. None once it is decided. Bounded: the
    /// fields it names.
    async fn conflicts(&self, ctx: &Context<'_>) -> Result<Objects<FieldConflict>, Error> {
        if !self.row.is_open() {
            return Ok(Vec::new().into());
        }
        // What has become impossible since is told when it is accepted.
        let changes = self.row.proposed().unwrap_or_default();
        let found = changes
            .iter()
            .map(|change| FieldConflict::of(ctx, change, self.view));
        Ok(try_join_all(found).await?.into_iter().flatten().collect())
    }

    /// Other open contributions that the viewer may know of and that are about one of the same
    /// records, newest first. Bounded: 50.
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

    /// What was said about it, oldest first. What was said while only some could know of it is still for
    /// them alone. Bounded: 500.
    async fn comments(&self, ctx: &Context<'_>) -> Result<Objects<Comment>, Error> {
        let key = About(self.row.id.clone());
        let rows = ctx.loader().load_one(key).await?.unwrap_or_default();
        let shown = rows
            .into_iter()
            .filter(|row| self.row.shows(row.audience, ctx.viewer()));
        Ok(shown.map(Comment::from).collect())
    }

    /// When it was begun.
    async fn created_at(&self) -> Instant {
        Instant(self.row.created_at)
    }

    /// When it was last touched.
    async fn updated_at(&self) -> Instant {
        Instant(self.row.updated_at)
    }

    /// When it first went to the editors; null for a draft.
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

    /// Whether a reader began it: editors alone see such a one, until one of them completes it.
    async fn is_tip(&self) -> bool {
        self.row.is_tip
    }

    /// What the reader says; null for what is no tip.
    async fn message(&self) -> Option<&str> {
        self.row.message.as_deref()
    }

    /// Where that can be read.
    async fn link(&self) -> Option<&Link> {
        self.row.link.as_ref()
    }

    /// How to reach the reader. For editors alone: null for everybody else, and once it is decided.
    async fn contact(&self, ctx: &Context<'_>) -> Option<&str> {
        ctx.viewer().editor().ok()?;
        self.row.contact.as_deref()
    }
}

/// The most contributions that are shown beside one.
const MOST_OVERLAPPING: usize = 50;

impl Contribution {
    /// A row, seen from a view.
    fn new(row: Arc<Model>, view: View) -> Self {
        Self { row, view }
    }

    /// The contribution with an id as it is now, where the viewer may know of it. It has no versions: what it
    /// shows is seen from now as well, so that its one id names one answer.
    ///
    /// # Errors
    /// `UNAVAILABLE`, `INTERNAL`
    pub async fn find(ctx: &Context<'_>, id: &str) -> Result<Option<Self>, Error> {
        let viewer = ctx.viewer();
        let row = ctx.loader().load_one(ById(id.to_owned())).await?;
        let row = row.filter(|row| row.is_visible_to(viewer));
        Ok(row.map(|row| Self::new(row, ctx.view())))
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
    /// With the viewer among their authors.
    mine: Option<bool>,
}

impl Told for ContributionFilter {
    fn told(&self) -> Value {
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
        told([
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
    let of = filter.clone();
    let tag = List::new("contributions", move || {
        let order = match order {
            ContributionOrder::Oldest => "OLDEST",
            ContributionOrder::Newest => "NEWEST",
        };
        told([("filter", of.told()), ("orderBy", json!(order))])
    });
    let page = asked.page(ctx, &tag)?;
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
            tag.place([json!(row.id)]),
            Contribution::new(Arc::new(row), view),
        )
    })))
}

/// The contributions that are touched from now on, each as it is then.
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
