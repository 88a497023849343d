//! The versions and citations of the records that a data file names, and the test if a line was imported before.

use std::collections::{HashMap, HashSet};

use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Condition, ExprTrait};

use crate::citation;
use crate::error::Error;
use crate::new_keys;
use crate::record::{self, StoredVersion};
use domain::change::{Operation, Proposed};
use domain::citation::{CheckedCitation, FieldCitation};
use domain::date::Date;
use domain::field::Content;
use domain::record::{Kind, RecordField, RecordId};

/// A version of a record, with the citations that were valid when it was written.
pub struct Version {
    pub row: StoredVersion,
    cited: HashSet<FieldCitation>,
}

impl Version {
    fn new(row: StoredVersion, citations: &[citation::Model]) -> Self {
        let valid = citations.iter().filter(|one| {
            one.since <= row.since && one.until.is_none_or(|until| until > row.since)
        });
        let cited = valid.map(citation::Model::field_citation).collect();
        Self { row, cited }
    }

    /// True if the citations of a field are exactly those in `cited`.
    fn is_cited_as(&self, cited: &HashSet<FieldCitation>, field: RecordField) -> bool {
        let of = |one: &&FieldCitation| one.field == field;
        self.cited.iter().filter(of).all(|one| cited.contains(one))
            && cited.iter().filter(of).all(|one| self.cited.contains(one))
    }
}

/// Reads all versions of the records that the lines name. A line without a key takes the id of a record that already
/// has its content, if there is one.
pub async fn known<C: ConnectionTrait>(
    db: &C,
    lines: &mut [Proposed],
) -> Result<HashMap<RecordId, Vec<Version>>, Error> {
    let mut rows: HashMap<RecordId, Vec<StoredVersion>> = HashMap::new();
    for kind in Kind::all() {
        let of_kind = lines.iter().filter(|line| line.kind == kind);
        let ids: Vec<RecordId> = of_kind.filter_map(|line| line.id.clone()).collect();
        if ids.is_empty() {
            continue;
        }
        let found = record::rows(db, kind, |column| {
            Condition::all().add(column("id").is_in(ids.clone()))
        });
        for (id, row) in found.await? {
            rows.entry(id).or_default().push(row);
        }
    }
    let mut alike = Vec::new();
    for line in lines.iter().filter(|line| line.id.is_none()) {
        let same = same_content(db, line).await?;
        let mut ids: Vec<RecordId> = same.keys().cloned().collect();
        ids.sort_unstable_by(|one, other| one.as_str().cmp(other.as_str()));
        alike.push(ids);
        for (id, versions) in same {
            rows.entry(id).or_insert(versions);
        }
    }
    let citations = citation::of_records(db, rows.keys().collect(), true).await?;
    let known: HashMap<RecordId, Vec<Version>> = rows
        .into_iter()
        .map(|(id, rows)| {
            let of_record = citations.get(&id).map_or(&[][..], Vec::as_slice);
            let versions = rows.into_iter().map(|row| Version::new(row, of_record));
            let versions = versions.collect();
            (id, versions)
        })
        .collect();
    // Lines that differ only in their citations belong to different records.
    let mut taken: HashSet<RecordId> = lines.iter().filter_map(|line| line.id.clone()).collect();
    for (line, ids) in lines.iter_mut().filter(|line| line.id.is_none()).zip(alike) {
        let is_same = |id: &&RecordId| known.get(*id).is_some_and(|rows| is_done(line, rows));
        let exact = ids.iter().find(is_same);
        let free = ids.iter().find(|id| !taken.contains(*id));
        line.id = exact.or(free).cloned();
        taken.extend(line.id.clone());
    }
    Ok(known)
}

/// The records with the key that the line would get, or a numbered one, that have or had its content; with all their
/// versions.
async fn same_content<C: ConnectionTrait>(
    db: &C,
    line: &Proposed,
) -> Result<HashMap<RecordId, Vec<StoredVersion>>, Error> {
    let mut same: HashMap<RecordId, Vec<StoredVersion>> = HashMap::new();
    let content = line.content();
    let Ok(evaluation) = line.evaluated() else {
        return Ok(same);
    };
    let Ok(base) = RecordId::new(line.kind, &evaluation.key) else {
        return Ok(same);
    };
    for (id, row) in new_keys::rows_with_similar_keys(db, &base).await? {
        same.entry(id).or_default().push(row);
    }
    same.retain(|_, rows| rows.iter().any(|row| row.content == content));
    Ok(same)
}

/// True if a line was imported before: it would change nothing, or a version after its base version already has
/// everything that it sets.
pub fn is_done(line: &Proposed, versions: &[Version]) -> bool {
    let cited: HashSet<FieldCitation> = line
        .cites
        .iter()
        .flat_map(CheckedCitation::by_field)
        .collect();
    match (line.operation, line.base_version) {
        (Operation::Create, _) => is_created(line, &cited, versions),
        (Operation::Retire, Some(base)) => versions
            .iter()
            .any(|one| one.row.version >= base && is_retired(one, versions)),
        (Operation::Restore, Some(base)) => versions.iter().any(|one| {
            let is_next = |before: &Version| before.row.until == Some(one.row.since);
            one.row.version > base && !versions.iter().any(is_next)
        }),
        (_, Some(base)) => is_updated(line, base, &cited, versions),
        (_, None) => false,
    }
}

