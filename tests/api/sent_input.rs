//! `ProposedChange.input`: a change as it was sent, which can be sent again.

use serde_json::{Value, json};

use crate::harness::{Api, Person};
use crate::write_back::{RECORDS, cites, id_of, nouns, written};

const CREATE: &str =
    "mutation($input: CreateContributionInput!) { createContribution(input: $input) {
    contribution { changes { input operation recordKind recordId baseVersion reason
        fields { field before after } citations { sourceId fields locator quote certainty } } }
    userErrors { code message path } } }";

/// The changes of a contribution that proposes `changes`.
async fn proposed(person: &Person<'_>, changes: &Value) -> Vec<Value> {
    let input =
        json!({ "title": "T", "rationale": "R.", "changes": changes, "validateOnly": true });
    let answer = person.ask(CREATE, json!({ "input": input })).await.data();
    let payload = &answer["createContribution"];
    assert_eq!(payload["userErrors"], json!([]), "{changes:#}");
    payload["contribution"]["changes"]
        .as_array()
        .unwrap()
        .clone()
}

/// Removes members that are null: they mean the same as members that are left out.
fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Array(list) => list.iter().map(without_nulls).collect(),
        Value::Object(members) => {
            let members = members.iter().filter(|(_, value)| !value.is_null());
            members
                .map(|(name, value)| (name.clone(), without_nulls(value)))
                .collect()
        }
        other => other.clone(),
    }
}

/// Proposes changes, and proposes again what `input` returns for them.
async fn sent_again(person: &Person<'_>, changes: Value) {
    let first = proposed(person, &changes).await;
    let inputs: Value = first.iter().map(|change| change["input"].clone()).collect();
    assert_eq!(inputs, without_nulls(&changes));
    assert_eq!(proposed(person, &inputs).await, first);
}

#[tokio::test]
async fn every_operation_on_every_noun_is_sent_again_unchanged() {
    let api = Api::seeded().await;
    let (carla, eva) = (api.contributor().await, api.editor("eva").await);
    for noun in nouns() {
        let kind = noun.kind;
        let create = |at: usize| {
            json!({ format!("create{kind}"): { "key": id_of(kind, at).split_once(':').unwrap().1,
                "fields": written(&noun, at), "cite": cites(kind) } })
        };
        let creates: Value = (0..RECORDS).map(create).collect();
        sent_again(&carla, creates.clone()).await;
        eva.publish(creates).await;
        let update = |at: usize| {
            let set = written(&noun, at);
            let fields = kind.fields().iter();
            let clear: Vec<String> = fields
                .filter(|field| !set.contains_key(&field.name.camel()))
                .map(|field| field.name.screaming())
                .collect();
            let named: Vec<String> = kind
                .fields()
                .iter()
                .map(|field| field.name.screaming())
                .collect();
            let cite = json!([{ "source": "Source:ncsi-az", "fields": named, "locator": "p. 1", "quote": "Q",
                "certainty": "CONFIRMED" }]);
            json!({ format!("update{kind}"): { "id": id_of(kind, at), "baseVersion": 1, "set": set,
                "clear": clear, "cite": cite } })
        };
        sent_again(&carla, (0..RECORDS).map(update).collect()).await;
        let last = id_of(kind, RECORDS - 1);
        let retire = json!([{ "retire": { "id": last, "baseVersion": 1, "reason": "Gone.",
            "cite": [{ "source": "Source:ncsi-az", "fields": [kind.fields()[0].name.screaming()] }] } }]);
        sent_again(&carla, retire.clone()).await;
        eva.publish(retire).await;
        let restore = json!([{ "restore": { "id": last, "baseVersion": 1, "reason": "Back." } }]);
        sent_again(&carla, restore).await;
    }
}

#[tokio::test]
async fn the_input_of_a_new_record_has_the_key_that_was_derived() {
    let api = Api::seeded().await;
    let carla = api.contributor().await;
    let changes = json!([{ "createSource": { "fields": { "kind": "NEWS", "title": "A note" } } }]);
    let first = proposed(&carla, &changes).await;
    let id = first[0]["recordId"].as_str().unwrap();
    assert_eq!(
        format!(
            "Source:{}",
            first[0]["input"]["createSource"]["key"].as_str().unwrap()
        ),
        id
    );
    assert_eq!(proposed(&carla, &json!([first[0]["input"]])).await, first);
}
