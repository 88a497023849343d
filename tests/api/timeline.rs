//! Statuses on any day: counted in every way that the API offers, and compared with published counts.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::harness::Api;

fn counts(list: &Value) -> BTreeMap<String, i64> {
    let list = list.as_array().unwrap().iter();
    list.map(|one| {
        let status = one["status"].as_str().unwrap().to_owned();
        (status, one["count"].as_i64().unwrap())
    })
    .collect()
}

/// The counts of statuses that only countries with an act have. The other two are also those of countries without one.
fn acted(mut counts: BTreeMap<String, i64>) -> BTreeMap<String, i64> {
    counts.retain(|status, _| !["NO_ACTION", "UNKNOWN"].contains(&status.as_str()));
    counts
}

#[tokio::test]
async fn parties_and_contracting_states_match_the_council_of_europes_counts() {
    let api = Api::seeded().await;
    let official = [
        ("2012-06-30", 35),
        ("2015-09-30", 47),
        ("2017-07-11", 55),
        // The Council of Europe counted 55, without Costa Rica, which had acceded ten days before.
        ("2017-10-02", 56),
        ("2018-06-29", 60),
        ("2021-04-28", 66),
        ("2023-10-09", 68),
        ("2024-02-07", 69),
        // The Council of Europe counted 75: the day on which Grenada acceded was never found published.
        ("2024-06-20", 74),
    ];
    for (day, bound) in official {
        let query = format!(
            "{{ at(asOf: \"{day}\") {{ treaty(reference: \"ETS 185\") {{ statusCounts {{ status count }} }} }} }}"
        );
        let answer = api.query(&query).await;
        let counts = counts(&answer["at"]["treaty"]["statusCounts"]);
        let of = |status: &str| counts.get(status).copied().unwrap_or(0);
        assert_eq!(of("PARTY") + of("CONTRACTING_STATE"), bound, "{day}");
    }
}

