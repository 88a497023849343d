//! The texts of the home page.

use crate::words::words;

words! {
    title: "Cybercrime legislation, policies and institutions by country" / "Législation, politiques et institutions par pays en matière de cybercriminalité";
    intro(profiles, sources): "{profiles} countries have a profile. Each fact has its source ({sources} sources), its dates and its history." / "{profiles} pays ont un profil. Chaque fait a sa source ({sources} sources), ses dates et son historique.";
    search: "Search countries, treaties, documents and bodies" / "Rechercher pays, traités, documents et organismes";
    map_of(treaty, day): "{treaty} on {day}" / "{treaty} au {day}";
    parties(treaty): "{treaty}: counts by status" / "{treaty} : nombres par statut";
    status: "Status" / "Statut";
    count: "Countries and entities" / "Pays et entités";
    more(treaty): "Table, sources, timeline and rules of the {treaty}" / "Tableau, sources, chronologie et règles : {treaty}";
    statuses: "Meaning of the statuses" / "Signification des statuts";
    changes: "Latest changes" / "Dernières modifications";
    all_changes: "All changes" / "Toutes les modifications";
    no_changes: "No change is recorded." / "Aucune modification n’est enregistrée.";
    separator: ": " / " : ";
    change(operation, kind): "{operation}, {kind}" / "{operation}, {kind}";
    ways: "Go on" / "Explorer";
    countries: "Countries: profile, status, documents and bodies of each" / "Pays : profil, statut, documents et organismes de chacun";
    treaties(count): "{count} treaties: map, table, timeline and acts" / "{count} traités : carte, tableau, chronologie et actes";
    compare: "Compare 2 to 20 countries" / "Comparer de 2 à 20 pays";
    contribute: "Correct or add something, without an account" / "Corriger ou compléter, sans compte";
    about: "How the data are made, and what the words mean" / "Comment les données sont établies, et le sens des termes";
}
