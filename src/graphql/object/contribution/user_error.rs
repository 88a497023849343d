//! Findings as a mutation tells them.

use domain::check::{Code, Finding};

/// Something in the input of a mutation that its author can mend.
pub struct UserError(Finding);

/// Something in the input of a mutation that its author can mend: nothing was stored.
#[async_graphql::Object]
impl UserError {
    /// What kind of thing it is.
    async fn code(&self) -> Code {
        self.0.code
    }

    /// One sentence for a person.
    async fn message(&self) -> &str {
        &self.0.message
    }

    /// The members of the input that lead to the value, list positions as numbers, as in
    /// `["changes", "0", "updateSource", "set", "url"]`.
    async fn path(&self) -> Option<&[String]> {
        Some(&self.0.path.0)
    }
}

impl From<Finding> for UserError {
    fn from(finding: Finding) -> Self {
        Self(finding)
    }
}
