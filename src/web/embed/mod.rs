//! `/embed/…`: a map or a table of statuses for pages of other sites. Without header, scripts and forms.

mod code;
mod country;
mod treaty;
mod words;

pub use code::{Codes, Shown, codes};

use crate::answer::Answer;
use crate::ask::Ask;
use crate::frame::Frame;
use crate::refused::Refused;

/// Answers with what the rest of the path names.
///
/// # Errors
/// [`Refused`] if there is no such page.
pub async fn page(frame: Frame, ask: &mut dyn Ask, parts: &[&str]) -> Result<Answer, Refused> {
    match parts {
        ["treaties", part] => treaty::page(frame, ask, part, true).await,
        ["treaties", part, "table"] => treaty::page(frame, ask, part, false).await,
        ["countries", code] => country::page(frame, ask, code).await,
        _ => {
            let words = words::Words(frame.language);
            Err(Refused::Absent(words.unknown().to_owned()))
        }
    }
}
