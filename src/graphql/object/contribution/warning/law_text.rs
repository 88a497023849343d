//! Warnings about laws that readers cannot find.

use super::outcome::{Outcome, Outcomes};
use domain::check::{Code, Finding};
use domain::record::{Kind, RecordField};

const FIELDS: [RecordField; 3] = [RecordField::Kind, RecordField::Texts, RecordField::Number];

/// The laws and codes that a contribution leaves with neither a text nor a number.
pub(super) fn warnings(outcomes: &Outcomes<'_>) -> Vec<Finding> {
    let documents = outcomes.of_kinds(&[Kind::PolicyDocument]);
    let lacking = documents.filter(|one| one.renews(&FIELDS) && lacks_both(one));
    let warning = |one: &Outcome<'_>| {
        let message =
            "a law with neither a text nor a number is hard to find: give `texts` or `number`";
        one.at(&FIELDS).finding(Code::Required, message)
    };
    lacking.map(warning).collect()
}

fn lacks_both(document: &Outcome<'_>) -> bool {
    let is_law = matches!(document.text(RecordField::Kind), Some("LAW" | "CODE"));
    let texts = document.content.get(&RecordField::Texts.camel());
    let texts = texts.and_then(serde_json::Value::as_array);
    is_law && document.text(RecordField::Number).is_none() && texts.is_none_or(Vec::is_empty)
}
