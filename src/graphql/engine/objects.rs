//! Lists of objects. Re-implements the library's resolution of lists: an error below such a list keeps its path. Below
//! a `Vec`, the library replaces that path by the path of the list.

use std::borrow::Cow;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{self, Poll};

use async_graphql::parser::types::Field;
use async_graphql::registry::Registry;
use async_graphql::{
    ContextSelectionSet, OutputType, Positioned, ServerError, ServerResult, Value,
};
use futures_util::future::{BoxFuture, OptionFuture, try_join_all};

use crate::engine::meter;

/// A list of objects, used instead of `Vec`.
pub struct Objects<T>(pub Vec<T>);

impl<T> From<Vec<T>> for Objects<T> {
    fn from(objects: Vec<T>) -> Self {
        Self(objects)
    }
}

impl<T> FromIterator<T> for Objects<T> {
    fn from_iter<I: IntoIterator<Item = T>>(objects: I) -> Self {
        Self(objects.into_iter().collect())
    }
}

impl<T: OutputType> OutputType for Objects<T> {
    fn type_name() -> Cow<'static, str> {
        <Vec<T> as OutputType>::type_name()
    }

    fn qualified_type_name() -> String {
        <Vec<T> as OutputType>::qualified_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <Vec<T> as OutputType>::create_type_info(registry)
    }

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        #[cfg(test)]
        if crate::engine::inline_resolve::tests::uses_library(ctx) {
            return self.0.resolve(ctx, field).await;
        }
        // The library resolves these objects, so their fields are counted here.
        meter::count(ctx, self.0.len(), ctx.item.node.items.len())?;
        each(ctx, &self.0, |ctx, one| async move {
            one.resolve(&ctx, field).await
        })
        .await
    }
}

/// Resolves the elements in order. An element that is not ready at once is set aside; these are resolved concurrently
/// at the end.
pub async fn each<'c, T, F>(
    ctx: &'c ContextSelectionSet<'c>,
    elements: &'c [T],
    resolve: impl Fn(ContextSelectionSet<'c>, &'c T) -> F + Send + Sync,
) -> ServerResult<Value>
where
    T: Sync,
    F: Future<Output = ServerResult<Value>> + Send + 'c,
{
    let resolve = |at| elements.get(at).map(|one| resolve(ctx.with_index(at), one));
    let slot = Box::pin(OptionFuture::default());
    resolve_each(ctx, elements.len(), &mut BoxedSlot { resolve, slot }).await
}

/// The result of an element; `None` if the list has no such element.
type ResolvedElement = Option<ServerResult<Value>>;

/// Resolves elements by index. It hides the element type, so that [`resolve_each`] is compiled once for all types.
trait ResolveElement<'c>: Send {
    /// Starts an element in the slot of the previous one.
    fn begin(&mut self, at: usize);
    /// Polls the element that was started last.
    fn poll(&mut self, cx: &mut task::Context<'_>) -> Poll<ResolvedElement>;
    /// Moves the element that was started last out of the slot, to be polled concurrently with others.
    fn take_pending(&mut self) -> BoxFuture<'c, ResolvedElement>;
}

/// A slot on the heap for one future at a time. Elements that are ready at once reuse it.
struct BoxedSlot<S, F> {
    resolve: S,
    slot: Pin<Box<OptionFuture<F>>>,
}

impl<'c, S, F> ResolveElement<'c> for BoxedSlot<S, F>
where
    S: Fn(usize) -> Option<F> + Send,
    F: Future<Output = ServerResult<Value>> + Send + 'c,
{
    fn begin(&mut self, at: usize) {
        self.slot.set((self.resolve)(at).into());
    }

    fn poll(&mut self, cx: &mut task::Context<'_>) -> Poll<ResolvedElement> {
        self.slot.as_mut().poll(cx)
    }

    fn take_pending(&mut self) -> BoxFuture<'c, ResolvedElement> {
        let slot = &mut self.slot;
        let pending: Pin<Box<OptionFuture<F>>> =
            std::mem::replace(slot, Box::pin(OptionFuture::default()));
        pending
    }
}

/// Resolves `count` elements of any type; see [`each`].
async fn resolve_each(
    ctx: &ContextSelectionSet<'_>,
    count: usize,
    of: &mut dyn ResolveElement<'_>,
) -> ServerResult<Value> {
    let placed = |at: usize, resolved: ResolvedElement| {
        resolved.unwrap_or(Ok(Value::Null)).map_err(|error| {
            // An error from a deeper field has its path already.
            if error.path.is_empty() {
                ctx.with_index(at).set_error_path(error)
            } else {
                error
            }
        })
    };
    let mut values = vec![Value::Null; count];
    let mut waiting = Vec::new();
    for (at, value) in values.iter_mut().enumerate() {
        of.begin(at);
        match poll_fn(|cx| Poll::Ready(of.poll(cx))).await {
            Poll::Ready(resolved) => *value = placed(at, resolved)?,
            Poll::Pending => waiting.push((at, value, of.take_pending())),
        }
    }
    let placed = &placed;
    let waiting = waiting
        .into_iter()
        .map(|(at, value, resolving)| async move {
            *value = placed(at, resolving.await)?;
            Ok::<_, ServerError>(())
        });
    try_join_all(waiting).await?;
    Ok(Value::List(values))
}

