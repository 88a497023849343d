//! Bibliographic references: how a publication cites one version of a record, as text, BibTeX or CSL-JSON.

use async_graphql::Enum;
use serde_json::json;

use super::date::Date;
use super::record::RecordId;

/// A form of a bibliographic reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum)]
pub enum CitationFormat {
    /// Text for a footnote or a list of references, in English.
    Text,
    /// One entry `@misc` of BibTeX, in UTF-8; also for biblatex. The entry key is derived from `recordId` and `version`.
    Bibtex,
    /// A JSON text: a list of one item in the form of the Citation Style Language 1.0.2 (`csl-data.json`).
    CslJson,
}

/// The author of all records, as a corporate name.
const AUTHOR: &str = "Cyberprofiles contributors";
/// The publisher.
const PUBLISHER: &str = "Cyberprofiles";

/// Everything that a reference to one version of a record says.
#[derive(Clone, Debug)]
pub struct BibliographicReference {
    /// The record.
    pub record: RecordId,
    /// The title: the label of the record, with its country.
    pub title: String,
    /// The number of the version.
    pub version: i32,
    /// The day on which the version was committed.
    pub committed_on: Date,
    /// The day on which the record was retired; `None` if it was not.
    pub retired_on: Option<Date>,
    /// The day in the world for which the record is read.
    pub as_of: Date,
    /// The permalink.
    pub permalink: String,
}

impl BibliographicReference {
    /// Writes the reference in a form.
    pub fn written(&self, format: CitationFormat) -> String {
        match format {
            CitationFormat::Text => self.text(),
            CitationFormat::Bibtex => self.bibtex(),
            CitationFormat::CslJson => self.csl_json(),
        }
    }

    /// The title on one line.
    fn title(&self) -> String {
        let words = self
            .title
            .split(|letter: char| letter.is_whitespace() || letter.is_control());
        let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
        words.join(" ")
    }

    /// The as-of date, unless it is the day of the commit.
    fn other_day(&self) -> Option<Date> {
        (self.as_of != self.committed_on).then_some(self.as_of)
    }

    /// A key that is equal for equal permalinks. It has lower-case letters, digits and `-` only, which every program
    /// accepts.
    fn key(&self) -> String {
        let record = self.record.as_str().to_lowercase().replace(':', "-");
        let day = self.other_day().map(|day| format!("-{day}"));
        let day = day.unwrap_or_default();
        let retired = self.retired_on.map_or("", |_| "-retired");
        format!("cyberprofiles-{record}-v{}{day}{retired}", self.version)
    }

    fn text(&self) -> String {
        let Self {
            version, permalink, ..
        } = self;
        let (title, committed_on) = (self.title(), in_words(self.committed_on));
        let day = self.other_day().map(in_words);
        let day = day.map(|day| format!(", as of {day}")).unwrap_or_default();
        let retired = self.retired_on.map(in_words);
        let retired = retired.map(|day| format!(", retired on {day}"));
        let retired = retired.unwrap_or_default();
        format!(
            "{AUTHOR}, \u{201c}{title}\u{201d}, {PUBLISHER}, version {version} of {committed_on}{day}{retired}, {permalink}"
        )
    }

    fn bibtex(&self) -> String {
        let (year, month, _) = self.committed_on.year_month_day();
        let note = self.note();
        let fields = [
            ("author", format!("{{{{{AUTHOR}}}}}")),
            // The inner braces keep the capitals.
            ("title", format!("{{{{{}}}}}", escaped(&self.title()))),
            ("year", format!("{{{year}}}")),
            ("month", abbreviated(month).to_owned()),
            ("version", format!("{{{}}}", self.version)),
            ("publisher", format!("{{{PUBLISHER}}}")),
            ("note", format!("{{{note}}}")),
            // Programs take this field as it is, without escapes.
            ("url", format!("{{{}}}", self.permalink)),
        ];
        let fields = fields.map(|(name, value)| format!(",\n  {name} = {value}"));
        format!("@misc{{{}{}\n}}\n", self.key(), fields.concat())
    }

    fn csl_json(&self) -> String {
        let (year, month, day) = self.committed_on.year_month_day();
        let item = json!({
            "id": self.key(),
            "type": "entry",
            "title": self.title(),
            "author": [{ "literal": AUTHOR }],
            "container-title": PUBLISHER,
            "publisher": PUBLISHER,
            "version": self.version.to_string(),
            "issued": { "date-parts": [[year, month, day]] },
            "language": "en",
            "note": self.note(),
            "URL": self.permalink,
        });
        json!([item]).to_string()
    }

