//! The texts of the change log.

use crate::words::words;

words! {
    title: "Changes" / "Modifications";
    intro: "Every accepted change of every record, newest first, by commit. The log only grows: nothing disappears from it." / "Toutes les modifications acceptées de toutes les fiches, les plus récentes d’abord, par transaction. Le journal ne fait que croître : rien n’en disparaît.";
    up_to(instant): "The log up to {instant}: later changes are left out." / "Le journal jusqu’au {instant} : les modifications ultérieures ne figurent pas.";
    permanent: "Permanent address of this log as it is now" / "Adresse permanente de ce journal dans son état actuel";
    loaded: "These records were loaded together, without a contribution. The date is that of the loading; the facts have their own dates." / "Ces fiches ont été chargées ensemble, sans contribution. La date est celle du chargement ; les faits ont leurs propres dates.";
    shown(count): "{count} new records on this page" / "{count} nouvelles fiches sur cette page";
    filters: "Filters" / "Filtres";
    kind: "Kind of record" / "Type de fiche";
    all_kinds: "All kinds" / "Tous les types";
    country: "Country" / "Pays";
    all_countries: "All countries" / "Tous les pays";
    operation: "Change" / "Modification";
    all_operations: "All changes" / "Toutes les modifications";
    since: "Since" / "Depuis";
    of_record(id): "Only changes of {id}." / "Uniquement les modifications de la fiche {id}.";
    of_treaty(reference): "Only changes of {reference} and of records that name it." / "Uniquement les modifications du traité {reference} et des fiches qui le nomment.";
    without_filters: "Show all changes" / "Afficher toutes les modifications";
    total(count): "Changes that fit the filters: {count}" / "Modifications qui répondent aux filtres : {count}";
    count(count): "{count} changes" / "{count} modifications";
    count_one: "1 change" / "1 modification";
    since_looked: "Changes since you opened the page, newest first." / "Modifications depuis l’ouverture de la page, les plus récentes d’abord.";
    nothing: "No change fits." / "Aucune modification ne correspond.";
    commit(day): "Commit of {day}" / "Transaction du {day}";
    by(name): "By {name}" / "Par {name}";
    part_of(shown, size): "{shown} of its {size} changes" / "{shown} de ses {size} modifications";
    contribution: "Contribution" / "Contribution";
    affects: "Countries" / "Pays";
    fields: "Fields" / "Champs";
    reason: "Reason" / "Motif";
    all_versions: "Versions" / "Versions";
    effect(day): "From {day} on, without an edit" / "À compter du {day}, sans modification d’une fiche";
    in_force: "in force" / "en vigueur";
    older: "Older changes" / "Modifications antérieures";
    newer: "Newer changes" / "Modifications ultérieures";
    newest: "Newest changes" / "Modifications les plus récentes";
    pages: "Pages of the log" / "Pages du journal";
    feed: "Follow the changes as an Atom feed" / "Suivre les modifications par un flux Atom";
    feed_of(name): "Follow the changes of {name} as an Atom feed" / "{name} : suivre les modifications par un flux Atom";
    json: "These changes as JSON" / "Ces modifications en JSON";
    csv: "These changes as CSV" / "Ces modifications en CSV";
    since_now: "Address for “what changed since now”" / "Adresse pour « ce qui a changé depuis maintenant »";
    live_one: "1 change since you opened this page." / "1 modification depuis l’ouverture de cette page.";
    live_many: "# changes since you opened this page." / "# modifications depuis l’ouverture de cette page.";
    reload: "Show them" / "Les afficher";
    no_value(name, known): "“{name}”: expected one of {known}" / "« {name} » : indiquez l’une de ces valeurs : {known}";
    no_country(code): "“country”: {code} is not the code of a country here. Expected a code like AZ." / "« country » : {code} n’est pas le code d’un pays de ce site. Indiquez un code comme AZ.";
    no_day(text): "“since”: {text} is not a day. Expected a day like 2026-01-31." / "« since » : {text} n’est pas une date. Indiquez une date comme 2026-01-31.";
}
