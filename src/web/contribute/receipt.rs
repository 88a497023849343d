//! `/contribute/receipt/ID`: the state of a contribution, as far as the reader may see it.

use askama::Template;
use serde::Deserialize;
use serde_json::json;

use super::document::receipt;
use super::words::Words;
use crate::answer::Answer;
use crate::ask::Ask;
use crate::frame::Frame;
use crate::markdown;
use crate::refused::Refused;
use crate::value::{ContributionState, ContributionStep};

/// A country of a contribution.
#[derive(Clone, Debug, Deserialize)]
pub struct Country {
    /// The code.
    pub code: String,
    /// The name.
    pub name: String,
}

impl Country {
    /// Code and name.
    pub fn into_pair(self) -> (String, String) {
        (self.code, self.name)
    }
}

/// A contribution that was sent.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Sent {
    title: String,
    is_tip: bool,
    state: ContributionState,
    created_at: String,
    submitted_at: Option<String>,
    decided_at: Option<String>,
    decision: Option<String>,
    message: Option<String>,
    /// The countries that it concerns.
    pub countries: Vec<Country>,
    steps: Vec<ContributionStep>,
}

#[derive(Deserialize)]
struct Data {
    contribution: Option<Sent>,
}

#[derive(Template)]
#[template(path = "contribute/receipt.html")]
struct Page {
    frame: Frame,
    words: Words,
    id: String,
    sent: Option<Sent>,
    decision: String,
    can_edit: bool,
    is_new: bool,
    is_tip: bool,
}

/// Reads a contribution; `None` if the reader may not see it.
pub async fn read(frame: &mut Frame, ask: &mut dyn Ask, id: &str) -> Result<Option<Sent>, Refused> {
    let variables = json!({ "id": id, "languages": frame.languages() });
    let data: Data = frame.query_json(ask, receipt::QUERY, variables).await?;
    Ok(data.contribution)
}

/// Answers with the receipt.
///
/// # Errors
/// [`Refused`]
pub async fn page(mut frame: Frame, ask: &mut dyn Ask, id: &str) -> Result<Answer, Refused> {
    frame.is_personal = true;
    let id = crate::form::contribution_id(id);
    let sent = read(&mut frame, ask, &id).await?;
    let decision = sent.as_ref().and_then(|sent| sent.decision.as_deref());
    let page = Page {
        words: Words(frame.language),
        decision: decision.map(markdown::render).unwrap_or_default(),
        can_edit: sent
            .as_ref()
            .is_some_and(|sent| !sent.is_tip && sent.steps.iter().any(|step| *step == "UPDATE")),
        is_tip: sent.as_ref().is_none_or(|sent| sent.is_tip),
        is_new: frame.params.has("sent"),
        sent,
        id,
        frame: frame.clone(),
    };
    frame.page(&page)
}
