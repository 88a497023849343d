//! Edits contributions: their texts and changes, and the fields on which they conflict with the records.

use chrono::{DateTime, Utc};
use futures_util::future::{BoxFuture, FutureExt};

use super::activity::Taken;
use super::entity::Model;
use super::handle::Contributions;
use super::propose::{CheckedChanges, all_findings, check_changes};
use super::steps::{ContributionRef, about};
use super::write::{save, visible, write_lists};
use crate::error::Error;
use crate::known_records::KnownRecords;
use crate::write::Write;
use domain::change::{ChangeInput, Proposed};
use domain::check::{Code, Path, Validated};
use domain::contribution::{
    Audience, Changes, Choice, Contested, Overruled, State, Step, UpdateContributionInput,
    checked_in_places, overrule, resolve,
};
use domain::date::Date;
use domain::merge::Conflict;
use domain::value_type::List;
use domain::viewer::{Actor, Contributor};

impl Contributions<'_> {
    /// Edits a contribution. Proposed changes that have no conflict are rebased onto the current versions.
    ///
    /// # Errors
    /// [`Error::Refused`]; the contribution is then unchanged.
    pub fn update<'a>(
        &'a self,
        author: &'a Contributor,
        named: &'a ContributionRef,
        edit: UpdateContributionInput,
    ) -> BoxFuture<'a, Result<Model, Error>> {
        let work = async move |tx: &Write| {
            let now = self.store.clock().now();
            let today = Date::of(now);
            let row = visible(tx, author.actor(), &named.id).await?;
            let state = row.after(author.actor(), named, Step::Update)?;
            let edit = match edit.checked(&row.changes) {
                Ok(edit) => edit.into_inner(),
                Err(rejected) => {
                    return Err(Error::Refused(all_findings(tx, rejected, today).await?));
                }
            };
            if edit.title.is_none() && edit.rationale.is_none() && edit.changes.is_none() {
                let message =
                    "expected at least one of title, rationale, changes, replace, remove and add";
                return Err(Path::default().finding(Code::Required, message).into());
            }
            let written = match edit.changes {
                Some(mut changes) => {
                    overrule(&mut changes.checked, &row.overruled_in(&changes.inputs));
                    Some(check_changes(tx, changes, &row, today).await?)
                }
                None if row.changes.is_empty() => None,
                None => check_again(tx, &row, today).await?,
            };
            let mut next = row.edited(author.actor(), state, written);
            next.title = edit.title.unwrap_or(next.title);
            next.rationale = edit.rationale.unwrap_or(next.rationale);
            if edit.validate_only {
                return Ok(next);
            }
            let taken = Taken::by(author.actor(), Step::Update);
            save_edit(tx, &row, next, taken, now).await
        };
        self.store.write(work).boxed()
    }

    /// Decides on fields on which a contribution conflicts with its records. A change without further conflicts is rebased
    /// onto the current version.
    ///
    /// # Errors
    /// [`Error::Refused`]; the contribution is then unchanged.
    pub fn resolve<'a>(
        &'a self,
        author: &'a Contributor,
        named: &'a ContributionRef,
        choices: Validated<Vec<Choice>>,
    ) -> BoxFuture<'a, Result<Model, Error>> {
        let work = async move |tx: &Write| {
            let now = self.store.clock().now();
            let today = Date::of(now);
            let row = visible(tx, author.actor(), &named.id).await?;
            let state = row.after(author.actor(), named, Step::ResolveConflicts)?;
            let choices = choices.map_err(Error::Refused)?;
            let proposed = row.proposed().map_err(|error| about("id", error))?;
            let conflicts = conflicts(tx, &proposed, today).await?;
            let contested = row.changes.iter().zip(&proposed).zip(conflicts);
            let contested = contested.map(|((input, proposed), conflicts)| Contested {
                input,
                proposed,
                conflicts,
            });
            let contested: Vec<Contested<'_>> = contested.collect();
            let resolved = resolve(&contested, &choices).map_err(Error::Refused)?;
            let mut found = Vec::new();
            let mut checked = checked_in_places(&resolved.changes, &mut found);
            if !found.is_empty() {
                return Err(Error::Refused(found));
            }
            let is_decided = |one: &Overruled| {
                let mut chosen = choices.iter();
                chosen.any(|choice| (&choice.record, choice.field) == (&one.record, one.field))
            };
            let earlier = row.overruled.iter().filter(|one| !is_decided(one)).cloned();
            let overruled: Vec<Overruled> = earlier.chain(resolved.overruled).collect();
            overrule(&mut checked, &overruled);
            let inputs = resolved.changes.into_iter().map(|(_, input)| input);
            let changes = Changes {
                inputs: inputs.collect(),
                checked,
            };
            let written = check_changes(tx, changes, &row, today).await?;
            let next = row.edited(author.actor(), state, Some(written));
            let taken = Taken::by(author.actor(), Step::ResolveConflicts);
            save_edit(tx, &row, next, taken, now).await
        };
        self.store.write(work).boxed()
    }
}

