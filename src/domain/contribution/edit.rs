//! Edits of a contribution: of its texts, of its whole list of changes, or of single changes.

use std::collections::BTreeMap;

use async_graphql::{ID, InputObject};

use super::input::{Changes, MAX_CHANGES, MAX_TITLE, Rejected, checked_each};
use crate::change::{ChangeInput, Proposed};
use crate::check::{Checked, Code, Finding, Path};
use crate::record::RecordId;
use crate::text::{Malformed, Markdown};
use crate::text_rules::check_line;
use crate::value_type::FieldValue;

/// An edit of a contribution. Members that are absent stay as they are. Changes without conflicts are rebased on the
/// current versions of their records.
///
/// The list of changes is edited in one of two ways: `changes` replaces the whole list, or `replace`, `remove` and
/// `add` edit single changes. Both at once is `INVALID`.
#[derive(Clone, Debug, InputObject)]
pub struct UpdateContributionInput {
    /// Id of the contribution.
    pub id: ID,
    /// Revision on which the edit is based. If it is not the newest, the answer is `STALE_REVISION`.
    pub revision: i32,
    /// New subject, in one line of at most 200 characters.
    pub title: Option<String>,
    /// New reason for the changes, in Markdown.
    pub rationale: Option<Markdown>,
    /// New list of changes, 1 to 100, which replaces the whole list.
    pub changes: Option<Vec<ChangeInput>>,
    /// Changes that take the place of others, at most 100.
    pub replace: Option<Vec<ReplaceChangeInput>>,
    /// Records whose changes are removed, each by `ProposedChange.recordId`, at most 100. At least one change must be
    /// left.
    pub remove: Option<Vec<ID>>,
    /// Further changes, at most 100. They come last, in this order.
    pub add: Option<Vec<ChangeInput>>,
    /// True to check the input and return the result without storing anything. Absent means false.
    pub validate_only: Option<bool>,
}

/// A change that takes the place of another change of the contribution.
#[derive(Clone, Debug, InputObject)]
pub struct ReplaceChangeInput {
    /// The `ProposedChange.recordId` of the change that is replaced.
    pub record_id: ID,
    /// The new change. `ProposedChange.input` returns the former one in the same form. If both create a record of one
    /// kind, a `key` that is absent stays as it is.
    pub change: ChangeInput,
}

/// An edit after all checks that need no stored records. `None` leaves a member as it is.
#[derive(Clone, Debug)]
pub struct ContributionEdit {
    /// New subject, in one line.
    pub title: Option<String>,
    /// New reason for the changes.
    pub rationale: Option<String>,
    /// New list of changes.
    pub changes: Option<Changes>,
    /// True if nothing may be stored.
    pub validate_only: bool,
}

impl UpdateContributionInput {
    /// Runs all checks that need no stored records. `current` are the changes of the contribution.
    ///
    /// # Errors
    /// All findings.
    pub fn checked(self, current: &[ChangeInput]) -> Result<Checked<ContributionEdit>, Rejected> {
        let root = Path::default();
        let mut found = Vec::new();
        let (title, rationale) = (self.title.composed(), self.rationale.composed());
        if let Some(title) = &title {
            check_line(title, MAX_TITLE, &root.then("title"), &mut found);
        }
        rationale.validate(&root.then("rationale"), &mut found);
        let list = ListEdit {
            replace: self.replace.unwrap_or_default(),
            remove: self.remove.unwrap_or_default(),
            add: self.add.unwrap_or_default(),
        };
        let at = root.then("changes");
        let changes = match self.changes {
            Some(changes) => {
                if !list.is_empty() {
                    let message = "changes replaces the whole list: leave it out, or leave out replace, remove and add";
                    found.push(at.finding(Code::Invalid, message));
                }
                Some(Changes::of(changes, &at, &mut found))
            }
            None if list.is_empty() => None,
            None => Some(list.applied(current, &mut found)),
        };
        if !found.is_empty() {
            return Err(Rejected::new(found, changes));
        }
        let edit = ContributionEdit {
            title,
            rationale: rationale.map(|rationale| rationale.0),
            changes,
            validate_only: self.validate_only.unwrap_or(false),
        };
        Ok(Checked::whole(edit))
    }
}

/// An edit of single changes.
struct ListEdit {
    replace: Vec<ReplaceChangeInput>,
    remove: Vec<ID>,
    add: Vec<ChangeInput>,
}

/// A change of an edited list, and the path at which its faults are reported.
struct Placed {
    input: ChangeInput,
    path: Path,
    /// True if the edit leaves the change as it is.
    is_kept: bool,
}

impl ListEdit {
    fn is_empty(&self) -> bool {
        self.replace.is_empty() && self.remove.is_empty() && self.add.is_empty()
    }

