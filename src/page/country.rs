//! Countries by name: the names that a page can print in its head, and in its text.

use std::collections::HashMap;

use domain::country_name::other_names;
use domain::text::CountryCode;

use crate::fold::{name_key, words};

/// The names of all countries, by which a page tells of which country it is.
#[derive(Clone, Debug, Default)]
pub struct Countries {
    /// Codes by name, in the form of [`name_key`].
    codes: HashMap<String, Vec<CountryCode>>,
    /// Names for messages and titles: the first name of each country.
    names: HashMap<CountryCode, String>,
    /// Number of words of the longest name, by its first word.
    longest: HashMap<String, usize>,
}

/// A country that a text names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The name as the page prints it.
    pub name: String,
    /// Codes of the countries that have the name.
    pub codes: Vec<CountryCode>,
}

impl Countries {
    /// Returns the countries with these codes and names. The first name of a country is the one in messages and titles.
    pub fn new<N: AsRef<str>>(countries: impl IntoIterator<Item = (CountryCode, Vec<N>)>) -> Self {
        let mut all = Self::default();
        for (code, names) in countries {
            for name in names {
                all.add(&code, name.as_ref());
            }
        }
        for (code, name) in other_names() {
            if let Ok(code) = code.parse::<CountryCode>()
                && all.names.contains_key(&code)
            {
                all.add(&code, name);
            }
        }
        all
    }

    fn add(&mut self, code: &CountryCode, name: &str) {
        self.names
            .entry(code.clone())
            .or_insert_with(|| name.to_owned());
        let mut forms = vec![name_key(name)];
        // "Moldova, Republic of", "Iran (Islamic Republic of)"
        if let Some((short, _)) = name.split_once([',', '(']) {
            forms.push(name_key(short));
        }
        for form in forms {
            let first = form.split(' ').next().unwrap_or_default();
            if first.len() < 3 {
                continue;
            }
            let longest = self.longest.entry(first.to_owned()).or_default();
            *longest = form.split(' ').count().max(*longest);
            let codes = self.codes.entry(form).or_default();
            if !codes.contains(code) {
                codes.push(code.clone());
            }
        }
    }

    /// Returns the name of a country in messages and titles; the code if no name is known.
    pub fn name(&self, code: &CountryCode) -> String {
        self.names
            .get(code)
            .cloned()
            .unwrap_or_else(|| code.to_string())
    }

    /// Returns the country that a text names and nothing else.
    pub fn named(&self, text: &str) -> Option<Named> {
        if text.len() > 100 {
            return None;
        }
        let short = text.split_once([',', '(']).map(|(short, _)| short);
        let codes = self.codes.get(&name_key(text));
        let codes = codes.or_else(|| short.and_then(|short| self.codes.get(&name_key(short))));
        let codes = codes.or_else(|| self.codes.get(plain_name(&name_key(text))?))?;
        Some(Named {
            name: text.to_owned(),
            codes: codes.clone(),
        })
    }

