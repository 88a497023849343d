//! A document from its text to what is executed: it is scanned, because the parser recurses; parsed; measured, because
//! fragments multiply where it is judged; judged; and brought into a normal form.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, OperationDefinition, OperationType,
};
use async_graphql::{Name, Pos, Positioned, Request, ServerError, Variables};
use async_graphql_value::ConstValue;
use bluejay_core::AsIter;
use bluejay_core::executable::OperationDefinition as _;
use bluejay_parser::HasSpan as _;
use bluejay_parser::ast::executable as written;

use sha2::{Digest as _, Sha256};

use crate::document::persisted::Told;
use crate::engine::cache::{Bounded, bounded};
use crate::engine::error::failed;
use crate::engine::limits::Limits;
use domain::prose::cut;

mod cost;
mod declared;
mod fill;
mod judge;
mod measure;
mod merges;
mod nearest;
mod normal;
mod parse;
pub mod persisted;
mod personal;
mod scan;
mod schema;
mod source;
mod uses;
mod verdict;

use cost::Costs;
use declared::{Declared, complete};
use fill::fill;
use judge::{TOLD, judge};
use measure::measure;
use normal::{Conditions, Normal};
use parse::parse;
use personal::is_personal;
use scan::scan;
use schema::schema;
use source::Source;
use uses::{length, place_variable, uses};

/// The size of the documents that are kept, about, in bytes.
const KEPT: u64 = 4 * 1024 * 1024;
/// The size of what is kept of a document for each byte of its text, about, in bytes.
const PARSED: usize = 4;
/// The size of a field of a normal form, about, in bytes.
const FIELD: usize = 400;
/// How long the values of variables may be together, in bytes, that stand in several places: each has its own there.
const REPEATED: usize = 4 * 1024 * 1024;
/// The size of a document without its text, about, in bytes.
const BESIDE: usize = 2_000;

/// An operation that may be executed, once or again and again.
#[derive(Clone)]
pub struct Document {
    /// Its kind.
    pub operation: OperationType,
    /// Its question: equal for those who ask the same.
    pub question: Question,
    /// True where its answer may depend on who asks, or on more than the log.
    pub is_personal: bool,
    /// Its name; empty where it has none.
    pub name: Arc<str>,
    /// Its text, where that is kept once the document is found valid.
    pub told: Option<Told>,
    form: Arc<Form>,
    has_variables: bool,
    variables: Variables,
}

/// A request whose document is not executed.
pub struct Refused {
    /// The name of its operation; empty where it has none, or none that can be read.
    pub name: Arc<str>,
    /// Its faults.
    pub errors: Vec<ServerError>,
}

impl From<Vec<ServerError>> for Refused {
    fn from(errors: Vec<ServerError>) -> Self {
        let name = Arc::default();
        Self { name, errors }
    }
}

impl From<ServerError> for Refused {
    fn from(error: ServerError) -> Self {
        vec![error].into()
    }
}

/// A name for a document with its variables, but for the one that only says where in the log to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Question(Digest);

impl Question {
    /// A short name.
    pub fn number(&self) -> u64 {
        u64::from_be_bytes(self.0.first_chunk().copied().unwrap_or_default())
    }
}

/// A hash that stands for something longer.
pub type Digest = [u8; 32];

