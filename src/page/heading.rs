//! The headings of profile pages, English and French, and lines that a heading is glued to.

use std::collections::HashMap;
use std::sync::LazyLock;

use domain::profile_section::ProfileTopic;

use crate::chrome::key;
use crate::fold::fold;
use crate::lines::Line;

/// Rank of a heading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rank {
    /// It begins a section.
    Section,
    /// It begins a part of a section.
    Part,
    /// It begins a box of the site.
    Site,
}

/// A known heading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heading {
    /// The topic under which its text belongs.
    pub topic: ProfileTopic,
    /// Rank of the heading.
    pub rank: Rank,
}

use ProfileTopic::{
    CaseLaw, Institutions, InternationalCooperation, Legislation, Links, Policies, Tools,
    TreatyStatus,
};
use Rank::{Part, Section, Site};

/// Headings as the pages print them. Case, accents, hyphens, slashes and spaces do not matter.
const HEADINGS: [(&str, ProfileTopic, Rank); 62] = [
    (
        "Status regarding Budapest Convention",
        TreatyStatus,
        Section,
    ),
    (
        "Status regarding the Budapest Convention",
        TreatyStatus,
        Section,
    ),
    (
        "Status regarding the Convention on Cybercrime",
        TreatyStatus,
        Section,
    ),
    (
        "Statut concernant la Convention de Budapest",
        TreatyStatus,
        Section,
    ),
    (
        "Statut au regard de la Convention de Budapest",
        TreatyStatus,
        Section,
    ),
    (
        "Situation au regard de la Convention de Budapest",
        TreatyStatus,
        Section,
    ),
    ("Cybercrime policies/strategies", Policies, Section),
    ("Cyber crime policies/strategies", Policies, Section),
    ("Cybercrime policies and strategies", Policies, Section),
    ("Cybercrime strategies/policies", Policies, Section),
    ("Policies/strategies", Policies, Section),
    (
        "Politiques / stratégies en matière de cybercriminalité",
        Policies,
        Section,
    ),
    (
        "Politiques et stratégies en matière de cybercriminalité",
        Policies,
        Section,
    ),
    (
        "Politiques/stratégies de lutte contre la cybercriminalité",
        Policies,
        Section,
    ),
    (
        "Politiques/stratégies sur la cybercriminalité",
        Policies,
        Section,
    ),
    ("Politiques/stratégies", Policies, Section),
    ("Cybercrime legislation", Legislation, Section),
    ("Cyber crime legislation", Legislation, Section),
    ("Legislation on cybercrime", Legislation, Section),
    ("Législation sur la cybercriminalité", Legislation, Section),
    (
        "Législation en matière de cybercriminalité",
        Legislation,
        Section,
    ),
    (
        "Législation relative à la cybercriminalité",
        Legislation,
        Section,
    ),
    ("State of cybercrime legislation", Legislation, Part),
    (
        "État de la législation sur la cybercriminalité",
        Legislation,
        Part,
    ),
    (
        "État de la législation en matière de cybercriminalité",
        Legislation,
        Part,
    ),
    ("Substantive law", Legislation, Part),
    ("Droit matériel", Legislation, Part),
    ("Droit pénal matériel", Legislation, Part),
    ("Procedural law", Legislation, Part),
    ("Droit procédural", Legislation, Part),
    ("Droit de procédure", Legislation, Part),
    ("Safeguards", Legislation, Part),
    ("Conditions and safeguards", Legislation, Part),
    ("Garanties", Legislation, Part),
    ("Sauvegardes", Legislation, Part),
    ("Conditions et sauvegardes", Legislation, Part),
    ("Related laws and regulations", Legislation, Part),
    ("Lois et règlements connexes", Legislation, Part),
    ("Lois et réglementations connexes", Legislation, Part),
    ("Specialised institutions", Institutions, Section),
    ("Specialized institutions", Institutions, Section),
    ("Institutions spécialisées", Institutions, Section),
    (
        "International cooperation",
        InternationalCooperation,
        Section,
    ),
    (
        "International co-operation",
        InternationalCooperation,
        Section,
    ),
    (
        "Coopération internationale",
        InternationalCooperation,
        Section,
    ),
    (
        "Competent authorities and channels",
        InternationalCooperation,
        Part,
    ),
    (
        "Autorités compétentes et canaux",
        InternationalCooperation,
        Part,
    ),
    (
        "Autorités compétentes et voies de communication",
        InternationalCooperation,
        Part,
    ),
    (
        "Practical guides, templates and best practices",
        InternationalCooperation,
        Part,
    ),
    (
        "Guides pratiques, modèles et bonnes pratiques",
        InternationalCooperation,
        Part,
    ),
    (
        "Guides pratiques, modèles et meilleures pratiques",
        InternationalCooperation,
        Part,
    ),
    ("Jurisprudence/case law", CaseLaw, Section),
    ("Case law", CaseLaw, Section),
    ("Jurisprudence", CaseLaw, Section),
    ("Sources and links", Links, Section),
    ("Sources et liens", Links, Section),
    ("Useful links", Links, Site),
    ("Liens utiles", Links, Site),
    (
        "Tools on Cybercrime & Electronic Evidence Empowering You!",
        Tools,
        Site,
    ),
    ("Tools on Cybercrime & Electronic Evidence", Tools, Site),
    (
        "Outils sur la cybercriminalité et les preuves électroniques",
        Tools,
        Site,
    ),
    (
        "Outils sur la cybercriminalité et la preuve électronique",
        Tools,
        Site,
    ),
];

