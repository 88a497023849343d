//! Documents that a page names with their year or period.

use domain::policy_document::{DocumentSubject, PolicyDocumentKind, PolicyDocumentStatus};

use crate::fold::{fold, name_key, words};
use crate::paragraphs::{Paragraph, facts};

/// A document that a page names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Title as printed, with its year or period.
    pub title: String,
    /// Type, from its title.
    pub kind: PolicyDocumentKind,
    /// Stage, if the sentence states it; else `Unknown`.
    pub status: PolicyDocumentStatus,
    /// Subjects that the title names.
    pub subjects: Vec<DocumentSubject>,
    /// Period, as in `2014/2020`.
    pub period: Option<String>,
    /// Year of an act that has it in its title.
    pub adopted_on: Option<String>,
    /// Sentence that names it.
    pub quote: String,
    /// The heading above it.
    pub heading: String,
    /// Number of its line.
    pub line: usize,
}

/// Returns the documents that a paragraph names plainly: a title in quotation marks or in capitals, with its year or
/// period.
pub fn documents(paragraph: &Paragraph) -> Vec<Document> {
    let mut found: Vec<Document> = Vec::new();
    for sentence in facts(&paragraph.text) {
        let titles = quoted(sentence).into_iter().chain(capitalised(sentence));
        for title in titles {
            let Some(document) = document(&title, sentence, paragraph) else {
                continue;
            };
            let key = name_key(&document.title);
            let is_known = found
                .iter()
                .any(|other| name_key(&other.title).contains(&key));
            if !is_known {
                found.push(document);
            }
        }
    }
    found
}

/// Longest title, in characters.
const MAX_TITLE: usize = 250;

fn document(title: &str, sentence: &str, paragraph: &Paragraph) -> Option<Document> {
    let title =
        title.trim_matches(|letter: char| letter.is_whitespace() || ",;:.".contains(letter));
    let title = year_dashes(title);
    let starts = title.chars().next().is_some_and(char::is_uppercase);
    if !starts || title.chars().count() > MAX_TITLE || is_foreign(&title) {
        return None;
    }
    let kind = kind(&title)?;
    let years = years(&title);
    let period = match years.as_slice() {
        [(from, _), (to, true), ..] if from < to => Some(format!("{from}/{to}")),
        _ => None,
    };
    let is_act = matches!(
        kind,
        PolicyDocumentKind::Law | PolicyDocumentKind::Code | PolicyDocumentKind::Decree
    );
    let numbered = fold(&title).contains("no. ") || fold(&title).contains(" n°");
    let adopted_on = match years.as_slice() {
        [(year, _)] if is_act => Some(year.to_string()),
        _ => None,
    };
    if years.is_empty() && !(is_act && numbered) {
        return None;
    }
    Some(Document {
        subjects: subjects(&title),
        status: status(sentence, &title),
        title,
        kind,
        period,
        adopted_on,
        quote: sentence.to_owned(),
        heading: paragraph.heading.clone(),
        line: paragraph.line,
    })
}

/// Returns the texts in quotation marks.
fn quoted(sentence: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut open: Option<(char, usize)> = None;
    for (at, letter) in sentence.char_indices() {
        match (open, letter) {
            (None, '“' | '«' | '„') => open = Some((letter, at + letter.len_utf8())),
            (None, '"') => open = Some(('"', at + 1)),
            (Some(('“', from)), '”')
            | (Some(('„', from)), '“' | '”')
            | (Some(('«', from)), '»')
            | (Some(('"', from)), '"') => {
                found.extend(sentence.get(from..at).map(str::to_owned));
                open = None;
            }
            _ => {}
        }
    }
    found
}

/// Words within a title that have no capital.
const JOINTS: [&str; 22] = [
    "of", "on", "and", "for", "the", "to", "in", "against", "from", "with", "period", "&", "de",
    "la", "le", "les", "des", "du", "et", "sur", "contre", "pour",
];
/// Words that begin a sentence and no title.
const OPENERS: [&str; 30] = [
    "The",
    "A",
    "An",
    "In",
    "As",
    "Its",
    "This",
    "These",
    "That",
    "Under",
    "According",
    "Since",
    "By",
    "With",
    "On",
    "Also",
    "La",
    "Le",
    "Les",
    "Un",
    "Une",
    "Dans",
    "Selon",
    "Cette",
    "Ce",
    "From",
    "For",
    "Both",
    "Another",
    "Section",
];

