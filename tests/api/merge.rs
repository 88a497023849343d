//! Merging: two people edit the same record.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::harness::Api;

const BODY: &str = "CybersecurityBody:az-electronic-security-centre";

fn body(base_version: i64, set: Value, source: &str) -> Value {
    json!([{ "updateCybersecurityBody": { "id": BODY, "baseVersion": base_version, "set": set,
        "cite": [{ "source": source }] } }])
}

fn name(language: &str, text: &str) -> Value {
    json!({ "language": language, "text": text })
}

async fn version(api: &Api) -> i64 {
    let query = format!("{{ node(id: \"{BODY}\") {{ ... on CybersecurityBody {{ version }} }} }}");
    api.query(&query).await["node"]["version"].as_i64().unwrap()
}

#[tokio::test]
async fn additions_to_the_same_lists_merge_with_both_citations() {
    let api = Api::seeded().await;
    let (carla, eva) = (api.contributor().await, api.editor("eva").await);
    let base = version(&api).await;
    let english = name("en", "Electronic Security Centre");
    let one = json!({ "functions": ["NATIONAL_CSIRT", "TRAINING"],
        "names": [english, name("az", "Elektron Təhlükəsizlik Mərkəzi")] });
    let other = json!({ "functions": ["REPORTING_POINT"],
        "names": [name("en", "Electronic Security Center"), name("fr", "Centre de sécurité électronique")] });
    let one = carla
        .proposed(body(base, one, "Source:cert-az-statute"))
        .await;
    let other = carla.proposed(body(base, other, "Source:ncsi-az")).await;
    for id in [&one, &other] {
        assert_eq!(eva.accept(id).await["contribution"]["state"], "ACCEPTED");
    }
    let query = format!(
        "{{ node(id: \"{BODY}\") {{ ... on CybersecurityBody {{ version functions names {{ language text }}
            citations(field: FUNCTIONS) {{ source {{ id }} }} }} }} }}"
    );
    let merged = api.query(&query).await["node"].clone();
    assert_eq!(
        merged,
        json!({ "version": base + 2,
            "functions": ["NATIONAL_CSIRT", "TRAINING", "REPORTING_POINT"],
            "names": [
                { "language": "en", "text": "Electronic Security Center" },
                { "language": "az", "text": "Elektron Təhlükəsizlik Mərkəzi" },
                { "language": "fr", "text": "Centre de sécurité électronique" } ],
            "citations": [
                { "source": { "id": "Source:cert-az-statute" } },
                { "source": { "id": "Source:ncsi-az" } } ] })
    );
    // In the log, the second change contains its effect on the record, and not what its author saw.
    let fields = api
        .query("{ changes(last: 1) { nodes { fields { field before after } } } }")
        .await;
    let functions = &fields["changes"]["nodes"][0]["fields"][1];
    assert_eq!(functions["before"], json!(["NATIONAL_CSIRT", "TRAINING"]));
}