async fn save_edit(
    tx: &Write,
    row: &Model,
    next: Model,
    taken: Taken<'_>,
    now: DateTime<Utc>,
) -> Result<Model, Error> {
    write_lists(tx, &next).await?;
    save(tx, row, next, taken, now).await
}

impl Model {
    /// Returns the contribution as it is after an edit by an actor.
    fn edited(&self, actor: &Actor, state: State, written: Option<CheckedChanges>) -> Self {
        let mut next = self.clone();
        if let Some(written) = written {
            next.changes = List(written.rebased);
            next.overruled = List(written.overruled);
            next.subjects = List(written.subjects);
        }
        if self.is_tip {
            // A tip keeps the country that the reader named, whatever its changes are about.
            let mut countries: Vec<String> =
                self.countries().iter().map(ToString::to_string).collect();
            countries.retain(|code| !next.subjects.contains(code));
            next.subjects.0.append(&mut countries);
        }
        next.revision = next.revision.saturating_add(1);
        if !self.is_by(actor) {
            next.authors.0.push(actor.clone());
        }
        if state != self.state {
            next.reviewer = None;
        }
        next.state = state;
        let was_submitted = next.submitted_at.is_some();
        next.audience = Audience::of(was_submitted, next.is_tip, !next.changes.is_empty());
        next
    }

    /// Returns the values that the authors decided to replace, for changes that the contribution has already.
    fn overruled_in(&self, inputs: &[ChangeInput]) -> Vec<Overruled> {
        let same = inputs.iter().filter(|input| self.changes.contains(input));
        let records: Vec<_> = same.filter_map(ChangeInput::target).collect();
        let overruled = self.overruled.iter();
        overruled
            .filter(|one| records.contains(&one.record))
            .cloned()
            .collect()
    }
}

/// Checks the stored changes of a contribution again; `None` if they have become impossible.
async fn check_again(
    tx: &Write,
    row: &Model,
    today: Date,
) -> Result<Option<CheckedChanges>, Error> {
    let check = async || {
        let changes = Changes {
            inputs: row.changes.0.clone(),
            checked: row.proposed()?,
        };
        check_changes(tx, changes, row, today).await
    };
    match check().await {
        Ok(written) => Ok(Some(written)),
        Err(Error::Refused(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Returns the conflicts of each change with its record as it is now.
async fn conflicts(
    tx: &Write,
    proposed: &[Proposed],
    today: Date,
) -> Result<Vec<Vec<Conflict>>, Error> {
    let mut known_records = KnownRecords::default();
    let ids = proposed.iter().filter_map(|change| change.id.clone());
    known_records.load_ids(tx, ids).await?;
    known_records.load_earlier(tx, proposed).await?;
    let of_change = |change: &Proposed| {
        let id = change.id.as_ref()?;
        let current = known_records.current.get(id);
        let last = current.or_else(|| known_records.retired.get(id))?;
        let base = known_records.base(change)?;
        Some(change.conflicts(base, (last.version, &last.content), today))
    };
    let conflicts = proposed.iter().map(of_change);
    Ok(conflicts.map(Option::unwrap_or_default).collect())
}
