//! The trailer of a backup: the last 1,024 bytes of the file. It is text, one `name value` a line, filled up with spaces.
//! Its last line is the SHA-256 of the trailer before that line.

use std::fmt::Write as _;
use std::io::{self, Read, Seek, SeekFrom};

use sha2::{Digest, Sha256};

/// The size of the trailer, in bytes.
const SIZE: usize = 1024;
/// The first bytes of the trailer.
const MAGIC: &str = "\n== cyberprofiles backup ==\n";
/// The version of the form that is written.
const FORMAT: u32 = 1;
/// The number of bytes at the end of a file in which a misplaced trailer is searched for.
const SEARCHED: u64 = 1024 * 1024;
/// The number of bytes that are read at once.
const CHUNK: usize = 256 * 1024;

/// The trailer of a backup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trailer {
    /// The version of the program that made the backup.
    pub program: String,
    /// The last migration of the database.
    pub migration: String,
    /// The id of the database.
    pub database: String,
    /// The sequence number of the last change.
    pub sequence: i64,
    /// The hash of the last change; `None` if the database has none.
    pub head_hash: Option<String>,
    /// The number of bytes before the trailer.
    pub size: u64,
    /// The SHA-256 of the bytes before the trailer, in hexadecimal.
    pub sha256: String,
}

/// A fault of a backup.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The file cannot be read.
    #[error("it cannot be read: {0}")]
    Unread(#[from] io::Error),
    /// The file is shorter than any backup.
    #[error("it has only {0} bytes")]
    Short(u64),
    /// The trailer is nowhere near the end.
    #[error("it does not end in the trailer of a backup: its end is missing or was changed")]
    NoTrailer,
    /// Bytes follow the trailer.
    #[error("{0} bytes follow its trailer")]
    Extended(u64),
    /// The trailer is incomplete.
    #[error("the last {0} bytes of its trailer are missing")]
    Cut(u64),
    /// The trailer does not fit its own digest.
    #[error("its trailer was changed")]
    TrailerChanged,
    /// The trailer has no value of this name.
    #[error("its trailer has no valid {0}")]
    Lacking(&'static str),
    /// The form is newer.
    #[error(
        "it has format {format} of version {program}, and this is version {} with format {FORMAT}: use version {program} or newer",
        env!("CARGO_PKG_VERSION")
    )]
    Newer {
        /// The version of the form.
        format: u32,
        /// The version of the program.
        program: String,
    },
    /// Bytes before the trailer are missing, or there are too many.
    #[error("it has {found} bytes before its trailer, and the trailer counts {expected}")]
    Length {
        /// The bytes that the file has.
        found: u64,
        /// The bytes that the trailer counts.
        expected: u64,
    },
    /// Bytes before the trailer were changed or reordered.
    #[error("its content was changed: the SHA-256 is {found}, and the trailer has {expected}")]
    Changed {
        /// The digest of the file.
        found: String,
        /// The digest in the trailer.
        expected: String,
    },
}

impl Trailer {
    /// Makes the trailer of a file that has none yet.
    ///
    /// # Errors
    /// Any error of the file.
    pub fn of<F: Read + Seek>(
        file: &mut F,
        migration: String,
        database: String,
        sequence: i64,
    ) -> io::Result<Self> {
        let size = file.seek(SeekFrom::End(0))?;
        Ok(Self {
            program: env!("CARGO_PKG_VERSION").to_owned(),
            migration,
            database,
            sequence,
            head_hash: None,
            size,
            sha256: sha256(file, size)?,
        })
    }

