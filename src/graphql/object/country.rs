//! Countries: the object, and its look-up by code.

use std::sync::Arc;

use async_graphql::{Context, Object, SimpleObject};
use cyberprofiles_graphql_macros::{at_once, pages};

use crate::engine::argument::{bounded, plain, read};
use crate::engine::connection::Connection;
use crate::engine::context::{RequestContext, View};
use crate::engine::error::Error;
use crate::engine::inline_resolve::Inline;
use crate::engine::objects::Objects;
use crate::engine::page::{Owned, PageArgs};
use crate::object::article_implementation::ArticleImplementation;
use crate::object::court_decision::{CourtDecision, CourtDecisionFilter};
use crate::object::coverage_assertion::{self, CoverageAssertion};
use crate::object::cybersecurity_body::CybersecurityBody;
use crate::object::institution::InstitutionFilter;
use crate::object::operational_unit::OperationalUnit;
use crate::object::participation::{self, TreatyParticipation};
use crate::object::policy_document::{PolicyDocument, PolicyDocumentFilter};
use crate::object::profile_section::{self, ProfileSection};
use crate::object::record_fields::{RecordFields, object};
use crate::object::source::{self, Source};
use crate::object::treaty_event::{TreatyEvent, TreatyEventFilter};
use crate::object::value::{LocalizedText, PartialDate, localized, partial};
use domain::country::{CountryKind, InternationalOrganisation, MembershipRole};
use domain::coverage_assertion::CoverageTopic;
use domain::language::LanguageRange;
use domain::order::PolicyDocumentOrder;
use domain::profile_section::ProfileTopic;
use domain::record::Kind;
use domain::terms::PROFILE_DISCLAIMER;
use domain::text::{CountryCode, Raw, TreatyReference};
use store::country::{Model, OfCode};
use store::institution::Institutions;
use store::load::By;
use store::record_counts::RecordCounts;
use store::{article_implementation, cybersecurity_body, operational_unit};

/// A state, territory or international organisation that can take part in treaties or has a profile.
pub struct Country {
    record_fields: RecordFields,
    row: Arc<Model>,
}
object!(Country, country);

/// A state, territory or international organisation that can take part in treaties or has a profile.
#[pages]
#[at_once]
#[Object]
impl Country {
    #[graphql(flatten)]
    async fn core(&self) -> &RecordFields {
        &self.record_fields
    }

    /// A short text to display in lists: the same as `name`.
    pub async fn label(
        &self,
        _ctx: &Context<'_>,
        #[graphql(desc = "Wanted languages, best first. Left out: English.")] language: Option<
            Vec<Raw<LanguageRange>>,
        >,
    ) -> Result<String, Error> {
        self.localized_name(language.as_deref())
    }

    /// State, territory, international organisation, or other: an entity with a disputed status or a withdrawn code.
    async fn kind(&self) -> CountryKind {
        self.row.kind
    }

    /// The code: ISO 3166-1 alpha-2, user-assigned `XK`, or reserved `EU`. It identifies the country and never changes.
    /// A withdrawn code (ISO 3166-3) has kind `OTHER`.
    async fn code(&self) -> &CountryCode {
        &self.row.code
    }

    /// ISO 3166-1 alpha-3; null if there is none.
    async fn alpha3(&self) -> Option<&str> {
        self.row.alpha3.as_deref()
    }

    /// ISO 3166-1 numeric, three digits as text; null if there is none.
    async fn numeric_code(&self) -> Option<&str> {
        self.row.numeric_code.as_deref()
    }

    /// The name in the wanted language that fits best, as the scalar `Language` describes; else in English. It is the
    /// name known at the moment, whatever the as-of date.
    async fn name(
        &self,
        #[graphql(desc = "Wanted languages, best first. Left out: English.")] language: Option<
            Vec<Raw<LanguageRange>>,
        >,
    ) -> Result<String, Error> {
        self.localized_name(language.as_deref())
    }

    /// All names, in the order of the record; at least one. Bounded: one or two a language.
    async fn names(&self) -> Objects<LocalizedText> {
        self.row.names.iter().cloned().map(LocalizedText).collect()
    }

    /// The region in the United Nations' M49 standard, in English; null for organisations and Antarctica.
    async fn region(&self) -> Option<&str> {
        self.row.region.as_deref()
    }

    /// The M49 subregion, in English; null if none is recorded.
    async fn subregion(&self) -> Option<&str> {
        self.row.subregion.as_deref()
    }

