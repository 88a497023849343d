//! Warnings about updates that set only values which their records have already.

use serde_json::Value;

use super::outcome::{Outcome, Outcomes};
use domain::change::Operation;
use domain::check::{Code, Finding};
use domain::record::RecordField;

/// The updates that would leave the content of their records as it is.
pub(super) fn warnings(outcomes: &Outcomes<'_>) -> Vec<Finding> {
    let same = outcomes
        .current()
        .iter()
        .filter(|one| sets_nothing_new(one));
    let found = same.map(|one| {
        let message = format!(
            "{} has these values already: only its citations can change",
            one.id
        );
        one.change.path.finding(Code::Invalid, message)
    });
    found.collect()
}

fn sets_nothing_new(one: &Outcome<'_>) -> bool {
    let Some(before) = &one.before else {
        return false;
    };
    let is_same = |(field, value): &(RecordField, Option<Value>)| {
        before.get(&field.camel()) == value.as_ref()
    };
    let fields = &one.change.fields;
    one.change.operation == Operation::Update && !fields.is_empty() && fields.iter().all(is_same)
}
