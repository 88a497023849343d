//! `/contribute/receipt/ID`: the state of a contribution, as far as the reader may see it, and what happens next.

use askama::Template;
use serde::Deserialize;
use serde_json::json;

use super::document::{List, receipt};
use super::subject::{NAMES, Subject};
use super::words::Words;
use crate::answer::Answer;
use crate::ask::Ask;
use crate::country_list;
use crate::form::contribution_id;
use crate::frame::Frame;
use crate::markdown;
use crate::params::encoded;
use crate::refused::Refused;
use crate::value::{ContributionState, ContributionStep, EnumValue};

/// A country of a contribution.
#[derive(Clone, Debug, Deserialize)]
pub struct Country {
    /// The code.
    pub code: String,
    /// The name.
    pub name: String,
}

impl Country {
    /// Code and marked name.
    pub fn into_pair(self) -> (String, String) {
        let name = country_list::marked(&self.code, &self.name);
        (self.code, name)
    }
}

/// A contribution that was sent.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Sent {
    id: String,
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
    countries: List<Country>,
}

#[derive(Template)]
#[template(path = "contribute/receipt.html")]
struct Page {
    frame: Frame,
    words: Words,
    id: String,
    sent: Option<Sent>,
    /// Its subject: paths and texts.
    links: Vec<(String, String)>,
    decision: String,
    can_edit: bool,
    is_new: bool,
}

impl Page {
    /// The meaning of a state for the sender.
    fn told(&self, sent: &Sent) -> &'static str {
        match sent.state.value() {
            "DRAFT" => self.words.told_draft(),
            "SUBMITTED" => self.words.told_submitted(),
            "IN_REVIEW" => self.words.told_in_review(),
            "CHANGES_REQUESTED" => self.words.told_changes_requested(),
            "ACCEPTED" => self.words.told_accepted(),
            "REJECTED" => self.words.told_rejected(),
            "WITHDRAWN" => self.words.told_withdrawn(),
            _ => "",
        }
    }
}

/// Reads a contribution, which is `None` if the reader may not see it, and the name of the country of a subject.
async fn read(
    frame: &mut Frame,
    ask: &mut dyn Ask,
    id: &str,
    country: &str,
) -> Result<(Option<Sent>, Option<String>), Refused> {
    let codes: Vec<&str> = Some(country)
        .filter(|code| !code.is_empty())
        .into_iter()
        .collect();
    let variables = json!({ "id": id, "codes": codes, "languages": frame.languages() });
    let data: Data = frame.query_json(ask, receipt::QUERY, variables).await?;
    let country = data.countries.nodes.into_iter().next();
    Ok((data.contribution, country.map(|country| country.name)))
}

/// The codes of the countries of a contribution; `None` if the reader may not see it.
///
/// # Errors
/// [`Refused`]
pub async fn countries(
    frame: &mut Frame,
    ask: &mut dyn Ask,
    id: &str,
) -> Result<Option<Vec<String>>, Refused> {
    let (sent, _) = read(frame, ask, id, "").await?;
    Ok(sent.map(|sent| sent.countries.into_iter().map(|one| one.code).collect()))
}

/// Sends the reader who typed a number to its receipt.
pub fn find(frame: &Frame) -> Answer {
    let number = frame.params.get("number").unwrap_or_default().trim();
    let key = number.rsplit(':').next().unwrap_or_default();
    let is_key = key.len() == 32 && key.chars().all(|one| one.is_ascii_hexdigit());
    if !is_key {
        return Answer::see_other(frame.href("/contribute#follow"));
    }
    Answer::see_other(frame.href_to("/contribute/receipt/", encoded(key)))
}

/// Answers with the receipt.
///
/// # Errors
/// [`Refused`]
pub async fn page(mut frame: Frame, ask: &mut dyn Ask, id: &str) -> Result<Answer, Refused> {
    frame.is_personal = true;
    let id = contribution_id(id);
    let subject = Subject::read(&frame.params.only(&NAMES));
    let (sent, name) = read(&mut frame, ask, &id, &subject.country).await?;
    let decision = sent.as_ref().and_then(|sent| sent.decision.as_deref());
    let page = Page {
        words: Words(frame.language),
        links: subject.links(&frame, name.as_deref()),
        decision: decision.map(markdown::render).unwrap_or_default(),
        can_edit: sent
            .as_ref()
            .is_some_and(|sent| !sent.is_tip && sent.steps.iter().any(|step| *step == "UPDATE")),
        is_new: frame.params.has("sent") && sent.as_ref().is_some_and(|sent| !sent.is_tip),
        sent,
        id,
        frame: frame.clone(),
    };
    frame.page(&page)
}
