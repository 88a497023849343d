use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::date::Date;
use crate::field::Content;
use crate::merge::Merged;

const FIELDS: [RecordField; 5] = [
    RecordField::Acronym,
    RecordField::Mandate,
    RecordField::Website,
    RecordField::Functions,
    RecordField::LegalBasis,
];

fn today() -> Date {
    "2026-01-10".parse().unwrap()
}

/// A value of a field; `None` for an empty field.
fn any_value(field: RecordField) -> BoxedStrategy<Option<Value>> {
    let some = |all: [&'static str; 3]| {
        let lists = proptest::sample::subsequence(all.to_vec(), 0..=3).prop_shuffle();
        lists.prop_map(|list| (!list.is_empty()).then(|| json!(list)))
    };
    match field {
        RecordField::Functions => some(["TRAINING", "PROSECUTION", "NATIONAL_CSIRT"]).boxed(),
        RecordField::LegalBasis => {
            some(["PolicyDocument:a", "PolicyDocument:b", "PolicyDocument:c"]).boxed()
        }
        RecordField::Website => prop_oneof![
            Just(None),
            (0..3).prop_map(|number| Some(json!(format!("https://example.org/{number}"))))
        ]
        .boxed(),
        _ => prop_oneof![
            Just(None),
            (0..3).prop_map(|number| Some(json!(format!("Text {number}"))))
        ]
        .boxed(),
    }
}

fn any_content() -> impl Strategy<Value = Content> {
    FIELDS.map(any_value).prop_map(|values| {
        let values = FIELDS.iter().zip(values);
        values
            .filter_map(|(field, value)| Some((field.camel(), value?)))
            .collect()
    })
}

/// A choice for each field, if it conflicts.
fn any_choices() -> impl Strategy<Value = [Option<ConflictChoice>; 5]> {
    let choice = || {
        prop_oneof![
            Just(None),
            Just(Some(ConflictChoice::Current)),
            Just(Some(ConflictChoice::Proposed)),
        ]
    };
    std::array::from_fn::<_, 5, _>(|_| choice())
}

const BODY: &str = "CybersecurityBody:x";

/// An update of version 1 that sets or empties the fields that are named, and cites one source for all that it sets and
/// another for each field.
fn update(named: [bool; 5], wanted: &Content) -> Option<ChangeInput> {
    let named = FIELDS.iter().zip(named).filter(|(_, is_named)| *is_named);
    let named: Vec<RecordField> = named.map(|(field, _)| *field).collect();
    let is_set = |field: &RecordField| wanted.contains_key(&field.camel());
    let (set, clear): (Vec<RecordField>, Vec<RecordField>) =
        named.iter().copied().partition(is_set);
    if named.is_empty() {
        return None;
    }
    let values = set
        .iter()
        .map(|field| (field.camel(), wanted[&field.camel()].clone()));
    let values: Content = values.collect();
    let mut cite: Vec<Value> = set
        .iter()
        .map(|field| json!({ "source": "Source:each", "fields": [field] }))
        .collect();
    if !set.is_empty() {
        cite.push(json!({ "source": "Source:all" }));
    }
    let body = json!({ "id": BODY, "baseVersion": 1, "set": values, "clear": clear, "cite": cite });
    Some(serde_json::from_value(json!({ "updateCybersecurityBody": body })).unwrap())
}

fn checked(input: &ChangeInput) -> Proposed {
    let path = Path::default().then("changes").then(0);
    input.clone().checked(&path).unwrap().into_inner()
}

