//! Treaty events: one dated act of one country under one treaty.

use sea_orm::{ActiveEnum, Iterable};
use serde_json::json;

use super::check::{Code, Finding, Path};
use super::citation::CitationInput;
use super::date::{self, Day, PartialDate};
use super::field::Content;
use super::institution::{self, InstitutionFunction};
use super::noun::{Described, Identified, noun};
use super::record::{Kind, RecordField, RecordId};
use super::reference::{Mention, Reference, Upward};
use super::text::{CountryCode, TreatyReference, slug};
use super::value_type::{List, words};

words! {
    /// What kind of act it is, in the words of the depositary. The list may grow. Source: Vienna
    /// Convention on the Law of Treaties (VCLT); Council of Europe Treaty Office.
    TreatyEventKind {
        /// The organisation invites a country to accede. It may lapse: see `endsOn`.
        InvitationToAccede,
        /// Signature subject to ratification, acceptance or approval.
        Signature,
        /// Signature without reservation as to ratification: consent, where the treaty allows it.
        DefinitiveSignature,
        /// Parliament or government approved at home. It has no effect on the status.
        DomesticApproval,
        /// Deposit of an instrument of ratification, or of acceptance or approval where the source does
        /// not tell them apart.
        Ratification,
        /// Deposit of an instrument of acceptance.
        Acceptance,
        /// Deposit of an instrument of approval.
        Approval,
        /// Deposit of an instrument of accession.
        Accession,
        /// Notice of succession to a predecessor's act.
        Succession,
        /// The treaty enters into force for the country, as the depositary says.
        EntryIntoForce,
        /// The country applies the treaty provisionally (VCLT 25).
        ProvisionalApplication,
        /// A reservation (VCLT 19). In force from entry into force, where made or confirmed at consent.
        Reservation,
        /// A declaration that is no reservation.
        Declaration,
        /// An objection to a reservation of another country.
        Objection,
        /// An authority or contact point is named.
        DesignationOfAuthority,
        /// Something made at signature is confirmed at consent (VCLT 23).
        Confirmation,
        /// A communication: views, a new law, a correction.
        Communication,
        /// The treaty is extended to the territories in `territories`. An exclusion is a declaration.
        TerritorialApplication,
        /// Something earlier is withdrawn: see `relatesTo`.
        Withdrawal,
        /// The operation of the treaty is suspended for the country (VCLT 57).
        Suspension,
        /// The country denounces the treaty.
        Denunciation,
        /// A status that a page printed. It is compared with the computed one, never believed.
        ReportedStatus,
    }
}

impl TreatyEventKind {
    /// Whether it expresses consent to be bound (VCLT 11).
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

    /// Whether the status of a country, or that of a territory, can rest on it.
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

    /// Whether it lasts, so that it can end or lapse by itself.
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

