//! Parsing of documents, and messages for syntax errors.

use async_graphql::ServerError;
use bluejay_parser::Error;
use bluejay_parser::ast::Parse as _;
use bluejay_parser::ast::executable::ExecutableDocument;

use super::fault::{TOLD, invalid, located};
use super::messages::Said;
use super::scan::{around, scan};
use super::source::Source;
use crate::engine::limits::Limits;
use domain::prose::cut;

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
/// `BAD_USER_INPUT` for each fault, up to [`TOLD`].
pub fn parse<'a>(source: &'a Source<'_>) -> Result<ExecutableDocument<'a>, Vec<ServerError>> {
    let parsed = ExecutableDocument::parse(source.text()).result;
    parsed.map_err(|faults| {
        let faults = faults.into_iter().take(TOLD);
        let told = Error::into_graphql_errors(source.text(), faults).into_iter();
        let told: Vec<_> = told
            .map(|fault| syntax(source, &fault))
            .take(TOLD)
            .collect();
        if told.is_empty() {
            vec![invalid("the document has a syntax error", [])]
        } else {
            told
        }
    })
}

/// The error for a fault of the parser.
fn syntax(source: &Source<'_>, fault: &bluejay_parser::error::GraphQLError) -> ServerError {
    let said = Said::of(&fault.message);
    let Some(place) = fault.locations.first() else {
        let message = match said {
            Said::NoDefinitions => "the document has neither an operation nor a fragment",
            _ => "the document has a syntax error",
        };
        return invalid(message, [source.position(0)]);
    };
    let at = match said {
        Said::UnexpectedEnd => source.text().len(),
        _ => source.offset(place.line, place.col),
    };
    let (expected, found) = around(source.text(), at);
    let found = match found {
        "" => "the end".to_owned(),
        token => format!("`{}`", cut(token)),
    };
    let message = match said {
        Said::ExpectedName => format!("expected a name, found {found}"),
        Said::InvalidString => "the string has an unknown escape".to_owned(),
        Said::Expected(expected) => format!("expected `{expected}`, found {found}"),
        Said::NoDefinitions | Said::UnexpectedEnd | Said::Other => {
            format!("{expected}found {found}")
        }
    };
    let message = format!("the document has a syntax error: {message}");
    invalid(message, [source.position(at)])
}
