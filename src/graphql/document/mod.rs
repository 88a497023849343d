//! What is done with the text of a request before it is executed: it is bounded before it is parsed,
//! because the parser recurses, and measured before it is validated, because fragments multiply.

use std::collections::{HashMap, HashSet};

use async_graphql::parser::parse_query;
use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, FragmentDefinition, OperationDefinition, OperationType,
    Selection, SelectionSet, VariableDefinition,
};
use async_graphql::{Name, Positioned, Request, ServerError, Variables};
use async_graphql_value::Value;
use sha2::{Digest, Sha256};

use super::limits::{Limits, size};

mod subscription;

use subscription::{place_variable, select_one};

/// An operation that may be executed, once or again and again.
#[derive(Clone)]
pub struct Document {
    /// What kind of operation it is.
    pub operation: OperationType,
    /// What it asks: equal for those who ask the same.
    pub question: Question,
    parsed: ExecutableDocument,
    variables: Variables,
}

/// What is asked, without what only says where in the log to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Question([u8; 32]);

impl Question {
    fn of(text: &str, operation_name: Option<&str>, variables: &Variables) -> Self {
        let mut hash = Sha256::new();
        // Variables came as JSON, or as what JSON is made of.
        let variables = serde_json::to_string(variables).unwrap_or_default();
        for part in [text, operation_name.unwrap_or_default(), &variables] {
            hash.update(part.len().to_be_bytes());
            hash.update(part);
        }
        Self(hash.finalize().into())
    }
}

fn refused(code: &str, message: impl Into<String>) -> ServerError {
    let mut error = ServerError::new(message, None);
    let mut extensions = async_graphql::ErrorExtensionValues::default();
    extensions.set("code", code);
    error.extensions = Some(extensions);
    error
}

fn too_complex(what: &str, limit: i32) -> ServerError {
    refused(
        "TOO_COMPLEX",
        format!("the request has more than {limit} {what}"),
    )
}

impl Document {
    /// Reads and bounds a request.
    ///
    /// # Errors
    /// `BAD_USER_INPUT` for what cannot be read, `TOO_COMPLEX` for what is over a limit.
    pub fn read(request: Request, limits: &Limits) -> Result<Self, ServerError> {
        scan(&request.query, limits)?;
        let mut document = parse_query(&request.query).map_err(|error| {
            let mut error = ServerError::from(error);
            let what = error
                .message
                .rsplit("= ")
                .next()
                .unwrap_or_default()
                .trim()
                .to_owned();
            let locations = std::mem::take(&mut error.locations);
            let error = refused(
                "BAD_USER_INPUT",
                format!("the document has a syntax error: {what}"),
            );
            ServerError { locations, ..error }
        })?;
        let (mut operation, others) =
            chosen(document.operations, request.operation_name.as_deref())?;
        let kind = operation.node.ty;
        measure(&operation.node, &document.fragments, limits)?;
        let spread = reached([&operation], &document.fragments);
        if kind == OperationType::Subscription {
            select_one(&mut operation.node, &document.fragments)?;
        }
        // The library walks every operation before it validates one: it gets only this, without the
        // fragments that only the others spread. One that nobody spreads is for it to name.
        let own = reached([&operation], &document.fragments);
        let foreign = reached(&others, &document.fragments);
        let is_kept =
            |name: &Name| own.contains(name) || !(foreign.contains(name) || spread.contains(name));
        document.fragments.retain(|name, _| is_kept(name));
        let mut lasting = request.variables.clone();
        if let Some(place) = place_variable(&operation.node, &request.query) {
            lasting.remove(&place);
        }
        document.operations = DocumentOperations::Single(operation);
        let given: HashSet<Name> = request.variables.keys().cloned().collect();
        drop_omitted(&mut document, &given);
        let name = request.operation_name.as_deref();
        let question = Question::of(&request.query, name, &lasting);
        Ok(Self {
            operation: kind,
            question,
            parsed: document,
            variables: request.variables,
        })
    }

    /// The request that executes it.
    pub fn request(self) -> Request {
        let mut request = Request::new("").variables(self.variables);
        request.set_parsed_query(self.parsed);
        request
    }
}

