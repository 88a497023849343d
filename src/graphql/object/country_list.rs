//! Lists of countries: the filter, and the page that it selects.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use async_graphql::{Context, InputObject};
use futures_util::future::try_join_all;
use serde_json::{Value, json};

use crate::engine::argument::{bounded, plain, read, read_list, read_option};
use crate::engine::connection::Connection;
use crate::engine::context::{RequestContext, View};
use crate::engine::cursor::{CursorArguments, ListTag, arguments};
use crate::engine::error::Error;
use crate::engine::page::{self, PageArgs};
use crate::object::country::Country;
use crate::object::participation::{self, TreatyParticipation, USUAL_KINDS, is_counted};
use domain::country::{CountryKind, InternationalOrganisation};
use domain::coverage_assertion::{CoverageTopic, CoverageValue};
use domain::order::CountryOrder;
use domain::scalar::DateTime;
use domain::text::{CountryCode, Raw, TreatyReference, truncate};
use domain::treaty_status::TreatyStatus;
use store::country::{Filter, Model};
use store::coverage_assertion::{OfTopic, latest_by_country};
use store::list::WholeListPage;
use store::load::By;
use store::page::Page;
use store::record::word;

/// Selects countries that match every member given. A member that is left out does not restrict; an empty list matches
/// nothing. A list has at most 1,000 elements.
#[derive(Clone, Debug, Default, InputObject)]
pub struct CountryFilter {
    /// Countries with one of these codes.
    codes: Option<Vec<Raw<CountryCode>>>,
    /// Countries of one of these kinds. Left out: all but `ORGANISATION`; with `treatyStatus` or `treatyStatuses`, the
    /// countries that `Treaty.statusCounts` counts.
    kinds: Option<Vec<CountryKind>>,
    /// Countries in one of these M49 regions or subregions, by their exact English names, as in `Western Asia`. An error
    /// for a name that is not among `Query.regions`.
    regions: Option<Vec<String>>,
    /// Countries that are members of at least one of these organisations on the as-of date. Former members and observers
    /// do not match.
    memberships: Option<Vec<InternationalOrganisation>>,
    /// Countries with one of some statuses under one treaty on the as-of date.
    treaty_status: Option<TreatyStatusFilter>,
    /// Countries for which each of these holds, in addition to `treatyStatus`. At most 10 elements; an empty list
    /// restricts nothing.
    treaty_statuses: Option<Vec<TreatyStatusFilter>>,
    /// Countries whose latest coverage assertion on a topic by the as-of date has one of some values.
    coverage: Option<CoverageFilter>,
    /// True: countries with at least one record in addition to the country itself and its treaty events. False: those
    /// without.
    has_profile: Option<bool>,
    /// Countries whose current version was committed at this instant or later. Changes of records that belong to the
    /// country do not count.
    updated_since: Option<Raw<DateTime>>,
}

/// Selects countries by their status under one treaty on the as-of date: see `Country.treatyStatus`. A treaty that does
/// not exist matches nothing. Unless `kinds` says otherwise, the filter selects among the countries that
/// `Treaty.statusCounts` counts: organisations that acted are among them, territories for which only another State acted
/// are not.
#[derive(Clone, Debug, InputObject)]
pub struct TreatyStatusFilter {
    /// The treaty, by its reference.
    treaty: Raw<TreatyReference>,
    /// The statuses of which the country has one. An empty list matches nothing.
    status: Vec<TreatyStatus>,
}

/// Selects countries by their coverage assertion on one topic: see `Country.coverage`. A country without an assertion on
/// the topic never matches.
#[derive(Clone, Debug, InputObject)]
pub struct CoverageFilter {
    /// The topic.
    topic: CoverageTopic,
    /// The values of which the latest assertion has one. An empty list matches nothing.
    values: Vec<CoverageValue>,
}

impl CursorArguments for CoverageFilter {
    fn cursor_arguments(&self) -> Value {
        let Self { topic, values } = self;
        arguments([("topic", json!(topic)), ("values", json!(values))])
    }
}

impl CursorArguments for TreatyStatusFilter {
    fn cursor_arguments(&self) -> Value {
        let Self { treaty, status } = self;
        arguments([("treaty", json!(treaty)), ("status", json!(status))])
    }
}

