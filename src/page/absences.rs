//! Explicit absences: sentences that say plainly that something does not exist.

use domain::coverage_assertion::CoverageTopic;
use domain::profile_section::ProfileTopic;
use domain::text::CountryCode;

use crate::country::Countries;
use crate::fold::fold;
use crate::paragraphs::{Paragraph, facts};

/// A sentence that says that something does not exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Absence {
    /// Topic of the finding.
    pub topic: CoverageTopic,
    /// The sentence, as printed.
    pub statement: String,
    /// The heading above it.
    pub heading: String,
    /// Number of its line.
    pub line: usize,
}

/// Returns the absences that a paragraph of the page of `own` states.
pub fn absences(paragraph: &Paragraph, own: &CountryCode, countries: &Countries) -> Vec<Absence> {
    let mut found = Vec::new();
    for sentence in facts(&paragraph.text) {
        if countries.names_other(own, sentence) {
            continue;
        }
        for topic in topics(sentence, paragraph.topic) {
            if !found.iter().any(|other: &Absence| other.topic == topic) {
                found.push(Absence {
                    topic,
                    statement: sentence.trim_end_matches(';').trim_end().to_owned(),
                    heading: paragraph.heading.clone(),
                    line: paragraph.line,
                });
            }
        }
    }
    found
}

/// Things of which a page can say that they do not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Thing {
    Strategy,
    Policy,
    ActionPlan,
    Law,
    Unit,
    Court,
    Prosecution,
    Csirt,
    ContactPoint,
    CaseLaw,
    Statistics,
    Reservations,
    Declarations,
}

/// Subjects that a thing can have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent subjects, several of which can hold"
)]
struct Scope {
    cybercrime: bool,
    cybersecurity: bool,
    data_protection: bool,
    data_retention: bool,
}

impl Scope {
    fn add(&mut self, word: &str, next: &str) {
        let is_cyber = word == "cyber" || word == "computer";
        self.cybercrime |= word.starts_with("cybercrim") || (is_cyber && next.starts_with("crim"));
        self.cybersecurity |=
            word.starts_with("cybersecur") || (word == "cyber" && next.starts_with("secur"));
        self.data_protection |=
            word == "data" && next == "protection" || word == "protection" && next == "donnees";
        self.data_retention |= word == "data" && next == "retention";
    }
}

/// Words that can be between "no" and the thing, and say which one is missing.
const QUALIFIERS: [&str; 53] = [
    "dedicated",
    "separate",
    "specific",
    "specifically",
    "specialised",
    "specialized",
    "special",
    "national",
    "formal",
    "comprehensive",
    "single",
    "standalone",
    "stand",
    "alone",
    "official",
    "particular",
    "overall",
    "overarching",
    "unified",
    "distinct",
    "own",
    "published",
    "adopted",
    "current",
    "existing",
    "other",
    "such",
    "any",
    "cybercrime",
    "cyber",
    "crime",
    "security",
    "cybersecurity",
    "computer",
    "governmental",
    "government",
    "country",
    "wide",
    "relevant",
    "reported",
    "known",
    "and",
    "or",
    "nor",
    ",",
    "as",
    "yet",
    "a",
    "an",
    "document",
    "documents",
    "data",
    "protection",
];

/// French words that can be between the negation and the thing.
const FILLERS: [&str; 24] = [
    "pas",
    "de",
    "d",
    "une",
    "un",
    "aucune",
    "aucun",
    "encore",
    "actuellement",
    "a",
    "ce",
    "jour",
    "adopte",
    "elabore",
    "pour",
    "l",
    "instant",
    "ni",
    "present",
    "jusqu",
    "sa",
    "propre",
    "toujours",
    "heure",
];

fn tokens(sentence: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut word = String::new();
    for letter in fold(sentence).chars() {
        if letter.is_alphanumeric() {
            word.push(letter);
            continue;
        }
        if !word.is_empty() {
            tokens.push(std::mem::take(&mut word));
        }
        if matches!(letter, ',' | ';' | ':' | '(') {
            tokens.push(letter.to_string());
        }
    }
    if !word.is_empty() {
        tokens.push(word);
    }
    tokens
}

