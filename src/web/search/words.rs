//! The texts of the search.

use crate::words::words;

words! {
    title: "Search" / "Recherche";
    title_of(q): "Search for “{q}”" / "Recherche de « {q} »";
    words: "Words" / "Mots";
    rule: "Names, titles, numbers, articles and texts of all records, in all languages; at most 200 characters. All words must be in one record." / "Noms, titres, numéros, articles et textes de toutes les fiches, dans toutes les langues ; 200 caractères au plus. Tous les mots doivent se trouver dans une même fiche.";
    kind: "Kind of record" / "Type de fiche";
    all_kinds: "All kinds" / "Tous les types";
    country: "Country" / "Pays";
    all_countries: "All countries" / "Tous les pays";
    now: "The search always reads the records as they are now." / "La recherche porte toujours sur les fiches dans leur état actuel.";
    results: "Results" / "Résultats";
    found(count): "{count} records found, best first." / "{count} fiches trouvées, les plus pertinentes d’abord.";
    found_one: "1 record found." / "1 fiche trouvée.";
    nothing(q): "No record contains all words of “{q}”." / "Aucune fiche ne contient tous les mots de « {q} ».";
    nothing_hint: "Try fewer words or the beginning of a word (three letters or more). Accents, case and word order make no difference, and one typing error is allowed in a word of four letters." / "Essayez moins de mots, ou le début d’un mot (trois lettres au moins). Les accents, la casse et l’ordre des mots ne comptent pas, et une faute de frappe est admise dans un mot de quatre lettres.";
    no_letters: "The text has no letters or digits, so nothing can be found." / "Le texte ne contient ni lettre ni chiffre : rien ne peut être trouvé.";
    without_filters: "Search all kinds and countries" / "Chercher dans tous les types et tous les pays";
    previous: "Previous results" / "Résultats précédents";
    next: "Next results" / "Résultats suivants";
    pages: "Pages of results" / "Pages de résultats";
    feed: "Follow this search as an Atom feed" / "Suivre cette recherche par un flux Atom";
    json: "These results as JSON" / "Ces résultats en JSON";
    csv: "These results as CSV" / "Ces résultats en CSV";
    no_kind(known): "“kind”: expected one of {known}" / "« kind » : indiquez l’une de ces valeurs : {known}";
    no_country(code): "“country”: {code} is not the code of a country here. Expected a code like AZ." / "« country » : {code} n’est pas le code d’un pays de ce site. Indiquez un code comme AZ.";
}
