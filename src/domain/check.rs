//! Input that was looked at, and why it is not accepted.

/// What is wrong with something in an input, as a client can act on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, async_graphql::Enum)]
#[graphql(name = "UserErrorCode")]
pub enum Code {
    /// Something is missing that must be given.
    Required,
    /// The value does not fit; the message says what would.
    Invalid,
    /// What the value refers to does not exist, or is not visible to the viewer.
    NotFound,
    /// A field is set for which no citation is given.
    CitationRequired,
    /// A field was changed to something else since the base version: see `conflicts`.
    Conflict,
    /// The contribution was edited since the revision that was named.
    StaleRevision,
    /// The contribution is not in a state that allows this step.
    IllegalTransition,
    /// Nobody decides on a contribution that they wrote.
    OwnContribution,
    /// A record with this key, code or reference exists already.
    Duplicate,
    /// Other records refer to it; the message names them.
    Referenced,
    /// Something else was asked under this idempotency key within the last day.
    IdempotencyMismatch,
}

/// One thing that is wrong, where it is, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What kind of thing it is.
    pub code: Code,
    /// One sentence for a person.
    pub message: String,
    /// The members of the input that lead to the value.
    pub path: Path,
}

impl Finding {
    /// The same finding, with its path below another.
    #[must_use]
    pub fn below(mut self, path: &Path) -> Self {
        let mut whole = path.0.clone();
        whole.append(&mut self.path.0);
        self.path.0 = whole;
        self
    }
}

/// A part of an input that was looked at: the value, or all that was found against it.
pub type Looked<T> = Result<T, Vec<Finding>>;

/// The members of an input that lead to a value; list positions are numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Path(pub Vec<String>);

impl Path {
    /// The member `name` of what this path leads to.
    pub fn then(&self, name: impl std::fmt::Display) -> Self {
        let mut path = self.0.clone();
        path.push(name.to_string());
        Self(path)
    }

    /// A finding about what this path leads to.
    pub fn finding(&self, code: Code, message: impl Into<String>) -> Finding {
        Finding {
            code,
            message: message.into(),
            path: self.clone(),
        }
    }
}

/// A value that passed its checks: it can be had in no other way.
#[derive(Clone, Debug)]
pub struct Checked<T>(T);

impl<T> Checked<T> {
    /// The value, if nothing was found against it.
    ///
    /// # Errors
    /// All that was found.
    pub fn unless(findings: Vec<Finding>, value: T) -> Result<Self, Vec<Finding>> {
        if findings.is_empty() {
            Ok(Self(value))
        } else {
            Err(findings)
        }
    }

    /// A value in which nothing was found.
    pub(super) fn whole(value: T) -> Self {
        Self(value)
    }

    /// The value.
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
