//! Documents from text to execution, in five steps. `scan` bounds the raw text, because the parser recurses. `parse`
//! parses it. `measure` bounds it with fragments expanded, because validation walks a fragment again at each spread.
//! `validate` validates it. `normal` brings it into its normal form.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, OperationType, Selection, SelectionSet,
};
use async_graphql::{Name, Positioned, Request, ServerError, Variables};
use async_graphql_value::ConstValue;
use bluejay_core::executable::OperationDefinition as _;

use crate::document::persisted::SentDocument;
use crate::engine::cache::{Bounded, bounded, size_of};
use crate::engine::error::failed;
use crate::engine::limits::Limits;
use crate::engine::stats::CacheSize;
use domain::text_rules::truncate;

mod cost;
mod declared;
mod fault;
mod fill;
mod form;
mod measure;
mod merges;
mod messages;
mod names;
mod normal;
mod parse;
mod parts;
pub mod persisted;
mod personal;
mod question;
mod scan;
mod schema;
mod selects;
mod source;
mod uses;
mod validate;
mod verdict;

use cost::Costs;
use declared::{Declared, complete};
use fault::invalid;
use fill::fill;
use form::Form;
use measure::measure;
use normal::Conditions;
use parse::parse;
use parts::{chosen, each, fragments};
use scan::scan;
use schema::{Schema, schema, subgraph};
use uses::{cursor_variable, length, uses};
use validate::validate;

pub use fault::RefusedDocument;
pub use parts::SEVERAL_OPERATIONS;
pub use question::{Digest, Question, digest};

/// Maximum size of the document cache, in bytes, approximate. The cache of normal forms may have the same size.
const CACHE_BYTES: u64 = 4 * 1024 * 1024;
/// Size in memory of a parsed document for each byte of its text, approximate, in bytes.
const PARSED_BYTES_PER_BYTE: usize = 4;
/// Size in memory of a field of a normal form, approximate, in bytes.
const FIELD_BYTES: usize = 400;
/// Maximum total size of the values of variables that are used in several places, in bytes. The normal form contains a
/// copy in each place.
const MAX_REPEATED_BYTES: usize = 4 * 1024 * 1024;
/// Size in memory of a cached document without its text, approximate, in bytes.
const ENTRY_OVERHEAD: usize = 2_000;

/// A valid operation with its variables, which can be executed any number of times.
#[derive(Clone)]
pub struct Document {
    /// Its kind.
    pub operation: OperationType,
    /// Its question: equal for equal operations with equal variables.
    pub question: Question,
    /// True if its answer may depend on the viewer, or on data that changes without the change log.
    pub is_personal: bool,
    /// True if it selects `Change.latest`: its answer about one change differs when the log has grown.
    pub selects_latest: bool,
    /// Its name; empty if it has none.
    pub name: Arc<str>,
    /// Its text, if that is to be stored under its hash (automatic persisted queries).
    pub sent: Option<SentDocument>,
    form: Arc<Form>,
    has_variables: bool,
    variables: Variables,
    schema: &'static Schema,
}

/// The document cache: valid documents and their normal forms.
pub struct Documents {
    parsed: Bounded<Digest, Arc<ParsedDocument>>,
    forms: Bounded<Digest, Arc<Form>>,
    service: Digest,
    schema: fn() -> Result<&'static Schema, ServerError>,
}

impl Documents {
    /// Creates the document cache of one service. `service` is a hash of everything except the question on which
    /// answers depend; it is part of every question.
    pub fn of(service: Digest) -> Self {
        Self::new(service, schema)
    }

    /// Creates the document cache of a subgraph, as [`Self::of`].
    pub fn of_subgraph(service: Digest) -> Self {
        Self::new(service, subgraph)
    }

    fn new(service: Digest, schema: fn() -> Result<&'static Schema, ServerError>) -> Self {
        // Parses the schema now, not at the first request.
        drop(schema());
        Self {
            parsed: bounded(CACHE_BYTES, |_, parsed| {
                let fields = parsed.form.as_ref().map_or(0, |form| form.fields);
                weight(parsed.length, fields)
            }),
            forms: bounded(CACHE_BYTES, |_, form| weight(form.length, form.fields)),
            service,
            schema,
        }
    }

