//! Institutions: the interface and the fields that cybersecurity bodies and operational units share.

#![expect(
    clippy::duplicated_attributes,
    reason = "fields of an interface may have the same type"
)]

use std::borrow::Cow;
use std::marker::PhantomData;
use std::sync::Arc;

use async_graphql::{Context, InputObject, Interface, Object, TypeName};
use cyberprofiles_graphql_macros::at_once;
use futures_util::future::try_join_all;
use serde_json::{Value, json};

use crate::engine::argument::{bounded, read_list};
use crate::engine::context::{RequestContext, View};
use crate::engine::cursor::{CursorArguments, arguments};
use crate::engine::error::Error;
use crate::engine::inline_resolve::{Inline, concrete};
use crate::engine::objects::Objects;
use crate::object::country::{self, Country};
use crate::object::cybersecurity_body::CybersecurityBody;
use crate::object::operational_unit::OperationalUnit;
use crate::object::policy_document::{self, PolicyDocument};
use crate::object::record::Record;
use crate::object::record_fields::RecordFields;
use crate::object::value::{LocalizedText, PartialDate, StaleReason, localized, partial};
use domain::institution::{InstitutionFunction, InstitutionStatus, Institutional, status_on};
use domain::language::LanguageRange;
use domain::record::{RecordField, RecordId};
use domain::text::{CountryCode, Raw};
use domain::url::Url;
use store::institution::{Filter, Institutions};
use store::record::Row;
use store::reference_index::RecordsNaming;

/// A cybersecurity body or an operational unit.
#[derive(Interface)]
#[graphql(
    field(
        name = "id",
        ty = "async_graphql::ID",
        desc = "Identifies the record in this view."
    ),
    field(
        name = "record_id",
        ty = "async_graphql::ID",
        desc = "Identifies the record in every view."
    ),
    field(
        name = "name",
        ty = "Option<Result<String, Error>>",
        desc = "The name in the wanted language that fits best, as the scalar `Language` describes; null if it has none.",
        arg(
            name = "language",
            ty = "Option<Vec<Raw<LanguageRange>>>",
            desc = "Wanted languages, best first. Left out: English."
        )
    ),
    field(
        name = "names",
        ty = "Objects<LocalizedText>",
        desc = "All names, in the order of the record; empty for a unit without a name. Bounded: one or two a language."
    ),
    field(
        name = "acronym",
        ty = "Option<String>",
        desc = "The acronym or short name; null if there is none."
    ),
    field(
        name = "status",
        ty = "InstitutionStatus",
        desc = "The status on the as-of date: as recorded, and `DISSOLVED` once `period` has ended."
    ),
    field(
        name = "country",
        ty = "Inline<Country>",
        desc = "The country to which it belongs."
    ),
    field(
        name = "parent",
        ty = "Option<Result<Inline<Institution>, Error>>",
        desc = "The body or unit of which it is a part; null at the top, and if none is recorded."
    ),
    field(
        name = "ancestors",
        ty = "Objects<Inline<Institution>>",
        desc = "The bodies and units of which it is a part, nearest first. Bounded: a few. Derived from other records: a mirror leaves it out."
    ),
    field(
        name = "functions",
        ty = "Vec<InstitutionFunction>",
        desc = "The functions that it has. Bounded: the functions."
    ),
    field(
        name = "period",
        ty = "Option<PartialDate>",
        desc = "The period in which it exists or existed; null if it is not known."
    ),
    field(
        name = "predecessors",
        ty = "Objects<Inline<Institution>>",
        desc = "The bodies or units whose work it took over. Bounded: 200."
    ),
    field(
        name = "successors",
        ty = "Objects<Inline<Institution>>",
        desc = "The bodies or units that took over its work, by id; those that begin after the as-of date are left out. Bounded: a few. Derived from other records: a mirror leaves it out."
    ),
    field(
        name = "website",
        ty = "Option<Url>",
        desc = "The address of its website; null if none is known."
    ),
    field(
        name = "reporting_url",
        ty = "Option<Url>",
        desc = "The address at which the public can report cybercrime to it; null if none is known."
    ),
    field(
        name = "mandate",
        ty = "Option<String>",
        desc = "The mandate, in words; null if it is not recorded."
    ),
    field(
        name = "legal_basis",
        ty = "Objects<PolicyDocument>",
        desc = "The documents that set it up or give it its powers, in the order of the record; empty if none is recorded. Bounded: 200."
    ),
    field(
        name = "jointly_with",
        ty = "Objects<Inline<Institution>>",
        desc = "The bodies or units that run it together with `parent`, in the order of the record; empty if none does. Bounded: 200."
    ),
    field(
        name = "subdivision",
        ty = "Option<String>",
        desc = "The part of the country to which it is limited, as an ISO 3166-2 code; null if it is of the whole country."
    )
)]
pub enum Institution {
    /// A cybersecurity body.
    CybersecurityBody(CybersecurityBody),
    /// An operational unit.
    OperationalUnit(OperationalUnit),
}

