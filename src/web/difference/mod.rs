//! The difference of two values of a field, for readers: texts word by word, enum values by their labels, dates in
//! words, lists element by element, references as links.
//!
//! The values are those of `FieldChange`, `FieldConflict` and `ProposedChange.fields`. [`references`] finds the records
//! that they name; [`names`] asks for their labels, which [`compare`] shows. The macro `difference` shows the result.

mod names;
mod value;
mod words;

use std::collections::{BTreeSet, HashMap};

use serde_json::{Map, Value};

use crate::frame::Frame;
use crate::word_diff::{self, Fate};
pub use names::names;
use value::Context;
pub use value::{is_record_id, path_of, screaming, screaming_type};
use words::Words;

/// Labels of records by their record ids.
pub type Names = HashMap<String, String>;

/// The difference of the two values of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The label of the field.
    pub label: String,
    /// One line for a single value, one for each element of a list.
    pub lines: Vec<Line>,
    /// Sentence about the elements that stand in both lists, or about their order.
    pub note: Option<String>,
    /// True if the field is a list.
    pub is_list: bool,
}

impl Difference {
    /// True if there is no value before and after.
    pub fn is_empty(&self) -> bool {
        self.lines.first().is_none_or(Vec::is_empty)
    }
}

/// The parts of one line.
pub type Line = Vec<Part>;

/// A part of a value, with one fate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The text.
    pub text: String,
    /// Its fate.
    pub fate: Fate,
    /// The path of the record that it names, or the web address that it is.
    pub link: Option<Link>,
    /// The language of the text, if it is another one than that of the page.
    pub language: Option<String>,
}

/// The target of a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Link {
    /// A path of this site.
    Inner(String),
    /// A web address of another site.
    Outer(String),
}

impl Part {
    fn plain(text: impl Into<String>, fate: Fate) -> Self {
        Self {
            text: text.into(),
            fate,
            link: None,
            language: None,
        }
    }

    /// True if the part stands in the old value alone.
    pub fn is_removed(&self) -> bool {
        self.fate == Fate::Removed
    }

    /// True if the part stands in the new value alone.
    pub fn is_added(&self) -> bool {
        self.fate == Fate::Added
    }
}

/// The record ids that a value names.
pub fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) if value::is_record_id(text) => {
            found.insert(text.clone());
        }
        Value::Array(elements) => elements.iter().for_each(|one| references(one, found)),
        Value::Object(fields) => fields.values().for_each(|one| references(one, found)),
        _ => {}
    }
}

/// Compares the two values of a field. `record_id` tells the kind of the record, `name` is the name of the field in the
/// schema. With the same value twice, the result is that value.
pub fn compare(
    frame: &Frame,
    names: &Names,
    record_id: &str,
    name: &str,
    before: Option<&Value>,
    after: Option<&Value>,
) -> Difference {
    let context = Context::new(frame, names, record_id);
    let words = Words(frame.language);
    let (before, after) = (given(before), given(after));
    let label = context.label(name);
    if let (Some(Value::Array(_)), _) | (_, Some(Value::Array(_))) = (before, after) {
        let (lines, note) = elements(&context, words, name, list(before), list(after));
        return Difference {
            label,
            lines,
            note,
            is_list: true,
        };
    }
    let line = match (before, after) {
        (Some(Value::Object(old)), Some(Value::Object(new))) => object(&context, name, old, new),
        _ => single(&context, name, before, after),
    };
    Difference {
        label,
        lines: vec![line],
        note: None,
        is_list: false,
    }
}

/// Compares two texts word by word; `None` for a text that does not exist.
pub fn of_texts(label: &str, before: Option<&str>, after: Option<&str>) -> Difference {
    let line = match (before, after) {
        (Some(before), Some(after)) => {
            let parts = word_diff::compare(before, after).into_iter();
            parts
                .map(|part| Part::plain(part.text, part.fate))
                .collect()
        }
        (Some(text), None) => vec![Part::plain(text, Fate::Removed)],
        (None, Some(text)) => vec![Part::plain(text, Fate::Added)],
        (None, None) => Vec::new(),
    };
    Difference {
        label: label.to_owned(),
        lines: vec![line],
        note: None,
        is_list: false,
    }
}

