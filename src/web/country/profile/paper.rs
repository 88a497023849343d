//! The documents of a country by groups of kinds.

use super::document::Document;
use crate::country::words::Words;
use crate::value::EnumValue;

/// Documents under one heading.
pub struct Group {
    /// The heading.
    pub title: &'static str,
    /// The documents.
    pub documents: Vec<Document>,
}

/// The documents by groups of kinds.
pub fn groups(words: Words, documents: Vec<Document>) -> Vec<Group> {
    let titles = [words.strategies(), words.laws(), words.other_documents()];
    let mut groups = titles.map(|title| Group {
        title,
        documents: Vec::new(),
    });
    let [strategies, laws, others] = &mut groups;
    for document in documents {
        let group = match document.kind.value() {
            "STRATEGY" | "ACTION_PLAN" | "POLICY" | "PROGRAMME" | "WHITE_PAPER" => &mut *strategies,
            "LAW" | "CODE" | "CONSTITUTION" | "DECREE" | "REGULATION" | "BILL" | "DIRECTIVE"
            | "RESOLUTION" => &mut *laws,
            _ => &mut *others,
        };
        group.documents.push(document);
    }
    groups
        .into_iter()
        .filter(|group| !group.documents.is_empty())
        .collect()
}
