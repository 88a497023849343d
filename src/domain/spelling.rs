//! Names similar to an unknown one, for error messages.

/// Maximum number of names that are all listed.
const MAX_LISTED: usize = 10;
/// Number of names that a message contains of more.
const MAX_NAMES: usize = 3;
/// Maximum length of a name that is compared, in bytes: a comparison takes time proportional to the product of both
/// lengths.
const MAX_NAME_BYTES: usize = 64;

/// Returns the names nearest to an unknown one, nearest first: at most three, and none that differs in more
/// than a third of its letters.
pub fn nearest<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    if wrong.len() > MAX_NAME_BYTES {
        return Vec::new();
    }
    let most = wrong.len().div_ceil(3);
    let wrong = wrong.to_lowercase();
    let known = known.into_iter();
    let mut near: Vec<_> = known
        .map(|name| {
            (
                strsim::damerau_levenshtein(&wrong, &name.to_lowercase()),
                name,
            )
        })
        .filter(|(distance, _)| *distance <= most)
        .collect();
    near.sort_unstable();
    near.into_iter()
        .map(|(_, name)| name)
        .take(MAX_NAMES)
        .collect()
}

/// Returns the three names that are spelled most like `wrong`, the most similar first; the first three for a long text.
pub fn closest<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let known = known.into_iter();
    if wrong.len() > MAX_NAME_BYTES {
        return known.take(MAX_NAMES).collect();
    }
    let wrong = wrong.to_uppercase();
    let mut all: Vec<(f64, &str)> = known
        .map(|name| (strsim::jaro_winkler(&wrong, &name.to_uppercase()), name))
        .collect();
    all.sort_by(|(one, name), (other, next)| other.total_cmp(one).then_with(|| name.cmp(next)));
    all.into_iter()
        .map(|(_, name)| name)
        .take(MAX_NAMES)
        .collect()
}

/// Returns the values of which `wrong` should be one, as the end of a sentence that begins with "expected": all of at
/// most ten, else the three that are spelled most alike.
pub fn choices(wrong: &str, known: &[&str]) -> String {
    if known.len() <= MAX_LISTED {
        return format!("one of {}", known.join(", "));
    }
    let near = closest(wrong, known.iter().copied());
    format!(
        "one of its {} values, like {}",
        known.len(),
        near.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_names_that_are_most_alike_come_first() {
        let known = [
            "SIGNATURE",
            "RATIFICATION",
            "ACCESSION",
            "DECLARATION",
            "RESERVATION",
        ];
        assert_eq!(closest("ratify", known).first(), Some(&"RATIFICATION"));
        assert_eq!(closest("SIGNATRUE", known).first(), Some(&"SIGNATURE"));
        assert_eq!(closest("x", known).len(), 3);
        let long = "x".repeat(100_000);
        assert_eq!(
            closest(&long, known),
            ["SIGNATURE", "RATIFICATION", "ACCESSION"]
        );
    }

    #[test]
    fn ten_values_are_listed_and_of_more_the_three_nearest() {
        let known: Vec<String> = (0..11).map(|at| format!("VALUE_{at}")).collect();
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        assert_eq!(choices("x", &known[..2]), "one of VALUE_0, VALUE_1");
        assert_eq!(choices("x", &known[..10]).matches("VALUE").count(), 10);
        let near = choices("value_10", &known);
        assert!(
            near.starts_with("one of its 11 values, like VALUE_10, "),
            "{near}"
        );
        assert_eq!(near.matches("VALUE").count(), 3);
    }

    #[test]
    fn similar_names_come_nearest_first() {
        let known = ["country", "countries", "changes", "head"];
        assert_eq!(nearest("contry", known), ["country"]);
        assert_eq!(nearest("Countrys", known), ["country", "countries"]);
        assert!(nearest("zzz", known).is_empty());
    }
}