/// A value as one line of text, without links.
pub fn text(frame: &Frame, names: &Names, record_id: &str, name: &str, value: &Value) -> String {
    let found = compare(frame, names, record_id, name, Some(value), Some(value));
    let line = |line: Line| line.into_iter().map(|part| part.text).collect::<String>();
    let lines: Vec<String> = found.lines.into_iter().map(line).collect();
    lines.join("; ")
}

/// The value, if it is not null.
fn given(value: Option<&Value>) -> Option<&Value> {
    value.filter(|value| !value.is_null())
}

fn list(value: Option<&Value>) -> &[Value] {
    match value {
        Some(Value::Array(elements)) => elements,
        _ => &[],
    }
}

/// The parts of two values of which neither is a list.
fn single(context: &Context<'_>, name: &str, old: Option<&Value>, new: Option<&Value>) -> Line {
    if old == new {
        return old.map_or_else(Vec::new, |value| context.parts(name, value, Fate::Kept));
    }
    if let (Some(Value::String(old)), Some(Value::String(new))) = (old, new)
        && value::is_text(name)
    {
        let parts = word_diff::compare(old, new).into_iter();
        return parts
            .map(|part| Part::plain(part.text, part.fate))
            .collect();
    }
    let mut line = Vec::new();
    line.extend(
        old.into_iter()
            .flat_map(|old| context.parts(name, old, Fate::Removed)),
    );
    line.extend(
        new.into_iter()
            .flat_map(|new| context.parts(name, new, Fate::Added)),
    );
    line
}

/// The parts of two objects, field by field in the order of their names.
fn object(
    context: &Context<'_>,
    name: &str,
    old: &Map<String, Value>,
    new: &Map<String, Value>,
) -> Line {
    let fields: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let mut fields: Vec<&String> = fields.into_iter().collect();
    fields.sort_by_key(|field| value::rank(field));
    let language = new.get("language").or_else(|| old.get("language"));
    let language = language.and_then(Value::as_str);
    let mut line: Line = Vec::new();
    for field in fields {
        let path = format!("{name}.{field}");
        let mut parts = single(context, &path, given(old.get(field)), given(new.get(field)));
        if parts.is_empty() {
            continue;
        }
        if value::is_translated(field) {
            for part in &mut parts {
                part.language = language
                    .filter(|language| *language != context.language())
                    .map(str::to_owned);
            }
        }
        if !line.is_empty() {
            line.push(Part::plain("; ", Fate::Kept));
        }
        if !value::is_plain(field) {
            line.push(Part::plain(
                format!("{}: ", context.label(field)),
                Fate::Kept,
            ));
        }
        line.append(&mut parts);
    }
    line
}