/// French headings vary; a short line with these beginnings and words is one.
const PATTERNS: [(&str, &str, ProfileTopic, Rank); 10] = [
    ("status regarding ", "budapest", TreatyStatus, Section),
    ("statut ", "convention de budapest", TreatyStatus, Section),
    (
        "situation ",
        "convention de budapest",
        TreatyStatus,
        Section,
    ),
    (
        "statut ",
        "convention sur la cybercriminalite",
        TreatyStatus,
        Section,
    ),
    ("politiques ", "cybercriminalite", Policies, Section),
    ("politiques ", "cybercrime", Policies, Section),
    ("etat de la legislation ", "cyber", Legislation, Part),
    (
        "guides pratiques ",
        "pratiques",
        InternationalCooperation,
        Part,
    ),
    ("outils sur la cybercriminalite", "preuve", Tools, Site),
    ("tools on cybercrime", "evidence", Tools, Site),
];

/// Longest heading or line of the site, in bytes.
pub const MAX_KNOWN: usize = 250;

/// Returns the heading that a line with this key is.
pub fn heading(line: &Line, key: &str) -> Option<Heading> {
    let is_item = line.mark.is_some() || line.text.ends_with(['.', ',', ';']);
    if is_item { None } else { of_key(key) }
}

fn of_key(key: &str) -> Option<Heading> {
    static KEYS: LazyLock<HashMap<String, Heading>> = LazyLock::new(|| {
        let all = HEADINGS.iter();
        all.map(|(text, topic, rank)| {
            let heading = Heading {
                topic: *topic,
                rank: *rank,
            };
            (self::key(text), heading)
        })
        .collect()
    });
    if let Some(heading) = KEYS.get(key) {
        return Some(*heading);
    }
    let words = key.split(' ').count();
    let pattern = PATTERNS.iter().find(|(begins, contains, ..)| {
        words <= 10 && key.starts_with(begins) && key.contains(contains)
    });
    pattern.map(|(_, _, topic, rank)| Heading {
        topic: *topic,
        rank: *rank,
    })
}

/// Texts after which a new line begins, although the page does not break the line.
const ENDS: [&str; 4] = [
    "see legal profile",
    "see the legal profile",
    "voir le profil legal",
    "voir le profil juridique",
];
/// Texts before which a new line begins.
const BEGINS: [&str; 3] = ["last updated", "derniere mise a jour", "mis a jour le"];

