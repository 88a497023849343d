//! The status of every country under every treaty, computed one treaty at a time.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use futures_util::stream::{self, BoxStream, StreamExt};
use serde::Serialize;
use serde_json::Value;

use super::ahead::ahead;
use super::column::{CellForm, Column};
use super::rows::Rows;
use super::{Chunk, View};
use crate::domain::citation::Certainty;
use crate::domain::order::CountryOrder;
use crate::domain::record::{Kind, RecordId};
use crate::domain::treaty_status::{DateOrigin, TreatyStatus};
use crate::domain::value_form::ValueForm;
use crate::domain::value_type::FieldValue;
use crate::store::citation::{self, OfRecord};
use crate::store::list::WholeListPage;
use crate::store::load::{By, ById};
use crate::store::page::Page;
use crate::store::participants::{ParticipantsOf, Side};
use crate::store::participation::{Participation, TreatyActs, is_counted};
use crate::store::status_input::required;
use crate::store::treaty::OfReference;
use crate::store::treaty_event::DecidingOfTreaty;
use crate::store::{Error, Store, country, treaty, treaty_event};

/// Most treaties that are read at once, and most records whose citations are.
const TREATIES: u64 = 50;
const RECORDS: usize = 500;

/// The columns.
pub fn columns() -> Vec<Column> {
    let statuses = || CellForm::Word(STATUSES.map(word).to_vec());
    let certainty = match Certainty::form() {
        ValueForm::Word(words) => CellForm::Word(words),
        _ => CellForm::Text,
    };
    let origins = CellForm::Word(vec!["DEPOSITARY".to_owned(), "COMPUTED".to_owned()]);
    let mut columns = vec![
        Column::new("country", CellForm::Text, "Code of the country.")
            .required()
            .referring_to(Kind::Country),
        Column::new("treaty", CellForm::Text, "Reference of the treaty.")
            .required()
            .referring_to(Kind::Treaty),
        Column::new(
            "as_of",
            CellForm::Day,
            "The day for which the row is computed.",
        )
        .required(),
        Column::new(
            "status",
            statuses(),
            "Status of the country under the treaty on that day. UNKNOWN if the records do not decide it.",
        )
        .required(),
        Column::new(
            "possible_statuses",
            CellForm::Joined,
            "Every status that inexact dates allow, joined by `;`. Several if `status` is UNKNOWN for this reason.",
        )
        .required(),
        Column::new(
            "in_force",
            CellForm::Boolean,
            "True if the treaty is in force for the country: PARTY, SUSPENDED or DENUNCIATION_PENDING.",
        )
        .required(),
    ];
    columns.extend(Column::of_date(
        "since",
        "Date from which the country has the status; empty if it is not known.",
    ));
    columns.extend(Column::of_date(
        "in_force_from",
        "Date from which the treaty is, was or will be in force for the country.",
    ));
    columns.push(Column::new(
        "in_force_from_origin",
        origins,
        "Origin of `in_force_from`: given by the depositary, or computed from the rule of the treaty.",
    ));
    columns.push(
        Column::new(
            "certainty",
            certainty,
            "The weakest certainty of the recorded values from which the status follows.",
        )
        .required(),
    );
    columns.push(Column::new(
        "next_status",
        statuses(),
        "The next status, as it follows from the acts up to the as-of date.",
    ));
    columns.extend(Column::of_date("next_on", "First day of the next status."));
    columns.push(
        Column::new(
            "extended_from",
            CellForm::Text,
            "Code of the State whose acts extend the treaty to this territory.",
        )
        .referring_to(Kind::Country),
    );
    columns.push(Column::new(
        "basis",
        CellForm::Joined,
        "Ids of the treaty events from which status and dates follow, joined by `;`.",
    ));
    columns.push(
        Column::new(
            "acted",
            CellForm::Boolean,
            "True if the country has at least one event of its own under the treaty, on any day.",
        )
        .required(),
    );
    columns.push(
        Column::new(
            "counted",
            CellForm::Boolean,
            "True if counts of statuses include the row. Organisations without an act, and territories for which only \
             another State acted, are not counted.",
        )
        .required(),
    );
    columns
}

