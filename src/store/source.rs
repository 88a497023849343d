//! Sources: entity, list filter, and loader key for the sources of a country's profile.

use std::collections::{BTreeSet, HashMap, HashSet};

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Condition, ExprTrait, Order, Query};
use sea_orm::{ConnectionTrait, QuerySelect};
use serde::{Deserialize, Serialize};

use super::error::Error;
use super::list::Listed;
use super::moment::{At, Moment, column};
use super::record::{Noun, entity, has_country};
use super::touched::Touched;
use super::{Store, citation, reference_index};
use crate::load::{Key, Of};
use domain::date::{Date, PartialDate};
use domain::language::Language;
use domain::record::{Kind, RecordField, RecordId};
use domain::source::{SourceKind, fields};
use domain::text::CountryCode;
use domain::url::Url;

fields!(entity);

impl Noun for Entity {
    const KIND: Kind = Kind::Source;
}

/// Filter of sources; the list is sorted by id. A field that is `None` does not restrict the list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Filter {
    /// Sources of one of these kinds.
    pub kinds: Option<Vec<SourceKind>>,
    /// Sources with this address.
    pub url: Option<Url>,
    /// Sources of this publisher.
    pub publisher: Option<String>,
}

impl Listed for Filter {
    type Noun = Entity;

    fn condition(&self, _at: At) -> Condition {
        let mut all = Condition::all();
        if let Some(kinds) = &self.kinds {
            all = all.add(column::<Entity>("kind").is_in(kinds.clone()));
        }
        if let Some(url) = &self.url {
            all = all.add(column::<Entity>("url").eq(url.clone()));
        }
        if let Some(publisher) = &self.publisher {
            all = all.add(column::<Entity>("publisher").eq(publisher.clone()));
        }
        all
    }

    fn order(&self) -> (&'static str, Order) {
        ("id", Order::Asc)
    }

    fn is_own(&self) -> bool {
        true
    }
}

/// Loader key for the sources with an address, in one spelling.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OfAddress;

impl Of for OfAddress {
    type Noun = Entity;
    type Key = String;
    const COLUMN: &str = "url";
    fn key(row: &Model) -> Option<String> {
        row.url.as_ref().map(ToString::to_string)
    }
}

/// The current sources with one of these addresses, in any order.
///
/// # Errors
/// [`Error::Database`]
pub async fn at_addresses<C: ConnectionTrait>(
    db: &C,
    spellings: impl IntoIterator<Item = String>,
) -> Result<Vec<(RecordId, Url)>, Error> {
    let rows = Entity::find()
        .filter(column::<Entity>("url").is_in(spellings))
        .filter(Moment::current::<Entity>())
        .all(db)
        .await?;
    let found = rows.into_iter().filter_map(|row| Some((row.id, row.url?)));
    Ok(found.collect())
}

/// Loader key for the sources that the records of a country and the country itself cite at a moment; sorted by id.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OfProfile {
    /// The code of the country.
    pub country: CountryCode,
    /// The record of the country.
    pub record: RecordId,
    /// The moment.
    pub moment: Moment,
}

#[async_trait::async_trait]
impl Key for OfProfile {
    type Value = Vec<RecordId>;
    const FOLLOWS_THE_LOG: bool = true;

    /// Executes two statements per moment, for any number of countries.
    async fn load(store: &Store, keys: &[Self]) -> Result<HashMap<Self, Self::Value>, Error> {
        let moments: HashSet<Moment> = keys.iter().map(|key| key.moment).collect();
        let mut found: HashMap<OfProfile, Self::Value> = HashMap::new();
        for moment in moments {
            let keys: Vec<&OfProfile> = keys.iter().filter(|key| key.moment == moment).collect();
            let cited = citations_of(store, &keys, moment).await?;
            let own = own_citations(store, &keys, moment).await?;
            for key in keys {
                let of_records = cited.get(key.country.to_string().as_str());
                let of_itself = own.get(key.record.as_str());
                let both = of_records.into_iter().chain(of_itself).flatten();
                let mut sources: Vec<RecordId> = both.cloned().collect();
                sources.sort_unstable();
                sources.dedup();
                found.insert(key.clone(), sources);
            }
        }
        Ok(found)
    }