fn value(content: &Content, field: RecordField) -> Option<&Value> {
    content.get(&field.camel())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn each_choice_decides_its_field_and_no_other(
        base in any_content(),
        current in any_content(),
        wanted in any_content(),
        later in any_content(),
        named in any::<[bool; 5]>(),
        picks in any_choices(),
    ) {
        let Some(input) = update(named, &wanted) else { return Ok(()) };
        let proposed = checked(&input);
        let before: Merged = proposed.merged(&base, &current, today());
        let conflicts = before.conflicts.clone();
        let chosen = |field: RecordField| {
            let place = FIELDS.iter().position(|one| *one == field).unwrap();
            picks[place].filter(|_| conflicts.iter().any(|one| one.field == field))
        };
        let choices = FIELDS.iter().filter_map(|field| {
            let take = chosen(*field)?;
            let path = Path::default().then("choices").then(0);
            Some(Choice { record: BODY.parse().unwrap(), field: *field, take, path })
        });
        let choices: Vec<Choice> = choices.collect();
        let contested = [Contested { input: &input, proposed: &proposed, conflicts: conflicts.clone() }];
        let is_left = proposed.fields.iter().any(|(field, _)| chosen(*field) != Some(ConflictChoice::Current));
        let resolved = resolve(&contested, &choices);
        if !is_left {
            prop_assert_eq!(resolved.unwrap_err()[0].path.0.join("."), "choices");
            return Ok(());
        }
        let resolved = resolved.unwrap();
        let mut after = [checked(&resolved.changes[0].1)];
        overrule(&mut after, &resolved.overruled);
        let after = &after[0];
        let merged = after.merged(&base, &current, today());
        for field in FIELDS {
            let conflicts_before = conflicts.iter().any(|one| one.field == field);
            let conflicts_after = merged.conflicts.iter().any(|one| one.field == field);
            prop_assert_eq!(conflicts_after, conflicts_before && chosen(field).is_none());
            let expected = match chosen(field) {
                None => value(&before.content, field),
                Some(ConflictChoice::Current) => value(&current, field),
                Some(ConflictChoice::Proposed) => value(&wanted, field),
            };
            prop_assert_eq!(value(&merged.content, field), expected);
            // The field and its citations leave the change together.
            let is_dropped = chosen(field) == Some(ConflictChoice::Current);
            let is_named = after.fields.iter().any(|(one, _)| *one == field);
            let was_named = proposed.fields.iter().any(|(one, _)| *one == field);
            prop_assert_eq!(is_named, was_named && !is_dropped);
            let cites = |change: &Proposed| change.cites.iter().filter(|one| one.fields.contains(&field)).count();
            prop_assert_eq!(cites(after), if is_dropped { 0 } else { cites(&proposed) });
            // A value that was replaced by choice conflicts again only if the record gets yet another one.
            let is_text = !matches!(field, RecordField::Functions | RecordField::LegalBasis);
            if is_text && chosen(field) == Some(ConflictChoice::Proposed) {
                let again = after.merged(&base, &later, today());
                let is_contested = again.conflicts.iter().any(|one| one.field == field);
                let is_new = ![value(&current, field), value(&wanted, field)].contains(&value(&later, field));
                prop_assert_eq!(is_contested, is_new);
            }
        }
        let is_set = |field: &RecordField| {
            value(&wanted, *field).is_some() && value(&merged.content, *field).is_some()
        };
        if merged.conflicts.is_empty() && merged.outdated.is_empty() && merged.joined.iter().chain(&merged.absorbed).all(is_set) {
            let joined = merged.joined.iter().chain(&merged.absorbed).map(|field| (*field, value(&merged.content, *field).cloned()));
            let rebased = resolved.changes[0].1.clone().rebased(2, &joined.collect::<Vec<_>>());
            let again = checked(&rebased).merged(&current, &current, today());
            prop_assert_eq!(again.content, merged.content);
            prop_assert!(again.conflicts.is_empty());
        }
    }
}

fn choice(field: RecordField, take: ConflictChoice) -> Choice {
    Choice {
        record: BODY.parse().unwrap(),
        field,
        take,
        path: Path::default().then("choices").then(field.camel()),
    }
}

#[test]
fn a_retirement_is_taken_or_dropped_as_a_whole() {
    use ConflictChoice::{Current, Proposed};
    use RecordField::{Acronym, Mandate};
    let retire = json!({ "retire": { "id": BODY, "baseVersion": 1, "reason": "Gone." } });
    let retire: ChangeInput = serde_json::from_value(retire).unwrap();
    let proposed = checked(&retire);
    let content = |value: Value| value.as_object().unwrap().clone();
    let base = content(json!({ "acronym": "A", "mandate": "M" }));
    let last = content(json!({ "acronym": "B" }));
    let contested = [Contested {
        input: &retire,
        proposed: &proposed,
        conflicts: proposed.conflicts(&base, (2, &last), today()),
    }];
    let resolved = |choices: &[Choice]| resolve(&contested, choices);
    let mixed = resolved(&[choice(Acronym, Proposed), choice(Mandate, Current)]).unwrap_err();
    assert_eq!(mixed[0].path.0, ["choices", "mandate", "take"]);
    let dropped = resolved(&[choice(Acronym, Current)]).unwrap_err();
    assert_eq!(dropped[0].path.0, ["choices"]);
    let taken = resolved(&[choice(Acronym, Proposed), choice(Mandate, Proposed)]).unwrap();
    let mut after = [proposed.clone()];
    overrule(&mut after, &taken.overruled);
    assert!(after[0].conflicts(&base, (2, &last), today()).is_empty());
    let half = resolved(&[choice(Mandate, Proposed)]).unwrap();
    overrule(&mut after, &half.overruled);
    let left = after[0].conflicts(&base, (2, &last), today());
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].field, Acronym);
}
