//! Answers that change at midnight, or by the act of another country: the followers of the country receive an entry of
//! the log.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::effect::Time;
use crate::harness::{Api, Person, cite};

/// An act under the Budapest Convention.
fn act(key: &str, country: &str, kind: &str, date: &str, more: Value) -> Value {
    let mut fields = json!({ "kind": kind, "date": date, "country": country, "treaty": "ETS 185" });
    let fields_of = fields.as_object_mut().unwrap();
    fields_of.extend(more.as_object().unwrap().clone());
    json!({ "createTreatyEvent": { "key": key, "cite": cite(), "fields": fields } })
}

/// Effects in the log, as `record day kind before after countries`, separated by spaces.
async fn effects(api: &Api, filter: &str) -> Vec<String> {
    let query = format!(
        "{{ changes(last: 100, filter: {{ operations: [EFFECT] {filter} }}) {{ nodes {{
            recordId effect {{ on kind before after }} countries {{ code }} }} }} }}"
    );
    let answer = api.query_once(&query).await;
    let lines = answer["changes"]["nodes"].as_array().unwrap().iter();
    let told = |line: &Value| {
        let effect = &line["effect"];
        let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        let codes = line["countries"].as_array().unwrap().iter();
        let codes: Vec<String> = codes.map(|country| text(&country["code"])).collect();
        let (_, key) = line["recordId"].as_str().unwrap().split_once(':').unwrap();
        let parts = ["on", "kind", "before", "after"].map(|part| text(&effect[part]));
        format!("{key} {} {}", parts.join(" "), codes.join("+"))
    };
    lines.map(told).collect()
}

#[tokio::test]
async fn each_change_of_answers_at_midnight_is_logged_once_even_after_downtime() {
    let time = Time::at("2026-01-10T08:00:00Z");
    let api = Api::builder()
        .empty()
        .clock(time.clock())
        .load()
        .start()
        .await;
    let office = json!({ "country": "IE", "kind": "AGENCY", "names": [{ "text": "Office", "language": "en" }],
        "status": "OPERATIONAL", "period": "2026-02-01/2026-11" });
    let plan = json!({ "country": "IE", "kind": "STRATEGY", "titles": [{ "text": "Plan", "language": "en" }],
        "status": "ADOPTED", "adoptedOn": "2026-02-02" });
    let finding = |key: &str, as_of: &str, value: &str| {
        json!({ "createCoverageAssertion": { "key": key, "cite": cite(), "fields": { "country": "IE",
            "topic": "TRAINING", "asOf": as_of, "value": value } } })
    };
    let reserves = |key: &str, more: Value| act(key, "FR", "RESERVATION", "2006-01-10", more);
    api.editor("eva")
        .await
        .publish(json!([
            { "updateCountry": { "id": "Country:ie", "baseVersion": 1, "set": { "memberships": [
                { "organisation": "COUNCIL_OF_EUROPE", "until": "2026-03-15" },
                { "organisation": "EUROPEAN_UNION", "since": "1973-01-01" },
                { "organisation": "OAS", "role": "OBSERVER", "since": "2026-03-20" },
                { "organisation": "COMMONWEALTH", "since": "2026-03-16" }] } } },
            { "updateCountry": { "id": "Country:mo", "baseVersion": 1, "set": { "administrations": [
                { "country": "PT", "until": "2026-04-30" }] } } },
            { "createCybersecurityBody": { "key": "office", "cite": cite(), "fields": office } },
            { "createPolicyDocument": { "key": "plan", "cite": cite(), "fields": plan } },
            finding("first", "2025", "ABSENT"),
            finding("second", "2026-06-01", "PRESENT"),
            reserves("ends", json!({ "endsOn": "2026-07-31" })),
            reserves("withdrawn", json!({})),
            act("withdraws", "FR", "WITHDRAWAL", "2026-01-05",
                json!({ "relatesTo": "TreatyEvent:withdrawn", "effectiveDate": "2026-08-15" })),
            act("declares", "FR", "DECLARATION", "2026-01-05", json!({ "effectiveDate": "2026-09-01" })),
            act("designates", "FR", "DESIGNATION_OF_AUTHORITY", "2026-01-05",
                json!({ "effectiveDate": "2026-10-01", "articles": ["24"] })),
        ]))
        .await;
    // No effect was logged for a year.
    time.set("2027-01-15T09:00:00Z");
    assert!(api.store.write_effects().await.unwrap() >= 10);
    assert_eq!(api.store.write_effects().await.unwrap(), 0);
    let expected = [
        "office 2026-02-01 PERIOD_BEGAN - OPERATIONAL IE",
        "plan 2026-02-02 PERIOD_BEGAN - ADOPTED IE",
        "ie 2026-03-16 MEMBERSHIPS_CHANGED COUNCIL_OF_EUROPE, EUROPEAN_UNION EUROPEAN_UNION, COMMONWEALTH IE",
        "mo 2026-05-01 ADMINISTRATION_CHANGED PT CN MO",
        "second 2026-06-01 COVERAGE_CHANGED ABSENT PRESENT IE",
        "ends 2026-08-01 STATEMENT_CHANGED IN_FORCE - FR",
        "withdrawn 2026-08-15 STATEMENT_CHANGED IN_FORCE - FR",
        "declares 2026-09-01 STATEMENT_CHANGED - IN_FORCE FR",
        "designates 2026-10-01 STATEMENT_CHANGED - IN_FORCE FR",
        "office 2026-12-01 PERIOD_ENDED OPERATIONAL DISSOLVED IE",
    ];
    let mut found = effects(&api, "").await;
    found.retain(|line| !line.contains("REVIEW") && !line.contains("TREATY_STATUS"));
    let told = |line: &String| expected.contains(&line.as_str());
    assert!(
        found.iter().filter(|line| told(line)).count() == expected.len(),
        "{found:#?}"
    );
    // An observer is no member.
    let of_ireland = found.iter().filter(|line| line.starts_with("ie "));
    assert_eq!(of_ireland.count(), 1, "{found:#?}");
}