    /// Whether it stands beside the status of a country: what the country states, and what others
    /// say that the status is.
    pub fn stands_beside(self) -> bool {
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

/// Whose acts an act relates to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Whose {
    /// Those of its own country.
    Own,
    /// Those of other countries.
    Others,
    /// Anybody's.
    Any,
}

/// What an act may relate to.
struct Relation {
    whose: Whose,
    /// Whether only to acts under the same treaty.
    same_treaty: bool,
    /// To acts of these kinds; none: of any kind.
    kinds: &'static [TreatyEventKind],
}

impl TreatyEventKind {
    /// What it may relate to. Source: VCLT 20 (objections), 23 (confirmation, withdrawal), 68 (revoking a
    /// denunciation); Vienna Convention on Succession of States in respect of Treaties, 16 to 20.
    fn relation(self) -> Relation {
        use TreatyEventKind::{
            Acceptance, Accession, Approval, Communication, Declaration, DefinitiveSignature,
            Denunciation, DesignationOfAuthority, EntryIntoForce, InvitationToAccede, Objection,
            ProvisionalApplication, Ratification, Reservation, Signature, Succession, Suspension,
            TerritorialApplication,
        };
        let relation = |whose, kinds| Relation {
            whose,
            same_treaty: true,
            kinds,
        };
        match self {
            // An instrument of consent can be taken back until it takes effect.
            Self::Withdrawal => relation(
                Whose::Own,
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
                Whose::Own,
                &[
                    Reservation,
                    Declaration,
                    Objection,
                    DesignationOfAuthority,
                    TerritorialApplication,
                ],
            ),
            Self::Objection => relation(Whose::Others, &[Reservation, Declaration]),
            // The predecessor may have kept its code or have had another.
            Self::Succession => relation(
                Whose::Any,
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
            // Views on the acts of others, under a treaty that this one is a protocol to as well.
            Self::Communication => Relation {
                same_treaty: false,
                ..relation(Whose::Any, &[])
            },
            // What was stated under a treaty is stated, or not, under its protocol (ETS 189, Article 12).
            Self::Reservation | Self::Declaration => Relation {
                same_treaty: false,
                ..relation(Whose::Own, &[])
            },
            _ => relation(Whose::Own, &[]),
        }
    }
}

impl TreatyEvent {
    /// Why another act is none that this one can relate to.
    fn unrelated(&self, other: &Self) -> Vec<(RecordField, String)> {
        let word = |kind: &TreatyEventKind| sea_orm::ActiveEnum::to_value(kind);
        let relation = self.kind.relation();
        let kind = word(&self.kind);
        let mut found = Vec::new();
        let is_own = self.country == other.country;
        if relation.whose == Whose::Own && !is_own {
            let (of, own) = (&other.country, &self.country);
            let message =
                format!("is an act of {of}, and {kind} of {own} relates to an act of {own}");
            found.push((RecordField::Country, message));
        }
        if relation.whose == Whose::Others && is_own {
            let own = &self.country;
            let message =
                format!("is an act of {own} itself, and {kind} relates to one of another country");
            found.push((RecordField::Country, message));
        }
        if relation.same_treaty && self.treaty != other.treaty {
            let (under, own) = (&other.treaty, &self.treaty);
            let message = format!("is under {under}, and {kind} relates to an act under {own}");
            found.push((RecordField::Treaty, message));
        }
        if !relation.kinds.is_empty() && !relation.kinds.contains(&other.kind) {
            let kinds: Vec<String> = relation.kinds.iter().map(word).collect();
            let (is, kinds) = (word(&other.kind), kinds.join(", "));
            let message = format!("is of kind {is}, and {kind} relates to one of {kinds}");
            found.push((RecordField::Kind, message));
        }
        found
    }
}

/// The fields of a treaty event: what is done with them is up to `$then`.
#[macro_export]
macro_rules! treaty_event_fields {
    ($then:ident) => {
        $then! {
            /// What is known of a treaty event. A create must have: kind country treaty, and date
            /// unless an invitation.
            TreatyEvent in "treaty_event" as TreatyEventFields, CreateTreatyEvent, UpdateTreatyEvent citing Vec<CitationInput> {
                /// What kind of act it is.
                kind: TreatyEventKind,
                /// When it was done.
                date: Option<PartialDate>,
                /// When it takes effect, where the depositary says so.
                effective_date: Option<PartialDate>,
                /// The last day on which it holds, where a source says so. Only of what lasts: an invitation,
                /// a provisional application, a reservation, a declaration, an objection, a designation, a
                /// territorial application or a suspension.
                ends_on: Option<PartialDate>,
                /// The instrument in which it was made.
                instrument: Option<String>,
                /// Whose act it is.
                country: CountryCode,
                /// Under which treaty.
                treaty: TreatyReference,
                /// The articles it is about.
                articles: List<String>,
                /// The territories it is about: then it does not move the country's own status.
                territories: List<String>,
                /// What it says.
                text: Option<String>,
                /// The earlier event that it withdraws, confirms, objects to or succeeds to; of a designation,
                /// the one whose place it takes.
                relates_to: Option<RecordId>,
                /// The status as a page printed it.
                reported_label: Option<String>,
                /// The authority that is designated.
                designated_institution: Option<RecordId>,
                /// What it is designated for.
                designated_function: Option<InstitutionFunction>,
                /// The name of the authority as it was declared.
                named_as: Option<String>,
            } keeping { earliest: String, latest: String, }
        }
    };
}
pub use treaty_event_fields as fields;
fields!(noun);

/// The treaties that know no signature without reservation as to ratification. Source: ETS 185 Art. 36,
/// ETS 108 Art. 22, CETS 201 Art. 45, UN Convention against Cybercrime Art. 64.
const ONLY_SUBJECT_TO_RATIFICATION: [&str; 4] = ["ETS 108", "ETS 185", "CETS 201", "UNTC XVIII-16"];

impl Identified for TreatyEvent {
    fn key(&self) -> String {
        let kind = ActiveEnum::to_value(&self.kind);
        slug(&format!("{} {} {kind}", self.country, self.treaty))
    }

    fn faults(&self) -> Vec<Finding> {
        let at = |field: RecordField| Path::default().then(field.camel());
        let mut found = Vec::new();
        if self.date.is_none() && self.kind != TreatyEventKind::InvitationToAccede {
            let message = "only an invitation may be without a date";
            found.push(at(RecordField::Date).finding(Code::Required, message));
        }
        if self.kind == TreatyEventKind::Withdrawal && self.relates_to.is_none() {
            let message = "name the event that is withdrawn";
            found.push(at(RecordField::RelatesTo).finding(Code::Required, message));
        }
        if self.kind == TreatyEventKind::ReportedStatus && self.reported_label.is_none() {
            let message = "give the status as it was printed";
            found.push(at(RecordField::ReportedLabel).finding(Code::Required, message));
        }
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
                let message = "only a DESIGNATION_OF_AUTHORITY designates";
                found.push(at(field).finding(Code::Invalid, message));
            }
        }
        if self.ends_on.is_some() && !self.kind.lasts() {
            let kind = ActiveEnum::to_value(&self.kind);
            let lasting = TreatyEventKind::iter();
            let lasting = lasting.filter(|kind| kind.lasts());
            let lasting: Vec<String> = lasting.map(|kind| ActiveEnum::to_value(&kind)).collect();
            let message = format!(
                "a {kind} has no end of its own; these have: {}",
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

    fn upward(&self) -> Vec<Upward> {
        let relates = self.references().into_iter();
        relates
            .filter(|(field, _)| *field == RecordField::RelatesTo)
            .map(|(field, to)| Upward::of(field, to))
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

    fn elements(&self) -> Vec<Mention> {
        // A territory is looked up by its code; one without is only read.
        let coded = |name: &&String| name.parse::<CountryCode>().is_ok();
        let territory = |name: &String| Mention::always(RecordField::Territories, name);
        self.territories
            .iter()
            .filter(coded)
            .map(territory)
            .collect()
    }

    fn country(&self) -> Option<CountryCode> {
        Some(self.country.clone())
    }

    fn kept(&self) -> Content {
        let earliest = self.date.map(|date| date.earliest().unwrap_or(Day::FIRST));
        let latest = self.date.map(|date| date.latest().unwrap_or(Day::LAST));
        // Without a date an event sorts last, and lies in no range of days.
        Content::from_iter([
            ("earliest".to_owned(), json!(earliest.unwrap_or(Day::LAST))),
            ("latest".to_owned(), json!(latest.unwrap_or(Day::FIRST))),
        ])
    }
}
