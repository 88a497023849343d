//! Excerpts of a search, in which ⟦ and ⟧ stand around the words that were found.

/// A part of an excerpt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The text.
    pub text: String,
    /// True if the search found it.
    pub is_found: bool,
}

/// Divides an excerpt at its marks.
pub fn pieces(excerpt: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut push = |text: &str, is_found| {
        if !text.is_empty() {
            let text = text.to_owned();
            pieces.push(Piece { text, is_found });
        }
    };
    let mut rest = excerpt;
    while let Some((before, after)) = rest.split_once('⟦') {
        let Some((found, after)) = after.split_once('⟧') else {
            break;
        };
        push(before, false);
        push(found, true);
        rest = after;
    }
    push(rest, false);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn found_words_are_divided_from_the_rest() {
        let told = |text: &str| {
            let pieces = pieces(text).into_iter();
            let pieces = pieces.map(|piece| {
                if piece.is_found {
                    format!("<{}>", piece.text)
                } else {
                    piece.text
                }
            });
            pieces.collect::<Vec<_>>().join("|")
        };
        assert_eq!(
            told("National ⟦Cyber Security⟧ Authority"),
            "National |<Cyber Security>| Authority"
        );
        assert_eq!(told("⟦a⟧⟦b⟧"), "<a>|<b>");
        assert_eq!(told("no mark"), "no mark");
        assert_eq!(told("open ⟦mark"), "open ⟦mark");
        assert_eq!(told(""), "");
    }
}