/// The lines of two lists: elements that changed, went and came. Of elements that stand in both, only the number is
/// told, unless nothing else changed.
fn elements(
    context: &Context<'_>,
    words: Words,
    name: &str,
    old: &[Value],
    new: &[Value],
) -> (Vec<Line>, Option<String>) {
    let mut lost: Vec<&Value> = old.iter().collect();
    let mut come: Vec<&Value> = Vec::new();
    for element in new {
        match lost.iter().position(|one| *one == element) {
            Some(at) => {
                lost.remove(at);
            }
            None => come.push(element),
        }
    }
    if lost.is_empty() && come.is_empty() {
        let lines = new.iter().map(|one| context.parts(name, one, Fate::Kept));
        let note = (old != new).then(|| words.order_changed().to_owned());
        return (lines.collect(), note);
    }
    let kept = new.len().saturating_sub(come.len());
    let mut lines = Vec::new();
    for element in lost {
        let key = value::key(element);
        let successor = come
            .iter()
            .position(|one| key.is_some() && value::key(one) == key);
        match (element, successor.map(|at| come.remove(at))) {
            (Value::Object(old), Some(Value::Object(new))) => {
                lines.push(object(context, name, old, new));
            }
            _ => lines.push(context.parts(name, element, Fate::Removed)),
        }
    }
    lines.extend(
        come.into_iter()
            .map(|one| context.parts(name, one, Fate::Added)),
    );
    let note = match kept {
        0 => None,
        1 => Some(words.one_kept().to_owned()),
        more => Some(words.kept(more)),
    };
    (lines, note)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::site::PageRequest;

    fn bare() -> Frame {
        Frame::bare(&PageRequest::of("/", "lang=en"))
    }

    fn told(record_id: &str, name: &str, before: &Value, after: &Value) -> String {
        let frame = bare();
        let names = Names::from([("PolicyDocument:az-decree".to_owned(), "Decree".to_owned())]);
        let found = compare(&frame, &names, record_id, name, Some(before), Some(after));
        let lines = found.lines.into_iter().map(|line| {
            let parts = line.into_iter().map(|part| match part.fate {
                Fate::Kept => part.text,
                Fate::Removed => format!("[-{}-]", part.text),
                Fate::Added => format!("[+{}+]", part.text),
            });
            parts.collect::<String>()
        });
        let lines: Vec<String> = lines.chain(found.note).collect();
        lines.join(" | ")
    }

    #[test]
    fn values_are_compared_by_their_kind() {
        let document = "PolicyDocument:az-x";
        let told_date = told(document, "adoptedOn", &Value::Null, &json!("2014-04-02"));
        assert_eq!(told_date, "[+2 April 2014+]");
        let told_text = told(document, "summary", &json!("a b c"), &json!("a x c"));
        assert_eq!(told_text, "a [-b-][+x+] c");
        // Without labels, values stand as they are; whole values are compared.
        let told_enum = told(document, "status", &json!("IN_FORCE"), &json!("REPEALED"));
        assert_eq!(told_enum, "[-IN_FORCE-][+REPEALED+]");
        assert_eq!(told(document, "number", &json!("1"), &Value::Null), "[-1-]");
        assert_eq!(told(document, "number", &json!("1"), &json!("1")), "1");
        let reference = told(
            document,
            "issuer",
            &Value::Null,
            &json!("PolicyDocument:az-decree"),
        );
        assert_eq!(reference, "[+Decree+]");
        let flag = told(
            "Treaty:x",
            "entryIntoForceRule",
            &json!({"firstDayOfMonth": true}),
            &json!({"firstDayOfMonth": false}),
        );
        assert!(flag.ends_with("[-yes-][+no+]"), "{flag}");
    }

    #[test]
    fn lists_are_compared_by_element() {
        let country = "Country:az";
        let old = json!([{"language": "en", "text": "Azerbaijan"}, {"language": "az", "text": "Azerbaycan"}]);
        let new = json!([{"language": "en", "text": "Azerbaijan"}, {"language": "az", "text": "Azərbaycan"}, {"language": "de", "text": "Aserbaidschan"}]);
        assert_eq!(
            told(country, "names", &old, &new),
            "[-Azerbaycan-][+Azərbaycan+]; az | [+Aserbaidschan+][+; de+] | 1 other is unchanged"
        );
        let found = told(
            "CybersecurityBody:az-x",
            "functions",
            &json!(["TRAINING", "OVERSIGHT"]),
            &json!(["OVERSIGHT", "TRAINING"]),
        );
        assert_eq!(found, "OVERSIGHT | TRAINING | only the order changed");
        assert_eq!(told(country, "names", &json!([]), &Value::Null), "");
    }

    #[derive(askama::Template)]
    #[template(path = "difference/difference.html")]
    struct Shown {
        frame: Frame,
        one: Difference,
    }

    #[test]
    fn removed_and_added_parts_are_told_in_words() {
        let frame = bare();
        let (old, new) = (json!("see <b>"), json!("see http://example.org"));
        let one = compare(
            &frame,
            &Names::new(),
            "Source:x",
            "title",
            Some(&old),
            Some(&new),
        );
        let shown = askama::Template::render(&Shown {
            frame: frame.clone(),
            one,
        })
        .unwrap();
        assert!(
            shown.contains(
                "see <del><span class=\"hidden\">removed: </span>&#60;b&#62;</del> <ins>"
            ),
            "{shown}"
        );
        let new = json!("https://example.org/a");
        let one = compare(&frame, &Names::new(), "Source:x", "url", None, Some(&new));
        let shown = askama::Template::render(&Shown { frame, one }).unwrap();
        assert!(
            shown.contains("<a href=\"https://example.org/a\" rel=\"noopener noreferrer\">"),
            "{shown}"
        );
    }

    #[test]
    fn references_are_found_at_any_depth() {
        let mut found = BTreeSet::new();
        let value = json!([{"document": "PolicyDocument:az-decree", "quote": "Note: see 3"}, "Source:x", "http://example.org"]);
        references(&value, &mut found);
        let found: Vec<String> = found.into_iter().collect();
        assert_eq!(found, ["PolicyDocument:az-decree", "Source:x"]);
    }
}
