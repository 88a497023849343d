//! One change of one record: as it is proposed, and checked as far as it can be by itself.

use async_graphql::{ID, InputObject, OneofObject};
use sea_orm::{DeriveActiveEnum, EnumIter};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::check::{Checked, Code, Finding, Path};
use super::citation::{CitationInput, Cite};
use super::date::Day;
use super::field::{Content, Field};
use super::merge;
use super::noun::{Described, Identified, Novelty};
use super::record::{Kind, RecordField, RecordId, nouns};
use super::reference::{Mention, Reference, Upward};
use super::text::CountryCode;
use super::value_type::Known;

/// The most citations that one change may have.
pub const MAX_CITES: usize = 50;

/// What a change did to a record.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    async_graphql::Enum,
    DeriveActiveEnum,
    EnumIter,
    Serialize,
    Deserialize,
)]
#[graphql(name = "ChangeOperation")]
#[sea_orm(
    rs_type = "String",
    db_type = "Text",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum Operation {
    /// It is new.
    Create,
    /// It has a new version.
    Update,
    /// It left the lists; `node` still returns it.
    Retire,
    /// It came back as it was.
    Restore,
    /// Somebody confirmed that it still holds. No version.
    Verify,
    /// Time alone changed what is computed from it. No version.
    Effect,
}

impl Operation {
    /// Whether the record has a new version after it.
    pub fn makes_version(self) -> bool {
        matches!(self, Self::Create | Self::Update | Self::Restore)
    }
}

/// A record leaves the lists.
#[derive(Clone, Debug, PartialEq, InputObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RetireRecord {
    /// The record.
    pub id: ID,
    /// The version that the change was written against.
    pub base_version: i32,
    /// Why.
    pub reason: String,
    /// Where that comes from: it supports fields of the record as it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cite: Option<Vec<CitationInput>>,
}

/// A retired record comes back as it was, citations included.
#[derive(Clone, Debug, PartialEq, InputObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RestoreRecord {
    /// The record.
    pub id: ID,
    /// The version that it had when it was retired.
    pub base_version: i32,
    /// Why.
    pub reason: String,
}

