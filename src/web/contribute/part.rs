//! One proposed change of a form: read from the posted fields or from the input of a draft, and written as a
//! `ChangeInput`.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::kind::{CITATION, Field, Kind, Shape, kind};
use crate::difference::screaming;
use crate::params::Params;

/// The operation of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// A new record.
    Create,
    /// New values of a record.
    Update,
    /// The end of a record.
    Retire,
    /// The return of a retired record.
    Restore,
}

impl Operation {
    /// The name in the schema, to which a kind is added for `Create` and `Update`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Retire => "retire",
            Self::Restore => "restore",
        }
    }

    /// The operation with a name.
    pub fn of(name: &str) -> Option<Self> {
        let all = [Self::Create, Self::Update, Self::Retire, Self::Restore];
        all.into_iter().find(|one| one.name() == name)
    }
}

/// A record as it is now.
#[derive(Clone, Debug, Default)]
pub struct Current {
    /// The name, as readers see it.
    pub label: String,
    /// The version.
    pub version: i64,
    /// The fields.
    pub fields: Map<String, Value>,
}

/// One proposed change.
#[derive(Clone, Debug)]
pub struct Part {
    /// The operation.
    pub operation: Operation,
    /// The kind of record.
    pub kind: &'static Kind,
    /// The id of the record; blank for a new one.
    pub id: String,
    /// The version on which the change is based; blank for the newest one.
    pub base_version: String,
    /// The key of a new record; blank if the service chooses it.
    pub key: String,
    /// The reason to retire or restore the record.
    pub reason: String,
    /// The values of all fields, those that do not change included.
    pub fields: Map<String, Value>,
    /// The citations.
    pub cite: Vec<Value>,
    /// Values that the form suggests: a new record with these alone is left out.
    pub preset: Map<String, Value>,
    /// True if the person leaves this part out.
    pub is_omitted: bool,
    /// The record as it is now, for an update.
    pub current: Option<Current>,
}

impl Part {
    /// An empty part.
    pub fn new(operation: Operation, kind: &'static Kind) -> Self {
        Self {
            operation,
            kind,
            id: String::new(),
            base_version: String::new(),
            key: String::new(),
            reason: String::new(),
            fields: Map::new(),
            cite: Vec::new(),
            preset: Map::new(),
            is_omitted: false,
            current: None,
        }
    }

    /// Reads the part with a number from a posted form; `None` if it has none.
    pub fn read(form: &Params, number: usize) -> Option<Self> {
        let field = |name: &str| form.get(&format!("p{number}.{name}")).unwrap_or_default();
        let operation = Operation::of(field("operation"))?;
        let mut part = Self::new(operation, kind(field("kind"))?);
        field("id").clone_into(&mut part.id);
        field("baseVersion").clone_into(&mut part.base_version);
        field("key").clone_into(&mut part.key);
        field("reason").clone_into(&mut part.reason);
        part.is_omitted = !field("omit").is_empty();
        part.preset = serde_json::from_str(field("preset")).unwrap_or_default();
        part.fields = object(form, part.kind.fields, &format!("p{number}.fields."));
        if operation == Operation::Update && !field("shown").is_empty() {
            // A field that the form showed and that has no value now is emptied.
            for shown in part.kind.fields {
                part.fields.entry(shown.name).or_insert(Value::Null);
            }
        }
        part.cite = rows(form, CITATION, &format!("p{number}.cite"));
        Some(part)
    }

