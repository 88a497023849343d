//! Reading a page: each line gets its place, and the sections give the facts that they state plainly.

use domain::date::Date;
use domain::profile_section::{ProfileTopic, SectionState};
use domain::text::CountryCode;

use crate::absences::{Absence, absences};
use crate::chrome;
use crate::country::{Countries, Named};
use crate::dates::days;
use crate::decode::{Unreadable, decode};
use crate::documents::{Document, documents};
use crate::fold::fold;
use crate::heading::{MAX_KNOWN, Rank, heading, unglued};
use crate::html;
use crate::institutions::{Institution, institutions};
use crate::lines::{self, Line};
use crate::markdown;
use crate::paragraphs::{Paragraph, joined};
use crate::status_line::{self, Status};

/// Place of a line of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// It is a heading.
    Heading(ProfileTopic),
    /// It is in the body of a section. Facts are taken from there too.
    Section(ProfileTopic),
    /// It gives the day of the last update.
    LastUpdated,
    /// It belongs to the site around the page.
    Chrome,
    /// It could not be placed.
    Unmapped,
}

/// A line, or a part of a line, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// Number of the line.
    pub line: usize,
    /// The text.
    pub text: String,
    /// Its place.
    pub place: Place,
}

/// A text of the page that could not be placed, or not understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unmapped {
    /// Number of the line.
    pub line: usize,
    /// The text.
    pub text: String,
    /// The reason, for a text that was not understood.
    pub why: Option<String>,
}

/// A section of the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// Its topic.
    pub topic: ProfileTopic,
    /// `FILLED`, or `EMPTY_ON_SOURCE`.
    pub state: SectionState,
    /// The text in Markdown; empty if the section is.
    pub body: String,
    /// Language of the text: `en` or `fr`.
    pub language: &'static str,
    /// The first heading, as printed.
    pub heading: String,
    /// Number of the line of the heading.
    pub line: usize,
}

/// A profile page that was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Every line of the page with its place.
    pub placed: Vec<Placed>,
    /// The status line.
    pub status: Status,
    /// Day of the last update, with the number of its line.
    pub last_updated: Option<(Date, usize)>,
    /// Sections in the order of the page, one for each topic.
    pub sections: Vec<Section>,
    /// Explicit absences.
    pub absences: Vec<Absence>,
    /// Institutions.
    pub institutions: Vec<Institution>,
    /// Documents.
    pub documents: Vec<Document>,
    /// Texts that could not be placed or understood, in the order of the lines.
    pub unmapped: Vec<Unmapped>,
    /// Language of the headings: `en` or `fr`; empty if there is none.
    pub language: &'static str,
}

/// Reads a page of `country`: plain text, or HTML.
///
/// # Errors
/// The page cannot be read, or is about another country.
pub fn read(
    bytes: &[u8],
    country: &CountryCode,
    countries: &Countries,
) -> Result<Page, Unreadable> {
    let text = decode(bytes)?;
    let mut reader = Reader::new(country, countries);
    let lines = if html::is_html(&text) {
        let html = html::read(&text);
        if let Some((name, line)) = html.unclosed {
            reader.page.unmapped.push(Unmapped {
                line,
                text: format!("<{name}>"),
                why: Some(
                    "the element has no end tag: the rest of the page was not read".to_owned(),
                ),
            });
        }
        reader.title(html.title.as_deref());
        html.lines
    } else {
        lines::of_text(&text)
    };
    if lines.is_empty() {
        return Err(Unreadable::Empty);
    }
    for line in lines {
        if line.is_site {
            let is_within = matches!(reader.region, Region::Section(_));
            let place = if line.is_aside && is_within {
                Place::Unmapped
            } else {
                Place::Chrome
            };
            reader.place(&line, place);
        } else {
            for part in unglued(line) {
                reader.take(part);
            }
        }
    }
    reader.finish()
}

/// Maximum number of facts of one type that a section gives: more than a contribution can have.
const MAX_FACTS: usize = 200;
/// Longest line that is repeated with a fault in it, in bytes.
const MAX_SHOWN: usize = 400;

/// The part of the page that is being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Region {
    /// Before the first heading.
    Head,
    /// Under a heading.
    Section(ProfileTopic),
    /// In a box of the site, or after the end of the profile.
    Site,
}

/// The lines under one heading.
struct Part {
    heading: String,
    line: usize,
    rank: Rank,
    lines: Vec<Line>,
}

