//! Three versions of a record, field by field: what applies, what is so already, what conflicts.

use serde_json::Value;

use super::noun::{Content, Field};
use super::record::RecordField;

/// A field with its value before and after; `None` where it has none.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldChange {
    /// The field.
    pub field: RecordField,
    /// Its value before.
    pub before: Option<Value>,
    /// Its value after.
    pub after: Option<Value>,
}

/// A field that was changed to something else since the version a proposal was written against.
#[derive(Clone, Debug, PartialEq)]
pub struct Conflict {
    /// The field.
    pub field: RecordField,
    /// Its value in the version that the proposal was written against.
    pub base: Option<Value>,
    /// Its value now.
    pub current: Option<Value>,
    /// Its value as proposed.
    pub proposed: Option<Value>,
}

/// What becomes of a record when a proposal is applied to it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Merged {
    /// All its content.
    pub content: Content,
    /// The fields that are different from now.
    pub changed: Vec<RecordField>,
    /// The fields on which a person must decide; `content` leaves them as they are now.
    pub conflicts: Vec<Conflict>,
}

/// What a proposal makes of each field that it names: the new value, or `None` to empty it.
pub type Proposal = Vec<(RecordField, Option<Value>)>;

/// Merges a proposal that was written against `base` into what is there now.
pub fn merge(base: &Content, current: &Content, proposal: &Proposal) -> Merged {
    let mut merged = Merged {
        content: current.clone(),
        ..Merged::default()
    };
    for (field, proposed) in proposal {
        let name = field.camel();
        let (then, now) = (base.get(&name), current.get(&name));
        if now == proposed.as_ref() {
            continue;
        }
        if then != now {
            merged.conflicts.push(Conflict {
                field: *field,
                base: then.cloned(),
                current: now.cloned(),
                proposed: proposed.clone(),
            });
            continue;
        }
        match proposed {
            Some(value) => merged.content.insert(name, value.clone()),
            None => merged.content.remove(&name),
        };
        merged.changed.push(*field);
    }
    merged
}

/// The fields that differ between two versions, in the order of their declaration.
pub fn diff(fields: &[Field], before: &Content, after: &Content) -> Vec<FieldChange> {
    let value = |content: &Content, field: &Field| content.get(&field.name.camel()).cloned();
    fields
        .iter()
        .map(|field| FieldChange {
            field: field.name,
            before: value(before, field),
            after: value(after, field),
        })
        .filter(|change| change.before != change.after)
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::super::noun::Described;
    use super::super::source::Source;
    use super::*;

    fn content(value: &Value) -> Content {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn each_field_is_judged_by_itself() {
        let base = content(&json!({ "title": "A", "publisher": "P", "licence": "L" }));
        let current = content(&json!({ "title": "B", "publisher": "P" }));
        let proposal = vec![
            (RecordField::Title, Some(json!("C"))),
            (RecordField::Publisher, Some(json!("Q"))),
            (RecordField::Licence, None),
        ];
        let merged = merge(&base, &current, &proposal);
        assert_eq!(
            merged.content,
            content(&json!({ "title": "B", "publisher": "Q" }))
        );
        assert_eq!(merged.changed, [RecordField::Publisher]);
        assert_eq!(
            merged.conflicts,
            [Conflict {
                field: RecordField::Title,
                base: Some(json!("A")),
                current: Some(json!("B")),
                proposed: Some(json!("C")),
            }]
        );
    }

    fn any_content() -> impl Strategy<Value = Content> {
        let values =
            proptest::collection::vec(proptest::option::of(0..3_u8), Source::fields().len());
        values.prop_map(|values| {
            let fields = Source::fields().iter().zip(values);
            fields
                .filter_map(|(field, value)| Some((field.name.camel(), json!(value?))))
                .collect()
        })
    }

    proptest! {
        #[test]
        fn a_version_and_its_diff_give_the_next(before in any_content(), after in any_content()) {
            let fields = Source::fields();
            let proposal: Proposal = diff(fields, &before, &after)
                .into_iter()
                .map(|change| (change.field, change.after))
                .collect();
            let merged = merge(&before, &before, &proposal);
            prop_assert_eq!(merged.content, after);
            prop_assert!(merged.conflicts.is_empty());
        }

        #[test]
        fn nothing_is_overwritten_in_silence(
            base in any_content(), current in any_content(), wanted in any_content(),
        ) {
            let fields = Source::fields();
            let proposal: Proposal = diff(fields, &base, &wanted)
                .into_iter()
                .map(|change| (change.field, change.after))
                .collect();
            let merged = merge(&base, &current, &proposal);
            for change in diff(fields, &current, &merged.content) {
                let name = change.field.camel();
                prop_assert!(merged.changed.contains(&change.field));
                prop_assert_eq!(base.get(&name), current.get(&name));
                prop_assert_eq!(merged.content.get(&name), wanted.get(&name));
            }
        }
    }
}
