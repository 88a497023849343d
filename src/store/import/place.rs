//! Places of lines: the file, if several are imported together, and the line in it.

use std::fmt::{self, Display};

/// The files that are imported together, in their order, each with its number of lines. Empty for a single file, which
/// messages do not name.
#[derive(Clone, Debug, Default)]
pub struct Files(Vec<(String, usize)>);

/// The place of a line in an import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file; `None` if the import has only one.
    pub file: Option<String>,
    /// The number of the line in its file, counted from 1.
    pub line: usize,
}

impl Files {
    /// Returns the place of a line by its number in the import, counted from 1.
    pub fn place(&self, number: usize) -> Place {
        let mut line = number;
        for (file, lines) in &self.0 {
            if line <= *lines {
                let file = Some(file.clone());
                return Place { file, line };
            }
            line = line.saturating_sub(*lines);
        }
        Place { file: None, line }
    }

    /// Returns the place of the line whose number is `text`, the first element of a finding's path.
    pub fn place_of(&self, text: &str) -> Option<Place> {
        Some(self.place(text.parse().ok()?))
    }
}

impl FromIterator<(String, usize)> for Files {
    fn from_iter<T: IntoIterator<Item = (String, usize)>>(files: T) -> Self {
        Self(files.into_iter().collect())
    }
}

impl Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "{file} ")?;
        }
        write!(f, "line {}", self.line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_counted_in_its_own_file() {
        let files = [("a", 2), ("empty", 0), ("b", 3)];
        let files: Files = files
            .map(|(name, lines)| (name.to_owned(), lines))
            .into_iter()
            .collect();
        let places = [1, 2, 3, 5].map(|number| files.place(number).to_string());
        assert_eq!(places, ["a line 1", "a line 2", "b line 1", "b line 3"]);
        assert_eq!(Files::default().place(7).to_string(), "line 7");
    }
}