/// A section while it is read.
struct Draft {
    topic: ProfileTopic,
    parts: Vec<Part>,
}

struct Reader<'a> {
    country: &'a CountryCode,
    countries: &'a Countries,
    page: Page,
    drafts: Vec<Draft>,
    region: Region,
    /// True after the first heading of the profile itself.
    is_in_profile: bool,
    /// True directly after a line `Back`.
    after_back: bool,
    /// Country after `Back`, and in titles and lines of the head.
    back: Option<Named>,
    titles: Vec<Named>,
    /// Texts under headings of the site, which make their section filled.
    french_headings: usize,
    headings: usize,
}

impl<'a> Reader<'a> {
    fn new(country: &'a CountryCode, countries: &'a Countries) -> Self {
        Self {
            country,
            countries,
            page: Page::default(),
            drafts: Vec::new(),
            region: Region::Head,
            is_in_profile: false,
            after_back: false,
            back: None,
            titles: Vec::new(),
            french_headings: 0,
            headings: 0,
        }
    }

    fn place(&mut self, line: &Line, place: Place) {
        self.page.placed.push(Placed {
            line: line.number,
            text: line.text.clone(),
            place,
        });
        if place == Place::Unmapped {
            self.page.unmapped.push(Unmapped {
                line: line.number,
                text: line.text.clone(),
                why: None,
            });
        }
    }

    /// Takes the country from the title of the document: `Azerbaijan - Octopus Cybercrime Community`.
    fn title(&mut self, title: Option<&str>) {
        let title = title
            .unwrap_or_default()
            .replace(" – ", " - ")
            .replace(" | ", " - ");
        for part in title.split(" - ").map(str::trim).take(4) {
            self.titles.extend(self.countries.named(part));
        }
    }

    fn take(&mut self, line: Line) {
        let after_back = std::mem::take(&mut self.after_back);
        let is_short = line.text.len() <= MAX_KNOWN;
        let key = if is_short {
            chrome::key(&line.text)
        } else {
            String::new()
        };
        if let Some(found) = heading(&line, &key) {
            self.open(&line, found.topic, found.rank);
            return;
        }
        if let Some(rest) = last_updated(&line.text) {
            self.take_last_updated(&line, &rest);
            return;
        }
        if chrome::is_chrome(&key) {
            self.after_back = matches!(key.as_str(), "back" | "retour");
            if chrome::ends_profile(&key) && self.is_in_profile {
                self.region = Region::Site;
            }
            self.place(&line, Place::Chrome);
            return;
        }
        if self.takes_country(&line, after_back) {
            self.place(&line, Place::Chrome);
            return;
        }
        if self.region == Region::Head && status_line::is_status_line(&line.text) {
            self.region = Region::Section(ProfileTopic::TreatyStatus);
            self.is_in_profile = true;
            self.draft(ProfileTopic::TreatyStatus, &line, "", Rank::Section);
        }
        match self.region {
            Region::Section(topic) => {
                self.place(&line, Place::Section(topic));
                let draft = self.drafts.iter_mut().find(|draft| draft.topic == topic);
                let part = draft.and_then(|draft| draft.parts.last_mut());
                if let Some(part) = part {
                    part.lines.push(line);
                }
            }
            Region::Head | Region::Site => self.place(&line, Place::Unmapped),
        }
    }

    fn open(&mut self, line: &Line, topic: ProfileTopic, rank: Rank) {
        self.place(line, Place::Heading(topic));
        self.headings += 1;
        if is_french(&line.text) {
            self.french_headings += 1;
        }
        if rank != Rank::Site {
            self.is_in_profile = true;
        }
        let text = once(&line.text);
        self.draft(topic, line, &text, rank);
        // The links of the site are not those of the profile; a text about tools can be.
        let is_site = rank == Rank::Site && topic == ProfileTopic::Links || !self.is_in_profile;
        self.region = if is_site {
            Region::Site
        } else {
            Region::Section(topic)
        };
    }

    fn draft(&mut self, topic: ProfileTopic, line: &Line, heading: &str, rank: Rank) {
        let part = Part {
            heading: heading.to_owned(),
            line: line.number,
            rank,
            lines: Vec::new(),
        };
        match self.drafts.iter_mut().find(|draft| draft.topic == topic) {
            Some(draft) => draft.parts.push(part),
            None => self.drafts.push(Draft {
                topic,
                parts: vec![part],
            }),
        }
    }

