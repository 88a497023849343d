//! The page of the account, and what a person does on it.

use askama::Template;
use graphql_client::GraphQLQuery;
use serde::Deserialize;
use serde_json::{Value, json};

use super::words::Words;
use crate::answer::Answer;
use crate::ask::Ask;
use crate::contribute::view::{Control, Fault, FieldView, single};
use crate::form::new_key;
use crate::frame::Frame;
use crate::params::Params;
use crate::refused::{FormFault, Refused};
use crate::review::steps;
use crate::value::{ContributionState, ContributionStep, Role, WebhookState};

/// The document that a new webhook begins with.
const EXAMPLE: &str = "subscription {\n  changes {\n    cursor\n    operation\n    recordId\n    record { label permalink }\n  }\n}";

/// Declares a document of this page.
macro_rules! documents {
    ($($name:ident $file:tt)+) => {
        $(
            #[allow(dead_code, reason = "of some documents only the text is used")]
            #[derive(GraphQLQuery)]
            #[graphql(
                schema_path = "../../schema.graphql",
                query_path = $file,
                custom_scalars_module = "crate::value::scalar",
                extern_enums("ContributionState", "ContributionStep", "Role", "WebhookState"),
                response_derives = "Debug"
            )]
            struct $name;
        )+
    };
}

documents! {
    Account "account/page.graphql"
    CreateWebhook "account/create.graphql"
    DeleteWebhook "account/delete.graphql"
    UpdateWebhook "account/update.graphql"
}

#[derive(Template)]
#[template(path = "account/page.html")]
struct Page {
    frame: Frame,
    words: Words,
    data: account::ResponseData,
    is_done: bool,
    made: Option<String>,
    secret: Option<String>,
    faults: Vec<Fault>,
    /// The form of a webhook that was refused.
    edited: Option<Params>,
    fields: Vec<FieldView>,
    key: String,
}

impl Page {
    /// The form of a webhook that was refused, if it is this one's.
    fn edited(&self, id: &str) -> Option<&Params> {
        self.edited
            .as_ref()
            .filter(|form| form.get("id") == Some(id))
    }
}

/// The answer to a mutation.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payload {
    user_errors: Vec<UserError>,
    #[serde(default)]
    secret: Option<String>,
    #[serde(default)]
    webhook: Option<Webhook>,
}

#[derive(Deserialize)]
struct UserError {
    message: String,
    #[serde(default)]
    path: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Webhook {
    url: String,
}

/// Answers with the account, or takes a step.
///
/// # Errors
/// [`Refused`]
pub async fn page(
    frame: Frame,
    ask: &mut dyn Ask,
    parts: &[&str],
    posted: Option<&Params>,
) -> Result<Answer, Refused> {
    if !parts.is_empty() {
        return Err(Refused::Absent(frame.path));
    }
    if frame.person.is_none() {
        return Err(Refused::SignIn);
    }
    match posted {
        None => show(frame, ask, None, None, Vec::new()).await,
        Some(posted) => post(frame, ask, posted).await,
    }
}

async fn post(frame: Frame, ask: &mut dyn Ask, posted: &Params) -> Result<Answer, Refused> {
    let text = |name: &str| posted.get(name).map(|text| text.replace("\r\n", "\n"));
    let id = text("id").unwrap_or_default();
    if posted.has("step") {
        let Err(faults) = steps::take(&frame, ask, id, posted).await? else {
            return Ok(Answer::see_other(frame.href("/account?done=1")));
        };
        let faults = faults.into_iter().map(|fault| {
            let (text, is_english) = fault.told(&frame);
            Fault { text, is_english }
        });
        let faults = faults.collect();
        return show(frame, ask, None, None, faults).await;
    }
    let action = posted.get("action").unwrap_or_default();
    let (document, input) = match action {
        "create" => {
            let input = json!({
                "url": text("url").unwrap_or_default(),
                "document": text("document").unwrap_or_default(),
                "idempotencyKey": text("key"),
            });
            (create_webhook::QUERY, input)
        }
        "update" => {
            let input = json!({ "id": id, "url": text("url"), "document": text("document") });
            (update_webhook::QUERY, input)
        }
        "rotate" => (
            update_webhook::QUERY,
            json!({ "id": id, "rotateSecret": true }),
        ),
        "resume" => (update_webhook::QUERY, json!({ "id": id, "resume": true })),
        "delete" => (delete_webhook::QUERY, json!({ "id": id })),
        _ => return Err(Refused::Form(FormFault::UnknownAction)),
    };
    let data: Value = frame
        .execute_json(ask, document, json!({ "input": input }))
        .await?;
    let payload = data.as_object().and_then(|data| data.values().next());
    let payload: Payload = payload
        .and_then(|payload| serde_json::from_value(payload.clone()).ok())
        .ok_or(Refused::Internal)?;
    let has_secret = matches!(action, "create" | "rotate");
    if payload.user_errors.is_empty() && !has_secret {
        return Ok(Answer::see_other(frame.href("/account?done=1")));
    }
    show(frame, ask, Some(posted), Some(payload), Vec::new()).await
}

async fn show(
    mut frame: Frame,
    ask: &mut dyn Ask,
    posted: Option<&Params>,
    payload: Option<Payload>,
    mut faults: Vec<Fault>,
) -> Result<Answer, Refused> {
    frame.is_personal = true;
    let words = Words(frame.language);
    let data = frame.query::<Account>(ask, account::Variables {}).await?;
    let (errors, secret, made) = payload.map_or((Vec::new(), None, None), |payload| {
        (payload.user_errors, payload.secret, payload.webhook)
    });
    let wrong = posted.filter(|_| !errors.is_empty());
    let of_action = |action| wrong.filter(|posted| posted.get("action") == Some(action));
    let (returned, edited) = (of_action("create"), of_action("update"));
    let is_create = returned.is_some();
    let value = |name: &str| returned.and_then(|posted| posted.get(name));
    let url = value("url").unwrap_or_default();
    let document = value("document").unwrap_or(EXAMPLE);
    let contribute = crate::contribute::words::Words(frame.language);
    let field = |name, label, rule: &str, value: &str, control| {
        single(contribute, name, label, rule.to_owned(), value, control)
    };
    let mut fields = vec![
        field(
            "url",
            words.address(),
            words.address_rule(),
            url,
            Control::Input("url", ""),
        ),
        field(
            "document",
            words.document(),
            words.document_rule(),
            document,
            Control::Area,
        ),
    ];
    for error in errors {
        let path = error.path.unwrap_or_default();
        let place = path.first().map(String::as_str).unwrap_or_default();
        let fault = Fault {
            text: error.message,
            is_english: true,
        };
        let is_placed = is_create
            && fields
                .iter_mut()
                .any(|field| field.add_error(place, &fault));
        if !is_placed {
            faults.push(fault);
        }
    }
    let _ = fields.iter_mut().any(FieldView::focus_first);
    let is_wrong = !faults.is_empty() || fields.iter().any(FieldView::is_wrong);
    let page = Page {
        is_done: frame.params.has("done"),
        made: made.map(|webhook| webhook.url),
        key: returned
            .and_then(|posted| posted.get("key"))
            .map_or_else(new_key, str::to_owned),
        data,
        secret,
        faults,
        edited: edited.cloned(),
        fields,
        words,
        frame: frame.clone(),
    };
    let mut answer = frame.page(&page)?;
    if is_wrong {
        answer.status = 400;
    }
    Ok(answer)
}
