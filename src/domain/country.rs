//! Countries: States, territories and organisations.

use sea_orm::ActiveEnum;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use super::check::{Code, Finding, Path};
use super::citation::CitationInput;
use super::date::{self, Date, PartialDate};
use super::field::Content;
use super::iso;
use super::localized_text::{LocalizedText, localized};
use super::noun::{Described, Identified, NewValueFault, noun, value};
use super::record::{RecordField, camel_case};
use super::reference::{AcyclicReference, IndexedReference, Reference};
use super::text::{CountryCode, sort_key};
use super::value_type::{List, field_enum};

field_enum! {
    /// Type of participant in treaties.
    CountryKind {
        /// A State: a member State or non-member observer State of the United Nations, the Cook Islands or Niue.
        State,
        /// A territory that has its own ISO 3166-1 code and is not a State. Its treaty status can come from the
        /// State that administers it.
        Territory,
        /// An entity whose status is disputed, or one whose ISO 3166-1 code was withdrawn (ISO 3166-3): see
        /// `designationNote`.
        Other,
        /// An international organisation that can take part in treaties, such as the European Union.
        Organisation,
    }
}

field_enum! {
    /// An international organisation whose memberships are recorded. The list may grow.
    InternationalOrganisation {
        /// The Council of Europe, whose Secretary General is the depositary of the ETS and CETS treaties.
        CouncilOfEurope,
        /// The European Union.
        EuropeanUnion,
        /// The Organization of American States.
        #[graphql(name = "OAS")]
        Oas,
        /// The African Union, under whose auspices the Malabo Convention was adopted.
        AfricanUnion,
        /// The Association of Southeast Asian Nations.
        #[graphql(name = "ASEAN")]
        Asean,
        /// The Commonwealth of Nations.
        Commonwealth,
    }
}

field_enum! {
    /// Role of a country in an international organisation. The list may grow.
    MembershipRole {
        /// Member.
        Member,
        /// Observer, which is not a member.
        Observer,
    }
}

value! {
    /// A country's membership of an international organisation, with its period.
    Membership as MembershipInput by ["organisation"] of_form Structure {
        /// The organisation.
        organisation: InternationalOrganisation,
        /// Role of the country. Absent means `MEMBER`.
        #[serde(default, deserialize_with = "if_not_member")]
        role: Option<MembershipRole>,
        /// First day of the membership, as exact as the source. Absent if unknown.
        since: Option<PartialDate>,
        /// Last day of the membership, as exact as the source. Absent while the membership lasts, or if unknown.
        until: Option<PartialDate>,
    }
}

value! {
    /// A past administration of a territory by another country. The present one is `administeredBy`.
    Administration as AdministrationInput by ["country", "since"] of_form Structure {
        /// The country that administered the territory.
        country: CountryCode,
        /// First day of the administration. Absent if unknown.
        since: Option<PartialDate>,
        /// Last day of the administration.
        until: PartialDate,
    }
}

/// Deserialises an optional role of which only others than `MEMBER` are stored; its absence means `MEMBER`.
fn if_not_member<'de, D: Deserializer<'de>>(given: D) -> Result<Option<MembershipRole>, D::Error> {
    Ok(Option::deserialize(given)?.filter(|role| *role != MembershipRole::Member))
}

impl Membership {
    /// Role of the country.
    pub fn role(&self) -> MembershipRole {
        self.role.unwrap_or(MembershipRole::Member)
    }

    /// First day on which the membership may exist; [`Date::FIRST`] if its beginning is open or unknown.
    pub fn begins(&self) -> Date {
        let since = self.since.and_then(|since| since.earliest());
        since.unwrap_or(Date::FIRST)
    }

    /// Last day on which the membership may exist; [`Date::LAST`] if its end is open or unknown.
    pub fn ends(&self) -> Date {
        let until = self.until.and_then(|until| until.latest());
        until.unwrap_or(Date::LAST)
    }
}

impl Administration {
    /// True if the administration may cover `day`, as far as its dates tell.
    pub fn holds_on(&self, day: Date) -> bool {
        let since = self.since.and_then(|since| since.earliest());
        let until = self.until.latest();
        since.is_none_or(|since| since <= day) && until.is_none_or(|until| day <= until)
    }
}

