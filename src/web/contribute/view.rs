//! The fields of a form as the template shows them: label, rule, value and faults.

use askama::Template;
use serde_json::Value;

use super::kind::{Field, Shape};
use super::words::Words;
use crate::difference::screaming;
use crate::frame::Frame;

/// A value among which a person chooses.
#[derive(Clone, Debug)]
pub struct Choice {
    /// The value.
    pub value: String,
    /// The label.
    pub label: String,
    /// True if it is chosen.
    pub is_chosen: bool,
}

/// A fault, as it is shown.
#[derive(Clone, Debug)]
pub struct Fault {
    /// The sentence.
    pub text: String,
    /// True if it is the service's, in English.
    pub is_english: bool,
}

/// The control of a field.
#[derive(Clone, Debug)]
pub enum Control {
    /// One line, of an HTML input type, with the id of a list of suggestions.
    Input(&'static str, &'static str),
    /// Several lines.
    Area,
    /// One of several values.
    Select(Vec<Choice>),
    /// Any of several values.
    Checks(Vec<Choice>),
    /// A mark.
    Flag(bool),
    /// Rows of fields.
    Rows(Vec<Vec<FieldView>>),
    /// One group of fields.
    Group(Vec<FieldView>),
}

/// A field as it is shown.
#[derive(Clone, Debug, Template)]
#[template(path = "contribute/field.html")]
pub struct FieldView {
    /// The name in the form.
    pub name: String,
    /// The label.
    pub label: String,
    /// The rule, in a sentence.
    pub rule: String,
    /// The text of an input or an area.
    pub value: String,
    /// The control.
    pub control: Control,
    /// The faults.
    pub errors: Vec<Fault>,
    /// True if the field must be filled.
    pub is_required: bool,
    /// True if the field is shown among the further ones.
    pub is_further: bool,
    /// True if the cursor goes here.
    pub has_focus: bool,
    words: Words,
}

impl FieldView {
    /// The field as HTML.
    pub fn html(&self) -> String {
        self.render().unwrap_or_default()
    }

    /// The id of its control.
    pub fn id(&self) -> String {
        self.name.replace('.', "-")
    }

    /// The ids of the texts that describe it.
    pub fn described_by(&self) -> String {
        let mut ids = Vec::new();
        if !self.rule.is_empty() {
            ids.push(format!("{}-rule", self.id()));
        }
        if !self.errors.is_empty() {
            ids.push(format!("{}-error", self.id()));
        }
        ids.join(" ")
    }

