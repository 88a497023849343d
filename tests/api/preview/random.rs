//! Random contributions over all nouns. The same numbers give the same contributions on both databases.

use std::collections::{BTreeMap, BTreeSet};

use cyberprofiles::domain::record::{Kind, RecordField};
use serde_json::{Map, Value, json};

use crate::write_back::{Noun, RECORDS, cites, nouns, written};

/// A generator of numbers. Source: Knuth's constants for a linear congruential generator.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }

    fn is_one_in(&mut self, number: usize) -> bool {
        self.below(number) == 0
    }
}

/// A record, as the author of random contributions knows it.
#[derive(Clone)]
struct Known {
    kind: Kind,
    version: i64,
    is_retired: bool,
}

/// The author of random contributions.
pub struct Author {
    random: Random,
    nouns: Vec<Noun>,
    known: BTreeMap<String, Known>,
    /// The records of the contribution that was written last, as they are after it.
    next: BTreeMap<String, Known>,
    /// Values that only one record may have, and that a create has used.
    used: BTreeSet<String>,
    keys: usize,
}

impl Author {
    pub fn new(seed: u64) -> Self {
        Self {
            random: Random::new(seed),
            nouns: nouns(),
            known: BTreeMap::new(),
            next: BTreeMap::new(),
            used: BTreeSet::new(),
            keys: 0,
        }
    }

    /// The changes of a new contribution.
    pub fn changes(&mut self) -> Vec<Value> {
        self.next.clear();
        let count = 1 + self.random.below(6);
        (0..count).map(|_| self.change()).collect()
    }

    /// The ids of the records of the contribution that was written last.
    pub fn touched(&self) -> Vec<String> {
        self.next.keys().cloned().collect()
    }

    /// The contribution that was written last was accepted.
    pub fn accepted(&mut self) {
        self.known.append(&mut self.next);
    }

    fn change(&mut self) -> Value {
        let open: Vec<(String, Known)> = self
            .known
            .iter()
            .filter(|(id, _)| !self.next.contains_key(*id))
            .map(|(id, known)| (id.clone(), known.clone()))
            .collect();
        if open.is_empty() || self.random.is_one_in(3) {
            return self.create();
        }
        let (id, known) = open[self.random.below(open.len())].clone();
        match (known.is_retired, self.random.below(4)) {
            (true, _) => self.simple("restore", &id, &known),
            (false, 0) => self.simple("retire", &id, &known),
            (false, _) => self.update(&id, &known),
        }
    }

    fn simple(&mut self, operation: &str, id: &str, known: &Known) -> Value {
        let restores = operation == "restore";
        let next = Known {
            version: known.version + i64::from(restores),
            is_retired: !restores,
            ..known.clone()
        };
        self.next.insert(id.to_owned(), next);
        json!({ operation: { "id": id, "baseVersion": known.version, "reason": "It is so." } })
    }

    fn update(&mut self, id: &str, known: &Known) -> Value {
        let kind = known.kind;
        let noun = self.nouns.iter().find(|noun| noun.kind == kind).unwrap();
        let values = written(noun, self.random.below(RECORDS));
        let identity = kind.unique().into_iter().chain(kind.key_fields().to_vec());
        let identity: Vec<String> = identity.map(RecordField::camel).collect();
        let required = [
            "kind", "country", "treaty", "topic", "value", "state", "title",
        ];
        let random = &mut self.random;
        let set: Map<String, Value> = values
            .into_iter()
            .filter(|(name, _)| !identity.contains(name) && !random.is_one_in(3))
            .collect();
        let fields = kind.fields().iter();
        let clear = fields.filter(|field| {
            let name = field.name.camel();
            let may = !identity.contains(&name) && !required.contains(&name.as_str());
            may && !set.contains_key(&name) && random.is_one_in(8)
        });
        let clear: Vec<String> = clear.map(|field| field.name.screaming()).collect();
        let next = Known {
            version: known.version + 1,
            ..known.clone()
        };
        self.next.insert(id.to_owned(), next);
        json!({ format!("update{kind}"): { "id": id, "baseVersion": known.version, "set": set, "clear": clear,
            "cite": self.cites(kind) } })
    }

    fn create(&mut self) -> Value {
        self.keys += 1;
        if self.random.is_one_in(3) {
            return self.event();
        }
        let noun = &self.nouns[self.random.below(self.nouns.len())];
        let (kind, mut fields) = (noun.kind, written(noun, self.random.below(RECORDS)));
        if kind == Kind::ArticleImplementation {
            // Its key follows from its fields.
            return self.event();
        }
        if let Some(unique) = kind.unique() {
            let value = fields[&unique.camel()].to_string().to_uppercase();
            if !self.used.insert(value) {
                return self.event();
            }
        }
        // The organisation of a State is its own matter; a country is created without one.
        fields.remove("administrations");
        let key = format!("random-{}", self.keys);
        self.created(kind, &key);
        json!({ format!("create{kind}"): { "key": key, "fields": fields, "cite": self.cites(kind) } })
    }

    /// The creation of a treaty event, which changes statuses and counts.
    fn event(&mut self) -> Value {
        let random = &mut self.random;
        let kinds = [
            "SIGNATURE",
            "RATIFICATION",
            "ACCESSION",
            "DENUNCIATION",
            "RESERVATION",
        ];
        let countries = ["IE", "FI", "AZ"];
        let treaties = ["ETS 185", "ETS 189", "CETS 224"];
        let year = 2000 + random.below(26);
        let fields = json!({ "kind": kinds[random.below(5)], "country": countries[random.below(3)],
            "treaty": treaties[random.below(3)], "date": format!("{year}-03-01") });
        let key = format!("random-{}", self.keys);
        self.created(Kind::TreatyEvent, &key);
        json!({ "createTreatyEvent": { "key": key, "fields": fields, "cite": self.cites(Kind::TreatyEvent) } })
    }

    fn created(&mut self, kind: Kind, key: &str) {
        let known = Known {
            kind,
            version: 1,
            is_retired: false,
        };
        self.next.insert(format!("{kind}:{key}"), known);
    }

    fn cites(&mut self, kind: Kind) -> Value {
        let mut cited = cites(kind);
        if let (Some(first), true) = (cited.get_mut(0), self.random.is_one_in(2)) {
            let certainties = ["REPORTED", "CONFIRMED", "DISPUTED", "UNVERIFIED"];
            first["certainty"] = json!(certainties[self.random.below(4)]);
            first["locator"] = json!(format!("p. {}", self.random.below(100)));
        }
        cited
    }
}
