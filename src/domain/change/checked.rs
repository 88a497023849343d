//! The checks of a change that need no stored data.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::input::ChangeInput;
use super::operation::Operation;
use super::proposed::Proposed;
use crate::check::{Checked, Code, Finding, Path};
use crate::citation::{CitationInput, Cited, OpenCitation};
use crate::record::{Kind, RecordField, RecordId};
use crate::source::SourceFields;
use crate::text::Malformed;
use crate::value_type::FieldValue;

/// Maximum number of citations in one change.
pub const MAX_CITES: usize = 50;

/// The JSON form that all creates and updates share.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Uniform {
    key: Option<String>,
    id: Option<String>,
    base_version: Option<i32>,
    #[serde(default, alias = "fields")]
    set: Option<Map<String, Value>>,
    clear: Option<Vec<RecordField>>,
    cite: Option<Vec<CitationInput>>,
    reason: Option<String>,
}

impl ChangeInput {
    /// Runs the checks that need no stored data.
    ///
    /// # Errors
    /// All findings; their paths start with `path`.
    pub fn checked(self, path: &Path) -> Result<Checked<Proposed>, Vec<Finding>> {
        let (operation, kind, path, uniform) = self.uniform(path)?;
        Proposed::read(operation, kind, path, uniform, false)
    }

    fn uniform(self, path: &Path) -> Result<(Operation, Kind, Path, Uniform), Vec<Finding>> {
        let unreadable = |message: String| vec![path.finding(Code::Invalid, message)];
        let whole = serde_json::to_value(&self).map_err(|error| unreadable(error.to_string()))?;
        let member = match whole {
            Value::Object(members) => members.into_iter().next(),
            _ => None,
        };
        let (name, body) = member.ok_or_else(|| unreadable("the change is empty".to_owned()))?;
        let uniform: Uniform =
            serde_json::from_value(body).map_err(|error| unreadable(error.to_string()))?;
        let noun = |noun: &str| {
            let kind = Kind::all().find(|kind| kind.to_string() == noun);
            kind.ok_or_else(|| unreadable(format!("there is no noun {noun}")))
        };
        let (operation, kind) = match (name.strip_prefix("create"), name.strip_prefix("update")) {
            (Some(created), _) => (Operation::Create, noun(created)?),
            (_, Some(updated)) => (Operation::Update, noun(updated)?),
            (None, None) => {
                let id = uniform.id.as_deref().unwrap_or_default();
                let id: RecordId = id.parse().map_err(|error: Malformed| {
                    let at = path.then(&name).then("id");
                    vec![at.finding(Code::Invalid, error.to_string())]
                })?;
                let operation = if name == "retire" {
                    Operation::Retire
                } else {
                    Operation::Restore
                };
                (operation, id.kind())
            }
        };
        Ok((operation, kind, path.then(name), uniform))
    }
}

impl Proposed {
    /// Checks a source that a citation creates. The paths of findings lead from `path` directly to its fields.
    pub(crate) fn new_source(fields: &SourceFields, path: &Path) -> Result<Self, Vec<Finding>> {
        let set = match serde_json::to_value(fields) {
            Ok(Value::Object(set)) => set,
            Ok(_) => Map::new(),
            Err(error) => return Err(vec![path.finding(Code::Invalid, error.to_string())]),
        };
        let uniform = Uniform {
            set: Some(set),
            ..Uniform::default()
        };
        Self::read(Operation::Create, Kind::Source, path.clone(), uniform, true)
            .map(Checked::into_inner)
    }

    fn read(
        operation: Operation,
        kind: Kind,
        path: Path,
        uniform: Uniform,
        is_inline: bool,
    ) -> Result<Checked<Self>, Vec<Finding>> {
        let mut found = Vec::new();
        let mut proposed = Proposed {
            operation,
            kind,
            id: None,
            base_version: uniform.base_version,
            fields: Vec::new(),
            cites: Vec::new(),
            open_cites: Vec::new(),
            is_inline,
            reason: uniform.reason.composed(),
            is_whole: operation == Operation::Create,
            overruled: Vec::new(),
            path,
            evaluation: None,
        };
        proposed.id = proposed.target(uniform.key.as_deref(), uniform.id.as_deref(), &mut found);
        if uniform.base_version.is_some_and(|version| version < 1) {
            let at = proposed.path.then("baseVersion");
            found.push(at.finding(
                Code::Invalid,
                "expected a version number of 1 or more, like the `version` of the record",
            ));
        }
        proposed.read_set(&uniform.set.unwrap_or_default(), &mut found);
        proposed.read_clear(&uniform.clear.unwrap_or_default(), &mut found);
        let cites = uniform.cite.unwrap_or_default();
        proposed
            .reason
            .validate(&proposed.path.then("reason"), &mut found);
        // A create without fields lacks the required ones.
        let says_nothing =
            operation != Operation::Create && proposed.fields.is_empty() && cites.is_empty();
        if says_nothing && proposed.reason.is_none() && found.is_empty() {
            let message =
                "expected at least one of `set`, `clear` and `cite`, for one field or more";
            found.push(proposed.path.finding(Code::Required, message));
        }
        let clean = found.is_empty();
        proposed.read_cites(cites, &mut found);
        if clean && operation == Operation::Create {
            match kind.evaluate(&proposed.content()) {
                Ok(evaluation) => {
                    proposed.identify(&evaluation.key, &mut found);
                    proposed.evaluation = Some(Box::new(evaluation));
                }
                Err(more) => {
                    let at = proposed.at_fields();
                    found.extend(more.into_iter().map(|finding| finding.below(&at)));
                }
            }
        }
        Checked::unless(found, proposed)
    }