/// True if the version was the last one before its record was retired.
fn is_retired(one: &Version, versions: &[Version]) -> bool {
    let until = one.row.until;
    until.is_some() && !versions.iter().any(|next| Some(next.row.since) == until)
}

/// True if a version has the content of a create, and that version or a later one has its citations.
/// Citations of fields that were changed in between do not count.
fn is_created(line: &Proposed, cited: &HashSet<FieldCitation>, versions: &[Version]) -> bool {
    let content = line.content();
    let fields = line.kind.fields();
    let mut made = versions.iter().filter(|one| one.row.content == content);
    made.any(|made| {
        let mut later = versions
            .iter()
            .filter(|one| one.row.since >= made.row.since);
        later.any(|later| {
            let kept = fields.iter().map(|field| field.name);
            let mut kept =
                kept.filter(|field| value(&later.row, *field) == value(&made.row, *field));
            kept.all(|field| later.is_cited_as(cited, field))
        })
    })
}

/// True if a version, from the base version on, has all values that an update changes, and the citations of those of
/// its values that it has.
fn is_updated(
    line: &Proposed,
    base: i32,
    cited: &HashSet<FieldCitation>,
    versions: &[Version],
) -> bool {
    let Some(base) = versions.iter().find(|one| one.row.version == base) else {
        return false;
    };
    let has = |one: &Version| {
        let as_proposed = |field: RecordField| {
            let proposed = line.fields.iter().find(|(name, _)| *name == field);
            let proposed = proposed.map(|(_, value)| value.as_ref());
            proposed.unwrap_or_else(|| value(&base.row, field)) == value(&one.row, field)
        };
        let is_left = |field: RecordField, to: Option<&serde_json::Value>| {
            // A value equal to the base changes nothing: what others made of the field since then stays.
            to == value(&base.row, field)
        };
        let mut fields = line.fields.iter();
        let mut cited = cited.iter().filter(|cite| as_proposed(cite.field));
        fields.all(|(field, to)| is_left(*field, to.as_ref()) || as_proposed(*field))
            && cited.all(|cite| one.cited.contains(cite))
    };
    let mut since = versions
        .iter()
        .filter(|one| one.row.version >= base.row.version);
    since.any(has)
}

fn value(row: &StoredVersion, field: RecordField) -> Option<&serde_json::Value> {
    row.content.get(&field.camel())
}

/// True if a version after the base version has other values than an update, in fields that both change. A list
/// counts as one value.
pub fn is_contested(line: &Proposed, versions: &[Version], newest: &Version, today: Date) -> bool {
    let base = versions
        .iter()
        .find(|one| Some(one.row.version) == line.base_version);
    base.is_some_and(|base| {
        let base = &base.row.content;
        let merged = line.merged(base, &newest.row.content, today);
        !merged.conflicts.is_empty() || !merged.joined.is_empty()
    })
}

/// The fields in which a line differs from a version, and the other fields whose citations differ. An update differs
/// only in what it names.
pub fn differences(line: &Proposed, newest: &Version) -> (Vec<RecordField>, Vec<RecordField>) {
    let content: Content = line.content();
    let cited: HashSet<FieldCitation> = line
        .cites
        .iter()
        .flat_map(CheckedCitation::by_field)
        .collect();
    let is_whole = line.operation == Operation::Create;
    let is_named = |field: &RecordField| {
        let is_set = line.fields.iter().any(|(name, _)| name == field);
        is_whole || is_set || cited.iter().any(|one| one.field == *field)
    };
    let names = line.kind.fields().iter().map(|field| field.name);
    let (other, same): (Vec<RecordField>, Vec<RecordField>) =
        names.filter(is_named).partition(|field| {
            let is_set = line.fields.iter().any(|(name, _)| name == field);
            (is_whole || is_set) && content.get(&field.camel()) != value(&newest.row, *field)
        });
    let differs = |field: &RecordField| {
        let mut of_field = cited.iter().filter(|one| one.field == *field);
        if is_whole {
            !newest.is_cited_as(&cited, *field)
        } else {
            of_field.any(|one| !newest.cited.contains(one))
        }
    };
    (other, same.into_iter().filter(differs).collect())
}

/// Bases a line on the newest version. A create becomes an update that gives the record exactly its content and
/// citations. If an earlier version had that content, the update changes only citations, and later values stay.
pub fn as_update(mut line: Proposed, versions: &[Version], newest: &Version) -> Proposed {
    if line.operation != Operation::Create {
        line.base_version = Some(newest.row.version);
        return line;
    }
    let content = line.content();
    let made = versions.iter().filter(|one| one.row.content == content);
    if let Some(made) = made.max_by_key(|one| one.row.since) {
        line.base_version = Some(made.row.version);
        line.fields.clear();
    } else {
        line.base_version = Some(newest.row.version);
        let named: Vec<RecordField> = line.fields.iter().map(|(field, _)| *field).collect();
        let fields = line.kind.fields().iter().map(|field| field.name);
        let others = fields.filter(|field| !named.contains(field));
        line.fields.extend(others.map(|field| (field, None)));
    }
    line.operation = Operation::Update;
    line.is_whole = true;
    line
}