/// Returns runs of words with capitals that end in a year or period, as in `National Cybersecurity Strategy 2021-2025`.
fn capitalised(sentence: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut run: Vec<&str> = Vec::new();
    let outside = outside_quotes(sentence);
    for word in outside.split_whitespace() {
        let bare = word.trim_matches(|letter: char| "(),;:.".contains(letter));
        let after_year = run.last().is_some_and(|last| !years(last).is_empty());
        let digits = bare.trim_start_matches(['-', '–', '—', '/']);
        // `2020 -2025`
        let is_end = after_year && digits.len() < bare.len();
        let is_year = (is_end || bare == digits)
            && digits.starts_with(|first: char| first.is_ascii_digit())
            && !years(digits).is_empty();
        let is_capital = bare.chars().next().is_some_and(char::is_uppercase);
        let ends = word.ends_with([';', ':', '.']) || word.ends_with(',') && !is_act_word(bare);
        if is_year
            || matches!(bare, "-" | "–" | "/")
                && run.last().is_some_and(|last| !years(last).is_empty())
        {
            run.push(bare);
            if ends {
                close(&mut run, &mut found);
            }
            continue;
        }
        // After its year, a title has ended.
        if run.last().is_some_and(|last| !years(last).is_empty()) {
            close(&mut run, &mut found);
        }
        if word.starts_with('(') && !run.is_empty() {
            close(&mut run, &mut found);
        }
        let begins = is_capital && !(run.is_empty() && OPENERS.contains(&bare));
        if begins || !run.is_empty() && JOINTS.contains(&bare) {
            run.push(bare);
        } else {
            close(&mut run, &mut found);
        }
        if ends {
            close(&mut run, &mut found);
        }
    }
    close(&mut run, &mut found);
    found
}

fn is_act_word(word: &str) -> bool {
    matches!(word, "Act" | "Law" | "Loi")
}

fn close(run: &mut Vec<&str>, found: &mut Vec<String>) {
    let ends_in_year = run.last().is_some_and(|last| !years(last).is_empty());
    if ends_in_year && run.len() > 2 {
        found.push(run.join(" "));
    }
    run.clear();
}

/// Returns the sentence with blanks in place of the texts in quotation marks.
fn outside_quotes(sentence: &str) -> String {
    let mut depth = false;
    let letters = sentence.chars().map(|letter| match letter {
        '“' | '«' | '„' => {
            depth = true;
            '.'
        }
        '”' | '»' => {
            depth = false;
            '.'
        }
        '"' => {
            depth = !depth;
            '.'
        }
        _ if depth => ' ',
        other => other,
    });
    letters.collect()
}

/// Returns the years in a text, 1900 to 2100; true for one that a dash or `to` joins to the year before it.
fn years(text: &str) -> Vec<(u32, bool)> {
    let mut found = Vec::new();
    let mut joint = String::new();
    let mut number = String::new();
    let mut take = |number: &mut String, joint: &mut String| {
        let year = (number.len() == 4)
            .then(|| number.parse::<u32>().ok())
            .flatten();
        if let Some(year) = year.filter(|year| (1900..=2100).contains(year)) {
            let joins = matches!(
                joint.trim(),
                "-" | "–" | "—" | "/" | "to" | "until" | "a" | "à" | "au"
            );
            found.push((year, joins && !found.is_empty()));
        }
        number.clear();
        joint.clear();
    };
    for letter in text.chars() {
        if letter.is_ascii_digit() {
            number.push(letter);
            continue;
        }
        if !number.is_empty() {
            take(&mut number, &mut joint);
        }
        joint.push(letter);
    }
    if !number.is_empty() {
        take(&mut number, &mut joint);
    }
    found
}

