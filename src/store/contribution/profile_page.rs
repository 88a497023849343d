//! Contributions made from profile pages.

use std::sync::Arc;

use futures_util::future::{BoxFuture, FutureExt};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Condition, ExprTrait, Query};
use sea_orm::{ConnectionTrait, QueryFilter};

use super::entity::{Column, Entity, Model};
use super::handle::Contributions;
use super::propose::{all_findings, answered, new_contribution};
use super::subject;
use crate::error::Error;
use crate::moment::Moment;
use crate::record::{self, of_kind};
use crate::status_input::{SuccessionKinds, status_input};
use crate::write::Write;
use crate::{country, treaty, treaty_event};
use domain::change::ChangeInput;
use domain::check::{Checked, Code, Path};
use domain::contribution::{CreateContributionInput, State};
use domain::country::CountryKind;
use domain::date::Date;
use domain::idempotency::Once;
use domain::record::{Kind, RecordField, RecordId};
use domain::text::{CountryCode, Markdown};
use domain::treaty_event::TreatyEventKind;
use domain::treaty_status::{TreatyStatus, status};
use domain::url::Url;
use domain::viewer::Contributor;
use page::{Countries, Known, KnownRecord, Origin, Page, Proposal};
use serde_json::Map;

/// The treaty whose status a profile page prints.
const TREATY: &str = "ETS 185";

/// A profile page that is to become a contribution.
#[derive(Clone, Debug)]
pub struct ProfilePage {
    /// The country of the page.
    pub country: CountryCode,
    /// The text or the saved HTML.
    pub bytes: Vec<u8>,
    /// The address of the page.
    pub url: Option<Url>,
    /// The day on which it was read.
    pub retrieved_on: Option<Date>,
    /// True if the contribution is submitted at once.
    pub submit: bool,
    /// True if nothing is to be stored.
    pub validate_only: bool,
    /// The idempotency key of the request.
    pub once: Option<Once>,
}

/// The result of the import of a page.
#[derive(Clone, Debug)]
pub struct ImportedPage {
    /// The contribution; `None` if the page tells nothing new.
    pub contribution: Option<Model>,
    /// True if the contribution was there before.
    pub is_known: bool,
    /// The changes, and the texts that could not be placed.
    pub proposal: Proposal,
}

impl Contributions<'_> {
    /// Makes a contribution from a profile page. If an open contribution that the author can see proposes the same changes,
    /// it is returned, and no other is made.
    ///
    /// # Errors
    /// [`Error::Refused`] if the page cannot be read, or is about another country.
    pub fn import_page<'a>(
        &'a self,
        author: &'a Contributor,
        page: ProfilePage,
    ) -> BoxFuture<'a, Result<ImportedPage, Error>> {
        async move {
            let countries = countries(self.store.reader(), &page.country).await?;
            let (read, countries) = read(page.bytes, &page.country, countries).await?;
            let work = async |tx: &Write| {
                let now = self.store.clock().now();
                let origin = Origin {
                    country: page.country,
                    url: page.url,
                    retrieved_on: page.retrieved_on,
                    today: Date::of(now),
                };
                let known = known(tx, &origin, &countries).await?;
                let mut proposal = page::propose(&read, &origin, &countries, &known);
                if let Some(remark) = disagreement(tx, &read, &origin).await? {
                    proposal.rationale = format!("{remark}\n\n{}", proposal.rationale);
                }
                let seen = answered(tx, author.actor(), page.once.as_ref(), now).await?;
                let same = match seen {
                    Some(row) => Some(row),
                    None => open_with(tx, author, &origin.country, &proposal.changes).await?,
                };
                if same.is_some() || proposal.changes.is_empty() {
                    return Ok(ImportedPage {
                        is_known: same.is_some(),
                        contribution: same,
                        proposal,
                    });
                }
                let input = CreateContributionInput {
                    title: proposal.title.clone(),
                    rationale: Markdown(proposal.rationale.clone()),
                    changes: proposal.changes.clone(),
                    submit: Some(page.submit),
                    validate_only: Some(page.validate_only),
                    idempotency_key: None,
                };
                let checked = match input.checked() {
                    Ok(checked) => checked,
                    Err(rejected) => {
                        let found = all_findings(tx, rejected, origin.today).await?;
                        return Err(Error::Refused(found));
                    }
                };
                let mut checked = Checked::into_inner(checked);
                checked.once = page.once;
                let row = new_contribution(tx, author.actor(), checked, now).await?;
                Ok(ImportedPage {
                    contribution: Some(row),
                    is_known: false,
                    proposal,
                })
            };
            self.store.write(work).await
        }
        .boxed()
    }
}

fn finding(member: &str, code: Code, message: String) -> Error {
    Path::default().then(member).finding(code, message).into()
}

/// The names of all countries. One of them must be the country of the page.
async fn countries<C: ConnectionTrait>(db: &C, of: &CountryCode) -> Result<Countries, Error> {
    let rows = country::Entity::find()
        .filter(Moment::current::<country::Entity>())
        .all(db)
        .await?;
    if rows.iter().all(|row| row.code != *of) {
        let message =
            format!("there is no Country {of}: expected the `code` of one of `countries`");
        return Err(finding("country", Code::NotFound, message));
    }
    // The languages of the pages. English comes first: it is used in messages and titles.
    let named = rows.iter().map(|row| {
        let names = ["en", "fr"].into_iter().flat_map(|language| {
            let names = row.names.iter();
            names.filter(move |name| name.language.to_string() == language)
        });
        let names = names.map(|name| name.text.as_str()).collect();
        (row.code.clone(), names)
    });
    Ok(Countries::new::<&str>(named))
}