    /// A note that explains the name or code under which the country is listed, because its status is disputed or the
    /// code was withdrawn; null if there is none.
    async fn designation_note(&self) -> Option<&str> {
        self.row.designation_note.as_deref()
    }

    /// The country that administers this territory on the as-of date; null if none does. `administrations` has the
    /// earlier ones.
    async fn administered_by(&self, ctx: &Context<'_>) -> Option<Result<Inline<Country>, Error>> {
        let (now, earlier) = (self.row.administered_by.as_ref(), &self.row.administrations);
        let code = domain::country::administered_on(now, earlier, self.view.as_of)?;
        by_code(ctx, code.clone(), self.view).await.transpose()
    }

    /// Former administrations of this territory, each with its period, in the order of the record. All that are known
    /// at the moment, whatever the as-of date. Bounded: a few.
    async fn administrations(&self) -> Objects<Administration<'_>> {
        let earlier = self.row.administrations.iter();
        earlier
            .map(|administration| Administration {
                administration,
                view: self.view,
            })
            .collect()
    }

    /// Memberships of international organisations, as member or as observer, that began by the as-of date, former ones included, in the order of
    /// the record. Bounded: the organisations.
    async fn memberships(&self) -> Objects<Membership<'_>> {
        let begun =
            |membership: &&domain::country::Membership| membership.begins() <= self.view.as_of;
        self.row
            .memberships
            .iter()
            .filter(begun)
            .map(Membership)
            .collect()
    }

    /// A notice to show with the profile: on what it rests, and whose position it does not express. The standard text
    /// unless the country has its own.
    async fn disclaimer(&self) -> &str {
        self.row.disclaimer.as_deref().unwrap_or(PROFILE_DISCLAIMER)
    }

    /// The relation of this country to one treaty on the as-of date: the status (signatory, party, …), its dates, and
    /// the treaty events from which they follow.
    ///
    /// The status is computed from the acts that the country deposited or notified, and from the treaty's rule on entry
    /// into force. For a territory, the acts of the State that extended the treaty to it count too. The status is not
    /// copied from a depositary's table of signatures, and nobody enters it by hand. To ask for another day, use
    /// `at(asOf: …)`.
    ///
    /// For a country without any act under the treaty, a participation with status `NO_ACTION` or `UNKNOWN` is
    /// returned. Null only if there is no such treaty.
    /// Derived from other records: a mirror leaves it out.
    async fn treaty_status(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The treaty, by its reference. Left out: `ETS 185`, the Convention on Cybercrime of 2001.",
            default_with = "Raw::new(\"ETS 185\".to_owned())"
        )]
        treaty: Raw<TreatyReference>,
    ) -> Option<Result<Inline<TreatyParticipation>, Error>> {
        let treaty = match read("treaty", &treaty) {
            Ok(treaty) => treaty,
            Err(error) => return Some(Err(error)),
        };
        let found = participation::of_country_and_treaty(ctx, &self.row, treaty, self.view).await;
        found.transpose().map(|found| found.map(Inline))
    }

    /// The relation of this country to each treaty with at least one event of this country, or with one of another
    /// country that names it as a territory. Ordered by `reference` of the treaty. Bounded: tens.
    /// Derived from other records: a mirror leaves it out.
    async fn treaty_participations(
        &self,
        ctx: &Context<'_>,
    ) -> Result<Objects<TreatyParticipation>, Error> {
        let found = participation::of_country(ctx, &self.row, self.view).await?;
        Ok(found.into())
    }

    /// Treaty events of this country, oldest first; events without a date come last. Includes events dated after the
    /// as-of date. A partial date is sorted by the first day that it can mean.
    /// Derived from other records: a mirror leaves it out.
    async fn treaty_events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which events. Left out: all.")] filter: Option<TreatyEventFilter>,
        args: PageArgs,
    ) -> Result<Connection<TreatyEvent>, Error> {
        let filter = filter.unwrap_or_default().read()?;
        let events = self.own("Country.treatyEvents", filter);
        events.page(ctx, args, self.view, TreatyEvent::new).await
    }

    /// Policy documents of this country, last adopted first. Those that begin after the as-of date are left out, unless
    /// they are in development or drafts: see `Query.policyDocuments`.
    /// Derived from other records: a mirror leaves it out.
    async fn policy_documents(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which documents. Left out: all.")] filter: Option<PolicyDocumentFilter>,
        args: PageArgs,
    ) -> Result<Connection<PolicyDocument>, Error> {
        let filter = filter.unwrap_or_default();
        let filter = filter.read(PolicyDocumentOrder::AdoptedNewest)?;
        let documents = self.own("Country.policyDocuments", filter);
        documents
            .page(ctx, args, self.view, PolicyDocument::new)
            .await
    }

    /// Cybersecurity bodies of this country, by name. Those that begin after the as-of date are left out, unless they
    /// are planned or being set up.
    /// Derived from other records: a mirror leaves it out.
    async fn cybersecurity_bodies(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which bodies. Left out: all.")] filter: Option<InstitutionFilter>,
        args: PageArgs,
    ) -> Result<Connection<CybersecurityBody>, Error> {
        let filter = filter.unwrap_or_default().read()?;
        let bodies = Institutions::<cybersecurity_body::Entity>::new(filter);
        let bodies = self.own("Country.cybersecurityBodies", bodies);
        bodies
            .page(ctx, args, self.view, CybersecurityBody::new)
            .await
    }

    /// Operational units of this country, by name; those without a name come last. Those that begin after the as-of
    /// date are left out, unless they are planned or being set up.
    /// Derived from other records: a mirror leaves it out.
    async fn operational_units(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which units. Left out: all.")] filter: Option<InstitutionFilter>,
        args: PageArgs,
    ) -> Result<Connection<OperationalUnit>, Error> {
        let filter = filter.unwrap_or_default().read()?;
        let units = Institutions::<operational_unit::Entity>::new(filter);
        let units = self.own("Country.operationalUnits", units);
        units.page(ctx, args, self.view, OperationalUnit::new).await
    }

    /// The latest coverage assertion on each topic by the as-of date, absences included, in a fixed order of the
    /// topics. A topic without an assertion is not in the list: no examination of it is recorded. Bounded: one per
    /// topic.
    /// Derived from other records: a mirror leaves it out.
    async fn coverage(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only these topics. Left out: all.")] topics: Option<Vec<CoverageTopic>>,
    ) -> Result<Objects<CoverageAssertion>, Error> {
        bounded("topics", topics.as_deref())?;
        coverage_assertion::latest(ctx, &self.row.code, topics.as_deref(), self.view).await
    }

    /// The sections of the profile's text, in a fixed order of the topics, then by id. Bounded: a few per topic.
    /// Derived from other records: a mirror leaves it out.
    async fn sections(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only these topics. Left out: all.")] topics: Option<Vec<ProfileTopic>>,
    ) -> Result<Objects<ProfileSection>, Error> {
        bounded("topics", topics.as_deref())?;
        profile_section::of_country(ctx, &self.row.code, topics.as_deref(), self.view).await
    }

    /// The legal profile: for each article of a treaty on which something is recorded, the law that this country has for
    /// it; in the order of the treaty.
    /// Derived from other records: a mirror leaves it out.
    async fn article_implementations(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The treaty, by its reference. Left out: `ETS 185`, the Convention on Cybercrime of 2001.",
            default_with = "Raw::new(\"ETS 185\".to_owned())"
        )]
        treaty: Raw<TreatyReference>,
        #[graphql(
            desc = "Only these articles and their parts: `9` also means `9(1)(d)`. Left out: all."
        )]
        articles: Option<Vec<String>>,
        args: PageArgs,
    ) -> Result<Connection<ArticleImplementation>, Error> {
        bounded("articles", articles.as_deref())?;
        let implementations = self.own(
            "Country.articleImplementations",
            article_implementation::Filter {
                treaty: Some(read("treaty", &treaty)?),
                articles: plain("articles", articles)?,
                ..Default::default()
            },
        );
        implementations
            .page(ctx, args, self.view, ArticleImplementation::new)
            .await
    }

    /// Decisions of this country's courts on cybercrime and electronic evidence, newest first; those without a date come
    /// last. Includes decisions dated after the as-of date.
    /// Derived from other records: a mirror leaves it out.
    async fn court_decisions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which decisions. Left out: all.")] filter: Option<CourtDecisionFilter>,
        args: PageArgs,
    ) -> Result<Connection<CourtDecision>, Error> {
        let filter = filter.unwrap_or_default().read()?;
        let decisions = self.own("Country.courtDecisions", filter);
        decisions
            .page(ctx, args, self.view, CourtDecision::new)
            .await
    }

    /// The extent of the profile: the number of current records of each kind that belong to this country, 0 where there
    /// are none. Counts all that are known at the moment, whatever the as-of date. Bounded: one per kind.
    /// Derived from other records: a mirror leaves it out.
    async fn record_counts(&self, ctx: &Context<'_>) -> Result<Objects<RecordCount>, Error> {
        let key = RecordCounts {
            country: self.row.code.clone(),
            moment: self.view.moment,
        };
        let counts = ctx.loader().load_one(key).await?.unwrap_or_default();
        let counts = counts.iter();
        Ok(counts
            .map(|(kind, count)| RecordCount {
                kind: *kind,
                count: i32::try_from(*count).unwrap_or(i32::MAX),
            })
            .collect())
    }

    /// All sources that this profile cites, by id: for the country itself, and for all records that belong to it.
    /// Derived from other records: a mirror leaves it out.
    async fn sources(
        &self,
        ctx: &Context<'_>,
        args: PageArgs,
    ) -> Result<Connection<Source>, Error> {
        source::of_profile(ctx, &self.row, args, self.view).await
    }
}

