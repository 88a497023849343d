//! The texts of differences, and the labels of fields of elements that have no label of their own in the schema.

use crate::words::words;

words! {
    kept(count): "{count} others are unchanged" / "{count} autres sont inchangés";
    one_kept: "1 other is unchanged" / "1 autre est inchangé";
    order_changed: "only the order changed" / "seul l’ordre a changé";
    original: "original" / "langue d’origine";
    translation: "translation" / "traduction";
    role: "Role" / "Qualité";
    since: "Since" / "Depuis";
    until: "Until" / "Jusqu’à";
    quote: "Quote" / "Citation";
    heading: "Heading" / "Intitulé";
    days: "Days" / "Jours";
    months: "Months" / "Mois";
    denunciation_months: "Months until a denunciation takes effect" / "Mois avant l’effet d’une dénonciation";
    first_day_of_month: "From the first day of a month" / "À compter du premier jour d’un mois";
    not_before_treaty: "Not before the treaty" / "Pas avant le traité";
    requires_party_to: "Only for Parties to" / "Réservé aux Parties à";
}
