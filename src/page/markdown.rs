//! The lines of a section as Markdown.

use crate::lines::Line;
use crate::paragraphs::ends_sentence;

/// Returns lines as Markdown: paragraphs, and list items with their marks.
pub fn body<'a>(lines: impl IntoIterator<Item = &'a Line>) -> String {
    let mut body = String::new();
    let mut before: Option<&Line> = None;
    for line in lines {
        if let Some(before) = before {
            let both_items = before.mark.is_some() && line.mark.is_some();
            let is_apart = line.gap
                || ends_sentence(&before.text)
                || before.mark.is_some() != line.mark.is_some();
            body.push_str(if both_items || !is_apart {
                "\n"
            } else {
                "\n\n"
            });
        }
        if let Some(mark) = &line.mark {
            body.push_str(mark);
            body.push(' ');
        }
        body.push_str(&escaped(&line.text));
        before = Some(line);
    }
    body
}

/// Returns a text in which nothing is HTML or a link: the page is untrusted, and readers turn Markdown into HTML.
pub fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let next = letters.peek().copied();
        let opens_tag = letter == '<'
            && next.is_some_and(|next| next.is_alphabetic() || matches!(next, '/' | '!' | '?'));
        let opens_link = letter == ']' && matches!(next, Some('(' | '[' | ':'));
        // A backslash of the page would undo one that is added.
        let escapes = letter == '\\' && matches!(next, Some('<' | ']' | '\\'));
        if opens_tag || opens_link || escapes {
            safe.push('\\');
        }
        safe.push(letter);
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_are_apart_and_items_together() {
        let lines = crate::lines::of_text("One line\nof two.\nNext.\n\n• first\n• second\nAfter");
        assert_eq!(
            body(&lines),
            "One line\nof two.\n\nNext.\n\n- first\n- second\n\nAfter"
        );
    }

    #[test]
    fn neither_html_nor_links_are_passed_on() {
        assert_eq!(escaped("<b>a</b> 1 < 2"), "\\<b>a\\</b> 1 < 2");
        assert_eq!(escaped("\\<b>"), "\\\\\\<b>");
        assert_eq!(escaped("[x](javascript:y)"), "[x\\](javascript:y)");
    }
}
