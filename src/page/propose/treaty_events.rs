//! Treaty events from the status line.

use domain::date::{Date, PartialDate};
use domain::profile_section::ProfileTopic;
use domain::record::Kind;
use serde_json::json;

use super::changes::{At, Changes};
use super::known::{Known, KnownRecord};
use super::plausible::OPENED;
use super::{Origin, heading_of};
use crate::fold::name_key;
use crate::read::{Page, Unmapped};
use crate::statements::{Statement, StatementKind};
use crate::status_line::{Consent, Printed};

/// The Budapest Convention.
const TREATY: &str = "ETS 185";

const SIGNATURES: [&str; 2] = ["SIGNATURE", "DEFINITIVE_SIGNATURE"];
const CONSENTS: [&str; 6] = [
    "DEFINITIVE_SIGNATURE",
    "RATIFICATION",
    "ACCEPTANCE",
    "APPROVAL",
    "ACCESSION",
    "SUCCESSION",
];
const ENTRY: [&str; 1] = ["ENTRY_INTO_FORCE"];

pub(super) fn propose(page: &Page, origin: &Origin, known: &Known, changes: &mut Changes<'_>) {
    let events: Vec<&KnownRecord> = known
        .of(Kind::TreatyEvent)
        .filter(|event| event.text("treaty") == Some(TREATY))
        .filter(|event| event.content.get("territories").is_none())
        .collect();
    let mut events = Events {
        page,
        origin,
        known: events,
        changes,
    };
    let status = &page.status;
    if let Some(signed) = &status.signed {
        events.act("SIGNATURE", &SIGNATURES, signed, "signature");
    }
    if let Some((consent, day)) = &status.consent {
        let kind = events.consent_kind(*consent);
        events.act(kind, &CONSENTS, day, "consent to be bound");
    }
    if let Some(day) = &status.in_force {
        events.act("ENTRY_INTO_FORCE", &ENTRY, day, "entry into force");
    }
    if let Some(label) = &status.label {
        events.reported(label);
    }
    for statement in &status.statements {
        events.statement(statement);
    }
}

/// Returns the days to which a page tells something: the day of its last update, or all days up to its reading.
pub(super) fn days_of(page: &Page, origin: &Origin) -> Option<PartialDate> {
    if let Some((day, _)) = page.last_updated {
        return Some(day.into());
    }
    let status = &page.status;
    let consent = status.consent.as_ref().map(|(_, day)| day);
    let printed = [status.signed.as_ref(), consent, status.in_force.as_ref()];
    let first = printed.into_iter().flatten().map(|day| day.value).max();
    let first = first.or_else(|| OPENED.parse().ok())?;
    between(first, origin.retrieved_on.unwrap_or(origin.today))
}

fn between(first: Date, last: Date) -> Option<PartialDate> {
    match first.cmp(&last) {
        std::cmp::Ordering::Less => format!("{first}/{last}").parse().ok(),
        std::cmp::Ordering::Equal => Some(last.into()),
        std::cmp::Ordering::Greater => None,
    }
}

struct Events<'a, 'b, 'c> {
    page: &'a Page,
    origin: &'a Origin,
    known: Vec<&'a KnownRecord>,
    changes: &'b mut Changes<'c>,
}