/// Returns the topics of which the sentence says that nothing exists.
fn topics(sentence: &str, section: ProfileTopic) -> Vec<CoverageTopic> {
    let tokens = tokens(sentence);
    let words: Vec<&str> = tokens.iter().map(String::as_str).collect();
    if words.len() > 200 || sentence.contains(['"', '“', '”', '„', '«', '»']) {
        return Vec::new();
    }
    if words
        .iter()
        .any(|word| is_year(word) || HEARSAY.contains(word))
        || has_other_than(&words)
    {
        return Vec::new();
    }
    // A condition or a contrast: the sentence does not say it plainly.
    let turns = [
        "if",
        "where",
        "when",
        "unless",
        "whether",
        "but",
        "however",
        "si",
        "lorsque",
        "mais",
        "toutefois",
        "sauf",
        "except",
        "until",
    ];
    if words.iter().any(|word| turns.contains(word)) {
        return Vec::new();
    }
    let mut topics = Vec::new();
    for at in 0..words.len() {
        let Some(begins) = negation(&words, at) else {
            continue;
        };
        let (things, scope, ends) = noun_phrase(&words, begins);
        let is_whole = ends_phrase(&words, begins, ends) && !is_limited(&words, ends);
        if things.is_empty() || !is_whole || is_being_made(&words, ends) {
            continue;
        }
        for thing in things {
            for topic in topics_of(thing, scope, section) {
                if !topics.contains(&topic) {
                    topics.push(topic);
                }
            }
        }
    }
    topics
}

/// Words of sentences that tell what somebody says, what was, or what is elsewhere.
const HEARSAY: [&str; 69] = [
    "false",
    "true",
    "untrue",
    "wrong",
    "incorrect",
    "mistaken",
    "myth",
    "denied",
    "denies",
    "deny",
    "denying",
    "said",
    "says",
    "say",
    "saying",
    "reports",
    "claimed",
    "claims",
    "claim",
    "alleged",
    "allegedly",
    "stated",
    "argued",
    "argues",
    "believed",
    "believes",
    "criticised",
    "criticized",
    "complained",
    "warned",
    "unlike",
    "before",
    "longer",
    "previously",
    "formerly",
    "earlier",
    "once",
    "neighbouring",
    "neighboring",
    "neighbour",
    "neighbours",
    "region",
    "regional",
    "province",
    "provinces",
    "provincial",
    "faux",
    "fausse",
    "vrai",
    "nie",
    "dit",
    "declare",
    "affirme",
    "selon",
    "avant",
    "autre",
    "autres",
    "contrairement",
    "voisin",
    "voisine",
    "auparavant",
    "anciennement",
    "rapport",
    "rapporte",
    "dementi",
    "excludes",
    "without",
    "sans",
    "disputed",
];

fn is_year(word: &str) -> bool {
    word.len() == 4
        && word
            .parse::<u32>()
            .is_ok_and(|year| (1900..=2100).contains(&year))
}

fn has_other_than(words: &[&str]) -> bool {
    let pairs = words.windows(2);
    let than = pairs.filter(|pair| matches!(pair, ["other", "than"] | ["apart" | "aside", "from"]));
    // `no reported case law` tells of decisions; another "reported" tells what somebody said.
    let reported = words
        .windows(2)
        .filter(|pair| pair.first() == Some(&"reported") && !matches!(pair, [_, "case" | "court"]));
    than.count() > 0 || reported.count() > 0
}

