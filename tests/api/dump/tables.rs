//! The CSV files: their columns, their values, and treaty status.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use cyberprofiles::dump::{CellForm, Table};
use cyberprofiles::graphql::limits::Limits;
use serde_json::{Value, json};

use super::{rows, text};
use crate::harness::{Api, roomy};

const RECORD: &str = "id,version,sequence,updated_at";

#[test]
fn the_columns_are_those_that_programs_rely_on() {
    let expected = [
        (
            "sources",
            "kind,title,url,publisher,published_on,published_on_earliest,published_on_latest,retrieved_on,language,archived_url,licence",
        ),
        (
            "countries",
            "kind,code,alpha3,numeric_code,name,name_en,name_fr,names,region,subregion,designation_note,administered_by,administrations,memberships,disclaimer",
        ),
        (
            "treaties",
            "reference,short_title,title,organisation,adopted_on,adopted_on_earliest,adopted_on_latest,opened_on,opened_on_earliest,opened_on_latest,signature_closes_on,signature_closes_on_earliest,signature_closes_on_latest,opened_at,entry_into_force_on,entry_into_force_on_earliest,entry_into_force_on_latest,entry_into_force_condition,entry_into_force_rule,parent,events_complete_as_of",
        ),
        (
            "cybersecurity-bodies",
            "name,name_en,name_fr,names,acronym,kind,status,country,parent,functions,period,period_earliest,period_latest,predecessors,website,reporting_url,mandate,legal_basis,jointly_with,subdivision",
        ),
        (
            "operational-units",
            "name,name_en,name_fr,names,acronym,kind,status,country,parent,functions,period,period_earliest,period_latest,predecessors,website,reporting_url,mandate,legal_basis,jointly_with,subdivision",
        ),
        (
            "policy-documents",
            "kind,title,title_en,title_fr,titles,status,subjects,treaties,adopted_on,adopted_on_earliest,adopted_on_latest,promulgated_on,promulgated_on_earliest,promulgated_on_latest,published_on,published_on_earliest,published_on_latest,in_force_from,in_force_from_earliest,in_force_from_latest,repealed_on,repealed_on_earliest,repealed_on_latest,period,period_earliest,period_latest,number,publication,issuer,issuer_named_as,responsible,texts,objectives,summary,provisions,relations,subdivision,country",
        ),
        (
            "treaty-events",
            "kind,date,date_earliest,date_latest,effective_date,effective_date_earliest,effective_date_latest,ends_on,ends_on_earliest,ends_on_latest,instrument,country,treaty,articles,territories,text,relates_to,reported_label,designated_institution,designated_function,named_as",
        ),
        (
            "coverage-assertions",
            "topic,value,statement,via,as_of,as_of_earliest,as_of_latest,country",
        ),
        (
            "article-implementations",
            "country,treaty,article,degree,mapped_by,provisions,remark,as_of,as_of_earliest,as_of_latest",
        ),
        (
            "court-decisions",
            "country,title,title_en,title_fr,titles,number,ecli,court,institution,decided_on,decided_on_earliest,decided_on_latest,treaty,articles,provisions,outcome,relates_to,summary,url",
        ),
        ("profile-sections", "topic,state,body,language,country"),
        (
            "citations",
            "record,field,source,locator,quote,certainty,sequence,position",
        ),
        (
            "treaty-status",
            "country,treaty,as_of,status,possible_statuses,in_force,since,since_earliest,since_latest,in_force_from,in_force_from_earliest,in_force_from_latest,in_force_from_origin,certainty,next_status,next_on,next_on_earliest,next_on_latest,extended_from,basis,acted,counted",
        ),
    ];
    let names: Vec<&str> = Table::all().map(Table::name).collect();
    assert_eq!(names, expected.map(|(name, _)| name));
    for (table, (name, columns)) in Table::all().zip(expected) {
        let columns = match table {
            Table::Records(_) => format!("{RECORD},{columns},sources"),
            Table::Citations | Table::TreatyStatus => columns.to_owned(),
        };
        let found: Vec<String> = table
            .columns()
            .into_iter()
            .map(|column| column.name)
            .collect();
        assert_eq!(found.join(","), columns, "{name}");
        assert_eq!(
            found.iter().collect::<BTreeSet<_>>().len(),
            found.len(),
            "{name}"
        );
        assert_eq!(Table::named(name), Some(table));
        for column in table.columns() {
            assert!(
                column.description.ends_with(['.', '`']),
                "{name}.{}",
                column.name
            );
        }
    }
}

