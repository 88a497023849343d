//! The texts of the comparison.

use crate::words::words;

words! {
    title: "Compare countries" / "Comparer des pays";
    title_of(names): "Comparison: {names}" / "Comparaison : {names}";
    intro: "Treaty statuses, findings, documents, bodies, legal profiles and designated authorities of 2 to 20 countries, side by side." / "Statuts au titre des traités, constats, documents, organismes, profils juridiques et autorités désignées de 2 à 20 pays, côte à côte.";
    hint: "Choose at least two countries." / "Choisissez au moins deux pays.";
    too_many(count): "“country”: a comparison has 2 to 20 countries, found {count}." / "« country » : une comparaison porte sur 2 à 20 pays, {count} trouvés.";
    no_country(code): "“country”: {code} is not the code of a country here. Expected a code like AZ." / "« country » : {code} n’est pas le code d’un pays de ce site. Indiquez un code comme AZ.";
    no_topic(topic, known): "“topic”: {topic} is not a topic. Expected one of {known}" / "« topic » : {topic} n’est pas un thème. Indiquez l’une de ces valeurs : {known}";
    no_treaty(treaty, known): "“treaty”: {treaty} is not a treaty here. Expected one of {known}" / "« treaty » : {treaty} n’est pas un traité de ce site. Indiquez l’un de ces traités : {known}";
    no_only: "“only”: expected “differences”." / "« only » : indiquez « differences ».";
    countries: "Countries" / "Pays";
    keep: "Compared: take out the mark to leave a country out" / "Pays comparés : décochez pour en retirer un";
    add(number): "Add a country ({number})" / "Ajouter un pays ({number})";
    none: "none" / "aucun";
    topics: "Topics of findings" / "Thèmes des constats";
    topics_note: "Without a mark, all topics are shown." / "Sans coche, tous les thèmes sont affichés.";
    treaties: "Treaties" / "Traités";
    treaties_note: "Without a mark, all treaties are shown. The legal profile is that of the first treaty, else of the Budapest Convention." / "Sans coche, tous les traités sont affichés. Le profil juridique est celui du premier traité, sinon celui de la Convention de Budapest.";
    only: "Only rows that differ" / "Uniquement les lignes qui diffèrent";
    compare: "Compare" / "Comparer";
    differs: "differs" / "diffère";
    open: "not known for all" / "pas connu pour tous";
    ignorance: "A row differs if two known answers differ: what nobody has researched or recorded is no difference." / "Une ligne diffère si deux réponses connues diffèrent : ce que personne n’a étudié ni enregistré n’est pas une différence.";
    no_record: "none recorded" / "aucun enregistré";
    same: "same" / "identique";
    no_differences: "No row differs in this part." / "Aucune ligne ne diffère dans cette partie.";
    nothing: "Nothing is recorded for these countries." / "Rien n’est enregistré pour ces pays.";
    contents: "Parts of the comparison" / "Parties de la comparaison";
    statuses: "Treaty statuses" / "Statuts au titre des traités";
    statuses_note: "Computed for the day of the view from the acts of each country." / "Calculés pour la date de consultation à partir des actes de chaque pays.";
    certainty: "certainty" / "degré de certitude";
    no_act(day): "no act recorded; acts are complete up to {day}" / "aucun acte enregistré ; actes complets jusqu’au {day}";
    acts_missing: "no act recorded; acts may be missing" / "aucun acte enregistré ; des actes peuvent manquer";
    findings: "Findings" / "Constats";
    findings_note: "“Not researched” means that no examination is recorded; it is neither an absence nor an unknown answer." / "« Non étudié » signifie qu’aucun examen n’est enregistré ; ce n’est ni une absence ni une réponse inconnue.";
    glossary: "Meaning of the words" / "Sens des termes";
    not_researched: "not researched" / "non étudié";
    designated: "No finding, but an authority is designated: see below." / "Aucun constat, mais une autorité est désignée : voir ci-dessous.";
    documents: "Documents by kind" / "Documents par type";
    bodies: "Bodies and units by kind" / "Organismes et unités par type";
    list: "List" / "Liste";
    not_all(shown, total): "{shown} of {total} were read" / "{shown} sur {total} ont été lus";
    sources_there: "The sources of each are on its page." / "Les sources de chacun sont sur sa page.";
    degrees(treaty): "Legal profile: implementation of {treaty}" / "Profil juridique : mise en œuvre ({treaty})";
    article(number): "Article {number}" / "Article {number}";
    no_assessment: "not recorded" / "non enregistré";
    designations: "Designated authorities" / "Autorités désignées";
    designations_note: "Authorities that each country notified. The sources of each designation are on its page." / "Autorités notifiées par chaque pays. Les sources de chaque désignation sont sur sa page.";
    counts_note: "Numbers of records; the sources of each are on its page." / "Nombres de fiches ; les sources de chacune sont sur sa page.";
    other_function: "other function" / "autre fonction";
    no_designation: "none recorded" / "aucune enregistrée";
    articles(list): "Article {list}" / "Article {list}";
}
