//! Effects on countries, policy documents, institutions and coverage assertions.

use std::collections::BTreeSet;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Condition, ExprTrait};
use sea_orm::{QueryOrder, QuerySelect};
use serde::Serialize;
use serde_json::{Value as Json, json};

use super::due::DueEffect;
use crate::coverage_assertion::{self, OfCountry, latest};
use crate::error::Error;
use crate::load::By;
use crate::moment::{Moment, column};
use crate::record::Noun;
use crate::{Store, country, policy_document};
use domain::country::{MembershipRole, administered_on};
use domain::date::{Date, PartialDate};
use domain::effect::{EffectKind, Transition, edges, transitions};
use domain::institution::{InstitutionStatus, Institutional, status_on};
use domain::policy_document::{PolicyDocumentStatus, effective_status};
use domain::record::RecordId;
use domain::text::CountryCode;

impl Store {
    /// The countries that are current at a moment, sorted by id.
    pub(super) async fn current_countries(
        &self,
        moment: Moment,
    ) -> Result<Vec<country::Model>, Error> {
        let found = country::Entity::find()
            .filter(moment.filter::<country::Entity>())
            .order_by_asc(country::Column::Id)
            .all(self.reader())
            .await?;
        Ok(found)
    }

    /// Effects on the memberships and the administration of a country.
    pub(super) fn effects_of_country(
        row: &country::Model,
        days: (Date, Date),
    ) -> Result<Vec<DueEffect>, Error> {
        let of = |kind, transition: &Transition<Json>| {
            DueEffect::new(row.id.clone(), [row.code.clone()], kind, transition)
        };
        let mut found = Vec::new();
        let dates = row.memberships.iter();
        let dates = edges(dates.flat_map(|one| [one.since, one.until]));
        let belongs = |day: Date| {
            let held = row.memberships.iter().filter(|one| {
                one.role() == MembershipRole::Member && one.begins() <= day && day <= one.ends()
            });
            held.map(|one| one.organisation).collect::<Vec<_>>()
        };
        for transition in transitions(dates, days, belongs) {
            found.push(of(EffectKind::MembershipsChanged, &transition.map(word))?);
        }
        let dates = row.administrations.iter();
        let dates = edges(dates.flat_map(|one| [one.since, Some(one.until)]));
        let administers = |day| {
            let (now, earlier) = (row.administered_by.as_ref(), &row.administrations);
            administered_on(now, earlier, day).cloned()
        };
        for transition in transitions(dates, days, administers) {
            found.push(of(
                EffectKind::AdministrationChanged,
                &transition.map(word),
            )?);
        }
        Ok(found)
    }

    /// Effects on the status of policy documents.
    pub(super) async fn documents(
        &self,
        moment: Moment,
        days: (Date, Date),
    ) -> Result<Vec<DueEffect>, Error> {
        use policy_document::{Column, Entity};
        type Row = (
            RecordId,
            CountryCode,
            PolicyDocumentStatus,
            Option<PartialDate>,
            Option<PartialDate>,
            Option<PartialDate>,
            Date,
        );
        let dated = [Column::InForceFrom, Column::RepealedOn, Column::Period].into_iter();
        let dated = dated.fold(Condition::any(), |any, date| any.add(date.is_not_null()));
        let dated = dated.add(Column::Begins.gt(days.0));
        let rows: Vec<Row> = Entity::find()
            .select_only()
            .columns([Column::Id, Column::Country, Column::Status])
            .columns([Column::InForceFrom, Column::RepealedOn, Column::Period])
            .column(Column::Begins)
            .filter(moment.filter::<Entity>())
            .filter(dated)
            .into_tuple()
            .all(self.reader())
            .await?;
        let mut found = Vec::new();
        for (id, country, status, in_force_from, repealed_on, period, begins) in rows {
            let answer = |day| effective_status(status, in_force_from, repealed_on, period, day);
            let transitions =
                transitions(edges([in_force_from, repealed_on, period]), days, answer);
            let begun = begun(begins, days, &transitions, answer);
            for transition in transitions {
                let kind = if transition.after == PolicyDocumentStatus::Expired {
                    EffectKind::PeriodEnded
                } else {
                    EffectKind::EffectiveStatusChanged
                };
                found.push(DueEffect::new(
                    id.clone(),
                    [country.clone()],
                    kind,
                    &transition,
                )?);
            }
            if let Some(transition) = begun {
                let kind = EffectKind::PeriodBegan;
                found.push(DueEffect::new(
                    id.clone(),
                    [country.clone()],
                    kind,
                    &transition,
                )?);
            }
        }
        Ok(found)
    }

