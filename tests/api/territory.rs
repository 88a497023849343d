//! Territories: their status follows from the acts of the State that extended the treaty to them at the time.

use serde_json::{Value, json};

use crate::harness::{Api, cite};

/// Reference of an older treaty, in force from 1960, under which consent takes effect after thirty days.
const OLD: &str = "UNTC VII-9";

fn old_treaty() -> Value {
    json!({ "createTreaty": { "key": "old", "cite": cite(), "fields": { "reference": OLD, "shortTitle": "Old",
        "title": "An older convention", "organisation": "United Nations", "entryIntoForceOn": "1960-01-01",
        "eventsCompleteAsOf": "2026-01-01",
        "entryIntoForceRule": { "article": "9", "days": 30, "firstDayOfMonth": false, "notBeforeTreaty": true,
            "denunciationMonths": 12 } } } })
}

fn act(key: &str, country: &str, kind: &str, date: &str, more: Value) -> Value {
    let mut fields = json!({ "kind": kind, "date": date, "country": country, "treaty": OLD });
    let fields_of = fields.as_object_mut().unwrap();
    fields_of.extend(more.as_object().unwrap().clone());
    json!({ "createTreatyEvent": { "key": key, "cite": cite(), "fields": fields } })
}

fn naming(territory: &str) -> Value {
    json!({ "territories": [territory] })
}

/// Status of a country on a day: status, since when, and the State that extended the treaty to it.
async fn on(api: &Api, code: &str, day: &str) -> Value {
    let query = format!(
        "{{ at(asOf: \"{day}\") {{ country(code: \"{code}\") {{ treatyStatus(treaty: \"{OLD}\") {{
            status since {{ edtf }} extendedFrom {{ code }} }} }} }} }}"
    );
    let answer = api.query_once(&query).await;
    let standing = &answer["at"]["country"]["treatyStatus"];
    json!([
        standing["status"],
        standing["since"]["edtf"],
        standing["extendedFrom"]["code"]
    ])
}

/// Code of the country that administers another on a day.
async fn administers(api: &Api, code: &str, day: &str) -> Value {
    let query = format!(
        "{{ at(asOf: \"{day}\") {{ country(code: \"{code}\") {{ administeredBy {{ code }} }} }} }}"
    );
    api.query_once(&query).await["at"]["country"]["administeredBy"]["code"].clone()
}

#[tokio::test]
async fn a_territory_passes_from_one_administering_state_to_another() {
    let api = Api::seeded().await;
    let changes = json!([
        old_treaty(),
        act("pt", "PT", "RATIFICATION", "1964-12-02", json!({})),
        act(
            "pt-mo",
            "PT",
            "TERRITORIAL_APPLICATION",
            "1969-12-02",
            naming("MO")
        ),
        act("cn", "CN", "ACCESSION", "1990-01-01", json!({})),
        act(
            "cn-mo",
            "CN",
            "TERRITORIAL_APPLICATION",
            "1999-12-13",
            json!({ "territories": ["MO"], "effectiveDate": "1999-12-20" })
        ),
        act(
            "pt-leaves",
            "PT",
            "WITHDRAWAL",
            "1999-11-18",
            json!({ "relatesTo": "TreatyEvent:pt-mo", "effectiveDate": "1999-12-20" })
        ),
        // Later acts of the former administering State do not concern the territory.
        act("pt-out", "PT", "DENUNCIATION", "2005-01-01", json!({})),
    ]);
    api.editor("eva").await.publish(changes).await;
    for (day, expected) in [
        ("1965-06-01", json!(["UNKNOWN", null, null])),
        (
            "1969-12-05",
            json!(["CONTRACTING_STATE", "1969-12-02", "PT"]),
        ),
        ("1980-01-01", json!(["PARTY", "1970-01-01", "PT"])),
        ("1995-01-01", json!(["PARTY", "1970-01-01", "PT"])),
        ("1999-12-19", json!(["PARTY", "1970-01-01", "PT"])),
        ("1999-12-20", json!(["PARTY", "1999-12-20", "CN"])),
        ("2007-01-01", json!(["PARTY", "1999-12-20", "CN"])),
        ("2026-01-01", json!(["PARTY", "1999-12-20", "CN"])),
    ] {
        assert_eq!(on(&api, "MO", day).await, expected, "{day}");
    }
    assert_eq!(on(&api, "PT", "2007-01-01").await[0], "FORMER_PARTY");
    assert_eq!(administers(&api, "MO", "1980-01-01").await, "PT");
    assert_eq!(administers(&api, "MO", "2020-01-01").await, "CN");
}