#[tokio::test]
async fn all_status_counts_of_a_treaty_agree_on_random_days() {
    let api = Api::seeded().await;
    let mut seed = 2_001_u32;
    for _ in 0..12 {
        seed = seed.wrapping_mul(1_103_515_245).wrapping_add(12_345);
        let day = chrono::NaiveDate::from_ymd_opt(2001, 11, 23).unwrap()
            + chrono::Days::new(u64::from((seed >> 8) % 9_000));
        let query = format!(
            "{{ at(asOf: \"{day}\") {{ treaty(reference: \"ETS 185\") {{ statusCounts {{ status count }} statuses {{ status country {{ code }} }}
                timeline(from: \"{day}\", to: \"{day}\") {{ on counts {{ status count }} }}
                party: participations(filter: {{ status: [PARTY] }}) {{ totalCount }} }}
              countries(filter: {{ kinds: [STATE, TERRITORY, OTHER, ORGANISATION], treatyStatus: {{ treaty: \"ETS 185\", status: [PARTY] }} }}, first: 100) {{
                totalCount nodes {{ code treatyStatus {{ status }} }} }} }}
              now: treaty(reference: \"ETS 185\") {{ timeline(from: \"{day}\", to: \"{day}\") {{ counts {{ status count }} }} }} }}"
        );
        let answer = api.query(&query).await;
        let treaty = &answer["at"]["treaty"];
        let mut recounted: BTreeMap<String, i64> = BTreeMap::new();
        for one in treaty["statuses"].as_array().unwrap() {
            *recounted
                .entry(one["status"].as_str().unwrap().to_owned())
                .or_default() += 1;
        }
        let recounted = acted(recounted);
        let counted = counts(&treaty["statusCounts"]);
        assert_eq!(acted(counted.clone()), recounted, "{day}");
        assert_eq!(counts(&treaty["timeline"][0]["counts"]), counted, "{day}");
        assert_eq!(
            counts(&answer["now"]["timeline"][0]["counts"]),
            counted,
            "{day}"
        );
        let parties = recounted.get("PARTY").copied().unwrap_or(0);
        assert_eq!(treaty["party"]["totalCount"], parties, "{day}");
        let countries = &answer["at"]["countries"];
        for one in countries["nodes"].as_array().unwrap() {
            assert_eq!(one["treatyStatus"]["status"], "PARTY", "{day}");
        }
        // Counts every country, including territories to which a Party has extended the treaty.
        let mut after = Value::Null;
        let mut found = 0;
        loop {
            let query = "query($day: Date, $after: String) { at(asOf: $day) { countries(first: 100, after: $after,
                filter: { kinds: [STATE, TERRITORY, OTHER, ORGANISATION] }) {
                nodes { treatyStatus(treaty: \"ETS 185\") { status } } pageInfo { hasNextPage endCursor } } } }";
            let variables = json!({ "day": day.to_string(), "after": after });
            let page = api.anyone().ask(query, variables).await.data()["at"]["countries"].clone();
            let nodes = page["nodes"].as_array().unwrap().iter();
            found += nodes
                .filter(|one| one["treatyStatus"]["status"] == "PARTY")
                .count();
            if page["pageInfo"]["hasNextPage"] == false {
                break;
            }
            after = page["pageInfo"]["endCursor"].clone();
        }
        assert_eq!(countries["totalCount"], found, "{day}");
    }
}

#[tokio::test]
async fn every_country_has_exactly_one_status_under_a_treaty() {
    let api = Api::seeded().await;
    let list = async |filter: &str| {
        let query = format!("{{ countries(filter: {{ {filter} }}) {{ totalCount }} }}");
        api.query(&query).await["countries"]["totalCount"]
            .as_i64()
            .unwrap()
    };
    let with =
        |statuses: &str| format!("treatyStatus: {{ treaty: \"ETS 185\", status: [{statuses}] }}");
    // With kinds, territories for which only another State acted are in the lists, too.
    let kinds = "kinds: [STATE, TERRITORY, OTHER]";
    let all = list("").await;
    let acted = "INVITED_TO_ACCEDE, SIGNATORY, CONTRACTING_STATE, PARTY";
    let (some, none) = (
        list(&format!("{kinds}, {}", with(acted))).await,
        list(&format!("{kinds}, {}", with("NO_ACTION, UNKNOWN"))).await,
    );
    assert_eq!(some + none, all);
    assert_eq!(list(&with(acted)).await, some - 1);
    assert_eq!(list(&with("NO_ACTION, UNKNOWN")).await, none);
    assert!(none > 100, "{none}");
    assert_eq!(list(&with("")).await, 0);
    assert_eq!(
        list("treatyStatus: { treaty: \"ETS 1\", status: [NO_ACTION] }").await,
        0
    );
    let one = format!("codes: [\"AZ\", \"IE\"], {}", with("PARTY"));
    assert_eq!(list(&one).await, 1);
    let malformed = "{ countries(filter: { treatyStatus: { treaty: \"?\", status: [PARTY] } }) { totalCount } }";
    let answer = api.fails(malformed).await;
    assert!(
        answer.message().starts_with("`filter.treatyStatus.treaty`"),
        "{}",
        answer.message()
    );
    // The cursors of a filtered page are valid for the next one.
    let query = "query($after: String) { countries(first: 50, after: $after, filter: { treatyStatus: { treaty: \"ETS 185\", status: [PARTY] } }) {
        nodes { code } pageInfo { hasNextPage endCursor } } }";
    let first = api.anyone().ask(query, json!({})).await.data();
    let after = &first["countries"]["pageInfo"]["endCursor"];
    let second = api
        .anyone()
        .ask(query, json!({ "after": after }))
        .await
        .data();
    assert_eq!(second["countries"]["pageInfo"]["hasNextPage"], false);
    let codes = |page: &Value| page["countries"]["nodes"].as_array().unwrap().len();
    assert_eq!(
        (codes(&first), codes(&first) + codes(&second)),
        (50, usize::try_from(list(&with("PARTY")).await).unwrap())
    );
}

#[tokio::test]
async fn a_timeline_has_a_point_at_the_end_of_each_step() {
    let api = Api::seeded().await;
    let days = async |arguments: &str| {
        let query =
            format!("{{ treaty(reference: \"ETS 185\") {{ timeline({arguments}) {{ on }} }} }}");
        let answer = api.query(&query).await;
        let points = answer["treaty"]["timeline"].as_array().unwrap().clone();
        points
            .iter()
            .map(|one| one["on"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        days("from: \"2008-05-03\", to: \"2010-02-10\"").await,
        ["2008-12-31", "2009-12-31", "2010-02-10"]
    );
    assert_eq!(
        days("step: MONTH, from: \"2023-12-15\", to: \"2024-02-29\"").await,
        ["2023-12-31", "2024-01-31", "2024-02-29"]
    );
    let whole = "{ at(asOf: \"2026-01-01\") { treaty(reference: \"ETS 185\") { timeline { on counts { status count } } } } }";
    let whole = api.query(whole).await["at"]["treaty"]["timeline"].clone();
    let points = whole.as_array().unwrap();
    assert_eq!(points[0]["on"], "2001-12-31");
    assert_eq!(points.last().unwrap()["on"], "2026-01-01");
    assert_eq!(points.len(), 26);
    let parties: Vec<i64> = points
        .iter()
        .map(|point| counts(&point["counts"]).get("PARTY").copied().unwrap_or(0))
        .collect();
    assert!(parties.is_sorted(), "{parties:?}");
    assert_eq!(parties[0], 0);
    for (arguments, named) in [
        ("from: \"2020-01-01\", to: \"2010-01-01\"", "from"),
        ("step: MONTH, from: \"1001-01-01\"", "from"),
        ("from: \"x\"", "from"),
        ("to: \"x\"", "to"),
    ] {
        let query =
            format!("{{ treaty(reference: \"ETS 185\") {{ timeline({arguments}) {{ on }} }} }}");
        let answer = api.fails(&query).await;
        assert_eq!(answer.code(), "BAD_USER_INPUT");
        assert!(
            answer.message().starts_with(&format!("`{named}`")),
            "{}",
            answer.message()
        );
    }
}

#[tokio::test]
async fn freshness_lists_the_reasons_why_a_record_is_stale() {
    let api = Api::seeded().await;
    let eva = api.editor("eva").await;
    let why = async |id: &str, day: &str| {
        let query = format!(
            "{{ at(asOf: \"{day}\") {{ node(id: \"{id}\") {{ ... on Record {{ freshness {{ isStale reasons }} }} }} }} }}"
        );
        api.query(&query).await["at"]["node"]["freshness"].clone()
    };
    let strategy = "PolicyDocument:az-information-society-strategy-2014-2020";
    let ministry = "CybersecurityBody:az-ministry-of-national-security";
    assert_eq!(
        why(strategy, "2020-12-31").await,
        json!({ "isStale": true, "reasons": ["NEVER_VERIFIED"] })
    );
    assert_eq!(
        why(strategy, "2021-01-01").await["reasons"],
        json!(["NEVER_VERIFIED", "PERIOD_EXPIRED"])
    );
    assert_eq!(
        why(ministry, "2026-01-01").await["reasons"],
        json!(["NEVER_VERIFIED", "INSTITUTION_DISSOLVED"])
    );
    let verify = "mutation { verifyRecord(input: { id: \"Treaty:ets-185\", verifiedOn: \"2026-01-10\" }) { userErrors { code } } }";
    eva.ask(verify, json!({})).await.data();
    let fresh = json!({ "isStale": false, "reasons": [] });
    assert_eq!(why("Treaty:ets-185", "2026-03-01").await, fresh);
    assert_eq!(
        why("Treaty:ets-185", "2027-01-11").await,
        json!({ "isStale": true, "reasons": ["REVIEW_OVERDUE"] })
    );
}

/// The parts of a treaty event that the naive recount uses.
struct Naive {
    kind: String,
    /// Earliest and latest day; far in the past or future if open.
    days: [String; 2],
}

/// Treaty events under a treaty that apply to a country as a whole, by country.
async fn events(api: &Api, treaty: &str) -> BTreeMap<String, Vec<Naive>> {
    let mut found: BTreeMap<String, Vec<Naive>> = BTreeMap::new();
    let mut after = Value::Null;
    loop {
        let query = "query($treaty: TreatyReference!, $after: String) { treatyEvents(first: 100, after: $after, filter: { treaty: $treaty }) {
            nodes { kind country { code } territories date { earliest latest } } pageInfo { hasNextPage endCursor } } }";
        let variables = json!({ "treaty": treaty, "after": after });
        let page = api.anyone().ask(query, variables).await.data()["treatyEvents"].clone();
        for event in page["nodes"].as_array().unwrap() {
            let of_country = found
                .entry(event["country"]["code"].as_str().unwrap().to_owned())
                .or_default();
            if event["territories"] == json!([]) {
                let day = |name: &str, open: &str| {
                    event["date"][name].as_str().unwrap_or(open).to_owned()
                };
                of_country.push(Naive {
                    kind: event["kind"].as_str().unwrap().to_owned(),
                    days: [day("earliest", "0001-01-01"), day("latest", "9999-12-31")],
                });
            }
        }
        if page["pageInfo"]["hasNextPage"] == false {
            return found;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

/// Day on which consent takes effect under Article 36 of the Budapest Convention.
fn three_months_after(day: &str) -> String {
    use chrono::Datelike;
    let day: chrono::NaiveDate = day.parse().unwrap();
    let later = day.with_day(1).unwrap() + chrono::Months::new(4);
    later.to_string().max("2004-07-01".to_owned())
}

/// Status of a country from the first event of each kind, for one reading of partial dates (0 earliest, 1 latest).
fn naive(events: &[Naive], day: &str, reading: usize) -> &'static str {
    let first = |kinds: &[&str]| {
        let of_kind = events
            .iter()
            .filter(|event| kinds.contains(&event.kind.as_str()));
        of_kind.map(|event| event.days[reading].as_str()).min()
    };
    let by = |date: Option<&str>| date.is_some_and(|date| date <= day);
    // The depositary's notification is sufficient, even if the day of consent is not known.
    let consent = first(&["RATIFICATION", "ACCESSION", "ACCEPTANCE", "APPROVAL"]);
    let notified = first(&["ENTRY_INTO_FORCE"]);
    if by(notified) {
        return "PARTY";
    }
    if by(consent) {
        let is_in_force =
            notified.is_none() && three_months_after(consent.unwrap()).as_str() <= day;
        return if is_in_force {
            "PARTY"
        } else {
            "CONTRACTING_STATE"
        };
    }
    if by(first(&["SIGNATURE"])) {
        return "SIGNATORY";
    }
    if by(first(&["INVITATION_TO_ACCEDE"])) {
        return "INVITED_TO_ACCEDE";
    }
    "NO_ACTION"
}

#[tokio::test]
async fn a_naive_recount_of_treaty_events_agrees_on_200_days() {
    let api = Api::seeded().await;
    let budapest = events(&api, "ETS 185").await;
    let others = ["ETS 189", "CETS 224", "UNTC XVIII-16"];
    let mut of_others = Vec::new();
    for treaty in others {
        of_others.push(events(&api, treaty).await);
    }
    let mut seed = 1_985_u32;
    for _ in 0..200 {
        seed = seed.wrapping_mul(1_103_515_245).wrapping_add(12_345);
        let day = chrono::NaiveDate::from_ymd_opt(2001, 11, 1).unwrap()
            + chrono::Days::new(u64::from((seed >> 8) % 9_100));
        let day = day.to_string();
        let statuses: Vec<&str> = budapest
            .values()
            .map(
                |events| match [0, 1].map(|reading| naive(events, &day, reading)) {
                    [early, late] if early == late => early,
                    _ => "UNKNOWN",
                },
            )
            .collect();
        let mut recounted: BTreeMap<String, i64> = BTreeMap::new();
        for status in &statuses {
            *recounted.entry((*status).to_owned()).or_default() += 1;
        }
        let query = format!(
            "{{ at(asOf: \"{day}\") {{ treaty(reference: \"ETS 185\") {{ statusCounts {{ status count }} statuses {{ status country {{ code }} }}
                signatories: participations(filter: {{ status: [SIGNATORY] }}) {{ totalCount }} }}
              countries(filter: {{ treatyStatus: {{ treaty: \"ETS 185\", status: [SIGNATORY] }} }}) {{ totalCount }}
              a: treaty(reference: \"ETS 189\") {{ statusCounts {{ status count }} }}
              b: treaty(reference: \"CETS 224\") {{ statusCounts {{ status count }} }}
              c: treaty(reference: \"UNTC XVIII-16\") {{ statusCounts {{ status count }} }} }}
              treaty(reference: \"ETS 185\") {{ timeline(from: \"{day}\", to: \"{day}\") {{ counts {{ status count }} }} }} }}"
        );
        let answer = api.query_once(&query).await;
        let treaty = &answer["at"]["treaty"];
        let recounted = acted(recounted);
        let counted = counts(&treaty["statusCounts"]);
        assert_eq!(acted(counted.clone()), recounted, "{day}");
        let points = &answer["treaty"]["timeline"];
        assert_eq!(counts(&points[0]["counts"]), counted, "{day}");
        let told = treaty["statuses"].as_array().unwrap().iter();
        let told: Vec<_> = told
            .map(|one| [&one["country"]["code"], &one["status"]].map(|text| text.as_str().unwrap()))
            .collect();
        let expected = budapest.keys().map(String::as_str).zip(statuses);
        let expected: Vec<_> = expected.map(|(code, status)| [code, status]).collect();
        assert_eq!(told, expected, "{day}");
        let signatories = recounted.get("SIGNATORY").copied().unwrap_or(0);
        assert_eq!(treaty["signatories"]["totalCount"], signatories, "{day}");
        assert_eq!(
            answer["at"]["countries"]["totalCount"], signatories,
            "{day}"
        );
        for (alias, events) in ["a", "b", "c"].into_iter().zip(&of_others) {
            let counts = counts(&answer["at"][alias]["statusCounts"]);
            let of = |status: &str| counts.get(status).copied().unwrap_or(0);
            let bound = |status: &&str| ["PARTY", "CONTRACTING_STATE"].contains(status);
            let late = events.values().map(|events| naive(events, &day, 1));
            let naive_bound = i64::try_from(late.filter(bound).count()).unwrap();
            assert_eq!(
                of("PARTY") + of("CONTRACTING_STATE"),
                naive_bound,
                "{day} {alias}"
            );
        }
    }
}