impl Country {
    /// The part of a list that belongs to the country.
    fn own<L>(&self, name: &'static str, list: L) -> Owned<L> {
        Owned {
            name,
            list,
            column: "country",
            owner: self.row.code.to_string(),
        }
    }

    /// The name in the best of the wanted languages.
    ///
    /// # Errors
    /// `BAD_USER_INPUT` for a malformed language.
    pub fn localized_name(&self, language: Option<&[Raw<LanguageRange>]>) -> Result<String, Error> {
        let name = localized(&self.row.names, language)?;
        Ok(name.unwrap_or(self.row.id.as_str()).to_owned())
    }
}

/// A former administration of a territory.
struct Administration<'a> {
    administration: &'a domain::country::Administration,
    view: View,
}

/// A former administration of a territory by another country.
#[at_once]
#[Object]
impl Administration<'_> {
    /// The country that administered the territory.
    async fn country(&self, ctx: &Context<'_>) -> Result<Inline<Country>, Error> {
        let country = by_code(ctx, self.administration.country.clone(), self.view).await?;
        country.ok_or_else(|| Error::missing("the country of an administration"))
    }

    /// The first day of the administration; null if it is not known.
    async fn since(&self) -> Option<PartialDate> {
        partial(self.administration.since)
    }

    /// The last day of the administration.
    async fn until(&self) -> PartialDate {
        self.administration.until.into()
    }
}

