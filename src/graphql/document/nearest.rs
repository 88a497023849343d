//! Names similar to an unknown one, for error messages.

/// Maximum number of names that are returned.
const MAX_NAMES: usize = 3;
/// Maximum length of a name that is compared, in bytes: a comparison takes time proportional to the product of both
/// lengths.
const MAX_NAME_BYTES: usize = 64;

/// Returns the names nearest to an unknown one, nearest first: at most [`MAX_NAMES`], and none that differs in more
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn similar_names_come_nearest_first() {
        let known = ["country", "countries", "changes", "head"];
        assert_eq!(nearest("contry", known), ["country"]);
        assert_eq!(nearest("Countrys", known), ["country", "countries"]);
        assert!(nearest("zzz", known).is_empty());
    }
}
