//! The texts of the pages of treaties.

use crate::words::words;

words! {
    list_title: "Treaties" / "Traités";
    list_intro(count): "{count} treaties, each with its map, the acts of every country and the rule that computes the status." / "{count} traités, chacun avec sa carte, les actes de chaque pays et la règle de calcul du statut.";
    title: "Title" / "Titre";
    opened: "Opened for signature" / "Ouverture à la signature";
    in_force: "In force" / "Entrée en vigueur";
    not_in_force: "not in force, or no date recorded" / "pas en vigueur, ou date non enregistrée";
    not_recorded: "not recorded" / "non enregistré";
    counts: "Countries by status" / "Pays par statut";
    facts: "The treaty" / "Le traité";
    full_title: "Full title" / "Titre complet";
    organisation: "Organisation" / "Organisation";
    adopted: "Adopted" / "Adoption";
    signature_closes: "Last day for signature" / "Dernier jour de signature";
    parent: "Protocol to" / "Protocole à";
    protocols: "Protocols" / "Protocoles";
    map: "Map" / "Carte";
    earlier_change: "Earlier change" / "Changement précédent";
    later_change: "Later change" / "Changement suivant";
    start_time: "Move the map through time" / "Faire défiler la carte dans le temps";
    time_day: "Day of the map" / "Jour de la carte";
    time_table: "Open the table of this day" / "Ouvrir le tableau de ce jour";
    failed: "The data of the map could not be loaded." / "Les données de la carte n’ont pas pu être chargées.";
    changed_on(day): "Acts and changes of {day}" / "Actes et changements du {day}";
    becomes(name, status): "{name}: {status} from this day" / "{name} : {status} à partir de ce jour";
    act(name, kind): "{name}: {kind}" / "{name} : {kind}";
    table: "Countries and entities" / "Pays et entités";
    table_caption(count, all, day): "{count} of {all} countries and entities, on {day}" / "{count} pays et entités sur {all}, au {day}";
    table_name: "Table of statuses" / "Tableau des statuts";
    country: "Country or entity" / "Pays ou entité";
    status: "Status" / "Statut";
    since: "Since" / "Depuis";
    certainty: "Certainty" / "Degré de certitude";
    basis: "Basis and sources" / "Fondement et sources";
    basis_count(count): "Acts: {count}" / "Actes : {count}";
    no_act: "No act is recorded" / "Aucun acte enregistré";
    act_of(state): "Extended by: {state}" / "Application étendue par : {state}";
    computed: "computed by the rule" / "calculé selon la règle";
    possible(statuses): "possible: {statuses}" / "possibles : {statuses}";
    next(status, day): "next: {status}, {day}" / "ensuite : {status}, {day}";
    filter: "Select countries" / "Sélectionner des pays";
    region: "Region" / "Région";
    membership: "Member of" / "Membre de";
    all: "all" / "sans filtre";
    apply: "Apply" / "Appliquer";
    reset: "Show all" / "Tout afficher";
    nothing_selected: "No country matches." / "Aucun pays ne correspond.";
    over_time: "Parties over time" / "Évolution du nombre de Parties";
    chart_note: "Counted at the end of each year, and on the day of the view." / "Comptage à la fin de chaque année et à la date de consultation.";
    chart_desc(parties, signatories, day): "Step chart. On {day}: {parties} Parties, {signatories} signatories that are not bound." / "Diagramme en escalier. Au {day} : {parties} Parties, {signatories} signataires non liés.";
    no_chart: "There are not two days to compare yet." / "Il n’existe pas encore deux dates à comparer.";
    parties: "Parties" / "Parties";
    contracting: "Contracting States" / "États contractants";
    signatories: "Signatories, not bound" / "Signataires, non liés";
    as_table: "As a table" / "Sous forme de tableau";
    day: "Day" / "Jour";
    events: "Acts" / "Actes";
    events_count(count): "{count} acts, reservations, declarations and designations are recorded. The newest:" / "{count} actes, réserves, déclarations et désignations sont enregistrés. Les plus récents :";
    all_events: "All acts" / "Tous les actes";
    events_of(treaty): "Acts under the {treaty}" / "Actes relatifs au traité : {treaty}";
    events_total(count): "{count} acts, oldest first; those without a date come last." / "{count} actes, du plus ancien au plus récent ; ceux sans date viennent en dernier.";
    kind: "Kind of act" / "Type d’acte";
    date: "Date" / "Date";
    articles: "Articles" / "Articles";
    next_page: "Next page" / "Page suivante";
    first_page: "First page" / "Première page";
    no_date: "date not known" / "date inconnue";
    rule: "Calculation of the status" / "Calcul du statut";
    rule_intro: "No status is typed in. The status of a country on a day is computed from its recorded acts:" / "Aucun statut n’est saisi. Le statut d’un pays à une date est calculé à partir de ses actes enregistrés :";
    rule_none: "The treaty has no rule that can be computed: only the depositary’s dates count." / "Le traité ne comporte pas de règle calculable : seules comptent les dates du dépositaire.";
    rule_dates: "A date that the depositary notified takes the place of a computed one." / "Une date notifiée par le dépositaire remplace une date calculée.";
    rule_not_before: "Consent takes no effect before the treaty itself is in force." / "Le consentement ne prend pas effet avant l’entrée en vigueur du traité lui-même.";
    rule_requires(treaty): "A country must have consented to {treaty} too; one that leaves it leaves this treaty on the same day." / "Le pays doit aussi avoir consenti à un autre traité : {treaty}. Celui qui quitte cet autre traité quitte le présent traité le même jour.";
    rule_denunciation(months): "A denunciation takes effect {months} months after its notification, rounded in the same way." / "Une dénonciation prend effet {months} mois après sa notification, avec le même arrondi.";
    rule_denunciation_unknown: "The time until a denunciation takes effect is not recorded." / "Le délai de prise d’effet d’une dénonciation n’est pas enregistré.";
    condition: "Condition for the entry into force of the treaty itself" / "Condition de l’entrée en vigueur du traité lui-même";
    complete(day): "All acts up to {day} are recorded: a State without an act has the status “no action”." / "Tous les actes jusqu’au {day} sont enregistrés : un État sans acte a le statut « aucune action ».";
    incomplete: "Acts may be missing: a country without a recorded act has the status “unknown”." / "Des actes peuvent manquer : un pays sans acte enregistré a le statut « inconnu ».";
    law: "Implementation in national law" / "Mise en œuvre en droit interne";
    law_note: "Number of countries by article and degree, as far as legal profiles are recorded. “Unknown” means that provisions are recorded without an assessment." / "Nombre de pays par article et degré, dans la mesure où des profils juridiques sont enregistrés. « Inconnu » signifie que des dispositions sont enregistrées sans évaluation.";
    no_law: "No legal profile under this treaty is recorded." / "Aucun profil juridique n’est enregistré pour ce traité.";
    article: "Article" / "Article";
    article_number(number): "Article {number}" / "Article {number}";
    edited: "Last edited" / "Dernière modification";
    verified: "Last verified" / "Dernière vérification";
    verified_by(day, name): "{day}, by {name}" / "{day}, par {name}";
    never_verified: "never" / "jamais";
    stale: "Should be reviewed" / "À réexaminer";
    glossary: "Meaning of the statuses and degrees of certainty" / "Sens des statuts et des degrés de certitude";
    record: "Versions and citation of this treaty" / "Versions et citation de ce traité";
    feed: "Feed of changes (Atom)" / "Flux des modifications (Atom)";
    unknown_treaty(reference, known): "There is no treaty “{reference}”. The treaties are: {known}. An address looks like /treaties/ETS-185." / "Il n’existe pas de traité « {reference} ». Les traités sont : {known}. Une adresse a la forme /treaties/ETS-185.";
    unknown_page: "The addresses below the page of a treaty are: events, map.json, timeline.csv, timeline.json, as in /treaties/ETS-185/events." / "Les adresses sous la page d’un traité sont : events, map.json, timeline.csv, timeline.json, comme dans /treaties/ETS-185/events.";
    wrong_step(step): "step={step}: use YEAR or MONTH" / "step={step} : utilisez YEAR ou MONTH";
    by_year: "By year (CSV)" / "Par année (CSV)";
    by_month: "By month (CSV)" / "Par mois (CSV)";
    wrong_status(status, known): "status={status}: use one of {known}" / "status={status} : utilisez l’une des valeurs {known}";
    wrong_organisation(organisation, known): "organisation={organisation}: use one of {known}" / "organisation={organisation} : utilisez l’une des valeurs {known}";
    wrong_kind(kind, known): "kind={kind}: use one of {known}" / "kind={kind} : utilisez l’une des valeurs {known}";
    period_months(months): "{months} months" / "{months} mois";
    period_days(days): "{days} days" / "{days} jours";
    period_both(months, days): "{months} months and {days} days" / "{months} mois et {days} jours";
    effect_at_once(article): "Consent takes effect on its own day (Article {article})." / "Le consentement prend effet le jour même (article {article}).";
    effect_after(period, article): "Consent takes effect {period} after its day (Article {article})." / "Le consentement prend effet {period} après sa date (article {article}).";
    effect_month(period, article): "Consent takes effect on the first day of the month that follows a period of {period} after its day (Article {article})." / "Le consentement prend effet le premier jour du mois qui suit l’expiration d’une période de {period} après sa date (article {article}).";
    counted(label, count): "{label}: {count}" / "{label} : {count}";
    semicolon: "; " / " ; ";
    separator: ": " / " : ";
}