#[tokio::test]
async fn every_csv_file_has_its_header_its_records_and_values_of_the_declared_forms() {
    let api = Api::seeded().await;
    let lines = text(&api, "/export.jsonl").await;
    for table in Table::all() {
        let csv = text(&api, &format!("/export/{}.csv", table.name())).await;
        let columns = table.columns();
        let header: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
        assert!(csv.starts_with(&format!("{}\r\n", header.join(","))));
        let rows = rows(&csv);
        if let Table::Records(kind) = table {
            let created = lines.matches(&format!("{{\"create{kind}\":")).count();
            assert_eq!(rows.len(), created, "{kind}");
        }
        let mut keys = BTreeSet::new();
        for row in &rows {
            let key = table.primary_key().iter().map(|name| row[*name].as_str());
            assert!(keys.insert(key.collect::<Vec<_>>()), "{row:?}");
            for column in &columns {
                let cell = &row[&column.name];
                assert!(
                    !(column.required && cell.is_empty()),
                    "{} {row:?}",
                    column.name
                );
                let fits = cell.is_empty()
                    || match &column.form {
                        CellForm::Text | CellForm::Joined => true,
                        CellForm::Word(words) => words.contains(cell),
                        CellForm::Boolean => ["true", "false"].contains(&cell.as_str()),
                        CellForm::Integer => cell.parse::<i64>().is_ok(),
                        CellForm::Day => cell.len() == 10,
                        CellForm::Instant => chrono::DateTime::parse_from_rfc3339(cell).is_ok(),
                        CellForm::List => serde_json::from_str::<Vec<Value>>(cell).is_ok(),
                        CellForm::Object => {
                            serde_json::from_str::<serde_json::Map<String, Value>>(cell).is_ok()
                        }
                    };
                assert!(fits, "{}: {cell}", column.name);
            }
        }
    }
    let events = rows(&text(&api, "/export/treaty-events.csv").await);
    let signature = events
        .iter()
        .find(|row| row["id"] == "TreatyEvent:az-ets-185-signature")
        .unwrap();
    assert_eq!(
        (signature["date"].as_str(), signature["kind"].as_str()),
        ("2008-06-30", "SIGNATURE")
    );
    let partial = events.iter().find(|row| row["date"].len() == 4).unwrap();
    let year = &partial["date"];
    assert_eq!(partial["date_earliest"], format!("{year}-01-01"));
    assert_eq!(partial["date_latest"], format!("{year}-12-31"));
    let countries = rows(&text(&api, "/export/countries.csv").await);
    let namibia = countries.iter().find(|row| row["code"] == "NA").unwrap();
    assert_eq!(
        (namibia["name"].as_str(), namibia["name_fr"].as_str()),
        ("Namibia", "Namibie")
    );
}

/// The members of a participation that a row has.
const STANDING: &str =
    "status possibleStatuses since { ...date } inForceFrom { date { ...date } origin } certainty
    next { status on { ...date } } extendedFrom { code } basis { recordId }";
const DATE: &str = "fragment date on PartialDate { edtf earliest latest }";

/// The cells that a participation gives.
fn cells(found: &Value) -> BTreeMap<String, String> {
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let joined = |list: &Value, member: Option<&str>| {
        let list = list.as_array().unwrap().iter();
        let list = list.map(|one| word(member.map_or(one, |member| &one[member])));
        list.collect::<Vec<_>>().join(";")
    };
    let mut cells = BTreeMap::new();
    let mut date = |name: &str, date: &Value| {
        for (end, member) in [
            ("", "edtf"),
            ("_earliest", "earliest"),
            ("_latest", "latest"),
        ] {
            cells.insert(format!("{name}{end}"), word(&date[member]));
        }
    };
    date("since", &found["since"]);
    date("in_force_from", &found["inForceFrom"]["date"]);
    date("next_on", &found["next"]["on"]);
    let status = word(&found["status"]);
    let in_force = ["PARTY", "SUSPENDED", "DENUNCIATION_PENDING"].contains(&status.as_str());
    for (name, cell) in [
        ("status", status),
        (
            "possible_statuses",
            joined(&found["possibleStatuses"], None),
        ),
        ("in_force", in_force.to_string()),
        (
            "in_force_from_origin",
            word(&found["inForceFrom"]["origin"]),
        ),
        ("certainty", word(&found["certainty"])),
        ("next_status", word(&found["next"]["status"])),
        ("extended_from", word(&found["extendedFrom"]["code"])),
        ("basis", joined(&found["basis"], Some("recordId"))),
    ] {
        cells.insert(name.to_owned(), cell);
    }
    cells
}

