//! Search: the first hits of many searches, pages, moments, what is never found, and input that finds nothing.

use std::collections::HashSet;
use std::fmt::Write as _;

use cyberprofiles::graphql::limits::Limits;
use serde_json::{Value, json};

use crate::harness::{Api, Person, cite, roomy};

const SEARCH: &str = "query($query: String!, $kinds: [RecordKind!], $countries: [CountryCode!], $first: Int, $after: String,
    $last: Int, $before: String) {
    search(query: $query, kinds: $kinds, countries: $countries, first: $first, after: $after, last: $last, before: $before) {
        totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        edges { cursor node { score highlights record { recordId label } } } } }";

async fn search(api: &Api, variables: Value) -> Value {
    let answer = api.anyone().ask(SEARCH, variables).await.data();
    answer["search"].clone()
}

fn ids(found: &Value) -> Vec<String> {
    let edges = found["edges"].as_array().unwrap().iter();
    edges
        .map(|edge| {
            edge["node"]["record"]["recordId"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect()
}

/// Searches with the ids of their first three hits, best first; fewer if there are no more.
const SEARCHES: [(&str, &[&str]); 52] = [
    // Names, acronyms, references and titles.
    (
        "ANSSI",
        &[
            "CybersecurityBody:fr-anssi",
            "CybersecurityBody:bj-anssi",
            "Source:fr-lemondeinformatique-2011",
        ],
    ),
    (
        "cert-fr",
        &[
            "OperationalUnit:fr-cert-fr",
            "CoverageAssertion:fr-national-csirt-2021",
        ],
    ),
    (
        "BKA",
        &[
            "CybersecurityBody:at-chancellery",
            "CybersecurityBody:de-bka",
            "OperationalUnit:de-bka-zac",
        ],
    ),
    (
        "budapest convention",
        &[
            "Treaty:ets-185",
            "PolicyDocument:it-legge-48-2008",
            "PolicyDocument:cl-law-21459",
        ],
    ),
    (
        "ETS 185",
        &["Treaty:ets-185", "Source:ar-wipo-952", "Source:au-wipo-952"],
    ),
    (
        "ets185",
        &["Treaty:ets-185", "Source:ar-wipo-952", "Source:au-wipo-952"],
    ),
    (
        "second additional protocol",
        &[
            "Treaty:cets-224",
            "Source:lk-ft-2022-12-09",
            "Source:ca-opc-2ap-2024",
        ],
    ),
    (
        "AZ",
        &[
            "Country:az",
            "PolicyDocument:cz-strategy-2015",
            "Source:lk-newsaz-2025-09-19",
        ],
    ),
    (
        "computer misuse act",
        &[
            "PolicyDocument:gb-computer-misuse-act-1990",
            "PolicyDocument:ke-cmca-2018",
            "PolicyDocument:sg-cma-1993",
        ],
    ),
    (
        "article 18",
        &[
            "ArticleImplementation:be-ets-185-18",
            "ArticleImplementation:br-ets-185-18",
            "ArticleImplementation:ca-ets-185-18",
        ],
    ),
    // Spellings and compounds.
    (
        "cyber crime unit",
        &[
            "OperationalUnit:gh-police-cybercrime-unit",
            "OperationalUnit:al-police-cybercrime-unit",
            "OperationalUnit:cr-mp-cybercrime-unit",
        ],
    ),
    (
        "cybercrime unit",
        &[
            "OperationalUnit:gh-police-cybercrime-unit",
            "OperationalUnit:al-police-cybercrime-unit",
            "OperationalUnit:cr-mp-cybercrime-unit",
        ],
    ),
    (
        "cyber-crime unit",
        &[
            "OperationalUnit:gh-police-cybercrime-unit",
            "OperationalUnit:al-police-cybercrime-unit",
            "OperationalUnit:cr-mp-cybercrime-unit",
        ],
    ),
    (
        "cybersecurity center",
        &[
            "CybersecurityBody:ar-cnc",
            "CybersecurityBody:au-acsc",
            "CybersecurityBody:be-ccb",
        ],
    ),
    (
        "organized crime",
        &[
            "CybersecurityBody:gb-regional-organised-crime-units",
            "CybersecurityBody:gb-soca",
            "CybersecurityBody:gh-eoco",
        ],
    ),
    (
        "turkiye",
        &[
            "Country:tr",
            "CybersecurityBody:tr-parliament",
            "CybersecurityBody:tr-presidency",
        ],
    ),
    (
        "cote d ivoire",
        &["Country:ci", "Source:coe-ci-2022", "Source:ci-ciomag-2024"],
    ),
    (
        "Cote dIvoire",
        &["Country:ci", "Source:coe-ci-2022", "Source:ci-ciomag-2024"],
    ),
    // Several words in any order, with the name of the country.
    (
        "police estonia",
        &[
            "CybersecurityBody:ee-ppa",
            "CybersecurityBody:ee-security-police",
            "OperationalUnit:ee-central-criminal-police",
        ],
    ),
    (
        "estonia police",
        &[
            "CybersecurityBody:ee-ppa",
            "CybersecurityBody:ee-security-police",
            "OperationalUnit:ee-central-criminal-police",
        ],
    ),
    (
        "cert ukraine",
        &[
            "CybersecurityBody:ua-cert-ua",
            "CybersecurityBody:ua-sssscip",
            "PolicyDocument:ua-cybersecurity-law-2017",
        ],
    ),
    (
        "law 2012 georgia",
        &[
            "PolicyDocument:ge-information-security-law-2012",
            "Source:ge-matsne-6391",
            "CoverageAssertion:ge-cybersecurity-law",
        ],
    ),
    (
        "azerb special communic",
        &[
            "CybersecurityBody:az-special-communication-state-service",
            "CybersecurityBody:az-state-agency-special-communications",
            "ProfileSection:az-policies",
        ],
    ),
    // In other languages.
    (
        "Allemagne",
        &[
            "Country:de",
            "CybersecurityBody:de-bka",
            "CybersecurityBody:de-bmi",
        ],
    ),
    (
        "Bundesamt für Sicherheit in der Informationstechnik",
        &[
            "CybersecurityBody:de-bsi",
            "PolicyDocument:de-bsig",
            "Source:de-bsi-strategy",
        ],
    ),
    (
        "Bundeskriminalamt",
        &[
            "CybersecurityBody:at-criminal-intelligence",
            "CybersecurityBody:de-bka",
            "TreatyEvent:at-ets-185-designation-article-35",
        ],
    ),
    (
        "stratégie nationale de cybersécurité",
        &[
            "PolicyDocument:ma-snc-2030",
            "PolicyDocument:sn-snc2022",
            "PolicyDocument:fr-strategie-cybersecurite-2026-2030",
        ],
    ),
    (
        "Loi Godfrain",
        &[
            "PolicyDocument:fr-loi-godfrain-1988",
            "Source:fr-incyber-loi-godfrain",
        ],
    ),
    (
        "кабінет міністрів україни",
        &["CybersecurityBody:ua-cabinet-of-ministers"],
    ),
    (
        "Policía Nacional",
        &[
            "CybersecurityBody:do-police",
            "CybersecurityBody:es-policia-nacional",
            "CybersecurityBody:py-police",
        ],
    ),
    (
        "ministerio publico",
        &[
            "CybersecurityBody:cl-public-prosecution",
            "CybersecurityBody:cr-ministerio-publico",
            "CybersecurityBody:py-public-ministry",
        ],
    ),
    (
        "commission nationale de l'informatique",
        &["CybersecurityBody:fr-cnil"],
    ),
    (
        "code pénal",
        &[
            "PolicyDocument:be-code-penal",
            "PolicyDocument:bj-code-penal",
            "PolicyDocument:fr-code-penal",
        ],
    ),
    (
        "Azərbaycan",
        &[
            "Country:az",
            "CybersecurityBody:az-electronic-security-centre",
            "CybersecurityBody:az-foreign-intelligence-service",
        ],
    ),
    (
        "Aserbaidschan",
        &[
            "Country:az",
            "CybersecurityBody:az-electronic-security-centre",
            "CybersecurityBody:az-foreign-intelligence-service",
        ],
    ),
    (
        "Україна",
        &[
            "Country:ua",
            "CybersecurityBody:ua-nccc",
            "CybersecurityBody:ua-cert-ua",
        ],
    ),
    (
        "Kroatien",
        &[
            "Country:hr",
            "TreatyEvent:hr-cets-224-signature",
            "TreatyEvent:hr-ets-185-entry-into-force",
        ],
    ),
    // By names that people use besides the one in the record.
    (
        "UK",
        &[
            "Country:gb",
            "CybersecurityBody:gb-cert-uk",
            "OperationalUnit:gb-ukca",
        ],
    ),
    (
        "russian federation",
        &["Country:ru", "TreatyEvent:ru-untc-xviii-16-signature"],
    ),
    ("holy see", &["Country:va", "Source:coe-holy-see-observer"]),
    (
        "USA",
        &[
            "Country:us",
            "PolicyDocument:ge-information-security-law-2023",
            "Source:tr-usak-usom",
        ],
    ),
    ("Swaziland", &["Country:sz"]),
    // With typing errors.
    (
        "azerbijan",
        &[
            "Country:az",
            "PolicyDocument:az-cybersecurity-strategy-2023-2027",
            "PolicyDocument:az-information-society-strategy-2014-2020",
        ],
    ),
    (
        "ukriane",
        &[
            "Country:ua",
            "CybersecurityBody:ua-cert-ua",
            "CybersecurityBody:ua-president",
        ],
    ),
    (
        "federal crimnal police",
        &[
            "CybersecurityBody:de-bka",
            "OperationalUnit:de-bka-zac",
            "OperationalUnit:de-national-high-tech-crime-unit",
        ],
    ),
    (
        "cybercirme",
        &[
            "Treaty:untc-xviii-16",
            "CybersecurityBody:ph-cicc",
            "CybersecurityBody:ke-nc4",
        ],
    ),
    (
        "Bundskriminalamt",
        &[
            "CybersecurityBody:at-criminal-intelligence",
            "CybersecurityBody:de-bka",
            "TreatyEvent:at-ets-185-designation-article-35",
        ],
    ),
    (
        "budapset convention",
        &[
            "Treaty:ets-185",
            "PolicyDocument:be-loi-2012",
            "PolicyDocument:co-ley-1928-2018",
        ],
    ),
    (
        "strategey cybersecurity",
        &[
            "CybersecurityBody:jp-nisc",
            "OperationalUnit:do-ecec",
            "PolicyDocument:pl-strategy-2019-2024",
        ],
    ),
    (
        "criminl code germany",
        &[
            "PolicyDocument:de-stgb",
            "PolicyDocument:de-stpo",
            "PolicyDocument:de-41-straendg-2007",
        ],
    ),
    (
        "investgation central bureau",
        &[
            "CybersecurityBody:in-central-bureau-of-investigation",
            "OperationalUnit:pl-cbsp-cybercrime-division",
            "OperationalUnit:pl-cbzc",
        ],
    ),
    (
        "infromation security strategy azerbaijan",
        &[
            "PolicyDocument:az-cybersecurity-strategy-2023-2027",
            "Source:dig-watch-az-2023",
            "PolicyDocument:az-information-society-strategy-2014-2020",
        ],
    ),
];

#[tokio::test]
async fn forty_searches_find_what_a_reader_means() {
    let api = Api::seeded().await;
    let mut wrong = String::new();
    for (query, expected) in SEARCHES {
        let found = ids(&search(&api, json!({ "query": query, "first": 3 })).await);
        if found != expected {
            writeln!(wrong, "{query}: {found:?}").unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[tokio::test]
async fn pages_of_a_search_contain_each_hit_once_in_both_directions() {
    let api = Api::seeded().await;
    for query in ["cybercrime", "ministry", "azerbaijan"] {
        let (mut forward, mut backward) = (Vec::new(), Vec::new());
        let mut scores = Vec::new();
        let mut variables = json!({ "query": query, "first": 90 });
        let total = loop {
            let page = search(&api, variables.clone()).await;
            assert_eq!(page["pageInfo"]["hasPreviousPage"], !forward.is_empty());
            forward.extend(ids(&page));
            let edges = page["edges"].as_array().unwrap().iter();
            scores.extend(edges.map(|edge| edge["node"]["score"].as_f64().unwrap()));
            if page["pageInfo"]["hasNextPage"] == false {
                break page["totalCount"].as_u64().unwrap();
            }
            variables["after"] = page["pageInfo"]["endCursor"].clone();
        };
        let mut variables = json!({ "query": query, "last": 70 });
        loop {
            let page = search(&api, variables.clone()).await;
            assert_eq!(page["pageInfo"]["hasNextPage"], !backward.is_empty());
            let mut ids = ids(&page);
            ids.extend(backward);
            backward = ids;
            if page["pageInfo"]["hasPreviousPage"] == false {
                break;
            }
            variables["before"] = page["pageInfo"]["startCursor"].clone();
        }
        assert_eq!(forward, backward, "{query}");
        let distinct: HashSet<&String> = forward.iter().collect();
        assert_eq!(distinct.len(), forward.len(), "{query}");
        assert_eq!(u64::try_from(forward.len()).unwrap(), total, "{query}");
        assert!(scores.is_sorted_by(|one, next| one >= next), "{query}");
        assert!(
            scores.iter().all(|score| (0.0..=1.0).contains(score)),
            "{query}"
        );
    }
}

#[tokio::test]
async fn kinds_and_countries_restrict_a_search() {
    let api = Api::seeded().await;
    let found = search(
        &api,
        json!({ "query": "police", "kinds": ["OPERATIONAL_UNIT"], "first": 100 }),
    )
    .await;
    let kinds = ids(&found);
    assert!(!kinds.is_empty() && kinds.iter().all(|id| id.starts_with("OperationalUnit:")));
    let found = search(
        &api,
        json!({ "query": "police", "countries": ["EE", "DE"], "first": 100 }),
    )
    .await;
    let countries = ids(&found);
    assert!(
        countries.iter().any(|id| id.contains(":de-"))
            && countries.iter().any(|id| id.contains(":ee-"))
    );
    assert!(
        countries
            .iter()
            .all(|id| id.contains(":de-") || id.contains(":ee-"))
    );
    let both = json!({ "query": "estonia", "countries": ["EE"], "kinds": ["COUNTRY"] });
    assert_eq!(ids(&search(&api, both).await), ["Country:ee"]);
}

/// The ids that a search finds.
async fn found(api: &Api, query: &str) -> Vec<String> {
    ids(&search(api, json!({ "query": query, "first": 100 })).await)
}

async fn new_body(editor: &Person<'_>, key: &str, name: &str) {
    let names = json!([{ "text": name, "language": "en" }]);
    let fields =
        json!({ "names": names, "kind": "CSIRT", "status": "OPERATIONAL", "country": "IE" });
    let change =
        json!({ "createCybersecurityBody": { "key": key, "fields": fields, "cite": cite() } });
    editor.publish(json!([change])).await;
}

#[tokio::test]
async fn a_search_sees_every_change_that_was_acknowledged_before_it() {
    let api = Api::seeded().await;
    let editor = api.editor("erik").await;
    assert!(found(&api, "quokka team").await.is_empty());
    for number in 0..5 {
        let key = format!("ie-quokka-{number}");
        new_body(&editor, &key, &format!("Quokka team {number}")).await;
        assert_eq!(found(&api, "quokka team").await.len(), number + 1);
    }
    assert_eq!(found(&api, "ireland quokka csirt").await.len(), 5);
    let id = "CybersecurityBody:ie-quokka-3";
    let names = json!({ "names": [{ "text": "Thylacine team", "language": "en" }] });
    let update = json!({ "updateCybersecurityBody": { "id": id, "baseVersion": 1, "set": names, "cite": cite() } });
    editor.publish(json!([update])).await;
    assert_eq!(found(&api, "thylacine").await, [id]);
    assert_eq!(found(&api, "quokka").await.len(), 4);
    let retire = json!({ "retire": { "id": id, "baseVersion": 2, "reason": "A test." } });
    editor.publish(json!([retire])).await;
    assert!(found(&api, "thylacine").await.is_empty());
    let restore = json!({ "restore": { "id": id, "baseVersion": 2, "reason": "A test." } });
    editor.publish(json!([restore])).await;
    assert_eq!(found(&api, "thylacine").await, [id]);
}

#[tokio::test]
async fn another_instance_finds_what_this_one_accepts() {
    let api = Api::seeded().await;
    let other = Api::builder().database(api.url.clone()).start().await;
    assert!(found(&other, "numbat").await.is_empty());
    new_body(&api.editor("erik").await, "ie-numbat", "Numbat office").await;
    assert_eq!(
        found(&other, "numbat").await,
        ["CybersecurityBody:ie-numbat"]
    );
}

#[tokio::test]
async fn proposals_drafts_and_tips_are_never_found() {
    let api = Api::seeded().await;
    let author = api.contributor().await;
    let names = json!([{ "text": "Potoroo office", "language": "en" }]);
    let fields =
        json!({ "names": names, "kind": "CSIRT", "status": "OPERATIONAL", "country": "IE" });
    let change = json!({ "createCybersecurityBody": { "fields": fields, "cite": cite() } });
    let proposed = author.propose(json!([change.clone()])).await;
    assert!(proposed["contribution"]["id"].is_string(), "{proposed:#}");
    author
        .create(json!({ "title": "Potoroo", "rationale": "Potoroo", "changes": [change] }))
        .await;
    let tip = "mutation { submitTip(input: { country: \"AZ\", message: \"A potoroo was seen.\" }) { userErrors { code } } }";
    assert_eq!(
        api.anyone().ask(tip, json!({})).await.data()["submitTip"]["userErrors"],
        json!([])
    );
    assert!(found(&api, "potoroo").await.is_empty());
}

#[tokio::test]
async fn texts_of_all_kinds_are_searched() {
    let api = Api::seeded().await;
    for (kind, query) in [
        ("COUNTRY", "western asia"),
        ("TREATY", "evidence"),
        ("CYBERSECURITY_BODY", "primary bodies"),
        ("OPERATIONAL_UNIT", "counter-intelligence"),
        ("POLICY_DOCUMENT", "training and awareness"),
        ("TREATY_EVENT", "article 29"),
        ("COVERAGE_ASSERTION", "glacy"),
        ("ARTICLE_IMPLEMENTATION", "article 10"),
        ("COURT_DECISION", "judgment"),
        ("PROFILE_SECTION", "information society"),
        ("SOURCE", "wipo lex"),
    ] {
        let found = search(&api, json!({ "query": query, "kinds": [kind] })).await;
        assert_ne!(found["totalCount"], 0, "{kind}: {query}");
    }
}

#[tokio::test]
async fn highlights_are_plain_text_with_marks_around_the_words() {
    let api = Api::seeded().await;
    let editor = api.editor("erik").await;
    new_body(&editor, "ie-marked", "<b onclick=x>Bilby & team</b> ⟦so⟧").await;
    let found = search(&api, json!({ "query": "bilby" })).await;
    let highlights = &found["edges"][0]["node"]["highlights"];
    assert_eq!(*highlights, json!(["<b onclick=x>⟦Bilby⟧ & team</b> [so]"]));
}

#[tokio::test]
async fn any_text_is_answered_and_too_long_a_text_is_refused() {
    let api = Api::seeded().await;
    for query in [
        "",
        "   ",
        "\u{1f916}\u{1f6e1}",
        "\u{202e}\u{200f}",
        "\"",
        "(((",
        "* OR ?",
        "--; DROP TABLE",
        "\u{0}",
        "%_",
    ] {
        let page = search(&api, json!({ "query": query })).await;
        assert!(page["totalCount"].is_u64(), "{query}");
    }
    assert_eq!(found(&api, "\u{1f916}").await, Vec::<String>::new());
    let plain = found(&api, "national strategy").await;
    assert_eq!(
        found(&api, "\u{202b}national\u{202c} +\"strategy\"~")
            .await
            .first(),
        plain.first()
    );
    let long = api
        .anyone()
        .ask(SEARCH, json!({ "query": "a".repeat(10_000) }))
        .await;
    let message = long.body["errors"][0]["message"].as_str().unwrap();
    assert_eq!(
        message,
        "`query`: expected at most 200 characters, found 10000"
    );
    // Letters that are written with many others take no longer.
    let begun = std::time::Instant::now();
    let folded = search(&api, json!({ "query": "\u{fdfa}".repeat(200) })).await;
    assert_eq!(folded["totalCount"], 0);
    assert!(begun.elapsed() < std::time::Duration::from_secs(2));
    let words = search(
        &api,
        json!({ "query": "a b c d e f g h i j k l m n o p q r s t u v w x y z ".repeat(3) }),
    )
    .await;
    assert!(words["totalCount"].is_u64());
    let cursor = api
        .query("{ search(query: \"police\", first: 1) { pageInfo { endCursor } } }")
        .await;
    let cursor = &cursor["search"]["pageInfo"]["endCursor"];
    for other in [
        "{ search(query: \"law\", after: C) { totalCount } }",
        "{ search(query: \"police\", kinds: [SOURCE], after: C) { totalCount } }",
    ] {
        let refused = api.fails(&other.replace('C', &cursor.to_string())).await;
        assert_eq!(refused.code(), "BAD_USER_INPUT");
    }
}

#[tokio::test]
async fn an_index_beyond_its_memory_is_refused_and_the_rest_answers() {
    let limits = Limits {
        max_search_mebibytes: 1,
        ..roomy()
    };
    let api = Api::builder().limits(limits).start().await;
    for _ in 0..2 {
        let refused = api.anyone().ask(SEARCH, json!({ "query": "police" })).await;
        assert_eq!(refused.code(), "UNAVAILABLE");
    }
    let answer = api.query_once("{ country(code: \"AZ\") { name } }").await;
    assert_eq!(answer["country"]["name"], "Azerbaijan");
}