#[tokio::test]
async fn a_territorial_extension_ends_with_the_administration_or_on_its_last_day() {
    let api = Api::seeded().await;
    let eva = api.editor("eva").await;
    eva.publish(json!([
        old_treaty(),
        act("gb", "GB", "RATIFICATION", "1964-01-01", json!({})),
        act(
            "gb-hk",
            "GB",
            "TERRITORIAL_APPLICATION",
            "1970-01-01",
            naming("HK")
        ),
        act(
            "gb-gi",
            "GB",
            "TERRITORIAL_APPLICATION",
            "1970-01-01",
            json!({ "territories": ["GI"], "endsOn": "1985-06" })
        ),
        act(
            "gb-bm",
            "GB",
            "TERRITORIAL_APPLICATION",
            "1970-01-01",
            json!({ "territories": ["BM"], "endsOn": "1990-12-31" })
        ),
    ]))
    .await;
    let party = json!(["PARTY", "1970-01-31", "GB"]);
    let unknown = json!(["UNKNOWN", null, null]);
    assert_eq!(on(&api, "HK", "1997-06-30").await, party);
    assert_eq!(on(&api, "HK", "1997-07-01").await, unknown);
    assert_eq!(on(&api, "BM", "1990-12-31").await, party);
    assert_eq!(on(&api, "BM", "1991-01-01").await, unknown);
    assert_eq!(on(&api, "GI", "1985-05-31").await, party);
    assert_eq!(on(&api, "GI", "1985-06-15").await[0], "UNKNOWN");
    assert_eq!(on(&api, "GI", "1985-07-01").await, unknown);
}

#[tokio::test]
async fn a_former_territory_acts_for_itself_once_it_is_a_state() {
    let api = Api::seeded().await;
    let eva = api.editor("eva").await;
    eva.publish(json!([
        old_treaty(),
        act("nl", "NL", "RATIFICATION", "1962-01-01", json!({})),
        act(
            "nl-sr",
            "NL",
            "TERRITORIAL_APPLICATION",
            "1965-01-01",
            naming("SR")
        ),
        // No source states when this one became a State.
        act(
            "nl-tl",
            "NL",
            "TERRITORIAL_APPLICATION",
            "1965-01-01",
            naming("TL")
        ),
    ]))
    .await;
    let by_nl = json!(["PARTY", "1965-01-31", "NL"]);
    assert_eq!(on(&api, "SR", "1972-01-01").await, by_nl);
    assert_eq!(
        on(&api, "SR", "1980-01-01").await,
        json!(["NO_ACTION", null, null])
    );
    assert_eq!(on(&api, "TL", "1972-01-01").await, by_nl);
    let today = "{ country(code: \"TL\") { treatyStatus(treaty: \"UNTC VII-9\") { status extendedFrom { code } } } }";
    assert_eq!(
        api.query_once(today).await["country"]["treatyStatus"],
        json!({ "status": "NO_ACTION", "extendedFrom": null })
    );
    assert_eq!(administers(&api, "SR", "1972-01-01").await, "NL");
    assert_eq!(administers(&api, "SR", "1980-01-01").await, Value::Null);
    let succeeds = act(
        "sr",
        "SR",
        "SUCCESSION",
        "1977-10-15",
        json!({ "effectiveDate": "1975-11-25" }),
    );
    eva.publish(json!([succeeds])).await;
    assert_eq!(on(&api, "SR", "1975-11-24").await, by_nl);
    let own = json!(["PARTY", "1975-11-25", null]);
    assert_eq!(on(&api, "SR", "1975-11-25").await, own);
    assert_eq!(on(&api, "SR", "2020-01-01").await, own);
    // The treaty's list of statuses agrees.
    let listed = format!(
        "{{ at(asOf: \"1972-01-01\") {{ treaty(reference: \"{OLD}\") {{ statuses {{ country {{ code }} status
            extendedFrom {{ code }} }} }} }} }}"
    );
    let listed = api.query_once(&listed).await;
    let mut listed = listed["at"]["treaty"]["statuses"]
        .as_array()
        .unwrap()
        .iter();
    let of_sr = listed.find(|one| one["country"]["code"] == "SR").unwrap();
    assert_eq!(of_sr["status"], "PARTY");
    assert_eq!(of_sr["extendedFrom"]["code"], "NL");
}

