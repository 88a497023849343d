//! The warnings of a contribution: they stop nothing, name the change and field, and follow the records.

use serde_json::{Value, json};

use crate::harness::{Api, Person, cite};

/// The warnings of an answer, each in one line.
fn lines(contribution: &Value) -> Vec<String> {
    let warnings = contribution["warnings"].as_array().unwrap().iter();
    let line = |one: &Value| {
        let path: Vec<String> = serde_json::from_value(one["path"].clone()).unwrap();
        let [code, message] = ["code", "message"].map(|name| one[name].as_str().unwrap());
        format!("{code} {}: {message}", path.join("."))
    };
    warnings.map(line).collect()
}

/// The warnings about changes that are sent to be checked alone.
async fn warned(person: &Person<'_>, changes: Value) -> Vec<String> {
    let mutation =
        "mutation($input: CreateContributionInput!) { createContribution(input: $input) {
        contribution { warnings { code message path } } userErrors { message path } } }";
    let input =
        json!({ "title": "T", "rationale": "R.", "changes": changes, "validateOnly": true });
    let answer = person.ask(mutation, json!({ "input": input })).await.data();
    let payload = &answer["createContribution"];
    assert_eq!(payload["userErrors"], json!([]), "{payload:#}");
    lines(&payload["contribution"])
}

/// The warnings of a stored contribution.
async fn warnings_of(person: &Person<'_>, id: &str) -> Vec<String> {
    let query = "query($id: ID!) { contribution(id: $id) { warnings { code message path } } }";
    let answer = person.ask(query, json!({ "id": id })).await.data();
    lines(&answer["contribution"])
}

const NONE: [String; 0] = [];

fn document(key: &str, more: Value) -> Value {
    let mut fields = json!({ "country": "IE", "kind": "STRATEGY", "status": "IN_FORCE",
        "subjects": ["CYBERCRIME"], "titles": [{ "text": key, "language": "en" }] });
    fields
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    json!({ "createPolicyDocument": { "key": key, "fields": fields, "cite": cite() } })
}

fn strategy() -> Value {
    document("ie-strategy", json!({}))
}

fn finding(value: &str, via: Option<&str>) -> Value {
    let mut fields =
        json!({ "country": "IE", "topic": "CYBERCRIME_STRATEGY", "value": value, "asOf": "2024" });
    if let Some(via) = via {
        fields["via"] = json!(via);
    }
    json!({ "createCoverageAssertion": { "key": "ie-strategy", "fields": fields, "cite": cite() } })
}

fn update_finding(set: Value) -> Value {
    json!({ "updateCoverageAssertion": { "id": "CoverageAssertion:ie-strategy", "set": set, "cite": cite() } })
}

fn source(key: &str, url: &str) -> Value {
    json!({ "createSource": { "key": key, "fields": { "kind": "WEB_PAGE", "title": key, "url": url } } })
}

fn institution(noun: &str, key: &str, more: Value) -> Value {
    let mut fields = json!({ "country": "IE", "status": "PLANNED", "kind": "OTHER",
        "names": [{ "text": "National Cyber Centre", "language": "en" }] });
    fields
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    json!({ format!("create{noun}"): { "key": key, "fields": fields, "cite": cite() } })
}

