//! Text files of users: UTF-8, with or without a byte order mark.

use std::io::{self, BufRead, ErrorKind};

/// Byte order mark that some editors write at the start of a UTF-8 file.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Decodes the bytes of a file and removes its byte order mark.
///
/// # Errors
/// [`ErrorKind::InvalidData`] if the bytes are not UTF-8.
pub fn decoded(bytes: Vec<u8>) -> io::Result<String> {
    check_width(&bytes)?;
    utf8(bytes)
}

fn utf8(mut bytes: Vec<u8>) -> io::Result<String> {
    // Concatenated files can contain several.
    while bytes.starts_with(BYTE_ORDER_MARK) {
        bytes.drain(..BYTE_ORDER_MARK.len());
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to().saturating_add(1);
        let message = format!("expected UTF-8: byte {at} is not UTF-8");
        io::Error::new(ErrorKind::InvalidData, message)
    })
}

/// Refuses UTF-16 and UTF-32, which begin with their own byte order mark, or contain a NUL next to the first letter.
fn check_width(start: &[u8]) -> io::Result<()> {
    match start {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [0, ..] | [_, 0, ..] => {
            let message = "expected UTF-8, got UTF-16 or UTF-32: save the file as UTF-8";
            Err(io::Error::new(ErrorKind::InvalidData, message))
        }
        _ => Ok(()),
    }
}

/// Iterator over the lines of a text file, without line ends (LF or CRLF) and byte order marks. A line that is not
/// UTF-8 gives an error and the iteration continues; any other error ends it.
pub struct Lines<R> {
    reader: R,
    has_begun: bool,
    has_ended: bool,
}

impl<R: BufRead> Lines<R> {
    /// Creates an iterator over the lines of a reader.
    pub fn new(reader: R) -> Self {
        Self {
            reader,
            has_begun: false,
            has_ended: false,
        }
    }

    fn read(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        if self.reader.read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        if !self.has_begun {
            check_width(&line)?;
            self.has_begun = true;
        }
        if line.ends_with(b"\n") {
            line.pop();
        }
        if line.ends_with(b"\r") {
            line.pop();
        }
        Ok(Some(line))
    }
}

impl<R: BufRead> Iterator for Lines<R> {
    type Item = io::Result<String>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.has_ended {
            return None;
        }
        let line = self.read();
        self.has_ended = !matches!(line, Ok(Some(_)));
        line.transpose().map(|line| line.and_then(utf8))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(bytes: &[u8]) -> Vec<Result<String, String>> {
        let lines = Lines::new(bytes);
        lines
            .map(|line| line.map_err(|error| error.to_string()))
            .collect()
    }

    #[test]
    fn lines_end_with_lf_or_crlf_and_can_begin_with_a_byte_order_mark() {
        let two = vec![Ok("one".to_owned()), Ok("two".to_owned())];
        for text in [
            "one\ntwo\n",
            "one\ntwo",
            "one\r\ntwo\r\n",
            "\u{feff}one\r\ntwo",
            "\u{feff}\u{feff}one\n\u{feff}two",
        ] {
            assert_eq!(lines(text.as_bytes()), two, "{text:?}");
        }
        assert!(lines(b"").is_empty());
        assert_eq!(lines("\u{feff}".as_bytes()), vec![Ok(String::new())]);
        assert_eq!(decoded("\u{feff}text\r\n".into()).unwrap(), "text\r\n");
    }

    #[test]
    fn another_encoding_is_refused_with_its_name() {
        let wide = |text: &str, bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
            text.encode_utf16().flat_map(bytes).collect()
        };
        for text in ["{}\n{}", "\u{feff}{}\n{}"] {
            for bytes in [wide(text, u16::to_le_bytes), wide(text, u16::to_be_bytes)] {
                let found = lines(&bytes);
                assert_eq!(found.len(), 1, "{found:?}");
                assert!(
                    found[0].as_ref().unwrap_err().contains("UTF-16"),
                    "{found:?}"
                );
                assert!(decoded(bytes).is_err());
            }
        }
        let found = lines(b"good\nb\xe4d\ngood");
        assert_eq!(
            found[1],
            Err("expected UTF-8: byte 2 is not UTF-8".to_owned())
        );
        assert_eq!(found[2], Ok("good".to_owned()));
    }
}
