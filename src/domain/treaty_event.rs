//! Treaty events: one dated act of one country under one treaty.

use sea_orm::{ActiveEnum, Iterable};
use serde_json::json;

use super::check::{Code, Finding, Path};
use super::citation::CitationInput;
use super::date::{self, Date, PartialDate};
use super::field::Content;
use super::institution::{self, InstitutionFunction};
use super::noun::{Described, Identified, noun};
use super::record::{Kind, RecordField, RecordId};
use super::reference::{AcyclicReference, IndexedReference, Reference};
use super::required::RequiredIf;
use super::text::{CountryCode, TreatyReference, slug};
use super::value_type::{List, field_enum};

field_enum! {
    /// Type of act under a treaty, in the depositary's vocabulary. The list may grow. Sources: Vienna Convention on
    /// the Law of Treaties (VCLT); Council of Europe Treaty Office.
    TreatyEventKind {
        /// The organisation invites the country to accede. An invitation can lapse: see `endsOn`.
        InvitationToAccede,
        /// Signature subject to ratification, acceptance or approval. It does not bind the country.
        Signature,
        /// Signature without reservation as to ratification. It is consent to be bound, where the treaty allows it
        /// (VCLT 12).
        DefinitiveSignature,
        /// Approval by the country's own parliament or government. It does not change the status: only acts
        /// addressed to the depositary do.
        DomesticApproval,
        /// Deposit of an instrument of ratification: consent to be bound (VCLT 14). Also acceptance or approval,
        /// where the source does not distinguish them.
        Ratification,
        /// Deposit of an instrument of acceptance: consent to be bound (VCLT 14).
        Acceptance,
        /// Deposit of an instrument of approval: consent to be bound (VCLT 14).
        Approval,
        /// Deposit of an instrument of accession: consent to be bound, usually by a country that did not sign (VCLT
        /// 15).
        Accession,
        /// Notice that a successor State takes over an act of its predecessor: see `relatesTo`. It has the effect of
        /// that act; without `relatesTo` it counts as consent.
        Succession,
        /// Depositary's notification of the day on which the treaty enters into force for the country. The `date` of
        /// the event is that day, not the day of the notification.
        EntryIntoForce,
        /// The country applies the treaty provisionally, before entry into force (VCLT 25).
        ProvisionalApplication,
        /// A reservation, which excludes or modifies the effect of provisions for the country (VCLT 19). It takes
        /// effect with entry into force, if made at consent or confirmed then.
        Reservation,
        /// A declaration that is not a reservation. An exclusion of a territory is a declaration. One made at
        /// signature is listed as in force only if it was confirmed at consent.
        Declaration,
        /// An objection to a reservation or declaration of another country (VCLT 20): see `relatesTo`.
        Objection,
        /// Designation of an authority or a contact point for a function under the treaty.
        DesignationOfAuthority,
        /// Confirmation, at consent, of a statement made at signature: see `relatesTo`. A reservation made at
        /// signature has no effect without it (VCLT 23).
        Confirmation,
        /// A communication to the depositary: views, a new law, a correction.
        Communication,
        /// Extension of the treaty to the territories in `territories`. An exclusion is a declaration.
        TerritorialApplication,
        /// Withdrawal of the earlier act in `relatesTo`, wholly or for the provisions in `articles`.
        Withdrawal,
        /// Suspension of the operation of the treaty for the country (VCLT 57). The country remains a Party.
        Suspension,
        /// Denunciation: notice that the country leaves the treaty. It takes effect after the period in the treaty,
        /// and can be withdrawn until then (VCLT 68). Before entry into force for the country, it has the effect of
        /// withdrawing the consent.
        Denunciation,
        /// Status that a page printed. It is compared with the computed status and never changes it.
        ReportedStatus,
    }
}

impl TreatyEventKind {
    /// True if the act expresses consent to be bound (VCLT 11).
    pub fn is_consent(self) -> bool {
        matches!(
            self,
            Self::DefinitiveSignature
                | Self::Ratification
                | Self::Acceptance
                | Self::Approval
                | Self::Accession
                | Self::Succession
        )
    }

    /// True if the status of a country or of a territory can depend on the act.
    pub fn decides(self) -> bool {
        self.is_consent()
            || matches!(
                self,
                Self::InvitationToAccede
                    | Self::Signature
                    | Self::EntryIntoForce
                    | Self::ProvisionalApplication
                    | Self::Withdrawal
                    | Self::Suspension
                    | Self::Denunciation
                    | Self::TerritorialApplication
            )
    }

