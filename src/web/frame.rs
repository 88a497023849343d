//! The surroundings of a page: address, language, view, person, and the documents that it executed.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use graphql_client::GraphQLQuery;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::answer::{Answer, Lifetime, Media};
use crate::ask::Ask;
use crate::assets;
use crate::citation::Citation;
use crate::country_list;
use crate::date;
use crate::day;
use crate::language::Language;
use crate::layout::words::Words;
use crate::params::{Params, encoded};
use crate::person::Person;
use crate::refused::{QueryError, Refused};
use crate::site::PageRequest;
use crate::value::EnumValue;

/// The query of all labels of enum values in one language.
const LABELS: &str =
    "query Labels($language: [Language!]) { labels(language: $language) { enum value text } }";
/// The query of the commit of a moment.
const MOMENT: &str = "query Moment($at: Cursor!) { at(cursor: $at) { cursor knownAt } }";

/// The query of the first change after a moment.
const CHANGE_AFTER: &str =
    "query ChangeAfter($after: Cursor!) { changes(first: 1, after: $after) { nodes { cursor } } }";

/// Labels by enum and value.
type Labels = HashMap<(String, String), String>;
/// The labels of each language, once they were read. They change only with the program.
static LABELS_READ: [OnceLock<Arc<Labels>>; 2] = [OnceLock::new(), OnceLock::new()];

/// A document that a page executed, as the reader sees it.
#[derive(Clone, Debug)]
pub struct Document {
    /// The document.
    pub text: &'static str,
    /// Its variables, as JSON.
    pub variables: String,
}

impl Document {
    /// The address of the console with this document.
    pub fn console(&self) -> String {
        let (text, variables) = (encoded(self.text), encoded(&self.variables));
        format!("/graphiql?query={text}&variables={variables}")
    }
}

/// The view from which a page was read.
#[derive(Clone, Debug, Default)]
pub struct Moment {
    /// The as-of date.
    pub as_of: String,
    /// The cursor of the moment.
    pub cursor: String,
    /// The instant of the last commit in the view.
    pub known_at: Option<String>,
}

/// The surroundings of a page, which each template shows around its own part.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The language of the page.
    pub language: Language,
    /// The texts that all pages share.
    pub words: Words,
    /// The path of the page, without extension.
    pub path: String,
    /// The parameters of the address.
    pub params: Params,
    /// The media type that the address asks for.
    pub media: Media,
    /// The person who signed in.
    pub person: Option<Person>,
    /// The URL under which readers reach the service, without a slash at its end.
    pub public_url: String,
    /// The contact of the operator: an e-mail address or a URL.
    pub contact: Option<String>,
    /// True if the GraphQL console is served.
    pub has_console: bool,
    /// The counter of touches of contributions, from which the notices of this page begin.
    pub touched: i64,
    /// The view of the data; `None` for pages without data.
    pub moment: Option<Moment>,
    /// The documents that were executed.
    pub documents: Vec<Document>,
    /// The reference to this page; `None` if it is not one of the data.
    pub citation: Option<Citation>,
    /// Media types in which the rows of this page exist besides, with their extension.
    pub alternates: Vec<(Media, &'static str)>,
    /// True if the page shows data of the person.
    pub is_personal: bool,
    /// The as-of date of the address, or of the moment that the address names.
    on: Option<String>,
    /// The moment of the address.
    at: Option<String>,
    labels: Arc<Labels>,
}

impl Frame {
    /// Reads address and language of a request.
    ///
    /// # Errors
    /// [`Refused`] if `on` is not a day, if `at` is not a moment, or if the labels cannot be read.
    pub async fn read(request: &PageRequest<'_>, ask: &mut dyn Ask) -> Result<Self, Refused> {
        let mut frame = Self::bare(request);
        frame.labels = labels(frame.language, ask).await?;
        if let Some(on) = frame.on.as_ref().filter(|on| !day::is_day(on)) {
            return Err(Refused::Wrong(frame.words.wrong_day(on)));
        }
        if let Some(at) = frame.params.get("at") {
            let commit = match commit(at, ask).await {
                Err(Refused::Input(_)) => Err(Refused::Wrong(frame.words.wrong_moment(at))),
                commit => commit,
            };
            let (cursor, day) = commit?;
            frame.at = Some(cursor);
            frame.on = frame.on.or(day);
        }
        Ok(frame)
    }