/// Returns the parts of a line that the page glued together: `See legal profileCybercrime policies/strategies`.
pub fn unglued(line: Line) -> Vec<Line> {
    // Shorter than the shortest text with another.
    if line.text.len() < 14 {
        return vec![line];
    }
    let letters: Vec<char> = line.text.chars().collect();
    let folded: Vec<char> = fold(&line.text).chars().collect();
    let mut cuts = vec![0];
    for at in 0..letters.len() {
        let here = folded.get(at..).unwrap_or_default();
        if let Some(end) = ENDS.iter().find_map(|end| starts_with(here, end)) {
            if letters.get(at).is_some_and(|letter| letter.is_uppercase()) {
                cuts.push(at);
            }
            cuts.push(at + end);
        }
        let label = BEGINS.iter().find_map(|label| starts_with(here, label));
        let marks = label.and_then(|length| here.get(length..length + 3.min(here.len() - length)));
        if marks.is_some_and(|marks| {
            marks
                .iter()
                .any(|mark| *mark == ':' || mark.is_ascii_digit())
        }) {
            cuts.push(at);
            let near = here.iter().take(40);
            let day = near
                .clone()
                .position(char::is_ascii_digit)
                .unwrap_or_default();
            let length = near
                .skip(day)
                .take_while(|digit| digit.is_ascii_digit() || **digit == '/')
                .count();
            if day > 0 {
                cuts.push(at + day + length);
            }
        }
    }
    cuts.push(letters.len());
    cuts.sort_unstable();
    cuts.dedup();
    let mut parts = Vec::new();
    for pair in cuts.windows(2) {
        let [from, to] = *pair else { continue };
        headings_apart(&letters, &folded, from, to, &mut parts);
    }
    if parts.len() == 1 {
        return vec![line];
    }
    let mut lines: Vec<Line> = parts.iter().filter_map(|part| line.part(part)).collect();
    for (at, part) in lines.iter_mut().enumerate() {
        part.gap = line.gap || at > 0;
        part.mark = part.mark.take().filter(|_| at == 0);
    }
    lines
}

fn starts_with(text: &[char], beginning: &str) -> Option<usize> {
    let length = beginning.len();
    let same = beginning.chars().eq(text.iter().take(length).copied());
    same.then_some(length)
}

/// Folded headings that can be glued to other text.
static GLUED: LazyLock<Vec<(String, &str)>> = LazyLock::new(|| glued_headings().collect());

/// Headings that can be glued to other text: long enough not to be the end of a sentence.
fn glued_headings() -> impl Iterator<Item = (String, &'static str)> {
    let all = HEADINGS.iter().map(|(text, ..)| *text);
    all.filter(|text| text.chars().count() >= 12)
        .map(|text| (fold(text), text))
}

/// Adds the part of a line between two positions, with headings at its ends as parts of their own.
fn headings_apart(
    letters: &[char],
    folded: &[char],
    from: usize,
    to: usize,
    parts: &mut Vec<String>,
) {
    let mut from = from;
    let mut to = to;
    let mut after = Vec::new();
    let is_capital = |at: usize| letters.get(at).is_some_and(|letter| letter.is_uppercase());
    loop {
        while letters
            .get(from)
            .is_some_and(|letter| from < to && letter.is_whitespace())
        {
            from += 1;
        }
        let here = folded.get(from..to).unwrap_or_default();
        let text: usize = here.len();
        let leading = GLUED
            .iter()
            .filter_map(|(heading, _)| starts_with(here, heading))
            .max();
        if let Some(length) = leading.filter(|length| *length < text) {
            let rest = here.get(length..).unwrap_or_default();
            let spaces = rest
                .iter()
                .take_while(|letter| letter.is_whitespace())
                .count();
            let next = rest.get(spaces..).unwrap_or_default();
            let is_label = ["status :", "status:", "statut :", "statut:"];
            let labelled = is_label
                .iter()
                .any(|label| starts_with(next, label).is_some());
            if labelled || (spaces == 0 && is_capital(from + length)) {
                parts.push(letters.iter().skip(from).take(length).collect());
                from += length;
                continue;
            }
        }
        let trailing = GLUED.iter().filter_map(|(heading, _)| {
            let length = heading.chars().count();
            let start = text.checked_sub(length).filter(|start| *start > 0)?;
            let same = heading.chars().eq(here.get(start..)?.iter().copied());
            let before = letters.get((from + start).checked_sub(1)?)?;
            let spaces = letters.iter().take(from + start).rev();
            let mut spaces = spaces.skip_while(|letter| letter.is_whitespace());
            let after_stop = before.is_whitespace() && spaces.next() == Some(&'.');
            let glued = after_stop
                || !before.is_whitespace() && !matches!(before, '/' | '-' | '(' | '"' | '“' | '\'');
            (same && glued && is_capital(from + start)).then_some(start)
        });
        let Some(start) = trailing.min() else { break };
        after.push(
            letters
                .iter()
                .skip(from + start)
                .take(to - from - start)
                .collect(),
        );
        to = from + start;
    }
    parts.push(letters.iter().skip(from).take(to - from).collect());
    after.reverse();
    parts.append(&mut after);
}