concrete!(Institution: CybersecurityBody, OperationalUnit);

/// The fields that bodies and units share, of one row in one view.
pub struct InstitutionFields<N, R> {
    record_fields: RecordFields,
    noun: PhantomData<fn() -> N>,
    /// The row.
    pub row: Arc<R>,
}

impl<N, R: Row + Institutional> InstitutionFields<N, R> {
    /// The shared fields of a row, in a view.
    pub fn of(row: Arc<R>, view: View) -> Self {
        let domain::institution::Institution { status, period, .. } = row.institution();
        let status = status_on(status, period, view.as_of);
        let is_over = status == InstitutionStatus::Dissolved;
        let reason = is_over.then_some(StaleReason::InstitutionDissolved);
        Self {
            record_fields: RecordFields::of(&*row, view).ended(reason),
            noun: PhantomData,
            row,
        }
    }

    fn institution(&self) -> domain::institution::Institution<'_> {
        self.row.institution()
    }
}

impl<N, R> std::ops::Deref for InstitutionFields<N, R> {
    type Target = RecordFields;
    fn deref(&self) -> &RecordFields {
        &self.record_fields
    }
}

impl<N: 'static, R: Row + Institutional> TypeName for InstitutionFields<N, R> {
    fn type_name() -> Cow<'static, str> {
        let noun = std::any::type_name::<N>()
            .rsplit("::")
            .next()
            .unwrap_or_default();
        format!("InstitutionAs{noun}").into()
    }
}

