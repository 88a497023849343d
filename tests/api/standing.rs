//! Treaty status in the hard cases of treaty law: denunciation and re-accession, treaties not yet in force, protocols,
//! and partial dates.

use serde_json::{Value, json};

use crate::harness::{Api, cite};

/// A treaty under which consent takes effect after thirty days, and a denunciation after twelve months.
fn treaty(reference: &str, rest: &Value) -> Value {
    let mut fields = json!({
        "reference": reference, "shortTitle": reference, "title": reference, "organisation": "Council of Europe",
        "entryIntoForceOn": "1996-11-06", "eventsCompleteAsOf": "2026-01-01",
        "entryIntoForceRule": { "article": "1", "days": 30, "firstDayOfMonth": false, "notBeforeTreaty": true,
            "denunciationMonths": 12 },
    });
    for (name, value) in rest.as_object().unwrap() {
        fields[name] = value.clone();
    }
    // A null in `rest` removes the field.
    fields
        .as_object_mut()
        .unwrap()
        .retain(|_, value| !value.is_null());
    json!({ "createTreaty": { "fields": fields, "cite": cite() } })
}

/// Acts of a country, each as kind, date and effective date.
fn acts(country: &str, treaty: &str, acts: &[(&str, &str, &str)]) -> Vec<Value> {
    let act = |(kind, date, effective): &(&str, &str, &str)| {
        let mut fields =
            json!({ "kind": kind, "date": date, "country": country, "treaty": treaty });
        if !effective.is_empty() {
            fields["effectiveDate"] = json!(effective);
        }
        json!({ "createTreatyEvent": { "fields": fields, "cite": cite() } })
    };
    acts.iter().map(act).collect()
}

async fn publish(api: &Api, changes: Vec<Value>) {
    api.editor("eva").await.publish(json!(changes)).await;
}

/// Participation of a country under a treaty on a day.
async fn on(api: &Api, country: &str, treaty: &str, day: &str) -> Value {
    let query = format!(
        "{{ at(asOf: \"{day}\") {{ country(code: \"{country}\") {{ treatyStatus(treaty: \"{treaty}\") {{ status certainty
            possibleStatuses since {{ edtf }} next {{ status on {{ edtf }} }} inForceFrom {{ date {{ edtf }} origin }}
            basis {{ recordId }} provisionallyAppliedSince {{ edtf }} reservations {{ recordId }} }} }} }} }}"
    );
    api.query(&query).await["at"]["country"]["treatyStatus"].clone()
}

async fn statuses(api: &Api, country: &str, treaty: &str, days: &[&str]) -> Vec<Value> {
    let mut found = Vec::new();
    for day in days {
        found.push(on(api, country, treaty, day).await["status"].clone());
    }
    found
}

#[tokio::test]
async fn a_country_that_rejoins_before_its_denunciation_takes_effect_stays_a_party() {
    let api = Api::seeded().await;
    let mut changes = vec![treaty("ETS 901", &json!({}))];
    let left = [
        ("RATIFICATION", "2000-06-01", ""),
        ("DENUNCIATION", "2010-01-10", ""),
    ];
    let again = [
        ("AD", ("ACCESSION", "2010-06-01", "")),
        ("AR", ("ACCESSION", "2011-01-09", "2011-01-10")),
        ("AT", ("ACCESSION", "2010-01-10", "2011-01-10")),
        ("BB", ("ACCESSION", "2011-01-10", "2011-01-10")),
    ];
    for (country, accession) in again {
        changes.extend(acts(country, "ETS 901", &left));
        changes.extend(acts(country, "ETS 901", &[accession]));
    }
    changes.extend(acts("AT", "ETS 901", &[("RESERVATION", "2010-01-10", "")]));
    changes.extend(acts("BE", "ETS 901", &left));
    changes.push(
        json!({ "createTreatyEvent": { "key": "be-leaves-twice", "cite": cite(), "fields": {
        "kind": "DENUNCIATION", "date": "2010-09-01", "country": "BE", "treaty": "ETS 901" } } }),
    );
    changes.extend(acts("BE", "ETS 901", &[("ACCESSION", "2010-06-01", "")]));
    publish(&api, changes).await;
    for (country, accedes) in [
        ("AD", "2010-06-01"),
        ("AR", "2011-01-10"),
        ("AT", "2010-01-10"),
        ("BB", "2011-01-10"),
    ] {
        let days = [accedes, "2011-01-10", "2011-01-11", "2026-11-23"];
        let found = statuses(&api, country, "ETS 901", &days).await;
        assert_eq!(
            json!(found),
            json!(["PARTY", "PARTY", "PARTY", "PARTY"]),
            "{country}"
        );
    }
    let pending = on(&api, "AD", "ETS 901", "2010-05-31").await;
    assert_eq!(pending["status"], "DENUNCIATION_PENDING");
    assert_eq!(
        pending["next"],
        json!({ "status": "FORMER_PARTY", "on": { "edtf": "2011-01-10" } })
    );
    // A reservation made with the new consent is in force from the same day as the consent.
    let reserved = |found: &Value| found["reservations"].as_array().unwrap().len();
    assert_eq!(reserved(&on(&api, "AT", "ETS 901", "2011-01-09").await), 0);
    assert_eq!(reserved(&on(&api, "AT", "ETS 901", "2011-01-10").await), 1);
    let days = ["2010-06-01", "2010-09-01", "2011-08-31", "2011-09-01"];
    let found = statuses(&api, "BE", "ETS 901", &days).await;
    assert_eq!(
        json!(found),
        json!([
            "PARTY",
            "DENUNCIATION_PENDING",
            "DENUNCIATION_PENDING",
            "FORMER_PARTY"
        ])
    );
}

