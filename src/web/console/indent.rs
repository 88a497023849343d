//! JSON with a line for each member.

/// Indents JSON by two spaces. Members keep their order, and numbers their digits: a JSON reader would change both.
pub fn indented(json: &str) -> String {
    let mut written = String::with_capacity(json.len().saturating_mul(2));
    let mut depth = 0_usize;
    let mut is_text = false;
    let mut is_escaped = false;
    let mut letters = json.chars().peekable();
    while let Some(letter) = letters.next() {
        if is_text {
            written.push(letter);
            is_text = is_escaped || letter != '"';
            is_escaped = !is_escaped && letter == '\\';
            continue;
        }
        match letter {
            '{' | '[' => {
                while letters.next_if(char::is_ascii_whitespace).is_some() {}
                written.push(letter);
                if let Some(end) = letters.next_if(|next| matches!(next, '}' | ']')) {
                    written.push(end);
                } else {
                    depth = depth.saturating_add(1);
                    line(&mut written, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                line(&mut written, depth);
                written.push(letter);
            }
            ',' => {
                written.push(letter);
                line(&mut written, depth);
            }
            ':' => written.push_str(": "),
            _ if letter.is_ascii_whitespace() => {}
            _ => {
                is_text = letter == '"';
                written.push(letter);
            }
        }
    }
    written
}

fn line(written: &mut String, depth: usize) {
    written.push('\n');
    written.extend(std::iter::repeat_n("  ", depth));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_keep_their_order_and_texts_their_letters() {
        let json = r#"{"b":{"text":"a \"{,}\\\": ]","n":1.50},"a":[1,{"c":[]}, {} ],"z":null}"#;
        let expected = "{\n  \"b\": {\n    \"text\": \"a \\\"{,}\\\\\\\": ]\",\n    \"n\": 1.50\n  },\n  \"a\": [\n    1,\n    \
                        {\n      \"c\": []\n    },\n    {}\n  ],\n  \"z\": null\n}";
        assert_eq!(indented(json), expected);
        let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        assert_eq!(read(&indented(json)), read(json));
    }
}
