//! The content of a line that its hash covers.

use chrono::SecondsFormat;
use serde::Serialize;

use super::entity::Link;
use crate::change;
use crate::error::Error;
use domain::change::Operation;
use domain::date::Date;
use domain::digest::Digest;
use domain::effect::Effect;
use domain::record::RecordId;
use domain::text::CountryCode;

/// The version that a change wrote.
#[derive(Clone, Copy, Debug)]
pub struct Written {
    /// Its number, counted from 1.
    pub version: i32,
    /// The digest of the record's line in an export.
    pub digest: Digest,
}

/// A line of the log, with all that its link depends on.
#[derive(Clone, Debug)]
pub struct Line<'a> {
    /// The change.
    pub change: &'a change::Model,
    /// The countries by which the change is found, sorted.
    pub countries: &'a [CountryCode],
    /// The version that the change wrote.
    pub written: Option<Written>,
    /// The digest of the version that the change replaced or retired.
    pub ended: Option<Digest>,
}

/// The content of a line as JSON; members without a value are left out.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Content<'a> {
    sequence: i64,
    first: i64,
    size: i32,
    committed_at: String,
    actor: &'a str,
    actor_name: &'a str,
    actor_role: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    contribution: Option<&'a str>,
    kind: String,
    record: &'a RecordId,
    operation: Operation,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<Digest>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verified_on: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    effect: Option<&'a Effect>,
    #[serde(skip_serializing_if = "<[CountryCode]>::is_empty")]
    countries: &'a [CountryCode],
}

impl Line<'_> {
    /// The link of this line after the link of the line before.
    ///
    /// # Errors
    /// [`Error::Unreadable`]
    pub fn link(&self, before: Link) -> Result<Link, Error> {
        let change = self.change;
        let digest = self.written.map(|written| written.digest);
        let content = Content {
            sequence: change.sequence,
            first: change.first,
            size: change.size,
            committed_at: change
                .committed_at
                .to_rfc3339_opts(SecondsFormat::Micros, true),
            actor: &change.actor,
            actor_name: &change.actor_name,
            actor_role: crate::record::word(&change.actor_role),
            contribution: change.contribution.as_deref(),
            kind: crate::record::word(&change.kind),
            record: &change.record,
            operation: change.operation,
            version: self.written.map(|written| written.version),
            digest,
            reason: change.reason.as_deref(),
            verified_on: change.verified_on,
            effect: change.effect.as_ref(),
            countries: self.countries,
        };
        let state = before.state.plus(digest.unwrap_or_default());
        Ok(Link {
            hash: before.hash.chained(&serde_json::to_vec(&content)?),
            digest,
            state: state.minus(self.ended.unwrap_or_default()),
        })
    }
}
