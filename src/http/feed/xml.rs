//! Writes XML: elements, attributes and escaped text.

/// A document that is being written.
pub struct Xml(String);

impl Xml {
    /// Begins a document with its declaration.
    pub fn new() -> Self {
        Self("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n".to_owned())
    }

    /// Opens an element.
    pub fn open(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.tag(name, attributes);
        self.0.push_str(">\n");
    }

    /// Closes an element.
    pub fn close(&mut self, name: &str) {
        self.0.push_str("</");
        self.0.push_str(name);
        self.0.push_str(">\n");
    }

    /// Writes an element with a text.
    pub fn text(&mut self, name: &str, attributes: &[(&str, &str)], text: &str) {
        self.tag(name, attributes);
        self.0.push('>');
        self.escape(text, false);
        self.close(name);
    }

    /// Writes an element without content.
    pub fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.tag(name, attributes);
        self.0.push_str("/>\n");
    }

    /// The document.
    pub fn finish(self) -> String {
        self.0
    }

    fn tag(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.0.push('<');
        self.0.push_str(name);
        for (name, value) in attributes {
            self.0.push(' ');
            self.0.push_str(name);
            self.0.push_str("=\"");
            self.escape(value, true);
            self.0.push('"');
        }
    }

    /// Escapes a text. A character that XML cannot contain becomes U+FFFD. Source: XML 1.0, sections 2.2 and 2.11.
    fn escape(&mut self, text: &str, in_attribute: bool) {
        for letter in text.chars() {
            match letter {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\r' => self.0.push_str("&#13;"),
                '\n' if in_attribute => self.0.push_str("&#10;"),
                '\t' if in_attribute => self.0.push_str("&#9;"),
                '\t' | '\n' => self.0.push(letter),
                '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => self.0.push('\u{fffd}'),
                _ => self.0.push(letter),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_attributes_are_escaped_and_forbidden_characters_replaced() {
        let mut xml = Xml::new();
        xml.text(
            "a",
            &[("b", "\"<\n&")],
            "]]> & <c> \u{b}\u{0}\u{fffe}\u{10ffff}é\r\n\t'",
        );
        assert_eq!(
            xml.finish(),
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<a b=\"&quot;&lt;&#10;&amp;\">]]&gt; &amp; &lt;c&gt; \
             \u{fffd}\u{fffd}\u{fffd}\u{10ffff}é&#13;\n\t'</a>\n"
        );
    }
}
