//! Numbers of articles of treaties, as in `9(1)(d)`.

use super::text::TreatyReference;

/// Treaties with the number of their articles. Source: the texts of the treaties.
const ARTICLES: [(&str, u32); 7] = [
    ("AU Malabo", 38),
    ("CETS 201", 50),
    ("CETS 224", 25),
    ("ETS 108", 27),
    ("ETS 185", 48),
    ("ETS 189", 16),
    ("UNTC XVIII-16", 68),
];

/// Returns the fault of an article of a treaty, as the text of a finding: it does not have the form of the number of an
/// article, or the treaty has no such article.
pub fn fault(treaty: &TreatyReference, article: &str) -> Option<String> {
    let Some(number) = number(article) else {
        let message =
            "expected the number of an article, as in \u{201c}2\u{201d} or \u{201c}9(1)(d)\u{201d}";
        return Some(message.to_owned());
    };
    let treaty = treaty.to_string();
    let (_, last) = ARTICLES.iter().find(|(of, _)| *of == treaty)?;
    let is_there = (1..=*last).contains(&number);
    (!is_there).then(|| format!("{treaty} has no article {number}: its articles are 1 to {last}"))
}

/// Returns the number of the article itself, of an article in the accepted form: digits, and parts in brackets.
fn number(article: &str) -> Option<u32> {
    let (number, parts) = article.split_at(article.find('(').unwrap_or(article.len()));
    let is_digit = |byte: u8| byte.is_ascii_digit();
    if number.is_empty() || number.starts_with('0') || !number.bytes().all(is_digit) {
        return None;
    }
    let is_part = |part: &str| {
        let inner = part.strip_suffix(')').unwrap_or_default();
        !inner.is_empty() && inner.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    let mut parts = parts.split('(').skip(1);
    parts.all(is_part).then(|| number.parse().ok())?
}

/// Returns the article and every article of which it is a part: for `9(1)(d)` also `9(1)` and `9`.
pub fn with_wholes(article: &str) -> impl Iterator<Item = &str> {
    let ends = article.match_indices('(').map(|(at, _)| at);
    let wholes = ends.filter_map(|end| article.get(..end));
    wholes.chain([article])
}

/// True if the articles are the same, or one is a part of the other.
pub fn overlap(one: &str, other: &str) -> bool {
    let is_part = |part: &str, whole: &str| {
        let rest = part.strip_prefix(whole);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('('))
    };
    is_part(one, other) || is_part(other, one)
}

/// Returns a key that sorts articles in the order of the treaty: 2, 9, 9(1)(d), 10.
pub fn sort_key(article: &str) -> String {
    let parts = article.split(['(', ')']).filter(|part| !part.is_empty());
    let parts = parts.map(|part| match part.parse::<u32>() {
        Ok(number) => format!("{number:05}"),
        Err(_) => part.to_lowercase(),
    });
    parts.collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_article_is_a_number_with_parts_that_the_treaty_has() {
        let fault = |treaty: &str, article| fault(&treaty.parse().unwrap(), article);
        for article in ["2", "9(1)(d)", "48", "6(1)(a)(i)"] {
            assert_eq!(fault("ETS 185", article), None, "{article}");
        }
        assert_eq!(
            fault("ETS 185", "49(1)").as_deref(),
            Some("ETS 185 has no article 49: its articles are 1 to 48")
        );
        assert_eq!(fault("XTS 1", "4900"), None);
        for article in [
            "",
            "0",
            "02",
            "Article 2",
            "2 (1)",
            "2(",
            "2()",
            "2(1",
            "2)1(",
            "2(1)x",
            "a",
            "2(é)",
        ] {
            let message = fault("XTS 1", article);
            assert!(
                message.is_some_and(|message| message.starts_with("expected")),
                "{article}"
            );
        }
    }

    #[test]
    fn articles_are_sorted_as_in_the_treaty() {
        let mut articles = ["10", "16", "9(2)", "9(1)(d)", "2", "9", "9(1)", "9(10)"];
        articles.sort_by_key(|article| sort_key(article));
        assert_eq!(
            articles,
            ["2", "9", "9(1)", "9(1)(d)", "9(2)", "9(10)", "10", "16"]
        );
    }

    #[test]
    fn a_part_belongs_to_its_wholes() {
        let wholes: Vec<&str> = with_wholes("9(1)(d)").collect();
        assert_eq!(wholes, ["9", "9(1)", "9(1)(d)"]);
        assert!(overlap("9(1)(d)", "9") && overlap("9", "9(1)(d)") && overlap("9", "9"));
        assert!(!overlap("9(1)", "9(2)") && !overlap("9", "90"));
    }
}