    /// Reads the view from the moment and the day that the path names, in place of those of the parameters.
    ///
    /// # Errors
    /// [`Refused`] if the moment cannot be read.
    pub async fn see(
        &mut self,
        cursor: &str,
        day: Option<&str>,
        ask: &mut dyn Ask,
    ) -> Result<(), Refused> {
        self.on = match day {
            Some(day) => Some(day.to_owned()),
            None => commit(cursor, ask).await?.1,
        };
        self.at = Some(cursor.to_owned());
        let params = self.params.with("on", self.on.as_deref());
        self.params = params.with("at", Some(cursor));
        Ok(())
    }

    /// The frame of a page that executes nothing: labels are missing.
    pub fn bare(request: &PageRequest<'_>) -> Self {
        let params = Params::read(request.query);
        let named = params.get("lang").and_then(Language::of);
        let language =
            named.unwrap_or_else(|| Language::preferred(request.accept_language.unwrap_or("")));
        let (path, media) = split_extension(request.path);
        Self {
            language,
            words: Words(language),
            // Two slashes would begin a link to another host.
            path: format!("/{}", path.trim_start_matches('/')),
            media,
            person: request.person.clone(),
            public_url: request.public_url.trim_end_matches('/').to_owned(),
            contact: request.contact.map(str::to_owned),
            has_console: request.has_console,
            touched: request.touched,
            moment: None,
            documents: Vec::new(),
            citation: None,
            alternates: Vec::new(),
            is_personal: request.person.is_some(),
            on: params.get("on").map(str::to_owned),
            at: None,
            labels: Arc::default(),
            params,
        }
    }

    /// The as-of date for `at(asOf:)`; `None` for today.
    pub fn on(&self) -> Option<String> {
        self.on.clone()
    }

    /// Makes this a page that always tells the present: it ignores `on` and `at`, and its links lead to the present.
    pub fn be_now(&mut self) {
        (self.on, self.at) = (None, None);
        self.params = self.params.with("on", None).with("at", None);
    }

    /// Makes this a page that depends on the moment, and on no day: it ignores `on`.
    pub fn be_without_day(&mut self) {
        self.on = None;
        self.params = self.params.with("on", None);
    }

    /// The cursor for `at(cursor:)`, which is the end of a commit; `None` for the newest moment.
    pub fn at(&self) -> Option<String> {
        self.at.clone()
    }

    /// The cursor of the moment that is shown, else the one that was asked for: a second document then reads the same.
    pub fn pinned(&self) -> Option<String> {
        let shown = self.moment.as_ref().map(|moment| moment.cursor.clone());
        shown.or(self.at())
    }

    /// The cursor of the first change after a moment. `changes(before:)` with it reads the log as it was at the moment,
    /// because `before` leaves out the change at its cursor. `None` if nothing changed since.
    ///
    /// # Errors
    /// [`Refused`] if the log cannot be read.
    pub async fn change_after(
        &self,
        ask: &mut dyn Ask,
        cursor: &str,
    ) -> Result<Option<String>, Refused> {
        let data: ChangesData = read(ask, CHANGE_AFTER, json!({ "after": cursor })).await?;
        let change = data.changes.nodes.into_iter().next();
        Ok(change.map(|change| change.cursor))
    }

    /// The codes of the languages in which names are asked for, the preferred one first.
    pub fn languages(&self) -> Vec<String> {
        let other = Language::ALL
            .into_iter()
            .filter(|one| *one != self.language);
        let codes = std::iter::once(self.language).chain(other);
        codes.map(|language| language.code().to_owned()).collect()
    }