impl<'a> Events<'a, '_, '_> {
    fn of(&self, kinds: &[&str]) -> Vec<&'a KnownRecord> {
        let all = self.known.iter().copied();
        all.filter(|event| event.text("kind").is_some_and(|kind| kinds.contains(&kind)))
            .collect()
    }

    fn consent_kind(&self, consent: Consent) -> &'static str {
        let has_signed = self.page.status.prints_signature || !self.of(&SIGNATURES).is_empty();
        match consent {
            Consent::Ratified => "RATIFICATION",
            Consent::Either if has_signed => "RATIFICATION",
            Consent::Acceded | Consent::Either => "ACCESSION",
        }
    }

    /// Proposes a dated act, unless an act of one of the kinds is known with the same day.
    fn act(&mut self, kind: &str, kinds: &[&str], day: &Printed<Date>, words: &str) {
        let same = |event: &&KnownRecord| event.date("date") == Some(day.value.into());
        let known = self.of(kinds);
        if known.iter().any(same) {
            return;
        }
        if kind != "ENTRY_INTO_FORCE" && kind != "SIGNATURE" && self.of(&ENTRY).iter().any(same) {
            self.changes.notes.push(format!(
                "The page gives {} as the day of {words}; the records have it as the day of entry into force. No change \
                 is proposed.",
                day.value
            ));
            return;
        }
        let heading = heading_of(self.page, ProfileTopic::TreatyStatus);
        let at = At {
            line: day.line,
            heading,
            quote: &day.quote,
        };
        if let [one] = known.as_slice() {
            let before = one.text("date").unwrap_or("no day");
            self.changes.notes.push(format!(
                "The page gives {} as the day of {words}; {} has {before}. The change proposes the day of the page: \
                 decide which is right.",
                day.value, one.id
            ));
            let set = json!({ "date": day.value });
            self.changes
                .update("TreatyEvent", one.id.as_str(), one.version, &set, at);
            return;
        }
        let fields = json!({
            "kind": kind, "date": day.value, "country": self.origin.country, "treaty": TREATY,
        });
        self.changes.create("TreatyEvent", None, &fields, at);
    }

    /// Proposes the printed status as an event of its own, which is compared with the computed status.
    fn reported(&mut self, label: &Printed<String>) {
        let Some(days) = days_of(self.page, self.origin) else {
            return;
        };
        let same = |event: &&KnownRecord| {
            let other = event.text("reportedLabel").map(name_key);
            other == Some(name_key(&label.value)) && event.overlaps("date", &days)
        };
        if self.of(&["REPORTED_STATUS"]).iter().any(same) {
            return;
        }
        let at = At {
            line: label.line,
            heading: heading_of(self.page, ProfileTopic::TreatyStatus),
            quote: &label.quote,
        };
        let fields = json!({
            "kind": "REPORTED_STATUS", "date": days, "country": self.origin.country, "treaty": TREATY,
            "reportedLabel": label.value,
        });
        self.changes.create("TreatyEvent", None, &fields, at);
        self.changes.notes.push(format!(
            "The page prints the status “{}”. `reportedLabels` compares it with the computed status.",
            label.value
        ));
    }

    fn statement(&mut self, statement: &Statement) {
        let kind = match statement.kind {
            StatementKind::Declaration => "DECLARATION",
            StatementKind::Reservation => "RESERVATION",
        };
        // A designation of an authority is a declaration.
        let kinds: &[&str] = match statement.kind {
            StatementKind::Declaration => &["DECLARATION", "DESIGNATION_OF_AUTHORITY"],
            StatementKind::Reservation => &["RESERVATION"],
        };
        let same = |event: &&KnownRecord| {
            let articles = event.texts("articles");
            articles
                .iter()
                .any(|article| is_same_article(article, &statement.article))
        };
        if self.of(kinds).iter().any(same) {
            return;
        }
        let Some(days) = self.days_of_statement(statement.kind) else {
            self.changes.unmapped.push(Unmapped {
                line: statement.line,
                text: statement.quote.clone(),
                why: Some(
                    "the page was updated before the day of the act that it tells of".to_owned(),
                ),
            });
            return;
        };
        let at = At {
            line: statement.line,
            heading: heading_of(self.page, ProfileTopic::TreatyStatus),
            quote: &statement.quote,
        };
        let fields = json!({
            "kind": kind, "date": days, "country": self.origin.country, "treaty": TREATY,
            "articles": [statement.article],
        });
        if self.changes.create("TreatyEvent", None, &fields, at) {
            let note = "The page gives no day for declarations and reservations: their dates are the days between which \
                        they were made.";
            if !self.changes.notes.iter().any(|other| other == note) {
                self.changes.notes.push(note.to_owned());
            }
        }
    }

    /// Returns the days between which a statement was made. Reservations are made at signature or consent (ETS 185,
    /// Article 42).
    fn days_of_statement(&self, kind: StatementKind) -> Option<PartialDate> {
        let status = &self.page.status;
        let consent = status.consent.as_ref().map(|(_, day)| day.value);
        let known = self.of(&SIGNATURES).into_iter().chain(self.of(&CONSENTS));
        let known = known
            .filter_map(|event| event.date("date")?.earliest())
            .min();
        let first = status
            .signed
            .as_ref()
            .map(|day| day.value)
            .or(known)
            .or(consent);
        let first = first.or_else(|| OPENED.parse().ok())?;
        let page = self.page.last_updated.map(|(day, _)| day);
        let page = page
            .or(self.origin.retrieved_on)
            .unwrap_or(self.origin.today);
        let last = consent
            .filter(|_| kind == StatementKind::Reservation)
            .unwrap_or(page);
        between(first, last)
    }
}

/// True if two articles are the same, or one is a part of the other.
fn is_same_article(one: &str, other: &str) -> bool {
    let key = |article: &str| article.replace(' ', "");
    let (one, other) = (key(one), key(other));
    let begins = |whole: &str, part: &str| {
        whole
            .strip_prefix(part)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['(', '.']))
    };
    begins(&one, &other) || begins(&other, &one)
}
