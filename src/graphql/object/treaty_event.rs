//! Treaty events: the object, its filter and its list.

use std::sync::Arc;

use async_graphql::{Context, InputObject, Object};
use cyberprofiles_graphql_macros::at_once;
use serde_json::{Value, json};

use crate::engine::argument::{bounded, read_list, read_option};
use crate::engine::connection::Connection;
use crate::engine::context::{RequestContext, View};
use crate::engine::cursor::{CursorArguments, arguments};
use crate::engine::error::Error;
use crate::engine::inline_resolve::Inline;
use crate::engine::page::{self, PageArgs};
use crate::object::country::{self, Country};
use crate::object::institution::{self, Institution};
use crate::object::record_fields::{RecordFields, object};
use crate::object::treaty::{self, Treaty};
use crate::object::value::{PartialDate, partial};
use domain::date::Date;
use domain::institution::InstitutionFunction;
use domain::language::LanguageRange;
use domain::text::{CountryCode, Raw, TreatyReference};
use domain::treaty_event::TreatyEventKind;
use store::load::ById;
use store::record::word;
use store::treaty_event::{Entity, Filter, Model};

/// One dated act of one country under one treaty.
pub struct TreatyEvent {
    record_fields: RecordFields,
    row: Arc<Model>,
}
object!(TreatyEvent, treaty_event);

/// One dated act of one country under one treaty: a signature, a ratification, a reservation, … Its kinds are those of
/// the depositary. The statuses of countries are computed from these acts.
#[at_once]
#[Object]
impl TreatyEvent {
    #[graphql(flatten)]
    async fn core(&self) -> &RecordFields {
        &self.record_fields
    }

    /// A short text to display in lists: country, treaty, kind and date.
    /// Derived from other records: a mirror leaves it out.
    pub async fn label(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Wanted languages of the country's name, best first. Left out: English.")]
        language: Option<Vec<Raw<LanguageRange>>>,
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

    /// The kind of act.
    async fn kind(&self) -> TreatyEventKind {
        self.row.kind
    }

    /// The date of the act, for example of a signature or of the deposit of an instrument. The act counts from this day
    /// on. For `ENTRY_INTO_FORCE` it is the day on which the treaty enters into force for the country, not the day of
    /// the notification. Null only for an invitation whose date no source gives.
    async fn date(&self) -> Option<PartialDate> {
        partial(self.row.date)
    }

    /// The date from which the act has effect, where the depositary gives one. Null if not: consent then takes effect
    /// by notice of entry into force or by the treaty's rule, a denunciation by that rule, any other act from its date.
    async fn effective_date(&self) -> Option<PartialDate> {
        partial(self.row.effective_date)
    }

    /// The last day on which the act is valid, where a source gives one; an invitation lapses after it. Null for acts
    /// that do not last, and if no end is known.
    async fn ends_on(&self) -> Option<PartialDate> {
        partial(self.row.ends_on)
    }

    /// The instrument in which the act was made; null if it is not recorded.
    async fn instrument(&self) -> Option<&str> {
        self.row.instrument.as_deref()
    }

    /// The country that acts.
    async fn country(&self, ctx: &Context<'_>) -> Result<Inline<Country>, Error> {
        let country = country::by_code(ctx, self.row.country.clone(), self.view).await?;
        country.ok_or_else(|| Error::missing("the country of an event"))
    }

    /// The treaty under which it acts.
    async fn treaty(&self, ctx: &Context<'_>) -> Result<Inline<Treaty>, Error> {
        let treaty = treaty::by_reference(ctx, self.row.treaty.clone(), self.view).await?;
        treaty.ok_or_else(|| Error::missing("the treaty of an event"))
    }

    /// The articles to which the act refers, in the order of the source. Empty if it refers to none in particular.
    /// Bounded: 200.
    async fn articles(&self) -> &[String] {
        &self.row.articles
    }

    /// The territories to which the act refers, by ISO 3166-1 code where they have one. An act that names territories
    /// does not change the status of the country itself. Bounded: 200.
    async fn territories(&self) -> &[String] {
        &self.row.territories
    }

    /// The text of the act, for example the words of a reservation; null if it is not recorded.
    async fn text(&self) -> Option<&str> {
        self.row.text.as_deref()
    }

    /// The earlier event that this one withdraws, confirms, objects to or succeeds to; for a designation, the one that
    /// it replaces. Null if it refers to none.
    async fn relates_to(&self, ctx: &Context<'_>) -> Option<Result<TreatyEvent, Error>> {
        let id = self.row.relates_to.clone()?;
        let key = ById::<Entity>::new(id, self.view.moment);
        match ctx.loader().load_one(key).await {
            Ok(row) => row.map(|row| Ok(Self::new(row, self.view))),
            Err(error) => Some(Err(error.into())),
        }
    }

    /// The status as a web page printed it; null if the event records none. It is compared with the computed status,
    /// and never decides it: see `TreatyParticipation.reportedLabels`.
    async fn reported_label(&self) -> Option<&str> {
        self.row.reported_label.as_deref()
    }

    /// The body or unit that is designated, as the view shows it; null if the act designates none, or if it is not
    /// recorded as one. `namedAs` is its name in the act.
    async fn designated_institution(
        &self,
        ctx: &Context<'_>,
    ) -> Option<Result<Inline<Institution>, Error>> {
        let id = self.row.designated_institution.as_ref()?;
        institution::inline(institution::find(ctx, id, self.view).await)
    }

    /// The function for which it is designated; null if the act designates none.
    async fn designated_function(&self) -> Option<InstitutionFunction> {
        self.row.designated_function
    }

    /// The name of the authority as the act gives it; null if there is none.
    async fn named_as(&self) -> Option<&str> {
        self.row.named_as.as_deref()
    }
}

/// Selects treaty events that match every member given. A member that is left out does not restrict; an empty list
/// matches nothing. A list has at most 1,000 elements.
#[derive(Clone, Debug, Default, InputObject)]
pub struct TreatyEventFilter {
    /// Events under this treaty.
    treaty: Option<Raw<TreatyReference>>,
    /// Events whose `country`, the one that acts, is one of these. An event of a State that only names one of them as a
    /// territory does not match.
    countries: Option<Vec<Raw<CountryCode>>>,
    /// Events of one of these kinds.
    kinds: Option<Vec<TreatyEventKind>>,
    /// Events of this day or later. A partial date matches if it may lie in the range; an event without a date never
    /// does.
    from: Option<Raw<Date>>,
    /// Events of this day or earlier, under the same conditions. Not before `from`.
    to: Option<Raw<Date>>,
}

impl CursorArguments for Filter {
    fn cursor_arguments(&self) -> Value {
        let Self {
            treaty,
            countries,
            kinds,
            from,
            to,
        } = self;
        arguments([
            ("treaty", json!(treaty)),
            ("countries", json!(countries)),
            ("kinds", json!(kinds)),
            ("from", json!(from)),
            ("to", json!(to)),
        ])
    }
}

impl TreatyEventFilter {
    /// The filter, with its values read.
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

/// A page of treaty events, oldest first; events without a date come last.
///
/// # Errors
/// `BAD_USER_INPUT`
pub async fn list(
    ctx: &Context<'_>,
    filter: TreatyEventFilter,
    args: PageArgs,
    view: View,
) -> Result<Connection<TreatyEvent>, Error> {
    let filter = filter.read()?;
    page::listed(ctx, "treatyEvents", &filter, args, view, TreatyEvent::new).await
}