    /// Reads the document of a request: bounds and validates it, and checks the values of its variables. With
    /// `suggests`, errors list names similar to an unknown one.
    ///
    /// # Errors
    /// `BAD_USER_INPUT` for a document or variable that is not valid, `TOO_COMPLEX` for one above a limit.
    pub fn read(
        &self,
        request: Request,
        limits: &Limits,
        suggests: bool,
    ) -> Result<Document, RefusedDocument> {
        let schema = (self.schema)()?;
        let (text, parsed) = self.parsed(&request, limits, suggests)?;
        let mut variables = request.variables;
        let cursor_variable = parsed.cursor_variable.as_ref();
        let cursor_variable =
            cursor_variable.and_then(|name| Some((name.clone(), variables.remove(name)?)));
        // Variables are read from JSON, so they can be written as JSON.
        let lasting_variables = serde_json::to_string(&variables).unwrap_or_default();
        variables.extend(cursor_variable);
        complete(&parsed.declared, &mut variables, schema, suggests).map_err(|errors| {
            RefusedDocument {
                name: Arc::clone(&parsed.name),
                errors,
            }
        })?;
        let lengths = parsed.repeated.iter().map(|(name, uses)| {
            let length = variables.get(name).map_or(0, length);
            length.saturating_mul(*uses)
        });
        if lengths.fold(0, usize::saturating_add) > MAX_REPEATED_BYTES {
            let message =
                "the values of variables that are used in several places are too long in total";
            return Err(failed("TOO_COMPLEX", message).into());
        }
        let form = match &parsed.form {
            Some(form) => Arc::clone(form),
            None => self.form(&text, &parsed, &request.query, &variables, limits)?,
        };
        Ok(Document {
            operation: parsed.operation,
            question: Question(digest([
                self.service.as_slice(),
                &text,
                lasting_variables.as_bytes(),
            ])),
            is_personal: form.is_personal,
            selects_latest: form.selects_latest,
            name: Arc::clone(&parsed.name),
            sent: None,
            form,
            has_variables: !parsed.declared.is_empty(),
            variables,
            schema,
        })
    }