/// Words that can follow the thing that is missing. After another noun, that noun is missing: `unit leader`.
const AFTER: [&str; 76] = [
    ",",
    ";",
    ":",
    "(",
    "on",
    "for",
    "covering",
    "concerning",
    "against",
    "regarding",
    "addressing",
    "specifically",
    "dealing",
    "related",
    "relating",
    "to",
    "in",
    "within",
    "at",
    "currently",
    "presently",
    "yet",
    "so",
    "as",
    "available",
    "being",
    "has",
    "have",
    "exists",
    "exist",
    "is",
    "are",
    "that",
    "which",
    "who",
    "dedicated",
    "responsible",
    "specialised",
    "specialized",
    "with",
    "by",
    "under",
    "although",
    "though",
    "and",
    "or",
    "nor",
    "still",
    "now",
    "today",
    "either",
    "sur",
    "en",
    "contre",
    "lutte",
    "consacree",
    "dediee",
    "relative",
    "pour",
    "de",
    "du",
    "des",
    "n",
    "au",
    "aux",
    "a",
    "dans",
    "actuellement",
    "encore",
    "qui",
    "existe",
    "est",
    "specialisee",
    "specialise",
    "ce",
    "adoptee",
];

/// True if the thing that is missing ends the noun phrase.
fn ends_phrase(words: &[&str], begins: usize, ends: usize) -> bool {
    let phrase = words.get(begins..ends).unwrap_or_default();
    // `no other strategy`: there is one. `no strategy or other policy` is about all of them.
    let first = (begins..ends).find(|at| {
        let word = |more: usize| words.get(at + more).copied().unwrap_or_default();
        thing(word(0), word(1), word(2)).is_some()
    });
    let before = first
        .and_then(|first| words.get(begins..first))
        .unwrap_or_default();
    if before.iter().any(|word| matches!(*word, "other" | "such")) {
        return false;
    }
    let last = phrase.last().copied().unwrap_or_default();
    let before_last = ends.checked_sub(2).and_then(|at| words.get(at)).copied();
    let is_thing = thing(last, "", "").is_some()
        || thing(before_last.unwrap_or_default(), last, "").is_some_and(|(_, length)| length > 1)
        || matches!(last, "contact" | "action");
    let is_tail = matches!(
        last,
        "document" | "documents" | "as" | "yet" | "and" | "or" | "nor"
    ) || FRENCH_QUALIFIERS.contains(&last);
    let next = words.get(ends).copied();
    (is_thing || is_tail)
        && next.is_none_or(|next| last == "de" || AFTER.contains(&next))
        && !(matches!(last, "and" | "or" | "nor") && next.is_some())
}

/// True if the words after the thing limit it to a part of the country: `in the prosecution service`.
fn is_limited(words: &[&str], ends: usize) -> bool {
    let rest = words.get(ends..).unwrap_or_default();
    rest.windows(3).any(|three| {
        let [place, article, noun] = three else {
            return false;
        };
        let is_place = matches!(
            *place,
            "in" | "within" | "inside" | "at" | "under" | "dans" | "of"
        );
        let is_part = matches!(
            *article,
            "the" | "its" | "their" | "each" | "every" | "la" | "le" | "les" | "l"
        );
        let is_whole = matches!(
            *noun,
            "country"
                | "republic"
                | "kingdom"
                | "state"
                | "field"
                | "area"
                | "moment"
                | "present"
                | "time"
                | "united"
                | "national"
                | "pays"
                | "domaine"
                | "republique"
                | "royaume"
        );
        let is_court = matches!(*noun, "public" | "police");
        is_place && is_part && (!is_whole || is_court)
    })
}

/// Adverbs within a negation.
const ADVERBS: [&str; 12] = [
    "currently",
    "presently",
    "yet",
    "still",
    "so",
    "far",
    "at",
    "present",
    "also",
    "formally",
    "to",
    "date",
];
/// Verbs of what a country has not done.
const MADE: [&str; 12] = [
    "adopted",
    "developed",
    "established",
    "enacted",
    "approved",
    "published",
    "created",
    "set",
    "issued",
    "introduced",
    "drawn",
    "put",
];