#[tokio::test]
async fn a_follower_of_a_territory_receives_acts_of_the_state_that_extends_to_it() {
    let time = Time::at("2026-01-10T08:00:00Z");
    let api = Api::builder()
        .empty()
        .clock(time.clock())
        .load()
        .start()
        .await;
    let eva = api.editor("eva").await;
    let log = async |code: &str| {
        let query = format!(
            "{{ changes(first: 100, filter: {{ countries: [\"{code}\"], kinds: [TREATY_EVENT] }}) {{ nodes {{
                recordId operation effect {{ on }} }} }} }}"
        );
        let answer = api.query_once(&query).await;
        let lines = answer["changes"]["nodes"].as_array().unwrap().iter();
        let told = |line: &Value| {
            let on = line["effect"]["on"].as_str().unwrap_or_default();
            let id = line["recordId"].as_str().unwrap();
            format!("{id} {} {on}", line["operation"].as_str().unwrap())
                .trim()
                .replace("TreatyEvent:", "")
        };
        lines.map(told).collect::<Vec<_>>()
    };
    assert_eq!(log("SX").await, [""; 0]);
    let extends = json!({ "territories": ["SX"] });
    eva.publish(json!([act(
        "extends",
        "NL",
        "TERRITORIAL_APPLICATION",
        "2026-01-09",
        extends
    )]))
    .await;
    let update = json!([{ "updateTreatyEvent": { "id": "TreatyEvent:extends", "baseVersion": 1, "cite": cite(),
        "set": { "text": "For Sint Maarten." } } }]);
    eva.publish(update).await;
    // Statements of the State for itself do not concern the territory; its acts about membership do.
    eva.publish(json!([act(
        "declares",
        "NL",
        "DECLARATION",
        "2026-01-09",
        json!({})
    )]))
    .await;
    eva.publish(json!([act(
        "leaves",
        "NL",
        "DENUNCIATION",
        "2026-01-10",
        json!({})
    )]))
    .await;
    let back = json!({ "relatesTo": "TreatyEvent:leaves" });
    eva.publish(json!([act("back", "NL", "WITHDRAWAL", "2026-01-10", back)]))
        .await;
    time.set("2026-06-01T00:00:10Z");
    api.store.write_effects().await.unwrap();
    assert_eq!(
        log("SX").await,
        [
            "extends CREATE",
            "extends UPDATE",
            "leaves CREATE",
            "back CREATE",
            "extends EFFECT 2026-05-01"
        ]
    );
    assert_eq!(log("AW").await, [""; 0]);
    // The extension of the protocol to another territory makes acts under the Convention concern that territory too.
    let mut protocol = act(
        "protocol",
        "NL",
        "TERRITORIAL_APPLICATION",
        "2026-06-01",
        json!({ "territories": ["AW"] }),
    );
    protocol["createTreatyEvent"]["fields"]["treaty"] = json!("ETS 189");
    eva.publish(json!([protocol])).await;
    eva.publish(json!([act(
        "suspends",
        "NL",
        "SUSPENSION",
        "2026-06-01",
        json!({})
    )]))
    .await;
    let retire = json!([{ "retire": { "id": "TreatyEvent:protocol", "baseVersion": 1, "reason": "Wrong." } }]);
    eva.publish(retire).await;
    assert_eq!(
        log("AW").await,
        ["protocol CREATE", "suspends CREATE", "protocol RETIRE"]
    );
    let own = log("NL").await;
    assert!(
        own.contains(&"extends EFFECT 2026-05-01".to_owned()),
        "{own:?}"
    );
}