    /// True if the act has a duration, so that it can end or lapse by itself.
    pub fn lasts(self) -> bool {
        matches!(
            self,
            Self::InvitationToAccede
                | Self::ProvisionalApplication
                | Self::Reservation
                | Self::Declaration
                | Self::Objection
                | Self::DesignationOfAuthority
                | Self::TerritorialApplication
                | Self::Suspension
        )
    }

    /// True if the act accompanies a status without deciding it: statements of the country, and statuses that a page
    /// reported.
    pub fn accompanies_status(self) -> bool {
        matches!(
            self,
            Self::Reservation
                | Self::Declaration
                | Self::DesignationOfAuthority
                | Self::Confirmation
                | Self::ReportedStatus
        )
    }
}

/// Countries whose acts an act can relate to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ActsOf {
    /// Acts of the same country.
    Own,
    /// Acts of other countries.
    Others,
    /// Acts of any country.
    Any,
}

/// Acts to which an act can relate.
struct RelatedActs {
    acts_of: ActsOf,
    /// True if only acts under the same treaty are possible.
    same_treaty: bool,
    /// Possible kinds of acts; empty means any kind.
    kinds: &'static [TreatyEventKind],
}

impl TreatyEventKind {
    /// Returns the acts to which an act of this kind can relate. Source: VCLT 20 (objections), 23 (confirmation,
    /// withdrawal), 68 (revoking a denunciation); Vienna Convention on Succession of States in respect of Treaties,
    /// 16 to 20.
    fn relation(self) -> RelatedActs {
        use TreatyEventKind::{
            Acceptance, Accession, Approval, Communication, Declaration, DefinitiveSignature,
            Denunciation, DesignationOfAuthority, EntryIntoForce, InvitationToAccede, Objection,
            ProvisionalApplication, Ratification, Reservation, Signature, Succession, Suspension,
            TerritorialApplication,
        };
        let relation = |acts_of, kinds| RelatedActs {
            acts_of,
            same_treaty: true,
            kinds,
        };
        match self {
            // Consent can be withdrawn until it takes effect.
            Self::Withdrawal => relation(
                ActsOf::Own,
                &[
                    Reservation,
                    Declaration,
                    Objection,
                    Denunciation,
                    Signature,
                    DefinitiveSignature,
                    Ratification,
                    Acceptance,
                    Approval,
                    Accession,
                    Succession,
                    ProvisionalApplication,
                    TerritorialApplication,
                    Suspension,
                    DesignationOfAuthority,
                    Communication,
                    InvitationToAccede,
                ],
            ),
            Self::Confirmation => relation(
                ActsOf::Own,
                &[
                    Reservation,
                    Declaration,
                    Objection,
                    DesignationOfAuthority,
                    TerritorialApplication,
                ],
            ),
            Self::Objection => relation(ActsOf::Others, &[Reservation, Declaration]),
            // The predecessor can have had the same code or another.
            Self::Succession => relation(
                ActsOf::Any,
                &[
                    Signature,
                    DefinitiveSignature,
                    Ratification,
                    Acceptance,
                    Approval,
                    Accession,
                    Succession,
                    EntryIntoForce,
                    ProvisionalApplication,
                    TerritorialApplication,
                ],
            ),
            // A communication can concern acts of others, also under a treaty to which this one is a protocol.
            Self::Communication => RelatedActs {
                same_treaty: false,
                ..relation(ActsOf::Any, &[])
            },
            // A statement under a treaty can be repeated or excluded under its protocol (ETS 189, Article 12).
            Self::Reservation | Self::Declaration => RelatedActs {
                same_treaty: false,
                ..relation(ActsOf::Own, &[])
            },
            _ => relation(ActsOf::Own, &[]),
        }
    }
}

