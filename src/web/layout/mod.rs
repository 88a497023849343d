//! The parts that all pages share: header, navigation, footer, and the page of a refusal.

pub mod words;

use askama::Template;

use crate::answer::{Answer, Lifetime, Media};
use crate::frame::Frame;
use crate::language::Language;
use crate::refused::Refused;

/// The page of a refusal.
#[derive(Template)]
#[template(path = "layout/refusal.html")]
struct Refusal<'a> {
    frame: Frame,
    title: String,
    message: Option<&'a str>,
}

/// The title of a refusal, and what it says besides.
pub fn told(words: words::Words, refused: &Refused) -> (String, Option<&str>) {
    match refused {
        Refused::Wrong(message) => (words.wrong().to_owned(), Some(message.as_str())),
        Refused::Absent(what) => (words.absent().to_owned(), Some(what.as_str())),
        Refused::Gone(what) => (words.gone().to_owned(), Some(what.as_str())),
        Refused::SignIn => (words.needs_sign_in().to_owned(), None),
        Refused::Forbidden(message) => (words.forbidden().to_owned(), Some(message.as_str())),
        Refused::Limited(seconds) => (words.limited(seconds), None),
        Refused::Away => (words.away().to_owned(), None),
        Refused::Internal => (words.internal().to_owned(), None),
    }
}

/// Makes the page of a refusal.
pub fn refusal(frame: Frame, refused: &Refused) -> Answer {
    let (title, message) = told(frame.words, refused);
    if frame.media != Media::Html {
        // Programs ask for rows and data; a line is what they can show.
        let parts: Vec<&str> = std::iter::once(&*title).chain(message).collect();
        let body = format!("{}\n", parts.join(": "));
        return Answer::of(Media::Text, body, Lifetime::Personal);
    }
    let page = Refusal {
        frame,
        title,
        message,
    };
    let body = page.render().unwrap_or_default();
    Answer::of(Media::Html, body, Lifetime::Personal)
}

impl Frame {
    /// The links of the main navigation: path and text.
    pub fn main_links(&self) -> [(&'static str, &'static str); 6] {
        [
            ("/countries", self.words.countries()),
            ("/treaties", self.words.treaties()),
            ("/compare", self.words.compare()),
            ("/changes", self.words.changes()),
            ("/contribute", self.words.contribute()),
            ("/review", self.words.review()),
        ]
    }

    /// The links about the site: path and text.
    pub fn footer_links(&self) -> [(&'static str, &'static str); 4] {
        [
            ("/about", self.words.about()),
            ("/accessibility", self.words.accessibility()),
            ("/licence", self.words.licence()),
            ("/privacy", self.words.privacy()),
        ]
    }

    /// The languages of the site, for the links that change the language.
    pub fn all_languages(&self) -> [Language; 2] {
        Language::ALL
    }

    /// True if this page stands below a path: for the navigation.
    pub fn is_below(&self, path: &str) -> bool {
        self.path == path || self.path.starts_with(&format!("{path}/"))
    }
}