#[tokio::test]
async fn no_country_is_a_party_before_the_treaty_is_in_force() {
    let api = Api::seeded().await;
    let mut changes = vec![
        treaty("ETS 901", &json!({})),
        treaty("ETS 902", &json!({ "entryIntoForceOn": "1996" })),
        treaty("ETS 903", &json!({ "entryIntoForceOn": null })),
    ];
    for reference in ["ETS 901", "ETS 902", "ETS 903"] {
        changes.extend(acts(
            "AD",
            reference,
            &[("SUCCESSION", "1993-01-01", "1991-06-25")],
        ));
        changes.extend(acts(
            "AR",
            reference,
            &[("RATIFICATION", "1991-06-01", "1991-06-25")],
        ));
        changes.extend(acts(
            "AT",
            reference,
            &[("ENTRY_INTO_FORCE", "1991-06-25", "")],
        ));
        changes.extend(acts("AT", reference, &[("RATIFICATION", "1991-06-01", "")]));
    }
    publish(&api, changes).await;
    for country in ["AD", "AR", "AT"] {
        let waits = on(&api, country, "ETS 901", "1994-01-01").await;
        assert_eq!(waits["status"], "CONTRACTING_STATE", "{country}");
        assert_eq!(
            waits["next"],
            json!({ "status": "PARTY", "on": { "edtf": "1996-11-06" } })
        );
        assert_eq!(
            waits["inForceFrom"],
            json!({ "date": { "edtf": "1996-11-06" }, "origin": "COMPUTED" })
        );
        let days = ["1996-11-05", "1996-11-06"];
        let found = statuses(&api, country, "ETS 901", &days).await;
        assert_eq!(
            json!(found),
            json!(["CONTRACTING_STATE", "PARTY"]),
            "{country}"
        );
        let during = on(&api, country, "ETS 902", "1996-06-01").await;
        assert_eq!(
            during["possibleStatuses"],
            json!(["CONTRACTING_STATE", "PARTY"])
        );
        let never = on(&api, country, "ETS 903", "2020-01-01").await;
        assert_eq!(never["status"], "CONTRACTING_STATE", "{country}");
        assert_eq!(
            json!([never["next"], never["inForceFrom"]]),
            json!([null, null])
        );
    }
}

#[tokio::test]
async fn denouncing_the_convention_ends_membership_of_its_protocols_the_same_day() {
    let api = Api::seeded().await;
    let mut changes = vec![treaty(
        "ETS 902",
        &json!({ "parent": "ETS 185", "entryIntoForceRule": { "article": "1", "days": 0, "firstDayOfMonth": false,
            "notBeforeTreaty": true, "requiresPartyTo": "ETS 185" } }),
    )];
    changes.extend(acts("RS", "ETS 902", &[("RATIFICATION", "2012-01-01", "")]));
    changes.extend(acts("RS", "ETS 185", &[("DENUNCIATION", "2025-05-10", "")]));
    changes.push(
        json!({ "updateTreaty": { "id": "Treaty:cets-224", "baseVersion": 1, "cite": cite(),
        "set": { "entryIntoForceOn": "2024-01-01" } } }),
    );
    publish(&api, changes).await;
    let denounces = json!("TreatyEvent:rs-ets-185-denunciation");
    // No clause of ETS 189 and ETS 902 is known to say so; CETS 224 has one.
    for (reference, certainty) in [
        ("ETS 189", "UNVERIFIED"),
        ("ETS 902", "UNVERIFIED"),
        ("CETS 224", "REPORTED"),
    ] {
        let pending = on(&api, "RS", reference, "2025-05-10").await;
        assert_eq!(pending["status"], "DENUNCIATION_PENDING", "{reference}");
        assert_eq!(
            pending["next"],
            json!({ "status": "FORMER_PARTY", "on": { "edtf": "2025-09-01" } })
        );
        let basis = pending["basis"].as_array().unwrap();
        assert_eq!(basis.last().unwrap()["recordId"], denounces, "{reference}");
        let left = on(&api, "RS", reference, "2025-09-01").await;
        assert_eq!(left["status"], "FORMER_PARTY", "{reference}");
        assert_eq!(left["since"]["edtf"], "2025-09-01");
        assert_eq!(left["certainty"], certainty, "{reference}");
        let listed = format!(
            "{{ at(asOf: \"2025-09-01\") {{ treaty(reference: \"{reference}\") {{ statuses {{ status country {{ code }} basis {{ recordId }} }} }} }} }}"
        );
        let listed = api.query(&listed).await;
        let statuses = listed["at"]["treaty"]["statuses"]
            .as_array()
            .unwrap()
            .iter();
        let serbia = statuses.filter(|one| one["country"]["code"] == "RS");
        let serbia: Vec<_> = serbia.collect();
        assert_eq!(
            json!([serbia[0]["status"], serbia[0]["basis"]]),
            json!(["FORMER_PARTY", left["basis"]])
        );
    }
    assert_eq!(
        on(&api, "RS", "ETS 189", "2025-05-09").await["status"],
        "PARTY"
    );
}

