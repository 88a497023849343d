//! From bytes to text: the limit on size, the encodings, and the errors of a page that cannot be read.

use domain::text::CountryCode;
use domain::text_rules::composed;

use crate::html;

/// Maximum number of bytes of a page.
pub const MAX_BYTES: usize = 1_000_000;

/// Reasons why a page cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// The page has more bytes than a page may have.
    #[error(
        "the page has more than {MAX_BYTES} bytes: expected the text or the saved HTML of one profile page"
    )]
    TooLarge,
    /// The page contains no text.
    #[error("the page contains no text: expected the text or the saved HTML of a profile page")]
    Empty,
    /// The bytes are not a text.
    #[error("the page is not text but {0}: expected plain text or HTML in UTF-8")]
    Binary(&'static str),
    /// The bytes are not valid in the encoding of the page.
    #[error("the page is not valid {encoding} at byte {at}: expected plain text or HTML in UTF-8")]
    Encoding {
        /// The encoding in which the page was read.
        encoding: &'static str,
        /// Position of the first faulty byte, counted from 0.
        at: usize,
    },
    /// The HTML declares an encoding that is not supported.
    #[error(
        "the page declares the encoding {0}: expected UTF-8, UTF-16 with a byte order mark, or windows-1252"
    )]
    Declared(String),
    /// The page is about another country.
    #[error(
        "the page is about {named} ({code}), not about {wanted}: expected a page of {wanted}, or the country {code}"
    )]
    OtherCountry {
        /// The name on the page.
        named: String,
        /// Code of the country with that name.
        code: CountryCode,
        /// Name and code of the country that the import names.
        wanted: String,
    },
}

/// Beginnings of files that are not text, with their names.
const SIGNATURES: [(&[u8], &str); 9] = [
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive or an Office document"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\xd0\xcf\x11\xe0", "an old Office document"),
    (b"{\\rtf", "a document in Rich Text Format"),
    (b"SQLite format 3", "a database"),
];

/// Returns the text of a page in Unicode Normalization Form C.
///
/// # Errors
/// The page is too large, empty, binary, or in an encoding that is not supported.
pub fn decode(bytes: &[u8]) -> Result<String, Unreadable> {
    if bytes.len() > MAX_BYTES {
        return Err(Unreadable::TooLarge);
    }
    let signature = SIGNATURES
        .iter()
        .find(|(start, _)| bytes.starts_with(start));
    if let Some((_, name)) = signature {
        return Err(Unreadable::Binary(name));
    }
    let text = match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => utf8(rest, 3)?,
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes)?,
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes)?,
        _ => undeclared(bytes)?,
    };
    if text.contains('\0') {
        return Err(Unreadable::Binary("binary data: it contains zero bytes"));
    }
    let controls = text
        .chars()
        .filter(|letter| is_odd_control(*letter))
        .count();
    if controls > 8 && controls > text.len() / 100 {
        return Err(Unreadable::Binary(
            "binary data: it contains control characters",
        ));
    }
    if text.trim().is_empty() {
        return Err(Unreadable::Empty);
    }
    Ok(composed(text))
}

fn is_odd_control(letter: char) -> bool {
    letter.is_control() && !matches!(letter, '\n' | '\r' | '\t' | '\u{c}' | '\u{85}')
}

fn utf8(bytes: &[u8], before: usize) -> Result<String, Unreadable> {
    let text = std::str::from_utf8(bytes).map_err(|error| Unreadable::Encoding {
        encoding: "UTF-8",
        at: error.valid_up_to() + before,
    })?;
    Ok(text.to_owned())
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, Unreadable> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let faulty = |at: usize| Unreadable::Encoding {
        encoding: "UTF-16",
        at,
    };
    if !rest.is_empty() {
        return Err(faulty(bytes.len() + 1));
    }
    let units = pairs.iter().map(|pair| unit(*pair));
    let mut text = String::with_capacity(bytes.len());
    let mut at = 2;
    for letter in char::decode_utf16(units) {
        let letter = letter.map_err(|_| faulty(at))?;
        at += 2 * letter.len_utf16();
        text.push(letter);
    }
    Ok(text)
}

/// Decodes a page without a byte order mark: UTF-8, or the encoding that its HTML declares.
fn undeclared(bytes: &[u8]) -> Result<String, Unreadable> {
    let declared = html::declared_encoding(bytes);
    let valid = utf8(bytes, 0);
    // A page that was saved again is often UTF-8 under the declaration of its first encoding.
    if valid.is_ok() {
        return valid;
    }
    match declared.as_deref() {
        None | Some("utf-8" | "utf8") => valid,
        Some("windows-1252" | "iso-8859-1" | "iso8859-1" | "latin1" | "us-ascii" | "cp1252") => {
            if bytes.contains(&0) {
                return Err(Unreadable::Binary("binary data: it contains zero bytes"));
            }
            Ok(bytes.iter().map(|byte| windows_1252(*byte)).collect())
        }
        Some(other) => Err(Unreadable::Declared(other.to_owned())),
    }
}

/// The characters of the bytes 0x80 to 0x9f. Source: WHATWG Encoding Standard, windows-1252.
const UPPER: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
    '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

fn windows_1252(byte: u8) -> char {
    let upper = byte.checked_sub(0x80).map(usize::from);
    let mapped = upper.and_then(|at| UPPER.get(at)).copied();
    mapped.unwrap_or(char::from(byte))
}