impl CursorArguments for Filter {
    fn cursor_arguments(&self) -> Value {
        let Self {
            codes,
            kinds,
            regions,
            memberships,
            has_profile,
            since,
            order,
        } = self;
        let order = match order {
            CountryOrder::Name => "NAME",
            CountryOrder::Code => "CODE",
            CountryOrder::LastChanged => "LAST_CHANGED",
        };
        arguments([
            ("codes", json!(codes)),
            ("kinds", json!(kinds)),
            ("regions", json!(regions)),
            ("memberships", json!(memberships)),
            ("hasProfile", json!(has_profile)),
            ("updatedSince", json!(since)),
            ("orderBy", json!(order)),
        ])
    }
}

/// The rows of all countries of a list.
async fn rows(ctx: &Context<'_>, list: &Filter, view: View) -> Result<Vec<Arc<Model>>, Error> {
    let all = WholeListPage {
        list: list.clone(),
        at: view.at(),
        page: Page {
            size: u64::from(u16::MAX),
            forward: true,
            after: None,
            before: None,
            count: false,
        },
    };
    let all = ctx.loader().load_one(all).await?.unwrap_or_default();
    Ok(all.rows.iter().map(|(_, row)| row.clone()).collect())
}

/// The rows of all current countries, organisations too.
///
/// # Errors
/// `UNAVAILABLE`, `INTERNAL`
pub async fn all(ctx: &Context<'_>, view: View) -> Result<Vec<Arc<Model>>, Error> {
    // The list is the same on every day; that of today is likely to be cached.
    let as_of = ctx.view().as_of;
    rows(ctx, &Filter::default(), View { as_of, ..view }).await
}

/// The codes of the countries in some regions or subregions, of all if none is given; organisations are left out.
///
/// # Errors
/// `BAD_USER_INPUT` for an unknown region.
pub async fn codes_in(
    ctx: &Context<'_>,
    regions: Option<Vec<String>>,
    view: View,
) -> Result<HashSet<CountryCode>, Error> {
    let list = Filter {
        regions: read_regions(ctx, "regions", regions, view).await?,
        kinds: Some(USUAL_KINDS.to_vec()),
        ..Filter::default()
    };
    let rows = rows(ctx, &list, view).await?;
    Ok(rows.iter().map(|row| row.code.clone()).collect())
}

/// The names of all regions and subregions of countries, sorted.
///
/// # Errors
/// `UNAVAILABLE`, `INTERNAL`
pub async fn regions(ctx: &Context<'_>, view: View) -> Result<Vec<String>, Error> {
    let rows = all(ctx, view).await?;
    let names = rows.iter().flat_map(|row| [&row.region, &row.subregion]);
    let names: BTreeSet<&String> = names.flatten().collect();
    Ok(names.into_iter().cloned().collect())
}

/// Reads an argument with names of regions and subregions. Each must be that of a country, in the view or now.
///
/// # Errors
/// `BAD_USER_INPUT` for an unknown region, with all that are known; for a list that is too long; for U+0000.
pub async fn read_regions(
    ctx: &Context<'_>,
    argument: &str,
    given: Option<Vec<String>>,
    view: View,
) -> Result<Option<Vec<String>>, Error> {
    bounded(argument, given.as_deref())?;
    let Some(given) = plain(argument, given)? else {
        return Ok(None);
    };
    let known = regions(ctx, ctx.view()).await?;
    let is_new = |name: &String| known.binary_search(name).is_err();
    let unknown = given.iter().position(is_new);
    // Without any region there is nothing to choose from.
    let Some(unknown) = unknown.filter(|_| !known.is_empty()) else {
        return Ok(Some(given));
    };
    let of_view = regions(ctx, view).await?;
    let is_unknown = |name: &&String| is_new(name) && of_view.binary_search(name).is_err();
    match given.iter().skip(unknown).find(is_unknown) {
        None => Ok(Some(given)),
        Some(name) => {
            let at = given.iter().position(|other| other == name);
            let message = format!(
                "there is no region \u{201c}{}\u{201d}: expected one of {}",
                truncate(name),
                known.join(", ")
            );
            let at = at.unwrap_or_default();
            Err(Error::bad(&format!("{argument}.{at}"), message))
        }
    }
}

impl TreatyStatusFilter {
    /// The codes of those countries of a list that have one of the statuses. A list without kinds is of the countries
    /// that the treaty counts. `argument` names the filter in errors.
    async fn codes(
        &self,
        ctx: &Context<'_>,
        argument: &str,
        list: &Filter,
        view: View,
    ) -> Result<Vec<CountryCode>, Error> {
        bounded(&format!("{argument}.status"), Some(&self.status))?;
        let treaty = read(&format!("{argument}.treaty"), &self.treaty)?;
        let all = rows(ctx, list, view).await?;
        let standings = all
            .iter()
            .map(|row| participation::of_country_and_treaty(ctx, row, treaty.clone(), view));
        let standings = try_join_all(standings).await?.into_iter().flatten();
        let acting = match list.kinds {
            Some(_) => HashSet::new(),
            None => participation::acting_countries(ctx, treaty, view).await?,
        };
        let is_wanted = |one: &TreatyParticipation| {
            let acted = acting.contains(one.code());
            list.kinds.is_some() || is_counted(one.kind(), acted, one.is_named())
        };
        Ok(standings
            .filter(|one| self.status.contains(&one.standing_status()) && is_wanted(one))
            .map(|one| one.code().clone())
            .collect())
    }
}

