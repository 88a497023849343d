//! Values that are read and written back change nothing, for every field of every noun. Nor does importing an export.

use cyberprofiles::domain::record::Kind;
use serde_json::{Map, Value, json};

use crate::harness::Api;

/// A noun: its kind, the selection that reads its fields, and values of the fields. The first value of a field is that
/// of the first record, and so on; null leaves the field out.
pub struct Noun {
    pub kind: Kind,
    selection: &'static str,
    pub fields: Value,
}

/// Number of records of each noun.
pub const RECORDS: usize = 4;

/// All nouns, with values for every field.
pub fn nouns() -> Vec<Noun> {
    let names = json!([
        [{ "text": "One", "language": "EN" }],
        [{ "text": "Two", "language": "en", "isOriginal": false }, { "text": "Zwei", "language": "de-latn-de", "isOriginal": true }],
        [{ "text": "Three", "language": "en", "isOriginal": null }, { "text": "The third", "language": "en", "isOriginal": false }],
        [{ "text": "Four", "language": "en", "isOriginal": true }, { "text": "Fourth", "language": "en", "period": "../2018" }]
    ]);
    let dates = json!(["2010", "2014-03~", "2014/..", "2010-03-15"]);
    let institution = |kind: Value, parent: Value| {
        json!({ "names": names, "acronym": ["A", null, null, "D"], "kind": kind,
            "status": ["OPERATIONAL", "DISSOLVED", "PLANNED", "UNKNOWN"],
            "country": ["az", "AZ", "AZ", "AZ"], "parent": parent,
            "functions": [[], ["TRAINING"], ["TRAINING", "PROSECUTION"], null],
            "period": ["2005/2010", "2005/2090", "../2012", "2001/.."],
            "predecessors": [[], ["CybersecurityBody:az-ministry-of-justice"], null, []],
            "website": ["https://example.org/", "HTTPS://example.org/Path?b=1", null, null],
            "reportingUrl": [null, "https://example.org/report", null, null],
            "mandate": ["One line.", "Two\nlines.", null, null],
            "legalBasis": [[], ["PolicyDocument:az-decree-708"], null, []],
            "jointlyWith": [[], ["CybersecurityBody:az-state-security-service"], null, []],
            "subdivision": ["AZ-BA", null, null, null] })
    };
    let bodies = institution(
        json!(["CSIRT", "OTHER", "MINISTRY", "COURT"]),
        json!([null, "CybersecurityBody:az-ministry-of-justice", null, null]),
    );
    let body = "CybersecurityBody:az-ministry-of-justice";
    let units = institution(
        json!(["CYBERCRIME_UNIT", "OTHER", "OTHER", "OTHER"]),
        json!([body, "OperationalUnit:az-moi-cybercrime-unit", body, body]),
    );
    let shared = "names { text language isOriginal period { edtf } } acronym kind status country { code } parent { recordId }
        functions period { edtf } predecessors { recordId } website reportingUrl mandate legalBasis { recordId }
        jointlyWith { recordId } subdivision";
    vec![
        Noun {
            kind: Kind::Source,
            selection: "kind title url publisher publishedOn { edtf } retrievedOn language archivedUrl licence",
            fields: json!({ "kind": ["OTHER", "REPORT", "NEWS", "ACADEMIC"], "title": ["A", "B  b", "C\u{301}", "D"],
                "url": ["https://EXAMPLE.org", "http://example.org:80/a b%20c".replace(' ', ""), null, "https://example.org/ä"],
                "publisher": ["P", null, null, "Q"], "publishedOn": dates, "retrievedOn": ["2020-01-02", null, null, null],
                "language": ["EN", "pt-br", null, "zh-hant"], "archivedUrl": [null, "https://web.example/1", null, null],
                "licence": ["CC0", null, null, null] }),
        },
        Noun {
            kind: Kind::Treaty,
            selection: "reference shortTitle title organisation adoptedOn { edtf } openedOn { edtf } signatureClosesOn { edtf }
                openedAt entryIntoForceOn { edtf } entryIntoForceCondition
                entryIntoForceRule { article months days firstDayOfMonth notBeforeTreaty requiresPartyTo { reference } denunciationMonths }
                parent { reference } eventsCompleteAsOf",
            fields: json!({ "reference": ["xts 1", "XTS No. 2", "XTS 3", "XTS xviii-4"], "shortTitle": ["A", "B", "C", "D"],
                "title": ["A", "B", "C", "D"], "organisation": ["O", "O", "O", "O"], "adoptedOn": dates, "openedOn": [null, "2001", null, null],
                "signatureClosesOn": [null, "2003", null, null], "openedAt": ["Here", null, null, null],
                "entryIntoForceOn": ["2004-07-01", null, null, "2005?"], "entryIntoForceCondition": ["Five\nStates", null, null, null],
                "entryIntoForceRule": [
                    { "article": "36", "firstDayOfMonth": false, "notBeforeTreaty": false },
                    { "article": "36", "months": 3, "days": null, "firstDayOfMonth": true, "notBeforeTreaty": true, "requiresPartyTo": "ets185", "denunciationMonths": 3 },
                    null,
                    { "article": "1", "days": 0, "firstDayOfMonth": false, "notBeforeTreaty": true, "requiresPartyTo": null } ],
                "parent": [null, "ets 185", null, null], "eventsCompleteAsOf": ["2020-01-01", null, null, null] }),
        },
        Noun {
            kind: Kind::CybersecurityBody,
            selection: shared,
            fields: bodies,
        },
        Noun {
            kind: Kind::OperationalUnit,
            selection: shared,
            fields: units,
        },
        Noun {
            kind: Kind::PolicyDocument,
            selection: "kind titles { text language isOriginal period { edtf } } status subjects treaties { reference }
                adoptedOn { edtf } promulgatedOn { edtf } publishedOn { edtf } inForceFrom { edtf }
                repealedOn { edtf } period { edtf } number publication issuer { recordId } issuerNamedAs responsible { recordId }
                texts { url language isTranslation } objectives summary provisions { number heading summary quote status inForceFrom { edtf } }
                relations { kind document { recordId } provisions } subdivision country { code }",
            fields: json!({ "kind": ["LAW", "DECREE", "STRATEGY", "OTHER"], "titles": names, "status": ["IN_FORCE", "DRAFT", "ADOPTED", "UNKNOWN"],
                "subjects": [[], ["CYBERCRIME"], null, ["SAFEGUARDS", "OTHER"]], "treaties": [["ets185"], [], null, ["ETS 185", "CETS 224"]],
                "adoptedOn": dates, "promulgatedOn": [null, "2015-01", null, null], "publishedOn": [null, "2015", null, null],
                "inForceFrom": [null, "2016~", null, null], "repealedOn": [null, "2020", null, null], "period": ["2014/2020", null, null, "2099"],
                "number": ["1", null, null, null], "publication": ["Gazette", null, null, null],
                "issuer": [body, null, null, null], "issuerNamedAs": ["M", null, null, null], "responsible": [[body], [], null, null],
                "texts": [[{ "url": "https://example.org/a" }], [{ "url": "https://example.org/b", "language": null, "isTranslation": false },
                    { "url": "https://example.org/c", "language": "EN", "isTranslation": true }], [], null],
                "objectives": [[], ["One\nof them", "Another"], null, []], "summary": ["# A\n\ntext", null, null, null],
                "provisions": [[{ "number": "1", "heading": null }], [{ "summary": "S", "status": "ANNULLED" }, { "quote": "Q", "number": "2", "inForceFrom": "2016~" }], [], null],
                "relations": [[{ "kind": "AMENDS", "document": "PolicyDocument:az-decree-708" }],
                    [{ "kind": "REPLACES", "document": "PolicyDocument:az-decree-708", "provisions": [] },
                        { "kind": "REPEALS", "document": "PolicyDocument:az-decree-833", "provisions": ["1"] }],
                    [{ "kind": "IMPLEMENTS", "document": "PolicyDocument:az-decree-708", "provisions": null }], null],
                "subdivision": ["AZ-BA", null, null, null],
                "country": ["AZ", "az", "AZ", "AZ"] }),
        },
        Noun {
            kind: Kind::TreatyEvent,
            selection: "kind date { edtf } effectiveDate { edtf } endsOn { edtf } instrument country { code } treaty { reference } articles
                territories text relatesTo { recordId } reportedLabel designatedInstitution { recordId } designatedFunction namedAs",
            fields: json!({ "kind": ["DESIGNATION_OF_AUTHORITY", "RESERVATION", "INVITATION_TO_ACCEDE", "WITHDRAWAL"],
                "date": ["2010", "2014-03~", null, "2010-03-15"], "effectiveDate": [null, "2015", null, null], "endsOn": [null, null, "2030", null],
                "instrument": ["I", null, null, null], "country": ["AZ", "az", "AZ", "AZ"], "treaty": ["ets185", "ETS 185", "ETS No. 189", "ETS 185"],
                "articles": [["24", "24"], ["4(2)"], [], null], "territories": [["GL", "Somewhere"], [], null, null],
                "text": ["One\ntwo", null, null, null], "relatesTo": [null, null, null, "TreatyEvent:az-ets-185-reservation-article-4"],
                "reportedLabel": ["L", null, null, null], "designatedInstitution": [body, null, null, null],
                "designatedFunction": ["PROSECUTION", null, null, null], "namedAs": ["N", null, null, null] }),
        },
        Noun {
            kind: Kind::CoverageAssertion,
            selection: "topic value statement via { recordId } asOf { edtf } country { code }",
            fields: json!({ "topic": ["TRAINING", "CASE_LAW", "POINT_OF_CONTACT_24_7", "SAFEGUARDS"], "value": ["PRESENT", "ABSENT", "UNKNOWN", "PARTIAL"],
                "statement": ["S", null, null, null], "via": ["PolicyDocument:az-decree-708", null, null, null], "asOf": dates,
                "country": ["AZ", "az", "AZ", "AZ"] }),
        },
        Noun {
            kind: Kind::ArticleImplementation,
            selection: "country { code } treaty { reference } article degree mappedBy provisions { document { recordId } number quote }
                remark asOf { edtf }",
            fields: json!({ "country": ["AZ", "az", "AZ", "AZ"], "treaty": ["ets185", "ETS 185", "ETS 185", "ETS 189"],
                "article": ["2", "9(1)(d)", "10", "3"], "degree": ["FULL", "PARTIAL", "NONE", "UNKNOWN"],
                "mappedBy": ["SOURCE", "EDITORS", null, null],
                "provisions": [[{ "document": "PolicyDocument:az-decree-708", "number": "1" }, { "document": "PolicyDocument:az-decree-708", "quote": "Q" }],
                    [{ "document": "PolicyDocument:az-decree-833", "number": null }], [], null],
                "remark": ["One\ntwo", null, null, null], "asOf": dates }),
        },
        Noun {
            kind: Kind::CourtDecision,
            selection: "country { code } titles { text language isOriginal period { edtf } } number ecli court institution { recordId }
                decidedOn { edtf } treaty { reference } articles provisions { document { recordId } number quote } outcome
                relatesTo { recordId } summary url",
            fields: json!({ "country": ["AZ", "az", "AZ", "AZ"], "titles": names, "number": ["1", null, null, null],
                "ecli": ["ECLI:NL:HR:2011:BN9287", null, null, null], "court": ["Court", null, null, null],
                "institution": [body, null, null, null], "decidedOn": dates, "treaty": ["ets185", null, "ETS 185", null],
                "articles": [["2", "6(1)(a)"], [], null, null],
                "provisions": [[{ "document": "PolicyDocument:az-decree-708", "number": "1" }], [], null, null],
                "outcome": ["One\ntwo", null, null, null], "relatesTo": [null, null, null, null], "summary": ["# A\n\ntext", null, null, null],
                "url": ["https://example.org/", null, null, null] }),
        },
        Noun {
            kind: Kind::ProfileSection,
            selection: "topic state body language country { code }",
            fields: json!({ "topic": ["TOOLS", "LINKS", "OTHER", "CASE_LAW"], "state": ["FILLED", "NOT_RESEARCHED", "EMPTY_ON_SOURCE", "FILLED"],
                "body": ["# A", null, null, " b\n"], "language": ["EN", null, null, "fr-ca"], "country": ["AZ", "az", "AZ", "AZ"] }),
        },
        Noun {
            kind: Kind::Country,
            selection: "kind code alpha3 numericCode names { text language isOriginal period { edtf } } region subregion designationNote administeredBy { code }
                administrations { country { code } since { edtf } until { edtf } } memberships { organisation role since { edtf } until { edtf } } disclaimer",
            fields: json!({ "kind": ["OTHER", "OTHER", "OTHER", "OTHER"], "code": ["su", "DD", "YU", "ZR"],
                "alpha3": ["SUN", null, "YUG", null], "numericCode": ["810", null, null, null], "names": names,
                "region": ["Europe", null, null, null], "subregion": ["Eastern Europe", null, null, null],
                "designationNote": ["SUHH", "DDDE", "YUCS", "ZRCD"], "administeredBy": ["az", null, null, null],
                "administrations": [[], [{ "country": "fr", "since": "1950", "until": "1975-11" }], [{ "country": "FR", "until": "../1990" }], null],
                "memberships": [[], [{ "organisation": "COMMONWEALTH", "role": "MEMBER", "since": "1965", "until": "2016" }, { "organisation": "COMMONWEALTH", "since": "2020", "until": null }],
                    [{ "organisation": "OAS", "role": "OBSERVER" }, { "organisation": "EUROPEAN_UNION", "since": "2090" }], null],
                "disclaimer": [null, "Take care.", cyberprofiles::domain::terms::PROFILE_DISCLAIMER, null] }),
        },
    ]
}

