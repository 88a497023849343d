//! The effect of a change on the citations of its record.

use super::operation::Operation;
use super::proposed::Proposed;
use crate::citation::{CheckedCitation, FieldCitation, reconcile};
use crate::date::Date;
use crate::field::Content;
use crate::merge::{Merged, merge};
use crate::record::RecordField;

/// The citations of a record after a change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Citing {
    /// New citations.
    pub brought: Vec<CheckedCitation>,
    /// Indices of the valid citations that end although their fields keep their values.
    pub ended: Vec<usize>,
    /// All citations that are valid after the change.
    pub valid: Vec<FieldCitation>,
    /// Fields that the change leaves as in its base version and that others have changed since: its citations of them
    /// support an older value, and are left out.
    pub outdated: Vec<RecordField>,
}

impl Proposed {
    /// Applies an update, which is based on the content `base`, to the content `current`.
    pub fn merged(&self, base: &Content, current: &Content, today: Date) -> Merged {
        let (fields, base) = (self.kind.fields(), &*self.compared(base));
        if self.is_whole {
            return merge(fields, base, current, &self.fields);
        }
        merge(fields, base, current, &self.intended_values(base, today))
    }

    /// Returns the citations after an update that was [`merged`](Self::merged). `standing` are the valid ones.
    pub fn citing(
        &self,
        base: &Content,
        current: &Content,
        merged: &Merged,
        standing: &[FieldCitation],
    ) -> Citing {
        let base = &*self.compared(base);
        let is_as_in_base =
            |field: RecordField| base.get(&field.camel()) == current.get(&field.camel());
        let mut outdated = merged.outdated.clone();
        let mut cites = self.cites.clone();
        for field in cites.iter().flat_map(|cite| &cite.fields) {
            // A citation of a field that the change does not set supports the value of that field in the base version.
            let is_named = self.fields.iter().any(|(name, _)| name == field);
            if !is_named && !is_as_in_base(*field) && !outdated.contains(field) {
                outdated.push(*field);
            }
        }
        for cite in &mut cites {
            cite.fields.retain(|field| !outdated.contains(field));
        }
        cites.retain(|cite| !cite.fields.is_empty());
        let keeps =
            |field: RecordField| !merged.changed.contains(&field) || merged.joined.contains(&field);
        let settled = settle(cites, standing, &merged.joined, self.is_whole, |field| {
            keeps(field) && (!self.is_whole || is_as_in_base(field))
        });
        let is_contested = |field| merged.conflicts.iter().any(|one| one.field == field);
        let mut citing = Citing {
            outdated,
            ..settled
        };
        citing.valid = valid(standing, &citing, |field| {
            keeps(field) && !is_contested(field)
        });
        citing
    }

    /// Returns the citations after a change that keeps all values: one that retires or restores a record.
    pub fn citing_only(&self, standing: &[FieldCitation]) -> Citing {
        let cites = self.cites.clone();
        let mut citing = settle(cites, standing, &[], self.is_whole, |_| true);
        citing.valid = valid(standing, &citing, |_| true);
        citing
    }

    /// Returns the citations that are valid after the change. `base` and `current` are the contents of its base version
    /// and of the newest version, `standing` the citations that are valid now; all empty for a create.
    pub fn valid_citations(
        &self,
        base: &Content,
        current: &Content,
        standing: &[FieldCitation],
        today: Date,
    ) -> Vec<FieldCitation> {
        if self.operation == Operation::Update {
            let merged = self.merged(base, current, today);
            self.citing(base, current, &merged, standing).valid
        } else {
            self.citing_only(standing).valid
        }
    }
}

/// Reconciles citations with those of the fields that stay as they are.
fn settle(
    cites: Vec<CheckedCitation>,
    standing: &[FieldCitation],
    joined: &[RecordField],
    is_whole: bool,
    stays: impl Fn(RecordField) -> bool,
) -> Citing {
    let staying = standing.iter().enumerate();
    let (places, staying): (Vec<usize>, Vec<FieldCitation>) = staying
        .filter(|(_, one)| stays(one.field))
        .map(|(place, one)| (place, one.clone()))
        .unzip();
    let settled = reconcile(cites, &staying, joined, is_whole);
    let ended = settled.ended.iter().filter_map(|at| places.get(*at));
    Citing {
        ended: ended.copied().collect(),
        brought: settled.brought,
        ..Citing::default()
    }
}

/// The citations among `standing` that stay valid, and the new ones.
fn valid(
    standing: &[FieldCitation],
    citing: &Citing,
    keeps: impl Fn(RecordField) -> bool,
) -> Vec<FieldCitation> {
    let standing = standing.iter().enumerate();
    let kept = standing.filter(|(at, one)| keeps(one.field) && !citing.ended.contains(at));
    let brought = citing.brought.iter().flat_map(CheckedCitation::by_field);
    kept.map(|(_, one)| one.clone()).chain(brought).collect()
}
