//! Contributions: the entity, and finding them.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use chrono::{DateTime, Utc};
use sea_orm::QueryOrder;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Condition, ExprTrait, Order, Query};

use super::error::Error;
use super::page::{Page, Slice};
use super::{Store, list, plan, record};
use crate::domain::change::{ChangeInput, Proposed};
use crate::domain::check::Path;
use crate::domain::contribution::{State, Step, checked_changes};
use crate::domain::merge::Conflict;
use crate::domain::noun::{Content, List};
use crate::domain::record::{Kind, RecordId};
use crate::domain::text::CountryCode;
use crate::domain::viewer::{Actor, Viewer};

mod steps;

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
    /// Who began it.
    pub author: String,
    /// Whoever wrote what it proposes.
    pub authors: List<Actor>,
    /// Who decided.
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
        let path = Path::default().then("changes");
        let changes = checked_changes(&self.changes, &path, &mut found);
        if found.is_empty() {
            Ok(changes)
        } else {
            Err(Error::Refused(found))
        }
    }

    /// Whether somebody may know of it: drafts are seen by their authors alone.
    pub fn is_visible_to(&self, viewer: &Viewer) -> bool {
        self.state != State::Draft || viewer.actor().is_some_and(|actor| self.is_by(actor))
    }

    fn is_by(&self, actor: &Actor) -> bool {
        self.authors.iter().any(|author| author.id == actor.id)
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
    /// By the viewer.
    pub mine: bool,
}

impl Filter {
    fn condition(self, viewer: &Viewer) -> Condition {
        let by_viewer = || {
            let id = viewer
                .actor()
                .map(|actor| actor.id.clone())
                .unwrap_or_default();
            Column::Author.eq(id)
        };
        let mut all = Condition::all().add(
            Condition::any()
                .add(Column::State.ne(State::Draft))
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
        list::keyset(self.reader(), whole, &order, page).await
    }

    /// The fields of a contribution on which a person must decide, as things stand now.
    ///
    /// # Errors
    /// [`Error::Database`]
    pub async fn conflicts(&self, row: &Model) -> Result<Vec<(RecordId, Conflict)>, Error> {
        let open = row.state.after(Step::Withdraw).is_some();
        match row.proposed() {
            Ok(proposed) if open => Ok(plan::plan(self.reader(), &proposed).await?.conflicts),
            _ => Ok(Vec::new()),
        }
    }
}

/// A contribution by its id, whoever may know of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ById(pub String);

impl Loader<ById> for Store {
    type Value = Arc<Model>;
    type Error = Error;

    async fn load(&self, keys: &[ById]) -> Result<HashMap<ById, Self::Value>, Error> {
        let rows = Entity::find()
            .filter(Column::Id.is_in(keys.iter().map(|key| key.0.clone())))
            .all(self.reader())
            .await?;
        Ok(rows
            .into_iter()
            .map(|row| (ById(row.id.clone()), Arc::new(row)))
            .collect())
    }
}

/// The codes of the countries that a contribution is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CountriesOf(pub String);

impl Loader<CountriesOf> for Store {
    type Value = Vec<CountryCode>;
    type Error = Error;

    async fn load(&self, keys: &[CountriesOf]) -> Result<HashMap<CountriesOf, Self::Value>, Error> {
        let rows = subject::Entity::find()
            .filter(subject::Column::Contribution.is_in(keys.iter().map(|key| key.0.clone())))
            .order_by_asc(subject::Column::Subject)
            .all(self.reader())
            .await?;
        let mut found: HashMap<CountriesOf, Vec<CountryCode>> = HashMap::new();
        for row in rows {
            if let Ok(code) = row.subject.parse() {
                found
                    .entry(CountriesOf(row.contribution))
                    .or_default()
                    .push(code);
            }
        }
        Ok(found)
    }
}

/// The content of one version of a record, for what was proposed against it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Base {
    /// The record.
    pub record: RecordId,
    /// Its version.
    pub version: i32,
}

impl Loader<Base> for Store {
    type Value = Arc<Content>;
    type Error = Error;

    async fn load(&self, keys: &[Base]) -> Result<HashMap<Base, Self::Value>, Error> {
        let mut found = HashMap::new();
        for kind in Kind::all() {
            let keys: Vec<&Base> = keys
                .iter()
                .filter(|key| key.record.kind() == kind)
                .collect();
            if keys.is_empty() {
                continue;
            }
            let rows = record::rows(self.reader(), kind, |column| {
                Condition::all()
                    .add(column("id").is_in(keys.iter().map(|key| key.record.clone())))
                    .add(column("version").is_in(keys.iter().map(|key| key.version)))
            });
            for (record, row) in rows.await? {
                found.insert(
                    Base {
                        record,
                        version: row.version,
                    },
                    Arc::new(row.content),
                );
            }
        }
        Ok(found)
    }
}