#[tokio::test]
async fn two_edits_of_one_list_element_conflict_until_the_author_rebases() {
    let api = Api::seeded().await;
    let (carla, eva) = (api.contributor().await, api.editor("eva").await);
    let base = version(&api).await;
    let one = json!({ "names": [name("en", "One")] });
    let other =
        json!({ "names": [name("en", "Other")], "functions": ["TRAINING"], "acronym": "ESC" });
    eva.publish(body(base, one, "Source:cert-az-statute")).await;
    let id = carla
        .proposed(body(base, other.clone(), "Source:ncsi-az"))
        .await;
    let conflicts = async || {
        let query = "query($id: ID!) { contribution(id: $id) { revision state
            conflicts { recordId field base current proposed }
            changes { baseVersion fields { field before after } } } }";
        let answer = api.anyone().ask(query, json!({ "id": id })).await.data();
        answer["contribution"].clone()
    };
    let found = conflicts().await;
    assert_eq!(
        found["conflicts"],
        json!([{ "recordId": BODY, "field": "NAMES",
            "base": [name("en", "Electronic Security Centre")],
            "current": [name("en", "One")], "proposed": [name("en", "Other")] }])
    );
    let refused = eva.accept(&id).await;
    assert_eq!(refused["contribution"], Value::Null);
    assert_eq!(refused["userErrors"][0]["code"], "CONFLICT");
    assert_eq!(conflicts().await["state"], "SUBMITTED");
    // An update does not rebase while a conflict is open.
    let retitled = json!({ "id": id, "revision": 1, "title": "Names" });
    assert_eq!(
        carla.outcome("updateContribution", retitled).await,
        "SUBMITTED"
    );
    assert_eq!(conflicts().await["changes"][0]["baseVersion"], base);
    // The author takes the new version as the base, and resolves the conflict.
    let decided =
        json!({ "id": id, "revision": 2, "changes": body(base + 1, other, "Source:ncsi-az") });
    assert_eq!(
        carla.outcome("updateContribution", decided).await,
        "SUBMITTED"
    );
    assert_eq!(conflicts().await["conflicts"], json!([]));
    // Another person adds to the same list: the next update includes the addition.
    eva.publish(body(
        base + 1,
        json!({ "functions": ["NATIONAL_CSIRT"] }),
        "Source:cert-az-statute",
    ))
    .await;
    let touched = json!({ "id": id, "revision": 3, "rationale": "Looked at again." });
    assert_eq!(
        carla.outcome("updateContribution", touched).await,
        "SUBMITTED"
    );
    let rebased = conflicts().await;
    assert_eq!(rebased["changes"][0]["baseVersion"], base + 2);
    let fields = rebased["changes"][0]["fields"].as_array().unwrap().clone();
    let functions = fields.iter().find(|field| field["field"] == "FUNCTIONS");
    assert_eq!(
        functions,
        Some(&json!({ "field": "FUNCTIONS", "before": ["NATIONAL_CSIRT"],
            "after": ["NATIONAL_CSIRT", "TRAINING"] }))
    );
    let accept = json!({ "id": id, "revision": 4 });
    assert_eq!(eva.outcome("acceptContribution", accept).await, "ACCEPTED");
}

#[tokio::test]
async fn a_proposed_value_equal_to_its_base_does_not_undo_another_change() {
    let api = Api::seeded().await;
    let (carla, eva) = (api.contributor().await, api.editor("eva").await);
    let base = version(&api).await;
    let same = carla
        .proposed(body(base, json!({ "kind": "OTHER" }), "Source:ncsi-az"))
        .await;
    eva.publish(body(
        base,
        json!({ "kind": "CSIRT" }),
        "Source:cert-az-statute",
    ))
    .await;
    // The same holds after its author has updated it.
    let again = json!({ "id": same, "revision": 1, "title": "Again" });
    assert_eq!(
        carla.outcome("updateContribution", again).await,
        "SUBMITTED"
    );
    let accept = json!({ "id": same, "revision": 2 });
    assert_eq!(eva.outcome("acceptContribution", accept).await, "ACCEPTED");
    let query = format!(
        "{{ node(id: \"{BODY}\") {{ ... on CybersecurityBody {{ version kind
            citations(field: KIND) {{ source {{ id }} }} }} }} }}"
    );
    // Its citation supports the earlier value, and not the present one.
    assert_eq!(
        api.query(&query).await["node"],
        json!({ "version": base + 1, "kind": "CSIRT",
            "citations": [{ "source": { "id": "Source:cert-az-statute" } }] })
    );
}

#[tokio::test]
async fn a_list_that_was_emptied_keeps_the_additions_of_others_after_an_edit() {
    let api = Api::seeded().await;
    let (carla, eva) = (api.contributor().await, api.editor("eva").await);
    let one = json!({ "functions": ["TRAINING"] });
    eva.publish(body(version(&api).await, one, "Source:ncsi-az"))
        .await;
    let base = version(&api).await;
    let mut emptied = body(base, json!({ "acronym": "ESC" }), "Source:ncsi-az");
    emptied[0]["updateCybersecurityBody"]["clear"] = json!(["FUNCTIONS"]);
    let functions = async || {
        let query = format!(
            "{{ node(id: \"{BODY}\") {{ ... on CybersecurityBody {{ acronym functions }} }} }}"
        );
        api.query(&query).await["node"].clone()
    };
    let id = carla.proposed(emptied).await;
    let added = json!({ "functions": ["TRAINING", "PROSECUTION"] });
    eva.publish(body(base, added, "Source:cert-az-statute"))
        .await;
    let edit = json!({ "id": id, "revision": 1, "title": "Functions" });
    assert_eq!(carla.outcome("updateContribution", edit).await, "SUBMITTED");
    let accept = json!({ "id": id, "revision": 2 });
    assert_eq!(eva.outcome("acceptContribution", accept).await, "ACCEPTED");
    let expected = json!({ "acronym": "ESC", "functions": ["PROSECUTION"] });
    assert_eq!(functions().await, expected);
}