    fn target(
        &self,
        key: Option<&str>,
        id: Option<&str>,
        found: &mut Vec<Finding>,
    ) -> Option<RecordId> {
        let read = match (key, id) {
            (_, Some(id)) => id.parse(),
            (Some(key), None) => {
                if let Ok(id) = RecordId::new(self.kind, key) {
                    Ok(id)
                } else {
                    let message =
                        "expected 1 to 80 lower-case letters, digits and `-`, like `az-cert`";
                    found.push(self.at_target().finding(Code::Invalid, message));
                    return None;
                }
            }
            (None, None) => return None,
        };
        match read {
            Ok(id) if id.kind() == self.kind => Some(id),
            Ok(id) => {
                let kind = self.kind;
                let message =
                    format!("{id} is not a {kind}: expected an id like `{kind}:\u{2026}`");
                found.push(self.at_target().finding(Code::Invalid, message));
                None
            }
            Err(error) => {
                found.push(self.at_target().finding(Code::Invalid, error.to_string()));
                None
            }
        }
    }

    /// Gives a new record the id that follows from its fields, for a noun whose key cannot be chosen.
    fn identify(&mut self, key: &str, found: &mut Vec<Finding>) {
        if self.kind.key_fields().is_empty() {
            return;
        }
        let derived = RecordId::new(self.kind, key);
        match (&self.id, derived) {
            (Some(given), Ok(derived)) if *given != derived => {
                let message = format!("the key follows from the fields: expected {key}, or no key");
                found.push(self.at_target().finding(Code::Invalid, message));
            }
            (_, Ok(derived)) => self.id = Some(derived),
            (_, Err(error)) => {
                found.push(self.at_target().finding(Code::Invalid, error.to_string()));
            }
        }
    }

    fn read_set(&mut self, set: &Map<String, Value>, found: &mut Vec<Finding>) {
        for field in self.kind.fields() {
            let name = field.name.camel();
            let Some(value) = set.get(&name) else {
                continue;
            };
            let at = self.at_fields().then(&name);
            if value.is_null() {
                let message = "null is not a value: leave the field out, or name it in `clear`";
                found.push(at.finding(Code::Invalid, message));
                continue;
            }
            match field.read(value.clone(), &at) {
                Ok(value) => {
                    field.validate(&value, &at, found);
                    let value = (!field.is_no_value(&value)).then_some(value);
                    self.fields.push((field.name, value));
                }
                Err(more) => found.extend(more),
            }
        }
    }

    fn read_clear(&mut self, clear: &[RecordField], found: &mut Vec<Finding>) {
        for (at, name) in clear.iter().enumerate() {
            let path = self.path.then("clear").then(at);
            let field = self.kind.fields().iter().find(|field| field.name == *name);
            let message = match field {
                None => self.kind.lacks(*name),
                Some(field) if self.kind.requires(field) => {
                    format!(
                        "a {} must have {}: expected a new value in `set`, or nothing",
                        self.kind,
                        name.screaming()
                    )
                }
                Some(_) if self.fields.iter().any(|(named, _)| named == name) => {
                    format!(
                        "{} is both set and cleared, or cleared twice: name it once",
                        name.screaming()
                    )
                }
                Some(_) => {
                    self.fields.push((*name, None));
                    continue;
                }
            };
            found.push(path.finding(Code::Invalid, message));
        }
    }

    fn read_cites(&mut self, cites: Vec<CitationInput>, found: &mut Vec<Finding>) {
        let set = self.fields.iter().filter(|(_, value)| value.is_some());
        let set: Vec<RecordField> = set.map(|(field, _)| *field).collect();
        let at_cite = self.path.then("cite");
        let before = found.len();
        if cites.len() > MAX_CITES {
            let message = format!(
                "has {} citations: expected at most {MAX_CITES}",
                cites.len()
            );
            found.push(at_cite.finding(Code::Invalid, message));
            return;
        }
        for (at, cite) in cites.into_iter().enumerate() {
            let path = at_cite.then(at);
            match cite.checked(self.kind.fields(), &set, at, &path, found) {
                Some(Cited::ById(cite)) => self.cites.push(cite),
                Some(Cited::Open(cite)) => self.open_cites.push(cite),
                None => {}
            }
        }
        let cited = self.cites.iter().flat_map(|cite| &cite.fields);
        let open = self.open_cites.iter().flat_map(OpenCitation::fields);
        let cited: Vec<RecordField> = cited.chain(open).copied().collect();
        let covered = |field: &&RecordField| cited.contains(field);
        let bare: Vec<String> = set
            .iter()
            .filter(|field| !covered(field))
            .map(|field| field.screaming())
            .collect();
        if self.kind.is_cited() && found.len() == before && !bare.is_empty() {
            let message = format!(
                "no citation covers {}: add one to `cite`, by `source`, `sourceUrl` or `newSource`, with each of these in its `fields` or without `fields`",
                bare.join(", ")
            );
            found.push(at_cite.finding(Code::CitationRequired, message));
        }
    }
}
