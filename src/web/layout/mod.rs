//! The parts that all pages share: header, navigation, footer, and the page of a refusal.

pub mod words;

use askama::Template;

use crate::answer::{Answer, Lifetime, Media};
use crate::frame::Frame;
use crate::language::Language;
use crate::params::Params;
use crate::refused::{AddressFault, FormFault, Refused};

/// The page of a refusal.
#[derive(Template)]
#[template(path = "layout/refusal.html")]
struct Refusal {
    frame: Frame,
    told: RefusalText,
    /// The texts of the form that was refused.
    typed: Vec<String>,
}

/// A refusal in words.
pub struct RefusalText {
    /// The title.
    pub title: String,
    /// The rest of it.
    pub message: Option<String>,
    /// True if the message is that of the service, in English.
    pub is_english: bool,
}

/// Tells a refusal in the language of the page.
pub fn told(words: words::Words, refused: &Refused) -> RefusalText {
    let (title, message) = match refused {
        Refused::Wrong(message) | Refused::Input(message) => (words.wrong(), Some(message.clone())),
        Refused::Form(fault) => (words.form(), Some(form_fault(words, *fault))),
        Refused::Address(fault) => (words.wrong(), Some(address_fault(words, *fault))),
        Refused::Method { method, methods } => {
            (words.wrong_method(), Some(words.methods(method, methods)))
        }
        Refused::Absent(what) => (words.absent(), Some(what.clone())),
        Refused::SignIn => (words.needs_sign_in(), None),
        Refused::Forbidden(message) | Refused::NoRight(message) => {
            (words.forbidden(), Some(message.clone()))
        }
        Refused::Limited(seconds) => {
            return RefusalText {
                title: words.limited(seconds),
                message: None,
                is_english: false,
            };
        }
        Refused::Away => (words.away(), None),
        Refused::Internal => (words.internal(), None),
    };
    RefusalText {
        title: title.to_owned(),
        message,
        is_english: matches!(refused, Refused::Input(_) | Refused::NoRight(_)),
    }
}

fn form_fault(words: words::Words, fault: FormFault) -> String {
    let text = match fault {
        FormFault::OtherSite => words.other_site(),
        FormFault::NoForm => words.no_form(),
        FormFault::TooLarge(most) => return words.too_large(most),
        FormFault::CutOff => words.cut_off(),
        FormFault::TooManyFields(most) => return words.too_many_fields(most),
        FormFault::TooSlow => words.too_slow(),
        FormFault::UnknownAction => words.unknown_action(),
        FormFault::UnknownToken => words.unknown_token(),
    };
    text.to_owned()
}

fn address_fault(words: words::Words, fault: AddressFault) -> String {
    match fault {
        AddressFault::TooLong(most) => words.too_long(most),
        AddressFault::ControlCharacter => words.control_character().to_owned(),
        AddressFault::Credential => words.credential().to_owned(),
    }
}

/// The texts that a person typed into a form, without the values that the page put there. A token has no space.
fn typed(form: Option<&Params>) -> Vec<String> {
    let pairs = form.map(Params::pairs).unwrap_or_default().iter();
    let texts = pairs.map(|(_, value)| value).filter(|value| {
        let is_typed = value.trim().contains(char::is_whitespace);
        is_typed && !value.starts_with('{')
    });
    texts.cloned().collect()
}

/// Makes the page of a refusal, which keeps the texts of the form that was refused.
pub fn refusal(frame: Frame, refused: &Refused, form: Option<&Params>) -> Answer {
    let told = told(frame.words, refused);
    if frame.media != Media::Html {
        // Programs ask for rows and data; a line is what they can show.
        let parts: Vec<String> = std::iter::once(told.title).chain(told.message).collect();
        let body = format!("{}\n", parts.join(": "));
        return Answer::of(Media::Text, body, Lifetime::Personal);
    }
    let page = Refusal {
        frame,
        told,
        typed: typed(form),
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
    #[expect(clippy::unused_self, reason = "templates call it on the frame")]
    pub fn all_languages(&self) -> [Language; 2] {
        Language::ALL
    }

    /// True if this page stands below a path: for the navigation.
    pub fn is_below(&self, path: &str) -> bool {
        self.path == path || self.path.starts_with(&format!("{path}/"))
    }
}
