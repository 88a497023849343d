//! Reading arguments, and bounding lists of them.

use crate::engine::error::Error;
use domain::prose::composed;
use domain::text::{Raw, Written};

/// Reads an argument.
///
/// # Errors
/// `BAD_USER_INPUT`, naming the argument and the accepted form.
pub fn read<T: Written>(argument: &str, raw: &Raw<T>) -> Result<T, Error> {
    raw.read()
        .map_err(|error| Error::bad(argument, error.to_string()))
}

/// Reads an argument that may be left out.
///
/// # Errors
/// `BAD_USER_INPUT`
pub fn read_option<T: Written>(argument: &str, raw: Option<&Raw<T>>) -> Result<Option<T>, Error> {
    raw.map(|raw| read(argument, raw)).transpose()
}

/// The most elements that a list in a filter may have.
pub const MAX_FILTER: usize = 1_000;

/// Bounds a list of arguments.
///
/// # Errors
/// `BAD_USER_INPUT`
pub fn bounded<T>(argument: &str, list: Option<&[T]>) -> Result<(), Error> {
    if list.is_some_and(|list| list.len() > MAX_FILTER) {
        return Err(Error::bad(
            argument,
            format!("expected {MAX_FILTER} elements at most"),
        ));
    }
    Ok(())
}

/// Reads texts of an argument in the form in which texts are kept. They hold nothing that no database keeps.
///
/// # Errors
/// `BAD_USER_INPUT`
pub fn plain(argument: &str, texts: Option<Vec<String>>) -> Result<Option<Vec<String>>, Error> {
    let texts = texts.map(|texts| texts.into_iter().map(composed).collect::<Vec<_>>());
    if texts.iter().flatten().any(|text| text.contains('\0')) {
        return Err(Error::bad(argument, "expected text without U+0000"));
    }
    Ok(texts)
}

/// Reads a list of arguments that may be left out.
///
/// # Errors
/// `BAD_USER_INPUT`
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
