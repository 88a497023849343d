//! Adds the links that a log does not have yet: its lines were written by a program that knew no chain.

use std::collections::HashMap;

use sea_orm::ConnectionTrait;

use super::append::insert;
use super::entity::{self, Link, of_lines};
use super::read::{LINES_AT_ONCE, read};
use crate::error::Error;
use crate::head;
use domain::digest::Digest;

/// True if the first lines of the log have links, or there are no lines.
pub async fn has_begun<C: ConnectionTrait>(db: &C) -> Result<bool, Error> {
    let (last, _) = entity::last(db).await?;
    Ok(last > 0 || head::read(db).await?.sequence == 0)
}

/// Adds the missing links of all lines.
pub async fn fill<C: ConnectionTrait>(db: &C) -> Result<(), Error> {
    let head = head::read(db).await?;
    through(db, head.sequence).await?;
    Ok(())
}

/// Adds the missing links of the lines up to one of them. Returns the link of that line.
pub(crate) async fn through<C: ConnectionTrait>(db: &C, through: i64) -> Result<Link, Error> {
    let (mut last, mut link) = entity::last(db).await?;
    if 0 < last && last < through {
        tracing::warn!(
            from = last,
            through,
            "lines of the log have no hash: an older version of the program wrote them, or somebody deleted their hashes"
        );
    }
    while last < through {
        let to = last.saturating_add(LINES_AT_ONCE).min(through);
        let lines = read(db, last.saturating_add(1), to).await?;
        let ended = lines.iter().filter_map(|line| line.ended);
        let links = of_lines(db, ended).await?;
        let mut digests: HashMap<i64, Option<Digest>> = links
            .into_iter()
            .map(|(line, link)| (line, link.digest))
            .collect();
        let mut rows = Vec::with_capacity(lines.len());
        for line in &lines {
            let since = line.ended;
            let ended = since.and_then(|since| digests.get(&since).copied().flatten());
            link = line.covered(ended).link(link)?;
            digests.insert(line.change.sequence, link.digest);
            rows.push(link.at(line.change.sequence));
        }
        insert(db, rows).await?;
        last = to;
    }
    Ok(link)
}
