//! The difference of two texts, word by word.

use similar::{Algorithm, ChangeTag, TextDiff};

/// A part of a text and its fate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The text.
    pub text: String,
    /// Its fate.
    pub fate: Fate,
}

/// The fate of a part of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It stands in both texts.
    Kept,
    /// It stands in the old text alone.
    Removed,
    /// It stands in the new text alone.
    Added,
}

/// Compares two texts by words. Neighbours with one fate are one part, and a removed part comes before the added one.
pub fn compare(old: &str, new: &str) -> Vec<Part> {
    let diff = TextDiff::configure()
        .algorithm(Algorithm::Patience)
        .diff_unicode_words(old, new);
    let mut parts: Vec<Part> = Vec::new();
    for change in diff.iter_all_changes() {
        let fate = match change.tag() {
            ChangeTag::Equal => Fate::Kept,
            ChangeTag::Delete => Fate::Removed,
            ChangeTag::Insert => Fate::Added,
        };
        // A space between two removed words stands in both texts; alone it is no reason for two parts.
        match parts.last_mut() {
            Some(last) if last.fate == fate => last.text.push_str(change.value()),
            _ => parts.push(Part {
                text: change.value().to_owned(),
                fate,
            }),
        }
    }
    joined(parts)
}

/// Joins changes that only spaces separate: `on 1 May` and `by 2 June` differ as a whole.
fn joined(parts: Vec<Part>) -> Vec<Part> {
    let mut result: Vec<Part> = Vec::new();
    let (mut removed, mut added) = (String::new(), String::new());
    let mut parts = parts.into_iter().peekable();
    let flush = |result: &mut Vec<Part>, removed: &mut String, added: &mut String| {
        for (text, fate) in [(removed, Fate::Removed), (added, Fate::Added)] {
            if !text.is_empty() {
                let text = std::mem::take(text);
                result.push(Part { text, fate });
            }
        }
    };
    while let Some(part) = parts.next() {
        match part.fate {
            Fate::Removed => removed.push_str(&part.text),
            Fate::Added => added.push_str(&part.text),
            Fate::Kept => {
                let is_between = part.text.trim().is_empty()
                    && !(removed.is_empty() && added.is_empty())
                    && parts.peek().is_some();
                if is_between {
                    removed.push_str(&part.text);
                    added.push_str(&part.text);
                } else {
                    flush(&mut result, &mut removed, &mut added);
                    result.push(part);
                }
            }
        }
    }
    flush(&mut result, &mut removed, &mut added);
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(old: &str, new: &str) -> String {
        let parts = compare(old, new).into_iter().map(|part| match part.fate {
            Fate::Kept => part.text,
            Fate::Removed => format!("[-{}-]", part.text),
            Fate::Added => format!("[+{}+]", part.text),
        });
        parts.collect()
    }

    #[test]
    fn words_are_compared_and_neighbours_are_one_part() {
        assert_eq!(told("a b c", "a x c"), "a [-b-][+x+] c");
        assert_eq!(
            told("signed on 28 May", "signed in June"),
            "signed [-on 28 May-][+in June+]"
        );
        assert_eq!(
            told("Azərbaycan qanunu", "Azərbaycan Qanunu"),
            "Azərbaycan [-qanunu-][+Qanunu+]"
        );
        assert_eq!(told("", "new"), "[+new+]");
        assert_eq!(told("same", "same"), "same");
    }
}
