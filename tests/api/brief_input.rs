//! Parts that a contribution may leave out: base versions, ids of sources, and the order of new records.

use cyberprofiles::domain::viewer::Role;
use serde_json::{Value, json};

use crate::harness::{Api, Person, cite, errors};

const URL: &str = "https://cite.example.org/strategy";

/// Creates a draft. Returns the payload with the proposed changes.
async fn drafted(person: &Person<'_>, more: Value) -> Value {
    let mutation = "mutation($input: CreateContributionInput!) { createContribution(input: $input) {
        contribution { id state changes { operation recordId baseVersion citations { sourceId fields } } }
        userErrors { code message path } } }";
    let mut input = json!({ "title": "T", "rationale": "R." });
    input
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    let answer = person.ask(mutation, json!({ "input": input })).await.data();
    answer["createContribution"].clone()
}

/// The user errors about changes of a draft.
async fn refused(person: &Person<'_>, changes: Value) -> Vec<String> {
    let payload = drafted(person, json!({ "changes": changes })).await;
    assert_eq!(payload["contribution"], Value::Null);
    errors(&payload)
}

fn retitled(title: &str) -> Value {
    json!([{ "updateTreaty": { "id": "Treaty:ets-185", "set": { "shortTitle": title }, "cite": cite() } }])
}

fn section(topic: &str, cites: Value) -> Value {
    json!({ "createProfileSection": { "key": format!("ie-{topic}").to_lowercase().replace('_', "-"), "cite": cites,
        "fields": { "topic": topic, "state": "NOT_RESEARCHED", "country": "IE" } } })
}

fn new_source(title: &str, url: Option<&str>) -> Value {
    let mut source = json!({ "kind": "WEB_PAGE", "title": title });
    if let Some(url) = url {
        source["url"] = json!(url);
    }
    source
}

fn source(key: &str, url: &str) -> Value {
    json!({ "createSource": { "key": key, "fields": new_source(key, Some(url)) } })
}

#[tokio::test]
async fn an_update_without_a_base_version_is_based_on_the_newest_version() {
    let api = Api::seeded().await;
    let (carla, eva) = (api.contributor().await, api.editor("eva").await);
    eva.publish(retitled("Second")).await;
    for more in [
        json!({ "changes": retitled("Third"), "validateOnly": true }),
        json!({ "changes": retitled("Third"), "submit": true }),
        json!({ "changes": retitled("Third") }),
    ] {
        let payload = drafted(&carla, more).await;
        assert_eq!(
            payload["contribution"]["changes"][0]["baseVersion"], 2,
            "{payload:#}"
        );
    }
    let draft = drafted(&carla, json!({ "changes": retitled("Mine") })).await;
    let id = &draft["contribution"]["id"];
    // The version is stored: a later edit of the same field is a conflict.
    eva.publish(retitled("Theirs")).await;
    let query = "query($id: ID!) { contribution(id: $id) { changes { baseVersion }
        conflicts { base current proposed } } }";
    let later = carla.ask(query, json!({ "id": id })).await.data()["contribution"].clone();
    assert_eq!(later["changes"][0]["baseVersion"], 2);
    let conflict = json!([{ "base": "Second", "current": "Theirs", "proposed": "Mine" }]);
    assert_eq!(later["conflicts"], conflict);
    let edit = json!({ "id": id, "revision": 1, "changes": retitled("Mine") });
    assert_eq!(carla.outcome("updateContribution", edit).await, "DRAFT");
    let edited = carla.ask(query, json!({ "id": id })).await.data()["contribution"].clone();
    assert_eq!(edited["changes"][0]["baseVersion"], 3);
    assert_eq!(edited["conflicts"], json!([]));
    let absent = json!([{ "updateTreaty": { "id": "Treaty:none", "set": { "shortTitle": "X" }, "cite": cite() } }]);
    assert_eq!(
        refused(&carla, absent).await,
        [
            "NOT_FOUND changes.0.updateTreaty.id: Treaty:none does not exist: expected the `recordId` of a current record"
        ]
    );
}