    fn take_last_updated(&mut self, line: &Line, rest: &str) {
        let days = days(rest);
        let date = days.first().and_then(|day| day.date);
        self.place(line, Place::LastUpdated);
        let mut report = |why: &str| {
            self.page.unmapped.push(Unmapped {
                line: line.number,
                text: line.text.clone(),
                why: Some(why.to_owned()),
            });
        };
        match (date, &self.page.last_updated) {
            (Some(date), None) => self.page.last_updated = Some((date, line.number)),
            (Some(date), Some((known, _))) if date != *known => {
                report("the page prints another day before");
            }
            (None, _) if days.is_empty() => report("expected a day as DD/MM/YYYY"),
            _ => {}
        }
    }

    /// Takes the country from `Back Azerbaijan`, or from a line of the head that is the name of a country.
    fn takes_country(&mut self, line: &Line, after_back: bool) -> bool {
        let folded = fold(&line.text);
        let is_back = ["back ", "retour "]
            .iter()
            .any(|word| folded.starts_with(word));
        let rest = line.text.split_once(' ').map(|(_, rest)| rest.trim());
        let rest = rest.filter(|_| is_back && line.mark.is_none());
        if let Some(rest) = rest {
            let named = self.countries.named(rest);
            let is_short = rest.split(' ').count() < 7 && !rest.ends_with('.');
            if named.is_some() && (!self.is_in_profile || is_short) {
                self.back = self.back.take().or(named);
                return true;
            }
            return false;
        }
        if self.is_in_profile {
            return false;
        }
        let Some(named) = self.countries.named(&line.text) else {
            return false;
        };
        if after_back {
            self.back = self.back.take().or(Some(named));
        } else {
            self.titles.push(named);
        }
        true
    }

    /// Returns an error if the page is about another country.
    fn check_country(&self) -> Result<(), Unreadable> {
        let is_own = |named: &Named| named.codes.contains(self.country);
        if let Some(back) = &self.back {
            return if is_own(back) {
                Ok(())
            } else {
                Err(self.other(&back.name, &back.codes))
            };
        }
        if self.titles.iter().any(is_own) {
            return Ok(());
        }
        let first = self.titles.first();
        let others = self
            .titles
            .iter()
            .filter(|named| first.is_some_and(|first| first.codes != named.codes));
        if let Some(first) = first.filter(|_| others.count() == 0) {
            return Err(self.other(&first.name, &first.codes));
        }
        self.check_mentions()
    }

    /// A page without a title is about the country that its text names again and again.
    fn check_mentions(&self) -> Result<(), Unreadable> {
        let texts = || {
            let content = self.page.placed.iter();
            let content = content.filter(|placed| matches!(placed.place, Place::Section(_)));
            content.map(|placed| placed.text.as_str())
        };
        let mentions = self.countries.mentions(texts());
        if mentions.contains_key(self.country) || self.countries.is_hinted(self.country, texts()) {
            return Ok(());
        }
        let most = mentions.values().max().copied().unwrap_or_default();
        let mut named = mentions.iter().filter(|(_, count)| **count * 2 > most);
        match (named.next(), named.next()) {
            (Some((code, _)), None) if most > 1 => {
                Err(self.other(&self.countries.name(code), std::slice::from_ref(code)))
            }
            _ => Ok(()),
        }
    }

    fn other(&self, name: &str, codes: &[CountryCode]) -> Unreadable {
        let wanted = format!("{} ({})", self.countries.name(self.country), self.country);
        Unreadable::OtherCountry {
            named: name.to_owned(),
            code: codes.first().unwrap_or(self.country).clone(),
            wanted,
        }
    }

    fn finish(mut self) -> Result<Page, Unreadable> {
        self.check_country()?;
        self.page.language = match (self.headings, self.french_headings) {
            (0, _) => "",
            (all, french) if french * 2 > all => "fr",
            _ => "en",
        };
        let after_links = self
            .page
            .placed
            .iter()
            .rposition(|placed| placed.place == Place::Unmapped);
        for draft in std::mem::take(&mut self.drafts) {
            let is_box = draft.parts.iter().all(|part| part.rank == Rank::Site);
            let box_line = draft
                .parts
                .first()
                .map(|part| part.line)
                .unwrap_or_default();
            // Text of the site follows its heading: then nothing says that the source is empty.
            let has_text = after_links
                .and_then(|at| self.page.placed.get(at))
                .is_some_and(|placed| placed.line > box_line);
            if is_box && draft.topic == ProfileTopic::Links && has_text {
                continue;
            }
            self.close(&draft);
        }
        self.report_days();
        self.page.unmapped.sort_by_key(|unmapped| unmapped.line);
        Ok(self.page)
    }