    /// The bytes of the trailer.
    pub fn bytes(&self) -> Vec<u8> {
        let mut text = MAGIC.to_owned();
        let mut line = |name: &str, value: &dyn std::fmt::Display| {
            // Writing to a text cannot fail.
            let _ = writeln!(text, "{name} {value}");
        };
        line("format", &FORMAT);
        line("program", &self.program);
        line("migration", &self.migration);
        line("database", &self.database);
        line("sequence", &self.sequence);
        if let Some(hash) = &self.head_hash {
            line("head", hash);
        }
        line("size", &self.size);
        line("sha256", &self.sha256);
        let end = end_of(b"").len();
        let room = SIZE.saturating_sub(end);
        let mut bytes = text.into_bytes();
        bytes.resize(room, b' ');
        let end = end_of(&bytes);
        bytes.extend(end.into_bytes());
        bytes
    }

    /// Checks that a file is a complete and unchanged backup.
    ///
    /// # Errors
    /// The fault that was found.
    pub fn verify<F: Read + Seek>(file: &mut F) -> Result<Self, Fault> {
        let length = file.seek(SeekFrom::End(0))?;
        let size = u64::try_from(SIZE).unwrap_or(u64::MAX);
        let Some(before) = length.checked_sub(size) else {
            return Err(Fault::Short(length));
        };
        let mut bytes = vec![0; SIZE];
        file.seek(SeekFrom::Start(before))?;
        file.read_exact(&mut bytes)?;
        if !bytes.starts_with(MAGIC.as_bytes()) {
            return Err(misplaced(file, length)?);
        }
        let trailer = Self::read(&bytes)?;
        if trailer.size != before {
            return Err(Fault::Length {
                found: before,
                expected: trailer.size,
            });
        }
        let found = sha256(file, before)?;
        if found != trailer.sha256 {
            return Err(Fault::Changed {
                found,
                expected: trailer.sha256,
            });
        }
        Ok(trailer)
    }

    fn read(bytes: &[u8]) -> Result<Self, Fault> {
        let room = bytes.len().saturating_sub(end_of(b"").len());
        let (text, end) = bytes.split_at(room);
        if end != end_of(text).as_bytes() {
            return Err(Fault::TrailerChanged);
        }
        let text = String::from_utf8_lossy(text);
        let value = |name: &'static str| {
            let mut lines = text.lines().filter_map(|line| line.split_once(' '));
            let found = lines.find(|(of, _)| *of == name);
            found
                .map(|(_, value)| value.to_owned())
                .ok_or(Fault::Lacking(name))
        };
        let program = value("program")?;
        let number = |name| {
            value(name)?
                .parse::<i64>()
                .map_err(|_| Fault::Lacking(name))
        };
        let format = number("format")?;
        match u32::try_from(format) {
            Ok(FORMAT) => {}
            Ok(format) if format > FORMAT => return Err(Fault::Newer { format, program }),
            _ => return Err(Fault::Lacking("format")),
        }
        let size = u64::try_from(number("size")?);
        Ok(Self {
            program,
            migration: value("migration")?,
            database: value("database")?,
            sequence: number("sequence")?,
            head_hash: value("head").ok(),
            size: size.map_err(|_| Fault::Lacking("size"))?,
            sha256: value("sha256")?,
        })
    }
}

/// The last line of a trailer.
fn end_of(trailer: &[u8]) -> String {
    format!("\ntrailer {}\n", hex(&Sha256::digest(trailer)))
}

/// Finds the fault of a file that does not end in a trailer.
fn misplaced<F: Read + Seek>(file: &mut F, length: u64) -> io::Result<Fault> {
    let from = length.saturating_sub(SEARCHED);
    file.seek(SeekFrom::Start(from))?;
    let mut end = Vec::new();
    file.take(SEARCHED).read_to_end(&mut end)?;
    let magic = MAGIC.as_bytes();
    let place = end.windows(magic.len()).rposition(|window| window == magic);
    Ok(match place {
        None => Fault::NoTrailer,
        Some(place) => {
            let there = end.len().saturating_sub(place);
            let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
            match there.checked_sub(SIZE) {
                Some(more) => Fault::Extended(count(more)),
                None => Fault::Cut(count(SIZE.saturating_sub(there))),
            }
        }
    })
}