#[tokio::test]
async fn a_data_file_names_base_versions_and_sources_by_id() {
    let api = Api::seeded().await;
    let by_url = section("POLICIES", json!([{ "sourceUrl": URL }]));
    for (line, expected) in [
        (
            retitled("X")[0].clone(),
            "refused: a data file must name the version on which an update is based",
        ),
        (
            by_url,
            "refused: a data file must name the source by `source`",
        ),
    ] {
        let error = api.import(&line.to_string(), false).await.unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
}

#[tokio::test]
async fn a_citation_may_give_the_address_that_exactly_one_source_has() {
    let api = Api::seeded().await;
    let (carla, eva) = (api.contributor().await, api.editor("eva").await);
    let cited = |url: &str| section("POLICIES", json!([{ "sourceUrl": url }]));
    assert_eq!(
        refused(&carla, json!([cited(URL)])).await,
        [
            "NOT_FOUND changes.0.createProfileSection.cite.0.sourceUrl: \
          no source has this address: give the source as `newSource`"
        ]
    );
    // Within one contribution.
    let both = json!([cited(URL), source("cite-a", URL)]);
    let payload = drafted(&carla, json!({ "changes": both })).await;
    let citations = &payload["contribution"]["changes"][0]["citations"];
    assert_eq!(citations[0]["sourceId"], "Source:cite-a", "{payload:#}");
    // Among the records, in another spelling.
    eva.publish(json!([source("cite-b", URL)])).await;
    let spelled = cited("HTTPS://cite.EXAMPLE.org:443/strategy");
    let payload = drafted(&carla, json!({ "changes": [spelled] })).await;
    let citations = &payload["contribution"]["changes"][0]["citations"];
    assert_eq!(citations[0]["sourceId"], "Source:cite-b", "{payload:#}");
    // Several.
    assert_eq!(
        refused(&carla, both).await,
        ["INVALID changes.0.createProfileSection.cite.0.sourceUrl: \
          2 sources have this address: name one of them by `source`: Source:cite-a, Source:cite-b"]
    );
    // A retired source does not count.
    eva.publish(
        json!([{ "retire": { "id": "Source:cite-b", "baseVersion": 1, "reason": "Gone." } }]),
    )
    .await;
    assert_eq!(refused(&carla, json!([cited(URL)])).await.len(), 1);
}

#[tokio::test]
async fn a_citation_names_its_source_in_exactly_one_way() {
    let api = Api::seeded().await;
    let carla = api.contributor().await;
    let found = async |cite: Value| {
        let found = refused(&carla, json!([section("POLICIES", json!([cite]))])).await;
        found.join("; ")
    };
    let at = "changes.0.createProfileSection.cite.0";
    assert_eq!(
        found(json!({ "locator": "p. 1" })).await,
        format!("REQUIRED {at}: name the source: give `source`, `sourceUrl` or `newSource`")
    );
    let several = json!({ "source": "Source:coe-chart-185-2015", "sourceUrl": URL });
    assert_eq!(
        found(several).await,
        format!("INVALID {at}: give only one of `source`, `sourceUrl` and `newSource`")
    );
    let several = json!({ "sourceUrl": URL, "newSource": new_source("S", None) });
    assert!(found(several).await.starts_with("INVALID"));
    let malformed = found(json!({ "sourceUrl": "cite.example.org" })).await;
    assert!(
        malformed.starts_with(&format!("INVALID {at}.sourceUrl: ")),
        "{malformed}"
    );
    let faults = found(json!({ "newSource": { "title": " ", "url": "x" } })).await;
    assert!(
        faults.contains(&format!("{at}.newSource.title: ")),
        "{faults}"
    );
    assert!(
        faults.contains(&format!("{at}.newSource.url: ")),
        "{faults}"
    );
    let lacking = found(json!({ "newSource": {} })).await;
    assert!(
        lacking.contains(&format!("{at}.newSource.kind: ")),
        "{lacking}"
    );
    assert!(
        lacking.contains(&format!("{at}.newSource.title: ")),
        "{lacking}"
    );
}

#[tokio::test]
async fn a_new_source_becomes_one_more_change_of_the_contribution() {
    let api = Api::seeded().await;
    let (carla, eva) = (api.contributor().await, api.editor("eva").await);
    eva.publish(json!([source(
        "the-strategy",
        "https://cite.example.org/other"
    )]))
    .await;
    let chart = json!({ "source": "Source:coe-chart-185-2015", "fields": ["STATE"] });
    let new = json!({ "newSource": new_source("The Strategy", Some(URL)), "locator": "p. 3" });
    let again = json!({ "sourceUrl": URL, "locator": "p. 4" });
    let changes = json!([
        section("POLICIES", json!([chart, new])),
        section("LEGISLATION", json!([again]))
    ]);
    let payload = drafted(&carla, json!({ "changes": changes, "submit": true })).await;
    let proposed = payload["contribution"]["changes"].as_array().unwrap();
    let ids: Vec<&str> = proposed
        .iter()
        .map(|one| one["recordId"].as_str().unwrap())
        .collect();
    // Its key is derived from the title, like that of any create, and avoids those in use.
    assert_eq!(
        ids,
        [
            "ProfileSection:ie-policies",
            "ProfileSection:ie-legislation",
            "Source:the-strategy-2"
        ]
    );
    let sources: Vec<&Value> = proposed[0]["citations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["sourceId"])
        .collect();
    assert_eq!(
        sources,
        ["Source:coe-chart-185-2015", "Source:the-strategy-2"]
    );
    assert_eq!(
        proposed[1]["citations"][0]["sourceId"],
        "Source:the-strategy-2"
    );
    let accepted = eva
        .accept(payload["contribution"]["id"].as_str().unwrap())
        .await;
    assert_eq!(
        accepted["contribution"]["state"], "ACCEPTED",
        "{accepted:#}"
    );
    let query =
        "{ source: node(id: \"Source:the-strategy-2\") { ... on Source { title url version } }
        section: node(id: \"ProfileSection:ie-legislation\") { ... on ProfileSection {
            citations { locator source { recordId } } } } }";
    let published = api.query(query).await;
    let source = json!({ "title": "The Strategy", "url": URL, "version": 1 });
    assert_eq!(published["source"], source);
    let citations = published["section"]["citations"].as_array().unwrap();
    assert_eq!(
        citations[0],
        json!({ "locator": "p. 4", "source": { "recordId": "Source:the-strategy-2" } })
    );
}

