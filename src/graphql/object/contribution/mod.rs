//! Contributions: the object, its parts and its mutations.

use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use cyberprofiles_graphql_macros::at_once;
use futures_util::future::try_join_all;

use crate::engine::context::{RequestContext, View};
use crate::engine::error::Error;
use crate::engine::inline_resolve::Inline;
use crate::engine::objects::Objects;
use crate::object::country::{self, Country};
use crate::object::value::Actor;
use domain::contribution::{State, Step};
use domain::scalar::DateTime;
use domain::text::Markdown;
use domain::url::Url;
use store::contribution::comment::CommentsOf;
use store::contribution::{ContributionById, Model, Overlapping};

mod activity;
mod comment;
mod input;
mod list;
mod mutation;
pub mod payload;
mod preview;
mod proposed;
pub mod user_error;
mod warning;

use activity::ContributionActivity;
use comment::Comment;
use preview::Preview;
use proposed::{FieldConflict, ProposedChange};
use user_error::UserError;

pub use list::{
    ContributionFilter, ContributionOrder, ContributionStateCount, counts, follow, list,
};
pub use mutation::Mutation;

/// Proposed changes with author, discussion and state, seen by one viewer.
pub struct Contribution {
    row: Arc<Model>,
    view: View,
}

/// Proposed changes of records, with title, rationale, authors, discussion and state. It has no past states: it is
/// always returned as it is now, and so are the records to which it leads.
#[at_once]
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
        let numbered = self.row.changes.iter().zip(changes).enumerate();
        let id = |at| format!("{}/{at}", self.row.id);
        Ok(numbered
            .map(|(at, (input, change))| {
                ProposedChange::new(id(at), input.clone(), change, self.view)
            })
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
    ///   differs from the base version is a conflict.
    /// - A record that was retired in the meantime is no conflict by itself: `acceptContribution` returns `NOT_FOUND`
    ///   for an update of it.
    ///
    /// While there are conflicts, `acceptContribution` returns the user error `CONFLICT` for each of them, and the editor
    /// cannot resolve them. An author does: with `resolveConflicts`, which takes the current or the proposed value field
    /// by field, or with `updateContribution` and changes whose `baseVersion` is the current version or is left out. Empty
    /// once the contribution is accepted, rejected or withdrawn. In the order of `changes`, then of the fields in each
    /// change. Bounded: the fields of its records.
    async fn conflicts(&self, ctx: &Context<'_>) -> Result<Objects<FieldConflict>, Error> {
        Ok(self.found_conflicts(ctx).await?.into())
    }

    /// The steps that the viewer can take now: its role, its relation to the contribution, the state and the conflicts
    /// allow them. Without a token: none. `ACCEPT` is left out while there are conflicts, and for a tip without changes;
    /// `RESOLVE_CONFLICTS` is there only if there are conflicts.
    ///
    /// A step can still fail. The input of its mutation may have faults, the contribution may be edited meanwhile, and
    /// `ACCEPT` is refused if a change fails for a reason other than a conflict, for example because its record was
    /// retired. In the order of the enum. Bounded: the values of the enum.
    async fn steps(&self, ctx: &Context<'_>) -> Result<Vec<Step>, Error> {
        let viewer = ctx.viewer();
        let (sound, contested) = (self.row.steps(viewer, false), self.row.steps(viewer, true));
        if sound == contested || self.found_conflicts(ctx).await?.is_empty() {
            return Ok(sound);
        }
        Ok(contested)
    }

    /// Findings for an editor to look at; they stop nothing. Computed from the records as they are now. Empty once the
    /// contribution is accepted, rejected or withdrawn.
    ///
    /// Each leads to a change and its field by its path, as in `["changes", "0", "updateTreaty", "set", "title"]`, where
    /// the number is the place in `changes`, and says what to do. They go away with their cause:
    /// - a contribution that waits for its authors: a draft, which they alone see, or one in the state
    ///   `CHANGES_REQUESTED` (`REQUIRED`, with an empty path);
    /// - each of `conflicts` (`CONFLICT`);
    /// - an adopted strategy, action plan or policy on cybercrime or cybersecurity, which the latest coverage assertion on
    ///   its topic does not name as `via` with `PRESENT` or `PARTIAL` (`REQUIRED`);
    /// - a body or unit that works now, on whose topic the latest coverage assertion says neither `PRESENT` nor `PARTIAL`
    ///   (`REQUIRED`): a national CSIRT, 24/7 contact, central authority for legal assistance, reporting point,
    ///   cybercrime unit, prosecution unit or court;
    /// - a source with the address of another source, and an institution with a name of another one of its country
    ///   (`DUPLICATE`);
    /// - an act dated before its treaty was opened for signature (`INVALID`);
    /// - a law or code with neither a text nor a number (`REQUIRED`);
    /// - an update that sets only values which its record has already (`INVALID`);
    /// - a field that the changes cite as `CONFIRMED`, though after them its `CONFIRMED` citations have fewer than two
    ///   independent sources (`CITATION_REQUIRED`, with the path of a citation). Sources are independent if their
    ///   `publisher` differs; a source without a publisher counts as one of its own.
    ///
    /// Records that the contribution itself proposes count. In the order of `changes`. Bounded: a few for each change.
    async fn warnings(&self, ctx: &Context<'_>) -> Result<Objects<UserError>, Error> {
        if !self.row.is_open() {
            return Ok(Vec::new().into());
        }
        let found = warning::warnings(ctx, &self.row, self.view).await?;
        Ok(found.into_iter().map(UserError::from).collect())
    }

    /// The profiles as they would be if the contribution were accepted now. Nothing is stored. Null once it is accepted,
    /// rejected or withdrawn, and for a tip without changes.
    ///
    /// A field with a conflict keeps its current value, and the other fields of the change apply: see `conflicts`. A
    /// change that has another fault is left out, for example one that refers to a record that was retired in the
    /// meantime.
    ///
    /// The view is always that of now and today, even if the contribution was reached through `at`. `search` reads
    /// records that were accepted, and is no field of a snapshot. A preview cannot contain another preview.
    ///
    /// Every answer below equals the one after the acceptance, except what only the acceptance can give:
    /// - the sequence numbers, cursors, ids and hashes of the new changes, and what contains one of them. These
    ///   cursors, and ids that end in one, begin with `preview.`; no other query takes them. `permalink` and `citeAs`
    ///   of a new version lead to no page;
    /// - the instants of the new changes, which are here that of the preview, and their `actor`, who is here the first
    ///   author;
    /// - the contribution itself, which is returned as it is now. `conflicts`, `warnings` and `steps` of open contributions
    ///   are those after the acceptance;
    /// - version numbers, if other changes of the same records are accepted first.
    async fn preview(&self, ctx: &Context<'_>) -> Option<Result<Preview, Error>> {
        Preview::of(ctx, &self.row).await.transpose()
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

    /// The steps and the comments, oldest first, each with its person and time. Its creation is an UPDATE to revision 1;
    /// a tip begins with SUBMIT. Steps and comments keep the readers that the contribution had then, as `comments`
    /// describes: edits of a draft are shown to its authors alone.
    ///
    /// Of steps before the service kept them, those are shown that the contribution still tells: its creation, its
    /// submission, its decision, and a withdrawal or review without a later comment. Their revision may be a later one.
    /// Bounded: the last 500 steps, and 500 comments.
    async fn activity(&self, ctx: &Context<'_>) -> Result<Objects<ContributionActivity>, Error> {
        Ok(activity::of(ctx, &self.row).await?.into())
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

    /// The conflicts of an open contribution.
    async fn found_conflicts(&self, ctx: &Context<'_>) -> Result<Vec<FieldConflict>, Error> {
        if !self.row.is_open() {
            return Ok(Vec::new());
        }
        // A proposal that can no longer be read is reported by `acceptContribution`.
        let changes = self.row.proposed().unwrap_or_default();
        let found = changes
            .iter()
            .map(|change| FieldConflict::of(ctx, change, self.view));
        Ok(try_join_all(found).await?.into_iter().flatten().collect())
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
