//! The messages of the parser. It tells its faults by texts alone: they are read here and nowhere else.

/// What the parser says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said<'a> {
    /// The text has no definition.
    NoDefinitions,
    /// The text ends too early.
    UnexpectedEnd,
    /// A name is missing.
    ExpectedName,
    /// A string has an escape that there is not.
    InvalidString,
    /// A token is missing: this one.
    Expected(&'a str),
    /// Something else, of which the place is told alone.
    Other,
}

impl<'a> Said<'a> {
    /// What a message says.
    pub fn of(message: &'a str) -> Self {
        match message {
            "Document does not contain any definitions" => Self::NoDefinitions,
            "Unexpected EOF" => Self::UnexpectedEnd,
            "Expected a name" => Self::ExpectedName,
            "String value invalid" => Self::InvalidString,
            other => match other.strip_prefix("Expected to find: ") {
                Some(token) => Self::Expected(token),
                None => Self::Other,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use bluejay_parser::Error;
    use bluejay_parser::ast::Parse as _;
    use bluejay_parser::ast::executable::ExecutableDocument;

    use super::*;

    /// The first message of the parser about a text.
    fn message(text: &str) -> String {
        let faults = ExecutableDocument::parse(text).result.err().unwrap();
        let told = Error::into_graphql_errors(text, faults);
        told.first().unwrap().message.to_string()
    }

    #[test]
    fn each_message_is_what_the_parser_says_today() {
        for (text, said) in [
            ("", Said::NoDefinitions),
            ("{ a", Said::UnexpectedEnd),
            ("{ a: 1 }", Said::ExpectedName),
            ("{ a(b: \"\\q\") }", Said::InvalidString),
            ("query Q($a Int) { a }", Said::Expected(":")),
            ("query Q { }", Said::Other),
        ] {
            let message = message(text);
            assert_eq!(Said::of(&message), said, "{text}: {message}");
        }
    }
}