#[tokio::test]
async fn a_new_source_that_is_given_twice_is_refused_with_both_paths() {
    let api = Api::seeded().await;
    let carla = api.contributor().await;
    let twice = async |one: Value, other: Value| {
        let changes = json!([
            section("POLICIES", json!([{ "newSource": one }])),
            section("LEGISLATION", json!([{ "newSource": other }]))
        ]);
        let payload = drafted(&carla, json!({ "changes": changes, "validateOnly": true })).await;
        errors(&payload).join("; ")
    };
    let first = "this source is given in changes.0.createProfileSection.cite.0.newSource already";
    let at = "DUPLICATE changes.1.createProfileSection.cite.0.newSource";
    let by_url = format!("{at}: {first}: cite it here by `sourceUrl`");
    let with_url = |title: &str, url: &str| new_source(title, Some(url));
    assert_eq!(twice(with_url("A", URL), with_url("A", URL)).await, by_url);
    let spelled = with_url("B", "https://CITE.example.org/strategy");
    assert_eq!(twice(with_url("A", URL), spelled).await, by_url);
    let by_key =
        format!("{at}: {first}: create it by `createSource` with a `key`, and cite it by `source`");
    assert_eq!(
        twice(new_source("A", None), new_source("A", None)).await,
        by_key
    );
    // An address more makes no other source, and what the first one lacks cannot be used to cite it.
    assert_eq!(
        twice(new_source("A", None), with_url("A", URL)).await,
        by_key
    );
    assert_eq!(
        twice(new_source("A", None), new_source("a", None)).await,
        ""
    );
    // Equal titles at two addresses are two sources.
    let other = with_url("A", "https://cite.example.org/other");
    assert_eq!(twice(with_url("A", URL), other).await, "");
    // A source that the contribution creates by itself counts, too.
    let changes = json!([
        source("cite-a", URL),
        section("POLICIES", json!([{ "newSource": with_url("A", URL) }]))
    ]);
    assert_eq!(
        refused(&carla, changes).await,
        [
            "DUPLICATE changes.1.createProfileSection.cite.0.newSource: \
          this source is given in changes.0.createSource already: cite it here by `sourceUrl`"
        ]
    );
}

