//! The answer to a request.

use serde_json::Value;

/// An answer: its status and its body.
pub struct Answer {
    pub status: u16,
    pub body: Value,
}

impl Answer {
    /// The data of the answer. Panics if it contains errors.
    pub fn data(self) -> Value {
        assert!(self.body.get("errors").is_none(), "{:#}", self.body);
        self.body["data"].clone()
    }

    /// Code of the first error.
    pub fn code(&self) -> &str {
        self.body["errors"][0]["extensions"]["code"]
            .as_str()
            .unwrap_or_else(|| panic!("{:#}", self.body))
    }

    /// Message of the first error.
    pub fn message(&self) -> &str {
        self.body["errors"][0]["message"]
            .as_str()
            .unwrap_or_else(|| panic!("{:#}", self.body))
    }
}
