//! The questions before a form: the country, and the records that it needs.

use askama::Template;

use super::forms::{Form, Slot};
use super::suggest::{Known, suggestions};
use super::words::Words;
use crate::answer::Answer;
use crate::ask::Ask;
use crate::frame::Frame;
use crate::refused::Refused;

/// The value of `record` for a record that does not exist yet.
pub const NEW: &str = "new";

#[derive(Template)]
#[template(path = "contribute/choose.html")]
struct Page {
    frame: Frame,
    words: Words,
    form: &'static Form,
    question: &'static str,
    is_optional: bool,
    country: String,
    countries: Vec<(String, String)>,
    records: Vec<Known>,
    is_cut: bool,
    asks_record: bool,
}

impl Page {
    /// The address of this form with one more record.
    fn with_record(&self, id: &str) -> String {
        let mut params = self.frame.params.query();
        params.push(if params.is_empty() { '?' } else { '&' });
        format!(
            "{}{params}record={}",
            self.frame.path,
            crate::params::encoded(id)
        )
    }
}

/// Asks for the country or for the record of a slot.
///
/// # Errors
/// [`Refused`]
pub async fn page(
    mut frame: Frame,
    ask: &mut dyn Ask,
    form: &'static Form,
    slot: Option<&Slot>,
) -> Result<Answer, Refused> {
    let words = Words(frame.language);
    let country = frame
        .params
        .get("country")
        .unwrap_or_default()
        .to_uppercase();
    let kinds = slot.map_or(&[][..], |slot| slot.kinds);
    let found = suggestions(&mut frame, ask, &country, kinds, true).await?;
    let page = Page {
        asks_record: slot.is_some() && !country.is_empty(),
        question: match slot {
            Some(slot) if !country.is_empty() => (slot.question)(&words),
            _ => words.which_country(),
        },
        is_optional: slot.is_some_and(|slot| slot.is_optional),
        countries: found.countries,
        records: found.records,
        is_cut: found.is_cut,
        country,
        form,
        words,
        frame: frame.clone(),
    };
    frame.page(&page)
}
