//! References to a page in its view: as text, in BibTeX and as CSL-JSON. They say nothing of the day on which they are
//! read, so that a permanent address always has the same.

use serde_json::json;

use crate::layout::words::Words;
use crate::params::encoded;

/// The author, as in the references to records.
const AUTHOR: &str = "Cyberprofiles contributors";
/// The publisher, as in the references to records.
const PUBLISHER: &str = "Cyberprofiles";

/// A reference to a page.
#[derive(Clone, Debug)]
pub struct Citation {
    /// The title of the page.
    pub title: String,
    /// The name of the site.
    pub site: String,
    /// The language of the page.
    pub language: &'static str,
    /// The path of the page with its own parameters.
    pub page: String,
    /// The as-of date.
    pub as_of: String,
    /// The cursor of the moment.
    pub cursor: String,
    /// The instant of the last commit in the view.
    pub known_at: String,
    /// The view in words: “as of 1 July 2010, as known on 2 July 2010, 12:00 UTC”.
    pub view: String,
    /// The permanent address.
    pub address: String,
}

impl Citation {
    /// All forms of the reference: id of the element, name and text.
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "templates pass fields by reference"
    )]
    pub fn forms(&self, words: &Words) -> [(&'static str, &'static str, String); 3] {
        [
            ("cite-text", words.cite_text(), self.text()),
            ("cite-bibtex", words.cite_bibtex(), self.bibtex()),
            ("cite-csl", words.cite_csl(), self.csl_json()),
        ]
    }

    /// The reference for a footnote or a list of references.
    fn text(&self) -> String {
        let Self {
            title,
            site,
            view,
            address,
            ..
        } = self;
        format!("{AUTHOR}, \u{201c}{title}\u{201d}, {site}, {view}, {address}")
    }

    /// An entry of BibTeX.
    fn bibtex(&self) -> String {
        let fields = [
            ("author", format!("{{{AUTHOR}}}")),
            // The inner braces keep the capitals.
            ("title", format!("{{{}}}", escaped(&self.title))),
            ("howpublished", escaped(&self.site)),
            ("year", self.part(0).to_owned()),
            ("month", self.part(1).to_owned()),
            ("publisher", PUBLISHER.to_owned()),
            ("language", self.language.to_owned()),
            ("note", escaped(&self.view)),
            // Programs take this field as it is, without escapes.
            ("url", self.address.clone()),
        ];
        let fields = fields.into_iter().filter(|(_, value)| !value.is_empty());
        let fields: Vec<String> = fields
            .map(|(name, value)| format!(",\n  {name} = {{{value}}}"))
            .collect();
        format!("@misc{{{}{}\n}}\n", self.key(), fields.concat())
    }

    /// A list of one item of CSL-JSON.
    fn csl_json(&self) -> String {
        let parts = (0..3).filter_map(|at| self.part(at).parse().ok());
        let parts: Vec<u32> = parts.collect();
        let mut item = json!({
            "id": self.key(),
            "type": "webpage",
            "title": self.title,
            "author": [{ "literal": AUTHOR }],
            "container-title": self.site,
            "publisher": PUBLISHER,
            "language": self.language,
            "note": self.view,
            "URL": self.address,
        });
        // There is no day before the first commit.
        if !parts.is_empty()
            && let Some(members) = item.as_object_mut()
        {
            members.insert("issued".to_owned(), json!({ "date-parts": [parts] }));
        }
        json!([item]).to_string()
    }

    /// Year, month or day of the last commit in the view.
    fn part(&self, at: usize) -> &str {
        let day = self.known_at.split('T').next().unwrap_or_default();
        day.split('-').nth(at).unwrap_or_default()
    }

    /// A key that is equal for equal permanent addresses, of letters that every program accepts.
    fn key(&self) -> String {
        let parts = [&self.page, self.language, &self.as_of, &self.cursor].map(encoded);
        let key = format!("cyberprofiles{}", parts.join("-"));
        let fit = |letter: char| {
            if letter.is_ascii_alphanumeric() {
                letter
            } else {
                '-'
            }
        };
        key.replace("%2F", "-").chars().map(fit).collect()
    }
}

/// Escapes a text for a field of BibTeX in braces. Braces are written as commands, because BibTeX counts an escaped
/// brace too.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        let command = match letter {
            '\\' => "backslash",
            '{' => "braceleft",
            '}' => "braceright",
            '~' => "asciitilde",
            '^' => "asciicircum",
            '%' | '&' | '$' | '#' | '_' => {
                escaped.push('\\');
                escaped.push(letter);
                continue;
            }
            _ => {
                escaped.push(letter);
                continue;
            }
        };
        escaped.push_str("\\text");
        escaped.push_str(command);
        escaped.push_str("{}");
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn citation(page: &str) -> Citation {
        Citation {
            title: "R&D {x}".to_owned(),
            site: "Site".to_owned(),
            language: "en",
            page: page.to_owned(),
            as_of: "2020-04-16".to_owned(),
            cursor: "a_b".to_owned(),
            known_at: "2026-03-04T10:00:00Z".to_owned(),
            view: "as of 16 April 2020".to_owned(),
            address: "https://example.org/countries/AZ?on=2020-04-16&at=a_b".to_owned(),
        }
    }

    #[test]
    fn a_page_is_cited_as_text_bibtex_and_csl() {
        let one = citation("/countries/AZ");
        assert_eq!(
            one.text(),
            "Cyberprofiles contributors, \u{201c}R&D {x}\u{201d}, Site, as of 16 April 2020, \
             https://example.org/countries/AZ?on=2020-04-16&at=a_b"
        );
        let bibtex = one.bibtex();
        assert!(
            bibtex.starts_with(
                "@misc{cyberprofiles-countries-AZ-en-2020-04-16-a-b,\n  author = {{Cyberprofiles contributors}},\n  \
                 title = {{R\\&D \\textbraceleft{}x\\textbraceright{}}},\n"
            ),
            "{bibtex}"
        );
        assert!(
            bibtex.contains("  url = {https://example.org/countries/AZ?on=2020-04-16&at=a_b}\n}")
        );
        let csl: serde_json::Value = serde_json::from_str(&one.csl_json()).unwrap();
        assert_eq!(csl[0]["issued"]["date-parts"][0], json!([2026, 3, 4]));
        assert_eq!(csl[0]["URL"], one.address);
    }

    #[test]
    fn a_reference_before_the_first_commit_has_no_date() {
        let mut one = citation("/countries/AZ");
        one.known_at.clear();
        assert!(!one.bibtex().contains("year"), "{}", one.bibtex());
        let csl: serde_json::Value = serde_json::from_str(&one.csl_json()).unwrap();
        assert!(csl[0].get("issued").is_none(), "{csl}");
    }

    #[test]
    fn pages_with_other_choices_have_other_keys() {
        assert_ne!(
            citation("/compare?country=AZ").key(),
            citation("/compare?country=GE").key()
        );
    }
}
