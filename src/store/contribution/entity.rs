//! A contribution as it is kept, and who may know of it.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

use crate::error::Error;
use domain::change::{ChangeInput, Proposed};
use domain::check::Path;
use domain::contribution::{Audience, Hand, State, checked_changes};
use domain::link::Link;
use domain::record::RecordId;
use domain::text::CountryCode;
use domain::value_type::List;
use domain::viewer::{Actor, Role, Viewer};

/// One contribution.
#[derive(Clone, Debug, DeriveEntityModel)]
#[sea_orm(table_name = "contribution")]
pub struct Model {
    /// A name that grows with the time it was given.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Grows with every edit of what is proposed.
    pub revision: i32,
    /// Where it stands.
    pub state: State,
    /// What it is about.
    pub title: String,
    /// Why.
    pub rationale: String,
    /// Whoever wrote what it proposes, in the order in which they came.
    pub authors: List<Actor>,
    /// Who reviews it, or decided.
    pub reviewer: Option<Actor>,
    /// How `changes` are written.
    pub format: i32,
    /// What it proposes, as it was given.
    pub changes: List<ChangeInput>,
    /// When it was begun.
    pub created_at: DateTime<Utc>,
    /// When it was last touched.
    pub updated_at: DateTime<Utc>,
    /// When it went to the editors.
    pub submitted_at: Option<DateTime<Utc>>,
    /// When it was decided.
    pub decided_at: Option<DateTime<Utc>>,
    /// What was said with the decision.
    pub decision: Option<String>,
    /// Whether a reader began it.
    pub is_tip: bool,
    /// What the reader says.
    pub message: Option<String>,
    /// Where that can be read.
    pub link: Option<Link>,
    /// How to reach the reader, until it is decided. For editors alone.
    pub contact: Option<String>,
    /// Who may know of it, beside its authors.
    pub audience: Audience,
    /// The ids of the records that it is about, and the codes of their countries.
    pub subjects: List<String>,
    /// Grows whenever any contribution is touched: the last touched has the highest.
    pub touched: i64,
}

/// None.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The one way in which changes are written so far.
pub(super) const FORMAT: i32 = 1;

impl Model {
    /// What it proposes, checked again by itself.
    ///
    /// # Errors
    /// [`Error::Refused`] where the rules have become stricter since.
    pub fn proposed(&self) -> Result<Vec<Proposed>, Error> {
        let mut found = Vec::new();
        if self.changes.is_empty() {
            return Ok(Vec::new());
        }
        let path = Path::default().then("changes");
        let changes = checked_changes(&self.changes, &path, &mut found);
        if found.is_empty() {
            Ok(changes)
        } else {
            Err(Error::Refused(found))
        }
    }

    /// Whether somebody may know of it.
    pub fn is_visible_to(&self, viewer: &Viewer) -> bool {
        self.shows(self.audience, viewer)
    }

    /// Whether somebody may know of what was said about it for an audience.
    pub fn shows(&self, audience: Audience, viewer: &Viewer) -> bool {
        let is_author = viewer.actor().is_some_and(|actor| self.is_by(actor));
        is_author
            || match audience {
                Audience::Authors => false,
                Audience::Editors => viewer.role() >= Role::Editor,
                Audience::All => true,
            }
    }

    /// Whether it still waits for something.
    pub fn is_open(&self) -> bool {
        !self.state.is_final()
    }

    /// The codes of the countries that it is about.
    pub fn countries(&self) -> Vec<CountryCode> {
        let codes = self.subjects.iter();
        let mut codes: Vec<CountryCode> = codes.filter_map(|code| code.parse().ok()).collect();
        codes.sort_unstable();
        codes
    }

    /// The records that it is about.
    pub fn records(&self) -> Vec<RecordId> {
        let ids = self.subjects.iter();
        ids.filter_map(|id| id.parse().ok()).collect()
    }

    pub(super) fn is_by(&self, actor: &Actor) -> bool {
        self.authors.iter().any(|author| author.id == actor.id)
    }

    pub(super) fn hand(&self, actor: &Actor) -> Hand {
        Hand {
            is_author: self.is_by(actor),
            is_editor: actor.role >= Role::Editor,
        }
    }
}
