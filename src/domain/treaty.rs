//! Treaties, and the rule by which consent to be bound takes effect under each.

use super::check::{Code, Finding, Path};
use super::citation::CitationInput;
use super::date::{Date, PartialDate};
use super::noun::{Identified, noun, value};
use super::record::RecordField;
use super::reference::{AcyclicReference, Reference};
use super::text::{TreatyReference, slug};

value! {
    /// Rule that computes from which day a treaty is in force for a country that consents to be bound. A date that
    /// the depositary gives takes precedence. Source: the final clauses of the treaty.
    EntryIntoForceRule as EntryIntoForceRuleInput of_form Structure {
        /// The article with the rule, as in `36`.
        article: String,
        /// Months from the deposit of the instrument. Absent if the rule counts no months.
        months: Option<i32>,
        /// Days from the deposit of the instrument. Absent if the rule counts no days.
        days: Option<i32>,
        /// True if consent takes effect on the first day of the month that follows the end of the period. Example: a
        /// deposit on 2010-03-15 and three months give 2010-07-01.
        first_day_of_month: bool,
        /// True if the article says that consent takes effect no earlier than the treaty itself. No country is
        /// `PARTY` before the treaty is in force, even if this is false.
        not_before_treaty: bool,
        /// The treaty to which a country must also have consented, as a protocol requires its convention. A country
        /// that leaves that treaty leaves this one on the same day.
        requires_party_to: Option<TreatyReference>,
        /// Months from the receipt of a denunciation until it takes effect, counted with `firstDayOfMonth`. Absent
        /// if no clause tells.
        denunciation_months: Option<i32>,
    }
}

impl EntryIntoForceRule {
    /// Returns the day on which a consent deposited on `day` takes effect by this rule alone.
    pub fn effect_of_consent(&self, day: Date) -> Date {
        self.after(day, self.months, self.days)
    }

    /// Returns the day on which a denunciation received on `day` takes effect; `None` if the rule gives no period.
    pub fn effect_of_denunciation(&self, day: Date) -> Option<Date> {
        self.denunciation_months
            .map(|months| self.after(day, Some(months), None))
    }

    fn after(&self, day: Date, months: Option<i32>, days: Option<i32>) -> Date {
        let count = |number: Option<i32>| number.and_then(|number| u32::try_from(number).ok());
        let months = count(months).unwrap_or_default();
        let days = count(days).unwrap_or_default();
        if self.first_day_of_month {
            // "The first day of the month following the expiration of a period of three months": the clause counts
            // whole months, so a deposit on the 30th needs no February 30th.
            day.plus_days(days).first_of_month_after(months)
        } else {
            day.plus_months(months).plus_days(days)
        }
    }
}

/// Passes the declaration of `Treaty` to the macro `$then`.
#[macro_export]
macro_rules! treaty_fields {
    ($then:ident) => {
        $then! {
            /// The fields of a treaty.
            Treaty in "treaty" as TreatyFields, CreateTreaty, UpdateTreaty citing Vec<CitationInput> {
                /// Reference by which the depositary or publisher names the treaty: `ETS 185`. Identifies the treaty
                /// and never changes.
                reference: TreatyReference,
                /// Usual short name, as in `Budapest Convention`.
                short_title: String,
                /// Full official title.
                title: String,
                /// International organisation under whose auspices the treaty was concluded.
                organisation: String,
                /// Date on which the text was adopted.
                adopted_on: Option<PartialDate>,
                /// Date on which the treaty was opened for signature.
                opened_on: Option<PartialDate>,
                /// Last day on which the treaty can be signed. Absent if it stays open.
                signature_closes_on: Option<PartialDate>,
                /// Place where the treaty was opened for signature.
                opened_at: Option<String>,
                /// Date on which the treaty itself entered into force. Absent while it is not in force; until then
                /// no country is `PARTY`.
                entry_into_force_on: Option<PartialDate>,
                /// Condition for the treaty's own entry into force, in words.
                entry_into_force_condition: Option<String>,
                /// Rule that computes from which day the treaty is in force for a country that consents. Absent
                /// where no rule can be stated: then only the dates of the depositary count.
                entry_into_force_rule: Option<EntryIntoForceRule>,
                /// The treaty to which this one is a protocol.
                parent: Option<TreatyReference>,
                /// Last day up to which the recorded events of the treaty are claimed to be complete. Absent if they
                /// may be incomplete: a country for which no act counts on the as-of date then has status `UNKNOWN`
                /// instead of `NO_ACTION`.
                events_complete_as_of: Option<Date>,
            } derived {}
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

    fn validate(&self) -> Vec<Finding> {
        let at = |field: RecordField| Path::default().then(field.camel());
        let mut found = Vec::new();
        if self.parent.as_ref() == Some(&self.reference) {
            let message = "a treaty cannot be a protocol to itself: name its parent treaty";
            found.push(at(RecordField::Parent).finding(Code::Invalid, message));
        }
        if let Some(rule) = &self.entry_into_force_rule {
            let at = at(RecordField::EntryIntoForceRule);
            if rule.requires_party_to.as_ref() == Some(&self.reference) {
                let message = "a treaty cannot require itself: name another treaty";
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

    fn acyclic_references(&self) -> Vec<AcyclicReference> {
        // `parent` and `requiresPartyTo` form one line, so that a treaty cannot require its own protocol.
        let above = |(field, to)| AcyclicReference {
            line: "above",
            ..AcyclicReference::of(field, to)
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
    fn consent_and_denunciation_take_effect_by_the_final_clauses() {
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
