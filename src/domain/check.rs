//! Checked input, and the findings about input that is not accepted.

/// Code of a finding about an input, for a client to act on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, async_graphql::Enum)]
#[graphql(name = "UserErrorCode")]
pub enum Code {
    /// A required value is missing. As a warning: something that should go with the change is missing.
    Required,
    /// The value is not valid; the message states what is. As a warning: the value can hardly be right.
    Invalid,
    /// The value refers to a record or contribution that does not exist, or that the viewer cannot see.
    NotFound,
    /// A field is set for which no citation is given. As a warning: fewer than two independent sources confirm a field
    /// that is cited as `CONFIRMED`.
    CitationRequired,
    /// The record was changed since the base version in a way that the proposed change cannot be merged with: see
    /// `Contribution.conflicts`.
    Conflict,
    /// The contribution was edited after the revision that the request names.
    StaleRevision,
    /// The step is not possible in the state of the contribution.
    IllegalTransition,
    /// The viewer is an author of the contribution. Authors cannot review or decide on their own contributions.
    OwnContribution,
    /// The key, code, reference or list element exists already, or two changes concern the same record. As a
    /// warning: another record has the address or the name.
    Duplicate,
    /// Other records refer to the record; the message names them.
    Referenced,
    /// Another request was sent with this idempotency key within the last day.
    IdempotencyMismatch,
}

/// One fault in an input: its code, a message and its path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Code of the fault.
    pub code: Code,
    /// One sentence for a person: the fault, and what would be right.
    pub message: String,
    /// Path of the faulty value in the input.
    pub path: Path,
}

impl Finding {
    /// Returns the same finding with `path` put before its own.
    #[must_use]
    pub fn below(mut self, path: &Path) -> Self {
        let mut whole = path.0.clone();
        whole.append(&mut self.path.0);
        self.path.0 = whole;
        self
    }
}

/// A checked part of an input: the value, or all findings about it.
pub type Validated<T> = Result<T, Vec<Finding>>;

/// Path of a value in an input: names of members, and positions in lists counted from 0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Path(pub Vec<String>);

impl Path {
    /// Returns the path of the member `name` of the value at this path.
    pub fn then(&self, name: impl std::fmt::Display) -> Self {
        let mut path = self.0.clone();
        path.push(name.to_string());
        Self(path)
    }

    /// Returns a finding about the value at this path.
    pub fn finding(&self, code: Code, message: impl Into<String>) -> Finding {
        Finding {
            code,
            message: message.into(),
            path: self.clone(),
        }
    }
}

/// A value that passed its checks: it cannot be created while there are findings.
#[derive(Clone, Debug)]
pub struct Checked<T>(T);

impl<T> Checked<T> {
    /// Returns the value if there are no findings.
    ///
    /// # Errors
    /// All findings.
    pub fn unless(findings: Vec<Finding>, value: T) -> Result<Self, Vec<Finding>> {
        if findings.is_empty() {
            Ok(Self(value))
        } else {
            Err(findings)
        }
    }

    /// Marks a value without findings as checked.
    pub(super) fn whole(value: T) -> Self {
        Self(value)
    }

    /// Returns the value.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> std::ops::Deref for Checked<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}