impl Words {
    /// The sentence that tells when consent takes effect.
    pub fn effect(
        self,
        months: Option<i64>,
        days: Option<i64>,
        is_first_of_month: bool,
        article: &str,
    ) -> String {
        let set = |period: Option<i64>| period.filter(|period| *period > 0);
        let period = match (set(months), set(days)) {
            (None, None) => None,
            (Some(months), None) => Some(self.period_months(months)),
            (None, Some(days)) => Some(self.period_days(days)),
            (Some(months), Some(days)) => Some(self.period_both(months, days)),
        };
        match (period, is_first_of_month) {
            (None, _) => self.effect_at_once(article),
            (Some(period), false) => self.effect_after(period, article),
            (Some(period), true) => self.effect_month(period, article),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;

    #[test]
    fn a_rule_is_told_in_a_sentence() {
        let words = Words(Language::English);
        assert_eq!(
            words.effect(Some(3), None, true, "36"),
            "Consent takes effect on the first day of the month that follows a period of 3 months after its day \
             (Article 36)."
        );
        assert_eq!(
            words.effect(None, Some(30), false, "65"),
            "Consent takes effect 30 days after its day (Article 65)."
        );
        assert_eq!(
            words.effect(None, Some(0), false, "36"),
            "Consent takes effect on its own day (Article 36)."
        );
        let french = Words(Language::French).effect(Some(1), Some(2), false, "4");
        assert_eq!(
            french,
            "Le consentement prend effet 1 mois et 2 jours après sa date (article 4)."
        );
    }
}
