//! The pages. They show no data of records.

use askama::Template;

use super::glossary::{Group, glossary};
use super::words::Words;
use crate::answer::{Answer, Media};
use crate::console;
use crate::frame::Frame;
use crate::markdown;
use crate::refused::Refused;

/// The day of the last assessment of accessibility.
const ASSESSED_ON: &str = "2026-11-29";

#[derive(Template)]
#[template(path = "about/about.html")]
struct About<'a> {
    frame: &'a Frame,
    words: Words,
    groups: Vec<Group>,
}

#[derive(Template)]
#[template(path = "about/accessibility.html")]
struct Accessibility<'a> {
    frame: &'a Frame,
    words: Words,
    assessed_on: &'static str,
}

#[derive(Template)]
#[template(path = "about/licence.html")]
struct Licence<'a> {
    frame: &'a Frame,
    words: Words,
    console_licences: Option<String>,
}

#[derive(Template)]
#[template(path = "about/privacy.html")]
struct Privacy<'a> {
    frame: &'a Frame,
    words: Words,
}

/// Answers with the page about the site.
///
/// # Errors
/// [`Refused::Absent`] for another medium than HTML.
pub fn page(frame: &Frame) -> Result<Answer, Refused> {
    let words = html_only(frame)?;
    frame.page(&About {
        frame,
        words,
        groups: glossary(frame, words),
    })
}

/// Answers with the accessibility statement.
///
/// # Errors
/// [`Refused::Absent`] for another medium than HTML.
pub fn accessibility(frame: &Frame) -> Result<Answer, Refused> {
    let words = html_only(frame)?;
    frame.page(&Accessibility {
        frame,
        words,
        assessed_on: ASSESSED_ON,
    })
}

/// Answers with the terms of data, code and map.
///
/// # Errors
/// [`Refused::Absent`] for another medium than HTML.
pub fn licence(frame: &Frame) -> Result<Answer, Refused> {
    let words = html_only(frame)?;
    let console_licences = console::licences().filter(|_| frame.has_console);
    frame.page(&Licence {
        frame,
        words,
        console_licences,
    })
}

/// Answers with the page about privacy.
///
/// # Errors
/// [`Refused::Absent`] for another medium than HTML.
pub fn privacy(frame: &Frame) -> Result<Answer, Refused> {
    let words = html_only(frame)?;
    frame.page(&Privacy { frame, words })
}

impl Frame {
    /// The contact of the operator: its address and its text.
    pub fn contact_link(&self) -> Option<(String, &str)> {
        let contact = self.contact.as_deref()?;
        let address = if markdown::is_web_address(contact) {
            contact.to_owned()
        } else {
            format!("mailto:{contact}")
        };
        Some((address, contact))
    }
}

fn html_only(frame: &Frame) -> Result<Words, Refused> {
    if frame.media == Media::Html {
        Ok(Words(frame.language))
    } else {
        Err(Refused::Absent(frame.path.clone()))
    }
}
