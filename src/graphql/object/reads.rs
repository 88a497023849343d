//! The root fields of the profiles, for any view.

use std::collections::BTreeSet;

use async_graphql::{Context, ID, Object};
use cyberprofiles_graphql_macros::{at_once, pages};
use serde_json::json;

use crate::engine::argument::{bounded, read, read_list};
use crate::engine::connection::Connection;
use crate::engine::context::{RequestContext, View};
use crate::engine::cursor::{ListTag, arguments};
use crate::engine::error::Error;
use crate::engine::inline_resolve::Inline;
use crate::engine::limits::size;
use crate::engine::objects::Objects;
use crate::engine::page::{self, PageArgs};
use crate::object::article_implementation::{ArticleImplementation, ArticleImplementationFilter};
use crate::object::country::{self, Country};
use crate::object::country_list::{self, CountryFilter};
use crate::object::court_decision::{CourtDecision, CourtDecisionFilter};
use crate::object::coverage_assertion::{self, CoverageCount};
use crate::object::cybersecurity_body::CybersecurityBody;
use crate::object::institution::InstitutionFilter;
use crate::object::node::{node, nodes};
use crate::object::operational_unit::OperationalUnit;
use crate::object::policy_document::{PolicyDocument, PolicyDocumentFilter};
use crate::object::record::{self, Node, Record};
use crate::object::source::{Source, SourceFilter};
use crate::object::treaty::{self, Treaty};
use crate::object::treaty_event::{self, TreatyEvent, TreatyEventFilter};
use domain::coverage_assertion::CoverageTopic;
use domain::order::{CountryOrder, PolicyDocumentOrder};
use domain::record::{Kind, RecordId};
use domain::text::{CountryCode, Raw, TreatyReference};
use store::institution::Institutions;
use store::record::word;
use store::records::Records;

/// The root fields of the profiles, for one view.
pub struct Reads {
    /// The view.
    pub view: View,
}

/// The root fields of the profiles, for one view.
#[pages]
#[at_once]
#[Object]
impl Reads {
    /// The country with this code; null if there is none. An error for a code by which people mean another one: for `UK`
    /// it names `GB`.
    async fn country(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its code, as in `AZ`.")] code: Raw<CountryCode>,
    ) -> Option<Result<Inline<Country>, Error>> {
        match read("code", &code) {
            Ok(code) => country::by_code(ctx, code, self.view).await.transpose(),
            Err(error) => Some(Err(error)),
        }
    }

