//! What is done with the text of a request before it is executed: it is bounded before it is parsed,
//! because the parser recurses, and measured before it is validated, because fragments multiply.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, OnceLock};

use async_graphql::parser::parse_query;
use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, FragmentDefinition, OperationDefinition, OperationType,
    Selection, SelectionSet,
};
use async_graphql::{Name, Positioned, Request, ServerError, Variables};
use moka::sync::Cache;
use sha2::{Digest as _, Sha256};

use super::error::failed;
use super::limits::Limits;
use super::persisted::Told;

mod declared;
mod measure;
mod merge;
mod omitted;
mod personal;
mod positions;
mod scan;
mod subscription;
mod types;

use declared::{Declared, complete};
use measure::measure;
use omitted::drop_omitted;
use personal::is_personal;
use scan::scan;
use subscription::{place_variable, select_one};
use types::Types;

/// What the documents take that are kept, about, in bytes.
const KEPT: u64 = 4 * 1024 * 1024;
/// How much larger a document is than its text, about.
const PARSED: usize = 50;
/// What a document takes beside that, about, in bytes.
const BESIDE: usize = 2_000;

/// An operation that may be executed, once or again and again.
#[derive(Clone)]
pub struct Document {
    /// What kind of operation it is.
    pub operation: OperationType,
    /// What it asks: equal for those who ask the same.
    pub question: Question,
    /// Whether its answer may depend on who asks, or on more than the log.
    pub is_personal: bool,
    /// Its name; empty where it has none.
    pub name: Arc<str>,
    /// The text, where it is to be kept once it is found in order.
    pub told: Option<Told>,
    known: Arc<Known>,
    variables: Variables,
}

/// What is asked of a service, without what only says where in the log to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Question(Digest);

impl Question {
    /// A short name.
    pub fn number(&self) -> u64 {
        u64::from_be_bytes(self.0.first_chunk().copied().unwrap_or_default())
    }
}

/// What stands for something longer, and for nothing else.
pub type Digest = [u8; 32];

/// What stands for some parts in their order.
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

/// The documents that were asked lately, parsed and bounded.
pub struct Documents {
    known: Cache<Digest, Arc<Known>>,
    service: Digest,
}

impl Documents {
    /// Those that a service is asked, which is told from others by what answers depend on beside the question.
    pub fn of(service: Digest) -> Self {
        // Not at the cost of the first request.
        Types::known();
        let weigh = |_: &Digest, known: &Arc<Known>| {
            let size = known.length.saturating_mul(PARSED).saturating_add(BESIDE);
            u32::try_from(size).unwrap_or(u32::MAX)
        };
        let known = Cache::builder().max_capacity(KEPT).weigher(weigh).build();
        Self { known, service }
    }

    /// Reads and bounds a request.
    ///
    /// # Errors
    /// `BAD_USER_INPUT` for what cannot be read, `TOO_COMPLEX` for what is over a limit.
    pub fn read(&self, request: Request, limits: &Limits) -> Result<Document, ServerError> {
        let (text, known) = self.known(&request, limits)?;
        let mut variables = request.variables;
        let place = known.place.as_ref();
        let place = place.and_then(|place| Some((place.clone(), variables.remove(place)?)));
        // Variables came as JSON, or as what JSON is made of.
        let lasting = serde_json::to_string(&variables).unwrap_or_default();
        variables.extend(place);
        complete(&known.declared, &mut variables, Types::known())?;
        Ok(Document {
            operation: known.operation,
            question: Question(digest([self.service.as_slice(), &text, lasting.as_bytes()])),
            is_personal: known.is_personal,
            name: Arc::clone(&known.name),
            told: None,
            known,
            variables,
        })
    }

    /// What kind of operation a request asks for, whatever its variables are.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn kind(&self, request: &Request, limits: &Limits) -> Result<OperationType, ServerError> {
        self.known(request, limits)
            .map(|(_, known)| known.operation)
    }

    fn known(
        &self,
        request: &Request,
        limits: &Limits,
    ) -> Result<(Digest, Arc<Known>), ServerError> {
        let name = request.operation_name.as_deref();
        let text = digest([
            request.query.as_bytes(),
            name.unwrap_or_default().as_bytes(),
        ]);
        if let Some(known) = self.known.get(&text) {
            return Ok((text, known));
        }
        let known = Arc::new(Known::read(&request.query, name, limits)?);
        self.known.insert(text, Arc::clone(&known));
        Ok((text, known))
    }

    /// How many are kept.
    pub fn len(&self) -> u64 {
        self.known.entry_count()
    }
}