#[tokio::test]
async fn an_adopted_strategy_that_no_finding_names_is_a_warning() {
    let api = Api::seeded().await;
    let (carla, eva) = (api.contributor().await, api.editor("eva").await);
    let at = "REQUIRED changes.0.createPolicyDocument.fields.status";
    let wanted = "value PRESENT or PARTIAL and via PolicyDocument:ie-strategy";
    assert_eq!(
        warned(&carla, json!([strategy()])).await,
        [format!(
            "{at}: the country has no finding on CYBERCRIME_STRATEGY: add createCoverageAssertion with its country, that topic, {wanted}, its day `asOf` and a citation"
        )]
    );
    // A finding in the same contribution counts, wherever it stands in the list.
    let named = Some("PolicyDocument:ie-strategy");
    for changes in [
        json!([strategy(), finding("PRESENT", named)]),
        json!([finding("PARTIAL", named), strategy()]),
    ] {
        assert_eq!(warned(&carla, changes).await, NONE);
    }
    // What is not adopted yet settles nothing.
    let draft = document("ie-strategy", json!({ "status": "DRAFT" }));
    assert_eq!(warned(&carla, json!([draft])).await, NONE);
    // A warning of a stored contribution follows the records.
    let id = carla.proposed(json!([strategy()])).await;
    eva.publish(json!([finding("ABSENT", None)])).await;
    assert_eq!(
        warnings_of(&carla, &id).await,
        [format!(
            "{at}: CoverageAssertion:ie-strategy says ABSENT on CYBERCRIME_STRATEGY, and names no document: \
            add updateCoverageAssertion of it with {wanted}"
        )]
    );
    let also = update_finding(json!({ "value": "PRESENT", "via": "PolicyDocument:ie-strategy" }));
    assert_eq!(warned(&carla, json!([strategy(), also])).await, NONE);
    // Another document is not this one.
    eva.publish(json!([
        document("ie-older", json!({ "status": "EXPIRED" })),
        update_finding(json!({ "value": "PRESENT", "via": "PolicyDocument:ie-older" }))
    ]))
    .await;
    assert_eq!(
        warnings_of(&carla, &id).await,
        [format!(
            "{at}: CoverageAssertion:ie-strategy says PRESENT on CYBERCRIME_STRATEGY, via PolicyDocument:ie-older: \
            add updateCoverageAssertion of it with {wanted}"
        )]
    );
    assert_eq!(eva.accept(&id).await["contribution"]["state"], "ACCEPTED");
    // An edit that has nothing to do with it does not repeat the warning; an adoption brings it.
    let edit = |set: Value| json!([{ "updatePolicyDocument": { "id": "PolicyDocument:ie-strategy", "set": set, "cite": cite() } }]);
    assert_eq!(warned(&carla, edit(json!({ "number": "7" }))).await, NONE);
    eva.publish(edit(json!({ "status": "DRAFT" }))).await;
    let adopted = warned(&carla, edit(json!({ "status": "ADOPTED" }))).await;
    assert_eq!(adopted.len(), 1);
    assert!(
        adopted[0].starts_with(
            "REQUIRED changes.0.updatePolicyDocument.set.status: CoverageAssertion:ie-strategy says"
        ),
        "{adopted:?}"
    );
}

#[tokio::test]
async fn a_working_institution_on_whose_topic_no_finding_says_present_is_a_warning() {
    let api = Api::seeded().await;
    let (carla, eva) = (api.contributor().await, api.editor("eva").await);
    let csirt = institution(
        "CybersecurityBody",
        "ie-csirt",
        json!({ "status": "OPERATIONAL", "functions": ["NATIONAL_CSIRT"] }),
    );
    let unit = institution(
        "OperationalUnit",
        "ie-unit",
        json!({ "status": "OPERATIONAL", "kind": "CYBERCRIME_UNIT", "names": [] }),
    );
    let said = |topic: &str| {
        format!(
            "the country has no finding on {topic}: add createCoverageAssertion with its country, that topic, value PRESENT or PARTIAL, its day `asOf` and a citation"
        )
    };
    assert_eq!(
        warned(&carla, json!([csirt, unit])).await,
        [
            format!(
                "REQUIRED changes.0.createCybersecurityBody.fields.status: {}",
                said("NATIONAL_CSIRT")
            ),
            format!(
                "REQUIRED changes.1.createOperationalUnit.fields.status: {}",
                said("CYBERCRIME_UNIT")
            ),
        ]
    );
    let finding = |value: &str| {
        json!({ "createCoverageAssertion": { "key": "ie-csirt", "cite": cite(), "fields": {
        "country": "IE", "topic": "NATIONAL_CSIRT", "value": value, "asOf": "2024" } } })
    };
    assert_eq!(
        warned(&carla, json!([csirt, finding("PRESENT")])).await,
        NONE
    );
    eva.publish(json!([finding("UNKNOWN")])).await;
    assert_eq!(
        warned(&carla, json!([csirt])).await,
        [
            "REQUIRED changes.0.createCybersecurityBody.fields.status: CoverageAssertion:ie-csirt says UNKNOWN on \
            NATIONAL_CSIRT: add updateCoverageAssertion of it with value PRESENT or PARTIAL"
        ]
    );
}