    /// Executes the document of a page. It is shown below the page.
    ///
    /// # Errors
    /// [`Refused`] if it has errors.
    pub async fn query<Q: GraphQLQuery>(
        &mut self,
        ask: &mut dyn Ask,
        variables: Q::Variables,
    ) -> Result<Q::ResponseData, Refused> {
        let body = Q::build_query(variables);
        let variables = serde_json::to_value(body.variables).map_err(|_| Refused::Internal)?;
        self.documents.push(Document {
            text: body.query,
            variables: serde_json::to_string_pretty(&variables).unwrap_or_default(),
        });
        read(ask, body.query, variables).await
    }

    /// Executes a mutation, or a query that is not shown.
    ///
    /// # Errors
    /// [`Refused`] if it has errors.
    pub async fn execute<Q: GraphQLQuery>(
        &self,
        ask: &mut dyn Ask,
        variables: Q::Variables,
    ) -> Result<Q::ResponseData, Refused> {
        let body = Q::build_query(variables);
        let variables = serde_json::to_value(body.variables).map_err(|_| Refused::Internal)?;
        read(ask, body.query, variables).await
    }

    /// Executes a document with variables that a page makes as JSON, such as inputs of many kinds.
    ///
    /// # Errors
    /// [`Refused`] if it has errors.
    pub async fn execute_json<T: DeserializeOwned>(
        &self,
        ask: &mut dyn Ask,
        document: &str,
        variables: Value,
    ) -> Result<T, Refused> {
        read(ask, document, variables).await
    }

    /// Executes a document as [`Self::execute_json`] does, and shows it below the page.
    ///
    /// # Errors
    /// [`Refused`] if it has errors.
    pub async fn query_json<T: DeserializeOwned>(
        &mut self,
        ask: &mut dyn Ask,
        text: &'static str,
        variables: Value,
    ) -> Result<T, Refused> {
        self.documents.push(Document {
            text,
            variables: serde_json::to_string_pretty(&variables).unwrap_or_default(),
        });
        read(ask, text, variables).await
    }

    /// Answers with the JSON of a document as the service gives it.
    ///
    /// # Errors
    /// [`Refused`] if it was not executed.
    pub async fn json<Q: GraphQLQuery>(
        &self,
        ask: &mut dyn Ask,
        variables: Q::Variables,
    ) -> Result<Answer, Refused> {
        let body = Q::build_query(variables);
        let variables = serde_json::to_value(body.variables).map_err(|_| Refused::Internal)?;
        let reply = ask.ask(body.query, variables).await?;
        let text = String::from_utf8(reply.body.to_vec()).map_err(|_| Refused::Internal)?;
        Ok(Answer::of(Media::Json, text, self.lifetime()))
    }

    /// Answers with the JSON of a document about one thing, which a JSON pointer into the answer names.
    ///
    /// # Errors
    /// [`Refused`] if it was not executed, or if there is no such thing.
    pub async fn json_of<Q: GraphQLQuery>(
        &self,
        ask: &mut dyn Ask,
        variables: Q::Variables,
        thing: &str,
    ) -> Result<Answer, Refused> {
        let answer = self.json::<Q>(ask, variables).await?;
        let read: Value = serde_json::from_str(&answer.body).map_err(|_| Refused::Internal)?;
        if is_absent(&read, thing) {
            return Err(Refused::Absent(self.path.clone()));
        }
        Ok(answer)
    }

    /// Fills a template.
    ///
    /// # Errors
    /// [`Refused::Absent`] if the address asks for another media type than HTML.
    pub fn page(&self, template: &dyn askama::DynTemplate) -> Result<Answer, Refused> {
        if self.media != Media::Html {
            return Err(Refused::Absent(self.path.clone()));
        }
        let body = template.dyn_render().map_err(|_| Refused::Internal)?;
        Ok(Answer::of(Media::Html, body, self.lifetime()))
    }