/// Returns the position after a negation that begins at `at`.
fn negation(words: &[&str], at: usize) -> Option<usize> {
    let word = |at: usize| words.get(at).copied().unwrap_or_default();
    let skip = |from: usize, list: &[&str]| {
        let rest = words.get(from..).unwrap_or_default();
        from + rest.iter().take_while(|word| list.contains(word)).count()
    };
    match word(at) {
        "there" if matches!(word(at + 1), "is" | "are") => {
            let at = skip(at + 2, &ADVERBS);
            match word(at) {
                "no" => Some(at + 1),
                "not" if matches!(word(skip(at + 1, &ADVERBS)), "a" | "an" | "any") => {
                    Some(skip(at + 1, &ADVERBS) + 1)
                }
                _ => None,
            }
        }
        "has" | "have" => {
            let at = skip(at + 1, &ADVERBS);
            match word(at) {
                "no" => Some(at + 1),
                "not" => {
                    let at = skip(at + 1, &ADVERBS);
                    let made = skip(at, &MADE);
                    let made = skip(made, &["up", "in", "place"]);
                    (made > at).then(|| skip(made, &["a", "an", "any", "its", "own"]))
                }
                _ => None,
            }
        }
        "does" | "do" if word(at + 1) == "not" => {
            let at = skip(at + 2, &ADVERBS);
            let have = matches!(word(at), "have" | "possess");
            have.then(|| skip(at + 1, &["a", "an", "any", "its", "own", "yet"]))
        }
        "no" if at == 0 || at < 4 && word(at.wrapping_sub(1)) == "," => Some(at + 1),
        "n" => {
            let verb = word(at + 1);
            let existential = (verb == "existe" || verb == "y" && word(at + 2) == "a")
                && word(at.wrapping_sub(1)) == "il";
            let owned = verb == "a"
                && matches!(
                    word(at + 2),
                    "pas" | "aucune" | "aucun" | "encore" | "toujours"
                );
            (existential || owned).then(|| skip(at + 2, &FILLERS))
        }
        "ne" if matches!(word(at + 1), "dispose" | "possede" | "disposent") => {
            Some(skip(at + 2, &FILLERS))
        }
        "aucune" | "aucun" if at == 0 => Some(1),
        _ => None,
    }
}

/// Reads the things after a negation, and their subjects. Returns the position after them too.
fn noun_phrase(words: &[&str], begins: usize) -> (Vec<Thing>, Scope, usize) {
    let mut things = Vec::new();
    let mut scope = Scope::default();
    let mut at = begins;
    let word = |at: usize| words.get(at).copied().unwrap_or_default();
    loop {
        let (this, next) = (word(at), word(at + 1));
        scope.add(this, next);
        if let Some((thing, length)) = thing(this, next, word(at + 2)) {
            things.push(thing);
            at += length;
        } else if this == "," && !continues_list(next, word(at + 2), word(at + 3)) {
            break;
        } else if QUALIFIERS.contains(&this) && !(things.is_empty() && this == ",")
            || !things.is_empty() && FRENCH_QUALIFIERS.contains(&this)
        {
            at += 1;
        } else {
            break;
        }
    }
    // `on cybercrime`, `covering cybercrime specifically`, `en matière de cybercriminalité`
    let prepositions = [
        "on",
        "for",
        "covering",
        "concerning",
        "against",
        "regarding",
        "addressing",
        "specifically",
        "sur",
        "en",
        "contre",
        "lutte",
        "consacree",
        "dediee",
        "relative",
        "pour",
        "de",
        "dealing",
        "related",
        "to",
    ];
    if prepositions.contains(&word(at)) {
        let rest = words.get(at..).unwrap_or_default();
        let tail = rest
            .iter()
            .take(9)
            .take_while(|word| !matches!(**word, "," | ";" | ":" | "("));
        let tail: Vec<&str> = tail.copied().collect();
        for (place, this) in tail.iter().enumerate() {
            scope.add(this, tail.get(place + 1).copied().unwrap_or_default());
        }
    }
    (things, scope, at)
}