#[tokio::test]
async fn a_change_of_an_act_also_names_the_country_that_succeeded_to_it() {
    let api = Api::seeded().await;
    let eva = api.editor("eva").await;
    let to = json!({ "relatesTo": "TreatyEvent:gb-ets-185-signature" });
    eva.publish(json!([act("tv", "TV", "SUCCESSION", "2020-05-01", to)]))
        .await;
    let update = json!([{ "updateTreatyEvent": { "id": "TreatyEvent:gb-ets-185-signature", "baseVersion": 1,
        "cite": cite(), "set": { "date": "2001-11-24" } } }]);
    eva.publish(update).await;
    let query = "{ changes(last: 1, filter: { countries: [\"TV\"] }) { nodes { recordId countries { code } } } }";
    assert_eq!(
        api.query(query).await["changes"]["nodes"][0],
        json!({ "recordId": "TreatyEvent:gb-ets-185-signature", "countries": [{ "code": "GB" }, { "code": "TV" }] })
    );
}

/// Pseudo-random numbers, the same in every run.
struct Chance(u32);

impl Chance {
    fn draw(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(1_103_515_245).wrapping_add(12_345);
        usize::try_from(self.0 >> 8).unwrap() % below
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.draw(of.len())]
    }

    /// A day within the two months under test, or shortly before.
    fn day(&mut self) -> String {
        let day = chrono::NaiveDate::from_ymd_opt(2026, 1, 20).unwrap();
        (day + chrono::Days::new(self.draw(50).try_into().unwrap())).to_string()
    }
}

const CODES: [&str; 5] = ["AW", "CW", "FR", "NL", "SX"];

/// A small data set: two States, three territories, a treaty and a protocol to it.
fn world() -> Value {
    let mut lines = vec![
        json!({ "createSource": { "key": "coe-chart-185-2015", "fields":
        { "kind": "OTHER", "title": "A chart" } } }),
    ];
    for code in CODES {
        let kind = if ["FR", "NL"].contains(&code) {
            "STATE"
        } else {
            "TERRITORY"
        };
        lines.push(
            json!({ "createCountry": { "fields": { "code": code, "kind": kind,
            "names": [{ "text": code, "language": "en" }] } } }),
        );
    }
    for (reference, required) in [("ETS 185", Value::Null), ("ETS 189", json!("ETS 185"))] {
        let mut rule = json!({ "article": "1", "days": 9, "firstDayOfMonth": false, "notBeforeTreaty": true,
            "denunciationMonths": 1 });
        let mut fields = json!({ "reference": reference, "shortTitle": reference, "title": reference,
            "organisation": "CoE", "entryIntoForceOn": "2004-07-01", "eventsCompleteAsOf": "2026-01-01" });
        if required != Value::Null {
            rule["requiresPartyTo"] = required.clone();
            fields["parent"] = required;
        }
        fields["entryIntoForceRule"] = rule;
        lines.push(json!({ "createTreaty": { "cite": cite(), "fields": fields } }));
    }
    json!(lines)
}