/// Fields of one record in its create.
pub fn written(noun: &Noun, at: usize) -> Map<String, Value> {
    let fields = noun.fields.as_object().unwrap().iter();
    let fields = fields.filter(|(_, values)| !values[at].is_null());
    fields
        .map(|(name, values)| (name.clone(), values[at].clone()))
        .collect()
}

/// Id of one record of a noun. The key of an implementation follows from its fields.
pub fn id_of(kind: Kind, at: usize) -> String {
    let implementations = [
        "az-ets-185-2",
        "az-ets-185-9-1-d",
        "az-ets-185-10",
        "az-ets-189-3",
    ];
    if kind == Kind::ArticleImplementation {
        format!("{kind}:{}", implementations[at])
    } else {
        format!("{kind}:back-{at}")
    }
}

/// Turns a value that was read into the form of an input.
fn back(value: &Value) -> Value {
    match value {
        Value::Array(list) => list.iter().map(back).collect(),
        Value::Object(members) => {
            let named = ["edtf", "recordId", "code", "reference"];
            let name = named.iter().find_map(|name| members.get(*name));
            match name.filter(|_| members.len() == 1) {
                Some(name) => name.clone(),
                None => members
                    .iter()
                    .map(|(name, value)| (name.clone(), back(value)))
                    .collect(),
            }
        }
        other => other.clone(),
    }
}