/// True if the words after a comma go on with the list of things that are missing.
fn continues_list(next: &str, second: &str, third: &str) -> bool {
    let is_qualifier = QUALIFIERS.contains(&next) && !matches!(next, "a" | "an" | "and");
    is_qualifier || thing(next, second, third).is_some()
}

const FRENCH_QUALIFIERS: [&str; 14] = [
    "nationale",
    "national",
    "specifique",
    "dediee",
    "distincte",
    "officielle",
    "specialise",
    "specialisee",
    "ni",
    "ou",
    "et",
    "de",
    "propre",
    "globale",
];

fn thing(this: &str, next: &str, after: &str) -> Option<(Thing, usize)> {
    Some(match (this, next) {
        ("strategy" | "strategies" | "strategie", _) => (Thing::Strategy, 1),
        ("action", "plan" | "plans") => (Thing::ActionPlan, 2),
        ("plan", "d") if after == "action" => (Thing::ActionPlan, 3),
        ("policy" | "policies" | "politique" | "politiques", _) => (Thing::Policy, 1),
        ("case", "law") | ("court", "decisions") => (Thing::CaseLaw, 2),
        ("jurisprudence", _) => (Thing::CaseLaw, 1),
        ("legislation" | "law" | "laws" | "loi", _) => (Thing::Law, 1),
        ("unit" | "units" | "unite", _) => (Thing::Unit, 1),
        ("court" | "courts" | "tribunal" | "tribunaux", _) => (Thing::Court, 1),
        ("prosecutor" | "prosecutors" | "prosecution", _) => {
            let unit = matches!(next, "unit" | "units" | "office" | "offices" | "service");
            (Thing::Prosecution, if unit { 2 } else { 1 })
        }
        ("csirt" | "cert", _) => (Thing::Csirt, 1),
        ("contact", "point" | "points") => (Thing::ContactPoint, 2),
        ("point", "of") if after == "contact" => (Thing::ContactPoint, 3),
        ("statistics" | "statistiques", _) => (Thing::Statistics, 1),
        ("reservations" | "reservation" | "reserves", _) => (Thing::Reservations, 1),
        ("declarations", _) => (Thing::Declarations, 1),
        _ => return None,
    })
}

/// True if the sentence goes on to say that one is being made: then it is not simply absent.
fn is_being_made(words: &[&str], from: usize) -> bool {
    let rest = words.get(from..).unwrap_or_default();
    let mut after_comma = rest
        .iter()
        .skip_while(|word| !matches!(**word, "," | ";" | ":" | "("));
    let making = [
        "draft",
        "drafted",
        "drafting",
        "being",
        "preparation",
        "prepared",
        "underway",
        "ongoing",
        "elaboration",
        "cours",
        "projet",
        "planned",
        "developing",
    ];
    after_comma.any(|word| making.contains(word))
}