#[tokio::test]
async fn ends_on_is_accepted_only_for_kinds_that_can_end() {
    let api = Api::seeded().await;
    let propose = async |kind: &str, more: Value| {
        let mut fields = json!({ "kind": kind, "date": "2000-06-01", "endsOn": "2010-12-31",
            "country": "IE", "treaty": "ETS 185" });
        let fields_of = fields.as_object_mut().unwrap();
        fields_of.extend(more.as_object().unwrap().clone());
        let create = json!([{ "createTreatyEvent": { "cite": cite(), "fields": fields } }]);
        let payload = api.contributor().await.propose(create).await;
        payload["userErrors"].clone()
    };
    let to = json!({ "relatesTo": "TreatyEvent:ie-ets-185-signature" });
    for (kind, more) in [
        ("SIGNATURE", json!({})),
        ("DOMESTIC_APPROVAL", json!({})),
        ("RATIFICATION", json!({})),
        ("ACCEPTANCE", json!({})),
        ("APPROVAL", json!({})),
        ("ACCESSION", json!({})),
        ("SUCCESSION", json!({})),
        ("ENTRY_INTO_FORCE", json!({})),
        ("CONFIRMATION", to.clone()),
        ("COMMUNICATION", json!({})),
        ("WITHDRAWAL", to.clone()),
        ("DENUNCIATION", json!({})),
        ("REPORTED_STATUS", json!({ "reportedLabel": "Party" })),
    ] {
        let found = propose(kind, more).await;
        assert_eq!(
            found[0]["path"],
            json!(["changes", "0", "createTreatyEvent", "fields", "endsOn"]),
            "{kind}: {found}"
        );
        let message = found[0]["message"].as_str().unwrap();
        assert!(
            message.contains(kind) && message.contains("SUSPENSION"),
            "{message}"
        );
    }
    for kind in [
        "INVITATION_TO_ACCEDE",
        "PROVISIONAL_APPLICATION",
        "RESERVATION",
        "DECLARATION",
        "DESIGNATION_OF_AUTHORITY",
        "SUSPENSION",
    ] {
        assert_eq!(propose(kind, json!({})).await, json!([]), "{kind}");
    }
    let extension = propose("TERRITORIAL_APPLICATION", naming("AW")).await;
    assert_eq!(extension, json!([]));
}

/// Keys of the reservations, declarations and designations of a participation on a day.
async fn stated(api: &Api, code: &str, treaty: &str, day: &str) -> [Vec<String>; 3] {
    let query = format!(
        "{{ at(asOf: \"{day}\") {{ country(code: \"{code}\") {{ treatyStatus(treaty: \"{treaty}\") {{
            reservations {{ recordId }} declarations {{ recordId }} designations {{ recordId }} }} }} }} }}"
    );
    let answer = api.query_once(&query).await;
    ["reservations", "declarations", "designations"].map(|list| {
        let list = &answer["at"]["country"]["treatyStatus"][list];
        let keys = list.as_array().unwrap().iter();
        let key = |one: &Value| {
            one["recordId"]
                .as_str()
                .unwrap()
                .replace("TreatyEvent:", "")
        };
        keys.map(key).collect()
    })
}

fn statement(key: &str, country: &str, treaty: &str, kind: &str, date: &str, more: Value) -> Value {
    let mut fields = json!({ "kind": kind, "date": date, "country": country, "treaty": treaty });
    let fields_of = fields.as_object_mut().unwrap();
    fields_of.extend(more.as_object().unwrap().clone());
    json!({ "createTreatyEvent": { "key": key, "cite": cite(), "fields": fields } })
}

#[tokio::test]
async fn all_authorities_designated_on_the_newest_day_are_listed() {
    let api = Api::seeded().await;
    let names = |key: &str, date: &str, articles: &[&str], more: Value| {
        let mut fields =
            json!({ "articles": articles, "designatedFunction": "EXTRADITION_AUTHORITY" });
        let fields_of = fields.as_object_mut().unwrap();
        fields_of.extend(more.as_object().unwrap().clone());
        statement(
            key,
            "TV",
            "ETS 185",
            "DESIGNATION_OF_AUTHORITY",
            date,
            fields,
        )
    };
    let eva = api.editor("eva").await;
    eva.publish(json!([
        names("old", "2010-01-01", &["24"], json!({})),
        names("justice", "2012-01-01", &["24(7)(a)"], json!({})),
        names("prosecutor", "2012-01-01", &["24(7)(a)"], json!({})),
        // From the same instrument, with an effective date of its own.
        names(
            "court",
            "2012-01-01",
            &["24(7)(a)"],
            json!({ "effectiveDate": "2012-05-01" })
        ),
    ]))
    .await;
    let on = async |day: &str| {
        let [_, _, designations] = stated(&api, "TV", "ETS 185", day).await;
        designations.join(" ")
    };
    assert_eq!(on("2011-01-01").await, "old");
    assert_eq!(on("2012-02-01").await, "justice old prosecutor");
    assert_eq!(on("2012-06-01").await, "court justice old prosecutor");
    eva.publish(json!([
        names(
            "new",
            "2015-01-01",
            &["24(7)(a)"],
            json!({ "relatesTo": "TreatyEvent:old" })
        ),
        names("other", "2015-01-01", &["24(7)(a)"], json!({})),
        names(
            "island",
            "2016-01-01",
            &["24(7)(a)"],
            json!({ "territories": ["Funafuti"] })
        ),
    ]))
    .await;
    assert_eq!(on("2015-01-01").await, "new other");
    assert_eq!(on("2016-01-01").await, "island new other");
}