/// All statuses, in their order.
const STATUSES: [TreatyStatus; 10] = [
    TreatyStatus::Unknown,
    TreatyStatus::NoAction,
    TreatyStatus::InvitedToAccede,
    TreatyStatus::Signatory,
    TreatyStatus::ContractingState,
    TreatyStatus::ProvisionallyApplying,
    TreatyStatus::Party,
    TreatyStatus::Suspended,
    TreatyStatus::DenunciationPending,
    TreatyStatus::FormerParty,
];

/// The word of an enum value, as JSON has it.
fn word(value: impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(word)) => word,
        _ => String::new(),
    }
}

/// The rows, treaties by reference and countries by code.
pub fn rows(store: &Store, view: View) -> BoxStream<'static, Result<Chunk, Error>> {
    let begin = Reader {
        store: store.clone(),
        view,
        countries: None,
        treaties: Vec::new().into_iter(),
        after: None,
    };
    let chunks = stream::try_unfold(begin, async |mut reader| {
        let chunk = reader.next().await?;
        Ok(chunk.map(|chunk| (chunk, reader)))
    });
    ahead(chunks).boxed()
}

struct Reader {
    store: Store,
    view: View,
    /// All countries by code; read first.
    countries: Option<Arc<[Arc<country::Model>]>>,
    /// The treaties that were read and are not written yet.
    treaties: std::vec::IntoIter<Arc<treaty::Model>>,
    /// Sort key of the last treaty that was read.
    after: Option<Vec<Value>>,
}

impl Reader {
    /// The rows of the next treaty.
    async fn next(&mut self) -> Result<Option<Chunk>, Error> {
        let countries = match &self.countries {
            Some(countries) => Arc::clone(countries),
            None => self.countries.insert(self.read_countries().await?).clone(),
        };
        if self.treaties.as_slice().is_empty() {
            self.treaties = self.read_treaties().await?.into_iter();
        }
        let Some(treaty) = self.treaties.next() else {
            return Ok(None);
        };
        self.rows_of(&treaty, &countries).await.map(Some)
    }

    async fn read_countries(&self) -> Result<Arc<[Arc<country::Model>]>, Error> {
        let all = WholeListPage {
            list: country::Filter {
                order: CountryOrder::Code,
                ..country::Filter::default()
            },
            at: self.view.at(),
            page: page(u64::from(u16::MAX), None),
        };
        let found = self.store.load(std::slice::from_ref(&all)).await?;
        let rows = found.get(&all).into_iter().flat_map(|found| &found.rows);
        Ok(rows.map(|(_, row)| Arc::clone(row)).collect())
    }

    async fn read_treaties(&mut self) -> Result<Vec<Arc<treaty::Model>>, Error> {
        let some = WholeListPage {
            list: treaty::All,
            at: self.view.at(),
            page: page(TREATIES, self.after.take()),
        };
        let found = self.store.load(std::slice::from_ref(&some)).await?;
        let Some(found) = found.get(&some) else {
            return Ok(Vec::new());
        };
        self.after = found.rows.last().map(|(key, _)| key.to_vec());
        Ok(found.rows.iter().map(|(_, row)| Arc::clone(row)).collect())
    }

    async fn rows_of(
        &self,
        treaty: &Arc<treaty::Model>,
        countries: &[Arc<country::Model>],
    ) -> Result<Chunk, Error> {
        let view = self.view;
        let participants = ParticipantsOf {
            side: Side::Treaty(treaty.reference.clone()),
            moment: view.moment,
        };
        let acting = self.one(&participants).await?.unwrap_or_default();
        let parent = self.parent(treaty).await?;
        let acts = self.acts(treaty, parent.as_deref()).await?;
        let mut found = Vec::with_capacity(countries.len());
        for country in countries {
            let acts = acts.acts(&country.code);
            let parent = parent.as_ref();
            let one = Participation::of(&acts, country, treaty, parent, view.as_of, view.known_on);
            found.push(one);
            // A treaty with many inexact dates takes a while.
            tokio::task::yield_now().await;
        }
        let cited = self.citations(&found).await?;
        let cited = |id: &RecordId| cited.get(id).map(|rows| rows.as_slice());
        let mut rows = Rows::new();
        for one in &found {
            let code = &one.country.code;
            let acted = acting
                .binary_search_by(|(party, _)| party.cmp(code))
                .is_ok();
            let counted = is_counted(one.country.kind, acted, acts.names(code));
            self.write(one, one.certainty(cited), (acted, counted), &mut rows);
        }
        Ok(rows.finish())
    }

