//! The status line of a page: `Status : Party Signed : 30/06/2008 Ratified / acceded : 15/03/2010`.

use domain::date::Date;

use crate::dates::days;
use crate::fold::fold;
use crate::read::Unmapped;
use crate::statements::{self, Statement, StatementKind};

/// A value that the page prints, with the line on which it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Printed<T> {
    /// The value.
    pub value: T,
    /// Number of the line.
    pub line: usize,
    /// The label and the value, as printed.
    pub quote: String,
}

/// The act that the page calls consent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consent {
    /// `Ratified / acceded`: it was a ratification if the country had signed.
    Either,
    /// `Ratified`.
    Ratified,
    /// `Acceded`.
    Acceded,
}

/// The status under the Budapest Convention, as a page prints it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// The status as printed, as in `Party`.
    pub label: Option<Printed<String>>,
    /// Day of signature.
    pub signed: Option<Printed<Date>>,
    /// True if the page prints a signature, even with a day that cannot be.
    pub prints_signature: bool,
    /// Day of consent to be bound.
    pub consent: Option<(Consent, Printed<Date>)>,
    /// Day of entry into force.
    pub in_force: Option<Printed<Date>>,
    /// Declarations and reservations.
    pub statements: Vec<Statement>,
    /// True if the page says that there are no reservations.
    pub no_reservations: Option<Printed<()>>,
    /// True if the page says that there are no declarations.
    pub no_declarations: Option<Printed<()>>,
}

#[derive(Clone, Copy, PartialEq)]
enum Label {
    Status,
    Signed,
    Consent(Consent),
    InForce,
    Statements(Option<StatementKind>),
    /// A label whose value is not needed.
    Other,
}

/// The labels. A space stands for any number of spaces. Longer labels are before their beginnings.
const LABELS: [(&str, Label); 26] = [
    ("status", Label::Status),
    ("statut", Label::Status),
    ("date of signature", Label::Signed),
    ("date de signature", Label::Signed),
    ("signature", Label::Signed),
    ("signed", Label::Signed),
    ("signe", Label::Signed),
    ("ratified / acceded", Label::Consent(Consent::Either)),
    ("ratified or acceded", Label::Consent(Consent::Either)),
    ("ratification / accession", Label::Consent(Consent::Either)),
    ("ratifie / adhere", Label::Consent(Consent::Either)),
    ("ratifie ou adhere", Label::Consent(Consent::Either)),
    ("ratification / adhesion", Label::Consent(Consent::Either)),
    ("ratifie / accede", Label::Consent(Consent::Either)),
    ("ratification", Label::Consent(Consent::Ratified)),
    ("ratified", Label::Consent(Consent::Ratified)),
    ("ratifie", Label::Consent(Consent::Ratified)),
    ("accession", Label::Consent(Consent::Acceded)),
    ("acceded", Label::Consent(Consent::Acceded)),
    ("adhesion", Label::Consent(Consent::Acceded)),
    ("adhere", Label::Consent(Consent::Acceded)),
    ("entry into force", Label::InForce),
    ("entered into force", Label::InForce),
    ("entree en vigueur", Label::InForce),
    ("last updated", Label::Other),
    ("derniere mise a jour", Label::Other),
];

/// A label in a text: its first position, and the one after its colon.
struct Found {
    label: Label,
    begins: usize,
    ends: usize,
}

/// True if a line begins with a label of the status line.
pub fn is_status_line(text: &str) -> bool {
    let folded: Vec<char> = fold(text).chars().collect();
    label_at(&folded, 0).is_some_and(|found| found.label != Label::Other)
}

fn label_at(folded: &[char], at: usize) -> Option<Found> {
    let here = folded.get(at..)?;
    if let Some((kind, length)) = statements_label(here) {
        return Some(Found {
            label: Label::Statements(kind),
            begins: at,
            ends: at + length,
        });
    }
    LABELS.iter().find_map(|(words, label)| {
        let length = matched(here, words)?;
        let rest = here.get(length..)?;
        let spaces = rest.iter().take_while(|letter| **letter == ' ').count();
        let colon = rest.get(spaces)?;
        matches!(colon, ':' | '|').then_some(Found {
            label: *label,
            begins: at,
            ends: at + length + spaces + 1,
        })
    })
}

