//! Regions and subregions (UN M49) in the language of a page.

use crate::language::Language;

/// The names in English, as the data have them, and in French.
const REGIONS: [(&str, &str); 22] = [
    ("Africa", "Afrique"),
    ("Americas", "Amériques"),
    ("Asia", "Asie"),
    ("Australia and New Zealand", "Australie et Nouvelle-Zélande"),
    ("Central Asia", "Asie centrale"),
    ("Eastern Asia", "Asie orientale"),
    ("Eastern Europe", "Europe orientale"),
    ("Europe", "Europe"),
    (
        "Latin America and the Caribbean",
        "Amérique latine et Caraïbes",
    ),
    ("Melanesia", "Mélanésie"),
    ("Micronesia", "Micronésie"),
    ("Northern Africa", "Afrique septentrionale"),
    ("Northern America", "Amérique septentrionale"),
    ("Northern Europe", "Europe septentrionale"),
    ("Oceania", "Océanie"),
    ("Polynesia", "Polynésie"),
    ("South-eastern Asia", "Asie du Sud-Est"),
    ("Southern Asia", "Asie méridionale"),
    ("Southern Europe", "Europe méridionale"),
    ("Sub-Saharan Africa", "Afrique subsaharienne"),
    ("Western Asia", "Asie occidentale"),
    ("Western Europe", "Europe occidentale"),
];

/// The name of a region in a language; the name of the data if it has no other.
pub fn label(region: &str, language: Language) -> &str {
    let known = REGIONS.iter().find(|(english, _)| *english == region);
    match (language, known) {
        (Language::French, Some((_, french))) => french,
        _ => region,
    }
}
