//! Parsing of arguments, and bounds for lists of them.

use crate::engine::error::Error;
use domain::text::{Raw, Written};
use domain::text_rules::composed;

/// Parses an argument.
///
/// # Errors
/// `BAD_USER_INPUT`, with the name of the argument and the accepted form.
pub fn read<T: Written>(argument: &str, raw: &Raw<T>) -> Result<T, Error> {
    raw.read()
        .map_err(|error| Error::bad(argument, error.to_string()))
}

/// Parses an optional argument.
///
/// # Errors
/// `BAD_USER_INPUT`, as [`read`].
pub fn read_option<T: Written>(argument: &str, raw: Option<&Raw<T>>) -> Result<Option<T>, Error> {
    raw.map(|raw| read(argument, raw)).transpose()
}

/// Maximum number of elements of a list in a filter.
pub const MAX_FILTER: usize = 1_000;

/// Checks that a list has at most [`MAX_FILTER`] elements.
///
/// # Errors
/// `BAD_USER_INPUT` for a longer list.
pub fn bounded<T>(argument: &str, list: Option<&[T]>) -> Result<(), Error> {
    let found = list.map_or(0, <[T]>::len);
    if found > MAX_FILTER {
        let message = format!("expected at most {MAX_FILTER} elements, found {found}");
        return Err(Error::bad(argument, message));
    }
    Ok(())
}

/// Normalizes the texts of an argument to the form in which texts are stored. Refuses U+0000, which `PostgreSQL` cannot
/// store.
///
/// # Errors
/// `BAD_USER_INPUT` for a text with U+0000.
pub fn plain(argument: &str, texts: Option<Vec<String>>) -> Result<Option<Vec<String>>, Error> {
    let texts = texts.map(|texts| texts.into_iter().map(composed).collect::<Vec<_>>());
    if texts.iter().flatten().any(|text| text.contains('\0')) {
        return Err(Error::bad(argument, "expected text without U+0000"));
    }
    Ok(texts)
}

/// Parses an optional list of at most [`MAX_FILTER`] elements. An error names the index of the element.
///
/// # Errors
/// `BAD_USER_INPUT` for a longer list, and for an invalid element.
pub fn read_list<T: Written>(
    argument: &str,
    raw: Option<&[Raw<T>]>,
) -> Result<Option<Vec<T>>, Error> {
    bounded(argument, raw)?;
    let each = |raw: &[Raw<T>]| {
        let named = raw.iter().enumerate();
        named
            .map(|(at, raw)| read(&format!("{argument}.{at}"), raw))
            .collect()
    };
    raw.map(each).transpose()
}
