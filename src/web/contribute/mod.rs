//! `/contribute`: the box for readers, and forms for people with an account.

mod choose;
mod document;
mod facts;
mod faults;
mod form;
mod forms;
mod kind;
mod part;
mod receipt;
mod show;
mod start;
mod subject;
mod suggest;
pub mod view;
pub mod words;

use crate::answer::Answer;
use crate::ask::Ask;
use crate::frame::Frame;
use crate::params::Params;
use crate::refused::Refused;

/// Answers for every path below `/contribute`.
///
/// # Errors
/// [`Refused`]
pub async fn page(
    frame: Frame,
    ask: &mut dyn Ask,
    parts: &[&str],
    posted: Option<&Params>,
) -> Result<Answer, Refused> {
    match (parts, posted) {
        ([], None) => start::page(frame, ask).await,
        ([], Some(posted)) => start::post(frame, ask, posted).await,
        (["receipt"], None) => Ok(receipt::find(&frame)),
        (["receipt", id], None) => receipt::page(frame, ask, id).await,
        (["preview", id], None) => facts::page(frame, ask, id).await,
        (["draft", id], None) => form::draft(frame, ask, id).await,
        (["draft", id], Some(posted)) => form::post(frame, ask, posted, Some(id)).await,
        ([slug], _) => {
            let form = forms::form(slug).ok_or_else(|| Refused::Absent(frame.path.clone()))?;
            match posted {
                None => form::new(frame, ask, form).await,
                Some(posted) => form::post(frame, ask, posted, None).await,
            }
        }
        _ => Err(Refused::Absent(frame.path.clone())),
    }
}
