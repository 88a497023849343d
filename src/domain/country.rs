//! Countries: states, territories and organisations.

use sea_orm::ActiveEnum;
use serde_json::{Value, json};

use super::check::{Code, Finding, Path};
use super::citation::CitationInput;
use super::date::{self, Day, PartialDate};
use super::field::Content;
use super::iso;
use super::localized_text::{LocalizedText, localized};
use super::noun::{Described, Identified, Novelty, noun, value};
use super::record::{RecordField, camel_case};
use super::reference::{Mention, Reference, Upward};
use super::text::{CountryCode, sort_key};
use super::value_type::{List, words};

words! {
    /// What kind of participant it is.
    CountryKind {
        /// A member or observer of the United Nations, the Cook Islands or Niue.
        State,
        /// A territory with an ISO 3166-1 code of its own.
        Territory,
        /// An entity whose status is disputed: see `designationNote`.
        Other,
        /// An international organisation that can take part in treaties.
        Organisation,
    }
}

words! {
    /// Organisations whose membership is recorded. The list may grow.
    InternationalOrganisation {
        /// The Council of Europe.
        CouncilOfEurope,
        /// The European Union.
        EuropeanUnion,
        /// The Organization of American States.
        #[graphql(name = "OAS")]
        Oas,
        /// The African Union.
        AfricanUnion,
        /// The Association of Southeast Asian Nations.
        #[graphql(name = "ASEAN")]
        Asean,
        /// The Commonwealth of Nations.
        Commonwealth,
    }
}

value! {
    /// Membership of an organisation.
    Membership as MembershipInput by ["organisation"] {
        /// The organisation.
        organisation: InternationalOrganisation,
        /// When it began; left out where it is not known.
        since: Option<PartialDate>,
        /// When it ended; left out while it lasts.
        until: Option<PartialDate>,
    }
}

value! {
    /// The administration of a territory by a country that no longer administers it.
    Administration as AdministrationInput by ["country", "since"] {
        /// The country that administered it.
        country: CountryCode,
        /// When that began; left out where it is not known.
        since: Option<PartialDate>,
        /// The last day.
        until: PartialDate,
    }
}

impl Membership {
    /// The first day on which it may exist.
    pub fn begins(&self) -> Day {
        let since = self.since.and_then(|since| since.earliest());
        since.unwrap_or(Day::FIRST)
    }

    /// The last day on which it may exist.
    pub fn ends(&self) -> Day {
        let until = self.until.and_then(|until| until.latest());
        until.unwrap_or(Day::LAST)
    }
}

impl Administration {
    /// Whether it may exist on a day.
    pub fn holds_on(&self, day: Day) -> bool {
        let since = self.since.and_then(|since| since.earliest());
        let until = self.until.latest();
        since.is_none_or(|since| since <= day) && until.is_none_or(|until| day <= until)
    }
}

/// The fields of a country: what is done with them is up to `$then`.
#[macro_export]
macro_rules! country_fields {
    ($then:ident) => {
        $then! {
            /// What is known of a country. A create must have: kind code names.
            Country in "country" as CountryFields, CreateCountry, UpdateCountry citing Option<Vec<CitationInput>> {
                /// State, territory, organisation or other.
                kind: CountryKind,
                /// ISO 3166-1 alpha-2, `XK` or `EU`. Identifies the country and never changes. A withdrawn
                /// code (ISO 3166-3) needs kind `OTHER`, and a `designationNote` that names its four letters.
                code: CountryCode,
                /// ISO 3166-1 alpha-3, of the same entry as `code`.
                alpha3: Option<String>,
                /// ISO 3166-1 numeric, three digits, of the same entry as `code`.
                numeric_code: Option<String>,
                /// Its names by language; one in English is expected.
                names: List<LocalizedText>,
                /// M49 region.
                region: Option<String>,
                /// M49 subregion.
                subregion: Option<String>,
                /// How it is designated, where its status is disputed.
                designation_note: Option<String>,
                /// The country that administers it now.
                administered_by: Option<CountryCode>,
                /// The countries that administered it earlier, each with its time. That of now is
                /// `administeredBy`.
                administrations: List<Administration>,
                /// The organisations it belongs to or belonged to. Memberships that begin after today are not
                /// shown today: a list without any leaves them as they are; `clear` takes all away.
                memberships: List<Membership>,
                /// What readers should know before they rely on the profile. The standard text is not kept.
                disclaimer: Option<String>,
            } keeping { sort_name: String, }
        }
    };
}
pub use country_fields as fields;
fields!(noun);

impl Identified for Country {
    const CITED: bool = false;
    const UNIQUE: Option<RecordField> = Some(RecordField::Code);

    fn key(&self) -> String {
        self.code.to_string().to_lowercase()
    }

    fn faults(&self) -> Vec<Finding> {
        let at = |field: RecordField| Path::default().then(field.camel());
        let mut found = Vec::new();
        if self.names.is_empty() {
            found.push(at(RecordField::Names).finding(Code::Required, "a country has a name"));
        }
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
                let message = "a country does not administer itself";
                found.push(path.then("country").finding(Code::Invalid, message));
            }
        }
        if self.administered_by.as_ref() == Some(&self.code) {
            let message = "a country does not administer itself";
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

    fn upward(&self) -> Vec<Upward> {
        let references = self.references().into_iter();
        references
            .map(|(field, by)| Upward::of(field, by))
            .collect()
    }

    fn novelties(&self) -> Vec<Novelty> {
        let code = self.code.to_string();
        let entries = iso::entries(&code);
        let mut found = Vec::new();
        let Some(first) = entries.first() else {
            let meant = iso::meant_by(&code).map(|right| format!(": use {right}"));
            let meant = meant.unwrap_or_default();
            let message = format!("{code} is no code of ISO 3166-1, nor XK or EU{meant}");
            let of = &[RecordField::Code];
            return vec![Novelty { of, message }];
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
            found.push(Novelty {
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
        let judge = |of, given: Option<&String>, right: Vec<String>| {
            let given = given.filter(|given| !right.contains(given))?;
            // Some withdrawn entries have no number in the list: theirs is not judged.
            if is_former && right.is_empty() {
                return None;
            }
            let message = if right.is_empty() {
                format!("{code} has no such code in ISO 3166-1")
            } else {
                let right = right.join(" or ");
                format!("{code} has {right} in ISO 3166-1, not {given}")
            };
            Some(Novelty { of, message })
        };
        found.extend(judge(&[RecordField::Alpha3], self.alpha3.as_ref(), letters));
        found.extend(judge(
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
        today: Day,
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

    fn elements(&self) -> Vec<Mention> {
        let membership = |membership: &Membership| Mention {
            field: RecordField::Memberships,
            value: membership.organisation.to_value(),
            begins: membership.begins(),
            ends: membership.ends(),
        };
        self.memberships.iter().map(membership).collect()
    }

    fn country(&self) -> Option<CountryCode> {
        Some(self.code.clone())
    }

    fn kept(&self) -> Content {
        let name = localized(&self.names, &[]).map(|name| sort_key(&name.text));
        let name = json!(name.unwrap_or_default());
        Content::from_iter([(camel_case("sort_name"), name)])
    }
}

/// The country that administers another on a day: by its earlier administrations the one of that day,
/// else the one of now.
pub fn administered_on<'a>(
    now: Option<&'a CountryCode>,
    earlier: &'a [Administration],
    day: Day,
) -> Option<&'a CountryCode> {
    let then = earlier.iter().rfind(|one| one.holds_on(day));
    then.map(|one| &one.country).or(now)
}
