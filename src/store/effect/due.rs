//! What time alone changes on some days, by what is known at a moment.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::error::Error;
use crate::moment::Moment;
use crate::{Store, cybersecurity_body, operational_unit};
use domain::date::Day;
use domain::effect::{Effect, EffectKind, Turn};
use domain::record::RecordId;
use domain::text::CountryCode;

/// An effect that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// Of which record.
    pub record: RecordId,
    /// The countries whose answers change.
    pub countries: BTreeSet<CountryCode>,
    /// Which answer changes, whichever record decides it.
    pub answer: String,
    /// What it is.
    pub effect: Effect,
}

impl Due {
    /// An effect on an answer of a record.
    pub fn new<T: Serialize>(
        record: RecordId,
        countries: impl IntoIterator<Item = CountryCode>,
        kind: EffectKind,
        turn: &Turn<T>,
    ) -> Result<Self, Error> {
        let effect = Effect {
            on: turn.on,
            kind,
            before: word(&turn.before)?,
            after: word(&turn.after)?,
        };
        Ok(Self {
            answer: record.to_string(),
            record,
            countries: countries.into_iter().collect(),
            effect,
        })
    }

    /// The same, of an answer that another record may decide.
    #[must_use]
    pub fn answering(self, answer: String) -> Self {
        Self { answer, ..self }
    }

    /// Whether the same answer changes, also where another record decides it.
    pub fn is_same_turn(&self, other: &Self) -> bool {
        (&self.answer, &self.effect) == (&other.answer, &other.effect)
    }
}

/// What an answer is called; `None` where there is none. Several are joined by commas.
fn word<T: Serialize>(answer: &T) -> Result<Option<String>, Error> {
    let word = serde_json::to_value(answer)?;
    if let Some(words) = word.as_array() {
        let words: Vec<&str> = words.iter().filter_map(|word| word.as_str()).collect();
        return Ok((!words.is_empty()).then(|| words.join(", ")));
    }
    Ok(word.as_str().map(str::to_owned))
}

/// Once for each record, kind and day, in the order of days: for all the countries whose answers change.
/// What stands first is told: of a State and its territory the State.
pub fn once(mut found: Vec<Due>) -> Vec<Due> {
    let of = |due: &Due| (due.effect.on, due.effect.kind, due.record.clone());
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
    /// What time changes after one day and until another, by what is known at a moment.
    pub(super) async fn due(&self, moment: Moment, days: (Day, Day)) -> Result<Vec<Due>, Error> {
        let countries = self.standing_countries(moment).await?;
        let mut found = self.statuses(&countries, moment, days).await?;
        for country in &countries {
            found.extend(Self::of_country(country, days)?);
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
        found.extend(self.latest_findings(moment, days).await?);
        found.extend(self.reviews(moment, days).await?);
        Ok(found)
    }
}