    /// The current countries, by name unless `orderBy` says otherwise. International organisations are left out unless
    /// `filter.kinds` contains `ORGANISATION`.
    async fn countries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which countries. Left out: all but organisations.")] filter: Option<
            CountryFilter,
        >,
        #[graphql(desc = "The order. Left out: `NAME`.")] order_by: Option<CountryOrder>,
        args: PageArgs,
    ) -> Result<Connection<Country>, Error> {
        let order = order_by.unwrap_or(CountryOrder::Name);
        country_list::list(ctx, filter.unwrap_or_default(), order, args, self.view).await
    }

    /// The treaty with this reference; null if there is none.
    async fn treaty(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its reference at its depositary, as in `ETS 185`.")] reference: Raw<
            TreatyReference,
        >,
    ) -> Option<Result<Inline<Treaty>, Error>> {
        match read("reference", &reference) {
            Ok(reference) => treaty::by_reference(ctx, reference, self.view)
                .await
                .transpose(),
            Err(error) => Some(Err(error)),
        }
    }

    /// All current treaties, in the alphabetical order of `reference`.
    async fn treaties(
        &self,
        ctx: &Context<'_>,
        args: PageArgs,
    ) -> Result<Connection<Treaty>, Error> {
        treaty::list(ctx, args, self.view).await
    }

    /// Treaty events, oldest first; events without a date come last. Includes events dated after the as-of date. A
    /// partial date is sorted by the first day that it can mean.
    async fn treaty_events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which events. Left out: all.")] filter: Option<TreatyEventFilter>,
        args: PageArgs,
    ) -> Result<Connection<TreatyEvent>, Error> {
        treaty_event::list(ctx, filter.unwrap_or_default(), args, self.view).await
    }

    /// Policy documents, last adopted first unless `orderBy` says otherwise. A document that begins after the as-of
    /// date is left out, unless it is in development or a draft. It begins when it is first adopted, published or in
    /// force; if none of these dates is known, with its period.
    async fn policy_documents(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which documents. Left out: all.")] filter: Option<PolicyDocumentFilter>,
        #[graphql(desc = "The order. Left out: `ADOPTED_NEWEST`.")] order_by: Option<
            PolicyDocumentOrder,
        >,
        args: PageArgs,
    ) -> Result<Connection<PolicyDocument>, Error> {
        let order = order_by.unwrap_or(PolicyDocumentOrder::AdoptedNewest);
        let filter = filter.unwrap_or_default().read(order)?;
        let make = PolicyDocument::new;
        page::listed(ctx, "policyDocuments", &filter, args, self.view, make).await
    }

    /// Cybersecurity bodies, by name. A body whose `period` begins after the as-of date is left out, unless it is
    /// planned or being set up.
    async fn cybersecurity_bodies(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which bodies. Left out: all.")] filter: Option<InstitutionFilter>,
        args: PageArgs,
    ) -> Result<Connection<CybersecurityBody>, Error> {
        let filter = filter.unwrap_or_default().read()?;
        let bodies = Institutions::<store::cybersecurity_body::Entity>::new(filter);
        let make = CybersecurityBody::new;
        page::listed(ctx, "cybersecurityBodies", &bodies, args, self.view, make).await
    }

    /// Operational units, by name; those without a name come last. A unit whose `period` begins after the as-of date is
    /// left out, unless it is planned or being set up.
    async fn operational_units(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which units. Left out: all.")] filter: Option<InstitutionFilter>,
        args: PageArgs,
    ) -> Result<Connection<OperationalUnit>, Error> {
        let filter = filter.unwrap_or_default().read()?;
        let units = Institutions::<store::operational_unit::Entity>::new(filter);
        let make = OperationalUnit::new;
        page::listed(ctx, "operationalUnits", &units, args, self.view, make).await
    }

    /// Implementations of articles, by treaty, and by article in the order of the treaty. Those of one article are
    /// ordered by id, which begins with the country.
    async fn article_implementations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which implementations. Left out: all.")] filter: Option<
            ArticleImplementationFilter,
        >,
        args: PageArgs,
    ) -> Result<Connection<ArticleImplementation>, Error> {
        let filter = filter.unwrap_or_default().read()?;
        let make = ArticleImplementation::new;
        page::listed(
            ctx,
            "articleImplementations",
            &filter,
            args,
            self.view,
            make,
        )
        .await
    }

    /// Court decisions, newest first; those without a date come last. Includes decisions dated after the as-of date.
    async fn court_decisions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which decisions. Left out: all.")] filter: Option<CourtDecisionFilter>,
        args: PageArgs,
    ) -> Result<Connection<CourtDecision>, Error> {
        let filter = filter.unwrap_or_default().read()?;
        let make = CourtDecision::new;
        page::listed(ctx, "courtDecisions", &filter, args, self.view, make).await
    }

    /// Sources, by id.
    async fn sources(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which sources. Left out: all.")] filter: Option<SourceFilter>,
        args: PageArgs,
    ) -> Result<Connection<Source>, Error> {
        let filter = filter.unwrap_or_default().read()?;
        page::listed(ctx, "sources", &filter, args, self.view, Source::new).await
    }

    /// The names of all M49 regions and subregions that countries have, in alphabetical order: the values that filters
    /// by region accept.
    async fn regions(&self, ctx: &Context<'_>) -> Result<Vec<String>, Error> {
        country_list::regions(ctx, self.view).await
    }

    /// The number of countries with each value of the latest coverage assertion on each topic by the as-of date, for
    /// maps and charts; grouped by topic. A value without countries is left out, and a country without an assertion on
    /// a topic is not counted there. Organisations are left out. Bounded: the topics times the values.
    async fn coverage_counts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only these topics. Left out: all.")] topics: Option<Vec<CoverageTopic>>,
        #[graphql(
            desc = "Only countries in one of these M49 regions or subregions, by their exact English names: those of `Query.regions`. Left out: all."
        )]
        regions: Option<Vec<String>>,
    ) -> Result<Objects<CoverageCount>, Error> {
        bounded("topics", topics.as_deref())?;
        let among = country_list::codes_in(ctx, regions, self.view).await?;
        coverage_assertion::counts(ctx, topics, &among, self.view).await
    }

    /// All current records of all kinds, ordered by id. A mirror reads every page once, and then follows `changes`.
    async fn records(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only records of these kinds. Left out: all.")] kinds: Option<Vec<Kind>>,
        #[graphql(
            desc = "Only records that belong to one of these countries; treaties and sources belong to none."
        )]
        countries: Option<Vec<Raw<CountryCode>>>,
        args: PageArgs,
    ) -> Result<Connection<Record>, Error> {
        let countries = read_list("countries", countries.as_deref())?;
        let words = kinds.as_ref().map(|kinds| {
            let words: BTreeSet<String> = kinds.iter().map(word).collect();
            json!(words)
        });
        let mut kinds = kinds.unwrap_or_else(|| Kind::all().collect());
        kinds.sort_unstable();
        kinds.dedup();
        let of = arguments([("kinds", json!(words)), ("countries", json!(countries))]);
        let list = ListTag::new("records", move || of.clone());
        let page = args.page(ctx, &list)?;
        let records = Records {
            moment: self.view.moment,
            kinds,
            countries,
            page,
        };
        records.check()?;
        let slice = ctx.loader().load_one(records).await?.unwrap_or_default();
        let records = record::records(ctx, slice.rows.clone(), self.view).await?;
        let mut records = records.into_iter();
        let place = |id: &RecordId| list.cursor([id.as_str().into()]);
        let slice = slice.of_each(|id| records.next().map(|record| (place(id), record)));
        Ok(Connection::of(slice.present()))
    }

    /// The object with this id: a record (also a retired one), a contribution or a change. An id that ends in
    /// `@<cursor>[,<asOf>]` is read in the view that it names, any other in this view. Null if there is no such object,
    /// or if the viewer may not see it.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "An `id` that this service returned, or a `recordId`.")] id: ID,
    ) -> Option<Result<Inline<Node>, Error>> {
        let node = node(ctx, "id", &id, self.view).await.transpose()?;
        Some(node.map(Inline))
    }

    /// The objects with these ids, in the order of the ids. Null for an id without an object; null and an error at its
    /// position for a malformed id.
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The ids, as in `node`: at most `serviceConfig.maxPageSize`.")] ids: Vec<
            ID,
        >,
    ) -> Result<Objects<Option<Result<Inline<Node>, Error>>>, Error> {
        let most = ctx.limits().max_page_size;
        if ids.len() > size(most) {
            return Err(Error::bad("ids", format!("expected {most} ids at most")));
        }
        nodes(ctx, &ids, self.view).await
    }
}