    /// Reads an input of a draft.
    pub fn of_input(input: &Value) -> Option<Self> {
        let (name, change) = input.as_object()?.iter().next()?;
        let text = |name: &str| match change.get(name) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            _ => String::new(),
        };
        let id = text("id");
        let (operation, kind) = match name.as_str() {
            "retire" => (Operation::Retire, kind_of_record(&id)?),
            "restore" => (Operation::Restore, kind_of_record(&id)?),
            _ => match (name.strip_prefix("create"), name.strip_prefix("update")) {
                (Some(created), _) => (Operation::Create, kind(created)?),
                (_, Some(updated)) => (Operation::Update, kind(updated)?),
                _ => return None,
            },
        };
        let values = change.get("fields").or(change.get("set"));
        let mut part = Self::new(operation, kind);
        part.fields = values
            .and_then(Value::as_object)
            .cloned()
            .unwrap_or_default();
        part.cite = list(change, "cite");
        part.base_version = text("baseVersion");
        part.key = text("key");
        part.reason = text("reason");
        part.id = id;
        // A field that the draft empties is marked, until the values of the record are known.
        for cleared in list(change, "clear") {
            let cleared = cleared.as_str().unwrap_or_default();
            let field = kind
                .fields
                .iter()
                .find(|field| screaming(field.name) == cleared);
            if let Some(field) = field {
                part.fields.insert(field.name.to_owned(), Value::Null);
            }
        }
        Some(part)
    }

    /// Adds the values of the record as it is now, where the change says nothing.
    pub fn over(&mut self, current: Current) {
        for (name, value) in &current.fields {
            self.fields.entry(name).or_insert_with(|| value.clone());
        }
        self.fields.retain(|_, value| !value.is_null());
        if self.base_version.is_empty() {
            self.base_version = current.version.to_string();
        }
        self.current = Some(current);
    }

    /// True if the part is not sent.
    pub fn is_blank(&self) -> bool {
        let differs = |(name, value): (&String, &Value)| self.preset.get(name) != Some(value);
        self.is_omitted
            || match self.operation {
                Operation::Create => !self.fields.iter().any(differs),
                Operation::Update => self.changes().0.is_empty() && self.changes().1.is_empty(),
                Operation::Retire | Operation::Restore => self.id.is_empty(),
            }
    }

    /// The values that an update sets, and the fields that it empties.
    fn changes(&self) -> (Map<String, Value>, Vec<String>) {
        let empty = Map::new();
        let before = self
            .current
            .as_ref()
            .map_or(&empty, |current| &current.fields);
        let differs = |field: &&Field| {
            let name = field.name;
            normal(field, self.fields.get(name)) != normal(field, before.get(name))
        };
        let mut set = Map::new();
        let mut clear = Vec::new();
        for field in self.kind.fields.iter().filter(differs) {
            match self.fields.get(field.name) {
                Some(value) if !value.is_null() => {
                    set.insert(field.name.to_owned(), value.clone());
                }
                _ => clear.push(screaming(field.name)),
            }
        }
        (set, clear)
    }

    /// The change as a `ChangeInput`. A part without a source takes that of the first part.
    pub fn input(&self, first_source: Option<&Value>) -> Value {
        let mut cite = self.cite.clone();
        let sets_values = matches!(self.operation, Operation::Create | Operation::Update);
        if cite.is_empty() && self.kind.needs_source && sets_values {
            cite.extend(first_source.cloned());
        }
        let base_version: Option<i64> = self.base_version.parse().ok();
        let mut change = match self.operation {
            Operation::Create => json!({ "fields": self.fields, "cite": cite }),
            Operation::Update => {
                let (set, clear) = self.changes();
                let mut change = json!({ "id": self.id, "set": set, "cite": cite });
                if !clear.is_empty() {
                    add(&mut change, "clear", json!(clear));
                }
                change
            }
            Operation::Retire => {
                json!({ "id": self.id, "reason": self.reason, "cite": cite, "baseVersion": 0 })
            }
            Operation::Restore => {
                json!({ "id": self.id, "reason": self.reason, "baseVersion": 0 })
            }
        };
        if let Some(version) = base_version {
            add(&mut change, "baseVersion", json!(version));
        }
        if self.operation == Operation::Create && !self.key.is_empty() {
            add(&mut change, "key", json!(self.key));
        }
        json!({ self.name(): change })
    }

    /// The name of the member of `ChangeInput`.
    pub fn name(&self) -> String {
        match self.operation {
            Operation::Create | Operation::Update => {
                format!("{}{}", self.operation.name(), self.kind.name)
            }
            Operation::Retire | Operation::Restore => self.operation.name().to_owned(),
        }
    }

    /// A citation of the source of this part, for other parts.
    pub fn source(&self) -> Option<Value> {
        let cite = self.cite.first()?;
        for name in ["source", "sourceUrl"] {
            if let Some(value) = cite.get(name) {
                return Some(json!({ name: value }));
            }
        }
        let address = cite.get("newSource")?.get("url")?;
        Some(json!({ "sourceUrl": address }))
    }

    /// The code of the country to which the change belongs.
    pub fn country(&self) -> Option<&str> {
        let name = if self.kind.name == "Country" {
            "code"
        } else {
            "country"
        };
        let here = self.fields.get(name);
        let current = || self.current.as_ref()?.fields.get(name);
        here.or_else(current)?.as_str()
    }
}

fn add(change: &mut Value, name: &str, value: Value) {
    if let Some(members) = change.as_object_mut() {
        members.insert(name.to_owned(), value);
    }
}

fn list(value: &Value, name: &str) -> Vec<Value> {
    let list = value.get(name).and_then(Value::as_array);
    list.cloned().unwrap_or_default()
}

/// The kind of the record with an id.
pub fn kind_of_record(id: &str) -> Option<&'static Kind> {
    kind(id.split(':').next()?)
}