    /// Fills the template of a drawing, for addresses that end in `.svg`.
    ///
    /// # Errors
    /// [`Refused::Internal`] if the template fails.
    pub fn drawing(&self, template: &dyn askama::DynTemplate) -> Result<Answer, Refused> {
        let body = template.dyn_render().map_err(|_| Refused::Internal)?;
        Ok(Answer::of(Media::Svg, body, self.lifetime()))
    }

    /// The time for which the page holds.
    pub fn lifetime(&self) -> Lifetime {
        if self.is_personal {
            Lifetime::Personal
        } else if self.params.has("at") {
            Lifetime::Forever
        } else {
            Lifetime::Revalidated
        }
    }

    /// The label of an enum value in the language of the page.
    pub fn label<E: EnumValue>(&self, value: &E) -> String {
        self.label_of(E::ENUM, value.value())
    }

    /// The label of an enum value by the name of the enum.
    pub fn label_of(&self, name: &str, value: &str) -> String {
        let key = (name.to_owned(), value.to_owned());
        let label = self.labels.get(&key).cloned();
        label.unwrap_or_else(|| value.to_owned())
    }

    /// The values of an enum with their labels, by label.
    pub fn values_of(&self, name: &str) -> Vec<(String, String)> {
        let labels = self.labels.iter().filter(|((known, _), _)| known == name);
        let mut values: Vec<_> = labels
            .map(|((_, value), label)| (value.clone(), label.clone()))
            .collect();
        country_list::sort(&mut values, |(_, label)| label);
        values
    }

