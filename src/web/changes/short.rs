//! Differences cut to what a list has room for.

use crate::difference::{Difference, Part};
use crate::word_diff::Fate;

/// Most characters of a changed part.
const CHANGED: usize = 160;
/// Most characters on each side of a part that did not change.
const AROUND: usize = 40;

/// Cuts the parts of a difference. What changed remains, with the words around it.
pub fn cut(mut difference: Difference) -> Difference {
    for line in &mut difference.lines {
        let last = line.len().saturating_sub(1);
        for (at, part) in line.iter_mut().enumerate() {
            cut_part(part, at == 0, at == last);
        }
    }
    difference
}

fn cut_part(part: &mut Part, is_first: bool, is_last: bool) {
    let length = part.text.chars().count();
    if part.fate != Fate::Kept || (is_first && is_last) {
        if length > CHANGED {
            part.text = format!("{}…", head(&part.text, CHANGED));
        }
        return;
    }
    if length > AROUND.saturating_mul(2) {
        part.text = match (is_first, is_last) {
            (true, _) => format!("…{}", tail(&part.text, AROUND)),
            (_, true) => format!("{}…", head(&part.text, AROUND)),
            _ => format!(
                "{} … {}",
                head(&part.text, AROUND),
                tail(&part.text, AROUND)
            ),
        };
    }
}

fn head(text: &str, count: usize) -> String {
    text.chars().take(count).collect()
}

fn tail(text: &str, count: usize) -> String {
    let skipped = text.chars().count().saturating_sub(count);
    text.chars().skip(skipped).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(text: &str, fate: Fate) -> Part {
        Part {
            text: text.to_owned(),
            fate,
            link: None,
            language: None,
        }
    }

    #[test]
    fn long_texts_keep_what_changed_and_the_words_around_it() {
        let long = "ə".repeat(500);
        let found = cut(Difference {
            label: String::new(),
            lines: vec![vec![
                part(&long, Fate::Kept),
                part("old", Fate::Removed),
                part(&long, Fate::Added),
                part(&long, Fate::Kept),
            ]],
            note: None,
            is_list: false,
        });
        let lengths: Vec<usize> = found.lines[0]
            .iter()
            .map(|part| part.text.chars().count())
            .collect();
        assert_eq!(lengths, [41, 3, 161, 41]);
        assert!(found.lines[0][0].text.starts_with('…'));
    }
}
