//! Reads the lines of an import, partly before it is their turn.

use std::collections::VecDeque;
use std::io;
use std::iter::Fuse;

use super::line;
use super::outline::Outline;
use super::place::Files;
use domain::change::Proposed;
use domain::check::Finding;

/// The most lines that are read ahead.
const MAX_AHEAD: usize = 1_000;

/// Lines of one file, or of several together.
pub type Lines<'a> = dyn Iterator<Item = io::Result<String>> + Send + 'a;

/// Reads and checks lines, and notes them in the outline.
pub struct Reader<'a> {
    lines: Fuse<&'a mut Lines<'a>>,
    files: &'a Files,
    number: usize,
    ahead: VecDeque<Line>,
    /// The outline of the lines that were read.
    pub outline: Outline,
}

/// A line that was read.
pub struct Line {
    /// Its number in the import, counted from 1.
    pub number: usize,
    /// Its change, `None` for a line without one, or all findings on it.
    pub read: Result<Option<Proposed>, Vec<Finding>>,
}

impl<'a> Reader<'a> {
    /// Begins with the first line.
    pub fn new(files: &'a Files, lines: &'a mut Lines<'a>) -> Self {
        Self {
            lines: lines.fuse(),
            files,
            number: 0,
            ahead: VecDeque::new(),
            outline: Outline::default(),
        }
    }

    /// Returns the next line.
    pub fn next(&mut self) -> Option<Line> {
        self.ahead.pop_front().or_else(|| self.read())
    }

    fn read(&mut self) -> Option<Line> {
        let line = self.lines.next()?;
        self.number = self.number.saturating_add(1);
        let number = self.number;
        let read = line::read(number, line, self.files, &mut self.outline);
        Some(Line { number, read })
    }

    /// Reads lines ahead. Pauses after each, so that it can run beside an import that waits for the database.
    pub async fn read_ahead(&mut self) {
        while self.ahead.len() < MAX_AHEAD {
            let Some(line) = self.read() else { return };
            self.ahead.push_back(line);
            tokio::task::yield_now().await;
        }
    }
}
