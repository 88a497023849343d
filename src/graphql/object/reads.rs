//! What can be read of the profiles: now, and at any other moment.

use std::collections::BTreeSet;

use async_graphql::{Context, ID, Object};
use cyberprofiles_graphql_macros::pages;
use serde_json::json;

use crate::engine::argument::{read, read_list};
use crate::engine::connection::Connection;
use crate::engine::context::{Asks, View};
use crate::engine::cursor::{List, told};
use crate::engine::error::Error;
use crate::engine::in_place::InPlace;
use crate::engine::limits::size;
use crate::engine::objects::Objects;
use crate::engine::page::{self, Asked};
use crate::object::country::{self, Country, CountryFilter};
use crate::object::cybersecurity_body::CybersecurityBody;
use crate::object::institution::InstitutionFilter;
use crate::object::node::{node, nodes};
use crate::object::operational_unit::OperationalUnit;
use crate::object::policy_document::{PolicyDocument, PolicyDocumentFilter};
use crate::object::record::{self, Node, Record};
use crate::object::treaty::{self, Treaty};
use crate::object::treaty_event::{self, TreatyEvent, TreatyEventFilter};
use domain::order::{CountryOrder, PolicyDocumentOrder};
use domain::record::{Kind, RecordId};
use domain::text::{CountryCode, Raw, TreatyReference};
use store::institution::Institutions;
use store::record::word;
use store::records::Records;

/// The published profiles, seen from a view: what can be read now, and at any other moment.
pub struct Reads {
    /// From where.
    pub view: View,
}

/// The published profiles, seen from a view.
#[pages]
#[Object]
impl Reads {
    /// The country with a code; null where there is none.
    async fn country(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its code.")] code: Raw<CountryCode>,
    ) -> Option<Result<InPlace<Country>, Error>> {
        match read("code", &code) {
            Ok(code) => country::by_code(ctx, code, self.view).await.transpose(),
            Err(error) => Some(Err(error)),
        }
    }

    /// Countries. Organisations only where `filter.kinds` asks for them.
    async fn countries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which countries.")] filter: Option<CountryFilter>,
        #[graphql(desc = "How they are sorted; by name if left out.")] order_by: Option<
            CountryOrder,
        >,
        asked: Asked,
    ) -> Result<Connection<Country>, Error> {
        let order = order_by.unwrap_or(CountryOrder::Name);
        country::list(ctx, filter.unwrap_or_default(), order, asked, self.view).await
    }

    /// The treaty with a reference; null where there is none.
    async fn treaty(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What its depositary calls it.")] reference: Raw<TreatyReference>,
    ) -> Option<Result<InPlace<Treaty>, Error>> {
        match read("reference", &reference) {
            Ok(reference) => treaty::by_reference(ctx, reference, self.view)
                .await
                .transpose(),
            Err(error) => Some(Err(error)),
        }
    }

    /// Treaties, by reference.
    async fn treaties(&self, ctx: &Context<'_>, asked: Asked) -> Result<Connection<Treaty>, Error> {
        treaty::list(ctx, asked, self.view).await
    }

    /// Treaty events as known, those after the day of the view too, oldest first; those without a date come
    /// last.
    async fn treaty_events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which events.")] filter: Option<TreatyEventFilter>,
        asked: Asked,
    ) -> Result<Connection<TreatyEvent>, Error> {
        treaty_event::list(ctx, filter.unwrap_or_default(), asked, self.view).await
    }

    /// Policy documents; those that begin after the day of the view are left out.
    async fn policy_documents(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which documents.")] filter: Option<PolicyDocumentFilter>,
        #[graphql(desc = "How they are sorted; last adopted first if left out.")] order_by: Option<
            PolicyDocumentOrder,
        >,
        asked: Asked,
    ) -> Result<Connection<PolicyDocument>, Error> {
        let order = order_by.unwrap_or(PolicyDocumentOrder::AdoptedNewest);
        let filter = filter.unwrap_or_default().read(order)?;
        let make = PolicyDocument::new;
        page::listed(ctx, "policyDocuments", &filter, asked, self.view, make).await
    }

    /// Cybersecurity bodies, by name; those that begin after the day of the view are left out.
    async fn cybersecurity_bodies(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which bodies.")] filter: Option<InstitutionFilter>,
        asked: Asked,
    ) -> Result<Connection<CybersecurityBody>, Error> {
        let filter = filter.unwrap_or_default().read()?;
        let bodies = Institutions::<store::cybersecurity_body::Entity>::new(filter);
        let make = CybersecurityBody::new;
        page::listed(ctx, "cybersecurityBodies", &bodies, asked, self.view, make).await
    }

    /// Operational units, by name, those without one last; those that begin after the day of the view
    /// are left out.
    async fn operational_units(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which units.")] filter: Option<InstitutionFilter>,
        asked: Asked,
    ) -> Result<Connection<OperationalUnit>, Error> {
        let filter = filter.unwrap_or_default().read()?;
        let units = Institutions::<store::operational_unit::Entity>::new(filter);
        let make = OperationalUnit::new;
        page::listed(ctx, "operationalUnits", &units, asked, self.view, make).await
    }

    /// Every current record, by id: for mirrors.
    async fn records(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only of these nouns.")] kinds: Option<Vec<Kind>>,
        #[graphql(desc = "Only of records that belong to one of these countries.")]
        countries: Option<Vec<Raw<CountryCode>>>,
        asked: Asked,
    ) -> Result<Connection<Record>, Error> {
        let countries = read_list("countries", countries.as_deref())?;
        let words = kinds.as_ref().map(|kinds| {
            let words: BTreeSet<String> = kinds.iter().map(word).collect();
            json!(words)
        });
        let mut kinds = kinds.unwrap_or_else(|| Kind::all().collect());
        kinds.sort_unstable();
        kinds.dedup();
        let of = told([("kinds", json!(words)), ("countries", json!(countries))]);
        let list = List::new("records", move || of.clone());
        let page = asked.page(ctx, &list)?;
        let asked = Records {
            moment: self.view.moment,
            kinds,
            countries,
            page,
        };
        asked.check()?;
        let slice = ctx.loader().load_one(asked).await?.unwrap_or_default();
        let records = record::records(ctx, slice.rows.clone(), self.view).await?;
        let mut records = records.into_iter();
        let place = |id: &RecordId| list.place([id.as_str().into()]);
        let slice = slice.of_each(|id| records.next().map(|record| (place(id), record)));
        Ok(Connection::of(slice.present()))
    }

    /// The object with an id, that of a past state too; null where there is none.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "An `id` as this service gave it out, or a `recordId`.")] id: ID,
    ) -> Option<Result<InPlace<Node>, Error>> {
        let node = node(ctx, "id", &id, self.view).await.transpose()?;
        Some(node.map(InPlace))
    }

    /// The objects with these ids, in their order; null for each that there is none of, and for one that is malformed,
    /// with an error at its place.
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Ids, as many at most as a page may have.")] ids: Vec<ID>,
    ) -> Result<Objects<Option<Result<InPlace<Node>, Error>>>, Error> {
        let most = ctx.limits().max_page_size;
        if ids.len() > size(most) {
            return Err(Error::bad("ids", format!("expected {most} ids at most")));
        }
        nodes(ctx, &ids, self.view).await
    }
}
