//! The texts that all pages share.

use crate::words::words;

words! {
    site: "Cybercrime country profiles" / "Profils de pays en matière de cybercriminalité";
    skip: "Skip to content" / "Aller au contenu";
    navigation: "Main" / "Principal";
    home: "Map" / "Carte";
    countries: "Countries" / "Pays";
    treaties: "Treaties" / "Traités";
    compare: "Compare" / "Comparer";
    changes: "Changes" / "Modifications";
    search: "Search" / "Recherche";
    contribute: "Contribute" / "Contribuer";
    review: "Review" / "Examen";
    about: "About" / "À propos";
    accessibility: "Accessibility" / "Accessibilité";
    licence: "Licence" / "Licence";
    privacy: "Privacy" / "Confidentialité";
    help: "Help and contact" / "Aide et contact";
    console: "GraphQL console" / "Console GraphQL";
    sign_in: "Sign in" / "Se connecter";
    sign_out: "Sign out" / "Se déconnecter";
    account: "Your account" / "Votre compte";
    language: "Language" / "Langue";
    footer: "About this site" / "À propos de ce site";
    as_of: "As of" / "À la date du";
    known_at: "as known on" / "selon l’état des connaissances au";
    time: "Day of the view" / "Date de consultation";
    show: "Show" / "Afficher";
    now: "Back to now" / "Revenir à maintenant";
    past_view: "You are reading an earlier state or another day." / "Vous consultez un état antérieur ou une autre date.";
    permalink: "Permanent address of this page" / "Adresse permanente de cette page";
    copy: "Copy" / "Copier";
    this_page: "This page as GraphQL" / "Cette page en GraphQL";
    variables: "Variables" / "Variables";
    open_console: "Open in the console" / "Ouvrir dans la console";
    downloads: "Download" / "Télécharger";
    sources: "Sources" / "Sources";
    no_source: "no source given" / "aucune source indiquée";
    yes: "yes" / "oui";
    no: "no" / "non";
    removed: "removed:" / "supprimé :";
    added: "added:" / "ajouté :";
    none: "none" / "aucun";
    unknown: "unknown" / "inconnu";
    wrong: "The address contains a mistake" / "L’adresse contient une erreur";
    absent: "There is no such page" / "Cette page n’existe pas";
    gone: "This record was retired" / "Cet enregistrement a été retiré";
    needs_sign_in: "This page needs you to sign in" / "Cette page demande de se connecter";
    forbidden: "You may not see or do this" / "Vous n’avez pas le droit de voir ou de faire cela";
    limited(seconds): "Too many requests: try again in {seconds} s" / "Trop de requêtes : réessayez dans {seconds} s";
    away: "The data are not available now: try again in a moment" / "Les données ne sont pas disponibles : réessayez dans un instant";
    internal: "Something failed on our side; it was logged" / "Une erreur s’est produite de notre côté ; elle a été enregistrée";
    go_on: "You can go on with" / "Vous pouvez continuer avec";
}