/// Random records.
fn drawn(chance: &mut Chance, round: usize) -> Vec<Value> {
    let mut lines = Vec::new();
    for number in 0..14 {
        let key = format!("e-{round}-{number}");
        let kind = chance.one(&[
            "RATIFICATION",
            "TERRITORIAL_APPLICATION",
            "TERRITORIAL_APPLICATION",
            "DENUNCIATION",
            "SUSPENSION",
            "RESERVATION",
            "RESERVATION",
            "DECLARATION",
            "DESIGNATION_OF_AUTHORITY",
            "WITHDRAWAL",
        ]);
        let early = number < 4 || chance.draw(3) == 0;
        let date = if early {
            format!("2020-01-{:02}", chance.draw(28) + 1)
        } else {
            chance.day()
        };
        let kind = if number < 2 { "RATIFICATION" } else { kind };
        let mut fields = json!({ "kind": kind, "date": date, "country": chance.one(&["NL", "NL", "FR"]),
            "treaty": chance.one(&["ETS 185", "ETS 185", "ETS 189"]) });
        if kind == "TERRITORIAL_APPLICATION" || (kind != "RATIFICATION" && chance.draw(3) == 0) {
            fields["territories"] = json!([chance.one(&["SX", "AW", "CW"])]);
        }
        if chance.draw(3) == 0 {
            fields["effectiveDate"] = json!(chance.day());
        }
        let lasts = [
            "SUSPENSION",
            "RESERVATION",
            "DECLARATION",
            "DESIGNATION_OF_AUTHORITY",
            "TERRITORIAL_APPLICATION",
        ];
        if early && lasts.contains(&kind) && chance.draw(2) == 0 {
            fields["endsOn"] = json!(chance.day());
        }
        if kind == "WITHDRAWAL" {
            let target = chance.draw(number);
            fields["relatesTo"] = json!(format!("TreatyEvent:e-{round}-{target}"));
            // A withdrawal is by the same country under the same treaty as the act that it withdraws.
            let of: &Value = &lines[target];
            let of = &of["createTreatyEvent"]["fields"];
            fields["country"] = of["country"].clone();
            fields["treaty"] = of["treaty"].clone();
        }
        if kind == "DESIGNATION_OF_AUTHORITY" {
            fields["articles"] = json!([chance.one(&["24", "27"])]);
        }
        lines
            .push(json!({ "createTreatyEvent": { "key": key, "cite": cite(), "fields": fields } }));
    }
    for number in 0..4 {
        let country = chance.one(&CODES);
        let (begins, as_of) = (chance.day(), chance.day());
        lines.push(json!({ "createCybersecurityBody": { "key": format!("b-{round}-{number}"), "cite": cite(), "fields": {
            "country": country, "kind": "AGENCY", "names": [{ "text": "Office", "language": "en" }],
            "status": chance.one(&["OPERATIONAL", "PLANNED"]), "period": format!("{begins}/2026-03-12") } } }));
        lines.push(json!({ "createPolicyDocument": { "key": format!("d-{round}-{number}"), "cite": cite(), "fields": {
            "country": country, "kind": "LAW", "titles": [{ "text": "Law", "language": "en" }], "status": "ADOPTED",
            "inForceFrom": begins, "period": format!("2020/{}", chance.one(&["2026-03-10", "2027"])) } } }));
        lines.push(json!({ "createCoverageAssertion": { "key": format!("c-{round}-{number}"), "cite": cite(), "fields": {
            "country": country, "topic": "TRAINING", "asOf": as_of, "value": chance.one(&["PRESENT", "ABSENT"]) } } }));
    }
    lines
}

