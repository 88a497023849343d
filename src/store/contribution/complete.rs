//! Completes proposed changes from the current records: base versions that were left out, and sources that citations
//! name by their address or create.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::ConnectionTrait;

use crate::error::Error;
use crate::known_records::{KnownRecords, text};
use crate::new_keys::Reserved;
use crate::{new_keys, source};
use domain::change::{ChangeInput, Operation, Proposed};
use domain::check::{Code, Finding};
use domain::citation::{OpenCitation, OpenSource};
use domain::contribution::MAX_CHANGES;
use domain::record::{Kind, RecordField, RecordId};
use domain::source::CreateSource;
use domain::url::Url;

/// The most sources that one message names.
const MAX_NAMED: usize = 10;

/// Gives each update a base version, each new record a key, and each citation the id of its source. The sources that
/// citations create become changes after the given ones, in the order of the citations. Returns the faults. `reserved` is
/// that of [`new_keys::assign_keys`].
pub(super) async fn complete<C: ConnectionTrait, Read: Future<Output = Reserved>>(
    db: &C,
    changes: &mut Vec<Proposed>,
    reserved: impl Fn(Vec<RecordId>) -> Read,
) -> Result<Vec<Finding>, Error> {
    base_on_newest(db, changes).await?;
    let mut found = Vec::new();
    let mut addressed = Vec::new();
    let mut brought = Vec::new();
    let mut sources = Vec::new();
    for (place, change) in changes.iter_mut().enumerate() {
        for cite in std::mem::take(&mut change.open_cites) {
            match &cite.source {
                OpenSource::Address(url) => addressed.push((place, url.clone(), cite)),
                OpenSource::New(source) => {
                    sources.push(Proposed::clone(source));
                    brought.push((place, cite));
                }
            }
        }
    }
    let given = changes.len();
    changes.append(&mut sources);
    let excess = changes.get(MAX_CHANGES).filter(|_| given <= MAX_CHANGES);
    if let Some(source) = excess {
        let message = format!(
            "a contribution can have at most {MAX_CHANGES} changes; each `newSource` is one of them"
        );
        found.push(source.path.finding(Code::Invalid, message));
    }
    new_keys::assign_keys(db, changes, reserved).await?;
    found.extend(given_twice(changes));
    let mut settled: Vec<(usize, OpenCitation, RecordId)> = Vec::new();
    let ids = changes.iter().skip(given).map(|source| source.id.clone());
    for ((place, cite), id) in brought.into_iter().zip(ids) {
        settled.extend(id.map(|id| (place, cite, id)));
    }
    if !addressed.is_empty() {
        let urls = addressed.iter().map(|(_, url, _)| url);
        let known = at_addresses(db, changes, urls).await?;
        for (place, url, cite) in addressed {
            let sources = known.get(&url.address());
            match only(sources) {
                Ok(id) => settled.push((place, cite, id)),
                Err((code, message)) => {
                    let path = changes.get(place).map(|change| change.path.clone());
                    let at = path.unwrap_or_default().then("cite").then(cite.position);
                    found.push(at.then("sourceUrl").finding(code, message));
                }
            }
        }
    }
    settled.sort_by_key(|(place, cite, _)| (*place, cite.position));
    for (place, cite, id) in settled {
        if let Some(change) = changes.get_mut(place) {
            change.settle(cite, id);
        }
    }
    Ok(found)
}

/// Bases the updates that name no version on the newest one. The fault of a record that is not current is found later.
async fn base_on_newest<C: ConnectionTrait>(db: &C, changes: &mut [Proposed]) -> Result<(), Error> {
    let is_open =
        |change: &Proposed| change.operation == Operation::Update && change.base_version.is_none();
    let mut known = KnownRecords::default();
    let ids = changes.iter().filter(|change| is_open(change));
    known
        .load_ids(db, ids.filter_map(|change| change.id.clone()))
        .await?;
    for change in changes.iter_mut().filter(|change| is_open(change)) {
        let current = change.id.as_ref().and_then(|id| known.current.get(id));
        change.base_version = current.map(|current| current.version);
    }
    Ok(())
}

