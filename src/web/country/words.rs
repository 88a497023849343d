//! The texts of the profile and the history of a country.

use crate::words::words;

words! {
    contents: "Contents of this profile" / "Contenu de ce profil";
    status: "Status under treaties" / "Statut au titre des traités";
    contact: "24/7 point of contact" / "Point de contact 24/7";
    findings: "Findings" / "Constats";
    policies: "Strategies, policies and laws" / "Stratégies, politiques et lois";
    institutions: "Bodies and units" / "Organismes et unités";
    legal: "Legal profile: articles and the law that implements them" / "Profil juridique : articles et lois qui les mettent en œuvre";
    decisions: "Court decisions" / "Décisions de justice";
    authorities: "Designated authorities" / "Autorités désignées";
    statements: "Reservations, declarations and other statements" / "Réserves, déclarations et autres communications";
    narrative: "Narrative" / "Texte du profil";
    sources: "Sources of this profile" / "Sources de ce profil";
    about: "About this profile" / "À propos de ce profil";
    history: "What changed in this profile" / "Ce qui a changé dans ce profil";
    compare: "Compare with other countries" / "Comparer avec d’autres pays";
    feed: "Follow by Atom feed" / "Suivre par flux Atom";
    region: "Region" / "Région";
    codes: "Codes (ISO 3166-1)" / "Codes (ISO 3166-1)";
    memberships: "Organisations" / "Organisations";
    observer: "observer" / "observateur";
    administered_by: "Administered by" / "Administré par";
    names: "Names in other languages" / "Noms dans d’autres langues";
    note: "Note on the designation" / "Note sur la désignation";
    not_researched: "Not researched" / "Non étudié";
    not_researched_meaning: "nobody has looked yet, so nothing is known either way" / "personne n’a encore regardé ; on ne sait donc rien";
    no_profile(name): "Nobody has researched a profile of {name} yet. This page shows what is known: the status under treaties and the acts behind it. That other parts are empty says nothing about the country." / "Le profil « {name} » n’a pas encore été étudié. Cette page montre ce qui est connu : le statut au titre des traités et les actes dont il résulte. Que le reste soit vide ne dit rien du pays.";
    glossary: "What these words mean" / "Signification de ces termes";
    past_title(day): "as of {day}" / "à la date du {day}";

    basis: "How we know" / "Comment nous le savons";
    basis_computed: "The status is computed from these acts:" / "Le statut est calculé à partir de ces actes :";
    basis_none: "No act decides: the list of acts is complete, and none of them counts on the day of this view." / "Aucun acte ne décide : la liste des actes est complète et aucun ne compte à la date de consultation.";
    basis_open: "No act decides, and acts may be missing." / "Aucun acte ne décide, et des actes peuvent manquer.";
    quoted(text): "“{text}”" / "« {text} »";
    certainty: "Certainty" / "Degré de certitude";
    in_force_from(from): "In force {from}" / "En vigueur {from}";
    provisional(since): "Applied provisionally {since}." / "Application provisoire {since}.";
    next(from, status): "Next, as far as known: {status} {from}." / "Prochaine étape connue : {status} {from}.";
    possible: "Inexact dates leave these statuses possible:" / "Des dates inexactes laissent possibles ces statuts :";
    extended(name): "The treaty was extended to it by {name}." / "Le traité lui a été étendu par : {name}.";
    reported: "Reported" / "Rapporté";
    computed: "Computed" / "Calculé";
    reported_as(label, day): "A web page of {day} reported “{label}”" / "Une page web ({day}) indiquait « {label} »";
    agrees: "this agrees with the computed status" / "ce qui concorde avec le statut calculé";
    disagrees: "this differs from the computed status" / "ce qui diffère du statut calculé";
    other_treaties: "Treaties without a recorded act" / "Traités sans acte enregistré";
    no_act_complete(day): "no act; the list of acts is complete as of {day}" / "aucun acte ; liste des actes complète au {day}";
    not_yet_open: "not yet open for signature on this day" / "pas encore d’ouverture à la signature à cette date";
    no_act_open: "no act recorded; acts may be missing, so the status is unknown" / "aucun acte enregistré ; des actes peuvent manquer, le statut est donc inconnu";
    acts: "Acts under treaties" / "Actes relatifs aux traités";
    treaty: "Treaty" / "Traité";
    effective: "Effective" / "Prise d’effet";
    articles: "Articles" / "Articles";
    article(article): "Article {article}" / "Article {article}";
    date_unknown: "date not known" / "date non connue";

    strip: "Timeline of acts and statuses" / "Frise des actes et des statuts";
    strip_label(name): "Timeline of {name}: acts and statuses by treaty; the table after it says the same" / "Frise : {name}, actes et statuts par traité ; le tableau qui suit dit la même chose";
    strip_table: "The timeline as a table" / "La frise sous forme de tableau";
    strip_from: "From" / "Du";
    strip_to: "To" / "Au";
    strip_now: "goes on" / "se poursuit";
    strip_what: "Act or status" / "Acte ou statut";
    mark_signature: "signature" / "signature";
    mark_consent: "consent to be bound" / "consentement à être lié";
    mark_force: "entry into force" / "entrée en vigueur";
    mark_statement: "reservation, declaration, designation" / "réserve, déclaration, désignation";
    mark_end: "denunciation, withdrawal" / "dénonciation, retrait";
    mark_other: "other act" / "autre acte";
    mark_open: "the status goes on" / "le statut se poursuit";
    mark_day: "day of this view" / "date de consultation";
    mark_span: "period in which the day of an act lies, if its date is not exact" / "période comprenant le jour d’un acte dont la date n’est pas exacte";
    bar_party: "Party" / "Partie";
    bar_other: "before that" / "avant cela";
    legend: "Legend" / "Légende";

    contact_function: "Institutions with this function" / "Institutions exerçant cette fonction";
    contact_none: "No designation and no institution with this function is recorded." / "Aucune désignation ni institution exerçant cette fonction n’est enregistrée.";
    institution_status(status): "The institution is recorded as: {status}" / "Institution enregistrée comme : {status}";
    printed_as: "named in the notification as" / "désignée dans la notification sous le nom de";

    via: "by way of" / "par";
    earlier: "Earlier findings" / "Constats antérieurs";
    later_findings: "Findings later than the day of this view" / "Constats postérieurs à la date de consultation";
    later: "later than the day of this view" / "postérieur à la date de consultation";
    without_finding: "Topics without a finding" / "Thèmes sans constat";
    recorded_elsewhere: "No finding is recorded, but this profile has records about" / "Aucun constat n’est enregistré, mais ce profil contient des fiches sur";
    record: "The record of this country, with its versions and its citation" / "La fiche de ce pays, avec ses versions et sa référence";
    none_recorded: "None is recorded." / "Rien n’est enregistré.";
    supports: "for" / "pour";

    strategies: "Strategies and policies" / "Stratégies et politiques";
    laws: "Laws and decrees" / "Lois et décrets";
    other_documents: "Agreements and other documents" / "Accords et autres documents";
    more: "Details" / "Détails";
    recorded_status(status): "recorded as: {status}" / "enregistré comme : {status}";
    adopted: "adopted" / "adopté";
    promulgated: "promulgated" / "promulgué";
    published: "published" / "publié";
    repealed: "repealed" / "abrogé";
    period: "period" / "période";
    issuer: "Issued by" / "Émanant de";
    responsible: "Responsible" / "Responsable";
    subjects: "Subjects" / "Sujets";
    objectives: "Objectives" / "Objectifs";
    provisions: "Provisions" / "Dispositions";
    relations: "Relations" / "Relations";
    treaties: "Treaties" / "Traités";
    texts: "Texts" / "Textes";
    original: "original" / "original";
    translation: "translation" / "traduction";
    publication: "Publication" / "Publication";
    other_titles: "Other titles" / "Autres titres";
    subdivision: "Subdivision" / "Subdivision";

    website: "Website" / "Site web";
    reporting: "Report an incident" / "Signaler un incident";
    joint: "run jointly with" / "géré conjointement avec";
    part_of: "part of" / "relève de";
    predecessors: "Predecessors" / "Prédécesseurs";
    successors: "Successors" / "Successeurs";
    legal_basis: "Legal basis" / "Base juridique";
    body: "body" / "organisme";
    unit: "unit" / "unité";
    unnamed: "without a name" / "sans nom";

    degree: "Degree" / "Degré";
    reservations: "Reservations" / "Réserves";
    outcome: "Outcome" / "Issue";
    read_decision: "Read the decision" / "Lire la décision";
    relates_to: "relates to" / "se rapporte à";
    in_force: "in force" / "en vigueur";
    valid: "valid" / "valable";
    not_in_force: "not in force on this day" / "pas en vigueur à cette date";
    ends(on): "ends {on}" / "prend fin {on}";
    territories: "Territories" / "Territoires";

    section_empty: "The source has this section, but it is empty there." / "La source comporte cette rubrique, mais elle y est vide.";
    section_not_researched: "This section was not researched." / "Cette rubrique n’a pas été étudiée.";
    no_section: "Sections never researched" / "Rubriques jamais étudiées";

    kind: "Kind" / "Type";
    cut(count): "Only the first 250 of {count} records are shown here." / "Seuls les 250 premiers enregistrements sur {count} sont affichés ici.";
    more_sources(count): "Only the first 250 of {count} sources are listed here; the others stand beside their facts." / "Seules les 250 premières de {count} sources figurent ici ; les autres figurent à côté de leurs faits.";

    retrieved: "retrieved" / "consulté";
    last_edited: "Last edited" / "Dernière modification";
    last_verified: "Last verified" / "Dernière vérification";
    verified_by(name): "by {name}" / "par {name}";
    never_verified: "No record of this profile was verified by an editor yet." / "Aucune fiche de ce profil n’a encore été vérifiée par un rédacteur.";
    verified_count(count, all): "{count} of {all} records were verified." / "{count} des {all} fiches ont été vérifiées.";
    stale: "To be reviewed" / "À réexaminer";
    stale_count(count): "{count} records" / "{count} fiches";
    stale_one: "1 record" / "1 fiche";
    disclaimer: "Disclaimer" / "Clause de non-responsabilité";
    unknown_country(code): "There is no country or entity with the code “{code}” in this view. Expected two letters of ISO 3166-1, like /countries/AZ; the page /countries lists all, and the search finds names." / "Il n’existe pas de pays ou d’entité portant le code « {code} » dans cette vue. Il faut deux lettres de la norme ISO 3166-1, comme /countries/AZ ; la page /countries les énumère tous et la recherche trouve les noms.";
    metadata(source, day, cursor): "Source: {source}. As of {day}, as known at cursor {cursor}." / "Source : {source}. À la date du {day}, selon l’état des connaissances au curseur {cursor}.";

    history_of(name): "{name}: what changed" / "{name} : ce qui a changé";
    history_intro: "Every change of this profile, newest first. Changes that became visible together stand together, below their date, which leads to the profile as it was known then." / "Toutes les modifications de ce profil, les plus récentes d’abord. Celles qui sont devenues visibles ensemble figurent ensemble, sous leur date, qui mène au profil tel qu’il était connu alors.";
    profile_before: "The profile before these changes" / "Le profil avant ces modifications";
    back_to_profile: "Back to the profile" / "Retour au profil";
    year: "Year" / "Année";
    any_year: "All years" / "Toutes les années";
    any_kind: "Everything" / "Tout";
    record_kind: "Kind of record" / "Type de fiche";
    show_changes: "Show changes" / "Afficher les modifications";
    no_changes: "No change matches." / "Aucune modification ne correspond.";
    newer: "Newer changes" / "Modifications plus récentes";
    older: "Older changes" / "Modifications plus anciennes";
    pages: "Pages of changes" / "Pages de modifications";
    changes_count(count): "{count} changes" / "{count} modifications";
    change_one: "1 change" / "1 modification";
    by_actor(name): "by {name}" / "par {name}";
    contribution: "Contribution" / "Contribution";
    took_effect(on): "{on}, without an edit" / "{on}, sans modification";
    fields_created(count): "{count} values" / "{count} valeurs";
    no_fields: "No value changed; sources or the check did." / "Aucune valeur n’a changé ; seules les sources ou la vérification.";
    wrong_year(value): "year: “{value}” is not a year. Expected four digits, like 2026" / "year : « {value} » n’est pas une année. Il faut quatre chiffres, comme 2026";
    wrong_kind(value): "kind: “{value}” is unknown. Expected the name of a kind of record, like TREATY_EVENT or POLICY_DOCUMENT" / "kind : « {value} » est inconnu. Il faut le nom d’un type de fiche, comme TREATY_EVENT ou POLICY_DOCUMENT";
}

impl Words {
    /// The articles of an act: `Article 35`, `Articles 35, 40`.
    pub fn articles_of(self, articles: &[String]) -> String {
        match articles {
            [one] => self.article(one),
            all => format!("{} {}", self.articles(), all.join(", ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;

    #[test]
    fn one_article_is_not_several() {
        let of = |articles: &[&str], language| {
            let articles: Vec<String> = articles.iter().map(|&one| one.to_owned()).collect();
            Words(language).articles_of(&articles)
        };
        assert_eq!(of(&["35(1)"], Language::English), "Article 35(1)");
        assert_eq!(of(&["35"], Language::French), "Article 35");
        assert_eq!(of(&["2", "3"], Language::English), "Articles 2, 3");
    }
}
