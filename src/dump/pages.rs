//! Streams records page by page, and writes each page.

use std::collections::{HashMap, HashSet, VecDeque};

use futures_util::stream::{self, BoxStream, StreamExt, TryStreamExt};

use super::ahead::ahead;
use super::record_table::RecordWriter;
use super::rows::Rows;
use super::{Chunk, View};
use crate::domain::record::{Kind, RecordId};
use crate::store::change::BySequence;
use crate::store::export::ExportedRecord;
use crate::store::moment::Moment;
use crate::store::record::word;
use crate::store::{Error, Store};

type Chunks = BoxStream<'static, Result<Chunk, Error>>;
type Page = Vec<ExportedRecord>;

/// Place in the records: the kinds that are left, and the last record of the first of them that was read.
struct Position {
    kinds: VecDeque<Kind>,
    after: Option<RecordId>,
}

/// The pages of all records of some kinds, in the order of the kinds, then by id.
fn pages(
    store: &Store,
    kinds: impl Iterator<Item = Kind>,
    moment: Moment,
) -> BoxStream<'static, Result<Page, Error>> {
    let store = store.clone();
    let begin = Position {
        kinds: kinds.collect(),
        after: None,
    };
    let pages = stream::try_unfold(begin, move |mut position| {
        let store = store.clone();
        async move {
            while let Some(kind) = position.kinds.front() {
                let after = position.after.take();
                let page = store.export_page(*kind, moment, after.as_ref()).await?;
                if let Some(last) = page.last() {
                    position.after = Some(last.id.clone());
                    return Ok(Some((page, position)));
                }
                position.kinds.pop_front();
            }
            Ok(None)
        }
    });
    ahead(pages)
}

/// All records as lines of a data file.
pub fn lines(store: &Store, view: &View) -> Chunks {
    let mut size = 0;
    pages(store, Kind::all(), view.moment)
        .map_ok(move |page| {
            // The last page is a good guess of the size of this one.
            let mut text = String::with_capacity(size);
            for record in &page {
                record.write_line(&mut text);
                text.push('\n');
            }
            size = text.len();
            Chunk {
                bytes: text.into(),
                rows: page.len(),
            }
        })
        .boxed()
}

/// The records of one kind as rows.
pub fn records(store: &Store, kind: Kind, view: &View) -> Chunks {
    let writer = std::sync::Arc::new(RecordWriter::new(kind));
    let reader = store.clone();
    pages(store, std::iter::once(kind), view.moment)
        .and_then(move |page| {
            let (store, writer) = (reader.clone(), writer.clone());
            async move {
                let changes: HashSet<i64> = page.iter().map(|record| record.since).collect();
                let changes: Vec<BySequence> = changes.into_iter().map(BySequence).collect();
                let changes: HashMap<_, _> = store.load(&changes).await?;
                let mut rows = Rows::new();
                for record in &page {
                    let change = changes.get(&BySequence(record.since));
                    let updated_at = change.map(|change| change.committed_at);
                    writer.write(record, updated_at, &mut rows);
                }
                Ok(rows.finish())
            }
        })
        .boxed()
}

/// The citations of all records as rows.
pub fn citations(store: &Store, view: &View) -> Chunks {
    pages(store, Kind::all(), view.moment)
        .map_ok(|page| {
            let mut rows = Rows::new();
            for citation in page.iter().flat_map(|record| &record.citations) {
                rows.plain(&citation.record);
                rows.plain(citation.field.snake());
                rows.plain(&citation.source);
                rows.text(citation.locator.as_deref().unwrap_or_default());
                rows.text(citation.quote.as_deref().unwrap_or_default());
                rows.plain(word(&citation.certainty));
                rows.plain(citation.since);
                rows.plain(citation.position);
                rows.end();
            }
            rows.finish()
        })
        .boxed()
}
