//! `/contribute`: the box for readers, and the list of forms and drafts.

use askama::Template;
use serde::Deserialize;
use serde_json::json;

use super::document::{List, Payload, Stored, UserError, start, tip};
use super::forms::{FORMS, Form};
use super::receipt::Country;
use super::subject::{NAMES, Subject};
use super::view::{Choice, Control, Fault, FieldView, single};
use super::words::Words;
use crate::answer::Answer;
use crate::ask::Ask;
use crate::country_list;
use crate::form::new_key;
use crate::frame::Frame;
use crate::layout::told;
use crate::params::{Params, encoded};
use crate::refused::Refused;
use crate::value::ContributionState;

/// A draft of the person.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Draft {
    id: String,
    title: String,
    state: ContributionState,
    updated_at: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    countries: List<Country>,
    last_countries: List<Country>,
    service_config: ServiceConfig,
    contributions: Option<List<Draft>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ServiceConfig {
    max_tips_per_hour: i64,
}

#[derive(Template)]
#[template(path = "contribute/start.html")]
struct Page {
    frame: Frame,
    words: Words,
    about: String,
    /// The hidden fields that name what the message is about.
    subject: Params,
    /// True if a field has the focus.
    has_focus: bool,
    key: String,
    fields: Vec<FieldView>,
    other_faults: Vec<Fault>,
    has_faults: bool,
    forms: &'static [Form],
    kept: String,
    drafts: Vec<Draft>,
}

impl Page {
    /// The last part of the address of a form, with the country.
    fn address(&self, form: &Form) -> String {
        format!("{}{}", form.slug, self.kept)
    }
}

/// Answers with the empty box.
///
/// # Errors
/// [`Refused`]
pub async fn page(frame: Frame, ask: &mut dyn Ask) -> Result<Answer, Refused> {
    let names = [&NAMES[..], &["message", "link"]].concat();
    let values = frame.params.only(&names);
    show(frame, ask, &values, Vec::new(), new_key()).await
}

/// Sends the tip.
///
/// # Errors
/// [`Refused`]
pub async fn post(frame: Frame, ask: &mut dyn Ask, posted: &Params) -> Result<Answer, Refused> {
    let text = |name: &str| posted.get(name).map(|text| text.replace("\r\n", "\n"));
    let subject = Subject::read(posted);
    let about = subject.text(&frame);
    let message = text("message").unwrap_or_default();
    let message = if about.is_empty() || message.is_empty() {
        message
    } else {
        let words = Words(frame.language);
        format!("{}\n\n{message}", words.place(words.tip_about(), about))
    };
    let key = posted.get("key").map_or_else(new_key, str::to_owned);
    let variables = json!({ "input": {
        "country": text("country").unwrap_or_default(),
        "message": message,
        "link": text("link"),
        "contact": text("contact"),
        "idempotencyKey": key,
    }});
    let stored = frame.execute_json(ask, tip::QUERY, variables).await;
    let mut refused = Refused::Input(String::new());
    let payload = match stored {
        // The box comes back with all that the reader typed.
        Err(reason @ (Refused::Input(_) | Refused::Limited(_))) => {
            let message = told(frame.words, &reason);
            refused = reason;
            Payload {
                user_errors: vec![UserError {
                    code: refused.status().to_string(),
                    message: message.message.unwrap_or(message.title),
                    path: None,
                }],
                contribution: None,
            }
        }
        other => Stored::payload(other?),
    };
    if let Some(contribution) = payload.contribution {
        let path = format!("/contribute/receipt/{}", frame.key(&contribution.id));
        let params = subject.params().with("sent", Some("1"));
        return Ok(Answer::see_other(
            frame.href(format!("{path}{}", params.query())),
        ));
    }
    let is_another = payload
        .user_errors
        .iter()
        .any(|error| error.code == "IDEMPOTENCY_MISMATCH");
    let key = if is_another { new_key() } else { key };
    let mut answer = show(frame, ask, posted, payload.user_errors, key).await?;
    answer.status = refused.status();
    answer.retry_after = refused.retry_after();
    Ok(answer)
}

async fn show(
    mut frame: Frame,
    ask: &mut dyn Ask,
    values: &Params,
    errors: Vec<UserError>,
    key: String,
) -> Result<Answer, Refused> {
    // The page has a key of its own, so that no cache may keep it.
    frame.is_personal = true;
    let words = Words(frame.language);
    let variables = json!({ "languages": frame.languages(), "hasPerson": frame.person.is_some() });
    let data: Data = frame.query_json(ask, start::QUERY, variables).await?;
    let countries = data.countries.nodes.into_iter();
    let countries = countries.chain(data.last_countries.nodes);
    let countries = country_list::by_name(countries.map(Country::into_pair));
    let most = data.service_config.max_tips_per_hour;
    let mut fields = fields(words, values, countries, most);
    let mut other_faults = Vec::new();
    for error in &errors {
        let place = error.path.as_ref().and_then(|path| path.first());
        let place = place.map(String::as_str).unwrap_or_default();
        if error.code == "IDEMPOTENCY_MISMATCH" {
            other_faults.push(Fault {
                text: words.again().to_owned(),
                is_english: false,
            });
            continue;
        }
        let fault = Fault {
            text: error.message.clone(),
            is_english: error.code != "429",
        };
        if !fields
            .iter_mut()
            .any(|field| field.add_error(place, &fault))
        {
            other_faults.push(fault);
        }
    }
    let has_focus = fields.iter_mut().any(FieldView::focus_first);
    let subject = Subject::read(values);
    let page = Page {
        about: subject.text(&frame),
        subject: subject.params().with("country", None),
        has_focus,
        key,
        fields,
        other_faults,
        has_faults: !errors.is_empty(),
        forms: FORMS,
        kept: kept(values),
        drafts: data
            .contributions
            .map(|list| list.nodes)
            .unwrap_or_default(),
        words,
        frame: frame.clone(),
    };
    frame.page(&page)
}

/// The country and the topic, for the addresses of forms.
fn kept(values: &Params) -> String {
    let country = values
        .get("country")
        .map(|code| format!("?country={}", encoded(code)));
    country.unwrap_or_default()
}

fn fields(
    words: Words,
    values: &Params,
    countries: Vec<(String, String)>,
    most: i64,
) -> Vec<FieldView> {
    let value = |name: &str| values.get(name).unwrap_or_default();
    let chosen = value("country").to_uppercase();
    let mut choices = vec![Choice {
        value: String::new(),
        label: words.choose().to_owned(),
        is_chosen: chosen.is_empty(),
    }];
    choices.extend(countries.into_iter().map(|(code, name)| Choice {
        is_chosen: code == chosen,
        value: code,
        label: name,
    }));
    let rule = format!("{} {}", words.message_limits(most), words.message_public());
    let optional = |name, label, rule: &str, kind| {
        let control = Control::Input(kind, "");
        let mut field = single(words, name, label, rule.to_owned(), value(name), control);
        field.is_required = false;
        field
    };
    vec![
        single(
            words,
            "country",
            words.country(),
            words.required().to_owned(),
            "",
            Control::Select(choices),
        ),
        single(
            words,
            "message",
            words.message(),
            rule,
            value("message"),
            Control::Area,
        ),
        optional("link", words.link(), words.link_rule(), "url"),
        optional("contact", words.contact(), words.contact_rule(), "text"),
    ]
}