/// Passes the declaration of `Country` to the macro `$then`.
#[macro_export]
macro_rules! country_fields {
    ($then:ident) => {
        $then! {
            /// The fields of a country.
            Country in "country" as CountryFields, CreateCountry, UpdateCountry citing Option<Vec<CitationInput>> {
                /// State, territory, organisation or other.
                kind: CountryKind,
                /// ISO 3166-1 alpha-2, `XK` or `EU`. Identifies the country and never changes. A withdrawn code (ISO
                /// 3166-3) needs kind `OTHER`, and a `designationNote` that names its four letters.
                code: CountryCode,
                /// ISO 3166-1 alpha-3, of the same entry as `code`.
                alpha3: Option<String>,
                /// ISO 3166-1 numeric: three digits, of the same entry as `code`.
                numeric_code: Option<String>,
                /// Names by language, at least one; one in English is expected.
                names: List<LocalizedText>,
                /// Region of the UN M49 standard, by its English name.
                region: Option<String>,
                /// Subregion of the UN M49 standard, by its English name.
                subregion: Option<String>,
                /// Note that explains the name or code under which the country is listed, if its status is disputed
                /// or its `code` was withdrawn. For a withdrawn code it names the four letters of ISO 3166-3.
                designation_note: Option<String>,
                /// Code of the country that administers this one now.
                administered_by: Option<CountryCode>,
                /// Countries that administered this one earlier, each with its period. The present one is
                /// `administeredBy`.
                administrations: List<Administration>,
                /// Memberships of international organisations, past ones included. The list replaces the stored one.
                /// Memberships that begin after today are hidden from readers: they stay unless the new list contains
                /// a membership that begins after today. `clear`, or an empty list, removes all, hidden ones too.
                memberships: List<Membership>,
                /// Text that readers should see before they rely on the profile. The standard text is not stored: a
                /// country without a disclaimer shows it.
                disclaimer: Option<String>,
            } derived { sort_name: String, }
        }
    };
}
pub use country_fields as fields;
fields!(noun);

impl Identified for Country {
    const CITED: bool = false;
    const UNIQUE: Option<RecordField> = Some(RecordField::Code);
    const NOT_EMPTY: &[RecordField] = &[RecordField::Names];

    fn key(&self) -> String {
        self.code.to_string().to_lowercase()
    }

    fn validate(&self) -> Vec<Finding> {
        let at = |field: RecordField| Path::default().then(field.camel());
        let mut found = Vec::new();
        let fits = |code: &String, length: usize, digits: bool| {
            let letter = |byte: u8| {
                if digits {
                    byte.is_ascii_digit()
                } else {
                    byte.is_ascii_uppercase()
                }
            };
            code.len() == length && code.bytes().all(letter)
        };
        if self
            .alpha3
            .as_ref()
            .is_some_and(|code| !fits(code, 3, false))
        {
            let message = "expected three capital letters of ISO 3166-1, like \u{201c}AZE\u{201d}";
            found.push(at(RecordField::Alpha3).finding(Code::Invalid, message));
        }
        if self
            .numeric_code
            .as_ref()
            .is_some_and(|code| !fits(code, 3, true))
        {
            let message = "expected three digits of ISO 3166-1, like \u{201c}031\u{201d}";
            found.push(at(RecordField::NumericCode).finding(Code::Invalid, message));
        }
        for (number, membership) in self.memberships.iter().enumerate() {
            let path = at(RecordField::Memberships).then(number).then("until");
            date::check_order(membership.since, membership.until, &path, &mut found);
        }
        for (number, administration) in self.administrations.iter().enumerate() {
            let path = at(RecordField::Administrations).then(number);
            let until = Some(administration.until);
            date::check_order(administration.since, until, &path.then("until"), &mut found);
            if administration.country == self.code {
                let message = "a country cannot administer itself: name another country";
                found.push(path.then("country").finding(Code::Invalid, message));
            }
        }
        if self.administered_by.as_ref() == Some(&self.code) {
            let message = "a country cannot administer itself: name another country";
            found.push(at(RecordField::AdministeredBy).finding(Code::Invalid, message));
        }
        found
    }

    fn references(&self) -> Vec<(RecordField, Reference)> {
        let by = self.administered_by.iter();
        let by = by.map(|by| (RecordField::AdministeredBy, by));
        let earlier = self.administrations.iter();
        let earlier = earlier.map(|one| (RecordField::Administrations, &one.country));
        by.chain(earlier)
            .map(|(field, code)| (field, Reference::Country(code.clone())))
            .collect()
    }

