//! Institutions that a page names plainly: the items of a list of institutions, and the subjects of sentences such as
//! "The A and the B are primary bodies for cybersecurity."

use domain::cybersecurity_body::BodyKind;
use domain::institution::InstitutionStatus;
use domain::operational_unit::UnitKind;
use domain::profile_section::ProfileTopic;

use crate::fold::words;
use crate::paragraphs::{Paragraph, facts};

/// Noun and kind of an institution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noun {
    /// A cybersecurity body.
    Body(BodyKind),
    /// An operational unit.
    Unit(UnitKind),
}

/// An institution that a page names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Institution {
    /// Name as printed; `None` for a unit that the page does not name.
    pub name: Option<String>,
    /// Acronym in brackets after the name.
    pub acronym: Option<String>,
    /// Noun and kind.
    pub noun: Noun,
    /// Stage.
    pub status: InstitutionStatus,
    /// Name and kind of the body of which it is a part.
    pub parent: Option<(String, BodyKind)>,
    /// The words of the page.
    pub quote: String,
    /// The heading above it.
    pub heading: String,
    /// Number of its line.
    pub line: usize,
}

/// Returns the institutions that the paragraphs of a section name.
pub fn institutions(paragraphs: &[Paragraph]) -> Vec<Institution> {
    let mut found = Vec::new();
    let mut list: Option<List> = None;
    for paragraph in paragraphs {
        let lead = lead_in(paragraph);
        if lead.is_some() {
            list = lead;
            continue;
        }
        if let Some(list) = list.as_mut().filter(|list| list.goes_on(paragraph)) {
            {
                let item = item(paragraph, list.units);
                list.is_open = !paragraph.text.ends_with('.') || paragraph.is_item;
                list.has_items = true;
                list.items_are_marked |= paragraph.is_item;
                found.extend(item);
            }
        } else {
            {
                list = None;
                found.extend(
                    facts(&paragraph.text).flat_map(|sentence| subjects(sentence, paragraph)),
                );
            }
        }
    }
    found
}

/// A list of institutions that a line announced.
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts of one list"
)]
struct List {
    /// True if the line announced units; false for institutions of any kind.
    units: bool,
    is_open: bool,
    has_items: bool,
    items_are_marked: bool,
}

impl List {
    fn goes_on(&self, paragraph: &Paragraph) -> bool {
        let same_form = !self.has_items || self.items_are_marked == paragraph.is_item;
        self.is_open && same_form && is_name(&paragraph.text)
    }
}

/// Nouns that announce a list of institutions, and whether they are units.
const ANNOUNCED: [(&str, bool); 12] = [
    ("units", true),
    ("unites", true),
    ("institutions", false),
    ("bodies", false),
    ("authorities", false),
    ("agencies", false),
    ("autorites", false),
    ("organes", false),
    ("organismes", false),
    ("services", false),
    ("departments", true),
    ("entities", false),
];

/// Reads a line such as `Operational cybercrime units:`.
fn lead_in(paragraph: &Paragraph) -> Option<List> {
    let text = paragraph.text.strip_suffix(':')?;
    let words = words(text);
    let in_institutions = paragraph.topic == ProfileTopic::Institutions;
    if words.len() > 14 || !in_institutions {
        return None;
    }
    let announced = ANNOUNCED
        .iter()
        .find(|(noun, _)| words.iter().any(|word| word == noun));
    announced.map(|(_, units)| List {
        units: *units,
        is_open: true,
        has_items: false,
        items_are_marked: false,
    })
}

/// Words that a sentence has and a name does not.
const VERBS: [&str; 70] = [
    "exist",
    "exists",
    "investigate",
    "work",
    "operate",
    "receive",
    "receives",
    "cooperate",
    "train",
    "trains",
    "handle",
    "carry",
    "conduct",
    "support",
    "supports",
    "participate",
    "comprises",
    "consists",
    "existe",
    "existent",
    "dispose",
    "assure",
    "is",
    "are",
    "was",
    "were",
    "has",
    "have",
    "had",
    "will",
    "can",
    "may",
    "must",
    "should",
    "does",
    "do",
    "deals",
    "deal",
    "handles",
    "investigates",
    "conducts",
    "coordinates",
    "acts",
    "serves",
    "provides",
    "works",
    "operates",
    "established",
    "created",
    "est",
    "sont",
    "a",
    "ont",
    "fait",
    "this",
    "these",
    "it",
    "which",
    "who",
    "that",
    "il",
    "elle",
    "qui",
    "there",
    "been",
    "being",
    "responsible",
    "became",
    "includes",
    "carries",
];