/// Reads a label such as `Declarations & reservations :` or `Reservation(s) :`. Returns the kind, `None` for both, and the
/// number of characters.
fn statements_label(here: &[char]) -> Option<(Option<StatementKind>, usize)> {
    let (first, mut at) = kind_word(here, 0)?;
    let mut kind = Some(first);
    let spaces = |at: usize| {
        let rest = here.get(at..).unwrap_or_default();
        at + rest.iter().take_while(|letter| **letter == ' ').count()
    };
    let joint = spaces(at);
    let joints = [
        ", and ", ", et ", "&amp;", "&", "and/or", "and ", "or ", "et ", "ou ", ",", "/", "-",
    ];
    let joined = joints.iter().find_map(|words| {
        let rest = here.get(joint..)?;
        let begins = words.chars().eq(rest.iter().take(words.len()).copied());
        begins.then(|| kind_word(here, spaces(joint + words.len())))?
    });
    if let Some((second, end)) = joined {
        kind = kind.filter(|kind| *kind == second);
        at = end;
    }
    let colon = spaces(at);
    matches!(here.get(colon)?, ':' | '|').then_some((kind, colon + 1))
}

/// Reads `declaration`, `reservations` or `réserve(s)` at a position. Returns the kind and the position after it.
fn kind_word(here: &[char], at: usize) -> Option<(StatementKind, usize)> {
    let rest = here.get(at..)?;
    let word: String = rest
        .iter()
        .take(16)
        .take_while(|letter| letter.is_alphabetic())
        .collect();
    let kind = statements::kind_of(&word)?;
    let end = at + word.chars().count();
    let plural = here.get(end..).unwrap_or_default().iter().take(3);
    let plural = plural.copied().eq("(s)".chars());
    Some((kind, if plural { end + 3 } else { end }))
}

/// Returns the number of characters of a text that match `words`.
fn matched(text: &[char], words: &str) -> Option<usize> {
    let mut at = 0;
    for letter in words.chars() {
        if letter == ' ' {
            at += text
                .get(at..)?
                .iter()
                .take_while(|letter| **letter == ' ')
                .count();
        } else if text.get(at) == Some(&letter) {
            at += 1;
        } else {
            return None;
        }
    }
    Some(at)
}

/// Reads the status from the lines of its section: numbers and texts. Adds what it could not read to `unmapped`.
pub fn read(lines: &[(usize, &str)], unmapped: &mut Vec<Unmapped>) -> Status {
    let mut status = Status::default();
    let mut letters: Vec<char> = Vec::new();
    let mut starts: Vec<(usize, usize)> = Vec::new();
    for (number, text) in lines {
        starts.push((letters.len(), *number));
        letters.extend(text.chars());
        letters.push('\n');
    }
    let folded: Vec<char> = letters
        .iter()
        .map(|letter| {
            if *letter == '\n' {
                '\n'
            } else {
                crate::fold::folded(*letter)
            }
        })
        .collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < folded.len() {
        let before = at.checked_sub(1).and_then(|before| letters.get(before));
        let here = letters.get(at);
        // `PartyRatified : 12/05/2004`
        let glued = before.is_some_and(|before| before.is_lowercase() || before.is_ascii_digit())
            && here.is_some_and(|here| here.is_uppercase());
        let begins = glued || before.is_none_or(|before| !before.is_alphanumeric());
        match begins.then(|| label_at(&folded, at)).flatten() {
            Some(label) => {
                at = label.ends;
                found.push(label);
            }
            None => at += 1,
        }
    }
    let line_of = |position: usize| {
        let after = starts.partition_point(|(start, _)| *start <= position);
        let line = after.checked_sub(1).and_then(|at| starts.get(at));
        line.map_or(1, |(_, number)| *number)
    };
    for (place, label) in found.iter().enumerate() {
        let next = found
            .get(place + 1)
            .map_or(letters.len(), |next| next.begins);
        let value = letters.get(label.ends..next).unwrap_or_default();
        let blank = value
            .iter()
            .take_while(|letter| letter.is_whitespace())
            .count();
        let length = value
            .iter()
            .skip(blank)
            .take_while(|letter| **letter != '\n')
            .count();
        let value: String = value.iter().skip(blank).take(length).collect();
        let quote = letters
            .get(label.begins..label.ends + blank + length)
            .unwrap_or_default();
        let quote: String = quote
            .iter()
            .map(|letter| if *letter == '\n' { ' ' } else { *letter })
            .collect();
        let at = At {
            line: line_of(label.begins),
            value_line: line_of(label.ends + blank),
            quote: shortened(&quote),
        };
        let value =
            value.trim_matches(|letter: char| letter.is_whitespace() || ",;|".contains(letter));
        if let Label::Statements(kind) = label.label {
            let first = label.ends + blank + length;
            let more = letters.get(first..next).unwrap_or_default();
            let kind = status.take_statements(kind, value, &at, unmapped);
            status.take_more(kind, more, first, &line_of, unmapped);
        } else {
            status.take(label.label, value, &at, unmapped);
        }
    }
    status
}