#[tokio::test]
async fn a_declaration_for_a_territory_is_listed_for_the_state_and_the_territory() {
    let api = Api::seeded().await;
    let excludes = statement(
        "dk-excludes",
        "DK",
        "ETS 185",
        "DECLARATION",
        "2005-06-21",
        json!({ "territories": ["FO", "GL"], "articles": ["38"] }),
    );
    let eva = api.editor("eva").await;
    eva.publish(json!([excludes])).await;
    for code in ["DK", "FO", "GL"] {
        let declared = async |day: &str| {
            let [_, declarations, _] = stated(&api, code, "ETS 185", day).await;
            declarations.iter().any(|key| key == "dk-excludes")
        };
        assert!(!declared("2005-09-30").await, "{code}");
        assert!(declared("2005-10-01").await, "{code}");
    }
    let status = "{ country(code: \"FO\") { treatyStatus { status } } }";
    assert_eq!(
        api.query_once(status).await["country"]["treatyStatus"]["status"],
        "UNKNOWN"
    );
    // After a withdrawal for one territory alone, the declaration still applies to the other.
    let of_one = json!({ "relatesTo": "TreatyEvent:dk-excludes", "territories": ["FO"] });
    let of_one = statement(
        "dk-ends-fo",
        "DK",
        "ETS 185",
        "WITHDRAWAL",
        "2018-01-01",
        of_one,
    );
    eva.publish(json!([of_one])).await;
    for (code, is_listed) in [("DK", true), ("FO", false), ("GL", true)] {
        let [_, declarations, _] = stated(&api, code, "ETS 185", "2019-01-01").await;
        let is_there = declarations.contains(&"dk-excludes".to_owned());
        assert_eq!(is_there, is_listed, "{code}");
    }
    let ends = json!({ "relatesTo": "TreatyEvent:dk-excludes" });
    let ends = statement("dk-ends", "DK", "ETS 185", "WITHDRAWAL", "2020-01-01", ends);
    eva.publish(json!([ends])).await;
    for code in ["DK", "FO"] {
        let [_, declarations, _] = stated(&api, code, "ETS 185", "2020-01-01").await;
        assert!(!declarations.contains(&"dk-excludes".to_owned()), "{code}");
    }
}

#[tokio::test]
async fn reservations_to_the_convention_apply_to_its_first_protocol() {
    let api = Api::seeded().await;
    let eva = api.editor("eva").await;
    let reserves = |country: &str| {
        statement(
            &format!("{}-reserves", country.to_lowercase()),
            country,
            "ETS 185",
            "RESERVATION",
            "2000-02-01",
            json!({ "articles": ["9"], "endsOn": "2022-12-31" }),
        )
    };
    // Consent to the Convention on 2006-11-16 and to the protocol on 2010-07-22, in force 2010-11-01.
    let mut of_nl = reserves("NL");
    of_nl["createTreatyEvent"]["fields"]["date"] = json!("2006-11-16");
    let declares = json!({ "articles": ["27"] });
    let declares = statement(
        "nl-declares",
        "NL",
        "ETS 185",
        "DECLARATION",
        "2006-11-16",
        declares,
    );
    eva.publish(json!([of_nl, declares])).await;
    let on = async |treaty: &str, day: &str| {
        let [reservations, declarations, _] = stated(&api, "NL", treaty, day).await;
        [reservations, declarations].map(|list| {
            let ours = |key: &&String| ["nl-reserves", "nl-declares"].contains(&key.as_str());
            list.iter().filter(ours).count()
        })
    };
    assert_eq!(on("ETS 185", "2010-10-31").await, [1, 1]);
    assert_eq!(on("ETS 189", "2010-10-31").await, [0, 0]);
    assert_eq!(on("ETS 189", "2010-11-01").await, [1, 1]);
    assert_eq!(on("ETS 189", "2023-01-01").await, [0, 1]);
    assert_eq!(on("CETS 224", "2020-01-01").await, [0, 0]);
    // A declaration about another paragraph of Article 12 does not exclude them.
    let adds = |key: &str, article: &str| {
        let articles = json!({ "articles": [article] });
        statement(key, "NL", "ETS 189", "DECLARATION", "2010-07-22", articles)
    };
    eva.publish(json!([adds("nl-adds", "12(3)")])).await;
    assert_eq!(on("ETS 189", "2010-11-01").await, [1, 1]);
    eva.publish(json!([adds("nl-otherwise", "12(1)")])).await;
    assert_eq!(on("ETS 189", "2010-11-01").await, [0, 0]);
    assert_eq!(on("ETS 185", "2010-11-01").await, [1, 1]);
}
