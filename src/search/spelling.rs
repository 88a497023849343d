//! One spelling of a word: British and American forms, singular and plural get the same term.

/// Endings of British words and of plurals, and those that replace them. The first that fits counts; a number of
/// letters must stay before it.
const PLURALS: [(&str, &str, usize); 8] = [
    ("ies", "y", 2),
    ("sses", "ss", 2),
    ("shes", "sh", 2),
    ("ches", "ch", 2),
    ("xes", "x", 2),
    ("ss", "ss", 0),
    ("us", "us", 0),
    ("is", "is", 0),
];
const ENDINGS: [(&str, &str, usize); 13] = [
    ("ense", "ence", 2),
    ("ensed", "enced", 1),
    ("ensing", "encing", 1),
    ("tre", "ter", 2),
    ("gramme", "gram", 2),
    ("logue", "log", 2),
    ("dgement", "dgment", 1),
    ("lled", "led", 2),
    ("lling", "ling", 2),
    ("oured", "ored", 2),
    ("ouring", "oring", 2),
    ("oural", "oral", 2),
    ("our", "or", 3),
];

/// The term of a folded word.
pub fn term(folded: &str) -> String {
    let singular = ended(folded, &PLURALS).unwrap_or_else(|| {
        let stem = folded.strip_suffix('s').filter(|stem| stem.len() > 2);
        stem.unwrap_or(folded).to_owned()
    });
    let mut term = ended(&singular, &ENDINGS).unwrap_or(singular);
    for (american, british) in [("iz", "is"), ("yz", "ys")] {
        if term.len() > 4 && term.contains(american) {
            term = term.replace(american, british);
        }
    }
    term
}

fn ended(word: &str, endings: &[(&str, &str, usize)]) -> Option<String> {
    let mut endings = endings.iter();
    endings.find_map(|(ending, other, before)| {
        let stem = word.strip_suffix(ending)?;
        (stem.len() >= *before).then(|| format!("{stem}{other}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn british_and_american_words_have_one_term() {
        for (british, american) in [
            ("organisation", "organization"),
            ("organised", "organized"),
            ("authorise", "authorize"),
            ("analyse", "analyze"),
            ("defence", "defense"),
            ("offences", "offenses"),
            ("licence", "license"),
            ("licencing", "licensing"),
            ("centre", "center"),
            ("centres", "centers"),
            ("behaviour", "behavior"),
            ("behavioural", "behavioral"),
            ("programme", "program"),
            ("catalogue", "catalog"),
            ("judgement", "judgment"),
            ("labelling", "labeling"),
        ] {
            assert_eq!(term(british), term(american), "{british}");
        }
    }

    #[test]
    fn singular_and_plural_have_one_term() {
        for (one, many) in [
            ("strategy", "strategies"),
            ("crime", "crimes"),
            ("law", "laws"),
            ("address", "addresses"),
            ("virus", "virus"),
            ("box", "boxes"),
        ] {
            assert_eq!(term(one), term(many), "{one}");
        }
        assert_eq!(term("us"), "us");
        assert_eq!(term("its"), "its");
        assert_eq!(term("cyprus"), "cyprus");
    }
}
