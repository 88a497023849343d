//! Parsing the text of a document, and telling what keeps it from being one.

use async_graphql::ServerError;
use bluejay_parser::Error;
use bluejay_parser::ast::Parse as _;
use bluejay_parser::ast::executable::ExecutableDocument;

use super::invalid;
use super::judge::TOLD;
use super::scan::around;
use super::source::Source;
use domain::prose::cut;

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
    let place = fault.locations.first();
    let Some(place) = place else {
        let message = match fault.message.as_ref() {
            "Document does not contain any definitions" => {
                "the document has neither an operation nor a fragment"
            }
            _ => "the document has a syntax error",
        };
        return invalid(message, [source.position(0)]);
    };
    let at = match fault.message.as_ref() {
        "Unexpected EOF" => source.text().len(),
        _ => source.offset(place.line, place.col),
    };
    let (expected, found) = around(source.text(), at);
    let found = match found {
        "" => "the end".to_owned(),
        token => format!("`{}`", cut(token)),
    };
    let message = match fault.message.as_ref() {
        "Expected a name" => format!("expected a name, found {found}"),
        "Float too large" => format!("{found} is larger than a number may be"),
        "String value invalid" => "the string has an escape that there is not".to_owned(),
        said => match said.strip_prefix("Expected to find: ") {
            Some(expected) => format!("expected `{expected}`, found {found}"),
            None => format!("{expected}found {found}"),
        },
    };
    let message = format!("the document has a syntax error: {message}");
    invalid(message, [source.position(at)])
}
