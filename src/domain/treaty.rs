//! Treaties, and the rule by which consent takes effect under each.

use super::check::{Code, Finding, Path};
use super::citation::CitationInput;
use super::date::{Day, PartialDate};
use super::noun::{Identified, noun, value};
use super::record::RecordField;
use super::reference::{Reference, Upward};
use super::text::{TreatyReference, slug};

value! {
    /// When consent takes effect for a country, counted from the deposit. Source: the treaty's
    /// final clauses.
    EntryIntoForceRule as EntryIntoForceRuleInput {
        /// The article that says so.
        article: String,
        /// Months from the deposit.
        months: Option<i32>,
        /// Days from the deposit.
        days: Option<i32>,
        /// Whether it takes effect on the first day of the month that follows.
        first_day_of_month: bool,
        /// True where the article says that it never takes effect before the treaty itself does. No status
        /// is `PARTY` before that, whatever the article says.
        not_before_treaty: bool,
        /// The treaty that a country must have consented to as well. Who leaves that treaty leaves this
        /// one, on the same day.
        requires_party_to: Option<TreatyReference>,
        /// Months from a denunciation until it takes effect.
        denunciation_months: Option<i32>,
    }
}

impl EntryIntoForceRule {
    /// When a consent of `day` takes effect by this rule alone.
    pub fn effect_of_consent(&self, day: Day) -> Day {
        self.after(day, self.months, self.days)
    }

    /// When a denunciation received on `day` takes effect; `None` where the rule does not say.
    pub fn effect_of_denunciation(&self, day: Day) -> Option<Day> {
        self.denunciation_months
            .map(|months| self.after(day, Some(months), None))
    }

    fn after(&self, day: Day, months: Option<i32>, days: Option<i32>) -> Day {
        let count = |number: Option<i32>| number.and_then(|number| u32::try_from(number).ok());
        let months = count(months).unwrap_or_default();
        let days = count(days).unwrap_or_default();
        if self.first_day_of_month {
            // "The first day of the month following the expiration of a period of three months":
            // the month is what counts, so a deposit on the 30th needs no February 30th.
            day.plus_days(days).first_of_month_after(months)
        } else {
            day.plus_months(months).plus_days(days)
        }
    }
}

/// The fields of a treaty: what is done with them is up to `$then`.
#[macro_export]
macro_rules! treaty_fields {
    ($then:ident) => {
        $then! {
            /// What is known of a treaty. A create must have: reference shortTitle title organisation.
            Treaty in "treaty" as TreatyFields, CreateTreaty, UpdateTreaty citing Vec<CitationInput> {
                /// What its depositary calls it. Identifies the treaty and never changes.
                reference: TreatyReference,
                /// What it is usually called.
                short_title: String,
                /// Its full title.
                title: String,
                /// The organisation under whose auspices it was made.
                organisation: String,
                /// When its text was adopted.
                adopted_on: Option<PartialDate>,
                /// When it was opened for signature.
                opened_on: Option<PartialDate>,
                /// The last day for signature.
                signature_closes_on: Option<PartialDate>,
                /// Where it was opened for signature.
                opened_at: Option<String>,
                /// When it entered into force itself.
                entry_into_force_on: Option<PartialDate>,
                /// The condition for that, in words.
                entry_into_force_condition: Option<String>,
                /// When consent takes effect for a country.
                entry_into_force_rule: Option<EntryIntoForceRule>,
                /// The treaty it is a protocol to.
                parent: Option<TreatyReference>,
                /// The day up to which its events are known to be complete.
                events_complete_as_of: Option<Day>,
            } keeping {}
        }
    };
}
pub use treaty_fields as fields;
fields!(noun);

impl Identified for Treaty {
    const UNIQUE: Option<RecordField> = Some(RecordField::Reference);

    fn key(&self) -> String {
        slug(&self.reference.to_string())
    }

    fn faults(&self) -> Vec<Finding> {
        let at = |field: RecordField| Path::default().then(field.camel());
        let mut found = Vec::new();
        if self.parent.as_ref() == Some(&self.reference) {
            let message = "a treaty is not a protocol to itself";
            found.push(at(RecordField::Parent).finding(Code::Invalid, message));
        }
        if let Some(rule) = &self.entry_into_force_rule {
            let at = at(RecordField::EntryIntoForceRule);
            if rule.requires_party_to.as_ref() == Some(&self.reference) {
                let message = "a treaty does not require itself";
                found.push(at.then("requiresPartyTo").finding(Code::Invalid, message));
            }
            let spans = [
                ("months", rule.months, 120),
                ("days", rule.days, 3_660),
                ("denunciationMonths", rule.denunciation_months, 120),
            ];
            for (member, span, most) in spans {
                if span.is_some_and(|span| !(0..=most).contains(&span)) {
                    let message = format!("expected a number from 0 to {most}");
                    found.push(at.then(member).finding(Code::Invalid, message));
                }
            }
        }
        found
    }

    fn references(&self) -> Vec<(RecordField, Reference)> {
        let parent = self
            .parent
            .clone()
            .map(|parent| (RecordField::Parent, parent));
        let required = self
            .entry_into_force_rule
            .as_ref()
            .and_then(|rule| rule.requires_party_to.clone())
            .map(|required| (RecordField::EntryIntoForceRule, required));
        let both = parent.into_iter().chain(required);
        both.map(|(field, treaty)| (field, Reference::Treaty(treaty)))
            .collect()
    }

    fn upward(&self) -> Vec<Upward> {
        // One line: a protocol cannot be what its own parent requires.
        let above = |(field, to)| Upward {
            line: "above",
            ..Upward::of(field, to)
        };
        self.references().into_iter().map(above).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(
        months: Option<i32>,
        days: Option<i32>,
        first_day_of_month: bool,
    ) -> EntryIntoForceRule {
        EntryIntoForceRule {
            article: "36".to_owned(),
            months,
            days,
            first_day_of_month,
            not_before_treaty: true,
            requires_party_to: None,
            denunciation_months: Some(if first_day_of_month { 3 } else { 12 }),
        }
    }

    #[test]
    fn consent_takes_effect_as_the_final_clauses_say() {
        let budapest = rule(Some(3), None, true);
        let effect = |rule: &EntryIntoForceRule, day: &str| {
            rule.effect_of_consent(day.parse().unwrap()).to_string()
        };
        assert_eq!(effect(&budapest, "2022-11-30"), "2023-03-01");
        assert_eq!(effect(&budapest, "2010-03-15"), "2010-07-01");
        assert_eq!(effect(&budapest, "2024-06-27"), "2024-10-01");
        let united_nations = rule(None, Some(30), false);
        assert_eq!(effect(&united_nations, "2003-10-30"), "2003-11-29");
        assert_eq!(effect(&united_nations, "2027-03-20"), "2027-04-19");
        assert_eq!(
            effect(&rule(None, Some(0), false), "2025-01-10"),
            "2025-01-10"
        );
        let left = |rule: &EntryIntoForceRule, day: &str| {
            rule.effect_of_denunciation(day.parse().unwrap())
                .unwrap()
                .to_string()
        };
        assert_eq!(left(&budapest, "2026-11-23"), "2027-03-01");
        assert_eq!(left(&united_nations, "2027-01-31"), "2028-01-31");
    }
}