/// Reads the records of a noun: every field, in the form of an input.
async fn read(api: &Api, noun: &Noun) -> Vec<Map<String, Value>> {
    let ids = (0..RECORDS).map(|at| format!("\"{}\"", id_of(noun.kind, at)));
    let ids: Vec<String> = ids.collect();
    let query = format!(
        "{{ nodes(ids: [{}]) {{ ... on {} {{ {} }} }} }}",
        ids.join(", "),
        noun.kind,
        noun.selection
    );
    let nodes = api.query(&query).await["nodes"].clone();
    let nodes = nodes.as_array().unwrap().iter();
    nodes
        .map(|node| back(node).as_object().unwrap().clone())
        .collect()
}

/// A citation, if records of the kind are cited.
pub fn cites(kind: Kind) -> Value {
    if kind.is_cited() {
        json!([{ "source": "Source:ncsi-az" }])
    } else {
        json!([])
    }
}

#[tokio::test]
async fn writing_back_the_values_read_changes_no_field() {
    let api = Api::seeded().await;
    let (carla, eva) = (api.contributor().await, api.editor("eva").await);
    for noun in nouns() {
        let kind = noun.kind;
        let declared = kind.fields().iter().map(|field| field.name.camel());
        for field in declared {
            assert!(
                noun.fields.get(&field).is_some(),
                "{kind} {field} is not tried"
            );
        }
        let create = |at: usize| json!({ format!("create{kind}"): { "key": id_of(kind, at).split_once(':').unwrap().1, "fields": written(&noun, at), "cite": cites(kind) } });
        eva.publish((0..RECORDS).map(create).collect()).await;
        let found = read(&api, &noun).await;
        let update = |(at, fields): (usize, &Map<String, Value>)| {
            let set: Map<String, Value> = fields
                .iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect();
            let empty = fields.iter().filter(|(_, value)| value.is_null());
            let names = kind.fields().iter();
            let clear: Vec<String> = names
                .filter(|field| empty.clone().any(|(name, _)| *name == field.name.camel()))
                .map(|field| field.name.screaming())
                .collect();
            json!({ format!("update{kind}"): { "id": id_of(kind, at), "baseVersion": 1, "set": set,
                "clear": clear, "cite": cites(kind) } })
        };
        let again: Value = found.iter().enumerate().map(update).collect();
        let id = carla.proposed(again).await;
        let query = "query($id: ID!) { contribution(id: $id) { conflicts { field } changes { recordId fields { field before after } } } }";
        let proposed = api.anyone().ask(query, json!({ "id": id })).await.data();
        let contribution = &proposed["contribution"];
        assert_eq!(contribution["conflicts"], json!([]), "{kind}");
        for change in contribution["changes"].as_array().unwrap() {
            for field in change["fields"].as_array().unwrap() {
                assert_eq!(
                    field["before"], field["after"],
                    "{} {field}",
                    change["recordId"]
                );
            }
        }
        let accepted = eva.accept(&id).await;
        assert_eq!(
            accepted["contribution"]["state"], "ACCEPTED",
            "{accepted:#}"
        );
        assert_eq!(read(&api, &noun).await, found, "{kind}");
        for at in 0..RECORDS {
            let id = id_of(kind, at);
            let query = format!(
                "{{ node(id: \"{id}\") {{ ... on {kind} {{ version history {{ nodes {{ fields {{ field }} operation }} }} }} }} }}"
            );
            let node = api.query(&query).await["node"].clone();
            let last = node["history"]["nodes"]
                .as_array()
                .unwrap()
                .last()
                .unwrap()
                .clone();
            if last["operation"] == "UPDATE" {
                assert_eq!(last["fields"], json!([]), "{id}");
            }
        }
    }
    // The export is imported without a change, here and on another server.
    let file = api.export().await;
    let imported = api.import(&file, true).await.unwrap();
    assert_eq!((imported.created, imported.updated), (0, 0));
    assert!(imported.differing.is_empty(), "{:?}", imported.differing);
    let other = Api::empty().await;
    other.import(&file, false).await.unwrap();
    assert_eq!(other.export().await, file);
}