fn topics_of(thing: Thing, scope: Scope, section: ProfileTopic) -> Vec<CoverageTopic> {
    use CoverageTopic as Topic;
    let in_institutions = section == ProfileTopic::Institutions;
    let one = |topic: Topic, holds: bool| holds.then_some(topic).into_iter().collect();
    match thing {
        Thing::Strategy => {
            let crime = scope.cybercrime.then_some(Topic::CybercrimeStrategy);
            let security = scope.cybersecurity.then_some(Topic::CybersecurityStrategy);
            crime.into_iter().chain(security).collect()
        }
        Thing::Policy => one(Topic::CybercrimePolicy, scope.cybercrime),
        Thing::ActionPlan => one(Topic::ActionPlan, scope.cybercrime || scope.cybersecurity),
        Thing::Law => {
            let security = scope.cybersecurity.then_some(Topic::CybersecurityLaw);
            let protection = scope.data_protection.then_some(Topic::DataProtection);
            let retention = scope.data_retention.then_some(Topic::DataRetention);
            security
                .into_iter()
                .chain(protection)
                .chain(retention)
                .collect()
        }
        Thing::Unit => one(Topic::CybercrimeUnit, scope.cybercrime),
        Thing::Court => one(Topic::SpecialisedCourt, scope.cybercrime),
        Thing::Prosecution => one(Topic::SpecialisedProsecutionUnit, scope.cybercrime),
        Thing::Csirt => one(Topic::NationalCsirt, in_institutions || scope.cybersecurity),
        Thing::ContactPoint => Vec::new(),
        Thing::CaseLaw => one(
            Topic::CaseLaw,
            section == ProfileTopic::CaseLaw || scope.cybercrime,
        ),
        Thing::Statistics => one(Topic::Statistics, scope.cybercrime),
        Thing::Reservations => one(
            Topic::TreatyReservations,
            section == ProfileTopic::TreatyStatus,
        ),
        Thing::Declarations => one(
            Topic::TreatyDeclarations,
            section == ProfileTopic::TreatyStatus,
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use CoverageTopic::{
        ActionPlan, CaseLaw, CybercrimePolicy, CybercrimeStrategy, CybersecurityStrategy,
        SpecialisedCourt, TreatyReservations,
    };

    fn found(sentence: &str) -> Vec<CoverageTopic> {
        topics(sentence, ProfileTopic::Policies)
    }

    #[test]
    fn plain_sentences_are_findings() {
        for (sentence, wanted) in [
            (
                "There is no dedicated strategy or other specific policy documents on cybercrime currently available or being developed in Freedonia.",
                &[CybercrimeStrategy, CybercrimePolicy][..],
            ),
            (
                "Freedonia currently has no dedicated strategy or action plan on cybercrime.",
                &[CybercrimeStrategy, ActionPlan],
            ),
            (
                "The Government of Freedonia has not yet adopted a cybercrime strategy.",
                &[CybercrimeStrategy],
            ),
            (
                "There is no separate strategy covering cybercrime specifically, although it is a priority.",
                &[CybercrimeStrategy],
            ),
            (
                "No national cyber security strategy has been adopted.",
                &[CybersecurityStrategy],
            ),
            (
                "Freedonia does not have a cybercrime policy.",
                &[CybercrimePolicy],
            ),
            (
                "There are no specialised courts for cybercrime.",
                &[SpecialisedCourt],
            ),
            (
                "There is currently no cybercrime or cybersecurity strategy.",
                &[CybercrimeStrategy, CybersecurityStrategy],
            ),
            (
                "Il n'existe pas de stratégie nationale en matière de cybercriminalité.",
                &[CybercrimeStrategy],
            ),
            (
                "La Freedonia ne dispose pas encore d'une stratégie sur la cybercriminalité.",
                &[CybercrimeStrategy],
            ),
            (
                "Aucune stratégie nationale de lutte contre la cybercriminalité n'a été adoptée.",
                &[CybercrimeStrategy],
            ),
            (
                "Le pays n’a pas adopté de stratégie de cybersécurité.",
                &[CybersecurityStrategy],
            ),
        ] {
            assert_eq!(found(sentence), wanted, "{sentence}");
        }
        assert_eq!(
            topics("There is no case law.", ProfileTopic::CaseLaw),
            [CaseLaw]
        );
        let none = topics("There are no reservations.", ProfileTopic::TreatyStatus);
        assert_eq!(none, [TreatyReservations]);
    }

    #[test]
    fn sentences_that_are_not_plain_are_left_to_their_section() {
        for sentence in [
            "There is no doubt that the strategy on cybercrime works.",
            "There is no provision in the cybercrime strategy on training.",
            "There was no cybercrime strategy before 2015.",
            "If there is no cybercrime strategy, the police decide.",
            "There is no cybercrime strategy yet, a draft is being prepared.",
            "There is no cybercrime strategy but a policy exists.",
            "There is a cybercrime strategy.",
            "There is no strategy.",
            "The country has no lack of cybercrime strategies.",
            "The strategy does not have a cybercrime chapter.",
            "Il existe une stratégie sur la cybercriminalité.",
        ] {
            assert_eq!(found(sentence), [], "{sentence}");
        }
    }
}
