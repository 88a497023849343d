//! Checks the references of proposed changes: the target exists, fits, and unique values are unique.

use std::collections::{HashMap, HashSet};

use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder, QuerySelect};

use super::draft::{Draft, Missing, Plan};
use super::error::Error;
use super::known_records::{self, KnownRecords, text};
use super::moment::Moment;
use super::treaty;
use domain::change::Proposed;
use domain::check::{Code, Finding, Path};
use domain::field::Content;
use domain::record::{Kind, RecordField, RecordId};
use domain::reference::Reference;
use domain::spelling::closest;

/// The kind and identifying value that a reference names, or the id if it names a record by id.
pub fn named(reference: &Reference) -> Result<(Kind, String), &RecordId> {
    match reference {
        Reference::Country(_) => Ok((Kind::Country, reference.named())),
        Reference::Treaty(_) => Ok((Kind::Treaty, reference.named())),
        Reference::Record { id, .. } => Err(id),
    }
}

/// Reads the records that the drafts refer to.
pub async fn load_targets<C: ConnectionTrait>(
    db: &C,
    known_records: &mut KnownRecords,
    drafts: &[Draft<'_>],
) -> Result<(), Error> {
    let mut wanted = HashSet::new();
    let mut ids = HashSet::new();
    for draft in drafts {
        ids.extend(draft.proposed.cites.iter().map(|cite| cite.source.clone()));
    }
    for draft in drafts.iter().filter(|draft| draft.record_is_current()) {
        for (_, reference) in &draft.evaluation.references {
            match named(reference) {
                Ok(named) => drop(wanted.insert(named)),
                Err(id) => drop(ids.insert(id.clone())),
            }
        }
        wanted.extend(identity(draft));
    }
    known_records.load_unique(db, &wanted).await?;
    known_records.load_ids(db, ids.into_iter()).await
}

/// The value that no other record of the kind may share, with the kind.
pub fn identity(draft: &Draft<'_>) -> Option<(Kind, String)> {
    let kind = draft.proposed.kind;
    Some((kind, text(draft.content(), kind.unique()?)?))
}

/// Reports two changes of the same record, and values that identify another record already.
pub fn check_identity(
    known_records: &KnownRecords,
    drafts: &[Draft<'_>],
    found: &mut Vec<Finding>,
) {
    let mut seen: HashMap<(Kind, String), &RecordId> = HashMap::new();
    let mut ids: HashSet<&RecordId> = HashSet::new();
    for draft in drafts {
        if !ids.insert(draft.id) {
            let message = format!(
                "another change has the id {}: combine them in one",
                draft.id
            );
            found.push(draft.proposed.at_target().finding(Code::Duplicate, message));
        }
        let identity = identity(draft).filter(|_| draft.record_is_current());
        let (Some(identity), Some(field)) = (identity, draft.proposed.kind.unique()) else {
            continue;
        };
        let there = known_records
            .unique
            .get(&identity)
            .or_else(|| seen.get(&identity).copied());
        if let Some(other) = there.filter(|other| *other != draft.id) {
            let message = format!(
                "{other} has {} already: expected another value, or an update of that record",
                identity.1
            );
            let at = draft.proposed.at_fields().then(field.camel());
            found.push(at.finding(Code::Duplicate, message));
        }
        seen.insert(identity, draft.id);
    }
}

/// The records to which changes may refer: those that are current, and those that other changes of the plan write.
struct Targets<'a> {
    known_records: &'a KnownRecords,
    standing: HashSet<&'a RecordId>,
    named_here: HashSet<(Kind, String)>,
}

impl<'a> Targets<'a> {
    fn of(known_records: &'a KnownRecords, drafts: &[Draft<'a>]) -> Self {
        let standing = drafts.iter().filter(|draft| draft.record_is_current());
        Self {
            known_records,
            standing: standing.clone().map(|draft| draft.id).collect(),
            named_here: standing.filter_map(identity).collect(),
        }
    }

    fn has_record(&self, id: &RecordId) -> bool {
        self.known_records.current.contains_key(id) || self.standing.contains(id)
    }

    fn has(&self, reference: &Reference) -> bool {
        match named(reference) {
            Ok(name) => {
                self.known_records.unique.contains_key(&name) || self.named_here.contains(&name)
            }
            Err(id) => self.has_record(id),
        }
    }

    /// True if each record that the change refers to or cites exists.
    fn has_all(&self, draft: &Draft<'_>) -> bool {
        let mut references = draft.evaluation.references.iter();
        let mut cites = draft.proposed.cites.iter();
        cites.all(|cite| self.has_record(&cite.source))
            && (!draft.record_is_current() || references.all(|(_, one)| self.has(one)))
    }

    /// The citations of sources that do not exist.
    fn missing_sources(&self, proposed: &Proposed) -> Vec<Missing> {
        let cites = proposed.cites.iter().enumerate();
        let missing = cites
            .filter(|(_, cite)| !self.has_record(&cite.source))
            .map(|(at, cite)| {
                let at = proposed.path.then("cite").then(at).then("source");
                missing(&Reference::record(&[Kind::Source], &cite.source), &at)
            });
        missing.collect()
    }
}

