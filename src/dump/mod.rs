//! The data in forms that other programs take: JSON Lines, CSV, and a Frictionless Data Package that describes the CSV
//! files. HTTP and the command line write the same bytes.
//!
//! A dump reads at one view: a moment and an as-of date. It is a stream of chunks, and reads the database page by page,
//! so that its memory does not grow with the data, and no transaction stays open while its reader is slow.

mod about;
mod ahead;
mod column;
mod package;
mod pages;
mod record_table;
mod rows;
mod table;
mod treaty_status;
mod view;

use bytes::Bytes;
use futures_util::stream::{self, BoxStream, StreamExt};

pub use column::{CellForm, Column};
pub use package::package;
pub use table::Table;
pub use view::{View, ViewError};

use crate::store::{Error, Store};

/// Something that can be dumped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dump {
    /// All records as JSON Lines, which an import takes.
    Lines {
        /// True if the first line describes the dump: cursor, terms and disclaimer. An import skips it.
        with_description: bool,
    },
    /// A CSV file.
    Table(Table),
}

/// A part of a dump.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// The bytes, in UTF-8. They end with a line.
    pub bytes: Bytes,
    /// Number of records or rows that they contain.
    pub rows: usize,
}

impl Dump {
    /// True if the dump depends on the as-of date.
    pub fn depends_on_day(self) -> bool {
        self == Self::Table(Table::TreatyStatus)
    }
}

/// Streams a dump. The same view always gives the same bytes, but perhaps in other chunks. Must be polled within a Tokio
/// runtime. Dropping the stream ends the work.
pub fn chunks(store: &Store, dump: Dump, view: View) -> BoxStream<'static, Result<Chunk, Error>> {
    match dump {
        Dump::Lines { with_description } => {
            let description = with_description.then(|| Ok(about::line(store, &view)));
            stream::iter(description)
                .chain(pages::lines(store, &view))
                .boxed()
        }
        Dump::Table(table) => {
            let header = rows::header(&table.columns());
            let rows = match table {
                Table::Records(kind) => pages::records(store, kind, &view),
                Table::Citations => pages::citations(store, &view),
                Table::TreatyStatus => treaty_status::rows(store, view),
            };
            stream::iter([Ok(header)]).chain(rows).boxed()
        }
    }
}