/// True if a text can be the name of an institution, with a remark in brackets.
fn is_name(text: &str) -> bool {
    let bare = without_brackets(text);
    let bare = bare.trim_end_matches(['.', ';', ',', ' ']);
    let words = words(bare);
    let starts = bare.chars().next().is_some_and(char::is_uppercase);
    starts
        && (1..=30).contains(&words.len())
        && !bare.contains([':', ';', '?', '!', '|'])
        && !bare.contains(". ")
        && !has_verb(bare)
        && !bare.contains("http")
        && !bare.contains('@')
        && (is_body_word(&words) || is_unit_word(&words))
}

fn has_verb(text: &str) -> bool {
    let mut words = text.split(|letter: char| !letter.is_alphanumeric());
    // `IT` is no verb, and neither is another word in capitals.
    words.any(|word| {
        word.chars().any(char::is_lowercase) && VERBS.contains(&word.to_lowercase().as_str())
    })
}

fn without_brackets(text: &str) -> String {
    let mut open = 0_usize;
    let letters = text.chars().filter(|letter| match letter {
        '(' => {
            open += 1;
            false
        }
        ')' => {
            open = open.saturating_sub(1);
            false
        }
        _ => open == 0,
    });
    let text: String = letters.collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Returns the texts in brackets.
fn brackets(text: &str) -> Vec<&str> {
    let parts = text.split('(').skip(1);
    parts
        .filter_map(|part| part.split(')').next())
        .map(str::trim)
        .collect()
}

fn has(words: &[String], list: &[&str]) -> bool {
    words.iter().any(|word| list.contains(&word.as_str()))
}

/// Reads one item of a list.
fn item(paragraph: &Paragraph, units: bool) -> Vec<Institution> {
    let text = paragraph.text.trim_end_matches(['.', ';', ',', ' ']);
    let name = without_brackets(text);
    let name = name.trim_end_matches(['.', ';', ',', ' ']);
    let remarks = brackets(text);
    let acronym = remarks
        .iter()
        .find(|remark| is_acronym(remark))
        .map(|acronym| (*acronym).to_owned());
    let being_set_up = remarks.iter().any(|remark| {
        let words = words(remark).join(" ");
        words.contains("being set up")
            || words.contains("being established")
            || words.contains("en cours de creation")
    });
    let status = if being_set_up {
        InstitutionStatus::BeingSetUp
    } else if units {
        InstitutionStatus::Operational
    } else {
        InstitutionStatus::Unknown
    };
    let make = |name: Option<&str>, noun: Noun, status: InstitutionStatus, parent: Option<&str>| {
        Institution {
            name: name.map(str::to_owned),
            acronym: None,
            noun,
            status,
            parent: parent.map(|parent| (parent.to_owned(), body_kind(parent))),
            quote: paragraph.text.clone(),
            heading: paragraph.heading.clone(),
            line: paragraph.line,
        }
    };
    let words = words(name);
    // `Ministry of the Interior (unit being set up)`: the page names the ministry, and a unit in it without a name.
    let names_unit = remarks
        .iter()
        .any(|remark| has(&self::words(remark), &["unit", "unite", "units"]));
    if units && being_set_up && names_unit && is_body_word(&words) && !is_unit_word(&words) {
        return vec![make(
            None,
            Noun::Unit(UnitKind::CybercrimeUnit),
            status,
            Some(name),
        )];
    }
    let (own, parent) = within(name);
    let own_words = self::words(own);
    let is_unit = is_unit_word(&own_words) && (units || parent.is_some());
    let noun = if is_unit {
        Noun::Unit(unit_kind(&own_words, units))
    } else {
        Noun::Body(body_kind(own))
    };
    let (name, parent) = if is_unit { (own, parent) } else { (name, None) };
    vec![Institution {
        acronym,
        ..make(Some(name), noun, status, parent)
    }]
}

fn is_acronym(text: &str) -> bool {
    let letters = text.chars().filter(|letter| letter.is_alphabetic());
    let length = text.chars().count();
    (2..=15).contains(&length)
        && !text.contains(' ')
        && text.starts_with(char::is_alphabetic)
        && letters
            .clone()
            .filter(|letter| letter.is_uppercase())
            .count()
            * 2
            > letters.count()
}

/// Splits the name of a unit from that of the body in which it is: `X at the Y`, `X within the Y`.
fn within(name: &str) -> (&str, Option<&str>) {
    let joints = [
        " at the ",
        " within the ",
        " under the ",
        " of the ",
        " in the ",
        " au sein de la ",
        " au sein du ",
        " auprès du ",
        ", ",
    ];
    for joint in joints {
        let split = if joint == " of the " {
            name.rsplit_once(joint)
        } else {
            name.split_once(joint)
        };
        if let Some((own, parent)) = split {
            let own_words = words(own);
            let parent_words = words(parent);
            let is_body = parent.starts_with(char::is_uppercase) && is_body_word(&parent_words);
            if is_body && is_unit_word(&own_words) && !is_unit_word(&parent_words) {
                return (own.trim_end_matches(','), Some(parent));
            }
        }
    }
    (name, None)
}

/// Words of the names of bodies, with their kinds. The first word that a name has decides.
const BODY_WORDS: [(&str, BodyKind); 44] = [
    ("csirt", BodyKind::Csirt),
    ("cert", BodyKind::Csirt),
    ("ministry", BodyKind::Ministry),
    ("ministere", BodyKind::Ministry),
    ("parliament", BodyKind::Parliament),
    ("police", BodyKind::LawEnforcement),
    ("gendarmerie", BodyKind::LawEnforcement),
    ("constabulary", BodyKind::LawEnforcement),
    ("prosecutor", BodyKind::Prosecution),
    ("prosecutors", BodyKind::Prosecution),
    ("prosecution", BodyKind::Prosecution),
    ("prosecutions", BodyKind::Prosecution),
    ("attorney", BodyKind::Prosecution),
    ("parquet", BodyKind::Prosecution),
    ("procureur", BodyKind::Prosecution),
    ("court", BodyKind::Court),
    ("tribunal", BodyKind::Court),
    ("customs", BodyKind::Customs),
    ("council", BodyKind::CoordinationBody),
    ("committee", BodyKind::CoordinationBody),
    ("conseil", BodyKind::CoordinationBody),
    ("comite", BodyKind::CoordinationBody),
    ("academy", BodyKind::TrainingInstitution),
    ("institute", BodyKind::ResearchInstitute),
    ("bank", BodyKind::Other),
    ("agency", BodyKind::Agency),
    ("agence", BodyKind::Agency),
    ("regulator", BodyKind::Regulator),
    ("service", BodyKind::Other),
    ("authority", BodyKind::Other),
    ("autorite", BodyKind::Other),
    ("directorate", BodyKind::Other),
    ("direction", BodyKind::Other),
    ("department", BodyKind::Other),
    ("office", BodyKind::Other),
    ("bureau", BodyKind::Other),
    ("centre", BodyKind::Other),
    ("center", BodyKind::Other),
    ("commission", BodyKind::Other),
    ("inspectorate", BodyKind::Other),
    ("secretariat", BodyKind::Other),
    ("government", BodyKind::Government),
    ("board", BodyKind::CoordinationBody),
    ("corps", BodyKind::Other),
];

fn is_body_word(words: &[String]) -> bool {
    BODY_WORDS
        .iter()
        .any(|(word, _)| words.iter().any(|other| other == word))
}

fn body_kind(name: &str) -> BodyKind {
    let words = words(name);
    if has(&words, &["security", "intelligence", "securite"])
        && has(&words, &["service", "services"])
    {
        return BodyKind::SecurityService;
    }
    if has(&words, &["armed", "army", "armee"]) {
        return BodyKind::ArmedForces;
    }
    if has(&words, &["bank", "banque"])
        && has(&words, &["central", "centrale", "national", "nationale"])
    {
        return BodyKind::CentralBank;
    }
    if has(&words, &["data"]) && has(&words, &["protection"]) {
        return BodyKind::DataProtectionAuthority;
    }
    let kind = BODY_WORDS
        .iter()
        .find(|(word, _)| words.iter().any(|other| other == word));
    kind.map_or(BodyKind::Other, |(_, kind)| *kind)
}

/// Words of the names of units.
const UNIT_WORDS: [&str; 20] = [
    "unit",
    "department",
    "division",
    "section",
    "brigade",
    "cell",
    "group",
    "squad",
    "sector",
    "branch",
    "team",
    "bureau",
    "directorate",
    "unite",
    "cellule",
    "groupe",
    "departement",
    "subdivision",
    "laboratory",
    "office",
];

fn is_unit_word(words: &[String]) -> bool {
    has(words, &UNIT_WORDS)
}

fn unit_kind(words: &[String], announced: bool) -> UnitKind {
    let crime = words.iter().any(|word| {
        word.starts_with("cybercrim") || word.starts_with("crime") || word.starts_with("criminal")
    });
    if has(
        words,
        &["prosecution", "prosecutors", "prosecutor", "parquet"],
    ) {
        UnitKind::SpecialisedProsecutionUnit
    } else if has(words, &["forensic", "forensics"]) {
        UnitKind::DigitalForensicsUnit
    } else if has(words, &["csirt", "cert"]) {
        UnitKind::Csirt
    } else if announced || crime {
        UnitKind::CybercrimeUnit
    } else {
        UnitKind::Other
    }
}

/// Returns the bodies of which a sentence says that they are bodies for a task: `The A and the B are primary bodies for …`.
fn subjects(sentence: &str, paragraph: &Paragraph) -> Vec<Institution> {
    let Some((subject, rest)) = sentence
        .split_once(" are ")
        .or_else(|| sentence.split_once(" is "))
    else {
        return Vec::new();
    };
    let rest = words(rest);
    let adjectives = [
        "the",
        "a",
        "an",
        "primary",
        "main",
        "lead",
        "leading",
        "national",
        "competent",
        "central",
        "key",
        "responsible",
        "principal",
        "specialised",
        "specialized",
        "two",
        "three",
        "four",
    ];
    let nouns = [
        "body",
        "bodies",
        "authority",
        "authorities",
        "agency",
        "agencies",
        "institution",
        "institutions",
    ];
    let skipped = rest
        .iter()
        .take_while(|word| adjectives.contains(&word.as_str()))
        .count();
    let is_noun = rest
        .get(skipped)
        .is_some_and(|word| nouns.contains(&word.as_str()));
    let is_for = rest
        .get(skipped + 1)
        .is_some_and(|word| matches!(word.as_str(), "for" | "in" | "responsible" | "dealing"));
    let Some(subject) = subject.strip_prefix("The ").filter(|_| is_noun && is_for) else {
        return Vec::new();
    };
    let names: Vec<&str> = subject
        .split(" and the ")
        .flat_map(|part| part.split(", the "))
        .collect();
    let named = names
        .iter()
        .all(|name| name.starts_with(char::is_uppercase) && is_name(name) && !name.contains(','));
    if !named {
        return Vec::new();
    }
    let all = names.into_iter().map(|name| Institution {
        name: Some(without_brackets(name)),
        acronym: brackets(name)
            .into_iter()
            .find(|remark| is_acronym(remark))
            .map(str::to_owned),
        noun: Noun::Body(body_kind(name)),
        status: InstitutionStatus::Operational,
        parent: None,
        quote: sentence.to_owned(),
        heading: paragraph.heading.clone(),
        line: paragraph.line,
    });
    all.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(lines: &[&str]) -> Vec<(Option<String>, Noun, InstitutionStatus, Option<String>)> {
        let paragraphs: Vec<Paragraph> = lines
            .iter()
            .map(|text| Paragraph {
                line: 1,
                is_item: text.starts_with("- "),
                text: text.trim_start_matches("- ").to_owned(),
                heading: String::new(),
                topic: ProfileTopic::Institutions,
            })
            .collect();
        let all = institutions(&paragraphs).into_iter();
        all.map(|one| {
            (
                one.name,
                one.noun,
                one.status,
                one.parent.map(|(name, _)| name),
            )
        })
        .collect()
    }

    #[test]
    fn the_items_of_an_announced_list_are_institutions() {
        let name = |text: &str| Some(text.to_owned());
        let unit = Noun::Unit(UnitKind::CybercrimeUnit);
        let lines = [
            "Operational cybercrime units:",
            "Department of Computer Crimes at the State Security Service;",
            "Ministry of the Interior (unit being set up).",
            "The Police Academy trains officers.",
        ];
        let wanted = [
            (
                name("Department of Computer Crimes"),
                unit,
                InstitutionStatus::Operational,
                name("State Security Service"),
            ),
            (
                None,
                unit,
                InstitutionStatus::BeingSetUp,
                name("Ministry of the Interior"),
            ),
        ];
        assert_eq!(found(&lines), wanted);
        let lines = [
            "The following authorities are competent:",
            "- Ministry of Justice",
            "- National Police (NP)",
        ];
        let wanted = [
            (
                name("Ministry of Justice"),
                Noun::Body(BodyKind::Ministry),
                InstitutionStatus::Unknown,
                None,
            ),
            (
                name("National Police"),
                Noun::Body(BodyKind::LawEnforcement),
                InstitutionStatus::Unknown,
                None,
            ),
        ];
        assert_eq!(found(&lines), wanted);
    }

    #[test]
    fn the_subjects_of_a_plain_sentence_are_bodies() {
        let text = "The State Agency for Networks and Security and the Electronic Centre are primary bodies for cybersecurity matters.";
        let names: Vec<_> = found(&[text]).into_iter().filter_map(|one| one.0).collect();
        assert_eq!(
            names,
            [
                "State Agency for Networks and Security",
                "Electronic Centre"
            ]
        );
    }

    #[test]
    fn sentences_are_left_to_their_section() {
        for text in [
            "The Ministry of Justice is responsible for requests.",
            "Units exist in the police.",
            "The police and the courts are working together.",
        ] {
            assert_eq!(found(&["Operational units:", text]), [], "{text}");
        }
    }
}