/// The hash of some parts in their order.
pub fn digest<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Digest {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

fn too_complex(what: &str, limit: i32) -> ServerError {
    failed(
        "TOO_COMPLEX",
        format!("the request has more than {limit} {what}"),
    )
}

/// A fault of a document, and where it is.
fn invalid(message: impl Into<String>, places: impl IntoIterator<Item = Pos>) -> ServerError {
    ServerError {
        locations: places.into_iter().take(TOLD).collect(),
        ..failed("BAD_USER_INPUT", message)
    }
}

/// The documents that were asked lately, judged and in their normal form.
pub struct Documents {
    known: Bounded<Digest, Arc<Known>>,
    forms: Bounded<Digest, Arc<Form>>,
    service: Digest,
}

impl Documents {
    /// Those that a service is asked, which is told from others by what answers depend on beside the question.
    pub fn of(service: Digest) -> Self {
        // Not at the cost of the first request.
        drop(schema());
        Self {
            known: bounded(KEPT, |_, known| {
                let fields = known.form.as_ref().map_or(0, |form| form.fields);
                weight(known.length, fields)
            }),
            forms: bounded(KEPT, |_, form| weight(form.length, form.fields)),
            service,
        }
    }

    /// Reads, bounds and judges a request; `suggests` tells names that are near to wrong ones.
    ///
    /// # Errors
    /// `BAD_USER_INPUT` for what cannot be read or is not valid, `TOO_COMPLEX` for what is over a limit.
    pub fn read(
        &self,
        request: Request,
        limits: &Limits,
        suggests: bool,
    ) -> Result<Document, Refused> {
        let (text, known) = self.known(&request, limits, suggests)?;
        let mut variables = request.variables;
        let place = known.place.as_ref();
        let place = place.and_then(|place| Some((place.clone(), variables.remove(place)?)));
        // Variables came as JSON, or as what JSON is made of.
        let lasting = serde_json::to_string(&variables).unwrap_or_default();
        variables.extend(place);
        complete(&known.declared, &mut variables, schema()?).map_err(|errors| Refused {
            name: Arc::clone(&known.name),
            errors,
        })?;
        let lengths = known.repeated.iter().map(|(name, uses)| {
            let length = variables.get(name).map_or(0, length);
            length.saturating_mul(*uses)
        });
        if lengths.fold(0, usize::saturating_add) > REPEATED {
            let message =
                "the values of variables that stand in several places are too long together";
            return Err(failed("TOO_COMPLEX", message).into());
        }
        let form = match &known.form {
            Some(form) => Arc::clone(form),
            None => self.form(&text, &known, &request.query, &variables, limits)?,
        };
        Ok(Document {
            operation: known.operation,
            question: Question(digest([self.service.as_slice(), &text, lasting.as_bytes()])),
            is_personal: form.is_personal,
            name: Arc::clone(&known.name),
            told: None,
            form,
            has_variables: !known.declared.is_empty(),
            variables,
        })
    }

    /// The kind of the operation that a request asks for, whatever its variables are.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn kind(&self, request: &Request, limits: &Limits) -> Result<OperationType, Refused> {
        let known = self.known(request, limits, false);
        known.map(|(_, known)| known.operation)
    }

    fn known(
        &self,
        request: &Request,
        limits: &Limits,
        suggests: bool,
    ) -> Result<(Digest, Arc<Known>), Refused> {
        let name = request.operation_name.as_deref();
        let text = digest([
            request.query.as_bytes(),
            name.unwrap_or_default().as_bytes(),
        ]);
        if let Some(known) = self.known.get(&text) {
            return Ok((text, known));
        }
        let known = Arc::new(Known::read(&request.query, name, limits, suggests)?);
        self.known.insert(text, Arc::clone(&known));
        Ok((text, known))
    }

    /// The normal form of a document that depends on some variables.
    fn form(
        &self,
        text: &Digest,
        known: &Known,
        query: &str,
        variables: &Variables,
        limits: &Limits,
    ) -> Result<Arc<Form>, Refused> {
        let mut conditions = Conditions::new();
        for name in &known.deciding {
            let Some(ConstValue::Boolean(holds)) = variables.get(name) else {
                let mut declared = known.declared.iter().filter(|one| one.name == *name);
                let place = declared.next().map(|one| one.place);
                let message = format!("${}: expected Boolean!, found null", cut(name));
                return Err(Refused {
                    name: Arc::clone(&known.name),
                    errors: vec![invalid(message, place)],
                });
            };
            conditions.insert(name.clone(), *holds);
        }
        let bits: Vec<u8> = conditions.values().map(|holds| u8::from(*holds)).collect();
        let key = digest([text.as_slice(), &bits]);
        if let Some(form) = self.forms.get(&key) {
            return Ok(form);
        }
        let name = (!known.name.is_empty()).then_some(&*known.name);
        let source = scan(query, limits)?;
        let document = parse(&source)?;
        let chosen = chosen(&document, name)?;
        let (form, _) = Form::of(&document, chosen, &source, conditions)?;
        let form = Arc::new(form);
        self.forms.insert(key, Arc::clone(&form));
        Ok(form)
    }

    /// How many are kept.
    pub fn len(&self) -> u64 {
        u64::try_from(self.known.len()).unwrap_or(u64::MAX)
    }
}

