//! The texts of the list of countries.

use crate::words::words;

words! {
    title: "Countries and entities" / "Pays et entités";
    count(count): "{count} countries, territories and organisations" / "{count} pays, territoires et organisations";
    count_one: "1 country, territory or organisation" / "1 pays, territoire ou organisation";
    of_all: "match the filter." / "correspondent au filtre.";
    none: "No country matches the filter." / "Aucun pays ne correspond au filtre.";
    name: "Name" / "Nom";
    kind: "Kind" / "Type";
    region: "Region" / "Région";
    any_region: "All regions" / "Toutes les régions";
    status: "Status under the Budapest Convention" / "Statut au titre de la Convention de Budapest";
    any_status: "Any status" / "Tous les statuts";
    profile: "Profile" / "Profil";
    any_profile: "With or without a profile" / "Avec ou sans profil";
    with_profile: "With a profile" / "Avec profil";
    without_profile: "Without a profile" / "Sans profil";
    has_profile: "profile" / "profil";
    no_profile: "no profile yet" / "pas encore de profil";
    memberships: "Organisations" / "Organisations";
    organisation: "Member or observer of" / "Membre ou observateur de";
    any_organisation: "Any organisation" / "Toutes les organisations";
    observer: "observer" / "observateur";
    topic: "Finding about" / "Constat sur";
    any_topic: "Any topic" / "Tous les thèmes";
    finding: "The finding is" / "Le constat est";
    finding_column: "Finding" / "Constat";
    status_column: "Budapest Convention" / "Convention de Budapest";
    needs_topic: "Choose a topic too: without one, the finding selects nothing." / "Choisissez aussi un thème : sans thème, le constat ne sélectionne rien.";
    any_finding: "Any finding, or none" / "Tout constat, ou aucun";
    not_researched: "Not researched" / "Non étudié";
    researched(count, all): "Of {all} countries, territories and organisations that match the other filters, {count} were researched." / "Sur {all} pays, territoires et organisations qui correspondent aux autres filtres, {count} ont été étudiés.";
    not_researched_count(count): "{count}. There, nobody has looked yet, so nothing is known either way." / "{count}. Là, personne n’a encore regardé : on ne sait donc rien dans un sens ni dans l’autre.";
    by_finding: "Those researched, by finding" / "Pays étudiés, par constat";
    filters: "Filters" / "Filtres";
    show: "Show countries" / "Afficher les pays";
    clear: "Clear the filters" / "Effacer les filtres";
    quick: "Find a name in this table" / "Chercher un nom dans ce tableau";
    questions: "Frequent questions" / "Questions fréquentes";
    without_strategy: "Countries without a cybercrime strategy" / "Pays sans stratégie de lutte contre la cybercriminalité";
    without_strategy_europe: "European countries without a cybercrime strategy" / "Pays d’Europe sans stratégie de lutte contre la cybercriminalité";
    invited: "Countries invited to accede" / "Pays invités à adhérer";
    profiles: "Countries with a profile" / "Pays ayant un profil";
    statuses: "Meaning of the statuses" / "Signification des statuts";
    glossary: "What these words mean" / "Signification de ces termes";
    compare: "Compare countries" / "Comparer des pays";
    wrong_finding(value): "finding: “{value}” is unknown. Expected one of ABSENT, IN_DEVELOPMENT, NOT_APPLICABLE, PARTIAL, PRESENT, UNKNOWN, NOT_RESEARCHED, together with a topic" / "finding : « {value} » est inconnu. Valeurs possibles : ABSENT, IN_DEVELOPMENT, NOT_APPLICABLE, PARTIAL, PRESENT, UNKNOWN, NOT_RESEARCHED, avec un thème (topic)";
    wrong_profile(value): "profile: “{value}” is unknown. Expected yes or no" / "profile : « {value} » est inconnu. Valeurs possibles : yes ou no";
    wrong_region(value): "region: “{value}” is unknown. Expected one of those that the list of regions offers, like Europe" / "region : « {value} » est inconnue. Choisissez une région de la liste, par exemple Europe";
    scroll: "Table of countries" / "Tableau des pays";
}