/// A value as the form would send it back, so that unchanged ones are found.
fn normal(field: &Field, value: Option<&Value>) -> Option<Value> {
    let value = value.filter(|value| !value.is_null())?;
    Some(match (field.shape, value) {
        (Shape::Rows(parts), Value::Array(rows)) => {
            rows.iter().map(|row| normal_object(parts, row)).collect()
        }
        (Shape::One(parts), one) => normal_object(parts, one),
        (Shape::Choices(_), Value::Array(values)) => {
            let mut values: Vec<_> = values.iter().filter_map(Value::as_str).collect();
            values.sort_unstable();
            json!(values)
        }
        (_, Value::String(text)) => json!(lines(text)),
        (_, other) => other.clone(),
    })
}

fn normal_object(parts: &[Field], value: &Value) -> Value {
    let members = parts.iter().filter_map(|part| {
        let member = value
            .get(part.name)
            .filter(|member| **member != json!(false));
        normal(part, member).map(|member| (part.name.to_owned(), member))
    });
    Value::Object(members.collect())
}

/// A text with the line ends of the service; a form sends two characters for each.
fn lines(text: &str) -> String {
    text.replace("\r\n", "\n").trim().to_owned()
}

/// Reads an object.
fn object(form: &Params, fields: &[Field], prefix: &str) -> Map<String, Value> {
    let members = fields.iter().filter_map(|field| {
        let value = value(form, field, &format!("{prefix}{}", field.name))?;
        Some((field.name.to_owned(), value))
    });
    members.collect()
}

/// Reads a list of objects. Rows in which nothing is written are left out.
fn rows(form: &Params, fields: &[Field], name: &str) -> Vec<Value> {
    let prefix = format!("{name}.");
    let numbers = form.pairs().iter().filter_map(|(name, _)| {
        let number = name.strip_prefix(&prefix)?.split('.').next()?;
        number.parse().ok()
    });
    let numbers: BTreeSet<usize> = numbers.collect();
    let rows = numbers
        .into_iter()
        .map(|number| object(form, fields, &format!("{prefix}{number}.")));
    let rows = rows.filter(is_written);
    rows.map(Value::Object).collect()
}

/// True if an object has more than marks.
fn is_written(row: &Map<String, Value>) -> bool {
    row.values().any(|value| !value.is_boolean())
}

/// Reads a value; `None` if it is blank.
fn value(form: &Params, field: &Field, name: &str) -> Option<Value> {
    let text = || form.get(name).map(lines);
    match field.shape {
        Shape::Lines | Shape::Records => list_of(text()?.lines()),
        Shape::WordList | Shape::FieldList => list_of(text()?.split([',', '\n'])),
        Shape::Choices(_) => list_of(form.all(name)),
        Shape::Flag => Some(json!(form.has(name))),
        Shape::Number => {
            let text = text()?;
            // A text that is no number is kept, so that it can be shown again.
            Some(
                text.parse::<i64>()
                    .map_or_else(|_| json!(text), |number| json!(number)),
            )
        }
        Shape::Rows(parts) => {
            let rows = rows(form, parts, name);
            (!rows.is_empty()).then(|| json!(rows))
        }
        Shape::One(parts) => {
            let one = object(form, parts, &format!("{name}."));
            is_written(&one).then(|| json!(one))
        }
        _ => text().map(Value::String),
    }
}