    /// The kind of the operation in a request. Ignores the variables.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn kind(
        &self,
        request: &Request,
        limits: &Limits,
    ) -> Result<OperationType, RefusedDocument> {
        let parsed = self.parsed(request, limits, false);
        parsed.map(|(_, parsed)| parsed.operation)
    }

    /// Returns the document from the cache, or reads it. Also returns the hash of text and operation name.
    fn parsed(
        &self,
        request: &Request,
        limits: &Limits,
        suggests: bool,
    ) -> Result<(Digest, Arc<ParsedDocument>), RefusedDocument> {
        let name = request.operation_name.as_deref();
        let text = digest([
            request.query.as_bytes(),
            name.unwrap_or_default().as_bytes(),
        ]);
        if let Some(parsed) = self.parsed.get(&text) {
            return Ok((text, parsed));
        }
        let parsed = Arc::new(ParsedDocument::read(
            &request.query,
            name,
            limits,
            suggests,
            (self.schema)()?,
        )?);
        self.parsed.insert(text, Arc::clone(&parsed));
        Ok((text, parsed))
    }

    /// The normal form of a document whose conditions (`@skip`, `@include`) depend on variables. One is cached for
    /// each combination of their values.
    fn form(
        &self,
        text: &Digest,
        parsed: &ParsedDocument,
        query: &str,
        variables: &Variables,
        limits: &Limits,
    ) -> Result<Arc<Form>, RefusedDocument> {
        let mut conditions = Conditions::new();
        for name in &parsed.deciding {
            let Some(ConstValue::Boolean(holds)) = variables.get(name) else {
                let mut declared = parsed.declared.iter().filter(|one| one.name == *name);
                let place = declared.next().map(|one| one.place);
                let message = format!("${}: expected Boolean!, found null", truncate(name));
                return Err(RefusedDocument {
                    name: Arc::clone(&parsed.name),
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
        let name = (!parsed.name.is_empty()).then_some(&*parsed.name);
        let source = scan(query, limits)?;
        let document = parse(&source)?;
        let chosen = chosen(&document, name)?;
        let (form, _) = Form::of(&document, chosen, &source, conditions, (self.schema)()?)?;
        let form = Arc::new(form);
        self.forms.insert(key, Arc::clone(&form));
        Ok(form)
    }

    /// The size of documents and normal forms together.
    pub fn size(&self) -> CacheSize {
        let (parsed, forms) = (size_of(&self.parsed), size_of(&self.forms));
        CacheSize {
            bytes: parsed.bytes.saturating_add(forms.bytes),
            max_bytes: parsed.max_bytes.saturating_add(forms.max_bytes),
        }
    }

    /// Number of documents in the cache.
    pub fn len(&self) -> u64 {
        u64::try_from(self.parsed.len()).unwrap_or(u64::MAX)
    }
}

/// Size in memory of a document with a text of `length` bytes and a normal form of `fields` fields, approximate, in
/// bytes.
fn weight(length: usize, fields: usize) -> usize {
    let text = length.saturating_mul(PARSED_BYTES_PER_BYTE);
    let form = fields.saturating_mul(FIELD_BYTES);
    text.saturating_add(form).saturating_add(ENTRY_OVERHEAD)
}

/// A valid document, as it is cached.
struct ParsedDocument {
    operation: OperationType,
    name: Arc<str>,
    declared: Vec<Declared>,
    /// The variable that is used only as the cursor after which a subscription continues. It is not part of the
    /// question.
    cursor_variable: Option<Name>,
    /// The variables that decide `@skip` and `@include`.
    deciding: Vec<Name>,
    /// The variables that are used in several places, with the number of places.
    repeated: Vec<(Name, usize)>,
    /// Its normal form, unless variables decide conditions.
    form: Option<Arc<Form>>,
    /// Length of its text, in bytes.
    length: usize,
}

impl ParsedDocument {
    fn read(
        text: &str,
        name: Option<&str>,
        limits: &Limits,
        suggests: bool,
        schema: &'static Schema,
    ) -> Result<Self, RefusedDocument> {
        let source = scan(text, limits)?;
        let document = parse(&source)?;
        let fragments = fragments(&document);
        measure(&document, &fragments, &source, limits)?;
        let chosen = chosen(&document, name);
        merges::bounded(&document, &fragments, schema)?;
        let validated = validate(&document, &fragments, &source, schema, suggests);
        validated.map_err(|errors| {
            let operation = chosen.as_ref().ok();
            let name = operation.and_then(|operation| operation.as_ref().name());
            let name = name.unwrap_or_default().into();
            RefusedDocument { name, errors }
        })?;
        let chosen = chosen?;
        let (form, deciding) = Form::of(&document, chosen, &source, Conditions::new(), schema)?;
        let operation = chosen.as_ref();
        let declared = operation.variable_definitions();
        let declared = each(declared);
        let cursor_variable = match form.root.ty {
            OperationType::Subscription => cursor_variable(&form.root.selection_set.node),
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
            cursor_variable,
            form: deciding.is_empty().then(|| Arc::new(form)),
            deciding,
            length: text.len(),
        })
    }
}

impl Document {
    /// Its cost, with the values of its variables.
    pub fn cost(&self) -> usize {
        let count = || {
            let costs = Costs {
                schema: self.schema,
                variables: &self.variables,
                is_metered: self.operation == OperationType::Query,
            };
            costs.of(self.form.of, &self.form.root.selection_set.node)
        };
        if self.has_variables {
            return count();
        }
        *self.form.cost.get_or_init(count)
    }

    /// Name of its first root field; a subscription has no other.
    pub fn root_field(&self) -> Option<&str> {
        first_field(&self.form.root.selection_set.node)
    }

    /// Its selections in normal form, with the values of its variables.
    pub fn selections(&self) -> Cow<'_, Positioned<SelectionSet>> {
        let written = &self.form.root.selection_set;
        if !self.has_variables {
            return Cow::Borrowed(written);
        }
        let mut filled = written.clone();
        fill(&mut filled.node, &self.variables);
        Cow::Owned(filled)
    }

    /// Builds the request that executes it.
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

/// Name of the first field of a selection set in normal form.
fn first_field(set: &SelectionSet) -> Option<&str> {
    set.items
        .iter()
        .find_map(|selection| match &selection.node {
            Selection::Field(field) => Some(field.node.name.node.as_str()),
            Selection::InlineFragment(inline) => first_field(&inline.node.selection_set.node),
            Selection::FragmentSpread(_) => None,
        })
}

#[cfg(test)]
mod tests;