    /// Returns the number of times that a text names each country.
    pub fn mentions<'a>(
        &self,
        texts: impl Iterator<Item = &'a str>,
    ) -> HashMap<CountryCode, usize> {
        let mut found = HashMap::new();
        for text in texts {
            let words: Vec<String> = words(text).iter().map(|word| name_key(word)).collect();
            let mut at = 0;
            while let Some(first) = words.get(at) {
                let longest = self.longest.get(first).copied().unwrap_or_default();
                let named = (1..=longest).rev().find_map(|length| {
                    let name = words.get(at..at + length)?.join(" ");
                    Some((length, self.codes.get(&name)?))
                });
                if let Some((length, codes)) = named {
                    for code in codes {
                        *found.entry(code.clone()).or_default() += 1;
                    }
                    at += length;
                } else {
                    at += 1;
                }
            }
        }
        found
    }

    /// True if a text names another country than `own`, or has an adjective of one, as in "Kenyan".
    pub fn names_other(&self, own: &CountryCode, text: &str) -> bool {
        let words: Vec<String> = words(text).iter().map(|word| name_key(word)).collect();
        let mut at = 0;
        while let Some(first) = words.get(at) {
            let longest = self.longest.get(first).copied().unwrap_or_default();
            let named = (1..=longest).rev().find_map(|length| {
                let name = words.get(at..at + length)?.join(" ");
                Some((length, self.codes.get(&name)?))
            });
            if let Some((length, codes)) = named {
                if !codes.contains(own) {
                    return true;
                }
                at += length;
                continue;
            }
            if self.is_adjective_of_other(own, first) {
                return true;
            }
            at += 1;
        }
        false
    }

    /// True if a text names the country, by a name or an adjective.
    pub fn names(&self, own: &CountryCode, text: &str) -> bool {
        self.mentions(std::iter::once(text)).contains_key(own)
            || self.is_hinted(own, std::iter::once(text))
    }

    fn is_adjective_of_other(&self, own: &CountryCode, word: &str) -> bool {
        if let Some((_, code)) = ADJECTIVES.iter().find(|(adjective, _)| *adjective == word) {
            return own.to_string() != *code;
        }
        // The longest beginning decides: "Nigerian" begins like two names.
        let stems = (4..=word.len()).rev();
        let codes = stems.filter_map(|length| {
            let (stem, rest) = word.split_at_checked(length)?;
            let codes = ["", "a", "e", "i", "o", "y"].iter().find_map(|end| {
                let is_known = SUFFIXES.contains(&rest) || rest.is_empty() && !end.is_empty();
                is_known.then(|| self.codes.get(&format!("{stem}{end}")))?
            })?;
            Some(!codes.contains(own))
        });
        codes.into_iter().next().unwrap_or(false)
    }

    /// True if the words contain one that begins like a name of the country: an adjective, as in "Azerbaijani".
    pub fn is_hinted<'a>(
        &self,
        code: &CountryCode,
        mut texts: impl Iterator<Item = &'a str>,
    ) -> bool {
        let names = self.codes.iter().filter(|(_, codes)| codes.contains(code));
        let stems: Vec<String> = names
            .flat_map(|(name, _)| name.split(' '))
            .filter(|word| word.len() > 3 && !COMMON.contains(word))
            .map(|word| word.chars().take(4).collect())
            .collect();
        texts.any(|text| {
            let words = words(text);
            words
                .iter()
                .any(|word| stems.iter().any(|stem| word.starts_with(stem.as_str())))
        })
    }
}

/// Returns the key of a name without `the`, `republic of` and the like; `None` if it has none of them.
fn plain_name(key: &str) -> Option<&str> {
    let bare = key.strip_prefix("the ").unwrap_or(key);
    let forms = [
        "united republic of ",
        "republic of ",
        "kingdom of ",
        "state of ",
    ];
    let rest = forms.iter().find_map(|form| bare.strip_prefix(form));
    // The Republic of China is another place than China.
    let rest = rest.filter(|rest| *rest != "china");
    let plain = rest.unwrap_or(bare);
    let plain = plain.strip_prefix("the ").unwrap_or(plain);
    (plain != key && (rest.is_some() || plain == bare)).then_some(plain)
}

/// Ends of adjectives that come from the name of a country.
const SUFFIXES: [&str; 26] = [
    "n", "an", "ian", "nian", "vian", "ean", "ese", "lese", "ish", "i", "ic", "en", "ens", "ien",
    "enne", "ennes", "ienne", "ne", "ais", "aise", "lais", "laise", "ois", "oise", "ain", "aine",
];
/// Adjectives that do not begin like the name of their country.
const ADJECTIVES: [(&str, &str); 24] = [
    ("french", "FR"),
    ("dutch", "NL"),
    ("british", "GB"),
    ("swiss", "CH"),
    ("spanish", "ES"),
    ("polish", "PL"),
    ("danish", "DK"),
    ("greek", "GR"),
    ("swedish", "SE"),
    ("finnish", "FI"),
    ("irish", "IE"),
    ("turkish", "TR"),
    ("czech", "CZ"),
    ("slovak", "SK"),
    ("norwegian", "NO"),
    ("portuguese", "PT"),
    ("belgian", "BE"),
    ("american", "US"),
    ("filipino", "PH"),
    ("philippine", "PH"),
    ("nigerien", "NE"),
    ("nigerienne", "NE"),
    ("burkinabe", "BF"),
    ("ivorian", "CI"),
];

/// Words of names that do not name a country.
const COMMON: [&str; 22] = [
    "republic",
    "republique",
    "states",
    "state",
    "united",
    "kingdom",
    "islands",
    "island",
    "federation",
    "democratic",
    "people",
    "peoples",
    "south",
    "north",
    "former",
    "saint",
    "great",
    "central",
    "southern",
    "northern",
    "islamic",
    "federal",
];
