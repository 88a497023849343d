//! Paragraphs and sentences of a section.

use domain::profile_section::ProfileTopic;

use crate::lines::Line;

/// A paragraph: one line, or lines that a text broke within a sentence.
#[derive(Clone, Debug)]
pub struct Paragraph {
    /// Number of its first line.
    pub line: usize,
    /// The text.
    pub text: String,
    /// True for a list item.
    pub is_item: bool,
    /// The nearest heading, as printed; empty if there is none.
    pub heading: String,
    /// Topic of the section.
    pub topic: ProfileTopic,
}

/// True if a line ends where its sentence ends.
pub fn ends_sentence(text: &str) -> bool {
    text.ends_with(['.', ':', ';', '!', '?', ')', '”', '"', '»'])
}

/// Joins the lines under one heading to paragraphs.
pub fn joined<'a>(
    lines: impl Iterator<Item = &'a Line>,
    heading: &str,
    topic: ProfileTopic,
) -> Vec<Paragraph> {
    let mut paragraphs: Vec<Paragraph> = Vec::new();
    for line in lines {
        let open = paragraphs.last_mut().filter(|last| {
            let continues = line
                .text
                .starts_with(|first: char| first.is_lowercase() || first == '(');
            !line.gap
                && line.mark.is_none()
                && (continues || last.text.len() > 60)
                && !ends_sentence(&last.text)
        });
        if let Some(last) = open {
            last.text.push(' ');
            last.text.push_str(&line.text);
        } else {
            paragraphs.push(Paragraph {
                line: line.number,
                text: line.text.clone(),
                is_item: line.mark.is_some(),
                heading: heading.to_owned(),
                topic,
            });
        }
    }
    paragraphs
}

/// Longest sentence from which facts are taken, in bytes. A longer one is no sentence.
const MAX_SENTENCE: usize = 2000;

/// Returns the sentences of a text from which facts can be taken.
pub fn facts(text: &str) -> impl Iterator<Item = &str> {
    let all = sentences(text).into_iter();
    all.filter(|sentence| sentence.len() <= MAX_SENTENCE)
}

/// Returns the sentences of a text.
fn sentences(text: &str) -> Vec<&str> {
    let mut sentences = Vec::new();
    let mut begins = 0;
    let mut letters = text.char_indices().peekable();
    let mut before = ' ';
    let mut quoted = false;
    while let Some((at, letter)) = letters.next() {
        match letter {
            '“' | '«' => quoted = true,
            '”' | '»' => quoted = false,
            _ => {}
        }
        let next = letters.peek().map(|(_, next)| *next);
        // `One.Two`: the page glued two sentences.
        let glued = letter == '.' && before.is_lowercase() && next.is_some_and(char::is_uppercase);
        let is_end = next.is_none_or(char::is_whitespace) || glued;
        let ends = matches!(letter, '.' | '!' | '?' | ';') && is_end;
        if !ends || quoted {
            before = letter;
            continue;
        }
        // An initial or an abbreviation, as in `No. 5` or `Art. 9`, ends no sentence.
        let word = text
            .get(begins..at)
            .and_then(|text| text.rsplit([' ', '(']).next())
            .unwrap_or_default();
        let short = letter == '.'
            && (word.chars().count() < 2
                || ["No", "no", "Art", "art", "St", "Dr", "al"].contains(&word)
                || before == '.'
                || glued && word.contains(['/', '@', '.']));
        if !short {
            let end = at + letter.len_utf8();
            sentences.extend(text.get(begins..end));
            begins = end;
        }
        before = letter;
    }
    sentences.extend(text.get(begins..));
    let trimmed = sentences.into_iter().map(str::trim);
    trimmed.filter(|sentence| !sentence.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_ends_at_its_stop_and_not_at_an_abbreviation() {
        let text = "There is Law No. 5 (Art. 9). It is in force; it was amended. “One. Two.” remain. End here.Next";
        let wanted = [
            "There is Law No. 5 (Art. 9).",
            "It is in force;",
            "it was amended.",
            "“One. Two.” remain.",
            "End here.",
            "Next",
        ];
        assert_eq!(sentences(text), wanted);
    }
}