/// Removes the spaces around the dash between two years: `2014 -2020`.
fn year_dashes(title: &str) -> String {
    let mut tidy = String::with_capacity(title.len());
    let letters: Vec<char> = title.chars().collect();
    let digit = |at: Option<usize>| {
        at.and_then(|at| letters.get(at))
            .is_some_and(char::is_ascii_digit)
    };
    let dash = |at: Option<usize>| {
        at.and_then(|at| letters.get(at))
            .is_some_and(|letter| "-–—".contains(*letter))
    };
    for (at, letter) in letters.iter().enumerate() {
        let (before, next) = (at.checked_sub(1), Some(at + 1));
        let between =
            (digit(before) && dash(next) || dash(before) && digit(next)) && *letter == ' ';
        if !between {
            tidy.push(*letter);
        }
    }
    tidy
}

/// Beginnings of titles of documents that are not of the country.
const FOREIGN: [&str; 16] = [
    "eu ",
    "european ",
    "council of europe",
    "united nations",
    "un ",
    "nato ",
    "african union",
    "au ",
    "ecowas",
    "oas ",
    "asean ",
    "caricom",
    "commonwealth ",
    "budapest convention",
    "convention ",
    "directive ",
];

fn is_foreign(title: &str) -> bool {
    let folded = fold(title);
    FOREIGN
        .iter()
        .any(|beginning| folded.starts_with(beginning))
}

fn kind(title: &str) -> Option<PolicyDocumentKind> {
    use PolicyDocumentKind as Kind;
    let words = words(title);
    for (at, word) in words.iter().enumerate() {
        let next = words.get(at + 1).map(String::as_str).unwrap_or_default();
        let kind = match word.as_str() {
            "strategy" | "strategie" => Kind::Strategy,
            "action" if next == "plan" => Kind::ActionPlan,
            "plan" if next == "d" => Kind::ActionPlan,
            "policy" | "politique" => Kind::Policy,
            "programme" | "program" => Kind::Programme,
            "constitution" => Kind::Constitution,
            "code" => Kind::Code,
            "law" | "act" | "loi" => Kind::Law,
            "bill" => Kind::Bill,
            "decree" | "decret" | "ordonnance" => Kind::Decree,
            "regulation" | "regulations" | "reglement" => Kind::Regulation,
            "guidelines" => Kind::Guidelines,
            _ => continue,
        };
        return Some(kind);
    }
    None
}

fn subjects(title: &str) -> Vec<DocumentSubject> {
    use DocumentSubject as Subject;
    let key = words(title).join(" ");
    let has = |list: &[&str]| list.iter().any(|word| key.contains(word));
    let all = [
        (
            Subject::Cybercrime,
            has(&[
                "cybercrim",
                "cyber crim",
                "computer crime",
                "computer misuse",
                "high tech crime",
            ]),
        ),
        (
            Subject::Cybersecurity,
            has(&[
                "cybersecurity",
                "cyber security",
                "information security",
                "cybersecurite",
            ]),
        ),
        (
            Subject::DigitalAgenda,
            has(&[
                "information society",
                "digital",
                "e government",
                "numerique",
            ]),
        ),
        (
            Subject::DataProtection,
            has(&[
                "data protection",
                "personal data",
                "donnees personnelles",
                "donnees a caractere personnel",
            ]),
        ),
        (
            Subject::CriticalInfrastructure,
            has(&[
                "critical infrastructure",
                "critical information infrastructure",
                "infrastructures critiques",
            ]),
        ),
        (
            Subject::SubstantiveCriminalLaw,
            has(&["criminal code", "penal code", "code penal"]),
        ),
        (
            Subject::CriminalProcedure,
            has(&["criminal procedure", "procedure penale"]),
        ),
        (
            Subject::ElectronicEvidence,
            has(&["electronic evidence", "preuve electronique"]),
        ),
        (
            Subject::ElectronicCommerce,
            has(&[
                "electronic transactions",
                "electronic commerce",
                "commerce electronique",
            ]),
        ),
        (
            Subject::ElectronicCommunications,
            has(&[
                "electronic communications",
                "telecommunication",
                "communications electroniques",
            ]),
        ),
        (
            Subject::NationalSecurity,
            has(&["national security", "securite nationale"]),
        ),
        (
            Subject::OrganisedCrime,
            has(&["organised crime", "organized crime", "crime organise"]),
        ),
    ];
    let holds = all.into_iter().filter(|(_, holds)| *holds);
    holds.map(|(subject, _)| subject).collect()
}

