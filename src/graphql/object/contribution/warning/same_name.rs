//! Warnings about institutions whose name another institution of the country has.

use std::collections::BTreeSet;

use async_graphql::Context;
use futures_util::future::try_join;
use serde_json::Value;

use super::outcome::{Outcome, Outcomes};
use crate::engine::context::{RequestContext, View};
use crate::engine::error::Error;
use domain::check::{Code, Finding};
use domain::institution;
use domain::localized_text::LocalizedText;
use domain::record::{RecordField, RecordId};
use domain::text::CountryCode;
use store::load::By;
use store::{cybersecurity_body, operational_unit};

/// A name of an institution, as it is compared.
struct Name<'a> {
    id: &'a RecordId,
    country: CountryCode,
    text: String,
}

/// The institutions that get a name which another one of the same country has.
///
/// # Errors
/// `UNAVAILABLE`, `INTERNAL`
pub(super) async fn warnings(
    ctx: &Context<'_>,
    outcomes: &Outcomes<'_>,
    view: View,
) -> Result<Vec<Finding>, Error> {
    let proposed: Vec<&Outcome<'_>> = outcomes.of_kinds(institution::KINDS).collect();
    let is_renewed = |one: &&&Outcome<'_>| one.renews(&[RecordField::Names, RecordField::Country]);
    let renewed: Vec<&Outcome<'_>> = proposed.iter().filter(is_renewed).copied().collect();
    let countries: BTreeSet<CountryCode> = renewed.iter().filter_map(|one| country(one)).collect();
    let bodies = countries
        .iter()
        .map(|code| By::new(cybersecurity_body::OfCountry, code.clone(), view.moment));
    let units = countries
        .iter()
        .map(|code| By::new(operational_unit::OfCountry, code.clone(), view.moment));
    let loader = ctx.loader();
    let (bodies, units) = try_join(loader.load_many(bodies), loader.load_many(units)).await?;
    let bodies = bodies.values().flat_map(|rows| rows.iter());
    let bodies = bodies.map(|row| (&row.id, &row.country, &row.names));
    let units = units.values().flat_map(|rows| rows.iter());
    let units = units.map(|row| (&row.id, &row.country, &row.names));
    let stored = bodies
        .chain(units)
        .filter(|(id, ..)| !outcomes.concerns(id));
    let mut names: Vec<Name<'_>> = stored
        .flat_map(|(id, country, names)| {
            names.iter().map(move |name| Name {
                id,
                country: country.clone(),
                text: compared(name),
            })
        })
        .collect();
    names.extend(proposed.iter().flat_map(|one| {
        let country = country(one);
        own_names(one).into_iter().filter_map(move |text| {
            Some(Name {
                id: one.id,
                country: country.clone()?,
                text,
            })
        })
    }));
    let warnings = renewed.into_iter().filter_map(|one| {
        let (country, own) = (country(one)?, own_names(one));
        let is_same = |name: &&Name<'_>| {
            name.id != one.id && name.country == country && own.contains(&name.text)
        };
        // The smallest id, so that the answer is the same each time.
        let same = names.iter().filter(is_same).map(|name| name.id).min()?;
        let message =
            format!("{same} has this name: update it, or give a name that tells the two apart");
        let at = one.at(&[RecordField::Names]);
        Some(at.finding(Code::Duplicate, message))
    });
    Ok(warnings.collect())
}

fn country(institution: &Outcome<'_>) -> Option<CountryCode> {
    institution.text(RecordField::Country)?.parse().ok()
}

fn own_names(institution: &Outcome<'_>) -> Vec<String> {
    let names = institution.content.get(&RecordField::Names.camel());
    let names = names.and_then(Value::as_array).into_iter().flatten();
    let names = names.filter_map(|name| serde_json::from_value(name.clone()).ok());
    names.map(|name| compared(&name)).collect()
}

/// The text of a name without regard to case and space.
fn compared(name: &LocalizedText) -> String {
    let words: Vec<&str> = name.text.split_whitespace().collect();
    words.join(" ").to_lowercase()
}