/// Bounds tokens and nesting of the raw text, in one pass.
fn scan(text: &str, limits: &Limits) -> Result<(), ServerError> {
    let (mut tokens, mut depth, mut in_word) = (0_usize, 0_usize, false);
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let taken = match first {
            '#' => rest.find(['\n', '\r']).unwrap_or(rest.len()),
            '"' => string_length(rest),
            _ => first.len_utf8(),
        };
        let is_word = first.is_alphanumeric() || first == '_';
        let is_gap = first.is_whitespace() || matches!(first, ',' | '#' | '\u{feff}');
        if !(is_gap || is_word && in_word) {
            tokens = tokens.saturating_add(1);
        }
        in_word = is_word;
        match first {
            '{' | '[' | '(' => depth = depth.saturating_add(1),
            '}' | ']' | ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > size(limits.max_nesting) {
            return Err(too_complex("nested brackets", limits.max_nesting));
        }
        if tokens > size(limits.max_tokens) {
            return Err(too_complex("tokens", limits.max_tokens));
        }
        rest = rest.get(taken..).unwrap_or_default();
    }
    Ok(())
}

/// How long the string is that a text begins with, quotes included, as the parser reads it: where a
/// block string has no end, its first two quotes are an empty string; a string ends with its line.
fn string_length(text: &str) -> usize {
    if let Some(body) = text.strip_prefix("\"\"\"") {
        let mut ends = body.match_indices("\"\"\"").map(|(at, _)| at);
        let unescaped = |at: &usize| !body.get(..*at).unwrap_or_default().ends_with('\\');
        return ends.find(unescaped).map_or(2, |at| at.saturating_add(6));
    }
    let mut escaped = false;
    for (at, letter) in text.char_indices().skip(1) {
        match letter {
            '"' if !escaped => return at.saturating_add(1),
            '\n' | '\r' => return at,
            _ => escaped = letter == '\\' && !escaped,
        }
    }
    text.len()
}

type Operation = Positioned<OperationDefinition>;

/// The operation that is executed, and the others.
fn chosen(
    operations: DocumentOperations,
    name: Option<&str>,
) -> Result<(Operation, Vec<Operation>), ServerError> {
    let (found, others) = match (operations, name) {
        (DocumentOperations::Single(operation), None) => (Some(operation), Vec::new()),
        (DocumentOperations::Multiple(all), None) if all.len() == 1 => {
            (all.into_values().next(), Vec::new())
        }
        (DocumentOperations::Multiple(mut all), Some(name)) => {
            (all.remove(name), all.into_values().collect())
        }
        _ => (None, Vec::new()),
    };
    let found = found.ok_or_else(|| {
        let message = match name {
            Some(name) => format!("the document has no operation {name}"),
            None => "`operationName` must say which operation to execute".to_owned(),
        };
        refused("BAD_USER_INPUT", message)
    })?;
    Ok((found, others))
}

/// The fragments that operations spread, directly or not.
fn reached<'a>(
    operations: impl IntoIterator<Item = &'a Operation>,
    fragments: &'a Fragments,
) -> HashSet<Name> {
    let mut reached = HashSet::new();
    let mut open: Vec<&SelectionSet> = operations
        .into_iter()
        .map(|operation| &operation.node.selection_set.node)
        .collect();
    while let Some(set) = open.pop() {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => open.push(&field.node.selection_set.node),
                Selection::InlineFragment(inline) => open.push(&inline.node.selection_set.node),
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    if reached.insert(name.clone())
                        && let Some(fragment) = fragments.get(name)
                    {
                        open.push(&fragment.node.selection_set.node);
                    }
                }
            }
        }
    }
    reached
}

/// What a selection set comes to, with fragments counted wherever they are spread.
#[derive(Clone, Copy, Default)]
struct Size {
    selections: usize,
    aliases: usize,
    fields_here: usize,
}

impl Size {
    fn add(self, other: Self) -> Self {
        Self {
            selections: self.selections.saturating_add(other.selections),
            aliases: self.aliases.saturating_add(other.aliases),
            fields_here: self.fields_here.saturating_add(other.fields_here),
        }
    }
}

impl Size {
    /// A spread counts too, even of nothing: whoever walks the document walks it.
    fn one_more(self) -> Self {
        Self {
            selections: self.selections.saturating_add(1),
            ..self
        }
    }
}

type Fragments = HashMap<Name, Positioned<FragmentDefinition>>;

struct Measure<'a> {
    fragments: &'a Fragments,
    known: HashMap<&'a str, Size>,
    open: HashSet<&'a str>,
}

