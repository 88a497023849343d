//! Contributions: the entity, who may know of it, and finding some.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Condition, Order, Query};

use super::error::Error;
use super::page::{Page, Slice};
use super::{Store, list};
use domain::change::{ChangeInput, Proposed};
use domain::check::Path;
use domain::contribution::{Audience, Hand, State, checked_changes};
use domain::link::Link;
use domain::record::RecordId;
use domain::text::CountryCode;
use domain::value_type::List;
use domain::viewer::{Actor, Role, Viewer};

pub mod comment;
mod follow;
mod load;
mod propose;
mod revert;
mod steps;
mod tip;
mod write;

pub use load::{Base, ById, Newest, Overlapping};

pub use steps::Named;

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
const FORMAT: i32 = 1;

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

    fn is_by(&self, actor: &Actor) -> bool {
        self.authors.iter().any(|author| author.id == actor.id)
    }

    fn hand(&self, actor: &Actor) -> Hand {
        Hand {
            is_author: self.is_by(actor),
            is_editor: actor.role >= Role::Editor,
        }
    }
}

mod subject {
    use sea_orm::entity::prelude::*;

    /// A record, or a country by its code, that a contribution is about.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "contribution_subject")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub contribution: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub subject: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod author {
    use sea_orm::entity::prelude::*;

    /// Somebody who wrote some of what a contribution proposes.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "contribution_author")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub contribution: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub person: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Which contributions are wanted; what is left out does not narrow.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// With one of these ids.
    pub ids: Option<Vec<String>>,
    /// In one of these states.
    pub state: Option<Vec<State>>,
    /// About one of these countries.
    pub countries: Option<Vec<CountryCode>>,
    /// About one of these records.
    pub records: Option<Vec<RecordId>>,
    /// With the viewer among their authors.
    pub mine: bool,
}

impl Filter {
    fn condition(self, viewer: &Viewer) -> Condition {
        let by_viewer = || {
            let person = viewer.actor().map(|actor| actor.id.clone());
            let written = Query::select()
                .column(author::Column::Contribution)
                .from(author::Entity)
                .and_where(author::Column::Person.eq(person.unwrap_or_default()))
                .to_owned();
            Column::Id.in_subquery(written)
        };
        let mut audiences = vec![Audience::All];
        if viewer.role() >= Role::Editor {
            audiences.push(Audience::Editors);
        }
        let mut all = Condition::all().add(
            Condition::any()
                .add(Column::Audience.is_in(audiences))
                .add(by_viewer()),
        );
        if self.mine {
            all = all.add(by_viewer());
        }
        if let Some(ids) = self.ids {
            all = all.add(Column::Id.is_in(ids));
        }
        if let Some(state) = self.state {
            all = all.add(Column::State.is_in(state));
        }
        if let Some(countries) = self.countries {
            all = all.add(about(countries.iter().map(ToString::to_string)));
        }
        if let Some(records) = self.records {
            all = all.add(about(records.iter().map(ToString::to_string)));
        }
        all
    }
}

fn about(subjects: impl Iterator<Item = String>) -> sea_orm::sea_query::SimpleExpr {
    let contributions = Query::select()
        .column(subject::Column::Contribution)
        .from(subject::Entity)
        .and_where(subject::Column::Subject.is_in(subjects))
        .to_owned();
    Column::Id.in_subquery(contributions)
}

impl Store {
    /// A page of the contributions that a viewer may know of, by the time they were begun: their ids
    /// grow with it.
    ///
    /// # Errors
    /// [`Error::Database`]
    pub async fn contributions(
        &self,
        viewer: &Viewer,
        filter: Filter,
        newest_first: bool,
        page: &Page,
    ) -> Result<Slice<Model>, Error> {
        let whole = Entity::find().filter(filter.condition(viewer));
        let order = [(
            "id",
            if newest_first {
                Order::Desc
            } else {
                Order::Asc
            },
        )];
        let sorted = list::Sorted::of(whole, &order);
        list::read::<Entity>(&sorted.page(self.reader(), page).await?)
    }
}