#[tokio::test]
async fn a_source_with_the_address_of_another_is_a_warning() {
    let api = Api::seeded().await;
    let (carla, eva) = (api.contributor().await, api.editor("eva").await);
    let url = "https://warning.example.org/page";
    let new = json!([source(
        "warning-new",
        "https://Warning.example.org:443/page"
    )]);
    let id = carla.proposed(new.clone()).await;
    assert_eq!(warnings_of(&carla, &id).await, NONE);
    eva.publish(json!([source("warning-old", url)])).await;
    let said = "Source:warning-old has this address: cite it, or give the address of this source";
    // The spelling in the database is the written one, or the normal form.
    let expected = [format!(
        "DUPLICATE changes.0.createSource.fields.url: {said}"
    )];
    assert_eq!(warnings_of(&carla, &id).await, expected);
    // A source that a citation brings along.
    let section = json!({ "createProfileSection": { "key": "ie-links", "fields": { "topic": "LINKS",
        "state": "NOT_RESEARCHED", "country": "IE" },
        "cite": [{ "newSource": { "kind": "WEB_PAGE", "title": "T", "url": url } }] } });
    assert_eq!(
        warned(&carla, json!([section])).await,
        [format!(
            "DUPLICATE changes.1.createSource.fields.url: {said}"
        )]
    );
    // Two new ones of one contribution; an edit of another field.
    let two = json!([
        source("warning-a", "https://warning.example.org/a"),
        source("warning-b", "https://warning.example.org/a")
    ]);
    assert_eq!(warned(&carla, two).await.len(), 2);
    let edit =
        json!([{ "updateSource": { "id": "Source:warning-old", "set": { "publisher": "P" } } }]);
    assert_eq!(warned(&carla, edit).await, NONE);
    let retire = |reason: &str| json!({ "retire": { "id": "Source:warning-old", "baseVersion": 1, "reason": reason } });
    assert_eq!(
        warned(&carla, json!([retire("Replaced."), new[0]])).await,
        NONE
    );
    eva.publish(json!([retire("Gone.")])).await;
    assert_eq!(warnings_of(&carla, &id).await, NONE);
}

#[tokio::test]
async fn an_institution_with_the_name_of_another_in_the_country_is_a_warning() {
    let api = Api::seeded().await;
    let (carla, eva) = (api.contributor().await, api.editor("eva").await);
    let named = |text: &str| json!({ "names": [{ "text": text, "language": "ga" }] });
    let body = institution(
        "CybersecurityBody",
        "ie-centre",
        named("Lárionad  náisiúnta"),
    );
    let id = carla.proposed(json!([body])).await;
    assert_eq!(warnings_of(&carla, &id).await, NONE);
    // A unit, in another case, as one of several names.
    let several = json!({ "names": [{ "text": "Other", "language": "en" }, { "text": "LÁRIONAD náisiúnta", "language": "ga" }] });
    eva.publish(json!([institution("OperationalUnit", "ie-same", several)]))
        .await;
    assert_eq!(
        warnings_of(&carla, &id).await,
        [
            "DUPLICATE changes.0.createCybersecurityBody.fields.names: OperationalUnit:ie-same has this name: \
            update it, or give a name that tells the two apart"
        ]
    );
    let mut elsewhere = body.clone();
    elsewhere["createCybersecurityBody"]["fields"]["country"] = json!("FI");
    assert_eq!(warned(&carla, json!([elsewhere])).await, NONE);
    let renamed = json!({ "updateOperationalUnit": { "id": "OperationalUnit:ie-same", "set": named("Else"), "cite": cite() } });
    assert_eq!(warned(&carla, json!([body, renamed])).await, NONE);
    let edit = json!([{ "updateOperationalUnit": { "id": "OperationalUnit:ie-same", "set": { "acronym": "S" }, "cite": cite() } }]);
    assert_eq!(warned(&carla, edit).await, NONE);
    let two = json!([
        institution("CybersecurityBody", "ie-a", json!({})),
        institution("OperationalUnit", "ie-b", json!({}))
    ]);
    assert_eq!(warned(&carla, two).await.len(), 2);
}

