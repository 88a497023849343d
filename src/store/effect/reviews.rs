//! Effects on records whose last verification becomes too old.

use std::collections::HashSet;

use sea_orm::QuerySelect;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;

use super::due::DueEffect;
use crate::Store;
use crate::change::{self, CountriesOf, LastVerified};
use crate::error::Error;
use crate::moment::{Moment, column};
use crate::record::{ROWS_PER_STATEMENT, of_kind};
use domain::change::Operation;
use domain::date::Date;
use domain::effect::{EffectKind, Transition, review_due, verified_between};
use domain::record::{Kind, RecordId};

impl Store {
    /// Effects on records that become due for review.
    pub(super) async fn reviews(
        &self,
        moment: Moment,
        days: (Date, Date),
    ) -> Result<Vec<DueEffect>, Error> {
        let (after, until) = verified_between(days);
        let verified = change::Entity::find()
            .filter(change::Column::Operation.eq(Operation::Verify))
            .filter(change::Column::VerifiedOn.gt(after))
            .filter(change::Column::VerifiedOn.lte(until))
            .filter(change::Column::Sequence.lte(moment.0))
            .all(self.reader())
            .await?;
        let records: HashSet<RecordId> = verified.into_iter().map(|line| line.record).collect();
        let records: Vec<RecordId> = records.into_iter().collect();
        let mut found = Vec::new();
        for some in records.chunks(ROWS_PER_STATEMENT) {
            let standing = self.standing(some, moment).await?;
            let keys: Vec<_> = standing
                .into_iter()
                .map(|record| LastVerified { record, moment })
                .collect();
            let lines = self.load(&keys).await?;
            let keys: Vec<_> = lines
                .values()
                .map(|line| CountriesOf(line.sequence))
                .collect();
            let countries = self.load(&keys).await?;
            for (key, line) in lines {
                let due = line.verified_on.map(review_due);
                let Some(on) = due.filter(|on| days.0 < *on && *on <= days.1) else {
                    continue;
                };
                let codes = countries.get(&CountriesOf(line.sequence));
                let codes = codes.into_iter().flatten().cloned();
                let transition = Transition {
                    on,
                    before: None,
                    after: Some(EffectKind::ReviewOverdue),
                };
                found.push(DueEffect::new(
                    key.record,
                    codes,
                    EffectKind::ReviewOverdue,
                    &transition,
                )?);
            }
        }
        Ok(found)
    }

    /// Returns the given records that are current at a moment.
    async fn standing(&self, records: &[RecordId], moment: Moment) -> Result<Vec<RecordId>, Error> {
        let mut found = Vec::new();
        for kind in Kind::all() {
            let of_kind = records.iter().filter(|record| record.kind() == kind);
            let of_kind: Vec<RecordId> = of_kind.cloned().collect();
            if !of_kind.is_empty() {
                let ids: Vec<RecordId> = of_kind!(kind, E => {
                    E::find()
                        .select_only()
                        .expr(column::<E>("id"))
                        .filter(column::<E>("id").is_in(of_kind))
                        .filter(moment.filter::<E>())
                        .into_tuple()
                        .all(self.reader())
                        .await?
                });
                found.extend(ids);
            }
        }
        Ok(found)
    }
}