#[tokio::test]
async fn false_and_absent_values_are_equal_and_do_not_conflict() {
    let api = Api::seeded().await;
    let (carla, eva) = (api.contributor().await, api.editor("eva").await);
    let body = "CybersecurityBody:az-electronic-security-centre";
    let query = format!("{{ node(id: \"{body}\") {{ ... on CybersecurityBody {{ version }} }} }}");
    let version = api.query(&query).await["node"]["version"].clone();
    let names = |is_original: Value, more: Value| {
        let mut names = vec![
            json!({ "language": "en", "text": "Electronic Security Centre", "isOriginal": is_original }),
        ];
        names.extend(more.as_array().unwrap().clone());
        json!([{ "updateCybersecurityBody": { "id": body, "baseVersion": version, "set": { "names": names },
            "cite": [{ "source": "Source:ncsi-az" }] } }])
    };
    let said = carla
        .proposed(names(
            json!(false),
            json!([{ "language": "fr", "text": "Centre" }]),
        ))
        .await;
    let unsaid = carla
        .proposed(names(
            Value::Null,
            json!([{ "language": "de", "text": "Zentrum" }]),
        ))
        .await;
    for id in [&said, &unsaid] {
        assert_eq!(eva.accept(id).await["contribution"]["state"], "ACCEPTED");
    }
    let query = format!(
        "{{ node(id: \"{body}\") {{ ... on CybersecurityBody {{ names {{ language isOriginal }} }} }} }}"
    );
    let names =
        ["en", "fr", "de"].map(|language| json!({ "language": language, "isOriginal": false }));
    let mut found = api.query(&query).await["node"]["names"]
        .as_array()
        .unwrap()
        .clone();
    found.sort_by_key(|name| name["language"] != "en");
    assert_eq!(found.len(), 3);
    assert!(names.iter().all(|name| found.contains(name)), "{found:?}");
}