    fn rows(value: &Self::Value) -> usize {
        value.len()
    }

    fn moment(&self) -> Option<Moment> {
        Some(self.moment)
    }

    fn at(&self, moment: Moment) -> Self {
        Self {
            moment,
            ..self.clone()
        }
    }

    /// Adds the sources of new citations. Reads again if a source may have lost its last citation, and if a record with
    /// earlier citations came to the country.
    fn after(&self, before: &Self::Value, changes: &Touched) -> Option<Self::Value> {
        let country = self.country.to_string();
        let is_of = |row: &&reference_index::Model| {
            row.field == RecordField::Country && row.value == country
        };
        for row in changes.mentions().iter().filter(is_of) {
            let is_new = changes.to().holds(row.since, row.until);
            if !is_new || changes.begun_row(&row.record)?.version != 1 {
                return None;
            }
        }
        let (mut begun, mut ended) = (BTreeSet::new(), BTreeSet::new());
        for row in changes.citations() {
            let is_of = if row.record == self.record {
                true
            } else if has_country(row.record.kind()) {
                // Without a row that began, its country is not known.
                changes.begun_row(&row.record)?.country.as_ref() == Some(&country)
            } else {
                false
            };
            if is_of && changes.to().holds(row.since, row.until) {
                begun.insert(&row.source);
            } else if is_of && changes.after().holds(row.since, row.until) {
                ended.insert(&row.source);
            }
        }
        if !ended.is_subset(&begun) {
            return None;
        }
        let mut sources: Vec<RecordId> = before.iter().chain(begun).cloned().collect();
        sources.sort_unstable();
        sources.dedup();
        Some(sources)
    }
}

type Sources = HashMap<String, Vec<RecordId>>;

/// The sources that records of the countries cite, by country code.
async fn citations_of(
    store: &Store,
    keys: &[&OfProfile],
    moment: Moment,
) -> Result<Sources, Error> {
    let codes = keys.iter().map(|key| key.country.to_string());
    let joined = column::<reference_index::Entity>("record")
        .equals((citation::Entity, citation::Column::Record));
    let pairs = Query::select()
        .distinct()
        .column((reference_index::Entity, reference_index::Column::Value))
        .column((citation::Entity, citation::Column::Source))
        .from(reference_index::Entity)
        .inner_join(citation::Entity, joined)
        .and_where(column::<reference_index::Entity>("field").eq(RecordField::Country))
        .and_where(column::<reference_index::Entity>("value").is_in(codes))
        .cond_where(moment.filter::<reference_index::Entity>())
        .cond_where(moment.filter::<citation::Entity>())
        .to_owned();
    let mut found = Sources::new();
    for row in store.reader().query_all(&pairs).await? {
        let owner: String = row.try_get("", "value")?;
        found
            .entry(owner)
            .or_default()
            .push(row.try_get("", "source")?);
    }
    Ok(found)
}

/// The sources that the countries themselves cite, by record.
async fn own_citations(
    store: &Store,
    keys: &[&OfProfile],
    moment: Moment,
) -> Result<Sources, Error> {
    let rows: Vec<(String, RecordId)> = citation::Entity::find()
        .select_only()
        .distinct()
        .column(citation::Column::Record)
        .column(citation::Column::Source)
        .filter(citation::Column::Record.is_in(keys.iter().map(|key| key.record.clone())))
        .filter(moment.filter::<citation::Entity>())
        .into_tuple()
        .all(store.reader())
        .await?;
    let mut found = Sources::new();
    for (owner, source) in rows {
        found.entry(owner).or_default().push(source);
    }
    Ok(found)
}
