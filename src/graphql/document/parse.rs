//! Parsing of documents, and messages for syntax errors.

use async_graphql::ServerError;
use bluejay_parser::Error;
use bluejay_parser::ast::Parse as _;
use bluejay_parser::ast::executable::ExecutableDocument;

use super::fault::{MAX_FAULTS, bounded, invalid, located};
use super::messages::ParserMessage;
use super::scan::{around, scan};
use super::source::SourceText;
use crate::engine::limits::Limits;
use domain::text_rules::truncate;

/// Checks that a text is a document. It is validated only when it is requested.
///
/// # Errors
/// The first fault with its line and column.
pub fn readable(text: &str, limits: &Limits) -> Result<(), String> {
    let source = scan(text, limits).map_err(|error| located(&error))?;
    let faults = parse(&source).err().unwrap_or_default();
    faults.first().map_or(Ok(()), |error| Err(located(error)))
}

/// Parses a text that `scan` has bounded.
///
/// # Errors
/// `BAD_USER_INPUT` for each fault, as [`bounded`].
pub fn parse<'a>(source: &'a SourceText<'_>) -> Result<ExecutableDocument<'a>, Vec<ServerError>> {
    let parsed = ExecutableDocument::parse(source.text()).result;
    parsed.map_err(|faults| {
        let faults = faults.into_iter().take(MAX_FAULTS.saturating_add(1));
        let errors = Error::into_graphql_errors(source.text(), faults).into_iter();
        let errors = bounded(errors.map(|fault| syntax(source, &fault)));
        if errors.is_empty() {
            vec![invalid("the document has a syntax error", [])]
        } else {
            errors
        }
    })
}

/// The error for a fault of the parser.
fn syntax(source: &SourceText<'_>, fault: &bluejay_parser::error::GraphQLError) -> ServerError {
    let parser_message = ParserMessage::of(&fault.message);
    let Some(place) = fault.locations.first() else {
        let message = match parser_message {
            ParserMessage::NoDefinitions => "the document has neither an operation nor a fragment",
            _ => "the document has a syntax error",
        };
        return invalid(message, [source.position(0)]);
    };
    let at = match parser_message {
        ParserMessage::UnexpectedEnd => source.text().len(),
        _ => source.offset(place.line, place.col),
    };
    let (expected, found) = around(source.text(), at);
    let found = match found {
        "" => "the end".to_owned(),
        token => format!("`{}`", truncate(token)),
    };
    let message = match parser_message {
        ParserMessage::ExpectedName => format!("expected a name, found {found}"),
        ParserMessage::InvalidString => "the string has an unknown escape".to_owned(),
        ParserMessage::Expected(expected) => format!("expected `{expected}`, found {found}"),
        ParserMessage::NoDefinitions | ParserMessage::UnexpectedEnd | ParserMessage::Other => {
            format!("{expected}found {found}")
        }
    };
    let message = format!("the document has a syntax error: {message}");
    invalid(message, [source.position(at)])
}