#[tokio::test]
async fn new_sources_count_among_the_changes_of_a_contribution() {
    let api = Api::seeded().await;
    let carla = api.contributor().await;
    let mut changes: Vec<Value> = (0..99)
        .map(|at| {
            source(
                &format!("cite-{at}"),
                &format!("https://cite.example.org/{at}"),
            )
        })
        .collect();
    let cites = |count: usize| {
        let new = |at| json!({ "newSource": new_source(&format!("New {at}"), None) });
        section("POLICIES", (0..count).map(new).collect())
    };
    changes.push(cites(1));
    let found = refused(&carla, json!(changes)).await;
    assert_eq!(
        found,
        [
            "INVALID changes.99.createProfileSection.cite.0.newSource: a contribution can have at most 100 changes; each `newSource` is one of them"
        ]
    );
    changes.remove(0);
    let payload = drafted(&carla, json!({ "changes": changes })).await;
    let proposed = payload["contribution"]["changes"].as_array();
    assert_eq!(proposed.map(Vec::len), Some(100), "{payload:#}");
}

#[tokio::test]
async fn all_findings_are_told_where_a_source_is_missing_too() {
    let api = Api::seeded().await;
    let carla = api.contributor().await;
    let mut bad = section(
        "LEGISLATION",
        json!([{ "newSource": new_source("A", Some(URL)) }]),
    );
    bad["createProfileSection"]["fields"]["country"] = json!("Ireland");
    // The second change cites the source of the first, which cannot be read: that is no fault of its own.
    let changes = json!([bad, section("POLICIES", json!([{ "sourceUrl": URL }]))]);
    let found = refused(&carla, changes).await;
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("fields.country: "), "{found:?}");
    // The other changes of an input with faults need neither base version nor source id.
    let changes = json!([
        section("LEGISLATION", json!([{ "locator": "p. 1" }])),
        retitled("X")[0]
    ]);
    let found = refused(&carla, changes).await;
    assert_eq!(found.len(), 1, "{found:?}");
}

