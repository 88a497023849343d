//! Makes a fingerprint of the pages: entity tags contain it, so that no cache keeps a page of an earlier program.

use std::collections::hash_map::DefaultHasher;
use std::error::Error;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=.");
    let mut hasher = DefaultHasher::new();
    add(Path::new("."), &mut hasher)?;
    println!("cargo:rustc-env=FINGERPRINT={:016x}", hasher.finish());
    Ok(())
}

/// Adds the files of a folder, in the order of their names.
fn add(folder: &Path, hasher: &mut DefaultHasher) -> Result<(), Box<dyn Error>> {
    let mut entries: Vec<_> = fs::read_dir(folder)?.collect::<Result<_, _>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        if path.is_dir() {
            add(&path, hasher)?;
        } else {
            fs::read(&path)?.hash(hasher);
        }
    }
    Ok(())
}
