//! Extends the chain by the lines of a commit.

use std::collections::HashMap;

use sea_orm::{ConnectionTrait, EntityTrait, IntoActiveModel};

use super::entity::{Entity, Link, Model, of_lines};
use super::fill::through;
use super::line::{Line, Written};
use crate::change;
use crate::citation;
use crate::error::Error;
use crate::export;
use crate::record::{ROWS_PER_STATEMENT, content_of};
use crate::write::Write;
use domain::digest::Digest;
use domain::field::Content;
use domain::text::CountryCode;

/// A line of the log that was just written.
pub struct Appended {
    /// The change.
    pub change: change::Model,
    /// The countries by which the change is found.
    pub countries: Vec<CountryCode>,
    /// The number and the columns of the version that the change wrote.
    pub version: Option<(i32, Content)>,
    /// The change that wrote the version that this change replaced or retired.
    pub replaces: Option<i64>,
    /// The valid citations of the record, if they are all of this change; `None` if the table has others.
    pub citations: Option<Vec<citation::Model>>,
}

/// Adds the links of lines, in their order. Their rows and citations are in the tables already.
pub(crate) async fn append(tx: &Write, lines: Vec<Appended>) -> Result<(), Error> {
    let Some(first) = lines.first() else {
        return Ok(());
    };
    let before = first.change.sequence.saturating_sub(1);
    let link = match tx.chain_end().await? {
        Some(end) if end.sequence == before => end.into(),
        _ => through(tx, before).await?,
    };
    let links = links(tx, link, lines).await?;
    if let Some(end) = links.last() {
        tx.extend_chain(end.clone()).await?;
    }
    tx.insert_later(links.into_iter().map(Model::into_active_model));
    Ok(())
}

/// Computes the links of lines, in their order, after the link before them. Their rows and citations are in the tables
/// already.
pub async fn links<C: ConnectionTrait>(
    db: &C,
    mut link: Link,
    lines: Vec<Appended>,
) -> Result<Vec<Model>, Error> {
    let written = |line: &&Appended| line.version.is_some() && line.citations.is_none();
    let cited = lines.iter().filter(written).map(|line| &line.change.record);
    let cited = citation::of_records(db, cited.collect(), false).await?;
    let replaced: Vec<i64> = lines.iter().filter_map(|line| line.replaces).collect();
    let mut digests: HashMap<i64, Option<Digest>> = HashMap::new();
    for some in replaced.chunks(ROWS_PER_STATEMENT) {
        let links = of_lines(db, some.iter().copied()).await?;
        digests.extend(links.into_iter().map(|(line, link)| (line, link.digest)));
    }
    let mut links = Vec::with_capacity(lines.len());
    for mut line in lines {
        let change = &line.change;
        let of_table = || cited.get(&change.record).map_or(&[][..], Vec::as_slice);
        let written = match line.version.take() {
            Some((version, columns)) => Some(Written {
                version,
                digest: export::digest(
                    &change.record,
                    &content_of(&change.record, columns)?,
                    line.citations.as_deref().unwrap_or_else(of_table),
                ),
            }),
            None => None,
        };
        line.countries.sort_unstable();
        let ended = line
            .replaces
            .and_then(|since| digests.get(&since).copied().flatten());
        let covered = Line {
            change,
            countries: &line.countries,
            written,
            ended,
        };
        link = covered.link(link)?;
        digests.insert(change.sequence, link.digest);
        links.push(link.at(change.sequence));
    }
    Ok(links)
}

/// Inserts links.
pub(super) async fn insert<C: ConnectionTrait>(db: &C, links: Vec<Model>) -> Result<(), Error> {
    for some in links.chunks(ROWS_PER_STATEMENT) {
        let rows = some.iter().cloned().map(Model::into_active_model);
        Entity::insert_many(rows).exec_without_returning(db).await?;
    }
    Ok(())
}
