//! Connections: every list can be read from end to end, in both directions.

use cyberprofiles::bundle;
use serde_json::{Value, json};

use crate::harness::{Api, cite};

async fn codes(api: &Api, arguments: &str) -> (Vec<String>, Value) {
    let query = format!(
        "{{ countries(orderBy: CODE, {arguments}) {{ totalCount
            edges {{ cursor node {{ code }} }} nodes {{ code }}
            pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }}"
    );
    let page = api.query(&query).await["countries"].clone();
    let edges = page["edges"].as_array().unwrap();
    let codes = edges
        .iter()
        .map(|edge| edge["node"]["code"].as_str().unwrap().to_owned())
        .collect();
    (codes, page)
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_repetition() {
    let api = Api::seeded().await;
    let (mut forward, mut backward) = (Vec::new(), Vec::new());
    let mut arguments = "first: 40".to_owned();
    loop {
        let (codes, page) = codes(&api, &arguments).await;
        assert_eq!(page["pageInfo"]["hasPreviousPage"], !forward.is_empty());
        assert_eq!(page["totalCount"], 250);
        forward.extend(codes);
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
        arguments = format!("first: 40, after: {}", page["pageInfo"]["endCursor"]);
    }
    let mut arguments = "last: 40".to_owned();
    loop {
        let (mut codes, page) = codes(&api, &arguments).await;
        assert_eq!(page["pageInfo"]["hasNextPage"], !backward.is_empty());
        codes.extend(backward);
        backward = codes;
        if page["pageInfo"]["hasPreviousPage"] == false {
            break;
        }
        arguments = format!("last: 40, before: {}", page["pageInfo"]["startCursor"]);
    }
    let mut sorted = forward.clone();
    sorted.sort();
    sorted.dedup();
    assert_eq!(forward.len(), 250);
    assert_eq!(forward, sorted);
    assert_eq!(backward, sorted);
}

#[tokio::test]
async fn nested_lists_and_the_change_log_are_paged_without_gaps() {
    let api = Api::seeded().await;
    let first = "{ treaty(reference: \"ETS 185\") {
        events(first: 2) { nodes { id } pageInfo { endCursor hasNextPage hasPreviousPage } } } }";
    let page = api.query(first).await["treaty"]["events"].clone();
    assert_eq!(page["pageInfo"]["hasPreviousPage"], false);
    let after = page["pageInfo"]["endCursor"].clone();
    let query = "query($after: String) { treaty(reference: \"ETS 185\") {
        all: events(first: 4) { totalCount nodes { id } }
        events(first: 2, after: $after) { nodes { id } pageInfo { hasPreviousPage } } } }";
    let answer = api
        .anyone()
        .ask(query, json!({ "after": after }))
        .await
        .data();
    let all = answer["treaty"]["all"]["nodes"].as_array().unwrap();
    let mut pages = page["nodes"].as_array().unwrap().clone();
    pages.extend(
        answer["treaty"]["events"]["nodes"]
            .as_array()
            .unwrap()
            .iter()
            .cloned(),
    );
    assert_eq!(&pages, all);
    assert_eq!(
        answer["treaty"]["events"]["pageInfo"]["hasPreviousPage"],
        true
    );
    let log = "query($after: Cursor) { changes(first: 3, after: $after) {
        nodes { sequence } pageInfo { endCursor hasPreviousPage hasNextPage } } }";
    let one = api.anyone().ask(log, json!({})).await.data()["changes"].clone();
    let next = json!({ "after": one["pageInfo"]["endCursor"] });
    let two = api.anyone().ask(log, next).await.data()["changes"].clone();
    assert_eq!(one["nodes"][0]["sequence"], 1);
    assert_eq!(two["nodes"][0]["sequence"], 4);
    assert_eq!(one["pageInfo"]["hasPreviousPage"], false);
    assert_eq!(two["pageInfo"]["hasPreviousPage"], true);
}