#[tokio::test]
async fn partial_dates_that_allow_several_orders_give_several_possible_statuses() {
    let api = Api::seeded().await;
    let mut changes = vec![treaty("ETS 901", &json!({}))];
    for (country, joins, leaves) in [
        ("AD", "2005", "2005"),
        ("AR", "2014/2020", "2016-05-01"),
        ("AT", "../2018", "2016"),
        ("BB", "2005", "2007"),
    ] {
        changes.extend(acts(
            country,
            "ETS 901",
            &[("RATIFICATION", joins, ""), ("DENUNCIATION", leaves, "")],
        ));
    }
    publish(&api, changes).await;
    for country in ["AD", "AR", "AT"] {
        let found = on(&api, country, "ETS 901", "2026-11-23").await;
        assert_eq!(found["status"], "UNKNOWN", "{country}");
        assert_eq!(
            found["possibleStatuses"],
            json!(["NO_ACTION", "PARTY", "FORMER_PARTY"]),
            "{country}"
        );
        assert_eq!(found["basis"].as_array().unwrap().len(), 2);
    }
    let left = on(&api, "BB", "ETS 901", "2026-11-23").await;
    assert_eq!(left["possibleStatuses"], json!(["FORMER_PARTY"]));
    assert_eq!(left["since"]["edtf"], "2008-01-01/2008-12-31");
}

#[tokio::test]
async fn suspensions_and_provisional_applications_end_on_their_day() {
    let api = Api::seeded().await;
    let event = |key: &str, country: &str, kind: &str, date: &str, rest: Value| {
        let mut fields =
            json!({ "kind": kind, "date": date, "country": country, "treaty": "ETS 901" });
        for (name, value) in rest.as_object().unwrap() {
            fields[name] = value.clone();
        }
        json!({ "createTreatyEvent": { "key": key, "fields": fields, "cite": cite() } })
    };
    let changes = vec![
        treaty("ETS 901", &json!({ "eventsCompleteAsOf": null })),
        event("ad-joins", "AD", "RATIFICATION", "2000-06-01", json!({})),
        event(
            "ad-long",
            "AD",
            "SUSPENSION",
            "2020-01-01",
            json!({ "endsOn": "2020-12-31" }),
        ),
        event(
            "ad-short",
            "AD",
            "SUSPENSION",
            "2020-03-01",
            json!({ "endsOn": "2020-06-30" }),
        ),
        event(
            "ar-applies",
            "AR",
            "PROVISIONAL_APPLICATION",
            "2010-01-01",
            json!({ "effectiveDate": "2010-02-01" }),
        ),
        event("ar-joins", "AR", "RATIFICATION", "2010-03-15", json!({})),
        event("at-joins", "AT", "RATIFICATION", "2010-03-15", json!({})),
        event(
            "at-back",
            "AT",
            "WITHDRAWAL",
            "2009-01-01",
            json!({ "relatesTo": "TreatyEvent:at-joins" }),
        ),
    ];
    publish(&api, changes).await;
    let suspended = on(&api, "AD", "ETS 901", "2020-04-01").await;
    assert_eq!(suspended["status"], "SUSPENDED");
    assert_eq!(
        suspended["next"],
        json!({ "status": "PARTY", "on": { "edtf": "2021-01-01" } })
    );
    let found = statuses(&api, "AD", "ETS 901", &["2020-07-01", "2021-01-01"]).await;
    assert_eq!(json!(found), json!(["SUSPENDED", "PARTY"]));
    for (day, status, since) in [
        ("2010-01-15", "UNKNOWN", Value::Null),
        (
            "2010-02-01",
            "PROVISIONALLY_APPLYING",
            json!({ "edtf": "2010-02-01" }),
        ),
        (
            "2010-03-15",
            "CONTRACTING_STATE",
            json!({ "edtf": "2010-02-01" }),
        ),
        ("2010-04-14", "PARTY", Value::Null),
    ] {
        let found = on(&api, "AR", "ETS 901", day).await;
        assert_eq!(found["status"], status, "{day}");
        assert_eq!(found["provisionallyAppliedSince"], since, "{day}");
    }
    let basis = on(&api, "AR", "ETS 901", "2010-03-15").await["basis"].clone();
    assert_eq!(
        basis,
        json!([{ "recordId": "TreatyEvent:ar-joins" }, { "recordId": "TreatyEvent:ar-applies" }])
    );
    assert_eq!(
        on(&api, "AT", "ETS 901", "2026-11-23").await["status"],
        "PARTY"
    );
}
