//! The fields that a record must have. One declaration gives the checks, their messages and the descriptions of the
//! inputs.

use super::check::{Code, Finding, Path};
use super::evaluation::of_kind;
use super::field::{Content, Field};
use super::noun::Identified;
use super::record::{Kind, RecordField};
use super::spelling::closest;

/// A field that some records of a noun must have.
pub struct RequiredIf<N> {
    /// The field.
    pub field: RecordField,
    /// The records that need it, as the end of a sentence: "if `kind` is `WITHDRAWAL`".
    pub condition: &'static str,
    /// True for a record that needs the field and has no value in it.
    pub is_missing: fn(&N) -> bool,
}

impl Kind {
    /// True if every record of the noun has a value in the field; for a list at least one element.
    pub fn requires(self, field: &Field) -> bool {
        field.required || of_kind!(self, Noun => Noun::NOT_EMPTY.contains(&field.name))
    }

    /// Returns the sentence of the schema about the fields that a create must contain.
    pub fn required_fields(self) -> String {
        let always = self.fields().iter().filter(|field| self.requires(field));
        let always = always.map(|field| format!("`{}`", field.name.camel()));
        let sometimes: Vec<String> = of_kind!(self, Noun => Noun::REQUIRED_IF
            .iter()
            .map(|one| format!("`{}` {}", one.field.camel(), one.condition))
            .collect());
        let always = always.collect::<Vec<_>>().join(", ");
        if sometimes.is_empty() {
            return format!("Required in a create: {always}.");
        }
        format!(
            "Required in a create: {always}. Also {}.",
            sometimes.join("; ")
        )
    }

    /// Returns the message about a field that the noun does not have, with the names of similar ones.
    pub fn lacks(self, name: RecordField) -> String {
        let wrong = name.screaming();
        let own: Vec<String> = self
            .fields()
            .iter()
            .map(|field| field.name.screaming())
            .collect();
        let near = closest(&wrong, own.iter().map(String::as_str)).join(", ");
        format!("no {self} has a field {wrong}: expected one of its own, like {near}")
    }

    /// Returns a finding for each field that every record must have and that `content` lacks.
    pub(super) fn missing_fields(self, content: &Content) -> Vec<Finding> {
        let fields = self.fields().iter();
        let missing = fields
            .filter(|field| self.requires(field) && !content.contains_key(&field.name.camel()));
        missing.map(|field| self.missing(field.name, "")).collect()
    }

    /// Returns the finding that a record lacks a field, which it needs under a condition.
    fn missing(self, name: RecordField, condition: &str) -> Finding {
        let field = self.fields().iter().find(|field| field.name == name);
        let form = field.map(|field| field.form().expected());
        let form = form.unwrap_or_default();
        let camel = name.camel();
        let space = if condition.is_empty() { "" } else { " " };
        let message =
            format!("every {self} must have `{camel}`{space}{condition}: expected {form}");
        Path::default().then(camel).finding(Code::Required, message)
    }
}

/// Returns a finding for each field that a record needs under a condition and lacks.
pub(super) fn missing_under_conditions<N: Identified>(record: &N) -> Vec<Finding> {
    let missing = N::REQUIRED_IF.iter().filter(|one| (one.is_missing)(record));
    missing
        .map(|one| N::KIND.missing(one.field, one.condition))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn required_fields_are_named_in_a_sentence() {
        assert_eq!(
            Kind::Country.required_fields(),
            "Required in a create: `kind`, `code`, `names`."
        );
        assert_eq!(
            Kind::ProfileSection.required_fields(),
            "Required in a create: `topic`, `state`, `country`. Also `body` if `state` is `FILLED`; `language` with `body`."
        );
    }

    #[test]
    fn a_missing_field_is_named_with_the_expected_form() {
        let content = |value| serde_json::from_value::<Content>(value).unwrap();
        let messages = |kind: Kind, value| -> Vec<String> {
            let found = kind.evaluate(&content(value)).err().unwrap_or_default();
            found.into_iter().map(|finding| finding.message).collect()
        };
        assert_eq!(
            messages(Kind::Country, json!({ "kind": "STATE" })),
            [
                "every Country must have `code`: expected two letters of ISO 3166-1 alpha-2, like \u{201c}AZ\u{201d}",
                "every Country must have `names`: expected a list of at least one element: a text with its language, like { language: \"en\", text: \"\u{2026}\" }",
            ]
        );
        let section = json!({ "topic": "POLICIES", "state": "FILLED", "country": "AZ" });
        assert_eq!(
            messages(Kind::ProfileSection, section),
            ["every ProfileSection must have `body` if `state` is `FILLED`: expected a text"]
        );
    }
}