    /// Turns a draft into a section, and takes its facts.
    fn close(&mut self, draft: &Draft) {
        let topic = draft.topic;
        let mut paragraphs: Vec<Paragraph> = Vec::new();
        let mut bodies: Vec<String> = Vec::new();
        let filled = draft
            .parts
            .iter()
            .filter(|part| !part.lines.is_empty())
            .count();
        for part in &draft.parts {
            paragraphs.extend(joined(part.lines.iter(), &part.heading, topic));
            if part.lines.is_empty() {
                continue;
            }
            if part.lines.iter().all(|line| says_nothing(&line.text)) {
                continue;
            }
            let body = markdown::body(&part.lines);
            let is_titled = part.rank == Rank::Part && (filled > 1 || draft.parts.len() > 1);
            bodies.push(if is_titled {
                format!("### {}\n\n{body}", part.heading)
            } else {
                body
            });
        }
        let body = bodies.join("\n\n");
        let heading = draft.parts.iter().find(|part| !part.heading.is_empty());
        let first = heading.or(draft.parts.first());
        let state = if body.is_empty() {
            SectionState::EmptyOnSource
        } else {
            SectionState::Filled
        };
        if topic == ProfileTopic::TreatyStatus {
            let lines = draft.parts.iter().flat_map(|part| &part.lines);
            let lines: Vec<(usize, &str)> = lines
                .map(|line| (line.number, line.text.as_str()))
                .collect();
            self.page.status = status_line::read(&lines, &mut self.page.unmapped);
        }
        let language = language(&body).unwrap_or(if self.page.language == "fr" {
            "fr"
        } else {
            "en"
        });
        let (own, countries) = (self.country, self.countries);
        let absent = paragraphs
            .iter()
            .flat_map(|paragraph| absences(paragraph, own, countries));
        self.page.absences.extend(absent.take(MAX_FACTS));
        let is_own = |text: &str| !countries.names_other(own, text) || countries.names(own, text);
        if matches!(
            topic,
            ProfileTopic::Policies | ProfileTopic::Legislation | ProfileTopic::Institutions
        ) {
            // A document of another country, named as a model, is no document of this one.
            let own = paragraphs.iter().flat_map(documents);
            let own = own.filter(|document| is_own(&document.title) && is_own(&document.quote));
            self.page.documents.extend(own.take(MAX_FACTS));
        }
        if matches!(topic, ProfileTopic::Policies | ProfileTopic::Institutions) {
            let own = institutions(&paragraphs).into_iter();
            let own = own.filter(|institution| {
                let parent = institution.parent.as_ref().map(|(name, _)| name);
                let mut names = institution.name.iter().chain(parent);
                names.all(|name| is_own(name) && is_own(&followed(name, &institution.quote)))
            });
            self.page.institutions.extend(own.take(MAX_FACTS));
        }
        self.page.sections.push(Section {
            topic,
            state,
            body,
            language,
            heading: first.map(|part| part.heading.clone()).unwrap_or_default(),
            line: first.map(|part| part.line).unwrap_or_default(),
        });
    }

    /// Reports the days of the page that the calendar does not have.
    fn report_days(&mut self) {
        let placed = self
            .page
            .placed
            .iter()
            .filter(|placed| placed.place != Place::Chrome);
        let faults: Vec<Unmapped> = placed
            .filter_map(|placed| {
                // One report for each line: a line can have very many days.
                let mut faults = days(&placed.text)
                    .into_iter()
                    .filter_map(|day| Some((day.fault()?, day.text)));
                let (mut why, text) = faults.next()?;
                let others: Vec<String> = faults.map(|(_, text)| text).collect();
                if let Some(next) = others.first() {
                    why = match others.len() {
                        1 => format!("{why}; {next} is none either"),
                        more => format!("{why}; {next} and {} others are none either", more - 1),
                    };
                }
                let is_short = placed.text.len() <= MAX_SHOWN;
                Some(Unmapped {
                    line: placed.line,
                    text: if is_short { placed.text.clone() } else { text },
                    why: Some(why),
                })
            })
            .collect();
        self.page.unmapped.extend(faults);
    }
}