/// Takes out the changes that refer to records that do not exist, and those that refer to such changes. Returns their
/// records.
pub fn held_back(known_records: &KnownRecords, drafts: &mut Vec<Draft<'_>>) -> HashSet<RecordId> {
    let mut held = HashSet::new();
    loop {
        let targets = Targets::of(known_records, drafts);
        let lacking = drafts.iter().filter(|draft| !targets.has_all(draft));
        let lacking: HashSet<RecordId> = lacking.map(|draft| draft.id.clone()).collect();
        if lacking.is_empty() {
            return held;
        }
        drafts.retain(|draft| !lacking.contains(draft.id));
        held.extend(lacking);
    }
}

/// Reports references to records that do not exist, have the wrong kind, or belong to another country.
pub fn check(known_records: &KnownRecords, drafts: &[Draft<'_>], plan: &mut Plan) {
    let standing: HashMap<&RecordId, &Draft<'_>> = drafts
        .iter()
        .filter(|draft| draft.record_is_current())
        .map(|draft| (draft.id, draft))
        .collect();
    let targets = Targets::of(known_records, drafts);
    let content = |id: &RecordId| match standing.get(id) {
        Some(draft) => Some(draft.content()),
        None => known_records
            .current
            .get(id)
            .map(|current| &current.content),
    };
    for draft in drafts.iter().filter(|draft| draft.record_is_current()) {
        let proposed = draft.proposed;
        for (field, reference) in &draft.evaluation.references {
            let at = proposed.at_fields().then(field.camel());
            if let Some(finding) = of_another_kind(reference, &at) {
                plan.findings.push(finding);
            } else if !targets.has(reference) {
                plan.missing.push(Missing {
                    from: Some((proposed.kind, draft.content().clone(), *field)),
                    ..missing(reference, &at)
                });
            } else if let Err(id) = named(reference)
                && let Some(other) = content(id)
                && draft.renews(&[COMPATIBILITY_FIELDS.as_slice(), &[*field]].concat())
            {
                let incompatibilities =
                    incompatibilities(proposed.kind, draft.content(), *field, reference, other);
                let incompatibilities = incompatibilities.into_iter();
                let findings =
                    incompatibilities.map(|(_, message)| at.finding(Code::Invalid, message));
                plan.findings.extend(findings);
            }
        }
        plan.missing.extend(targets.missing_sources(proposed));
    }
    let retired = drafts.iter().filter(|draft| !draft.record_is_current());
    for draft in retired {
        plan.missing.extend(targets.missing_sources(draft.proposed));
    }
}

/// Forgets the references to records that changes with a conflict would restore.
pub fn forget_contested(known_records: &KnownRecords, plan: &mut Plan) {
    let Plan {
        missing, contested, ..
    } = plan;
    missing.retain(|one| match named(&one.reference) {
        Err(id) => !(contested.contains(id) && known_records.retired.contains_key(id)),
        Ok((kind, value)) => {
            let mut retired = known_records.retired.iter();
            !retired.any(|(id, row)| {
                let unique = kind.unique().filter(|_| id.kind() == kind);
                contested.contains(id)
                    && unique.and_then(|field| text(&row.content, field)).as_ref() == Some(&value)
            })
        }
    });
}

fn missing(reference: &Reference, at: &Path) -> Missing {
    let message = match named(reference) {
        Ok((kind, value)) => format!("there is no {kind} {value}"),
        Err(id) => format!("{id} does not exist"),
    };
    Missing {
        reference: reference.clone(),
        from: None,
        finding: at.finding(Code::NotFound, message),
    }
}

/// Most treaties that are read for a message.
const MAX_TREATIES: u64 = 1_000;

/// Adds to the findings about records that do not exist what would be right: for a treaty the most similar references.
pub async fn suggest<C: ConnectionTrait>(db: &C, missing: &mut [Missing]) -> Result<(), Error> {
    let is_treaty = |one: &Missing| matches!(one.reference, Reference::Treaty(_));
    let known: Vec<String> = if missing.iter().any(is_treaty) {
        treaty::Entity::find()
            .select_only()
            .column(treaty::Column::Reference)
            .filter(Moment::current::<treaty::Entity>())
            .order_by_asc(treaty::Column::Reference)
            .limit(MAX_TREATIES)
            .into_tuple()
            .all(db)
            .await?
    } else {
        Vec::new()
    };
    for one in missing {
        let expected = match &one.reference {
            Reference::Country(_) => "the `code` of one of `countries`".to_owned(),
            Reference::Record { .. } => "the `recordId` of a current record".to_owned(),
            Reference::Treaty(given) => {
                let near = closest(&given.to_string(), known.iter().map(String::as_str));
                let like = if near.is_empty() { "" } else { ", like " };
                format!(
                    "the `reference` of one of `treaties`{like}{}",
                    near.join(", ")
                )
            }
        };
        one.finding.message.push_str(": expected ");
        one.finding.message.push_str(&expected);
    }
    Ok(())
}

/// The fields of two records that decide whether one may refer to the other.
pub const COMPATIBILITY_FIELDS: [RecordField; 4] = [
    RecordField::Country,
    RecordField::Kind,
    RecordField::Territories,
    RecordField::Treaty,
];

/// The finding for a reference to a record of a kind that the field does not accept.
fn of_another_kind(reference: &Reference, at: &Path) -> Option<Finding> {
    let Reference::Record { kinds, id, .. } = reference else {
        return None;
    };
    if kinds.contains(&id.kind()) {
        return None;
    }
    let kinds: Vec<String> = kinds.iter().map(ToString::to_string).collect();
    let message = format!(
        "{id} is not a {}: expected an id like `{}:\u{2026}`",
        kinds.join(" or "),
        kinds.join(":\u{2026}` or `")
    );
    Some(at.finding(Code::Invalid, message))
}

/// The reasons why a record with this content cannot be the target of a field, each with the field of the target that
/// is at fault.
pub fn incompatibilities(
    kind: Kind,
    content: &Content,
    field: RecordField,
    reference: &Reference,
    other: &Content,
) -> Vec<(Option<RecordField>, String)> {
    let Reference::Record { id, within, .. } = reference else {
        return Vec::new();
    };
    let of = known_records::country(id, other);
    let foreign = of.filter(|of| !within.is_empty() && !within.contains(of));
    let foreign = foreign.map(|of| {
        let wanted: Vec<String> = within.iter().map(ToString::to_string).collect();
        let message = format!("{id} belongs to {of}, not to {}", wanted.join(" or "));
        (Some(RecordField::Country), message)
    });
    let misfits = kind.misfits(content, field, other).into_iter();
    let misfits = misfits.map(|(at, message)| (Some(at), format!("{id} {message}")));
    foreign.into_iter().chain(misfits).collect()
}

/// Looks up references that were missing. Returns those that are still missing, and reports those that exist and do
/// not fit.
pub async fn resolve<C: ConnectionTrait>(
    db: &C,
    missing: Vec<Missing>,
    found: &mut Vec<Finding>,
) -> Result<Vec<Missing>, Error> {
    let mut known_records = KnownRecords::default();
    let mut wanted = HashSet::new();
    let mut ids = HashSet::new();
    for one in &missing {
        match named(&one.reference) {
            Ok(named) => drop(wanted.insert(named)),
            Err(id) => drop(ids.insert(id.clone())),
        }
    }
    known_records.load_unique(db, &wanted).await?;
    known_records.load_ids(db, ids.into_iter()).await?;
    let mut still = Vec::new();
    for one in missing {
        let exists = match named(&one.reference) {
            Ok(name) => known_records.unique.contains_key(&name),
            Err(id) => known_records.current.contains_key(id),
        };
        if !exists {
            still.push(one);
            continue;
        }
        let of_another_kind = of_another_kind(&one.reference, &one.finding.path);
        let current = named(&one.reference)
            .err()
            .and_then(|id| known_records.current.get(id));
        if let Some(finding) = of_another_kind {
            found.push(finding);
        } else if let (Some((kind, content, field)), Some(current)) = (&one.from, current) {
            let incompatibilities =
                incompatibilities(*kind, content, *field, &one.reference, &current.content);
            let incompatibilities = incompatibilities.into_iter();
            let at = &one.finding.path;
            found.extend(incompatibilities.map(|(_, message)| at.finding(Code::Invalid, message)));
        }
    }
    Ok(still)
}