/// A document that was parsed and bounded.
struct Known {
    operation: OperationType,
    name: Arc<str>,
    parsed: ExecutableDocument,
    /// The variable that only says where in the log to go on.
    place: Option<Name>,
    declared: Vec<Declared>,
    is_personal: bool,
    /// The length of its text, in bytes.
    length: usize,
    /// What it costs, once it was judged: only where no variable has a say.
    cost: OnceLock<usize>,
}

impl Known {
    fn read(text: &str, name: Option<&str>, limits: &Limits) -> Result<Self, ServerError> {
        scan(text, limits)?;
        let mut document = parse_query(text).map_err(|error| syntax(error.into()))?;
        let own_name = name_of(&document.operations, name);
        let (mut operation, others) = chosen(document.operations, name)?;
        let kind = operation.node.ty;
        measure(&operation.node, &document.fragments, limits)?;
        merge::check(&operation.node, &document.fragments, Types::known())?;
        positions::check(&operation.node, &document.fragments, Types::known())?;
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
        let place = place_variable(&operation.node, text);
        let declared = Declared::of(&operation.node);
        let is_personal = is_personal(&operation.node, &document.fragments);
        document.operations = DocumentOperations::Single(operation);
        Ok(Self {
            operation: kind,
            name: own_name,
            parsed: document,
            place,
            declared,
            is_personal,
            length: text.len(),
            cost: OnceLock::new(),
        })
    }
}

/// What is wrong with the text, without the words of the parser.
fn syntax(mut error: ServerError) -> ServerError {
    let what = error.message.rsplit("= ").next().unwrap_or_default().trim();
    let message = format!("the document has a syntax error: {what}");
    let locations = std::mem::take(&mut error.locations);
    ServerError {
        locations,
        ..failed("BAD_USER_INPUT", message)
    }
}

impl Document {
    /// What it costs, where it was found in order before, whatever its variables are.
    pub fn cost(&self) -> Option<usize> {
        self.known.cost.get().copied()
    }

    /// Remembers that it is in order, and what it costs, where that depends on no variable.
    pub fn judged(&self, cost: usize) {
        if self.known.declared.is_empty() {
            self.known.cost.get_or_init(|| cost);
        }
    }

    /// The request that executes it.
    pub fn request(self) -> Request {
        let mut parsed = self.known.parsed.clone();
        drop_omitted(&mut parsed, &self.known.declared, &self.variables);
        let mut request = Request::new("").variables(self.variables);
        request.set_parsed_query(parsed);
        request
    }
}

type Operation = Positioned<OperationDefinition>;
type Fragments = HashMap<Name, Positioned<FragmentDefinition>>;

/// What the operation that is executed is called.
fn name_of(operations: &DocumentOperations, chosen: Option<&str>) -> Arc<str> {
    let names = operations.iter().map(|(name, _)| name);
    let only = names.flatten().next();
    chosen.or(only.map(Name::as_str)).unwrap_or_default().into()
}

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
        failed("BAD_USER_INPUT", message)
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

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    fn read(query: &str) -> Result<OperationType, String> {
        let document = Documents::of([0; 32]).read(Request::new(query), &Limits::default());
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

    /// The shortest time that it takes to read a text.
    fn time(text: &str) -> Duration {
        let one = || {
            let begun = Instant::now();
            drop(read(text));
            begun.elapsed()
        };
        (0..3).map(|_| one()).min().unwrap_or_default()
    }

    #[test]
    fn what_is_long_takes_no_longer_because_of_what_it_says() {
        let tail = "a".repeat(800_000);
        let strings = format!("{}{tail}", "\\\"\"\"\n".repeat(3_000));
        assert!(time(&strings) < 5 * time(&format!("{{ {tail}")));
        let argument = "s".repeat(100_000);
        let field = format!("x(s: \"{argument}\")");
        let spreads: Vec<String> = (0..180).map(|at| format!("a{at} {{ ...f }}")).collect();
        let spread = |twice: &str| {
            let spreads = spreads.join(" ");
            format!("{{ r {{ {spreads} }} }} fragment f on Query {{ {field} {twice} }}")
        };
        assert!(time(&spread(&field)) < 5 * time(&spread("")));
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
        let Ok(document) = Documents::of([0; 32]).read(request, &Limits::default()) else {
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
        let document = Documents::of([0; 32])
            .read(request, &Limits::default())
            .map_err(|error| error.message);
        assert_eq!(
            document.map(|document| document.operation),
            Ok(OperationType::Mutation)
        );
    }
}