/// Longest quotation, in characters.
const MAX_QUOTE: usize = 400;

fn shortened(quote: &str) -> String {
    let quote = quote.trim().trim_end_matches(['|', ' ']);
    match quote.char_indices().nth(MAX_QUOTE) {
        None => quote.to_owned(),
        Some((end, _)) => format!("{}…", quote.get(..end).unwrap_or_default()),
    }
}

struct At {
    line: usize,
    value_line: usize,
    quote: String,
}

impl At {
    fn printed<T>(&self, value: T) -> Printed<T> {
        Printed {
            value,
            line: self.line,
            quote: self.quote.clone(),
        }
    }

    fn unmapped(&self, why: &str) -> Unmapped {
        Unmapped {
            line: self.line,
            text: self.quote.clone(),
            why: Some(why.to_owned()),
        }
    }
}

/// Longest status that a page prints, in characters.
const MAX_LABEL: usize = 60;

impl Status {
    fn take(&mut self, label: Label, value: &str, at: &At, unmapped: &mut Vec<Unmapped>) {
        if value.is_empty() || label == Label::Other {
            return;
        }
        match label {
            Label::Status if self.label.is_none() => {
                let value = value.trim_end_matches('.');
                if value.chars().count() > MAX_LABEL {
                    unmapped.push(at.unmapped("the status is longer than a status is"));
                } else {
                    self.label = Some(at.printed(value.to_owned()));
                }
            }
            Label::Status => {
                if self
                    .label
                    .as_ref()
                    .is_some_and(|known| known.value != value)
                {
                    unmapped.push(at.unmapped("the page prints another status before"));
                }
            }
            Label::Signed | Label::Consent(_) | Label::InForce => {
                self.take_day(label, value, at, unmapped);
            }
            Label::Statements(_) | Label::Other => {}
        }
    }

    fn take_day(&mut self, label: Label, value: &str, at: &At, unmapped: &mut Vec<Unmapped>) {
        let days = days(value);
        self.prints_signature |= label == Label::Signed
            && (!days.is_empty() || !is_none(value) && !fold(value).starts_with("not "));
        let Some(day) = days.first() else {
            if !is_none(value) {
                unmapped.push(at.unmapped("expected a day as DD/MM/YYYY"));
            }
            return;
        };
        // Days that the calendar does not have are reported for the whole page.
        let Some(date) = day.date else { return };
        let known = match label {
            Label::Signed => self.signed.as_ref(),
            Label::InForce => self.in_force.as_ref(),
            _ => self.consent.as_ref().map(|(_, day)| day),
        };
        if let Some(known) = known {
            if known.value != date {
                unmapped.push(at.unmapped("the page prints another day before"));
            }
            return;
        }
        if days.len() > 1 {
            unmapped.push(at.unmapped("the page prints more than one day; the first was taken"));
        }
        let printed = at.printed(date);
        match label {
            Label::Signed => self.signed = Some(printed),
            Label::InForce => self.in_force = Some(printed),
            Label::Consent(consent) => self.consent = Some((consent, printed)),
            _ => {}
        }
    }