/// About how many bytes a document takes whose text has a length, and whose normal form so many fields.
fn weight(length: usize, fields: usize) -> usize {
    let text = length.saturating_mul(PARSED);
    let form = fields.saturating_mul(FIELD);
    text.saturating_add(form).saturating_add(BESIDE)
}

/// Reads a text as a document. It is judged when it is asked.
///
/// # Errors
/// Its first fault, and where that is.
pub fn readable(text: &str, limits: &Limits) -> Result<(), String> {
    let source = scan(text, limits).map_err(|error| located(&error))?;
    let faults = parse(&source).err().unwrap_or_default();
    faults.first().map_or(Ok(()), |error| Err(located(error)))
}

fn located(error: &ServerError) -> String {
    match error.locations.first() {
        Some(Pos { line, column }) => {
            format!("line {line}, column {column}: {}", error.message)
        }
        None => error.message.clone(),
    }
}

/// A document that was judged.
struct Known {
    operation: OperationType,
    name: Arc<str>,
    declared: Vec<Declared>,
    /// The variable that only says where in the log to go on.
    place: Option<Name>,
    /// The variables that decide what is selected.
    deciding: Vec<Name>,
    /// The variables that stand in several places, and in how many.
    repeated: Vec<(Name, usize)>,
    /// Its normal form, where no variable decides what that is.
    form: Option<Arc<Form>>,
    /// The length of its text, in bytes.
    length: usize,
}

impl Known {
    fn read(
        text: &str,
        name: Option<&str>,
        limits: &Limits,
        suggests: bool,
    ) -> Result<Self, Refused> {
        let source = scan(text, limits)?;
        let document = parse(&source)?;
        let fragments = fragments(&document);
        measure(&document, &fragments, &source, limits)?;
        let chosen = chosen(&document, name);
        let schema = schema()?;
        merges::bounded(&document, &fragments, schema)?;
        let judged = judge(&document, &fragments, &source, schema, suggests);
        judged.map_err(|errors| {
            let operation = chosen.as_ref().ok();
            let name = operation.and_then(|operation| operation.as_ref().name());
            let name = name.unwrap_or_default().into();
            Refused { name, errors }
        })?;
        let chosen = chosen?;
        let (form, deciding) = Form::of(&document, chosen, &source, Conditions::new())?;
        let operation = chosen.as_ref();
        let declared = operation.variable_definitions();
        let declared = each(declared);
        let place = match form.root.ty {
            OperationType::Subscription => place_variable(&form.root.selection_set.node),
            _ => None,
        };
        let declared: Vec<_> = declared
            .filter_map(|definition| Declared::of(definition, &source))
            .collect();
        let repeated = declared.iter().map(|one| {
            let uses = uses(&form.root.selection_set.node, &one.name);
            (one.name.clone(), uses)
        });
        Ok(Self {
            operation: form.root.ty,
            name: operation.name().unwrap_or_default().into(),
            repeated: repeated.filter(|(_, uses)| *uses > 1).collect(),
            declared,
            place,
            form: deciding.is_empty().then(|| Arc::new(form)),
            deciding,
            length: text.len(),
        })
    }
}

/// An operation in its normal form, which is executed.
struct Form {
    root: OperationDefinition,
    /// The type that it selects from.
    of: &'static str,
    is_personal: bool,
    /// The length of the text that it is of, in bytes.
    length: usize,
    /// How many fields it has.
    fields: usize,
    /// Its cost, once that was counted, where no variable changes it.
    cost: OnceLock<usize>,
}

