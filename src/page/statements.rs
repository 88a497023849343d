//! Declarations and reservations that a status line lists, with their articles.

use crate::fold::{fold, words};

/// Type of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatementKind {
    /// A declaration.
    Declaration,
    /// A reservation.
    Reservation,
}

/// A declaration or reservation that a page lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Its type.
    pub kind: StatementKind,
    /// Article of the Budapest Convention, as in `24(7)(a)`.
    pub article: String,
    /// Number of the line.
    pub line: usize,
    /// The words of the page.
    pub quote: String,
}

/// The statements in a text, and the articles of which the page does not say what they have.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Read {
    /// Type and article of each.
    pub statements: Vec<(StatementKind, String)>,
    /// Articles on which the Convention allows both.
    pub unclear: Vec<String>,
    /// Articles on which the page lists a reservation, and the Convention allows none.
    pub refused: Vec<String>,
    /// The type that holds at the end of the text.
    pub last: Option<StatementKind>,
}

/// Maximum number of statements. More than the Convention has paragraphs is no list of statements.
const MAX_STATEMENTS: usize = 100;
/// Last article of the Budapest Convention.
const LAST: u32 = 48;

/// Reads a list of articles. `kind` is the type that the label names; `None` if it names both.
pub fn read(kind: Option<StatementKind>, text: &str) -> Read {
    let folded: Vec<char> = fold(text).chars().collect();
    let mut found = Read::default();
    let mut current = kind;
    let mut after_article = false;
    // A list of numbers alone, as in `24, 27 and 35`.
    let is_bare = words(text)
        .iter()
        .all(|word| word.len() < 5 || kind_of(word).is_some());
    let mut at = 0;
    while let Some(letter) = folded.get(at) {
        let count = found.statements.len() + found.unclear.len() + found.refused.len();
        if count >= MAX_STATEMENTS {
            break;
        }
        if letter.is_alphabetic() {
            let rest = folded.get(at..).unwrap_or_default();
            let word: String = rest
                .iter()
                .take_while(|letter| letter.is_alphabetic())
                .collect();
            at += word.chars().count();
            match word.as_str() {
                "art" | "arts" | "article" | "articles" => after_article = true,
                "law" | "act" | "code" | "loi" | "section" | "protocol" | "protocole" => {
                    after_article = false;
                }
                _ => {
                    let named = kind_of(&word);
                    if named.is_some() {
                        let tail: String =
                            rest.iter().skip(word.chars().count()).take(30).collect();
                        let joined = ["and ", "/", "et ", "or ", "ou "].iter().any(|joint| {
                            let other = tail.trim_start().strip_prefix(joint).map(str::trim_start);
                            let other = other.and_then(|other| {
                                other.split(|letter: char| !letter.is_alphabetic()).next()
                            });
                            other.is_some_and(|other| kind_of(other).is_some())
                        });
                        if joined {
                            current = None;
                            at = skip_second(&folded, at);
                        } else {
                            current = named;
                        }
                    }
                }
            }
            continue;
        }
        if letter.is_ascii_digit() {
            let (article, length) = article_at(&folded, at);
            at += length.max(1);
            if let Some(article) = article.filter(|_| after_article || is_bare) {
                let own = kind_after(&folded, at);
                if let Some((_, end)) = own {
                    at = end;
                }
                found.add(own.map(|(kind, _)| kind).or(current), article);
            }
            continue;
        }
        at += 1;
    }
    found.last = current;
    found
}

/// Reads a type that belongs to the article before it: `Article 22 (reservation)`. One that leads to other articles, as in
/// `Declarations: Articles 24`, does not. Returns the position after it.
fn kind_after(folded: &[char], at: usize) -> Option<(StatementKind, usize)> {
    let rest = folded.get(at..)?;
    let blank = rest
        .iter()
        .take_while(|letter| matches!(letter, ' ' | '(' | '-' | '['))
        .count();
    let in_brackets = rest
        .iter()
        .take(blank)
        .any(|letter| matches!(letter, '(' | '['));
    let word: String = rest
        .iter()
        .skip(blank)
        .take_while(|letter| letter.is_alphabetic())
        .collect();
    let kind = kind_of(&word)?;
    let end = blank + word.chars().count();
    let tail: String = rest.iter().skip(end).take(20).collect();
    let tail = tail.trim_start_matches([' ', ')', ']']);
    let leads = [
        ":",
        "regarding",
        "concerning",
        "concernant",
        "on ",
        "to ",
        "under",
        "relating",
        "made",
        "sur ",
        "relative",
        "au ",
        "aux ",
        "and reservation",
        "and declaration",
        "/",
    ];
    let is_lead = leads.iter().any(|lead| tail.starts_with(lead))
        || word.ends_with('s') && tail.starts_with("art");
    (in_brackets || !is_lead).then_some((kind, at + end))
}

