//! Findings, as mutations return them.

use domain::check::{Code, Finding};

/// A finding: a fault in the input of a mutation.
pub struct UserError(Finding);

/// A finding: a fault in the input of a mutation that its sender can correct. If there is one, nothing was stored.
#[async_graphql::Object]
impl UserError {
    /// The code of the fault, for programs.
    async fn code(&self) -> Code {
        self.0.code
    }

    /// One sentence for a person: the fault, and the value that would be right.
    async fn message(&self) -> &str {
        &self.0.message
    }

    /// The path to the value in the input, as in `["changes", "0", "updateSource", "set", "url"]`. Positions in lists
    /// are numbers. Empty for the input as a whole. A `CONFLICT` of a contribution leads into its changes, as
    /// `createContribution` takes them: `["changes", "0", "updateTreaty", "set", "title"]` is the field `title` of the
    /// first of `Contribution.changes`.
    async fn path(&self) -> Option<&[String]> {
        Some(&self.0.path.0)
    }
}

impl From<Finding> for UserError {
    fn from(finding: Finding) -> Self {
        Self(finding)
    }
}