impl Form {
    /// The normal form of an operation, and the variables whose values are missing to decide its conditions.
    fn of<'a>(
        document: &'a written::ExecutableDocument<'a>,
        operation: &'a written::OperationDefinition<'a>,
        source: &'a Source<'a>,
        conditions: Conditions,
    ) -> Result<(Self, Vec<Name>), ServerError> {
        let fragments = fragments(document);
        let schema = schema()?;
        let mut normal = Normal::new(&fragments, source, schema, conditions);
        let kind = operation.as_ref().operation_type();
        let ty = match kind {
            bluejay_core::OperationType::Query => OperationType::Query,
            bluejay_core::OperationType::Mutation => OperationType::Mutation,
            bluejay_core::OperationType::Subscription => OperationType::Subscription,
        };
        let set = normal.set(root_of(kind), &[operation.selection_set()])?;
        let place = operation.selection_set().span().byte_range().start;
        let form = Self {
            is_personal: is_personal(&set),
            of: root_of(kind),
            root: OperationDefinition {
                ty,
                variable_definitions: Vec::new(),
                directives: Vec::new(),
                selection_set: Positioned::new(set, source.position(place)),
            },
            length: source.text().len(),
            fields: normal.made(),
            cost: OnceLock::new(),
        };
        Ok((form, normal.missing()))
    }
}

impl Document {
    /// Its cost.
    pub fn cost(&self) -> usize {
        let count = || {
            let root = &self.form.root;
            let costs = schema().map(|schema| Costs {
                schema,
                variables: &self.variables,
            });
            costs.map_or(0, |costs| costs.of(self.form.of, &root.selection_set.node))
        };
        if self.has_variables {
            return count();
        }
        *self.form.cost.get_or_init(count)
    }

    /// The request that executes it.
    pub fn request(self) -> Request {
        let mut root = self.form.root.clone();
        if self.has_variables {
            fill(&mut root.selection_set.node, &self.variables);
        }
        let pos = root.selection_set.pos;
        let mut request = Request::new("");
        request.set_parsed_query(ExecutableDocument {
            operations: DocumentOperations::Single(Positioned::new(root, pos)),
            fragments: HashMap::new(),
        });
        request
    }
}

/// The type that an operation selects from.
fn root_of(operation: bluejay_core::OperationType) -> &'static str {
    match operation {
        bluejay_core::OperationType::Query => "Query",
        bluejay_core::OperationType::Mutation => "Mutation",
        bluejay_core::OperationType::Subscription => "Subscription",
    }
}

/// The fragments of a document, by their names.
type Fragments<'a> = HashMap<&'a str, &'a written::FragmentDefinition<'a>>;

fn fragments<'a>(document: &'a written::ExecutableDocument<'a>) -> Fragments<'a> {
    let all = document.fragment_definitions().iter();
    all.map(|fragment| (fragment.name().as_str(), fragment))
        .collect()
}

/// The parts of a list that may be left out.
fn each<'a, A: AsIter>(of: Option<&'a A>) -> impl Iterator<Item = &'a A::Item>
where
    A::Item: 'a,
{
    of.into_iter().flat_map(AsIter::iter)
}

/// The operation that is executed.
fn chosen<'a>(
    document: &'a written::ExecutableDocument<'a>,
    name: Option<&str>,
) -> Result<&'a written::OperationDefinition<'a>, ServerError> {
    let all = document.operation_definitions();
    let found = match (all, name) {
        ([only], None) => Some(only),
        (_, Some(name)) => all.iter().find(|one| one.as_ref().name() == Some(name)),
        _ => None,
    };
    found.ok_or_else(|| {
        let message = match name {
            Some(name) => format!("the document has no operation `{}`", cut(name)),
            None if all.is_empty() => "the document has no operation".to_owned(),
            None => "`operationName` must say which operation to execute".to_owned(),
        };
        failed("BAD_USER_INPUT", message)
    })
}

#[cfg(test)]
mod tests;
