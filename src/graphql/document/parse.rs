//! Parsing the text of a document, and telling what keeps it from being one.

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

/// Reads a text as a document. It is judged when it is asked.
///
/// # Errors
/// Its first fault, and where that is.
pub fn readable(text: &str, limits: &Limits) -> Result<(), String> {
    let source = scan(text, limits).map_err(|error| located(&error))?;
    let faults = parse(&source).err().unwrap_or_default();
    faults.first().map_or(Ok(()), |error| Err(located(error)))
}

/// Parses a text that was scanned.
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

/// The error that tells a fault of the parser.
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
        Said::InvalidString => "the string has an escape that there is not".to_owned(),
        Said::Expected(expected) => format!("expected `{expected}`, found {found}"),
        Said::NoDefinitions | Said::UnexpectedEnd | Said::Other => {
            format!("{expected}found {found}")
        }
    };
    let message = format!("the document has a syntax error: {message}");
    invalid(message, [source.position(at)])
}