impl CoverageFilter {
    /// The codes of the countries whose latest assertion has one of the values.
    async fn codes(&self, ctx: &Context<'_>, view: View) -> Result<Vec<CountryCode>, Error> {
        bounded("filter.coverage.values", Some(&self.values))?;
        let key = By::new(OfTopic, word(&self.topic), view.moment);
        let rows = ctx.loader().load_one(key).await?.unwrap_or_default();
        let latest = latest_by_country(&rows, view.as_of).into_iter();
        let matching = latest.filter(|(_, row)| self.values.contains(&row.value));
        Ok(matching.map(|(code, _)| code.clone()).collect())
    }
}

/// Maximum number of elements of `treatyStatuses`: each computes the status of every country.
const MAX_TREATY_STATUSES: usize = 10;

/// A page of countries.
///
/// # Errors
/// `BAD_USER_INPUT`
pub async fn list(
    ctx: &Context<'_>,
    filter: CountryFilter,
    order: CountryOrder,
    args: PageArgs,
    view: View,
) -> Result<Connection<Country>, Error> {
    let regions = read_regions(ctx, "filter.regions", filter.regions, view).await?;
    bounded("filter.kinds", filter.kinds.as_deref())?;
    bounded("filter.memberships", filter.memberships.as_deref())?;
    let since = read_option("filter.updatedSince", filter.updated_since.as_ref())?;
    let since = match since {
        // Nothing is newer than a future instant: no change has this number.
        Some(instant) => ctx
            .store()
            .first_change_since(instant.0)
            .await?
            .or(Some(i64::MAX)),
        None => None,
    };
    let counts_all = filter.kinds.is_none();
    let kinds = filter.kinds.unwrap_or_else(|| USUAL_KINDS.to_vec());
    let mut standings: Vec<(String, TreatyStatusFilter)> = Vec::new();
    if let Some(standing) = filter.treaty_status.clone() {
        standings.push(("filter.treatyStatus".to_owned(), standing));
    }
    let more = filter.treaty_statuses.clone().unwrap_or_default();
    if more.len() > MAX_TREATY_STATUSES {
        let message = format!(
            "expected at most {MAX_TREATY_STATUSES} elements, found {}",
            more.len()
        );
        return Err(Error::bad("filter.treatyStatuses", message));
    }
    let more = more.into_iter().enumerate();
    standings.extend(more.map(|(at, one)| (format!("filter.treatyStatuses.{at}"), one)));
    let coverage = filter.coverage;
    let mut list = Filter {
        codes: read_list("filter.codes", filter.codes.as_deref())?,
        kinds: Some(kinds),
        regions,
        memberships: filter.memberships,
        has_profile: filter.has_profile,
        since,
        order,
    };
    let (of, covered) = (list.clone(), coverage.clone());
    let (one, all) = (filter.treaty_status, filter.treaty_statuses);
    let tag = ListTag::new("countries", move || {
        let one = one.as_ref().map(CursorArguments::cursor_arguments);
        let all = all.as_ref().map(|all| {
            let all = all.iter().map(CursorArguments::cursor_arguments);
            all.collect::<Vec<_>>()
        });
        let covered = covered.as_ref().map(CursorArguments::cursor_arguments);
        arguments([
            ("list", of.cursor_arguments()),
            ("treatyStatus", json!(one)),
            ("treatyStatuses", json!(all)),
            ("coverage", json!(covered)),
        ])
    });
    if let Some(coverage) = coverage {
        let mut codes = coverage.codes(ctx, view).await?;
        codes.retain(|code| list.codes.as_ref().is_none_or(|given| given.contains(code)));
        list.codes = Some(codes);
    }
    if counts_all && !standings.is_empty() {
        list.kinds = None;
    }
    for (argument, standing) in standings {
        list.codes = Some(standing.codes(ctx, &argument, &list, view).await?);
    }
    page::tagged(ctx, &tag, &list, args, view, Country::new).await
}