#[tokio::test]
async fn the_rows_of_treaty_status_are_what_the_api_answers_on_two_days() {
    let limits = Limits {
        max_complexity: i32::MAX,
        max_anonymous_complexity: i32::MAX,
        request_timeout_ms: 60_000,
        ..roomy()
    };
    let api = Api::builder().limits(limits).start().await;
    let kinds = "[STATE, TERRITORY, OTHER, ORGANISATION]";
    for day in ["2010-04-01", "2026-11-01"] {
        let csv = text(&api, &format!("/export/treaty-status.csv?asOf={day}")).await;
        let mut left: BTreeMap<(String, String), HashMap<String, String>> = rows(&csv)
            .into_iter()
            .map(|row| ((row["treaty"].clone(), row["country"].clone()), row))
            .collect();
        let query = format!(
            "{{ at(asOf: \"{day}\") {{ treaties(first: 100) {{ nodes {{ reference
            statuses {{ country {{ code }} }} statusCounts {{ status count }} }} }} }} }}"
        );
        let treaties = api.query_once(&query).await;
        for treaty in treaties["at"]["treaties"]["nodes"].as_array().unwrap() {
            let reference = treaty["reference"].as_str().unwrap();
            let of_treaty = |row: &&HashMap<String, String>| row["treaty"] == reference;
            let acted = left
                .values()
                .filter(of_treaty)
                .filter(|row| row["acted"] == "true");
            let acted: Vec<&String> = acted.map(|row| &row["country"]).collect();
            let statuses = treaty["statuses"].as_array().unwrap().iter();
            let statuses: Vec<&str> = statuses
                .map(|one| one["country"]["code"].as_str().unwrap())
                .collect();
            assert_eq!(acted, statuses, "{reference}");
            let mut counts: BTreeMap<&str, i64> = BTreeMap::new();
            for row in left
                .values()
                .filter(of_treaty)
                .filter(|row| row["counted"] == "true")
            {
                *counts.entry(&row["status"]).or_default() += 1;
            }
            let told = treaty["statusCounts"].as_array().unwrap().iter();
            let told = told.map(|one| {
                (
                    one["status"].as_str().unwrap(),
                    one["count"].as_i64().unwrap(),
                )
            });
            assert_eq!(counts, told.collect(), "{reference}");
            let mut after = Value::Null;
            loop {
                let query = format!("query($after: String) {{ at(asOf: \"{day}\") {{
                    countries(first: 100, after: $after, filter: {{ kinds: {kinds} }}) {{ pageInfo {{ hasNextPage endCursor }}
                    nodes {{ code treatyStatus(treaty: \"{reference}\") {{ {STANDING} }} }} }} }} }} {DATE}");
                let page = api
                    .anyone()
                    .ask(&query, json!({ "after": after }))
                    .await
                    .data();
                let page = &page["at"]["countries"];
                for country in page["nodes"].as_array().unwrap() {
                    let code = country["code"].as_str().unwrap();
                    let row = left
                        .remove(&(reference.to_owned(), code.to_owned()))
                        .unwrap();
                    for (name, cell) in cells(&country["treatyStatus"]) {
                        assert_eq!(row[&name], cell, "{day} {reference} {code} {name}");
                    }
                    assert_eq!(row["as_of"], day);
                }
                if page["pageInfo"]["hasNextPage"] == false {
                    break;
                }
                after = page["pageInfo"]["endCursor"].clone();
            }
        }
        assert!(left.is_empty(), "{left:?}");
    }
}