    fn take_statements(
        &mut self,
        kind: Option<StatementKind>,
        value: &str,
        at: &At,
        unmapped: &mut Vec<Unmapped>,
    ) -> Option<StatementKind> {
        if value.is_empty() {
            return kind;
        }
        if is_none(value) {
            let none = || Some(at.printed(()));
            if kind != Some(StatementKind::Declaration) {
                self.no_reservations = none();
            }
            if kind != Some(StatementKind::Reservation) {
                self.no_declarations = none();
            }
            return kind;
        }
        let read = statements::read(kind, value);
        for article in read.refused {
            let why = format!(
                "the page lists a reservation on Article {article}, on which Article 42 of the Convention allows none"
            );
            unmapped.push(at.unmapped(&why));
        }
        let is_lead = read.unclear.is_empty() && read.statements.is_empty();
        for article in read.unclear {
            let why = format!(
                "the page does not say whether Article {article} has a declaration or a reservation, and the \
                 Convention allows both"
            );
            unmapped.push(at.unmapped(&why));
        }
        for (kind, article) in read.statements {
            let known = |other: &Statement| other.kind == kind && other.article == article;
            if !self.statements.iter().any(known) {
                self.statements.push(Statement {
                    kind,
                    article,
                    line: at.value_line,
                    quote: at.quote.clone(),
                });
            }
        }
        if is_lead { read.last } else { kind }
    }

    /// Takes declarations and reservations from the lines after the one of their label. A line of another kind ends them.
    fn take_more(
        &mut self,
        kind: Option<StatementKind>,
        text: &[char],
        begins: usize,
        line_of: &impl Fn(usize) -> usize,
        unmapped: &mut Vec<Unmapped>,
    ) {
        let mut kind = kind;
        let mut begins = begins;
        let mut is_list = true;
        for row in text.split(|letter| *letter == '\n') {
            let line: String = row.iter().collect();
            let number = line_of(begins);
            begins += row.len() + 1;
            let line = line.trim();
            if line.is_empty() {
                continue;
            }
            let at = At {
                line: number,
                value_line: number,
                quote: shortened(line),
            };
            let folded = fold(line);
            let starts = [
                "art",
                "declaration",
                "reservation",
                "reserve",
                "regarding",
                "concerning",
                "pursuant",
                "in accordance with art",
                "under art",
                "(",
                "§",
                "and art",
                "et art",
            ];
            is_list &= folded.starts_with(|first: char| first.is_ascii_digit())
                || starts.iter().any(|start| folded.starts_with(start));
            if is_list {
                kind = self.take_statements(kind, line, &at, unmapped);
            } else if folded.contains("article ") || folded.contains("art. ") {
                unmapped.push(at.unmapped(
                    "the text was not read as a list of declarations and reservations: it is in the section only",
                ));
            }
        }
    }
}