#[tokio::test]
async fn additions_to_a_list_with_a_repeated_key_merge() {
    let api = Api::seeded().await;
    let (carla, eva) = (api.contributor().await, api.editor("eva").await);
    let member =
        |organisation: &str, since: &str| json!({ "organisation": organisation, "since": since });
    let left = json!({ "organisation": "COMMONWEALTH", "since": "1965", "until": "2016" });
    let back = member("COMMONWEALTH", "2020-02-01");
    let country = |version: i64, memberships: Value| {
        json!([{ "updateCountry": { "id": "Country:mv", "baseVersion": version,
            "set": { "memberships": memberships } } }])
    };
    eva.publish(country(1, json!([left, back]))).await;
    let one = json!([left, back, member("AFRICAN_UNION", "2001")]);
    let other = json!([left, back, member("ASEAN", "2002")]);
    let edited = json!([left, member("COMMONWEALTH", "2020")]);
    let edited_too = json!([left, member("COMMONWEALTH", "2021")]);
    let mut ids = Vec::new();
    for list in [one, other, edited, edited_too] {
        ids.push(carla.proposed(country(2, list)).await);
    }
    let mut said = Vec::new();
    for id in &ids {
        let payload = eva.accept(id).await;
        let code = &payload["userErrors"][0]["code"];
        let state = &payload["contribution"]["state"];
        said.push(code.as_str().or(state.as_str()).unwrap().to_owned());
    }
    assert_eq!(said, ["ACCEPTED", "ACCEPTED", "ACCEPTED", "CONFLICT"]);
    let query = "{ country(code: \"MV\") { version memberships { organisation since { edtf } } } }";
    let members = [
        ("COMMONWEALTH", "1965"),
        ("COMMONWEALTH", "2020"),
        ("AFRICAN_UNION", "2001"),
        ("ASEAN", "2002"),
    ];
    let members = members.map(
        |(organisation, since)| json!({ "organisation": organisation, "since": { "edtf": since } }),
    );
    assert_eq!(
        api.query(query).await["country"],
        json!({ "version": 5, "memberships": members })
    );
    // Two names in one language, and two people who each add a third name.
    let twice = json!([
        name("en", "Electronic Security Centre"),
        name("en", "ESC Azerbaijan")
    ]);
    let base = version(&api).await;
    eva.publish(body(base, json!({ "names": twice }), "Source:ncsi-az"))
        .await;
    let with = |more: Value| {
        let mut names = twice.as_array().unwrap().clone();
        names.push(more);
        body(base + 1, json!({ "names": names }), "Source:ncsi-az")
    };
    let one = carla.proposed(with(name("en", "The Centre"))).await;
    let other = carla.proposed(with(name("en", "CERT.AZ"))).await;
    for id in [&one, &other] {
        assert_eq!(eva.accept(id).await["contribution"]["state"], "ACCEPTED");
    }
    let query =
        format!("{{ node(id: \"{BODY}\") {{ ... on CybersecurityBody {{ names {{ text }} }} }} }}");
    let names = [
        "Electronic Security Centre",
        "ESC Azerbaijan",
        "The Centre",
        "CERT.AZ",
    ];
    let mut found: Vec<String> = api.query(&query).await["node"]["names"]
        .as_array()
        .unwrap()
        .iter()
        .map(|name| name["text"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(found[..2], names[..2]);
    found.sort_unstable();
    let mut names = names.map(str::to_owned);
    names.sort_unstable();
    assert_eq!(found, names);
}

/// Small pseudo-random generator, the same in every run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        usize::try_from(self.0 >> 33).unwrap() % below
    }

    fn some<T: Clone>(&mut self, of: &[T]) -> Vec<T> {
        let picked = of.iter().filter(|_| self.next(3) > 0);
        picked.cloned().collect()
    }

    /// An edit of some fields of a body.
    fn edit(&mut self) -> Value {
        let mut set = json!({});
        if self.next(2) == 0 {
            set["functions"] = json!(self.some(&[
                "TRAINING",
                "NATIONAL_CSIRT",
                "REPORTING_POINT",
                "INTELLIGENCE"
            ]));
        }
        if self.next(2) == 0 {
            let text = ["One", "Two"][self.next(2)];
            let mut names = vec![name("en", "Electronic Security Centre")];
            names.extend(self.some(&[name("az", text), name("fr", text), name("de", text)]));
            set["names"] = json!(names);
        }
        for (field, values) in [
            ("acronym", ["ESC", "ESM"]),
            ("mandate", ["Responds.", "Warns."]),
            ("website", ["https://cert.az/", "https://example.org/"]),
        ] {
            if self.next(3) == 0 {
                set[field] = json!(values[self.next(2)]);
            }
        }
        if set == json!({}) {
            set["acronym"] = json!("ESC");
        }
        set
    }
}