#[cfg(test)]
#[expect(clippy::string_slice, reason = "a test that cannot go on has failed")]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::{Path, PathBuf};

    /// All source files below a folder.
    fn files(folder: &Path) -> Vec<PathBuf> {
        let entries = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path());
        let mut found = Vec::new();
        for path in entries {
            if path.is_dir() {
                found.extend(files(&path));
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
        found
    }

    /// The blocks that begin after a mark, each up to the closing brace at the indent of the mark.
    fn blocks<'a>(text: &'a str, mark: &'a str) -> impl Iterator<Item = &'a str> {
        text.match_indices(mark).map(move |(at, _)| {
            let line = text[..at].rfind('\n').map_or(0, |end| end + 1);
            let indent = text[line..].len() - text[line..].trim_start().len();
            let end = format!("\n{}}}", " ".repeat(indent));
            let rest = &text[at + mark.len()..];
            &rest[..rest.find(&end).unwrap_or(rest.len())]
        })
    }

    /// The type that a block declares: the name after the keywords of the declaration.
    fn named(block: &str) -> Option<String> {
        let words = ["impl", "struct ", "enum "];
        let lines = block.lines().map(str::trim_start);
        let mut lines = lines.filter(|line| !line.starts_with("//") && !line.starts_with('#'));
        let line = lines.find(|line| words.iter().any(|word| line.contains(word)))?;
        let rest = line.split("struct ").last()?.split("enum ").last()?;
        let rest = match rest.strip_prefix("impl") {
            Some(rest) if rest.starts_with('<') => rest.split_once("> ")?.1,
            Some(rest) => rest.trim_start(),
            None => rest,
        };
        let end = rest.find(|letter: char| !letter.is_alphanumeric());
        Some(rest[..end.unwrap_or(rest.len())].to_owned())
    }

    /// The text that marks a declaration of an object, and of an interface.
    const OBJECTS: [&str; 3] = ["#[Object", "graphql::Object]", "SimpleObject)]"];
    const INTERFACE: &str = "derive(Interface)]";

    /// The Rust types of all fields, from each block that declares fields.
    fn outputs(text: &str) -> Vec<String> {
        let mut found = Vec::new();
        for mark in OBJECTS {
            for block in blocks(text, mark) {
                if mark.starts_with("Simple") {
                    let fields = block.lines().filter(|line| line.ends_with(','));
                    let types = fields.filter_map(|line| Some(line.split_once(": ")?.1));
                    found.extend(types.map(str::to_owned));
                }
                for resolver in block.split("async fn ").skip(1) {
                    let signature = resolver.split("{\n").next().unwrap();
                    let output = signature.rsplit_once("-> ").map(|(_, output)| output);
                    found.extend(output.map(|output| output.split_whitespace().collect()));
                }
            }
        }
        for block in blocks(text, INTERFACE) {
            let types = block.split("ty = \"").skip(1);
            found.extend(types.map(|rest| rest.split('"').next().unwrap().to_owned()));
        }
        found
    }

    /// The identifiers in a Rust type.
    fn words(output: &str) -> Vec<&str> {
        let words = output.split(|letter: char| !letter.is_alphanumeric());
        words.filter(|word| !word.is_empty()).collect()
    }

    /// True for a type that loses the path of an error, or that nulls a parent unnecessarily.
    fn faults(output: &str, objects: &BTreeSet<String>, interfaces: &BTreeSet<String>) -> bool {
        let words = words(output);
        let is_object = |word: &&str| objects.contains(*word);
        let is_bare_list = ["Vec<", "&["].iter().any(|list| output.contains(list));
        let of_interface = words.iter().position(|word| interfaces.contains(*word));
        let is_bare_interface = of_interface.is_some_and(|at| {
            let before = at.checked_sub(1).and_then(|before| words.get(before));
            !["Inline", "Connection"]
                .iter()
                .any(|one| before == Some(one))
        });
        (is_bare_list && words.iter().any(is_object))
            || is_bare_interface
            || output.starts_with("Result<Option<")
    }

    #[test]
    fn field_types_keep_the_path_of_an_error() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let texts = files(root)
            .into_iter()
            .map(|path| fs::read_to_string(path).unwrap());
        // This file declares marks in a test, and no objects.
        let texts: Vec<String> = texts.filter(|text| !text.contains("fn outputs(")).collect();
        let named_by = |mark: &str| -> BTreeSet<String> {
            let all = texts.iter().flat_map(|text| blocks(text, mark));
            all.filter_map(named).collect()
        };
        let interfaces = named_by(INTERFACE);
        let mut objects: BTreeSet<String> = OBJECTS.into_iter().flat_map(named_by).collect();
        objects.extend(interfaces.iter().cloned());
        objects.extend(["Inline", "Connection", "PartialDate"].map(str::to_owned));
        assert_eq!(interfaces.len(), 3, "{interfaces:?}");
        assert!(objects.len() > 50, "{objects:?}");
        assert!(objects.contains("TimelinePoint") && objects.contains("UserError"));
        let outputs: Vec<String> = texts.iter().flat_map(|text| outputs(text)).collect();
        let lists = outputs.iter().filter(|output| output.contains("Objects<"));
        assert!(lists.count() >= 40 && outputs.len() > 300, "{outputs:#?}");
        let wrong: Vec<&String> = outputs
            .iter()
            .filter(|output| faults(output, &objects, &interfaces))
            .collect();
        assert!(
            wrong.is_empty(),
            "use `Objects` for lists, `Inline` for interfaces, `Option<Result<…>>` for nullable fields: {wrong:#?}"
        );
        for bare in [
            "Result<Vec<Treaty>,Error>",
            "Vec<Option<Inline<Country>>>",
            "&[UserError]",
            "Option<Result<Record,Error>>",
            "Objects<Institution>",
            "Result<Option<Objects<Actor>>,Error>",
        ] {
            assert!(faults(bare, &objects, &interfaces), "{bare}");
        }
    }
}