/// The sources at addresses, by the normal form of the address: current ones, and those that the changes create.
async fn at_addresses<C: ConnectionTrait>(
    db: &C,
    changes: &[Proposed],
    urls: impl Iterator<Item = &Url>,
) -> Result<BTreeMap<String, BTreeSet<RecordId>>, Error> {
    let spellings: BTreeSet<String> = urls.flat_map(Url::spellings).collect();
    let mut found: BTreeMap<String, BTreeSet<RecordId>> = BTreeMap::new();
    for (id, url) in source::at_addresses(db, spellings).await? {
        found.entry(url.address()).or_default().insert(id);
    }
    for change in changes.iter().filter(|change| creates_source(change)) {
        if let (Some(id), Some(url)) = (&change.id, address(change)) {
            found.entry(url).or_default().insert(id.clone());
        }
    }
    Ok(found)
}

/// The only source of several, or the fault.
fn only(sources: Option<&BTreeSet<RecordId>>) -> Result<RecordId, (Code, String)> {
    let mut sources = sources.into_iter().flatten();
    let Some(first) = sources.next() else {
        let message = "no source has this address: give the source as `newSource`";
        return Err((Code::NotFound, message.to_owned()));
    };
    let others: Vec<&RecordId> = sources.collect();
    if others.is_empty() {
        return Ok(first.clone());
    }
    let count = others.len().saturating_add(1);
    let named = std::iter::once(first).chain(others).take(MAX_NAMED);
    let named: Vec<String> = named.map(ToString::to_string).collect();
    let more = if count > MAX_NAMED { " …" } else { "" };
    let message = format!(
        "{count} sources have this address: name one of them by `source`: {}{more}",
        named.join(", ")
    );
    Err((Code::Invalid, message))
}

/// Reports sources that citations create, and that the contribution creates a second time.
fn given_twice(changes: &[Proposed]) -> Vec<Finding> {
    let sources: Vec<&Proposed> = changes
        .iter()
        .filter(|change| creates_source(change))
        .collect();
    let mut found = Vec::new();
    for (place, source) in sources.iter().enumerate() {
        let mut before = sources.iter().take(place);
        let same = before.find(|other| source.is_inline && is_same(source, other));
        if let Some(same) = same {
            let share = match address(same) {
                Some(_) => "cite it here by `sourceUrl`",
                None => "create it by `createSource` with a `key`, and cite it by `source`",
            };
            let first = same.path.0.join(".");
            let message = format!("this source is given in {first} already: {share}");
            found.push(source.path.finding(Code::Duplicate, message));
        }
    }
    found
}

/// True if two new sources have the same address or, where one has none, the same values in all other fields.
fn is_same(source: &Proposed, other: &Proposed) -> bool {
    if let (Some(own), Some(other)) = (address(source), address(other)) {
        return own == other;
    }
    let without_address = |source: &Proposed| {
        let mut content = source.content();
        content.remove(&RecordField::Url.camel());
        content
    };
    without_address(source) == without_address(other)
}

fn creates_source(change: &Proposed) -> bool {
    change.operation == Operation::Create && change.kind == Kind::Source
}

/// The normal form of the address of a new source.
fn address(source: &Proposed) -> Option<String> {
    let url: Url = text(&source.content(), RecordField::Url)?.parse().ok()?;
    Some(url.address())
}

/// Returns the inputs of changes that were [completed](complete): they name keys, base versions and sources, and the
/// sources that citations create are changes of their own.
pub(super) fn inputs(given: Vec<ChangeInput>, completed: &[Proposed]) -> Vec<ChangeInput> {
    let (own, brought) = completed.split_at(given.len().min(completed.len()));
    let mut sources = Vec::new();
    let mut inputs = Vec::with_capacity(completed.len());
    for (input, change) in given.into_iter().zip(own) {
        let mut input = with_id(input, change);
        if let Some(version) = change.base_version {
            input = input.with_base_version(version);
        }
        for (cite, settled) in input.cites_mut().iter_mut().zip(&change.cites) {
            cite.source = Some(settled.source.to_string().into());
            cite.source_url = None;
            sources.extend(cite.new_source.take());
        }
        inputs.push(input);
    }
    for (fields, change) in sources.into_iter().zip(brought) {
        let source = CreateSource {
            key: None,
            fields,
            cite: None,
        };
        inputs.push(with_id(ChangeInput::CreateSource(source), change));
    }
    inputs
}

/// Gives the create of a record the key of its id.
fn with_id(input: ChangeInput, change: &Proposed) -> ChangeInput {
    let id = change.id.as_ref().map(RecordId::as_str);
    match id.and_then(|id| id.split_once(':')) {
        Some((_, key)) => input.with_key(key),
        None => input,
    }
}
