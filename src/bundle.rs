//! The data set inside the program, compressed by `build.rs`. `serve` loads it into a database whose change log is
//! empty.

use std::io::BufReader;

use flate2::read::ZlibDecoder;

use crate::domain::text_file::Lines;
use crate::store::import::Files;
use crate::store::{self, Store};

/// One file of the bundled data set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct File {
    /// Path of the file within the folder `data`.
    pub name: &'static str,
    /// Number of its lines.
    pub lines: usize,
}

/// Files of the bundled data set, in the order in which they are loaded: those of `data` by name, then those of
/// `data/profiles` by name.
pub const FILES: &[File] = include!(concat!(env!("OUT_DIR"), "/bundle_files.rs"));

/// The lines of all files, as one zlib stream.
static COMPRESSED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/bundle.zz"));

/// Returns the lines of all files, in the order of [`FILES`]. They are decompressed while they are read.
pub fn lines() -> Lines<BufReader<ZlibDecoder<&'static [u8]>>> {
    Lines::new(BufReader::new(ZlibDecoder::new(COMPRESSED)))
}

/// Returns the files as the importer takes them.
pub fn files() -> Files {
    let files = FILES.iter();
    files
        .map(|file| (file.name.to_owned(), file.lines))
        .collect()
}

/// Loads the bundled data set as one import.
///
/// # Errors
/// [`store::Error`]; the database is unchanged then.
pub async fn load(store: &Store) -> Result<(), store::Error> {
    // One import: if the start is interrupted, the change log stays empty and the next start loads everything.
    let report = store.import(lines(), false, &mut |_| {}).await?;
    tracing::info!(created = report.created, "loaded the bundled data set");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The most bytes that the data set may add to the program.
    const MAX_BYTES: usize = 2_000_000;

    #[test]
    fn the_data_set_adds_at_most_two_megabytes_to_the_program() {
        assert!(COMPRESSED.len() <= MAX_BYTES, "{}", COMPRESSED.len());
    }

    #[test]
    fn every_line_of_every_data_file_is_in_the_data_set() {
        let mut bundled = lines().map(Result::unwrap);
        for file in FILES {
            let path = format!("{}/data/{}", env!("CARGO_MANIFEST_DIR"), file.name);
            let text = std::fs::read_to_string(path).unwrap();
            assert_eq!(text.lines().count(), file.lines, "{}", file.name);
            for line in text.lines() {
                assert_eq!(bundled.next().as_deref(), Some(line), "{}", file.name);
            }
        }
        assert_eq!(bundled.next(), None);
        let names: Vec<&str> = FILES.iter().map(|file| file.name).collect();
        assert!(names.contains(&"01-sources.jsonl"));
        let (own, profiles): (Vec<&str>, Vec<&str>) = names
            .iter()
            .partition(|name| !name.starts_with("profiles/"));
        assert!(own.is_sorted() && profiles.is_sorted());
        assert_eq!(names, [own, profiles].concat());
    }
}
