//! The row of a contribution, and its visibility.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

use crate::error::Error;
use domain::change::{ChangeInput, Proposed};
use domain::check::Path;
use domain::contribution::{
    ActorRelation, Audience, Overruled, Standing, State, Step, checked_changes, overrule,
};
use domain::record::RecordId;
use domain::text::CountryCode;
use domain::url::Url;
use domain::value_type::List;
use domain::viewer::{Actor, Role, Viewer};

/// One contribution.
#[derive(Clone, Debug, DeriveEntityModel)]
#[sea_orm(table_name = "contribution")]
pub struct Model {
    /// The id. Ids of later contributions sort after those of earlier ones.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// The revision: counted from 1, raised by every edit of the proposal.
    pub revision: i32,
    /// The state of the review.
    pub state: State,
    /// The title.
    pub title: String,
    /// The rationale, in Markdown.
    pub rationale: String,
    /// All persons who wrote changes of the contribution, in the order in which they joined.
    pub authors: List<Actor>,
    /// The editor who reviews the contribution, or decided it.
    pub reviewer: Option<Actor>,
    /// The format number of `changes`.
    pub format: i32,
    /// The proposed changes, as they were given; empty for a tip.
    pub changes: List<ChangeInput>,
    /// The current values that the authors decided to replace. A change that is rebased has none.
    pub overruled: List<Overruled>,
    /// The time at which the contribution was created, in UTC.
    pub created_at: DateTime<Utc>,
    /// The time of the last edit, step or comment, in UTC.
    pub updated_at: DateTime<Utc>,
    /// The time of the first submission, in UTC.
    pub submitted_at: Option<DateTime<Utc>>,
    /// The time of the decision, in UTC.
    pub decided_at: Option<DateTime<Utc>>,
    /// The reason or comment that the editor gave with the decision.
    pub decision: Option<String>,
    /// True if the contribution began as a tip.
    pub is_tip: bool,
    /// The message of the reader who sent the tip.
    pub message: Option<String>,
    /// A link with which the reader supports the message.
    pub link: Option<Url>,
    /// The contact of the reader, shown to editors only and deleted with the decision.
    pub contact: Option<String>,
    /// The persons who may see the contribution, besides its authors.
    pub audience: Audience,
    /// The ids of the records that the contribution proposes to change, and the codes of their countries.
    pub subjects: List<String>,
    /// The value of the counter of all contributions at the last touch: the contribution touched last has the highest.
    pub touched: i64,
}

/// Empty: no relations are used.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The format number of the only form of `changes` so far.
pub(super) const FORMAT: i32 = 1;

impl Model {
    /// Reads the proposed changes and checks them again, without the database.
    ///
    /// # Errors
    /// [`Error::Refused`] if the rules have become stricter since the contribution was written.
    pub fn proposed(&self) -> Result<Vec<Proposed>, Error> {
        let mut found = Vec::new();
        if self.changes.is_empty() {
            return Ok(Vec::new());
        }
        let path = Path::default().then("changes");
        let mut changes = checked_changes(&self.changes, &path, &mut found);
        overrule(&mut changes, &self.overruled);
        if found.is_empty() {
            Ok(changes)
        } else {
            Err(Error::Refused(found))
        }
    }

    /// True if a viewer may see the contribution.
    pub fn is_visible_to(&self, viewer: &Viewer) -> bool {
        self.shows(self.audience, viewer)
    }

    /// True if a viewer may see a part of the contribution that is for this audience.
    pub fn shows(&self, audience: Audience, viewer: &Viewer) -> bool {
        let is_author = viewer.actor().is_some_and(|actor| self.is_by(actor));
        is_author
            || match audience {
                Audience::Authors => false,
                Audience::Editors => viewer.role() >= Role::Editor,
                Audience::All => true,
            }
    }

    /// True if the contribution has not been decided or withdrawn.
    pub fn is_open(&self) -> bool {
        !self.state.is_final()
    }

    /// The codes of the countries of the contribution, sorted.
    pub fn countries(&self) -> Vec<CountryCode> {
        let codes = self.subjects.iter();
        let mut codes: Vec<CountryCode> = codes.filter_map(|code| code.parse().ok()).collect();
        codes.sort_unstable();
        codes
    }

    /// The ids of the records that the contribution proposes to change.
    pub fn records(&self) -> Vec<RecordId> {
        let ids = self.subjects.iter();
        ids.filter_map(|id| id.parse().ok()).collect()
    }

    pub(super) fn is_by(&self, actor: &Actor) -> bool {
        self.authors.iter().any(|author| author.id == actor.id)
    }

    /// The facts that decide which steps are possible.
    pub(super) fn standing(&self, has_conflicts: bool) -> Standing {
        Standing {
            state: self.state,
            is_tip: self.is_tip,
            is_complete: !self.changes.is_empty(),
            has_conflicts,
        }
    }

    /// The steps that a viewer can take now.
    pub fn steps(&self, viewer: &Viewer, has_conflicts: bool) -> Vec<Step> {
        let Ok(person) = viewer.contributor() else {
            return Vec::new();
        };
        let relation = self.relation_of(person.actor());
        self.standing(has_conflicts).steps(relation).collect()
    }

    pub(super) fn relation_of(&self, actor: &Actor) -> ActorRelation {
        ActorRelation {
            is_author: self.is_by(actor),
            is_editor: actor.role >= Role::Editor,
        }
    }
}
