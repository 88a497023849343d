//! The texts of embedded pages.

use crate::words::words;

words! {
    unknown: "Embedded pages are /embed/treaties/ETS-185, /embed/treaties/ETS-185/table and /embed/countries/AZ." / "Les pages à intégrer sont /embed/treaties/ETS-185, /embed/treaties/ETS-185/table et /embed/countries/AZ.";
    unknown_country(code): "There is no country “{code}”. A code is that of ISO 3166-1 alpha-2, as in /embed/countries/AZ; /countries lists all." / "Il n’existe pas de pays « {code} ». Un code est celui de l’ISO 3166-1 alpha-2, comme dans /embed/countries/AZ ; /countries les énumère tous.";
    show: "Show this on your site" / "Afficher ceci sur votre site";
    note: "The frame has no scripts and no cookies, and links back to this day and moment. Leave “on” and “at” out of the address, and it always shows the present." / "Le cadre ne contient ni script ni cookie et renvoie à cette date et à ce moment. Sans « on » ni « at » dans l’adresse, il montre toujours l’état actuel.";
    as_map: "As a map" / "Sous forme de carte";
    as_table: "As a table" / "Sous forme de tableau";
    map(treaty, day): "{treaty} on {day}" / "{treaty} au {day}";
    statuses(name, day): "{name}: treaties on {day}" / "{name} : traités au {day}";
    full: "Sources, dates and history" / "Sources, dates et historique";
    treaty: "Treaty" / "Traité";
    country: "Country or entity" / "Pays ou entité";
    status: "Status" / "Statut";
    since: "Since" / "Depuis";
    certainty: "Certainty" / "Degré de certitude";
    none: "No act under a treaty is recorded." / "Aucun acte relatif à un traité n’est enregistré.";
    acted: "Countries and entities with a status; the others have none or an unknown one." / "Pays et entités ayant un statut ; les autres n’en ont pas ou leur statut est inconnu.";
}
