//! `/contribute`: the box for readers, and the list of forms and drafts.

use askama::Template;
use serde::Deserialize;
use serde_json::json;

use super::document::{List, Payload, Stored, UserError, start, tip};
use super::forms::{FORMS, Form};
use super::receipt::Country;
use super::view::{Choice, Control, Fault, FieldView, single};
use super::words::Words;
use crate::answer::Answer;
use crate::ask::Ask;
use crate::country_list;
use crate::difference;
use crate::form::new_key;
use crate::frame::Frame;
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
    let mut values = frame.params.only(&["country", "message", "link"]);
    values = values.with(
        "about",
        Some(&about(&frame))
            .filter(|about| !about.is_empty())
            .map(String::as_str),
    );
    show(frame, ask, &values, Vec::new(), new_key()).await
}

/// The place of which a reader speaks, from the address.
fn about(frame: &Frame) -> String {
    let mut parts = Vec::new();
    if let Some(topic) = frame.params.get("topic") {
        let topic = topic.to_uppercase().replace('-', "_");
        let label = frame.label_of("ProfileTopic", &topic);
        let label = if label == topic {
            frame.label_of("CoverageTopic", &topic)
        } else {
            label
        };
        let words = Words(frame.language);
        parts.push(match topic.as_str() {
            "ABOUT" => words.part_about().to_owned(),
            "FINDINGS" => words.findings().to_owned(),
            "NARRATIVE" => words.part_narrative().to_owned(),
            "SOURCES" => words.part_sources().to_owned(),
            "STATEMENTS" => words.part_statements().to_owned(),
            _ => label,
        });
    }
    if let Some(record) = frame.params.get("record") {
        parts.push(record.to_owned());
    }
    if let Some(field) = frame.params.get("field") {
        let value = if field.chars().any(char::is_lowercase) {
            difference::screaming(field)
        } else {
            field.to_owned()
        };
        parts.push(frame.label_of("RecordField", &value));
    }
    parts.join(" · ").chars().take(300).collect()
}

/// Sends the tip.
///
/// # Errors
/// [`Refused`]
pub async fn post(frame: Frame, ask: &mut dyn Ask, posted: &Params) -> Result<Answer, Refused> {
    let text = |name: &str| posted.get(name).map(|text| text.replace("\r\n", "\n"));
    let message = match (text("about"), text("message")) {
        (Some(about), Some(message)) => format!(
            "{}: {about}\n\n{message}",
            Words(frame.language).tip_about()
        ),
        (_, message) => message.unwrap_or_default(),
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
    let payload = match stored {
        // The box comes back with all that the reader typed.
        Err(Refused::Input(message)) => Payload {
            user_errors: vec![UserError {
                message,
                ..UserError::default()
            }],
            contribution: None,
        },
        other => Stored::payload(other?),
    };
    if let Some(contribution) = payload.contribution {
        let path = format!("/contribute/receipt/{}?sent=1", frame.key(&contribution.id));
        return Ok(Answer::see_other(frame.href(path)));
    }
    let is_another = payload
        .user_errors
        .iter()
        .any(|error| error.code == "IDEMPOTENCY_MISMATCH");
    let key = if is_another { new_key() } else { key };
    let mut answer = show(frame, ask, posted, payload.user_errors, key).await?;
    answer.status = 400;
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
            is_english: true,
        };
        if !fields
            .iter_mut()
            .any(|field| field.add_error(place, &fault))
        {
            other_faults.push(fault);
        }
    }
    let _ = fields.iter_mut().any(FieldView::focus_first);
    let page = Page {
        about: values.get("about").unwrap_or_default().to_owned(),
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