    fn acyclic_references(&self) -> Vec<AcyclicReference> {
        let references = self.references().into_iter();
        references
            .map(|(field, by)| AcyclicReference::of(field, by))
            .collect()
    }

    fn new_value_faults(&self) -> Vec<NewValueFault> {
        let code = self.code.to_string();
        let entries = iso::entries(&code);
        let mut found = Vec::new();
        let Some(first) = entries.first() else {
            let message =
                format!("{code} is not an assigned code: expected one of ISO 3166-1, XK or EU");
            let of = &[RecordField::Code];
            return vec![NewValueFault { of, message }];
        };
        let former: Vec<&str> = entries.iter().filter_map(|entry| entry.former).collect();
        let note = self.designation_note.as_deref().unwrap_or_default();
        let is_marked = former.iter().any(|code| note.contains(code));
        let is_former = first.former.is_some();
        if is_former && !(self.kind == CountryKind::Other && is_marked) {
            let former = former.join(" or ");
            let message = format!(
                "{code} is a withdrawn code (ISO 3166-3 {former}): it needs kind OTHER, and a \
                 designationNote that names {former}"
            );
            found.push(NewValueFault {
                of: &[
                    RecordField::Code,
                    RecordField::Kind,
                    RecordField::DesignationNote,
                ],
                message,
            });
        }
        let letters = entries.iter().filter_map(|entry| entry.alpha3);
        let letters = letters.map(str::to_owned).collect();
        let numbers = entries.iter().filter_map(|entry| entry.numeric);
        let numbers = numbers.map(|number| format!("{number:03}")).collect();
        let check_code = |of, given: Option<&String>, right: Vec<String>| {
            let given = given.filter(|given| !right.contains(given))?;
            // The list has no number for some withdrawn entries: a number given for those is not checked.
            if is_former && right.is_empty() {
                return None;
            }
            let message = if right.is_empty() {
                format!("{code} has no such code in ISO 3166-1: expected no value")
            } else {
                let right = right.join(" or ");
                format!("{code} has {right} in ISO 3166-1, not {given}")
            };
            Some(NewValueFault { of, message })
        };
        found.extend(check_code(
            &[RecordField::Alpha3],
            self.alpha3.as_ref(),
            letters,
        ));
        found.extend(check_code(
            &[RecordField::NumericCode],
            self.numeric_code.as_ref(),
            numbers,
        ));
        found
    }

    fn read_back(
        &self,
        field: RecordField,
        given: &Value,
        _: &dyn Fn(RecordField) -> bool,
        today: Date,
    ) -> Option<Value> {
        if field != RecordField::Memberships {
            return None;
        }
        let given: List<Membership> = serde_json::from_value(given.clone()).ok()?;
        let later = |membership: &&Membership| {
            let since = membership.since.and_then(|since| since.earliest());
            since.is_some_and(|since| today < since)
        };
        if given.iter().any(|membership| later(&membership)) {
            return None;
        }
        let shown = self.memberships.iter().filter(|one| !later(one));
        let whole = if shown.eq(given.iter()) {
            self.memberships.0.clone()
        } else {
            let hidden = self.memberships.iter().filter(later);
            given.iter().chain(hidden).cloned().collect()
        };
        let field = Self::fields().iter().find(|one| one.name == field)?;
        let value = serde_json::to_value(whole).ok()?;
        field.read(value, &Path::default()).ok()
    }

    fn search_terms(&self) -> Vec<IndexedReference> {
        let membership = |membership: &Membership| IndexedReference {
            field: RecordField::Memberships,
            value: membership.organisation.to_value(),
            begins: membership.begins(),
            ends: membership.ends(),
        };
        let members = self.memberships.iter();
        let members = members.filter(|one| one.role() == MembershipRole::Member);
        members.map(membership).collect()
    }

    fn country(&self) -> Option<CountryCode> {
        Some(self.code.clone())
    }

    fn derived_columns(&self) -> Content {
        let name = localized(&self.names, &[]).map(|name| sort_key(&name.text));
        let name = json!(name.unwrap_or_default());
        Content::from_iter([(camel_case("sort_name"), name)])
    }
}

/// Returns the country that administers another on `day`: the last of the `earlier` administrations that may cover
/// the day, else `now`.
pub fn administered_on<'a>(
    now: Option<&'a CountryCode>,
    earlier: &'a [Administration],
    day: Date,
) -> Option<&'a CountryCode> {
    let then = earlier.iter().rfind(|one| one.holds_on(day));
    then.map(|one| &one.country).or(now)
}
