//! Data like the bundled data, for measurements with ten and a hundred times as much.

use serde_json::{Value, json};

/// Lines of a data file like the bundled ones: documents, events, bodies, units and coverage assertions of many
/// countries.
pub fn generated(lines: usize) -> Vec<String> {
    let codes = [
        "AZ", "FR", "DE", "JP", "BR", "GE", "AM", "PT", "US", "ZA", "NG", "MX", "SE", "CW", "NZ",
        "MU",
    ];
    let cite = json!([{ "source": "Source:unsourced", "certainty": "UNVERIFIED" }]);
    let line = |number: usize| {
        let country = codes[number % codes.len()];
        let key = format!("generated-{number}");
        let year = 1990 + number % 35;
        let names = json!([{ "text": format!("Name {number}"), "language": "en" }]);
        let create = |noun: &str, fields: Value| json!({ format!("create{noun}"): { "key": key, "fields": fields, "cite": cite } });
        let line = match number % 10 {
            0..4 => create(
                "PolicyDocument",
                json!({ "kind": "LAW", "titles": names, "status": "IN_FORCE", "country": country,
                "adoptedOn": format!("{year}"), "subjects": ["CYBERCRIME"], "provisions": [{ "number": "1", "summary": "What it says." }] }),
            ),
            // An event that decides the treaty status of the country under a treaty that no query selects.
            4 => create(
                "TreatyEvent",
                json!({ "kind": "SIGNATURE", "date": format!("{year}-05"), "country": country,
                "treaty": format!("GEN {}", number / 10 % 100) }),
            ),
            5 => create(
                "TreatyEvent",
                json!({ "kind": "COMMUNICATION", "date": format!("{year}-05"), "country": country,
                "treaty": "ETS 185", "articles": ["35"], "text": "What it says." }),
            ),
            // A declaration that has ended: a query for declarations in force reads it and leaves it out.
            6 => create(
                "TreatyEvent",
                json!({ "kind": "DECLARATION", "date": format!("{year}-05"), "endsOn": format!("{}", year + 1),
                "country": country, "treaty": "ETS 185", "articles": ["9"], "text": "What it says." }),
            ),
            7 | 8 => create(
                "CybersecurityBody",
                json!({ "kind": "AGENCY", "names": names, "status": "OPERATIONAL",
                "country": country, "functions": ["TRAINING"] }),
            ),
            _ => create(
                "CoverageAssertion",
                json!({ "topic": "CASE_LAW", "value": "PRESENT", "asOf": format!("{year}"), "country": country }),
            ),
        };
        line.to_string()
    };
    let treaties = (0..100).map(|number| {
        let fields = json!({ "reference": format!("GEN {number}"), "title": format!("Treaty {number}"),
            "shortTitle": format!("Treaty {number}"), "organisation": "Generated" });
        json!({ "createTreaty": { "fields": fields, "cite": cite } }).to_string()
    });
    let treaties: Vec<String> = if lines == 0 {
        Vec::new()
    } else {
        treaties.collect()
    };
    treaties.into_iter().chain((0..lines).map(line)).collect()
}