#[tokio::test]
async fn records_lists_every_record_once_in_order_of_id() {
    let api = Api::seeded().await;
    let lines = bundle::lines().map(Result::unwrap);
    let records = lines.filter(|line| line.starts_with("{\"create")).count();
    let mut after = Value::Null;
    let mut ids: Vec<String> = Vec::new();
    loop {
        let query = "query($after: String) { records(first: 100, after: $after) { totalCount
            nodes { recordId } pageInfo { hasNextPage endCursor } } }";
        let page = api
            .anyone()
            .ask(query, json!({ "after": after }))
            .await
            .data()["records"]
            .clone();
        assert_eq!(page["totalCount"], records);
        let nodes = page["nodes"].as_array().unwrap();
        ids.extend(
            nodes
                .iter()
                .map(|node| node["recordId"].as_str().unwrap().to_owned()),
        );
        after = page["pageInfo"]["endCursor"].clone();
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
    }
    let mut sorted = ids.clone();
    sorted.sort();
    sorted.dedup();
    assert_eq!((ids.len(), sorted.len()), (records, records));
    assert!(ids == sorted, "in order of id");
    let some = "{ records(kinds: [TREATY, COUNTRY], countries: [\"AZ\"]) { totalCount nodes { recordId } } }";
    let some = api.query(some).await;
    assert_eq!(
        some["records"],
        json!({ "totalCount": 1, "nodes": [{ "recordId": "Country:az" }] })
    );
}