fn measure(
    operation: &OperationDefinition,
    fragments: &Fragments,
    limits: &Limits,
) -> Result<(), ServerError> {
    let mut measure = Measure {
        fragments,
        known: HashMap::new(),
        open: HashSet::new(),
    };
    for name in fragments.keys() {
        measure.fragment(name)?;
    }
    let whole = measure.set(&operation.selection_set.node)?;
    let checks = [
        (
            whole.fields_here,
            limits.max_root_fields,
            "fields at its root",
        ),
        (whole.aliases, limits.max_aliases, "aliases"),
        (whole.selections, limits.max_selections, "selections"),
    ];
    for (found, limit, what) in checks {
        if found > size(limit) {
            return Err(too_complex(what, limit));
        }
    }
    Ok(())
}

impl<'a> Measure<'a> {
    fn fragment(&mut self, name: &'a str) -> Result<Size, ServerError> {
        if let Some(known) = self.known.get(name) {
            return Ok(*known);
        }
        // A fragment that does not exist is for the validation to name.
        let Some(fragment) = self.fragments.get(name) else {
            return Ok(Size::default());
        };
        if !self.open.insert(name) {
            let message = format!("the fragment {name} contains itself");
            return Err(refused("BAD_USER_INPUT", message));
        }
        let size = self.set(&fragment.node.selection_set.node)?;
        self.open.remove(name);
        self.known.insert(name, size);
        Ok(size)
    }

    fn set(&mut self, set: &'a SelectionSet) -> Result<Size, ServerError> {
        let mut whole = Size::default();
        for selection in &set.items {
            let part = match &selection.node {
                Selection::Field(field) => {
                    let below = self.set(&field.node.selection_set.node)?;
                    let aliases = usize::from(field.node.alias.is_some());
                    Size {
                        selections: below.selections.saturating_add(1),
                        aliases: below.aliases.saturating_add(aliases),
                        fields_here: 1,
                    }
                }
                Selection::InlineFragment(inline) => {
                    self.set(&inline.node.selection_set.node)?.one_more()
                }
                Selection::FragmentSpread(spread) => self
                    .fragment(spread.node.fragment_name.node.as_str())?
                    .one_more(),
            };
            whole = whole.add(part);
        }
        Ok(whole)
    }
}

/// Removes arguments whose value is a variable that was declared and not given, and the declaration
/// with them: the argument then has its default, as the specification says (`CoerceArgumentValues`).
fn drop_omitted(document: &mut ExecutableDocument, given: &HashSet<Name>) {
    let DocumentOperations::Single(operation) = &mut document.operations else {
        return;
    };
    let operation = &mut operation.node;
    let is_omitted = |variable: &VariableDefinition| {
        let has_value = variable.default_value.is_some() || given.contains(&variable.name.node);
        !has_value && variable.var_type.node.nullable
    };
    let declared = operation.variable_definitions.iter();
    let mut omitted = Omitted {
        names: declared
            .filter(|variable| is_omitted(&variable.node))
            .map(|variable| variable.node.name.node.clone())
            .collect(),
        used: HashSet::new(),
    };
    if omitted.names.is_empty() {
        return;
    }
    for fragment in document.fragments.values_mut() {
        omitted.strip(&mut fragment.node.selection_set.node);
    }
    omitted.strip(&mut operation.selection_set.node);
    operation
        .variable_definitions
        .retain(|variable| !omitted.used.contains(&variable.node.name.node));
}

/// The variables that were declared and not given.
struct Omitted {
    names: HashSet<Name>,
    /// Those that stood somewhere: one that stands nowhere is for the validation to name.
    used: HashSet<Name>,
}

impl Omitted {
    fn strip(&mut self, set: &mut SelectionSet) {
        for selection in &mut set.items {
            match &mut selection.node {
                Selection::Field(field) => {
                    field
                        .node
                        .arguments
                        .retain_mut(|(_, value)| self.keeps(&mut value.node));
                    self.strip(&mut field.node.selection_set.node);
                }
                Selection::InlineFragment(inline) => {
                    self.strip(&mut inline.node.selection_set.node);
                }
                Selection::FragmentSpread(_) => {}
            }
        }
    }

