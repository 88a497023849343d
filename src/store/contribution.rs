//! Contributions: proposed, submitted, decided on.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Condition, ExprTrait, Order, Query};
use sea_orm::{
    ActiveValue, ConnectionTrait, DatabaseTransaction, IntoActiveModel, QueryOrder, QuerySelect,
};

use super::error::Error;
use super::page::{Page, Slice};
use super::record;
use super::{Store, plan};
use crate::domain::change::{ChangeInput, Operation, Proposed};
use crate::domain::check::{Checked, Code, Path};
use crate::domain::contribution::{Proposal, State, Step, checked_changes};
use crate::domain::merge::Conflict;
use crate::domain::noun::{Content, List};
use crate::domain::record::{Kind, RecordField, RecordId};
use crate::domain::text::CountryCode;
use crate::domain::viewer::{Actor, Contributor, Editor, Viewer};

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
        if found.is_empty() { Ok(changes) } else { Err(Error::Refused(found)) }
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
            let id = viewer.actor().map(|actor| actor.id.clone()).unwrap_or_default();
            Column::Author.eq(id)
        };
        let mut all = Condition::all()
            .add(Condition::any().add(Column::State.ne(State::Draft)).add(by_viewer()));
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

/// A decision on a contribution, or another step by its id and revision.
#[derive(Clone, Debug)]
pub struct Named {
    /// The contribution.
    pub id: String,
    /// The revision that the step was decided on.
    pub revision: i32,
}

impl Store {
    /// Keeps a proposal. Nothing else changes.
    ///
    /// # Errors
    /// [`Error::Refused`] where it could never be accepted.
    pub async fn create(
        &self,
        author: &Contributor,
        proposal: Checked<Proposal>,
    ) -> Result<Model, Error> {
        let mut proposal = proposal.into_inner();
        let (tx, _turn) = self.begin().await?;
        let open = proposed_ids(&tx).await?;
        plan::name(&tx, &mut proposal.changes, |id| !open.contains(id.as_str())).await?;
        let mut plan = plan::plan(&tx, &proposal.changes).await?;
        // Somebody may have changed the same since: that is for the editors to see.
        plan.findings.retain(|finding| finding.code != Code::Conflict);
        plan.sound()?;
        let now = Utc::now();
        let named = proposal.inputs.into_iter().zip(&proposal.changes).map(|(input, change)| {
            let key = change.id.as_ref().and_then(|id| id.as_str().split_once(':'));
            match key {
                Some((_, key)) if change.operation == Operation::Create => input.with_key(key),
                _ => input,
            }
        });
        let row = Model {
            id: uuid::Uuid::now_v7().simple().to_string(),
            revision: 1,
            state: if proposal.submit { State::Submitted } else { State::Draft },
            title: proposal.title,
            rationale: proposal.rationale,
            author: author.actor().id.clone(),
            authors: List(vec![author.actor().clone()]),
            reviewer: None,
            format: FORMAT,
            changes: List(named.collect()),
            created_at: now,
            updated_at: now,
            submitted_at: proposal.submit.then_some(now),
            decided_at: None,
            decision: None,
        };
        Entity::insert(row.clone().into_active_model()).exec_without_returning(&tx).await?;
        let subjects = subjects(&tx, &proposal.changes).await?;
        let subjects = subjects.into_iter().map(|subject| {
            subject::Model { contribution: row.id.clone(), subject }.into_active_model()
        });
        subject::Entity::insert_many(subjects).exec_without_returning(&tx).await?;
        tx.commit().await?;
        Ok(row)
    }

    /// Shows a contribution to the editors.
    ///
    /// # Errors
    /// [`Error::Refused`]
    pub async fn submit(&self, author: &Contributor, named: &Named) -> Result<Model, Error> {
        let (tx, _turn) = self.begin().await?;
        let row = visible(&tx, author.actor(), &named.id).await?;
        if !row.is_by(author.actor()) {
            return Err(Error::NotTheAuthor);
        }
        let state = step(&row, named, Step::Submit)?;
        let now = Utc::now();
        let next = ActiveModel {
            state: ActiveValue::Set(state),
            updated_at: ActiveValue::Set(now),
            submitted_at: ActiveValue::Set(Some(now)),
            ..unchanged(&row)
        };
        let row = Entity::update(next).exec(&tx).await?;
        tx.commit().await?;
        Ok(row)
    }

    /// Takes a contribution over into the profiles: its changes, their citations, the lines of the
    /// log and the decision, all in one commit or none.
    ///
    /// # Errors
    /// [`Error::Refused`]; the contribution is then as it was.
    pub async fn accept(
        &self,
        editor: &Editor,
        named: &Named,
        comment: Option<String>,
    ) -> Result<Model, Error> {
        let (tx, _turn) = self.begin().await?;
        super::head::lock(&tx).await?;
        let row = decidable(&tx, editor, named).await?;
        let state = step(&row, named, Step::Accept)?;
        let proposed = row.proposed().map_err(|error| about_id(error))?;
        let plan = plan::plan(&tx, &proposed).await?;
        let plan = plan.sound().map_err(|error| about_id(error))?;
        let committed = plan.carry_out(&tx, editor.actor(), Some(&row.id)).await?;
        let row = decided(&tx, &row, editor, state, comment).await?;
        tx.commit().await?;
        self.publish(committed.moment);
        Ok(row)
    }

