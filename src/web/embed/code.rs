//! The code with which pages of other sites show an embedded page of this day and moment, which never changes.

use askama::Template;

use super::words::Words;
use crate::frame::Frame;

/// The content of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// A map.
    Map,
    /// A table.
    Table,
}

impl Shown {
    /// The height of the frame in pixels. In that of a map, all of the page fits from a width of 600 pixels on; a table
    /// scrolls.
    fn height(self) -> u32 {
        match self {
            Self::Map => 1000,
            Self::Table => 480,
        }
    }
}

/// The markup of a frame, which readers can copy.
pub struct Code {
    /// The id of its element.
    pub id: &'static str,
    /// The content of the frame.
    pub label: &'static str,
    /// The markup.
    pub markup: String,
}

/// The frames that readers can take from a page.
pub struct Codes {
    /// The heading.
    pub title: &'static str,
    /// A note about all frames.
    pub note: &'static str,
    /// The frames.
    pub list: Vec<Code>,
}

#[derive(Template)]
#[template(path = "embed/iframe.html")]
struct Iframe<'a> {
    address: String,
    title: &'a str,
    height: u32,
}

/// The code of embedded pages about one thing, by their paths.
pub fn codes(frame: &Frame, about: &str, pages: &[(&str, Shown)]) -> Codes {
    let words = Words(frame.language);
    let code = |(path, shown): &(&str, Shown)| {
        let iframe = Iframe {
            address: frame.permalink_of(path),
            title: about,
            height: shown.height(),
        };
        let (id, label) = match shown {
            Shown::Map => ("embed-map", words.as_map()),
            Shown::Table => ("embed-table", words.as_table()),
        };
        Code {
            id,
            label,
            markup: iframe.render().unwrap_or_default(),
        }
    };
    Codes {
        title: words.show(),
        note: words.note(),
        list: pages.iter().map(code).collect(),
    }
}
