//! Effects in words.

use super::words::Words;
use crate::frame::Frame;
use crate::value::{EffectKind, EnumValue};

/// An effect in words: an answer that changed because a day arrived.
pub struct EffectInWords {
    /// The day, as EDTF text.
    pub on: String,
    /// The label of its kind.
    pub kind: String,
    /// The answer before the day.
    pub before: String,
    /// The answer from the day on.
    pub after: String,
}

impl EffectInWords {
    /// Tells an effect on a record of a kind (`POLICY_DOCUMENT`). `values` are the answers before and after.
    pub fn new(
        frame: &Frame,
        kind: &EffectKind,
        record_kind: &str,
        on: &str,
        values: [Option<&str>; 2],
    ) -> Self {
        let words = Words(frame.language);
        let told = values.map(|one| match one.filter(|one| !one.is_empty()) {
            Some(one) => value(frame, words, kind.value(), record_kind, one),
            None => frame.words.none().to_owned(),
        });
        let [before, after] = told;
        Self {
            on: on.to_owned(),
            kind: frame.label(kind),
            before,
            after,
        }
    }
}

/// A value of an effect of this kind, for a record of this kind (`POLICY_DOCUMENT`).
fn value(frame: &Frame, words: Words, effect: &str, record_kind: &str, value: &str) -> String {
    let label = |of: &str| frame.label_of(of, value);
    match effect {
        "TREATY_STATUS_CHANGED" => label("TreatyStatus"),
        "COVERAGE_CHANGED" => label("CoverageValue"),
        "EFFECTIVE_STATUS_CHANGED" => label("PolicyDocumentStatus"),
        "PERIOD_BEGAN" | "PERIOD_ENDED" if record_kind == "POLICY_DOCUMENT" => {
            label("PolicyDocumentStatus")
        }
        "PERIOD_BEGAN" | "PERIOD_ENDED" => label("InstitutionStatus"),
        "REVIEW_OVERDUE" => label("StaleReason"),
        "STATEMENT_CHANGED" => words.in_force().to_owned(),
        "MEMBERSHIPS_CHANGED" => {
            let members = value.split(", ");
            let members = members.map(|one| frame.label_of("InternationalOrganisation", one));
            members.collect::<Vec<_>>().join(", ")
        }
        _ => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;
    use crate::site::PageRequest;

    #[test]
    fn values_have_the_labels_of_their_enum() {
        let frame = Frame::bare(&PageRequest::of("/changes", ""));
        let words = Words(Language::English);
        let told = |effect, kind, text| value(&frame, words, effect, kind, text);
        // Without labels, values stand as they are.
        assert_eq!(
            told("TREATY_STATUS_CHANGED", "TREATY_EVENT", "PARTY"),
            "PARTY"
        );
        assert_eq!(
            told("STATEMENT_CHANGED", "TREATY_EVENT", "IN_FORCE"),
            "in force"
        );
        assert_eq!(
            told("MEMBERSHIPS_CHANGED", "COUNTRY", "OAS, ASEAN"),
            "OAS, ASEAN"
        );
        assert_eq!(told("EXTENSION_CHANGED", "TREATY_EVENT", "GB"), "GB");
    }
}
