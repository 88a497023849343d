//! The texts of the console.

use crate::words::words;

words! {
    title: "GraphQL console" / "Console GraphQL";
    home: "Back to the site" / "Retour au site";
    explained: "Send a request to the GraphQL service, and read its answer. With scripts, this address has an editor with the whole schema." / "Envoyez une requête au service GraphQL et lisez sa réponse. Avec les scripts, cette adresse propose un éditeur qui connaît tout le schéma.";
    schema: "The schema, with a description of everything in it" / "Le schéma, avec la description de tout ce qu’il contient";
    query: "Query or mutation" / "Requête ou mutation";
    variables: "Variables" / "Variables";
    variables_rule: "A JSON object, or nothing." / "Un objet JSON, ou rien.";
    not_an_object: "This is no JSON object." / "Ce n’est pas un objet JSON.";
    operation_name: "Operation name" / "Nom de l’opération";
    operation_rule: "Needed only if the text has several operations." / "Nécessaire seulement si le texte contient plusieurs opérations.";
    token: "Token" / "Jeton";
    token_rule: "Needed for most mutations. It is used for this request and not kept. The session of this site does not count here." / "Nécessaire pour la plupart des mutations. Il sert à cette requête et n’est pas conservé. La session de ce site ne compte pas ici.";
    run: "Run" / "Exécuter";
    answer: "Answer" / "Réponse";
    address: "Address of this answer" / "Adresse de cette réponse";
}