#[tokio::test]
async fn new_records_may_refer_to_each_other_in_any_order() {
    let api = Api::seeded().await;
    let (carla, eva) = (
        api.person(Role::Contributor, "carla").await,
        api.editor("eva").await,
    );
    let new = json!([{ "source": "Source:cite-new" }]);
    let names = |text: &str| json!([{ "text": text, "language": "en" }]);
    let changes = json!([
        { "createArticleImplementation": { "cite": new, "fields": { "country": "SU", "treaty": "ETS 999",
            "article": "2", "degree": "FULL", "mappedBy": "EDITORS",
            "provisions": [{ "document": "PolicyDocument:su-law", "number": "1" }] } } },
        { "createCourtDecision": { "key": "su-decision", "cite": new, "fields": { "country": "SU",
            "titles": names("Decision"), "institution": "CybersecurityBody:su-ministry",
            "provisions": [{ "document": "PolicyDocument:su-law", "number": "1" }] } } },
        { "createCoverageAssertion": { "key": "su-law", "cite": new, "fields": { "country": "SU",
            "topic": "SUBSTANTIVE_LAW", "value": "PRESENT", "asOf": "2020", "via": "PolicyDocument:su-law" } } },
        { "createPolicyDocument": { "key": "su-law", "cite": new, "fields": { "country": "SU", "kind": "LAW",
            "titles": names("Law"), "status": "IN_FORCE", "issuer": "CybersecurityBody:su-ministry",
            "provisions": [{ "number": "1" }], "treaties": ["ETS 999"] } } },
        { "createOperationalUnit": { "key": "su-unit", "cite": new, "fields": { "country": "SU",
            "kind": "CYBERCRIME_UNIT", "status": "OPERATIONAL", "parent": "CybersecurityBody:su-ministry",
            "legalBasis": ["PolicyDocument:su-law"] } } },
        { "createTreatyEvent": { "key": "su-confirmation", "cite": new, "fields": { "country": "SU",
            "treaty": "ETS 999", "kind": "CONFIRMATION", "date": "2012", "relatesTo": "TreatyEvent:su-reservation" } } },
        { "createTreatyEvent": { "key": "su-reservation", "cite": new, "fields": { "country": "SU",
            "treaty": "ETS 999", "kind": "RESERVATION", "date": "2011", "text": "No." } } },
        { "createCybersecurityBody": { "key": "su-ministry", "cite": new, "fields": { "country": "SU",
            "names": names("Ministry"), "kind": "MINISTRY", "status": "OPERATIONAL" } } },
        { "createTreaty": { "cite": new, "fields": { "reference": "ETS 999", "shortTitle": "T", "title": "T",
            "organisation": "O", "adoptedOn": "2010" } } },
        { "createCountry": { "key": "su", "fields": { "kind": "OTHER", "code": "SU", "names": names("Soviet Union"), "designationNote": "ISO 3166-3: SUHH" } } },
        { "createSource": { "key": "cite-new", "fields": new_source("New", Some(URL)) } },
    ]);
    let payload = drafted(&carla, json!({ "changes": changes, "submit": true })).await;
    assert_eq!(errors(&payload), [""; 0]);
    let accepted = eva
        .accept(payload["contribution"]["id"].as_str().unwrap())
        .await;
    assert_eq!(
        accepted["contribution"]["state"], "ACCEPTED",
        "{accepted:#}"
    );
    let query = "{ country(code: \"SU\") { name operationalUnits { nodes { parent { recordId } } }
        coverage { via { recordId } } } }";
    let country = &api.query(query).await["country"];
    assert_eq!(
        country["operationalUnits"]["nodes"][0]["parent"]["recordId"],
        "CybersecurityBody:su-ministry"
    );
    assert_eq!(
        country["coverage"][0]["via"]["recordId"],
        "PolicyDocument:su-law"
    );
}