    /// The fields inside.
    fn inner(&mut self) -> Box<dyn Iterator<Item = &mut Self> + '_> {
        match &mut self.control {
            Control::Rows(rows) => Box::new(rows.iter_mut().flatten()),
            Control::Group(fields) => Box::new(fields.iter_mut()),
            _ => Box::new(std::iter::empty()),
        }
    }

    /// True if the field, or one inside, has a fault.
    pub fn is_wrong(&self) -> bool {
        let inner = match &self.control {
            Control::Rows(rows) => rows.iter().flatten().any(Self::is_wrong),
            Control::Group(fields) => fields.iter().any(Self::is_wrong),
            _ => false,
        };
        inner || !self.errors.is_empty()
    }

    /// True if the field, or one inside, has a value.
    pub fn is_filled(&self) -> bool {
        match &self.control {
            Control::Select(choices) | Control::Checks(choices) => choices
                .iter()
                .any(|choice| choice.is_chosen && !choice.value.is_empty()),
            Control::Flag(is_set) => *is_set,
            Control::Rows(rows) => rows.iter().flatten().any(Self::is_filled),
            Control::Group(fields) => fields.iter().any(Self::is_filled),
            Control::Input(..) | Control::Area => !self.value.is_empty(),
        }
    }

    /// Adds a fault to the field with a name. Returns false if it is neither this one nor inside.
    pub fn add_error(&mut self, name: &str, fault: &Fault) -> bool {
        if self.name == name {
            self.errors.push(fault.clone());
            return true;
        }
        let prefix = format!("{}.", self.name);
        let leads_here = name.starts_with(&prefix);
        leads_here && self.inner().any(|field| field.add_error(name, fault))
    }

    /// The first field with a fault: its id and label.
    pub fn first_wrong(&self) -> Option<(String, String)> {
        if !self.errors.is_empty() {
            return Some((self.first_control(), self.label.clone()));
        }
        match &self.control {
            Control::Rows(rows) => rows.iter().flatten().find_map(Self::first_wrong),
            Control::Group(fields) => fields.iter().find_map(Self::first_wrong),
            _ => None,
        }
    }

    /// The id of the first control of a field.
    fn first_control(&self) -> String {
        match &self.control {
            Control::Rows(rows) => {
                let first = rows.iter().flatten().next();
                first.map_or_else(|| self.id(), Self::first_control)
            }
            Control::Group(fields) => fields
                .first()
                .map_or_else(|| self.id(), Self::first_control),
            Control::Checks(_) => format!("{}-0", self.id()),
            _ => self.id(),
        }
    }

    /// True if the cursor goes to this field, or to one inside.
    pub fn leads(&self) -> bool {
        let inner = match &self.control {
            Control::Rows(rows) => rows.iter().flatten().any(Self::leads),
            Control::Group(fields) => fields.iter().any(Self::leads),
            _ => false,
        };
        inner || self.has_focus
    }

    /// Moves the cursor to the first control of the first wrong field.
    pub fn focus_first(&mut self) -> bool {
        if !self.errors.is_empty() {
            self.focus();
            return true;
        }
        self.inner().any(Self::focus_first)
    }

    /// Moves the cursor to the first control of this field.
    pub fn focus(&mut self) {
        if matches!(self.control, Control::Rows(_) | Control::Group(_)) {
            if let Some(first) = self.inner().next() {
                first.focus();
            }
        } else {
            self.has_focus = true;
        }
    }
}

/// Makes the views of fields.
pub struct Views<'a> {
    /// The page, for labels.
    pub frame: &'a Frame,
    /// The texts.
    pub words: Words,
    /// Empty rows after those with values.
    pub empty_rows: usize,
    /// True if required fields are marked: for new records.
    pub marks_required: bool,
}