/// True if a value says that there is nothing.
fn is_none(value: &str) -> bool {
    let value = crate::fold::words(value).join(" ");
    matches!(
        value.as_str(),
        "none"
            | "no"
            | "nil"
            | "not applicable"
            | "no reservations"
            | "no declarations"
            | "aucune"
            | "aucun"
            | "neant"
            | "no declarations or reservations"
            | "no reservations or declarations"
            | ""
            | "non"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(text: &str) -> (Status, Vec<Unmapped>) {
        let lines: Vec<(usize, &str)> = text
            .lines()
            .enumerate()
            .map(|(at, line)| (at + 1, line))
            .collect();
        let mut unmapped = Vec::new();
        (read(&lines, &mut unmapped), unmapped)
    }

    fn brief(text: &str) -> (String, String, String) {
        let (status, unmapped) = status(text);
        assert_eq!(unmapped, [], "{text}");
        let day =
            |day: Option<&Printed<Date>>| day.map(|day| day.value.to_string()).unwrap_or_default();
        (
            status.label.map(|label| label.value).unwrap_or_default(),
            day(status.signed.as_ref()),
            day(status.consent.as_ref().map(|(_, day)| day)),
        )
    }

    #[test]
    fn every_known_form_of_the_line_is_read() {
        let wanted = |label: &str, signed: &str, consent: &str| {
            (label.to_owned(), signed.to_owned(), consent.to_owned())
        };
        for (text, found) in [
            (
                "Status : Party Signed : 30/06/2008 Ratified / acceded : 15/03/2010",
                wanted("Party", "2008-06-30", "2010-03-15"),
            ),
            (
                "Status : Party Signed : 23/11/2001PartyRatified : 12/05/2004",
                wanted("Party", "2001-11-23", "2004-05-12"),
            ),
            (
                "Status : PartyRatified : 12/05/2004",
                wanted("Party", "", "2004-05-12"),
            ),
            (
                "Statut : Partie Signé : 23/11/2001 Ratifié / adhéré : 10/01/2006",
                wanted("Partie", "2001-11-23", "2006-01-10"),
            ),
            (
                "Status:Party Ratified/acceded:03/12/2018",
                wanted("Party", "", "2018-12-03"),
            ),
            (
                "Status :\nParty\nSigned :\n30/06/2008",
                wanted("Party", "2008-06-30", ""),
            ),
            (
                "Status | Party | Signed | 30/06/2008 | Ratified | 15/03/2010",
                wanted("Party", "2008-06-30", "2010-03-15"),
            ),
            (
                "Status : Invited to accede",
                wanted("Invited to accede", "", ""),
            ),
            ("Status : NA", wanted("NA", "", "")),
            (
                "Declarations and reservations : Articles: 24, 27, 35",
                wanted("", "", ""),
            ),
            ("The status of the page is as follows.", wanted("", "", "")),
        ] {
            assert_eq!(brief(text), found, "{text}");
        }
    }

    fn statements(text: &str) -> (Vec<(StatementKind, String)>, usize) {
        let (status, unmapped) = status(text);
        let all = status.statements.into_iter();
        (
            all.map(|one| (one.kind, one.article)).collect(),
            unmapped.len(),
        )
    }

    #[test]
    fn labels_of_both_kinds_leave_the_kind_to_the_convention() {
        for label in [
            "Declarations & reservations :",
            "Declarations &amp; reservations :",
            "Déclarations et réserves :",
            "Declarations, reservations:",
            "Declarations / reservations :",
            "Declaration(s) and reservation(s) :",
            "Reservation and declaration :",
        ] {
            let (found, unmapped) = statements(&format!("{label} Articles 22, 24 and 27"));
            let wanted = [
                (StatementKind::Reservation, "22".to_owned()),
                (StatementKind::Declaration, "24".to_owned()),
                (StatementKind::Declaration, "27".to_owned()),
            ];
            assert_eq!((found.as_slice(), unmapped), (&wanted[..], 0), "{label}");
        }
    }

    #[test]
    fn a_reservation_that_the_convention_does_not_allow_is_only_reported() {
        assert_eq!(
            statements("Reservations : Articles 24, 27, 35"),
            (vec![], 3)
        );
    }

    #[test]
    fn declarations_on_several_lines_are_all_read() {
        let wanted = vec![
            (StatementKind::Declaration, "24".to_owned()),
            (StatementKind::Declaration, "27".to_owned()),
            (StatementKind::Reservation, "22".to_owned()),
        ];
        for text in [
            "Declarations and reservations :\nArticle 24\nArticle 27\nArticle 22 reservation",
            "Declarations and reservations : Article 24\nArticle 27\nArticle 22 reservation",
            "Declaration(s) :\nArticle 24\nArticle 27\nReservation :\nArticle 22",
            "Declarations and reservations :\nDeclarations\n24\n27\nReservations\n22",
        ] {
            assert_eq!(statements(text), (wanted.clone(), 0), "{text}");
        }
        let text = "Declaration: Article 24\nReservation: Article 29(4)";
        let wanted = vec![
            (StatementKind::Declaration, "24".to_owned()),
            (StatementKind::Reservation, "29(4)".to_owned()),
        ];
        assert_eq!(statements(text), (wanted, 0));
        let text = "Declarations : Article 24\nThe court decided on Article 9 of the Constitution.";
        assert_eq!(statements(text).1, 1);
    }

    #[test]
    fn the_label_tells_the_act() {
        let consent = |text: &str| status(text).0.consent.map(|(consent, _)| consent);
        assert_eq!(
            consent("Ratified / acceded : 15/03/2010"),
            Some(Consent::Either)
        );
        assert_eq!(consent("Ratified : 15/03/2010"), Some(Consent::Ratified));
        assert_eq!(consent("Acceded : 15/03/2010"), Some(Consent::Acceded));
    }

    #[test]
    fn a_value_that_is_no_day_is_reported() {
        let (status, unmapped) =
            status("Status : Party Signed : soon Ratified / acceded : 15/03/2010");
        assert_eq!(status.signed, None);
        assert_eq!(unmapped[0].text, "Signed : soon");
        assert!(unmapped[0].why.as_deref().unwrap().contains("DD/MM/YYYY"));
    }
}