    /// The key of a record id, which stands in addresses: `az` for `Country:az`.
    #[expect(clippy::unused_self, reason = "templates call it on the frame")]
    pub fn key<'a>(&self, record_id: &'a str) -> &'a str {
        record_id.split_once(':').map_or(record_id, |(_, key)| key)
    }

    /// The key of a treaty, which stands in addresses: `ETS-185` for `ETS 185`.
    #[expect(clippy::unused_self, reason = "templates call it on the frame")]
    pub fn treaty_key(&self, reference: &str) -> String {
        reference.replace(' ', "-")
    }

    /// The path of a treaty: `/treaties/ETS-185` for `ETS 185`.
    pub fn treaty_path(&self, reference: &str) -> String {
        format!("/treaties/{}", self.treaty_key(reference))
    }

    /// The colon after a text of the page: in French, a space that does not break stands before it.
    pub fn colon(&self) -> &'static str {
        match self.language {
            Language::English => ":",
            Language::French => "\u{a0}:",
        }
    }

    /// An EDTF date in words.
    pub fn date(&self, edtf: &str) -> String {
        date::in_words(edtf, self.language)
    }

    /// An EDTF date in words, as it stands in a sentence after a preposition: `le 1er juillet 2010` in French.
    pub fn day(&self, edtf: &str) -> String {
        let date = self.date(edtf);
        let is_day = edtf.len() == 10 && date != edtf && !edtf.contains('/');
        match self.language {
            Language::French if is_day => format!("le {date}"),
            _ => date,
        }
    }

    /// Words like `since 1 July 2010` for an EDTF date.
    pub fn since(&self, edtf: &str) -> String {
        date::since(edtf, self.language)
    }

    /// Words like `until 1 July 2010` for an EDTF date.
    pub fn until(&self, edtf: &str) -> String {
        date::until(edtf, self.language)
    }

    /// Words like `from 1 July 2010` for an EDTF date.
    pub fn from(&self, edtf: &str) -> String {
        date::from(edtf, self.language)
    }

    /// Words like `on 1 July 2010` or `in July 2010` for an EDTF date.
    pub fn on_date(&self, edtf: &str) -> String {
        date::on(edtf, self.language)
    }

    /// Words like `as of 1 July 2010` for an EDTF date.
    pub fn dated(&self, edtf: &str) -> String {
        date::as_of(edtf, self.language)
    }

    /// An instant in words.
    pub fn instant(&self, text: &str) -> String {
        date::instant(text, self.language)
    }

    /// The address of another page in the same view and language.
    pub fn href(&self, path: impl AsRef<str>) -> String {
        let path = path.as_ref();
        let kept = self.params.only(&["on", "at", "lang"]).query();
        match path.split_once('?') {
            Some((path, query)) if kept.is_empty() => format!("{path}?{query}"),
            Some((path, query)) => format!("{path}{kept}&{query}"),
            None => format!("{path}{kept}"),
        }
    }

    /// The address of the page of one thing: a path that ends with a slash, and the key of the thing.
    pub fn href_to(&self, path: &str, key: impl std::fmt::Display) -> String {
        self.href(format!("{path}{key}"))
    }

    /// The address of the page to sign in, which leads back to this one.
    pub fn sign_in(&self) -> String {
        self.href(format!("/sign-in?back={}", encoded(&self.here())))
    }

    /// The address of this page as it was asked for.
    pub fn here(&self) -> String {
        format!("{}{}", self.path, self.params.query())
    }

    /// The address of this page with one parameter changed; a blank value removes it.
    pub fn with(&self, name: &str, value: &str) -> String {
        let value = Some(value).filter(|value| !value.is_empty());
        format!("{}{}", self.path, self.params.with(name, value).query())
    }

    /// The address of this page with another extension.
    pub fn as_media(&self, extension: &str) -> String {
        format!("{}.{extension}{}", self.path, self.params.query())
    }

    /// Offers references to this page, by its title. The moment must be known.
    pub fn cite(&mut self, title: &str) {
        let Some(moment) = self.moment.clone() else {
            return;
        };
        let known_at = moment.known_at.unwrap_or_default();
        let own = self.params.with("on", None).with("at", None);
        let own = own.with("lang", None);
        let page = format!("{}{}", self.path, own.query());
        self.citation = Some(Citation {
            title: title.to_owned(),
            site: self.words.site().to_owned(),
            language: self.language.code(),
            address: self.permalink_of(&page),
            page,
            view: format!(
                "{}, {} {}",
                self.dated(&moment.as_of),
                self.words.known_at(),
                self.instant(&known_at)
            ),
            as_of: moment.as_of,
            cursor: moment.cursor,
            known_at,
        });
    }

    /// The address of this page as it is now, which never changes.
    pub fn permalink(&self) -> Option<String> {
        let moment = self.moment.as_ref()?;
        let params = self.params.with("on", Some(&moment.as_of));
        let params = params.with("at", Some(&moment.cursor));
        Some(format!(
            "{}{}{}",
            self.public_url,
            self.path,
            params.query()
        ))
    }

    /// The address of another page in this view and language, which never changes. The path may have parameters.
    pub fn permalink_of(&self, path: &str) -> String {
        let moment = self.moment.clone().unwrap_or_default();
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let params = Params::read(query).with("lang", Some(self.language.code()));
        let params = params.with("on", Some(&moment.as_of));
        let params = params.with("at", Some(&moment.cursor));
        format!("{}{path}{}", self.public_url, params.query())
    }

    /// The as-of date of the view.
    pub fn as_of(&self) -> &str {
        self.moment.as_ref().map_or("", |moment| &moment.as_of)
    }

    /// The address of a file of the program.
    #[expect(clippy::unused_self, reason = "templates call it on the frame")]
    pub fn asset(&self, name: &str) -> String {
        assets::address(name)
    }

    /// Parameters that a form to another page carries along.
    pub fn kept(&self, names: &[&str]) -> Vec<(String, String)> {
        self.params.only(names).pairs().to_vec()
    }

    /// Parameters that a form of this page carries along, besides those that it asks for itself.
    pub fn carried(&self, asked: &[&str]) -> Vec<(String, String)> {
        let pairs = self.params.pairs().iter();
        pairs
            .filter(|(name, value)| !asked.contains(&name.as_str()) && !value.trim().is_empty())
            .cloned()
            .collect()
    }
}