impl TreatyEvent {
    /// Returns the reasons why this act cannot relate to `other`: the field of `other` at fault, and the end of a
    /// sentence that begins with its id.
    fn unrelated(&self, other: &Self) -> Vec<(RecordField, String)> {
        let word = |kind: &TreatyEventKind| sea_orm::ActiveEnum::to_value(kind);
        let relation = self.kind.relation();
        let kind = word(&self.kind);
        let mut found = Vec::new();
        let is_own = self.country == other.country;
        if relation.acts_of == ActsOf::Own && !is_own {
            let (of, own) = (&other.country, &self.country);
            let message =
                format!("is an act of {of}; {kind} of {own} must relate to an act of {own}");
            found.push((RecordField::Country, message));
        }
        if relation.acts_of == ActsOf::Others && is_own {
            let own = &self.country;
            let message =
                format!("is an act of {own} itself; {kind} must relate to one of another country");
            found.push((RecordField::Country, message));
        }
        if relation.same_treaty && self.treaty != other.treaty {
            let (under, own) = (&other.treaty, &self.treaty);
            let message = format!("is under {under}; {kind} must relate to an act under {own}");
            found.push((RecordField::Treaty, message));
        }
        if !relation.kinds.is_empty() && !relation.kinds.contains(&other.kind) {
            let kinds: Vec<String> = relation.kinds.iter().map(word).collect();
            let (is, kinds) = (word(&other.kind), kinds.join(", "));
            let message = format!("is of kind {is}; {kind} must relate to one of {kinds}");
            found.push((RecordField::Kind, message));
        }
        found
    }
}

/// Passes the declaration of `TreatyEvent` to the macro `$then`.
#[macro_export]
macro_rules! treaty_event_fields {
    ($then:ident) => {
        $then! {
            /// The fields of a treaty event.
            TreatyEvent in "treaty_event" as TreatyEventFields, CreateTreatyEvent, UpdateTreatyEvent citing Vec<CitationInput> {
                /// Type of act.
                kind: TreatyEventKind,
                /// Date of the act, as exact as the source. Only an invitation can be without one.
                date: Option<PartialDate>,
                /// Date from which the act has effect, if the depositary gives one. A date computed by the treaty's
                /// rule does not belong here.
                effective_date: Option<PartialDate>,
                /// Last day on which the act has effect, if a source gives one. Possible only for acts that last: an
                /// invitation, a provisional application, a reservation, a declaration, an objection, a designation,
                /// a territorial application or a suspension.
                ends_on: Option<PartialDate>,
                /// Instrument in which the act was made, as in `instrument of ratification`.
                instrument: Option<String>,
                /// Code of the country whose act it is; for an objection the objecting country.
                country: CountryCode,
                /// Reference of the treaty under which the act was made.
                treaty: TreatyReference,
                /// Articles of the treaty that the act concerns, as in `24(7)(a)`; empty if it names none.
                articles: List<String>,
                /// Territories that the act concerns, by country code or by name. If there are any, the act does not
                /// change the country's own status.
                territories: List<String>,
                /// Text of the act.
                text: Option<String>,
                /// Id of the earlier event that this one withdraws, confirms, objects to or succeeds to. For a
                /// designation: the designation that it replaces.
                relates_to: Option<RecordId>,
                /// Status as the page printed it. Only `REPORTED_STATUS` needs it.
                reported_label: Option<String>,
                /// Id of the designated body or unit. Only for a designation of an authority.
                designated_institution: Option<RecordId>,
                /// Function for which the authority is designated. Only for a designation of an authority.
                designated_function: Option<InstitutionFunction>,
                /// Name of the authority as the country declared it.
                named_as: Option<String>,
            } derived { earliest: String, latest: String, }
        }
    };
}
pub use treaty_event_fields as fields;
fields!(noun);

/// Treaties that do not provide for signature without reservation as to ratification. Source: ETS 185 Art. 36, ETS
/// 108 Art. 22, CETS 201 Art. 45, UN Convention against Cybercrime Art. 64.
const ONLY_SUBJECT_TO_RATIFICATION: [&str; 4] = ["ETS 108", "ETS 185", "CETS 201", "UNTC XVIII-16"];

impl Identified for TreatyEvent {
    const REQUIRED_IF: &[RequiredIf<Self>] = &[
        RequiredIf {
            field: RecordField::Date,
            condition: "unless `kind` is `INVITATION_TO_ACCEDE`",
            is_missing: |event| {
                event.date.is_none() && event.kind != TreatyEventKind::InvitationToAccede
            },
        },
        RequiredIf {
            field: RecordField::RelatesTo,
            condition: "if `kind` is `WITHDRAWAL`",
            is_missing: |event| {
                event.relates_to.is_none() && event.kind == TreatyEventKind::Withdrawal
            },
        },
        RequiredIf {
            field: RecordField::ReportedLabel,
            condition: "if `kind` is `REPORTED_STATUS`",
            is_missing: |event| {
                event.reported_label.is_none() && event.kind == TreatyEventKind::ReportedStatus
            },
        },
    ];