#[tokio::test]
async fn an_act_before_the_treaty_was_opened_for_signature_is_a_warning() {
    let api = Api::seeded().await;
    let (carla, eva) = (api.contributor().await, api.editor("eva").await);
    // ETS 185 was opened for signature on 23 November 2001.
    let act = |treaty: &str, date: &str| {
        json!({ "createTreatyEvent": { "key": "ie-declaration", "cite": cite(), "fields": {
        "kind": "DECLARATION", "date": date, "country": "IE", "treaty": treaty, "text": "No." } } })
    };
    assert_eq!(
        warned(&carla, json!([act("ETS 185", "2001-11-22")])).await,
        [
            "INVALID changes.0.createTreatyEvent.fields.date: ETS 185 was opened for signature on 2001-11-23, \
            after 2001-11-22: check the date against the source"
        ]
    );
    // A partial date that may lie on or after the day is not before it.
    for date in ["2001-11-23", "2001-11", "2001", "2012"] {
        assert_eq!(
            warned(&carla, json!([act("ETS 185", date)])).await,
            NONE,
            "{date}"
        );
    }
    let treaty = |opened: &str| {
        json!({ "createTreaty": { "cite": cite(), "fields": { "reference": "ETS 998",
        "shortTitle": "T", "title": "T", "organisation": "O", "openedOn": opened } } })
    };
    assert_eq!(
        warned(&carla, json!([act("ETS 998", "2001"), treaty("2000")])).await,
        NONE
    );
    assert_eq!(
        warned(&carla, json!([act("ETS 998", "2001"), treaty("2002")]))
            .await
            .len(),
        1
    );
    eva.publish(json!([act("ETS 185", "2012")])).await;
    let edit = |set: Value| json!([{ "updateTreatyEvent": { "id": "TreatyEvent:ie-declaration", "set": set, "cite": cite() } }]);
    let found = warned(&carla, edit(json!({ "date": "1999" }))).await;
    assert!(
        found[0].starts_with("INVALID changes.0.updateTreatyEvent.set.date: "),
        "{found:?}"
    );
    eva.publish(edit(json!({ "date": "1999" }))).await;
    assert_eq!(warned(&carla, edit(json!({ "text": "Yes." }))).await, NONE);
}

#[tokio::test]
async fn a_law_with_neither_text_nor_number_is_a_warning() {
    let api = Api::seeded().await;
    let carla = api.contributor().await;
    let law = |more: Value| {
        let mut law = document("ie-law", json!({ "kind": "LAW" }));
        law["createPolicyDocument"]["fields"]
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        json!([law])
    };
    assert_eq!(
        warned(&carla, law(json!({}))).await,
        [
            "REQUIRED changes.0.createPolicyDocument.fields.kind: a law with neither a text nor a number is hard to find: \
            give `texts` or `number`"
        ]
    );
    for more in [
        json!({ "number": "7" }),
        json!({ "texts": [{ "url": "https://warning.example.org/law" }] }),
        json!({ "kind": "REPORT" }),
    ] {
        assert_eq!(warned(&carla, law(more)).await, NONE);
    }
}

#[tokio::test]
async fn a_draft_says_how_it_is_submitted() {
    let api = Api::seeded().await;
    let carla = api.contributor().await;
    let input = json!({ "title": "T", "rationale": "R.", "changes": [source("warning-draft", "https://warning.example.org/d")] });
    let draft = carla.create(input.clone()).await;
    let id = draft["contribution"]["id"].as_str().unwrap();
    let said = |revision: i32| {
        format!(
            "REQUIRED : only its authors see a draft: send it to the editors by submitContribution, with its `id` and revision {revision}"
        )
    };
    assert_eq!(warnings_of(&carla, id).await, [said(1)]);
    let edit = json!({ "id": id, "revision": 1, "title": "U" });
    assert_eq!(carla.outcome("updateContribution", edit).await, "DRAFT");
    assert_eq!(warnings_of(&carla, id).await, [said(2)]);
    let submit = json!({ "id": id, "revision": 2 });
    assert_eq!(
        carla.outcome("submitContribution", submit).await,
        "SUBMITTED"
    );
    assert_eq!(warnings_of(&carla, id).await, NONE);
    let eva = api.editor("eva").await;
    let ask = json!({ "id": id, "revision": 2, "comment": "Who says so?" });
    assert_eq!(
        eva.outcome("requestChanges", ask).await,
        "CHANGES_REQUESTED"
    );
    assert_eq!(
        warnings_of(&carla, id).await,
        [
            "REQUIRED : an editor asked for changes: send it to the editors by submitContribution, with its `id` and revision 2"
        ]
    );
    // What is only checked is no draft.
    assert_eq!(warned(&carla, input["changes"].clone()).await, NONE);
}