#[at_once]
#[Object(name_type)]
impl<N: 'static, R: Row + Institutional> InstitutionFields<N, R> {
    #[graphql(flatten)]
    async fn core(&self) -> &RecordFields {
        &self.record_fields
    }

    /// A short text to display in lists: the name. Without a name, it is the name of the nearest ancestor with one,
    /// followed by "unnamed unit"; if no ancestor has one, the `recordId`.
    /// Derived from other records: a mirror leaves it out.
    pub async fn label(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Wanted languages, best first. Left out: English.")] language: Option<
            Vec<Raw<LanguageRange>>,
        >,
    ) -> Result<String, Error> {
        self.called(ctx, language.as_deref()).await
    }

    /// The name in the wanted language that fits best, as the scalar `Language` describes; else in English. Null if it
    /// has no name. It is the name known at the moment, whatever the as-of date.
    pub async fn name(
        &self,
        _ctx: &Context<'_>,
        #[graphql(desc = "Wanted languages, best first. Left out: English.")] language: Option<
            Vec<Raw<LanguageRange>>,
        >,
    ) -> Option<Result<String, Error>> {
        let name = localized(self.institution().names, language.as_deref()).transpose()?;
        Some(name.map(str::to_owned))
    }

    /// All names, in the order of the record; empty for a unit without a name. Bounded: one or two a language.
    pub async fn names(&self) -> Objects<LocalizedText> {
        self.institution()
            .names
            .iter()
            .cloned()
            .map(LocalizedText)
            .collect()
    }

    /// The acronym or short name; null if there is none.
    pub async fn acronym(&self) -> Option<String> {
        self.institution().acronym.map(str::to_owned)
    }

    /// The status on the as-of date: `DISSOLVED` if `period` ended before, `OPERATIONAL` while the period of a
    /// dissolved institution had not ended, else as recorded.
    pub async fn status(&self) -> InstitutionStatus {
        let domain::institution::Institution { status, period, .. } = self.institution();
        status_on(status, period, self.view.as_of)
    }

    /// The country to which it belongs.
    pub async fn country(&self, ctx: &Context<'_>) -> Result<Inline<Country>, Error> {
        let country = country::by_code(ctx, self.institution().country.clone(), self.view).await?;
        country.ok_or_else(|| Error::missing("the country of an institution"))
    }

    /// The body or unit of which it is a part; null at the top, and if none is recorded.
    pub async fn parent(&self, ctx: &Context<'_>) -> Option<Result<Inline<Institution>, Error>> {
        inline(find(ctx, self.institution().parent?, self.view).await)
    }

    /// The bodies and units of which it is a part, nearest first: its parent, the parent of that, and so on. Bounded: a
    /// few.
    /// Derived from other records: a mirror leaves it out.
    pub async fn ancestors(
        &self,
        ctx: &Context<'_>,
    ) -> Result<Objects<Inline<Institution>>, Error> {
        let mut ancestors = Vec::new();
        let mut next = self.institution().parent.cloned();
        while let Some(id) = next {
            let Some(institution) = find(ctx, &id, self.view).await? else {
                break;
            };
            next = institution.institution().parent.cloned();
            ancestors.push(Inline(institution));
        }
        Ok(ancestors.into())
    }

    /// The functions that it has. Bounded: the functions.
    pub async fn functions(&self) -> Vec<InstitutionFunction> {
        self.institution().functions.to_vec()
    }

    /// The period in which it exists or existed, as in `2012/..`; null if it is not known.
    pub async fn period(&self) -> Option<PartialDate> {
        partial(self.institution().period)
    }

    /// The bodies or units whose work it took over. Bounded: 200.
    pub async fn predecessors(
        &self,
        ctx: &Context<'_>,
    ) -> Result<Objects<Inline<Institution>>, Error> {
        found(ctx, self.institution().predecessors, self.view).await
    }

    /// The bodies or units that took over its work, by id. Those that begin after the as-of date are left out, unless
    /// they are planned or being set up. Bounded: a few.
    /// Derived from other records: a mirror leaves it out.
    pub async fn successors(
        &self,
        ctx: &Context<'_>,
    ) -> Result<Objects<Inline<Institution>>, Error> {
        let naming = RecordsNaming {
            field: RecordField::Predecessors,
            value: self.row.id().to_string(),
            moment: self.view.moment,
        };
        let ids = ctx.loader().load_one(naming).await?.unwrap_or_default();
        let mut successors = found(ctx, &ids, self.view).await?;
        let as_of = self.view.as_of;
        successors
            .0
            .retain(|one| one.0.institution().begins() <= as_of);
        Ok(successors)
    }

    /// The address of its website; null if none is known.
    pub async fn website(&self) -> Option<Url> {
        self.institution().website.cloned()
    }

    /// The address at which the public can report cybercrime to it; null if none is known.
    pub async fn reporting_url(&self) -> Option<Url> {
        self.institution().reporting_url.cloned()
    }

    /// The mandate, in words; null if it is not recorded.
    pub async fn mandate(&self) -> Option<String> {
        self.institution().mandate.map(str::to_owned)
    }

    /// The documents that set it up or give it its powers, in the order of the record; empty if none is recorded.
    /// Bounded: 200.
    pub async fn legal_basis(&self, ctx: &Context<'_>) -> Result<Objects<PolicyDocument>, Error> {
        policy_document::found(ctx, self.institution().legal_basis, self.view).await
    }

    /// The bodies or units that run it together with `parent`, in the order of the record; empty if none does. Bounded:
    /// 200.
    pub async fn jointly_with(
        &self,
        ctx: &Context<'_>,
    ) -> Result<Objects<Inline<Institution>>, Error> {
        found(ctx, self.institution().jointly_with, self.view).await
    }

    /// The part of the country to which it is limited, as an ISO 3166-2 code; null if it is of the whole country.
    pub async fn subdivision(&self) -> Option<String> {
        self.institution().subdivision.map(str::to_owned)
    }
}