/// The end of the commit at a cursor, and its day: today would give another page tomorrow.
async fn commit(cursor: &str, ask: &mut dyn Ask) -> Result<(String, Option<String>), Refused> {
    let at = read::<MomentData>(ask, MOMENT, json!({ "at": cursor }))
        .await?
        .at;
    let known_at = at.known_at.unwrap_or_default();
    Ok((at.cursor, known_at.split('T').next().map(str::to_owned)))
}

/// True if a response without errors has null at a JSON pointer.
fn is_absent(response: &Value, pointer: &str) -> bool {
    response.get("errors").is_none() && response.pointer(pointer).is_some_and(Value::is_null)
}

/// Splits `.json` and the like from a path.
pub fn split_extension(path: &str) -> (&str, Media) {
    for (extension, media) in [
        (".json", Media::Json),
        (".csv", Media::Csv),
        (".svg", Media::Svg),
    ] {
        if let Some(path) = path.strip_suffix(extension) {
            return (path, media);
        }
    }
    (path, Media::Html)
}

#[derive(Deserialize)]
struct MomentData {
    at: SnapshotData,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SnapshotData {
    cursor: String,
    known_at: Option<String>,
}

#[derive(Deserialize)]
struct ChangesData {
    changes: ChangeNodes,
}

#[derive(Deserialize)]
struct ChangeNodes {
    nodes: Vec<ChangeNode>,
}

#[derive(Deserialize)]
struct ChangeNode {
    cursor: String,
}

#[derive(Deserialize)]
struct LabelsData {
    labels: Vec<Label>,
}

#[derive(Deserialize)]
struct Label {
    r#enum: String,
    value: String,
    text: String,
}

#[derive(Deserialize)]
struct Response<T> {
    data: Option<T>,
    #[serde(default)]
    errors: Vec<QueryError>,
}

/// Executes a document and reads its answer.
async fn read<T: DeserializeOwned>(
    ask: &mut dyn Ask,
    document: &str,
    variables: Value,
) -> Result<T, Refused> {
    let reply = ask.ask(document, variables).await?;
    let response: Response<T> =
        serde_json::from_slice(&reply.body).map_err(|_| Refused::Internal)?;
    match response.errors.into_iter().next() {
        Some(error) => Err(error.into()),
        None => response.data.ok_or(Refused::Internal),
    }
}

/// The labels of a language: read once.
async fn labels(language: Language, ask: &mut dyn Ask) -> Result<Arc<Labels>, Refused> {
    let [english, french] = &LABELS_READ;
    let slot = match language {
        Language::English => english,
        Language::French => french,
    };
    if let Some(labels) = slot.get() {
        return Ok(Arc::clone(labels));
    }
    let variables = json!({ "language": [language.code()] });
    let data: LabelsData = read(ask, LABELS, variables).await?;
    let labels = data.labels.into_iter();
    let labels = labels.map(|label| ((label.r#enum, label.value), label.text));
    Ok(Arc::clone(slot.get_or_init(|| Arc::new(labels.collect()))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thing_is_absent_if_the_whole_answer_has_null_for_it() {
        let thing = "/data/at/treaty";
        let nothing = json!({ "data": { "at": { "treaty": null } } });
        assert!(is_absent(&nothing, thing));
        let failed = json!({ "data": { "at": { "treaty": null } }, "errors": [{}] });
        assert!(!is_absent(&failed, thing));
        let found = json!({ "data": { "at": { "treaty": { "reference": "ETS 185" } } } });
        assert!(!is_absent(&found, thing));
        assert!(!is_absent(&json!({ "data": null }), thing));
    }
}