#[tokio::test]
async fn the_warnings_of_many_changes_cost_as_many_statements_as_those_of_one_of_each_kind() {
    let api = Api::seeded().await;
    let (carla, eva) = (api.contributor().await, api.editor("eva").await);
    let changes = |number: usize| -> Value {
        let of = |at: usize| {
            let key = format!("ie-{number}-{at}");
            let act = json!({ "createTreatyEvent": { "key": key, "cite": cite(), "fields": { "kind": "DECLARATION",
                "date": "1999", "country": "IE", "treaty": "ETS 185", "text": key } } });
            let retitled = json!({ "updateSource": { "id": format!("Source:warning-{at}"), "set": { "url": format!("https://warning.example.org/{at}/new") } } });
            [
                document(&key, json!({})),
                act,
                retitled,
                source(&key, "https://warning.example.org/0"),
                institution(
                    "CybersecurityBody",
                    &key,
                    json!({ "status": "OPERATIONAL", "functions": ["NATIONAL_CSIRT"] }),
                ),
                institution("OperationalUnit", &key, json!({})),
            ]
        };
        (0..number).flat_map(of).collect()
    };
    let sources = (0..15).map(|at| {
        source(
            &format!("warning-{at}"),
            &format!("https://warning.example.org/{at}"),
        )
    });
    eva.publish(sources.collect()).await;
    let mut costs = Vec::new();
    for number in [1, 15] {
        let id = carla.proposed(changes(number)).await;
        // The versions of the records are not cached at a new moment.
        eva.publish(json!([source(
            &format!("warning-last-{number}"),
            "https://warning.example.org/last"
        )]))
        .await;
        api.statements();
        let found = warnings_of(&carla, &id).await;
        assert!(found.len() > 4 * number, "{found:?}");
        let statements = api.statements();
        costs.push(
            statements
                .iter()
                .filter(|sql| !sql.contains("FROM \"head\""))
                .count(),
        );
    }
    assert_eq!(costs[0], costs[1]);
    assert!(costs[0] <= 12, "{costs:?}");
}

#[tokio::test]
async fn an_update_with_the_values_that_are_there_is_told() {
    let api = Api::seeded().await;
    let carla = api.contributor().await;
    let update = |set: Value| json!([{ "updateTreaty": { "id": "Treaty:ets-185", "set": set, "cite": cite() } }]);
    let same = json!({ "shortTitle": "Budapest Convention" });
    let told = "INVALID changes.0.updateTreaty: Treaty:ets-185 has these values already: only its citations can change";
    assert_eq!(warned(&carla, update(same.clone())).await, [told]);
    assert_eq!(
        warned(&carla, update(json!({ "shortTitle": "Other" }))).await,
        NONE
    );
    // The second of two equal contributions has nothing to change after the first.
    let eva = api.editor("eva").await;
    let [one, two] = [1, 2].map(|_| update(json!({ "shortTitle": "Other" })));
    let waiting = carla.proposed(one).await;
    assert_eq!(warnings_of(&carla, &waiting).await, NONE);
    eva.publish(two).await;
    assert_eq!(warnings_of(&carla, &waiting).await, [told]);
}

#[tokio::test]
async fn a_finding_without_an_end_is_named_as_the_latest() {
    let api = Api::seeded().await;
    let (carla, eva) = (api.contributor().await, api.editor("eva").await);
    let mut open = finding("UNKNOWN", None);
    open["createCoverageAssertion"]["fields"]["asOf"] = json!("2021-04-28/..");
    eva.publish(json!([open])).await;
    let mut newer = finding("PRESENT", Some("PolicyDocument:ie-strategy"));
    newer["createCoverageAssertion"]["key"] = json!("ie-newer");
    assert_eq!(
        warned(&carla, json!([strategy(), newer])).await,
        [
            "REQUIRED changes.0.createPolicyDocument.fields.status: CoverageAssertion:ie-strategy, the latest one because \
            its `asOf` has no end, says UNKNOWN on CYBERCRIME_STRATEGY, and names no document: add \
            updateCoverageAssertion of it with value PRESENT or PARTIAL and via PolicyDocument:ie-strategy"
        ]
    );
}