/// Every answer of each country that depends on the as-of date.
async fn answers(api: &Api) -> BTreeMap<String, Value> {
    let standing = "status extendedFrom { code } reservations { recordId } declarations { recordId } designations { recordId }";
    let query = format!(
        "{{ countries(first: 100) {{ nodes {{ code administeredBy {{ code }} memberships {{ organisation }}
            a: treatyStatus {{ {standing} }} b: treatyStatus(treaty: \"ETS 189\") {{ {standing} }}
            coverage {{ recordId value }} cybersecurityBodies {{ nodes {{ recordId status }} }}
            policyDocuments {{ nodes {{ recordId effectiveStatus }} }} }} }}
            members: countries(filter: {{ memberships: [EUROPEAN_UNION] }}) {{ nodes {{ code }} }} }}"
    );
    let answer = api.query_once(&query).await;
    let nodes = answer["countries"]["nodes"].as_array().unwrap().iter();
    let members = answer["members"]["nodes"].as_array().unwrap();
    nodes
        .map(|one| {
            let is_member = members.iter().any(|member| member["code"] == one["code"]);
            let code = one["code"].as_str().unwrap().to_owned();
            (code, json!([one, is_member]))
        })
        .collect()
}

async fn effect_lines(api: &Api, day: &str) -> Vec<String> {
    let lines = effects(api, "").await.into_iter();
    lines
        .filter(|line| line.split(' ').nth(1) == Some(day))
        .collect()
}

async fn memberships(eva: &Person<'_>, chance: &mut Chance) {
    let (since, until) = (chance.day(), chance.day());
    let set = json!({ "memberships": [{ "organisation": "EUROPEAN_UNION", "until": until },
        { "organisation": "COMMONWEALTH", "since": since }] });
    let update = |code: &str, set: &Value| json!({ "updateCountry": { "id": format!("Country:{code}"), "baseVersion": 1, "set": set } });
    let administrations =
        json!({ "administrations": [{ "country": "FR", "until": chance.day() }] });
    eva.publish(json!([update("fr", &set), update("aw", &administrations)]))
        .await;
}

#[tokio::test]
async fn every_change_of_a_countrys_answers_at_midnight_has_an_effect_naming_it() {
    let mut turns = 0;
    for round in 0..2 {
        let time = Time::at("2026-01-31T08:00:00Z");
        let api = Api::builder().empty().clock(time.clock()).start().await;
        let mut chance = Chance(u32::try_from(round).unwrap() * 7_919 + 11);
        let eva = api.editor("eva").await;
        eva.publish(world()).await;
        let lines = drawn(&mut chance, round);
        eva.publish(json!(lines)).await;
        memberships(&eva, &mut chance).await;
        let mut before = answers(&api).await;
        let first = chrono::NaiveDate::from_ymd_opt(2026, 2, 1).unwrap();
        for number in 0..45 {
            let day = (first + chrono::Days::new(number)).to_string();
            time.set(&format!("{day}T00:00:10Z"));
            api.store.write_effects().await.unwrap();
            let after = answers(&api).await;
            let told = effect_lines(&api, &day).await;
            let named = |line: &str, code: &str| {
                line.rsplit(' ')
                    .next()
                    .unwrap()
                    .split('+')
                    .any(|one| one == code)
            };
            let mut changed = Vec::new();
            for code in CODES {
                if before[code] != after[code] {
                    changed.push(code);
                    assert!(
                        told.iter().any(|line| named(line, code)),
                        "round {round}, {day}, {code}: {told:#?}\n{:#}\n{:#}",
                        before[code],
                        after[code]
                    );
                }
            }
            for line in &told {
                assert!(
                    changed.iter().any(|code| named(line, code)),
                    "round {round}, {day}: {line} and nothing changed"
                );
            }
            turns += changed.len();
            before = after;
        }
    }
    assert!(turns > 40, "{turns}");
}