    fn note(&self) -> String {
        let day = self.other_day().map(|day| format!(", as of {day}"));
        let day = day.unwrap_or_default();
        let retired = self.retired_on.map(|day| format!(", retired on {day}"));
        let retired = retired.unwrap_or_default();
        format!("Version of {}{day}{retired}", self.committed_on)
    }
}

/// The names of the months.
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
/// The names that BibTeX defines for the months.
const ABBREVIATIONS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];

fn of_month(names: [&'static str; 12], month: u32) -> &'static str {
    let at = usize::try_from(month).unwrap_or_default().saturating_sub(1);
    names.get(at).copied().unwrap_or_default()
}

fn abbreviated(month: u32) -> &'static str {
    of_month(ABBREVIATIONS, month)
}

fn in_words(date: Date) -> String {
    let (year, month, day) = date.year_month_day();
    format!("{day} {} {year}", of_month(MONTHS, month))
}

/// Escapes a text for a field of BibTeX in braces. Braces are written as commands, because BibTeX counts an escaped
/// brace too.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\\' => escaped.push_str("\\textbackslash{}"),
            '{' => escaped.push_str("\\textbraceleft{}"),
            '}' => escaped.push_str("\\textbraceright{}"),
            '~' => escaped.push_str("\\textasciitilde{}"),
            '^' => escaped.push_str("\\textasciicircum{}"),
            '%' | '&' | '$' | '#' | '_' => {
                escaped.push('\\');
                escaped.push(letter);
            }
            _ => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn reference(title: &str, as_of: &str) -> BibliographicReference {
        BibliographicReference {
            record: "TreatyEvent:az-ets-185-signature".parse().unwrap(),
            title: title.to_owned(),
            version: 3,
            committed_on: "2026-03-04".parse().unwrap(),
            retired_on: None,
            as_of: as_of.parse().unwrap(),
            permalink: "https://example.org/records/TreatyEvent:az-ets-185-signature@x,2026-03-04"
                .to_owned(),
        }
    }

    #[test]
    fn a_text_names_author_title_version_day_and_address() {
        let written = reference("A\n title", "2026-03-04").written(CitationFormat::Text);
        assert_eq!(
            written,
            "Cyberprofiles contributors, “A title”, Cyberprofiles, version 3 of 4 March 2026, \
             https://example.org/records/TreatyEvent:az-ets-185-signature@x,2026-03-04"
        );
        let written = reference("A", "2010-01-01").written(CitationFormat::Text);
        assert!(written.contains("of 4 March 2026, as of 1 January 2010, https"));
    }

    #[test]
    fn a_reference_to_a_retired_record_says_so_and_has_a_key_of_its_own() {
        let retired = BibliographicReference {
            retired_on: "2026-05-06".parse().ok(),
            ..reference("A", "2026-03-04")
        };
        let text = retired.written(CitationFormat::Text);
        assert!(text.contains("version 3 of 4 March 2026, retired on 6 May 2026, https"));
        let bibtex = retired.written(CitationFormat::Bibtex);
        assert!(
            bibtex.starts_with("@misc{cyberprofiles-treatyevent-az-ets-185-signature-v3-retired,")
        );
        assert!(bibtex.contains("note = {Version of 2026-03-04, retired on 2026-05-06}"));
    }

    #[test]
    fn bibtex_escapes_what_latex_reads_as_commands_and_keeps_other_letters() {
        let title = "50 % {A} \\x & $1 #2 a_b ~c ^d “Ə” العربية";
        let written = reference(title, "2010-01-01").written(CitationFormat::Bibtex);
        let title = "  title = {{50 \\% \\textbraceleft{}A\\textbraceright{} \\textbackslash{}x \\& \\$1 \\#2 a\\_b \
             \\textasciitilde{}c \\textasciicircum{}d “Ə” العربية}},";
        assert!(written.lines().any(|line| line == title), "{written}");
        assert!(
            written.starts_with(
                "@misc{cyberprofiles-treatyevent-az-ets-185-signature-v3-2010-01-01,\n"
            )
        );
        assert!(written.contains("\n  month = mar,\n"));
        let braces = |brace: char| written.matches(brace).count();
        assert_eq!(braces('{'), braces('}'));
    }

    #[test]
    fn csl_json_is_a_list_of_one_item() {
        let written = reference("A \"b\"", "2026-03-04").written(CitationFormat::CslJson);
        let items: Value = serde_json::from_str(&written).unwrap();
        assert_eq!(items.as_array().unwrap().len(), 1);
        let item = &items[0];
        assert_eq!(item["title"], "A \"b\"");
        assert_eq!(item["issued"]["date-parts"], json!([[2026, 3, 4]]));
        assert_eq!(item["version"], "3");
    }
}