fn list_of<'a>(texts: impl Iterator<Item = &'a str>) -> Option<Value> {
    let texts = texts.map(str::trim).filter(|text| !text.is_empty());
    let texts: Vec<&str> = texts.collect();
    (!texts.is_empty()).then(|| json!(texts))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_posted_form_becomes_the_input_of_a_change() {
        let form = Params::read(
            "p0.operation=create&p0.kind=PolicyDocument&p0.fields.country=IE&p0.fields.kind=STRATEGY\
             &p0.fields.titles.0.text=&p0.fields.titles.0.language=\
             &p0.fields.titles.3.text=Strategy&p0.fields.titles.3.language=en&p0.fields.titles.3.isOriginal=true\
             &p0.fields.subjects=CYBERSECURITY&p0.fields.subjects=CYBERCRIME&p0.fields.objectives=one%0D%0A%0D%0Atwo\
             &p0.cite.0.newSource.title=S&p0.cite.0.newSource.url=https%3A%2F%2Fexample.org\
             &p1.operation=create&p1.kind=CoverageAssertion&p1.fields.country=IE&p1.preset=%7B%22country%22%3A%22IE%22%7D",
        );
        let part = Part::read(&form, 0).unwrap();
        assert_eq!(
            part.input(None),
            json!({ "createPolicyDocument": {
                "fields": {
                    "country": "IE",
                    "kind": "STRATEGY",
                    "titles": [{ "text": "Strategy", "language": "en", "isOriginal": true }],
                    "subjects": ["CYBERSECURITY", "CYBERCRIME"],
                    "objectives": ["one", "two"],
                },
                "cite": [{ "newSource": { "title": "S", "url": "https://example.org" } }],
            } })
        );
        let blank = Part::read(&form, 1).unwrap();
        assert!(blank.is_blank() && !part.is_blank());
        assert_eq!(
            blank.input(part.source().as_ref())["createCoverageAssertion"]["cite"][0]["sourceUrl"],
            "https://example.org"
        );
        assert!(Part::read(&form, 2).is_none());
    }

    #[test]
    fn an_update_sends_only_the_fields_that_differ() {
        let current = json!({
            "country": "AZ", "titles": [{ "text": "A", "language": "en" }], "summary": "one\ntwo", "period": "2014/2020",
            "subjects": ["B", "A"],
        });
        let current = Current {
            label: "A".to_owned(),
            version: 3,
            fields: current.as_object().cloned().unwrap(),
        };
        let form = Params::read(
            "p0.operation=update&p0.kind=PolicyDocument&p0.id=PolicyDocument:a&p0.baseVersion=2&p0.fields.country=AZ\
             &p0.fields.titles.0.text=A&p0.fields.titles.0.language=en&p0.fields.summary=one%0D%0Atwo\
             &p0.fields.subjects=A&p0.fields.subjects=B&p0.fields.adoptedOn=2014",
        );
        let mut part = Part::read(&form, 0).unwrap();
        part.fields.insert("period".to_owned(), Value::Null);
        part.over(current.clone());
        assert_eq!(
            part.input(None),
            json!({ "updatePolicyDocument": {
                "id": "PolicyDocument:a", "baseVersion": 2, "cite": [],
                "set": { "adoptedOn": "2014" }, "clear": ["PERIOD"],
            } })
        );
        let mut draft = Part::of_input(&part.input(None)).unwrap();
        draft.over(current);
        assert_eq!(draft.input(None), part.input(None));
        assert_eq!(draft.fields.get("country"), Some(&json!("AZ")));
    }

    #[test]
    fn a_field_that_is_emptied_in_the_form_is_cleared() {
        let form = Params::read(
            "p0.operation=update&p0.kind=TreatyEvent&p0.shown=1&p0.id=TreatyEvent:a&p0.fields.date=2010&p0.fields.text=",
        );
        let mut part = Part::read(&form, 0).unwrap();
        let fields = json!({ "date": "2010", "text": "old" });
        part.over(Current {
            fields: fields.as_object().cloned().unwrap(),
            version: 1,
            ..Current::default()
        });
        let input = part.input(None);
        assert_eq!(input["updateTreatyEvent"]["set"], json!({}));
        assert_eq!(input["updateTreatyEvent"]["clear"], json!(["TEXT"]));
    }

    #[test]
    fn the_forms_ask_for_all_fields_of_the_schema() {
        let schema = include_str!("../../../schema.graphql");
        for kind in super::super::kind::KINDS {
            let begin = format!("input {}Fields {{", kind.name);
            let (_, rest) = schema.split_once(&begin).unwrap();
            let (members, _) = rest.split_once("\n}").unwrap();
            // Every second part between triple quotes is a description.
            let mut of_schema: Vec<&str> = members
                .split("\"\"\"")
                .step_by(2)
                .flat_map(str::lines)
                .filter_map(|line| line.strip_prefix('\t')?.split_once(": "))
                .map(|(name, _)| name)
                .collect();
            let mut of_form: Vec<&str> = kind.fields.iter().map(|field| field.name).collect();
            of_schema.sort_unstable();
            of_form.sort_unstable();
            assert_eq!(of_form, of_schema, "{}", kind.name);
        }
    }

    #[test]
    fn the_examples_can_be_continued_as_forms() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/contributions");
        let mut count = 0;
        for file in std::fs::read_dir(folder).unwrap() {
            let text = std::fs::read(file.unwrap().path()).unwrap();
            let example: Value = serde_json::from_slice(&text).unwrap();
            for input in example["changes"].as_array().unwrap() {
                let part = Part::of_input(input).unwrap();
                let name = part.name();
                assert!(input.get(&name).is_some(), "{name}");
                if part.operation == Operation::Create {
                    for field in part.fields.keys() {
                        let known = part.kind.fields.iter().any(|known| known.name == field);
                        assert!(known, "{name}.{field}");
                    }
                    let (sent, given) = (part.input(None), &input[&name]);
                    assert_eq!(sent[&name]["fields"], given["fields"]);
                }
                count += 1;
            }
        }
        assert!(count > 30);
    }
}