/// The SHA-256 of the first bytes of a file, in hexadecimal.
fn sha256<F: Read + Seek>(file: &mut F, size: u64) -> io::Result<String> {
    file.seek(SeekFrom::Start(0))?;
    let mut content = file.take(size);
    let mut digest = Sha256::new();
    let mut chunk = vec![0; CHUNK];
    loop {
        let read = content.read(&mut chunk)?;
        if read == 0 {
            return Ok(hex(&digest.finalize()));
        }
        digest.update(chunk.get(..read).unwrap_or_default());
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    /// A backup with a few pages of content.
    fn backup() -> Vec<u8> {
        let content: Vec<u8> = (0..1_500_u32)
            .map(|at| (at % 251).to_le_bytes()[0])
            .collect();
        let trailer = Trailer::of(
            &mut Cursor::new(&content),
            "m1".to_owned(),
            "d".to_owned(),
            7,
        )
        .unwrap();
        [content, trailer.bytes()].concat()
    }

    fn verify(bytes: &[u8]) -> Result<Trailer, Fault> {
        Trailer::verify(&mut Cursor::new(bytes))
    }

    #[test]
    fn a_trailer_is_read_as_it_was_written() {
        let backup = backup();
        assert_eq!(backup.len(), 1_500 + SIZE);
        let trailer = verify(&backup).unwrap();
        assert_eq!((trailer.sequence, trailer.size), (7, 1_500));
        assert_eq!(trailer.program, env!("CARGO_PKG_VERSION"));
        assert_eq!(trailer.bytes(), backup[1_500..]);
        let with_hash = Trailer {
            head_hash: Some("ab".to_owned()),
            ..trailer
        };
        assert_eq!(Trailer::read(&with_hash.bytes()).unwrap(), with_hash);
    }

    #[test]
    fn a_backup_with_any_changed_byte_is_refused() {
        let whole = backup();
        for at in 0..whole.len() {
            for flip in [1_u8, 0x20, 0xff] {
                let mut changed = whole.clone();
                changed[at] ^= flip;
                assert!(verify(&changed).is_err(), "byte {at}, bits {flip:x}");
            }
        }
    }

    #[test]
    fn a_backup_that_is_cut_extended_or_reordered_is_refused_with_what_does_not_fit() {
        let whole = backup();
        for length in 0..whole.len() {
            let fault = verify(&whole[..length]).unwrap_err();
            let expected = match length {
                0..SIZE => matches!(fault, Fault::Short(_)),
                _ if length < 1_500 + MAGIC.len() => matches!(fault, Fault::NoTrailer),
                _ => matches!(fault, Fault::Cut(_)),
            };
            assert!(expected, "{length}: {fault}");
        }
        let message = |bytes: &[u8]| verify(bytes).unwrap_err().to_string();
        for more in [1, 512, 5_000] {
            let extended = [whole.clone(), vec![0; more]].concat();
            assert_eq!(
                message(&extended),
                format!("{more} bytes follow its trailer")
            );
        }
        let twice = [&whole[..], &whole[1_500..]].concat();
        assert!(message(&twice).starts_with("it has 2524 bytes before its trailer"));
        assert!(message(&whole[1..]).starts_with("it has 1499 bytes before its trailer"));
        let swapped = [&whole[512..1_024], &whole[..512], &whole[1_024..]].concat();
        assert!(message(&swapped).starts_with("its content was changed"));
    }

    #[test]
    fn a_newer_form_is_refused_with_both_versions() {
        let text = String::from_utf8(backup()[1_500..].to_vec()).unwrap();
        let text = text
            .replace("format 1", "format 2")
            .replace("program 0", "program 9");
        let text = &text.as_bytes()[..SIZE - end_of(b"").len()];
        let newer = [text, end_of(text).as_bytes()].concat();
        let fault = Trailer::read(&newer).unwrap_err().to_string();
        assert!(
            fault.starts_with("it has format 2 of version 9.")
                && fault.contains(env!("CARGO_PKG_VERSION")),
            "{fault}"
        );
    }
}
