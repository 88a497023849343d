//! The pages to sign in.

use askama::Template;

use super::words::Words;
use crate::answer::{Answer, Lifetime, Media};
use crate::frame::Frame;
use crate::params::{Params, encoded};
use crate::refused::Refused;
use crate::site::PageRequest;

/// Outcome of an attempt to sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignIn {
    /// Nothing was sent yet.
    Asked,
    /// The form had no token.
    Missing,
    /// The token is not valid.
    Refused,
    /// The provider did not confirm the person.
    RefusedByProvider,
    /// The token could not be checked.
    Away,
    /// The person is signed in.
    Done,
}

enum Step {
    Ask,
    Done,
}

/// The names of fields of the form itself; all others belong to a form that waits.
const OWN_FIELDS: [&str; 2] = ["sign-in-token", "sign-in-back"];

#[derive(Template)]
#[template(path = "sign_in/page.html")]
struct Page<'a> {
    frame: Frame,
    words: Words,
    title: &'static str,
    step: Step,
    back: String,
    refresh: Option<String>,
    /// The fields of the form that waits for the sign-in.
    resumed: Vec<(String, String)>,
    /// The fields that the person typed, so that their text can be copied.
    shown: Vec<(String, String)>,
    error: Option<&'static str>,
    provider: Option<&'a str>,
    provider_link: String,
}

/// A path of this site to which a person may be sent; `/` for anything else, such as the address of another site.
pub fn local_path(path: &str) -> &str {
    let is_local = path.starts_with('/')
        && !path.starts_with("//")
        && path
            .chars()
            .all(|letter| letter.is_ascii_graphic() && letter != '\\');
    if is_local { path } else { "/" }
}

/// The page to sign in, or the page after it. `back` is the path from which the person came.
///
/// # Errors
/// [`Refused::Internal`] if the template fails.
pub fn sign_in(
    request: &PageRequest<'_>,
    outcome: SignIn,
    back: Option<&str>,
) -> Result<Answer, Refused> {
    let form = request.form.clone().unwrap_or_default();
    let address = Params::read(request.query);
    let back = back.or(form.get("sign-in-back")).or(address.get("back"));
    let back = local_path(back.unwrap_or("/account")).to_owned();
    let resumed = others(&form);
    page(request, outcome, back, resumed)
}

/// The page that asks a person to sign in before another page. It keeps the form that was posted in a session that has
/// ended.
///
/// # Errors
/// [`Refused::Internal`] if the template fails.
pub fn resume(request: &PageRequest<'_>) -> Result<Answer, Refused> {
    if request.path == "/sign-in" {
        return sign_in(request, SignIn::Asked, None);
    }
    let query = Some(request.query).filter(|query| !query.is_empty());
    let query = query.map_or(String::new(), |query| format!("?{query}"));
    let back = format!("{}{query}", request.path);
    let resumed = others(&request.form.clone().unwrap_or_default());
    let mut answer = page(
        request,
        SignIn::Asked,
        local_path(&back).to_owned(),
        resumed,
    )?;
    answer.status = 401;
    Ok(answer)
}

fn others(form: &Params) -> Vec<(String, String)> {
    let pairs = form.pairs().iter();
    let pairs = pairs.filter(|(name, _)| !OWN_FIELDS.contains(&name.as_str()));
    pairs.cloned().collect()
}

fn page(
    request: &PageRequest<'_>,
    outcome: SignIn,
    back: String,
    resumed: Vec<(String, String)>,
) -> Result<Answer, Refused> {
    let frame = Frame::bare(request);
    let words = Words(frame.language);
    let error = match outcome {
        SignIn::Asked | SignIn::Done => None,
        SignIn::Missing => Some(words.missing()),
        SignIn::Refused => Some(words.refused()),
        SignIn::RefusedByProvider => Some(words.refused_provider()),
        SignIn::Away => Some(words.away()),
    };
    let title = match outcome {
        SignIn::Done => words.done(),
        _ if resumed.is_empty() => words.title(),
        _ => words.ended(),
    };
    let is_done = outcome == SignIn::Done;
    let shown = resumed.iter();
    let shown = shown.filter(|(_, value)| !is_done && value.trim().contains(char::is_whitespace));
    let page = Page {
        provider_link: format!("/sign-in/openid?back={}", encoded(&back)),
        refresh: (is_done && resumed.is_empty()).then(|| back.clone()),
        step: if is_done { Step::Done } else { Step::Ask },
        shown: shown.cloned().collect(),
        provider: request.provider,
        words,
        title,
        error,
        back,
        resumed,
        frame,
    };
    let body = page.render().map_err(|_| Refused::Internal)?;
    let mut answer = Answer::of(Media::Html, body, Lifetime::Personal);
    answer.status = match outcome {
        SignIn::Asked | SignIn::Done => 200,
        SignIn::Missing => 400,
        SignIn::Refused | SignIn::RefusedByProvider => 401,
        SignIn::Away => 503,
    };
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_this_site_are_followed() {
        for path in ["/", "/review", "/review?state=OPEN&x=%20", "/a//b"] {
            assert_eq!(local_path(path), path);
        }
        for path in [
            "",
            "review",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/a b",
            "/a\nb",
        ] {
            assert_eq!(local_path(path), "/", "{path}");
        }
    }

    #[test]
    fn a_form_of_an_ended_session_is_kept() {
        let request = PageRequest {
            provider: Some("id.example.org"),
            form: Some(Params::read("title=A+%22b%22&p0.key=x")),
            ..PageRequest::of("/contribute/add-a-unit", "country=AZ")
        };
        let page = resume(&request).unwrap();
        assert_eq!(page.status, 401);
        for part in [
            "name=\"title\" value=\"A &#34;b&#34;\"",
            "name=\"sign-in-back\" value=\"/contribute/add-a-unit?country=AZ\"",
            "action=\"/contribute/add-a-unit?country=AZ\"",
        ] {
            assert!(page.body.contains(part), "{part} in {}", page.body);
        }
    }
}
