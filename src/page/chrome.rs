//! Lines of the site around a profile: links, notices and calls that are on every page.

use crate::fold::words;

/// Whole lines of the site.
const LINES: [&str; 34] = [
    "back",
    "retour",
    "contribute",
    "contribuer",
    "contribuez",
    "contribution",
    "see legal profile",
    "see the legal profile",
    "voir le profil legal",
    "voir le profil juridique",
    "voir le profil de legislation",
    "legal profile",
    "profil juridique",
    "profil legal",
    "country wiki",
    "country wikis",
    "wiki pays",
    "edit",
    "print",
    "imprimer",
    "imprimer la page",
    "print page",
    "print this page",
    "diminuer la taille du texte",
    "augmenter la taille du texte",
    "decrease text size",
    "increase text size",
    "skip to content",
    "read more",
    "en savoir plus",
    "octopus cybercrime community",
    "octopus community",
    "cybercrime octopus",
    "top of page",
];

/// Beginnings of lines of the site.
const BEGINNINGS: [&str; 18] = [
    "these profiles do not necessarily reflect",
    "this profile does not necessarily reflect",
    "the profiles do not necessarily reflect",
    "ces profils ne refletent pas",
    "ce profil ne reflete pas",
    "are you aware of the latest legislative",
    "share this information with us",
    "avez vous connaissance des dernier",
    "etes vous au courant des dernier",
    "connaissez vous les dernier",
    "partagez cette information avec nous",
    "partagez ces informations avec nous",
    "this tool is co funded by",
    "cet outil est cofinance",
    "the wiki profiles provide an overview of",
    "for more information on a country s legislation click",
    "to update edit information on a country wiki",
    "please note that any editing is subject",
];

/// Beginnings of the notice at the end of a profile.
const ENDS: [&str; 5] = [
    "these profiles do not necessarily reflect",
    "this profile does not necessarily reflect",
    "the profiles do not necessarily reflect",
    "ces profils ne refletent pas",
    "ce profil ne reflete pas",
];

/// Returns the words of a line; once, if it repeats itself, as in "Contribute Contribute".
pub fn key(text: &str) -> String {
    let words = words(text);
    let (first, second) = words.split_at(words.len() / 2);
    let once = if first == second { first } else { &words };
    once.join(" ")
}

/// True if the line, by its [`key`], belongs to the site.
pub fn is_chrome(key: &str) -> bool {
    LINES.contains(&key) || begins(key, &BEGINNINGS)
}

/// True if the line, by its [`key`], ends the profile.
pub fn ends_profile(key: &str) -> bool {
    matches!(key, "contribute" | "contribuer" | "contribuez") || begins(key, &ENDS)
}

fn begins(key: &str, all: &[&str]) -> bool {
    all.iter().any(|beginning| key.starts_with(beginning))
}
