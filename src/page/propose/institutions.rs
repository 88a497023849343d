//! Bodies and units that the page names.

use domain::cybersecurity_body::BodyKind;
use domain::record::Kind;
use serde_json::{Value, json};

use super::changes::{At, Changes};
use super::known::{Known, KnownRecord};
use super::{Origin, language_of};
use crate::fold::name_key;
use crate::institutions::{Institution, Noun};
use crate::read::Page;

pub(super) fn propose(page: &Page, origin: &Origin, known: &Known, changes: &mut Changes<'_>) {
    let bodies = known.of(Kind::CybersecurityBody);
    let mut all = Proposed {
        page,
        origin,
        known: bodies.chain(known.of(Kind::OperationalUnit)).collect(),
        created: Vec::new(),
        changes,
    };
    for institution in &page.institutions {
        all.institution(institution);
    }
}

struct Proposed<'a, 'b, 'c> {
    page: &'a Page,
    origin: &'a Origin,
    known: Vec<&'a KnownRecord>,
    /// Names and ids of the institutions that changes create.
    created: Vec<(String, String)>,
    changes: &'b mut Changes<'c>,
}

impl Proposed<'_, '_, '_> {
    fn institution(&mut self, institution: &Institution) {
        let at = At {
            line: institution.line,
            heading: &institution.heading,
            quote: &institution.quote,
        };
        if let Some(name) = &institution.name
            && (self.id_of(name).is_some() || self.is_named_more_fully(institution, name))
        {
            return;
        }
        let parent = institution.parent.as_ref();
        let parent = parent.and_then(|(name, kind)| {
            self.id_of(name)
                .or_else(|| self.body(name, *kind, None, at))
        });
        let Noun::Unit(kind) = institution.noun else {
            if let (Some(name), Noun::Body(kind)) = (&institution.name, institution.noun) {
                let acronym = institution.acronym.as_deref();
                let status = json!(institution.status);
                self.body(name, kind, Some((status, acronym)), at);
            }
            return;
        };
        if institution.name.is_none() && parent.as_ref().is_none_or(|parent| self.has_unit(parent))
        {
            return;
        }
        let mut fields = json!({
            "kind": kind, "status": institution.status, "country": self.origin.country,
        });
        let mut add = |field: &str, value: Option<Value>| {
            if let (Some(value), Some(members)) = (value, fields.as_object_mut()) {
                members.insert(field.to_owned(), value);
            }
        };
        let language = language_of(self.page, institution.line);
        add(
            "names",
            institution
                .name
                .as_ref()
                .map(|name| json!([{ "text": name, "language": language }])),
        );
        add(
            "acronym",
            institution.acronym.as_ref().map(|acronym| json!(acronym)),
        );
        add("parent", parent.map(|parent| json!(parent)));
        let name = institution.name.as_deref().unwrap_or("cybercrime unit");
        let key = self.key(Kind::OperationalUnit, name);
        if self
            .changes
            .create("OperationalUnit", Some(&key), &fields, at)
            && let Some(name) = &institution.name
        {
            self.created
                .push((name_key(name), format!("{}:{key}", Kind::OperationalUnit)));
        }
    }

    /// Proposes a body. Returns its id, or `None` if the domain refuses it.
    fn body(
        &mut self,
        name: &str,
        kind: BodyKind,
        more: Option<(Value, Option<&str>)>,
        at: At<'_>,
    ) -> Option<String> {
        // A body of which the page says only that a unit is in it.
        let (status, acronym) = more.unwrap_or((json!("UNKNOWN"), None));
        let language = language_of(self.page, at.line);
        let mut fields = json!({
            "names": [{ "text": name, "language": language }], "kind": kind, "status": status,
            "country": self.origin.country,
        });
        if let (Some(acronym), Some(members)) = (acronym, fields.as_object_mut()) {
            members.insert("acronym".to_owned(), json!(acronym));
        }
        let key = self.key(Kind::CybersecurityBody, name);
        let id = format!("{}:{key}", Kind::CybersecurityBody);
        self.changes
            .create("CybersecurityBody", Some(&key), &fields, at)
            .then(|| {
                self.created.push((name_key(name), id.clone()));
                id
            })
    }

    fn key(&mut self, kind: Kind, name: &str) -> String {
        self.changes
            .free_key(kind, &format!("{} {name}", self.origin.country))
    }

    /// Returns the id of the institution with a name or acronym, known or created.
    fn id_of(&self, name: &str) -> Option<String> {
        let key = name_key(name);
        let known = self.known.iter().find(|record| {
            let acronym = record.text("acronym").map(name_key);
            acronym.as_ref() == Some(&key) || record.name_keys("names").contains(&key)
        });
        let created = || {
            self.created
                .iter()
                .find(|(other, _)| *other == key)
                .map(|(_, id)| id.clone())
        };
        known.map(|record| record.id.to_string()).or_else(created)
    }

    /// True if a known name is the beginning of the text: the page names the same unit with all that it is in.
    fn is_named_more_fully(&self, institution: &Institution, name: &str) -> bool {
        let full = format!("{} ", name_key(&institution.quote));
        let own = format!("{} ", name_key(name));
        let mut names = self
            .known
            .iter()
            .flat_map(|record| record.name_keys("names"));
        names.any(|known| {
            let is_long = known.split(' ').count() > 2;
            let rest = [&full, &own]
                .into_iter()
                .find_map(|text| text.strip_prefix(&format!("{known} ")));
            let joins = [
                "of ", "at ", "in ", "within ", "under ", "du ", "de ", "au ",
            ];
            is_long && rest.is_some_and(|rest| joins.iter().any(|joint| rest.starts_with(joint)))
        })
    }

    /// True if a unit of an institution is known.
    fn has_unit(&self, parent: &str) -> bool {
        self.known
            .iter()
            .any(|record| record.text("parent") == Some(parent))
    }
}