/// True if a line stands for a text that is missing, as in `N/A`.
fn says_nothing(text: &str) -> bool {
    let words = crate::fold::words(text).join(" ");
    let nothing = [
        "",
        "n a",
        "na",
        "none",
        "nil",
        "neant",
        "not applicable",
        "not available",
        "aucun",
        "aucune",
        "sans objet",
        "non applicable",
    ];
    nothing.contains(&words.as_str())
}

/// Returns a name with the words `of …` or `in …` after it in its sentence.
fn followed(name: &str, sentence: &str) -> String {
    let rest = sentence.split_once(name).map(|(_, rest)| rest.trim_start());
    let rest = rest.filter(|rest| {
        ["of ", "in ", "du ", "de "]
            .iter()
            .any(|word| rest.starts_with(word))
    });
    let words = rest.unwrap_or_default().split(' ').take(5);
    let words: Vec<&str> = words
        .take_while(|word| !matches!(*word, "and" | "is" | "are"))
        .collect();
    format!("{name} {}", words.join(" "))
}

/// Returns the rest of a line that gives the day of the last update.
fn last_updated(text: &str) -> Option<String> {
    let folded = fold(text);
    let labels = [
        "last updated on",
        "last updated",
        "last update",
        "updated on",
        "derniere mise a jour",
        "mis a jour le",
        "mise a jour",
    ];
    let label = labels.iter().find(|label| folded.starts_with(*label))?;
    let rest = folded.get(label.len()..)?.trim_start();
    let rest = rest.strip_prefix(':').unwrap_or(rest).trim_start();
    let is_day = rest.starts_with(|first: char| first.is_ascii_digit()) || text.contains(':');
    (is_day && text.chars().count() < 80).then(|| rest.to_owned())
}

/// Returns a heading once, if the line repeats it.
fn once(text: &str) -> String {
    let words: Vec<&str> = text.split(' ').collect();
    let (first, second) = words.split_at(words.len() / 2);
    let text = if first == second && !first.is_empty() {
        first.join(" ")
    } else {
        text.to_owned()
    };
    text.trim_start_matches(['#', ' '])
        .trim_end_matches([':', ' '])
        .to_owned()
}

fn is_french(text: &str) -> bool {
    let words = crate::fold::words(text);
    let french = [
        "statut",
        "politiques",
        "strategies",
        "en",
        "legislation",
        "etat",
        "droit",
        "garanties",
        "sauvegardes",
        "lois",
        "institutions",
        "specialisees",
        "cooperation",
        "internationale",
        "autorites",
        "guides",
        "jurisprudence",
        "liens",
        "outils",
        "sur",
        "la",
        "de",
        "et",
    ];
    let english = [
        "status",
        "regarding",
        "policies",
        "state",
        "of",
        "law",
        "safeguards",
        "laws",
        "specialised",
        "specialized",
        "international",
        "competent",
        "practical",
        "case",
        "and",
        "on",
        "tools",
        "useful",
        "cybercrime",
    ];
    let count = |list: &[&str]| {
        words
            .iter()
            .filter(|word| list.contains(&word.as_str()))
            .count()
    };
    count(&french) > count(&english)
}

/// Returns the language in which a text is written; `None` if its words do not tell.
fn language(text: &str) -> Option<&'static str> {
    let (mut english, mut french) = (0_usize, 0_usize);
    for word in text
        .split(|letter: char| !letter.is_alphabetic())
        .take(4000)
    {
        match word.to_lowercase().as_str() {
            "the" | "and" | "of" | "is" | "are" | "for" | "with" | "by" | "has" | "to"
            | "which" | "party" | "signed" | "ratified" => english += 1,
            "le" | "la" | "les" | "des" | "du" | "et" | "est" | "sont" | "pour" | "une"
            | "dans" | "sur" | "qui" | "aux" | "partie" | "signé" | "ratifié" | "adhéré"
            | "statut" => french += 1,
            _ => {}
        }
    }
    match english.cmp(&french) {
        std::cmp::Ordering::Greater => Some("en"),
        std::cmp::Ordering::Less => Some("fr"),
        std::cmp::Ordering::Equal => None,
    }
}
