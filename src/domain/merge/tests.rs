use proptest::prelude::*;
use serde_json::json;

use super::super::record::Kind;
use super::*;

fn content(value: &Value) -> Content {
    value.as_object().unwrap().clone()
}

fn proposal(fields: &[Field], base: &Content, wanted: &Content) -> Proposal {
    let changes = diff(fields, base, wanted).into_iter();
    changes.map(|change| (change.field, change.after)).collect()
}

#[test]
fn each_field_is_merged_separately() {
    let base = content(&json!({ "title": "A", "publisher": "P", "licence": "L" }));
    let current = content(&json!({ "title": "B", "publisher": "P" }));
    let proposal = vec![
        (RecordField::Title, Some(json!("C"))),
        (RecordField::Publisher, Some(json!("Q"))),
        (RecordField::Licence, None),
    ];
    let merged = merge(Kind::Source.fields(), &base, &current, &proposal);
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

/// Returns the list field of a body or document after two edits of it; `None` if they conflict.
fn joined(field: RecordField, base: Value, current: Value, proposed: Value) -> Option<Value> {
    let kind = [Kind::PolicyDocument, Kind::CybersecurityBody, Kind::Country]
        .into_iter()
        .find(|kind| kind.fields().iter().any(|one| one.name == field))
        .unwrap();
    let of = |value: Value| Content::from_iter([(field.camel(), value)]);
    let proposal = vec![(field, Some(proposed))];
    let merged = merge(kind.fields(), &of(base), &of(current), &proposal);
    merged
        .conflicts
        .is_empty()
        .then(|| merged.content[&field.camel()].clone())
}

#[test]
fn lists_are_merged_element_by_element() {
    let name = |language: &str, text: &str| json!({ "language": language, "text": text });
    assert_eq!(
        joined(
            RecordField::Names,
            json!([name("en", "Service")]),
            json!([name("en", "Service"), name("az", "Xidmət")]),
            json!([name("en", "The Service"), name("fr", "Service")]),
        ),
        Some(json!([
            name("en", "The Service"),
            name("az", "Xidmət"),
            name("fr", "Service")
        ]))
    );
    assert_eq!(
        joined(
            RecordField::Names,
            json!([name("en", "A")]),
            json!([name("en", "B")]),
            json!([name("en", "C")]),
        ),
        None
    );
    assert_eq!(
        joined(
            RecordField::Functions,
            json!(["TRAINING", "NATIONAL_CSIRT"]),
            json!(["NATIONAL_CSIRT"]),
            json!(["TRAINING", "NATIONAL_CSIRT", "REPORTING_POINT"]),
        ),
        Some(json!(["NATIONAL_CSIRT", "REPORTING_POINT"]))
    );
    let provision = |number: &str, heading: &str| json!({ "number": number, "heading": heading });
    assert_eq!(
        joined(
            RecordField::Provisions,
            json!([provision("1", "One"), provision("3", "Three")]),
            json!([
                provision("1", "One"),
                provision("2", "Two"),
                provision("3", "Three")
            ]),
            json!([provision("1", "First"), provision("3", "Three")]),
        ),
        Some(json!([
            provision("1", "First"),
            provision("2", "Two"),
            provision("3", "Three")
        ]))
    );
    let relation = |kind: &str| json!({ "kind": kind, "document": "PolicyDocument:a" });
    assert_eq!(
        joined(
            RecordField::Relations,
            json!([relation("AMENDS")]),
            json!([relation("AMENDS"), relation("REPLACES")]),
            json!([relation("IMPLEMENTS")]),
        ),
        Some(json!([relation("IMPLEMENTS"), relation("REPLACES")]))
    );
    let member = |organisation: &str, until: Option<&str>| match until {
        Some(until) => json!({ "organisation": organisation, "until": until }),
        None => json!({ "organisation": organisation }),
    };
    assert_eq!(
        joined(
            RecordField::Memberships,
            json!([member("OAS", None)]),
            json!([member("OAS", Some("2023-11-19"))]),
            json!([member("OAS", None), member("COMMONWEALTH", None)]),
        ),
        Some(json!([
            member("OAS", Some("2023-11-19")),
            member("COMMONWEALTH", None)
        ]))
    );
}

#[test]
fn a_merged_list_is_reported_even_if_it_is_the_newest_value() {
    let field = RecordField::Objectives;
    let of = |list: Value| Content::from_iter([(field.camel(), list)]);
    let (base, current) = (of(json!(["a", "b"])), of(json!(["a", "c"])));
    let proposal = vec![(field, Some(json!(["a"])))];
    let merged = merge(Kind::PolicyDocument.fields(), &base, &current, &proposal);
    assert_eq!((merged.content, merged.changed), (current, vec![]));
    assert_eq!((merged.joined, merged.absorbed), (vec![], vec![field]));
}

#[test]
fn a_repeated_key_does_not_prevent_the_merge_of_other_elements() {
    let joined = |base: &Value, current: &Value, proposed: &Value| {
        let [base, current, proposed] = [base, current, proposed].map(Value::clone);
        joined(RecordField::Memberships, base, current, proposed)
    };
    let member =
        |organisation: &str, since: &str| json!({ "organisation": organisation, "since": since });
    let left = json!({ "organisation": "COMMONWEALTH", "since": "1965", "until": "2016" });
    let back = member("COMMONWEALTH", "2020");
    let base = json!([left, back]);
    let one = json!([left, back, member("AFRICAN_UNION", "2002")]);
    let other = json!([member("OAS", "1948"), left, back]);
    let both = json!([
        member("OAS", "1948"),
        left,
        back,
        member("AFRICAN_UNION", "2002")
    ]);
    assert_eq!(joined(&base, &one, &other), Some(both.clone()));
    assert_eq!(joined(&base, &other, &one), Some(both));
    // One of the two elements is edited, while the other is removed or a third is added.
    let later = member("COMMONWEALTH", "2020-02-01");
    let edited = json!([left, later]);
    let third = member("COMMONWEALTH", "2030");
    assert_eq!(joined(&base, &json!([back]), &edited), Some(json!([later])));
    assert_eq!(
        joined(&base, &edited, &json!([left, back, third])),
        Some(json!([left, later, third]))
    );
    // Two different elements with the same key are added: both remain.
    let once = json!([left]);
    assert_eq!(
        joined(&once, &base, &json!([left, third])),
        Some(json!([left, back, third]))
    );
    // The same element added twice remains once.
    assert_eq!(joined(&once, &base, &base), Some(base.clone()));
    // Two edits of the same element conflict, and so do an edit and a removal of it.
    let other = member("COMMONWEALTH", "2021");
    assert_eq!(joined(&base, &edited, &json!([left, other])), None);
    assert_eq!(joined(&base, &edited, &json!([left])), None);
}

#[test]
fn one_new_order_is_applied_and_two_new_orders_conflict() {
    let field = RecordField::Objectives;
    let (base, turned) = (json!(["a", "b", "c"]), json!(["c", "b", "a"]));
    let more = json!(["a", "b", "x", "c"]);
    assert_eq!(
        joined(field, base.clone(), turned.clone(), more.clone()),
        Some(json!(["c", "b", "x", "a"]))
    );
    assert_eq!(
        joined(field, base.clone(), more, turned.clone()),
        Some(json!(["c", "b", "x", "a"]))
    );
    assert_eq!(joined(field, base, turned, json!(["b", "a", "c"])), None);
}

/// Any value of a field, as far as merging distinguishes values.
fn any_value(field: &Field) -> BoxedStrategy<Option<Value>> {
    let Some(known_by) = field.elements else {
        return proptest::option::of((0..3_u8).prop_map(|value| json!(value))).boxed();
    };
    let unique = proptest::sample::subsequence(vec![0, 1, 2, 3, 4], 0..=4).prop_shuffle();
    let any = proptest::collection::vec(0..3, 0..=4);
    let names = prop_oneof![3 => unique, 1 => any];
    let element = move |name: i32, said: u8| {
        if known_by.is_empty() {
            return json!(name);
        }
        let mut members: Content = known_by
            .iter()
            .map(|member| ((*member).to_owned(), json!(name)))
            .collect();
        members.insert("said".to_owned(), json!(said));
        Value::Object(members)
    };
    (names, proptest::collection::vec(0..2_u8, 5))
        .prop_map(move |(names, said)| {
            let elements = names.into_iter().zip(said);
            let list: Vec<Value> = elements.map(|(name, said)| element(name, said)).collect();
            (!list.is_empty()).then_some(Value::Array(list))
        })
        .boxed()
}

fn any_content(kind: Kind) -> impl Strategy<Value = Content> {
    let fields: Vec<_> = kind.fields().iter().map(any_value).collect();
    fields.prop_map(move |values| {
        let fields = kind.fields().iter().zip(values);
        fields
            .filter_map(|(field, value)| Some((field.name.camel(), value?)))
            .collect()
    })
}

/// A kind and `N` contents of its records; those after the first differ from it in few fields.
fn any_versions<const N: usize>() -> impl Strategy<Value = (Kind, [Content; N])> {
    proptest::sample::select(Kind::ALL).prop_flat_map(|kind| {
        let picks = proptest::collection::vec(
            proptest::collection::vec(proptest::bool::weighted(0.3), kind.fields().len()),
            N,
        );
        let contents = proptest::collection::vec(any_content(kind), N);
        (contents, picks).prop_map(move |(contents, picks)| {
            let base = contents[0].clone();
            let versions = std::array::from_fn(|at| {
                let mut version = base.clone();
                for (field, is_picked) in kind.fields().iter().zip(&picks[at]) {
                    let name = field.name.camel();
                    if *is_picked {
                        version.remove(&name);
                        version.extend(contents[at].get(&name).map(|one| (name, one.clone())));
                    }
                }
                if at == 0 { base.clone() } else { version }
            });
            (kind, versions)
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_version_and_a_diff_give_the_next_version((kind, [before, after]) in any_versions::<2>()) {
        let fields = kind.fields();
        let proposal = proposal(fields, &before, &after);
        let merged = merge(fields, &before, &before, &proposal);
        prop_assert_eq!(merged.content, after);
        prop_assert!(merged.conflicts.is_empty());
        prop_assert!(merged.joined.is_empty());
    }

    #[test]
    fn a_merge_without_conflicts_gives_the_same_result_in_either_order(
        (kind, [base, one, other]) in any_versions::<3>()
    ) {
        let fields = kind.fields();
        let (first, second) = (proposal(fields, &base, &one), proposal(fields, &base, &other));
        let here = merge(fields, &base, &one, &second);
        let there = merge(fields, &base, &other, &first);
        prop_assert_eq!(here.conflicts.is_empty(), there.conflicts.is_empty());
        if here.conflicts.is_empty() {
            prop_assert_eq!(here.content, there.content);
        }
    }

    #[test]
    fn a_merge_changes_only_proposed_values(
        (kind, [base, current, wanted]) in any_versions::<3>()
    ) {
        let fields = kind.fields();
        let merged = merge(fields, &base, &current, &proposal(fields, &base, &wanted));
        for field in fields {
            let name = field.name.camel();
            let of = |content: &Content| content.get(&name).cloned();
            let (then, now, asked, result) =
                (of(&base), of(&current), of(&wanted), of(&merged.content));
            if then == asked {
                prop_assert_eq!(&result, &now);
            }
            if then == now && then != asked {
                prop_assert_eq!(&result, &asked);
            }
            let is_contested = merged.conflicts.iter().any(|one| one.field == field.name);
            if is_contested {
                prop_assert_eq!(&result, &now);
            } else if let (Some(known_by), true) = (field.elements, result != now) {
                let lists = [then.as_ref(), now.as_ref(), asked.as_ref()];
                let repeated = repeated(known_by, lists);
                let known = |list: &Option<Value>| {
                    let named = KeyedList::of(known_by, &repeated, then.as_ref(), list.as_ref());
                    let values = named.values.into_iter();
                    values.map(|(name, value)| (name, value.clone())).collect::<BTreeMap<_, _>>()
                };
                if !repeated.is_empty() {
                    // With a repeated key, the elements of the result cannot be matched by key.
                    let all = |list: &Option<Value>| elements(list.as_ref()).cloned().collect::<Vec<_>>();
                    for element in all(&result) {
                        prop_assert!(all(&now).contains(&element) || all(&asked).contains(&element));
                    }
                    continue;
                }
                let (then, now, asked, result) =
                    (known(&then), known(&now), known(&asked), known(&result));
                let names: BTreeSet<&String> =
                    then.keys().chain(now.keys()).chain(asked.keys()).chain(result.keys()).collect();
                for name in names {
                    let (was, here) = (then.get(name), now.get(name));
                    let (there, is) = (asked.get(name), result.get(name));
                    prop_assert!(is == here || is == there);
                    prop_assert!(was != there || is == here);
                    prop_assert!(was != here || is == there);
                }
            }
        }
    }
}