impl Views<'_> {
    /// The views of the fields of an object. `prefix` ends with a dot.
    pub fn all(&self, fields: &[Field], value: &Value, prefix: &str) -> Vec<FieldView> {
        let fields = fields.iter();
        let views = fields.map(|field| {
            let name = format!("{prefix}{}", field.name);
            self.one(field, value.get(field.name), name)
        });
        views.collect()
    }

    fn one(&self, field: &Field, value: Option<&Value>, name: String) -> FieldView {
        let label = match field.label {
            Some(label) => label(&self.words).to_owned(),
            None => self.frame.label_of("RecordField", &screaming(field.name)),
        };
        // A row may stay empty, so its fields are not marked.
        let is_required = field.is_required && self.marks_required && field.label.is_none();
        let rule = self.rule(field.shape);
        let rule = match (is_required, rule.is_empty()) {
            (true, true) => self.words.required().to_owned(),
            (true, false) => format!("{} {rule}", self.words.required()),
            _ => rule.to_owned(),
        };
        FieldView {
            control: self.control(field.shape, value, &name),
            value: written(field.shape, value),
            name,
            label,
            rule,
            errors: Vec::new(),
            is_required,
            is_further: field.is_further,
            has_focus: false,
            words: self.words,
        }
    }

    fn control(&self, shape: Shape, value: Option<&Value>, name: &str) -> Control {
        match shape {
            Shape::Line | Shape::Date | Shape::WordList | Shape::FieldList | Shape::Language => {
                Control::Input("text", "")
            }
            Shape::Number => Control::Input("text", ""),
            Shape::Day => Control::Input("date", ""),
            Shape::Address => Control::Input("url", ""),
            Shape::Country => Control::Input("text", "countries"),
            Shape::Treaty => Control::Input("text", "treaties"),
            Shape::Record => Control::Input("text", "records"),
            Shape::Source => Control::Input("text", "sources"),
            Shape::Text | Shape::Markdown | Shape::Lines | Shape::Records => Control::Area,
            Shape::Choice(of) => {
                let chosen = value.and_then(Value::as_str).unwrap_or_default();
                let none = Choice {
                    value: String::new(),
                    label: self.words.not_chosen().to_owned(),
                    is_chosen: chosen.is_empty(),
                };
                let mut choices = vec![none];
                choices.extend(self.choices(of, &[chosen]));
                Control::Select(choices)
            }
            Shape::Choices(of) => {
                let chosen = value.and_then(Value::as_array);
                let chosen: Vec<&str> = chosen
                    .into_iter()
                    .flatten()
                    .filter_map(Value::as_str)
                    .collect();
                Control::Checks(self.choices(of, &chosen))
            }
            Shape::Flag => Control::Flag(value.and_then(Value::as_bool).unwrap_or(false)),
            Shape::Rows(fields) => self.rows(fields, value, name),
            Shape::One(fields) => {
                let value = value.unwrap_or(&Value::Null);
                let plain = Views {
                    marks_required: false,
                    ..*self
                };
                Control::Group(plain.all(fields, value, &format!("{name}.")))
            }
        }
    }

    /// Rows of fields, with empty ones at the end.
    pub fn rows(&self, fields: &[Field], value: Option<&Value>, name: &str) -> Control {
        let rows = value.and_then(Value::as_array).cloned().unwrap_or_default();
        let empty = self.empty_rows.max(usize::from(rows.is_empty()));
        let empty = std::iter::repeat_n(Value::Null, empty);
        let rows = rows.into_iter().chain(empty).enumerate();
        let rows = rows.map(|(number, row)| self.all(fields, &row, &format!("{name}.{number}.")));
        Control::Rows(rows.collect())
    }

    fn choices(&self, of: &str, chosen: &[&str]) -> Vec<Choice> {
        let mut values = self.frame.values_of(of);
        for value in chosen.iter().filter(|value| !value.is_empty()) {
            if !values.iter().any(|(known, _)| known == value) {
                values.push(((*value).to_owned(), (*value).to_owned()));
            }
        }
        let choice = |(value, label): (String, String)| Choice {
            is_chosen: chosen.contains(&value.as_str()),
            value,
            label,
        };
        values.into_iter().map(choice).collect()
    }

    fn rule(&self, shape: Shape) -> &'static str {
        match shape {
            Shape::Date => self.words.rule_date(),
            Shape::Day => self.words.rule_day(),
            Shape::Address => self.words.rule_address(),
            Shape::Language => self.words.rule_language(),
            Shape::Country => self.words.rule_country(),
            Shape::Treaty => self.words.rule_treaty(),
            Shape::Record => self.words.rule_record(),
            Shape::Records => self.words.rule_records(),
            Shape::Source => self.words.rule_source(),
            Shape::Lines => self.words.rule_lines(),
            Shape::WordList => self.words.rule_words(),
            Shape::FieldList => self.words.rule_fields(),
            Shape::Markdown => self.words.rule_markdown(),
            Shape::Number => self.words.rule_number(),
            Shape::Line
            | Shape::Text
            | Shape::Choice(_)
            | Shape::Choices(_)
            | Shape::Flag
            | Shape::Rows(_)
            | Shape::One(_) => "",
        }
    }
}

/// A field with one control that belongs to no record, such as the title of a proposal.
pub fn single(
    words: Words,
    name: &str,
    label: &str,
    rule: String,
    value: &str,
    control: Control,
) -> FieldView {
    FieldView {
        name: name.to_owned(),
        label: label.to_owned(),
        rule,
        value: value.to_owned(),
        control,
        errors: Vec::new(),
        is_required: true,
        is_further: false,
        has_focus: false,
        words,
    }
}

/// A value as the text of an input.
fn written(shape: Shape, value: Option<&Value>) -> String {
    match (shape, value) {
        (_, Some(Value::String(text))) => text.clone(),
        (_, Some(Value::Number(number))) => number.to_string(),
        (Shape::Lines | Shape::Records, Some(Value::Array(list))) => joined(list, "\n"),
        (Shape::WordList | Shape::FieldList, Some(Value::Array(list))) => joined(list, ", "),
        _ => String::new(),
    }
}

fn joined(list: &[Value], by: &str) -> String {
    let texts: Vec<&str> = list.iter().filter_map(Value::as_str).collect();
    texts.join(by)
}