    /// Returns the edited list. The faults of a change that the edit leaves as it is are reported at its place in the
    /// contribution: `changes`, and its number there.
    fn applied(self, current: &[ChangeInput], found: &mut Vec<Finding>) -> Changes {
        let root = Path::default();
        let sizes = [
            ("replace", self.replace.len()),
            ("remove", self.remove.len()),
            ("add", self.add.len()),
        ];
        let too_long = sizes.iter().filter(|(_, size)| *size > MAX_CHANGES);
        let too_long: Vec<Finding> = too_long
            .map(|(member, _)| too_many(&root.then(member)))
            .collect();
        if !too_long.is_empty() {
            found.extend(too_long);
            return Changes {
                inputs: Vec::new(),
                checked: Vec::new(),
            };
        }
        let is_only_added = self.replace.is_empty() && self.remove.is_empty();
        let targets = Targets::of(current);
        let mut edits: BTreeMap<usize, Option<Placed>> = BTreeMap::new();
        let (mut last, mut unplaced) = (Vec::new(), Vec::new());
        for (at, one) in self.replace.into_iter().enumerate() {
            let path = root.then("replace").then(at);
            let place = targets.place(&one.record_id, &path.then("recordId"), &edits, found);
            let former = place.and_then(|place| current.get(place));
            let new = Placed {
                input: former.map_or(one.change.clone(), |former| one.change.succeeding(former)),
                path: path.then("change"),
                is_kept: false,
            };
            match place {
                Some(place) => {
                    edits.insert(place, Some(new));
                }
                None => unplaced.push(new),
            }
        }
        for (at, id) in self.remove.iter().enumerate() {
            let path = root.then("remove").then(at);
            let place = targets.place(id, &path, &edits, found);
            edits.extend(place.map(|place| (place, None)));
        }
        let added = self.add.into_iter().enumerate();
        last.extend(added.map(|(at, input)| Placed {
            input,
            path: root.then("add").then(at),
            is_kept: false,
        }));
        let kept = current.iter().enumerate();
        let list = kept.filter_map(|(at, input)| match edits.remove(&at) {
            Some(edit) => edit,
            None => Some(Placed {
                input: input.clone(),
                path: root.then("changes").then(at),
                is_kept: true,
            }),
        });
        let list: Vec<Placed> = list.collect::<Vec<_>>().into_iter().chain(last).collect();
        if list.is_empty() && found.is_empty() {
            let message =
                "a contribution needs at least one change: add one, or use withdrawContribution";
            found.push(root.then("remove").finding(Code::Required, message));
        }
        if list.len() > MAX_CHANGES {
            let member = if is_only_added { "add" } else { "replace" };
            found.push(too_many(&root.then(member)));
        }
        let checked = checked_in_place(&list, found);
        for one in &unplaced {
            // Only its own faults count: its place in the contribution is unknown.
            checked_each([(&one.input, one.path.clone())], found);
        }
        Changes {
            inputs: list.into_iter().map(|placed| placed.input).collect(),
            checked,
        }
    }
}

fn too_many(path: &Path) -> Finding {
    let message = format!("a contribution can have at most {MAX_CHANGES} changes");
    path.finding(Code::Invalid, message)
}

/// Checks the changes of a list, those first that the edit leaves as they are: of two changes of one record, the one in
/// the input is reported. Returns them in the order of the list.
fn checked_in_place(list: &[Placed], found: &mut Vec<Finding>) -> Vec<Proposed> {
    let (kept, given): (Vec<&Placed>, Vec<&Placed>) = list.iter().partition(|one| one.is_kept);
    let in_turn = kept.into_iter().chain(given);
    let mut checked = checked_each(in_turn.map(|one| (&one.input, one.path.clone())), found);
    let place = |change: &Proposed| {
        let is_its_own = |one: &Placed| change.path.0.starts_with(&one.path.0);
        list.iter().position(is_its_own)
    };
    checked.sort_by_cached_key(place);
    checked
}

/// The records of the changes of a contribution.
struct Targets(Vec<Option<RecordId>>);

impl Targets {
    fn of(current: &[ChangeInput]) -> Self {
        Self(current.iter().map(ChangeInput::target).collect())
    }

    /// Returns the place of the change of a record. Adds a finding if there is none, or if the edit names it twice.
    fn place(
        &self,
        id: &ID,
        path: &Path,
        edits: &BTreeMap<usize, Option<Placed>>,
        found: &mut Vec<Finding>,
    ) -> Option<usize> {
        let id: RecordId = match id.parse() {
            Ok(id) => id,
            Err(error) => {
                let error: Malformed = error;
                found.push(path.finding(Code::Invalid, error.to_string()));
                return None;
            }
        };
        let place = self
            .0
            .iter()
            .position(|target| target.as_ref() == Some(&id));
        match place {
            None => {
                let message = format!("the contribution has no change of {id}: {}", self.shown());
                found.push(path.finding(Code::NotFound, message));
                None
            }
            Some(place) if edits.contains_key(&place) => {
                let message = format!("{id} is named twice: replace or remove its change once");
                found.push(path.finding(Code::Duplicate, message));
                None
            }
            place => place,
        }
    }

    fn shown(&self) -> String {
        const MAX_SHOWN: usize = 5;
        let all: Vec<String> = self.0.iter().flatten().map(ToString::to_string).collect();
        let more = all.len().saturating_sub(MAX_SHOWN);
        let few: Vec<&str> = all.iter().take(MAX_SHOWN).map(String::as_str).collect();
        match (few.is_empty(), more) {
            (true, _) => "it has no changes".to_owned(),
            (_, 0) => format!("it changes {}", few.join(", ")),
            _ => format!("it changes {} and {more} more", few.join(", ")),
        }
    }
}