macro_rules! change_input {
    ([] $(
        $(#[$doc:meta])* $noun:ident $module:ident {
            $(#[$create_doc:meta])* $create:ident
            $(#[$update_doc:meta])* $update:ident
        }
    )+) => {
        /// One proposed change. The list grows with new nouns.
        #[derive(Clone, Debug, PartialEq, OneofObject, Serialize, Deserialize)]
        #[serde(rename_all = "camelCase")]
        pub enum ChangeInput {
            $(
                $(#[$create_doc])*
                $create(super::$module::$create),
                $(#[$update_doc])*
                $update(super::$module::$update),
            )+
            /// A record leaves the lists; `node` still returns it. What others refer to cannot.
            Retire(RetireRecord),
            /// A retired record comes back as it was, citations included.
            Restore(RestoreRecord),
        }

        impl ChangeInput {
            /// The noun of which it makes a new record, where it makes one.
            pub fn creates(&self) -> Option<Kind> {
                match self {
                    $( Self::$create(_) => Some(Kind::$noun), )+
                    _ => None,
                }
            }

            /// Names the record of a create that left its key out.
            #[must_use]
            pub fn with_key(mut self, name: &str) -> Self {
                let key = match &mut self {
                    $( Self::$create(create) => &mut create.key, )+
                    _ => return self,
                };
                key.get_or_insert_with(|| name.to_owned());
                self
            }
        }
    };
}
nouns!(change_input);

/// Asks the same of any noun, by its kind.
macro_rules! of_kind {
    (
        [$kind:expr, $alias:ident => $answer:expr]
        $( $(#[$doc:meta])* $noun:ident $module:ident { $($inputs:tt)* } )+
    ) => {
        match $kind {
            $(
                Kind::$noun => {
                    type $alias = $crate::$module::$noun;
                    $answer
                }
            )+
        }
    };
    ($kind:expr, $alias:ident => $answer:expr) => { nouns!(of_kind $kind, $alias => $answer) };
}

impl Kind {
    /// The fields of the noun.
    pub fn fields(self) -> &'static [Field] {
        of_kind!(self, Noun => Noun::fields())
    }

    /// The field that no two records of the noun may share.
    pub fn unique(self) -> Option<RecordField> {
        of_kind!(self, Noun => Noun::UNIQUE)
    }

    /// Whether each field of the noun must be cited.
    pub fn is_cited(self) -> bool {
        of_kind!(self, Noun => Noun::CITED)
    }

    /// What only the noun can say of its whole content.
    ///
    /// # Errors
    /// What is missing or wrong in it; paths start at a field.
    pub fn judge(self, content: &Content) -> Result<Judgement, Vec<Finding>> {
        let mut found = Vec::new();
        for field in self.fields() {
            if field.required && !content.contains_key(&field.name.camel()) {
                let at = Path::default().then(field.name.camel());
                found.push(at.finding(Code::Required, format!("a {self} must have it")));
            }
        }
        if !found.is_empty() {
            return Err(found);
        }
        of_kind!(self, Noun => {
            let noun = Noun::from_content(content).map_err(|error| {
                vec![Path::default().finding(Code::Invalid, error.to_string())]
            })?;
            let found = noun.faults();
            if !found.is_empty() {
                return Err(found);
            }
            Ok(Judgement {
                key: noun.key(),
                references: noun.references(),
                upward: noun.upward(),
                novelties: noun.novelties(),
                elements: noun.elements(),
                country: noun.country(),
                kept: noun.kept(),
            })
        })
    }
}

impl Kind {
    /// Why a record cannot be what a field of one with this content refers to.
    pub fn misfits(
        self,
        content: &Content,
        field: RecordField,
        other: &Content,
    ) -> Vec<(RecordField, String)> {
        of_kind!(self, Noun => Noun::from_content(content)
            .map(|noun| noun.misfits(field, other))
            .unwrap_or_default())
    }

    /// The value to keep for one that is given and that the field of a record with this content reads as.
    fn read_back(
        self,
        content: &Content,
        field: RecordField,
        given: &Value,
        is_same: &dyn Fn(RecordField) -> bool,
        today: Day,
    ) -> Option<Value> {
        of_kind!(self, Noun => Noun::from_content(content)
            .ok()
            .and_then(|noun| noun.read_back(field, given, is_same, today)))
    }
}

impl Proposed {
    /// What it makes of each field, beside the version that it was written against. A value that the
    /// field reads as already stands for the one that is kept: to write back what was read changes nothing.
    pub fn meant(&self, base: &Content, today: Day) -> merge::Proposal {
        let is_same = |field: RecordField| {
            let mut named = self.fields.iter().filter(|(name, _)| *name == field);
            named.all(|(_, value)| base.get(&field.camel()) == value.as_ref())
        };
        let fields = self.fields.iter().map(|(field, given)| {
            let read = given
                .as_ref()
                .filter(|_| !is_same(*field))
                .and_then(|given| self.kind.read_back(base, *field, given, &is_same, today));
            (*field, read.or_else(|| given.clone()))
        });
        fields.collect()
    }
}

/// What a noun says of its own content.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// The readable key of a new record.
    pub key: String,
    /// What it refers to, and by which field.
    pub references: Vec<(RecordField, Reference)>,
    /// Those of the references that must not lead back.
    pub upward: Vec<Upward>,
    /// What is wrong with it, as far as that is new.
    pub novelties: Vec<Novelty>,
    /// What else it can be found by.
    pub elements: Vec<Mention>,
    /// The country it belongs to.
    pub country: Option<CountryCode>,
    /// What is kept beside its fields.
    pub kept: Content,
}

impl Judgement {
    /// All that the record names: what it refers to, and the elements it can be found by.
    pub fn mentions(&self) -> Vec<Mention> {
        let references = self.references.iter();
        let mut mentions: Vec<Mention> = references
            .map(|(field, reference)| Mention::always(*field, reference.named()))
            .chain(self.elements.iter().cloned())
            .collect();
        mentions.sort_unstable();
        mentions.dedup();
        mentions
    }
}

/// A change that was checked by itself; what it refers to may still be missing.
#[derive(Clone, Debug)]
pub struct Proposed {
    /// `Create`, `Update`, `Retire` or `Restore`.
    pub operation: Operation,
    /// The noun.
    pub kind: Kind,
    /// The record; `None` for a new one whose key is still to be derived.
    pub id: Option<RecordId>,
    /// The version that an update was written against.
    pub base_version: Option<i32>,
    /// What it makes of each field that it names.
    pub fields: merge::Proposal,
    /// Where that comes from.
    pub cites: Vec<Cite>,
    /// Why a record is retired or restored.
    pub reason: Option<String>,
    /// Whether its citations are all that the record has afterwards, of the fields that nobody has changed
    /// since.
    pub is_whole: bool,
    /// Where in the input it is.
    pub path: Path,
}

impl Proposed {
    /// Where the input names the record.
    pub fn at_target(&self) -> Path {
        self.path.then(if self.operation == Operation::Create {
            "key"
        } else {
            "id"
        })
    }

    /// Where the input holds the values.
    pub fn at_fields(&self) -> Path {
        self.path.then(if self.operation == Operation::Create {
            "fields"
        } else {
            "set"
        })
    }

    /// The content of a new record.
    pub fn content(&self) -> Content {
        let set = self.fields.iter();
        set.filter_map(|(field, value)| Some((field.camel(), value.clone()?)))
            .collect()
    }
}

/// The one form that all creates and updates have as JSON.
#[derive(Deserialize)]
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
    /// Looks at the change by itself.
    ///
    /// # Errors
    /// All that was found; paths start with `path`.
    pub fn checked(self, path: &Path) -> Result<Checked<Proposed>, Vec<Finding>> {
        let (operation, kind, path, uniform) = self.uniform(path)?;
        let mut found = Vec::new();
        let mut proposed = Proposed {
            operation,
            kind,
            id: None,
            base_version: uniform.base_version,
            fields: Vec::new(),
            cites: Vec::new(),
            reason: uniform.reason.composed(),
            is_whole: operation == Operation::Create,
            path,
        };
        proposed.id = proposed.target(uniform.key.as_deref(), uniform.id.as_deref(), &mut found);
        if uniform.base_version.is_some_and(|version| version < 1) {
            let at = proposed.path.then("baseVersion");
            found.push(at.finding(Code::Invalid, "versions are counted from 1"));
        }
        proposed.read_set(&uniform.set.unwrap_or_default(), &mut found);
        proposed.read_clear(&uniform.clear.unwrap_or_default(), &mut found);
        let cites = uniform.cite.unwrap_or_default();
        proposed
            .reason
            .faults(&proposed.path.then("reason"), &mut found);
        let says_nothing = proposed.fields.is_empty() && cites.is_empty();
        if says_nothing && proposed.reason.is_none() && found.is_empty() {
            let message = "a change sets, clears or cites at least one field";
            found.push(proposed.path.finding(Code::Required, message));
        }
        let clean = found.is_empty();
        proposed.read_cites(cites, &mut found);
        if clean
            && operation == Operation::Create
            && let Err(more) = kind.judge(&proposed.content())
        {
            found.extend(
                more.into_iter()
                    .map(|finding| finding.below(&proposed.at_fields())),
            );
        }
        Checked::unless(found, proposed)
    }

    fn uniform(self, path: &Path) -> Result<(Operation, Kind, Path, Uniform), Vec<Finding>> {
        let unreadable = |message: String| vec![path.finding(Code::Invalid, message)];
        let whole = serde_json::to_value(&self).map_err(|error| unreadable(error.to_string()))?;
        let member = whole.as_object().and_then(|members| members.iter().next());
        let (name, body) = member.ok_or_else(|| unreadable("the change is empty".to_owned()))?;
        let uniform: Uniform =
            serde_json::from_value(body.clone()).map_err(|error| unreadable(error.to_string()))?;
        let noun = |noun: &str| {
            let kind = Kind::all().find(|kind| kind.to_string() == noun);
            kind.ok_or_else(|| unreadable(format!("there is no noun {noun}")))
        };
        let (operation, kind) = match (name.strip_prefix("create"), name.strip_prefix("update")) {
            (Some(created), _) => (Operation::Create, noun(created)?),
            (_, Some(updated)) => (Operation::Update, noun(updated)?),
            (None, None) => {
                let id = uniform.id.as_deref().unwrap_or_default();
                let id: RecordId = id.parse().map_err(|error: super::text::Malformed| {
                    let at = path.then(name).then("id");
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
                    let message = "expected lower-case letters, digits and `-`, 80 at most";
                    found.push(self.at_target().finding(Code::Invalid, message));
                    return None;
                }
            }
            (None, None) => return None,
        };
        match read {
            Ok(id) if id.kind() == self.kind => Some(id),
            Ok(id) => {
                let message = format!("{id} is not a {}", self.kind);
                found.push(self.at_target().finding(Code::Invalid, message));
                None
            }
            Err(error) => {
                found.push(self.at_target().finding(Code::Invalid, error.to_string()));
                None
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
                let message = "null is no value: leave the field out, or name it in `clear`";
                found.push(at.finding(Code::Invalid, message));
                continue;
            }
            match field.read(value.clone(), &at) {
                Ok(value) => {
                    field.faults(&value, &at, found);
                    let value = (!field.says_nothing(&value)).then_some(value);
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
                None => format!("a {} has no field {}", self.kind, name.screaming()),
                Some(field) if field.required => {
                    format!("a {} must have {}", self.kind, name.screaming())
                }
                Some(_) if self.fields.iter().any(|(named, _)| named == name) => {
                    format!(
                        "{} is both set and cleared, or cleared twice",
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
            let message = format!("a change has {MAX_CITES} citations at most");
            found.push(at_cite.finding(Code::Invalid, message));
            return;
        }
        for (at, cite) in cites.into_iter().enumerate() {
            let path = at_cite.then(at);
            let cite = cite.checked(self.kind.fields(), &set, &path, found);
            self.cites.extend(cite);
        }
        let covered =
            |field: &&RecordField| self.cites.iter().any(|cite| cite.fields.contains(field));
        let bare: Vec<String> = set
            .iter()
            .filter(|field| !covered(field))
            .map(|field| field.screaming())
            .collect();
        if self.kind.is_cited() && found.len() == before && !bare.is_empty() {
            let message = format!("no citation covers {}", bare.join(", "));
            found.push(at_cite.finding(Code::CitationRequired, message));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_declared_field_has_a_name_in_the_vocabulary() {
        for kind in Kind::all() {
            let declared = of_kind!(kind, Noun => Noun::DECLARED);
            assert_eq!(kind.fields().len(), declared, "{kind}");
        }
    }
}
