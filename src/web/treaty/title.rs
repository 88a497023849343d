//! Titles of treaties in the language of a page. Sources of the French ones: the list of the Treaty Office of the Council
//! of Europe (STE 108, 185, 189; STCE 201, 223, 224), resolution 79/243 of the General Assembly of the United Nations,
//! and the list of treaties of the African Union.

use crate::frame::Frame;
use crate::language::Language;

/// The titles in English, as the data have them, and in French.
const TITLES: [(&str, &str); 16] = [
    ("Budapest Convention", "Convention de Budapest"),
    (
        "Convention on Cybercrime",
        "Convention sur la cybercriminalité",
    ),
    ("First Additional Protocol", "Premier Protocole additionnel"),
    (
        "Additional Protocol to the Convention on Cybercrime, concerning the criminalisation of acts of a racist and \
         xenophobic nature committed through computer systems",
        "Protocole additionnel à la Convention sur la cybercriminalité, relatif à l’incrimination d’actes de nature \
         raciste et xénophobe commis par le biais de systèmes informatiques",
    ),
    (
        "Second Additional Protocol",
        "Deuxième Protocole additionnel",
    ),
    (
        "Second Additional Protocol to the Convention on Cybercrime on enhanced co-operation and disclosure of \
         electronic evidence",
        "Deuxième Protocole additionnel à la Convention sur la cybercriminalité relatif au renforcement de la \
         coopération et de la divulgation de preuves électroniques",
    ),
    (
        "UN Convention against Cybercrime (Hanoi Convention)",
        "Convention des Nations Unies contre la cybercriminalité (Convention de Hanoï)",
    ),
    (
        "United Nations Convention against Cybercrime; Strengthening International Cooperation for Combating Certain \
         Crimes Committed by Means of Information and Communications Technology Systems and for the Sharing of \
         Evidence in Electronic Form of Serious Crimes",
        "Convention des Nations Unies contre la cybercriminalité ; Renforcement de la coopération internationale pour \
         la lutte contre certaines infractions commises au moyen de systèmes d’information et de communication et \
         pour la communication de preuves sous forme électronique d’infractions graves",
    ),
    ("Lanzarote Convention", "Convention de Lanzarote"),
    (
        "Council of Europe Convention on the Protection of Children against Sexual Exploitation and Sexual Abuse",
        "Convention du Conseil de l’Europe sur la protection des enfants contre l’exploitation et les abus sexuels",
    ),
    ("Convention 108", "Convention 108"),
    (
        "Convention for the Protection of Individuals with regard to Automatic Processing of Personal Data",
        "Convention pour la protection des personnes à l’égard du traitement automatisé des données à caractère \
         personnel",
    ),
    ("Convention 108+", "Convention 108+"),
    (
        "Protocol amending the Convention for the Protection of Individuals with regard to Automatic Processing of \
         Personal Data",
        "Protocole d’amendement à la Convention pour la protection des personnes à l’égard du traitement automatisé \
         des données à caractère personnel",
    ),
    ("Malabo Convention", "Convention de Malabo"),
    (
        "African Union Convention on Cyber Security and Personal Data Protection",
        "Convention de l’Union africaine sur la cybersécurité et la protection des données à caractère personnel",
    ),
];

/// A title as a page shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Title<'a> {
    /// The text.
    pub text: &'a str,
    /// The language of the text, as in `lang`.
    pub language: &'static str,
}

impl Frame {
    /// A title of a treaty in the language of the page; in English if it is not known in another.
    pub fn treaty_title<'a>(&self, title: &'a str) -> Title<'a> {
        let known = TITLES.iter().find(|(english, _)| *english == title);
        let (text, language) = match (self.language, known) {
            (Language::French, Some((_, french))) => (*french, Language::French),
            _ => (title, Language::English),
        };
        Title {
            text,
            language: language.code(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::PageRequest;

    #[test]
    fn a_title_is_shown_in_french_if_it_is_known_and_else_marked_as_english() {
        let french = Frame::bare(&PageRequest::of("/", "lang=fr"));
        let english = Frame::bare(&PageRequest::of("/", "lang=en"));
        let title = |text, language| Title { text, language };
        let known = "Budapest Convention";
        assert_eq!(
            french.treaty_title(known),
            title("Convention de Budapest", "fr")
        );
        assert_eq!(english.treaty_title(known), title(known, "en"));
        assert_eq!(french.treaty_title("Seen"), title("Seen", "en"));
    }

    #[test]
    fn the_titles_of_all_bundled_treaties_are_known_in_french() {
        let bundled = include_str!("../../../data/03-treaties.jsonl");
        let mut titles = Vec::new();
        for line in bundled.lines() {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            for name in ["shortTitle", "title"] {
                titles.push(
                    line["createTreaty"]["fields"][name]
                        .as_str()
                        .unwrap()
                        .to_owned(),
                );
            }
        }
        assert_eq!(titles.len(), TITLES.len());
        for title in titles {
            assert!(
                TITLES.iter().any(|(english, _)| *english == title),
                "{title}"
            );
        }
    }
}
