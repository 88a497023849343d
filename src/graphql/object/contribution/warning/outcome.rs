//! The records that a contribution changes, as they would be after it.

use std::collections::HashMap;

use async_graphql::Context;
use futures_util::future::{try_join, try_join_all};

use crate::engine::context::{RequestContext, View};
use crate::engine::error::Error;
use domain::change::{Operation, Proposed};
use domain::check::Path;
use domain::field::Content;
use domain::record::{Kind, RecordField, RecordId};
use store::contribution::{BaseContent, LastVersion};

/// A record after a change.
pub(super) struct Outcome<'a> {
    /// The change.
    pub change: &'a Proposed,
    /// The record.
    pub id: &'a RecordId,
    /// The content before the change; `None` for a new or restored record.
    pub before: Option<Content>,
    /// The content after the change. Values in conflict are those of the record now.
    pub content: Content,
}

impl Outcome<'_> {
    /// The text of a field after the change.
    pub fn text(&self, field: RecordField) -> Option<&str> {
        self.content.get(&field.camel())?.as_str()
    }

    /// True if one of the fields gets another value, and for each record that was not current before.
    pub fn renews(&self, fields: &[RecordField]) -> bool {
        let Some(before) = &self.before else {
            return true;
        };
        let mut names = fields.iter().map(|field| field.camel());
        names.any(|name| before.get(&name) != self.content.get(&name))
    }

    /// The path of the first of the fields that the change sets; that of the change if it sets none.
    pub fn at(&self, fields: &[RecordField]) -> Path {
        let is_set = |field: &&RecordField| {
            let mut set = self.change.fields.iter();
            set.any(|(name, value)| name == *field && value.is_some())
        };
        match fields.iter().find(is_set) {
            Some(field) => self.change.at_fields().then(field.camel()),
            None => self.change.path.clone(),
        }
    }
}

/// The records that the changes of one contribution leave current, and those that they retire.
pub(super) struct Outcomes<'a> {
    current: Vec<Outcome<'a>>,
    /// The places in `current`, and `None` for a record that is retired.
    places: HashMap<&'a RecordId, Option<usize>>,
}

impl<'a> Outcomes<'a> {
    /// Loads the versions that the changes edit.
    ///
    /// # Errors
    /// `UNAVAILABLE`, `INTERNAL`
    pub async fn load(
        ctx: &Context<'_>,
        changes: &'a [Proposed],
        view: View,
    ) -> Result<Self, Error> {
        let mut outcomes = Self {
            current: Vec::new(),
            places: HashMap::new(),
        };
        let loaded = changes.iter().map(|change| outcome(ctx, change, view));
        for (change, outcome) in changes.iter().zip(try_join_all(loaded).await?) {
            let Some(id) = &change.id else { continue };
            let is_current = change.operation != Operation::Retire;
            let outcome = outcome.filter(|_| is_current);
            if outcome.is_some() || !is_current {
                let place = outcome.is_some().then_some(outcomes.current.len());
                outcomes.places.insert(id, place);
            }
            outcomes.current.extend(outcome);
        }
        Ok(outcomes)
    }

    /// The records of some kinds, in the order of the changes.
    pub fn of_kinds(&self, kinds: &'static [Kind]) -> impl Iterator<Item = &Outcome<'a>> {
        let current = self.current.iter();
        current.filter(|one| kinds.contains(&one.id.kind()))
    }

    /// The records, in the order of the changes.
    pub fn current(&self) -> &[Outcome<'a>] {
        &self.current
    }

    /// True if a change of the contribution writes or retires the record.
    pub fn concerns(&self, id: &RecordId) -> bool {
        self.places.contains_key(id)
    }
}

/// A record after a change; `None` if it cannot be known.
async fn outcome<'a>(
    ctx: &Context<'_>,
    change: &'a Proposed,
    view: View,
) -> Result<Option<Outcome<'a>>, Error> {
    let Some(id) = &change.id else {
        return Ok(None);
    };
    let Some(version) = change.base_version else {
        return Ok(Some(Outcome {
            change,
            id,
            before: None,
            content: change.content(),
        }));
    };
    let loader = ctx.loader();
    let base = BaseContent {
        record: id.clone(),
        version,
    };
    let newest = LastVersion {
        record: id.clone(),
        moment: view.moment,
    };
    let (base, newest) = try_join(loader.load_one(base), loader.load_one(newest)).await?;
    let (Some(base), Some(newest)) = (base, newest) else {
        return Ok(None);
    };
    let is_update = change.operation == Operation::Update;
    let content = if is_update {
        change.merged(&base, &newest.1, view.as_of).content
    } else {
        newest.1.clone()
    };
    Ok(Some(Outcome {
        change,
        id,
        before: is_update.then(|| newest.1.clone()),
        content,
    }))
}