/// Present state of the body, and the citations of its fields.
async fn whole(api: &Api) -> (Value, BTreeSet<String>) {
    let query = format!(
        "{{ node(id: \"{BODY}\") {{ ... on CybersecurityBody {{ acronym mandate website functions
            names {{ language text }} citations {{ source {{ id }} fields }} }} }} }}"
    );
    let mut node = api.query(&query).await["node"].clone();
    let citations = node["citations"].take();
    let mut cited = BTreeSet::new();
    for citation in citations.as_array().unwrap() {
        let fields = citation["fields"].as_array().unwrap().iter();
        cited.extend(fields.map(|field| format!("{field} {}", citation["source"]["id"])));
    }
    (node, cited)
}

#[tokio::test]
async fn two_contributions_have_the_same_result_in_either_order() {
    let (here, there) = (Api::seeded().await, Api::seeded().await);
    let mut numbers = Numbers(2_026);
    let mut merged = 0;
    for _ in 0..25 {
        let pair = [
            (numbers.edit(), "Source:cert-az-statute"),
            (numbers.edit(), "Source:ncsi-az"),
        ];
        let mut outcomes = Vec::new();
        for (api, order) in [(&here, [0, 1]), (&there, [1, 0])] {
            let (carla, eva) = (api.contributor().await, api.editor("eva").await);
            let base = version(api).await;
            let mut ids = Vec::new();
            for (set, source) in &pair {
                ids.push(carla.proposed(body(base, set.clone(), source)).await);
            }
            let first = eva.accept(&ids[order[0]]).await;
            assert_eq!(first["contribution"]["state"], "ACCEPTED");
            let second = eva.accept(&ids[order[1]]).await;
            outcomes.push(second["contribution"]["state"] == "ACCEPTED");
        }
        assert_eq!(outcomes[0], outcomes[1], "{pair:#?}");
        if outcomes[0] {
            merged += 1;
            assert_eq!(whole(&here).await, whole(&there).await, "{pair:?}");
        } else {
            // Both servers begin the next round in the same state.
            for api in [&here, &there] {
                let set = json!({ "acronym": "E", "mandate": "M", "website": "https://a.example/",
                    "functions": [], "names": [name("en", "Electronic Security Centre")] });
                let now = version(api).await;
                api.editor("eva")
                    .await
                    .publish(body(now, set, "Source:cert-az-statute"))
                    .await;
            }
        }
    }
    assert!(merged >= 5, "{merged}");
}

#[tokio::test]
async fn overlapping_lists_other_open_contributions_about_the_same_record() {
    let api = Api::seeded().await;
    let (carla, eva) = (api.contributor().await, api.editor("eva").await);
    let base = version(&api).await;
    let edit = |acronym: &str| body(base, json!({ "acronym": acronym }), "Source:ncsi-az");
    let one = carla.proposed(edit("A")).await;
    let two = carla.proposed(edit("B")).await;
    let draft = json!({ "title": "D", "rationale": "D.", "changes": edit("C") });
    let draft = carla.create(draft).await["contribution"]["id"].clone();
    let done = carla.proposed(edit("D")).await;
    assert_eq!(eva.accept(&done).await["contribution"]["state"], "ACCEPTED");
    let query = "query($id: ID!) { contribution(id: $id) { overlapping { id state } } }";
    let ask = async |person: &crate::harness::Person<'_>| {
        let answer = person.ask(query, json!({ "id": one })).await.data();
        answer["contribution"]["overlapping"].clone()
    };
    let open = json!([{ "id": two, "state": "SUBMITTED" }]);
    assert_eq!(ask(&eva).await, open);
    assert_eq!(
        ask(&carla).await,
        json!([{ "id": draft, "state": "DRAFT" }, { "id": two, "state": "SUBMITTED" }])
    );
}