/// Reads a page on a thread of its own: a long one takes time.
async fn read(
    bytes: Vec<u8>,
    of: &CountryCode,
    countries: Countries,
) -> Result<(Page, Countries), Error> {
    let of = of.clone();
    let reading = tokio::task::spawn_blocking(move || {
        let read = page::read(&bytes, &of, &countries);
        (read, countries)
    });
    let (read, countries) = reading
        .await
        .map_err(|error| Error::Unreadable(error.to_string()))?;
    let read = read.map_err(|error| finding("text", Code::Invalid, error.to_string()))?;
    Ok((read, countries))
}

/// The records with which a page is compared.
async fn known(tx: &Write, origin: &Origin, countries: &Countries) -> Result<Known, Error> {
    let mut records = Vec::new();
    for kind in Kind::all().filter(|kind| *kind != Kind::Country) {
        let has_country = of_kind!(kind, E => <E as record::Noun>::COUNTRY.is_some());
        if has_country {
            let rows = record::rows(tx, kind, |column| {
                Condition::all()
                    .add(column("country").eq(origin.country.clone()))
                    .add(column("until").is_null())
            });
            records.extend(rows.await?);
        }
    }
    let title = page::title(&origin.country, countries);
    let addresses: Vec<String> = origin.url.iter().flat_map(page::addresses).collect();
    let key = format!(
        "Source:page-{}-%",
        origin.country.to_string().to_lowercase()
    );
    let sources = record::rows(tx, Kind::Source, |column| {
        let same = Condition::any()
            .add(column("title").eq(title))
            .add(column("url").is_in(addresses))
            .add(column("id").like(key));
        Condition::all().add(column("until").is_null()).add(same)
    });
    records.extend(sources.await?);
    let mut records: Vec<KnownRecord> = records.into_iter().map(known_record).collect();
    records.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(Known { records })
}

fn known_record((id, version): (RecordId, record::StoredVersion)) -> KnownRecord {
    KnownRecord {
        id,
        version: version.version,
        content: version.content,
    }
}

/// A remark if the status that the page prints is not the one computed for its day. The status of a territory, and of a
/// country that succeeded to an act of another, depends on other countries: no remark is made of them.
async fn disagreement(tx: &Write, page: &Page, origin: &Origin) -> Result<Option<String>, Error> {
    let Some(label) = &page.status.label else {
        return Ok(None);
    };
    let country = country::Entity::find()
        .filter(Moment::current::<country::Entity>())
        .filter(country::Column::Code.eq(origin.country.clone()))
        .one(tx)
        .await?;
    if country.is_none_or(|country| country.kind == CountryKind::Territory) {
        return Ok(None);
    }
    let treaty = treaty::Entity::find()
        .filter(Moment::current::<treaty::Entity>())
        .filter(treaty::Column::Reference.eq(TREATY))
        .one(tx)
        .await?;
    let events = treaty_event::Entity::find()
        .filter(Moment::current::<treaty_event::Entity>())
        .filter(treaty_event::Column::Treaty.eq(TREATY))
        .filter(treaty_event::Column::Country.eq(origin.country.clone()))
        .all(tx)
        .await?;
    let succeeded = events
        .iter()
        .any(|event| event.kind == TreatyEventKind::Succession);
    let Some(treaty) = treaty.filter(|_| !succeeded) else {
        return Ok(None);
    };
    let events: Vec<_> = events.into_iter().map(Arc::new).collect();
    let input = status_input(&treaty, &events, &SuccessionKinds::new(), None);
    let day = page.last_updated.map_or(origin.today, |(day, _)| day);
    let computed = status(&input, day, origin.today).status;
    let is_known = computed != TreatyStatus::Unknown;
    Ok((is_known && !computed.agrees_with(&label.value)).then(|| {
        let computed = serde_json::to_value(computed).unwrap_or_default();
        let computed = computed.as_str().unwrap_or_default();
        let printed = &label.value;
        format!(
            "The page prints the status “{printed}”. The status computed for {day} is {computed}."
        )
    }))
}

/// The open contribution that proposes the same changes: one of the author, or one that was submitted.
async fn open_with(
    tx: &Write,
    author: &Contributor,
    country: &CountryCode,
    changes: &[ChangeInput],
) -> Result<Option<Model>, Error> {
    let open = [
        State::Draft,
        State::Submitted,
        State::InReview,
        State::ChangesRequested,
    ];
    let of_country = Query::select()
        .column(subject::Column::Contribution)
        .from(subject::Entity)
        .and_where(subject::Column::Subject.eq(country.to_string()))
        .to_owned();
    let rows = Entity::find()
        .filter(Column::State.is_in(open))
        .filter(Column::Id.in_subquery(of_country))
        .all(tx)
        .await?;
    let wanted = comparable(changes);
    let mut visible = rows.into_iter();
    Ok(visible.find(|row| {
        let is_visible = row.state != State::Draft || row.is_by(author.actor());
        is_visible && comparable(&row.changes.0) == wanted
    }))
}

/// Changes without what can differ between two imports of one page: the keys of new records, and the day of reading.
fn comparable(changes: &[ChangeInput]) -> Vec<serde_json::Value> {
    let plain = changes.iter().map(|change| {
        let mut change = serde_json::to_value(change).unwrap_or_default();
        let bodies = change.as_object_mut().into_iter().flat_map(Map::values_mut);
        for body in bodies.filter_map(serde_json::Value::as_object_mut) {
            body.remove("key");
            let fields = body
                .get_mut("fields")
                .and_then(serde_json::Value::as_object_mut);
            fields.map(|fields| fields.remove(&RecordField::RetrievedOn.camel()));
        }
        change
    });
    plain.collect()
}
