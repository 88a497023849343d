//! Treaty events.

use std::sync::Arc;

use async_graphql::{Context, InputObject, Object};
use serde_json::{Value, json};

use crate::engine::argument::{bounded, read_list, read_option};
use crate::engine::connection::Connection;
use crate::engine::context::{Asks, View};
use crate::engine::cursor::{Told, told};
use crate::engine::error::Error;
use crate::engine::in_place::InPlace;
use crate::engine::page::{self, Asked};
use crate::object::core::{Core, object};
use crate::object::country::{self, Country};
use crate::object::institution::{self, Institution};
use crate::object::treaty::{self, Treaty};
use crate::object::value::{PartialDate, partial};
use domain::date::Day;
use domain::institution::InstitutionFunction;
use domain::language::Wanted;
use domain::text::{CountryCode, Raw, TreatyReference};
use domain::treaty_event::TreatyEventKind;
use store::load::ById;
use store::record::word;
use store::treaty_event::{Entity, Filter, Model};

/// One dated act of one country under one treaty, in the depositary's vocabulary.
pub struct TreatyEvent {
    core: Core,
    row: Arc<Model>,
}
object!(TreatyEvent, treaty_event);

/// One dated act of one country under one treaty, in the depositary's vocabulary.
#[Object]
impl TreatyEvent {
    #[graphql(flatten)]
    async fn core(&self) -> &Core {
        &self.core
    }

    /// What to call it in a list: country, treaty, kind and date.
    /// Derived from other records: a mirror leaves it out.
    pub async fn label(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Wanted languages of the country's name, best first.")] language: Option<
            Vec<Raw<Wanted>>,
        >,
    ) -> Result<String, Error> {
        let country =
            country::called(ctx, &self.row.country, language.as_deref(), self.view).await?;
        let kind = word(&self.row.kind).to_lowercase().replace('_', " ");
        let date = self
            .row
            .date
            .map(|date| format!(", {date}"))
            .unwrap_or_default();
        Ok(format!("{country}, {}: {kind}{date}", self.row.treaty))
    }

    /// What kind of act it is.
    async fn kind(&self) -> TreatyEventKind {
        self.row.kind
    }

    /// When it was done; null for an invitation whose date no source tells.
    async fn date(&self) -> Option<PartialDate> {
        partial(self.row.date)
    }

    /// When it takes effect, where the depositary says so.
    async fn effective_date(&self) -> Option<PartialDate> {
        partial(self.row.effective_date)
    }

    /// The last day on which it holds, where a source says so; null for what does not last.
    async fn ends_on(&self) -> Option<PartialDate> {
        partial(self.row.ends_on)
    }

    /// The instrument in which it was made.
    async fn instrument(&self) -> Option<&str> {
        self.row.instrument.as_deref()
    }

    /// Whose act it is.
    async fn country(&self, ctx: &Context<'_>) -> Result<InPlace<Country>, Error> {
        let country = country::by_code(ctx, self.row.country.clone(), self.view).await?;
        country.ok_or_else(|| Error::missing("the country of an event"))
    }

    /// Under which treaty.
    async fn treaty(&self, ctx: &Context<'_>) -> Result<InPlace<Treaty>, Error> {
        let treaty = treaty::by_reference(ctx, self.row.treaty.clone(), self.view).await?;
        treaty.ok_or_else(|| Error::missing("the treaty of an event"))
    }

    /// The articles it is about, in the order of the source. Bounded: 200.
    async fn articles(&self) -> &[String] {
        &self.row.articles
    }

    /// The territories it is about, by ISO 3166-1 code where they have one: then it does not move
    /// the country's own status. Bounded: 200.
    async fn territories(&self) -> &[String] {
        &self.row.territories
    }

    /// What it says.
    async fn text(&self) -> Option<&str> {
        self.row.text.as_deref()
    }

    /// The earlier event that it withdraws, confirms, objects to or succeeds to; of a designation, the
    /// one whose place it takes.
    async fn relates_to(&self, ctx: &Context<'_>) -> Option<Result<TreatyEvent, Error>> {
        let id = self.row.relates_to.clone()?;
        let key = ById::<Entity>::new(id, self.view.moment);
        match ctx.loader().load_one(key).await {
            Ok(row) => row.map(|row| Ok(Self::new(row, self.view))),
            Err(error) => Some(Err(error.into())),
        }
    }

    /// The status as a page printed it: compared, never believed.
    async fn reported_label(&self) -> Option<&str> {
        self.row.reported_label.as_deref()
    }

    /// The authority that is designated, as it is known now: `namedAs` is how it was called.
    async fn designated_institution(
        &self,
        ctx: &Context<'_>,
    ) -> Option<Result<InPlace<Institution>, Error>> {
        let id = self.row.designated_institution.as_ref()?;
        institution::in_place(institution::find(ctx, id, self.view).await)
    }

    /// What it is designated for.
    async fn designated_function(&self) -> Option<InstitutionFunction> {
        self.row.designated_function
    }

    /// The name of the authority as it was declared.
    async fn named_as(&self) -> Option<&str> {
        self.row.named_as.as_deref()
    }
}

/// Which treaty events. What is left out does not narrow; an empty list matches nothing.
#[derive(Clone, Debug, Default, InputObject)]
pub struct TreatyEventFilter {
    /// Under this treaty.
    treaty: Option<Raw<TreatyReference>>,
    /// Of one of these countries.
    countries: Option<Vec<Raw<CountryCode>>>,
    /// Of one of these kinds.
    kinds: Option<Vec<TreatyEventKind>>,
    /// Done on this day or later. A partial date counts where it may fall into the range; an event
    /// without a date never does.
    from: Option<Raw<Day>>,
    /// Done on this day or earlier.
    to: Option<Raw<Day>>,
}

impl Told for Filter {
    fn told(&self) -> Value {
        let Self {
            treaty,
            countries,
            kinds,
            from,
            to,
        } = self;
        told([
            ("treaty", json!(treaty)),
            ("countries", json!(countries)),
            ("kinds", json!(kinds)),
            ("from", json!(from)),
            ("to", json!(to)),
        ])
    }
}

impl TreatyEventFilter {
    /// The same, read.
    ///
    /// # Errors
    /// `BAD_USER_INPUT`
    pub fn read(self) -> Result<Filter, Error> {
        bounded("filter.kinds", self.kinds.as_deref())?;
        let filter = Filter {
            treaty: read_option("filter.treaty", self.treaty.as_ref())?,
            countries: read_list("filter.countries", self.countries.as_deref())?,
            kinds: self.kinds,
            from: read_option("filter.from", self.from.as_ref())?,
            to: read_option("filter.to", self.to.as_ref())?,
        };
        if let (Some(from), Some(to)) = (filter.from, filter.to)
            && to < from
        {
            return Err(Error::bad(
                "filter.to",
                format!("expected a day on or after {from}"),
            ));
        }
        Ok(filter)
    }
}

/// A page of treaty events, oldest first; those without a date come last.
///
/// # Errors
/// `BAD_USER_INPUT`
pub async fn list(
    ctx: &Context<'_>,
    filter: TreatyEventFilter,
    asked: Asked,
    view: View,
) -> Result<Connection<TreatyEvent>, Error> {
    let filter = filter.read()?;
    page::listed(ctx, "treatyEvents", &filter, asked, view, TreatyEvent::new).await
}