/// Returns the position after the second of two joined types.
fn skip_second(folded: &[char], at: usize) -> usize {
    let mut at = at;
    loop {
        while folded.get(at).is_some_and(|letter| !letter.is_alphabetic()) {
            at += 1;
        }
        let rest = folded.get(at..).unwrap_or_default();
        let word: String = rest
            .iter()
            .take_while(|letter| letter.is_alphabetic())
            .collect();
        if word.is_empty() {
            return at;
        }
        at += word.chars().count();
        if kind_of(&word).is_some() {
            return at;
        }
    }
}

/// Returns the type that a folded word names.
pub fn kind_of(word: &str) -> Option<StatementKind> {
    match word {
        "declaration" | "declarations" => Some(StatementKind::Declaration),
        "reservation" | "reservations" | "reserve" | "reserves" => Some(StatementKind::Reservation),
        _ => None,
    }
}

impl Read {
    fn add(&mut self, kind: Option<StatementKind>, article: String) {
        if kind == Some(StatementKind::Reservation) && !allows_reservation(&article) {
            if !self.refused.contains(&article) {
                self.refused.push(article);
            }
            return;
        }
        match kind.or_else(|| only_kind(&article)) {
            Some(kind) => {
                if !self.statements.contains(&(kind, article.clone())) {
                    self.statements.push((kind, article));
                }
            }
            None if self.unclear.contains(&article) => {}
            None => self.unclear.push(article),
        }
    }
}

/// Returns the only type of statement that the Convention allows on an article. Source: ETS 185, Articles 24(7), 27(2),
/// 35, 38, 40 and 42.
fn only_kind(article: &str) -> Option<StatementKind> {
    let number = article
        .split('(')
        .next()
        .and_then(|number| number.parse::<u32>().ok());
    match (number, article) {
        (Some(2 | 3 | 7 | 24 | 27 | 35 | 38 | 40), _) => Some(StatementKind::Declaration),
        (Some(4 | 10 | 11 | 14 | 20 | 21 | 22 | 29 | 41 | 42), _) => {
            Some(StatementKind::Reservation)
        }
        (_, article) if article.starts_with("6(1)") || article.starts_with("9(3)") => {
            Some(StatementKind::Declaration)
        }
        (_, article) if article.starts_with("6(3)") || article.starts_with("9(4)") => {
            Some(StatementKind::Reservation)
        }
        _ => None,
    }
}

/// True if the Convention allows a reservation on an article. Source: ETS 185, Article 42.
fn allows_reservation(article: &str) -> bool {
    let number = article.split('(').next().unwrap_or_default();
    matches!(
        number,
        "4" | "6" | "9" | "10" | "11" | "14" | "20" | "21" | "22" | "29" | "41" | "42"
    )
}

/// Reads an article at a digit: `24`, `24/7 (a)`, `14/ 3 (b)`, `29/4th para.`, `6, paragraph 3`, `9.2.b`. Returns it with
/// the number of characters.
fn article_at(folded: &[char], at: usize) -> (Option<String>, usize) {
    let rest = folded.get(at..).unwrap_or_default();
    let digits = |from: usize| {
        let rest = rest.get(from..).unwrap_or_default();
        rest.iter()
            .take_while(|letter| letter.is_ascii_digit())
            .count()
    };
    let spaces = |from: usize| {
        let rest = rest.get(from..).unwrap_or_default();
        rest.iter().take_while(|letter| **letter == ' ').count()
    };
    let slice =
        |from: usize, length: usize| -> String { rest.iter().skip(from).take(length).collect() };
    let mut length = digits(0);
    let number: Option<u32> = slice(0, length).parse().ok();
    // A day, as in 30/06/2008, is no article.
    let printed: String = slice(0, 14);
    if let Some(day) = crate::dates::days(&printed)
        .first()
        .filter(|day| printed.starts_with(&day.text))
    {
        return (None, day.text.chars().count());
    }
    let Some(number) = number.filter(|number| (1..=LAST).contains(number)) else {
        return (None, length);
    };
    let mut article = number.to_string();
    let mut level = 0;
    loop {
        let space = spaces(length);
        let from = length + space;
        match rest.get(from) {
            Some('/' | '.') if level == 0 => {
                let inner = from + 1 + spaces(from + 1);
                let count = digits(inner);
                let letter = rest
                    .get(inner)
                    .filter(|letter| letter.is_ascii_alphabetic());
                if (1..=2).contains(&count) {
                    article.extend(["(", &slice(inner, count), ")"]);
                    length = inner + count;
                    level += 1;
                } else if letter.is_some()
                    && space == 0
                    && inner == from + 1
                    && is_single(rest, inner)
                {
                    article.extend(["(", &slice(inner, 1), ")"]);
                    length = inner + 1;
                    level += 1;
                } else {
                    break;
                }
            }
            Some('.') if space == 0 && is_single(rest, from + 1) => {
                article.extend(["(", &slice(from + 1, 1), ")"]);
                length = from + 2;
                level += 1;
            }
            Some('(') => {
                let inner = from + 1;
                let letters = rest.get(inner..).unwrap_or_default();
                let count = letters
                    .iter()
                    .take_while(|letter| letter.is_ascii_alphanumeric())
                    .count();
                if !(1..=4).contains(&count) || rest.get(inner + count) != Some(&')') {
                    break;
                }
                article.extend(["(", &slice(inner, count), ")"]);
                length = inner + count + 1;
                level += 1;
            }
            Some(_) => {
                let Some((paragraph, end)) = paragraph_at(rest, length) else {
                    break;
                };
                article.extend(["(", &paragraph, ")"]);
                length = end;
                level += 1;
            }
            None => break,
        }
        if level > 4 {
            break;
        }
    }
    (Some(article), length)
}