    /// Effects on the status of institutions.
    pub(super) async fn institutions<N: Noun<Model: Institutional>>(
        &self,
        moment: Moment,
        days: (Date, Date),
    ) -> Result<Vec<DueEffect>, Error> {
        type Row = (RecordId, CountryCode, InstitutionStatus, PartialDate, Date);
        let columns = ["id", "country", "status", "period", "begins"].map(column::<N>);
        let rows: Vec<Row> = N::find()
            .select_only()
            .exprs(columns)
            .filter(moment.filter::<N>())
            .filter(column::<N>("period").is_not_null())
            .into_tuple()
            .all(self.reader())
            .await?;
        let mut found = Vec::new();
        for (id, country, status, period, begins) in rows {
            let answer = |day| status_on(status, Some(period), day);
            let transitions = transitions(edges([Some(period)]), days, answer);
            let begun = begun(begins, days, &transitions, answer);
            for transition in transitions {
                let kind = EffectKind::PeriodEnded;
                found.push(DueEffect::new(
                    id.clone(),
                    [country.clone()],
                    kind,
                    &transition,
                )?);
            }
            if let Some(transition) = begun {
                let kind = EffectKind::PeriodBegan;
                found.push(DueEffect::new(
                    id.clone(),
                    [country.clone()],
                    kind,
                    &transition,
                )?);
            }
        }
        Ok(found)
    }

    /// Effects on the latest coverage assertion of each topic.
    pub(super) async fn latest_assertions(
        &self,
        moment: Moment,
        days: (Date, Date),
    ) -> Result<Vec<DueEffect>, Error> {
        use coverage_assertion::{Column, Entity};
        let countries: Vec<CountryCode> = Entity::find()
            .select_only()
            .column(Column::Country)
            .distinct()
            .filter(moment.filter::<Entity>())
            .filter(column::<Entity>("earliest").gt(days.0))
            .filter(column::<Entity>("earliest").lte(days.1))
            .into_tuple()
            .all(self.reader())
            .await?;
        let keys = countries.iter();
        let keys: Vec<_> = keys
            .map(|code| By::new(OfCountry, code.clone(), moment))
            .collect();
        let rows = self.load(&keys).await?;
        let mut found = Vec::new();
        for (code, key) in countries.iter().zip(&keys) {
            let rows = rows.get(key).map_or(&[][..], AsRef::as_ref);
            let dates = edges(rows.iter().map(|row| Some(row.as_of)));
            let topics: BTreeSet<_> = rows.iter().map(|row| row.topic).collect();
            for topic in topics {
                let finding = |day| {
                    let row = latest(rows, day).remove(&topic)?;
                    Some((row.id.clone(), row.value))
                };
                for transition in transitions(dates.iter().copied(), days, finding) {
                    let Some((id, _)) = transition.after.clone() else {
                        continue;
                    };
                    let transition = transition.map(|finding| finding.map(|(_, value)| value));
                    let kind = EffectKind::CoverageChanged;
                    let due = DueEffect::new(id, [code.clone()], kind, &transition)?;
                    let topic = sea_orm::ActiveEnum::to_value(&topic);
                    found.push(due.answering(format!("{topic} of {code}")));
                }
            }
        }
        Ok(found)
    }
}

/// The form of an answer in an effect.
fn word<T: Serialize>(answer: T) -> Json {
    json!(answer)
}

/// The turn with which a record enters the lists; `None` if that day is out of range or already has a turn.
fn begun<T>(
    begins: Date,
    (after, until): (Date, Date),
    transitions: &[Transition<T>],
    answer: impl Fn(Date) -> T,
) -> Option<Transition<Option<T>>> {
    let is_due = after < begins && begins <= until;
    let is_covered = transitions.iter().any(|transition| transition.on == begins);
    (is_due && !is_covered).then(|| Transition {
        on: begins,
        before: None,
        after: Some(answer(begins)),
    })
}