#[tokio::test]
async fn an_omitted_variable_means_the_default_of_the_argument() {
    let api = Api::seeded().await;
    let query =
        "query($first: Int, $after: String, $treaty: TreatyReference, $filter: CountryFilter) {
        countries(first: $first, after: $after, filter: $filter) { nodes { code } }
        country(code: \"AZ\") { treatyStatus { status } } }";
    let answer = api.anyone().ask(query, json!({ "unused": 1 })).await;
    // The specification refuses a declared variable that is not used.
    assert_eq!(answer.code(), "BAD_USER_INPUT");
    let query = query.replace(", $treaty: TreatyReference", "");
    let answer = api.anyone().ask(&query, json!({})).await.data();
    assert_eq!(answer["countries"]["nodes"].as_array().unwrap().len(), 25);
    let with_default = "query($n: Int = 7) { countries(first: $n) { nodes { code } } }";
    let answer = api.anyone().ask(with_default, json!({})).await.data();
    assert_eq!(answer["countries"]["nodes"].as_array().unwrap().len(), 7);
    let two = "query A($n: Int) { countries(first: $n) { totalCount } }
        query B($n: Int = 5) { countries(first: $n) { nodes { code } } }";
    let request = api
        .request(reqwest::Method::POST, "/graphql")
        .json(&json!({ "query": two, "operationName": "B" }));
    let answer: Value = request.send().await.unwrap().json().await.unwrap();
    assert_eq!(
        answer["data"]["countries"]["nodes"]
            .as_array()
            .unwrap()
            .len(),
        5,
        "{answer}"
    );
    let shared = "query A { head { ...h } } query B { country(code: \"AZ\") { ...c } }
        fragment h on Head { sequence } fragment c on Country { code }";
    let request = api
        .request(reqwest::Method::POST, "/graphql")
        .json(&json!({ "query": shared, "operationName": "B" }));
    let answer: Value = request.send().await.unwrap().json().await.unwrap();
    assert_eq!(answer, json!({ "data": { "country": { "code": "AZ" } } }));
    let inside = "query($codes: [CountryCode!]) { countries(filter: { codes: $codes, kinds: [ORGANISATION] }) { totalCount } }";
    let answer = api.anyone().ask(inside, json!({})).await.data();
    assert_eq!(answer["countries"]["totalCount"], 1);
}

#[tokio::test]
async fn a_forged_cursor_is_refused() {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let api = Api::seeded().await;
    let first = api
        .query("{ countries(first: 1, orderBy: LAST_CHANGED) { pageInfo { endCursor } } }")
        .await;
    let cursor = first["countries"]["pageInfo"]["endCursor"]
        .as_str()
        .unwrap();
    let tag = URL_SAFE_NO_PAD.decode(cursor).unwrap()[..6].to_vec();
    for key in [
        r#"["text","Country:az"]"#,
        "[7,8]",
        "[7]",
        r#"[7,"Country:az",1]"#,
        "[7,\"a\\u0000\"]",
    ] {
        let forged = URL_SAFE_NO_PAD.encode([&tag, key.as_bytes()].concat());
        let query = format!(
            "{{ countries(orderBy: LAST_CHANGED, after: \"{forged}\") {{ nodes {{ code }} }} }}"
        );
        assert_eq!(api.fails(&query).await.code(), "BAD_USER_INPUT", "{key}");
    }
    // Another field of the same request is answered.
    let first = api
        .query("{ records(first: 1) { pageInfo { endCursor } } }")
        .await;
    let cursor = first["records"]["pageInfo"]["endCursor"].as_str().unwrap();
    let tag = URL_SAFE_NO_PAD.decode(cursor).unwrap()[..6].to_vec();
    let forged = URL_SAFE_NO_PAD.encode([&tag, br#"["a","b"]"#.as_slice()].concat());
    for list in ["records", "countries"] {
        let after = if list == "records" { &forged } else { "x" };
        let query = format!(
            "{{ a: {list}(first: 2, after: \"{after}\") {{ nodes {{ recordId }} }}
               b: records(first: 2) {{ nodes {{ recordId }} }} }}"
        );
        let answer = api.anyone().ask(&query, json!({})).await.body;
        assert_eq!(answer["errors"][0]["path"], json!(["a"]), "{answer}");
        assert_eq!(answer["errors"].as_array().unwrap().len(), 1, "{answer}");
    }
}

#[tokio::test]
async fn pages_stay_stable_beside_writes_and_know_both_ends() {
    let api = Api::seeded().await;
    let page = async |arguments: &str| {
        let query = format!(
            "{{ country(code: \"AZ\") {{ cybersecurityBodies({arguments}) {{ totalCount nodes {{ name }}
                pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }} }}"
        );
        api.query(&query).await["country"]["cybersecurityBodies"].clone()
    };
    let ends = |page: &Value| {
        let info = &page["pageInfo"];
        (info["hasPreviousPage"] == true, info["hasNextPage"] == true)
    };
    let first = page("first: 3").await;
    assert_eq!(ends(&first), (false, true));
    let total = first["totalCount"].as_u64().unwrap();
    let body = json!([{ "createCybersecurityBody": { "key": "az-aaa", "fields": { "kind": "OTHER", "status": "UNKNOWN",
        "country": "AZ", "names": [{ "text": "AAA", "language": "en" }] }, "cite": cite() } }]);
    api.editor("eva").await.publish(body).await;
    let end = first["pageInfo"]["endCursor"].as_str().unwrap();
    let rest = page(&format!("first: 100, after: \"{end}\"")).await;
    assert_eq!(ends(&rest), (true, false));
    assert_eq!(rest["totalCount"], total + 1);
    assert_eq!(
        rest["nodes"].as_array().unwrap().len(),
        usize::try_from(total - 3).unwrap()
    );
    let start = rest["pageInfo"]["startCursor"].as_str().unwrap();
    let back = page(&format!("last: 2, before: \"{start}\"")).await;
    assert_eq!(ends(&back), (true, true));
    assert_eq!(back["nodes"][1], first["nodes"][2]);
    let last = page("last: 2").await;
    assert_eq!(ends(&last), (true, false));
    assert_eq!(
        last["nodes"][1],
        rest["nodes"].as_array().unwrap().last().unwrap().clone()
    );
    // A cursor of another country's list, and one of another filter.
    for query in [
        format!(
            "{{ country(code: \"FR\") {{ cybersecurityBodies(after: \"{end}\") {{ totalCount }} }} }}"
        ),
        format!(
            "{{ country(code: \"AZ\") {{ cybersecurityBodies(after: \"{end}\", filter: {{ status: [OPERATIONAL] }}) {{ totalCount }} }} }}"
        ),
        format!(
            "{{ country(code: \"AZ\") {{ operationalUnits(after: \"{end}\") {{ totalCount }} }} }}"
        ),
    ] {
        assert_eq!(api.fails(&query).await.code(), "BAD_USER_INPUT", "{query}");
    }
}
