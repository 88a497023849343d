//! The texts of the pages to sign in.

use crate::words::words;

words! {
    title: "Sign in" / "Se connecter";
    intro: "Readers need no account. Sign in to propose changes with forms, to review proposals, or to manage webhooks." / "La lecture ne demande aucun compte. Connectez-vous pour proposer des modifications à l’aide de formulaires, relire des propositions ou gérer des webhooks.";
    without: "Go on reading without an account" / "Continuer la lecture sans compte";
    token: "Token" / "Jeton";
    token_rule: "The operator of this service gives you the token. You can paste it. It is kept in one cookie until you sign out or close the browser." / "L’exploitant du service vous remet le jeton. Vous pouvez le coller. Il est conservé dans un seul cookie, jusqu’à la déconnexion ou la fermeture du navigateur.";
    button: "Sign in" / "Se connecter";
    missing: "Enter the token" / "Saisissez le jeton";
    refused: "This token is unknown, expired or revoked. Copy it again, or ask the operator for another one." / "Ce jeton est inconnu, expiré ou révoqué. Copiez-le de nouveau ou demandez-en un autre à l’exploitant.";
    refused_provider: "The provider did not confirm who you are. Try again." / "Le fournisseur n’a pas confirmé votre identité. Réessayez.";
    away: "The service cannot check who you are at the moment. Try again in a minute." / "Le service ne peut pas vérifier votre identité pour le moment. Réessayez dans une minute.";
    provider: "With your organisation" / "Avec votre organisation";
    provider_link(name): "Sign in at {name}" / "Se connecter auprès de {name}";
    done: "You are signed in" / "Vous êtes connecté";
    continue_to: "Continue" / "Continuer";
    ended: "Your session has ended" / "Votre session a pris fin";
    kept: "Nothing was stored, and nothing that you typed is lost. Sign in, and your form is sent." / "Rien n’a été enregistré et rien de ce que vous avez saisi n’est perdu. Connectez-vous, et votre formulaire sera envoyé.";
    send: "Send the form" / "Envoyer le formulaire";
    send_intro: "Your form has not been sent yet." / "Votre formulaire n’a pas encore été envoyé.";
    elsewhere: "Sign in at another page, then send" / "Se connecter sur une autre page, puis envoyer";
    elsewhere_intro(name): "Open the sign-in page of {name} in a new tab. When you are signed in there, come back to this tab and send the form." / "Ouvrez la page de connexion de {name} dans un nouvel onglet. Une fois connecté, revenez à cet onglet et envoyez le formulaire.";
    new_tab: "(opens in a new tab)" / "(s’ouvre dans un nouvel onglet)";
    kept_fields: "Fields that are kept" / "Champs conservés";
}