    /// Decides against a contribution.
    ///
    /// # Errors
    /// [`Error::Refused`]
    pub async fn reject(
        &self,
        editor: &Editor,
        named: &Named,
        reason: String,
    ) -> Result<Model, Error> {
        let (tx, _turn) = self.begin().await?;
        let row = decidable(&tx, editor, named).await?;
        let state = step(&row, named, Step::Reject)?;
        let row = decided(&tx, &row, editor, state, Some(reason)).await?;
        tx.commit().await?;
        Ok(row)
    }

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
        let order = [("id", if newest_first { Order::Desc } else { Order::Asc })];
        record::keyset(self.reader(), whole, &order, page).await
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

/// The contribution, where the actor may know of it.
async fn visible(tx: &DatabaseTransaction, actor: &Actor, id: &str) -> Result<Model, Error> {
    let row = Entity::find_by_id(id).lock_exclusive().one(tx).await?;
    row.filter(|row| row.is_visible_to(&Viewer::Known(actor.clone()))).ok_or_else(|| {
        Path::default().then("id").finding(Code::NotFound, "there is no such contribution").into()
    })
}

/// The contribution, where the editor may decide on it: nobody decides on what they wrote.
async fn decidable(
    tx: &DatabaseTransaction,
    editor: &Editor,
    named: &Named,
) -> Result<Model, Error> {
    let row = visible(tx, editor.actor(), &named.id).await?;
    if row.is_by(editor.actor()) {
        let message = "somebody other than its authors must decide on a contribution";
        return Err(Path::default().then("id").finding(Code::OwnContribution, message).into());
    }
    Ok(row)
}

/// The state after a step, where the revision is the newest and the step is possible.
fn step(row: &Model, named: &Named, step: Step) -> Result<State, Error> {
    if row.revision != named.revision {
        let message = format!("the contribution is at revision {} now", row.revision);
        let path = Path::default().then("revision");
        return Err(path.finding(Code::StaleRevision, message).into());
    }
    row.state.after(step).ok_or_else(|| {
        let state = sea_orm::ActiveEnum::to_value(&row.state);
        let message = format!("this is not possible while the contribution is {state}");
        Path::default().then("id").finding(Code::IllegalTransition, message).into()
    })
}

fn unchanged(row: &Model) -> ActiveModel {
    ActiveModel { id: ActiveValue::Unchanged(row.id.clone()), ..Default::default() }
}

async fn decided(
    tx: &DatabaseTransaction,
    row: &Model,
    editor: &Editor,
    state: State,
    decision: Option<String>,
) -> Result<Model, Error> {
    let now = Utc::now();
    let next = ActiveModel {
        state: ActiveValue::Set(state),
        reviewer: ActiveValue::Set(Some(editor.actor().clone())),
        updated_at: ActiveValue::Set(now),
        decided_at: ActiveValue::Set(Some(now)),
        decision: ActiveValue::Set(decision),
        ..unchanged(row)
    };
    Ok(Entity::update(next).exec(tx).await?)
}

/// What was found in a proposal, as a finding about the contribution that an input names.
fn about_id(error: Error) -> Error {
    let Error::Refused(found) = error else { return error };
    let id = Path::default().then("id");
    let about = found.into_iter().map(|finding| {
        id.finding(finding.code, format!("{}: {}", finding.path.0.join("."), finding.message))
    });
    Error::Refused(about.collect())
}

/// The ids that contributions propose: a new record takes another one.
async fn proposed_ids<C: ConnectionTrait>(db: &C) -> Result<HashSet<String>, Error> {
    let open = [State::Draft, State::Submitted, State::InReview, State::ChangesRequested];
    let contributions = Query::select()
        .column(Column::Id)
        .from(Entity)
        .and_where(Column::State.is_in(open))
        .to_owned();
    let rows = subject::Entity::find()
        .filter(subject::Column::Contribution.in_subquery(contributions))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| row.subject).collect())
}

/// The records that changes are about, and their countries.
async fn subjects<C: ConnectionTrait>(
    db: &C,
    changes: &[Proposed],
) -> Result<HashSet<String>, Error> {
    let mut subjects: HashSet<String> = HashSet::new();
    for change in changes {
        subjects.extend(change.id.iter().map(ToString::to_string));
        let mut contents = vec![change.content()];
        if change.operation == Operation::Update && let Some(id) = &change.id {
            let rows = record::rows(db, change.kind, |column| {
                Condition::all().add(column("id").eq(id.clone())).add(column("until").is_null())
            });
            contents.extend(rows.await?.into_iter().map(|(_, row)| row.content));
        }
        for content in contents {
            for field in [RecordField::Country, RecordField::Code] {
                let belongs = change.kind == Kind::Country || field == RecordField::Country;
                let code = content.get(&field.camel()).and_then(|code| code.as_str());
                subjects.extend(code.filter(|_| belongs).map(str::to_owned));
            }
        }
    }
    Ok(subjects)
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
        Ok(rows.into_iter().map(|row| (ById(row.id.clone()), Arc::new(row))).collect())
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
                found.entry(CountriesOf(row.contribution)).or_default().push(code);
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
        for kind in Kind::ALL {
            let keys: Vec<&Base> = keys.iter().filter(|key| key.record.kind() == kind).collect();
            if keys.is_empty() {
                continue;
            }
            let rows = record::rows(self.reader(), kind, |column| {
                Condition::all()
                    .add(column("id").is_in(keys.iter().map(|key| key.record.clone())))
                    .add(column("version").is_in(keys.iter().map(|key| key.version)))
            });
            for (record, row) in rows.await? {
                found.insert(Base { record, version: row.version }, Arc::new(row.content));
            }
        }
        Ok(found)
    }
}