#[tokio::test]
async fn a_key_that_no_change_creates_and_a_circle_of_new_records_are_refused() {
    let api = Api::seeded().await;
    let carla = api.contributor().await;
    let body = |key: &str, parent: &str| {
        json!({ "createCybersecurityBody": { "key": key, "cite": cite(), "fields": { "country": "IE",
            "names": [{ "text": key, "language": "en" }], "kind": "MINISTRY", "status": "OPERATIONAL",
            "parent": parent } } })
    };
    assert_eq!(
        refused(&carla, json!([body("ie-a", "CybersecurityBody:ie-b")])).await,
        [
            "NOT_FOUND changes.0.createCybersecurityBody.fields.parent: \
          CybersecurityBody:ie-b does not exist, and no change of this contribution creates it: \
          expected the `recordId` of a current record"
        ]
    );
    assert_eq!(
        refused(
            &carla,
            json!([section("POLICIES", json!([{ "source": "Source:ie-b" }]))])
        )
        .await,
        ["NOT_FOUND changes.0.createProfileSection.cite.0.source: \
          Source:ie-b does not exist, and no change of this contribution creates it: \
          expected the `recordId` of a current record"]
    );
    let circle = json!([
        body("ie-a", "CybersecurityBody:ie-b"),
        body("ie-b", "CybersecurityBody:ie-a")
    ]);
    let found = refused(&carla, circle).await;
    assert_eq!(
        found,
        [
            "INVALID changes.0.createCybersecurityBody.fields.parent: leads back to CybersecurityBody:ie-a itself",
            "INVALID changes.1.createCybersecurityBody.fields.parent: leads back to CybersecurityBody:ie-b itself",
        ]
    );
}

#[tokio::test]
async fn a_reference_to_a_new_record_with_faults_is_no_fault_of_its_own() {
    let api = Api::seeded().await;
    let carla = api.contributor().await;
    let changes = json!([
        { "createProfileSection": { "fields": { "topic": "LINKS", "state": "NOT_RESEARCHED", "country": "ZX" },
            "cite": cite() } },
        { "createCountry": { "key": "zx", "fields": { "kind": "STATE", "code": "ZX",
            "names": [{ "text": "Zedland", "language": "en" }] } } },
    ]);
    assert_eq!(
        refused(&carla, changes).await,
        [
            "INVALID changes.1.createCountry.fields.code: ZX is not an assigned code: expected one of ISO 3166-1, XK or EU"
        ]
    );
}

#[tokio::test]
async fn edits_of_single_changes_may_leave_out_as_much() {
    let api = Api::seeded().await;
    let (carla, eva) = (api.contributor().await, api.editor("eva").await);
    eva.publish(retitled("Second")).await;
    let update = async |input: Value| {
        let mutation =
            "mutation($input: UpdateContributionInput!) { updateContribution(input: $input) {
            contribution { changes { recordId baseVersion citations { sourceId } } }
            userErrors { code message path } } }";
        let answer = carla.ask(mutation, json!({ "input": input })).await.data();
        answer["updateContribution"].clone()
    };
    let new = json!([{ "newSource": new_source("New", Some(URL)) }]);
    let draft = drafted(
        &carla,
        json!({ "changes": [section("POLICIES", new.clone())] }),
    )
    .await;
    let id = &draft["contribution"]["id"];
    // `sourceUrl` finds the source that an earlier request of the same contribution created.
    let edit = json!({ "id": id, "revision": 1, "add": [retitled("Third")[0],
        section("LEGISLATION", json!([{ "sourceUrl": URL }]))] });
    let edited = update(edit).await;
    let changes = &edited["contribution"]["changes"];
    assert_eq!(changes[1]["recordId"], "Source:new", "{edited:#}");
    assert_eq!(changes[2]["baseVersion"], 2);
    assert_eq!(changes[3]["citations"][0]["sourceId"], "Source:new");
    let again =
        json!({ "recordId": "ProfileSection:ie-policies", "change": section("POLICIES", new) });
    let edit = json!({ "id": id, "revision": 2, "replace": [again] });
    let path = "replace.0.change.createProfileSection.cite.0.newSource";
    assert_eq!(
        errors(&update(edit).await),
        [format!(
            "DUPLICATE {path}: this source is given in changes.1.createSource already: cite it here by `sourceUrl`"
        )]
    );
    // The source cannot go while a change cites it.
    let edit = json!({ "id": id, "revision": 2, "remove": ["Source:new"] });
    let found = errors(&update(edit).await);
    assert_eq!(found.len(), 2, "{found:?}");
    let said = "Source:new does not exist, and no change of this contribution creates it";
    assert!(found.iter().all(|one| one.contains(said)), "{found:?}");
}
