//! The pages of the console.

use askama::Template;
use serde_json::Value;

use super::files::address;
use super::indent::indented;
use super::words::Words;
use crate::answer::{Answer, Lifetime, Media};
use crate::ask::Ask;
use crate::assets;
use crate::frame::Frame;
use crate::layout;
use crate::params::{Params, encoded};
use crate::refused::Refused;
use crate::site::PageRequest;

/// The query that an empty form shows.
const EXAMPLE: &str = include_str!("examples/status.graphql");

/// The fields of the form.
#[derive(Clone, Debug, Default)]
struct Fields {
    query: String,
    variables: String,
    operation_name: String,
}

impl Fields {
    fn read(params: &Params) -> Self {
        let text = |name: &str| params.get(name).unwrap_or_default().to_owned();
        let query = params.get("query").unwrap_or(EXAMPLE);
        Self {
            query: query.to_owned(),
            variables: text("variables"),
            operation_name: text("operationName"),
        }
    }
}

/// The page that loads `GraphiQL`. Without scripts, a browser shows the form.
#[derive(Template)]
#[template(path = "console/page.html")]
struct Shell {
    language: &'static str,
    words: Words,
    fields: Fields,
    variables_error: Option<&'static str>,
    script: String,
    style: String,
    licences: String,
    site_style: String,
}

/// The form with the answer to a request.
#[derive(Template)]
#[template(path = "console/answer.html")]
struct Page<'a> {
    frame: &'a Frame,
    words: Words,
    fields: Fields,
    variables_error: Option<&'static str>,
    fault: Option<String>,
    answer: Option<String>,
    address: Option<String>,
}

/// The page that loads `GraphiQL`; `None` if the program was built without it, or the address asks for an answer.
pub fn shell(request: &PageRequest<'_>) -> Option<String> {
    let frame = Frame::bare(request);
    if frame.params.has("run") {
        return None;
    }
    let page = Shell {
        language: frame.language.code(),
        words: Words(frame.language),
        fields: Fields::read(&frame.params),
        variables_error: None,
        script: address("graphiql.js")?,
        style: address("graphiql.css")?,
        licences: address("LICENSES.txt")?,
        site_style: assets::address("site.css"),
    };
    page.render().ok()
}

/// Answers with the form, and with the answer to its request if it was sent: by POST, or by GET with `run`.
///
/// # Errors
/// [`Refused::Absent`] if the console is switched off, or for another medium than HTML.
pub async fn page(
    frame: Frame,
    form: Option<&Params>,
    ask: &mut dyn Ask,
) -> Result<Answer, Refused> {
    if !frame.has_console || frame.media != Media::Html {
        return Err(Refused::Absent(frame.path));
    }
    let words = Words(frame.language);
    let params = form.unwrap_or(&frame.params);
    let fields = Fields::read(params);
    let mut page = Page {
        frame: &frame,
        words,
        variables_error: None,
        fault: None,
        answer: None,
        address: None,
        fields,
    };
    let mut status = 200;
    if form.is_some() || frame.params.has("run") {
        match variables(&page.fields.variables) {
            None => {
                status = 400;
                page.variables_error = Some(words.not_an_object());
            }
            Some(variables) => match execute(&page.fields, variables, ask).await {
                Ok(answer) => {
                    page.answer = Some(answer);
                    page.address = (!params.has("token")).then(|| run_address(&page.fields));
                }
                // The text stays in the form.
                Err(refused @ (Refused::Limited(_) | Refused::Away)) => {
                    status = refused.status();
                    page.fault = Some(layout::told(frame.words, &refused).title);
                }
                Err(refused) => return Err(refused),
            },
        }
    }
    let mut answer = frame.page(&page)?;
    answer.status = status;
    // An answer can depend on more than the data.
    answer.lifetime = Lifetime::Personal;
    Ok(answer)
}

/// The variables; `None` if the text is no JSON object.
fn variables(text: &str) -> Option<Value> {
    if text.is_empty() {
        return Some(Value::Object(serde_json::Map::new()));
    }
    let value: Value = serde_json::from_str(text).ok()?;
    value.is_object().then_some(value)
}

async fn execute(fields: &Fields, variables: Value, ask: &mut dyn Ask) -> Result<String, Refused> {
    let name = Some(fields.operation_name.as_str()).filter(|name| !name.is_empty());
    let reply = ask.ask_as_client(&fields.query, name, variables).await?;
    let text = std::str::from_utf8(&reply.body).map_err(|_| Refused::Internal)?;
    Ok(indented(text))
}

/// The address that answers to a request.
fn run_address(fields: &Fields) -> String {
    let query = encoded(&fields.query);
    let mut address = format!("/graphiql?run=1&query={query}");
    for (name, value) in [
        ("variables", &fields.variables),
        ("operationName", &fields.operation_name),
    ] {
        if !value.is_empty() {
            address = format!("{address}&{name}={}", encoded(value));
        }
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_an_object_or_nothing() {
        assert!(variables("").is_some() && variables(" {\"a\": 1} ").is_some());
        assert!(variables("[]").is_none() && variables("{").is_none() && variables("1").is_none());
    }

    #[test]
    fn the_address_of_an_answer_contains_the_request() {
        let fields = Fields {
            query: "{ a }".to_owned(),
            variables: "{\"b\":1}".to_owned(),
            operation_name: String::new(),
        };
        let expected = "/graphiql?run=1&query=%7B%20a%20%7D&variables=%7B%22b%22%3A1%7D";
        assert_eq!(run_address(&fields), expected);
    }
}