    fn write(
        &self,
        one: &Participation,
        certainty: Certainty,
        (acted, counted): (bool, bool),
        rows: &mut Rows,
    ) {
        let standing = &one.standing;
        rows.plain(&one.country.code);
        rows.plain(&one.treaty.reference);
        rows.plain(self.view.as_of);
        rows.plain(word(standing.status));
        rows.joined(standing.possible.iter().map(word));
        rows.plain(standing.status.is_in_force());
        rows.date(standing.since);
        rows.date(standing.in_force_from.map(|from| from.date));
        rows.option(standing.in_force_from.map(|from| match from.origin {
            DateOrigin::Depositary => "DEPOSITARY",
            DateOrigin::Computed => "COMPUTED",
        }));
        rows.plain(word(certainty));
        rows.option(standing.next.map(|(status, _)| word(status)));
        rows.date(standing.next.map(|(_, on)| on));
        rows.option(one.extended_from());
        rows.joined(one.basis_events().map(|event| &event.id));
        rows.plain(acted);
        rows.plain(counted);
        rows.end();
    }

    async fn one<K: crate::store::load::Key>(&self, key: &K) -> Result<Option<K::Value>, Error> {
        Ok(self
            .store
            .load(std::slice::from_ref(key))
            .await?
            .remove(key))
    }

    /// The treaty to which a treaty requires consent.
    async fn parent(&self, treaty: &treaty::Model) -> Result<Option<Arc<treaty::Model>>, Error> {
        let Some(reference) = required(treaty) else {
            return Ok(None);
        };
        let rows = self
            .one(&By::new(OfReference, reference, self.view.moment))
            .await?;
        Ok(rows.and_then(|rows| rows.first().cloned()))
    }

    /// The acts under a treaty and its parent.
    async fn acts(
        &self,
        treaty: &treaty::Model,
        parent: Option<&treaty::Model>,
    ) -> Result<TreatyActs, Error> {
        let mut under = Vec::new();
        for treaty in std::iter::once(treaty).chain(parent) {
            let key = By::new(DecidingOfTreaty, treaty.reference.clone(), self.view.moment);
            let events = self.one(&key).await?.unwrap_or_default();
            under.push((treaty.reference.clone(), events));
        }
        let mut acts = TreatyActs::new(under.iter().map(|(treaty, events)| (treaty, &**events)));
        let successions = acts.successions();
        for some in successions.chunks(RECORDS) {
            let keys = some
                .iter()
                .map(|id| ById::<treaty_event::Entity>::new(id.clone(), self.view.moment));
            let rows = self.store.load(&keys.collect::<Vec<_>>()).await?;
            let kinds = rows.into_values().map(|row| (row.id.clone(), row.kind));
            acts.succession_kinds.extend(kinds);
        }
        Ok(acts)
    }

    /// The citations on which the certainties rest, by record.
    async fn citations(
        &self,
        found: &[Participation],
    ) -> Result<HashMap<RecordId, Arc<Vec<citation::Model>>>, Error> {
        let records: BTreeSet<&RecordId> = found.iter().flat_map(Participation::evidence).collect();
        let records: Vec<&RecordId> = records.into_iter().collect();
        let mut cited = HashMap::new();
        for some in records.chunks(RECORDS) {
            let keys = some.iter().map(|id| OfRecord {
                record: (*id).clone(),
                moment: self.view.moment,
            });
            let rows = self.store.load(&keys.collect::<Vec<_>>()).await?;
            cited.extend(rows.into_iter().map(|(key, rows)| (key.record, rows)));
        }
        Ok(cited)
    }
}

fn page(size: u64, after: Option<Vec<Value>>) -> Page {
    Page {
        size,
        forward: true,
        after,
        before: None,
        count: false,
    }
}