/// Returns the stage that a sentence states plainly.
fn status(sentence: &str, title: &str) -> PolicyDocumentStatus {
    use PolicyDocumentStatus as Status;
    // `A draft National Strategy 2021-2025`
    let first = title.split([' ', '-']).next().unwrap_or_default();
    let before = sentence.split(first).next().unwrap_or_default();
    let lead = self::words(before);
    let lead: Vec<&str> = lead.iter().map(String::as_str).collect();
    let is_draft = matches!(
        lead.as_slice(),
        [.., "draft"] | [.., "draft", "of" | "the" | "new"] | [.., "draft", "of", "the" | "a"]
    );
    if is_draft || fold(first) == "draft" {
        return Status::Draft;
    }
    let words = words(sentence);
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    let unclear = [
        "not", "no", "draft", "if", "pas", "projet", "will", "expected", "planned", "drafting",
        "until", "repealed", "replaced", "expired", "amended", "amending",
    ];
    if has(&unclear) {
        return Status::Unknown;
    }
    if has(&[
        "adopted",
        "approved",
        "enacted",
        "adoptee",
        "adopte",
        "approuvee",
        "approuve",
    ]) {
        return Status::Adopted;
    }
    Status::Unknown
}

#[cfg(test)]
mod tests {
    use domain::profile_section::ProfileTopic;

    use super::*;

    fn found(text: &str) -> Vec<(String, PolicyDocumentKind, Option<String>, Option<String>)> {
        let paragraph = Paragraph {
            line: 1,
            text: text.to_owned(),
            is_item: false,
            heading: String::new(),
            topic: ProfileTopic::Policies,
        };
        let all = documents(&paragraph).into_iter();
        all.map(|one| (one.title, one.kind, one.period, one.adopted_on))
            .collect()
    }

    #[test]
    fn a_title_with_its_period_or_year_is_a_document() {
        use PolicyDocumentKind::{Law, Strategy};
        let period = |text: &str| Some(text.to_owned());
        for (text, title, kind, wanted) in [
            (
                "The country has a strategy (“National Strategy on the Information Society for the period 2014 -2020”).",
                "National Strategy on the Information Society for the period 2014-2020",
                Strategy,
                (period("2014/2020"), None),
            ),
            (
                "The National Cyber Security Strategy and Action Plan 2020-2023 covers public systems.",
                "National Cyber Security Strategy and Action Plan 2020-2023",
                Strategy,
                (period("2020/2023"), None),
            ),
            (
                "Freedonia has a National Cybersecurity Strategy for 2021-2025.",
                "National Cybersecurity Strategy for 2021-2025",
                Strategy,
                (period("2021/2025"), None),
            ),
            (
                "Offences are in the Computer Misuse Act, 2018.",
                "Computer Misuse Act 2018",
                Law,
                (None, period("2018")),
            ),
            (
                "Le plan « Stratégie nationale de cybersécurité 2022 » existe.",
                "Stratégie nationale de cybersécurité 2022",
                Strategy,
                (None, None),
            ),
        ] {
            let document = (title.to_owned(), kind, wanted.0, wanted.1);
            assert_eq!(found(text), [document], "{text}");
        }
    }

    #[test]
    fn what_is_no_title_is_left_to_its_section() {
        for text in [
            "In 2019 the strategy was reviewed.",
            "A strategy for 2019-2022 exists.",
            "The EU Cybersecurity Strategy 2013 applies.",
            "“ensuring information security through training”",
            "Decision 2011/2025 of the Council of Ministers.",
            "The Criminal Code applies since 2005.",
            "The conference of May 2019 took place.",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }
}