/// The number of current records of one kind that belong to a country.
#[derive(SimpleObject)]
struct RecordCount {
    /// The kind.
    kind: Kind,
    /// The number of records.
    count: i32,
}

/// A membership of an organisation.
struct Membership<'a>(&'a domain::country::Membership);

/// A membership of an international organisation.
#[at_once]
#[Object]
impl Membership<'_> {
    /// The organisation.
    async fn organisation(&self) -> InternationalOrganisation {
        self.0.organisation
    }

    /// The role: member or observer.
    async fn role(&self) -> MembershipRole {
        self.0.role()
    }

    /// The first day of the membership; null if it is not known.
    async fn since(&self) -> Option<PartialDate> {
        partial(self.0.since)
    }

    /// The last day of the membership, as it is known at the moment, whatever the as-of date: it can be later than that
    /// date. Null if no last day is known, for example because the membership lasts.
    async fn until(&self) -> Option<PartialDate> {
        partial(self.0.until)
    }
}

/// Loads the row of the country with a code.
///
/// # Errors
/// `UNAVAILABLE`, `INTERNAL`
pub async fn row(
    ctx: &Context<'_>,
    code: CountryCode,
    view: View,
) -> Result<Option<Arc<Model>>, Error> {
    let key = By::new(OfCode, code, view.moment);
    let rows = ctx.loader().load_one(key).await?;
    Ok(rows.and_then(|rows| rows.first().cloned()))
}

/// Loads the country with a code.
///
/// # Errors
/// `UNAVAILABLE`, `INTERNAL`
pub async fn by_code(
    ctx: &Context<'_>,
    code: CountryCode,
    view: View,
) -> Result<Option<Inline<Country>>, Error> {
    let row = row(ctx, code, view).await?;
    Ok(row.map(|row| Inline(Country::new(row, view))))
}

/// The name of the country with a code, in the best of the wanted languages; the code if there is no such country.
///
/// # Errors
/// `BAD_USER_INPUT` for a malformed language.
pub async fn called(
    ctx: &Context<'_>,
    code: &CountryCode,
    language: Option<&[Raw<LanguageRange>]>,
    view: View,
) -> Result<String, Error> {
    match by_code(ctx, code.clone(), view).await? {
        Some(country) => country.0.localized_name(language),
        None => Ok(code.to_string()),
    }
}