impl<N, R: Row + Institutional> InstitutionFields<N, R> {
    /// The name; without one, that of the nearest institution above that has one, and "unnamed unit".
    async fn called(
        &self,
        ctx: &Context<'_>,
        language: Option<&[Raw<LanguageRange>]>,
    ) -> Result<String, Error> {
        if let Some(name) = localized(self.institution().names, language)? {
            return Ok(name.to_owned());
        }
        let mut next = self.institution().parent.cloned();
        while let Some(id) = next {
            let Some(above) = find(ctx, &id, self.view).await? else {
                break;
            };
            if let Some(name) = localized(above.institution().names, language)? {
                return Ok(format!("{name}: unnamed unit"));
            }
            next = above.institution().parent.cloned();
        }
        Ok(self.row.id().to_string())
    }
}

impl Institution {
    /// The fields that all institutions have.
    fn institution(&self) -> domain::institution::Institution<'_> {
        match self {
            Self::CybersecurityBody(body) => body.row.institution(),
            Self::OperationalUnit(unit) => unit.row.institution(),
        }
    }
}

/// Implements the object of an institution's noun, made of a row and the shared fields.
macro_rules! institution_object {
    ($object:ident, $noun:ident) => {
        impl $object {
            /// The object of a row, in a view.
            pub fn new(
                row: std::sync::Arc<store::$noun::Model>,
                view: crate::engine::context::View,
            ) -> Self {
                Self {
                    shared: crate::object::institution::InstitutionFields::of(row, view),
                }
            }
        }

        impl std::ops::Deref for $object {
            type Target = crate::object::institution::InstitutionFields<Self, store::$noun::Model>;
            fn deref(&self) -> &Self::Target {
                &self.shared
            }
        }
    };
}
pub(super) use institution_object;

/// Loads the body or unit with an id.
///
/// # Errors
/// `UNAVAILABLE`, `INTERNAL`
pub async fn find(
    ctx: &Context<'_>,
    id: &RecordId,
    view: View,
) -> Result<Option<Institution>, Error> {
    Ok(match Record::find(ctx, id.clone(), view).await? {
        Some(Record::CybersecurityBody(body)) => Some(body.into()),
        Some(Record::OperationalUnit(unit)) => Some(unit.into()),
        _ => None,
    })
}

/// An institution that was looked up, as a field that may be null.
pub fn inline(
    found: Result<Option<Institution>, Error>,
) -> Option<Result<Inline<Institution>, Error>> {
    Some(found.transpose()?.map(Inline))
}

/// Loads the bodies or units with these ids, in their order.
///
/// # Errors
/// `UNAVAILABLE`, `INTERNAL`
pub async fn found(
    ctx: &Context<'_>,
    ids: &[RecordId],
    view: View,
) -> Result<Objects<Inline<Institution>>, Error> {
    let found = try_join_all(ids.iter().map(|id| find(ctx, id, view))).await?;
    Ok(found.into_iter().flatten().map(Inline).collect())
}

/// Selects bodies or units that match every member given. A member that is left out does not restrict; an empty list
/// matches nothing. A list has at most 1,000 elements.
#[derive(Clone, Debug, Default, InputObject)]
pub struct InstitutionFilter {
    /// Bodies or units of one of these countries.
    countries: Option<Vec<Raw<CountryCode>>>,
    /// Bodies or units with at least one of these functions.
    functions: Option<Vec<InstitutionFunction>>,
    /// Bodies or units with one of these recorded statuses. The recorded status may differ from the field `status`,
    /// which takes `period` and the as-of date into account.
    status: Option<Vec<InstitutionStatus>>,
}

impl<E> CursorArguments for Institutions<E> {
    fn cursor_arguments(&self) -> Value {
        let Filter {
            countries,
            functions,
            status,
        } = self.filter();
        arguments([
            ("countries", json!(countries)),
            ("functions", json!(functions)),
            ("status", json!(status)),
        ])
    }
}

impl InstitutionFilter {
    /// The filter, with its values read.
    ///
    /// # Errors
    /// `BAD_USER_INPUT`
    pub fn read(self) -> Result<Filter, Error> {
        bounded("filter.functions", self.functions.as_deref())?;
        bounded("filter.status", self.status.as_deref())?;
        Ok(Filter {
            countries: read_list("filter.countries", self.countries.as_deref())?,
            functions: self.functions,
            status: self.status,
        })
    }
}
