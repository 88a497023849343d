//! The texts of the map.

use crate::words::words;

words! {
    title(treaty): "{treaty}: map of the world" / "{treaty} : carte du monde";
    not_selected: "not selected" / "hors sélection";
    not_counted: "Not counted (an organisation without an act, or a territory whose State is counted): " / "Non compté (organisation sans acte, ou territoire dont l’État est compté) : ";
    not_drawn: "Not drawn: " / "Non représenté : ";
    same_below: "The table says the same in words." / "Le tableau donne les mêmes informations en toutes lettres.";
    note: "The map shows where the treaty is recorded to apply. Boundaries, names and designations imply no opinion on the legal status of any territory. Shapes: made with Natural Earth as adapted by Visionscarto, simplified; a disputed area is drawn with one State or apart, without prejudice." / "La carte montre où le traité est enregistré comme applicable. Les frontières, noms et désignations n’impliquent aucune prise de position sur le statut juridique d’un territoire. Tracés : établis d’après Natural Earth, adaptés par Visionscarto et simplifiés ; une zone contestée est dessinée avec un État ou à part, sans préjudice.";
    kosovo: "* This designation is without prejudice to positions on status, and is in line with UNSCR 1244/1999 and the ICJ Opinion on the Kosovo declaration of independence." / "* Cette désignation est sans préjudice des positions sur le statut et est conforme à la RCSNU 1244/1999 ainsi qu’à l’avis de la CIJ sur la déclaration d’indépendance du Kosovo.";
    semicolon: "; " / " ; ";
    counted(count, label): "{label}: {count}" / "{label} : {count}";
    line(name, status): "{name}: {status}" / "{name} : {status}";
}