/// True if a letter stands alone at a position.
fn is_single(rest: &[char], at: usize) -> bool {
    rest.get(at).is_some_and(char::is_ascii_lowercase)
        && rest.get(at + 1).is_none_or(|next| !next.is_alphanumeric())
}

/// Reads `, paragraph 3` or ` para. 3`. Returns the number and the position after it.
fn paragraph_at(rest: &[char], at: usize) -> Option<(String, usize)> {
    let tail: String = rest.iter().skip(at).take(24).collect();
    let trimmed = tail.trim_start_matches([',', ' ']);
    let words = [
        "paragraph ",
        "paragraphe ",
        "para. ",
        "para ",
        "par. ",
        "§ ",
        "§",
    ];
    let number = words.iter().find_map(|word| trimmed.strip_prefix(word))?;
    let count = number.bytes().take_while(u8::is_ascii_digit).count();
    let value = number.get(..count).filter(|_| (1..=2).contains(&count))?;
    let before = tail.chars().count() - number.chars().count();
    Some((value.to_owned(), at + before + count))
}

#[cfg(test)]
mod tests {
    use super::*;
    use StatementKind::{Declaration, Reservation};

    fn list(kind: Option<StatementKind>, text: &str) -> Vec<(StatementKind, String)> {
        read(kind, text).statements
    }

    fn all(kind: StatementKind, articles: &[&str]) -> Vec<(StatementKind, String)> {
        articles
            .iter()
            .map(|article| (kind, (*article).to_owned()))
            .collect()
    }

    #[test]
    fn articles_are_read_in_their_known_spellings() {
        let text = "Declarations regarding Articles 2, 14/ 3 (b), 22,24/7 (a), 27/2 (c), 29/4th para., 35/1, 40 and 42.";
        let articles = [
            "2", "14(3)(b)", "22", "24(7)(a)", "27(2)(c)", "29(4)", "35(1)", "40", "42",
        ];
        assert_eq!(list(None, text), all(Declaration, &articles));
        let text = "Reservations regarding Art. 9, Art. 22(1)(d), Article 6, paragraph 3 and Article 9.2.b";
        assert_eq!(
            list(None, text),
            all(Reservation, &["9", "22(1)(d)", "6(3)", "9(2)(b)"])
        );
    }

    #[test]
    fn without_a_word_the_convention_decides_and_where_it_allows_both_nothing_is_taken() {
        let found = read(
            None,
            "Declarations and reservations regarding Articles 2, 6, 9(4), 22 and 35",
        );
        let wanted = [
            (Declaration, "2"),
            (Reservation, "9(4)"),
            (Reservation, "22"),
            (Declaration, "35"),
        ];
        let wanted: Vec<_> = wanted
            .iter()
            .map(|(kind, article)| (*kind, (*article).to_owned()))
            .collect();
        assert_eq!(
            (found.statements, found.unclear),
            (wanted, vec!["6".to_owned()])
        );
        assert_eq!(
            list(None, "Articles: 24, 27, 35"),
            all(Declaration, &["24", "27", "35"])
        );
    }

    #[test]
    fn each_word_counts_for_the_articles_after_it() {
        let found = list(
            None,
            "Reservations: Articles 4, 6. Declarations: Articles 24 and 27",
        );
        let mut wanted = all(Reservation, &["4", "6"]);
        wanted.extend(all(Declaration, &["24", "27"]));
        assert_eq!(found, wanted);
        assert_eq!(
            list(Some(Reservation), "Art. 29"),
            all(Reservation, &["29"])
        );
        assert_eq!(
            list(None, "Réserves concernant les articles 9 et 42"),
            all(Reservation, &["9", "42"])
        );
    }

    #[test]
    fn a_word_after_an_article_belongs_to_it() {
        let found = list(
            None,
            "Article 22 (reservation), Art. 24.7.a declaration and Article 27",
        );
        let mut wanted = all(Reservation, &["22"]);
        wanted.extend(all(Declaration, &["24(7)(a)", "27"]));
        assert_eq!(found, wanted);
    }

    #[test]
    fn days_and_other_numbers_are_no_articles() {
        assert_eq!(
            list(Some(Reservation), "made on 30/06/2008 regarding Article 4"),
            all(Reservation, &["4"])
        );
        assert_eq!(
            list(Some(Reservation), "Article 4 (of 2001)"),
            all(Reservation, &["4"])
        );
    }
}
