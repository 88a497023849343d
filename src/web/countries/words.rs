//! The texts of the list of countries.

use crate::words::words;

words! {
    title: "Countries and entities" / "Pays et entités";
    count(count): "{count} countries, territories and organisations" / "{count} pays, territoires et organisations";
    name: "Name" / "Nom";
    status: "Status under the Budapest Convention" / "Statut au titre de la Convention de Budapest";
    since: "Since" / "Depuis";
    profile: "Profile" / "Profil";
    has_profile: "profile" / "profil";
}