#[tokio::test]
async fn a_future_membership_survives_an_edit_of_the_other_memberships() {
    let api = Api::seeded().await;
    let eva = api.editor("eva").await;
    let member =
        |organisation: &str, since: &str| json!({ "organisation": organisation, "since": since });
    let publish = async |version: i64, body: Value| {
        let mut update = json!({ "id": "Country:mv", "baseVersion": version });
        update
            .as_object_mut()
            .unwrap()
            .extend(body.as_object().unwrap().clone());
        eva.publish(json!([{ "updateCountry": update }])).await;
    };
    let all = async || {
        let query = "{ at(asOf: \"9000-01-01\") { country(code: \"MV\") { memberships { organisation } } } }";
        let found = api.query(query).await["at"]["country"]["memberships"].clone();
        let found = found.as_array().unwrap().iter();
        let found: Vec<String> = found
            .map(|one| one["organisation"].as_str().unwrap().to_owned())
            .collect();
        found
    };
    let later = member("ASEAN", "8999-01-01");
    publish(
        1,
        json!({ "set": { "memberships": [member("COMMONWEALTH", "1982"), later] } }),
    )
    .await;
    publish(2, json!({ "set": { "memberships": [member("COMMONWEALTH", "1982-07-09"), member("OAS", "2000")] } })).await;
    assert_eq!(all().await, ["COMMONWEALTH", "OAS", "ASEAN"]);
    publish(3, json!({ "clear": ["MEMBERSHIPS"] })).await;
    assert!(all().await.is_empty());
}
