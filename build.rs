//! Compresses the data files into one stream, which `src/bundle.rs` includes.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::{env, fs};

use flate2::Compression;
use flate2::write::ZlibEncoder;

/// Folders of the data files, in the order in which they are loaded, each with the beginning of its file names.
const FOLDERS: [(&str, &str); 2] = [("data", ""), ("data/profiles", "profiles/")];

fn main() -> io::Result<()> {
    // Cargo looks through the whole folder: a new file is found too.
    writeln!(io::stdout(), "cargo::rerun-if-changed=data")?;
    let out = env::var_os("OUT_DIR").map(PathBuf::from);
    let out = out.ok_or_else(|| io::Error::other("OUT_DIR is not set"))?;
    let mut stream = ZlibEncoder::new(Vec::new(), Compression::best());
    let mut table = "&[\n".to_owned();
    for (folder, prefix) in FOLDERS {
        for file in data_files(Path::new(folder))? {
            let text = fs::read_to_string(&file)?;
            let mut lines = 0_usize;
            for line in text.lines() {
                writeln!(stream, "{line}")?;
                lines = lines.saturating_add(1);
            }
            let name = file.file_name().unwrap_or_default().display();
            let name = format!("{prefix}{name}");
            writeln!(table, "    File {{ name: {name:?}, lines: {lines} }},")
                .map_err(io::Error::other)?;
        }
    }
    table.push_str("]\n");
    fs::write(out.join("bundle.zz"), stream.finish()?)?;
    fs::write(out.join("bundle_files.rs"), table)
}

/// The data files in a folder, sorted by name. None if there is no such folder.
fn data_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let file = entry?.path();
        if file.extension().is_some_and(|ending| ending == "jsonl") {
            files.push(file);
        }
    }
    files.sort();
    Ok(files)
}
