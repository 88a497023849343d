//! Effects that are due within a range of days, as predicted by the records at a moment.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::error::Error;
use crate::moment::Moment;
use crate::{Store, cybersecurity_body, operational_unit};
use domain::date::Date;
use domain::effect::{Effect, EffectKind, Transition};
use domain::record::RecordId;
use domain::text::CountryCode;

/// An effect that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueEffect {
    /// The record of the effect.
    pub record: RecordId,
    /// The countries whose answers change.
    pub countries: BTreeSet<CountryCode>,
    /// Names the answer that changes, independently of the record that decides it.
    pub answer: String,
    /// The effect.
    pub effect: Effect,
}

impl DueEffect {
    /// An effect on an answer that the record itself decides.
    pub fn new<T: Serialize>(
        record: RecordId,
        countries: impl IntoIterator<Item = CountryCode>,
        kind: EffectKind,
        transition: &Transition<T>,
    ) -> Result<Self, Error> {
        let effect = Effect {
            on: transition.on,
            kind,
            before: word(&transition.before)?,
            after: word(&transition.after)?,
        };
        Ok(Self {
            answer: record.to_string(),
            record,
            countries: countries.into_iter().collect(),
            effect,
        })
    }

    /// The same effect, on an answer that another record may decide.
    #[must_use]
    pub fn answering(self, answer: String) -> Self {
        Self { answer, ..self }
    }

    /// True if both change the same answer in the same way, even if different records decide it.
    pub fn is_same_transition(&self, other: &Self) -> bool {
        (&self.answer, &self.effect) == (&other.answer, &other.effect)
    }
}

/// The name of an answer; `None` if there is none. A list is joined by commas.
fn word<T: Serialize>(answer: &T) -> Result<Option<String>, Error> {
    let word = serde_json::to_value(answer)?;
    if let Some(words) = word.as_array() {
        let words: Vec<&str> = words.iter().filter_map(|word| word.as_str()).collect();
        return Ok((!words.is_empty()).then(|| words.join(", ")));
    }
    Ok(word.as_str().map(str::to_owned))
}

/// Merges the effects of each record, kind and day into one, with all countries whose answers change; sorted by day.
/// The first effect stays: of a State and its territory, the State's.
pub fn once(mut found: Vec<DueEffect>) -> Vec<DueEffect> {
    let of = |due: &DueEffect| (due.effect.on, due.effect.kind, due.record.clone());
    found.sort_by_key(of);
    found.dedup_by(|again, first| {
        let is_same = of(again) == of(first);
        if is_same {
            first.countries.append(&mut again.countries);
        }
        is_same
    });
    found
}

impl Store {
    /// Computes the effects in `(after, until]`, as predicted by the records at a moment.
    pub(super) async fn due(
        &self,
        moment: Moment,
        days: (Date, Date),
    ) -> Result<Vec<DueEffect>, Error> {
        let countries = self.current_countries(moment).await?;
        let mut found = self.statuses(&countries, moment, days).await?;
        for country in &countries {
            found.extend(Self::effects_of_country(country, days)?);
        }
        found.extend(self.documents(moment, days).await?);
        found.extend(
            self.institutions::<cybersecurity_body::Entity>(moment, days)
                .await?,
        );
        found.extend(
            self.institutions::<operational_unit::Entity>(moment, days)
                .await?,
        );
        found.extend(self.latest_assertions(moment, days).await?);
        found.extend(self.reviews(moment, days).await?);
        Ok(found)
    }
}