    /// Whether a value stays: an omitted variable does not, and members of objects that are one go.
    fn keeps(&mut self, value: &mut Value) -> bool {
        match value {
            Value::Variable(name) if self.names.contains(name) => {
                self.used.insert(name.clone());
                return false;
            }
            Value::Object(members) => members.retain(|_, member| self.keeps(member)),
            Value::List(elements) => {
                for element in elements {
                    if !self.keeps(element) {
                        *element = Value::Null;
                    }
                }
            }
            _ => {}
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Result<OperationType, String> {
        let document = Document::read(Request::new(query), &Limits::default());
        document
            .map(|document| document.operation)
            .map_err(|error| error.message)
    }

    #[test]
    fn the_raw_text_is_bounded_before_it_is_parsed() {
        let brackets =
            |count: usize| format!("{{ a(x: {}1{}) }}", "[".repeat(count), "]".repeat(count));
        assert_eq!(read(&brackets(62)), Ok(OperationType::Query));
        assert_eq!(
            read(&brackets(63)),
            Err("the request has more than 64 nested brackets".to_owned())
        );
        assert!(read(&brackets(100_000)).is_err());
        assert_eq!(
            read("{ a(x: \"[[[\\\"[\") b(y: \"\"\"[\\\"\"\"[\"\"\") } # [[["),
            Ok(OperationType::Query)
        );
        let tokens = |count: usize| format!("{{{}}}", " a".repeat(count));
        assert_eq!(
            read(&tokens(9_999)),
            Err("the request has more than 10000 tokens".to_owned())
        );
    }

    #[test]
    fn fragments_are_counted_wherever_they_are_spread() {
        let many = |count: usize, make: &dyn Fn(usize) -> String| {
            (0..count).map(make).collect::<Vec<_>>().join(" ")
        };
        let spreads = many(40, &|at| {
            let next = at + 1;
            format!("fragment f{at} on Query {{ ...f{next} ...f{next} }}")
        });
        let bomb = format!("{{ ...f0 }} {spreads} fragment f40 on Query {{ head {{ sequence }} }}");
        assert!(read(&bomb).unwrap_err().contains("more than"));
        let cycle = "{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }";
        assert!(read(cycle).unwrap_err().contains("contains itself"));
        let aliases = many(201, &|at| format!("a{at}: x"));
        assert!(
            read(&format!("{{ y {{ {aliases} }} }}"))
                .unwrap_err()
                .contains("200 aliases")
        );
        let roots = many(31, &|at| format!("x{at}"));
        assert!(
            read(&format!("{{ {roots} }}"))
                .unwrap_err()
                .contains("30 fields at its root")
        );
    }

    #[test]
    fn what_the_parser_reads_is_what_was_scanned() {
        let nest = "[".repeat(100_000);
        for hidden in ["\"\"\"x\"", "\"x\n", "\"\\\\\""] {
            let refused = read(&format!("{{ a(x: [{hidden}{nest}")).unwrap_err();
            assert!(
                refused.contains("64 nested brackets"),
                "{hidden}: {refused}"
            );
        }
        for whole in ["\"\"\"[[\"[[\"\"\"", "\"[\\\"[\"", "\"\""] {
            assert_eq!(
                read(&format!("{{ a(x: {whole}) }}")),
                Ok(OperationType::Query)
            );
        }
    }

    #[test]
    fn bombs_without_a_field_or_beside_the_operation_do_no_harm() {
        let spreads: Vec<String> = (0..40)
            .map(|at| format!("fragment f{at} on Query {{ ...f{0} ...f{0} }}", at + 1))
            .collect();
        let spreads = spreads.join(" ");
        let hollow = format!("{{ ...f0 }} {spreads}");
        assert!(read(&hollow).unwrap_err().contains("selections"));
        let beside = format!("query a {{ x }} query b {{ ...f0 }} {spreads}");
        let request = Request::new(beside).operation_name("a");
        let Ok(document) = Document::read(request, &Limits::default()) else {
            panic!("the small operation is in order");
        };
        let mut request = document.request();
        let kept = request
            .parsed_query()
            .map(|parsed| parsed.operations.iter().count());
        assert_eq!(kept.ok(), Some(1));
    }

    #[test]
    fn the_operation_must_be_named_where_there_are_several() {
        let two = "query a { x } mutation b { y }";
        assert!(read(two).unwrap_err().contains("operationName"));
        let request = Request::new(two).operation_name("b");
        let document = Document::read(request, &Limits::default()).map_err(|error| error.message);
        assert_eq!(
            document.map(|document| document.operation),
            Ok(OperationType::Mutation)
        );
    }
}