    fn key(&self) -> String {
        let kind = ActiveEnum::to_value(&self.kind);
        slug(&format!("{} {} {kind}", self.country, self.treaty))
    }

    fn validate(&self) -> Vec<Finding> {
        let at = |field: RecordField| Path::default().then(field.camel());
        let mut found = Vec::new();
        let treaty = self.treaty.to_string();
        let definitive = self.kind == TreatyEventKind::DefinitiveSignature;
        if definitive && ONLY_SUBJECT_TO_RATIFICATION.contains(&treaty.as_str()) {
            let message = format!("{treaty} is signed subject to ratification: use SIGNATURE");
            found.push(at(RecordField::Kind).finding(Code::Invalid, message));
        }
        let designates = self.kind == TreatyEventKind::DesignationOfAuthority;
        for (field, is_set) in [
            (
                RecordField::DesignatedInstitution,
                self.designated_institution.is_some(),
            ),
            (
                RecordField::DesignatedFunction,
                self.designated_function.is_some(),
            ),
        ] {
            if is_set && !designates {
                let message = "only a DESIGNATION_OF_AUTHORITY can have this field: leave it out, or change `kind`";
                found.push(at(field).finding(Code::Invalid, message));
            }
        }
        if self.ends_on.is_some() && !self.kind.lasts() {
            let kind = ActiveEnum::to_value(&self.kind);
            let lasting = TreatyEventKind::iter();
            let lasting = lasting.filter(|kind| kind.lasts());
            let lasting: Vec<String> = lasting.map(|kind| ActiveEnum::to_value(&kind)).collect();
            let message = format!(
                "{kind} cannot have a last day; these kinds can: {}",
                lasting.join(", ")
            );
            found.push(at(RecordField::EndsOn).finding(Code::Invalid, message));
        }
        date::check_order(
            self.date,
            self.ends_on,
            &at(RecordField::EndsOn),
            &mut found,
        );
        found
    }

    fn references(&self) -> Vec<(RecordField, Reference)> {
        let mut references = vec![
            (
                RecordField::Country,
                Reference::Country(self.country.clone()),
            ),
            (RecordField::Treaty, Reference::Treaty(self.treaty.clone())),
        ];
        if let Some(event) = &self.relates_to {
            let event = Reference::record(&[Kind::TreatyEvent], event);
            references.push((RecordField::RelatesTo, event));
        }
        if let Some(institution) = &self.designated_institution {
            let institution = Reference::record(institution::KINDS, institution);
            references.push((RecordField::DesignatedInstitution, institution));
        }
        references
    }

    fn acyclic_references(&self) -> Vec<AcyclicReference> {
        let relates = self.references().into_iter();
        relates
            .filter(|(field, _)| *field == RecordField::RelatesTo)
            .map(|(field, to)| AcyclicReference::of(field, to))
            .collect()
    }

    fn misfits(&self, field: RecordField, other: &Content) -> Vec<(RecordField, String)> {
        match field {
            RecordField::RelatesTo => Self::from_content(other)
                .map(|other| self.unrelated(&other))
                .unwrap_or_default(),
            RecordField::DesignatedInstitution => {
                let of = other.get(&RecordField::Country.camel());
                let of = of.and_then(serde_json::Value::as_str).unwrap_or_default();
                let country = self.country.to_string();
                if of == country || self.territories.iter().any(|code| code == of) {
                    return Vec::new();
                }
                let message =
                    format!("belongs to {of}, not to {country} or one of the territories");
                vec![(RecordField::Country, message)]
            }
            _ => Vec::new(),
        }
    }

    fn search_terms(&self) -> Vec<IndexedReference> {
        // Territories with a country code can be filtered by it; a name without a code is only shown.
        let coded = |name: &&String| CountryCode::is_form(name);
        let territory = |name: &String| IndexedReference::always(RecordField::Territories, name);
        self.territories
            .iter()
            .filter(coded)
            .map(territory)
            .collect()
    }

    fn country(&self) -> Option<CountryCode> {
        Some(self.country.clone())
    }

    fn derived_columns(&self) -> Content {
        let earliest = self.date.map(|date| date.earliest().unwrap_or(Date::FIRST));
        let latest = self.date.map(|date| date.latest().unwrap_or(Date::LAST));
        // An event without a date sorts last and is in no range of days.
        Content::from_iter([
            ("earliest".to_owned(), json!(earliest.unwrap_or(Date::LAST))),
            ("latest".to_owned(), json!(latest.unwrap_or(Date::FIRST))),
        ])
    }
}
